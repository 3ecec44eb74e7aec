"""Moved blocks: the same run of tokens at two places of the table, in different copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from copydesk.collate.runs import grams
from copydesk.model import Move, Tokens

if TYPE_CHECKING:
    from copydesk.model import Flags, Index

    Pair = tuple[int, int, int, int]  # the first loci of a run of tokens at both places, and the loci after it

GRAM = 8  # tokens: shorter runs recur by chance
SHORTEST = 2 * GRAM  # tokens: what stands beside a repeated block makes shorter ones
DRAWER = np.uint64(0xFFFF)
SLACK = 3  # loci between two runs of one block, opened there by single copies


def moves(tokens: Sequence[Tokens], loci: Sequence[Index]) -> tuple[Move, ...]:
    """Blocks that stand at one place in most copies and at another in a few, in order of place."""
    sizes = [len(placed) for placed in loci]
    every = np.concatenate(loci)
    ends = np.repeat(np.cumsum(sizes), sizes)  # of the copy of each token
    held = np.bincount(every)
    few = _in_runs(held[every] * 2 <= len(tokens), ends)  # one of the two places has half the copies at most
    if not few.any():
        return ()
    hashes = grams(np.concatenate([own.keys for own in tokens]), GRAM)
    hashed = np.arange(len(hashes)) + GRAM <= ends[: len(hashes)]
    sought = hashes[hashed & few[: len(hashes)]]
    drawers = np.zeros(1 << 16, bool)  # a few more runs than those sought have a drawer in common with one
    drawers[sought & DRAWER] = True
    kept = np.flatnonzero(hashed & drawers[hashes & DRAWER])
    kept = kept[np.lexsort((every[kept], hashes[kept]))]
    if not ((np.diff(hashes[kept]) == 0) & (np.diff(every[kept]) > 0)).any():
        return ()
    kept = kept[np.isin(hashes[kept], sought)]
    hashes, at, until = hashes[kept], every[kept], every[kept + GRAM - 1] + 1
    new_hash = np.concatenate(([True], hashes[1:] != hashes[:-1]))
    new_place = np.flatnonzero(new_hash | np.concatenate(([True], at[1:] != at[:-1])))  # a hash at one locus
    group = np.cumsum(new_hash[new_place]) - 1
    n_groups = int(group[-1]) + 1
    copy = np.repeat(np.arange(len(tokens)), sizes)[kept]
    support = np.diff(np.append(new_place, len(at)))
    # a run that copies have twice is repeated, not moved
    pair = (np.cumsum(new_hash) - 1) * len(tokens) + copy
    copies = np.bincount(np.unique(pair) // len(tokens), minlength=n_groups)
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


def _in_runs(held: Flags, ends: Index) -> Flags:
    """Where a run of at least `SHORTEST` true values of one copy begins or goes on; `ends` tells the copies apart."""
    breaks = np.flatnonzero((held[1:] != held[:-1]) | (ends[1:] != ends[:-1])) + 1
    lengths = np.diff(np.concatenate(([0], breaks, [len(held)])))
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
