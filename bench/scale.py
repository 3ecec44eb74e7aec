"""What a run on Spark costs for each document, measured, and what that makes for more documents on more machines, computed.

    python bench/scale.py measure CORPUS... [--only find | --no-record] > costs.json
    python bench/scale.py predict costs.json... --documents N --cores M

`measure` runs a corpus on `local[2]` and takes from Spark's own event log, step by step, the bytes that are shuffled and
written, the tasks, and how much longer than the median the longest is; from the system the CPU seconds of Java and of Python.
`predict` reckons with the costs of a document as they are but for what each step costs however few documents there are.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

COPYDESK = [sys.executable, "-c", "from copydesk.cli import main; main()"]
KINDS = ("java", "driver", "workers")
"""What processes of a run there are: Java, the Python that drives it, and the Pythons that work for it."""
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
LEAST = 0.05
"""Seconds that the median task of a stage counts for at least: of shorter ones chance decides which is long."""
OVERHEAD = 0.02
"""Seconds that a task costs besides its work."""
TEXT = 1200
"""Bytes of the letters and seeds of a text, of which a task holds those of a whole story."""
PART = 128 << 20
"""Bytes that a task is given, as Spark divides work."""
USED = 0.7
"""The share of the cores' time that work fills: the rest is waiting for the last tasks of a step, and for the network."""


class Watched(NamedTuple):
    """What was seen of a run: what it printed, its seconds, and again and again what its processes had taken and held.

    A sample is the time in milliseconds, then for each of `KINDS` the CPU seconds so far and the bytes held.
    """

    said: str
    seconds: float
    samples: list[tuple[float, dict[str, float], dict[str, int]]]

    @property
    def cpu(self) -> dict[str, float]:
        """CPU seconds of each kind of process."""
        return self.samples[-1][1]

    def most(self, kinds: Sequence[str], start: float = 0, end: float = float("inf")) -> int:
        """The most bytes that processes of some kinds held at a time, from one time to another."""
        return max((sum(held[kind] for kind in kinds) for at, _, held in self.samples if start <= at < end), default=0)


class Measured(NamedTuple):
    """A run on Spark: what was seen of it, and what each step cost."""

    seen: Watched
    steps: dict[str, dict[str, float]]


