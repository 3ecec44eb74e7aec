"""Many rows of tokens in one table of loci: a star of alignments around a guide, the same again for what the guide lacks.

The guide is the row that shares most with the others. Every row is aligned to it; tokens that find no partner fall between
two tokens of the guide, and what several rows have at one such place is itself a table. So each token is aligned once at
each depth, and a text that the guide lacks is still collated among those that have it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from copydesk.collate.align import Guide, Run, Vocabulary, align
from copydesk.collate.runs import firsts
from copydesk.collate.slide import GRAM, Row, slide

if TYPE_CHECKING:
    from copydesk.model import Index

# After so many guides at one place, what is left there shares next to nothing with anything and is not aligned any more.
DEEPEST = 32
SAMPLE = 256  # runs of words compared per row to choose the guide


def table(rows: Sequence[Row], vocabulary: Vocabulary, depth: int = 0) -> tuple[int, list[Index]]:
    """The number of loci, and for each row the locus of each of its tokens (rising).

    Equal rows have equal loci; the order of rows decides nothing but ties. `depth`
    counts the guides before.
    """
    sizes = [len(row.keys) for row in rows]
    if len(rows) == 1 or max(sizes) <= 1:  # nothing to align: single words at one place are readings of one locus
        return max(sizes), [np.arange(size) for size in sizes]
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        alike[tuple(row.keys)].append(at)
    distinct = [rows[ats[0]] for ats in alike.values()]
    if len(distinct) == 1:
        return sizes[0], [np.arange(sizes[0])] * len(rows)
    n_loci, loci = _star(distinct, vocabulary, depth) if depth < DEEPEST else _unaligned(distinct)
    out: list[Index] = [loci[0]] * len(rows)
    for ats, placed in zip(alike.values(), loci, strict=True):
        for at in ats:
            out[at] = placed
    return n_loci, out


def _unaligned(rows: Sequence[Row]) -> tuple[int, list[Index]]:
    """Short rows at the same loci, the others one after another."""
    sizes = [len(row.keys) for row in rows]
    width = max((size for size in sizes if size < GRAM), default=0)
    loci = []
    for size in sizes:
        first = 0 if size < GRAM else width
        loci.append(first + np.arange(size))
        width = max(width, first + size)
    return width, loci


def _star(rows: Sequence[Row], vocabulary: Vocabulary, depth: int) -> tuple[int, list[Index]]:
    """The table of distinct rows around their guide."""
    guide = rows[_guide(rows)]
    to, n = Guide(guide), len(guide.keys)
    alignments = [[(0, 0, n)] if row is guide else align(to, row, vocabulary) for row in rows]
    if sum(map(bool, alignments)) == 1:  # the guide alone: nothing here belongs together
        return _unaligned(rows)
    alignments = [slide(runs, guide, row) for runs, row in zip(alignments, rows, strict=True)]
    width = [0] * (n + 1)  # loci before each token of the guide, and after its last
    loose = _loose(alignments, guide, rows)
    inner: dict[int, list[Index]] = {}
    for slot, runs in loose.items():
        width[slot], inner[slot] = _side_by_side([rows[at].cut(start, end) for at, start, end in runs], vocabulary, depth)
    until = list(accumulate(width))
    of_guide = np.arange(n) + np.array(until[:n], np.int64)  # locus of each token of the guide
    loci = []
    for runs, row in zip(alignments, rows, strict=True):
        placed = np.empty(len(row.keys), np.int64)
        for i, j, length in runs:
            placed[j : j + length] = of_guide[i : i + length]
        loci.append(placed)
    for slot, runs in loose.items():
        first = slot + until[slot] - width[slot]
        for (at, start, end), own in zip(runs, inner[slot], strict=True):
            loci[at][start:end] = own + first
    return n + until[n], loci


Loose = tuple[int, int, int]  # tokens `[start, end)` of row `at`, without a partner


def _loose(alignments: Sequence[list[Run]], guide: Row, rows: Sequence[Row]) -> dict[int, list[Loose]]:
    """For each slot of the guide the runs `(row, start, end)` of tokens without a partner that fall into it.

    Where the guide has tokens of its own there too, the run stands before them, or after them if a sentence begins with the run
    and none with them.
    """
    n = len(guide.keys)
    apart: list[int] = []
    loose: dict[int, list[Loose]] = defaultdict(list)
    for at, (runs, row) in enumerate(zip(alignments, rows, strict=True)):
        if not runs and row.keys:
            apart.append(at)
            continue
        slot = start = 0
        for after, end, length in [*runs, (n, len(row.keys), 0)]:
            if start < end:
                # what stands before a row's first partner leans on it
                if not start or (slot < after and row.begins[start] and not guide.begins[slot]):
                    slot = after
                loose[slot].append((at, start, end))
            slot, start = after + length, end + length
    for at in apart:  # what shares nothing with the guide stands with the run that it shares most with, else at the end
        own = set(rows[at].grams)
        shared = {
            slot: max(len(own.intersection(rows[other].cut(start, end).grams)) for other, start, end in runs)
            for slot, runs in loose.items()
        }
        slot = max(shared, key=lambda slot: (shared[slot], slot), default=n)
        loose[slot if shared.get(slot) else n].append((at, 0, len(rows[at].keys)))
    return loose


def _side_by_side(runs: list[Row], vocabulary: Vocabulary, depth: int) -> tuple[int, list[Index]]:
    """The loci of runs that stand at one place: those that share something in a table of their own, the others one by one."""
    if len(runs) == 1:
        return len(runs[0].keys), [np.arange(len(runs[0].keys))]
    loci = [np.zeros(0, np.int64)] * len(runs)
    n_loci = 0
    for group in _related(runs):
        width, placed = table([runs[at] for at in group], vocabulary, depth + 1)
        for at, own in zip(group, placed, strict=True):
            loci[at] = own + n_loci
        n_loci += width
    return n_loci, loci


def _related(runs: list[Row]) -> list[list[int]]:
    """Groups of runs to be collated together: those that share a run of words, begin or end alike, or are all short."""
    groups: list[tuple[set[object], list[int]]] = []
    for at, run in enumerate(runs):
        own: set[object] = {("first", run.keys[0]), ("last", run.keys[-1]), *run.grams}
        if len(run.keys) < GRAM:
            own.add("short")
        touching = [group for group in groups if not own.isdisjoint(group[0])]
        groups = [group for group in groups if not any(group is other for other in touching)]
        groups.append((own.union(*(other for other, _ in touching)), [x for _, members in touching for x in members] + [at]))
    return sorted(sorted(members) for _, members in groups)


def _guide(rows: Sequence[Row]) -> int:
    """The row that shares most runs of words with others; of equals the longest, then the first.

    Of long rows a sample of the runs is compared, drawn by hash, so the same for all.
    """
    hashes = np.concatenate([row.hashes for row in rows])
    owner = np.repeat(np.arange(len(rows)), [len(row.grams) for row in rows])
    if (nth := len(hashes) // (len(rows) * SAMPLE)) > 1:
        sampled = (hashes % np.uint64(nth) == 0).nonzero()[0]
        hashes, owner = hashes[sampled], owner[sampled]
    order = hashes.argsort()
    begins = firsts(hashes[order])
    times = np.concatenate((begins[1:], [len(order)])) - begins
    shared = np.bincount(owner[order], times.repeat(times), len(rows)).tolist()
    return max(range(len(rows)), key=lambda at: (shared[at], len(rows[at].keys), -at))
