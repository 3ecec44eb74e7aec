"""The room that reads the record of a text: who said what, through whom. Rules a reader can check, and no model."""
