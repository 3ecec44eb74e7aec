"""The tables of a run on many machines: of a folder here each is one file, as one machine writes it; else a folder of files.

What comes to the driver is a row for each source, for each input, for each size of story and for each reason to reject a row;
the rows of a table pass it a batch at a time, and only where the folder is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from copydesk import tables
from copydesk.pipeline import QUOTED
from copydesk.spread import editions
from copydesk.spread.arrays import ddl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import DataFrame

    from copydesk.engines.spark import Spark
    from copydesk.model import Known

STRINGS, WHOLE = ("copy_id", "story_id", "source", "published", "url", "relation", "nearest_copy", "line", "other"), pa.int64()
COPIES = pa.schema(
    [(name, pa.string() if name in STRINGS else WHOLE if "letters" in name else pa.float64()) for name in tables.COPIES]
)
SCHEMAS = {
    "copies": COPIES,
    "boilerplate": pa.schema([("seed", pa.uint64()), ("junk", pa.int64()), ("good", pa.int64())]),
    "texts": tables.TEXTS,
    **tables.OF_STORIES,
    **tables.OF_RECORD,
}
SOME, PARTS = 256, 8
"""Rows that pass the driver at a time, of texts a megabyte; and parts, of what these made some megabytes."""
BUFFER = 1 << 20
"""Bytes of a column that are read at a time."""
REJECTED = pa.schema(
    [("file", pa.int32()), ("row", pa.int64()), ("line", pa.string()), ("why", pa.string()), ("input", pa.string())]
)


@dataclass(frozen=True)
class Rejected:
    """Why how many rows are no copies, of the first where and why, and the fingerprints of the inputs, in order."""

    why: dict[str, int]
    first: str
    inputs: list[dict[str, Any]]


class Tables:
    """Where tables are written: to an `address` that all workers write to, else in a folder `here`."""

    def __init__(self, engine: Spark, here: Path, address: str | None) -> None:
        self._engine = engine
        self._here = here
        self._address = address

    def write(self, name: str, rows: DataFrame, order: Sequence[str] = ()) -> None:
        """A table, in order; `part` and `at`, which are there for the order, are left out."""
        if order:
            rows = rows.repartitionByRange(*order).sortWithinPartitions(*order)
        rows = rows.drop("part", "at")
        if self._address:
            rows.write.mode("overwrite").parquet(f"{self._address}/{name}.parquet")
            return
        schema = tables.GROUPED if name == "stories" and "text" not in rows.columns else SCHEMAS[name]
        file = tables.File(self._here / f"{name}.parquet", schema)
        for some in self._gathered(name, rows):
            file.add(pa.Table.from_batches([some]).select(schema.names).cast(schema))
        file.close()

    def write_made(self, name: str, made: DataFrame) -> None:
        """A table that editions made, see `editions.edit`."""
        if self._address:
            of_it = made.where(f"table = '{name}'").repartitionByRange("part").sortWithinPartitions("part", "first")
            self.write(name, editions.unpacked(self._engine, of_it, name, SCHEMAS[name]).drop("part", "at"))
            return
        file = tables.File(self._here / f"{name}.parquet", SCHEMAS[name])
        for some in self._kept("made", PARTS, name):
            for rows in some.column("rows"):
                file.add(editions.streamed(rows))
        file.close()

    def _gathered(self, name: str, rows: DataFrame) -> Iterator[pa.RecordBatch]:
        """The rows of a table that workers wrote to the folder here, in order."""
        self._engine.kept(f"table-{name}", rows)
        return self._kept(f"table-{name}", SOME)

    def _kept(self, step: str, n: int, table: str | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of a step that is kept here, or those of one table among them, in order, `n` at a time.

        Files are read a page at a time, one after the other: what is read ahead is kept, and grows with the files.
        """
        folder = self._here / Path(self._engine.steps).name / step
        for part in sorted(folder.glob("part-*.parquet")):
            with pq.ParquetFile(part, buffer_size=BUFFER, pre_buffer=False) as file:
                groups = [at for at in range(file.num_row_groups) if table is None or _may_have(file, at, table)]
                for some in file.iter_batches(n, groups, use_threads=False):
                    yield some if table is None else some.filter(pc.field("table") == table)

    def rejected(self, told: DataFrame, files: Sequence[str], names: Sequence[str]) -> Rejected:
        """Write `rejected.jsonl` from what was told of `files`, which go by `names`; what there is to tell of it."""
        from functools import partial

        from pyspark.sql import functions as f

        rows = self._engine.kept("told", self._engine.map(told, partial(_told, list(files), list(names)), ddl(REJECTED)))
        lines = rows.where("line is not null").orderBy("file", "row", "line").select("line")
        if self._address:
            lines.write.mode("overwrite").text(f"{self._address}/rejected.jsonl")
        else:
            with (self._here / "rejected.jsonl").open("wb") as file:
                for some in self._gathered("rejected", lines):
                    file.writelines(line.encode() + b"\n" for line in some.column("line").to_pylist())
        why = rows.where("why is not null").groupBy("why").agg(f.count("*").alias("n")).toArrow().to_pylist()
        first = [msgspec.json.decode(line) for line in lines.limit(1).toArrow().column("line").to_pylist()]
        inputs = rows.where("input is not null").orderBy("file").select("input").toArrow().column("input").to_pylist()
        return Rejected(
            {row["why"]: row["n"] for row in why},
            "".join(f"{row['file']}, row {row['row']}: {row['reason']}" for row in first),
            [msgspec.json.decode(each) for each in inputs],
        )

    def sources(self, copies: DataFrame) -> pa.Table:
        """What each source has, as `tables.sources`; it is written too."""
        sums = copies.groupBy("source").agg({"*": "count", "n_letters": "sum", "story_letters": "sum"}).toArrow()
        columns = [sums.column(name) for name in ("source", "count(1)", "sum(n_letters)", "sum(story_letters)")]
        columns[3] = pc.subtract(columns[2], columns[3])
        found = pa.table(columns, names=tables.SOURCES.names).cast(tables.SOURCES).sort_by("source")
        tables.write(found, self._here / "sources.parquet")
        return found

    def rates(self, damage: DataFrame, known: Known) -> None:
        """Write into the sources their rates and examples, as `tables.add_rates`."""
        from pyspark.sql import functions as f

        at = f.struct("part", "at")
        firsts = [
            f.min_by(f.col(name), f.when(f.col(name).isNotNull(), at)).alias(name) for name in ("copy_id", "start", "end")
        ]
        sums = damage.groupBy("source", "kind").agg(f.sum("n").alias("n"), f.sum("n_stories").alias("n_stories"), *firsts)
        found = sums.toArrow().select(tables.DAMAGE.names).cast(tables.DAMAGE)
        tables.add_rates(self._here / "sources.parquet", found, known)


