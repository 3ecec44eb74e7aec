"""Chains: the shared seeds of two texts in order, hence what of either lies in the other.

Between two shared seeds that follow one another in both texts at about one distance, the letters between count as shared too:
they may be edited, but they stand at the same place. So the coverage of a copy with every seventh word edited is near 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.find import kernels
from copydesk.find.seeds import K, W

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Index = NDArray[np.int64]

GAP = 450
"""Letters between two shared seeds that may still be one stretch: at 15 % edited words on both sides one seed in 7 survives."""
WIDE_GAP = 600
"""The same, for texts that others already vouch for."""
MOVED = 400
"""Letters of a stretch that counts even where it stands in another order; shorter ones are a matter of chance."""


@dataclass(frozen=True)
class Hashes:
    """A set of seed hashes, as the kernels look them up."""

    table: NDArray[np.uint64]
    marks: NDArray[np.uint8]

    @staticmethod
    def of(hashes: NDArray[np.uint64]) -> Hashes:
        """The set of these."""
        size = 64
        while size < 2 * len(hashes):
            size *= 2
        made = Hashes(np.zeros(size, np.uint64), np.zeros(16 * size, np.uint8))
        kernels.fill(made.table, made.marks, hashes)
        return made


NOTHING = Hashes(np.zeros(1, np.uint64), np.zeros(1, np.uint8))
"""No hashes at all."""


@dataclass(frozen=True)
class Texts:
    """Texts by number: the seeds of text `t` are `seeds[starts[t]:ends[t]]`; and how many letters it has."""

    seeds: NDArray[np.uint64]
    starts: Index
    ends: Index
    n_letters: Index

    def __len__(self) -> int:
        """The number of texts."""
        return len(self.n_letters)

    def story_letters(self, boilerplate: Hashes) -> Index:
        """The letters of each text outside boilerplate."""
        out = np.empty(len(self), np.int64)
        kernels.story_letters(
            self.seeds, self.starts, self.ends, self.n_letters, boilerplate.table, boilerplate.marks, K, K + W, W // 2, out
        )
        return out

    def chain(self, a: Index, b: Index, boilerplate: Hashes | None = None, gap: int = GAP) -> tuple[Index, Index]:
        """Letters of each text of the pairs that its chains with the other cover: `(of a, of b)`."""
        shared, cover_a, cover_b = (np.empty(len(a), np.int64) for _ in range(3))
        skip = boilerplate or NOTHING
        kernels.chain(a, b, self.seeds, self.starts, self.ends, skip.table, K, gap, W // 2, MOVED, shared, cover_a, cover_b)
        return cover_a, cover_b

    def common(self, a: Index, b: Index, wanted: Hashes = NOTHING) -> tuple[NDArray[np.uint64], Index]:
        """The seeds that each pair shares, of those wanted (`NOTHING`: all): `(hash, pair)`, in order of pairs."""
        room = 64 * len(a) + 1024
        while True:
            hashes, pair = np.empty(room, np.uint64), np.empty(room, np.int64)
            n = kernels.common(a, b, self.seeds, self.starts, self.ends, wanted.table, hashes, pair)
            if n <= room:
                return hashes[:n], pair[:n]
            room = n


def permille(cover_a: Index, cover_b: Index, letters_a: Index, letters_b: Index) -> Index:
    """Coverage of the side that is covered better, in thousandths: whole numbers, so that sums do not hang on their order."""
    better: Index = np.maximum(cover_a * 1000 // letters_a, cover_b * 1000 // letters_b)
    return np.minimum(better, 1000)
