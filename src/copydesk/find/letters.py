"""Letters: the folded stream on which texts are compared.

Folding keeps letters and digits and drops the rest; case, marks and compatibility forms (NFKD) are folded, so that `Café`,
`CAFE\u0301` and `ｃａｆé` are one word. A letter is one byte: an ASCII letter is itself, a letter of another alphabet
is `0x80 | code point & 0x7F` (distinct within its block), a syllable of Hangul its jamo. In scripts without spaces a sign
says as much as several letters, so a kana counts two letters and an ideograph three: a run of `k` letters is about as telling
in any script.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

IDEOGRAPHS = (range(0x34, 0xA0), range(0x200, 0x324))
"""Pages of 256 code points whose letters are ideographs: folded by rule, to keep the table small."""
SYLLABLES = range(0xAC, 0xD7)
"""Pages of Hangul syllables: folded by rule too."""
PAGES = (range(0x34), range(0xA0, 0xAC), range(0xD7, 0xD8), range(0xF9, 0x200))
"""Pages that are tabled. Beyond lie ideographs, private use and nothing."""
DROPPED, BY_IDEOGRAPH, BY_SYLLABLE = -1, -2, -3


def _units(character: str) -> bytes:
    """The letters of one folded character."""
    code = ord(character)
    if code < 0x80:
        return bytes((code,))
    low = 0x80 | code & 0x7F
    if 0x3040 <= code < 0x3100:
        return bytes((0xE3, low))
    some, rare = IDEOGRAPHS
    if code >> 8 in some or code >> 8 in rare:
        return character.encode()[:3]
    return bytes((low,))


def _folded(characters: list[str]) -> list[str]:
    """Each of some characters with case and compatibility folded, all at once: none bears on another across a NUL."""
    normalized = unicodedata.normalize("NFKD", "\0".join(characters)).casefold()
    return unicodedata.normalize("NFKD", normalized).split("\0") if characters else []


@cache
def folding() -> tuple[NDArray[np.int16], NDArray[np.int32], NDArray[np.uint8]]:
    """The tables of folding, for the kernels: `(pages, cells, units)`.

    `pages[code >> 8]` is the row of `cells` of a code point, or one of the rules below zero; `cells[row * 256 + code & 255]`
    is `start << 5 | n`: its letters are `units[start : start + n]`.
    """
    import numpy as np

    pages = np.full((sys.maxunicode >> 8) + 1, DROPPED, np.int16)
    for part in IDEOGRAPHS:
        pages[part.start : part.stop] = BY_IDEOGRAPH
    pages[SYLLABLES.start : SYLLABLES.stop] = BY_SYLLABLE
    cells: list[int] = []
    units = bytearray()
    known: dict[bytes, int] = {b"": 0}
    letter = cache(_units)  # of some thousand letters most are folded from many characters
    for page in (p for part in PAGES for p in part):
        row = [0] * 256
        alphanumeric = [character for character in map(chr, range(page << 8, page + 1 << 8)) if character.isalnum()]
        for character, folded in zip(alphanumeric, _folded(alphanumeric), strict=True):
            letters = b"".join([letter(c) for c in folded if c.isalnum()])[:31]
            if letters not in known:
                known[letters] = len(units) << 5 | len(letters)
                units += letters
            row[ord(character) & 255] = known[letters]
        if any(row):
            pages[page] = len(cells) // 256
            cells += row
    return pages, np.array(cells, np.int32), np.frombuffer(bytes(units), np.uint8)


def letters(text: str) -> tuple[bytes, NDArray[np.int64]]:
    """The letters of a text and, for each, the code point it was folded from.

    >>> letters("The “Café”")  # doctest: +SKIP
    (b'thecafe', array([0, 1, 2, 5, 6, 7, 8]))
    """
    import numpy as np

    from copydesk.find import kernels

    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    out = np.empty(kernels.room(len(data)), np.uint8)
    places = np.empty(len(out), np.int64)
    n = kernels.fold_with_places(data, out, places, *folding())
    return out[:n].tobytes(), places[:n]
