"""Pair: what two texts have in common and where it stands, counted as finding counts it.

How much either text covers of the other comes from the very functions that decide about stories. Where it stands is followed
here: the tracks of shared seeds, as the kernel makes them, and from their seeds the runs of equal letters, as far as those go.
A seed is a sample, so what is shared begins before it and goes on after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa

from copydesk.find import kernels
from copydesk.find.boilerplate import weighty
from copydesk.find.chains import GAP, MOVED, Hashes, Texts
from copydesk.find.letters import letters
from copydesk.find.relation import relation
from copydesk.find.seeds import K, W, numbers, seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from copydesk.find.chains import Index

    Bytes = NDArray[np.uint8]
    Flags = NDArray[np.bool_]

Track: TypeAlias = "list[tuple[int, int]]"
"""Places of shared seeds in both texts, in order."""
Run: TypeAlias = "tuple[int, int, int]"
"""A run of equal letters: where it begins in either text, and how many they are."""

WORD = 12
"""Letters by which the end of a run is drawn back to the end of a word: what follows it is alike by chance."""
UNSEEN = 8 * W
"""Letters that two texts may share without a seed to tell."""
LEAST_RUN = 8
"""Letters of equal words between two seeds that are a run of their own: a lone `the` is none."""
IDEOGRAPHS = 0x2E80
"""Code point from which each is a word of its own."""


@dataclass(frozen=True)
class Aligned:
    """A run of equal letters: `[start, end)` of the one text and `[other_start, other_end)` of the other, in code points.

    `boilerplate`: it is set aside in both. `moved`: it stands in another order than the rest, or there once more.
    """

    start: int
    end: int
    other_start: int
    other_end: int
    n_letters: int
    boilerplate: bool
    moved: bool


@dataclass(frozen=True)
class Stretch:
    """Where both texts run along together, with edits, from the first letter they share to the last, in code points.

    All of it counts as covered. `n_seeds` are the shared seeds that it was found by.
    """

    start: int
    end: int
    other_start: int
    other_end: int
    n_seeds: int
    moved: bool


@dataclass(frozen=True)
class Side:
    """One text of a pair. `coverage` is the share of its letters that the other covers, in thousandths, as finding counts it.

    `story_letters` are those outside boilerplate, `covered` those of them that the other covers. `relation` is the word for
    how it would stand to the other, were that the nearest. `boilerplate` is what is set aside, `(start, end)` in code points.
    """

    n_letters: int
    story_letters: int
    covered: int
    coverage: float
    covered_with_boilerplate: int
    coverage_with_boilerplate: float
    relation: str
    boilerplate: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Pair:
    """What two texts have in common.

    `n_seeds` are the shared seeds outside boilerplate, `n_boilerplate_seeds` the others. `stretches` and `aligned` are in order
    of their places in the first text; `aligned` may overlap where a text repeats itself.
    """

    identical: bool
    n_seeds: int
    n_boilerplate_seeds: int
    sides: tuple[Side, Side]
    stretches: tuple[Stretch, ...]
    aligned: tuple[Aligned, ...]

    @property
    def coverage(self) -> float:
        """Coverage of the side that is covered better: what finding goes by."""
        return max(side.coverage for side in self.sides)


class _Text:
    """The letters of a text, where they stand in it, where its words begin, and which letters are boilerplate."""

    def __init__(self, text: str, boilerplate: list[tuple[int, int]]) -> None:
        folded, self.places = letters(text)
        self.letters = np.frombuffer(folded, np.uint8)
        codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
        # A letter begins a word if no letter stands right before it; the end of the text begins one too.
        self.begins = np.ones(len(folded) + 1, bool)
        step = np.diff(self.places)
        self.begins[1:-1] = (step > 1) | ((step == 1) & (codes[self.places[1:]] >= IDEOGRAPHS))
        self.aside = np.zeros(len(folded), bool)
        words = np.flatnonzero(self.begins)
        for start, end in boilerplate:
            self.aside[_nearest(words, start) : _nearest(words, end)] = True

    def __len__(self) -> int:
        return len(self.letters)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Code points of the letters `[start, end)`."""
        return int(self.places[start]), int(self.places[end - 1]) + 1


