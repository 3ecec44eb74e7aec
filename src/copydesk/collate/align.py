"""Two rows of tokens aligned: anchors on shared runs, dynamic programming between them.

Anchors are shared runs that begin with tokens which stand together once in either row (patience diff), chained by the heaviest
rising sequence, so that a moved block loses to what stays in order. Between two anchors the same is done again; what is left
is aligned token by token with affine gaps (Gotoh 1982), where tokens that are spelt alike count as substitutes: a short
stretch whole, a long one from its ends onward, as far as it convinces.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Container, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from rapidfuzz import fuzz, process

from copydesk.collate.slide import GRAM, Row

if TYPE_CHECKING:
    from copydesk.model import Index

# Tokens `[i, i + length)` of one row beside tokens `[j, j + length)` of another.
Run = tuple[int, int, int]
# Where there is still something to align: tokens `[i, i_end)` of one row and `[j, j_end)` of another.
Stretch = tuple[int, int, int, int]

# A run of k tokens shared by two unrelated rows of n and m tokens is as good as excluded for n * m up to:
CHANCE = ((3, 4_000), (4, 40_000), (5, 400_000), (6, 100_000_000), (8, 1 << 62))
# Spelling is compared of words of so many letters; longer ones are equal or not.
LONGEST_SPELT = 64

# Scores of the dynamic programme, in hundredths of a short word.
OPEN, EXTEND, DIFFERENT = 120, 10, -60
NEVER = -(1 << 40)
FEW = 30  # cells up to which one word at a time is compared faster than all at once
# A stretch of at least so many tokens has to convince: chance makes matches enough in two unrelated texts of that length.
LONG = 8
WINDOW = 16  # tokens of a long stretch that are aligned at a time ...
CROWDED = 64  # cells of a window from which its equal words have to promise more than nothing
BEYOND = 4  # ... of which so many see what follows
WIDEST = 64  # tokens of a stretch that are paired each with the one in its place
DROP = 30.0  # bits below the highest sum at which a long stretch is given up
MANY = 4
UNLIKE, ALIKE, GAP = 5.0, 2.0, 3.0  # bits that unlike words, words spelt alike, and a gap tell of two stretches being one text
BLOCK = 16  # tokens compared at a time
# Bits against a gap, by the tokens from the pair before it to the pair after it in either row.
DEARTH = [[GAP + math.log2(i * j) if i * j > 1 else 0.0 for j in range(WINDOW + 1)] for i in range(WINDOW + 1)]


class Vocabulary(NamedTuple):
    """The words that keys number, and how many bits an equal pair of each is worth: how rare it is in the copies, at most 8."""

    words: list[str]
    bits: list[float]


def vocabulary(words: list[str], every: Index) -> Vocabulary:
    """The vocabulary of all keys of the copies."""
    count = np.bincount(every, minlength=len(words))
    return Vocabulary(words, np.minimum(8.0, np.log2(max(1, len(every)) / np.maximum(1, count))).tolist())


class Guide:
    """A row that others are aligned to, and where in it each run of `GRAM` keys stands: one place, or several in order."""

    def __init__(self, row: Row) -> None:
        self.keys = row.keys
        self.places = _places(row.grams)


def align(guide: Guide, row: Row, vocabulary: Vocabulary) -> list[Run]:
    """The tokens of the guide that those of a row stand for: runs that rise in both, each as long as it goes.

    A token may stand for a different one: a substitution.
    """
    a, b = guide.keys, row.keys
    runs: list[Run] = []
    stretches = _between([], (0, len(a), 0, len(b)))
    while stretches:
        i, i_end, j, j_end = stretches.pop()
        if a[i] == b[j]:
            length = _equal(a, b, (i, i_end, j, j_end))
            runs.append((i, j, length))
            i, j = i + length, j + length
        end = i_end
        while i < i_end and j < j_end and a[i_end - 1] == b[j_end - 1]:
            i_end, j_end = i_end - 1, j_end - 1
        if i_end < end:
            runs.append((i_end, j_end, end - i_end))
        n, m = i_end - i, j_end - j
        if not n or not m:
            continue
        at_start, at_end = i == 0 or j == 0, i_end == len(a) or j_end == len(b)
        inside = not (at_start or at_end)
        if n == m and inside and (n == 1 or _side_by_side(a[i:i_end], b[j:j_end])):
            runs.append((i, j, n))
            continue
        if n == 1 or m == 1:
            if inside:
                runs += [(i + x, j + y, 1) for x, y in _single(a[i:i_end], b[j:j_end], vocabulary.words)]
                continue
            # at an end: one word for another, or one of which the other is cut off
            x, y, part = (i, j, str.startswith) if at_end else (i_end - 1, j_end - 1, str.endswith)
            if n == m or _is_part(vocabulary.words[a[x]], vocabulary.words[b[y]], part):
                runs.append((x, y, 1))
                continue
        anchors = _anchors(guide, row, (i, i_end, j, j_end), vocabulary) if min(n, m) > 2 else []
        if anchors:
            runs += anchors
            stretches += _between(anchors, (i, i_end, j, j_end))
        elif max(n, m) < LONG:
            score = _scores(a[i:i_end], b[j:j_end], vocabulary.words)
            runs += [(i + x, j + y, 1) for x, y in _programme(score, at_start, at_end)]
        else:
            found = _from_both_ends(a[i:i_end], b[j:j_end], vocabulary, from_start=not at_start, from_end=not at_end)
            runs += [(i + x, j + y, 1) for x, y in found]
            if found and inside:
                stretches += _between([(i + x, j + y, 1) for x, y in found], (i, i_end, j, j_end))
            elif inside and n == m <= WIDEST and _abreast(a[i:i_end], b[j:j_end], vocabulary):
                runs.append((i, j, n))
    return _joined(runs)


def _equal(a: list[int], b: list[int], stretch: Stretch) -> int:
    """How many tokens from the first of a stretch are equal."""
    i, i_end, j, j_end = stretch
    most = min(i_end - i, j_end - j)
    n = 0
    while n < most and a[i + n : i + n + BLOCK] == b[j + n : j + n + BLOCK]:
        n += BLOCK
    while n < most and a[i + n] == b[j + n]:
        n += 1
    return min(n, most)


def _joined(runs: list[Run]) -> list[Run]:
    """The runs in order, those that go on in one another made one."""
    runs.sort()
    joined: list[Run] = []
    for i, j, length in runs:
        if joined:
            x, y, before = joined[-1]
            if x + before == i and y + before == j:
                joined[-1] = (x, y, before + length)
                continue
        joined.append((i, j, length))
    return joined


def _side_by_side(a: list[int], b: list[int]) -> bool:
    """Whether two stretches of one length are surely best aligned word for word, with no gap.

    Another alignment has two gaps at least, and one pair less; words that the other stretch lacks gain less than 40 by being
    alike there. So up to three unequal pairs, of words that `a` lacks, cost no more than they might gain.
    """
    unequal = [y for x, y in zip(a, b, strict=True) if x != y]
    return len(unequal) <= 3 and set(a).isdisjoint(unequal)


def _abreast(a: list[int], b: list[int], vocabulary: Vocabulary) -> bool:
    """Whether more words are equal, each to the one in its place, than chance makes so in two stretches of one length."""
    equal = [x for x, y in zip(a, b, strict=True) if x == y]
    choices = math.log2(math.comb(len(a), len(equal)))
    return sum(vocabulary.bits[key] for key in equal) - choices > _chance(len(a) * len(b))


def _chance(cells: int) -> float:
    """Bits that it takes for a match in a stretch of so many cells to be none of chance."""
    return GAP + math.log2(cells)


def _is_part(word: str, other: str, part: Callable[[str, str], bool]) -> bool:
    """Whether one of two words is the beginning (or the end) of the other, as where a text breaks off within a word."""
    return part(word, other) or part(other, word)


def _anchors(guide: Guide, row: Row, stretch: Stretch, vocabulary: Vocabulary) -> list[Run]:
    """Runs of equal tokens within a stretch, rising in both rows and apart from one another, that are none of chance.

    They begin with tokens that stand together once in either row of the stretch, and are `k` tokens long or of words as rare.
    """
    i, i_end, j, j_end = stretch
    cells = (i_end - i) * (j_end - j)
    k = next(k for k, most in CHANCE if cells <= most)
    needed = _chance(cells)

    def telling(run: Run) -> bool:
        x, _, length = run
        return length >= k or sum([vocabulary.bits[key] for key in guide.keys[x : x + length]]) > needed

    runs = list(filter(telling, _hits(guide, row, stretch)))
    if any(x < before + length for (before, _, length), (x, _, _) in pairwise(runs)):  # some stand twice in the row
        ranked = np.sort(np.array(row.grams[j : j_end - GRAM + 1], np.uint64))
        twice = set(ranked[1:][ranked[1:] == ranked[:-1]].tolist())
        runs = list(filter(telling, _hits(guide, row, stretch, twice)))
    return _chain(runs) if len(runs) > 1 else runs


def _hits(guide: Guide, row: Row, stretch: Stretch, but: Container[int] = ()) -> list[Run]:
    """Runs of equal tokens that begin with `GRAM` of them which stand once in the guide's part, but for those named."""
    i, i_end, y, j_end = stretch
    places, grams, last, y_end = guide.places, row.grams, i_end - GRAM, j_end - GRAM + 1
    runs = []
    while y < y_end:
        gram = grams[y]
        if gram not in places:
            y += 1
            continue
        x = places[gram]
        if not isinstance(x, int):
            at = bisect_left(x, i)
            x = x[at] if at < len(x) and (at + 1 == len(x) or x[at + 1] > last) else -1
        if i <= x <= last and gram not in but:
            length = _equal(guide.keys, row.keys, (x, i_end, y, j_end))
            runs.append((x, y, length))
            y += max(1, length - GRAM + 1)
        else:
            y += 1
    return sorted(runs)


