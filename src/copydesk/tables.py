"""The tables of a run: what columns they have, how editions become rows, and how rows become files."""

from __future__ import annotations

from itertools import accumulate, chain, pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from copydesk.model import Copy, Edition, Known, Rate

ROWS = 131_072
"""Rows of a row group of a table that is in memory."""
GROUP = 32 << 20
"""Bytes of rows that make a row group of a table that grows."""
SIZES = (1, 2, 3, 6, 11, 101, 1001)
"""Numbers of copies from which stories are counted together."""
SHOWN = 10
"""The largest stories, and the sources of most boilerplate, that are named."""

COPIES = (
    *("copy_id", "story_id", "source", "published", "url", "relation", "nearest_copy", "coverage", "coverage_of_nearest"),
    *("n_letters", "story_letters", "line", "other"),
)
SOURCES = pa.schema(
    [("source", pa.string()), ("n_copies", pa.int64()), ("n_letters", pa.int64()), ("boilerplate_letters", pa.int64())]
)
RATE = pa.struct([("kind", pa.string()), ("n", pa.float64()), ("of", pa.float64())])
EXAMPLE = pa.struct([("kind", pa.string()), ("copy_id", pa.string()), ("start", pa.int64()), ("end", pa.int64())])
KNOWN_SOURCES = pa.schema([*SOURCES, ("n_stories", pa.int64()), ("rates", pa.list_(RATE)), ("examples", pa.list_(EXAMPLE))])
GROUPED = pa.schema([("story_id", pa.string()), ("n_copies", pa.int64())])
TEXTS = pa.schema([("story_id", pa.string()), ("copy_id", pa.string()), ("text", pa.string())])
STORIES = pa.schema(
    [
        ("story_id", pa.string()),
        ("version", pa.int32()),
        ("n_copies", pa.int64()),
        ("n_lines", pa.int64()),
        ("text", pa.string()),
        ("title", pa.string()),
        ("published", pa.string()),
        ("confidence", pa.float64()),
        ("n_variants", pa.int64()),
    ]
)
SPANS = pa.schema(
    [
        ("story_id", pa.string()),
        ("version", pa.int32()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("copy_id", pa.string()),
        ("copy_start", pa.int64()),
        ("copy_end", pa.int64()),
        ("repaired", pa.string()),
    ]
)
READING = pa.struct([("text", pa.string()), ("copies", pa.list_(pa.string())), ("starts", pa.list_(pa.int64()))])
READINGS = pa.list_(READING)
VARIANTS = pa.schema(
    [
        ("story_id", pa.string()),
        ("version", pa.int32()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("kind", pa.string()),
        ("chosen", pa.int32()),
        ("reason", pa.string()),
        ("confidence", pa.float64()),
        ("readings", READINGS),
    ]
)
LEFT_OUT = pa.schema([("story_id", pa.string()), ("copy_id", pa.string()), ("reason", pa.string())])
CHANGE = pa.struct([(name, pa.int64()) for name in ("start", "end", "was_start", "was_end")])
VERSIONS = pa.schema(
    [
        ("story_id", pa.string()),
        ("version", pa.int32()),
        ("copies", pa.list_(pa.string())),
        ("reason", pa.string()),
        ("changes", pa.list_(CHANGE)),
    ]
)
STRETCH = pa.struct([("start", pa.int64()), ("end", pa.int64())])
STRETCHES = pa.list_(STRETCH)
COPY_IDS = pa.list_(pa.string())
ITEM = [
    ("story_id", pa.string()),
    ("version", pa.int32()),
    ("id", pa.string()),
    ("start", pa.int64()),
    ("end", pa.int64()),
]
"""Which item of the record of which edition, and from where to where in its text."""
BEHIND = [("copies", COPY_IDS), ("witnesses", COPY_IDS)]
"""The copies from which the item was taken, and those that have all of it to the letter."""
STATEMENTS = pa.schema(
    [
        *ITEM,
        ("type", pa.string()),
        ("source_text", pa.string()),
        ("cue_text", pa.string()),
        ("content_text", pa.string()),
        ("kind", pa.string()),
        ("name", pa.string()),
        ("source", STRETCHES),
        ("cue", STRETCHES),
        ("content", STRETCHES),
        ("via", pa.list_(pa.struct([("name", pa.string()), ("source", STRETCH), ("cue", STRETCH)]))),
        ("hedges", STRETCHES),
        ("rule", pa.string()),
        ("implied", pa.bool_()),
        *BEHIND,
    ]
)
FIGURES = pa.schema(
    [
        *ITEM,
        ("text", pa.string()),
        ("kind", pa.string()),
        ("value", pa.float64()),
        ("high", pa.float64()),
        ("comparison", pa.string()),
        ("unit", pa.string()),
        ("since", pa.string()),
        ("as_of", pa.string()),
        ("source", pa.string()),
        ("statement", pa.string()),
        *BEHIND,
    ]
)
DATES = pa.schema(
    [
        *ITEM,
        ("text", pa.string()),
        ("timex", pa.string()),
        ("mod", pa.string()),
        ("first", pa.string()),
        ("last", pa.string()),
        ("anchor", pa.string()),
        ("anchor_from", pa.string()),
        ("anchor_copies", COPY_IDS),
        *BEHIND,
    ]
)
NAMES = pa.schema(
    [*ITEM, ("name", pa.string()), ("kind", pa.string()), ("title", pa.string()), ("mentions", STRETCHES), *BEHIND]
)
METADATA = pa.schema(
    [
        ("story_id", pa.string()),
        ("version", pa.int32()),
        ("name", pa.string()),
        ("value", pa.string()),
        ("rule", pa.string()),
        ("implied", pa.bool_()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("copies", COPY_IDS),
    ]
)
LINES = pa.schema([("copy_id", pa.string()), ("line", pa.string())])
DAMAGE = pa.schema(
    [
        ("source", pa.string()),
        ("kind", pa.string()),
        ("n", pa.int64()),
        ("n_stories", pa.int64()),
        ("copy_id", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
    ]
)
OF_STORIES = {
    "stories": STORIES,
    "spans": SPANS,
    "variants": VARIANTS,
    "versions": VERSIONS,
    "left_out": LEFT_OUT,
    "lines": LINES,
    "damage": DAMAGE,
}
"""The tables that editions make; `lines` becomes a column of `copies`, `damage` of `sources`."""
OF_RECORD = {"statements": STATEMENTS, "figures": FIGURES, "dates": DATES, "names": NAMES, "metadata": METADATA}
"""The tables that records make, in order of story and version, items in order of place."""


class Rows:
    """The rows that editions make, column by column."""

    def __init__(self) -> None:
        self._columns: dict[str, list[list[Any]]] = {name: [[] for _ in schema] for name, schema in OF_STORIES.items()}
        self._damage: dict[tuple[str | None, str | None], list[Any]] = {}

    def edition(self, story: str, edition: Edition, n_copies: int, published: str | None, title: str | None) -> None:
        """The rows of a version of a story that was reconciled, of so many copies.

        What its copies say, `published`, counts before what its text says, and the `title` that its record reads before the
        heading that was set aside.
        """
        facts = {fact.name: fact.value for fact in reversed(edition.metadata)}  # the first of a name counts
        when, key = published or facts.get("published"), (story, edition.version)
        own = set(edition.of_version) or {copy.id for copy in edition.copies}
        line = {copy: line[0] for line in reversed(edition.lines) for copy in line}  # the largest that it is in
        n_lines = len(own - line.keys()) + len({line[copy] for copy in own & line.keys()})
        told = (edition.text, title or facts.get("headline"), when, edition.confidence, len(edition.variants))
        self._add("stories", (*key, n_copies, n_lines, *told))
        self._add("spans", *((*key, s.start, s.end, s.copy, s.copy_start, s.copy_end, s.repaired) for s in edition.spans))
        self._add(
            "variants",
            *((*key, v.start, v.end, v.kind, v.chosen, v.reason, v.confidence, v.readings) for v in edition.variants),
        )
        if edition.of_version:
            changes = [(change.start, change.end, change.was_start, change.was_end) for change in edition.changes]
            rows = [dict(zip(CHANGE.names, change, strict=True)) for change in changes]
            self._add("versions", (*key, edition.of_version, edition.reason, rows))
        if edition.earlier or not edition.of_version:  # once a story
            self._add("lines", *line.items())
            self._sources(edition)

    def _sources(self, edition: Edition) -> None:
        """Counts the copies of each source, and those with damage of each kind, the first of which is the example."""
        source = {copy.id: copy.source for copy in edition.copies}
        for name in source.values():
            self._damage.setdefault((name, None), [0, 0, None, None, None])[0] += 1
        for name in set(source.values()):
            self._damage[name, None][1] += 1
        for damage in edition.damage:
            at = damage.example
            place = [at.copy, at.start, at.end] if at else [damage.copy, None, None]
            self._damage.setdefault((source[damage.copy], damage.kind), [0, 0, *place])[0] += 1

    def alone(self, story: str, copy: Copy, n_copies: int, published: str | None, title: str | None) -> None:
        """The rows of a story for which one copy stands, and the title that its record reads."""
        n = len(copy.text)
        self._add("stories", (story, 1, n_copies, 1, copy.text, title, published, None, 0))
        self._add("spans", (story, 1, 0, n, copy.id, 0, n, None))

    def left_out(self, story: str, copies: Sequence[str], reason: str) -> None:
        """Copies that are no part of their story's edition, and why."""
        self._add("left_out", *((story, copy, reason) for copy in copies))

    def batches(self) -> dict[str, pa.RecordBatch]:
        """The tables, each as one batch, when all stories are in."""
        self._add("damage", *((*of, *told) for of, told in self._damage.items()))
        return {
            name: pa.record_batch(
                [array(column, field.type) for column, field in zip(self._columns[name], schema, strict=True)], schema
            )
            for name, schema in OF_STORIES.items()
        }

    def _add(self, table: str, *rows: Sequence[Any]) -> None:
        for column, values in zip(self._columns[table], zip(*rows, strict=True), strict=bool(rows)):
            column.extend(values)


def array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """An array; of readings and stretches it is made column by column, for Arrow reads objects of objects slowly."""
    if kind == STRETCHES:
        ends = pa.array(accumulate(map(len, values), initial=0), pa.int32())
        points = [*chain.from_iterable(chain.from_iterable(values))]
        columns = [pa.array(points[side::2], pa.int64()) for side in (0, 1)]
        return pa.ListArray.from_arrays(ends, pa.StructArray.from_arrays(columns, fields=list(STRETCH)))
    if kind != READINGS:
        return pa.array(values, kind)
    readings = [*chain.from_iterable(values)]
    ends = pa.array(accumulate(map(len, values), initial=0), pa.int32())
    copy_ends = pa.array(accumulate((len(reading.copies) for reading in readings), initial=0), pa.int32())
    copies = [*chain.from_iterable([reading.copies for reading in readings])]
    starts = [place.start for reading in readings for place in reading.places]
    columns = [
        pa.array([reading.text for reading in readings], pa.string()),
        pa.ListArray.from_arrays(copy_ends, pa.array(copies, pa.string())),
        pa.ListArray.from_arrays(copy_ends, pa.array(starts, pa.int64())),
    ]
    return pa.ListArray.from_arrays(ends, pa.StructArray.from_arrays(columns, fields=list(READING)))


class File:
    """A Parquet file that grows by tables; a row group has some `GROUP` bytes of them, or so many `rows` as are named.

    Of small groups the least and greatest texts are not kept: they would be as much as the end of a file is besides.
    """

    def __init__(self, path: Path, schema: pa.Schema, rows: int | None = None) -> None:
        kept = True if rows is None else short(schema)
        self._writer = pq.ParquetWriter(path, schema, compression="zstd", write_statistics=kept)
        self._held: list[pa.Table] = []
        self._bytes = self._n = 0
        self._rows = rows

    def add(self, rows: pa.Table) -> None:
        """Put rows at the end."""
        if len(rows):
            self._held.append(rows)
            self._bytes += rows.nbytes
            self._n += len(rows)
        if self._rows and self._n >= self._rows:
            self._flush(self._n - self._n % self._rows)
        elif self._bytes >= GROUP:
            self._flush(self._n)

    def close(self) -> None:
        """Write what is left, and the end of the file."""
        self._flush(self._n)
        self._writer.close()

    def _flush(self, n: int) -> None:
        """Write the first `n` rows."""
        if n:
            rows = pa.concat_tables(self._held)
            self._held = [rows.slice(n)] if n < self._n else []
            self._n -= n
            self._bytes = sum(left.nbytes for left in self._held)
            first = rows.slice(0, n).combine_chunks()
            del rows  # what `first` is a copy of is let go of before the writer makes pages of it
            self._writer.write_table(first, row_group_size=self._rows or n)


def opened(path: Path) -> pq.ParquetFile:
    """A table to be read batch by batch, as large as it may be: with `pre_buffer` Arrow keeps what it has read of it."""
    return pq.ParquetFile(path, pre_buffer=False)


def short(schema: pa.Schema) -> list[str]:
    """The columns of which it is of use to know the least and the greatest value."""
    return [field.name for field in schema if field.name != "text" and not pa.types.is_nested(field.type)]


def write(table: pa.Table, path: Path) -> None:
    """A table that is in memory, as a Parquet file."""
    pq.write_table(table.combine_chunks(), path, compression="zstd", row_group_size=ROWS)


def _rewrite(table: pa.Table, path: Path) -> None:
    """Write a table where there is one: the file is changed whole or not at all."""
    new = path.with_suffix(".new")
    write(table, new)
    new.replace(path)


def name_lines(path: Path, lines: pa.Table) -> None:
    """Write into the copies of a file the line that each is in; it is changed whole or not at all."""
    copies = pq.read_table(path)
    at = pc.index_in(copies.column("copy_id"), lines.column("copy_id")).combine_chunks()
    line = lines.column("line").combine_chunks().take(at)
    _rewrite(copies.set_column(copies.schema.get_field_index("line"), "line", line), path)


def grouped(copies: pa.Table) -> pa.Table:
    """The stories of copies and how many copies each has, in order of their ids."""
    stories = copies.group_by("story_id").aggregate([([], "count_all")])
    return stories.rename_columns(["story_id", "n_copies"]).cast(GROUPED).sort_by("story_id")


def sources(copies: pa.Table) -> pa.Table:
    """What each source has: copies, letters, and the letters of them that are boilerplate; null where nothing was sought."""
    sums = copies.group_by("source").aggregate([([], "count_all"), ("n_letters", "sum"), ("story_letters", "sum")])
    boilerplate = pc.subtract(sums.column("n_letters_sum"), sums.column("story_letters_sum"))
    columns = [sums.column("source"), sums.column("count_all"), sums.column("n_letters_sum"), boilerplate]
    return pa.table(columns, names=SOURCES.names).cast(SOURCES).sort_by("source")


def add_rates(path: Path, damage: pa.Table, known: Known) -> None:
    """Write into the sources of a file their rates: those known, and how many of the copies are damaged in each way.

    Words of a kind that are dropped are counted by word, and not by copy.
    """
    from copydesk.edit.habits import KINDS
    from copydesk.model import Rate

    sources = pq.read_table(path, columns=SOURCES.names)
    sums = damage.group_by(["source", "kind"], use_threads=False).aggregate(
        [("n", "sum"), ("n_stories", "sum"), ("copy_id", "first"), ("start", "first"), ("end", "first")]
    )
    of_copies: dict[str | None, dict[str | None, Any]] = {}
    for row in sums.to_pylist():
        of_copies.setdefault(row["source"], {})[row["kind"]] = row
    columns: dict[str, list[Any]] = {"n_stories": [], "rates": [], "examples": []}
    for source in sources.column("source").to_pylist():
        own = of_copies.get(source, {})
        seen = own.pop(None, {"n_sum": 0, "n_stories_sum": 0})
        by_copy = [Rate(kind, row["n_sum"], seen["n_sum"]) for kind, row in sorted(own.items()) if kind and kind not in KINDS]
        columns["n_stories"].append(seen["n_stories_sum"])
        columns["rates"].append(
            [{"kind": rate.kind, "n": rate.n, "of": rate.of} for rate in (*known.rates.get(source or "", ()), *by_copy)]
        )
        columns["examples"].append(
            [
                {"kind": kind, "copy_id": row["copy_id_first"], "start": row["start_first"], "end": row["end_first"]}
                for kind, row in sorted(own.items())
            ]
        )
    for name, column in columns.items():
        sources = sources.append_column(name, pa.array(column, KNOWN_SOURCES.field(name).type))
    _rewrite(sources, path)


def rates(path: Path) -> dict[str, tuple[Rate, ...]]:
    """The rates of each source in the `sources.parquet` of a run. Raises `Unreadable` where it is none, `OSError`."""
    from copydesk.model import Rate
    from copydesk.sources import Unreadable

    try:
        with path.open("rb") as file:  # which says what is missing
            rows = pq.read_table(file, columns=["source", "rates"]).to_pylist()
        return {row["source"]: tuple([Rate(**rate) for rate in row["rates"]]) for row in rows if row["source"] is not None}
    except (pa.ArrowInvalid, TypeError, KeyError):
        raise Unreadable(f"{path} has no rates of sources; give the sources.parquet of a run that reconciled") from None


def counts(stories: pa.Table) -> dict[str, int]:
    """How many stories there are, and of these of more than one copy; `stories` is what `grouped` makes."""
    return {"stories": len(stories), "of_many_copies": pc.sum(pc.greater(stories.column("n_copies"), 1)).as_py()}


def sizes(stories: pa.Table) -> dict[str, int]:
    """How many stories have so many copies."""
    n = stories.column("n_copies").to_numpy()
    most = [*SIZES[1:], n.max() + 1]
    names = [f"{low:,}" if low + 1 == high else f"{low:,}-{high - 1:,}" for low, high in pairwise(SIZES)] + [
        f"{SIZES[-1]:,} or more"
    ]
    return {name: int(((n >= low) & (n < high)).sum()) for name, low, high in zip(names, SIZES, most, strict=True)}


def largest(stories: pa.Table) -> list[dict[str, Any]]:
    """The stories of most copies, and how many these are."""
    some = stories.sort_by([("n_copies", "descending"), ("story_id", "ascending")]).slice(0, SHOWN)
    rows: list[dict[str, Any]] = some.to_pylist()
    return [row for row in rows if row["n_copies"] > 1]


def most_boilerplate(sources: pa.Table) -> list[dict[str, Any]]:
    """The sources of most letters of boilerplate."""
    some = sources.sort_by([("boilerplate_letters", "descending"), ("source", "ascending")]).slice(0, SHOWN)
    rows: list[dict[str, Any]] = some.to_pylist()
    return [row for row in rows if row["boilerplate_letters"]]
