"""Kinds of words that some sources drop: hyphenated ones, those with digits. Who has lost most of a kind lost the rest too.

A word here is what white space delimits: `re-entry` is one, and so is `https://example.org/a-b`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.separators import DASHES, SPACE, Separators
from copydesk.edit.tally import Ballots
from copydesk.model import Collation

if TYPE_CHECKING:
    from copydesk.model import Flags, Index

HYPHENATED, DIGITS = "hyphenated words dropped", "words with digits dropped"
KINDS = (HYPHENATED, DIGITS)
FEWEST, MOST_KEPT = 2, 0.2  # a habit: at least so many dropped, and at most this share of them kept
DIGIT = re.compile(r"\d").search


@dataclass(frozen=True, slots=True)
class Habits:
    """`of_kind[k, l]`: locus `l` is part of a word of kind `KINDS[k]`; `drops[k, c]`: copy `c` drops words of that kind.

    `dropped[k, c]` counts those that copy `c` lacks, of `chances[k, c]` that stand between two words which it has.
    """

    of_kind: Flags
    dropped: Index
    chances: Index
    drops: Flags


def habits(collation: Collation, rows: Ballots, separators: Separators) -> Habits:
    """Who drops words of which kind, judged by the words that at least half of the copies have."""
    n_copies, n_loci = len(collation.copies), collation.n_loci
    words = _words(collation, rows, separators)
    solid = 2 * np.bincount(rows.locus, minlength=n_loci) >= n_copies
    rank = np.concatenate(([0], np.cumsum(solid)))  # solid loci before each
    of_kind = np.zeros((len(KINDS), n_loci), bool)
    for kind, (first, last) in enumerate(words):
        edges = np.bincount(first, minlength=n_loci + 1) - np.bincount(last + 1, minlength=n_loci + 1)
        of_kind[kind] = np.cumsum(edges)[:n_loci] > 0
    words = [(rank[first], rank[last + 1]) for first, last in words]  # from here on, of the solid loci alone
    words = [(first[end > first], end[end > first]) for first, end in words]
    dropped, chances = np.zeros((len(KINDS), n_copies), np.int64), np.zeros((len(KINDS), n_copies), np.int64)
    for copy, placed in enumerate(collation.loci):
        has = np.zeros(int(rank[-1]) + 2, bool)  # one more on either side: nobody has that
        has[rank[placed[solid[placed]]] + 1] = True
        had = np.cumsum(has)
        for kind, (first, end) in enumerate(words):
            if len(first):
                between = has[first] & has[end + 1]
                chances[kind, copy] = between.sum()
                dropped[kind, copy] = (between & (had[end] == had[first])).sum()
    drops = (dropped >= FEWEST) & (chances - dropped <= MOST_KEPT * chances)
    return Habits(of_kind, dropped, chances, drops)


def _words(collation: Collation, rows: Ballots, separators: Separators) -> list[tuple[Index, Index]]:
    """For each kind the first and the last locus of every word of it that any copy has."""
    digit = np.array([DIGIT(text) is not None for text in collation.form_text], bool)
    hyphen = np.array([len(text) == 1 and text in DASHES for text in separators.text], bool)
    begins = (separators.break_[rows.before] >= SPACE) | (rows.token == 0)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(begins)) - 1
    found = []
    for flag in (hyphen[rows.before] & ~begins, digit[rows.form]):
        of = np.flatnonzero(np.logical_or.reduceat(flag, first)) if len(first) else first
        pairs = np.unique(rows.locus[first[of]] * (collation.n_loci + 1) + rows.locus[last[of]])
        found.append((pairs // (collation.n_loci + 1), pairs % (collation.n_loci + 1)))
    return found
