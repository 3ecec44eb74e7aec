"""Kinds of words that some sources drop: hyphenated ones, those with digits. Who has lost most of a kind lost the rest too.

A word here is what white space delimits: `re-entry` is one, and so is `https://example.org/a-b`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.separators import SPACE, Separators
from copydesk.edit.tally import Ballots, Rows
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


def habits(collation: Collation, rows: Rows, votes: Ballots, separators: Separators) -> Habits:
    """Who drops words of which kind, judged by the words that at least half of the copies have."""
    n_copies, n_loci = len(collation.copies), collation.n_loci
    of_kind = np.zeros((len(KINDS), n_loci), bool)
    dropped, chances = np.zeros((len(KINDS), n_copies), np.int64), np.zeros((len(KINDS), n_copies), np.int64)
    words = _words(collation, rows, separators)
    if any(len(first) for first, _ in words):
        solid = 2 * votes.sizes >= n_copies
        at = solid.nonzero()[0]
        rank = np.concatenate(([0], solid.cumsum()))  # solid loci before each
        place = rows.place[solid[rows.locus]]
        copies = np.arange(n_copies)[:, None] * (n_loci + 1)
    for kind, (first, last) in enumerate(words):
        if not len(first):
            continue
        edges = np.bincount(first, minlength=n_loci + 1) - np.bincount(last + 1, minlength=n_loci + 1)
        of_kind[kind] = edges.cumsum()[:n_loci] > 0
        before, after = rank[first] - 1, rank[last + 1]  # the solid loci around each word
        inner = (after - before > 1) & (before >= 0) & (after < len(at))
        before, after = before[inner], after[inner]
        left, right = place.searchsorted(copies + at[before]), place.searchsorted(copies + at[after])
        between = _is_at(place, left, copies + at[before]) & _is_at(place, right, copies + at[after])
        chances[kind] = between.sum(axis=1)
        dropped[kind] = (between & (right == left + 1)).sum(axis=1)
    drops = (dropped >= FEWEST) & (chances - dropped <= MOST_KEPT * chances)
    return Habits(of_kind, dropped, chances, drops)


def _is_at(place: Index, found: Index, sought: Index) -> Flags:
    """Whether what `searchsorted` found is there."""
    there: Flags = place[np.minimum(found, len(place) - 1)] == sought
    return there


def _words(collation: Collation, rows: Rows, separators: Separators) -> list[tuple[Index, Index]]:
    """For each kind the first and the last locus of every word of it that any copy has."""
    digit = np.array([not text.isalpha() and DIGIT(text) is not None for text in collation.form_text], bool)
    begins = (separators.break_[rows.before] >= SPACE) | (rows.token == 0)
    first = begins.nonzero()[0]
    last = np.concatenate((first[1:], [len(begins)])) - 1
    found = []
    for flag in (separators.hyphen[rows.before] & ~begins, digit[rows.form]):
        of = first.searchsorted(flag.nonzero()[0], "right") - 1
        pairs = np.array(sorted(set((rows.locus[first[of]] * (collation.n_loci + 1) + rows.locus[last[of]]).tolist())), np.int64)
        found.append((pairs // (collation.n_loci + 1), pairs % (collation.n_loci + 1)))
    return found
