"""An archive at one moment, as the folder of a run is: all its stories in order, or the rows that are wanted of a table."""

from __future__ import annotations

from functools import lru_cache
from heapq import merge
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from copydesk.again import filters
from copydesk.archive import decisions, grow
from copydesk.archive.catalogue import folder, reading
from copydesk.archive.rows import groups, rows
from copydesk.archive.tables import NAMES, WHOLE
from copydesk.archive.write import known_last
from copydesk.model import NOTHING, Edition, Known
from copydesk.tables import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copydesk.again import Row

BATCH = 1_000
"""Rows of a table that are held at a time, of each batch."""


class Moment:
    """An archive as it is when this is made, whatever is added later.

    Files that no longer count stay for an hour, so that it can be read to its end. Raises `NoArchive`.
    """

    given = None
    """The column that says what the stories are: none does, they are found."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with reading(self.path) as catalogue:
            self._live = [no for (no,) in catalogue.execute("SELECT no FROM batch WHERE live ORDER BY no")]
            self._batch: dict[str, int] = dict(catalogue.execute("SELECT id, batch FROM story"))
            self._decisions = decisions.read(catalogue)
            (self.n_copies,) = catalogue.execute("SELECT count(*) FROM copy").fetchone()
            self.same = grow.settled_same(catalogue) or grow.same_by_default()
        self._ids = lru_cache(self._of_batch)

    def has(self, table: str) -> bool:
        """Whether there is such a table."""
        return bool(self._files(table))

    def table(
        self, name: str, columns: Sequence[str] | None = None, where: Mapping[str, Sequence[object]] | None = None
    ) -> pa.Table:
        """A table, or some columns of it, of the rows that have in a column one of some values. It must be there (`has`)."""
        if name in WHOLE:
            return pq.read_table(self._files(name)[-1][1], columns=columns, filters=filters(where))
        read = None if columns is None else [*dict.fromkeys(("story_id", *columns))]
        parts = []
        for batch, file in self._files(name):
            part = pq.read_table(file, columns=read, filters=filters(where))
            part = part.filter(pc.is_in(part.column("story_id"), self._ids(batch)))
            parts.append(part if columns is None else part.select(columns))
        return pa.concat_tables(parts, promote_options="default")

    def ready(self) -> None:
        """Look now where stories lie in the tables, lest the first who asks for one waits for that."""
        for table in NAMES:
            for _, file in self._files(table):
                groups(file)

    def of(self, story: str, name: str, columns: Sequence[str] | None = None) -> pa.Table | None:
        """The rows of a story in a table, in their order, with its `story_id`; None where there are none."""
        batch = self._batch.get(story)
        more = None if columns is None else [column for column in columns if column != "story_id"]
        some = [] if batch is None else [*rows(self.path, name, {batch: [story]}, more)]
        return pa.concat_tables(some, promote_options="default") if some else None

    def rows(self, table: str, columns: Sequence[str], story: str | None = None) -> Iterator[Row]:
        """The rows of a table in order of their stories, some thousand at a time; of one story where it is named."""
        if story is not None:
            found = self.of(story, table, columns)
            yield from () if found is None else found.to_pylist()
            return
        every = [self._rows(batch, file, columns) for batch, file in self._files(table)]
        yield from merge(*every, key=itemgetter("story_id"))

    def known(self) -> Known:
        """What was learned of the sources when the archive was settled."""
        return known_last(folder(self.path, no) for no in self._live) or NOTHING

    def decided(self, edition: Edition) -> Edition:
        """An edition with what readers decided about it."""
        return decisions.decided(self._decisions, edition)

    def _files(self, table: str) -> list[tuple[int, Path]]:
        return [(no, file) for no in self._live if (file := folder(self.path, no) / f"{table}.parquet").is_file()]

    def _of_batch(self, batch: int) -> pa.Array:
        """The stories whose rows a batch has."""
        return pa.array([story for story, of in self._batch.items() if of == batch], pa.string())

    def _rows(self, batch: int, file: Path, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        with opened(file) as table:
            for some in table.iter_batches(BATCH, columns=list(columns)):
                yield from (row for row in some.to_pylist() if self._batch.get(row["story_id"]) == batch)
