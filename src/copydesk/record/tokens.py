"""A text to its tokens: words, numbers and marks. Made once; every rule reads them.

What stands between two blanks (`“Why,`) was mostly met before, in this text or another: its tokens, and all that is known of
them, come from a table. Only what is new is taken apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, compress
from operator import add, itemgetter
from string import ascii_lowercase, ascii_uppercase

from copydesk.record.cues import bits_of_cues
from copydesk.record.triggers import marks as marks_of
from copydesk.record.words import bits

TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}"  # U.S.
    r"|\d+(?:[.,:]\d+)*%?(?:[’'\-]?\w+)*"  # 1,000  1.5  35-year-old
    r"|\w+(?:[’'&@\-]\w+)*"
    r"|\.\.\.|--|[^\w\s]"
)
SAMPLE = 4_000  # characters by which capitals are told
KEPT = 1 << 16  # pieces; when there are more, all are forgotten
LONGEST_KEPT = 40  # characters of a piece


Form = tuple[str, int, int, int, int]
"""A token by how it is written: in small letters, its `bits` (words.py), its `marks` (triggers.py), its length, and its width,
which goes on to where the next token begins. A plain tuple, for a text has very many."""

BLANK: Form = ("", 0, 0, 0, 1)
"""White space that follows no token of its piece."""


_LOW, _BITS, _MARKS, _LENGTH, _WIDTH = map(itemgetter, range(5))
_CAPITALS, _SMALL = ascii_uppercase.encode(), ascii_lowercase.encode()


@dataclass(slots=True)
class Row:
    """Tokens in a row, in lists of one length: in small letters, and their bits."""

    low: list[str]
    bits: list[int]


@dataclass(slots=True)
class Words(Row):
    """All tokens of a text, in order."""

    marks: list[int]
    marked: list[int]  # the tokens with marks
    starts: list[int]
    ends: list[int]
    text: str
    in_capitals: bool


class _Pieces(dict[str, tuple[Form, ...]]):
    """The forms of the pieces met, those of a text `in_capitals` with the bits of small letters: they tell no names."""

    def __init__(self, in_capitals: bool) -> None:
        self._in_capitals = in_capitals

    def __missing__(self, piece: str) -> tuple[Form, ...]:
        found = tuple(self._forms(piece))
        if len(piece) <= LONGEST_KEPT:
            if len(self) >= KEPT:
                self.clear()
            self[piece] = found
        return found

    def _forms(self, piece: str) -> list[Form]:
        """The forms of a piece and of the blank after it."""
        word = piece[:-1] if piece[-1:] in _STOPS else piece
        if word.isalpha():  # most pieces are
            low, known, its_marks = _known(word, self._in_capitals)
            if word is piece:
                return [(low, known, its_marks, len(word), len(word) + 1)]
            return [(low, known, its_marks, len(word), len(word)), _STOPS[piece[-1]]]
        matches = list(TOKEN.finditer(piece))
        starts = [*(match.start() for match in matches), len(piece) + 1]
        forms = [BLANK] * starts[0]
        for match, start, after in zip(matches, starts, starts[1:], strict=False):
            forms.append((*_known(match[0], self._in_capitals), match.end() - start, after - start))
        return forms


@lru_cache(maxsize=KEPT)
def _known(word: str, in_capitals: bool) -> tuple[str, int, int]:
    """A word in small letters, its bits and its marks."""
    low = word.lower()
    return low, bits(low if in_capitals else word, bits_of_cues()), marks_of(word)


_STOPS: dict[str, Form] = {mark: (*_known(mark, in_capitals=False), 1, 2) for mark in ",.;:?!"}  # and the blank after each
_PIECES = _Pieces(in_capitals=False)
_PIECES_IN_CAPITALS = _Pieces(in_capitals=True)


def words(text: str | Words) -> Words:
    """The tokens of a text; of what has been read already, itself."""
    if isinstance(text, Words):
        return text
    in_capitals = _in_capitals(text)
    table = _PIECES_IN_CAPITALS if in_capitals else _PIECES
    forms = list(chain.from_iterable(map(table.__getitem__, text.replace("\n", " ").split(" "))))
    starts = list(accumulate(map(_WIDTH, forms), initial=0))
    lengths = list(map(_LENGTH, forms))
    if not all(lengths):
        forms, starts = list(compress(forms, lengths)), list(compress(starts, lengths))
        lengths = list(compress(lengths, lengths))
    marks = list(map(_MARKS, forms))
    return Words(
        list(map(_LOW, forms)),
        list(map(_BITS, forms)),
        marks,
        list(compress(range(len(marks)), marks)),
        starts[: len(forms)],
        list(map(add, starts, lengths)),
        text,
        in_capitals,
    )


def _in_capitals(text: str) -> bool:
    """Whether four letters in five are capitals, as in old wires and headlines. Letters are those of ASCII."""
    sample = text[:SAMPLE].encode("ascii", "ignore")
    capitals = len(sample) - len(sample.translate(None, _CAPITALS))
    return capitals > 4 * (len(sample) - len(sample.translate(None, _SMALL)))