def _places(grams: list[int]) -> dict[int, int | list[int]]:
    """Where each run of `GRAM` keys stands."""
    last = dict(zip(grams, range(len(grams)), strict=True))
    places = cast("dict[int, int | list[int]]", last)
    if len(last) < len(grams):
        several = defaultdict(list)
        for at in [at for at, gram in enumerate(grams) if last[gram] != at]:
            several[grams[at]].append(at)
        for gram, before in several.items():
            places[gram] = [*before, last[gram]]
    return places


def _chain(runs: list[Run]) -> list[Run]:
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
    chain: list[Run] = []
    at = tops[-1]
    while at >= 0:
        chain.append(runs[at])
        at = before[at]
    apart: list[Run] = []
    i_free = j_free = 0
    for i, j, length in reversed(chain):
        cut = max(0, i_free - i, j_free - j)
        if cut < length:
            apart.append((i + cut, j + cut, length - cut))
            i_free, j_free = i + length, j + length
    return apart


def _between(runs: list[Run], stretch: Stretch) -> list[Stretch]:
    """The stretches before, between and after runs within a stretch, where both rows have something left."""
    x, x_end, y, y_end = stretch
    stretches = []
    for i, j, length in [*runs, (x_end, y_end, 0)]:
        if x < i and y < j:
            stretches.append((x, i, y, j))
        x, y = i + length, j + length
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


