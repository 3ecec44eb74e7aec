"""History: the editions that a story had, with what each changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from copydesk.archive.find import Difference, Stretch, differences
from copydesk.archive.rows import rows

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


class Then(msgspec.Struct, frozen=True):
    """An edition that a story had from `batch`, which was entered `at`, `until` another; None where it stands.

    `story` is what it was called. `changes` are where the text before had other words: `text` is this edition's, `copy` what
    was there before.
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


COLUMNS = ("version", "n_copies", "title", "published", "confidence", "text")


def history(path: Path, catalogue: sqlite3.Connection, story: str) -> list[Then]:
    """The editions of a story, the latest first, also those under other names and of stories that became one with it.

    Raises `KeyError` where the archive has no such story, nor had one.
    """
    names = {story}
    asked = [story]
    while asked:
        some = [was for (was,) in catalogue.execute("SELECT was FROM was WHERE story = ?", [asked.pop()]) if was not in names]
        names.update(some)
        asked += some
    at = dict(catalogue.execute("SELECT no, at FROM batch"))
    made: list[tuple[int, int | None, dict[str, object]]] = []
    for name in sorted(names):
        had = catalogue.execute(f"SELECT batch, until, {', '.join(COLUMNS)} FROM earlier WHERE story = ?", [name])
        made += [(of, until, {"story": name, **dict(zip(COLUMNS, row, strict=True))}) for of, until, *row in had]
    batch, since = catalogue.execute("SELECT batch, made FROM story WHERE id = ?", [story]).fetchone() or (None, 0)
    if batch is not None:
        for some in rows(path, "stories", {batch: [story]}, COLUMNS):
            for row in some.to_pylist():
                first = max((until for _, until, _ in made if until is not None), default=since)
                made.append((first, None, {"story": story, **{name: row[name] for name in COLUMNS}}))
    if not made:
        raise KeyError(story)
    made.sort(key=lambda of: (of[0], of[1] is None, of[1] or 0, str(of[2]["story"]), of[2]["version"]))
    then: list[Then] = []
    before: dict[object, str] = {}
    for of, until, row in made:
        text = str(row["text"])
        was = before.get(row["version"])
        changes = differences(text, was, [Stretch(0, len(text), 0, len(was))]) if was is not None else []
        before[row["version"]] = text
        then.append(msgspec.convert({**row, "batch": of, "at": at[of], "until": until, "changes": changes}, Then))
    return then[::-1]
