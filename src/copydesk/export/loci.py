"""An edition cut into loci: places one after the other at which its copies agree or differ.

What a copy has at the loci, one after the other, is the copy to the letter. The apparatus alone would leave gaps, for what a
copy does throughout (other white space, say) is damage and no variant. So the loci are made of what copies have to the letter
(`witnesses`): what stands between is cut at the variants, and what overlaps from copy to copy is one locus.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from copydesk.edit.damage import OTHER
from copydesk.model import Copy, Edition, Span, Stretch

TRUNCATED = "truncated"
"""The damage of a copy that breaks off: what it does not reach is a lacuna, and no omission."""


class Locus(NamedTuple):
    """`[start, end)` of the edition's text, empty where some copies have what the edition leaves out.

    `places[c]` is where copy `c` has it, empty for an omission, None for a lacuna. `variants` are the numbers of those that lie
    here, and `differs` says whether a copy has another text than the edition.
    """

    start: int
    end: int
    places: tuple[Stretch | None, ...]
    variants: tuple[int, ...]
    differs: bool


class Loci(NamedTuple):
    """The loci of an edition in order (`rows`), and its `copies`; `strangers` came with these and are of another text."""

    copies: tuple[Copy, ...]
    strangers: tuple[Copy, ...]
    rows: tuple[Locus, ...]


class _Piece(NamedTuple):
    """`[start, end)` of the edition stands against `[copy_start, copy_end)` of a copy: the same to the letter, or not."""

    start: int
    end: int
    copy_start: int
    copy_end: int
    same: bool
    variant: int | None = None  # of which it is a reading

    def inserted(self) -> bool:
        """Whether it is text that the edition leaves out, at a point of it."""
        return self.start == self.end

    def replaced(self) -> bool:
        """Whether it is other text than the edition has, which cannot be divided; an omission can be."""
        return self.start < self.end and not self.same and self.copy_start < self.copy_end


class _Place(NamedTuple):
    """A locus before the copies are looked at; of those at one point each variant has its own."""

    start: int
    end: int
    variant: int | None = None


def loci(edition: Edition) -> Loci:
    """Cuts an edition, with its witnesses, into loci."""
    other = {damage.copy for damage in edition.damage if damage.kind == OTHER}
    copies = tuple(copy for copy in edition.copies if copy.id not in other)
    spans: dict[str, list[Span]] = defaultdict(list)
    for span in edition.witnesses:
        spans[span.copy].append(span)
    readings = _readings(edition)
    pieces = [[*_pieces(edition.text, copy.text, spans[copy.id], readings[copy.id])] for copy in copies]
    places = _places(edition, pieces)
    columns = [_column(own, places) for own in pieces]
    gone = [_lacunae(edition, copy.id, own) for copy, own in zip(copies, pieces, strict=True)]
    variants = _variants(edition, places)
    rows = []
    for n, (start, end, _) in enumerate(places):
        said = edition.text[start:end]
        held: list[Stretch | None] = []
        differs = False
        for copy, column, lost in zip(copies, columns, gone, strict=True):
            at, to = column[n], column[n + 1]
            if at == to and any(a <= start and end <= b and (start < end or a < start) for a, b in lost):
                held.append(None)
                continue
            held.append((at, to))
            differs = differs or to - at != end - start or copy.text[at:to] != said
        rows.append(Locus(start, end, tuple(held), tuple(variants[n]), differs))
    return Loci(copies, tuple(copy for copy in edition.copies if copy.id in other), tuple(rows))


def _readings(edition: Edition) -> dict[str, list[_Piece]]:
    """The readings of each copy that are no omissions, in the order of its text."""
    found: dict[str, list[_Piece]] = defaultdict(list)
    for number, variant in enumerate(edition.variants):
        said = edition.text[variant.start : variant.end]
        for reading in variant.readings:
            for place in reading.places if reading.text else ():
                same = reading.text == said
                found[place.copy].append(_Piece(variant.start, variant.end, place.start, place.end, same, number))
    for own in found.values():
        own.sort(key=lambda piece: (piece.copy_start, piece.start, piece.copy_end))
    return found


def _pieces(text: str, of: str, spans: Sequence[Span], readings: Sequence[_Piece]) -> Iterator[_Piece]:
    """The pieces of a copy in order; they tile the edition's text and its own."""
    at = copy_at = 0
    for span in sorted(spans, key=lambda span: (span.start, span.copy_start)):
        start, end, copy_start, copy_end = span.start, span.end, span.copy_start, span.copy_end
        if start < at or copy_start < copy_at or text[start:end] != of[copy_start:copy_end]:
            continue  # what is repaired is not the same to the letter
        yield from _between(text, of, _Piece(at, start, copy_at, copy_start, same=False), readings)
        yield _Piece(start, end, copy_start, copy_end, same=True)
        at, copy_at = end, copy_end
    yield from _between(text, of, _Piece(at, len(text), copy_at, len(of), same=False), readings)


