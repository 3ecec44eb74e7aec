"""Moved blocks: the same run of tokens at two places of the table, in different copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from copydesk.collate.align import grams
from copydesk.model import Move, Tokens

if TYPE_CHECKING:
    from copydesk.model import Index

GRAM = 8  # tokens: shorter runs recur by chance
SHORTEST = 12  # tokens: a shorter block is two edits, not a move
SLACK = 3  # loci between two runs of one block, opened there by single copies


def moves(tokens: Sequence[Tokens], loci: Sequence[Index]) -> tuple[Move, ...]:
    """Blocks that stand at one place in some copies and at another in the rest, in order of place."""
    hashes = np.concatenate([grams(own.keys, GRAM) for own in tokens])
    if not len(hashes):
        return ()
    at = np.concatenate([placed[: max(0, len(placed) - GRAM + 1)] for placed in loci])
    copy = np.repeat(np.arange(len(tokens)), [max(0, len(own.keys) - GRAM + 1) for own in tokens])
    order = np.lexsort((at, hashes))
    hashes, at, copy = hashes[order], at[order], copy[order]
    group = np.concatenate(([0], np.cumsum(hashes[1:] != hashes[:-1])))
    n_groups = int(group[-1]) + 1
    first = np.searchsorted(group, np.arange(n_groups))
    new_place = np.concatenate(([1], ((hashes[1:] != hashes[:-1]) | (at[1:] != at[:-1])).astype(np.int64)))
    n_places = np.bincount(group, weights=new_place, minlength=n_groups)
    # a copy that has the run twice repeats it: nothing has moved
    once = np.bincount(np.unique(group * len(tokens) + copy) // len(tokens), minlength=n_groups) == np.bincount(group)
    moved = np.flatnonzero((n_places == 2) & once)
    if not len(moved):
        return ()
    last = np.concatenate((first[1:], [len(group)])) - 1
    pairs = sorted(zip(at[first[moved]].tolist(), at[last[moved]].tolist(), strict=True))
    return tuple(move for block in _blocks(pairs) if (move := _move(block)) is not None)


def _blocks(pairs: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Pairs of loci `(from, to)` grouped into blocks that go on in both places."""
    blocks: list[list[tuple[int, int]]] = []
    for p, q in pairs:
        if blocks and 0 < p - blocks[-1][-1][0] <= GRAM + SLACK and 0 < q - blocks[-1][-1][1] <= GRAM + SLACK:
            blocks[-1].append((p, q))
        else:
            blocks.append([(p, q)])
    return blocks


def _move(block: list[tuple[int, int]]) -> Move | None:
    (start, to_start), (end, to_end) = block[0], block[-1]
    move = Move(start, end + GRAM, to_start, to_end + GRAM)
    return move if len(block) + GRAM - 1 >= SHORTEST and move.end <= move.to_start else None
