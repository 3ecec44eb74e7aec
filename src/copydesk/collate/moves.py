"""Moved blocks: the same run of tokens at two places of the table, in different copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from copydesk.collate import slide
from copydesk.collate.runs import longer
from copydesk.model import Move

if TYPE_CHECKING:
    from copydesk.model import Flags, Index, Marks

    Pair = tuple[int, int, int, int]  # the first loci of a run of tokens at both places, and the loci after it

GRAM = 8  # tokens: shorter runs recur by chance
SHORTEST = 2 * GRAM  # tokens: what stands beside a repeated block makes shorter ones
SLACK = 3  # loci between two runs of one block, opened there by single copies


def moves(sizes: Sequence[int], every: Index, grams: Marks) -> tuple[Move, ...]:
    """Blocks that stand at one place in most copies and at another in a few, in order of place.

    `every` has the locus of each token of one copy after another, of `sizes` tokens; `grams` a
    hash of each run of `slide.GRAM` of these.
    """
    n_copies = len(sizes)
    ends = np.repeat(np.cumsum(sizes), sizes)  # of the copy of each token
    held = np.bincount(every)
    few = _in_runs((2 * held <= n_copies)[every], ends)  # one of the two places has half the copies at most
    if not few.any():
        return ()
    hashes = longer(grams, slide.GRAM, GRAM)
    kept = (np.arange(GRAM, len(hashes) + GRAM) <= ends[: len(hashes)]).nonzero()[0]
    if not _recur(hashes[kept], every[kept]):
        return ()
    sought = hashes[kept[few[kept]]]
    kept = kept[np.isin(hashes[kept], sought)]
    kept = kept[np.lexsort((every[kept], hashes[kept]))]
    if not _recur(hashes[kept], every[kept]):
        return ()
    hashes, at, until = hashes[kept], every[kept], every[kept + GRAM - 1] + 1
    new_hash = np.concatenate(([True], hashes[1:] != hashes[:-1]))
    new_place = np.flatnonzero(new_hash | np.concatenate(([True], at[1:] != at[:-1])))  # a hash at one locus
    group = np.cumsum(new_hash[new_place]) - 1
    n_groups = int(group[-1]) + 1
    copy = np.repeat(np.arange(n_copies), sizes)[kept]
    support = np.diff(np.append(new_place, len(at)))
    # a run that copies have twice is repeated, not moved
    pair = (np.cumsum(new_hash) - 1) * n_copies + copy
    copies = np.bincount(np.unique(pair) // n_copies, minlength=n_groups)
    repeated = np.bincount(group, support, n_groups) - copies
    ranked = np.lexsort((at[new_place], -support, group))
    at, until = at[new_place], until[new_place]
    main = ranked[np.searchsorted(group, np.arange(n_groups))]
    other = (at != at[main][group]) & (4 * repeated <= copies)[group]
    places = np.array([at[main][group][other], at[other], until[main][group][other], until[other]])
    late = places[0] > places[1]  # which is the main place is for the whole block to tell: in a part of it words may be spoilt
    places[:, late] = places[[1, 0, 3, 2]][:, late]
    pairs = sorted(zip(*places.tolist(), strict=True))
    before = np.concatenate(([0], held.cumsum()))
    return tuple(sorted(move for block in _blocks(pairs) if (move := _move(block, before)) is not None))


def _recur(hashes: Marks, at: Index) -> bool:
    """Whether one of the hashes stands at two loci; of some that do not it says so too, for it looks at most of their bits."""
    low = np.uint64((1 << int(at.max(initial=0)).bit_length()) - 1)
    ranked = np.sort((hashes & ~low) | at.astype(np.uint64))
    steps = ranked[1:] ^ ranked[:-1]
    return bool(((steps > 0) & (steps <= low)).any())


def _in_runs(held: Flags, ends: Index) -> Flags:
    """Where a run of at least `SHORTEST` true values of one copy begins or goes on; `ends` tells the copies apart."""
    breaks = ((held[1:] != held[:-1]) | (ends[1:] != ends[:-1])).nonzero()[0] + 1
    edges = np.concatenate(([0], breaks, [len(held)]))
    lengths = edges[1:] - edges[:-1]
    return held & np.repeat(lengths >= SHORTEST, lengths)


def _blocks(pairs: list[Pair]) -> list[list[Pair]]:
    """Pairs of places grouped into blocks that go on in both."""
    blocks: list[list[Pair]] = []
    open_: list[list[Pair]] = []
    for pair in pairs:
        p, q = pair[:2]
        open_ = [block for block in open_ if p - block[-1][0] <= GRAM + SLACK]
        for block in open_:
            if 0 < q - block[-1][1] <= GRAM + SLACK and p > block[-1][0]:
                block.append(pair)
                break
        else:
            open_.append([pair])
            blocks.append(open_[-1])
    return blocks


def _move(block: list[Pair], before: Index) -> Move | None:
    """The block as a move, if it is long enough and its two places lie apart.

    `before` counts the tokens before each locus: where there are more, it stands in most copies; where as many, the first.
    """
    (start, to_start, _, _), (_, _, end, to_end) = block[0], block[-1]
    move = Move(start, end, to_start, to_end)
    if before[to_end] - before[to_start] > before[end] - before[start]:
        move = Move(to_start, to_end, start, end)
    apart = move.end <= move.to_start or move.to_end <= move.start
    return move if len(block) + GRAM - 1 >= SHORTEST and apart else None
