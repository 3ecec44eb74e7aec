"""Measure finding beside the peers: whole processes, from JSON Lines to stories, that take turns.

    make bench-find                                     everything that can run here
    python bench/find_peers.py --sizes 5000,20000       less of it; --help says what else
    python bench/find_report.py                         the tables of bench/README.md and bench/find.svg, from bench/find.json

Every process runs on one processor (Copydesk with --threads 1), so that its CPU seconds are those of one thread. What was
measured with the same code on the same corpus is not measured again, so a run that was interrupted goes on where it was; other
code, of Copydesk or of bench/peer.py, begins anew, for the ratios are of tools that took turns.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from corpora import HERE, SHARED, AbsentError, Corpora
from find_quality import quality
from rounds import FLOORS, PEERS, ROOT, WARMING, Bench, FailedError, Results, code_measured, machine

PYTHON = HERE / ".peers/bin/python"
SIZES = "5000,20000,100000,200000"


def main() -> None:
    """Measure what the arguments ask for."""
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--sizes", default=SIZES, help=f"documents of the corpora, or none; {SIZES} unless told")
    ap.add_argument("--seeds", default="5", help="seeds of the corpora; 5 unless told")
    ap.add_argument("--peers", default="all", help=f"of {', '.join(PEERS)}; or none")
    ap.add_argument("--rounds", type=int, default=3, help="how often each tool takes its turn; 3 unless told")
    ap.add_argument("--million", action="store_true", help="Copydesk on a million documents, too: finding, then all")
    ap.add_argument("--quality", action="store_true", help="the bars of what is found, too")
    ap.add_argument("--make", action="store_true", help="only make the corpora, which a machine at work can do as well")
    ap.add_argument("--again", action="store_true", help="measure what was measured before")
    ap.add_argument("--out", type=Path, default=HERE / "find.json")
    ap.add_argument("--shared", type=Path, default=SHARED, help="the folder that has bench/make_corpus.py")
    ap.add_argument("--cache", type=Path, default=Corpora.cache, help=f"where corpora are kept; {Corpora.cache} unless told")
    ap.add_argument("--peers-python", type=Path, default=PYTHON, help="Python of the environment that has the peers")
    a = ap.parse_args()

    peers = PEERS if a.peers == "all" else () if a.peers == "none" else tuple(a.peers.split(","))
    if unknown := set(peers) - set(PEERS):
        ap.error(f"no peer is called {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}")
    if peers and not a.peers_python.exists():
        ap.error(
            f"the peers are not installed at {a.peers_python}: run `make bench-peers`, or leave them out with --peers none"
        )
    try:
        sizes = [] if a.sizes == "none" else [int(size) for size in a.sizes.split(",")]
        seeds = [int(seed) for seed in a.seeds.split(",")]
    except ValueError:
        ap.error("--sizes and --seeds are whole numbers with commas between them")
    _check_own()
    corpora = Corpora(a.shared.resolve(), a.cache)
    try:
        if a.make:
            make(corpora, sizes, seeds, a.quality, a.million)
            return
        bench = Bench(Results(a.out, code_measured(), a.again), corpora, str(a.peers_python.absolute()))
        bench.results.add("sessions", machine(bench, peers))
        bench.warm(peers)
        for seed in seeds:
            for size in sizes:
                bench.compare(("copydesk", *peers, *FLOORS), size, seed, a.rounds)
        if sizes:
            bench.steps(max(sizes), seeds[0], reconcile=False)
            bench.steps(min(20_000, max(sizes)), seeds[0], reconcile=True)
        missed = 0
        if a.quality:
            missed = quality(bench, seeds[0])
        if a.million:
            bench.million(seeds[0])
    except AbsentError as absent:
        sys.exit(f"nothing to measure: {absent}")
    except FailedError as failed:
        sys.exit(str(failed))
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on from here")
    sys.exit(1 if missed else 0)


def make(corpora: Corpora, sizes: list[int], seeds: list[int], quality: bool, million: bool) -> None:
    """Make what the measurements will ask for."""
    corpora.planted(*WARMING)
    for seed in seeds:
        for size in sizes:
            corpora.planted(size, seed)
    if quality:
        corpora.planted(20_000, seeds[0])
        corpora.planted(20_000, seeds[0], "clean")
        corpora.planted(20_000, seeds[0], ocr=0.03)
        corpora.one_large_story(seeds[0])
    if million:
        corpora.million(seeds[0])


def _check_own() -> None:
    """That what is measured is the Copydesk of this tree, and the commands that measure are there."""
    import copydesk

    if Path(copydesk.__file__).resolve().parent != (ROOT / "src/copydesk").resolve():
        sys.exit(f"this would measure {copydesk.__file__}, not the source of this tree; set PYTHONPATH={ROOT / 'src'}")
    if not Path(sys.executable).with_name("copydesk").exists():
        sys.exit(
            f"there is no `copydesk` beside {sys.executable}; run this with the Python of the environment: .venv/bin/python"
        )
    if not Path("/proc/self/status").exists() or not hasattr(os, "sched_setaffinity"):
        sys.exit("this measures on Linux only: it reads /proc and binds processes to processors")


if __name__ == "__main__":
    main()
