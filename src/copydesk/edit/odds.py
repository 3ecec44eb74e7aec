"""Log odds: how votes and other evidence are weighed against one another, and what probability they come to."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from copydesk.model import Weights

Votes = TypeVar("Votes", float, "Weights")

# One vote: a copy omits a word of the story, or adds one of its own, at 1 place in 20.
VOTE = math.log(0.95 / 0.05)
# Votes of n copies count as n / (1 + TOGETHER * (n - 1)): copies of one source, or of one another, err together.
TOGETHER = 0.3
CLEAR = 2.5  # log odds from which votes need no other evidence, and a paragraph is taken for story without dispute
LOST_WORDS = 1.0  # words inside a paragraph are dropped more often than added
SPACES_LEFT = 3.0  # more white space than elsewhere where one copy has words and another none
EXACT = float(1 << 20)  # what a vote weighs is whole parts of it, so that sums of votes are exact in any order
SUREST = 5.3  # no choice is given as surer than .995


def vote_odds(present: Votes, absent: Votes, n: Votes | None = None) -> Votes:
    """The log odds that what `present` have and `absent` lack is of the story, from the votes alone; of arrays one by one.

    `n` copies vote, where they do not all weigh alike.
    """
    return VOTE * (present - absent) * together(present + absent if n is None else n, TOGETHER)


def together(n: Votes, alike: float) -> Votes:
    """What the vote of each of `n` copies weighs that err together, the more `alike`; of arrays one by one."""
    return 1 / (1 + alike * (n - 1) * (n > 1))


@functools.lru_cache(1 << 10)
def probability(odds: float) -> float:
    """The probability of log odds, rounded, never below one half: what is less likely is not chosen."""
    return round(1 / (1 + math.exp(-min(max(odds, 0.0), SUREST))), 3)
