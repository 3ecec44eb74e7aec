"""How familiar a word is: whether it comes again in the story, whether other stories have it, and beside the same words.

A word that a source put in, or put for another, is a stranger where it stands, even where it is a word of the language. How
much that tells is not fixed but learned (`rates`): in a corpus whose errors are words of other stories it tells little.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from copydesk.model import Flags, Index

    Hashes = NDArray[np.uint32]

CELLS = 12  # the word comes again in the story or not; in others or not; beside none, one or both of its neighbours
ITEMS = 1 << 19  # words and pairs of words that are kept at most, those of most stories


class InContext(NamedTuple):
    """Runs of words as hashes: each from `first` to `last`, between `left` and `right` (0: none); the first comes `again`."""

    left: Hashes
    first: Hashes
    last: Hashes
    right: Hashes
    again: Flags


def pairs(left: Hashes, right: Hashes) -> Hashes:
    """A number for each two words side by side; 0 where one is missing (0)."""
    mixed: Hashes = left * np.uint32(0x9E3779B1) ^ (right ^ right >> np.uint32(15)) * np.uint32(0x85EBCA77)
    return (mixed | np.uint32(1)) * (np.minimum(left, right) > 0)


def seen(items: Hashes, familiar: Hashes) -> Flags:
    """Which of `items` are among the familiar ones, which are sorted, none of them 0."""
    if not len(familiar):
        return np.zeros(len(items), bool)
    found: Flags = familiar.take(familiar.searchsorted(items), mode="clip") == items
    return found


def cell(words: InContext, familiar: Hashes) -> Index:
    """How familiar each run of words is, by its first word and by its neighbours: a number below `CELLS`."""
    beside = pairs(np.concatenate((words.left, words.last)), np.concatenate((words.first, words.right)))
    own, left, right = seen(np.concatenate((words.first, beside)), familiar).reshape(3, -1)
    cells: Index = 6 * words.again + 3 * own + left + right
    return cells


def common(texts: Iterable[Hashes], stories: int) -> Hashes:
    """The words, and the pairs of them, that stand in so many of `texts` or more; a text is its words in order, 0 a break."""
    items = [np.unique(np.concatenate((text, pairs(text[:-1], text[1:])))) for text in texts if len(text)]
    if not items:
        return np.zeros(0, np.uint32)
    item, times = np.unique(np.concatenate(items), return_counts=True)
    frequent = (times >= stories) & (item > 0)
    item, times = item[frequent], times[frequent]
    most = np.lexsort((item, -times))[:ITEMS]
    return np.sort(item[most])
