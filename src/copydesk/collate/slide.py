"""Gaps put where sentences begin.

Where the words before a gap are also its last words, the alignment may put it earlier just as well: `a [b a] c` or `[a b] a c`.
Texts lose and gain whole paragraphs and sentences, so of equal places the one where a paragraph or a sentence begins is taken
(what diff tools call a slider).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from copydesk.collate.align import Run
    from copydesk.model import Marks


GRAM = 3  # tokens of a run by which rows are compared
FARTHEST = 64  # tokens


class Row(NamedTuple):
    """The tokens of one copy, or of a part of it: their keys, and what begins with each (1: a sentence, 2: a paragraph).

    `grams` has a hash of each run of `GRAM` keys, and so has `hashes`, as an array.
    """

    keys: list[int]
    begins: list[int]
    grams: list[int]
    hashes: Marks

    def cut(self, start: int, end: int) -> Row:
        """The tokens `[start, end)`."""
        last = max(start, end - GRAM + 1)
        return Row(self.keys[start:end], self.begins[start:end], self.grams[start:last], self.hashes[start:last])


def slide(runs: list[Run], guide: Row, row: Row) -> list[Run]:
    """The runs of `align.align`, with gaps moved to where a paragraph or a sentence begins, at no cost."""
    slid: list[Run] = []
    for i, j, length in [*runs, (len(guide.keys), len(row.keys), 0)]:
        steps = 0
        if slid:
            x, y, before = slid[-1]
            if x + before == i:  # the guide lacks something
                steps = _steps(row, y + before, j, before)
            elif y + before == j and length:  # the row does
                steps = _steps(guide, x + before, i, before)
            if steps == before:
                slid.pop()
            elif steps:
                slid[-1] = (x, y, before - steps)
        if length + steps:
            slid.append((i - steps, j - steps, length + steps))
    return slid


def _steps(row: Row, start: int, end: int, most: int) -> int:
    """How far to move a gap `[start, end)` of a row to the left, by at most so many tokens."""
    best, steps = row.begins[start] if start < len(row.begins) else 0, 0
    for moved in range(1, min(most, FARTHEST) + 1):
        if best == 2 or row.keys[start - moved] != row.keys[end - moved]:
            break
        if row.begins[start - moved] > best:
            best, steps = row.begins[start - moved], moved
    return steps
