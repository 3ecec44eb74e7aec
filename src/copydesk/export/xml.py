"""Text for XML, of which nothing is lost: what XML cannot hold is named as a character of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable

UNSEEN = (
    "\r\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
)
SPELT = re.compile(f"[&<>{UNSEEN}]")
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MARKS = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def spelt(text: str, prefix: str = "") -> str:
    """The text for an element. What is not seen is written as its number; what XML cannot hold as `<g ref="#u0000"/>`.

    `prefix` stands before the names of such characters.
    """
    return SPELT.sub(lambda match: MARKS.get(match[0]) or _number(match[0], prefix), text)


def attribute(text: str) -> str:
    """The text for an attribute between double quotation marks; what XML cannot hold is left out."""
    text = SPELT.sub(lambda match: MARKS.get(match[0]) or ("" if ILLEGAL.match(match[0]) else _number(match[0], "")), text)
    return text.replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def unheld(texts: Iterable[str]) -> list[str]:
    """The characters of texts that XML cannot hold, in order."""
    found: set[str] = set()
    for text in texts:
        found.update(ILLEGAL.findall(text))
    return sorted(found)


def name(char: str, prefix: str = "") -> str:
    """What a character that XML cannot hold is called."""
    return f"{prefix}u{ord(char):04X}"


def _number(char: str, prefix: str) -> str:
    return f'<g ref="#{name(char, prefix)}"/>' if ILLEGAL.match(char) else f"&#x{ord(char):X};"
