"""Measure a run over stories of three copies, found and reconciled, as a process of its own.

    python bench/three.py [--stories 100000] [--seed 1] [--column] [--threads 2] [--memory 3GB] [--make]

The corpus is `Corpora.threes`. The first run finds the stories; with `--column`, a second one is told them by a column. Both do
without the record. Prints what each took and what was found, beside the bar, which is for 100,000 stories. Exit status: 1 where
it was missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from corpora import SHARED, Corpora, stories
from measure import table
from process import Measured, measured, processors
from rounds import checked

COPYDESK = [sys.executable, "-m", "copydesk"]
STORIES = 100_000
BAR = 600
"""Seconds that so many stories may take on two processors."""


def ran(corpus: Path, out: Path, threads: int, memory: str, *options: str) -> Measured:
    """A run into `out`."""
    how = ["--no-record", "--threads", str(threads), "--memory", memory, *options]
    return checked(measured([*COPYDESK, "run", str(corpus), "-o", str(out), *how], processors(threads)), "the run")


def editions(out: Path) -> tuple[int, int]:
    """Of how many stories a run has an edition of several copies, and of how many one of three."""
    of = Counter(pq.read_table(out / "copies.parquet", columns=["story_id"]).column("story_id").to_pylist())
    edited = set(pq.read_table(out / "stories.parquet", columns=["story_id"]).column("story_id").to_pylist())
    several = [n for story, n in of.items() if n > 1 and story in edited]
    return len(several), several.count(3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stories", type=int, default=STORIES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--column", action="store_true", help="once more, told the stories by their column")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="3GB")
    parser.add_argument("--make", action="store_true", help="only make the corpus, where it is not kept")
    parser.add_argument("--shared", type=Path, default=SHARED)
    asked = parser.parse_args()
    corpora = Corpora(asked.shared)
    corpus = corpora.threes(asked.stories, asked.seed)
    if asked.make:
        return
    rows: list[list[Any]] = []
    of_steps: list[list[Any]] = []
    walls: list[float] = []
    for name, options in (("found", []), ("told by a column", ["--story", "story"]))[: 1 + asked.column]:
        with tempfile.TemporaryDirectory() as folder:
            out, found = Path(folder) / "out", Path(folder) / "found.tsv"
            done = ran(corpus / "corpus.jsonl", out, asked.threads, asked.memory, *options)
            stories(out / "copies.parquet", found)
            scores = corpora.score(corpus, found)
            several, three = editions(out)
            steps: list[dict[str, Any]] = json.loads((out / "run.json").read_bytes())["steps"]
        walls.append(done.wall)
        took = [f"{done.wall:.1f}", f"{done.cpu:.1f}", f"{done.memory:,.0f}", f"{1000 * done.wall / asked.stories:.2f}"]
        rows.append([name, *took, f"{several:,}", f"{three:,}", scores["recall all"], scores["precision"]])
        of_steps += [[name, of["step"], f"{of['seconds']:.1f}", f"{of['cpu_seconds']:.1f}"] for of in steps]
    print(f"{asked.stories:,} stories of three copies, {asked.threads} threads, --memory {asked.memory}\n")
    columns = ["wall s", "CPU s", "most MB", "ms a story", "reconciled", "of three copies", "recall", "precision"]
    print(table(["stories", *columns], rows))
    print(f"\n{table(['stories', 'step', 'wall s', 'CPU s'], of_steps)}")
    if asked.stories != STORIES:
        print(f"\nThe bar is for {STORIES:,} stories: {1000 * BAR / STORIES:.0f} ms a story.")
        return
    met = walls[0] < BAR
    print(f"\n{'met' if met else 'MISSED'}: {STORIES:,} stories in under {BAR / 60:.0f} minutes ({walls[0] / 60:.1f})")
    sys.exit(not met)


if __name__ == "__main__":
    main()
