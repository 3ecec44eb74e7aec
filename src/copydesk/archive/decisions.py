"""Decisions: where a reader has overruled the choice of an edition.

A decision is anchored in a copy, which never changes: the place of the reading that the reader wants. So it outlives later
edits: wherever the copy's story has a variant with that reading, it is chosen. Where none has it any more the decision is lost,
which is told, and comes back should the variant do so.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

from copydesk.archive.catalogue import having
from copydesk.archive.rows import rows
from copydesk.model import Edition, Reading, Span, Variant

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from pathlib import Path

CONTEXT = 40
"""Characters of the edition that are kept beside a decision, on either side, and of which it is known again half by half."""
REASON = "decided by a reader"
"""How the reason of a choice begins that a reader made."""

DECIDED, UNDONE = "decision", "undo"
"""What a batch is called that enters a decision, or takes one back: this, and its number."""


class Decision(msgspec.Struct, frozen=True):
    """A reader chose `chosen`, which stands at `[start, end)` of a copy, where the edition had `was`.

    That stood between `before` and `after`.
    `at` is when, `undone` when it was taken back, if it was. `state` is `stands`, `lost` or `undone`.
    """

    no: int
    copy: str
    start: int
    end: int
    before: str
    was: str
    after: str
    chosen: str
    at: str
    note: str
    undone: str | None = None
    state: str = "stands"


def read(catalogue: sqlite3.Connection, *, undone: bool = False) -> tuple[Decision, ...]:
    """The decisions in order of time, with or without those that were taken back."""
    rows = catalogue.execute(
        'SELECT no, copy, start, "end", before, was, after, chosen, at, note, undone FROM decision ORDER BY no'
    )
    every = [Decision(*row) for row in rows]
    return tuple([decision for decision in every if undone or decision.undone is None])


def decided(decisions: Sequence[Decision], edition: Edition) -> Edition:
    """An edition with what was decided about it, in order of time, and its earlier versions as well."""
    copies = {copy.id for copy in edition.copies}
    own = [decision for decision in decisions if decision.copy in copies]
    if not own:
        return edition
    made = msgspec.structs.replace(edition, earlier=tuple([_decided(own, version) for version in edition.earlier]))
    return _decided(own, made)


def _decided(decisions: Iterable[Decision], edition: Edition) -> Edition:
    for decision in decisions:
        found = place_of(decision, edition)
        if found is not None and edition.variants[found[0]].chosen != found[1]:
            reason = REASON + (f": {decision.note}" if decision.note else "")
            edition = overruled(edition, *found, reason)
    return edition


def place_of(decision: Decision, edition: Edition) -> tuple[int, int] | None:
    """Which variant, and which of its readings, a decision is about; None where there is no such variant."""
    alike: tuple[int, int] | None = None
    for at, variant in enumerate(edition.variants):
        for nth, reading in enumerate(variant.readings):
            if reading.text != decision.chosen:
                continue
            if any((p.copy, p.start, p.end) == (decision.copy, decision.start, decision.end) for p in reading.places):
                return at, nth
            if alike is None and _alike(decision, edition, variant):
                alike = at, nth
    return alike


def _alike(decision: Decision, edition: Edition, variant: Variant) -> bool:
    """Whether a variant has what was overruled, between the same words."""
    before, after = decision.before[-CONTEXT // 2 :], decision.after[: CONTEXT // 2]
    return (
        any(reading.text == decision.was for reading in variant.readings)
        and edition.text[: variant.start].endswith(before)
        and edition.text[variant.end :].startswith(after)
    )


def overruled(edition: Edition, at: int, nth: int, reason: str) -> Edition:
    """An edition with another reading chosen at one of its variants; all that stands behind it moves along."""
    variant = edition.variants[at]
    start, end, span = _put(edition, variant, variant.readings[nth])
    text = (
        next((copy.text[span.copy_start : span.copy_end] for copy in edition.copies if copy.id == span.copy), "")
        if span
        else ""
    )
    more = len(text) - (end - start)
    spans = [part for old in edition.spans for part in _cut(old, start, end, more)]
    if span:
        spans.append(msgspec.structs.replace(span, start=start, end=start + len(text)))
    variants = []
    for nth_variant, other in enumerate(edition.variants):
        if nth_variant == at:
            begin = start + (text.find(variant.readings[nth].text) if text else 0)
            stop = begin + len(variant.readings[nth].text)
            changed = msgspec.structs.replace(variant, start=begin, end=stop, chosen=nth, reason=reason, confidence=1.0)
            variants.append(changed)
        elif not (start < end and start <= other.start and other.end <= end and other.start < other.end):
            begin, stop = _moved(other.start, other.end, start, end, more)
            variants.append(msgspec.structs.replace(other, start=begin, end=stop))
    changes = []
    for change in edition.changes:
        begin, stop = _moved(change.start, change.end, start, end, more)
        changes.append(msgspec.structs.replace(change, start=begin, end=stop))
    return msgspec.structs.replace(
        edition,
        text=edition.text[:start] + text + edition.text[end:],
        spans=tuple(sorted(spans)),
        witnesses=tuple([part for old in edition.witnesses for part in _cut(old, start, end, more)]),
        variants=tuple(variants),
        changes=tuple(changes),
    )


def _put(edition: Edition, variant: Variant, reading: Reading) -> tuple[int, int, Span | None]:
    """What stretch of the text makes way for a reading, and the stretch of a copy that takes its place (None: nothing).

    Readings are words without what stands between them: a word that comes in brings a space along, one that goes takes one.
    """
    text, start, end = edition.text, variant.start, variant.end
    if not reading.text:
        after = text[end : end + 1]
        if start and text[start - 1].isspace() and not (after.isalnum() or after in tuple("“‘([")):
            start -= 1
        elif after.isspace():
            end += 1
        return start, end, None
    texts = {copy.id: copy.text for copy in edition.copies}
    place = next((p for p in reading.places if texts[p.copy][p.start : p.end] == reading.text), reading.places[0])
    first, last = place.start, place.end
    if start == end and reading.text.strip():
        copy = texts[place.copy]
        bare = start == 0 or text[start - 1].isspace()
        if bare and copy[last : last + 1].isspace():
            last += 1
        elif first and copy[first - 1].isspace():
            first -= 1
            if bare and start:
                start = end = start - 1
    return start, end, Span(0, 0, place.copy, first, last)


def _moved(begin: int, stop: int, start: int, end: int, more: int) -> tuple[int, int]:
    """Where a stretch is when `[start, end)` has become longer by `more`."""
    if stop <= start:
        return begin, stop
    if begin >= end:
        return begin + more, stop + more
    inside = min(max(begin, start), end + more)
    return (begin if begin < start else inside), max(stop + more, begin if begin < start else inside)


def _cut(span: Span, start: int, end: int, more: int) -> list[Span]:
    """What is left of a span, on either side of the stretch that makes way; what was repaired goes as a whole."""
    if span.end <= start:
        return [span]
    if span.start >= end:
        return [msgspec.structs.replace(span, start=span.start + more, end=span.end + more)]
    if span.repaired:
        return _letters(span, start, end, more)
    parts = []
    if span.start < start:
        parts.append(msgspec.structs.replace(span, end=start, copy_end=span.copy_start + start - span.start))
    if end < span.end:
        left = span.end - end
        parts.append(msgspec.structs.replace(span, start=end + more, end=span.end + more, copy_start=span.copy_end - left))
    return parts


def _letters(span: Span, start: int, end: int, more: int) -> list[Span]:
    """Both sides of a repaired span still come from all of what was repaired."""
    parts = []
    if span.start < start:
        parts.append(msgspec.structs.replace(span, end=start))
    if end < span.end:
        parts.append(msgspec.structs.replace(span, start=end + more, end=span.end + more))
    return parts


def anchored(edition: Edition, start: int, end: int, reading: str) -> tuple[int, int]:
    """The variant at `[start, end)` of an edition, and its reading of these words. Raises `KeyError` where there is none."""
    first = bisect_left([variant.start for variant in edition.variants], start)
    readings = []
    for at in range(first, len(edition.variants)):
        variant = edition.variants[at]
        if variant.start != start:
            break
        if variant.end == end:
            for nth, one in enumerate(variant.readings):
                if one.text == reading:
                    return at, nth
            readings += [repr(one.text) for one in variant.readings]
    if readings:
        raise KeyError(f"the variant at [{start}, {end}) has no reading {reading!r}; it has {', '.join(readings)}")
    raise KeyError(f"there is no variant at [{start}, {end})")


def decision(  # noqa: PLR0917  what a decision holds
    catalogue: sqlite3.Connection, edition: Edition, at: int, nth: int, note: str, now: str
) -> Decision:
    """A decision for a reading of a variant, with a number of its own."""
    variant = edition.variants[at]
    place = variant.readings[nth].places[0]
    (last,) = catalogue.execute("SELECT coalesce(max(no), 0) FROM decision").fetchone()
    return Decision(
        last + 1,
        *(place.copy, place.start, place.end),
        edition.text[max(0, variant.start - CONTEXT) : variant.start],
        variant.readings[variant.chosen].text,
        edition.text[variant.end : variant.end + CONTEXT],
        variant.readings[nth].text,
        now,
        note,
    )


def keep(catalogue: sqlite3.Connection, made: Decision) -> None:
    """Enter a decision."""
    catalogue.execute("INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", msgspec.structs.astuple(made)[:11])


def told(path: Path, catalogue: sqlite3.Connection, story: str | None = None) -> list[Decision]:
    """The decisions about a story, or about all, in order of time, and how each fares."""
    every = read(catalogue, undone=True)
    query = "SELECT copy.id, story.id, story.batch FROM copy JOIN story ON story.no = copy.story WHERE copy.id"
    story_of = {id_: (name, batch) for id_, name, batch in having(catalogue, query, [made.copy for made in every])}
    own = [made for made in every if made.undone is None and story in {None, story_of[made.copy][0]}]
    batches: dict[int, list[str]] = {}
    for made in own:
        name, batch = story_of[made.copy]
        batches.setdefault(batch, []).append(name)
    there = {
        (row["story_id"], reading["text"], copy, start)
        for some in rows(path, "variants", batches, ("chosen", "readings"))
        for row in some.to_pylist()
        for reading in [row["readings"][row["chosen"]]]
        for copy, start in zip(reading["copies"], reading["starts"], strict=True)
    }
    fared = []
    for made in every:
        name, _ = story_of[made.copy]
        if story in {None, name}:
            stands = (name, made.chosen, made.copy, made.start) in there
            state = "undone" if made.undone else "stands" if stands else "lost"
            fared.append(msgspec.structs.replace(made, state=state))
    return fared
