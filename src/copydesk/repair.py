"""Damage that one copy alone lets us undo for certain: a wrong encoding, entities of HTML, ligatures, soft hyphens.

A copy keeps its letters. Its words are compared as they read when repaired, so `cafÃ©` and `caf&eacute;` are the word `café`,
spelt worse; and where another copy has the word whole, the edition has it from there.
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Iterator
from html import entities
from typing import NamedTuple

MOJIBAKE, ENTITIES, LIGATURES, SOFT_HYPHENS = "mojibake", "entities left", "ligatures kept", "soft hyphens kept"

ENTITY = re.compile(r"&(?:amp;)*(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
LIGATURE = re.compile("[ﬀ-ﬆ]")
# The first byte of a letter in UTF-8 and those that follow it, read as Windows-1252 or Latin-1, or as Windows-1251. Rare in
# sound text, and only where it is found ftfy is asked, which takes longer to load than most stories take to reconcile.
FOLLOWS = "[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
MANY_BYTES = re.compile(
    f"[\u00c2-\u00df]{FOLLOWS}|[\u00e0-\u00ef]{FOLLOWS}{{2}}|[\u00f0-\u00f4]{FOLLOWS}{{3}}|[ÃÅ] "
    f"|[РС](?:{FOLLOWS}|[\u0402-\u040f\u0451-\u045f])"
)
LEADS = "".join(map(chr, range(0xC2, 0xF5))) + "РС"  # a look for each of them is faster than the expression


class Repair(NamedTuple):
    """A stretch `[start, end)` of a text, damaged, and what it read before; no repair can be divided."""

    start: int
    end: int
    text: str
    kind: str


def is_suspect(text: str) -> bool:
    """Whether a text may hold what makes words look like other words: mojibake or entities. Sound text seldom does."""
    return ("&" in text and ENTITY.search(text) is not None) or _may_be_mojibake(text)


def divided(text: str) -> list[Repair]:
    """The repairs of mojibake and entities, in order and apart. Of each the words and marks may differ from those it has."""
    found = [*_entities(text)] if "&" in text else []
    if _may_be_mojibake(text):
        found += _mojibake(text)
        found.sort()
    return [repair for at, repair in enumerate(found) if not at or found[at - 1].end <= repair.start]


def repaired(text: str) -> str:
    """The text with all repairs made.

    >>> repaired("cafÃ© &amp; ﬁsh"), repaired("R&D")
    ('café & fish', 'R&D')
    """
    if text.isascii() and "&" not in text:
        return text
    return _repaired(text)


def kind(text: str) -> str | None:
    """The kind of the first repair that a word or mark needs; None where it needs none."""
    if text.isascii() and "&" not in text:
        return None
    return _kind(text)


@functools.lru_cache(1 << 12)
def _repaired(text: str) -> str:
    pieces, at = [], 0
    for repair in divided(text):
        pieces += [text[at : repair.start], repair.text]
        at = repair.end
    whole = "".join([*pieces, text[at:]])
    return LIGATURE.sub(lambda match: LETTERS[match[0]], whole).replace("\u00ad", "")


LETTERS = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}


@functools.lru_cache(1 << 12)
def _kind(text: str) -> str | None:
    for repair in divided(text):
        return repair.kind
    return LIGATURES if LIGATURE.search(text) else SOFT_HYPHENS if "\u00ad" in text else None


def _may_be_mojibake(text: str) -> bool:
    return not text.isascii() and any(map(text.__contains__, LEADS)) and MANY_BYTES.search(text) is not None


def _entities(text: str) -> Iterator[Repair]:
    for match in ENTITY.finditer(text):
        last = match[0].replace("amp;", "").removeprefix("&") or "amp;"  # &amp;rdquo; is ” escaped twice
        if last[0] == "#" or last in entities.html5:
            whole = html.unescape(f"&{last}")
            if whole not in {"", "\ufffd"}:
                yield Repair(*match.span(), whole, ENTITIES)


def _mojibake(text: str) -> Iterator[Repair]:
    """Where ftfy finds that UTF-8 was read as something else; letter by letter, where each is now as many as it has bytes."""
    from ftfy import badness, fix_encoding
    from ftfy.chardata import UTF8_DETECTOR_RE

    for match in UTF8_DETECTOR_RE.finditer(text):
        if not badness.is_bad(match[0]):
            continue
        whole, start, end = fix_encoding(match[0]), *match.span()
        if match[0].endswith(" "):
            if not whole.endswith(" "):
                continue
            whole, end = whole[:-1], end - 1
        sizes = [len(c.encode("utf-8", "surrogatepass")) for c in whole]
        if sum(sizes) != end - start:
            if whole and len(whole) <= end - start:
                yield Repair(start, end, whole, MOJIBAKE)
            continue
        for c, size in zip(whole, sizes, strict=True):
            if size > 1:
                yield Repair(start, start + size, c, MOJIBAKE)
            start += size
