"""Kinds of words that some sources drop: hyphenated ones, those with digits. Who has lost most of a kind lost the rest too.

A word here is what white space delimits: `re-entry` is one, and so is `https://example.org/a-b`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.separators import DASHES, SPACE, Separators
from copydesk.model import Collation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from copydesk.model import Index

HYPHENATED, DIGITS = "hyphenated words dropped", "words with digits dropped"
KINDS = (HYPHENATED, DIGITS)
FEWEST, MOST_KEPT = 2, 0.2  # a habit: at least so many dropped, and at most this share of them kept
DIGIT = re.compile(r"\d").search


@dataclass(frozen=True, slots=True)
class Habits:
    """`of_kind[k, l]`: locus `l` is part of a word of kind `KINDS[k]`; `drops[k, c]`: copy `c` drops words of that kind.

    `dropped[k, c]` counts those that copy `c` lacks, of `chances[k, c]` that stand between two words which it has.
    """

    of_kind: NDArray[np.bool_]
    dropped: Index
    chances: Index
    drops: NDArray[np.bool_]


def habits(collation: Collation, separators: Separators) -> Habits:
    """Who drops words of which kind, judged by the words that at least half of the copies have."""
    n_copies, n_loci = len(collation.copies), collation.n_loci
    words = _words(collation, separators)
    solid = 2 * np.bincount(np.concatenate(collation.loci), minlength=n_loci) >= n_copies
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


def _words(collation: Collation, separators: Separators) -> list[tuple[Index, Index]]:
    """For each kind the first and the last locus of every word of it that any copy has."""
    digit = np.array([DIGIT(text) is not None for text in collation.form_text], bool)
    spaced = separators.break_ >= SPACE
    hyphen = np.array([text != "" and text in DASHES for text in separators.text], bool)
    found: list[list[Index]] = [[] for _ in KINDS]
    for tokens, placed in zip(collation.tokens, collation.loci, strict=True):
        if not len(placed):
            continue
        begins = spaced[tokens.separators[:-1]]
        begins[0] = True
        first = np.flatnonzero(begins)
        last = np.append(first[1:], len(placed)) - 1
        held = hyphen[tokens.separators[:-1]] & ~begins
        for kind, flag in enumerate((held, digit[tokens.forms])):
            of = np.logical_or.reduceat(flag, first)
            found[kind].append(placed[first[of]] * (collation.n_loci + 1) + placed[last[of]])
    every = [np.unique(np.concatenate(words)) if words else np.zeros(0, np.int64) for words in found]
    return [(pairs // (collation.n_loci + 1), pairs % (collation.n_loci + 1)) for pairs in every]