def _from_both_ends(
    a: list[int], b: list[int], vocabulary: Vocabulary, *, from_start: bool, from_end: bool
) -> list[tuple[int, int]]:
    """The pairs of a long stretch that convince, going out from the pair before it, and from the one after it.

    Where the two cross, the one that convinces more goes first.
    """
    fore, worth = _follow(a, b, vocabulary) if from_start else ([], 0.0)
    i, j = (fore[-1][0] + 1, fore[-1][1] + 1) if fore else (0, 0)
    if not from_end or max(len(a) - i, len(b) - j) < LONG:
        return fore
    back, worth_back = _follow(a[::-1], b[::-1], vocabulary)
    pairs = [(len(a) - 1 - x, len(b) - 1 - y) for x, y in reversed(back)]
    if not pairs or not fore or (pairs[0][0] >= i and pairs[0][1] >= j):
        return fore + pairs
    if worth >= worth_back:
        back, _ = _follow(a[i:][::-1], b[j:][::-1], vocabulary)
        return fore + [(len(a) - 1 - x, len(b) - 1 - y) for x, y in reversed(back)]
    fore, _ = _follow(a[: pairs[0][0]], b[: pairs[0][1]], vocabulary)
    return fore + pairs


def _follow(a: list[int], b: list[int], vocabulary: Vocabulary) -> tuple[list[tuple[int, int]], float]:
    """The pairs of two stretches that begin beside a pair, as far as they are better than chance, and by how many bits.

    Each pair of equal words counts by its rarity in bits, each unequal one against; a gap counts against with the number of
    places that were looked through, in bits. What follows the highest sum is dropped (as BLAST ends an extension). Two
    unrelated texts have common words in common, and rare ones far apart: their sum falls below nothing at once.

    A window is aligned at a time: one that breaks off makes its last pairs without seeing what follows, so they are made again.
    """
    pairs: list[tuple[int, int]] = []
    kept = i = j = 0
    total = high = 0.0
    while i < len(a) and j < len(b) and total > high - DROP:
        near, far = a[i : i + WINDOW], b[j : j + WINDOW]
        if not pairs and not _promising(near, far, vocabulary):
            break
        scores = _scores(near, far, vocabulary.words)
        seen = [WINDOW - BEYOND if at + WINDOW < len(row) else WINDOW for at, row in ((i, a), (j, b))]
        before = (-1, -1)
        for x, y in _programme(scores, free_start=False, free_end=True):
            if x >= seen[0] or y >= seen[1]:
                break
            total -= DEARTH[x - before[0]][y - before[1]]
            total += vocabulary.bits[near[x]] if near[x] == far[y] else ALIKE if scores[x][y] > 0 else -UNLIKE
            before = (x, y)
            pairs.append((i + x, j + y))
            if total > high:
                high, kept = total, len(pairs)
        if before == (-1, -1):
            break
        i, j = i + before[0] + 1, j + before[1] + 1
    return pairs[:kept], high


