"""Two rows of tokens aligned: anchors on shared runs, dynamic programming between them.

Anchors are runs of `k` tokens that occur once in either row (patience diff), chained by the heaviest rising sequence, so that
a moved block loses to what stays in order. Between two anchors the same is done again with a smaller `k`; what is left is
aligned token by token with affine gaps (Gotoh 1982), where tokens that are spelt alike count as substitutes.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

if TYPE_CHECKING:
    from copydesk.model import Index

    Scores = list[list[int]] | np.ndarray

# A run of k tokens shared by two unrelated rows of n and m tokens is as good as excluded for n * m up to:
CHANCE = ((3, 4_000), (4, 40_000), (5, 400_000), (6, 100_000_000), (8, 1 << 62))
# Above so many cells a stretch without a single anchor is two different texts, not one text altered.
MOST_CELLS = 1_000_000
# Spelling is compared up to so many cells and letters; beyond, tokens are equal or not.
MOST_SPELT, LONGEST_SPELT = 10_000, 64

# Scores of the dynamic programme, in hundredths of a short word.
OPEN, EXTEND, DIFFERENT = 120, 10, -60
NEVER = -(1 << 40)
SMALL = 30  # cells up to which plain Python is faster than numpy
# A stretch of at least so many tokens has to convince: chance makes matches enough in two unrelated texts of that length.
LONG = 8
MANY = 4
UNLIKE, ALIKE, GAP = 5.0, 2.0, 3.0  # bits that unlike words, words spelt alike, and a gap tell of two stretches being one text


class Vocabulary(NamedTuple):
    """The words that keys number, and how many bits an equal pair of each is worth: how rare it is in the copies, at most 8."""

    words: list[str]
    bits: list[float]


def vocabulary(words: list[str], rows: Sequence[Index]) -> Vocabulary:
    """The vocabulary of rows of keys."""
    every = np.concatenate(rows)
    count = np.bincount(every, minlength=len(words))
    return Vocabulary(words, np.minimum(8.0, np.log2(max(1, len(every)) / np.maximum(1, count))).tolist())


class Guide:
    """A row that others are aligned to, with what is needed of it each time."""

    def __init__(self, row: Index) -> None:
        self.row, self.keys = row, row.tolist()
        self._once: dict[int, tuple[np.ndarray, Index]] = {}

    def once(self, k: int) -> tuple[np.ndarray, Index]:
        """The runs of `k` keys that occur once in the row, as hashes in order, and where."""
        if k not in self._once:
            self._once[k] = _once(grams(self.row, k))
        return self._once[k]


def align(guide: Guide, b: Index, vocabulary: Vocabulary) -> Index:
    """For each token of `b` the token of the guide it stands for, or -1: a rising sequence.

    Rows hold keys, numbers of the vocabulary. A token may stand for a different one: a substitution.
    """
    partner = np.full(len(b), -1, np.int64)
    a_keys, b_keys = guide.keys, b.tolist()
    stretches = [(0, len(a_keys), 0, len(b_keys))]
    while stretches:
        i, i_end, j, j_end = stretches.pop()
        while i < i_end and j < j_end and a_keys[i] == b_keys[j]:
            partner[j] = i
            i, j = i + 1, j + 1
        while i < i_end and j < j_end and a_keys[i_end - 1] == b_keys[j_end - 1]:
            i_end, j_end = i_end - 1, j_end - 1
            partner[j_end] = i_end
        n, m = i_end - i, j_end - j
        if not n or not m:
            continue
        at_start, at_end = i == 0 or j == 0, i_end == len(a_keys) or j_end == len(b_keys)
        if n == m and not (at_start or at_end) and (n == 1 or (n < 4 and set(a_keys[i:i_end]).isdisjoint(b_keys[j:j_end]))):
            partner[j:j_end] = range(i, i_end)
            continue
        if (n == 1 or m == 1) and not (at_start or at_end):
            for x, y in _single(a_keys[i:i_end], b_keys[j:j_end], vocabulary.words):
                partner[j + y] = i + x
            continue
        if n == 1 or m == 1:  # at an end: one word for another, or one of which the other is cut off
            x, y, part = (i, j, str.startswith) if at_end else (i_end - 1, j_end - 1, str.endswith)
            if n == m or _is_part(vocabulary.words[a_keys[x]], vocabulary.words[b_keys[y]], part):
                partner[y] = x
                continue
        runs = _anchors(guide, (i, i_end), b[j:j_end]) if n * m > 64 else []
        if runs:
            stretches += _between(runs, partner, (i, i_end, j, j_end))
        elif n * m <= MOST_CELLS:
            score = _scores(a_keys[i:i_end], b_keys[j:j_end], vocabulary.words)
            programme = _small_programme if n * m <= SMALL else _programme
            pairs = programme(score, at_start, at_end)
            if max(n, m) >= LONG:
                near, far = a_keys[i:i_end], b_keys[j:j_end]
                pairs = _convincing(pairs, near, far, vocabulary, from_start=not at_start, from_end=not at_end)
            for x, y in pairs:
                partner[j + y] = i + x
    return partner


def _is_part(word: str, other: str, part: Callable[[str, str], bool]) -> bool:
    """Whether one of two words is the beginning (or the end) of the other, as where a text breaks off within a word."""
    return part(word, other) or part(other, word)


def grams(keys: Index, k: int) -> np.ndarray:
    """A 64-bit hash of each run of `k` keys, shape `(max(0, n - k + 1),)`."""
    n = len(keys) - k + 1
    if n <= 0:
        return np.zeros(0, np.uint64)
    values = keys.astype(np.uint64)
    hashes = np.zeros(n, np.uint64)
    for offset in range(k):
        hashes = (hashes + values[offset : offset + n] + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(29)
    return hashes


def _anchors(guide: Guide, within: tuple[int, int], b: Index) -> list[tuple[int, int, int]]:
    """Runs `(i, j, length)` with `a[i:i+length] == b[j:j+length]`, rising in both and apart from one another.

    `a` is the guide `within` its tokens.
    """
    n = within[1] - within[0]
    k = next(k for k, most in CHANCE if n * len(b) <= most)
    whole = n == len(guide.keys)
    a_grams, a_at = guide.once(k) if whole else _once(grams(guide.row[within[0] : within[1]], k))
    b_grams, b_at = _once(grams(b, k))
    if not len(a_grams):
        return []
    near = np.minimum(np.searchsorted(a_grams, b_grams), len(a_grams) - 1)
    same = a_grams[near] == b_grams
    i, j = a_at[near[same]], b_at[same]
    if not len(i):
        return []
    order = np.argsort(i)
    i, j = i[order], j[order]
    breaks = np.flatnonzero((np.diff(i) != 1) | (np.diff(j) != 1)) + 1
    first, last = np.concatenate(([0], breaks)), np.concatenate((breaks, [len(i)])) - 1
    runs = list(zip(i[first].tolist(), j[first].tolist(), (i[last] - i[first] + k).tolist(), strict=True))
    return _chain(runs)


def _once(hashes: np.ndarray) -> tuple[np.ndarray, Index]:
    """The hashes that occur once, sorted, and where."""
    if not len(hashes):
        return hashes, np.zeros(0, np.int64)
    order = np.argsort(hashes)
    ranked = hashes[order]
    new = np.concatenate(([True], ranked[1:] != ranked[:-1], [True]))
    once = new[1:] & new[:-1]
    return ranked[once], order[once]


def _chain(runs: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The heaviest sequence of runs that rises in `i` and in `j`, by weight of length; overlaps go to the earlier run.

    `runs` are in order of `i`. The best chain that ends at or before each `j` is kept as a staircase, so this is n log n.
    """
    starts: list[int] = []  # j of the last run of a chain, rising ...
    weights: list[int] = []  # ... with the weight of that chain, rising too
    tops: list[int] = []  # ... and that last run
    before: list[int] = []
    for at, (_, j, length) in enumerate(runs):
        step = bisect_left(starts, j)
        before.append(tops[step - 1] if step else -1)
        weight = length + (weights[step - 1] if step else 0)
        end = step
        while end < len(starts) and weights[end] <= weight:
            end += 1
        if step < len(starts) and starts[step] == j and weights[step] > weight:
            continue
        starts[step:end], weights[step:end], tops[step:end] = [j], [weight], [at]
    chain: list[tuple[int, int, int]] = []
    at = tops[-1]
    while at >= 0:
        chain.append(runs[at])
        at = before[at]
    apart: list[tuple[int, int, int]] = []
    i_free = j_free = 0
    for i, j, length in reversed(chain):
        cut = max(0, i_free - i, j_free - j)
        if cut < length:
            apart.append((i + cut, j + cut, length - cut))
            i_free, j_free = i + length, j + length
    return apart


