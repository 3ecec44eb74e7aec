"""The demo: a corpus of our own making, reconciled and shown."""
