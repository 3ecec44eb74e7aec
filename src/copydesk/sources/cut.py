"""JSON Lines cut into columns by a compiled loop, so that no row becomes an object: a fifth of the time, with the same result.

What is not spelt plainly (a key with escapes or one that is there twice, a text that is no string, no UTF-8, no JSON) is handed
on as lines, for a decoder to make of it what can be made.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from copydesk.sources.values import as_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

LARGE = 1 << 18  # bytes of lines from which the loop is worth its start
ODD = 1 << 16  # bytes of lines that are handed on where one is odd, for it is seldom alone
PAD = 64  # bytes of zero after the lines of a block: the loop reads a little too far, and writes as much
ROWS, ENOUGH = 8192, 16 << 20  # rows, or bytes of text, that are cut before they are given
ROOM = 1 << 20  # bytes of each other column of so many rows

_LINES = msgspec.json.Decoder().decode_lines


class Cut(NamedTuple):
    """Some rows of a file, in order, and all of them objects: the number of the first, and their columns of strings.

    `texts` are sound UTF-8, and there is one in each row. Of `strings` null is what is not there, or is empty. `others` is what
    else the rows have, JSON as `as_json` writes it.
    """

    first: int
    texts: pa.Array
    strings: dict[str, pa.Array]
    others: pa.Array


def cut(blocks: Iterable[bytes], text: str, names: Sequence[str]) -> Iterator[Cut | bytes]:
    """Blocks of whole lines as rows, with the strings of `text` and of `names`, and in between the lines that cannot be cut.

    After its lines each block has `PAD` bytes of zero, but for an empty block, which is handed on as it is. The numbers of the
    rows are for the caller to count. What was cut before an error of the blocks is given before it is raised.
    """
    cutter = _Cutter(text, names)
    try:
        for block in blocks:
            stop = max(len(block) - PAD, 0)
            if stop >= LARGE and block.endswith(b"\n", 0, stop):
                yield from cutter.cut(block, stop)
            else:
                yield from cutter.taken()
                yield block[:stop]
    except OSError:
        yield from cutter.taken()
        raise
    yield from cutter.taken()


class _Cutter:
    """Rows that are cut and not given yet."""

    def __init__(self, text: str, names: Sequence[str]) -> None:
        keys = [name.encode("utf-8", "surrogatepass") for name in (text, *names)]
        self._names = names
        self._keys = np.frombuffer(b"".join(keys), np.uint8)
        self._key_ends = np.cumsum([len(key) for key in keys]).astype(np.int32)
        self._texts = self._rest = np.empty(0, np.uint8)
        self._strings = np.empty((len(names), ROOM), np.uint8)
        self._ends = np.zeros((len(names) + 2, ROWS + 1), np.int32)
        self._others: list[dict[str, Any]] = []
        self._n = 0

    def cut(self, block: bytes, stop: int) -> Iterator[Cut | bytes]:
        """Cut the lines `block[:stop]`, and give what is full, and what is odd; the rest is held."""
        from copydesk.sources.kernels import cut

        at = 0
        if not _is_utf8(block, stop):
            yield from self.taken()
            yield block[:stop]
            return
        lines = np.frombuffer(block, np.uint8)
        while at < stop:
            yield from self._with_room(stop - at)
            begun, n = at, self._n
            at, self._n = cut(
                lines, at, stop, self._keys, self._key_ends, self._texts, self._strings, self._rest, self._ends, n
            )
            if not self._decoded(n):
                self._n, at = n, begun
                yield from self.taken()
                yield block[at:stop]
                return
            if at < stop and self._n:  # it is full, or what comes is odd: then it stops there again
                yield from self.taken()
            elif at < stop:
                odd = block.find(b"\n", min(at + ODD, stop - 1)) + 1
                yield block[at:odd]
                at = odd

    def taken(self) -> Iterator[Cut]:
        """The rows that are held, if there are any; they are held no longer."""
        import pyarrow as pa

        n = self._n
        if not n:
            return
        size = int(self._ends[0, n])
        texts = self._texts[:size]
        if 2 * size < len(self._texts):
            texts = texts.copy()
        else:
            self._texts = np.empty(0, np.uint8)
        ends = self._ends[:, : n + 1].copy()
        columns = [pa.StringArray.from_buffers(n, pa.py_buffer(ends[0]), pa.py_buffer(texts))]
        there = np.diff(ends) > 0
        for of_it, column, is_there in zip(ends[1:-1], self._strings, there[1:-1], strict=True):
            if is_there.any():
                given = None if is_there.all() else pa.py_buffer(np.packbits(is_there, bitorder="little"))
                data = pa.py_buffer(column[: of_it[-1]].copy())
                columns.append(pa.StringArray.from_buffers(n, pa.py_buffer(of_it), data, given))
            else:
                columns.append(pa.nulls(n, pa.string()))
        others = np.full(n, None, object)
        others[there[-1]] = as_json(self._others)
        self._n, self._others = 0, []
        yield Cut(0, columns[0], dict(zip(self._names, columns[1:], strict=True)), pa.array(others, pa.string()))

    def _with_room(self, size: int) -> Iterator[Cut]:
        """See that there is room for so many bytes of lines more, and for a row."""
        n, size = self._n, size + PAD
        texts, rest = self._ends[[0, -1], n].tolist()
        if n == ROWS or texts >= ENOUGH or (n and max(texts + size > len(self._texts), rest + size > len(self._rest))):
            yield from self.taken()
            texts = rest = 0
        if texts + size > len(self._texts):
            self._texts = np.empty(ENOUGH + 2 * size, np.uint8)
        if rest + size > len(self._rest):
            self._rest = np.empty(ENOUGH + 2 * size, np.uint8)

    def _decoded(self, n: int) -> bool:
        """Decode what else the rows from `n` on have; whether it is JSON."""
        start, end = int(self._ends[-1, n]), int(self._ends[-1, self._n])
        if start == end:
            return True
        there = int(np.count_nonzero(np.diff(self._ends[-1, n : self._n + 1])))
        with suppress(ValueError, RecursionError):
            others = _LINES(self._rest[start:end].tobytes())
            if len(others) == there and set(map(type, others)) == {dict}:
                self._others += others
                return True
        return False


def _is_utf8(block: bytes, stop: int) -> bool:
    """Whether `block[:stop]` is UTF-8."""
    import pyarrow as pa

    if not np.bitwise_or.reduce(np.frombuffer(block, np.uint64, (stop + 7) // 8)) & 0x8080808080808080:
        return True
    whole = pa.StringArray.from_buffers(1, pa.py_buffer(np.array([0, stop], np.int32)), pa.py_buffer(block))
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
