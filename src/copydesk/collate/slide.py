"""Gaps put where sentences begin.

Where the words before a gap are also its last words, the alignment may put it earlier just as well: `a [b a] c` or `[a b] a c`.
Texts lose and gain whole paragraphs and sentences, so of equal places the one where a paragraph or a sentence begins is taken
(what diff tools call a slider).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.collate.runs import runs_of

if TYPE_CHECKING:
    from copydesk.model import Index


FARTHEST = 64  # tokens


class Row(NamedTuple):
    """The tokens of one copy, or of a part of it: their keys, and what begins with each (1: a sentence, 2: a paragraph)."""

    keys: Index
    begins: Index

    def cut(self, start: int, end: int) -> Row:
        """The tokens `[start, end)`."""
        return Row(self.keys[start:end], self.begins[start:end])


def slide(partner: Index, guide: Row, row: Row) -> None:
    """Moves gaps of `partner` (see `align.align`), in place, to where a paragraph or a sentence begins, at no cost."""
    n = len(partner)
    for start, end in runs_of(partner < 0):  # what the guide lacks
        if not start or row.keys[start - 1] != row.keys[end - 1]:
            continue
        if int(partner[start - 1]) + 1 != (int(partner[end]) if end < n else len(guide.keys)):
            continue  # a gap on both sides
        steps = _steps(row, start, end, _matched(partner[:start]))
        partner[end - steps : end] = partner[start - steps : start].copy()
        partner[start - steps : start] = -1
    for at in (np.flatnonzero((partner[:-1] >= 0) & (np.diff(partner) > 1)) + 1).tolist():  # what the row lacks
        start, end = int(partner[at - 1]) + 1, int(partner[at])
        if guide.keys[start - 1] != guide.keys[end - 1]:
            continue
        steps = _steps(guide, start, end, _consecutive(partner[:at]))
        partner[at - steps : at] = np.arange(end - steps, end)


def _matched(partner: Index) -> int:
    """How many tokens at the end have a partner."""
    without = np.flatnonzero(partner < 0)
    return len(partner) - (int(without[-1]) + 1 if len(without) else 0)


def _consecutive(partner: Index) -> int:
    """How many tokens at the end have partners one after another."""
    breaks = np.flatnonzero((np.diff(partner) != 1) | (partner[:-1] < 0))
    return len(partner) - (int(breaks[-1]) + 1 if len(breaks) else 0)


def _steps(row: Row, start: int, end: int, most: int) -> int:
    """How far to move a gap `[start, end)` of a row to the left, by at most so many tokens."""
    best, steps = int(row.begins[start]) if start < len(row.begins) else 0, 0
    for moved in range(1, min(most, FARTHEST) + 1):
        if best == 2 or row.keys[start - moved] != row.keys[end - moved]:
            break
        if row.begins[start - moved] > best:
            best, steps = int(row.begins[start - moved]), moved
    return steps
