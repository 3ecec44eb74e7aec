"""The apparatus: every difference in words as a variant, with its kind, reason and confidence."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import compress, count
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
from rapidfuzz import fuzz

from copydesk.edit.blocks import TWICE, Block
from copydesk.edit.choose import Choice
from copydesk.edit.copytext import Text
from copydesk.edit.evidence import Evidence
from copydesk.edit.habits import HYPHENATED
from copydesk.edit.odds import probability, vote_odds
from copydesk.edit.readings import Words
from copydesk.edit.separators import CLOSING
from copydesk.edit.tally import bounds, grouped, rows_at
from copydesk.edit.trust import ADDED, ALTERED, OMITTED, RESPELT, said
from copydesk.model import Damage, Place, Reading, Variant
from copydesk.repair import ENTITIES, LIGATURES, MOJIBAKE, SOFT_HYPHENS
from copydesk.repair import kind as damaged

if TYPE_CHECKING:
    from copydesk.model import Flags, Index

WORDS = re.compile(r"[^\s\-‐-―]+").findall
ALIKE = 60  # per cent of letters in common: the same word, spelt otherwise
UNCOUNTED = {"navigation", "related links", "comments"}
TIPPED = 2.0  # log odds, at most, of a choice between readings of equal weight
TORN = 0.2  # and where these are different words, and nothing is known of the sources: next to nothing tells which is right
LACKED = 0.4  # log odds, at most, that words which as many copies lack as have are of the text, where no trace says so
KEPT = 1.25  # so much less sure than its odds is a block in dispute that is kept
LOST = "words are lost more often than added"
FITS, MISFITS = "it fits what stands around it", "it does not fit what stands around it"
SEVERAL = -1  # in place of the form of one word
SIGN = 3.0  # log odds that a trace of damage in the other reading adds
SIGNS = {
    MOJIBAKE: "UTF-8 read as something else",
    ENTITIES: "an entity of HTML",
    LIGATURES: "a ligature of print",
    SOFT_HYPHENS: "a soft hyphen",
}


class Slot(msgspec.Struct, frozen=True, gc=False):
    """One variant in the making: loci `[first, end)`, its place in the edition, and what it was decided by.

    `taken` is a copy that has the words chosen, `odds` the log odds of being story, `block` the block in dispute it is part of.
    `spaces`: spaces are left where it is missing; `weighed`: it was asked whether it fits there. `weight`, `second`, `decided`
    and `read` (its `odds`) are those of `Words`.
    """

    first: int
    end: int
    text_start: int
    text_end: int
    keep: bool
    taken: str
    odds: float
    block: Block | None
    spaces: bool
    weighed: bool
    weight: float
    second: float
    decided: float
    read: float


class Told(NamedTuple):
    """What is told of the copies: their `habits`, and what is `said` of their sources (`trust.said`), if these are `known`."""

    habits: dict[str, list[Damage]]
    said: Callable[[tuple[str, ...], str, tuple[str, ...], str], str]
    known: bool


def word_variants(evidence: Evidence, choice: Choice, words: Words, text: Text, drops: Sequence[Damage]) -> list[Variant]:
    """The variants in words, in order of place. `drops` are the copies known to drop words of a kind."""
    slots = _slots(evidence, choice, words, text)
    if not slots:
        return []
    habits: dict[str, list[Damage]] = {}
    for damage in drops:
        habits.setdefault(damage.copy, []).append(damage)
    told = Told(habits, functools.cache(functools.partial(said, evidence.trust)), bool(evidence.trust.rates))
    said_at = zip(slots, *_readings(evidence, slots), strict=True)
    return [_variant(slot, own, beyond, text.text[slot.text_start : slot.text_end], told) for slot, own, beyond in said_at]


def _readings(evidence: Evidence, slots: Sequence[Slot]) -> tuple[list[list[Reading]], list[tuple[str, ...]]]:
    """The readings at each slot, those of most copies first, then by the first one's id; and the copies that do not reach."""
    copies = evidence.collation.copies
    ids, texts = [copy.id for copy in copies], [copy.text for copy in copies]
    starts, ends, form, beyond = _stretches(evidence, slots)
    for at, slot in enumerate(slots):
        if slot.block is not None and not slot.keep:
            ends[at], form[at] = list(map(_closed, texts, starts[at].tolist(), ends[at].tolist())), SEVERAL
    lacunae: list[tuple[str, ...]] = [()] * len(slots)
    for at in np.flatnonzero(beyond.any(axis=1)).tolist():
        lacunae[at] = tuple(compress(ids, beyond[at].tolist()))

    reaches: Flags = ~beyond
    slot_of, copy = reaches.nonzero()
    start, end = starts[slot_of, copy], ends[slot_of, copy]
    value = form[slot_of, copy]
    several = (value == SEVERAL).nonzero()[0]
    numbers: defaultdict[str, int] = defaultdict(count(len(evidence.collation.form_text) + 1).__next__)
    value[several] = [numbers[said] for said in _said(texts, copy[several], start[several], end[several])]
    groups = grouped(slot_of, value, copy, len(slots))
    rank = np.empty(len(ids), np.int64)
    rank[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    ranked = np.lexsort((rank[groups.copy], -groups.sizes, groups.place))

    in_order = [ids[of] for of in copy[groups.order].tolist()]
    places = list(map(Place, in_order, start[groups.order].tolist(), end[groups.order].tolist()))
    leader = groups.leader[ranked]
    said = _said(texts, copy[leader], start[leader], end[leader])
    of_group = zip(said, groups.starts[ranked].tolist(), groups.sizes[ranked].tolist(), strict=True)
    readings = [Reading(reading, tuple(in_order[at : at + n]), tuple(places[at : at + n])) for reading, at, n in of_group]
    of_slot = zip(groups.tops.tolist(), groups.n_values.tolist(), strict=True)
    return [readings[top : top + n] for top, n in of_slot], lacunae


def _said(texts: Sequence[str], copy: Index, start: Index, end: Index) -> list[str]:
    """What stands at stretches `[start, end)` of the texts of copies."""
    return [texts[of][a:b] for of, a, b in zip(copy.tolist(), start.tolist(), end.tolist(), strict=True)]


def _closed(text: str, start: int, end: int) -> int:
    """The end of a block with the marks that close it."""
    while start < end < len(text) and text[end] in CLOSING:
        end += 1
    return end


def _stretches(evidence: Evidence, slots: Sequence[Slot]) -> tuple[Index, Index, Index, Flags]:
    """Where the words of each copy at each slot start and end in its text, what they are, and whether it does not reach so far.

    Arrays of shape `(n_slots, n_copies)`. What they are is the form of the word and 1, 0 for none, `SEVERAL` where a slot may
    have several.
    """
    rows, reach = evidence.rows, evidence.reach
    first = np.array([slot.first for slot in slots], np.int64)
    end = np.array([slot.end for slot in slots], np.int64)
    at = rows_at(rows)
    a, b = at[:, first].T, at[:, end].T
    has = b > a
    left = np.where(a > rows.starts[:-1], rows.end[a - 1], 0)  # where the word before ends
    own = np.minimum(a, len(rows.copy) - 1)
    starts = np.where(has, rows.start[own], left)
    ends = np.where(has, rows.end[b - 1], starts)
    form = np.where(has, rows.form[own] + 1, 0)
    form[end - first > 1] = SEVERAL
    return starts, ends, form, ~has & ((end[:, None] <= reach.first) | (first[:, None] >= reach.end))


def _slots(evidence: Evidence, choice: Choice, words: Words, text: Text) -> list[Slot]:
    """Where the copies that reach a place do not all have the same word, and where a word is not kept."""
    n_loci = evidence.collation.n_loci
    agreed = words.keep & words.agreed & (evidence.votes.sizes >= evidence.reach.voters)
    differ = (~agreed)[words.starts].nonzero()[0]
    first, end = words.starts[differ], words.ends[differ]
    rank = bounds(words.keep)  # words of the edition before each locus
    before, after = rank[first], rank[end]
    keep = after > before
    start = np.append(text.starts, len(text.text))[before]
    blocks: list[Block | None] = [None] * n_loci
    for block in choice.blocks:
        blocks[block.start : block.end] = [block] * (block.end - block.start)
    # the first locus with a word of the edition, if any, and the one where another word stands against it most
    locus = np.where(keep, np.append(text.loci, n_loci)[before], first)
    rival, odds = locus.copy(), choice.odds[first]
    several = (end - first > 1).nonzero()[0]
    if len(several):
        between = np.stack((first[several], end[several]), axis=1).ravel()
        least, most, second = (
            reduce(np.append(of, 0.0), between)[::2]
            for reduce, of in (
                (np.minimum.reduceat, choice.odds),
                (np.maximum.reduceat, choice.odds),
                (np.maximum.reduceat, words.second),
            )
        )
        odds[several] = np.where(keep[several], least, most)
        for at in several[second > 0].tolist():
            rival[at] = first[at] + words.second[first[at] : end[at]].argmax()
    ids = [copy.id for copy in evidence.collation.copies]
    firsts = first.tolist()
    return list(
        map(
            Slot,
            firsts,
            end.tolist(),
            start.tolist(),
            np.where(keep, np.append(text.ends, 0)[after - 1], start).tolist(),
            keep.tolist(),
            map(ids.__getitem__, words.taken[locus].tolist()),
            odds.tolist(),
            map(blocks.__getitem__, firsts),
            choice.lost[first].tolist(),
            choice.weighed[first].tolist(),
            words.weight[rival].tolist(),
            words.second[rival].tolist(),
            words.decided[rival].tolist(),
            words.odds[rival].tolist(),
        )
    )


def _variant(slot: Slot, readings: list[Reading], lacunae: tuple[str, ...], text: str, told: Told) -> Variant:
    chosen = -1
    if slot.keep:
        for at, reading in enumerate(readings):
            if reading.text == text:
                chosen = at
                break
            if chosen < 0 and slot.taken in reading.copies:
                chosen = at
        kind, reason, odds = _kept(slot, readings, readings[chosen].text, told)
        if slot.block is not None:  # words of a block are no surer than it
            odds = min(odds, slot.block.odds - KEPT)
    else:
        for at, reading in enumerate(readings):
            if not reading.text:
                chosen = at
        if chosen < 0:  # nobody omits it: it stands elsewhere, or the others do not reach so far
            chosen = len(readings)
            readings.append(Reading("", (), ()))
        kind, reason, odds = _dropped(slot, readings, told)
    return Variant(slot.text_start, slot.text_end, kind, tuple(readings), chosen, reason, probability(odds), lacunae)


def _kept(slot: Slot, readings: list[Reading], chosen: str, told: Told) -> tuple[str, str, float]:
    """Kind, reason and log odds where the edition has words, read as `chosen`."""
    lacking: tuple[str, ...] = ()
    others: list[Reading] = []
    n = against = 0
    words = chosen.split()
    for reading in readings:
        n += len(reading.copies)
        if not reading.text:
            lacking = reading.copies
        elif reading.text != chosen and reading.text.split() != words:  # more than white space differs
            against += len(reading.copies)
            others.append(reading)
    have = n - len(lacking)
    if not others:
        reason = _count(have, n)
        if slot.spaces:
            reason += "; the spaces around it are left where it is missing"
        known = [damage for copy in lacking for damage in told.habits.get(copy, ()) if _is_habit(damage, chosen)]
        if known:
            reason += f"; {known[0].copy}: {known[0].kind}, {known[0].n} of {known[0].of}"
        elif slot.weighed:
            return "omission", f"{reason}; {FITS}", min(slot.odds, TIPPED)
        elif len(lacking) >= have and not slot.spaces:
            holders = tuple([copy for reading in readings if reading.text for copy in reading.copies])
            reason += f"; {told.said(lacking, OMITTED, holders, ADDED) or LOST}"
            if not told.known and slot.block is None:
                return "omission", reason, min(slot.odds, LACKED)
        return "omission", reason, slot.odds
    kind = _difference(chosen, others[0].text)
    count = have - against
    weight, second = slot.weight, slot.second
    if kind in {"capitals", "accents"}:  # one word: its copies voted together, and again on the spelling
        weight, second = float(count), float(len(others[0].copies))
    if (marred := damaged(others[0].text)) and not damaged(chosen):
        odds = vote_odds(weight, second) if isnan(slot.read) else slot.read
        return kind, f"{count} of {n} copies; the other reading has {SIGNS[marred]}", odds + SIGN
    if not isnan(slot.read):
        reason = f"{count} of {n} copies"
        if 2 * count <= n:
            right = tuple([at for reading in readings if reading not in others for at in reading.copies if at not in lacking])
            wrong = tuple([copy for reading in others for copy in reading.copies])
            slip = RESPELT if kind in {"capitals", "accents"} else ALTERED
            reason += f"; {told.said(wrong, slip, right, slip) or 'the words themselves look more like the story'}"
        return kind, reason, slot.read
    if weight > second:
        return kind, f"{count} of {n} copies", vote_odds(weight, second)
    why = "this one is better supported by the rest of the story" if slot.decided > 0 else "the first in order of text is taken"
    return kind, f"votes are equal; {why}", min(slot.decided, TORN if kind == "substitution" else TIPPED)


def _dropped(slot: Slot, readings: list[Reading], told: Told) -> tuple[str, str, float]:
    """Kind, reason and log odds where the edition leaves words out."""
    n = sum([len(reading.copies) for reading in readings])
    counted = _count(sum([len(reading.copies) for reading in readings if reading.text]), n)
    block = slot.block
    if block is None or block.keep:
        holders = tuple([copy for reading in readings if reading.text for copy in reading.copies])
        lacking = tuple([copy for reading in readings if not reading.text for copy in reading.copies])
        why = told.said(holders, ADDED, lacking, OMITTED) if len(holders) >= len(lacking) else ""
        if slot.weighed:
            return "addition", f"{counted}; {MISFITS}", min(-slot.odds, TIPPED)
        return "addition", f"{counted}; {why}" if why else counted, -slot.odds
    if block.kind == "moved":
        return "moved", "stands elsewhere in most copies", -block.odds
    if block.kind == TWICE.kind:
        return block.kind, f"says again what stands before it; {counted}", -block.odds
    if not block.kind:
        return (
            "addition",
            f"{counted}, at the {block.position} of the text" if block.position != "inside" else counted,
            -block.odds,
        )
    like = block.kind if block.kind in UNCOUNTED else f"a {block.kind}"
    return f"boilerplate: {block.kind}", f"reads like {like}: “{block.sign}”; {counted}", -block.odds


def _is_habit(damage: Damage, text: str) -> bool:
    return "-" in text if damage.kind == HYPHENATED else any(c.isdigit() for c in text)


def _count(have: int, n: int) -> str:
    return f"{have} of {n} copies {'has' if have == 1 else 'have'} it"


def _difference(chosen: str, other: str) -> str:
    """What kind of difference two readings have."""
    if chosen.lower() == other.lower():
        return "capitals"
    letters, other_letters = _letters(chosen), _letters(other)
    if letters == other_letters:
        return "word division" if len(WORDS(chosen)) != len(WORDS(other)) else "spelling"
    if len(letters) == len(other_letters) and _bare(letters) == _bare(other_letters):
        return "accents"
    return "spelling" if max(len(chosen), len(other)) < 400 and fuzz.ratio(letters, other_letters) >= ALIKE else "substitution"


def _letters(text: str) -> str:
    return text.casefold() if text.isalnum() else "".join(filter(str.isalnum, text.casefold()))


def _bare(text: str) -> str:
    return text if text.isascii() else "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
