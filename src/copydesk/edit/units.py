"""The units in which a story is judged: paragraphs, or sentences where no copy keeps paragraphs; and who has each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.evidence import Evidence
from copydesk.edit.separators import parts
from copydesk.edit.tally import Ballots, rows_from

if TYPE_CHECKING:
    from copydesk.model import Flags, Index, Weights

TOGETHER = 8  # of so many words one more or less may be two run together
REPEATABLE = 8  # tokens: a shorter paragraph may well say the same twice


@dataclass(frozen=True, slots=True)
class Units:
    """Paragraphs as runs of loci `[starts[u], ends[u])`; `of` gives the unit of each locus.

    `has[u, c]`: copy `c` has the paragraph here, `elsewhere[u, c]`: at another place, to which (or from which) it was moved.
    `moved[u]`: this is that other place; `repeated[u]`: it says what an earlier one says that the same copies have.
    `share[u, c]`: how much of it, of the copy that has most.
    """

    starts: Index
    ends: Index
    of: Index
    has: Flags
    share: Weights
    elsewhere: Flags
    moved: Flags
    repeated: Flags


def divide(evidence: Evidence) -> Units:
    """The paragraphs of all copies together; they part also where a copy begins or ends, and where a block was moved."""
    collation, votes = evidence.collation, evidence.votes
    n_copies, n_loci = len(collation.copies), collation.n_loci
    moves = [locus for move in evidence.moves for locus in (move.start, move.end, move.to_start, move.to_end)]
    edges = [edge for placed in collation.loci if len(placed) for edge in (int(placed[0]), int(placed[-1]) + 1)]
    twice = [locus for repeat in collation.repeats for locus in repeat]
    parted = sorted({0, *evidence.paragraphs.begins.nonzero()[0].tolist(), *moves, *edges, *twice})
    starts = np.array([edge for edge in parted if edge < n_loci], np.int64)
    ends = np.concatenate((starts[1:], [n_loci]))[: len(starts)]
    of = np.arange(len(starts)).repeat(ends - starts)
    # who has the paragraph: at least half as much of it as who has most, of what is not one copy's own
    solid = (2 * votes.sizes >= np.maximum.reduceat(votes.sizes, starts)[of])[votes.locus]
    shape = len(starts), n_copies
    count = np.bincount((of[votes.locus] * n_copies + votes.copy)[solid], minlength=shape[0] * shape[1]).reshape(shape)
    share = count / np.maximum(1, count.max(axis=1, keepdims=True))
    has = share >= 0.5
    moved, elsewhere = np.zeros(len(starts), bool), np.zeros_like(has)
    for move in evidence.moves:
        here = slice(*np.searchsorted(starts, (move.start, move.end)).tolist())
        there = slice(*np.searchsorted(starts, (move.to_start, move.to_end)).tolist())
        moved[there] = ~(has[there] & has[here].any(axis=0)).any(axis=1)
        elsewhere[here] |= has[there].any(axis=0)
    repeated = _repeated(votes, starts, ends, has)
    for start, end in collation.repeats:
        repeated[slice(*np.searchsorted(starts, (start, end)).tolist())] = True
    return Units(starts, ends, of, has, share, elsewhere, moved, repeated)


def texts(evidence: Evidence, units: Units, which: Index) -> list[str]:
    """The texts of some units, each as most copies have it of those that have it whole and add least.

    Who runs words together has fewer of them, and adds no less.
    """
    rows, separators, copies = evidence.rows, evidence.separators.text, evidence.collation.copies
    column = np.arange(len(copies))[:, None]
    firsts, ends = (rows_from(rows, column, edge[which]).T.tolist() for edge in (units.starts, units.ends))
    found = []
    for share, first, end in zip(units.share[which].tolist(), firsts, ends, strict=True):
        least = min(0.9, max(share))
        whole = [copy for copy, part in enumerate(share) if part >= least]
        size = min([end[copy] - first[copy] for copy in whole])
        said: Counter[str] = Counter()
        for copy in whole:
            if end[copy] - first[copy] <= size + size // TOGETHER:
                before = separators[int(rows.before[first[copy]])]
                after = parts(separators[int(rows.after[end[copy] - 1])])[0].partition("\n")[0]
                start, stop = int(rows.start[first[copy]]) - len(parts(before)[2]), int(rows.end[end[copy] - 1]) + len(after)
                said[copies[copy].text[start:stop].strip()] += 1
        found.append(max(said, key=lambda text: (said[text], len(text), text)) if len(said) > 1 else next(iter(said)))
    return found


def _repeated(votes: Ballots, starts: Index, ends: Index, has: Flags) -> Flags:
    """Which units say what an earlier one says that all copies of the later one have too."""
    keys = votes.key[votes.starts[:-1]]
    repeated = np.zeros(len(starts), bool)
    seen: dict[bytes, int] = {}
    for unit in np.flatnonzero(ends - starts >= REPEATABLE).tolist():
        first = seen.setdefault(keys[starts[unit] : ends[unit]].tobytes(), unit)
        repeated[unit] = first != unit and not (has[unit] & ~has[first]).any()
    return repeated
