"""What the decisions of this room are made from: the votes, and what is known of the copies that cast them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.habits import Habits, habits
from copydesk.edit.lacunae import Reach, reach
from copydesk.edit.paragraphs import Paragraphs, paragraphs
from copydesk.edit.separators import Separators, separators
from copydesk.edit.tally import Ballots, by_copy, by_locus
from copydesk.model import Collation

if TYPE_CHECKING:
    from copydesk.model import Weights


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the copies of a story say. `rows` are their tokens by copy, `votes` the same by locus.

    `weights[c]` is what the vote of copy `c` weighs.
    """

    collation: Collation
    rows: Ballots
    votes: Ballots
    weights: Weights
    separators: Separators
    paragraphs: Paragraphs
    reach: Reach
    habits: Habits


def gather(collation: Collation) -> Evidence:
    """Reads the copies. Each is a line of its own, with one vote."""
    rows = by_copy(collation)
    votes = by_locus(rows, collation.n_loci)
    marks = separators(collation.separator_text)
    return Evidence(
        collation=collation,
        rows=rows,
        votes=votes,
        weights=np.ones(len(collation.copies)),
        separators=marks,
        paragraphs=paragraphs(collation, votes, marks),
        reach=reach(collation, votes, marks),
        habits=habits(collation, rows, marks),
    )
