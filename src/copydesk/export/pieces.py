"""The edition's text cut into pieces at its variants, so that a face can mark them in their places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from copydesk.model import Edition


class Piece(NamedTuple):
    """A stretch of the edition's text that belongs to one variant (its index), or to none."""

    text: str
    variant: int | None
    last: bool  # the last piece of its variant


def pieces(edition: Edition) -> list[Piece]:
    """The pieces in order; together they are the text, and each variant has at least one.

    Where variants overlap, a character belongs to the shortest of them. A variant that is left with no character, or has
    none (the omission was chosen), has one empty piece in its place.
    """
    cut = list(_cut(edition))
    last = {variant: n for n, (_, _, variant) in enumerate(cut)}
    return [Piece(edition.text[start:end], v, v is not None and last[v] == n) for n, (start, end, v) in enumerate(cut)]


def _cut(edition: Edition) -> Iterator[tuple[int, int, int | None]]:
    """Start, end and variant of each piece."""
    variants = edition.variants
    opening: dict[int, list[int]] = {}
    closing: dict[int, list[int]] = {}
    for n, variant in enumerate(variants):
        opening.setdefault(variant.start, []).append(n)
        closing.setdefault(variant.end, []).append(n)
    bounds = sorted({0, len(edition.text), *opening, *closing})
    open_now: set[int] = set()
    placed: set[int] = set()
    for start, end in zip(bounds, [*bounds[1:], bounds[-1]], strict=True):
        for n in closing.get(start, ()):
            open_now.discard(n)
            if n not in placed:
                placed.add(n)
                yield start, start, n
        open_now.update(n for n in opening.get(start, ()) if variants[n].end > start)
        if end > start:
            owner = min(open_now, key=lambda n: (variants[n].end - variants[n].start, n), default=None)
            if owner is not None:
                placed.add(owner)
            yield start, end, owner
