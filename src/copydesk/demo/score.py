"""How near a text is to the truth, counted in words."""

from __future__ import annotations

import re
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

WORD = re.compile(r"\w+(?:[-’'.,:–]\w+)*")


class Wrong(NamedTuple):
    """A place where a text has other words than the truth has, or words where it has none, or none where it has some."""

    words: tuple[str, ...]
    true: tuple[str, ...]


def words(text: str) -> list[str]:
    """The words of a text as they are spelt, with the hyphens, apostrophes, points and colons inside them."""
    return WORD.findall(text)


def wrong(text: str, truth: str) -> int:
    """How many words must be put in, taken out or changed to turn `text` into `truth`."""
    return Levenshtein.distance(words(text), words(truth))


def wrongs(text: str, truth: str) -> list[Wrong]:
    """Where `text` differs from `truth`, in order: what stands between two words that are right is one place."""
    own, true = words(text), words(truth)
    places = []
    at, true_at = 0, 0
    for block in Levenshtein.opcodes(own, true).as_matching_blocks():  # the last is empty and stands at both ends
        if (at, true_at) != (block.a, block.b):
            places.append(Wrong(tuple(own[at : block.a]), tuple(true[true_at : block.b])))
        at, true_at = block.a + block.size, block.b + block.size
    return places


def kept(text: str, truth: str) -> set[int]:
    """Which words of `truth` the text has in their place, by their index among the words of `truth`."""
    blocks = Levenshtein.opcodes(words(truth), words(text)).as_matching_blocks()
    return {i for b in blocks for i in range(b.a, b.a + b.size)}
