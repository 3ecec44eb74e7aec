"""The steps of a run as they begin: how far they are, for who listens; what they took, for `run.json`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Told = Callable[[str, int, int | None], None]
"""Hears the name of a step, how far it is, and of how much, if that is known."""


class Steps:
    """Called with the name of each step as it begins."""

    def __init__(self, told: Told = lambda step, done, of: None) -> None:
        self._told = told
        self._begun: tuple[str, float, float] | None = None
        self._took: list[dict[str, Any]] = []
        self._elsewhere = 0.0
        self._largest = 0
        self._within: tuple[str, float] | None = None

    def __call__(self, step: str) -> None:
        """A step begins, and the one before has ended."""
        self._end()
        self._begun = (step, time.perf_counter(), time.process_time())
        self._told(step, 0, None)

    def done(self, n: int, of: int | None = None) -> None:
        """So much of the step is done."""
        if self._begun:
            self._told(self._begun[0], n, of)

    def worked(self, seconds: float, memory: int) -> None:
        """So many seconds of CPU another process worked on this step, and so much memory it had."""
        self._elsewhere += seconds
        self._largest = max(self._largest, memory)

    def within(self, step: str, seconds: float) -> None:
        """So many seconds of CPU of this step were of another, done in turn with it, which gets its share of the clock."""
        self._within = (step, seconds)

    def took(self) -> list[dict[str, Any]]:
        """Each step since this was asked last: seconds on the clock, seconds of CPU, and bytes of memory.

        The memory is the most that this process, or another at work on the step, has had until then.
        """
        self._end()
        took, self._took = self._took, []
        return took

    def _end(self) -> None:
        if self._begun:
            step, clock, cpu = self._begun
            seconds, cpu_seconds = time.perf_counter() - clock, time.process_time() - cpu + self._elsewhere
            other, of_it = self._within or ("", 0.0)
            share = min(1.0, of_it / cpu_seconds) if cpu_seconds else 0.0
            for name, part in ((step, 1 - share), (other, share)):
                if name:
                    self._took.append(
                        {
                            "step": name,
                            "seconds": round(seconds * part, 3),
                            "cpu_seconds": round(cpu_seconds * part, 3),
                            "peak_memory": max(peak_memory(), self._largest),
                        }
                    )
        self._begun, self._elsewhere, self._largest, self._within = None, 0.0, 0, None


def peak_memory() -> int:
    """The most memory that this process has held, in bytes; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux, where `ru_maxrss` counts what the process was before it became this one
        lines = status.read_text("utf-8", "replace").splitlines()
        return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:")), 0)
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
