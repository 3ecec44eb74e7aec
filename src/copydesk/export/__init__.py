"""The room that shows an edition: as JSON, as a page of HTML, in a terminal."""