def _may_have(file: pq.ParquetFile, group: int, table: str) -> bool:
    """Whether a row group can have rows of a table, by the least and the greatest name that it knows of."""
    known = file.metadata.row_group(group).column(file.schema_arrow.get_field_index("table")).statistics
    return known is None or not known.has_min_max or known.min <= table <= known.max


def _told(files: Sequence[str], names: Sequence[str], table: pa.Table) -> pa.Table:
    """Each row that was told of as a line of `rejected.jsonl` and the kind of reason, or as the fingerprint of an input."""
    made: list[tuple[int, int, str | None, str | None, str | None]] = []
    for file, row, said in zip(*(table.column(name).to_pylist() for name in ("file", "row", "told")), strict=True):
        told = msgspec.json.decode(said)
        is_input = told.get("name", told.get("file")) in {None, files[file]}
        if "reason" in told:
            line = {"file": names[file] if is_input else told["file"], "row": told["row"], "reason": told["reason"]}
            made.append((file, row, msgspec.json.encode(line).decode(), QUOTED.sub("…", told["reason"]), None))
        else:
            made.append((file, row, None, None, msgspec.json.encode(told | {"name": names[file]}).decode()))
    return pa.table([pa.array([row[at] for row in made], kind.type) for at, kind in enumerate(REJECTED)], schema=REJECTED)


def counted(plan: DataFrame) -> dict[str, int]:
    """How many stories there are, and of these of more than one copy."""
    found = plan.selectExpr("count(*) as stories", "count_if(n_copies > 1) as of_many_copies").toArrow().to_pylist()[0]
    return dict(found)


def told_of(plan: DataFrame) -> dict[str, Any]:
    """How many stories have so many copies, and the largest, as `tables.sizes` and `tables.largest` tell it."""
    n = {row["n_copies"]: row["count"] for row in plan.groupBy("n_copies").count().toArrow().to_pylist()}
    bounds = [*tables.SIZES, max(n, default=0) + tables.SIZES[-1] + 1]
    sizes = {}
    for low, high in pairwise(bounds):
        name = f"{low:,}" if low + 1 == high else f"{low:,}-{high - 1:,}"
        name = f"{low:,} or more" if low == tables.SIZES[-1] else name
        sizes[name] = sum(count for size, count in n.items() if low <= size < high)
    some = plan.select("story_id", "n_copies").orderBy(plan.n_copies.desc(), "story_id").limit(tables.SHOWN).toArrow()
    return {"sizes": sizes, "largest": [row for row in some.to_pylist() if row["n_copies"] > 1]}
