"""Number: copies of equal letters are one text, and texts are numbered.

Longest first by class of length, texts of one class by digest: a number hangs on content alone, so all that follows is the same
whatever the order of arrival. Not the very longest is first: the longest copy of a large story is its most edited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

    from copydesk.find.chains import Index


@dataclass(frozen=True)
class Numbered:
    """The number of the text of each copy; and of each text its first copy and its second (-1: it has none)."""

    text: Index
    first: Index
    second: Index


def number(copies: pa.Table) -> Numbered:
    """Number the texts of copies with `n_letters`, `length` and `digest`, in order of their ids.

    Copies without letters stay alone.
    """
    n_letters, length = copies.column("n_letters").to_numpy(), copies.column("length").to_numpy()
    digest = np.concatenate([np.empty((0, 2), np.uint64), *(_numbers(chunk) for chunk in copies.column("digest").chunks)])
    # In order of length, and within it of the digest: 8 bits of the one and 56 of the other are told apart at once.
    key = (255 - length).astype(np.uint64) << np.uint64(56) | digest[:, 0] >> np.uint64(8)
    order = np.lexsort((digest[:, 1], key))  # copies of equal letters stay in order of their ids
    begins = n_letters[order] == 0
    for of in (key, digest[:, 0], digest[:, 1], n_letters):
        begins[1:] |= of[order[1:]] != of[order[:-1]]
    begins[:1] = True
    start = np.flatnonzero(begins)
    text = np.empty(len(order), np.int64)
    text[order] = np.cumsum(begins) - 1
    more = np.diff(start, append=len(order)) > 1
    second = np.full(len(start), -1)
    second[more] = order[start[more] + 1]
    return Numbered(text, order[start], second)


def _numbers(digests: pa.FixedSizeBinaryArray) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
    """Two numbers for each digest, in the order of its bytes."""
    every = np.frombuffer(digests.buffers()[1], ">u8").reshape(-1, 2)
    return every[digests.offset : digests.offset + len(digests)].astype(np.uint64)
