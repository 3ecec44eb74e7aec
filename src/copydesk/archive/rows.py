"""Rows of stories out of the tables of an archive, without reading what lies between them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from copydesk.archive.catalogue import folder
from copydesk.engines.local import in_threads
from copydesk.model import Copy
from copydesk.tables import short

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

GROUPED = {"texts": 64, "stories": 64, "copies": 2048, "variants": 512, "spans": 4096}
"""Rows of a row group: what is read for one story. Of other tables it is as for `spans`."""
TOGETHER, READERS = 4, 2
"""Row groups that are read at a time, at most, and threads that read some. For more, memory is asked for anew each time."""


def rows(
    path: Path, table: str, stories: Mapping[int, Sequence[str]], columns: Sequence[str] | None = None
) -> Iterator[pa.Table]:
    """The rows of stories in a table, as the batches (their numbers) have them, some at a time."""
    for batch, ids in sorted(stories.items()):
        file = folder(path, batch) / f"{table}.parquet"
        if ids and file.is_file():
            yield from _rows(file, sorted(ids), columns)


def copies_of(path: Path, catalogue: sqlite3.Connection, story: str) -> list[Copy]:
    """The copies of a story as they were read. Raises `KeyError` where there is no such story."""
    (batch,) = catalogue.execute("SELECT batch FROM story WHERE id = ?", [story]).fetchone() or (None,)
    if batch is None:
        raise KeyError(story)
    columns = ["copy_id", "source", "published", "url"]
    told = {
        row.pop("copy_id"): row
        for some in rows(path, "copies", {batch: [story]}, columns)
        for row in some.drop_columns(["story_id"]).to_pylist()
    }
    texts = [row for some in rows(path, "texts", {batch: [story]}) for row in some.to_pylist()]
    return [Copy(row["copy_id"], row["text"], **told[row["copy_id"]]) for row in texts]


def _rows(path: Path, ids: Sequence[str], columns: Sequence[str] | None) -> Iterator[pa.Table]:
    read = None if columns is None else ["story_id", *columns]
    told, firsts, lasts = groups(path)
    within = [
        group
        for group in range(bisect_left(lasts, ids[0]), bisect_right(firsts, ids[-1]))
        if (at := bisect_left(ids, firsts[group])) < len(ids) and ids[at] <= lasts[group]
    ]

    starts = range(0, len(within), TOGETHER)

    def some(start: int) -> pa.Table:
        these = within[start : start + TOGETHER]
        own = ids[bisect_left(ids, firsts[these[0]]) : bisect_right(ids, lasts[these[-1]])]
        with pq.ParquetFile(path, metadata=told) as file:
            table = file.read_row_groups(these, read, use_threads=len(starts) < READERS)
        return taken(table, pc.is_in(table.column("story_id"), pa.array(own, pa.string())))

    if len(starts) < READERS:
        yield from map(some, starts)
        return
    with ThreadPoolExecutor(READERS) as readers:
        yield from in_threads(readers, some, starts, READERS)


def taken(table: pa.Table, mask: pa.ChunkedArray) -> pa.Table:
    """The rows of a table where a mask is true: not copied where they stand together, as those of one story do."""
    at = np.flatnonzero(mask)
    if len(at) and at[-1] - at[0] == len(at) - 1:
        return table.slice(at[0], len(at))
    return table.filter(mask)


def groups(path: Path) -> tuple[pq.FileMetaData, list[str], list[str]]:
    """What the end of a file tells, and the first and the last story of each row group; kept, once it was read."""
    return _groups(path, path.stat().st_mtime_ns)


@lru_cache(256)
def _groups(path: Path, _: int) -> tuple[pq.FileMetaData, list[str], list[str]]:
    # A file of a batch never changes, but an archive can be made anew in the place of another: so when it was made counts.
    told = pq.read_metadata(path)
    column = told.schema.to_arrow_schema().get_field_index("story_id")
    ends = [told.row_group(group).column(column).statistics for group in range(told.num_row_groups)]
    return told, [end.min for end in ends], [end.max for end in ends]


def grouped(table: str) -> int:
    """Rows of a row group of a table: so few that one story is read fast."""
    return GROUPED.get(table, GROUPED["spans"])


def regroup(path: Path, more: Sequence[pa.Table], by: Sequence[str]) -> None:
    """Write a table again with more rows, in order, in row groups as `grouped` says."""
    new = path.with_suffix(".new")
    every = pa.concat_tables([pq.read_table(path), *more], promote_options="default")
    every = every.sort_by([(name, "ascending") for name in by])
    pq.write_table(every, new, grouped(path.stem), compression="zstd", write_statistics=short(every.schema))
    new.replace(path)