def _between(text: str, of: str, gap: _Piece, readings: Sequence[_Piece]) -> Iterator[_Piece]:
    """What stands between two pieces that are the same, cut at the readings that lie in it."""
    at, end, copy_at, copy_end = gap[:4]
    first = bisect_left(readings, copy_at, key=lambda piece: piece.copy_start) if copy_at < copy_end else len(readings)
    for piece in readings[first:]:
        if piece.copy_start >= copy_end:
            break
        if at <= piece.start and piece.end <= end and copy_at <= piece.copy_start and piece.copy_end <= copy_end:
            yield from _trimmed(text, of, _Piece(at, piece.start, copy_at, piece.copy_start, same=False))
            yield piece
            at, copy_at = piece.end, piece.copy_end
    yield from _trimmed(text, of, _Piece(at, end, copy_at, copy_end, same=False))


def _trimmed(text: str, of: str, piece: _Piece) -> Iterator[_Piece]:
    """What differs, without the letters at its ends that are the same."""
    at, end, copy_at, copy_end = piece[:4]
    ours, theirs = text[at:end], of[copy_at:copy_end]
    head = _alike(ours, theirs)
    if head:
        yield _Piece(at, at + head, copy_at, copy_at + head, same=True)
    tail = _alike(ours[head:][::-1], theirs[head:][::-1])
    at, copy_at = at + head, copy_at + head
    if at < end - tail or copy_at < copy_end - tail:
        yield _Piece(at, end - tail, copy_at, copy_end - tail, same=False)
    if tail:
        yield _Piece(end - tail, end, copy_end - tail, copy_end, same=True)


def _alike(one: str, other: str) -> int:
    """How many letters two texts have in common at their beginning."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _places(edition: Edition, pieces: Sequence[Sequence[_Piece]]) -> list[_Place]:
    """The places of the loci, which tile the text."""
    text, variants = edition.text, edition.variants
    worded = [len({reading.text for reading in variant.readings} - {""}) for variant in variants]
    stretches = {(piece.start, piece.end) for own in pieces for piece in own if piece.replaced()}
    stretches |= {(v.start, v.end) for v, n in zip(variants, worded, strict=True) if n > 1 and v.start < v.end}
    stretches |= _with_blanks(edition, pieces)
    whole = _joined(sorted(stretches))
    cuts = {0, len(text), *(bound for stretch in whole for bound in stretch)}
    cuts |= {bound for own in pieces for piece in own if not (piece.same or piece.replaced()) for bound in piece[:2]}
    cuts |= {bound for variant in variants for bound in (variant.start, variant.end)}
    starts = [start for start, _ in whole]
    bounds = sorted(cut for cut in cuts if not _within(cut, whole, starts))
    slots = _slots(edition, pieces)
    places: list[_Place] = []
    for n, bound in enumerate(bounds):
        places += [_Place(bound, bound, variant) for variant in slots.get(bound, ())]
        if n + 1 < len(bounds):
            places.append(_Place(bound, bounds[n + 1]))
    return places


def _with_blanks(edition: Edition, pieces: Sequence[Sequence[_Piece]]) -> set[Stretch]:
    """What copies omit of a variant together with the blanks around it, which are no locus of their own."""
    text, found = edition.text, set()
    starts = [variant.start for variant in edition.variants]
    for start, end in {
        piece[:2] for own in pieces for piece in own if not (piece.same or piece.inserted() or piece.replaced())
    }:
        first = end - len(text[start:end].lstrip())
        for variant in edition.variants[bisect_left(starts, start) : bisect_left(starts, first + 1)]:
            if variant.start < variant.end <= end and not text[variant.end : end].strip():
                found.add((start, end))
    return found


def _joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Stretches in order, those that overlap as one."""
    joined: list[Stretch] = []
    for start, end in stretches:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _within(at: int, stretches: Sequence[Stretch], starts: Sequence[int]) -> bool:
    """Whether a place lies inside one of the stretches, and not at an end of it."""
    nearest = bisect_left(starts, at) - 1
    return nearest >= 0 and at < stretches[nearest][1]


