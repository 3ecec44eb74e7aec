"""Small places at which three readings or more stand against one another, aligned anew around the one most like the others.

The star of the table is drawn around one guide. Where that guide itself is spoilt, two errors of two copies side by side look
like one difference: of `red old boat`, `red boat` and `old boat`, with the second for a guide, `old` would stand for `red`, and
no word of the whole would have two copies. What the copies have in common at such a place only shows around another of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import LCSseq

if TYPE_CHECKING:
    from copydesk.model import Flags, Index

FEWEST, MOST = 3, 8  # copies: of two there is nothing to tell, and many outvote any error
WIDEST = 8  # loci of a place

Words = tuple[int, ...]
LOST, FOREIGN = 3, 5  # what it takes to explain a word lost, and another put in or put for it
STEPS = sorted(product((0, 1), repeat=3), key=sum, reverse=True)[:-1]  # which of three readings go on by a word: all first


def anew(n_loci: int, loci: Sequence[Index], keys: Sequence[Index]) -> tuple[int, list[Index]]:
    """The table, `n_loci` and the loci of each copy's tokens, whose `keys` are given, with such places aligned anew."""
    sizes = [len(own) for own in loci]
    if not FEWEST <= len(loci) <= MOST or not all(sizes):
        return n_loci, list(loci)
    copy, locus = np.repeat(np.arange(len(loci)), sizes), np.concatenate(loci)
    key = np.concatenate(keys)
    starts, ends = _places(n_loci, loci, locus, key)
    if not len(starts):
        return n_loci, list(loci)
    edges = np.zeros(n_loci + 1, np.int64)
    edges[starts], edges[ends] = 1, -1
    inside = edges.cumsum()[locus].nonzero()[0]
    there = locus[inside]
    mixed = ((key[inside] + 1) * 2654435761 + there * 40503) % 4294967291  # the same word elsewhere is another
    which = _torn(starts.searchsorted(there, "right") - 1, copy[inside], mixed, (len(starts), len(loci)))
    if not which.any():
        return n_loci, list(loci)
    wider = np.zeros(n_loci + 1, np.int64)
    moved: list[tuple[int, int, int, list[int]]] = []  # copy, its first token there, the first locus, the loci beyond that
    for start, end in zip(starts[which].tolist(), ends[which].tolist(), strict=True):
        bounds = [own.searchsorted((start - 1, start, end, end + 1)).tolist() for own in loci]
        reaching = [at for at, (before, first, last, after) in enumerate(bounds) if before < first and last < after]
        if any(first < last and at not in reaching for at, (_, first, last, _) in enumerate(bounds)):
            continue  # where one begins or breaks off
        said = [tuple(keys[at][bounds[at][1] : bounds[at][2]].tolist()) for at in reaching]
        width, placed = _placed(said)
        wider[end] += width - (end - start)
        moved += [(at, bounds[at][1], start, own) for at, own in zip(reaching, placed, strict=True) if own]
    shift = wider.cumsum()
    out = [own + shift[own] for own in loci]
    for at, first, start, own in moved:
        out[at][first : first + len(own)] = start + shift[start] + np.array(own)
    return n_loci + int(shift[-1]), out


def _places(n_loci: int, loci: Sequence[Index], locus: Index, key: Index) -> tuple[Index, Index]:
    """Runs of 2 to `WIDEST` loci `[start, end)` between loci at which all copies that reach them have one word."""
    some = np.zeros(n_loci, np.int64)
    some[locus] = key
    reaching = np.zeros(n_loci + 1, np.int64)
    for own in loci:
        reaching[own[0]] += 1
        reaching[own[-1] + 1] -= 1
    agreed: Flags = np.bincount(locus[key == some[locus]], minlength=n_loci) == reaching.cumsum()[:-1]
    anchors = agreed.nonzero()[0]
    size = anchors[1:] - anchors[:-1] - 1
    inner = ((size >= 2) & (size <= WIDEST)).nonzero()[0]
    return anchors[inner] + 1, anchors[inner + 1]


def _torn(place: Index, copy: Index, mixed: Index, shape: tuple[int, int]) -> Flags:
    """At which of `shape[0]` places `shape[1]` copies have three readings or more, nothing among them.

    Each token has a `place`, a `copy` and a number that tells it from others; a reading is known by the sum of these.
    """
    sums = np.bincount(place * shape[1] + copy, mixed, shape[0] * shape[1]).reshape(shape)
    sums.sort(axis=1)
    torn: Flags = (sums[:, 1:] != sums[:, :-1]).sum(axis=1) >= 2
    return torn


