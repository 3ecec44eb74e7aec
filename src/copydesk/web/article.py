"""The text of an edition as HTML: paragraphs, with every variant a quiet link, and a place that was asked for marked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from markupsafe import Markup

from copydesk.export.markup import attribute, escaped
from copydesk.export.pieces import pieces
from copydesk.model import Edition, Variant
from copydesk.web.index import UNSURE

if TYPE_CHECKING:
    from copydesk.web.asked import Mark, Story

ENDS = re.compile(r"(?:\r?\n)+")


def article(story: Story, open_variant: int, here: tuple[int, int] | None) -> Markup:
    """The paragraphs of a story; variant number `open_variant` is open, the characters `[start, end)` of `here` are marked."""
    address = "?" + urlencode({"id": story.story_id, "version": story.version}, errors="replace")
    shown = [m for m in story.variants if story.start <= m.end and m.start <= story.end]
    variants = tuple(Variant(_within(m.start, story), _within(m.end, story), m.kind, (), 0, "", m.confidence) for m in shown)
    edition = Edition(story.text, (), (), (), variants, (), (), 1.0)
    paragraphs: list[list[str]] = [[]]
    at, named, marked = story.start, set[int](), False
    gaps: list[Mark] = []  # what was left out at one place, of which there is one mark
    for piece in pieces(edition):
        mark = shown[piece.variant] if piece.variant is not None else None
        if mark is not None and not piece.text:
            gaps.append(mark)
            continue
        if gaps:
            paragraphs[-1].append(_gap(gaps, address, open_variant))
            gaps = []
        begins = [0, *(end.end() for end in ENDS.finditer(piece.text))]
        for n, (begin, line) in enumerate(zip(begins, ENDS.split(piece.text), strict=True)):
            place = at + begin
            if n:
                paragraphs.append([])
            if mark is None:
                text, marked = _here(line, place, here, marked)
                paragraphs[-1].append(text)
            elif line or (n == 0 and not piece.text.strip("\r\n")):
                text, marked = _here(line or "¶", place, here, marked)
                paragraphs[-1].append(_link([mark], text, address, open_variant, first=mark.n not in named))
                named.add(mark.n)
        at += len(piece.text)
    if gaps:
        paragraphs[-1].append(_gap(gaps, address, open_variant))
    body = [line for line in map("".join, paragraphs) if line]
    return Markup("\n".join(f'<p dir="auto">{line}</p>' for line in body))


def _gap(marks: list[Mark], address: str, open_variant: int) -> str:
    """One mark for all that was left out at a place."""
    what = attribute(marks[0].kind) if len(marks) == 1 else f"{len(marks)} times"
    return _link(marks, "", address, open_variant, first=True, label=f' aria-label="left out here: {what}"')


def _link(marks: list[Mark], text: str, address: str, open_variant: int, *, first: bool, label: str = "") -> str:
    """The link of a mark to its variant, or to the first of several; the first link of a variant has its name."""
    n = marks[0].n
    kinds = "m" + (" unsure" if min(mark.confidence for mark in marks) < UNSURE else "") + ("" if text else " gap")
    name = f' id="m{n}"' if first else ""
    every = " ".join(str(mark.n) for mark in marks)
    now = ' aria-current="true"' if any(mark.n == open_variant for mark in marks) else ""
    href = attribute(f"{address}&variant={n}#variant")
    return f'<a class="{kinds}"{name} href="{href}" data-n="{every}"{label}{now}>{text}</a>'


def _within(place: int, story: Story) -> int:
    return min(max(place, story.start), story.end) - story.start


def _here(line: str, at: int, here: tuple[int, int] | None, marked: bool) -> tuple[str, bool]:
    """The line that stands at a place, escaped, with what was asked for in it marked; the first mark has a name."""
    if here is None or here[1] <= at or here[0] >= at + len(line):
        return escaped(line), marked
    start, end = max(0, here[0] - at), min(len(line), here[1] - at)
    name = "" if marked else ' id="here"'
    return f"{escaped(line[:start])}<mark{name}>{escaped(line[start:end])}</mark>{escaped(line[end:])}", True
