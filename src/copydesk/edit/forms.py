"""What the spelling of a word tells by itself: the words of one story are mostly those of others, so it is remembered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from copydesk.edit.boilerplate import is_telling
from copydesk.remembered import Remembered
from copydesk.repair import kind

if TYPE_CHECKING:
    from copydesk.edit.familiar import Hashes
    from copydesk.model import Flags, Index

KNOWN, LONGEST = 1 << 17, 32  # spellings that are remembered, and the letters of the longest
HASH = 32  # bits of the hash, and then five flags, and then the size
CAPITAL, DIGIT, MARRED, TELLING, HINTING = (1 << HASH << bit for bit in range(5))
SIZE = HASH + 5
# Parts of the words with which a site says that it changed a text, and of one that is among them.
HINTS = ("pdate", "PDATE", "orrect", "ORRECT", "larif", "LARIF", "evised", "mended")
EDITOR = "ditor"
find_digit = re.compile(r"\d").search


@dataclass(frozen=True, slots=True)
class Forms:
    """The features of each form of the vocabulary, arrays of shape `(n,)`.

    `hash` is a number for the word, whatever its case, never 0; `size` its letters. It begins with a `capital`, has a `digit`,
    is in need of repair (`marred`), begins as a word does that a strong sign of boilerplate has (`telling`), may be of what a
    site says of a text that it changed (`hinting`).
    """

    hash: Hashes
    size: Index
    capital: Flags
    digit: Flags
    marred: Flags
    telling: Flags
    hinting: Flags


def forms(texts: Sequence[str]) -> Forms:
    """The features of each of `texts`."""
    packed = np.fromiter(map(_KNOWN.__getitem__, texts), np.int64, len(texts))
    return Forms(
        hash=packed.astype(np.uint32),
        size=packed >> SIZE,
        capital=packed & CAPITAL > 0,
        digit=packed & DIGIT > 0,
        marred=packed & MARRED > 0,
        telling=packed & TELLING > 0,
        hinting=packed & HINTING > 0,
    )


def _packed(text: str) -> int:
    """All features of a word in one number."""
    packed = len(text) << SIZE | (crc32(text.lower().encode("utf-8", "surrogatepass")) or 1)
    if text[:1].isupper():
        packed |= CAPITAL
    if find_digit(text):
        packed |= DIGIT
    if kind(text) is not None:
        packed |= MARRED
    if is_telling(text):
        packed |= TELLING
    return packed | HINTING if EDITOR in text or any(map(text.__contains__, HINTS)) else packed


_KNOWN = Remembered(_packed, KNOWN, LONGEST)
