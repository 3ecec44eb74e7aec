"""What all tests have in common, wherever they run.

The property tests have the same examples on every machine, and no clock in them; `pytest --hypothesis-profile=explore` looks
for new counterexamples instead, at random and for longer.
"""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]  # a story is a large example
settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=60, database=None, suppress_health_check=SLOW)
settings.register_profile("explore", deadline=None, max_examples=2000, suppress_health_check=SLOW)
settings.load_profile("fixed")

# Hypothesis tries words and numbers of the modules that are loaded, so the tests that came before would decide the examples.
NONE = providers.Constants()
providers._get_local_constants = lambda: NONE

for name in ("COLUMNS", "COPYDESK_TOKEN", "FORCE_COLOR", "LINES", "NO_COLOR", "PYTHONUNBUFFERED", "TTY_COMPATIBLE"):
    os.environ.pop(name, None)  # what is printed is what nobody asked otherwise for
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it runs in the background hear of no interrupt
