"""How near a text is to the truth, counted in words."""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein

WORD = re.compile(r"\w+(?:[-’'.,:–]\w+)*")


def words(text: str) -> list[str]:
    """The words of a text as they are spelt, with the hyphens, apostrophes, points and colons inside them."""
    return WORD.findall(text)


def wrong(text: str, truth: str) -> int:
    """How many words must be put in, taken out or changed to turn `text` into `truth`."""
    return Levenshtein.distance(words(text), words(truth))


def kept(text: str, truth: str) -> set[int]:
    """Which words of `truth` the text has in their place, by their index among the words of `truth`."""
    blocks = Levenshtein.opcodes(words(truth), words(text))
    return {i for b in blocks if b.tag == "equal" for i in range(b.src_start, b.src_end)}
