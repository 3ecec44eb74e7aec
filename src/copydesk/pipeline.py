"""The one place that strings the steps together."""

from __future__ import annotations

import os
import platform
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np

from copydesk.collate.collation import collate
from copydesk.edit.damage import OTHER
from copydesk.edit.edition import edit
from copydesk.model import Collation, Copy, Edition, NotOneStory

if TYPE_CHECKING:
    import pyarrow as pa

    from copydesk.engines.duck import Duck
    from copydesk.find import Settings
    from copydesk.sources.corpus import Columns

    Story = tuple[str, list[Copy]]  # a name and the copies, in order of their ids
    Told = Callable[[str, int, int | None], None]

T = TypeVar("T")
R = TypeVar("R")

# Copies are of one story if they share this share of the shorter one's words, or so many words in all.
SHARED, ENOUGH = 0.25, 20
# Characters of copies that a worker is given at a time, and those of one story from which it is too large to be reconciled: it
# would take a worker about a GB.
CHUNK, LARGE = 400_000, 16 << 20


def reconcile(copies: Iterable[str | Copy]) -> Edition:
    """Reconciles copies of one text into one edition.

    A plain string is a copy; its id is its place in the order given, from 1. The order of the copies decides nothing.

    A copy that shares nothing with the others, where those are more than half, is set aside: `damage` names it as another text.

    Raises `ValueError` where there is no copy, no text in a copy, no word in any, or one id twice, and `NotOneStory` where no
    more than half of the copies are of one story.

    >>> reconcile(["A  ferry sank.", "A 35-year-old ferry sank."]).text
    'A 35-year-old ferry sank.'
    """
    if isinstance(copies, str | bytes):
        raise TypeError("reconcile takes a list of texts, not one text")
    given = [Copy(str(at), copy) if isinstance(copy, str) else copy for at, copy in enumerate(copies, 1)]
    if not given:
        raise ValueError("there are no copies to reconcile")
    empty = [copy.id for copy in given if not copy.text.strip()]
    if empty:
        raise ValueError(f"no text in {_names(empty)}")
    twice = [id_ for id_, n in Counter(copy.id for copy in given).items() if n > 1]
    if twice:
        raise ValueError(f"more than one copy is called {_names(twice)}")
    collation = collate(given)
    worded = [copy for copy, placed in zip(collation.copies, collation.loci, strict=True) if len(placed)]
    if not worded:
        raise ValueError(f"no words in {_names([copy.id for copy in given])}, only marks")
    groups = _stories(collation)
    if len(groups) > 1 and 2 * len(groups[0]) <= len(worded):
        share = " shares nothing with " if len(groups) == 2 else " | "
        more = f" | and {len(groups) - 5} more" if len(groups) > 5 else ""
        raise NotOneStory(f"{len(groups)} stories, not one: {share.join(map(_names, groups[:5]))}{more}")
    strangers = [copy for copy in given if copy.id not in groups[0]]
    if strangers:
        collation = collate([copy for copy in given if copy.id in groups[0]])
    return edit(collation, strangers)


def _stories(collation: Collation) -> list[list[str]]:
    """The ids of the copies that have words, in groups that share them at the same loci, the largest group first."""
    n_copies = len(collation.copies)
    sizes = np.array([len(placed) for placed in collation.loci])
    copy = np.repeat(np.arange(n_copies), sizes)
    word = np.concatenate(collation.loci) * (1 << 32) + np.concatenate([tokens.keys for tokens in collation.tokens])
    order = np.lexsort((copy, word))
    copy, word = copy[order], word[order]
    same = np.flatnonzero(word[1:] == word[:-1])  # neighbours share a word at a locus
    pairs, count = np.unique(copy[same] * n_copies + copy[same + 1], return_counts=True)
    a, b = pairs // n_copies, pairs % n_copies
    shared = np.bincount(np.concatenate((copy[same], copy[same + 1])), minlength=n_copies)
    story = list(range(n_copies))

    def find(at: int) -> int:
        while story[at] != at:
            story[at] = at = story[story[at]]
        return at

    needed = np.clip(SHARED * np.minimum(sizes[a], sizes[b]), 1, ENOUGH)
    for at in np.lexsort((a, b, -count)).tolist():
        x, y = int(a[at]), int(b[at])
        alone = [c for c in (x, y) if find(c) == c and shared[c] >= min(ENOUGH, max(1, SHARED * sizes[c]))]
        if count[at] >= needed[at] or alone:  # enough with this one, or with several of whom this one is the nearest
            story[find(max(x, y))] = find(min(x, y))
    groups: dict[int, list[str]] = {}
    for at in np.flatnonzero(sizes).tolist():
        groups.setdefault(find(at), []).append(collation.copies[at].id)
    return sorted(groups.values(), key=lambda ids: (-len(ids), ids))


