"""Files to rows: JSON Lines, CSV, Parquet and texts, a block at a time, with the numbers of the rows that cannot be read.

A row is a dict of its columns. Its text stands apart, for that is most of it: where a file has texts as an array they stay one.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from copydesk.sources import files
from copydesk.sources.cut import PAD, Cut, cut
from copydesk.sources.text import MARKS, Unreadable, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

BLOCK = 1 << 20  # bytes of lines that are read at a time
LONGEST = 32 << 20  # bytes of a row; what is longer is no document but a file whose line ends are lost
TOO_LONG = f"the line is longer than {LONGEST >> 20} MB"
ROWS, ENOUGH = 1024, 4 << 20  # rows, or about so many bytes of them, that are taken from a table at a time
SEPARATORS = {".csv": ",", ".tsv": "\t"}

Row = dict[str, Any]


class Rows(NamedTuple):
    """Some rows of a file, in order: their numbers, their texts, their other columns, and why some could not be read.

    Numbers are from 1. A line's is that of the line, a CSV's that of the line on which the row begins.
    """

    numbers: Sequence[int]
    texts: list[Any] | pa.Array
    others: list[Row]
    bad: list[tuple[int, str]]


def rows(name: str, text: str, known: Sequence[str], hear: files.Hear | None = None) -> Iterator[Rows | Cut]:
    """The rows of a table, with the column of the texts set apart, and if it can be had cheaply the `known` ones of strings.

    What spoils the rest of a file is told as its last row. `hear` hears the bytes that are read, but for those of Parquet.
    """
    last = 0
    try:
        match files.kind(name):
            case "cells":
                blocks: Iterator[Rows | Cut] = _of_cells(name, text, hear)
            case "parquet":
                blocks = _of_parquet(name, text)
            case _:
                blocks = _of_lines(name, text, known, hear)
        for block in blocks:
            if isinstance(block, Cut):
                last = block.first + len(block.texts) - 1
            else:
                last = max([last, *block.numbers[-1:], *(number for number, _ in block.bad[-1:])])
            yield block
    except OSError as error:
        if error.errno is not None:  # an error of the system, and not Arrow's word for what is spoilt
            raise
        yield Rows([], [], [], [(last + 1, f"the file is cut off or spoilt from here on: {_line(error)}")])


def column_names(name: str) -> list[str] | None:
    """The columns that a table has, or its first rows; None where it has no row to tell. Raises `Unreadable`, and `OSError`."""
    with files.opened(name) as file:
        if files.kind(name) == "parquet":
            return _columns_of_parquet(file, name)
        block = _looked_at(file, name)
    unpacked = next((encoding for mark, encoding in MARKS if block.startswith(mark)), None)
    if unpacked:
        raise Unreadable(f"{files.shown(name)} is {unpacked.upper()}; convert it to UTF-8")
    if files.kind(name) == "cells":
        return _header(block, name)
    whole = block[: block.rfind(b"\n") + 1] or block
    _, read = _decoded(1, whole.count(b"\n"), whole.removeprefix(codecs.BOM_UTF8), [])
    return list(dict.fromkeys(key for row in read for key in row)) or None


def _header(block: bytes, name: str) -> list[str] | None:
    csv.field_size_limit(LONGEST)
    lines = io.StringIO(block.decode("utf-8-sig", "surrogateescape"), newline="")
    try:
        header = next((row for row in csv.reader(lines, delimiter=_separator(name), strict=True) if row), [])
    except csv.Error as error:
        raise Unreadable(f"{files.shown(name)}: its first row, which should name the columns, is no CSV: {error}") from None
    if _no_utf8(header):
        raise Unreadable(f"{files.shown(name)} is not UTF-8; convert it to UTF-8")
    return _unlike(header) or None


def _looked_at(file: files.Stream, name: str) -> bytes:
    """The first block of a file, or more of it until a line ends; a file that is spoilt there has none."""
    block = b""
    try:
        while b"\n" not in block and len(block) <= LONGEST and (more := file.read(BLOCK)):
            block += more
    except OSError:
        return b""
    if name == files.STANDARD_INPUT:
        files.again(block)
    return block


def _of_lines(name: str, text: str, known: Sequence[str], hear: files.Hear | None) -> Iterator[Rows | Cut]:
    number = 1
    with files.opened(name, hear) as file:
        for some in cut(_blocks(file, bytes(PAD)), text, known):
            if isinstance(some, Cut):
                yield some._replace(first=number)
                number += len(some.texts)
                continue
            n = some.count(b"\n") + (not some.endswith(b"\n"))
            bad = [] if some else [(number, TOO_LONG)]
            numbers, read = _decoded(number, n, some, bad)
            yield Rows(numbers, [row.pop(text, None) for row in read], read, bad)
            number += n


def _decoded(first: int, n: int, block: bytes, bad: list[tuple[int, str]]) -> tuple[Sequence[int], list[Row]]:
    """Numbers and rows of a block of so many lines, whose first has the number given; those that are none go to `bad`."""
    with suppress(ValueError, RecursionError):  # one line at a time tells which
        read = _LINES(block)
        if len(read) == n and set(map(type, read)) <= {dict}:
            return range(first, first + n), read
    numbers: list[int] = []
    read = []
    for number, line in enumerate(block.split(b"\n"), first):
        if not line.strip():
            continue
        try:
            row = _object(line)
        except ValueError as why:
            bad.append((number, str(why)))
            continue
        numbers.append(number)
        read.append(row)
    return numbers, read


_LINES: Callable[[bytes], list[Any]] = msgspec.json.Decoder().decode_lines
_LINE: Callable[[bytes], Any] = msgspec.json.Decoder().decode


def _object(line: bytes) -> Row:
    """A line as an object; raises `ValueError` with the reason. NaN, which Python writes, is read."""
    try:
        try:
            row = _LINE(line)
        except ValueError:
            row = json.loads(line.decode())
            json.dumps(row, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("not JSON: too deep") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"not JSON: no UTF-8 at byte {error.start + 1}") from None
    except UnicodeEncodeError:
        raise ValueError("not JSON: half a character (a lone surrogate), which no text can hold") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg.removesuffix(' at')} at character {error.pos + 1}") from None
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(row, dict):
        raise ValueError("not an object")
    return row


def _blocks(file: files.Stream, end: bytes = b"") -> Iterator[bytes]:
    """Whole lines, about `BLOCK` bytes of them at a time, and `end`; a line longer than `LONGEST`, not held, as no bytes."""
    rest, too_long = bytearray(), False
    block = file.read(BLOCK).removeprefix(codecs.BOM_UTF8)
    while block:
        if stop := block.rfind(b"\n") + 1:
            start = 0
            if too_long or len(rest) + block.find(b"\n") > LONGEST:
                yield b""
                rest, start = bytearray(), block.find(b"\n") + 1
            if rest or stop > start:
                yield b"".join((rest, memoryview(block)[start:stop], end))
            rest, too_long = bytearray(memoryview(block)[stop:]), False
        elif not too_long:
            rest += block
            if too_long := len(rest) > LONGEST:
                rest = bytearray()
        block = file.read(BLOCK)
    if too_long or rest:
        yield bytes(rest) and b"".join((rest, end))


def _of_cells(name: str, text: str, hear: files.Hear | None) -> Iterator[Rows]:
    """The rows of a CSV, whose first one that is not blank names the columns."""
    at = 0  # the line that is read
    begun: list[int] = []  # the lines of the row that is read: one that is too long comes without its text
    too_long: list[int] = []
    spoilt = False

    def lines(file: files.Stream) -> Iterator[str]:
        nonlocal at, spoilt
        for block in _blocks(file):
            if not block:
                at += 1
                too_long.append(at)
                continue
            try:
                decoded = block.decode()
            except UnicodeDecodeError:
                decoded, spoilt = block.decode("utf-8", "surrogateescape"), True
            for line in io.StringIO(decoded, newline=""):
                at += 1
                begun.append(at)
                yield line

    header: list[str] = []
    numbers: list[int] = []
    cells: list[list[str]] = []
    bad: list[tuple[int, str]] = []
    size = 0
    csv.field_size_limit(LONGEST)
    with files.opened(name, hear) as file:
        reader = csv.reader(lines(file), delimiter=_separator(name), strict=True)
        while True:
            begun.clear()
            try:
                row = next(reader, None)
                why = None if row is None else _ragged(row, header) or (_no_utf8(row) if spoilt else None)
            except csv.Error as error:
                row, why = [], _csv_error(error, begun)
            bad += [(number, TOO_LONG) for number in too_long]
            too_long.clear()
            if row is not None and not header and not why:
                header = _unlike(row)
                continue
            if why:
                bad.append((begun[0], why))
            elif row:
                numbers.append(begun[0])
                cells.append(row)
                size += sum(map(len, row))
            if row is None or len(cells) >= ROWS or size >= ENOUGH or len(bad) >= ROWS:
                others = [dict(zip(header, row, strict=True)) for row in cells]
                yield Rows(numbers, [row.pop(text, None) for row in others], others, sorted(bad))
                numbers, cells, bad, size = [], [], [], 0
            if row is None:
                return


def _ragged(row: list[str], header: list[str]) -> str | None:
    if row and header and len(row) != len(header):
        return f"{len(row)} field{'s' if len(row) > 1 else ''}, where the first row has {len(header)}"
    return None


def _no_utf8(row: list[str]) -> str | None:
    try:
        "".join(row).encode()
    except UnicodeEncodeError:
        return "no UTF-8"
    return None


def _csv_error(error: csv.Error, lines: list[int]) -> str:
    said = str(error)
    if "limit" in said or "end of data" in said:
        return f"a quotation mark that opens here is not closed; the lines to {lines[-1]} are left out with it"
    to = f"; the lines to {lines[-1]} are left out with it" if lines[-1] > lines[0] else ""
    return f"no CSV: {said}{to}"


def _separator(name: str) -> str:
    return next(separator for end, separator in SEPARATORS.items() if end in files.shown(name).lower()[-8:])


def _of_parquet(name: str, text: str) -> Iterator[Rows]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 1
    # With `pre_buffer` whole groups of rows are read ahead: of 200,000 documents 680 MB were held, not 300.
    with files.opened(name) as file, pq.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False) as table:
        schema = table.schema_arrow
        columns = _unlike(schema.names)
        if not table.metadata.num_rows:
            return
        size = sum(table.metadata.row_group(n).total_byte_size for n in range(table.metadata.num_row_groups))
        at_a_time = max(1, min(ROWS, ENOUGH * table.metadata.num_rows // max(1, size)))
        try:
            for batch in table.iter_batches(at_a_time):
                arrays = dict(zip(columns, map(_plain, batch.columns), strict=True))
                texts = arrays.pop(text)
                read, bad = _values(arrays, batch.num_rows)
                numbers: Sequence[int] = range(number, number + batch.num_rows)
                if bad:
                    kept = [n for n in range(batch.num_rows) if n not in bad]
                    texts, numbers = texts.take(pa.array(kept, pa.int64())), [numbers[n] for n in kept]
                yield Rows(numbers, texts, read, [(number + n, why) for n, why in bad.items()])
                number += batch.num_rows
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise OSError(str(error)) from None


def _plain(array: pa.Array) -> pa.Array:
    """Times as microseconds of the world's time, which need no list of zones; what else Python cannot take as it is."""
    import pyarrow as pa

    if pa.types.is_timestamp(array.type):
        return array.cast(pa.timestamp("us", array.type.tz and "UTC"), safe=False)
    return array


