"""Versions: two published states of a story, told from damage by their pattern.

Who descends from a spoilt copy shares its errors: single words, anywhere in the text, of which one side reads badly. Who has
another version shares changed sentences: many words side by side, put for others, good text on either side, nowhere else in
the story. Such places part the copies in two, always alike (or one within the other, where there are three versions). The
copies of a version are then heard alone wherever the versions differ, and all copies everywhere else.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rapidfuzz import fuzz

from copydesk.edit.boilerplate import look
from copydesk.edit.evidence import Evidence
from copydesk.edit.forms import EDITOR, HINTS

if TYPE_CHECKING:
    from copydesk.model import Flags, Index

SIDE = 2  # copies of a version that needs neither a date nor a notice
FEW = 6  # copies, one of which may be a version by itself
SHARE = 0.1  # of the copies, which a version has at least
LONG = 5  # words in dispute that are a place by themselves
NEAR = 6  # loci: words in dispute that are no farther apart are of one place
NEW = 3  # words on either side of a place that the other side has not
ENOUGH = 6  # such words at all places together
ONCE = 2  # places that tell a version of one copy, if dates do and no notice
ALIKE = 0.5  # share of the words of a place that two copies of one version have in common
AROUND = 16  # words in common on both sides of a place that tells: more than a site puts around all its texts
BESIDE = 3  # and of a place that only one version has
SPELT = 70  # per cent of letters in common: the same word, spelt otherwise
LETTERS = 80  # per cent of the letters of a place in common: the same words, otherwise divided
MANY = 12  # words that can be told from dirt
KNOWN = 0.15  # share of the words of a place that the story has elsewhere too: text, and no dirt
ELSEWHERE = 0.5  # share of its runs of `GRAM` words that the other side has elsewhere: moved, not changed
GRAM = 3
UNTOLD = -1  # instead of a version, or of a side
RARE = 10.0  # bits: errors that are scattered come to lie so close once in a thousand stories
WORDED = -2.5  # log odds from which a block is text of the site
HEADLINE = 20  # words of a block at an end, at most
STORY = -0.5  # log odds from which words that only one version has are story

# What a site says of a text that it changed after it was published.
NOTICE = re.compile(
    r"(?:^|(?<=[.!?\n(\[]))[\W\d]*(?:correction|clarification|update|editor[’']s note)\b[^.\n]{0,20}:"
    r"|\b(?:this|the|an earlier version of this|a previous version of this) (?:story|article|report|post|version|headline)\b"
    r"[^.\n]{0,40}\b(?:updated|corrected|amended|revised|misstated|incorrectly)\b"
    r"|\b(?:updates|corrects|recasts) (?:with|to|throughout|headline|paragraph|story)\b",
    re.IGNORECASE,
)
NOTES = (EDITOR + "’s note", EDITOR + "'s note")


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of a story, `n` of them, in order of time, from 0.

    `of[c]` is the version of copy `c`, `UNTOLD` where it has none of the places that tell. `places` are the runs of loci
    `[start, end)` at which the versions differ, in order. `reason` says how they were told apart and put in order.
    """

    n: int
    of: Index
    places: tuple[tuple[int, int], ...]
    reason: str


class _Place(NamedTuple):
    """Loci `[start, end)` at which some copies have other words than others: `side[c]`, `UNTOLD` for who has none.

    `new` is how many words each side has at least that the other has not. `inside`: there is enough text around it.
    """

    start: int
    end: int
    side: Index
    new: int
    inside: bool


def versions(evidence: Evidence) -> Versions | None:
    """The versions of a story; None where there is one, as nearly always: that is soon seen."""
    n_copies = len(evidence.weights)
    may_be_one = 2 <= n_copies <= FEW and _may_be_told(evidence)
    if n_copies < 2 * SIDE and not may_be_one:
        return None
    support = _support(evidence)
    told = _told(evidence, support, max(SIDE, math.ceil(SHARE * n_copies))) if n_copies >= 2 * SIDE else None
    if told is None and may_be_one:
        told = _told(evidence, support, 1)
    if told is None:
        return None
    partings, lost = told
    of = _classes(partings)
    n = int(of.max()) + 1
    if n < 2:
        return None
    order, how = _order(evidence, of, n)
    of = np.where(of == UNTOLD, UNTOLD, np.array(order)[of])
    places = [place for parting in partings for place in parting]
    members = [np.flatnonzero(of == version) for version in range(n)]
    found = tuple(_where(evidence, members, places, support.disputed(1), lost))
    reason = f"other words at {len(places)} place{'s' * (len(places) > 1)}, alike in all copies of a version; {how}"
    return Versions(n, of, found, reason)


