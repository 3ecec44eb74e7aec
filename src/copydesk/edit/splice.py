"""The text of one version: where versions differ from its own copies alone, everywhere else from all copies.

Two drafts are made of the same loci: one of all copies without the places at which the versions differ (`common`), one of the
copies of the version (`own`). They are joined between words that both have side by side, with the same marks and without a
variant, so that nothing has to be decided anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from copydesk.model import Change, Collation, Damage, Move, Span, Tokens, Variant

if TYPE_CHECKING:
    from copydesk.model import Flags, Index

BRIDGE = 2  # words in common between two changes that are one


@dataclass(frozen=True, slots=True)
class Draft:
    """A text with what an edition says of it; of its words `loci`, `forms`, `starts` and `ends`, shape `(n_words,)`."""

    text: str
    loci: Index
    forms: Index
    starts: Index
    ends: Index
    spans: Sequence[Span]
    witnesses: Sequence[Span]
    in_words: Sequence[Variant]
    between: Sequence[Variant]
    damage: Sequence[Damage]


class _Piece(NamedTuple):
    """`[start, end)` of the text of a draft, which comes to stand at `at`."""

    of: Draft
    start: int
    end: int
    at: int


def part(collation: Collation, members: Flags, out: Flags) -> tuple[Collation, Index]:
    """The collation of some copies, without the loci `out`; and of each of its loci the number in the whole."""
    kept = [~out[placed] for placed in collation.loci]
    own = [bool(member and keep.any()) for member, keep in zip(members.tolist(), kept, strict=True)]
    loci = [placed[keep] for placed, keep in compress(zip(collation.loci, kept, strict=True), own)]
    used = np.zeros(collation.n_loci, bool)
    used[np.concatenate(loci)] = True
    number = np.concatenate(([0], used.cumsum()))
    moves = [Move(*number[[move.start, move.end, move.to_start, move.to_end]].tolist()) for move in collation.moves]
    some = Collation(
        copies=tuple(compress(collation.copies, own)),
        tokens=tuple(_some(tokens, keep) for tokens, keep in compress(zip(collation.tokens, kept, strict=True), own)),
        loci=tuple(number[placed] for placed in loci),
        n_loci=int(number[-1]),
        moves=tuple(move for move in moves if move.start < move.end and move.to_start < move.to_end),
        form_text=collation.form_text,
        separator_text=collation.separator_text,
    )
    return some, used.nonzero()[0]


def _some(tokens: Tokens, keep: Flags) -> Tokens:
    """Some of the tokens of a copy, each with the separator before it."""
    separators = np.append(tokens.separators[:-1][keep], tokens.separators[-1:])
    return Tokens(tokens.starts[keep], tokens.ends[keep], tokens.keys[keep], tokens.forms[keep], separators)


def splice(common: Draft, own: Draft, places: Sequence[tuple[int, int]], others: Sequence[str], order: Sequence[str]) -> Draft:
    """The draft of a version: `own` around the loci `places`, `common` elsewhere.

    `others` are the ids of the copies that are not of this version, `order` those of all copies in order.
    """
    pieces = list(_pieces(common, own, places))
    words = [(piece, (piece.of.starts >= piece.start) & (piece.of.starts < piece.end)) for piece in pieces]
    in_words: list[Variant] = []
    for piece in pieces:
        for variant in _moved(piece, piece.of.in_words):
            mute = others if piece.of is own else ()
            in_words.append(msgspec.structs.replace(variant, lacunae=(*variant.lacunae, *mute)))
    rank = {copy: at for at, copy in enumerate(order)}
    return Draft(
        text="".join(piece.of.text[piece.start : piece.end] for piece in pieces),
        loci=np.concatenate([piece.of.loci[there] for piece, there in words]),
        forms=np.concatenate([piece.of.forms[there] for piece, there in words]),
        starts=np.concatenate([piece.of.starts[there] + piece.at - piece.start for piece, there in words]),
        ends=np.concatenate([piece.of.ends[there] + piece.at - piece.start for piece, there in words]),
        spans=_joined([span for piece in pieces for span in _clipped(piece, piece.of.spans)]),
        witnesses=_joined(
            sorted(
                [span for piece in pieces for span in _clipped(piece, piece.of.witnesses)],
                key=lambda span: (rank[span.copy], span.start, span.copy_start),
            )
        ),
        in_words=in_words,
        between=[variant for piece in pieces for variant in _moved(piece, piece.of.between)],
        damage=common.damage,
    )


def parted(draft: Draft, collation: Collation, places: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
    """The witnesses of a draft without `places`, none of which goes on over one: there a copy has text of its own."""
    number = {copy.id: at for at, copy in enumerate(collation.copies)}
    words = sorted({int(draft.loci.searchsorted(start)) for start, _ in places} - {0, len(draft.loci)})
    spans: list[Span] = []
    for span in draft.witnesses:
        copy, left = number[span.copy], span
        for word in words:
            before, after = int(draft.ends[word - 1]), int(draft.starts[word])
            if left.start < before and after < left.end:
                token = int(collation.loci[copy].searchsorted(draft.loci[word]))
                copy_start = int(collation.tokens[copy].starts[token])
                spans.append(Span(left.start, before, left.copy, left.copy_start, left.copy_start + before - left.start))
                left = Span(after, left.end, left.copy, copy_start, left.copy_end)
        spans.append(left)
    return tuple(spans)


def _pieces(common: Draft, own: Draft, places: Sequence[tuple[int, int]]) -> Iterator[_Piece]:
    """The pieces of either draft in order, none of them empty."""
    at, done = 0, 0
    for (start, own_start), (end, own_end) in _stretches(common, own, places):
        for piece in (_Piece(common, done, start, at), _Piece(own, own_start, own_end, at + start - done)):
            if piece.end > piece.start:
                yield piece
                at = piece.at + piece.end - piece.start
        done = end
    if done < len(common.text):
        yield _Piece(common, done, len(common.text), at)


def _stretches(common: Draft, own: Draft, places: Sequence[tuple[int, int]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """For each stretch that is to be from `own` where it begins and ends, in the text of `common` and in its own."""
    before, after, cuts = _joints(common, own, places)
    cuts = [(0, 0), *cuts, (len(common.text), len(own.text))]
    stretches: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for start, end in places:
        left, right = cuts[int(after.searchsorted(start))], cuts[int(before.searchsorted(end)) + 1]
        if stretches and left <= stretches[-1][1]:
            left = stretches.pop()[0]
        stretches.append((left, right))
    return stretches


def _joints(common: Draft, own: Draft, places: Sequence[tuple[int, int]]) -> tuple[Index, Index, list[tuple[int, int]]]:
    """Where the drafts can be joined: between the loci `before` and `after`, and the place in the text of either."""
    _, at, own_at = np.intersect1d(common.loci, own.loci, assume_unique=True, return_indices=True)
    same = common.forms[at] == own.forms[own_at]
    at, own_at = at[same], own_at[same]
    follows = (np.diff(at) == 1) & (np.diff(own_at) == 1)
    at, own_at = at[1:][follows], own_at[1:][follows]
    starts = np.array([start for start, _ in places])
    free = starts.searchsorted(common.loci[at - 1]) == starts.searchsorted(common.loci[at])
    free &= ~_crossed(common)[at] & ~_crossed(own)[own_at]
    at, own_at = at[free], own_at[free]
    alike = np.array([_before(common, a) == _before(own, b) for a, b in zip(at.tolist(), own_at.tolist(), strict=True)], bool)
    at, own_at = at[alike], own_at[alike]
    cuts = list(zip(common.starts[at].tolist(), own.starts[own_at].tolist(), strict=True))
    return common.loci[at - 1], common.loci[at], cuts


def _before(draft: Draft, word: int) -> str:
    """What stands before a word that is not the first."""
    return draft.text[int(draft.ends[word - 1]) : int(draft.starts[word])]


def _crossed(draft: Draft) -> Flags:
    """Before which words no cut can be, because a variant goes on there, or something was left out."""
    crossed = np.zeros(len(draft.starts) + 1, bool)
    for variant in (*draft.in_words, *draft.between):
        first = int(draft.starts.searchsorted(variant.start, "left" if variant.start == variant.end else "right"))
        last = int(draft.starts.searchsorted(variant.end, "left"))
        crossed[first : max(last, first + (variant.start == variant.end))] = True
    return crossed[:-1]


def _moved(piece: _Piece, variants: Sequence[Variant]) -> Iterator[Variant]:
    """The variants within a piece, where they come to stand."""
    shift = piece.at - piece.start
    for variant in variants:
        if piece.start <= variant.start and variant.end <= piece.end:
            yield msgspec.structs.replace(variant, start=variant.start + shift, end=variant.end + shift)


def _clipped(piece: _Piece, spans: Sequence[Span]) -> Iterator[Span]:
    """What of the spans is within a piece, where it comes to stand."""
    shift = piece.at - piece.start
    for span in spans:
        start, end = max(span.start, piece.start), min(span.end, piece.end)
        if start < end:
            copy_start = span.copy_start + start - span.start
            yield Span(start + shift, end + shift, span.copy, copy_start, copy_start + end - start)


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans in order, of which one that goes on where the one before it ends is one with it."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and (last.copy, last.end, last.copy_end) == (span.copy, span.start, span.copy_start):
            joined[-1] = Span(last.start, span.end, span.copy, last.copy_start, span.copy_end)
        else:
            joined.append(span)
    return tuple(joined)


def changes(draft: Draft, earlier: Draft) -> tuple[Change, ...]:
    """Where a version has other words than the one before it, in order; what few words in common part is one change."""
    _, at, was_at = np.intersect1d(draft.loci, earlier.loci, assume_unique=True, return_indices=True)
    same = draft.forms[at] == earlier.forms[was_at]
    at = np.concatenate(([-1], at[same], [len(draft.loci)]))
    was_at = np.concatenate(([-1], was_at[same], [len(earlier.loci)]))
    found: list[list[int]] = []
    for gap in np.flatnonzero((np.diff(at) > 1) | (np.diff(was_at) > 1)).tolist():
        words = [int(at[gap]) + 1, int(at[gap + 1]), int(was_at[gap]) + 1, int(was_at[gap + 1])]
        if found and words[0] - found[-1][1] <= BRIDGE:
            words[0], words[2] = found[-1][0], found[-1][2]
            found.pop()
        found.append(words)
    return tuple(
        Change(*_stretch(draft, first, end), *_stretch(earlier, was_first, was_end)) for first, end, was_first, was_end in found
    )


def _stretch(draft: Draft, first: int, end: int) -> tuple[int, int]:
    """Where the words `[first, end)` stand in the text; of no words the place after the word before."""
    if first < end:
        return int(draft.starts[first]), int(draft.ends[end - 1])
    at = int(draft.ends[first - 1]) if first else 0
    return at, at
