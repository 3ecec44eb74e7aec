"""The votes: who has what at every place, and what most have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.model import Collation

if TYPE_CHECKING:
    from copydesk.model import Index, Marks, Weights


SLIGHT = 1e-3  # what decides between values of equal weight weighs less than any vote


@dataclass(frozen=True, slots=True)
class Ballots:
    """Every token of every copy, one a row: arrays of shape `(n_tokens,)`, in order of locus, then of copy, or of copy alone.

    `token` is its number in its copy, `[start, end)` its place there; `before` and `after` are the separators around it.
    Rows of locus (or copy) `p` are `starts[p]:starts[p + 1]`.
    """

    locus: Index
    copy: Index
    token: Index
    key: Index
    form: Index
    start: Index
    end: Index
    before: Index
    after: Index
    starts: Index


class Most(NamedTuple):
    """For each place the value with most weight and that weight, the next one's (0: none), and how many values there are.

    `first[row]` is the first copy that votes as the ballot of that row does.
    """

    value: Index
    weight: Weights
    second: Weights
    n_values: Index
    first: Index


def by_copy(collation: Collation) -> Ballots:
    """All tokens in order of copy."""
    tokens, sizes = collation.tokens, [len(placed) for placed in collation.loci]
    return Ballots(
        locus=np.concatenate(collation.loci),
        copy=np.repeat(np.arange(len(sizes)), sizes),
        token=np.concatenate([np.arange(size) for size in sizes]),
        key=np.concatenate([own.keys for own in tokens]),
        form=np.concatenate([own.forms for own in tokens]),
        start=np.concatenate([own.starts for own in tokens]),
        end=np.concatenate([own.ends for own in tokens]),
        before=np.concatenate([own.separators[:-1] for own in tokens]),
        after=np.concatenate([own.separators[1:] for own in tokens]),
        starts=np.cumsum([0, *sizes]),
    )


def by_locus(rows: Ballots, n_loci: int) -> Ballots:
    """The same in order of locus, every one of which has some."""
    order = np.argsort(rows.locus, kind="stable")  # each copy's loci rise: a merge of sorted runs
    columns = {name: getattr(rows, name)[order] for name in Ballots.__slots__ if name != "starts"}
    return Ballots(**columns, starts=np.searchsorted(columns["locus"], np.arange(n_loci + 1)))


def most(starts: Index, value: Index, copy: Index, weight: Weights) -> Most:
    """Counts votes. Rows `starts[p]:starts[p + 1]` are the ballots of place `p`: a value, whose it is, what it weighs.

    Of values of equal weight the one wins that the first copy has. Only places where votes differ are sorted.
    """
    n_places = len(starts) - 1
    if not n_places:
        none = np.zeros(0, np.int64)
        return Most(none, np.zeros(0), np.zeros(0), none, none)
    at, size = starts[:-1], np.diff(starts)
    best, total, second = value[at], np.add.reduceat(weight, at), np.zeros(n_places)
    n_values, first = np.ones(n_places, np.int64), np.repeat(copy[at], size)
    disputed = np.minimum.reduceat(value, at) != np.maximum.reduceat(value, at)
    if not disputed.any():
        return Most(best, total, second, n_values, first)
    rows = np.flatnonzero(np.repeat(disputed, size))
    place = np.repeat(np.arange(n_places), size)[rows]
    order = np.argsort(place * (int(value.max()) + 1) + value[rows], kind="stable")
    rows, place = rows[order], place[order]
    new = np.append(True, (place[1:] != place[:-1]) | (value[rows[1:]] != value[rows[:-1]]))
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


def who(votes: Ballots) -> Marks:
    """A mark of the set of copies that have each locus: equal sets have equal marks."""
    return np.add.reduceat(copy_marks(votes.copy), votes.starts[:-1])


def copy_marks(copy: Index) -> Marks:
    """A mixed 64-bit number for each copy: sums of them tell sets of copies apart (Zobrist hashing)."""
    marks = (copy.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    marks = (marks ^ (marks >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    return marks ^ (marks >> np.uint64(27))
