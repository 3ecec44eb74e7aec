"""Which ids were given before: a hash of each is kept, and not the ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copydesk.model import Flags

PIECE = 1 << 16  # slots that are moved at a time


class Seen:
    """Ids as 64-bit hashes in a table that is at most half full: 16 to 32 bytes an id, and half as much again while it grows.

    So 10 million ids take 268 MB. The hash is Python's own, which is keyed anew in each process, so that nobody can choose ids
    that are taken for others; that any two of 10 million are taken for one has a chance of 3 in a million.
    """

    def __init__(self) -> None:
        self._slots = np.zeros(1 << 12, np.uint64)  # 0 is a free one
        self._n = 0

    def first(self, ids: Sequence[str]) -> Flags:
        """For each id whether it is given for the first time; it is known from then on."""
        marks = np.fromiter(map(hash, ids), np.int64, len(ids)).view(np.uint64)
        marks[marks == 0] = 1
        while 2 * (self._n + len(marks)) > len(self._slots):
            held, self._slots = self._slots, np.zeros(2 * len(self._slots), np.uint64)
            for start in range(0, len(held), PIECE):
                piece = held[start : start + PIECE]
                self._put(piece[piece != 0])
        alike = len(set(ids)) < len(ids)
        at = np.unique(marks, return_index=True)[1] if alike else slice(None)  # the first of those that are alike
        first = np.zeros(len(marks), bool)
        first[at] = self._put(marks[at])
        self._n += int(first.sum())
        return first

    def _put(self, marks: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> Flags:
        """Put marks, no two alike, into the table; for each whether it was not there."""
        last = np.uint64(len(self._slots) - 1)
        new = np.zeros(len(marks), bool)
        left = np.arange(len(marks))
        slots = marks & last
        while len(left):
            free = self._slots[slots] == 0
            self._slots[slots[free]] = marks[left[free]]  # of several that ask for a slot the last one has it
            here = self._slots[slots] == marks[left]
            new[left[free & here]] = True
            left, slots = left[~here], (slots[~here] + np.uint64(1)) & last
        return new
