"""The votes at every locus: who has a token there, which word, which spelling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.model import Collation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from copydesk.model import Index

    Weight = NDArray[np.float64]
    Mark = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Ballots:
    """Every token of every copy in one row, in order of locus, then of copy: arrays of shape `(n_tokens,)`.

    `token` is its number in its copy; `before` and `after` are the separators around it. Tokens of locus `l` are the rows
    `starts[l]:starts[l + 1]`.
    """

    locus: Index
    copy: Index
    token: Index
    key: Index
    form: Index
    before: Index
    after: Index
    starts: Index


@dataclass(frozen=True, slots=True)
class Tally:
    """What the copies have at each locus, arrays of shape `(n_loci,)`; weights are sums over copies.

    `present` have a token, `absent` reach the locus without one. `key` has most weight, `key_weight`, ahead of the next,
    `second`; `form` is the spelling of that word with most weight. `same` is true where all copies have one spelling.
    Loci of equal `who` are present in the same copies, loci of equal `split` are read alike by the same groups of copies.
    """

    present: Weight
    absent: Weight
    key: Index
    key_weight: Weight
    second: Weight
    form: Index
    same: NDArray[np.bool_]
    who: Mark
    split: Mark


def ballots(collation: Collation) -> Ballots:
    """All tokens of a collation by locus."""
    tokens, sizes = collation.tokens, [len(placed) for placed in collation.loci]
    locus = np.concatenate(collation.loci)
    order = np.argsort(locus, kind="stable")  # each copy's loci rise: a merge of sorted runs
    locus = locus[order]
    return Ballots(
        locus=locus,
        copy=np.repeat(np.arange(len(sizes)), sizes)[order],
        token=np.concatenate([np.arange(size) for size in sizes])[order],
        key=np.concatenate([own.keys for own in tokens])[order],
        form=np.concatenate([own.forms for own in tokens])[order],
        before=np.concatenate([own.separators[:-1] for own in tokens])[order],
        after=np.concatenate([own.separators[1:] for own in tokens])[order],
        starts=np.searchsorted(locus, np.arange(collation.n_loci + 1)),
    )


def tally(votes: Ballots, weights: Weight, reach: tuple[Index, Index]) -> Tally:
    """Counts the votes. `reach` are the first locus of each copy and the one after its last, shape `(n_copies,)` each."""
    n_loci = len(votes.starts) - 1
    present = np.bincount(votes.locus, weights[votes.copy], n_loci)
    first, end = reach
    steps = np.bincount(first, weights, n_loci + 1) - np.bincount(end, weights, n_loci + 1)
    absent = np.maximum(0.0, np.cumsum(steps)[:n_loci] - present)
    mark = _marks(len(weights))[votes.copy]

    key, key_weight, second, _, _ = _most(votes, votes.key, weights, mark)
    form, _, form_second, n_forms, split = _most(votes, votes.form, weights, mark)
    torn = np.flatnonzero((form_second > 0) & (n_forms > 1))
    form[torn] = _spelling(votes, torn, key, weights)
    who = np.add.reduceat(mark, votes.starts[:-1]) if n_loci else np.zeros(0, np.uint64)
    same = (n_forms == 1) & (np.diff(votes.starts) == len(weights))
    return Tally(present, absent, key, key_weight, second, form, same, who, split)


def _spelling(votes: Ballots, loci: Index, key: Index, weights: Weight) -> Index:
    """At each of `loci`, the spelling of its chosen word that has most weight."""
    out = []
    for locus in loci.tolist():
        rows = slice(votes.starts[locus], votes.starts[locus + 1])
        count: dict[int, float] = {}
        for form, own, copy in zip(votes.form[rows].tolist(), votes.key[rows].tolist(), votes.copy[rows].tolist(), strict=True):
            if own == key[locus]:
                count[form] = count.get(form, 0.0) + float(weights[copy])
        out.append(max(count, key=count.__getitem__))
    return np.array(out, np.int64)


def _most(votes: Ballots, value: Index, weights: Weight, mark: Mark) -> tuple[Index, Weight, Weight, Index, Mark]:
    """For each locus the value with most weight, its weight and the next one's, the number of values, and the split.

    Of equal weights the value wins that the first copy (in order of text) has. Every locus has a value.
    """
    n_loci = len(votes.starts) - 1
    if not n_loci:
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.uint64)
    order = np.lexsort((value, votes.locus))
    locus, value, copy = votes.locus[order], value[order], votes.copy[order]
    new = np.concatenate(([True], (locus[1:] != locus[:-1]) | (value[1:] != value[:-1])))
    starts = np.flatnonzero(new)
    group_weight = np.add.reduceat(weights[copy], starts)
    group_locus, group_value, group_first = locus[starts], value[starts], copy[starts]
    ranked = np.lexsort((group_first, -group_weight, group_locus))
    n_groups = np.bincount(group_locus, minlength=n_loci)
    top = np.cumsum(n_groups) - n_groups  # groups are in order of locus, ranked within it
    best = ranked[top]
    second = np.zeros(n_loci)
    several = n_groups > 1
    second[several] = group_weight[ranked[top[several] + 1]]
    first = np.repeat(group_first, np.diff(np.append(starts, len(copy)))).astype(np.uint64) + np.uint64(1)
    split = np.add.reduceat(mark[order] * first, votes.starts[:-1])
    return group_value[best], group_weight[best], second, n_groups, split


def _marks(n: int) -> Mark:
    """A random but fixed 64-bit number for each copy: sums of them tell sets of copies apart (Zobrist hashing)."""
    return np.random.Generator(np.random.PCG64(20170603)).integers(1, 1 << 63, n, np.uint64) * np.uint64(2) + np.uint64(1)
