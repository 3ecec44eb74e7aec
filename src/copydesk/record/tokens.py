"""A text to its tokens: words, numbers and marks. Made once; every rule reads them.

What stands between two blanks (`“Why,`) was mostly met before, in this text or another: its tokens, and all that is known of
them, come from a table. Only what is new is taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import accumulate, chain, compress
from operator import add
from string import ascii_lowercase, ascii_uppercase

from copydesk.record.cues import bits_of_cues
from copydesk.record.triggers import marks as marks_of
from copydesk.record.words import bits
from copydesk.remembered import Remembered

TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}"  # U.S.
    r"|\d+(?:[.,:]\d+)*%?(?:[’'\-]?\w+)*"  # 1,000  1.5  35-year-old
    r"|\w+(?:[’'&@\-]\w+)*"
    r"|\.\.\.|--|[^\w\s]"
)
SAMPLE = 4_000  # characters by which capitals are told
KEPT = 1 << 16  # pieces
LONGEST_KEPT = 40  # characters of a piece


Form = tuple[str, int, int, int, int]
"""A token by how it is written: in small letters, its `bits` (words.py), its `marks` (triggers.py), its length, and its width,
which goes on to where the next token begins. A plain tuple, for a text has very many."""

BLANK: Form = ("", 0, 0, 0, 1)
"""White space that follows no token of its piece."""


_BITS: dict[int, int] = {}  # each that there are once
_CAPITALS, _SMALL = ascii_uppercase.encode(), ascii_lowercase.encode()


@dataclass(slots=True)
class Row:
    """Tokens in a row, each in small letters, and with its bits (words.py)."""

    low: tuple[str, ...]
    bits: tuple[int, ...]


@dataclass(slots=True)
class Words(Row):
    """All tokens of a text, in order."""

    marks: bytes  # (triggers.py)
    starts: Sequence[int]
    ends: Sequence[int]
    text: str
    in_capitals: bool


def _forms(in_capitals: bool, piece: str) -> tuple[Form, ...]:
    """The forms of a piece and of the blank after it. Of a text `in_capitals` they have the bits of small letters."""
    word = piece[:-1] if piece[-1:] in _STOPS else piece
    if word.isalpha():  # most pieces are
        known = _known(word, in_capitals)
        if word is piece:
            return ((*known, len(word), len(word) + 1),)
        return (*known, len(word), len(word)), _STOPS[piece[-1]]
    matches = list(TOKEN.finditer(piece))
    starts = [*(match.start() for match in matches), len(piece) + 1]
    forms = [BLANK] * starts[0]
    for match, start, after in zip(matches, starts, starts[1:], strict=False):
        forms.append((*_known(match[0], in_capitals), match.end() - start, after - start))
    return tuple(forms)


@lru_cache(maxsize=KEPT)
def _known(word: str, in_capitals: bool) -> tuple[str, int, int]:
    """A word in small letters, its bits and its marks."""
    low = word.lower()
    low = word if low == word else low  # as one object a word takes less of a processor's cache; so do its bits
    bit = bits(low if in_capitals else word, bits_of_cues())
    return low, _BITS.setdefault(bit, bit), marks_of(word, bit)


_STOPS: dict[str, Form] = {mark: (*_known(mark, in_capitals=False), 1, 2) for mark in ",.;:?!"}  # and the blank after each
_PIECES, _PIECES_IN_CAPITALS = (Remembered(partial(_forms, in_capitals), KEPT, LONGEST_KEPT) for in_capitals in (False, True))


def words(text: str | Words) -> Words:
    """The tokens of a text; of what has been read already, itself."""
    if isinstance(text, Words):
        return text
    in_capitals = _in_capitals(text)
    table = _PIECES_IN_CAPITALS if in_capitals else _PIECES
    forms = list(chain.from_iterable(map(table.__getitem__, text.replace("\n", " ").split(" "))))
    low, bits, marks, lengths, widths = zip(*forms, strict=True)
    starts = tuple(accumulate(widths, initial=0))
    if not all(lengths):
        low, bits, marks, starts, lengths = (tuple(compress(column, lengths)) for column in (low, bits, marks, starts, lengths))
    return Words(low, bits, bytes(marks), starts[: len(low)], tuple(map(add, starts, lengths)), text, in_capitals)


def _in_capitals(text: str) -> bool:
    """Whether four letters in five are capitals, as in old wires and headlines. Letters are those of ASCII."""
    sample = text[:SAMPLE].encode("utf-8", "surrogatepass")
    capitals = len(sample) - len(sample.translate(None, _CAPITALS))
    return capitals > 4 * (len(sample) - len(sample.translate(None, _SMALL)))
