"""What the look of words tells in this corpus (`rates`), of words that some copies lack and of words that stand for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.disputed import LONGEST, in_context
from copydesk.edit.evidence import Evidence
from copydesk.edit.familiar import cell, pairs, seen

if TYPE_CHECKING:
    from copydesk.model import Index, Weights


def look_of_words(evidence: Evidence, starts: Index, ends: Index) -> Weights:
    """The log odds that words at loci `[starts, ends)` which some lack are of the text, by their look; 0 for many words."""
    telling, votes = evidence.known.telling, evidence.votes
    odds = np.zeros(len(starts))
    # a word of a kind that some sources drop looks as rare as a wrong one
    few = (ends - starts <= LONGEST) & ~evidence.habits.of_any[starts]
    if telling and few.any():
        first = votes.row[votes.starts[starts[few]]]
        words = in_context(evidence, first, first + (ends - starts)[few] - 1)
        familiar = np.frombuffer(evidence.known.familiar, np.uint32)
        skip = seen(pairs(words.left, words.right), familiar).astype(np.int64)
        odds[few] = np.array(telling["readings"])[cell(words, familiar)] + np.array(telling["without"])[skip]
    return odds


def look_of_readings(evidence: Evidence, ballots: Index) -> Weights:
    """The log odds that each of some ballots, all of which have a word, has the right one, by its look."""
    row = evidence.votes.row[ballots]
    words = in_context(evidence, row, row)
    cells = cell(words, np.frombuffer(evidence.known.familiar, np.uint32))
    told = np.array(evidence.known.telling["readings"])[cells]
    return np.where(evidence.habits.of_any[evidence.votes.locus[ballots]], 0.0, told)
