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

    `first[row]` is the first copy that votes as the ballot of that row does.
    """

    value: Index
    weight: Weight
    second: Weight
    n_values: Index
    first: Index


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

    Of values of equal weight the one wins that the first copy has. Only places where votes differ are sorted.
    """
    n_places = len(starts) - 1
    if not n_places:
        none = np.zeros(0, np.int64)
        return Most(none, np.zeros(0), np.zeros(0), none, none)
    at = starts[:-1]
    best, total, second = value[at], np.add.reduceat(weight, at), np.zeros(n_places)
    n_values, first = np.ones(n_places, np.int64), np.repeat(copy[at], np.diff(starts))
    disputed = np.minimum.reduceat(value, at) != np.maximum.reduceat(value, at)
    if not disputed.any():
        return Most(best, total, second, n_values, first)
    rows = np.flatnonzero(np.repeat(disputed, np.diff(starts)))
    place = np.repeat(np.arange(n_places), np.diff(starts))[rows]
    order = np.argsort(place * (int(value.max()) + 1) + value[rows], kind="stable")
    rows, place = rows[order], place[order]
    new = np.concatenate(([True], (place[1:] != place[:-1]) | (value[rows[1:]] != value[rows[:-1]])))
    groups = np.flatnonzero(new)
    group_weight, group_place, group_first = np.add.reduceat(weight[rows], groups), place[groups], copy[rows[groups]]
    first[rows] = np.repeat(group_first, np.diff(np.append(groups, len(rows))))
    ranked = np.lexsort((group_first, -group_weight, group_place))
    torn = np.flatnonzero(disputed)
    n_values[torn] = np.bincount(group_place, minlength=n_places)[torn]
    top = np.cumsum(n_values[torn]) - n_values[torn]  # groups are in order of place, ranked within it
    best[torn] = value[rows[groups[ranked[top]]]]
    total[torn], second[torn] = group_weight[ranked[top]], group_weight[ranked[top + 1]]
    return Most(best, total, second, n_values, first)


def who(votes: Ballots) -> Mark:
    """A mark of the set of copies that have each locus: equal sets have equal marks."""
    return np.add.reduceat(copy_marks(votes.copy), votes.starts[:-1]) if len(votes.starts) > 1 else np.zeros(0, np.uint64)


def copy_marks(copy: Index) -> Mark:
    """A mixed 64-bit number for each copy: sums of them tell sets of copies apart (Zobrist hashing)."""
    marks = (copy.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    marks = (marks ^ (marks >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    return marks ^ (marks >> np.uint64(27))
