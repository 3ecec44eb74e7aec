"""Editions where stories are brought together by the engine: in parts, as on one machine, each the work of one task.

A part is whole stories of some megabyte, in order of their names, so a task is as long as another; of a story that is larger
than `pipeline.LARGE` a sample is drawn before its texts are moved.
"""

from __future__ import annotations

import io
import pickle
from contextlib import suppress
from functools import partial
from hashlib import blake2b
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from copydesk import parts, tables
from copydesk.editing import LARGE, How, edited, too_many
from copydesk.model import NOTHING, Copy, Known, Rate
from copydesk.pipeline import CHECKED
from copydesk.spread.arrays import ddl
from copydesk.story import collated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyspark.sql import DataFrame

    from copydesk.engines.spark import Spark

COUNTS = pa.schema([("what", pa.string()), ("n", pa.int64())])
"""What was counted: a name, or `step right` of a choice of two copies."""
TELLS = {"counts": COUNTS, "lines": tables.LINES, "damage": tables.DAMAGE}
"""What editions make that is no table of a run, but goes into what is."""
OF_TASK = 32
"""Parts that a task edits, unless there would be too many tasks: some 20 seconds' work."""
MADE = "part bigint, table string, first bigint, rows binary"
"""What a part makes: of each table its rows from the `first`, as Arrow streams."""
PIECE = 4 << 20
"""Bytes of rows in a stream, about: Java holds several times that, and so does who writes a table."""
OBSERVED = frozenset(
    ("Observed", "Kept", "Disputed", "Places", "InContext", "Moved", "ndarray", "dtype", "_reconstruct", "_frombuffer")
)
"""What `edit.observe.Observed` is made of, and what NumPy makes of its arrays."""
TEXT = ("copy_id", "text", "source", "published", "url")


def plan(engine: Spark, copies: DataFrame) -> DataFrame:
    """Divide stories into parts, as `parts.plan` does: `story_id, n_copies, size, part, number`; no two have one number.

    `copies` have `story_id, text_size`.
    """
    from pyspark.sql import functions as f

    stories = copies.groupBy("story_id").agg(f.count("*").alias("n_copies"), f.sum("text_size").alias("size"))
    numbered = engine.numbered("plan-stories", stories, ["story_id"], "size")
    found = engine.kept("plan-found", numbered.withColumn("raw", f.expr(f"number div {parts.SIZE}")))
    dense = engine.numbered("plan-parts", found.select("raw").distinct(), ["raw"]).withColumnRenamed("number", "part")
    return engine.kept("plan", found.join(dense, "raw").drop("raw"))


