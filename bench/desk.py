"""An archive that grows: what an add costs, how fast it answers, what a kill leaves, how near it is to one run.

usage: python bench/desk.py CORPUS.jsonl [--documents N] [--more N] [--at FOLDER] [--times N] [--settle]
       python bench/desk.py CORPUS.jsonl --documents N --kills N | --parts N

Of the first N rows of a corpus (`make_corpus.py` makes them) an archive is made, of all but the last --more; these come then,
first by the command, as they come for a user, then in this process alone, so that it can be said which step takes what.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copydesk.archive.catalogue import NAME
from copydesk.archive.desk import Desk
from copydesk.archive.tables import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TIMES = 200
"""Texts that are looked up of each kind."""
WORDS = 60
COMMAND = (sys.executable, "-c", "from copydesk.cli import main; main()", "add")


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What some work gives, and the seconds of CPU that it took."""
    begun = time.process_time()
    return work(), time.process_time() - begun


class Steps:
    """Seconds of CPU of each step."""

    def __init__(self) -> None:
        self.took: dict[str, float] = {}
        self._now: tuple[str, float] | None = None

    def __call__(self, step: str, done: int, of: int | None) -> None:
        now = time.process_time()
        if self._now is None or self._now[0] != step:
            if self._now:
                name, begun = self._now
                self.took[name] = self.took.get(name, 0.0) + now - begun
            self._now = step, now

    def __str__(self) -> str:
        return ", ".join(f"{step} {seconds:.2f}" for step, seconds in self.took.items())


def added(desk: Desk, file: Path) -> tuple[Any, float, Steps]:
    """Add a file; what was added, seconds, steps."""
    steps = Steps()
    done, seconds = timed(lambda: desk.add(file, threads=1, told=steps))
    steps("", 0, None)
    return done, seconds, steps


def copied(path: Path, to: Path) -> Path:
    """The archive once more; its batches are never changed, and so not copied but named again."""
    shutil.copytree(path / "batches", to / "batches", copy_function=os.link)
    for file in path.glob(f"{NAME}*"):
        shutil.copy2(file, to)
    return to


def by_command(path: Path, feed: Path, times: int) -> None:
    """Add a file as a user does, each time to the archive as it was: seconds on the clock, and of CPU, all processes."""
    took = []
    for nth in range(times):
        now = copied(path, path.with_suffix(f".{nth}"))
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run([*COMMAND, now, feed], check=True, capture_output=True)
        after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - begun
        took.append((seconds, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime))
        shutil.rmtree(now)
    clock, cpu = (sorted(side) for side in zip(*took, strict=True))
    print(
        f"copydesk add, {times} times: {clock[0]:.2f} to {clock[-1]:.2f} s on the clock, {cpu[0]:.2f} to {cpu[-1]:.2f} s of CPU"
    )


def stories(path: Path) -> tuple[dict[frozenset[str], str], dict[str, str]]:
    """The name of each story by its copies, and the text of its editions."""
    asked = connect(path)
    named = {
        frozenset(ids): name for name, ids in asked.execute("SELECT story_id, list(copy_id) FROM copies GROUP BY 1").fetchall()
    }
    query = "SELECT story_id, string_agg(text, '\\f' ORDER BY version) FROM stories GROUP BY 1"
    return named, dict(asked.execute(query).fetchall())


def settled(desk: Desk) -> None:
    """Settle an archive, and say how far from one run it was before."""
    before, were = stories(desk.path)
    _, seconds = timed(lambda: desk.settle(threads=1))
    after, are = stories(desk.path)
    lost = after.keys() - before.keys()
    several = [copies for copies in after.keys() & before.keys() if len(copies) > 1]
    other = sum(were[before[copies]] != are[after[copies]] for copies in several)
    copies = sum(map(len, lost))
    print(f"settled in {seconds:.1f} s; before, {len(lost):,} of {len(after):,} stories were other ({copies:,} copies)")
    print(f"of {len(several):,} stories of several copies that were the same {other:,} had another text")


def asked(desk: Desk, texts: Iterable[str]) -> None:
    """Look texts, excerpts of them and texts that are not there up; milliseconds of CPU, and how many answers are right."""
    chance = random.Random(1)
    texts = list(texts)
    every = [word for text in texts for word in text.split()]
    kinds: dict[str, list[str]] = {"article": texts, "excerpt of 60 words": [], "text that is not there": []}
    for text in texts:
        words = text.split()
        at = chance.randrange(max(1, len(words) - WORDS))
        kinds["excerpt of 60 words"].append(" ".join(words[at : at + WORDS]))
        kinds["text that is not there"].append(" ".join(chance.choices(every, k=300)))
    print("\n| looked up | right | median ms | 95 % | most |\n|---|---|---|---|---|")
    for kind, some in kinds.items():
        took, right = [], 0
        for text in some:
            answer, seconds = timed(lambda text=text: desk.find(text))  # type: ignore[misc]
            took.append(seconds * 1000)
            right += answer.found != (kind == "text that is not there")
        took.sort()
        print(f"| {kind} | {right} of {len(some)} | {_spread(took)} |")
    took = []
    for text in texts:
        words = [word for word in text.split() if word.isalpha()]
        at = chance.randrange(max(1, len(words) - 3))
        took.append(timed(lambda words=words, at=at: desk.search(" ".join(words[at : at + 3])))[1] * 1000)  # type: ignore[misc]
    took.sort()
    print(f"| three words, searched | | {_spread(took)} |")


