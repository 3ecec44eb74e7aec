"""Find the stories of a JSONL corpus as a whole process: file in, `copies` table out, with time and memory of each step.

    python bench/find.py corpus.jsonl -o copies.parquet [--found found.tsv] [--threads 1] [--memory 3GB] [--same 0.5]

`found.tsv` (id, story) is what the scoring script of the corpora takes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from itertools import pairwise
from pathlib import Path

# NumPy's OpenBLAS starts threads that spin a while waiting for linear algebra, of which there is none here: 0.13 CPU s.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("corpus", type=Path)
    ap.add_argument("-o", "--out", type=Path)
    ap.add_argument("--found", type=Path)
    ap.add_argument("--threads", type=int)
    ap.add_argument("--memory")
    ap.add_argument("--same", type=float, default=0.5)
    a = ap.parse_args()

    steps: list[tuple[str, float, float, float]] = []

    def told(step: str) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        steps.append((step, time.perf_counter(), time.process_time(), usage.ru_maxrss / 1e6))

    told("start")
    from copydesk import find
    from copydesk.engines.duck import Duck

    with Duck(memory=a.memory, threads=a.threads) as engine:
        columns = "{'id': 'VARCHAR', 'source': 'VARCHAR', 'text': 'VARCHAR'}"
        read = f"SELECT id AS copy_id, source, text FROM read_json('{a.corpus}', columns={columns}, format='newline_delimited')"
        found = find.find(engine.batches(read), engine, find.Settings(same=a.same), told)
        told("write")
        if a.out:
            import pyarrow.parquet as pq

            pq.write_table(found.copies, a.out)
        if a.found:
            ids, stories = found.copies.column("copy_id").to_pylist(), found.copies.column("story_id").to_pylist()
            a.found.write_text("".join(f"{i}\t{s}\n" for i, s in zip(ids, stories, strict=True)))
    told("end")

    n = found.copies.num_rows
    for (name, wall, cpu, _), (_, wall_after, cpu_after, memory) in pairwise(steps):
        spent = f"{wall_after - wall:7.2f} s {cpu_after - cpu:7.2f} CPU s {(cpu_after - cpu) / n * 1e6:7.2f} us a document"
        print(f"{name:12s} {spent} {memory:6.2f} GB", file=sys.stderr)
    cpu = time.process_time()
    summary = {
        "documents": n,
        "stories": len(set(found.copies.column("story_id").to_pylist())),
        "boilerplate seeds": found.boilerplate.num_rows,
        "cpu": round(cpu, 2),
        "wall": round(steps[-1][1] - steps[0][1], 2),
        "documents a CPU second": round(n / cpu),
        "peak GB": round(steps[-1][3], 2),
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