def known(
    engine: Spark, texts: DataFrame, copies: DataFrame, plan: DataFrame, earlier: Mapping[str, tuple[Rate, ...]]
) -> Known:
    """What a sample of the stories tells of their sources: the one that one machine takes. It does not grow with the corpus.

    Who is in it is decided by `copies`; only then are the `texts` of these looked up. One task learns of them, so that nothing
    but what was learned comes to the driver.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    if not copies.where("source is not null").limit(1).count():
        return _learn([], earlier)

    several = engine.map(
        plan.where("n_copies > 1").select("story_id"), partial(_chance, "story_id", 8), "story_id string, chance binary"
    )
    of_source = copies.where("source is not null").select("source", "story_id").distinct().join(several, "story_id")
    nth = f.row_number().over(Window.partitionBy("source").orderBy("chance"))
    of_each = of_source.withColumn("nth", nth).where(f"nth <= {parts.EACH}").select("story_id", "chance")
    some = several.orderBy("chance").limit(parts.LEAST)
    wanted = of_each.unionByName(some).distinct().orderBy("chance").limit(parts.MOST).select("story_id")
    found = copies.join(f.broadcast(wanted), "story_id").select("copy_id", "story_id")
    named = engine.map(found, partial(_chance, "copy_id", 8), "copy_id string, story_id string, chance binary")
    nth = f.row_number().over(Window.partitionBy("story_id").orderBy("chance"))
    drawn = named.withColumn("nth", nth).where(f"nth <= {parts.WITNESSES}").select("copy_id", "story_id")
    drawn = drawn.join(plan.select("story_id", "part"), "story_id")
    n_tasks = -(-engine.count(plan.select("part").distinct()) // OF_TASK)
    drawn = engine.kept("sample", texts.join(f.broadcast(drawn), "copy_id").select("part", "story_id", *TEXT))
    observed = engine.kept(
        "observed",
        engine.grouped(drawn, "part", ["story_id", "copy_id"], _observed, "story_id string, observed binary", n_tasks),
    )
    learned = engine.kept("learned", engine.whole(observed, partial(_learned, earlier), "known binary")).toArrow()
    return msgspec.json.decode(learned.column("known")[0].as_py(), type=Known) if len(learned) else _learn([], earlier)


class Reader(pickle.Unpickler):
    """Reads what `_observed` wrote, and raises `UnpicklingError` at all else: it lies where others may be able to write."""

    def find_class(self, module: str, name: str) -> object:
        """A class of what stories tell, or what makes an array."""
        if module.partition(".")[0] not in {"copydesk", "numpy"} or name not in OBSERVED:
            raise pickle.UnpicklingError(f"{module}.{name} is nothing that stories tell of their sources")
        return super().find_class(module, name)


def _learned(earlier: Mapping[str, tuple[Rate, ...]], table: pa.Table) -> pa.Table:
    """What all stories of the sample tell together, in order of their names, as `parts.keep_known` writes it."""
    found = table.sort_by("story_id").column("observed")
    known = _learn([Reader(io.BytesIO(each.as_py())).load() for each in found], earlier)
    return pa.table([pa.array([msgspec.json.encode(known)], pa.binary())], names=["known"])


def _learn(observed: list[Any], earlier: Mapping[str, tuple[Rate, ...]]) -> Known:
    if not observed and not earlier:
        return NOTHING
    from copydesk.edit.reliability import learn

    return learn(observed, earlier)


def _chance(name: str, size: int, table: pa.Table) -> pa.Table:
    """A place in an order by chance, for each name, which the names alone decide."""
    chance = [blake2b(each.encode(), digest_size=size).digest() for each in table.column(name).to_pylist()]
    return table.append_column("chance", pa.array(chance, pa.binary()))


def _stories(table: pa.Table, *more: str) -> Iterator[tuple[str, list[Copy], tuple[Any, ...]]]:
    columns = [table.column(name).to_pylist() for name in ("story_id", *TEXT, *more)]
    for story, members in groupby(zip(*columns, strict=True), lambda row: row[0]):
        rows = list(members)
        yield story, [Copy(*row[1:6]) for row in rows], rows[0][6:]


def _observed(table: pa.Table) -> pa.Table:
    from copydesk.edit.observe import observe

    found: dict[str, bytes] = {}
    for story, copies, _ in _stories(table):
        given = [(story, copy.id, copy, len(copy.text.encode())) for copy in copies]
        if sum(size for *_, size in given) > LARGE:
            given = parts.sample_of(given, LARGE)
        with suppress(ValueError):  # not one story, or no words
            found[story] = pickle.dumps(observe(collated([copy for _, _, copy, _ in given])[0]))
    return pa.table([pa.array(found, pa.string()), pa.array(found.values(), pa.binary())], names=["story_id", "observed"])


def edit(engine: Spark, texts: DataFrame, copies: DataFrame, plan: DataFrame, how: How) -> tuple[DataFrame, DataFrame | None]:
    """The tables that editions make, as `part, table, first, rows`; and what is left out besides.

    The rows are Arrow streams. Each file has the next parts, in order of table and part: so all files have their share of
    every table, and who reads one has as much to do with each. The second is `part, story_id, copy_id, reason`, of stories
    that are too large; None: of none.
    """
    large = plan.where(f"size > {LARGE}")
    n_parts = engine.count(plan.select("part").distinct())
    whose = copies.select("copy_id", "story_id").join(plan.select("story_id", "part", "n_copies"), "story_id")
    more = None
    if engine.count(large):
        of_large = copies.select("copy_id", "story_id", "text_size").join(large.select("story_id", "number"), "story_id")
        left = engine.grouped(of_large, "number", ["copy_id"], _rest, "story_id string, copy_id string")
        rest = engine.kept("left-out", left)
        whose = whose.join(rest.select("copy_id"), "copy_id", "left_anti")
        told = large.select("story_id", "n_copies", "part")
        more = rest.join(engine.map(told, _too_many, "story_id string, reason string, part bigint"), "story_id")
    rows = texts.select(*TEXT).join(whose, "copy_id")
    function = partial(_edited, how, n_parts)
    edited = engine.grouped(rows, "part", ["story_id", "copy_id"], function, MADE, -(-n_parts // OF_TASK))
    made = engine.kept("edited", edited)
    in_order = made.repartitionByRange("part").sortWithinPartitions("table", "part", "first")
    return engine.kept("made", in_order), more


def unpacked(engine: Spark, made: DataFrame, name: str, schema: pa.Schema) -> DataFrame:
    """The rows of a table that editions made, with `part`, and `at`, the place in that."""
    columns = ddl(pa.schema([("part", pa.int64()), ("at", pa.int64()), *schema]))
    return engine.map(made.where(f"table = '{name}'").select("part", "first", "rows"), _unpacked, columns)


def _rest(table: pa.Table) -> pa.Table:
    """The copies of large stories that are not in the sample that `parts` draws."""
    stories, ids = table.column("story_id").to_pylist(), table.column("copy_id").to_pylist()
    left: list[tuple[str, str]] = []
    for story, members in groupby(zip(stories, ids, table.column("text_size").to_pylist(), strict=True), lambda row: row[0]):
        rows = list(members)
        drawn = {row[1] for row in parts.sample_of(rows, LARGE)}
        left += [(story, row[1]) for row in rows if row[1] not in drawn]
    return pa.table([pa.array([row[at] for row in left], pa.string()) for at in (0, 1)], names=["story_id", "copy_id"])


def _too_many(table: pa.Table) -> pa.Table:
    reasons = pa.array([too_many(n) for n in table.column("n_copies").to_pylist()], pa.string())
    return pa.table([table.column("story_id"), reasons, table.column("part")], names=["story_id", "reason", "part"])


def _edited(how: How, n_parts: int, table: pa.Table) -> pa.Table:
    """The rows of whole parts: of each part and table as many Arrow streams as its rows need."""
    made: list[tuple[int, str, int, bytes]] = []
    numbers = table.column("part").to_pylist()
    at = 0
    for part, members in groupby(numbers):
        n = len(list(members))
        some = table.slice(at, n)
        at += n
        of_part = _stories(some, "n_copies")
        given: Iterator[tuple[str, list[Copy], list[str], int]] = ((s, own, [], n[0] - len(own)) for s, own, n in of_part)
        batches, told = edited(given, how, (part + 1) * CHECKED // n_parts - part * CHECKED // n_parts)
        choices = {f"{step} {int(right)}": n for step, right, n in told.pop("choices")}
        counts = pa.record_batch([pa.array([*told, *choices]), pa.array([*told.values(), *choices.values()])], COUNTS)
        made += [(part, name, *own) for name, batch in {**batches, "counts": counts}.items() for own in _streams(batch)]
    kinds = (pa.int64(), pa.string(), pa.int64(), pa.binary())
    return pa.table(
        [pa.array([row[at] for row in made], kind) for at, kind in enumerate(kinds)], names=["part", "table", "first", "rows"]
    )


def _streams(batch: pa.RecordBatch) -> Iterator[tuple[int, bytes]]:
    """The rows as streams of `PIECE` bytes or a row, with the number of the first row of each; nothing of no rows."""
    n = max(1, len(batch) * PIECE // max(1, batch.nbytes))
    for first in range(0, len(batch), n):
        yield first, _stream(batch.slice(first, n))


def _stream(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as out:
        out.write_batch(batch)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def left_out(engine: Spark, made: DataFrame, more: DataFrame) -> DataFrame:
    """The table of that name with `more`: what a sample leaves out of a story has no place, and comes before what else is."""
    from pyspark.sql import functions as f

    found = unpacked(engine, made, "left_out", tables.LEFT_OUT)
    return found.unionByName(more.withColumn("at", f.lit(-1).cast("bigint")))


def streamed(rows: pa.BinaryScalar) -> pa.Table:
    """The rows of an Arrow stream."""
    with pa.ipc.open_stream(rows.as_buffer()) as stream:
        table: pa.Table = stream.read_all()
    return table


def _unpacked(table: pa.Table) -> pa.Table:
    found = []
    columns = (table.column("part").to_pylist(), table.column("first").to_pylist(), table.column("rows"))
    for part, first, rows in zip(*columns, strict=True):
        some = streamed(rows)
        at = pa.array([part] * len(some), pa.int64()), pa.array(range(first, first + len(some)), pa.int64())
        found.append(pa.table([*at, *some.columns], names=["part", "at", *some.schema.names]))
    return pa.concat_tables(found)