def extract(
    page: bytes, name: str = "page", *, url: str | None = None, noted: Callable[[str], object] = lambda note: None
) -> Edition:
    """Reconciles what several extractors read on a page of HTML; no link of it is followed.

    The copies are called `name#extractor`. `metadata` begins with what the extractors tell of the page, what most say first.
    `noted` hears what was not as it should be, such as an extractor that is not installed.

    Raises `ValueError` where no extractor is installed, where none finds a text, and where none of it has words.
    """
    from copydesk.sources.html import asked, read_page
    from copydesk.sources.reader import Reader

    extractors, note = asked()
    with Reader() as reader:
        read = read_page(page, name, reader, url=url, extractors=extractors)
    for said in (note, read.note, *read.failed):
        if said:
            noted(said)
    try:
        edition = reconcile(read.copies)
    except NotOneStory as error:
        noted(f"{error}; the edition is of the longest text, and of what shares something with it")
        edition = reconcile(_with_the_longest(read.copies))
    return msgspec.structs.replace(edition, metadata=(*read.facts, *edition.metadata))


def _with_the_longest(copies: Sequence[Copy]) -> list[Copy]:
    """The longest copy, and those that are of one story with it."""
    longest = min(copies, key=lambda copy: (-len(copy.text), copy.id))
    kept = [longest]
    for copy in copies:
        with suppress(ValueError):
            if copy is not longest and reconcile([longest, copy]):
                kept.append(copy)
    return kept


def _names(ids: list[str]) -> str:
    """At most five ids, in words."""
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")


def run(
    names: Sequence[str],
    out: str | Path,
    *,
    same: float | None = None,
    columns: Columns | None = None,
    only_find: bool = False,
    threads: int | None = None,
    memory: str | None = None,
    overwrite: bool = False,
    told: Told = lambda step, done, of: None,
) -> dict[str, Any]:
    """Find the stories of a corpus, reconcile each and write the tables into the folder `out`; gives what `run.json` holds.

    `names` are files of JSON Lines or Parquet. `only_find` stops after the stories. `threads` (None: one for each core) find,
    and as many processes reconcile; they are spawned, so a script that calls this keeps its own work under `if __name__ ==
    "__main__"`. `memory`, such as `"3GB"`, is for finding. `told` hears each step, how far it is and of how much, if known.

    Raises `Unreadable` for input that is none, `FileExistsError` where `out` may not be written, `OSError`. The tables are the
    same bytes whatever the order of the files, `threads` and `memory`, and `out` is whole or not there at all.
    """
    from copydesk import tables
    from copydesk.engines.duck import Duck
    from copydesk.find import DEFAULT, Settings
    from copydesk.sources import corpus

    steps = _Steps(told)
    columns = columns or corpus.DEFAULT
    same = DEFAULT.same if same is None else same
    out = Path(out)
    tables.refuse(out, overwrite)
    names = corpus.check(names, columns)
    with tables.folder(out, overwrite) as folder:
        with Duck(memory=memory, threads=threads, folder=folder) as engine, _interrupts():
            counts = _find(names, columns, Settings(same=same), engine, folder, steps, keep_texts=not only_find)
            apart: dict[str, Any] = {} if only_find else _reconcile(engine, folder, counts, steps)
        steps("fingerprints")
        summary = {
            "settings": {"same": same, "columns": columns, "only": "find" if only_find else None},
            "counts": counts,
            **apart,
            "seconds": steps.seconds(),
            "versions": _versions(),
            "inputs": [corpus.fingerprint(name) for name in names],
        }
        tables.write_json(folder / tables.MARK, summary)
    return summary


