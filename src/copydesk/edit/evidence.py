"""What the decisions of this room are made from: the votes, and what is known of the copies that cast them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.habits import Habits, habits
from copydesk.edit.lacunae import Reach, reach
from copydesk.edit.paragraphs import Paragraphs, paragraphs
from copydesk.edit.separators import Separators, separators
from copydesk.edit.tally import Ballots, Rows, by_copy, by_locus, copy_marks
from copydesk.model import Collation

if TYPE_CHECKING:
    from copydesk.model import Marks, Weights


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the copies of a story say. `rows` are their tokens by copy, `votes` the same by locus.

    `weights[c]` is what the vote of copy `c` weighs. `marks[c]` is a mark of copy `c`, `holders[l]` the sum of the marks of
    those that have locus `l`: sets of copies are equal if their sums are.
    """

    collation: Collation
    rows: Rows
    votes: Ballots
    weights: Weights
    marks: Marks
    holders: Marks
    separators: Separators
    paragraphs: Paragraphs
    reach: Reach
    habits: Habits


def gather(collation: Collation) -> Evidence:
    """Reads the copies. Each is a line of its own, with one vote."""
    rows = by_copy(collation)
    votes = by_locus(rows)
    features = separators(collation.separator_text)
    marks = copy_marks(len(collation.copies))
    return Evidence(
        collation=collation,
        rows=rows,
        votes=votes,
        weights=np.ones(len(collation.copies)),
        marks=marks,
        holders=np.add.reduceat(marks[votes.copy], votes.starts[:-1]) if len(votes.copy) else np.zeros(0, np.uint64),
        separators=features,
        paragraphs=paragraphs(collation, rows, features),
        reach=reach(collation, rows, votes, features),
        habits=habits(collation, rows, votes, features),
    )
