"""Words that one copy alone has, where another has none: lost there, or put in here.

Where two of three copies lack a word, both lost it or the third put it in. Where two have a word each and the third has none,
one lost it and one altered it, or both put one in. How likely that is the story tells, by how often a copy loses, puts in and
alters words against all others, and so do the words, by how they fit where they stand (`context`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from rapidfuzz import fuzz

from copydesk.edit.choose import Choice
from copydesk.edit.context import fits, side_by_side
from copydesk.edit.evidence import Evidence
from copydesk.edit.tally import within

FEWEST, MOST = 3, 8  # copies: of two there is nothing to count, and many outvote any error
SLIPS, WORDS = 1.0, 300.0  # so many slips of each kind, in so many words, are added to those counted
ALIKE = 60  # per cent of the letters: one word, misspelt


def alone(evidence: Evidence, choice: Choice) -> Choice:
    """The choice, where single words of which no two copies have the same are kept or left out as the story tells."""
    votes, n = evidence.votes, len(evidence.weights)
    if not FEWEST <= n <= MOST or evidence.trust.rates or (evidence.weights != 1).any():
        return choice
    few, single = votes.sizes < n, votes.sizes == 1
    open_ = few[1:-1] & ~(few[:-2] & few[2:]) & ~choice.lost[1:-1]
    open_ &= ~(single & choice.keep)[1:-1]  # what is kept of one copy alone has its reason
    at = open_.nonzero()[0] + 1
    if not len(at):
        return choice
    at = at[~evidence.habits.of_any[at]]
    for block in choice.blocks:
        at = at[(at < block.start) | (at >= block.end)]
    if len(at):
        at = at[[alone or _differ(evidence, locus) for alone, locus in zip(single[at].tolist(), at.tolist(), strict=True)]]
    if not len(at):
        return choice
    story = evidence.context
    at = at[(story.text[at - 1] >= 0) & (story.text[at + 1] >= 0)]
    if not len(at):
        return choice
    lost, added, altered = _slips(evidence)
    left, right, size = story.text[at - 1], story.text[at + 1], votes.sizes[at]
    fit = fits(story, left.repeat(size), votes.key[within(votes.starts[at], size)], right.repeat(size))
    best = np.maximum.reduceat(fit, size.cumsum() - size)
    odds, keep, weighed = choice.odds.copy(), choice.keep.copy(), choice.weighed.copy()
    odds[at] = (size - 1) * altered + (n - size) * lost - size * added + best - side_by_side(story, left, right)
    keep[at], weighed[at] = odds[at] > 0, True
    return replace(choice, odds=odds, keep=keep, weighed=weighed)


def _differ(evidence: Evidence, locus: int) -> bool:
    """Whether the words that copies have at a locus are all different ones, none of them another misspelt."""
    votes, text = evidence.votes, evidence.collation.form_text
    there = slice(votes.starts[locus], votes.starts[locus + 1])
    words = [text[form] for form in votes.form[there].tolist()]
    if len(set(votes.key[there].tolist())) < len(words):
        return False
    return not any(fuzz.ratio(word, other) >= ALIKE for at, word in enumerate(words) for other in words[:at])


def _slips(evidence: Evidence) -> list[float]:
    """How often a copy loses, puts in and alters a word, as logarithms, where it alone does between words that all have."""
    sizes, n, differs = evidence.votes.sizes, len(evidence.weights), evidence.votes.differs
    agreed = (sizes == n) & ~differs
    size, differs, between = sizes[1:-1], differs[1:-1], agreed[:-2] & agreed[2:]
    lost, added, altered = between & (size == n - 1) & ~differs, between & (size == 1), between & (size == n) & differs
    words = n * np.count_nonzero(agreed) + WORDS
    return [float(np.log((np.count_nonzero(slips) + SLIPS) / words)) for slips in (lost, added, altered)]
