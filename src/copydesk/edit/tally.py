"""The votes: who has what at every place, and what most have."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.model import Collation

if TYPE_CHECKING:
    from copydesk.model import Flags, Index, Marks, Weights


SLIGHT = 1e-3  # what decides between values of equal weight weighs less than any vote


@dataclass(frozen=True, slots=True)
class Rows:
    """Every token of every copy, one a row: arrays of shape `(n_tokens,)`, in order of copy.

    `token` is its number in its copy, `[start, end)` its place there; `before` and `after` are the separators around it.
    Rows of copy `c` are `starts[c]:starts[c + 1]`; `between[r + c]` is the separator before row `r`, and each copy has one more
    at its end. `place` is `copy * (n_loci + 1) + locus`, which rises.
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
    between: Index
    place: Index
    n_loci: int


@dataclass(frozen=True, slots=True)
class Ballots:
    """The same in order of locus, then of copy: `row` is the number in `Rows`.

    Ballots on locus `l` are `starts[l]:starts[l + 1]`, `sizes[l]` of them, at least one; `differs[l]`: for several words.
    """

    locus: Index
    copy: Index
    row: Index
    key: Index
    form: Index
    starts: Index
    sizes: Index
    differs: Flags


class Groups(NamedTuple):
    """Ballots that are for one value at one place, in order of place, then of value.

    `order` are the ballots so, those of group `g` from `starts[g]` on, the first one first: `leader[g]`, of `copy[g]`, at
    `place[g]`. The groups of place `p` are `n_values[p]`, from `tops[p]` on.
    """

    order: Index
    starts: Index
    leader: Index
    copy: Index
    place: Index
    n_values: Index
    tops: Index


class Most(NamedTuple):
    """For each place the value with most weight and that weight, the next one's (0: none), and how many values there are.

    `leader` is the first ballot with that value.
    """

    value: Index
    leader: Index
    weight: Weights
    second: Weights
    n_values: Index


def by_copy(collation: Collation) -> Rows:
    """All tokens in order of copy."""
    tokens, n_copies, n_loci = collation.tokens, len(collation.copies), collation.n_loci
    sizes = [len(placed) for placed in collation.loci]
    starts, copy = np.array([0, *accumulate(sizes)]), np.arange(n_copies).repeat(sizes)
    between = [own.separators for own in tokens]
    columns = [
        *collation.loci,
        *[own.keys for own in tokens],
        *[own.forms for own in tokens],
        *[own.starts for own in tokens],
        *[own.ends for own in tokens],
        *[own[:-1] for own in between],
        *[own[1:] for own in between],
    ]
    locus, key, form, start, end, before, after = np.concatenate(columns).reshape(7, -1)
    return Rows(
        locus=locus,
        copy=copy,
        token=np.arange(len(copy)) - starts[copy],
        key=key,
        form=form,
        start=start,
        end=end,
        before=before,
        after=after,
        starts=starts,
        between=np.concatenate(between),
        place=copy * (n_loci + 1) + locus,
        n_loci=n_loci,
    )


def bounds(sizes: Index | Flags) -> Index:
    """Where each of some parts begins that follow one another, and where the last ends."""
    found = np.zeros(len(sizes) + 1, np.int64)
    sizes.cumsum(out=found[1:])
    return found


def within(starts: Index, sizes: Index) -> Index:
    """The numbers of some runs, one after another: `sizes[r]` of them from `starts[r]` on."""
    numbers: Index = (starts - sizes.cumsum() + sizes).repeat(sizes)
    numbers += np.arange(len(numbers))
    return numbers


def begins(ranked: Index) -> Index:
    """Where each of the values begins in a row that has equal ones side by side."""
    new = np.ones(len(ranked), bool)
    np.not_equal(ranked[1:], ranked[:-1], out=new[1:])
    return new.nonzero()[0]


def rows_from(rows: Rows, copy: Index, locus: Index) -> Index:
    """The first row of each copy that is at a locus or beyond it; where there is none, the one after its last."""
    found: Index = rows.place.searchsorted(copy * (rows.n_loci + 1) + locus)
    return found


