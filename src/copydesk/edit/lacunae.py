"""Where each copy reaches: one that breaks off in mid-sentence is truncated and has no vote on what follows.

A copy that ends where a sentence ends does have one: it does without what others add, be it boilerplate or story.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.separators import PARAGRAPH, Separators
from copydesk.edit.tally import Ballots

if TYPE_CHECKING:
    from copydesk.model import Index

CUT = ("...", "…", "[…]", "[...]")  # how an extract says that it goes on


def reach(votes: Ballots, last: Index, separators: Separators) -> tuple[Index, Index]:
    """The first locus on which each copy has a vote, and the one after the last, shape `(n_copies,)` each.

    `last` is the number of the last token of each copy, -1 where it has none.
    """
    n_copies, n_loci = len(last), len(votes.starts) - 1
    first, end = np.zeros(n_copies, np.int64), np.full(n_copies, n_loci)
    sentence = separators.ends | (separators.break_ == PARAGRAPH)
    for row in np.flatnonzero(votes.token == 0).tolist():
        if _breaks_off(votes, row, votes.token > 0, sentence[votes.before]):
            first[votes.copy[row]] = votes.locus[row]
    goes_on = votes.token < last[votes.copy]
    for row in np.flatnonzero(~goes_on).tolist():
        tail = separators.text[votes.after[row]].strip()
        ended = bool(separators.ends[votes.after[row]]) and not tail.endswith(CUT)
        if not ended and (_breaks_off(votes, row, goes_on, sentence[votes.after]) or tail.endswith(CUT)):
            end[votes.copy[row]] = votes.locus[row] + 1
    return first, end


def _breaks_off(votes: Ballots, row: int, goes_on: np.ndarray, sentence: np.ndarray) -> bool:
    """Whether most of the copies that go on at the locus of `row` do so within the sentence."""
    there = slice(votes.starts[votes.locus[row]], votes.starts[votes.locus[row] + 1])
    within = goes_on[there] & ~sentence[there]
    return bool(2 * within.sum() > goes_on[there].sum())
