"""Edition -> record: who said what, when and how many."""
