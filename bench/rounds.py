"""Tools that find copies, measured as whole processes that take turns, and the file that keeps what was measured."""

from __future__ import annotations

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
from typing import Any

from corpora import HERE, Corpora, stories
from process import Measured, measured, processors, required

ROOT = HERE.parent
MILLION = 1_000_000
WARMING = (2000, 1)
"""Documents and seed of the corpus on which everything runs once before it is measured."""
LIMITS = {"datasketch": 100_000}
"""Documents up to which a slow peer is measured."""
SLOW, RIVALS = 30.0, ("copydesk", "daft")
"""Who took so many seconds of CPU takes one turn only, but for the rivals."""
PEERS = ("daft", "daft-wide", "rensa", "gaoya", "datasketch")
FLOORS = ("parse-msgspec", "parse-duckdb")
LONGEST = 900.0
"""Seconds after which a process is given up."""


class FailedError(Exception):
    """A process did not go well; the message says how."""


class Results:
    """What was measured, kept in a file from one run to the next."""

    def __init__(self, path: Path, code: str, again: bool) -> None:
        self._path = path
        self.all: dict[str, Any] = {"code": code, "sessions": [], "runs": [], "steps": [], "quality": [], "failed": []}
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
        corpus = self.corpora.planted(*WARMING)
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
        """Run a tool on a corpus; what it took, and the file of stories that it wrote (floors write none).

        Raises `FailedError` where it did not go well.
        """
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
                if size > LIMITS.get(tool, size) or self.results.has("runs", **key) or self._slow(tool, corpus.name):
                    continue
                _read(corpus / "corpus.jsonl")
                load = os.getloadavg()[0]
                try:
                    done, found = self.run(tool, corpus)
                except FailedError as failed:  # the others go on
                    if tool == "copydesk":
                        raise
                    say(str(failed))
                    self.results.add("failed", {**key, "documents": size, "why": str(failed).splitlines()[-1]})
                    continue
                row: dict[str, Any] = {**key, "documents": size, **figures(done), "load": round(load, 2)}
                if at == 0 and tool not in FLOORS:
                    row["scores"] = self.corpora.score(corpus, found)
                self.results.add("runs", row)
                say(
                    f"{corpus.name} round {at + 1}: {tool:14s} {done.cpu:8.2f} CPU s {done.wall:8.2f} s {done.memory:7.0f} MB "
                    f"{size / done.cpu:8.0f} documents a CPU second"
                )

    def _slow(self, tool: str, corpus: str) -> bool:
        if self.results.has("failed", tool=tool, corpus=corpus):
            return True
        runs = (row for row in self.results.all["runs"] if row["tool"] == tool and row["corpus"] == corpus)
        return tool not in RIVALS and any(row["cpu"] > SLOW for row in runs)

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
    """The measurement, if it is of something that went well; raises `FailedError` otherwise."""
    if not done.ended:
        raise FailedError(f"{what} took more than {LONGEST:.0f} s and was given up")
    if done.code:
        raise FailedError(f"{what} failed with exit code {done.code}: {done.complained.strip()[-2000:]}")
    return done


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
        "versions": {name: ours[name] for name in ("blake3", "duckdb", "msgspec", "numba", "numpy", "pyarrow") if name in ours},
        "peers": {name: theirs[name] for name in sorted(names) if name in theirs},
    }


def _versions(python: str) -> dict[str, str]:
    """The packages that a Python has, and their versions."""
    tell = "import json, importlib.metadata as m; print(json.dumps({d.name.lower(): d.version for d in m.distributions()}))"
    versions: dict[str, str] = json.loads(required([python, "-c", tell]))
    return versions


def _read(path: Path) -> None:
    """Read a file, so that all who come after find it in memory."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass
