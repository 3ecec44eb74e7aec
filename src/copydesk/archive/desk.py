"""The desk: an archive that grows, to be added to and asked."""

from __future__ import annotations

import os
import shutil
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
from copydesk.archive.receive import REJECTED, TOLD, receive
from copydesk.archive.write import Batch, enter, known_and_sources, old_copies, sync, write

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from copydesk.sources.corpus import Columns
    from copydesk.steps import Told

GROWN = 2
"""An archive that has grown to so many times what was settled is settled anew."""


class Added(NamedTuple):
    """What an add did: the batch (None: nothing was new), its copies, and those that were there, or could not be taken.

    `stories` were edited, of which `editions` have other words than before. `settled`: all stories were found anew.
    """

    batch: int | None
    copies: int
    there: int
    rejected: int
    stories: int
    editions: int
    settled: bool


class Desk:
    """An archive: the folder that `copydesk add` writes."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

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

    def settle(self, *, threads: int | None = None, told: Told = lambda step, done, of: None, noted: Callable[[str], None] = lambda note: None) -> Added:
        """Find all stories anew, learn of the sources anew, and edit all: the archive is then what one run over all gives."""
        from copydesk.sources import corpus

        with reading(self.path):
            pass
        with alone(self.path, noted):
            return self._work("settle", [], corpus.DEFAULT, None, threads or os.cpu_count() or 1, told)

    def _work(self, what: str, files: Sequence[str], columns: Columns, same: float | None, threads: int, told: Told) -> Added:
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

    def _batch(  # noqa: PLR0917
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
        from copydesk.steps import Steps

        steps = Steps(told)
        kept = kept_seeds(self.path, catalogue)
        facts = dict(catalogue.execute("SELECT name, value FROM fact"))
        texts = Texts(work)
        there = rejected = 0
        new: Seeded | None = None
        with Local(threads, work) as engine:
            if files:
                steps("read")
                received = receive(catalogue, files, columns, texts, work, engine, threads, steps.done)
                new, there, rejected = received
                if new is None:
                    shutil.rmtree(work)
                    return Added(None, 0, there, rejected, 0, 0, False)
            n_new = len(new.table) if new else 0
            settles = batch.what == "settle" or len(kept) + n_new >= GROWN * facts.get("settled", 0)
            share = facts.get("same") or same or DEFAULT.same
            steps("find")
            known, sources, boilerplate = known_and_sources(self.path, [] if settles else self._live(catalogue))
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
            added = new.table.select(["copy_id", *TOLD]).drop_columns(["print"]).append_column("added", pa.array(np.full(n_new, batch.no)))
            told_of = pa.concat_tables([told_of, added.select(told_of.schema.names)])
        counts = write(work, linked, told_of, sources, known, steps, threads)
        steps("write")
        sync(work)
        batch = batch._replace(new=_NONE if new is None else new.table, rejected=rejected, whole=settles)
        editions = enter(self.path, work, batch, linked)
        return Added(batch.no, n_new, there, rejected, len(linked.was), editions, settles)

    def _live(self, catalogue: sqlite3.Connection) -> list[Path]:
        return [folder(self.path, no) for (no,) in catalogue.execute("SELECT no FROM batch WHERE live ORDER BY no")]

    def _every(self, kept: Kept, catalogue: sqlite3.Connection) -> Seeded:
        ids = [id_ for (id_,) in catalogue.execute("SELECT id FROM copy ORDER BY no")]
        return kept.seeded(np.arange(len(kept)), pa.array(ids, pa.string()))


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
