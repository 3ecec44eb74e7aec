"""The desk: an archive that grows, to be added to and asked."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.archive import catalogue as kept_in
from copydesk.archive import decisions as decided
from copydesk.archive import grow
from copydesk.archive.alone import alone, is_begun
from copydesk.archive.catalogue import NoArchive, is_archive, reading
from copydesk.archive.rows import copies_of
from copydesk.archive.write import latest
from copydesk.model import Misused

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import pyarrow as pa

    from copydesk.archive.decisions import Decision
    from copydesk.archive.find import Answer
    from copydesk.archive.grow import Added
    from copydesk.archive.history import Then
    from copydesk.archive.kept import Kept, Numbers
    from copydesk.archive.search import Hits
    from copydesk.model import Copy, Edition
    from copydesk.sources.corpus import Columns
    from copydesk.steps import Told


class Seen(NamedTuple):
    """What texts are looked up in, as of a batch: its number, and when its folder was made, lest it is of another archive."""

    batch: tuple[int, int]
    kept: Kept
    boilerplate: Numbers
    same: float


class Desk:
    """An archive: the folder that `copydesk add` writes. Many may read it while one writes.

    >>> desk = copydesk.open("my.desk")  # doctest: +SKIP
    >>> desk.add("feed.jsonl").copies  # doctest: +SKIP
    1000
    >>> desk.find(text).matches[0].story  # doctest: +SKIP
    'a-17'
    """

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

        Raises `Unreadable` for input that is none, `NoArchive`, `OSError`, and `Misused` for what cannot be.
        """
        from copydesk.sources import corpus

        columns = columns or corpus.DEFAULT
        if columns.story:
            raise Misused("an archive finds its stories; a column cannot name them")
        given = [names] if isinstance(names, str | Path) else names
        files = corpus.check([os.fspath(name) for name in given], columns)
        if self.path.exists() and not is_archive(self.path) and not is_begun(self.path):
            raise NoArchive(f"{self.path} is there and no archive, so nothing is written into it; name another")
        with alone(self.path, noted), kept_in.begun(self.path):
            with reading(self.path) as catalogue:
                share = grow.settled_same(catalogue)
            if None not in (share, same) and share != same:
                raise Misused(f"the archive was made with --same {share:g}, which cannot be changed; make another archive")
            with grow.work(self.path, threads, told) as work:
                return grow.add(work, files, columns, same)

    def settle(
        self,
        *,
        threads: int | None = None,
        told: Told = lambda step, done, of: None,
        noted: Callable[[str], None] = lambda note: None,
    ) -> Added:
        """Find all stories anew, learn of the sources anew, and edit all: the archive is then what one run over all gives."""
        with self._writing(noted), grow.work(self.path, threads, told) as work:
            return grow.settle(work)

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

        Raises `KeyError` where there is no such story.
        """
        for _, edition in self.editions(story_id):
            return edition
        raise KeyError(story_id)

    def editions(self, story_id: str | None = None) -> Iterator[tuple[str, Edition]]:
        """All stories in order of their ids, or one, with editions as `edition` makes them, whatever is added meanwhile."""
        from copydesk.again import editions
        from copydesk.archive.moment import Moment

        return editions(Moment(self.path), story_id)

    def history(self, story_id: str) -> list[Then]:
        """The editions that a story had, the latest first, with what changed; a name that it had before will do.

        Raises `KeyError` where there is none.
        """
        from copydesk.archive.history import history

        with reading(self.path) as catalogue:
            return history(self.path, catalogue, story_id)

    def overrule(  # noqa: PLR0917  what a choice is known by
        self,
        story_id: str,
        start: int,
        end: int,
        reading_: str,
        note: str = "",
        version: int | None = None,
        noted: Callable[[str], None] = lambda note: None,
    ) -> Decision:
        """Choose another reading for the variant at `[start, end)` of a story's edition (of its last version, unless told).

        `reading_` is its text. The story is edited again at once, and each later edition has it so, as long as the variant is
        there. Raises `KeyError` where there is no such story, variant or reading.
        """
        from copydesk.again import apparatus
        from copydesk.archive.moment import Moment

        with self._writing(noted), grow.work(self.path, 1) as work:
            versions = apparatus(Moment(self.path), story_id)
            own = next((of for row, of in versions if row["version"] == (version or len(versions))), None)
            if own is None:
                raise KeyError((story_id, version))
            made = decided.decision(work.catalogue, own, *decided.anchored(own, start, end, reading_), note, _now())
            grow.decide(work, made, story_id)
            return made

    def undo(self, decision: int, noted: Callable[[str], None] = lambda note: None) -> None:
        """Take a decision back, by its number. Raises `KeyError` where there is none, or it was taken back before."""
        with self._writing(noted), grow.work(self.path, 1) as work:
            grow.undo(work, decision, _now())

    def decisions(self, story_id: str | None = None) -> list[Decision]:
        """The decisions about a story, or about all, in order of time: those that stand, are lost, or were undone."""
        with reading(self.path) as catalogue:
            return decided.told(self.path, catalogue, story_id)

    def _writing(self, noted: Callable[[str], None]) -> AbstractContextManager[None]:
        """Nobody else writes; the archive must be there. Raises `NoArchive`."""
        with reading(self.path):
            return alone(self.path, noted)

    def _looked(self, catalogue: sqlite3.Connection) -> Seen:
        """What is looked up in, as of the last batch."""
        (last,) = catalogue.execute("SELECT coalesce(max(no), 0) FROM batch").fetchone()
        batch = last, kept_in.folder(self.path, last).stat().st_mtime_ns if last else 0
        if self._seen is None or self._seen.batch != batch:
            table = latest(grow.live(self.path, catalogue), "boilerplate")
            boilerplate = np.empty(0, np.uint64) if table is None else table.column("seed").to_numpy()
            same = grow.settled_same(catalogue) or grow.same_by_default()
            self._seen = Seen(batch, grow.kept_seeds(self.path, catalogue), boilerplate, same)
        return self._seen


def open(path: str | Path) -> Desk:
    """An archive, to be added to and asked; if there is none, the first `add` makes it.

    Raises `NoArchive` for what is there and is none, `OSError`.
    """
    there = Path(path)
    if there.exists() and not (there.is_dir() and is_begun(there)):
        with reading(there):
            pass
    return Desk(path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
