"""Run `copydesk run` inside this process, and tell what each step costs.

    python bench/find.py corpus.jsonl [-o OUT] [--reconcile] [--threads 1] [--memory 3GB] [--same 0.5] [--found found.tsv]

Seconds of CPU are those of all threads and of the processes that reconcile. Reading is told apart from the seeds, into which
it is a stream, by the clock of the process or, with more threads, of the one that reads. `found.tsv` (id, story) is what the
scoring script of the corpora takes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any


def main() -> None:
    """Measure the corpora that the arguments name."""
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("corpus", nargs="+")
    ap.add_argument("-o", "--out", type=Path, help="keep the tables here")
    ap.add_argument("--found", type=Path, help="write id and story of every copy")
    ap.add_argument("--reconcile", action="store_true", help="not only find")
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--memory")
    ap.add_argument("--same", type=float)
    a = ap.parse_args()

    from copydesk import pipeline
    from corpora import stories

    read = Reading(time.process_time if a.threads == 1 else time.thread_time)
    steps = Steps()
    with tempfile.TemporaryDirectory() as folder:
        out = a.out or Path(folder) / "out"
        done = pipeline.run(
            a.corpus,
            out,
            same=a.same,
            only_find=not a.reconcile,
            threads=a.threads,
            memory=a.memory,
            overwrite=True,
            told=steps,
        )
        steps("end")
        if a.found:
            stories(out / "copies.parquet", a.found)
    spent = steps.spent()
    spent = {"start": spent.pop("start"), "read": read.cpu, **spent}
    spent["seeds"] -= read.cpu
    n = done.summary["counts"]["documents"]
    for step, cpu in spent.items():
        print(f"{step:12s} {cpu:8.2f} CPU s {cpu / n * 1e6:8.2f} us a document", file=sys.stderr)
    cpu, wall = sum(spent.values()), time.perf_counter() - steps.begun
    print(
        json.dumps(
            {
                "counts": done.summary["counts"],
                "threads": a.threads,
                "cpu": round(cpu, 3),
                "wall": round(wall, 3),
                "documents a CPU second": round(n / cpu),
                "steps": {step: round(cpu, 4) for step, cpu in spent.items()},
            }
        )
    )


class Steps:
    """Hears of the steps of a run, and looks at the clock of the processor when one begins."""

    def __init__(self) -> None:
        self.begun = time.perf_counter()
        self._at = [("start", 0.0)]  # what the process took before is a part of the start

    def __call__(self, step: str, done: int = 0, of: int | None = None) -> None:
        """A step begins or goes on."""
        if step != self._at[-1][0]:
            of_children = getrusage(RUSAGE_CHILDREN)
            self._at.append((step, time.process_time() + of_children.ru_utime + of_children.ru_stime))

    def spent(self) -> dict[str, float]:
        """The CPU seconds of each step but the last, which ends all."""
        return {step: self._at[at + 1][1] - begun for at, (step, begun) in enumerate(self._at[:-1])}


class Reading:
    """Takes the time of the batches that a run reads, from inside."""

    def __init__(self, clock: Callable[[], float]) -> None:
        from copydesk.sources import corpus

        self.cpu = 0.0
        self._clock = clock
        self._batches = corpus.batches
        corpus.batches = self._timed

    def _timed(self, *args: Any, **named: Any) -> Iterator[Any]:
        batches = self._batches(*args, **named)
        while True:
            begun = self._clock()
            try:
                batch = next(batches)
            except StopIteration:
                return
            finally:
                self.cpu += self._clock() - begun
            yield batch


if __name__ == "__main__":
    main()
