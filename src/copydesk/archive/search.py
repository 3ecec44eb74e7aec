"""Search: the words of all editions, phrases and fields (SQLite's FTS5, in the catalogue, so they come with their batch).

`ferry harbour` are both words, `"ferry sank"` a phrase, `title:ferry` a word of one field (title, text, source, published),
`-ferry` a word that is not there, `ferr*` how a word begins, `ferry OR boat` one of two.
"""

from __future__ import annotations

import re
import sqlite3
from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

from copydesk.archive.catalogue import NoArchive
from copydesk.archive.rows import rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FIELDS = ("title", "text", "source", "published")
TERM = re.compile(r'(?P<not>-)?(?:(?P<field>\w+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
WORD = re.compile(r"\w+")
SHOWN = 240
"""Characters of a text that are shown with what was found in it."""


class Hit(msgspec.Struct, frozen=True):
    """An edition that has the words; `excerpt` is a stretch of its text from `start`, `marks` the words there.

    `marks` are offsets into `excerpt`. A greater `score` is a better one.
    """

    story: str
    version: int
    title: str | None
    published: str | None
    n_copies: int
    score: float
    excerpt: str
    start: int
    marks: tuple[tuple[int, int], ...]


class Hits(msgspec.Struct, frozen=True):
    """Some of the `n` editions that were found, best first."""

    n: int
    hits: tuple[Hit, ...]


def search(path: Path, catalogue: sqlite3.Connection, words: str, limit: int = 10, offset: int = 0) -> Hits:
    """The editions that have some words, best first (BM25, a word of the title counting five times).

    Raises `ValueError` for what cannot be sought.
    """
    asked, marked = _asked(words)
    matching = "FROM words JOIN edition ON edition.no = words.rowid JOIN story ON story.no = edition.story WHERE words MATCH ?"
    try:
        (n,) = catalogue.execute(f"SELECT count(*) {matching}", [asked]).fetchone()
        found = catalogue.execute(
            f"SELECT story.id, story.batch, edition.version, -bm25(words, 5, 1, 1, 1) AS score {matching} "
            "ORDER BY score DESC, story.id, edition.version LIMIT ? OFFSET ?",
            [asked, limit, offset],
        ).fetchall()
    except sqlite3.OperationalError as error:
        raise ValueError(f"{words!r} cannot be sought: {error}") from None
    except sqlite3.DatabaseError as error:
        raise NoArchive(f"{path} cannot be searched: {error}") from None
    of: dict[int, list[str]] = {}
    for story, batch, _, _ in found:
        of.setdefault(batch, []).append(story)
    columns = ("version", "n_copies", "title", "published", "text")
    told = {(row["story_id"], row["version"]): row for some in rows(path, "stories", of, columns) for row in some.to_pylist()}
    hits = []
    for story, _, version, score in found:
        row = told[story, version]
        start, excerpt, marks = _excerpt(row["text"], marked)
        hits.append(
            Hit(story, version, row["title"], row["published"], row["n_copies"], round(score, 3), excerpt, start, marks)
        )
    return Hits(n, tuple(hits))


def _asked(words: str) -> tuple[str, list[str]]:
    """What is sought, as FTS5 has it, and the beginnings of words that are marked."""
    parts: list[str] = []
    without: list[str] = []
    marked: list[str] = []
    either = False
    for term in TERM.finditer(words):
        if term["word"] == "OR" and not term["field"] and not term["not"]:
            either = bool(parts)
            continue
        field, said = term["field"], term["phrase"] if term["phrase"] is not None else term["word"]
        if field is not None and field not in FIELDS:  # such as 10:30 or a:b, which are words
            field, said = None, f"{field} {said}"
        tokens = WORD.findall(said)
        if not tokens:
            continue
        query = '"' + " ".join(tokens) + '"' + (" *" if said.endswith("*") else "")
        query = f"{field} : {query}" if field else query
        if term["not"]:
            without.append(query)
            continue
        if field in {None, "text"}:
            marked += tokens
        if either:
            parts[-1] = f"({parts[-1]} OR {query})"
        else:
            parts.append(query)
        either = False
    if not parts:
        raise ValueError('there are no words to seek; give some, such as: ferry "sank off" title:harbour -boat')
    query = " AND ".join(parts)
    return f"({query}) NOT ({' OR '.join(without)})" if without else query, marked


def _excerpt(text: str, words: Sequence[str]) -> tuple[int, str, tuple[tuple[int, int], ...]]:
    """The stretch of a text that has most of some words, where it starts, and where they are in it."""
    places = []
    if words:
        pattern = re.compile(
            r"\b(?:" + "|".join(sorted({re.escape(word) for word in words}, key=len, reverse=True)) + r")\w*", re.I
        )
        places = [(found.start(), found.end()) for found in pattern.finditer(text)]
    best = 0
    if places:
        starts = [start for start, _ in places]
        first = max(range(len(places)), key=lambda i: (bisect_left(starts, starts[i] + SHOWN // 2) - i, -i))
        best = max(0, places[first][0] - SHOWN // 4)
        while best > 0 and text[best - 1].isalnum() and best < places[first][0]:
            best += 1
    end = min(len(text), best + SHOWN)
    while end < len(text) and end > best and text[end].isalnum() and text[end - 1].isalnum():
        end -= 1
    end = end if end > best else min(len(text), best + SHOWN)
    marks = tuple((start - best, stop - best) for start, stop in places if best <= start and stop <= end)
    return best, text[best:end], marks


def matching(path: Path, catalogue: sqlite3.Connection, words: str) -> list[str]:
    """The stories of which an edition has some words, each once. Raises `ValueError` for what cannot be sought."""
    query = (
        "SELECT DISTINCT story.id FROM words JOIN edition ON edition.no = words.rowid JOIN story ON story.no = edition.story "
        "WHERE words MATCH ? ORDER BY story.id"
    )
    try:
        return [story for (story,) in catalogue.execute(query, [_asked(words)[0]])]
    except sqlite3.OperationalError as error:
        raise ValueError(f"{words!r} cannot be sought: {error}") from None
    except sqlite3.DatabaseError as error:
        raise NoArchive(f"{path} cannot be searched: {error}") from None
