"""Moved blocks: the same run of tokens at two places of the table, in different copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from copydesk.collate.runs import grams, runs_of
from copydesk.model import Move, Tokens

if TYPE_CHECKING:
    from copydesk.model import Index

    Pair = tuple[int, int, int, int]  # the first loci of a run of tokens at both places, and the loci after it

GRAM = 8  # tokens: shorter runs recur by chance
SHORTEST = 2 * GRAM  # tokens: what stands beside a repeated block makes shorter ones
SLACK = 3  # loci between two runs of one block, opened there by single copies


def moves(tokens: Sequence[Tokens], loci: Sequence[Index]) -> tuple[Move, ...]:
    """Blocks that stand at one place in most copies and at another in a few, in order of place."""
    support = np.bincount(np.concatenate(loci))
    few = [_in_runs(support[placed] * 2 <= len(tokens)) for placed in loci]  # one of the two places has half the copies at most
    if not any(own.any() for own in few):
        return ()
    every = [grams(own.keys, GRAM) for own in tokens]
    sought = np.unique(np.concatenate([own[near[: len(own)]] for own, near in zip(every, few, strict=True)]))
    hashes = np.concatenate(every)
    at = np.concatenate([placed[: len(own)] for own, placed in zip(every, loci, strict=True)])
    until = np.concatenate([placed[GRAM - 1 :][: len(own)] + 1 for own, placed in zip(every, loci, strict=True)])
    copy = np.repeat(np.arange(len(tokens)), [len(own) for own in every])
    kept = np.flatnonzero(np.isin(hashes, sought))
    order = kept[np.lexsort((at[kept], hashes[kept]))]
    if not len(order):
        return ()
    hashes, at, until, copy = hashes[order], at[order], until[order], copy[order]
    new_hash = np.concatenate(([True], hashes[1:] != hashes[:-1]))
    new_place = np.flatnonzero(new_hash | np.concatenate(([True], at[1:] != at[:-1])))  # a hash at one locus
    support = np.diff(np.append(new_place, len(at)))
    group = np.cumsum(new_hash[new_place]) - 1
    n_groups = int(group[-1]) + 1
    # a run that copies have twice is repeated, not moved
    pair = (np.cumsum(new_hash) - 1) * len(tokens) + copy
    copies = np.bincount(np.unique(pair) // len(tokens), minlength=n_groups)
    repeated = np.bincount(group, support, n_groups) - copies
    ranked = np.lexsort((at[new_place], -support, group))
    at, until = at[new_place], until[new_place]
    main = ranked[np.searchsorted(group, np.arange(n_groups))]
    other = (at != at[main][group]) & (4 * repeated <= copies)[group]
    columns = at[main][group][other], at[other], until[main][group][other], until[other]
    pairs = sorted(zip(*(column.tolist() for column in columns), strict=True))
    return tuple(sorted(move for block in _blocks(pairs) if (move := _move(block)) is not None))


def _in_runs(held: np.ndarray) -> np.ndarray:
    """Where a run of at least `SHORTEST` true values begins or goes on (bool, same shape)."""
    out = np.zeros(len(held), bool)
    for start, end in runs_of(held):
        out[start:end] = end - start >= SHORTEST
    return out


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


def _move(block: list[Pair]) -> Move | None:
    """The block as a move, if it is long enough and its two places lie apart."""
    (start, to_start, _, _), (_, _, end, to_end) = block[0], block[-1]
    move = Move(start, end, to_start, to_end)
    apart = move.end <= move.to_start or move.to_end <= move.start
    return move if len(block) + GRAM - 1 >= SHORTEST and apart else None
