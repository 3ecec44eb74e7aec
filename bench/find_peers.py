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
import hashlib
import json
import os
import platform
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from corpora import HERE, SHARED, AbsentError, Corpora, stories
from process import Measured, measured, processors, required

ROOT = HERE.parent
PYTHON = HERE / ".peers/bin/python"
SIZES, MILLION = "5000,20000,100000,200000", 1_000_000
LIMITS = {"datasketch": 20_000}
"""Documents up to which a slow peer is measured."""
TOOLS = ("copydesk", "daft", "daft-wide", "rensa", "gaoya", "datasketch", "parse-msgspec", "parse-duckdb")
PEERS = TOOLS[1:6]
FLOORS = TOOLS[6:]
LONGEST = 900.0
"""Seconds after which a process is given up."""


class Results:
    """What was measured, kept in a file from one run to the next."""

    def __init__(self, path: Path, code: str, again: bool) -> None:
        self._path = path
        self.all: dict[str, Any] = {"code": code, "sessions": [], "runs": [], "steps": [], "quality": []}
        if path.exists() and not again:
            before = json.loads(path.read_text())
            if before["code"] == code:
                self.all = before
            else:
                say(f"{path} is of other code, and is measured anew")

    def has(self, kind: str, **key: object) -> bool:
        """Whether this was measured before."""
        return any(all(row.get(name) == value for name, value in key.items()) for row in self.all[kind])

    def add(self, kind: str, row: dict[str, Any]) -> None:
        """Keep it, on disk as well."""
        self.all[kind].append(row)
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(self.all, indent=1) + "\n")
        part.replace(self._path)


def say(text: str) -> None:
    """Tell who waits."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Measure what the arguments ask for."""
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--sizes", default=SIZES, help=f"documents of the corpora, or none; {SIZES} unless told")
    ap.add_argument("--seeds", default="5", help="seeds of the corpora; 5 unless told")
    ap.add_argument("--peers", default="all", help=f"of {', '.join(PEERS)}; or none")
    ap.add_argument("--rounds", type=int, default=3, help="how often each tool takes its turn; 3 unless told")
    ap.add_argument("--million", action="store_true", help="Copydesk on a million documents, too: finding, then all")
    ap.add_argument("--quality", action="store_true", help="the bars of what is found, too")
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
    try:
        results = Results(a.out, code_measured(), a.again)
        bench = Bench(results, Corpora(a.shared.resolve(), a.cache), str(a.peers_python.absolute()))
        results.add("sessions", machine(bench, peers))
        bench.warm(peers)
        for seed in seeds:
            for size in sizes:
                bench.compare(("copydesk", *peers, *FLOORS), size, seed, a.rounds)
        if sizes:
            bench.steps(max(sizes), seeds[0], reconcile=False)
            bench.steps(min(20_000, max(sizes)), seeds[0], reconcile=True)
        missed = 0
        if a.quality:
            from find_quality import quality

            missed = quality(bench, seeds[0])
        if a.million:
            bench.million(seeds[0])
    except AbsentError as absent:
        sys.exit(f"nothing to measure: {absent}")
    sys.exit(1 if missed else 0)


