"""Grow: what makes a batch, from what is given to its entry in the catalogue."""

from __future__ import annotations

import os
import shutil
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from copydesk.archive import decisions as decided
from copydesk.archive.catalogue import folder, having, reading, writing
from copydesk.archive.kept import Batch as Seeds
from copydesk.archive.kept import Kept, Seeded, joined, keep
from copydesk.archive.link import Linked, link
from copydesk.archive.receive import REJECTED, TOLD, receive
from copydesk.archive.rows import rows
from copydesk.archive.write import ADD, SETTLE, Batch, close, enter, known_last, latest, old_copies, sync, with_told, write
from copydesk.engines.processes import Crew
from copydesk.pipeline import ready
from copydesk.steps import Steps

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from copydesk.archive.decisions import Decision
    from copydesk.engines.local import Local
    from copydesk.parts import Texts
    from copydesk.sources.corpus import Columns
    from copydesk.steps import Told

MANY, SMALL = 8, 4096
"""So many batches of no more stories than that are made one with the next."""
GROWN = 2
"""An archive that has grown to so many times what was settled is settled anew."""
EDITED_AT_ONCE = 1 << 20
"""Bytes of text for each process that edits: for fewer another is not worth its start."""
FOUND = ("copy_id", "story_id", "relation", "nearest_copy", "coverage", "coverage_of_nearest", "n_letters", "story_letters")
"""What finding tells of a copy."""


class Added(NamedTuple):
    """What an add did: the batch (None: nothing was new), its copies, and those that were there, or could not be taken.

    `stories` were edited, which made `editions` that were not there before. `settled`: all stories were found anew. `reasons`
    says why copies were rejected, and how many for each; the file `rejected_in`, if any were, says which.
    """

    batch: int | None
    copies: int
    there: int
    rejected: int
    stories: int
    editions: int
    settled: bool
    reasons: dict[str, int]
    rejected_in: str | None = None


