"""Tables of copies: JSON Lines (plain, .gz, .zst) and Parquet files to batches of rows, read as a stream.

A row that cannot be read is rejected with its file, its row and the reason; nothing is dropped in silence.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from copydesk.sources import labels_of
from copydesk.sources.text import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    Reject = Callable[[str, int, str], None]

LINES = tuple(f"{end}{packed}" for end in (".jsonl", ".ndjson") for packed in ("", ".gz", ".zst"))
TABLES = (".parquet",)
BLOCK = 1 << 20  # bytes read at a time
LONGEST = 32 << 20  # bytes of a line; what is longer is no document but a file whose line ends are lost
ROWS, ENOUGH = 8192, 16 << 20  # rows, or characters of text, that make a batch
NAMES = ("copy_id", "source", "published", "url", "story", "other", "text")


@dataclass(frozen=True)
class Columns:
    """Which columns of the input hold what; of several the first that a row has counts."""

    id: str = "id"
    text: str = "text"
    source: str = "source"
    published: tuple[str, ...] = ("published", "date")
    url: str = "url"
    story: str | None = None


DEFAULT = Columns()


class _Rejected(Exception):
    """A row that is no copy; the message says why."""


def check(names: Sequence[str], columns: Columns = DEFAULT) -> list[str]:
    """The files named, in the order in which they are read: that of their names, so the order given decides nothing.

    Raises `Unreadable` for a file that is no table of copies or has no column of texts, as far as a look at it tells, and
    `OSError` for what cannot be opened.
    """
    for name in names:
        if not name.lower().endswith(LINES + TABLES):
            raise Unreadable(f"{name} is no table of copies; give JSON Lines (.jsonl, .jsonl.gz, .jsonl.zst) or .parquet files")
        with Path(name).open("rb"):
            pass  # an error of the system says it best
        if name.lower().endswith(TABLES):
            _check_table(name, columns)
    return sorted(names)


def _check_table(name: str, columns: Columns) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(name)
    except (pa.ArrowInvalid, OSError) as error:
        raise Unreadable(f"{name} is not a whole Parquet file: {' '.join(str(error).split())}") from None
    if columns.text not in schema.names:
        has = ", ".join(schema.names[:8])
        raise Unreadable(f"{name} has no column {columns.text!r} (it has {has}); name the column of the texts with --text")
    kind = schema.field(columns.text).type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        raise Unreadable(f"{name}: the column {columns.text!r} holds {kind}, not text; name another with --text")


def stamp(name: str) -> dict[str, str | int]:
    """What tells at a glance whether a file is the one that was read before: name, size in bytes, when it was changed."""
    told = Path(name).stat()
    return {"name": name, "size": told.st_size, "changed": told.st_mtime_ns}


def fingerprint(name: str) -> dict[str, str | int]:
    """Name, size in bytes and SHA-256 of a file."""
    with Path(name).open("rb") as file:
        return {
            "name": name,
            "size": os.fstat(file.fileno()).st_size,
            "sha256": hashlib.file_digest(file, "sha256").hexdigest(),
        }


def batches(names: Sequence[str], reject: Reject, columns: Columns = DEFAULT) -> Iterator[pa.RecordBatch]:
    """The copies of files that `check` has passed: `copy_id, source, published, url, other, text`, all strings.

    `other` is a JSON object of all other columns of the row, null where there are none. A copy without an id is called after
    its file and row; where two rows have one id the first is taken. `reject` hears file, row (from 1) and reason of the rest.
    Beside the batch only the ids are held.
    """
    import pyarrow as pa

    schema = pa.schema([(name, pa.string()) for name in NAMES])
    seen: set[str] = set()
    held: list[tuple[str | None, ...]] = []
    size = 0
    for name, label in zip(names, labels_of(names), strict=True):
        for number, row in _rows(name, reject):
            try:
                copy = _copy(row, columns, f"{label}:{number}")
                if copy[0] in seen:
                    raise _Rejected(f"the id {copy[0]!r} was given before")
            except _Rejected as why:
                reject(name, number, str(why))
                continue
            seen.add(str(copy[0]))
            held.append(copy)
            size += len(copy[-1] or "")
            if len(held) >= ROWS or size >= ENOUGH:
                yield pa.record_batch([pa.array(of, pa.string()) for of in zip(*held, strict=True)], schema)
                held, size = [], 0
    if held:
        yield pa.record_batch([pa.array(of, pa.string()) for of in zip(*held, strict=True)], schema)


def _copy(row: dict[str, object], columns: Columns, name: str) -> tuple[str | None, ...]:
    """A row in the order of `NAMES`."""
    text = row.pop(columns.text, None)
    if text is None:
        raise _Rejected(f"no text in {columns.text!r}")
    if not isinstance(text, str):
        raise _Rejected(f"{columns.text!r} is not a string")
    if not text or text.isspace():
        raise _Rejected("the text is empty")
    id_ = _string(row, columns.id) or name
    url = _string(row, columns.url)
    source = _string(row, columns.source) or _host(url)
    published = None
    for column in columns.published:
        published = published or _string(row, column)
    story = _string(row, columns.story) if columns.story else None
    other = msgspec.json.encode(row, order="sorted").decode() if row else None
    return id_, source, published, url, story, other, text


def _string(row: dict[str, object], column: str) -> str | None:
    value = row.pop(column, None)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, date):  # datetimes are dates
        return value.isoformat()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise _Rejected(f"{column!r} is neither a string nor a number")


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname or None if url else None
    except ValueError:
        return None


def _rows(name: str, reject: Reject) -> Iterator[tuple[int, dict[str, object]]]:
    """Number and columns of each row of a file."""
    if name.lower().endswith(TABLES):
        yield from _rows_of_table(name, reject)
        return
    decode = msgspec.json.Decoder().decode
    for number, line in _lines(name, reject):
        try:
            row = decode(line)
        except (ValueError, RecursionError) as error:
            reject(name, number, f"not JSON: {'too deep' if isinstance(error, RecursionError) else error}")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            reject(name, number, "not an object")


def _rows_of_table(name: str, reject: Reject) -> Iterator[tuple[int, dict[str, object]]]:
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(name) as file:
            for batch in file.iter_batches(1024):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
    except (OSError, UnicodeDecodeError) as error:  # Arrow's word for spoilt pages is OSError
        reject(name, number + 1, f"the file is spoilt from here on: {' '.join(str(error).split())}")


def _lines(name: str, reject: Reject) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line that is not blank; of a line that is too long no more is held than a block."""
    import pyarrow as pa

    number, rest, too_long = 1, bytearray(), False
    with pa.input_stream(name, compression="detect") as file:
        while True:
            try:
                block = file.read(BLOCK)
            except OSError as error:  # packed, and cut off or spoilt
                reject(name, number, f"the file is cut off or spoilt from here on: {error}")
                return
            first, *more = block.split(b"\n")
            rest += b"" if too_long else first
            if not block or more:
                if len(rest) > LONGEST or too_long:
                    reject(name, number, f"the line is longer than {LONGEST >> 20} MB")
                elif line := bytes(rest).removeprefix(b"\xef\xbb\xbf" if number == 1 else b"").strip():
                    yield number, line
                if not block:
                    return
                number += 1
                for line in more[:-1]:
                    if line.strip():
                        yield number, line
                    number += 1
                rest, too_long = bytearray(more[-1]), False
            elif len(rest) > LONGEST:
                rest, too_long = bytearray(), True
