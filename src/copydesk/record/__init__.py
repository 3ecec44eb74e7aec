"""The room that reads the record of a text: who said what, through whom, when, how many. Rules a reader can check, no model."""