def _promising(a: list[int], b: list[int], vocabulary: Vocabulary) -> bool:
    """Whether an alignment of two windows might convince: the first words are alike, or a chain of equal words does."""
    if _score(vocabulary.words[a[0]], vocabulary.words[b[0]]) > 0:
        return True
    shared = set(a).intersection(b)
    if not shared:
        return False
    enough = GAP if len(a) * len(b) > CROWDED else 0.0
    chains: list[tuple[int, int, float]] = [(-1, -1, 0.0)]  # the last pair of a chain, and what it is worth
    for i, key in enumerate(a):
        if key not in shared:
            continue
        ending = []
        for j, other in enumerate(b):
            if other == key:
                worth = max(high - DEARTH[i - x][j - y] for x, y, high in chains if y < j) + vocabulary.bits[key]
                if worth > enough:
                    return True
                ending.append((i, j, worth))
        chains += ending
    return False


def _programme(score: list[list[int]], free_start: bool, free_end: bool) -> list[tuple[int, int]]:
    """The best global alignment with affine gaps, as pairs `(i, j)`; gaps at a free end cost nothing (semi-global).

    `score[i][j]` is how well token `i` of the one stands for token `j` of the other. Gotoh's three states, cell by cell.
    """
    n, m = len(score), len(score[0])
    edge = 0 if free_start else -1
    above = [0] + [edge * (OPEN + j * EXTEND) for j in range(1, m + 1)]  # best score of a[:i] against b[:j]
    last = [above[m]]
    down, down_from = [NEVER] * m, [0] * m  # ... that ends in a gap in b, and the row it begins in
    come: list[list[int]] = []  # where the best comes from: 0 a pair, a row above + 1, or a column to the left - m - 1
    for i, costs in enumerate(score):
        diagonal, left = above[0], edge * (OPEN + (i + 1) * EXTEND)
        row, came = [left], []
        right, right_from = NEVER, 0
        for j, cost in enumerate(costs):
            value = diagonal + cost
            diagonal = above[j + 1]
            source = 0
            lower = down[j]
            if diagonal - OPEN >= lower:
                lower, down_from[j] = diagonal - OPEN, i
            down[j] = lower = lower - EXTEND
            if lower > value:
                value, source = lower, down_from[j] + 1
            if left - OPEN >= right:
                right, right_from = left - OPEN, j
            right -= EXTEND
            if right > value:
                value, source = right, right_from - m - 1
            row.append(value)
            came.append(source)
            left = value
        above = row
        last.append(left)
        come.append(came)
    i, j = n, m
    if free_end:
        i, j = last.index(max(last)), above.index(max(above))
        i, j = (i, m) if last[i] >= above[j] else (n, j)
    pairs = []
    while i and j:
        source = come[i - 1][j - 1]
        if source > 0:
            i = source - 1
        elif source < 0:
            j = source + m + 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


def _score(word: str, other: str) -> int:
    """How well a word stands for another: by length where equal, by spelling where not."""
    if word == other:
        return 80 + 15 * min(len(word), 6)
    if len(word) > LONGEST_SPELT or len(other) > LONGEST_SPELT:
        return DIFFERENT
    alike = int(fuzz.ratio(word, other, score_cutoff=50))  # 0 below
    return DIFFERENT + 2 * (alike - 50) if alike else DIFFERENT  # from -60 at half the letters to +40 at all but one of many


def _scores(a: list[int], b: list[int], words: Sequence[str]) -> list[list[int]]:
    """`_score` of each token of `a` with each of `b`: `n` rows of `m`."""
    a_words, b_words = [words[key] for key in a], [words[key] for key in b]
    if len(a) * len(b) <= FEW or max(map(len, a_words)) > LONGEST_SPELT or max(map(len, b_words)) > LONGEST_SPELT:
        return [[_score(x, y) for y in b_words] for x in a_words]
    alike = process.cdist(a_words, b_words, scorer=fuzz.ratio, dtype=np.float64).astype(np.int64)
    equal = np.array([_score(word, word) for word in b_words])
    scores: list[list[int]] = np.where(alike == 100, equal, DIFFERENT + 2 * np.maximum(alike - 50, 0)).tolist()
    return scores
