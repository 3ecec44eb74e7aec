"""The tables of a run as files: what columns they have, and how they are written so that the same rows give the same bytes."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MARK = "run.json"
"""The file that is written last: a folder that has it is whole."""
ROWS, ENOUGH = 16_384, 64 << 20
"""Rows, or characters of text, of a row group."""

COPIES = (
    *("copy_id", "story_id", "source", "published", "url", "relation", "nearest_copy", "coverage", "coverage_of_nearest"),
    *("n_letters", "story_letters", "other"),
)
GROUPED = pa.schema([("story_id", pa.string()), ("n_copies", pa.int64())])
STORIES = pa.schema(
    [
        ("story_id", pa.string()),
        ("version", pa.int32()),
        ("n_copies", pa.int64()),
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
    ]
)
READING = pa.struct([("text", pa.string()), ("copies", pa.list_(pa.string())), ("starts", pa.list_(pa.int64()))])
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
        ("readings", pa.list_(READING)),
    ]
)


class Table:
    """A Parquet file that grows by rows; its row groups depend on the rows alone, not on the parts in which they come."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._schema = schema
        self._rows: list[tuple[Any, ...]] = []
        self._size = 0
        self.n = 0

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Put rows at the end, their values in the order of the columns."""
        for row in rows:
            self._rows.append(row)
            self._size += sum(len(value) for value in row if isinstance(value, str))
            if len(self._rows) >= ROWS or self._size >= ENOUGH:
                self._flush()
        self.n += len(rows)

    def close(self) -> None:
        """Write what is left, and the end of the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [pa.array(of, field.type) for of, field in zip(columns, self._schema, strict=True)]
            self._writer.write_batch(pa.record_batch(arrays, self._schema))
        self._rows, self._size = [], 0


def write(table: pa.Table, path: Path) -> None:
    """A table that is in memory."""
    pq.write_table(table.combine_chunks(), path, compression="zstd", row_group_size=8 * ROWS)


@contextmanager
def folder(out: Path, overwrite: bool) -> Iterator[Path]:
    """A new folder beside `out` to write in; it takes the place of `out` when all went well, and is gone otherwise.

    Raises `FileExistsError` where `out` exists and may not be overwritten: without `overwrite`, or where it is no run.
    """
    refuse(out, overwrite)
    part = out.with_name(f".{out.name}-{os.urandom(6).hex()}.part")
    part.mkdir()
    try:
        yield part
        if out.exists():
            old = part.with_suffix(".old")
            out.rename(old)
            try:
                part.rename(out)
            except BaseException:
                old.rename(out)
                raise
            shutil.rmtree(old, ignore_errors=True)
        else:
            part.rename(out)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def refuse(out: Path, overwrite: bool) -> None:
    """Raise `FileExistsError`, with a message that says what to do, where nothing may be written under this name."""
    if not (out.exists() or out.is_symlink()):
        return
    if not overwrite:
        raise FileExistsError(f"{out} exists; name another folder with -o, or add --overwrite to replace it")
    if out.is_symlink() or not (out / MARK).is_file():
        raise FileExistsError(
            f"{out} is not the folder of a run (it has no {MARK}), so it is not replaced; name another with -o"
        )


def write_json(path: Path, value: object) -> None:
    """An object as JSON for people and programs."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