def _find(  # noqa: PLR0917  the parts of one run
    names: Sequence[str],
    columns: Columns,
    settings: Settings,
    engine: Duck,
    folder: Path,
    steps: _Steps,
    keep_texts: bool,
) -> dict[str, int]:
    """Write `copies`, `rejected` and, where no texts are kept for reconciling, `stories`; what was counted."""
    import pyarrow.parquet as pq

    from copydesk import tables
    from copydesk.find import find
    from copydesk.sources import Unreadable, corpus

    why: list[str] = []
    counts = {"documents": 0, "rejected": 0}

    with (folder / "rejected.jsonl").open("wb") as rejected:

        def reject(name: str, row: int, reason: str) -> None:
            rejected.write(msgspec.json.encode({"file": name, "row": row, "reason": reason}) + b"\n")
            counts["rejected"] += 1
            if len(why) < 1:
                why.append(f"{name}, row {row}: {reason}")

        def read() -> Iterator[pa.RecordBatch]:
            texts = None
            for batch in corpus.batches(names, reject, columns, engine.threads):
                if keep_texts:
                    texts = texts or pq.ParquetWriter(folder / TEXTS, batch.schema, compression="lz4")
                    texts.write_batch(batch)
                counts["documents"] += batch.num_rows
                steps.done(counts["documents"])
                yield batch
            if texts is not None:
                texts.close()
            if not counts["documents"]:
                raise Unreadable(f"there is no copy to read in {len(names)} files" + "".join(f" ({w})" for w in why))

        found = find(read(), engine, settings, steps)
    copies = found.copies.select(tables.COPIES)
    engine.keep(copies.select(["copy_id", "story_id"]), "found")
    grouped = engine.read("SELECT story_id, count(*) AS n_copies FROM found GROUP BY story_id ORDER BY story_id")
    sizes = grouped.column("n_copies").to_numpy()
    counts |= {"stories": len(grouped), "of_many_copies": int((sizes > 1).sum()), "largest_story": int(sizes.max())}
    steps("write")
    tables.write(copies, folder / "copies.parquet")
    if not keep_texts:
        tables.write(grouped.cast(tables.GROUPED), folder / "stories.parquet")
    return counts


TEXTS = "texts.parquet"
"""The copies as they were read, kept until they are reconciled."""


def _reconcile(engine: Duck, folder: Path, counts: dict[str, int], steps: _Steps) -> dict[str, Any]:
    """Write `stories`, `spans` and `variants`; the stories left as they were, and the copies set aside as of another text."""
    from copydesk import tables

    steps("reconcile")
    schemas = {"stories": tables.STORIES, "spans": tables.SPANS, "variants": tables.VARIANTS}
    written = {name: tables.Table(folder / f"{name}.parquet", schema) for name, schema in schemas.items()}
    left: list[dict[str, str]] = []
    strangers: list[dict[str, str]] = []
    steps.done(0, counts["stories"])
    for rows in _in_processes(_edited, _chunks(engine, folder), engine.threads):
        for name, table in written.items():
            table.add(rows[name])
        left += [{"story_id": story, "reason": reason} for story, reason in rows["left"]]
        strangers += [{"story_id": story, "copy_id": copy} for story, copy in rows["strangers"]]
        steps.done(written["stories"].n, counts["stories"])
    for table in written.values():
        table.close()
    (folder / TEXTS).unlink()
    counts |= {"variants": written["variants"].n, "not_reconciled": len(left), "set_aside": len(strangers)}
    return {"not_reconciled": left, "set_aside": strangers}


