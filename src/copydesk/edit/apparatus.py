"""The apparatus: every difference in words as a variant, with its kind, reason and confidence."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rapidfuzz import fuzz

from copydesk.edit.choose import Block, Choice, probability, vote_odds
from copydesk.edit.copytext import Text
from copydesk.edit.separators import CLOSING
from copydesk.edit.habits import HYPHENATED
from copydesk.edit.readings import Words
from copydesk.edit.tally import Ballots
from copydesk.model import Collation, Damage, Place, Reading, Variant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from copydesk.model import Index

ALIKE = 60  # per cent of letters in common: the same word, spelt otherwise
OMITTED, BEYOND, SEVERAL = -1, -2, 1 << 60  # instead of a form: no token, out of reach, more than one locus


class Slot(NamedTuple):
    """One variant in the making: loci `[first, end)`, its place in the edition, whether it is kept, the block it is in.

    `locus` is one of its loci at which the edition has a word, if it has any.
    """

    first: int
    end: int
    locus: int
    text_start: int
    text_end: int
    keep: bool
    block: Block | None


def word_variants(
    collation: Collation,
    votes: Ballots,
    choice: Choice,
    words: Words,
    text: Text,
    reach: tuple[Index, Index],
    habits: Sequence[Damage],
) -> list[Variant]:
    """The variants in words, in order of place. `habits` are the damages known to drop words."""
    slots = _slots(collation, votes, choice, words, text, reach)
    habit: dict[str, list[Damage]] = {}
    for damage in habits:
        habit.setdefault(damage.copy, []).append(damage)
    firsts = np.array([slot.first for slot in slots], np.int64)
    ends = np.array([slot.end for slot in slots], np.int64)
    taken = _taken(collation, votes, words, np.array([slot.locus for slot in slots], np.int64))
    columns = [_column(collation, at, firsts, ends, reach) for at in range(len(collation.copies))]
    starts, stops, forms = (np.stack(part, axis=1).tolist() for part in zip(*columns, strict=True)) if slots else ([], [], [])
    ids, texts = [copy.id for copy in collation.copies], [copy.text for copy in collation.copies]
    variants = []
    for slot, by, start, stop, form in zip(slots, taken, starts, stops, forms, strict=True):
        groups: dict[int | str, list[int]] = {}
        for at, value in enumerate(form):
            groups.setdefault(value if value < SEVERAL else texts[at][start[at] : stop[at]], []).append(at)
        lacunae = tuple(ids[at] for at in groups.pop(BEYOND, ()))
        if slot.block is not None and not slot.keep:
            stop = [_closed(texts[at], a, b) for at, (a, b) in enumerate(zip(start, stop, strict=True))]
        readings = [
            Reading(
                texts[members[0]][start[members[0]] : stop[members[0]]],
                tuple([ids[at] for at in members]),
                tuple([Place(ids[at], start[at], stop[at]) for at in members]),
            )
            for members in groups.values()
        ]
        variants.append(_variant(slot, readings, lacunae, by, choice, words, habit))
    return variants


def _closed(text: str, start: int, end: int) -> int:
    """The end of a block with the marks that close it."""
    while start < end < len(text) and text[end] in CLOSING:
        end += 1
    return end


def _column(
    collation: Collation, at: int, firsts: Index, ends: Index, reach: tuple[Index, Index]
) -> tuple[Index, Index, Index]:
    """What copy `at` has at runs of loci: start and end in its text, and the form of a single token, or `OMITTED`, ..."""
    tokens, placed = collation.tokens[at], collation.loci[at]
    a, b = np.searchsorted(placed, firsts), np.searchsorted(placed, ends)
    edges = np.concatenate(([0], tokens.ends))
    start = np.where(b > a, np.append(tokens.starts, 0)[a], edges[a])
    form = np.where(b == a, OMITTED, np.where(ends - firsts > 1, SEVERAL, np.append(tokens.forms, 0)[a]))
    form[(b == a) & ((ends <= reach[0][at]) | (firsts >= reach[1][at]))] = BEYOND
    return start, np.where(b > a, edges[b], start), form


def _slots(
    collation: Collation, votes: Ballots, choice: Choice, words: Words, text: Text, reach: tuple[Index, Index]
) -> list[Slot]:
    """Where the copies that reach a place do not all have the same word, and where a word is not kept."""
    n_loci = collation.n_loci
    reaching = np.cumsum(np.bincount(reach[0], minlength=n_loci + 1) - np.bincount(reach[1], minlength=n_loci + 1))[:n_loci]
    differ = np.flatnonzero((~words.keep | ~words.agreed | (np.diff(votes.starts) < reaching))[words.starts])
    first, end = words.starts[differ], words.ends[differ]
    rank = np.concatenate(([0], np.cumsum(words.keep)))  # words of the edition before each locus
    before, after = rank[first], rank[end]
    size = len(text.text)
    starts, ends = np.append(text.starts, size), np.append(0, text.ends)
    keep = after > before
    text_end = np.where(keep, ends[after], starts[before])
    kept_locus = np.append(text.loci, n_loci)[before]  # the first word of the edition in it
    which = np.searchsorted([block.start for block in choice.blocks], first, "right") - 1
    rows = zip(first.tolist(), end.tolist(), np.where(keep, kept_locus, first).tolist(), starts[before].tolist(), strict=True)
    more = zip(text_end.tolist(), keep.tolist(), which.tolist(), strict=True)
    return [
        Slot(a, b, locus, x, y, kept, choice.blocks[at] if at >= 0 and a < choice.blocks[at].end else None)
        for (a, b, locus, x), (y, kept, at) in zip(rows, more, strict=True)
    ]


def _taken(collation: Collation, votes: Ballots, words: Words, loci: Index) -> list[str]:
    """For each locus the id of a copy that spells it as chosen."""
    right = np.flatnonzero(votes.form == words.form[votes.locus])
    rows = right[np.searchsorted(votes.locus[right], loci)] if len(loci) else right[:0]
    return [collation.copies[copy].id for copy in votes.copy[rows].tolist()]


def _variant(
    slot: Slot,
    readings: list[Reading],
    lacunae: tuple[str, ...],
    taken: str,
    choice: Choice,
    words: Words,
    habits: dict[str, list[Damage]],
) -> Variant:
    readings.sort(key=lambda reading: (-len(reading.copies), reading.copies))
    if slot.keep:
        chosen = next(at for at, reading in enumerate(readings) if taken in reading.copies)
    else:
        chosen = next((at for at, reading in enumerate(readings) if not reading.text), len(readings))
        if chosen == len(readings):  # nobody omits it: it stands elsewhere, or the others do not reach so far
            readings.append(Reading("", (), ()))
    if slot.keep:
        kind, reason, odds = _kept(slot, readings, chosen, choice, words, habits)
    else:
        kind, reason, odds = _dropped(slot, readings, choice)
    return Variant(slot.text_start, slot.text_end, kind, tuple(readings), chosen, reason, probability(odds), lacunae)


def _kept(
    slot: Slot, readings: list[Reading], chosen: int, choice: Choice, words: Words, habits: dict[str, list[Damage]]
) -> tuple[str, str, float]:
    """Kind, reason and log odds where the edition has words."""
    lacking = next((reading.copies for reading in readings if not reading.text), ())
    others = [reading for at, reading in enumerate(readings) if at != chosen and reading.text]
    n = sum(len(reading.copies) for reading in readings)
    have = n - len(lacking)
    if not others:
        odds = float(min(choice.odds[slot.first : slot.end]))
        reasons = [_count(have, n)]
        if choice.lost[slot.first]:
            odds, reasons = odds, [*reasons, "the spaces around it are left where it is missing"]
        known = [damage for copy in lacking for damage in habits.get(copy, []) if _is_habit(damage, readings[chosen].text)]
        if known:
            reasons.append(f"{known[0].copy}: {known[0].kind}, {known[0].n} of {known[0].of}")
        elif len(lacking) >= have and len(reasons) == 1:
            reasons.append("words are lost more often than added")
        return "omission", "; ".join(reasons), odds
    weight, second = float(words.weight[slot.locus]), float(words.second[slot.locus])
    kind = _difference(readings[chosen].text, others[0].text)
    count = len(readings[chosen].copies)
    odds = vote_odds(weight, second)
    if kind in {"capitals", "accents"}:  # one word: its copies voted together, and again on the spelling
        odds = vote_odds(count, len(others[0].copies))
    if weight > second:
        return kind, f"{count} of {n} copies", odds
    tipped = float(words.decided[slot.locus])
    reason = "votes are equal; " + ("this word is the better supported by the rest of the story" if tipped > 0 else "first copy by text")
    return kind, reason, min(tipped, 2.0)


def _count(have: int, n: int) -> str:
    return f"{have} of {n} copies {'has' if have == 1 else 'have'} it"


def _is_habit(damage: Damage, text: str) -> bool:
    return "-" in text if damage.kind == HYPHENATED else any(c.isdigit() for c in text)


def _dropped(slot: Slot, readings: list[Reading], choice: Choice) -> tuple[str, str, float]:
    """Kind, reason and log odds where the edition leaves words out."""
    n = sum(len(reading.copies) for reading in readings)
    have = sum(len(reading.copies) for reading in readings if reading.text)
    counted = _count(have, n)
    block = slot.block
    odds = -float(max(choice.odds[slot.first : slot.end]))
    if block is None or block.keep:
        return "addition", counted, odds
    if block.kind == "moved":
        return "moved", "stands elsewhere in most copies", -block.odds
    if not block.kind:
        return "addition", f"{counted}, at {block.position} of the text" if block.position != "inside" else counted, -block.odds
    return f"boilerplate: {block.kind}", f"reads like a {block.kind}: “{block.sign}”; {counted}", -block.odds


def _difference(chosen: str, other: str) -> str:
    """What kind of difference two readings have."""
    if chosen.lower() == other.lower():
        return "capitals"
    letters, other_letters = _letters(chosen), _letters(other)
    if letters == other_letters:
        return "word division"
    if len(letters) == len(other_letters) and not (chosen.isascii() and other.isascii()) and _bare(letters) == _bare(other_letters):
        return "accents"
    return "spelling" if max(len(chosen), len(other)) < 400 and fuzz.ratio(letters, other_letters) >= ALIKE else "substitution"


def _letters(text: str) -> str:
    return text.casefold() if text.isalnum() else "".join(filter(str.isalnum, text.casefold()))


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
