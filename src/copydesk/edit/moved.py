"""Where a moved block belongs: the table has it at two places, of which the story has one.

Each copy speaks for the place where it has the block, the less the more often its source moves blocks; one that has it at
neither, and reaches but one of the two, speaks for the other. How often sources do so is learned from many stories without
gold, as their slips in words are (`rates`): who moved a block and how often each source does follow from one another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from copydesk.edit.lacunae import Reach
from copydesk.edit.odds import VOTE, together
from copydesk.edit.tally import Rows, rows_from
from copydesk.model import Collation, Known, Move, Rate

if TYPE_CHECKING:
    from copydesk.model import Index, Weights

MOVED = "blocks moved"
NEITHER = 2.0  # log odds: a block is seldom lost, so who has it at neither place speaks for the one that it does not reach
HALF = 0.5  # share of the words of a block at a place from which a copy has it there
FEWEST = 20  # stories from which something is concluded
ROUNDS = 30
GIVEN, OF = 1.0, 100.0  # blocks that any source is taken to have moved beforehand, in so many stories
TOGETHER = 0.3  # copies with a block at one place err together, as in `odds`


class Moved(msgspec.Struct, frozen=True):
    """The moved blocks of a story: `state[m * n + c]` is 1 where copy `c` has block `m` at its first place, 2 at the second.

    0 is neither, or both. `sources` are those of the copies that have any block of the story whole.
    """

    sources: tuple[str | None, ...]
    state: bytes


def placed(collation: Collation, rows: Rows, reach: Reach, weights: Weights, known: Known) -> tuple[Move, ...]:
    """The moves of a collation, each from the place where the story has the block."""
    if not collation.moves:
        return ()
    first, second = _holders(collation, rows)
    says = _says(collation, known) * weights
    found = []
    for move, here, there in zip(collation.moves, first, second, strict=True):
        votes = here.astype(float) - there
        odds = float((says * votes).sum()) * together(float((weights * (here | there)).sum()), TOGETHER)
        lacks = ~here & ~there
        one = (reach.first <= move.start) & (reach.end >= move.end)
        other = (reach.first <= move.to_start) & (reach.end >= move.to_end)
        odds += NEITHER * float((weights * lacks * (other.astype(float) - one)).sum())
        found.append(move if odds >= 0 else Move(move.to_start, move.to_end, move.start, move.end))
    return tuple(found)


def moved(collation: Collation, rows: Rows) -> Moved:
    """Who has the moved blocks of a story where."""
    first, second = _holders(collation, rows)
    state = np.where(first & ~second, 1, np.where(second & ~first, 2, 0)).astype(np.uint8)
    return Moved(tuple([copy.source for copy in collation.copies]), state.tobytes())


def movers(stories: Sequence[Moved], earlier: Mapping[str, Sequence[Rate]]) -> dict[str, tuple[Rate, ...]]:
    """In how many stories each source moves a block, learned from all of them, and from what was known `earlier`."""
    before = {name: rate for name, rates in earlier.items() for rate in rates if rate.kind == MOVED}
    stories = sorted(stories, key=lambda story: (tuple(map(str, story.sources)), story.state))  # their order decides nothing
    if len(stories) < FEWEST:
        return {name: (rate,) for name, rate in before.items()}
    names = sorted({name for story in stories for name in story.sources if name is not None} | before.keys())
    number: dict[str | None, int] = {name: at for at, name in enumerate(names)} | {None: len(names)}
    of, seen = np.zeros(len(names) + 1), np.zeros(len(names) + 1)
    for name, rate in before.items():
        seen[number[name]], of[number[name]] = rate.n, rate.of
    block, source, sign = [], [], []
    n_blocks = 0
    for story in stories:
        own = np.array([number[name] for name in story.sources])
        np.add.at(of, own, 1)
        for state in np.frombuffer(story.state, np.uint8).reshape(-1, len(own)):
            if (state == 1).any() and (state == 2).any():
                voters = (state > 0).nonzero()[0]
                source.append(own[voters])
                sign.append(np.where(state[voters] == 1, 1.0, -1.0))
                block.append(np.full(len(voters), n_blocks))
                n_blocks += 1
    n = seen.copy()
    if n_blocks:
        n += _counted(np.concatenate(block), np.concatenate(source), np.concatenate(sign), seen, of)
    return {name: (Rate(MOVED, round(float(n[at]), 2), float(of[at])),) for at, name in enumerate(names) if of[at]}


def _counted(block: Index, source: Index, sign: Weights, seen: Weights, of: Weights) -> Weights:
    """How many blocks each source has moved, when rates and guesses agree."""
    n_blocks = int(block[-1]) + 1
    slips: Weights = np.bincount(source, np.full(len(source), 0.5), len(of)).astype(float)
    tempered = sign * together(np.bincount(block)[block].astype(float), TOGETHER)
    for _ in range(ROUNDS):
        rate = np.clip((slips + seen + GIVEN) / (of + OF), 1e-3, 0.9)
        odds = np.bincount(block, tempered * np.log((1 - rate) / rate)[source], n_blocks)
        right = 1 / (1 + np.exp(-odds))[block]
        slips = np.bincount(source, np.where(sign > 0, 1 - right, right), len(of)).astype(float)
    return slips


def _says(collation: Collation, known: Known) -> Weights:
    """What each copy says for the place where it has a block, in log odds."""
    says = np.full(len(collation.copies), VOTE)
    for at, copy in enumerate(collation.copies):
        for rate in known.rates.get(copy.source or "", ()):
            if rate.kind == MOVED:
                share = min(0.9, max(1e-3, (rate.n + GIVEN) / (rate.of + OF)))
                says[at] = np.log((1 - share) / share)
    return says


def _holders(collation: Collation, rows: Rows) -> tuple[Index, Index]:
    """Which copies have each moved block at the first place, and which at the second: `(n_moves, n_copies)` each."""
    copy = np.arange(len(collation.copies))
    found = []
    for places in ([(m.start, m.end) for m in collation.moves], [(m.to_start, m.to_end) for m in collation.moves]):
        bounds = np.array(places, np.int64).reshape(-1, 2)
        size = rows_from(rows, copy, bounds[:, 1:]) - rows_from(rows, copy, bounds[:, :1])
        found.append(size > HALF * size.max(axis=1, keepdims=True, initial=1))
    return found[0], found[1]
