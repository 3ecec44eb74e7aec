"""Where the steps run. An engine knows no step: it is handed SQL, and functions from Arrow table to Arrow table."""