class Work(NamedTuple):
    """A batch in the making: the archive, its catalogue, the number and the folder of the batch, and who works on it."""

    path: Path
    catalogue: sqlite3.Connection
    no: int
    folder: Path
    threads: int
    crew: Crew
    steps: Steps

    def gather(self, size: int) -> None:
        """Begin processes to edit so many bytes of text, if there are fewer, before it is known which; this one works along."""
        self.crew.begin(min(self.threads, size // EDITED_AT_ONCE) - 1)


@contextmanager
def work(path: Path, threads: int | None, told: Told = lambda step, done, of: None) -> Iterator[Work]:
    """A batch in the making; what it wrote is gone if it fails. Nobody else may write the archive meanwhile (`alone`)."""
    with reading(path) as catalogue:
        (last,) = catalogue.execute("SELECT coalesce(max(no), 0) FROM batch").fetchone()
        made = folder(path, last + 1)
        made.mkdir(parents=True)
        try:
            with Crew(first=ready, helping=True) as crew:
                yield Work(path, catalogue, last + 1, made, threads or os.cpu_count() or 1, crew, Steps(told))
        except BaseException:
            if not _is_entered(path, last + 1):  # an interrupt may come right after
                shutil.rmtree(made, ignore_errors=True)
            raise


def _is_entered(path: Path, no: int) -> bool:
    with reading(path) as catalogue:
        return catalogue.execute("SELECT 1 FROM batch WHERE no = ?", [no]).fetchone() is not None


def add(at: Work, files: Sequence[str], columns: Columns, same: float | None) -> Added:
    """Add the copies of inputs that `corpus.check` has passed. Raises `Unreadable` where no row is a copy."""
    from copydesk.engines.local import Local
    from copydesk.parts import Texts
    from copydesk.sources import corpus

    with closing(Texts(at.folder)) as texts:
        with Local(at.threads, at.folder) as engine:
            at.steps("read")
            at.gather(sum(int(corpus.stamp(file).get("size", 0)) for file in files))
            new, there, reasons = receive(at.catalogue, files, columns, texts, at.folder, engine, at.threads, at.steps.done)
            if new is None:
                if reasons:  # there will be no batch that could have it
                    (at.folder / REJECTED).replace(at.path / REJECTED)
                shutil.rmtree(at.folder)
                told = str(at.path / REJECTED) if reasons else None
                return Added(None, 0, there, reasons.total(), 0, 0, False, dict(reasons), told)
            at.gather(_size(new.table))
            at.steps("find")
            bare = new._replace(table=new.table.select(["copy_id", "n_letters", "length", "digest"]))
            share = settled_same(at.catalogue) or same or same_by_default()
            linked, whole, absorbed = _found(at, bare, share, engine)
        own = new.table.select(["copy_id", *TOLD]).append_column("added", pa.array(np.full(len(bare.table), at.no)))
        what = f"{ADD} {SETTLE}" if whole else ADD
        batch = Batch(at.no, what, own, reasons.total(), whole, share, absorbed)
        told = str(at.folder / REJECTED) if reasons else None
        return _entered(at, batch, linked, texts)._replace(there=there, reasons=dict(reasons), rejected_in=told)


def _size(texts: pa.Table) -> int:
    """Bytes of texts."""
    return pc.sum(texts.column("text_size")).as_py() or 0


def _found(at: Work, new: Seeded, same: float, engine: Local) -> tuple[Linked, bool, dict[int, list[str]]]:
    """The stories of new copies, whether all stories were found anew, and the batches that were absorbed."""
    kept = kept_seeds(at.path, at.catalogue)
    (settled,) = at.catalogue.execute("SELECT coalesce(max(value), 0) FROM fact WHERE name = 'settled'").fetchone()
    if len(kept) + len(new.table) >= GROWN * settled:
        return _everything(at, joined(*_every(at, kept), new), engine, same), True, {}
    boilerplate = latest(live(at.path, at.catalogue), "boilerplate")
    assert boilerplate is not None
    linked = link(at.catalogue, kept, new, boilerplate, same, engine)
    if linked.boilerplate is boilerplate:
        linked = linked._replace(boilerplate=None)
    return linked, False, absorb(at, linked, new, kept)


def settle(at: Work) -> Added:
    """Find all stories anew, learn of the sources anew, and edit all: the archive is then what one run over all gives.

    Raises `ValueError` where there are no copies.
    """
    from copydesk.engines.local import Local
    from copydesk.parts import Texts

    if not len(kept_seeds(at.path, at.catalogue)):
        raise ValueError(f"{at.path} has no copies yet; copydesk add {at.path} FILE... adds some")
    with closing(Texts(at.folder)) as texts:
        at.steps("find")
        share = settled_same(at.catalogue) or same_by_default()
        with Local(at.threads, at.folder) as engine:
            linked = _everything(at, joined(*_every(at, kept_seeds(at.path, at.catalogue))), engine, share)
        return _entered(at, Batch(at.no, SETTLE, NONE, 0, True, share, {}), linked, texts)


def again(at: Work, what: str, story: str, decisions: Sequence[Decision], also: Callable[[sqlite3.Connection], None]) -> Added:
    """Edit a story again, with what was decided; `also` enters that along with the batch, which is called `what`."""
    from copydesk.parts import Texts

    no, batch, made = at.catalogue.execute("SELECT no, batch, made FROM story WHERE id = ?", [story]).fetchone()
    copies = pa.concat_tables([some.select(FOUND) for some in rows(at.path, "copies", {batch: [story]}, FOUND)])
    linked = Linked(copies.sort_by("copy_id"), None, [(no, story, batch, made)], {story: {story}})
    absorbed = absorb(at, linked, None, kept_seeds(at.path, at.catalogue))
    with closing(Texts(at.folder)) as texts:
        return _entered(at, Batch(at.no, what, NONE, 0, False, 0, absorbed), linked, texts, decisions, also)


def absorb(at: Work, linked: Linked, new: Seeded | None, kept: Kept) -> dict[int, list[str]]:
    """Keep the seeds of new copies, and, if the last batches are many and small, theirs.

    Gives the stories of these batches that stay as they were: so there are never many files to look into.
    """
    small: list[int] = []
    for no, stories, whole in at.catalogue.execute(
        "SELECT no, stories, no IN (SELECT batch FROM seeds WHERE first = 0) FROM batch WHERE live ORDER BY no DESC"
    ):
        if whole or stories > SMALL:
            break
        small.append(no)
    if len(small) < MANY:
        if new is not None:
            keep(new, at.folder)
        return {}
    gone = {id_ for _, id_, _, _ in linked.gone}
    absorbed: dict[int, list[str]] = {no: [] for no in small}
    for id_, batch in having(at.catalogue, "SELECT id, batch FROM story WHERE batch", small):
        if id_ not in gone:
            absorbed[batch].append(id_)
    own = [batch for batch in kept.batches if int(batch.path.name) in absorbed]
    if own:
        numbers = np.concatenate([np.arange(batch.first, batch.first + batch.n) for batch in own])
        ids = [id_ for (id_,) in at.catalogue.execute("SELECT id FROM copy WHERE no >= ? ORDER BY no", [int(numbers[0])])]
        keep(joined(kept.seeded(numbers, pa.array(ids, pa.string())), *([new] if new is not None else [])), at.folder)
    elif new is not None:
        keep(new, at.folder)
    return absorbed


NONE = pa.table({"copy_id": pa.array([], pa.string()), "print": pa.array([], pa.binary(16))})
"""No new copies."""


def _everything(at: Work, every: Seeded, engine: Local, same: float) -> Linked:
    """All stories, found anew."""
    from copydesk.find import Settings, among

    keep(every, at.folder)
    found = among(*every, engine, Settings(same))
    gone = at.catalogue.execute("SELECT no, id, batch, made FROM story").fetchall()
    before = dict(at.catalogue.execute("SELECT copy.id, story.id FROM copy JOIN story ON story.no = copy.story"))
    was: dict[str, set[str]] = {}
    for id_, story in zip(found.copies.column("copy_id").to_pylist(), found.copies.column("story_id").to_pylist(), strict=True):
        was.setdefault(story, set()).update({before[id_]} if id_ in before else ())
    return Linked(found.copies, found.boilerplate, gone, was)


def _entered(  # noqa: PLR0917  what a batch is made of
    at: Work,
    batch: Batch,
    linked: Linked,
    texts: Texts,
    decisions: Sequence[Decision] | None = None,
    also: Callable[[sqlite3.Connection], None] = lambda catalogue: None,
) -> Added:
    """Edit the stories, write the folder of the batch, and enter it."""
    at.steps("texts")
    told = old_copies(at.path, linked, texts)
    texts.close()
    if len(batch.new):
        told = pa.concat_tables([told, batch.new.select(told.schema.names)])
    at.gather(_size(told))
    earlier = [] if batch.whole else live(at.path, at.catalogue)
    every = decided.read(at.catalogue) if decisions is None else decisions
    if batch.absorbed and linked.boilerplate is None:
        linked = linked._replace(boilerplate=latest(earlier, "boilerplate"))
    known = latest(earlier, "sources"), known_last(earlier)
    copies = with_told(linked.copies, told)
    with writing(at.path) as catalogue:  # in a transaction, which ends when all is on the disk
        words = enter(catalogue, at.path, batch, linked, copies.select(["copy_id", "story_id", "source"]), also)
        write(at.path, at.folder, batch, linked.boilerplate, copies, *known, every, at.steps, at.crew, words.enter)
        at.steps("write")
        editions = words.end()
        close(catalogue, batch, len(copies.column("story_id").unique()))
        sync(at.folder)
    return Added(batch.no, len(batch.new), 0, batch.rejected, len(linked.was), editions, batch.whole, {})


def _every(at: Work, kept: Kept) -> tuple[Seeded, ...]:
    """The seeds of all copies that are kept, if there are any."""
    if not len(kept):
        return ()
    ids = [id_ for (id_,) in at.catalogue.execute("SELECT id FROM copy ORDER BY no")]
    return (kept.seeded(np.arange(len(kept)), pa.array(ids, pa.string())),)


def kept_seeds(path: Path, catalogue: sqlite3.Connection) -> Kept:
    """The seeds of all copies."""
    every = catalogue.execute("SELECT batch, first, n FROM seeds ORDER BY first")
    return Kept([Seeds(folder(path, no), first, n) for no, first, n in every])


def live(path: Path, catalogue: sqlite3.Connection) -> list[Path]:
    """The folders of batches that have rows that count, in order."""
    return [folder(path, no) for (no,) in catalogue.execute("SELECT no FROM batch WHERE live ORDER BY no")]


def settled_same(catalogue: sqlite3.Connection) -> float | None:
    """What share of the shorter text makes a story in this archive; None before the first batch."""
    (share,) = catalogue.execute("SELECT max(value) FROM fact WHERE name = 'same'").fetchone()
    return None if share is None else float(share)


def same_by_default() -> float:
    """What share of the shorter text makes a story unless it is told."""
    from copydesk.find import DEFAULT

    return DEFAULT.same


def decide(at: Work, made: Decision, story: str) -> None:
    """Enter a decision and edit its story again."""

    def also(catalogue: sqlite3.Connection) -> None:
        decided.keep(catalogue, made)

    again(at, f"{decided.DECIDED} {made.no}", story, (*decided.read(at.catalogue), made), also)


def undo(at: Work, no: int, now: str) -> None:
    """Take a decision back, and edit its story again. Raises `KeyError` where there is none, or it was taken back before."""
    standing = decided.read(at.catalogue)
    taken = next((decision for decision in standing if decision.no == no), None)
    if taken is None:
        raise KeyError(no)

    def also(catalogue: sqlite3.Connection) -> None:
        catalogue.execute("UPDATE decision SET undone = ? WHERE no = ?", [now, no])

    query = "SELECT story.id FROM copy JOIN story ON story.no = copy.story WHERE copy.id = ?"
    (story,) = at.catalogue.execute(query, [taken.copy]).fetchone()
    again(at, f"{decided.UNDONE} {no}", story, [decision for decision in standing if decision is not taken], also)
