"""Settings of the property tests: the same examples on every machine, and no clock in them.

`pytest --hypothesis-profile=explore` looks for new counterexamples instead, at random and for longer.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]  # a story is a large example
settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=60, database=None, suppress_health_check=SLOW)
settings.register_profile("explore", deadline=None, max_examples=2000, suppress_health_check=SLOW)
settings.load_profile("fixed")
