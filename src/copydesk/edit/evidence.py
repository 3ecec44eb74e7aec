"""What the decisions of this room are made from: the votes, and what is known of the copies that cast them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.context import Context, context
from copydesk.edit.forms import Forms, forms
from copydesk.edit.habits import Habits, habits
from copydesk.edit.lacunae import Reach, reach
from copydesk.edit.lines import lines, votes_of
from copydesk.edit.moved import placed
from copydesk.edit.paragraphs import Paragraphs, paragraphs
from copydesk.edit.separators import Separators, separators
from copydesk.edit.tally import Ballots, Rows, again, by_copy, by_locus, copy_marks
from copydesk.edit.trust import Trust, trust
from copydesk.model import Collation, Known, Move

if TYPE_CHECKING:
    from copydesk.model import Flags, Marks, Weights


@dataclass(frozen=True)
class Evidence:
    """All that the copies of a story say. `rows` are their tokens by copy, `votes` the same by locus.

    `weights[c]` is what the vote of copy `c` weighs by its line, `trust` what it weighs by its source too. `lines` are the
    copies of each line, `moves` the moved blocks, from where the story has them. `marks[c]` is a mark of copy `c`,
    `holders[l]` the sum of the marks of those that have locus `l`: sets of copies are equal if their sums are. `known` is what
    the corpus tells of their sources.
    """

    collation: Collation
    rows: Rows
    votes: Ballots
    weights: Weights
    trust: Trust
    lines: list[Flags]
    moves: tuple[Move, ...]
    marks: Marks
    holders: Marks
    forms: Forms
    separators: Separators
    paragraphs: Paragraphs
    reach: Reach
    habits: Habits
    known: Known

    @cached_property
    def context(self) -> Context:
        """What the places that votes decide tell of the words at the others; few stories ask, some twice."""
        return context(self.votes, self.weights, len(self.collation.form_text))

    @cached_property
    def again(self) -> Flags:
        """Of each key whether it stands at several loci."""
        return again(self.votes)


def gather(collation: Collation, known: Known) -> Evidence:
    """Reads the copies. A line has one vote, and so has a copy that is in none."""
    rows = by_copy(collation)
    votes = by_locus(rows)
    features = separators(collation.separator_text)
    spelt = forms(collation.form_text)
    reaches = reach(collation, rows, votes, features, known)
    found = lines(rows, votes, features, spelt, reaches)
    weights = votes_of(found, len(collation.copies))
    marks = copy_marks(len(collation.copies))
    return Evidence(
        collation=collation,
        rows=rows,
        votes=votes,
        weights=weights,
        trust=trust(collation.copies, known, weights),
        lines=found,
        moves=placed(collation, rows, reaches, weights, known),
        marks=marks,
        holders=np.add.reduceat(marks[votes.copy], votes.starts[:-1]) if len(votes.copy) else np.zeros(0, np.uint64),
        forms=spelt,
        separators=features,
        paragraphs=paragraphs(rows, votes.sizes, features),
        reach=reaches,
        habits=habits(collation, rows, votes, (features, spelt), known),
        known=known,
    )