def family(pid: int) -> dict[int, tuple[str, float, int]]:
    """Of a process and of all that it has begun: the kind, the seconds of CPU, the bytes of memory held."""
    parents, told = {}, {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                fields = (path / "stat").read_text().rpartition(")")[2].split()
                program = (path / "exe").readlink().name
            except OSError:  # it may end while it is looked at
                continue
            parents[int(path.name)] = int(fields[1])
            kind = "java" if program == "java" else "driver" if int(path.name) == pid else "workers"
            told[int(path.name)] = (kind, (int(fields[11]) + int(fields[12])) / TICK, int(fields[21]) * PAGE)
    of = {pid}
    while more := {child for child, parent in parents.items() if parent in of} - of:
        of |= more
    # What Java begins shares its memory until it is another program.
    own = {child for child in of & told.keys() if told[child][0] != "java" or told.get(parents[child], ("",))[0] != "java"}
    return {child: told[child] for child in own}


def watched(command: Sequence[str], look: Callable[[], None] = lambda: None) -> Watched:
    """Run a command to its end, which must be a good one; `look` is called again and again."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    cpu: dict[int, tuple[str, float]] = {}
    samples = []
    while process.poll() is None:
        now = family(process.pid)
        cpu |= {pid: (kind, seconds) for pid, (kind, seconds, _) in now.items()}  # who has ended has taken what it took
        taken = {of: sum(seconds for kind, seconds in cpu.values() if kind == of) for of in KINDS}
        held = {of: sum(size for kind, _, size in now.values() if kind == of) for of in KINDS}
        samples.append((time.time() * 1000, taken, held))
        look()
        time.sleep(0.3)
    said, _ = process.communicate()
    assert process.returncode == 0, command
    return Watched(said, time.monotonic() - begun, samples)


def on_spark(inputs: Sequence[str], folder: Path, more: Sequence[str], cores: int, memory: str) -> Measured:
    """Run a corpus on `local[cores]` into `folder / "spark"`."""
    (folder / "events").mkdir()
    settings = {
        "spark.driver.memory": memory,
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": f"file://{folder}/events",
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
        "spark.local.dir": str(folder),
    }
    command = [*COPYDESK, "run", *inputs, "-o", str(folder / "spark"), "--engine", "spark", "--master", f"local[{cores}]"]
    command += [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    sizes: dict[str, int] = {}

    def look() -> None:
        for step in (folder / ".spark.part" / "steps").glob("*/_SUCCESS"):
            if step.parent.name not in sizes:
                sizes[step.parent.name] = sum(f.stat().st_size for f in step.parent.glob("part-*"))

    seen = watched([*command, *more, "--json"], look)
    log = next(path for path in (folder / "events").iterdir() if path.name.startswith(("local-", "app-")))
    return Measured(seen, costs(log, seen, sizes))


def measure(inputs: Sequence[str], more: Sequence[str], cores: int, memory: str) -> dict[str, Any]:
    """The costs of a run."""
    with tempfile.TemporaryDirectory(prefix="copydesk-scale-") as name:
        found = on_spark(inputs, Path(name), more, cores, memory)
    return told(found, cores)


def told(found: Measured, cores: int) -> dict[str, Any]:
    """What `predict` reckons with."""
    summary = json.loads(found.seen.said)
    largest = max((story["n_copies"] for story in summary["largest"]), default=1)
    of = {"documents": summary["counts"]["documents"], "cores": cores, "largest": largest}
    held = {kind: found.seen.most([kind]) for kind in KINDS}
    return {**of, "seconds": round(found.seen.seconds, 1), "cpu": found.seen.cpu, "held": held, "steps": found.steps}


def costs(log: Path, seen: Watched, sizes: dict[str, int]) -> dict[str, dict[str, float]]:
    """What each step cost, from Spark's log of events and from what was seen of its processes."""
    of_stage: dict[int, str] = {}
    began: list[tuple[float, str]] = []
    tasks: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for line in log.open():
        event = json.loads(line)
        if event["Event"] == "SparkListenerJobStart":
            step = event["Properties"].get("spark.job.description", "start")
            began.append((event["Submission Time"], step))
            for stage in event["Stage IDs"]:
                of_stage.setdefault(stage, step)
        elif event["Event"] == "SparkListenerTaskEnd" and event.get("Task Metrics"):
            step, told = of_stage[event["Stage ID"]], event["Task Metrics"]
            tasks[step][event["Stage ID"]].append(told["Executor Run Time"] / 1000)
            sums[step]["tasks"] += 1
            sums[step]["shuffled"] += told["Shuffle Write Metrics"]["Shuffle Bytes Written"]
            sums[step]["read"] += told["Input Metrics"]["Bytes Read"]
            sums[step]["spilt"] += told["Disk Bytes Spilled"]
    for at, (start, step) in enumerate(began):
        end = began[at + 1][0] if at + 1 < len(began) else seen.samples[-1][0]
        inside = [sample for sample in seen.samples if start <= sample[0] < end]
        before = [sample for sample in seen.samples if sample[0] < start]
        sums[step]["seconds"] += (end - start) / 1000
        if inside and before:
            for kind in KINDS:
                sums[step][kind] += inside[-1][1][kind] - before[-1][1][kind]
                sums[step][f"{kind}_held"] = max(sums[step][f"{kind}_held"], seen.most([kind], start, end))
    for step, of_it in tasks.items():
        longest = [max(times) / max(statistics.median(times), LEAST) for times in of_it.values() if len(times) > 2]
        sums[step]["longest_to_median"] = round(max(longest, default=1), 2)
        sums[step]["longest"] = max(max(times) for times in of_it.values())
        sums[step]["written"] = sizes.get(step, 0)
    return {step: {name: round(value, 3) for name, value in of.items()} for step, of in sums.items()}


def predict(found: list[dict[str, Any]], documents: int, cores: int) -> dict[str, Any]:
    """What so many documents cost on so many cores, by the costs of one run or, better, of two of different size.

    Of two, the larger less the smaller is what documents cost, and what is left of the smaller is fixed. Memory is that of the
    Python that drives, and of the Pythons of one core; Java takes what it may have. The largest story grows by the power of
    the documents by which it grew from one run to the other; a task holds `TEXT` bytes for each of its copies.
    """
    small, large = min(found, key=lambda of: of["documents"]), max(found, key=lambda of: of["documents"])
    more = large["documents"] - small["documents"]

    def cost(step: str, name: str) -> float:
        first, last = (float(of["steps"].get(step, {}).get(name, 0)) for of in (small, large))
        each: float = max(0.0, last - first) / more if more else last / large["documents"]
        return (max(0.0, first - each * small["documents"]) if more else 0.0) + each * documents

    steps = large["steps"].keys() | small["steps"].keys()
    cpu = sum(cost(step, kind) for step in steps for kind in KINDS)
    sums = {name: sum(cost(step, name) for step in steps) for name in ("shuffled", "written", "read")}
    tasks = sum(max(1.0, (cost(step, "shuffled") + cost(step, "read")) / PART) for step in steps)
    first, last = small["largest"], large["largest"]
    power = math.log(last / first) / math.log(large["documents"] / small["documents"]) if more else 1.0
    largest = last * (documents / large["documents"]) ** max(0.0, power)
    costs = {
        "cpu_seconds": cpu,
        "seconds": (cpu + tasks * OVERHEAD) / cores / USED,
        "shuffled": sums["shuffled"],
        "written": sums["written"],
        "driver_held": max(cost(step, "driver_held") for step in steps),
        "held_by_a_core": max(cost(step, "workers_held") for step in steps) / large["cores"],
        "largest_story": largest,
        "held_for_it": largest * TEXT,
    }
    return {"documents": documents, "cores": cores, **{name: round(value, 1) for name, value in costs.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    measured = commands.add_parser("measure")
    measured.add_argument("corpus", nargs="+")
    measured.add_argument("--only", choices=["find"])
    measured.add_argument("--no-record", action="store_true")
    measured.add_argument("--cores", type=int, default=2)
    measured.add_argument("--memory", default="2g", help="of Java")
    predicted = commands.add_parser("predict")
    predicted.add_argument("costs", type=Path, nargs="+")
    predicted.add_argument("--documents", type=int, required=True)
    predicted.add_argument("--cores", type=int, required=True)
    given = parser.parse_args()
    if given.command == "measure":
        more = [*(["--only", given.only] if given.only else []), *(["--no-record"] if given.no_record else [])]
        made = measure([str(Path(name).absolute()) for name in given.corpus], more, given.cores, given.memory)
    else:
        made = predict([json.loads(path.read_text()) for path in given.costs], given.documents, given.cores)
    print(json.dumps(made, indent=2))


if __name__ == "__main__":
    main()
