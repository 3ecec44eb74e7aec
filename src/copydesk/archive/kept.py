"""The seeds that an archive keeps, so that a new copy finds its story without the texts of old ones.

Each batch has files of its own, mapped and not read: the seeds of its copies one after the other, and *postings*, which say
in which of its texts a seed is. A seed of a new copy is looked up in these by bisection, so what it costs hangs on how many
batches there are, and next to nothing on how many copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from copydesk.find.chains import Texts
from copydesk.find.links import MOST, PLENTY, postings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from copydesk.find.chains import Index

    Numbers = NDArray[np.uint64]

FILES = ("seeds", "bounds", "n_letters", "length", "digests", "postings", "ranked", "prints", "printed")
HALF = np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)
SHORT = np.uint64(8)
"""Bits of the hash of a seed that a posting lacks."""
WEIGHT = 48
"""As in finding: a link by a seed of `n` texts weighs this, divided by the bits of `n`."""


class Seeded(NamedTuple):
    """Copies as `find.seeded` gives them: a table with `copy_id, n_letters, length, digest`, and where their seeds are."""

    table: pa.Table
    seeds: Numbers
    starts: Index
    ends: Index


@dataclass(frozen=True)
class Batch:
    """The seeds of the `n` copies of a batch, of which the first has the number `first`."""

    path: Path
    first: int
    n: int

    def _read(self, name: str) -> NDArray[np.generic]:
        # a plain view: each part of a `memmap` would be one, which takes longer than most parts
        array: NDArray[np.generic] = np.load(self.path / f"{name}.npy", mmap_mode="r").view(np.ndarray)
        return array

    @cached_property
    def seeds(self) -> Numbers:
        """All seeds; those of copy `first + i` are `[bounds[i], bounds[i + 1])`."""
        return self._read("seeds")  # type: ignore[return-value]

    @cached_property
    def bounds(self) -> Index:
        """Where those of each copy start, and where the last ends."""
        return self._read("bounds")  # type: ignore[return-value]

    @cached_property
    def n_letters(self) -> Index:
        """The letters of each copy."""
        return self._read("n_letters")  # type: ignore[return-value]

    @cached_property
    def length(self) -> NDArray[np.int32]:
        """The class of length of each copy."""
        return self._read("length")  # type: ignore[return-value]

    @cached_property
    def digests(self) -> Numbers:
        """Two numbers for each copy, which are those of its letters."""
        return self._read("digests")  # type: ignore[return-value]

    @cached_property
    def postings(self) -> Numbers:
        """32 bits of a seed's hash above 32 of the rank of a text that has it, sorted."""
        return self._read("postings")  # type: ignore[return-value]

    @cached_property
    def ranked(self) -> Index:
        """The copy of each rank, counted from `first`: of copies of equal letters one has a rank, the longest first."""
        return self._read("ranked")  # type: ignore[return-value]

    def same_letters(self, digests: Numbers) -> Index:
        """The number of a copy of the same letters for each of these (two numbers each), -1 where there is none."""
        prints, printed = self._read("prints"), self._read("printed")
        at = np.minimum(np.searchsorted(prints, digests[:, 0]), len(prints) - 1)
        copy = printed[at].astype(np.int64)
        equal = (self.digests[copy] == digests).all(axis=1) & (self.n_letters[copy] > 0)
        return np.where(equal, copy + self.first, -1)

    def runs(self, hashes: Numbers) -> tuple[Index, Index]:
        """Where the postings of each of these hashes (32 bits, sorted) begin and end."""
        return np.searchsorted(self.postings, hashes << HALF), np.searchsorted(self.postings, (hashes << HALF) | LOW, "right")


