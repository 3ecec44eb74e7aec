"""Differences between words: punctuation, quotation marks, spaces, paragraphs.

A mark or a space that one copy has otherwise at one place is a variant. What a copy does throughout (paragraphs flattened,
quotation marks straightened) is one damage of that copy, with how often.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.boilerplate import Position
from copydesk.edit.copytext import Text
from copydesk.edit.evidence import Evidence
from copydesk.edit.odds import probability, vote_odds
from copydesk.edit.separators import FOLD, SPACE, SPOILT
from copydesk.model import Damage, Place, Reading, Variant
from copydesk.repair import repaired

if TYPE_CHECKING:
    from copydesk.edit.copytext import Ends
    from copydesk.model import Flags

SIGN = 3.0  # log odds that a trace of damage adds

FLATTENED, ADDED, LOST_QUOTES, TYPE, SPACES = (
    "paragraphs flattened",
    "paragraphs added",
    "quotation marks lost",
    "typography changed",
    "white space changed",
)
REASONS = {
    FLATTENED: "paragraphs of the edition that it runs together",
    ADDED: "breaks where most copies that keep paragraphs have none",
    LOST_QUOTES: "words of the edition in quotation marks that it has without",
    TYPE: "other forms of the same marks (quotation marks, apostrophes, dashes)",
    SPACES: "other white space between the same words",
}


def typography(evidence: Evidence, text: Text) -> tuple[list[Variant], list[Damage]]:
    """The variants between words, in order of place, and what each copy does to typography throughout."""
    rows, separators, n_copies = text.boundaries, evidence.separators, len(evidence.weights)
    ends = [_end(evidence, text.head, 0, "head"), _end(evidence, text.tail, len(text.text), "tail")]
    variants = [variant for variant in ends if variant is not None]
    if not len(rows.copy):
        return variants, []
    best = rows.separator[rows.best]
    paragraph, broken = rows.paragraph[rows.boundary[rows.torn]], evidence.paragraphs.breaks[rows.row[rows.torn]]
    otherwise = (rows.separator[rows.torn] != best[rows.boundary[rows.torn]]) | (paragraph != broken)
    at = rows.torn[otherwise]
    own, of, copy = rows.separator[at], best[rows.boundary[at]], rows.copy[at]
    marks = separators.marks[own] != separators.marks[of]
    spacing = (separators.break_[own] >= SPACE) != (separators.break_[of] >= SPACE)
    spacing |= separators.spoilt[own] != separators.spoilt[of]
    marred = separators.marred[own] != separators.marred[of]  # told as a trace of the copy
    quoted = separators.n_quotes[best] > 0
    lost = quoted[rows.boundary[at]] & (separators.n_quotes[own] == 0)
    if lost.any():  # a habit, where a copy loses most of them
        chances = np.bincount(rows.copy[quoted[rows.boundary]], minlength=n_copies)
        lost &= (2 * np.bincount(copy[lost], minlength=n_copies) > chances)[copy]
    varies = marks | spacing | ((separators.n_quotes[own] != separators.n_quotes[of]) & ~lost)
    retyped = (separators.bare[own] != separators.bare[of]) & ~lost
    new, gone = (broken & ~paragraph)[otherwise], (paragraph & ~broken)[otherwise]

    damage = []
    for kind, hits, among in (
        (FLATTENED, gone, rows.paragraph),
        (ADDED, ~varies & new, ~rows.paragraph),
        (LOST_QUOTES, ~varies & lost, quoted),
        (TYPE, ~varies & retyped, separators.n_marks[best] + separators.n_quotes[best] > 0),
        (SPACES, ~varies & ~retyped & ~lost & ~marred & (own != of) & ~new & ~gone, None),
    ):
        if not hits.any():
            continue
        chance = np.ones(len(rows.copy), bool) if among is None else among[rows.boundary]
        chance[at[hits]] = True
        n, of_all = np.bincount(copy[hits], minlength=n_copies), np.bincount(rows.copy[chance], minlength=n_copies)
        for which in n.nonzero()[0].tolist():
            example = _place(evidence, int(rows.row[at[(hits & (copy == which)).argmax()]]))
            name = evidence.collation.copies[which].id
            damage.append(Damage(name, kind, int(n[which]), int(of_all[which]), REASONS[kind], example))
    differ = np.zeros(len(rows.copy), bool)
    differ[at[varies]] = True
    variants += [_between(evidence, text, boundary, differ) for boundary in sorted(set(rows.boundary[differ].tolist()))]
    return sorted(variants, key=lambda variant: (variant.start, variant.end)), damage


def _between(evidence: Evidence, text: Text, boundary: int, varies: Flags) -> Variant:
    """The variant between two words."""
    rows, texts = text.boundaries, evidence.separators.text
    groups: dict[str, list[Place]] = {}
    there = range(rows.starts[boundary], rows.starts[boundary + 1])
    for at in there:
        groups.setdefault(texts[rows.separator[at]], []).append(_place(evidence, int(rows.row[at])))
    chosen = texts[rows.separator[rows.best[boundary]]]
    against = [texts[rows.separator[at]] for at in there if varies[at]]
    place = int(text.ends[boundary - 1]), int(text.starts[boundary])
    return _variant(place, groups, chosen, against)


def _end(evidence: Evidence, ends: Ends, place: int, position: Position) -> Variant | None:
    """The variant before the first word or after the last one, if copies differ there."""
    if len(ends) < 2:
        return None
    copies = evidence.collation.copies
    groups = {mark: [Place(copies[copy].id, a, b) for copy, a, b in pieces] for mark, pieces in ends.items()}
    chosen = next(iter(ends))
    against = [mark for mark, pieces in ends.items() if mark != chosen for _ in pieces]
    start, end = (place - len(chosen), place) if position == "tail" else (place, place + len(chosen))
    return _variant((start, end), groups, chosen, against)


def _variant(place: tuple[int, int], groups: dict[str, list[Place]], chosen: str, against: list[str]) -> Variant:
    """The variant at a place of the edition; `against` is what the copies have that do not have it as chosen."""
    readings = [Reading(text, tuple(p.copy for p in places), tuple(places)) for text, places in groups.items()]
    readings.sort(key=lambda reading: (-len(reading.copies), reading.copies))
    at = next(i for i, reading in enumerate(readings) if reading.text == chosen)
    n = sum(len(reading.copies) for reading in readings)
    have = n - len(against)
    kind, sign = max((_difference(chosen, other) for other in against), key=lambda found: bool(found[1]))
    reason = "; ".join([*([sign] if sign else []), f"{have} of {n} copies {'has' if have == 1 else 'have'} it so"])
    odds = vote_odds(have, n - have) + (SIGN if sign else 0.0)
    return Variant(*place, kind, tuple(readings), at, reason, probability(odds))


def _difference(chosen: str, other: str) -> tuple[str, str]:
    """The kind of a difference between two separators, and the trace of damage in the other one, if there is any."""
    bare, other_bare = ("".join(repaired(text).split()).translate(FOLD) for text in (chosen, other))
    if bare == other_bare:
        if SPOILT.search(other) and not SPOILT.search(chosen):
            return "spacing", "a space stands before a closing mark, or after an opening one"
        if chosen == "." and other_bare == ".":
            return "spacing", "an abbreviation parted"
        return "spacing", ""
    if bare.replace('"', "") == other_bare.replace('"', ""):
        return "quotation marks", ""
    stray = [mark for mark in "[]{}()" if other_bare.count(mark) > bare.count(mark)]
    if len(stray) == 1:
        return "stray bracket", f"“{stray[0]}” without its other half"
    return "punctuation", ""


def _place(evidence: Evidence, row: int) -> Place:
    """The place of the separator before a token."""
    rows = evidence.rows
    return Place(evidence.collation.copies[rows.copy[row]].id, int(rows.end[row - 1]), int(rows.start[row]))