def _between(
    runs: list[tuple[int, int, int]], partner: Index, within: tuple[int, int, int, int]
) -> list[tuple[int, int, int, int]]:
    """Writes the runs into `partner`; gives the stretches before, between and after them."""
    i, i_end, j, j_end = within
    stretches = []
    x, y = i, j
    for run_i, run_j, length in runs:
        partner[j + run_j : j + run_j + length] = np.arange(i + run_i, i + run_i + length)
        stretches.append((x, i + run_i, y, j + run_j))
        x, y = i + run_i + length, j + run_j + length
    stretches.append((x, i_end, y, j_end))
    return stretches


def _single(a: list[int], b: list[int], words: Sequence[str]) -> list[tuple[int, int]]:
    """The pair `(i, j)` to match where one of two rows has a single token: the programme's best, gaps counted.

    None where it is unlike every one of many: a word lost beside words added, not one read for another.
    """
    best = (NEVER, 0, 0)
    n = max(len(a), len(b))
    for at in range(n):
        i, j = (at, 0) if len(a) > 1 else (0, at)
        gaps = OPEN if 0 < at < n - 1 else 0
        best = max(best, (_score(words[a[i]], words[b[j]]) - gaps, -i, -j))
    return [(-best[1], -best[2])] if best[0] >= 0 or n < MANY else []