def _spread(took: list[float]) -> str:
    """The median, what 95 % do not exceed, and the most of some milliseconds (sorted)."""
    return f"{statistics.median(took):.0f} | {took[len(took) * 95 // 100]:.0f} | {took[-1]:.0f}"


def killed(path: Path, base: Path, feed: Path, times: int) -> bool:
    """Kill an add at moments by chance; whether the archive was each time as before or as after."""
    chance = random.Random(1)
    Desk(path).add(base)
    before, one = stories(path), copied(path, path.with_suffix(".after"))
    begun = time.monotonic()
    subprocess.run([*COMMAND, one, feed], check=True, capture_output=True)
    took = time.monotonic() - begun
    after = stories(one)
    n = {"before": 0, "after": 0, "neither": 0}
    for nth in range(times):
        now = copied(path, path.with_suffix(f".{nth}"))
        with subprocess.Popen([*COMMAND, now, feed], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            time.sleep(chance.uniform(0.3 * took, 1.05 * took))
            running.send_signal(signal.SIGKILL)
        state = stories(now)
        n["before" if state == before else "after" if state == after else "neither"] += 1
        subprocess.run([*COMMAND, now, feed], check=True, capture_output=True)
        n["neither"] += stories(now) != after
        shutil.rmtree(now)
    print(f"killed {times} times: {n['before']} as before, {n['after']} as after, {n['neither']} neither")
    return not n["neither"]


def in_parts(folder: Path, rows: list[bytes], parts: int) -> bool:
    """Add some rows in parts and all at once; whether, settled, the stories and their editions are the same."""
    one, several = Desk(folder / "one.desk"), Desk(folder / "parts.desk")
    files = [folder / f"{nth}.jsonl" for nth in range(parts)]
    for nth, file in enumerate(files):
        file.write_bytes(b"".join(rows[len(rows) * nth // parts : len(rows) * (nth + 1) // parts]))
        several.add(file)
    one.add(files)
    settled(several)
    same = stories(one.path) == stories(several.path)
    print(f"settled, the stories of {parts} parts and their editions are {'those of one run' if same else 'OTHERS'}")
    return same


def main() -> int:
    """Measure what is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--more", type=int, default=1_000)
    parser.add_argument(
        "--at", type=Path, help="where to make the archive; one that is there is taken, of all but the last rows"
    )
    parser.add_argument("--times", type=int, default=3, help="how often it is added to by the command")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--parts", type=int, default=0)
    parser.add_argument("--settle", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, given.corpus.open("rb") as file:
        rows = list(islice(file, given.documents))
        base, feed = Path(folder, "base.jsonl"), Path(folder, "feed.jsonl")
        base.write_bytes(b"".join(rows[: -given.more]))
        feed.write_bytes(b"".join(rows[-given.more :]))
        if given.kills:
            return not killed(Path(folder, "my.desk"), base, feed, given.kills)
        if given.parts:
            return not in_parts(Path(folder), rows, given.parts)
        desk = Desk(given.at or Path(folder, "my.desk"))
        if not desk.path.exists():
            done, seconds, steps = added(desk, base)
            print(f"made of {done.copies:,} copies in {seconds:.1f} s of CPU: {steps}")
        by_command(desk.path, feed, given.times)
        done, seconds, steps = added(desk, feed)
        print(f"{done.copies:,} copies added in {seconds:.2f} s of CPU, {done.stories:,} stories edited: {steps}")
        size = sum(path.stat().st_size for path in desk.path.rglob("*") if path.is_file())
        print(f"{size / 1e6:,.0f} MB for {given.documents:,} documents of {sum(map(len, rows)) / 1e6:,.0f} MB")
        opened, seconds = timed(lambda: connect(desk.path))
        (editions,) = opened.execute("SELECT count(*) FROM stories").fetchall()[0]
        print(f"opened as tables in {seconds * 1000:.0f} ms: {editions:,} editions")
        some = random.Random(2).sample(rows, min(TIMES, len(rows)))
        desk.find(json.loads(rows[0])["text"])
        asked(desk, [json.loads(row)["text"] for row in some])
        if given.settle:
            settled(desk)
    return 0


if __name__ == "__main__":
    sys.exit(main())