def _slots(edition: Edition, pieces: Sequence[Sequence[_Piece]]) -> dict[int, list[int | None]]:
    """For each point at which copies have what the edition leaves out the variants there, in the order of the copies."""
    rank: dict[int, int] = {n: 0 for n, variant in enumerate(edition.variants) if variant.start == variant.end}
    slots: dict[int, list[int | None]] = {}
    for own in pieces:
        before: list[int] = []
        at = -1
        for piece in own:
            if not piece.inserted():
                continue
            slots.setdefault(piece.start, [])
            if piece.start != at:
                before, at = [], piece.start
            if piece.variant is not None:
                rank[piece.variant] = max([rank[piece.variant], *(rank[other] + 1 for other in before)])
                before.append(piece.variant)
    for number in sorted(rank, key=lambda number: (rank[number], number)):
        slots.setdefault(edition.variants[number].start, []).append(number)
    return {at: numbers or [None] for at, numbers in slots.items()}


def _column(pieces: Sequence[_Piece], places: Sequence[_Place]) -> list[int]:
    """Where a copy's text for each place begins; the last number is where the text ends."""
    column: list[int] = []
    n = at = 0
    for number, place in enumerate(places):
        column.append(at)
        if place.start < place.end:
            while n < len(pieces) and pieces[n].start < place.end and pieces[n].end <= place.end:
                at = pieces[n].copy_end
                n += 1
            if n < len(pieces) and pieces[n].start < place.end:  # it goes on, and can be divided
                at = pieces[n].copy_start + (place.end - pieces[n].start if pieces[n].same else 0)
            continue
        later = {other.variant for other in _at(places, number + 1, place.start)}
        while n < len(pieces) and pieces[n].inserted() and pieces[n].start == place.start:
            own = next((piece.variant for piece in pieces[n:] if piece.variant is not None or not piece.inserted()), None)
            if own in later and own is not None:
                break
            at = pieces[n].copy_end
            n += 1
    return [*column, at]


def _at(places: Sequence[_Place], number: int, point: int) -> Iterator[_Place]:
    """The places at a point, from the one with a number on."""
    while number < len(places) and places[number].start == places[number].end == point:
        yield places[number]
        number += 1


def _lacunae(edition: Edition, copy: str, pieces: Sequence[_Piece]) -> list[Stretch]:
    """What of the edition a copy does not reach."""
    missing = [(piece.start, piece.end) for piece in pieces if not piece.same and piece.copy_start == piece.copy_end]
    if not missing:
        return []
    lost = [(v.start, v.end) for v in edition.variants if copy in v.lacunae]
    broken = any(damage.copy == copy and damage.kind == TRUNCATED for damage in edition.damage)
    return [
        (start, end)
        for start, end in missing
        if (broken and end == len(edition.text)) or any((a < end and start < b) or start <= a == b <= end for a, b in lost)
    ]


def _variants(edition: Edition, places: Sequence[_Place]) -> list[list[int]]:
    """The numbers of the variants that lie at each place."""
    found: list[list[int]] = [[place.variant] if place.variant is not None else [] for place in places]
    slots = {place.variant for place in places}
    stretches = [n for n, place in enumerate(places) if place.start < place.end]
    ends = [places[n].end for n in stretches]
    for number, variant in enumerate(edition.variants):
        if number in slots:
            continue
        for n in stretches[_first(ends, variant.start) :]:
            if places[n].start >= variant.end and places[n].start > variant.start:
                break
            found[n].append(number)
    return found


def _first(ends: Sequence[int], at: int) -> int:
    """The first stretch that ends after a place."""
    return bisect_left(ends, at + 1)