def _small_programme(score: Scores, free_start: bool, free_end: bool) -> list[tuple[int, int]]:
    """`_programme` cell by cell, Gotoh's three states: faster for a handful of tokens."""
    n, m = len(score), len(score[0])
    edge = 0 if free_start else -1
    best = [[0] + [edge * (OPEN + j * EXTEND) for j in range(1, m + 1)]]
    # where the best alignment of a[:i] with b[:j] comes from: the cell before it
    come: list[list[tuple[int, int]]] = [[(0, j - 1) for j in range(m + 1)]]
    down, down_from = [NEVER] * (m + 1), [0] * (m + 1)
    for i in range(1, n + 1):
        row, came = [edge * (OPEN + i * EXTEND)], [(i - 1, 0)]
        right, right_from = NEVER, 0
        above, costs = best[-1], score[i - 1]
        for j in range(1, m + 1):
            if above[j] - OPEN >= down[j]:
                down[j], down_from[j] = above[j] - OPEN, i - 1
            if row[j - 1] - OPEN >= right:
                right, right_from = row[j - 1] - OPEN, j - 1
            down[j] -= EXTEND
            right -= EXTEND
            value, source = above[j - 1] + costs[j - 1], (i - 1, j - 1)
            if down[j] > value:
                value, source = down[j], (down_from[j], j)
            if right > value:
                value, source = right, (i, right_from)
            row.append(value)
            came.append(source)
        best.append(row)
        come.append(came)
    i, j = n, m
    if free_end:
        i = max(range(n + 1), key=lambda x: best[x][m])
        j = max(range(m + 1), key=lambda y: best[n][y])
        i, j = (i, m) if best[i][m] >= best[n][j] else (n, j)
    pairs = []
    while i and j:
        x, y = come[i][j]
        if x == i - 1 and y == j - 1:
            pairs.append((x, y))
        i, j = x, y
    return pairs[::-1]


