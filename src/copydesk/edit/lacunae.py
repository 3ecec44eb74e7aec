"""Where each copy reaches: one that breaks off in mid-sentence is truncated and has no vote on what follows.

A sentence is broken off where other copies go on with a small letter, or within a word. A copy that ends otherwise does have
a vote on what follows: it does without what others add, be it boilerplate or story.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.edit.boilerplate import Look, look
from copydesk.edit.separators import LINE, PARAGRAPH, Separators, ends_sentence
from copydesk.edit.tally import Ballots
from copydesk.model import Collation

if TYPE_CHECKING:
    from copydesk.model import Flags, Index

LONGEST_LINE = 12  # words
CUT = ("...", "…", "[…]", "[...]")  # how an extract says that it goes on


class Reach(NamedTuple):
    """The first locus on which each copy has a vote, and the one after the last, shape `(n_copies,)` each."""

    first: Index
    end: Index


def reach(collation: Collation, votes: Ballots, separators: Separators) -> Reach:
    """Where each copy has a vote; a last word that is cut off has none."""
    n_copies, n_loci = len(collation.copies), collation.n_loci
    last = np.array([len(placed) - 1 for placed in collation.loci], np.int64)
    first, end = np.zeros(n_copies, np.int64), np.full(n_copies, n_loci)
    sentence = separators.ends | (separators.break_ == PARAGRAPH)
    cut = np.array([text.strip().endswith(CUT) for text in separators.text], bool)
    small = np.array([text[:1].islower() for text in collation.form_text], bool)
    went_on = votes.token > 0
    goes_within = ~sentence[votes.before]
    for row in np.flatnonzero(~went_on).tolist():
        if _is_cut_off(collation, votes, row, went_on, str.endswith):
            first[votes.copy[row]] = votes.locus[row] + 1
        elif small[votes.form[row]] and _most(votes, row, went_on, goes_within):
            first[votes.copy[row]] = votes.locus[row]
    goes_on = votes.token < last[votes.copy]
    next_small = np.zeros(len(votes.token), bool)
    next_small[goes_on] = small[_next_form(collation, votes)[goes_on]]
    within = goes_on & ~sentence[votes.after]
    within_small, uncut = within & next_small, ~cut[votes.after]
    for row in np.flatnonzero(~goes_on).tolist():
        copy, after = int(votes.copy[row]), int(votes.after[row])
        if cut[after]:
            broken = _most(votes, row, goes_on, uncut)
        elif ends_sentence(separators.text[after]):
            broken = False
        elif _is_cut_off(collation, votes, row, goes_on, str.startswith):
            end[copy] = votes.locus[row]
            continue
        else:
            broken = _most(votes, row, goes_on, within_small) or (
                _most(votes, row, goes_on, within)
                and not _is_line(collation, separators, copy)
                and not _what_follows(collation, votes, row, within).kind
            )
        if broken:
            end[copy] = votes.locus[row] + 1
    return Reach(first, end)


def _what_follows(collation: Collation, votes: Ballots, row: int, within: Flags) -> Look:
    """What the next sentence looks like where the first copy that goes on at the locus of `row` does so."""
    there = np.arange(votes.starts[votes.locus[row]], votes.starts[votes.locus[row] + 1])
    other = int(there[within[there]][0])
    copy = int(votes.copy[other])
    start = int(collation.tokens[copy].starts[votes.token[other] + 1])
    sentence = re.match(r".{20,400}?[.!?](?=\s|$)|.{,400}", collation.copies[copy].text[start : start + 500], re.DOTALL)
    return look(sentence.group() if sentence else "", "tail")


def _is_line(collation: Collation, separators: Separators, copy: int) -> bool:
    """Whether a copy ends with a short line without a full stop (a credit, a heading), as texts do that are whole."""
    of = collation.tokens[copy].separators[:-1]
    breaks = np.flatnonzero(separators.break_[of] >= LINE)
    return bool(len(breaks) and len(of) - breaks[-1] <= LONGEST_LINE and not separators.ends[of[breaks[-1] + 1 :]].any())


def _is_cut_off(collation: Collation, votes: Ballots, row: int, goes_on: Flags, part: Callable[[str, str], bool]) -> bool:
    """Whether the first or last word of a copy is the end or the beginning of the one that others have in its place."""
    word = collation.form_text[votes.form[row]]
    there = slice(votes.starts[votes.locus[row]], votes.starts[votes.locus[row] + 1])
    others = [collation.form_text[form] for form in votes.form[there][goes_on[there]].tolist()]
    return 2 * len(others) >= len(goes_on[there]) and any(len(other) > len(word) and part(other, word) for other in others)


def _next_form(collation: Collation, votes: Ballots) -> Index:
    """The form of the token after each one in its copy (of the last ones: any)."""
    sizes = np.array([len(placed) for placed in collation.loci], np.int64)
    forms: Index = np.concatenate([own.forms for own in collation.tokens])
    following: Index = forms[np.minimum((np.cumsum(sizes) - sizes)[votes.copy] + votes.token + 1, len(forms) - 1)]
    return following


def _most(votes: Ballots, row: int, goes_on: Flags, so: Flags) -> bool:
    """Whether most of the copies that go on at the locus of `row` go on `so`, and as many go on as end there together."""
    there = slice(votes.starts[votes.locus[row]], votes.starts[votes.locus[row] + 1])
    on = int(goes_on[there].sum())
    return on > 0 and 2 * on >= len(goes_on[there]) and 2 * int((goes_on[there] & so[there]).sum()) > on
