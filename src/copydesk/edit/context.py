"""Whether a word fits where it stands: how often its story has it elsewhere, and beside the same words.

Where votes are equal the words themselves have to tell. One that was put for another, or put in, stands beside its neighbours
by chance, while many words of a text come again beside the same ones. Whether wrong words are such as the story has elsewhere,
as where they were taken from it, or strangers, as where letters were misread, is told by the places that votes decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.edit.tally import Ballots, most

if TYPE_CHECKING:
    from copydesk.model import Index, Weights

KNOWN = 2.0  # log odds: a word that the story has elsewhere, before any wrong one is looked at
WRONG = 10.0  # so many words tell beforehand what wrong ones look like
OFTENEST = 4  # the last class of words by how often the story has them elsewhere: never, once, two or three times, ...
UNSEEN = 0.1  # so many times more than counted two words stand side by side, and are expected to
DECIMALS = 6  # of log odds
CLASSES = np.frexp(np.arange((1 << OFTENEST - 1) + 1))[1].astype(np.int64)  # of so many times, and more
STRANGE = np.array([0.0] + [KNOWN] * OFTENEST)  # what the classes tell against one another before


class Context(NamedTuple):
    """The words of a story that votes tell: `text` has the key at each locus, -1 where they do not.

    `times[key]` counts them, `pairs` are those side by side, sorted: the key of the one times `len(times)`, and that of the
    next. `telling` is what the class of a word tells (`_often`), in log odds of being right.
    """

    text: Index
    times: Index
    pairs: Index
    telling: Weights


def context(votes: Ballots, weights: Weights, n_keys: int) -> Context:
    """What the places of a story that votes decide tell of the others. `weights` are those of the copies' votes."""
    n_copies, differs = len(weights), votes.differs
    text = votes.key[votes.starts[:-1]]
    if n_copies == 2:  # nothing is decided where they differ
        text[differs] = -1
    else:
        rows, sizes = differs[votes.locus].nonzero()[0], votes.sizes[differs]
        key, copy, place = votes.key[rows], votes.copy[rows], np.arange(len(sizes)).repeat(sizes)
        keys = most(place, key, copy, weights[copy], len(sizes))
        clear = keys.weight > keys.second
        text[differs] = np.where(clear, keys.value, -1)
        wrong = key[clear[place] & (key != keys.value[place])]
    text[2 * votes.sizes <= n_copies] = -1
    there = text >= 0
    pairs = (text[:-1] * n_keys + text[1:])[there[1:] & there[:-1]]
    pairs.sort()
    times = np.bincount(text[there], minlength=n_keys)
    telling = _telling(times, wrong) if n_copies > 2 else STRANGE
    return Context(text, times, pairs, telling)


def _often(times: Index) -> Index:
    """The class of words that the story has so many times elsewhere."""
    classes: Index = CLASSES.take(times, mode="clip")
    return classes


def _telling(times: Index, wrong: Index) -> Weights:
    """What each class of words tells: those that the story has so many `times` are right, and some are `wrong`."""
    right = np.bincount(_often(np.maximum(0, times - 1)), times, OFTENEST + 1).astype(float) + 1
    strange = right * np.exp(-STRANGE)
    found = np.bincount(_often(times[wrong]), minlength=OFTENEST + 1) + WRONG * strange / strange.sum()
    odds: Weights = np.log(right / right.sum()) - np.log(found / found.sum())
    return _exact(odds)


def _exact(odds: Weights) -> Weights:
    """The odds, rounded: on any machine the same."""
    rounded: Weights = odds.round(DECIMALS)
    return rounded


def side_by_side(story: Context, left: Index, right: Index) -> Weights:
    """The log odds that words `right` follow words `left` as they do, and not by chance; 0 where one is missing (-1)."""
    n_keys, n_pairs = len(story.times), len(story.pairs)
    pair = left * n_keys + right
    seen = story.pairs.searchsorted(pair, "right") - story.pairs.searchsorted(pair)
    expected = story.times[left] * story.times[right] / max(1, n_pairs)
    return np.where((left >= 0) & (right >= 0), _exact(np.log((seen + UNSEEN) / (expected + UNSEEN))), 0.0)


def fits(story: Context, left: Index, own: Index, right: Index) -> Weights:
    """The log odds that words are right where they stand, between two others (-1: none)."""
    beside = side_by_side(story, np.concatenate((left, own)), np.concatenate((own, right)))
    odds: Weights = story.telling[_often(story.times[own])] + beside[: len(own)] + beside[len(own) :]
    return odds
