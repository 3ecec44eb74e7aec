"""The votes: who has what at every place, and what most have."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.model import Collation

if TYPE_CHECKING:
    from copydesk.model import Flags, Index, Marks, Weights


KNOWN = 1 << 5  # numbers of copies whose marks are kept
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

    `order` are the ballots so, `sizes[g]` of group `g` from `starts[g]` on, the first one first: `leader[g]`, of `copy[g]`,
    at `place[g]`. The groups of place `p` are `n_values[p]`, from `tops[p]` on.
    """

    order: Index
    starts: Index
    sizes: Index
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
    np.add.accumulate(sizes, dtype=np.int64, out=found[1:])
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
    edges = np.concatenate(([-1], rows.place, [n_copies * (rows.n_loci + 1) - 1]))
    numbers: Index = np.arange(len(edges) - 1, dtype="int32")
    return numbers.repeat(edges[1:] - edges[:-1]).reshape(n_copies, -1)


def by_locus(rows: Rows) -> Ballots:
    """The same in order of locus, every one of which has some."""
    row = rows.locus.argsort(kind="stable")  # each copy's loci rise: a merge of sorted runs
    sizes = np.bincount(rows.locus, minlength=rows.n_loci)
    locus, key = rows.locus[row], rows.key[row]
    return Ballots(locus, rows.copy[row], row, key, rows.form[row], bounds(sizes), sizes, differ(locus, key, rows.n_loci))


def most(place: Index, value: Index, copy: Index, weight: Weights, n_places: int) -> Most:
    """Counts votes. Ballots are in order of place, then of copy: a value, whose it is, what it weighs.

    Of values of equal weight the one wins that the first copy has.
    """
    return elect(grouped(place, value, copy, n_places), value, weight)


def grouped(place: Index, value: Index, copy: Index, n_places: int) -> Groups:
    """The ballots of some places, in order of place, by their values."""
    ballot = place * (int(value.max(initial=0)) + 1) + value
    order = ballot.argsort(kind="stable")
    ranked, new = ballot[order], np.ones(len(ballot) + 1, bool)
    np.not_equal(ranked[1:], ranked[:-1], out=new[1:-1])
    edges = new.nonzero()[0]
    starts = edges[:-1]
    leader = order[starts]
    of = place[leader]
    n_values = np.bincount(of, minlength=n_places)
    return Groups(order, starts, edges[1:] - starts, leader, copy[leader], of, n_values, n_values.cumsum() - n_values)


def elect(groups: Groups, value: Index, weight: Weights) -> Most:
    """The value with most weight at each place; of equal ones that which the first copy has."""
    if not len(groups.n_values):
        none = np.zeros(0, np.int64)
        return Most(none, none, np.zeros(0), np.zeros(0), none)
    of_group = np.add.reduceat(weight[groups.order], groups.starts)
    ranked = np.lexsort((groups.copy, -of_group, groups.place))  # within each place
    best, next_ = ranked[groups.tops], ranked.take(groups.tops + 1, mode="clip")
    second = np.where(groups.n_values > 1, of_group[next_], 0.0)
    leader = groups.leader[best]
    return Most(value[leader], leader, of_group[best], second, groups.n_values)


def of_ballots(groups: Groups, value: Index) -> Index:
    """For each ballot the value of its group."""
    found = np.empty(len(groups.order), value.dtype)
    found[groups.order] = value.repeat(groups.sizes)
    return found


def winner(place: Index, value: Index, copy: Index, weight: Weights) -> Index:
    """The value of `most` alone at each place, all of which have ballots; it is soon told where all votes agree."""
    starts = begins(place)
    first: Index = value[starts]
    return most(place, value, copy, weight, len(starts)).value if (value != first[place]).any() else first


def differ(place: Index, value: Index, n_places: int) -> Flags:
    """At which places, of rows in order of place, not all values are one."""
    flags = np.zeros(n_places, bool)
    flags[place[1:][(value[1:] != value[:-1]) & (place[1:] == place[:-1])]] = True
    return flags


@functools.lru_cache(KNOWN)
def copy_marks(n_copies: int) -> Marks:
    """A mixed 64-bit number for each copy: sums of them tell sets of copies apart (Zobrist hashing)."""
    marks = np.arange(1, n_copies + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    marks = (marks ^ (marks >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    marks ^= marks >> np.uint64(27)
    marks.flags.writeable = False  # they are kept
    return marks


def again(votes: Ballots) -> Flags:
    """Of each key whether it stands at several loci."""
    # in order of locus, and the last of several values put in one place stays
    last = np.full(int(votes.key.max(initial=-1)) + 1, -1, np.int64)
    first = last.copy()
    last[votes.key], first[votes.key[::-1]] = votes.locus, votes.locus[::-1]
    flags: Flags = first != last
    return flags
