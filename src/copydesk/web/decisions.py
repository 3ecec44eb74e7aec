"""Choices that a reader overrules: kept by an archive with date and note, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.web.asked import DecisionAsked, Decisions, DecisionsAsked, Done, Refused, UndoAsked
from copydesk.web.finding import MAKE

if TYPE_CHECKING:
    from copydesk.web.index import Index


def decide(index: Index, asked: DecisionAsked) -> Done:
    """Overrule the choice at a variant."""
    raise Refused(409, MAKE)


def undo(index: Index, asked: UndoAsked) -> Done:
    """Take back a decision."""
    raise Refused(409, MAKE)


def decisions(index: Index, asked: DecisionsAsked) -> Decisions:
    """The decisions on a story, the last first."""
    return Decisions([])
