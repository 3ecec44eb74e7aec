"""How measuring is done here: times of rivals interleaved, memory in a process of its own, tables in Markdown."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

Call = Callable[[], Any]


def timed(calls: Mapping[str, Call], runs: int) -> tuple[dict[str, float], dict[str, Any]]:
    """The median seconds of each call over `runs` rounds, in each of which all take their turn, and what each gave last."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    results: dict[str, Any] = {}
    for _ in range(runs):
        for name, call in calls.items():
            start = perf_counter()
            results[name] = call()
            seconds[name].append(perf_counter() - start)
    return {name: median(times) for name, times in seconds.items()}, results


CHILD = """
import json, sys
from importlib import import_module
sys.path[:0] = [sys.argv[1]]
from measure import most_memory
module, name = sys.argv[2].split(":")
call = getattr(import_module(module), name)
texts = json.load(sys.stdin)
before = most_memory()
call(texts)
print(before, most_memory())
"""


def most_memory() -> float:
    """The most memory, in MB, that this process ever held."""
    status = Path("/proc/self/status")
    if status.exists():  # of the program alone: `ru_maxrss` counts what the process was before it became this one
        return next(int(line.split()[1]) / 1e3 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    from resource import RUSAGE_SELF, getrusage

    return getrusage(RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)  # bytes there, kilobytes elsewhere


def peak_memory(function: str, texts: Sequence[str]) -> tuple[float, float]:
    """The most memory, in MB, that a process of its own held before and after `module:function` was given the texts."""
    command = [sys.executable, "-c", CHILD, str(Path(__file__).parent), function]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True)
    before, after = map(float, done.stdout.split())
    return before, after


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown, its columns padded to be read as it stands."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
