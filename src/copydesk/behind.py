"""The copies behind what an edition says: from which of them it was taken, and which of them have it to the letter."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from copydesk.model import Date, Figure, Name, Span, Statement, Stretch


def stretches_of(item: Statement | Figure | Date | Name) -> tuple[Stretch, ...]:
    """Where an item of a record stands."""
    if isinstance(item, Statement):
        via = [stretch for one in item.via for stretch in (one.source, one.cue)]
        return (*item.source, *item.cue, *item.content, *via)
    return item.mentions if isinstance(item, Name) else ((item.start, item.end),)


class Behind:
    """The copies behind stretches of an edition."""

    def __init__(self, spans: Sequence[Span], witnesses: Sequence[Span]) -> None:
        """`spans` tile the edition in order of place, `witnesses` are in order of place for each copy."""
        self._spans = spans
        self._alone = [spans[0].copy] if len(spans) == len(witnesses) == 1 and spans[0] == witnesses[0] else None
        self._starts = [span.start for span in spans]
        self._witnesses: dict[str, tuple[list[int], list[int]]] = {}
        for span in witnesses:
            starts, ends = self._witnesses.setdefault(span.copy, ([], []))
            starts.append(span.start)
            ends.append(span.end)

    def __call__(self, stretches: Sequence[Stretch]) -> tuple[list[str], list[str]]:
        """The copies from which something of the stretches was taken, and those that have all of them to the letter."""
        if self._alone:  # most editions are of one copy
            return self._alone, self._alone
        return self.copies(stretches), self.witnesses(stretches)

    def copies(self, stretches: Iterable[Stretch]) -> list[str]:
        """The copies from which something of the stretches was taken, by their ids."""
        taken = set()
        for start, end in stretches:
            first, last = bisect_right(self._starts, start) - 1, bisect_left(self._starts, end)
            taken.update([span.copy for span in self._spans[first:last]])
        return sorted(taken)

    def witnesses(self, stretches: Sequence[Stretch]) -> list[str]:
        """The copies that have all of the stretches to the letter, by their ids."""
        return sorted([copy for copy, held in self._witnesses.items() if all(_has(*held, *at) for at in stretches)])


def _has(starts: list[int], ends: list[int], start: int, end: int) -> bool:
    at = bisect_right(starts, start) - 1
    return at >= 0 and ends[at] >= end
