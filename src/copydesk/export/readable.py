"""Texts and numbers as a reader should see them: nothing hidden, nothing too long.

Texts are hostile: they may hold terminal escapes, marks that turn the direction of the line, characters without a shape.
All of them are spelt out before anything is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from copydesk.model import Edition, Reading, Variant

HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, save tab and line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks of direction
    "\u200b\u2028\u2029\u2060-\u2064\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # characters without a shape
    "\ud800-\udfff]"  # halves of a pair that UTF-8 cannot hold
)
BLANKS = re.compile("^ +| +$|  +")


def spell(char: str) -> str:
    """A character that cannot be shown, as one that can: U+2400 for NUL, else its number."""
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"


def visible(text: str) -> str:
    """The text with every hostile character spelt out; tabs and line feeds stay."""
    return HOSTILE.sub(lambda match: spell(match[0]), text.replace("\r\n", "\n"))


def readings_shown(variant: Variant) -> list[str]:
    """The texts of a variant's readings on one line each, with what is blank made visible. An omission is empty.

    Readings that differ and yet look alike (a no-break space, a soft hyphen, an accent on its own) are spelt out as far as
    they may differ.
    """
    looks = [_look(reading.text) for reading in variant.readings]
    return [_on_one_line(reading, looks.count(look) > 1) for reading, look in zip(variant.readings, looks, strict=True)]


def _on_one_line(reading: Reading, alike: bool) -> str:
    text = reading.text
    if alike:
        text = "".join(f"<U+{ord(c):04X}>" if _unsure(c) else c for c in text)
        line_ends = str.maketrans({"\t": "⇥", "\r": "␍", "\n": "␊"})
    else:
        text = text.replace("\r\n", "\n")
        line_ends = str.maketrans({"\t": "⇥", "\n": "↵"})
    text = BLANKS.sub(lambda match: "␣" * len(match[0]), text)
    return visible(text.translate(line_ends))


def _look(text: str) -> str:
    """What the eye keeps of a text."""
    kept = (" " if unicodedata.category(c) == "Zs" else c for c in text if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", "".join(kept).replace("\r\n", "\n"))


def _unsure(char: str) -> bool:
    """Whether the character has a look-alike: another blank, a character without a shape, an accented letter."""
    if char in " \t\r\n":
        return False
    return unicodedata.category(char) in ("Zs", "Cf", "Mn") or unicodedata.normalize("NFD", char) != char


def context(text: str, variant: Variant) -> tuple[str, str]:
    """What stands in the text before and after a variant that is all marks and blanks, which say nothing on their own."""
    if any(char.isalnum() for reading in variant.readings for char in reading.text):
        return "", ""
    before = re.search(r"\S{0,12}\s?$", text[max(0, variant.start - 13) : variant.start])
    after = re.match(r"\s?\S{0,12}", text[variant.end : variant.end + 13])
    return _flat(before[0] if before else ""), _flat(after[0] if after else "")


def _flat(text: str) -> str:
    return visible(text.replace("\r\n", "\n").replace("\n", "↵").replace("\t", "⇥"))


def shortened(text: str, limit: int) -> tuple[str, str]:
    """A text over `limit` characters as its beginning and its end, and its length in words; else itself and nothing."""
    if len(text) <= limit:
        return text, ""
    head, tail = text[: limit * 3 // 4], text[-limit // 4 :]
    whole_head, whole_tail = head.rpartition(" ")[0], tail.partition(" ")[2]  # no word is cut where words are known
    head = whole_head if len(whole_head) * 2 > len(head) else head
    tail = whole_tail if len(whole_tail) * 2 > len(tail) else tail
    return f"{head} … {tail}", counted(len(text), "character")


def counted(n: int, thing: str) -> str:
    """`1 copy`, `1,200 copies`, `2 days`."""
    many = thing[:-1] + "ies" if thing.endswith("y") and thing[-2] not in "aeiou" else thing + "s"
    return f"{n:,} {thing if n == 1 else many}"


def sure(confidence: float) -> str:
    """A confidence with two digits; never 1.00 for what is not certain."""
    return ">0.99" if 0.995 <= confidence < 1 else f"{confidence:.2f}"


def named(ids: Sequence[str], limit: int = 8) -> str:
    """The ids of copies as a list of words; of many the first, and how many more."""
    shown = [visible(copy).replace("\n", "↵") for copy in ids[:limit]]
    return ", ".join(shown) + (f" and {len(ids) - limit:,} more" if len(ids) > limit else "")


def published(edition: Edition) -> str:
    """When the copies of a version were published, the first and the last; nothing where none says so."""
    dates = sorted({copy.published for copy in edition.copies if copy.published and copy.id in edition.of_version})
    return visible(" to ".join(dates if len(dates) < 2 else (dates[0], dates[-1]))).replace("\n", "↵")
