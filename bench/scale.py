"""What a run on Spark costs for each document, measured, and what that makes for more documents on more machines, computed.

    python bench/scale.py measure CORPUS.jsonl [--only find] > costs.json
    python bench/scale.py predict costs.json... --documents N --cores M

`measure` runs a corpus on `local[2]` and takes from Spark's own event log, step by step, the bytes that are shuffled and
written, the tasks, and how much longer than the median the longest is; from the system the CPU seconds of Java and of Python.
`predict` reckons with the costs of a document as they are but for what each step costs however few documents there are.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

COPYDESK = [sys.executable, "-c", "from copydesk.cli import main; main()"]
TICK = os.sysconf("SC_CLK_TCK")
OVERHEAD = 0.02
"""Seconds that a task costs besides its work."""
PART = 128 << 20
"""Bytes that a task is given, as Spark divides work."""
USED = 0.7
"""The share of the cores' time that work fills: the rest is waiting for the last tasks of a step, and for the network."""


def family(pid: int) -> dict[int, tuple[str, float]]:
    """The name and the seconds of CPU of a process and of all that it has begun."""
    parents, told = {}, {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                name, _, rest = (path / "stat").read_text().partition("(")[2].rpartition(")")
            except (FileNotFoundError, ProcessLookupError):
                continue
            fields = rest.split()
            parents[int(path.name)] = int(fields[1])
            told[int(path.name)] = (name, (int(fields[11]) + int(fields[12])) / TICK)
    of = {pid}
    while more := {child for child, parent in parents.items() if parent in of} - of:
        of |= more
    return {child: told[child] for child in of if child in told}


def measure(corpus: Path, only: str | None, cores: int) -> dict[str, Any]:
    """The costs of a run."""
    with tempfile.TemporaryDirectory(prefix="copydesk-scale-") as name:
        folder = Path(name)
        settings = {
            "spark.driver.memory": "2g",
            "spark.eventLog.enabled": "true",
            "spark.eventLog.dir": f"file://{folder}",
            "spark.eventLog.compress": "false",
            "spark.eventLog.rolling.enabled": "false",
            "spark.sql.shuffle.partitions": str(4 * cores),
        }
        command = [*COPYDESK, "run", str(corpus), "-o", str(folder / "out"), "--engine", "spark", "--master", f"local[{cores}]"]
        command += [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
        process = subprocess.Popen([*command, *(["--only", only] if only else []), "--json"], stdout=subprocess.PIPE)
        sizes: dict[str, int] = {}
        cpu: dict[int, tuple[str, float]] = {}
        samples: list[tuple[float, float, float]] = []  # time, CPU seconds of Java, of Python
        steps = folder / ".out.part" / "steps"
        while process.poll() is None:
            cpu |= family(process.pid)
            sums = {is_java: sum(s for n, s in cpu.values() if ("java" in n) == is_java) for is_java in (True, False)}
            samples.append((time.time() * 1000, sums[True], sums[False]))
            for step in steps.glob("*/_SUCCESS"):
                if step.parent.name not in sizes:
                    sizes[step.parent.name] = sum(f.stat().st_size for f in step.parent.glob("part-*"))
            time.sleep(0.3)
        out, _ = process.communicate()
        assert process.returncode == 0
        n = json.loads(out)["counts"]["documents"]
        log = next(path for path in folder.iterdir() if path.is_file() and path.name.startswith(("local-", "app-")))
        return {"documents": n, "bytes": corpus.stat().st_size, "steps": costs(log, samples, sizes)}


def costs(log: Path, samples: list[tuple[float, float, float]], sizes: dict[str, int]) -> dict[str, dict[str, float]]:
    """What each step cost, from Spark's log of events."""
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
    for at, (start, step) in enumerate(began):
        end = began[at + 1][0] if at + 1 < len(began) else samples[-1][0]
        inside = [sample for sample in samples if start <= sample[0] < end]
        before = [sample for sample in samples if sample[0] < start]
        if inside and before:
            sums[step]["java"] += inside[-1][1] - before[-1][1]
            sums[step]["python"] += inside[-1][2] - before[-1][2]
    for step, of_it in tasks.items():
        longest = [max(times) / max(statistics.median(times), 0.05) for times in of_it.values() if len(times) > 2]
        sums[step]["longest_to_median"] = round(max(longest, default=1), 2)
        sums[step]["written"] = sizes.get(step, 0)
    return {step: {name: round(value, 3) for name, value in of.items()} for step, of in sums.items()}


def predict(found: list[dict[str, Any]], documents: int, cores: int) -> dict[str, Any]:
    """What so many documents cost on so many cores, by the costs of one run or, better, of two of different size.

    Of two, the larger less the smaller is what documents cost, and what is left of the smaller is fixed.
    """
    small, large = min(found, key=lambda of: of["documents"]), max(found, key=lambda of: of["documents"])
    total = {"cpu_seconds": 0.0, "shuffled": 0.0, "written": 0.0, "seconds": 0.0}
    for step in large["steps"].keys() | small["steps"].keys():
        costs = {}
        for name in ("java", "python", "shuffled", "written", "read"):
            first, last = (of["steps"].get(step, {}).get(name, 0) for of in (small, large))
            more = large["documents"] - small["documents"]
            each = max(0.0, last - first) / more if more else last / large["documents"]
            fixed = max(0.0, first - each * small["documents"]) if more else 0.0
            costs[name] = fixed + each * documents
        cpu = costs["java"] + costs["python"]
        tasks = max(1.0, (costs["shuffled"] + costs["read"]) / PART)
        total["cpu_seconds"] += cpu
        total["shuffled"] += costs["shuffled"]
        total["written"] += costs["written"]
        total["seconds"] += (cpu + tasks * OVERHEAD) / cores / USED
    return {"documents": documents, "cores": cores, **{name: round(value, 1) for name, value in total.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    measured = commands.add_parser("measure")
    measured.add_argument("corpus", type=Path)
    measured.add_argument("--only", choices=["find"])
    measured.add_argument("--cores", type=int, default=2)
    predicted = commands.add_parser("predict")
    predicted.add_argument("costs", type=Path, nargs="+")
    predicted.add_argument("--documents", type=int, required=True)
    predicted.add_argument("--cores", type=int, required=True)
    given = parser.parse_args()
    if given.command == "measure":
        print(json.dumps(measure(given.corpus.absolute(), given.only, given.cores), indent=2))
    else:
        print(
            json.dumps(predict([json.loads(path.read_text()) for path in given.costs], given.documents, given.cores), indent=2)
        )


if __name__ == "__main__":
    main()