def rows_at(rows: Rows) -> Index:
    """`rows_from` of every copy at every locus, and beyond the last one: an array of shape `(n_copies, n_loci + 1)`."""
    n_copies = len(rows.starts) - 1
    has = np.zeros(n_copies * (rows.n_loci + 1) + 1, np.int32)
    has[rows.place + 1] = 1
    return has.cumsum(dtype=np.int32)[:-1].reshape(n_copies, -1)


def by_locus(rows: Rows) -> Ballots:
    """The same in order of locus, every one of which has some."""
    row = rows.locus.argsort(kind="stable")  # each copy's loci rise: a merge of sorted runs
    sizes = np.bincount(rows.locus, minlength=rows.n_loci)
    locus, key, differs = rows.locus[row], rows.key[row], np.zeros(rows.n_loci, bool)
    differs[locus[1:][(key[1:] != key[:-1]) & (locus[1:] == locus[:-1])]] = True
    return Ballots(locus, rows.copy[row], row, key, rows.form[row], bounds(sizes), sizes, differs)


def most(starts: Index, value: Index, copy: Index, weight: Weights) -> Most:
    """Counts votes. Rows `starts[p]:starts[p + 1]` are the ballots of place `p`: a value, whose it is, what it weighs.

    Of values of equal weight the one wins that the first copy has.
    """
    return elect(grouped(starts, value, copy), value, weight)


def grouped(starts: Index, value: Index, copy: Index) -> Groups:
    """The ballots of some places, those of each one `starts[p]:starts[p + 1]`, by their values."""
    n_places = len(starts) - 1
    place = np.arange(n_places).repeat(starts[1:] - starts[:-1])
    ballot = place * (int(value.max(initial=0)) + 1) + value
    order = ballot.argsort(kind="stable")
    starts = begins(ballot[order])
    leader = order[starts]
    of = place[leader]
    n_values = np.bincount(of, minlength=n_places)
    return Groups(order, starts, leader, copy[leader], of, n_values, n_values.cumsum() - n_values)


def elect(groups: Groups, value: Index, weight: Weights) -> Most:
    """The value with most weight at each place; of equal ones that which the first copy has."""
    if not len(groups.n_values):
        none = np.zeros(0, np.int64)
        return Most(none, none, np.zeros(0), np.zeros(0), none)
    of_group = np.add.reduceat(weight[groups.order], groups.starts)
    ranked = np.lexsort((groups.copy, -of_group, groups.place))  # within each place
    best, next_ = ranked[groups.tops], ranked[np.minimum(groups.tops + 1, len(ranked) - 1)]
    second = np.where(groups.n_values > 1, of_group[next_], 0.0)
    leader = groups.leader[best]
    return Most(value[leader], leader, of_group[best], second, groups.n_values)


def leaders(groups: Groups) -> Index:
    """For each ballot the first one of its group."""
    sizes = np.append(groups.starts[1:], len(groups.order)) - groups.starts
    first = np.empty(len(groups.order), np.int64)
    first[groups.order] = groups.leader.repeat(sizes)
    return first


def winner(starts: Index, value: Index, copy: Index, weight: Weights) -> Index:
    """The value of `most` alone, which is soon told where all votes agree."""
    return most(starts, value, copy, weight).value if differ(starts, value).any() else value[starts[:-1]]


def differ(starts: Index, value: Index) -> Flags:
    """At which places, each of some rows `starts[p]:starts[p + 1]`, not all values are one."""
    at = starts[:-1]
    flags: Flags = np.minimum.reduceat(value, at) != np.maximum.reduceat(value, at) if len(at) else np.zeros(0, bool)
    return flags


def copy_marks(n_copies: int) -> Marks:
    """A mixed 64-bit number for each copy: sums of them tell sets of copies apart (Zobrist hashing)."""
    marks = np.arange(1, n_copies + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    marks = (marks ^ (marks >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    return marks ^ (marks >> np.uint64(27))


def again(votes: Ballots) -> Flags:
    """Of each key whether it stands at several loci."""
    # in order of locus, and the last of several values put in one place stays
    last = np.full(int(votes.key.max(initial=-1)) + 1, -1, np.int64)
    first = last.copy()
    last[votes.key], first[votes.key[::-1]] = votes.locus, votes.locus[::-1]
    flags: Flags = first != last
    return flags
