"""What stands between two words, taken apart: closing marks, white space, opening marks; quotation marks; breaks.

A copy spoils separators in ways of its own (paragraphs flattened, quotation marks straightened or lost, spaces before
closing marks), so each part is compared and voted on by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from copydesk.model import Index

NONE, SPACE, LINE, PARAGRAPH = range(4)  # kinds of break

QUOTES = "\"“”„‟«»‹›「」『』＂"
SINGLE_QUOTES = "'‘’‚‛`´＇"
DASHES = "-‐‑‒–—―−"
ENDING = ".!?…。！？؟۔।"
FOLD = str.maketrans(
    dict.fromkeys(QUOTES, '"') | dict.fromkeys(SINGLE_QUOTES, "'") | dict.fromkeys(DASHES, "-") | {"…": "...", "（": "(", "）": ")"}
)
# A space where none belongs: before a closing mark, or after an opening one.
SPOILT = re.compile(r"\s[,;:!?)\]}%]|\s\.(?!\.)|\s[”»](?:\W|$)|[(\[{“«]\s")
PARTS = re.compile(r"(.*?)(\s*)(\S*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Separators:
    """The features of each separator of the vocabulary, arrays of shape `(n,)`.

    `marks` and `quotes` number its punctuation and its quotation marks, both folded and without white space; `break_` is
    its kind of break; `ends` tells that a sentence ends there, `spoilt` that a space stands where none belongs.
    """

    text: Sequence[str]
    marks: Index
    quotes: Index
    break_: Index
    ends: NDArray[np.bool_]
    spoilt: NDArray[np.bool_]
    mark_text: list[str]
    quote_text: list[str]


def separators(texts: Sequence[str]) -> Separators:
    """The features of each of `texts`."""
    mark_number: dict[str, int] = {}
    quote_number: dict[str, int] = {}
    marks, quotes, breaks, ends, spoilt = [], [], [], [], []
    for text in texts:
        bare = "".join(text.split()).translate(FOLD)
        quote = "".join(c for c in bare if c == '"')
        marks.append(mark_number.setdefault(bare.replace('"', ""), len(mark_number)))
        quotes.append(quote_number.setdefault(quote, len(quote_number)))
        breaks.append(_break(text))
        ends.append(any(c in ENDING for c in text))
        spoilt.append(SPOILT.search(text) is not None)
    integers = (np.array(values, np.int64) for values in (marks, quotes, breaks))
    return Separators(texts, *integers, np.array(ends, bool), np.array(spoilt, bool), list(mark_number), list(quote_number))


def parts(text: str) -> tuple[str, str, str]:
    """Closing marks, white space, opening marks; without white space all of it closes.

    >>> parts(". “"), parts(" ["), parts("-"), parts(". ” ")
    (('.', ' ', '“'), ('', ' ', '['), ('-', '', ''), ('. ”', ' ', ''))
    """
    match = PARTS.fullmatch(text)
    assert match is not None  # the expression matches any text
    closing, space, opening = match.groups()
    return (closing, space, opening) if space else (text, "", "")


def _break(text: str) -> int:
    n = text.count("\n") or text.count("\r") or text.count("\u2029") * 2 + text.count("\u2028")
    return PARAGRAPH if n > 1 else LINE if n else SPACE if any(c.isspace() for c in text) else NONE
