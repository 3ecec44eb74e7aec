"""Kinds of words that some sources drop: hyphenated ones, those with digits. Who has lost most of a kind lost the rest too.

A word here is what white space delimits: `re-entry` is one, and so is `https://example.org/a-b`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.forms import Forms
from copydesk.edit.separators import SPACE, Separators
from copydesk.edit.tally import Ballots, Rows, bounds, within
from copydesk.edit.trust import SOURCES
from copydesk.model import Collation, Known, Rate

if TYPE_CHECKING:
    from copydesk.model import Flags, Index

HYPHENATED, DIGITS = "hyphenated words dropped", "words with digits dropped"
KINDS = (HYPHENATED, DIGITS)
FEWEST, MOST_KEPT = 2, 0.2  # a habit: at least so many dropped, and at most this share of them kept
ENOUGH = 10  # such words in all stories, by which a source is known to drop them


@dataclass(frozen=True, slots=True)
class Habits:
    """`drops[k, c]`: copy `c` drops words of kind `KINDS[k]`; `of_kind[k, l]`: locus `l` is part of one.

    `of_any[l]`: it is part of one of any kind. `dropped[k, c]` counts those that copy `c` lacks, of `chances[k, c]` that stand
    between two words which it has.
    """

    of_kind: Flags
    of_any: Flags
    dropped: Index
    chances: Index
    drops: Flags


def habits(collation: Collation, rows: Rows, votes: Ballots, features: tuple[Separators, Forms], known: Known) -> Habits:
    """Who drops words of which kind, judged by the words that at least half of the copies have, and by what is known."""
    n_copies, n_loci = len(collation.copies), collation.n_loci
    of_kind = np.zeros((len(KINDS), n_loci), bool)
    dropped, chances = np.zeros((len(KINDS), n_copies), np.int64), np.zeros((len(KINDS), n_copies), np.int64)
    kind, first, last = _words(rows, *features)
    if not len(kind):
        return Habits(of_kind, of_kind[0], dropped, chances, chances > 0)
    solid = 2 * votes.sizes >= n_copies
    at = solid.nonzero()[0]
    rank = bounds(solid)  # solid loci before each
    before, after = rank[first] - 1, rank[last + 1]  # the solid loci around each word
    inner = ((after - before > 1) & (before >= 0) & (after < len(at))).nonzero()[0]
    if len(inner):
        place = rows.place[solid[rows.locus]]
        copies = np.arange(n_copies)[:, None] * (n_loci + 1)
        here, there = copies + at[before[inner]], copies + at[after[inner]]
        left, right = place.searchsorted(here), place.searchsorted(there)
        most = len(place) - 1
        between = (place[np.minimum(left, most)] == here) & (place[np.minimum(right, most)] == there)
        own = (kind[inner] == np.arange(len(KINDS))[:, None]).astype(np.int64)
        chances, dropped = own @ between.T, own @ (between & (right == left + 1)).T
    drops = ((dropped >= FEWEST) | _known(collation, known)) & (chances - dropped <= MOST_KEPT * chances)
    size = last - first + 1
    of_kind[kind.repeat(size), within(first, size)] = True
    return Habits(of_kind, of_kind[0] | of_kind[1], dropped, chances, drops)


def _known(collation: Collation, known: Known) -> Flags:
    """`[k, c]`: the source of copy `c` is known to drop words of kind `KINDS[k]`."""
    told = [_drops(known.rates.get(copy.source or "", ())) for copy in collation.copies]
    return np.array(told, bool).T


@functools.lru_cache(SOURCES)
def _drops(rates: tuple[Rate, ...]) -> tuple[bool, ...]:
    """Whether a source is known to drop words of each of `KINDS`."""
    dropped = {rate.kind for rate in rates if rate.of >= ENOUGH and rate.of - rate.n <= MOST_KEPT * rate.of}
    return tuple([kind in dropped for kind in KINDS])


def _words(rows: Rows, separators: Separators, forms: Forms) -> tuple[Index, Index, Index]:
    """Every word of a kind that any copy has: the number of the kind, the first and the last locus."""
    begins = (separators.break_ >= SPACE)[rows.before] | (rows.token == 0)
    hyphens = separators.hyphen[rows.before].nonzero()[0]
    hyphens = hyphens[~begins[hyphens]]
    row = np.concatenate((hyphens, forms.digit[rows.form].nonzero()[0]))
    first = begins.nonzero()[0]
    of = first.searchsorted(row, "right")
    last = np.concatenate((first, [len(begins)]))[of] - 1
    kind, n = np.zeros(len(row), np.int64), rows.n_loci
    kind[len(hyphens) :] = 1
    # each once, as one number, in order
    words = np.array(sorted(set(((kind * n + rows.locus[first[of - 1]]) * n + rows.locus[last]).tolist())), np.int64)
    places, last = np.divmod(words, n)
    return places // n, places % n, last