class _Lost(NamedTuple):
    """Loci `[start, end)` of which a copy has nothing, which is no reading."""

    copy: int
    start: int
    end: int


class _Support(NamedTuple):
    """For each locus how many copies have the word that most have, have any word, and have none though they reach it."""

    word: Index
    sizes: Index
    lacking: Index

    def disputed(self, least: int) -> Flags:
        """Where the copies stand against one another, so many on either side at least."""
        disputed: Flags = self.sizes + self.lacking - np.maximum(self.word, self.lacking) >= least
        return disputed


def _support(evidence: Evidence) -> _Support:
    """What the copies have, before lost blocks are known.

    The word that most have is guessed from two ballots: that is wrong where both are errors, which does not matter.
    """
    votes = evidence.votes
    word = np.where(votes.differs, votes.sizes > 1, votes.sizes)
    if len(evidence.weights) > 2 and votes.differs.any():
        rows = votes.differs[votes.locus].nonzero()[0]
        locus, key = votes.locus[rows], votes.key[rows]
        for guess in (votes.starts[:-1], votes.starts[:-1] + votes.sizes // 2):
            same = locus[key == votes.key[guess][locus]]
            word = np.maximum(word, np.bincount(same, minlength=len(word)))
    return _Support(word, votes.sizes, evidence.reach.voters - votes.sizes)


def _told(evidence: Evidence, support: _Support, least: int) -> tuple[list[list[_Place]], list[_Lost]] | None:
    """The places at which at least so many copies on either side have other words, by how they part the copies.

    With them the blocks that copies have lost.
    """
    if not _is_close(support.disputed(least)):
        return None
    lost, lacking = _lost(evidence, support, least)
    disputed = support._replace(lacking=lacking).disputed(least)
    starts, ends, sizes = _runs(disputed)
    long = (sizes >= LONG).nonzero()[0]
    n_disputed = int(sizes.sum())
    runs = [
        run
        for run in zip(*(of[long].tolist() for of in (starts, ends, sizes)), strict=True)
        if _is_rare(run, n_disputed, len(disputed))
    ]
    if not runs:
        return None
    inside = _inside(evidence, disputed, AROUND)
    if not any(inside[start] and inside[end - 1] for start, end, _ in runs):
        return None
    places = [place for start, end, _ in runs if (place := _place(evidence, start, end, inside, least)) is not None]
    partings = _compatible([parting for parting in _partings(places) if _tell(evidence, parting, least)])
    return (partings, lost) if partings else None


def _may_be_told(evidence: Evidence) -> bool:
    """Whether copies of which one may stand against all others say anything about time."""
    copies, texts = evidence.collation.copies, evidence.collation.form_text
    if len({copy.published for copy in copies}) > 1:
        return True
    hints = [texts[form] for form in evidence.forms.hinting.nonzero()[0].tolist()]
    if any(hint in text for hint in HINTS for text in hints):
        return True
    return bool(hints) and any(note in copy.text for copy in copies for note in NOTES)


def _is_close(disputed: Flags) -> bool:
    """Whether so many loci are in dispute so close together that they may be a place."""
    at = disputed.nonzero()[0]
    return len(at) >= LONG and bool((at[LONG - 1 :] - at[: 1 - LONG] < 2 * LONG).any())


def _lost(evidence: Evidence, support: _Support, least: int) -> tuple[list[_Lost], Index]:
    """The blocks that copies have lost: they have nothing instead, and what stands around it is shared. Or they end there.

    With them how many copies lack each locus for other reasons. What stands around a block may be lost in other copies, so
    those are found that can be, and again as long as there are more.
    """
    rows, reach, lacking = evidence.rows, evidence.reach, support.lacking.copy()
    copies = (rows.starts[1:] > rows.starts[:-1]).nonzero()[0]
    start = np.concatenate((reach.first[copies], rows.locus[rows.starts[copies + 1] - 1] + 1))
    end = np.concatenate((rows.locus[rows.starts[copies]], reach.end[copies]))
    long = end - start >= LONG
    found = new = _lost_blocks(np.concatenate((copies, copies))[long], start[long], end[long])
    gaps = ((rows.locus[1:] - rows.locus[:-1] > LONG) & (rows.copy[1:] == rows.copy[:-1])).nonzero()[0]
    known = _are_at_end(evidence, support, gaps)
    while True:
        for _, first, last in new:
            lacking[first:last] -= 1
        if not known.any():
            common = (lacking < least) & (4 * lacking <= support.sizes)
            # one of two words, for a word may be lost by itself
            before = common[rows.locus[gaps]] | common[rows.locus[gaps - 1]]
            known = before & (common[rows.locus[gaps + 1]] | common[rows.locus.take(gaps + 2, mode="clip")])
        if not known.any():
            known = _are_left_out(evidence, support, gaps, least)
        if not known.any():
            return found, lacking
        at = gaps[known]
        new = _lost_blocks(rows.copy[at], rows.locus[at] + 1, rows.locus[at + 1])
        found = found + new
        gaps = gaps[~known]
        known = np.zeros(len(gaps), bool)


def _are_at_end(evidence: Evidence, support: _Support, gaps: Index) -> Flags:
    """Before or after which gaps a copy has nothing of the story: it begins, or ends, there.

    A gap is given by the row before it. Wherever the copy has a word on that side, fewer than half as many copies have one as
    have what it lacks: they go on, and it does not, whatever a site says there. Who has a version goes on with the others,
    behind what was changed.
    """
    rows, sizes = evidence.rows, support.sizes
    if not len(gaps):
        return np.zeros(0, bool)
    bounds = np.stack((rows.locus[gaps] + 1, rows.locus[gaps + 1]), axis=1).ravel()
    lacked = np.maximum.reduceat(sizes, bounds)[::2]
    apart = rows.copy * (int(sizes.max()) + 1)  # more than any size, so that the most is that of each copy
    before = np.maximum.accumulate(sizes[rows.locus] + apart) - apart
    after = np.maximum.accumulate((sizes[rows.locus] - apart)[::-1])[::-1] + apart
    at_end: Flags = 2 * np.minimum(before[gaps], after[gaps + 1]) < lacked
    return at_end


def _are_left_out(evidence: Evidence, support: _Support, gaps: Index, least: int) -> Flags:
    """Before and after which gaps a copy has the words of those that go on in between: it has lost what they have.

    They are as many as a version has at least. So a block is known to be lost of which the next sentence is another one in each
    version, which not all share.
    """
    rows, votes = evidence.rows, evidence.votes
    had = np.concatenate(([0], (support.sizes >= least).cumsum()))
    left_out: Flags = had[rows.locus[gaps + 1]] - had[rows.locus[gaps] + 1] > LONG
    row = gaps[left_out]
    around = np.stack((rows.locus[row], rows.key[row], rows.locus[row + 1], rows.key[row + 1]))
    alike, number = np.unique(around, axis=1, return_inverse=True)
    told = np.zeros(alike.shape[1], bool)
    for at, (last, before, first, after) in enumerate(alike.T.tolist()):
        one, other = slice(votes.starts[last], votes.starts[last + 1]), slice(votes.starts[first], votes.starts[first + 1])
        both = np.intersect1d(
            votes.copy[one][votes.key[one] == before], votes.copy[other][votes.key[other] == after], assume_unique=True
        )
        begin = both * (rows.n_loci + 1)
        between = np.searchsorted(rows.place, begin + first) - np.searchsorted(rows.place, begin + last + 1)
        told[at] = (between > LONG).sum() >= least
    left_out[left_out] = told[number.ravel()]
    return left_out


def _lost_blocks(copy: Index, start: Index, end: Index) -> list[_Lost]:
    return list(map(_Lost, copy.tolist(), start.tolist(), end.tolist()))


def _runs(disputed: Flags) -> tuple[Index, Index, Index]:
    """Where loci in dispute that are of one place start and end, and how many they are."""
    at = disputed.nonzero()[0]
    if not len(at):
        return at, at, at
    breaks = (at[1:] - at[:-1] > NEAR).nonzero()[0] + 1
    first, last = np.concatenate(([0], breaks)), np.concatenate((breaks, [len(at)]))
    return at[first], at[last - 1] + 1, last - first


def _inside(evidence: Evidence, disputed: Flags, around: int) -> Flags:
    """Which loci have so many words on both sides that the copies share."""
    shared = (~disputed & (2 * evidence.votes.sizes > len(evidence.weights))).cumsum()
    inside: Flags = (shared >= around) & (shared[-1] - shared >= around)
    return inside


def _is_rare(run: tuple[int, int, int], n_disputed: int, n_loci: int) -> bool:
    """Whether chance hardly puts so many loci in dispute so close together, if they were as frequent there as elsewhere."""
    start, end, k = run
    rate = min(1.0, (1 + n_disputed - k) / (1 + n_loci - (end - start)))
    return -math.log2(n_loci) - math.log2(math.comb(end - start, k)) - k * math.log2(rate) >= RARE


def _place(evidence: Evidence, start: int, end: int, inside: Flags, least: int) -> _Place | None:
    """The place at `[start, end)`, if it is one at which two versions may differ: words put for others, text on both sides."""
    keys, forms = _readings(evidence, start, end)
    side, leaders = _sides(keys, least)
    words = [_words(evidence, keys[leader], forms[leader]) for leader in leaders]
    while len(leaders) > 1 and (new := _n_new(words)) < NEW:  # the last one has but a part of what others have
        side[side == len(leaders) - 1] = UNTOLD
        del leaders[-1], words[-1]
    if len(leaders) < 2 or _is_spelt_alike(words):
        return None
    for leader in leaders:
        others = np.flatnonzero((side != side[leader]) & (side != UNTOLD)).tolist()
        if (
            _is_of_site(evidence, leader, start, end, WORDED)
            or not _is_known(evidence, keys[leader], start, end)
            or _is_elsewhere(evidence, keys[leader], others)
        ):
            return None
    return _Place(start, end, side, new, bool(inside[start] and inside[end - 1]))


def _readings(evidence: Evidence, start: int, end: int) -> tuple[Index, Index]:
    """Key and form of each copy at each locus of a place, `(n_copies, end - start)`, -1 where it has none."""
    votes = evidence.votes
    rows = slice(int(votes.starts[start]), int(votes.starts[end]))
    keys = np.full((len(evidence.weights), end - start), -1, np.int64)
    forms = keys.copy()
    at = votes.copy[rows], votes.locus[rows] - start
    keys[at], forms[at] = votes.key[rows], votes.form[rows]
    return keys, forms


def _sides(keys: Index, least: int) -> tuple[Index, list[int]]:
    """The side of each copy, from its words; and of each side, the larger first, a copy that has what most of it have.

    Copies of one side have most words in common. Who has next to none of the words is on none.
    """
    side = np.full(len(keys), UNTOLD, np.int64)
    left = (keys >= 0).sum(axis=1) >= NEW
    leaders: list[int] = []
    while left.any():
        rows, times = np.unique(keys[left], axis=0, return_counts=True)
        common = rows[int(times.argmax())]
        if len(rows) > 1 and times.max() == 1:  # all read differently: who is nearest to all others
            common = keys[left][int(_alike(keys[left], keys[left]).sum(axis=1).argmax())]
        like = left & (_alike(keys, common[None, :])[:, 0] >= ALIKE)
        if like.sum() >= least:
            side[like] = len(leaders)
            leaders.append(int(np.flatnonzero((keys == common).all(axis=1))[0]))
        left &= ~like
    return side, leaders


def _alike(some: Index, others: Index) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The share of words that each row of `some` has in common with each of `others`, `(n_some, n_others)`."""
    shares = np.zeros((len(some), len(others)))
    for at, other in enumerate(others):
        either = ((some >= 0) | (other >= 0)).sum(axis=1)
        shares[:, at] = ((some == other) & (some >= 0)).sum(axis=1) / np.maximum(1, either)
    return shares


def _new(own: Sequence[str], other: Sequence[str]) -> int:
    """How many words the other side has not, nor spelt alike."""
    ours, theirs = (Counter(map(str.casefold, words)) for words in (own, other))
    rest, against = ours - theirs, list(theirs - ours)
    return sum(n for word, n in rest.items() if not any(fuzz.ratio(word, one, score_cutoff=SPELT) for one in against))


def _is_spelt_alike(words: Sequence[Sequence[str]]) -> bool:
    """Whether two sides have nearly the same letters: the same words otherwise divided, or misread."""
    letters = ["".join(own).casefold() for own in words]
    return any(fuzz.ratio(one, other) >= LETTERS for at, one in enumerate(letters) for other in letters[:at])


def _text(evidence: Evidence, copy: int, start: int, end: int) -> str:
    """What a copy has at `[start, end)`, with the mark that ends it."""
    rows = evidence.rows
    own = np.flatnonzero((rows.copy == copy) & (rows.locus >= start) & (rows.locus < end))
    text = evidence.collation.copies[copy].text
    return text[int(rows.start[own[0]]) : int(rows.end[own[-1]]) + 1].strip()


def _is_block(evidence: Evidence, start: int, end: int) -> bool:
    """Whether a paragraph begins with a place and another after it."""
    begins = evidence.paragraphs.begins
    return bool(begins[start] and (end == len(begins) or begins[end]))


def _is_of_site(evidence: Evidence, copy: int, start: int, end: int, least: float) -> bool:
    """Whether what a copy has there looks like text of the site; what is no block has no shape, and is no caption."""
    seen = look(_text(evidence, copy, start, end), "inside")
    if _is_block(evidence, start, end):
        return seen.odds <= least
    return seen.odds <= WORDED and seen.kind not in {"caption", "heading", "related links"}


def _is_known(evidence: Evidence, keys: Index, start: int, end: int) -> bool:
    """Whether enough of the words come again elsewhere in the story, as they do in a text; a few words need not."""
    votes, own = evidence.votes, keys[keys >= 0]
    if len(own) < MANY:
        return True
    known = np.zeros(int(votes.key.max()) + 1, bool)
    known[votes.key[: votes.starts[start]]] = True
    known[votes.key[votes.starts[end] :]] = True
    return bool(known[own].mean() >= KNOWN)


def _is_elsewhere(evidence: Evidence, keys: Index, others: Sequence[int]) -> bool:
    """Whether one of the copies of another side has these words too, at some other place."""
    own = keys[keys >= 0].tolist()
    grams = set(zip(*(own[at:] for at in range(GRAM)), strict=False))
    for other in others:
        theirs = evidence.collation.tokens[other].keys.tolist()
        there = grams.intersection(zip(*(theirs[at:] for at in range(GRAM)), strict=False))
        if len(there) >= max(GRAM, ELSEWHERE * len(grams)):
            return True
    return False


def _partings(places: Sequence[_Place]) -> list[list[_Place]]:
    """The places by how they part the copies: those that part them alike together, most words first."""
    partings: list[list[_Place]] = []
    for place in sorted(places, key=lambda place: (-int((place.side != UNTOLD).sum()), -place.new, place.start)):
        for parting in partings:
            if all(_same(place.side, other.side) for other in parting):
                parting.append(place)
                break
        else:
            partings.append([place])
    return sorted(partings, key=lambda parting: (-sum(place.new for place in parting), parting[0].start))


def _same(one: Index, other: Index) -> bool:
    """Whether two places part the copies that both tell of alike, and both tell of copies of two sides."""
    both = (one != UNTOLD) & (other != UNTOLD)
    pairs = set(zip(one[both].tolist(), other[both].tolist(), strict=True))
    return len(pairs) > 1 and len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)


def _tell(evidence: Evidence, parting: Sequence[_Place], least: int) -> bool:
    """Whether places that part the copies alike are enough to tell two versions."""
    if sum(place.new for place in parting) < ENOUGH or not any(place.inside for place in parting):
        return False
    if least >= SIDE:
        return True
    side = _joined(parting)
    one, other = (np.flatnonzero(side == which).tolist() for which in (0, 1))
    if side.max() > 1:
        return False
    dates = [[date for at in members if (date := _moment(evidence, at)) is not None] for members in (one, other)]
    apart = all(dates) and (max(dates[0]) < min(dates[1]) or max(dates[1]) < min(dates[0]))
    noticed = {bool(_notices(evidence, members)) for members in (one, other)} == {True, False}
    return noticed or (apart and sum(place.inside for place in parting) >= ONCE)


def _joined(parting: Sequence[_Place]) -> Index:
    """The side of each copy by places that part them alike, as the first of them numbers the sides."""
    side = parting[0].side.copy()
    for place in parting[1:]:
        both = (side != UNTOLD) & (place.side != UNTOLD)
        number = dict(zip(place.side[both].tolist(), side[both].tolist(), strict=True))
        for at in np.flatnonzero((side == UNTOLD) & (place.side != UNTOLD)).tolist():
            side[at] = number.get(int(place.side[at]), UNTOLD)
    return side


def _compatible(partings: Sequence[list[_Place]]) -> list[list[_Place]]:
    """Those that can all be of one row of versions, each made from the one before: never all four ways to be on two sides."""
    chosen: list[list[_Place]] = []
    for parting in partings:
        side = _joined(parting)
        pairs = [
            {(a, b) for a, b in zip(side.tolist(), _joined(other).tolist(), strict=True) if UNTOLD not in {a, b}}
            for other in chosen
        ]
        if all(len(seen) < len({a for a, _ in seen}) * len({b for _, b in seen}) or len(seen) < 2 for seen in pairs):
            chosen.append(parting)
    return chosen


def _classes(partings: Sequence[list[_Place]]) -> Index:
    """The version of each copy, numbered at will: copies are of one if no parting tells them apart."""
    told = np.stack([_joined(parting) for parting in partings])
    whole = [tuple(column) for column in told.T.tolist() if UNTOLD not in column]
    numbers = {told_by: number for number, told_by in enumerate(sorted(set(whole)))}
    of = np.full(told.shape[1], UNTOLD, np.int64)
    for at, column in enumerate(told.T.tolist()):
        fits = [
            number
            for known, number in numbers.items()
            if all(a in {b, UNTOLD} for a, b in zip(column, known, strict=True)) and set(column) != {UNTOLD}
        ]
        if len(fits) == 1:
            of[at] = fits[0]
    return of


def _moment(evidence: Evidence, copy: int) -> float | None:
    """When a copy was published, in seconds, if it says so as a date of ISO 8601."""
    published = evidence.collation.copies[copy].published
    try:
        moment = datetime.fromisoformat((published or "").strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _notices(evidence: Evidence, copies: Sequence[int]) -> bool:
    """Whether most of the copies say that they were updated or corrected."""
    return 2 * sum(bool(NOTICE.search(evidence.collation.copies[at].text)) for at in copies) > len(copies)


def _order(evidence: Evidence, of: Index, n: int) -> tuple[list[int], str]:
    """The place in time of each version, and how it is known: dates, a notice; or a guess, the longer one last."""
    members = [np.flatnonzero(of == version).tolist() for version in range(n)]
    dates = [[date for at in own if (date := _moment(evidence, at)) is not None] for own in members]
    sizes = np.diff(evidence.rows.starts)
    length = [float(median(sizes[own].tolist())) for own in members]
    first = [min(evidence.collation.copies[at].text for at in own) for own in members]
    middle = [median(own) for own in dates] if all(dates) else []
    if len(set(middle)) == n:
        key: list[tuple[float, ...]] = [(date,) for date in middle]
        reason = "in order of their dates"
    else:
        key = [(float(_notices(evidence, own)), size) for own, size in zip(members, length, strict=True)]
        noticed = sorted(notice for notice, *_ in key)
        reason = "the last one says that it was changed" if noticed[-2:] == [0.0, 1.0] else "their order is a guess"
    ranked = sorted(range(n), key=lambda version: (key[version], first[version]))
    return [ranked.index(version) for version in range(n)], reason


def _where(
    evidence: Evidence, members: Sequence[Index], told: Sequence[_Place], disputed: Flags, lost: Sequence[_Lost]
) -> Iterator[tuple[int, int]]:
    """All runs of loci at which the versions differ: the places that told them, and others at which they read otherwise."""
    weak, strong = np.zeros(len(disputed), bool), np.zeros(len(disputed), bool)
    for locus in disputed.nonzero()[0].tolist():
        silent = {copy for copy, start, end in lost if start <= locus < end}
        weak[locus], strong[locus] = _differs(evidence, locus, members, silent)
    for place in told:
        weak[place.start : place.end] = strong[place.start : place.end] = True
    inside, beside = _inside(evidence, weak, AROUND), _inside(evidence, weak, BESIDE)
    for start, end in zip(*(edges.tolist() for edges in _runs(weak)[:2]), strict=True):
        position = int(inside[start] and inside[end - 1]) + int(beside[start] and beside[end - 1])
        known = any(place.start < end and start < place.end for place in told)
        if known or _is_told(evidence, members, start, end, bool(strong[start:end].any()), position):
            yield start, end


def _differs(evidence: Evidence, locus: int, members: Sequence[Index], silent: set[int]) -> tuple[bool, bool]:
    """Whether most copies of two versions read a locus otherwise, and whether two or more of either do."""
    votes, reach = evidence.votes, evidence.reach
    rows = slice(int(votes.starts[locus]), int(votes.starts[locus + 1]))
    read = dict(zip(votes.copy[rows].tolist(), votes.key[rows].tolist(), strict=True))
    kind = bool(evidence.habits.of_kind[:, locus].any())  # a copy may lack it by habit
    readings: dict[int, int] = {}
    for own in members:
        there = own[(reach.first[own] <= locus) & (reach.end[own] > locus)].tolist()
        # where all copies of a version have nothing, nothing is lost: it never had it
        words = Counter(read.get(at, UNTOLD) for at in [at for at in there if at not in silent] or there)
        for word, n in words.most_common(1):
            if 2 * n > words.total() and not (kind and word == UNTOLD):
                readings[word] = max(n, readings.get(word, 0))
    return len(readings) > 1, sum(n >= SIDE for n in readings.values()) > 1


def _is_told(  # noqa: PLR0917  what is known of one place
    evidence: Evidence, members: Sequence[Index], start: int, end: int, strong: bool, position: int
) -> bool:
    """Whether a further place is of the versions and not of the sites: it reads like story.

    `strong`: two copies or more of either version have a word of it so. `position`: 0 is at an end, where only what both have
    can be of the versions; 1 is near one, where blocks are at most a headline; 2 is inside.
    """
    keys, forms = _readings(evidence, start, end)
    leaders = []
    for own in members:
        having = own[(keys[own] >= 0).any(axis=1)]
        if len(having):
            rows, times = np.unique(keys[having], axis=0, return_counts=True)
            leaders.append(int(having[(keys[having] == rows[int(times.argmax())]).all(axis=1)][0]))
    block, several = _is_block(evidence, start, end), len(leaders) > 1
    if any(_is_of_site(evidence, copy, start, end, WORDED if several else STORY) for copy in leaders):
        return False
    if (not position and not several) or (position < 2 and block and not several):
        return False
    long = position < 2 and block and (keys[leaders] >= 0).sum(axis=1).max() > HEADLINE
    if long and (not position or any(_is_of_site(evidence, copy, start, end, STORY) for copy in leaders)):
        return False
    least = 1 if min(map(len, members)) == 1 else NEW  # one copy is all that is known of its version
    return strong or (several and _n_new([_words(evidence, keys[leader], forms[leader]) for leader in leaders]) >= least)


def _words(evidence: Evidence, keys: Index, forms: Index) -> list[str]:
    """The words of a reading."""
    return [evidence.collation.form_text[form] for form in forms[keys >= 0].tolist()]


def _n_new(words: Sequence[Sequence[str]]) -> int:
    """How many words each side has at least that another has not."""
    return min(_new(own, other) for own in words for other in words if own is not other)