def _placed(said: Sequence[Words]) -> tuple[int, list[list[int]]]:
    """How many loci some readings take, and those of the words of each."""
    times = Counter(said)
    if len(times) == 1:
        return len(said[0]), [list(range(len(words))) for words in said]
    if len(times) == 3:
        three = dict(zip(times, _of_three(list(times), list(times.values())), strict=True))
        return 1 + max(max(placed, default=-1) for placed in three.values()), [three[words] for words in said]
    guide = _guide(times)
    pairs: dict[Words, dict[int, int]] = {}  # of each reading which of its words stands with which of the guide's
    loose: dict[int, dict[Words, tuple[int, int]]] = defaultdict(dict)  # and which stand before which of these
    for words in times:
        pairs[words] = {}
        mine = of_guide = 0
        for block in LCSseq.opcodes(guide, words).as_matching_blocks():  # the last is empty and stands at both ends
            both = min(block.a - of_guide, block.b - mine)  # put one for another
            pairs[words] |= zip(range(mine, mine + both), range(of_guide, of_guide + both), strict=True)
            if block.b - mine > both:
                loose[of_guide + both][words] = (mine + both, block.b)
            mine, of_guide = block.b + block.size, block.a + block.size
            pairs[words] |= zip(range(block.b, mine), range(block.a, of_guide), strict=True)
    if not guide:  # no two have anything in common
        width = max(map(len, times))
        return width, [list(range(len(words))) for words in said]
    own: dict[Words, list[int]] = {words: [0] * len(words) for words in times}
    width = 0
    for slot in range(len(guide) + 1):
        between = loose.get(slot, {})
        if between:
            more, inner = _placed([words[start:end] for words, (start, end) in between.items()])
            for (words, (start, end)), at in zip(between.items(), inner, strict=True):
                own[words][start:end] = [width + locus for locus in at]
            width += more
        for words, paired in pairs.items():
            for mine, of_guide in paired.items():
                if of_guide == slot:
                    own[words][mine] = width
        width += slot < len(guide)
    return width, [own[words] for words in said]


def _of_three(readings: Sequence[Words], times: Sequence[int]) -> list[list[int]]:
    """The loci of the words of three readings, which so many copies have, that take the least to explain.

    At each locus the copies have a word or none, and all but those of one group are in error: they have lost a word, or have
    one that is none of the text, which is as good as two errors, for of all words it had to be this one. Every way to put
    the three side by side is tried (dynamic programming in three dimensions).
    """
    one, two, three = readings
    costs = _costs(tuple(times))
    least = {(0, 0, 0): (0, 0)}  # what it takes to explain so many words of each, and the step that leads there
    for i in range(len(one) + 1):
        for j in range(len(two) + 1):
            for k in range(len(three) + 1):
                a, b, c = one[i - 1 : i], two[j - 1 : j], three[k - 1 : k]
                alike = (a == b) + 2 * (b == c) + 4 * (a == c)
                found = [
                    (least[i - x, j - y, k - z][0] + cost[alike], number)
                    for number, x, y, z, cost in costs
                    if x <= i and y <= j and z <= k
                ]
                if found:
                    least[i, j, k] = min(found)
    i, j, k = len(one), len(two), len(three)
    taken = []
    while i or j or k:
        x, y, z = STEPS[least[i, j, k][1]]
        taken.append((x, y, z))
        i, j, k = i - x, j - y, k - z
    return [[locus for locus, step in enumerate(reversed(taken)) if step[of]] for of in range(3)]


@cache
def _costs(times: tuple[int, ...]) -> list[tuple[int, int, int, int, list[int]]]:
    """For each step its number, itself, and what it takes to explain a locus at which these readings have a word.

    That depends on which words are alike: the index is 1 where the first and the second are, and 2 for the second and third,
    4 for the first and third. So many copies have each reading.
    """
    costs = []
    for number, (x, y, z) in enumerate(STEPS):
        by_words = []
        for alike in range(8):
            groups = (0, int(not alike & 1), 0 if alike & 4 else 1 if alike & 2 else 2)
            votes = [0] * 4  # the last are those without a word
            for there, group, n in zip((x, y, z), groups, times, strict=True):
                votes[group if there else -1] += n * (FOREIGN if there else LOST)
            by_words.append(sum(votes) - max(votes))
        costs.append((number, x, y, z, by_words))
    return costs


def _guide(times: Counter[Words]) -> Words:
    """The reading that has most words in common with the others; of equals the one with the fewest words that no other has."""
    found = []
    for words in times:
        others = [(other, n) for other, n in times.items() if other != words]
        shared = sum(n * LCSseq.similarity(words, other) for other, n in others)
        alone = sum(all(word not in other for other, _ in others) for word in words)
        found.append((-shared, alone, -len(words), words))
    return min(found)[3]
