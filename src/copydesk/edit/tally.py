"""The votes: who has what at every place, and what most have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.model import Collation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from copydesk.model import Index

    Weight = NDArray[np.float64]
    Mark = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Ballots:
    """Every token of every copy in one row, in order of place, then of copy: arrays of shape `(n_tokens,)`.

    A place is a locus. `token` is its number in its copy; `before` and `after` are the separators around it. The tokens of
    place `p` are the rows `starts[p]:starts[p + 1]`; every place has some.
    """

    locus: Index
    copy: Index
    token: Index
    key: Index
    form: Index
    before: Index
    after: Index
    starts: Index


class Most(NamedTuple):
    """For each place the value with most weight and that weight, the next one's (0: none), and how many values there are.

    Places of equal `split` are divided among the copies in the same way.
    """

    value: Index
    weight: Weight
    second: Weight
    n_values: Index
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


def most(starts: Index, value: Index, copy: Index, weight: Weight) -> Most:
    """Counts votes. Rows `starts[p]:starts[p + 1]` are the ballots of place `p`: a value, whose it is, what it weighs.

    Of values of equal weight the one wins that the first copy has.
    """
    n_places = len(starts) - 1
    if not n_places:
        none = np.zeros(0, np.int64)
        return Most(none, np.zeros(0), np.zeros(0), none, np.zeros(0, np.uint64))
    place = np.repeat(np.arange(n_places), np.diff(starts))
    order = np.lexsort((value, place))
    place, value, copy, weight = place[order], value[order], copy[order], weight[order]
    new = np.concatenate(([True], (place[1:] != place[:-1]) | (value[1:] != value[:-1])))
    groups = np.flatnonzero(new)
    group_weight = np.add.reduceat(weight, groups)
    group_place, group_value, group_first = place[groups], value[groups], copy[groups]
    ranked = np.lexsort((group_first, -group_weight, group_place))
    n_values = np.bincount(group_place, minlength=n_places)
    top = np.cumsum(n_values) - n_values  # groups are in order of place, ranked within it
    second = np.zeros(n_places)
    several = n_values > 1
    second[several] = group_weight[ranked[top[several] + 1]]
    first = np.repeat(group_first, np.diff(np.append(groups, len(copy)))).astype(np.uint64) + np.uint64(1)
    split = np.add.reduceat(copy_marks(copy) * first, starts[:-1])
    return Most(group_value[ranked[top]], group_weight[ranked[top]], second, n_values, split)


def who(votes: Ballots) -> Mark:
    """A mark of the set of copies that have each locus: equal sets have equal marks."""
    return np.add.reduceat(copy_marks(votes.copy), votes.starts[:-1]) if len(votes.starts) > 1 else np.zeros(0, np.uint64)


def copy_marks(copy: Index) -> Mark:
    """A mixed 64-bit number for each copy: sums of them tell sets of copies apart (Zobrist hashing)."""
    marks = (copy.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    marks = (marks ^ (marks >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    return marks ^ (marks >> np.uint64(27))
