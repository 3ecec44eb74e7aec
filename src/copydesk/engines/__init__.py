"""Where the steps run. An engine knows no step: it is handed functions from arrays to arrays."""