def _chunks(engine: Duck, folder: Path) -> Iterator[list[Story]]:
    """All stories with their copies, in order of their names, some `CHUNK` characters at a time."""
    path = str(folder / TEXTS).replace("'", "''")
    query = f"""
        SELECT found.story_id, texts.copy_id, texts.text, texts.source, texts.published, texts.url
        FROM read_parquet('{path}') AS texts JOIN found ON found.copy_id = texts.copy_id
        ORDER BY found.story_id, texts.copy_id
    """
    rows = (row for batch in engine.batches(query) for row in zip(*(c.to_pylist() for c in batch.columns), strict=True))
    chunk: list[Story] = []
    size = 0
    for story, members in groupby(rows, lambda row: row[0]):
        chunk.append((story, [Copy(*row[1:]) for row in members]))
        size += sum(len(copy.text) for copy in chunk[-1][1])
        if size >= CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _edited(stories: list[Story]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the tables that stories make; `left` are those that were not reconciled, and why."""
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in ("stories", "spans", "variants", "left", "strangers")}
    for story, copies in stories:
        published = _published(copies)
        try:
            edition = _edition(copies)
        except ValueError as error:  # not one story, no words, or too large
            rows["left"].append((story, str(error)))
            edition = None
        if edition is None:
            copy = min(copies, key=lambda copy: (-len(copy.text), copy.id))
            rows["stories"].append((story, 1, len(copies), copy.text, None, published, None, 0))
            rows["spans"].append((story, 1, 0, len(copy.text), copy.id, 0, len(copy.text)))
            continue
        facts = {fact.name: fact.value for fact in reversed(edition.metadata)}  # the first of a name counts
        rows["stories"].append(
            (
                *(story, 1, len(copies), edition.text, facts.get("headline"), published or facts.get("published")),
                *(edition.confidence, len(edition.variants)),
            )
        )
        rows["spans"] += [(story, 1, s.start, s.end, s.copy, s.copy_start, s.copy_end) for s in edition.spans]
        for v in edition.variants:
            readings = [
                {"text": r.text, "copies": list(r.copies), "starts": [place.start for place in r.places]} for r in v.readings
            ]
            rows["variants"].append((story, 1, v.start, v.end, v.kind, v.chosen, v.reason, v.confidence, readings))
        rows["strangers"] += [(story, damage.copy) for damage in edition.damage if damage.kind == OTHER]
    return rows


def _edition(copies: list[Copy]) -> Edition | None:
    """The edition of a story; None where there is one copy, which has nothing to be compared with."""
    if len(copies) == 1:
        return None
    size = sum(len(copy.text) for copy in copies)
    if size > LARGE:
        raise ValueError(f"too large: {len(copies):,} copies of {size:,} characters in all, and {LARGE:,} is the most")
    return reconcile(copies)


def _published(copies: Sequence[Copy]) -> str | None:
    """What most copies say; of as many the least."""
    said = Counter(copy.published for copy in copies if copy.published)
    return min(said, key=lambda value: (-said[value], value), default=None)


def _in_processes(function: Callable[[T], R], pieces: Iterable[T], processes: int) -> Iterator[R]:
    """What `function` makes of each piece, in their order, in as many processes; none of them outlives this one."""
    if processes == 1:
        yield from map(function, pieces)
        return

    import multiprocessing
    from concurrent.futures import Future, ProcessPoolExecutor

    running: deque[Future[R]] = deque()
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin)
    try:
        for piece in pieces:
            with _uninterrupted():
                running.append(pool.submit(function, piece))
            if len(running) > 2 * processes:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:  # workers end the pieces they hold: one that is killed while it is handed a piece leaves the pool waiting for ever
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts() -> Iterator[None]:
    """An interrupt is one, though DuckDB takes it for an error of its query; a worker that was killed is told as such."""
    from concurrent.futures.process import BrokenProcessPool

    import duckdb

    try:
        yield
    except BrokenProcessPool:
        raise RuntimeError("a worker was killed, most likely for want of memory; give fewer --threads") from None
    except (RuntimeError, duckdb.Error) as error:
        if "interrupt" in str(error).lower():
            raise KeyboardInterrupt from None
        raise


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """An interrupt waits until a process has begun: half begun it complains. The process inherits that it hears of none."""
    import signal
    from threading import current_thread, main_thread

    if current_thread() is not main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    waiting: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, frame: waiting.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if waiting:
            signal.raise_signal(signal.SIGINT)


def _begin() -> None:
    """A worker leaves interrupts to the process that began it, and goes when that is gone, however it went."""
    import multiprocessing
    import signal
    from threading import Thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=follow, daemon=True).start()


class _Steps:
    """The steps as they begin, for who listens and for `run.json`."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._begun: list[tuple[str, float]] = []
        self("start")

    def __call__(self, step: str) -> None:
        """A step begins."""
        self._begun.append((step, time.perf_counter()))
        self._told(step, 0, None)

    def done(self, n: int, of: int | None = None) -> None:
        """So much of the step is done."""
        self._told(self._begun[-1][0], n, of)

    def seconds(self) -> dict[str, float]:
        """How long each step took, until now."""
        ends = [begun for _, begun in self._begun[1:]] + [time.perf_counter()]
        return {step: round(end - begun, 3) for (step, begun), end in zip(self._begun, ends, strict=True)}


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    from copydesk import __version__

    packages = ("duckdb", "msgspec", "numba", "numpy", "pyarrow", "rapidfuzz")
    versions = {"copydesk": __version__, "python": platform.python_version(), **{name: version(name) for name in packages}}
    for name in ("fastwarc", "justext", "newspaper4k", "readability-lxml", "resiliparse", "trafilatura"):
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions
