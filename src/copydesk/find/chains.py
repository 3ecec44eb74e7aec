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

GAP = 300
"""Letters between two shared seeds that may still be one stretch: of copies badly edited on both sides one seed in 7 survives.
More, and articles that quote the same people pass for copies: of the runs of five words they share but a seventh."""
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
        made = Hashes(np.zeros(size, np.uint64), np.zeros(2 * size, np.uint8))
        kernels.fill(made.table, made.marks, hashes)
        return made


NOTHING = Hashes(np.zeros(1, np.uint64), np.zeros(1, np.uint8))
"""No hashes at all."""


@dataclass(frozen=True)
class Shared:
    """The seeds that pairs of texts share: those of pair `l` are the `[bounds[l], bounds[l + 1])`.

    `seeds` are as the second text has them, in order of place, `places` where the first has them.
    """

    seeds: NDArray[np.uint64]
    places: NDArray[np.int32]
    bounds: Index

    def chain(self, pairs: Index, boilerplate: Hashes = NOTHING, gap: int = GAP) -> tuple[Index, Index]:
        """Letters of either text of these pairs that their chains cover: `(of the first, of the second)`."""
        cover_a, cover_b = np.empty((2, len(pairs)), np.int64)
        scratch = np.empty((6, int((self.bounds[pairs + 1] - self.bounds[pairs]).max(initial=0))), np.int64)
        kernels.chain(
            pairs, self.bounds, self.seeds, self.places, boilerplate.table, K, gap, W // 2, MOVED, scratch, cover_a, cover_b
        )
        return cover_a, cover_b

    def hashes(self, pairs: Index) -> NDArray[np.uint64]:
        """The hashes of all seeds that these pairs share."""
        hashes = np.empty(int((self.bounds[pairs + 1] - self.bounds[pairs]).sum()), np.uint64)
        kernels.hashes(pairs, self.bounds, self.seeds, hashes)
        return hashes

    def tally(self, pairs: Index, change: int, of: Hashes, counts: Index) -> NDArray[np.bool_]:
        """Add `change` to the counts, one for each place of the table `of`, of the seeds of these pairs; which have any."""
        having = np.empty(len(pairs), np.bool_)
        kernels.tally(pairs, change, self.bounds, self.seeds, of.table, of.marks, counts, having)
        return having


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

    def most_seeds(self, texts: Index) -> int:
        """The largest number of seeds of any of these."""
        return int((self.ends[texts] - self.starts[texts]).max(initial=0))

    def only(self, wanted: Hashes) -> Texts:
        """The texts with no other seeds than these."""
        in_order = np.argsort(self.starts)  # in the order in which they lie in memory
        seeds = np.empty(len(self.seeds) + 1, np.uint64)
        starts, ends = np.empty((2, len(self)), np.int64)
        n = kernels.only(in_order, self.seeds, self.starts, self.ends, wanted.table, wanted.marks, seeds, starts, ends)
        return Texts(seeds[:n].copy(), starts, ends, self.n_letters)

    def story_letters(self, boilerplate: Hashes) -> Index:
        """The letters of each text outside boilerplate."""
        out = np.empty(len(self), np.int64)
        kernels.story_letters(self.seeds, self.starts, self.ends, self.n_letters, boilerplate.table, K, K + W, W // 2, out)
        return out

    def shared(self, a: Index, b: Index, boilerplate: Hashes = NOTHING) -> Shared:
        """The seeds that pairs share, boilerplate aside; those of one `a` should stand together."""
        room = int((self.ends[b] - self.starts[b]).sum()) + 1
        seeds, places, bounds = np.empty(room, np.uint64), np.empty(room, np.int32), np.zeros(len(a) + 1, np.int64)
        size = kernels.index_room(self.most_seeds(a))
        table, marks = np.empty(size, np.uint64), np.empty(kernels.MARKS * size, np.uint8)
        kernels.share(a, b, self.seeds, self.starts, self.ends, boilerplate.table, table, marks, seeds, places, bounds[1:])
        return Shared(seeds[: bounds[-1]], places[: bounds[-1]], bounds)

    def chain(self, a: Index, b: Index, boilerplate: Hashes | None = None, gap: int = GAP) -> tuple[Index, Index]:
        """Letters of each text of the pairs that its chains with the other cover: `(of a, of b)`."""
        return self.shared(a, b, boilerplate or NOTHING).chain(np.arange(len(a)), gap=gap)


def permille(cover_a: Index, cover_b: Index, letters_a: Index, letters_b: Index) -> Index:
    """Coverage of the side that is covered better, in thousandths: whole numbers, so that sums do not hang on their order."""
    better: Index = np.maximum(cover_a * 1000 // letters_a, cover_b * 1000 // letters_b)
    return np.minimum(better, 1000)
