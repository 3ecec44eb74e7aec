"""The desk: an archive that grows, to be added to and asked."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from copydesk.archive import catalogue as kept_in
from copydesk.archive.alone import alone
from copydesk.archive.catalogue import NoArchive, folder, is_archive, reading
from copydesk.archive.kept import Batch as Seeds
from copydesk.archive.kept import Kept, Seeded, joined, keep
from copydesk.archive.link import Linked, link
from copydesk.archive.receive import TOLD, receive
from copydesk.archive.rows import copies_of
from copydesk.archive.write import Batch, enter, known_last, latest, old_copies, sync, write

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from copydesk.archive.find import Answer
    from copydesk.archive.history import Then
    from copydesk.archive.kept import Numbers
    from copydesk.archive.search import Hits
    from copydesk.model import Copy, Edition
    from copydesk.sources.corpus import Columns
    from copydesk.steps import Told

GROWN = 2
"""An archive that has grown to so many times what was settled is settled anew."""


class Added(NamedTuple):
    """What an add did: the batch (None: nothing was new), its copies, and those that were there, or could not be taken.

    `stories` were edited, which made `editions` that were not there before. `settled`: all stories were found anew. `reasons`
    says why copies were rejected, and how many for each.
    """

    batch: int | None
    copies: int
    there: int
    rejected: int
    stories: int
    editions: int
    settled: bool
    reasons: dict[str, int]


class Seen(NamedTuple):
    """What texts are looked up in, as of the batch `last`."""

    last: int
    kept: Kept
    boilerplate: Numbers
    same: float


class Desk:
    """An archive: the folder that `copydesk add` writes."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._seen: Seen | None = None

    def __repr__(self) -> str:
        """The folder."""
        return f"<Desk {str(self.path)!r}>"

    def add(
        self,
        names: str | Path | Sequence[str | Path],
        *,
        same: float | None = None,
        columns: Columns | None = None,
        threads: int | None = None,
        told: Told = lambda step, done, of: None,
        noted: Callable[[str], None] = lambda note: None,
    ) -> Added:
        """Add the copies of files, folders or patterns, as `copydesk.run` reads them; the archive is made if there is none.

        `same` can be set when it is made. The archive is as before or as after, whatever happens. If another process writes it,
        `noted` hears so, and this one waits. Copies that are there already change nothing.

        Raises `Unreadable` for input that is none, `NoArchive`, `OSError`, and `ValueError` for what cannot be.
        """
        from copydesk.sources import corpus

        columns = columns or corpus.DEFAULT
        if columns.story:
            raise ValueError("an archive finds its stories; a column cannot name them")
        given = [names] if isinstance(names, str | Path) else names
        files = corpus.check([os.fspath(name) for name in given], columns)
        if self.path.exists() and not is_archive(self.path) and any(self.path.iterdir()):
            raise NoArchive(f"{self.path} is there and no archive, so nothing is written into it; name another")
        with alone(self.path, noted):
            if not is_archive(self.path):
                kept_in.create(self.path)
            return self._work("add", files, columns, same, threads or os.cpu_count() or 1, told)

    def settle(
        self,
        *,
        threads: int | None = None,
        told: Told = lambda step, done, of: None,
        noted: Callable[[str], None] = lambda note: None,
    ) -> Added:
        """Find all stories anew, learn of the sources anew, and edit all: the archive is then what one run over all gives."""
        from copydesk.sources import corpus

        with reading(self.path):
            pass
        with alone(self.path, noted):
            return self._work("settle", [], corpus.DEFAULT, None, threads or os.cpu_count() or 1, told)

    def find(self, text: str) -> Answer:
        """Whether the archive has a text: the stories that have it or a part of it, copies, coverage, what differs."""
        from copydesk.archive.find import find

        with reading(self.path) as catalogue:
            seen = self._looked(catalogue)
            return find(self.path, catalogue, seen.kept, seen.boilerplate, text, seen.same)

    def search(self, words: str, *, limit: int = 10, offset: int = 0) -> Hits:
        """The editions that have some words, best first; see `copydesk.archive.search` for what can be asked."""
        from copydesk.archive.search import search

        with reading(self.path) as catalogue:
            return search(self.path, catalogue, words, limit, offset)

    def history(self, story: str) -> list[Then]:
        """The editions that a story had, the latest first, with what changed. Raises `KeyError` where there is none."""
        from copydesk.archive.history import history

        with reading(self.path) as catalogue:
            return history(self.path, catalogue, story)

    def sql(self, query: str, values: Sequence[object] = ()) -> pa.Table:
        """What a query of SQL gives; the tables are those of `copydesk.archive.tables.connect`. It can read, and no more.

        Raises `ValueError` for what is no query, or cannot be asked.
        """
        from copydesk.archive.tables import ask

        return ask(self.path, query, values)

    def stories(self) -> pa.Table:
        """The stories with their editions, in order of their ids."""
        return self.sql("SELECT * FROM stories ORDER BY story_id, version")

    def copies(self, story_id: str) -> list[Copy]:
        """The copies of a story as they were read. Raises `KeyError` where there is no such story."""
        with reading(self.path) as catalogue:
            return copies_of(self.path, catalogue, story_id)

    def edition(self, story_id: str) -> Edition:
        """The edition of a story, made again of its copies, with all that the tables leave out, and with what was decided.

        Raises `KeyError` where there is no such story, and what `reconcile` raises.
        """
        from copydesk.model import NOTHING
        from copydesk.story import reconcile

        with reading(self.path) as catalogue:
            return reconcile(copies_of(self.path, catalogue, story_id), known_last(self._live(catalogue)) or NOTHING)

    def _looked(self, catalogue: sqlite3.Connection) -> Seen:
        """What is looked up in, as of the last batch."""
        from copydesk.find import DEFAULT

        facts = dict(catalogue.execute("SELECT name, value FROM fact"))
        (last,) = catalogue.execute("SELECT coalesce(max(no), 0) FROM batch").fetchone()
        if self._seen is None or self._seen.last != last:
            table = latest(self._live(catalogue), "boilerplate")
            boilerplate = np.empty(0, np.uint64) if table is None else table.column("seed").to_numpy()
            self._seen = Seen(last, kept_seeds(self.path, catalogue), boilerplate, facts.get("same", DEFAULT.same))
        return self._seen

    def _work(  # noqa: PLR0917  what a batch is made of
        self, what: str, files: Sequence[str], columns: Columns, same: float | None, threads: int, told: Told
    ) -> Added:
        """Add a batch: the copies of files, if any, and what comes of them."""
        with reading(self.path) as catalogue:
            (last,) = catalogue.execute("SELECT coalesce(max(no), 0) FROM batch").fetchone()
            work = folder(self.path, last + 1)
            work.mkdir(parents=True)
            try:
                return self._batch(catalogue, work, Batch(last + 1, what, _NONE, 0, False), files, columns, same, threads, told)
            except BaseException:
                shutil.rmtree(work, ignore_errors=True)
                raise

    def _batch(  # noqa: PLR0917  what a batch is made of
        self,
        catalogue: sqlite3.Connection,
        work: Path,
        batch: Batch,
        files: Sequence[str],
        columns: Columns,
        same: float | None,
        threads: int,
        told: Told,
    ) -> Added:
        from copydesk.engines.local import Local
        from copydesk.find import DEFAULT, Settings, among
        from copydesk.parts import Texts
        from copydesk.sources import Unreadable
        from copydesk.steps import Steps

        steps = Steps(told)
        kept = kept_seeds(self.path, catalogue)
        facts = dict(catalogue.execute("SELECT name, value FROM fact"))
        texts = Texts(work)
        there = 0
        reasons: Counter[str] = Counter()
        new: Seeded | None = None
        with Local(threads, work) as engine:
            if files:
                steps("read")
                received = receive(catalogue, files, columns, texts, work, engine, threads, steps.done)
                new, there, reasons = received
                if new is None:
                    if not there and not reasons:
                        raise Unreadable(f"there is no copy to read in {len(files)} files")
                    shutil.rmtree(work)
                    return Added(None, 0, there, reasons.total(), 0, 0, False, dict(reasons))
            n_new = len(new.table) if new else 0
            settles = batch.what == "settle" or len(kept) + n_new >= GROWN * facts.get("settled", 0)
            share = facts.get("same") or same or DEFAULT.same
            steps("find")
            live = [] if settles else self._live(catalogue)
            known, sources, boilerplate = known_last(live), latest(live, "sources"), latest(live, "boilerplate")
            if settles:
                own = () if new is None else (_bare(new),)
                every = joined(*((self._every(kept, catalogue), *own) if len(kept) else own))
                keep(every, work)
                found = among(*every, engine, Settings(share))
                gone = catalogue.execute("SELECT no, id, batch FROM story").fetchall()
                linked = Linked(found.copies, found.boilerplate, gone, _was(catalogue, found.copies))
            else:
                assert new is not None
                assert boilerplate is not None
                keep(_bare(new), work)
                linked = link(catalogue, kept, _bare(new), boilerplate, share, engine)
        steps("texts")
        told_of = old_copies(self.path, linked, texts)
        texts.close()
        if new is not None:
            added = (
                new.table.select(["copy_id", *TOLD])
                .drop_columns(["print"])
                .append_column("added", pa.array(np.full(n_new, batch.no)))
            )
            told_of = pa.concat_tables([told_of, added.select(told_of.schema.names)])
        write(work, linked, told_of, sources, known, steps, threads)
        steps("write")
        sync(work)
        batch = batch._replace(new=_NONE if new is None else new.table, rejected=reasons.total(), whole=settles)
        editions = enter(self.path, work, batch, linked)
        return Added(batch.no, n_new, there, reasons.total(), len(linked.was), editions, settles, dict(reasons))

    def _live(self, catalogue: sqlite3.Connection) -> list[Path]:
        return [folder(self.path, no) for (no,) in catalogue.execute("SELECT no FROM batch WHERE live ORDER BY no")]

    def _every(self, kept: Kept, catalogue: sqlite3.Connection) -> Seeded:
        ids = [id_ for (id_,) in catalogue.execute("SELECT id FROM copy ORDER BY no")]
        return kept.seeded(np.arange(len(kept)), pa.array(ids, pa.string()))


