"""Choices that a reader overrules: kept by an archive with date and note, respected by its later edits, undone if wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.archive.decisions import REASON
from copydesk.web.asked import Decision, DecisionAsked, Decisions, DecisionsAsked, Done, Refused, UndoAsked, VariantOf
from copydesk.web.story import edition

if TYPE_CHECKING:
    from copydesk.archive.desk import Desk
    from copydesk.web.index import Index

MAKE = (
    "A run's folder is never changed. An archive keeps what you decide: make one with copydesk add my.desk FILE..., "
    "and open it with copydesk open my.desk."
)


def decide(index: Index, asked: DecisionAsked) -> Done:
    """Overrule the choice at a variant: the story is edited again at once."""
    desk = archive(index)
    row, _ = edition(index, asked.id, asked.version)
    apparatus = index.apparatus(asked.id, row["version"])
    if asked.n > apparatus.n:
        raise Refused(404, f"the text has {apparatus.n} variants, and no variant {asked.n}")
    readings = apparatus.readings(asked.n - 1)
    if asked.reading >= len(readings):
        raise Refused(404, f"the variant has {len(readings)} readings, and no reading {asked.reading}")
    if asked.reading == apparatus.chosen[asked.n - 1]:
        raise Refused(409, "this reading is the one that is chosen")
    place = int(apparatus.start[asked.n - 1]), int(apparatus.end[asked.n - 1])
    text = apparatus.text(readings[asked.reading])
    try:
        return Done(desk.overrule(asked.id, *place, text, asked.note, row["version"]).no)
    except KeyError:
        raise Refused(409, "the story was edited meanwhile; look at it again") from None


def undo(index: Index, asked: UndoAsked) -> Done:
    """Take back a decision: the story is edited again at once."""
    try:
        archive(index).undo(asked.no)
    except KeyError:
        raise Refused(404, f"there is no decision {asked.no} that stands") from None
    return Done(asked.no)


def decisions(index: Index, asked: DecisionsAsked) -> Decisions:
    """The decisions on a story, the last first; a run's folder has none."""
    edition(index, asked.id, None)
    if index.desk is None:
        return Decisions([])
    found = reversed(archive(index).decisions(asked.id))
    names = ("no", "copy", "before", "was", "after", "chosen", "at", "note", "undone", "state")
    return Decisions([Decision(**{name: getattr(decision, name) for name in names}) for decision in found])


def decided(index: Index, told: VariantOf) -> Decision | None:
    """The decision by which a variant reads as it does, if one stands."""
    if not told.reason.startswith(REASON):
        return None
    chosen = next(reading for reading in told.readings if reading.chosen)
    stand = [d for d in decisions(index, DecisionsAsked(told.story_id)).decisions if d.state == "stands"]
    alike = [decision for decision in stand if decision.chosen == chosen.text]
    copies = {id_ for line in chosen.lines for id_ in line.copies}
    return next((decision for decision in alike if decision.copy in copies), next(iter(alike), None))


def archive(index: Index) -> Desk:
    """What is shown, as an archive. Raises `Refused` where it is none."""
    if index.desk is None:
        raise Refused(409, MAKE)
    return index.desk
