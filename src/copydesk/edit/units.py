"""The units in which a story is judged: paragraphs, or sentences where no copy keeps paragraphs; and who has each."""

from __future__ import annotations

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

    `has[u, c]`: copy `c` has the paragraph here, `anywhere[u, c]`: here or at another place, to which (or from which) it was
    moved; `part[u, c]`: it has any of it here, `share[u, c]`: how much, of the copy that has most; `reached[u, c]`: it has not
    broken off before. `moved[u]`: this is that other place; `repeated[u]`: it says what an earlier one says that the same
    copies have.
    """

    starts: Index
    ends: Index
    of: Index
    has: Flags
    anywhere: Flags
    part: Flags
    share: Weights
    reached: Flags
    moved: Flags
    repeated: Flags


def divide(evidence: Evidence) -> Units:
    """The paragraphs of all copies together; they part also where a copy begins or ends, and where a block was moved."""
    collation, votes, reach = evidence.collation, evidence.votes, evidence.reach
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
    count = np.bincount(((of * n_copies)[votes.locus] + votes.copy)[solid], minlength=shape[0] * shape[1]).reshape(shape)
    share = count / np.maximum(1, count.max(axis=1, keepdims=True))
    has = share >= 0.5
    moved, anywhere = np.zeros(len(starts), bool), has.copy()
    for move in evidence.moves:
        here = slice(*np.searchsorted(starts, (move.start, move.end)).tolist())
        there = slice(*np.searchsorted(starts, (move.to_start, move.to_end)).tolist())
        moved[there] = ~(has[there] & has[here].any(axis=0)).any(axis=1)
        anywhere[here] |= has[there].any(axis=0)
    repeated = _repeated(votes, starts, ends, has)
    for start, end in collation.repeats:
        repeated[slice(*np.searchsorted(starts, (start, end)).tolist())] = True
    reached = (reach.first < ends[:, None]) & (reach.end > starts[:, None])
    return Units(starts, ends, of, has, anywhere, count > 0, share, reached, moved, repeated)


def texts(evidence: Evidence, units: Units, which: Index) -> list[str]:
    """The texts of some units, each as most copies have it of those that have it whole and add least.

    Who runs words together has fewer of them, and adds no less.
    """
    rows, separators, copies = evidence.rows, evidence.separators.text, evidence.collation.copies
    column, share = np.arange(len(copies)), units.share[which]
    first, end = (rows_from(rows, column, edge[which, None]) for edge in (units.starts, units.ends))
    whole, size = share >= np.minimum(0.9, share.max(axis=1, keepdims=True, initial=0)), end - first
    least = np.where(whole, size, len(rows.copy)).min(axis=1, keepdims=True)
    at, copy = (whole & (size <= least + least // TOGETHER)).nonzero()
    first, last = first[at, copy], end[at, copy] - 1
    before, after = rows.before[first].tolist(), rows.after[last].tolist()
    around = {number: parts(separators[number]) for number in {*before, *after}}
    said: list[dict[str, int]] = [{} for _ in which]
    for unit, own, start, stop, opening, closing in zip(
        at.tolist(), copy.tolist(), rows.start[first].tolist(), rows.end[last].tolist(), before, after, strict=True
    ):
        closed = len(around[closing][0].partition("\n")[0])
        text = copies[own].text[start - len(around[opening][2]) : stop + closed].strip()
        said[unit][text] = said[unit].get(text, 0) + 1
    return [max(of.items(), key=lambda told: (told[1], len(told[0]), told[0]))[0] for of in said]


def _repeated(votes: Ballots, starts: Index, ends: Index, has: Flags) -> Flags:
    """Which units say what an earlier one says that all copies of the later one have too."""
    keys = votes.key[votes.starts[:-1]]
    repeated = np.zeros(len(starts), bool)
    seen: dict[bytes, int] = {}
    for unit, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        if end - start < REPEATABLE:
            continue
        first = seen.setdefault(keys[start:end].tobytes(), unit)
        if first != unit:
            repeated[unit] = not (has[unit] & ~has[first]).any()
    return repeated