@dataclass(frozen=True)
class Kept:
    """The seeds of all batches."""

    batches: Sequence[Batch]

    def __len__(self) -> int:
        """How many copies there are."""
        return sum(batch.n for batch in self.batches)

    def same_letters(self, digests: Numbers) -> Index:
        """The number of a copy of the same letters for each of these digests, -1 where there is none."""
        found = np.full(len(digests), -1)
        for batch in self.batches:
            found = np.where(found < 0, batch.same_letters(digests), found)
        return found

    def count(self, hashes: Numbers) -> Index:
        """In how many texts, about, each of these seeds is."""
        short = np.unique(hashes >> SHORT)
        n = np.zeros(len(short), np.int64)
        for batch in self.batches:
            begin, end = batch.runs(short)
            n += end - begin
        return n[np.searchsorted(short, hashes >> SHORT)]

    def linked(self, texts: Texts, boilerplate: Numbers, most: int = MOST, deep: int = 1) -> tuple[Index, Index]:
        """The copies that some texts are most likely to share text with, at most so many of each: `(of text, copy)`.

        A seed leads to the first `deep` texts of each batch that have it, which are the longest.
        """
        own = np.sort(postings(texts, np.arange(len(texts)))[0])
        own = own[~np.isin(own >> HALF, boilerplate >> SHORT)]
        hashes, of, n = np.unique(own >> HALF, return_inverse=True, return_counts=True)
        runs = [batch.runs(hashes) for batch in self.batches]
        n = n + sum((end - begin for begin, end in runs), np.zeros(len(n), np.int64))
        weight = WEIGHT // np.frexp(n.astype(np.float64))[1].astype(np.int64)
        pairs, weights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for batch, (begin, end) in zip(self.batches, runs, strict=True):
            led = np.minimum(end - begin, deep)[of]  # so many texts of each seed of each text
            some = np.repeat(np.arange(len(of)), led)
            nth = np.arange(len(some)) - np.repeat(np.cumsum(led) - led, led)
            copy = batch.ranked[(batch.postings[begin[of[some]] + nth] & LOW).astype(np.int64)] + batch.first
            pairs.append((own[some] & LOW).astype(np.int64) << 32 | copy)
            weights.append(weight[of[some]])
        pair, at = np.unique(np.concatenate(pairs), return_inverse=True)
        total = np.bincount(at, np.concatenate(weights), len(pair)).astype(np.int64)
        shared = np.bincount(at, minlength=len(pair))
        order = np.lexsort((pair, -total, pair >> 32))
        text = pair[order] >> 32
        first = np.flatnonzero(np.diff(text, prepend=-1))
        place = np.arange(len(text)) - np.repeat(first, np.diff(np.append(first, len(text))))
        few = (texts.ends - texts.starts)[text] <= PLENTY
        chosen = order[(place < most) & ((shared[order] >= 2) | (place == 0) | ((place == 1) & few))]
        return pair[chosen] >> 32, pair[chosen] & 0xFFFFFFFF

    def of(self, copies: Index) -> tuple[Numbers, Index, Index, NDArray[np.int32], Numbers]:
        """Of these copies (numbers, sorted) all seeds, their bounds, their letters, classes of length and digests."""
        seeds, lengths = [np.empty(0, np.uint64)], [np.zeros(1, np.int64)]
        n_letters, length, digests = [np.empty(0, np.int64)], [np.empty(0, np.int32)], [np.empty((0, 2), np.uint64)]
        for batch in self.batches:
            own = copies[(copies >= batch.first) & (copies < batch.first + batch.n)] - batch.first
            if not len(own):
                continue
            starts, ends = batch.bounds[own], batch.bounds[own + 1]
            if len(own) == batch.n:
                seeds.append(np.asarray(batch.seeds))
            else:
                seeds += [batch.seeds[i:j] for i, j in zip(starts.tolist(), ends.tolist(), strict=True)]
            lengths.append(ends - starts)
            n_letters.append(batch.n_letters[own])
            length.append(batch.length[own])
            digests.append(batch.digests[own])
        together = seeds[1] if len(seeds) == 2 else np.concatenate(seeds)
        bounds = np.cumsum(np.concatenate(lengths))
        return together, bounds, np.concatenate(n_letters), np.concatenate(length), np.concatenate(digests)

    def seeded(self, copies: Index, ids: pa.Array) -> Seeded:
        """Some copies (numbers, sorted), with their ids, as finding takes them."""
        seeds, bounds, n_letters, length, digests = self.of(copies)
        return Seeded(table(ids, n_letters, length, digests), seeds, bounds[:-1], bounds[1:])


def table(ids: pa.Array, n_letters: Index, length: NDArray[np.int32], digests: Numbers) -> pa.Table:
    """What finding is told of copies besides their seeds."""
    buffers = [None, pa.py_buffer(np.ascontiguousarray(digests))]
    digest = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(digests), buffers)
    names = ["copy_id", "n_letters", "length", "digest"]
    return pa.table([pa.array(ids, pa.string()), pa.array(n_letters), pa.array(length), digest], names=names)


def joined(*parts: Seeded) -> Seeded:
    """The copies of several, one after the other."""
    at = np.cumsum([0, *(len(part.seeds) for part in parts)])
    return Seeded(
        pa.concat_tables([part.table for part in parts]),
        np.concatenate([part.seeds for part in parts]),
        np.concatenate([part.starts + begin for part, begin in zip(parts, at, strict=False)]),
        np.concatenate([part.ends + begin for part, begin in zip(parts, at, strict=False)]),
    )


def digests_of(seeded: pa.Table) -> Numbers:
    """Two numbers for each copy."""
    chunks = seeded.column("digest").chunks
    every = [np.frombuffer(c.buffers()[1], np.uint64).reshape(-1, 2)[c.offset : c.offset + len(c)] for c in chunks]
    return np.concatenate([np.empty((0, 2), np.uint64), *every])


def keep(seeded: Seeded, folder: Path) -> None:
    """Write the seeds of the copies of a batch, in the order of the copies, and their postings."""
    n_letters, length = seeded.table.column("n_letters").to_numpy(), seeded.table.column("length").to_numpy()
    digests = digests_of(seeded.table)
    by_digest = np.lexsort((digests[:, 1], digests[:, 0]))
    first = np.ones(len(by_digest), bool)
    first[1:] = (np.diff(digests[by_digest], axis=0) != 0).any(axis=1)
    printed = by_digest[first]
    ranked = printed[np.lexsort((digests[printed, 1], digests[printed, 0], -length[printed]))]
    ranked = ranked[n_letters[ranked] > 0]
    texts = Texts(seeded.seeds, seeded.starts[ranked], seeded.ends[ranked], n_letters[ranked])
    arrays = {
        "seeds": seeded.seeds,
        "bounds": np.append(seeded.starts, seeded.ends[-1:]),
        "n_letters": n_letters,
        "length": length.astype(np.int32),
        "digests": digests,
        "postings": np.sort(postings(texts, np.arange(len(texts)))[0]),
        "ranked": ranked.astype(np.int64),
        "prints": digests[printed, 0],
        "printed": printed.astype(np.int64),
    }
    for name in FILES:
        np.save(folder / f"{name}.npy", arrays[name])
