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

QUOTES = '"“”„‟«»‹›「」『』＂'
SINGLE_QUOTES = "'‘’‚‛`´＇"
DASHES = "-‐‑‒–—―−"
OPENING = "([{¿¡“„«‘‚‹「『\"'#@$£€"
CLOSING = ".,;:!?…)]}”’»›」』\"'。！？؟۔।%"
ENDING = ".!?…。！？؟۔।"
FOLD = str.maketrans(
    dict.fromkeys(QUOTES, '"')
    | dict.fromkeys(SINGLE_QUOTES, "'")
    | dict.fromkeys(DASHES, "-")
    | {"…": "...", "（": "(", "）": ")"}
)
# A space where none belongs: before a closing mark, or after an opening one.
SPOILT = re.compile(r"""\s[,;:!?)\]}%]|\s\.(?!\.)|\s[”»](?:\W|$)|[.,!?]\s"\s|[(\[{“«]\s""")


@dataclass(frozen=True, slots=True)
class Separators:
    """The features of each separator of the vocabulary, arrays of shape `(n,)`.

    `marks` and `quotes` number its punctuation and its double quotation marks, folded and without white space, and `n_marks`,
    `n_quotes` count them; `bare` numbers all of it but white space, unfolded; `printed` counts marks that no typewriter has
    (curly quotation marks, dashes). `break_` is its kind of break. `ends`: a sentence
    ends there (a full stop within a number or an address does not end one); `stops`: it closes with a stop of any kind;
    `brackets`: it has some; `spoilt`: a space stands where none belongs; `divided`: it parts a word by hyphen and white space.
    """

    text: Sequence[str]
    marks: Index
    quotes: Index
    n_marks: Index
    n_quotes: Index
    bare: Index
    printed: Index
    break_: Index
    ends: NDArray[np.bool_]
    stops: NDArray[np.bool_]
    brackets: NDArray[np.bool_]
    spoilt: NDArray[np.bool_]
    divided: NDArray[np.bool_]


def separators(texts: Sequence[str]) -> Separators:
    """The features of each of `texts`."""
    mark_number: dict[str, int] = {}
    quote_number: dict[str, int] = {}
    bare_number: dict[str, int] = {}
    bare = ["".join(text.split()) for text in texts]
    folded = [text.translate(FOLD) for text in bare]
    marks = [text.replace('"', "") for text in folded]
    n_quotes = np.array([text.count('"') for text in folded], np.int64)
    return Separators(
        text=texts,
        marks=np.array([mark_number.setdefault(text, len(mark_number)) for text in marks], np.int64),
        quotes=np.array([quote_number.setdefault('"' * n, len(quote_number)) for n in n_quotes.tolist()], np.int64),
        n_marks=np.array([len(text) for text in marks], np.int64),
        n_quotes=n_quotes,
        bare=np.array([bare_number.setdefault(text, len(bare_number)) for text in bare], np.int64),
        printed=np.array([sum(not c.isascii() and not c.isspace() for c in text) for text in texts], np.int64),
        break_=np.array([_break(text) for text in texts], np.int64),
        ends=np.array([ends_sentence(text) and (not text.isascii() or text.strip() != text) for text in texts], bool),
        stops=np.array([text[:1] in tuple(".,;:!?)") for text in marks], bool),
        brackets=np.array([any(c in "()[]{}" for c in text) for text in texts], bool),
        spoilt=np.array([SPOILT.search(text) is not None for text in texts], bool),
        divided=np.array([text[:1] != "" and text[0] in DASHES and text[1:].isspace() for text in texts], bool),
    )


def ends_sentence(text: str) -> bool:
    """Whether a separator has a mark that ends a sentence."""
    return any(c in ENDING for c in text)


def parts(text: str) -> tuple[str, str, str]:
    """What closes the word before, white space, what opens the word after; without white space all of it closes.

    >>> parts(". “"), parts(" ["), parts("-"), parts(". ” ")
    (('.', ' ', '“'), ('', ' ', '['), ('-', '', ''), ('. ”', ' ', ''))
    """
    opening = len(text)
    while opening and not text[opening - 1].isspace():
        opening -= 1
    closing = len(text[:opening].rstrip())
    return (text[:closing], text[closing:opening], text[opening:]) if opening else (text, "", "")


def _break(text: str) -> int:
    n = text.count("\n") or text.count("\r") or text.count("\u2029") * 2 + text.count("\u2028")
    return PARAGRAPH if n > 1 else LINE if n else SPACE if any(c.isspace() for c in text) else NONE
