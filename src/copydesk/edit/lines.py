"""Lines of descent: copies that descend from one spoilt copy have its errors, and one vote together.

Errors that several copies share, and always the same copies, are inherited. Where they part the copies in two, either side may
be the one that descends from a spoilt copy; the readings tell which. Where a copy alone differs from all others it errs, and so
one learns what errors look like in this story: whether words that come again elsewhere are replaced by words that do
not, whether capitals and marks are lost, whether words are lost more often than added. (Lachmann's method, its root found by
likelihood.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.edit.forms import Forms
from copydesk.edit.lacunae import Reach
from copydesk.edit.odds import EXACT
from copydesk.edit.separators import Separators
from copydesk.edit.tally import Ballots, Rows, grouped

if TYPE_CHECKING:
    from copydesk.model import Flags, Index, Weights

FEWEST = 4  # copies: of three, two that agree against one tell nothing
SHARED = 4  # errors that the same copies share, from which it is no chance
LONGEST = 4  # words: what more words part is a block, and blocks are told from story in other ways
REPLACED = 2  # words among them that were put for others: who only leaves out or adds the same may share a habit, and no more
MOST = 0.7  # share of the copies: what nearly all have is no error, whatever it looks like
SURE = 3.0  # log odds from which one side is known to be the spoilt one

# What is taken for known before any copy is looked at, as if so many had been seen: of two words the one that comes again is
# right twice as often, and so is the one with a capital or a mark; words are lost as often as added.
FAMILIAR = np.array([f * s for f in (1, 1.5, 2) for s in (1, 1.5, 2)] + [1.0] * 4)


def lines(rows: Rows, votes: Ballots, separators: Separators, forms: Forms, reach: Reach) -> list[Flags]:
    """The lines among the copies: for each which they are, larger lines first. Lines lie within one another or apart."""
    if len(reach.first) < FEWEST:
        return []
    disputed = _disputed(rows, votes, separators, forms, reach)
    if disputed is None:
        return []
    sure = [(n, side if odds < 0 else ~side) for side, n, odds in _partings(disputed) if n >= SHARED and abs(odds) >= SURE]
    found = [(n, line) for n, line in sure if line.mean() <= MOST]
    chosen: list[Flags] = []
    for _, line in sorted(found, key=lambda one: (-one[0], one[1].tobytes())):
        if all(not (line & other).any() or (line <= other).all() or (other <= line).all() for other in chosen):
            chosen.append(line)
    return sorted(chosen, key=lambda line: (-int(line.sum()), line.tobytes()))


def votes_of(lines: list[Flags], n_copies: int) -> Weights:
    """What the vote of each copy weighs: those of a line weigh one together, within a line as well."""
    weights = np.ones(n_copies)
    if not lines:
        return weights
    for line in reversed(lines):  # the smallest first: it is one member of the line around it
        weights[line] /= weights[line].sum()
    return np.round(weights * EXACT) / EXACT


class _Disputed(NamedTuple):
    """Loci at which two readings have two copies each or more: who has the one, who the other, and the odds of the first.

    `words`: both are words, of which one was put for the other.
    """

    locus: Index
    one: Flags
    other: Flags
    odds: Weights
    words: Flags


def _partings(disputed: _Disputed) -> list[tuple[Flags, int, float]]:
    """For each way in which readings part the copies in two: one side, how often, and the log odds that this side is right.

    A locus at which some copies have errors of their own parts the others as its neighbours do.
    """
    locus, one, other, odds, words = disputed
    whole = np.flatnonzero((one | other).all(axis=1))
    sides = np.where(one[whole, :1], one[whole], other[whole])  # the side of the first copy
    ways, times = np.unique(sides, axis=0, return_counts=True)
    told = []
    for way in ways[times > 1]:
        here = ~(one & ~way).any(axis=1) & ~(other & way).any(axis=1)
        there = ~(one & way).any(axis=1) & ~(other & ~way).any(axis=1)
        at = np.flatnonzero(here | there)
        # neighbours are one error; of more words than an error has, they are a block
        starts = np.flatnonzero(np.diff(locus[at], prepend=-2) != 1)
        short = np.diff(np.append(starts, len(at))) <= LONGEST
        sums = np.add.reduceat(np.where(here, odds, -odds)[at], starts)
        if words[at].sum() < REPLACED:
            continue
        told.append((way, int(short.sum()), float(sums[short].sum())))
    return told


def _disputed(rows: Rows, votes: Ballots, separators: Separators, forms: Forms, reach: Reach) -> _Disputed | None:
    """The loci in dispute; None where words are put for others at too few of them for a line."""
    lacking = reach.voters - votes.sizes
    open_ = votes.differs | (lacking > 0)
    loci, ballots = open_.nonzero()[0], open_[votes.locus].nonzero()[0]
    if not len(ballots):
        return None
    lacking, n = lacking[loci], votes.sizes[loci]
    key, copy = votes.key[ballots], votes.copy[ballots]
    # readings of words, in order of locus, those that most copies have first
    groups = grouped(np.arange(len(loci)).repeat(n), key, copy, len(loci))
    ranked = np.lexsort((-groups.sizes, groups.place))
    leader, size, top = groups.leader[ranked], groups.sizes[ranked], groups.tops
    # two readings of a locus, the second of which may be none
    has_two = groups.n_values > 1
    one, other = top, np.where(has_two, top + 1, top)
    none = ~has_two | (lacking > size[other])
    size_one, size_other = size[one], np.where(none, lacking, size[other])
    at = ((size_one > 1) & (size_other > 1)).nonzero()[0]
    if len(at) - np.count_nonzero(none[at]) < REPLACED:
        return None
    row, value = votes.row[ballots[leader]], key[leader]
    marked = np.array([text.strip() != "" for text in separators.text], bool)
    shape = (forms.capital[rows.form[row]] | marked[rows.after[row]]).astype(np.int64)
    times = np.bincount(np.concatenate((value, votes.key[votes.starts[:-1]][~open_])))  # loci where each word is a reading
    often = times[value]
    of_two = 3 * np.sign(often[one] - often[other]) + shape[one] - shape[other] + 4
    kind = np.where(none, 9 + 2 * shape[one] + (often[one] > 1), of_two)
    alone = (size_one + size_other == lacking + n) & (lacking + n >= FEWEST)
    odds = _likelihood(kind[alone], size_one[alone], size_other[alone])[kind]

    locus, none = loci[at], none[at]
    reaches = (reach.first <= locus[:, None]) & (reach.end > locus[:, None])
    has_one, has_other, word = np.zeros_like(reaches), np.zeros_like(reaches), np.zeros_like(reaches)
    row_of = np.full(len(loci), -1)
    row_of[at] = np.arange(len(at))
    place = row_of.repeat(n)
    in_row = (place >= 0).nonzero()[0]
    place, key, copy = place[in_row], key[in_row], copy[in_row]
    word[place, copy] = True
    for has, wanted in ((has_one, value[one[at]]), (has_other, value[other[at]])):
        same = key == wanted[place]
        has[place[same], copy[same]] = True
    has_other[none] = (reaches & ~word)[none]
    return _Disputed(locus, has_one, has_other, odds[at], ~none)


def _likelihood(kind: Index, size_one: Index, size_other: Index) -> Weights:
    """For each kind of two readings the log odds that the first is right, learned where a copy alone differs from all others.

    Kinds 0 to 8 are of two words, which is the more frequent in the story and which the better shaped; kind `8 - k` is `k` the
    other way round. Kinds 9 to 12 are of a word and none.
    """
    right, wrong = FAMILIAR.copy(), np.append(FAMILIAR[8::-1], FAMILIAR[9:])
    one_right, other_right = kind[(size_other == 1) & (size_one > 1)], kind[(size_one == 1) & (size_other > 1)]
    of_one, of_other = np.bincount(one_right, minlength=13), np.bincount(other_right, minlength=13)
    right += of_one
    wrong += of_other
    right[:9] += of_other[8::-1]
    wrong[:9] += of_one[8::-1]
    odds: Weights = np.log(right / wrong)
    return odds
