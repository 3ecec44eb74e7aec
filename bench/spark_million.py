"""A corpus on this machine and then on Spark `local[2]`: the same tables, at what cost. Of a million documents unless told.

    python bench/spark_million.py [CORPUS...] [--only find] [--work FOLDER]

The million is that of `corpora.py`, cut into files, for one task reads one. Both engines get the same files and as many cores,
and neither reads a record. Prints the time, CPU and memory of both, whether their tables are the same row for row as they lie,
and of each step on Spark what it took, how its longest task compares with the median of its stage, and what its processes held.
Exit status 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpora import SHARED, Corpora
from measure import table
from scale import COPYDESK, KINDS, Measured, Watched, on_spark, told, watched

FILE = 100 << 20
"""Bytes of a file, about, that a corpus of one file is cut into: the least that docs/scale.md advises."""
TIMES = 2.5
"""How many times longer than this machine alone Spark may take on it."""
SKEW = 5.0
"""How many times longer than the median task of its stage a task may take."""
DRIVER = 650
"""MB that the Python that drives may hold, however large the corpus."""


def cut(corpus: Path, folder: Path) -> list[Path]:
    """The lines of a corpus in files of some `FILE` bytes, four at least."""
    folder.mkdir()
    files = max(4, corpus.stat().st_size // FILE)
    parts = ["--number", f"l/{files}", "--suffix-length", "4", "--numeric-suffixes", "--additional-suffix", ".jsonl"]
    subprocess.run(["split", *parts, str(corpus), f"{folder}/"], check=True)
    return sorted(folder.iterdir())


def same_rows(one: Path, other: Path) -> bool:
    """Whether two files of a table have the same rows in the same order, however they are cut."""
    left, right = _batches(one), _batches(other)
    a, b = next(left, None), next(right, None)
    while a is not None and b is not None:
        n = min(len(a), len(b))
        if not a.slice(0, n).equals(b.slice(0, n)):
            return False
        a, b = a.slice(n) if n < len(a) else next(left, None), b.slice(n) if n < len(b) else next(right, None)
    return a is b is None


def _batches(path: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches():
            if batch.num_rows:
                yield pa.Table.from_batches([batch])


def unlike(here: Path, spark: Path) -> list[str]:
    """What of two runs is not the same."""
    names = sorted({path.name for folder in (here, spark) for path in folder.glob("*.parquet")})
    there = [name for name in names if (here / name).is_file() and (spark / name).is_file()]
    found = [name for name in names if name not in there or not same_rows(here / name, spark / name)]
    summaries = [json.loads((folder / "run.json").read_bytes()) for folder in (here, spark)]
    for summary in summaries:
        summary.pop("steps")
    other = [name for name in ("rejected.jsonl",) if (here / name).read_bytes() != (spark / name).read_bytes()]
    return [*found, *other, *(["run.json"] if summaries[0] != summaries[1] else [])]


def report(here: Watched, spark: Measured, other: list[str]) -> tuple[str, bool]:
    """What was found, as Markdown, and whether all bars were met."""
    mb = 1e6
    rows = []
    for name, seen in (("this machine", here), ("Spark", spark.seen)):
        cpu = " + ".join(f"{seen.cpu[kind]:.0f}" for kind in KINDS)
        held = " / ".join(f"{seen.most([kind]) / mb:,.0f}" for kind in KINDS)
        rows.append([name, f"{seen.seconds:.0f}", f"{sum(seen.cpu.values()):.0f} ({cpu})", held])
    head = ["", "seconds", f"CPU seconds ({' + '.join(KINDS)})", f"most MB ({' / '.join(KINDS)})"]
    of_steps = [
        [
            step,
            f"{of['seconds']:.0f}",
            " + ".join(f"{of.get(kind, 0):.0f}" for kind in KINDS),
            int(of.get("tasks", 0)),
            f"{of.get('longest', 0):.1f}",
            f"{of.get('longest_to_median', 1):.1f}",
            f"{of.get('shuffled', 0) / mb:,.0f}",
            f"{of.get('spilt', 0) / mb:,.0f}",
            f"{of.get('written', 0) / mb:,.0f}",
            " / ".join(f"{of.get(f'{kind}_held', 0) / mb:,.0f}" for kind in KINDS),
        ]
        for step, of in spark.steps.items()
    ]
    counts = ["tasks", "longest, s", "to median", "shuffled, MB", "spilt, MB", "kept, MB"]
    columns = ["step", "seconds", "CPU", *counts, "held, MB"]
    times = spark.seen.seconds / here.seconds
    taken = sum(spark.seen.cpu.values()) / sum(here.cpu.values())
    driven = spark.seen.most(["driver"]) / mb
    skew, step = max((of.get("longest_to_median", 1.0), step) for step, of in spark.steps.items())
    bars = [
        (f"Spark takes {times:.2f} times as long (at most {TIMES}), and {taken:.2f} times the CPU", times <= TIMES),
        (f"the longest task is {skew:.1f} times the median of its stage, in {step} (at most {SKEW:.0f})", skew <= SKEW),
        (f"the driver's Python holds {driven:,.0f} MB (at most {DRIVER})", driven <= DRIVER),
        (f"not the same: {', '.join(other)}" if other else "all tables are the same, row for row", not other),
    ]
    said = [f"{'met' if met else 'MISSED'}: {bar}" for bar, met in bars]
    return "\n\n".join([table(head, rows), table(columns, of_steps), "\n".join(said)]), all(met for _, met in bars)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", nargs="*", type=Path, help="files; a single one is cut")
    parser.add_argument("--only", choices=["find"])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--memory", default="4g", help="of Java")
    parser.add_argument("--room", default="3GB", help="what this machine alone is told to use")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--work", type=Path, default=Path("spark-million"), help="a new folder, for some 20 GB of a million")
    parser.add_argument("--keep", action="store_true", help="leave it there")
    asked = parser.parse_args()
    work: Path = asked.work.absolute()
    work.mkdir()
    given = [path.absolute() for path in asked.corpus] or [Corpora(asked.shared).million(asked.seed) / "corpus.jsonl"]
    inputs = [str(path) for path in (cut(given[0], work / "in") if len(given) == 1 else given)]
    more = ["--only", "find"] if asked.only else ["--no-record"]
    threads = ["--threads", str(asked.cores), "--memory", asked.room]
    here = watched([*COPYDESK, "run", *inputs, "-o", str(work / "here"), *threads, *more, "--json"])
    print(f"this machine: {here.seconds:.0f} s", file=sys.stderr, flush=True)
    spark = on_spark(inputs, work, more, asked.cores, asked.memory)
    said, met = report(here, spark, unlike(work / "here", work / "spark"))
    found: dict[str, Any] = {**told(spark, asked.cores), "here": here.seconds, "here_cpu": here.cpu}
    (work / "costs.json").write_text(json.dumps(found, indent=2))  # for `scale.py predict`
    print(f"{found['documents']:,} documents\n\n{said}")
    if not asked.keep:
        for folder in ("in", "here", "spark", "events"):
            shutil.rmtree(work / folder, ignore_errors=True)
    sys.exit(not met)


if __name__ == "__main__":
    main()