def _values(arrays: dict[str, pa.Array], n: int) -> tuple[list[Row], dict[int, str]]:
    """The rows of some columns, and why others cannot be had."""
    import pyarrow as pa

    batch = pa.RecordBatch.from_arrays(list(arrays.values()), list(arrays)) if arrays else None
    if batch is None:
        return [{} for _ in range(n)], {}
    try:
        return batch.to_pylist(), {}
    except (ValueError, OverflowError):  # no UTF-8, or a date that Python has not: one at a time tells which
        read: list[Row] = []
        bad = {}
        for at in range(n):
            try:
                read += batch.slice(at, 1).to_pylist()
            except (ValueError, OverflowError) as error:
                bad[at] = f"a value cannot be read: {_line(error)}"
        return read, bad


def _columns_of_parquet(file: files.Stream, name: str) -> list[str] | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as table:
            return _unlike(table.schema_arrow.names)
    except (pa.ArrowInvalid, OSError) as error:
        raise Unreadable(f"{files.shown(name)} is not a whole Parquet file: {_line(error)}") from None


def type_of(name: str, text: str) -> pa.DataType | None:
    """The type of a Parquet file's column; None where it has no rows."""
    import pyarrow.parquet as pq

    with files.opened(name) as file, pq.ParquetFile(file) as table:
        schema = table.schema_arrow
        return schema.field(_unlike(schema.names).index(text)).type if table.metadata.num_rows else None


def text_of(file: str, hear: files.Hear | None = None) -> tuple[str, str | None]:
    """The text of a file that is one copy, and a note on how it was read. Raises `Unreadable`, and `OSError`."""
    return decode(bytes_of(file, hear), files.shown(file))


def bytes_of(file: str, hear: files.Hear | None = None) -> bytes:
    """What a file that is one document holds. Raises `Unreadable`, and `OSError`."""
    with files.opened(file, hear) as opened:
        data = _all(opened)
    if len(data) > LONGEST:
        raise Unreadable(f"longer than {LONGEST >> 20} MB")
    return data


def _all(file: files.Stream) -> bytes:
    """What a file holds, and no more of it than a byte too much."""
    data = bytearray()
    while len(data) <= LONGEST and (block := file.read(LONGEST + 1 - len(data))):
        data += block
    return bytes(data)


def _unlike(names: Sequence[str]) -> list[str]:
    """Names of columns, of which one that was there before has a number added."""
    times: Counter[str] = Counter()
    unlike: list[str] = []
    for name in names:
        times[name] += 1
        told = name if times[name] == 1 else f"{name}.{times[name]}"
        unlike.append(told if told not in unlike else f"{told}.{len(unlike)}")
    return unlike


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())