def pair(one: str, other: str, boilerplate: NDArray[np.uint64], gap: int = GAP) -> Pair:
    """What two texts have in common, `boilerplate` (hashes of seeds) aside.

    `gap` is that of `chains`: texts that others vouch for are held against one another with a wider one.
    """
    texts, identical, first = _seeded(one, other)
    second = 1 - first
    aside = Hashes.of(boilerplate)
    story_letters = texts.story_letters(aside)
    weight, all_weight = weighty(story_letters, texts), weighty(texts.n_letters, texts)
    covered, all_covered = np.zeros((2, 2), np.int64)
    a, b = np.array([first]), np.array([second])
    if identical:
        covered, all_covered = story_letters, texts.n_letters
        coverage = all_coverage = np.full(2, 1000)
    else:
        covered[[first, second]] = np.concatenate(texts.chain(a, b, aside, gap))
        all_covered[[first, second]] = np.concatenate(texts.chain(a, b, None, gap))
        coverage = np.minimum(covered * 1000 // weight, 1000)
        all_coverage = np.minimum(all_covered * 1000 // all_weight, 1000)

    places = [places_of_boilerplate(texts, t, boilerplate) for t in (0, 1)]
    x, y = (_Text(text, places[t]) for t, text in ((first, (one, other)[first]), (second, (one, other)[second])))
    at_a, at_b, skipped = shared_seeds(texts, first, second, boilerplate)
    if identical:
        stretches, aligned = _whole(x, y)
    else:
        told = [(track, moved, False) for track, moved in in_line(tracks(at_a[~skipped], at_b[~skipped], gap))]
        told += [(track, moved, True) for track, moved in in_line(tracks(at_a[skipped], at_b[skipped], gap))]
        stretches, aligned = _aligned(x, y, told)
    if first:
        stretches, aligned = [_turned_stretch(s) for s in stretches], [_turned(s) for s in aligned]
        x, y = y, x
    word = relation(coverage, coverage[::-1])
    sides = [
        Side(
            n_letters=int(texts.n_letters[t]),
            story_letters=int(story_letters[t]),
            covered=int(covered[t]),
            coverage=int(coverage[t]) / 1000,
            covered_with_boilerplate=int(all_covered[t]),
            coverage_with_boilerplate=int(all_coverage[t]) / 1000,
            relation="identical" if identical else str(word[t]),
            boilerplate=tuple(text.span(start, end) for start, end in _ranges(text.aside)),
        )
        for t, text in enumerate((x, y))
    ]
    return Pair(
        identical=identical,
        n_seeds=int((~skipped).sum()),
        n_boilerplate_seeds=int(skipped.sum()),
        sides=(sides[0], sides[1]),
        stretches=tuple(sorted(stretches, key=lambda s: (s.start, s.other_start))),
        aligned=tuple(sorted(aligned, key=lambda s: (s.start, s.other_start))),
    )


def _seeded(one: str, other: str) -> tuple[Texts, bool, int]:
    """Both texts with their seeds; whether their letters are equal; which of them is numbered first, as finding does it."""
    batch = pa.record_batch({"text": pa.array([t.encode("utf-8", "replace").decode() for t in (one, other)], pa.large_utf8())})
    table = seed(batch)
    seeds, bounds = numbers(table.column("seeds"))
    n_letters = table.column("n_letters").to_numpy()
    length, digest = table.column("length").to_pylist(), table.column("digest").to_pylist()
    identical = digest[0] == digest[1] and n_letters[0] == n_letters[1] > 0
    first = min((0, 1), key=lambda t: (-length[t], digest[t], t))
    return Texts(seeds, bounds[:-1], bounds[1:], n_letters), bool(identical), first


def shared_seeds(texts: Texts, a: int, b: int, boilerplate: NDArray[np.uint64]) -> tuple[Index, Index, Flags]:
    """The seeds that two texts share, in order of `b`: the place in `a` (its first), that in `b`, whether it is boilerplate."""
    seeds_a, seeds_b = (texts.seeds[texts.starts[t] : texts.ends[t]] for t in (a, b))
    hashes_a, where = np.unique(seeds_a >> kernels.PLACE_BITS, return_index=True)
    hashes_b = seeds_b >> kernels.PLACE_BITS
    _, _, found = np.intersect1d(hashes_a, hashes_b, return_indices=True)
    at = np.flatnonzero(np.isin(hashes_b, hashes_b[found]))
    at_a = seeds_a[where[np.searchsorted(hashes_a, hashes_b[at])]] & kernels.PLACE
    return at_a.astype(np.int64), (seeds_b[at] & kernels.PLACE).astype(np.int64), np.isin(hashes_b[at], boilerplate)


def tracks(at_a: Index, at_b: Index, gap: int = GAP) -> list[Track]:
    """Shared seeds as tracks, in order of their start in the second text, as `kernels.chain` makes them."""
    made: list[Track] = []
    for a, b in zip(at_a.tolist(), at_b.tolist(), strict=True):
        best, best_cost = None, 1 << 40
        for track in made[: -kernels.TRACKS_BACK - 1 : -1]:
            da, db = a - track[-1][0], b - track[-1][1]
            off = abs(da - db)
            if 0 < da <= gap and db <= gap and off <= 16 + max(da, db) // 4 and off + db < best_cost:
                best, best_cost = track, off + db
        if best is None:
            made.append([(a, b)])
        else:
            best.append((a, b))
    return made


def in_line(made: list[Track]) -> list[tuple[Track, bool]]:
    """The tracks that count, as `kernels.chain` keeps them: those in one order, and those long enough to be moved blocks.

    In order of their start in the second text; whether each is out of line.
    """
    own = [track[-1][1] - track[0][1] + K for track in made]
    score, before = own[:], [-1] * len(made)
    for i, track in enumerate(made):
        for j in range(i - 1, max(-1, i - 1 - kernels.LINE_BACK), -1):
            (end_a, end_b), (start_a, start_b) = made[j][-1], track[0]
            if end_a <= start_a and end_b <= start_b and score[j] + own[i] > score[i]:
                score[i], before[i] = score[j] + own[i], j
    line = set()
    at = score.index(max(score)) if made else -1
    while at >= 0:
        line.add(at)
        at = before[at]
    return [(track, i not in line) for i, track in enumerate(made) if i in line or own[i] >= MOVED]


def places_of_boilerplate(texts: Texts, text: int, boilerplate: NDArray[np.uint64]) -> list[tuple[int, int]]:
    """Where the boilerplate of a text is, in letters: what `Texts.story_letters` leaves out of the count."""
    seeds = texts.seeds[texts.starts[text] : texts.ends[text]]
    at = (seeds[np.isin(seeds >> kernels.PLACE_BITS, boilerplate)] & kernels.PLACE).astype(np.int64)
    bridge, border, n = K + W, W // 2, int(texts.n_letters[text])
    found: list[tuple[int, int]] = []
    reached = 0
    for place in at.tolist():
        if place - reached <= bridge:
            start = found.pop()[0] if found else 0
        else:
            start = place - border
            if found:
                found[-1] = found[-1][0], reached + border
        reached = place + K
        found.append((start, reached))
    if found:
        found[-1] = found[-1][0], n if n - reached <= bridge else reached + border
    return found


def _aligned(x: _Text, y: _Text, told: list[tuple[Track, bool, bool]]) -> tuple[list[Stretch], list[Aligned]]:
    """Tracks (out of line or not, of boilerplate or not) as stretches, and the runs of equal letters on them."""
    stretches: list[Stretch] = []
    aligned: list[Aligned] = []
    taken_x, taken_y = np.zeros(len(x), bool), np.zeros(len(y), bool)
    for of_boilerplate in (False, True):
        for out_of_line in (False, True):
            floor = (0, 0)
            for track, moved, kind in told:
                if (moved, kind) != (out_of_line, of_boilerplate):
                    continue
                runs = _runs(x, y, track, (0, 0) if moved else floor)
                if not runs:
                    continue
                (a, b, _), (last_a, last_b, n) = runs[0], runs[-1]
                floor = last_a + n, last_b + n
                if not kind:
                    stretches.append(Stretch(*x.span(a, floor[0]), *y.span(b, floor[1]), len(track), moved))
                for run in runs:
                    for (p, q, size), aside in _parts(x, y, run):
                        if kind and not aside:
                            continue
                        for at, end in _ranges(~(taken_x[p : p + size] & taken_y[q : q + size])):
                            p_at, q_at, left = _whole_characters(x, y, p + at, q + at, end - at)
                            if left:
                                spans = *x.span(p_at, p_at + left), *y.span(q_at, q_at + left)
                                aligned.append(Aligned(*spans, left, aside, moved))
                                taken_x[p_at : p_at + left] = taken_y[q_at : q_at + left] = True
                                x.aside[p_at : p_at + left] = y.aside[q_at : q_at + left] = aside
    return stretches, aligned


def _whole(x: _Text, y: _Text) -> tuple[list[Stretch], list[Aligned]]:
    """The same for two texts of equal letters."""
    x.aside |= y.aside
    y.aside |= x.aside
    runs = [(at, end, aside) for aside in (False, True) for at, end in _ranges(x.aside == aside)]
    aligned = []
    for at, end, aside in runs:
        start, _, left = _whole_characters(x, y, at, at, end - at)
        if left:
            aligned.append(Aligned(*x.span(start, start + left), *y.span(start, start + left), left, aside, moved=False))
    return [Stretch(*x.span(0, len(x)), *y.span(0, len(y)), 0, moved=False)], aligned


def _runs(x: _Text, y: _Text, track: Track, floor: tuple[int, int]) -> list[Run]:
    """The runs of equal letters of a track that begin at `floor` or after, each as long as it goes, in order.

    Before the first and after the last there may be less than what always has a seed.
    """
    runs: list[Run] = []
    first = floor
    for a, b in track:
        passed = max(floor[0] - a, floor[1] - b, 0)
        here = K - passed
        p, q = a + passed, b + passed
        if here <= 0 or not np.array_equal(x.letters[p : p + here], y.letters[q : q + here]):  # had already, or hashes collide
            continue
        back = _equal(x.letters[floor[0] : p][::-1], y.letters[floor[1] : q][::-1])
        more = _equal(x.letters[p + here :], y.letters[q + here :])
        run = _words(x, y, (p - back, q - back, back + here + more))
        if not run[2]:
            continue
        if runs:
            runs += _between(x, y, floor, run)
        runs.append(run)
        floor = run[0] + run[2], run[1] + run[2]
    if not runs:
        return []
    a, b, _ = runs[0]
    before = _between(x, y, (max(first[0], a - UNSEEN), max(first[1], b - UNSEEN)), runs[0])
    after = _between(x, y, floor, (min(floor[0] + UNSEEN, len(x)), min(floor[1] + UNSEEN, len(y)), 0))
    return before + runs + after


def _between(x: _Text, y: _Text, floor: tuple[int, int], run: Run) -> list[Run]:
    """The runs of equal words from the end of one run to the next, which an edit on either side has parted."""
    from rapidfuzz.distance import Indel

    known: dict[bytes, int] = {}
    words, starts = [], []
    for text, start, end in ((x, floor[0], run[0]), (y, floor[1], run[1])):
        at = (start + np.flatnonzero(text.begins[start : end + 1])).tolist()  # no word that the ends cut
        starts.append(at)
        words.append([known.setdefault(text.letters[i:j].tobytes(), len(known)) for i, j in pairwise(at)])
    runs = []
    for block in Indel.opcodes(words[0], words[1]):
        if block.tag == "equal":
            a, b = starts[0][block.src_start], starts[1][block.dest_start]
            n = starts[0][block.src_end] - a
            if n >= LEAST_RUN:
                runs.append((a, b, n))
    return runs


def _words(x: _Text, y: _Text, run: Run) -> Run:
    """A run without the parts of words at its ends that are alike by chance; as it is where no word begins near."""
    a, b, n = run
    starts = np.flatnonzero(x.begins[a : a + min(n, WORD) + 1] & y.begins[b : b + min(n, WORD) + 1])
    skip = int(starts[0]) if len(starts) else 0
    a, b, n = a + skip, b + skip, n - skip
    back = min(n, WORD)
    ends = np.flatnonzero(x.begins[a + n - back : a + n + 1] & y.begins[b + n - back : b + n + 1])
    return a, b, n - (back - int(ends[-1]) if len(ends) else 0)


def _parts(x: _Text, y: _Text, run: Run) -> list[tuple[Run, bool]]:
    """A run cut where boilerplate begins and ends, and whether each part is boilerplate.

    It is in both texts, then, for seeds are boilerplate in all texts or in none; in one of them alone it is the width of its
    border, which is known to half a window only. So a part too short for a seed that hangs on boilerplate goes with it.
    """
    a, b, n = run
    aside = x.aside[a : a + n] & y.aside[b : b + n]
    if aside.any():
        for start, end in _ranges(~aside):
            if end - start < K:
                aside[start:end] = True
    return [((a + i, b + i, j - i), kind) for kind in (False, True) for i, j in _ranges(aside == kind)]


def _whole_characters(x: _Text, y: _Text, a: int, b: int, n: int) -> Run:
    """A run without the letters at its ends that are a part of what a character folds to."""
    while n and any(at and text.places[at] == text.places[at - 1] for text, at in ((x, a), (y, b))):
        a, b, n = a + 1, b + 1, n - 1
    while n and any(at < len(text) and text.places[at] == text.places[at - 1] for text, at in ((x, a + n), (y, b + n))):
        n -= 1
    return a, b, n


def _equal(x: Bytes, y: Bytes) -> int:
    """How many letters are equal from the beginning."""
    n = min(len(x), len(y))
    at, step = 0, 64
    while at < n:
        differ = np.flatnonzero(x[at : min(at + step, n)] != y[at : min(at + step, n)])
        if len(differ):
            return at + int(differ[0])
        at, step = at + step, step * 2
    return n


def _ranges(flags: Flags) -> list[tuple[int, int]]:
    """Start and end of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _nearest(words: Index, at: int) -> int:
    """The beginning of a word that is nearest to a letter, if it is half a window away at most; else the letter."""
    i = int(np.searchsorted(words, at))
    near = min((int(words[j]) for j in (i - 1, i) if 0 <= j < len(words)), key=lambda word: abs(word - at), default=at)
    return near if abs(near - at) <= W // 2 else at


def _turned(span: Aligned) -> Aligned:
    """The same, seen from the other text."""
    places = span.other_start, span.other_end, span.start, span.end
    return Aligned(*places, span.n_letters, span.boilerplate, span.moved)


def _turned_stretch(stretch: Stretch) -> Stretch:
    places = stretch.other_start, stretch.other_end, stretch.start, stretch.end
    return Stretch(*places, stretch.n_seeds, stretch.moved)
