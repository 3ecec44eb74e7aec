"""Quotation marks to quotations: typed pairs, paragraph by paragraph.

An opening and a closing mark must be of one kind (“ ”, ‘ ’, « », „ “, " ", '' ''), so that an apostrophe or a mark of another
kind inside never closes a quotation. A mark that looks the same at both ends is told by what stands beside it.

What damage does is borne: a blank before a closing mark, marks lost. A quotation that is opened and never closed ends before
the words that attribute it, if there are some (“It sank, the pilot said.), else with its paragraph, as one that goes on in
the next paragraph rightly does. Where an end or a beginning had to be guessed the quotation is not `sure`.

One pass; nothing looks further than its own paragraph, and in it never twice at the same stretch.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

MARK = re.compile("[“”„‟«»\"‘’‚‛‹›'`]")
PAIRS: dict[str, tuple[str, ...]] = {
    "“": ("”", '"'),
    "”": ("”",),  # turned around by a hand or a program
    "„": ("“", "”"),
    "«": ("»",),
    "‹": ("›",),
    "‘": ("’", "'"),
    "‚": ("‘", "’"),
    '"': ('"', "”"),
    "''": ("''",),
    "'": ("'",),
    "``": ("''",),
}
CLOSERS = frozenset("”»›’")
SINGLE = frozenset("‘‚'‹")
AFTER = frozenset(" \t\n\r\u00a0.,;:!?)]}…-–—/”’»\"'")  # what may stand after a closing mark
BEFORE = frozenset(" \t\n\r\u00a0([{-–—/“‘«„\"'")  # what may stand before an opening mark
ELIDED = re.compile(r"(?:em|til|tis|twas|cause|n|bout|round|\d\ds)\b", re.IGNORECASE)  # 'em, '90s
LONGEST_SINGLE = 600  # characters between single marks; further apart they are apostrophes
LONGEST_UNOPENED = 2_000  # characters of a quotation whose opening mark is lost

Attributed = Callable[[str, int, int], int]  # (text, start, end) -> where words of attribution cut a quotation short, or -1


class Quote(NamedTuple):
    """A quotation `[start, end)` with its marks, `sure` where both of them stand in the text."""

    start: int
    end: int
    sure: bool


def quotes(text: str, start: int, end: int, attributed: Attributed) -> list[Quote]:
    """The outermost quotations of the paragraph `[start, end)`, in order."""
    marks = _marks(text, start, end)
    found: list[Quote] = []
    at = 0
    done = start
    while at < len(marks):
        place, mark = marks[at]
        if place < done or not _opens(text, place, mark, start, end):
            if mark == "”" and place >= done and (lost := _unopened(text, done, place, start)) is not None:
                found.append(Quote(lost, place + 1, False))
                done = place + 1
            at += 1
            continue
        closing, again = _closing(text, marks, at, start, end)
        if closing >= 0:
            quote = Quote(place, marks[closing][0] + len(marks[closing][1]), True)
            at = closing + 1
        elif mark in SINGLE:  # an apostrophe, or a mark nobody can pair
            at += 1
            continue
        else:
            limit = marks[again][0] if again >= 0 else end
            cut = attributed(text, place + len(mark), limit)
            quote = Quote(place, cut if cut > 0 else len(text[place:limit].rstrip()) + place, False)
            at = again if again >= 0 else len(marks)
        found.append(quote)
        done = quote.end
    return found


def _marks(text: str, start: int, end: int) -> list[tuple[int, str]]:
    """The marks of a paragraph with their places; two straight apostrophes, or grave accents, side by side are one mark."""
    marks: list[tuple[int, str]] = []
    for match in MARK.finditer(text, start, end):
        mark, place = match[0], match.start()
        if mark in "'`" and marks and marks[-1] == (place - 1, mark):
            marks[-1] = (place - 1, mark + mark)
        elif mark in "‟‛":
            marks.append((place, "“" if mark == "‟" else "‘"))
        else:
            marks.append((place, mark))
    return [found for found in marks if found[1] != "`"]


def _opens(text: str, place: int, mark: str, start: int, end: int) -> bool:
    """Whether a mark can open a quotation: it is no closing mark, something follows at once, nothing stands close before."""
    after = text[place + len(mark) : place + len(mark) + 1] if place + len(mark) < end else " "
    before = text[place - 1] if place > start else " "
    if mark in CLOSERS:
        return mark == "”" and after.isalnum() and before.isspace()
    if mark in "“„«``":
        return True
    if after.isspace() or before not in BEFORE:
        return False
    return mark not in "'‘" or not ELIDED.match(text, place + 1)


def _closing(text: str, marks: list[tuple[int, str]], at: int, start: int, end: int) -> tuple[int, int]:
    """The mark that closes mark `at`, or -1; and then the mark that opens the next quotation of the kind, or -1."""
    place, mark = marks[at]
    wanted = PAIRS[mark]
    single = mark in SINGLE
    for k in range(at + 1, len(marks)):
        there, other = marks[k]
        if single and there - place > LONGEST_SINGLE:
            return -1, -1
        if mark == other == "“" and not text[there - 1].isspace() and text[there + 1 : there + 2] in AFTER:
            return k, -1  # closed by the wrong mark
        if (other == mark and mark not in wanted) or (mark == '"' and other == "“"):
            return -1, k
        if other not in wanted:
            continue
        before = text[there - 1]
        after = text[there + len(other)] if there + len(other) < end else " "
        if other in "’'" and single:
            if after not in AFTER or before.isspace() or there == place + 1:
                continue
            if before in "sS" and after == " " and text[there + 2 : there + 3].islower() and _later(text, marks, k, end):
                continue  # the officers’ badge
            return k, -1
        if other == mark:  # looks the same at both ends
            if before.isspace() and not after.isspace() and after not in AFTER:
                return -1, k
            return (k, -1) if after in AFTER or not before.isspace() else (-1, k)
        return k, -1
    return -1, -1


def _later(text: str, marks: list[tuple[int, str]], k: int, end: int) -> bool:
    """Whether the next mark closes as well, and stands beside punctuation."""
    if k + 1 >= len(marks) or marks[k + 1][1] != marks[k][1]:
        return False
    there = marks[k + 1][0]
    return text[there - 1] in ",.?!" or (there + 1 < end and text[there + 1] in ",.?!;:")


def _unopened(text: str, done: int, place: int, start: int) -> int | None:
    """Where a quotation begins whose opening mark is lost: at the beginning of its paragraph, or not to be told."""
    return start if done == start and place - start < LONGEST_UNOPENED and text[start:place].strip() else None
