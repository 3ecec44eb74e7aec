"""Words: those of editions that are new are entered into the catalogue; what they take the place of is kept as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.archive.catalogue import having
from copydesk.archive.receive import fingerprint
from copydesk.archive.rows import rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

    import pyarrow as pa

    from copydesk.archive.link import Linked

FIELDS = ("story_id", "version", "title", "published", "text")
EARLIER = ("version", "n_copies", "title", "published", "confidence", "text")
"""What is kept of an edition that was."""


class Words:
    """The words of a batch's editions, entered as they are made; at the `end` those that were and are no more are left out."""

    def __init__(  # noqa: PLR0917  what there is to compare
        self,
        catalogue: sqlite3.Connection,
        path: Path,
        batch: int,
        linked: Linked,
        copies: pa.Table,
        numbers: dict[str, int],
    ) -> None:
        """Look what was, before the batch is entered: `copies` are its own, in order; `numbers` are those of their stories."""
        self._catalogue, self._path, self._batch, self._linked, self._numbers = catalogue, path, batch, linked, numbers
        gone = {no: id_ for no, id_, _, _ in linked.gone}
        was = dict(having(catalogue, "SELECT id, story FROM copy WHERE story", [*gone]))
        ids, stories = (copies.column(name).to_pylist() for name in ("copy_id", "story_id"))
        self._sources: dict[str, dict[str, None]] = {}
        self._sources_were: dict[str, dict[str, None]] = {}
        for id_, story, source in zip(ids, stories, copies.column("source").to_pylist(), strict=True):
            if source:
                self._sources.setdefault(story, {})[source] = None
                if id_ in was:
                    self._sources_were.setdefault(gone[was[id_]], {})[source] = None
        self._before: dict[tuple[str, int, bytes], int] = {}
        query = "SELECT no, story, version, print FROM edition WHERE story"
        for no, story, version, print_ in having(catalogue, query, [*gone]):
            self._before[gone[story], version, print_] = no
        (last,) = catalogue.execute("SELECT coalesce(max(id), 0) FROM words_docsize").fetchone()
        self._next: int = last + 1
        self._n = 0
        self._texts: set[bytes] = set()
        self._replaced: list[int] = []

    def enter(self, stories: pa.Table) -> None:
        """Enter the words of some editions, rows of `stories`."""
        for row in stories.select(FIELDS).to_pylist():
            story, version = row["story_id"], row["version"]
            number = self._numbers[story]
            fields = _fields(row, self._sources.get(story, ()))
            print_ = _print(fields)
            self._texts.add(fingerprint(row["text"].encode()))
            same = self._before.pop((story, version, print_), None)
            if same is not None:
                self._catalogue.execute("UPDATE edition SET story = ? WHERE no = ?", [number, same])
                continue
            for was in self._linked.was[story]:  # if only sources have come, it need not be read again what it was
                alike = was, version, _print(_fields(row, self._sources_were.get(was, ())))
                if alike in self._before:
                    self._replaced.append(self._before.pop(alike))
            self._catalogue.execute("INSERT INTO edition VALUES (?, ?, ?, ?)", [self._next, number, version, print_])
            self._catalogue.execute(
                "INSERT INTO words(rowid, title, text, source, published) VALUES (?, ?, ?, ?, ?)", [self._next, *fields]
            )
            self._next += 1
            self._n += 1

    def end(self) -> int:
        """Keep the editions that were and are no more as earlier ones, now that all are entered. How many are new."""
        self._earlier({(story, version) for story, version, _ in self._before})
        gone = [*self._replaced, *self._before.values()]
        self._catalogue.executemany("DELETE FROM edition WHERE no = ?", [(no,) for no in gone])
        return self._n

    def _earlier(self, lost: set[tuple[str, int]]) -> None:
        """Keep the editions that were, where their text is not one that editions now have."""
        changed = {story for story, _ in lost}
        of: dict[tuple[int, int], list[str]] = {}
        for _, id_, there, made in self._linked.gone:
            if id_ in changed:
                of.setdefault((there, made), []).append(id_)
        for (there, made), ids in of.items():
            for some in rows(self._path, "stories", {there: ids}, EARLIER):
                self._catalogue.executemany(
                    "INSERT INTO earlier VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        (row["story_id"], row["version"], made, self._batch, *(row[name] for name in EARLIER[1:]))
                        for row in some.to_pylist()
                        if (row["story_id"], row["version"]) in lost and fingerprint(row["text"].encode()) not in self._texts
                    ],
                )


def _fields(row: dict[str, str | None], sources: Iterable[str]) -> tuple[str, ...]:
    """What can be searched of an edition: title, text, sources, date."""
    return row["title"] or "", row["text"] or "", " ".join(sources), row["published"] or ""


def _print(fields: tuple[str, ...]) -> bytes:
    """What tells the words of one edition from those of another."""
    return fingerprint("\0".join(fields).encode())
