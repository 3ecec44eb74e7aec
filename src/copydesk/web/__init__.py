"""Show: a page to read stories on, and the API beside it."""
