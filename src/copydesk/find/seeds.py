"""Seeds: sampled hashes of `K` consecutive letters, with their place.

`K` letters are four or five words: fewer drown in chance (three common words are 16 letters), more do not survive where every
seventh word is edited. One run of `K` letters in `EVERY` is a seed, and which is decided by its own first letters alone: what
two texts share gives both the same seeds, whatever was edited next to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from copydesk.find import kernels
from copydesk.find.letters import folding

if TYPE_CHECKING:
    from numpy.typing import NDArray

K = kernels.K
W = 2 * kernels.EVERY
"""Letters in which a seed is to be expected: twice what lies between two of them on the mean."""
LIKELY = 16
"""Bytes of text for each seed that there is room for at first: more than `EVERY` seeds of as many letters are seldom."""
COLUMNS = ("n_letters", "length", "digest", "seeds")
"""What `seed` adds."""


def seed(batch: pa.RecordBatch) -> pa.Table:
    """Fold and seed a batch of copies: its columns without `text`, and `n_letters`, `length`, `digest`, `seeds`.

    `length` is the class of length: texts of one class differ by less than a quarter.
    `digest` is 16 bytes, equal for texts of equal letters. `seeds` are bytes: `uint64`, 40 bits of hash above 24 of place, in
    order of place. A text of fewer letters than `K` has none.
    """
    text = batch.column("text").cast(pa.large_utf8()).fill_null("")
    offsets, data = _strings(text)
    n = len(text)
    folds = folding()
    ascii_letters = kernels.ascii_letters(*folds)
    longest = int(np.diff(offsets).max(initial=0))
    letters = np.empty(kernels.room(longest), np.uint8)
    ends, n_letters, digests = np.empty(n, np.int64), np.empty(n, np.int64), np.empty((n, 2), np.uint64)
    parts: list[NDArray[np.uint64]] = []
    t = m = 0
    while t < n:
        begun = t
        out = np.empty(int(offsets[-1] - offsets[t]) // LIKELY + min(len(letters), kernels.MAX_LETTERS), np.uint64)
        t = kernels.seed(data, offsets, t, ascii_letters, *folds, letters, out, ends, n_letters, digests)
        parts.append(out[: ends[t - 1]])
        ends[begun:t] += m
        m += len(parts[-1])
    every = np.arange(n)  # taken, that is copied: a column may hold on to the batch, texts and all
    columns = {name: batch.column(name).take(every) for name in batch.schema.names if name != "text"}
    columns["n_letters"] = pa.array(n_letters)
    share, power = np.frexp(n_letters.astype(np.float64))
    columns["length"] = pa.array((power * 4 + (share * 8).astype(np.int32) - 4).astype(np.int32))
    columns["digest"] = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), n, [None, pa.py_buffer(digests)])
    columns["seeds"] = binary(_together(parts), np.concatenate(([0], ends)))
    return pa.table(columns)


def numbers(column: pa.ChunkedArray) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The `uint64` that a column of bytes holds, and where those of each row start (one more than rows).

    Without a copy if the column is one chunk of large binary.
    """
    chunks = [c.cast(pa.large_binary()) for c in column.chunks]
    blocks, lengths = [], [np.zeros(1, np.int64)]
    for chunk in chunks:
        offsets = np.frombuffer(chunk.buffers()[1], np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
        data = chunk.buffers()[2]
        if len(chunk) and data is not None:
            blocks.append(np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]].view(np.uint64))
            lengths.append(np.diff(offsets) // 8)
    return _together(blocks), np.cumsum(np.concatenate(lengths))


def _together(blocks: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Blocks one after the other; one alone is not copied."""
    return blocks[0] if len(blocks) == 1 else np.concatenate([np.empty(0, np.uint64), *blocks])


def _strings(array: pa.LargeStringArray) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Offsets and UTF-8 of an array of strings, without a copy."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    _, offsets, data = array.buffers()
    where = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    return where, np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)


def binary(values: NDArray[np.uint64], starts: NDArray[np.int64]) -> pa.LargeBinaryArray:
    """Rows of bytes over an array, row `i` being `values[starts[i]:starts[i + 1]]`, without a copy."""
    return pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(starts) - 1, [None, pa.py_buffer(np.ascontiguousarray(starts * 8)), pa.py_buffer(values)]
    )