def _programme(score: Scores, free_start: bool, free_end: bool) -> list[tuple[int, int]]:
    """The best global alignment with affine gaps, as pairs `(i, j)`; gaps at a free end cost nothing (semi-global).

    `score[i][j]` is how well token `i` of the one stands for token `j` of the other. Row by row in numpy: within a row the
    best horizontal gap is a running maximum. Cells n * m, about 20 numpy calls a row.
    """
    n, m = len(score), len(score[0])
    score = np.array(score, np.int64)
    steps = np.arange(m + 1, dtype=np.int64) * EXTEND
    best = np.empty((n + 1, m + 1), np.int64)  # best score of a[:i] against b[:j]
    down = np.empty((n + 1, m + 1), np.int64)  # ... that ends in a gap in b
    still = np.empty((n + 1, m + 1), np.int64)  # ... that does not end in a gap in a
    reach = np.empty((n + 1, m + 1), np.int64)  # running maximum of still + steps
    edge = 0 if free_start else -1
    best[0] = edge * (OPEN + steps)
    best[0, 0] = 0
    down[0] = still[0] = best[0] + NEVER
    reach[0] = NEVER
    for i in range(1, n + 1):
        np.maximum(best[i - 1] - OPEN, down[i - 1], out=down[i])
        down[i] -= EXTEND
        down[i, 0] = edge * (OPEN + i * EXTEND)
        still[i] = down[i]
        np.maximum(still[i, 1:], best[i - 1, :-1] + score[i - 1], out=still[i, 1:])
        np.maximum.accumulate(still[i] + steps, out=reach[i])
        best[i, 0] = still[i, 0]
        np.maximum(still[i, 1:], reach[i, :-1] - OPEN - steps[1:], out=best[i, 1:])

    i, j = n, m
    if free_end:
        right, bottom = int(np.argmax(best[:, m])), int(np.argmax(best[n]))
        i, j = (right, m) if best[right, m] >= best[n, bottom] else (n, bottom)
    pairs = []
    while i and j:
        if best[i, j] == best[i - 1, j - 1] + score[i - 1, j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif best[i, j] == down[i, j]:
            while down[i, j] != best[i - 1, j] - OPEN - EXTEND and i > 1:
                i -= 1
            i -= 1
        else:
            to = j - 1
            while to and still[i, to] + steps[to] != reach[i, j - 1]:
                to -= 1
            j = to
    return pairs[::-1]


def _score(word: str, other: str) -> int:
    """How well a word stands for another: by length where equal, by spelling where not."""
    if word == other:
        return 80 + 15 * min(len(word), 6)
    alike = int(fuzz.ratio(word, other)) if max(len(word), len(other)) <= LONGEST_SPELT else 0
    return DIFFERENT + 2 * max(alike - 50, 0)  # from -60 at half the letters to +40 at all but one of many


def _scores(a: list[int], b: list[int], words: Sequence[str]) -> Scores:
    """`_score` of each token of `a` with each of `b`, `n` rows of `m`; of long stretches without the spelling."""
    a_words, b_words = [words[key] for key in a], [words[key] for key in b]
    if len(a) * len(b) <= SMALL:
        return [[_score(x, y) for y in b_words] for x in a_words]
    score = np.full((len(a), len(b)), DIFFERENT, np.int64)
    if len(a) * len(b) <= MOST_SPELT:
        short = [[word if len(word) <= LONGEST_SPELT else "" for word in row] for row in (a_words, b_words)]
        alike = process.cdist(*short, scorer=fuzz.ratio, dtype=np.float64).astype(np.int64)
        spelt = np.outer([word != "" for word in short[0]], [word != "" for word in short[1]])
        score += 2 * np.maximum(alike * spelt - 50, 0)
    equal = np.array([80 + 15 * min(len(word), 6) for word in b_words], np.int64)
    return np.where(np.array(a)[:, None] == np.array(b)[None, :], equal, score)


def _convincing(
    pairs: list[tuple[int, int]], a: list[int], b: list[int], vocabulary: Vocabulary, *, from_start: bool, from_end: bool
) -> list[tuple[int, int]]:
    """The pairs of a stretch that are better than chance, going out from the anchor before it, and from the one after it.

    Each pair of equal words counts by its rarity in bits, each unequal one against; a gap counts against with the number of
    places that were looked through, in bits. What follows the highest sum is dropped (as BLAST ends an extension). Two
    unrelated texts have common words in common, and rare ones far apart: their sum falls below nothing at once.
    """
    kept: set[tuple[int, int]] = set()
    for wanted, step in ((from_start, 1), (from_end, -1)):
        if not wanted:
            continue
        total = high = 0.0
        cut = 0
        before = (-1, -1) if step == 1 else (len(a), len(b))
        for at, (i, j) in enumerate(pairs[::step], 1):
            places = abs(i - before[0]) * abs(j - before[1])
            total -= GAP + math.log2(places) if places > 1 else 0.0
            if a[i] == b[j]:
                total += vocabulary.bits[a[i]]
            else:
                total += ALIKE if _score(vocabulary.words[a[i]], vocabulary.words[b[j]]) > 0 else -UNLIKE
            before = (i, j)
            if total > high:
                high, cut = total, at
        kept.update(pairs[::step][:cut])
    return sorted(kept)
