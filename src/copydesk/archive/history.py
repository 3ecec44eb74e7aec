"""History: the editions that a story had, with what each changed, and all that happened to it meanwhile."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from copydesk.archive.decisions import DECIDED, UNDONE, Decision, read
from copydesk.archive.find import Difference, Stretch, differences
from copydesk.archive.rows import rows
from copydesk.archive.write import SETTLE

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


class Event(msgspec.Struct, frozen=True):
    """What happened to a story with a batch: an `add` of `n_copies`, a `settle`, a `decision` or the `undo` of one."""

    batch: int
    at: str
    what: str
    n_copies: int = 0
    decision: Decision | None = None


class Then(msgspec.Struct, frozen=True):
    """An edition whose text a story had from `batch`, which was entered `at`, `until` another; None where it stands.

    `story` is what it was called. `changes` are where the text before had other words: `text` is this edition's, `copy` what
    was there before. `events` are all that happened while it stood, from what made it on.
    """

    story: str
    version: int
    batch: int
    at: str
    until: int | None
    n_copies: int
    title: str | None
    published: str | None
    confidence: float | None
    text: str
    changes: tuple[Difference, ...]
    events: tuple[Event, ...]


COLUMNS = ("version", "n_copies", "title", "published", "confidence", "text")


def history(path: Path, catalogue: sqlite3.Connection, story: str) -> list[Then]:
    """The editions of a story, the latest first, also those under other names and of stories that became one with it.

    A name that it had before will do. Raises `KeyError` where the archive has no such story, nor had one.
    """
    story = _now(catalogue, story)
    names = {story}
    asked = [story]
    while asked:
        some = [was for (was,) in catalogue.execute("SELECT was FROM was WHERE story = ?", [asked.pop()]) if was not in names]
        names.update(some)
        asked += some
    at: dict[int, str] = dict(catalogue.execute("SELECT no, at FROM batch"))
    made: list[tuple[int, int | None, dict[str, object]]] = []
    for name in sorted(names):
        had = catalogue.execute(f"SELECT batch, until, {', '.join(COLUMNS)} FROM earlier WHERE story = ?", [name])
        made += [(of, until, {"story": name, **dict(zip(COLUMNS, row, strict=True))}) for of, until, *row in had]
    batch, since = catalogue.execute("SELECT batch, made FROM story WHERE id = ?", [story]).fetchone() or (None, 0)
    if batch is not None:
        for some in rows(path, "stories", {batch: [story]}, COLUMNS):
            for row in some.to_pylist():
                made.append((since, None, {"story": story, **{name: row[name] for name in COLUMNS}}))
    if not made:
        raise KeyError(story)
    events = _events(catalogue, story)
    made = _since(made, events[0].batch if events else 0)
    made.sort(key=lambda of: (of[0], of[1] is None, of[1] or 0, str(of[2]["story"]), of[2]["version"]))
    then: list[Then] = []
    before: dict[object, str] = {}
    for of, until, row in made:
        text = str(row["text"])
        was = before.get(row["version"])
        changes = differences(text, was, [Stretch(0, len(text), 0, len(was))]) if was is not None else []
        before[row["version"]] = text
        meanwhile = [event for event in events if of <= event.batch and (until is None or event.batch < until)]
        told = {**row, "batch": of, "at": at[of], "until": until, "changes": changes, "events": meanwhile}
        then.append(msgspec.convert(told, Then))
    return then[::-1]


def _now(catalogue: sqlite3.Connection, story: str) -> str:
    """What a story is called now that was called so before: a name is that of a copy, and the story is the one it is in."""
    if catalogue.execute("SELECT 1 FROM was WHERE was = ?", [story]).fetchone() is None:
        return story
    query = "SELECT story.id FROM copy JOIN story ON story.no = copy.story WHERE copy.id = ?"
    (now,) = catalogue.execute(query, [story]).fetchone()
    return str(now)


def _since(
    made: list[tuple[int, int | None, dict[str, object]]], first: int
) -> list[tuple[int, int | None, dict[str, object]]]:
    """Editions with the batch from which on their text stood: the catalogue tells the one that edited it last.

    A text stands since the one before it was replaced, or, if there was none, since the `first` copies came.
    """
    ends: dict[object, set[int]] = {}
    for _, until, row in made:
        if until is not None:
            ends.setdefault(row["version"], set()).add(until)
    since = []
    for of, until, row in made:
        before = [end for end in ends.get(row["version"], ()) if end <= of and (until is None or end < until)]
        alone = first if row["version"] == 1 and 0 < first <= of else of
        since.append((max(before, default=alone), until, row))
    return since


def _events(catalogue: sqlite3.Connection, story: str) -> list[Event]:
    """What happened to a story that is there, in order."""
    query = "SELECT copy.id, copy.batch FROM copy JOIN story ON story.no = copy.story WHERE story.id = ?"
    came: dict[str, int] = dict(catalogue.execute(query, [story]))
    if not came:
        return []
    copies = Counter(came.values())
    decisions = {made.no: made for made in read(catalogue, undone=True) if made.copy in came}
    events = []
    for no, when, what in catalogue.execute("SELECT no, at, what FROM batch WHERE no >= ? ORDER BY no", [min(copies)]):
        kind, _, number = what.partition(" ")
        if kind in {DECIDED, UNDONE}:
            if number and int(number) in decisions:
                events.append(Event(no, when, kind, decision=decisions[int(number)]))
        elif no in copies or SETTLE in what:
            events.append(Event(no, when, kind if no in copies else SETTLE, copies[no]))
    return events
