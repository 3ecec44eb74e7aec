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
    from copydesk.web.asked import Story

ENDS = re.compile(r"(?:\r?\n)+")


def article(story: Story, open_variant: int, here: tuple[int, int] | None) -> Markup:
    """The paragraphs of a story; variant number `open_variant` is open, the characters `[start, end)` of `here` are marked."""
    address = "?" + urlencode({"id": story.story_id, "version": story.version}, errors="replace")
    shown = [m for m in story.variants if story.start <= m.end and m.start <= story.end]
    variants = tuple(
        Variant(_within(m.start, story), _within(m.end, story), m.kind, (), 0, "", m.confidence) for m in shown
    )
    edition = Edition(story.text, (), (), (), variants, (), (), 1.0)
    paragraphs: list[list[str]] = [[]]
    at, named, marked = story.start, set[int](), False
    beside = False  # what was left out stands where something else was left out: two marks side by side
    for piece in pieces(edition):
        mark = shown[piece.variant] if piece.variant is not None else None
        place = at
        for n, line in enumerate(ENDS.split(piece.text)):
            if n:
                paragraphs.append([])
                place = at + _ends(piece.text, n)
                beside = False
            if mark is None:
                text, marked = _here(line, place, here, marked)
                paragraphs[-1].append(text)
                beside = beside and not line
            elif line or (n == 0 and not piece.text.strip("\r\n")):
                text, marked = _here(line or ("¶" if piece.text else ""), place, here, marked)
                gap = "" if line or piece.text else " gap beside" if beside else " gap"
                name = f' id="m{mark.n}"' if mark.n not in named else ""
                named.add(mark.n)
                unsure = " unsure" if mark.confidence < UNSURE else ""
                label = f' aria-label="left out here: {attribute(mark.kind)}, variant {mark.n}"' if gap else ""
                now = ' aria-current="true"' if mark.n == open_variant else ""
                link = attribute(f"{address}&variant={mark.n}#variant")
                paragraphs[-1].append(
                    f'<a class="m{unsure}{gap}"{name} href="{link}" data-n="{mark.n}"{label}{now}>{text}</a>'
                )
                beside = bool(gap)
        at += len(piece.text)
    body = [line for line in map("".join, paragraphs) if line]
    return Markup("\n".join(f'<p dir="auto">{line}</p>' for line in body))


def _within(place: int, story: Story) -> int:
    return min(max(place, story.start), story.end) - story.start


def _ends(text: str, n: int) -> int:
    """Where line number `n` of a text begins."""
    return [*ENDS.finditer(text)][n - 1].end()


def _here(line: str, at: int, here: tuple[int, int] | None, marked: bool) -> tuple[str, bool]:
    """The line that stands at a place, escaped, with what was asked for in it marked; the first mark has a name."""
    if here is None or here[1] <= at or here[0] >= at + len(line):
        return escaped(line), marked
    start, end = max(0, here[0] - at), min(len(line), here[1] - at)
    name = "" if marked else ' id="here"'
    return f"{escaped(line[:start])}<mark{name}>{escaped(line[start:end])}</mark>{escaped(line[end:])}", True