def open(path: str | Path) -> Desk:
    """An archive, to be added to and asked.

    >>> desk = copydesk.open("my.desk")  # doctest: +SKIP
    >>> desk.find(text).matches[0].story  # doctest: +SKIP
    """
    return Desk(path)


_NONE = pa.table({"copy_id": pa.array([], pa.string()), "print": pa.array([], pa.binary(16))})


def kept_seeds(path: Path, catalogue: sqlite3.Connection) -> Kept:
    """The seeds of all copies."""
    rows = catalogue.execute("SELECT batch, first, n FROM seeds ORDER BY first")
    return Kept([Seeds(folder(path, no), first, n) for no, first, n in rows])


def _bare(new: Seeded) -> Seeded:
    """The same with no more columns than finding needs."""
    return new._replace(table=new.table.select(["copy_id", "n_letters", "length", "digest"]))


def _was(catalogue: sqlite3.Connection, copies: pa.Table) -> dict[str, set[str]]:
    """The stories that the copies of each story were in before."""
    before = dict(catalogue.execute("SELECT copy.id, story.id FROM copy JOIN story ON story.no = copy.story"))
    was: dict[str, set[str]] = {}
    for id_, story in zip(copies.column("copy_id").to_pylist(), copies.column("story_id").to_pylist(), strict=True):
        was.setdefault(story, set())
        if id_ in before:
            was[story].add(before[id_])
    return was