class Bench:
    """What a measurement needs: where results go, where corpora are, who runs."""

    def __init__(self, results: Results, corpora: Corpora, python: str) -> None:
        self.results = results
        self.corpora = corpora
        self.python = python
        self._folder = tempfile.TemporaryDirectory(prefix="copydesk-bench-")
        self.folder = Path(self._folder.name)

    def warm(self, peers: Sequence[str]) -> None:
        """Run everything once: loops are compiled, and files come from memory."""
        corpus = self.corpora.planted(2000, 1)
        for tool in ("copydesk", *peers, *FLOORS):
            say(f"warming {tool}")
            self.run(tool, corpus)

    def command(self, tool: str, corpus: Path, found: Path) -> list[str]:
        """How a tool is started."""
        lines = str(corpus / "corpus.jsonl")
        if tool == "copydesk":
            return copydesk([lines], found, "--only", "find", "--threads", "1")
        if tool in FLOORS:
            return [sys.executable, str(HERE / "floor.py"), tool.removeprefix("parse-"), lines]
        return [self.python, str(HERE / "peer.py"), tool, lines, str(found)]

    def run(self, tool: str, corpus: Path) -> tuple[Measured, Path]:
        """Run a tool on a corpus; what it took, and the file of stories that it wrote (floors write none)."""
        out, found = self.folder / "out", self.folder / "found.tsv"
        made = out if tool == "copydesk" else found
        done = checked(measured(self.command(tool, corpus, made), processors(1), LONGEST), tool)
        if tool == "copydesk":
            stories(out / "copies.parquet", found)
        return done, found

    def compare(self, tools: Sequence[str], size: int, seed: int, rounds: int) -> None:
        """All tools on one corpus, in turns; in every second round the other way about."""
        corpus = self.corpora.planted(size, seed)
        for at in range(rounds):
            for tool in tools[:: -1 if at % 2 else 1]:
                key = {"tool": tool, "corpus": corpus.name, "round": at}
                if size > LIMITS.get(tool, size) or self.results.has("runs", **key):
                    continue
                _read(corpus / "corpus.jsonl")
                load = os.getloadavg()[0]
                done, found = self.run(tool, corpus)
                row: dict[str, Any] = {**key, "documents": size, **figures(done), "load": round(load, 2)}
                if at == 0 and tool not in FLOORS:
                    row["scores"] = self.corpora.score(corpus, found)
                self.results.add("runs", row)
                say(
                    f"{corpus.name} round {at + 1}: {tool:14s} {done.cpu:8.2f} CPU s {done.wall:8.2f} s {done.memory:7.0f} MB "
                    f"{size / done.cpu:8.0f} documents a CPU second"
                )

    def steps(self, size: int, seed: int, reconcile: bool, rounds: int = 3) -> None:
        """The cost of each step, of the run in the middle of several."""
        corpus = self.corpora.planted(size, seed)
        key = {"corpus": corpus.name, "reconcile": reconcile}
        if self.results.has("steps", **key):
            return
        say(f"{corpus.name}: the steps{' with reconciling' if reconcile else ''}")
        command = [sys.executable, str(HERE / "find.py"), str(corpus / "corpus.jsonl"), "--threads", "1"]
        command += ["--reconcile"] if reconcile else []
        told = []
        for _ in range(1 if reconcile else rounds):
            _read(corpus / "corpus.jsonl")
            told.append(json.loads(checked(measured(command, processors(1), LONGEST), "find.py").said))
        whole = sorted(told, key=lambda run: float(run["cpu"]))[len(told) // 2]
        self.results.add("steps", {**key, "documents": size, **whole})

    def million(self, seed: int) -> None:
        """A million documents: finding on one processor for growth, on two with less memory, and all on two."""
        corpus = self.corpora.million(seed)
        lines = str(corpus / "corpus.jsonl")
        for name, options, n in (
            ("find", ["--only", "find", "--threads", "1"], 1),
            ("find-3GB", ["--only", "find", "--threads", "2", "--memory", "3GB"], 2),
            ("all-3GB", ["--threads", "2", "--memory", "3GB"], 2),
        ):
            key = {"tool": f"copydesk-{name}", "corpus": corpus.name, "round": 0}
            if self.results.has("runs", **key):
                continue
            _read(corpus / "corpus.jsonl")
            load = os.getloadavg()[0]
            done = measured(copydesk([lines], self.folder / "out", *options), processors(n), LONGEST)
            if done.ended:
                checked(done, name)
            row = {**key, "documents": MILLION, **figures(done), "ended": done.ended, "load": round(load, 2)}
            self.results.add("runs", row)
            say(f"{corpus.name}: {name:10s} {done.cpu:8.2f} CPU s {done.wall:8.2f} s {done.memory:7.0f} MB")


def copydesk(files: Sequence[str], out: Path, *options: str) -> list[str]:
    """`copydesk run`, as a user runs it."""
    return [str(Path(sys.executable).with_name("copydesk")), "run", *files, "-o", str(out), "--overwrite", *options]


def figures(done: Measured) -> dict[str, float]:
    """What is kept of a measurement: seconds and MB."""
    return {"cpu": round(done.cpu, 3), "wall": round(done.wall, 3), "memory": round(done.memory, 1)}


def checked(done: Measured, what: str) -> Measured:
    """The measurement, if it is of something that went well."""
    if not done.ended:
        raise SystemExit(f"{what} took more than {LONGEST:.0f} s and was given up")
    if done.code:
        raise SystemExit(f"{what} failed with exit code {done.code}:\n{done.complained.strip()[-2000:]}")
    return done


def middle(rows: Sequence[dict[str, Any]], of: str) -> float:
    """The median of a figure."""
    return median(float(row[of]) for row in rows)


def code_measured() -> str:
    """A fingerprint of what the figures depend on: Copydesk's source, the peers and how they are called."""
    files = [*sorted((ROOT / "src/copydesk").rglob("*.py")), HERE / "peer.py", HERE / "peers.txt", HERE / "floor.py"]
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def machine(bench: Bench, peers: Sequence[str]) -> dict[str, Any]:
    """Where, when and with what is measured."""
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=9"]
    described = subprocess.run(git, capture_output=True, text=True, check=False)
    cpu = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")
    ]
    ours = _versions(sys.executable)
    theirs = _versions(bench.python) if peers else {}
    load = os.getloadavg()
    if load[0] > 0.3:
        say(f"the machine is at work already (load {load[0]:.2f}): CPU seconds will be too many, and wall seconds mean little")
    names = {peer.split("-")[0] for peer in peers}
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": described.stdout.strip() or "unknown",
        "command": shlex.join(["python", *(Path(arg).name if "/" in arg else arg for arg in sys.argv)]),
        "cpu": cpu[0] if cpu else platform.machine(),
        "processors": os.cpu_count(),
        "memory": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": [round(x, 2) for x in load],
        "versions": {name: ours[name] for name in ("duckdb", "msgspec", "numba", "numpy", "pyarrow") if name in ours},
        "peers": {name: theirs[name] for name in sorted(names) if name in theirs},
    }


def _versions(python: str) -> dict[str, str]:
    """The packages that a Python has, and their versions."""
    tell = "import json; from importlib.metadata import distributions as d; print(json.dumps({x.name.lower(): x.version for x in d()}))"
    versions: dict[str, str] = json.loads(required([python, "-c", tell]))
    return versions


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


def _read(path: Path) -> None:
    """Read a file, so that all who come after find it in memory."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


if __name__ == "__main__":
    main()
