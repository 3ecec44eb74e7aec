"""Copies and texts of a corpus that is read in pieces, each by whichever machine is free.

An input is read by one task, as one machine reads it. Ids that two inputs give are told when all are read.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from copydesk.spread.arrays import ddl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame

    from copydesk.engines.spark import Spark
    from copydesk.sources.corpus import Columns

READ = pa.schema(
    [
        ("file", pa.int32()),
        ("row", pa.int64()),
        *((name, pa.string()) for name in ("copy_id", "source", "published", "url", "story", "other", "text")),
        ("text_size", pa.int64()),
        ("n_letters", pa.int64()),
        ("key", pa.binary()),
        ("seeds", pa.binary()),
        ("told", pa.string()),
    ]
)
"""What is read of each copy. `key` is equal for copies of equal letters, and in the order in which texts are numbered. A row
with `told` is no copy: it has as JSON why a row was rejected, or the fingerprint of an input."""


def read(engine: Spark, files: Sequence[str], columns: Columns, labels: Mapping[str, str]) -> DataFrame:
    """All rows of the inputs, as in `READ`; for `labels` see `sources.corpus.labels`."""
    pieces = partial(_pieces, list(files), {everywhere(name): label for name, label in labels.items()}, columns)
    return engine.kept("read", engine.pieces(len(files)).mapInArrow(pieces, ddl(READ)))


def everywhere(name: str) -> str:
    """The name of a file by which every worker finds it, wherever it works."""
    return name if "://" in name else str(Path(name).absolute())


def _pieces(
    files: Sequence[str], labels: Mapping[str, str], columns: Columns, numbers: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    for batch in numbers:
        for file in batch.column("id").to_pylist():
            for rows in _rows(files[file], labels, columns):
                table = rows.append_column("file", pa.array(np.full(len(rows), file, np.int32)))
                filled = [
                    table.column(field.name).cast(field.type)
                    if field.name in table.schema.names
                    else pa.nulls(len(table), field.type)
                    for field in READ
                ]
                yield from pa.table(filled, schema=READ).to_batches()


def _rows(file: str, labels: Mapping[str, str], columns: Columns) -> Iterator[pa.Table]:
    """The rows of an input, then those that were rejected and its fingerprint."""
    from copydesk.find.seeds import seed
    from copydesk.sources import corpus

    told: list[dict[str, Any]] = []

    def reject(name: str, row: int, reason: str) -> None:
        told.append({"file": name, "row": row, "reason": reason})

    fingerprints = corpus.Fingerprints()
    for batch in corpus.batches([file], reject, columns, 1, fingerprints, labels):
        found = seed(batch)
        columns_ = {name: found.column(name) for name in batch.schema.names if name != "text"}
        columns_ |= {"text": batch.column("text"), "n_letters": found.column("n_letters"), "seeds": found.column("seeds")}
        columns_["text_size"] = pa.compute.binary_length(batch.column("text"))
        columns_["key"] = keys(found)
        yield pa.table(columns_)
    told.append(fingerprints.of(file))
    yield pa.table(
        {"row": [each.get("row", 0) for each in told], "told": [msgspec.json.encode(each).decode() for each in told]}
    )


def keys(found: pa.Table) -> pa.Array:
    """What texts are numbered by: the class of length, longest first, the digest, of a copy without letters its id besides."""
    length = (255 - found.column("length").to_numpy()).astype(np.uint8)
    digests = found.column("digest").combine_chunks()
    digest = np.frombuffer(digests.buffers()[1], np.uint8).reshape(-1, 16)[digests.offset : digests.offset + len(digests)]
    # As in `find.number`: seven bytes of the first half of the digest, all of the second, and what is left.
    key = np.column_stack([length, digest[:, :7], digest[:, 8:], digest[:, 7]])
    of_all = [row.tobytes() for row in key]
    for at in np.flatnonzero(found.column("n_letters").to_numpy() == 0).tolist():
        of_all[at] += found.column("copy_id")[at].as_py().encode()
    return pa.array(of_all, pa.binary())


def apart(engine: Spark, rows: DataFrame) -> tuple[DataFrame, DataFrame]:
    """The copies among the rows, of each id the first; and what was told of the others (`file, row, told`)."""
    from pyspark.sql import functions as f

    copies, told = rows.where("told is null"), rows.where("told is not null").select("file", "row", "told")
    again = engine.kept(
        "again",
        (copies.groupBy("copy_id").agg(f.min(f.struct("file", "row")).alias("first"), f.count("*").alias("n")).where("n > 1")),
    )
    if engine.count(again):
        at = f.struct("file", "row")
        twice = copies.join(again, "copy_id")
        later = engine.kept("later", twice.where(at > f.col("first")).select("copy_id", "file", "row"))
        copies = copies.join(later, ["copy_id", "file", "row"], "left_anti")
        reasons = engine.map(later, _given_before, "file int, row bigint, told string")
        told = told.unionByName(reasons)
    return copies, told


def _given_before(rows: pa.Table) -> pa.Table:
    told = [
        msgspec.json.encode({"row": row, "reason": f"the id {id_!r} was given before"}).decode()
        for id_, row in zip(rows.column("copy_id").to_pylist(), rows.column("row").to_pylist(), strict=True)
    ]
    return pa.table([rows.column("file"), rows.column("row"), pa.array(told, pa.string())], names=["file", "row", "told"])


def number(engine: Spark, copies: DataFrame) -> tuple[DataFrame, DataFrame]:
    """The texts (`text, n_letters, seeds, n_seeds`), numbered as one machine numbers them, and of which each copy is.

    The second is `copy_id, text, first, second`, the ids of the first copy of the text and of the second, if it has one.
    """
    from pyspark.sql import functions as f

    unlike = copies.groupBy("key").agg(f.min("copy_id").alias("first"), f.count("*").alias("n"))
    numbers = engine.numbered("number", unlike, ["key"]).withColumnRenamed("number", "text")
    of = copies.select("copy_id", "key", "n_letters").join(numbers, "key").drop("key")
    second = of.where("n > 1 and copy_id > first").groupBy("text").agg(f.min("copy_id").alias("second"))
    of_copies = engine.kept("members", of.drop("n").join(second, "text", "left"))
    firsts = of_copies.where("copy_id = first").select("copy_id", "text")
    seeds = copies.select("copy_id", "n_letters", "seeds")
    texts = engine.kept(
        "texts",
        seeds.join(firsts, "copy_id").selectExpr("text", "n_letters", "seeds", "cast(length(seeds) / 8 as long) as n_seeds"),
    )
    return texts, of_copies
