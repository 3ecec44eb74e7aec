"""The stories as a list: searched, filtered and in order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from copydesk.web.asked import Listed, Refused, Stories, StoriesAsked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copydesk.web.index import Index

ORDERS = {
    "newest": "day DESC NULLS LAST, story_id",
    "oldest": "day NULLS LAST, story_id",
    "largest": "n_copies DESC, story_id",
    "uncertain": "n_unsure DESC, confidence NULLS LAST, story_id",
}
AROUND, SNIPPET = 90, 260
"""Characters before the words that were found that are shown, and in all."""
TITLE = 120
"""The longest title that is made of the first words of a text."""
DATELINE = re.compile(r"^[A-ZÀ-Þ][A-ZÀ-Þ .'’-]{2,40}(?:, [^—–]{2,30})? (?:—|–|--?) (?=\w)")
"""Place and day before the first words, which the list has elsewhere."""
NAMED = 4
"""Sources of a story that a list names."""


def stories(index: Index, asked: StoriesAsked) -> Stories:
    """The stories that have the words in one of their versions, and a copy as it is wanted.

    An archive is searched by its words; in the texts of a run's folder the words are sought one by one, which takes longer.
    """
    where, values = _wanted(asked)
    words = terms(asked.q)
    having = ""
    if words:
        having = "JOIN (SELECT unnest(?) AS story_id) USING (story_id)"
        values = [_having(index, asked.q, words), *values]
    query = f"FROM page.stories s {having} WHERE {where}"
    page = f"ORDER BY {ORDERS[asked.order]} LIMIT {asked.size} OFFSET {(asked.page - 1) * asked.size}"
    total = index.count(query, *values)
    rows = index.rows(f"SELECT * {query} {page}", *values)
    ids = [row["story_id"] for row in rows]
    snippets = _snippets(index, ids, words) if words else {}
    sources = _sources(index, ids)
    return Stories(total, asked.page, asked.size, [_listed(row, sources, snippets) for row in rows])


def _having(index: Index, asked: str, words: list[str]) -> list[str]:
    """The stories that have all words. Raises `Refused` where an archive cannot seek them."""
    if index.desk is not None:
        from copydesk.archive.catalogue import reading
        from copydesk.archive.search import matching

        try:
            with reading(index.path) as catalogue:
                return matching(index.path, catalogue, asked)
        except ValueError as error:
            raise Refused(400, str(error)) from None
    has = " AND ".join(["regexp_matches(text, ?, 'i')"] * len(words))
    rows = index.rows(f"SELECT DISTINCT story_id FROM stories WHERE {has}", *map(re.escape, words))
    return [row["story_id"] for row in rows]


def _snippets(index: Index, story_ids: list[str], words: list[str]) -> dict[str, str]:
    """What stands about the first of the words in each story."""
    marks = ", ".join("?" * len(story_ids)) or "NULL"
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    snippets = {}
    for row in index.rows(f"SELECT story_id, text FROM stories WHERE story_id IN ({marks}) ORDER BY version", *story_ids):
        if found := pattern.search(row["text"]):
            start = max(0, found.start() - AROUND)
            snippet = row["text"][start : start + SNIPPET]
            snippets[row["story_id"]] = "… " + snippet.partition(" ")[2] if start else snippet
    return snippets


def terms(words: str) -> list[str]:
    """The words and phrases to be found, in lower case.

    >>> terms('Ferry "Marl Island"')
    ['marl island', 'ferry']
    """
    phrases = re.findall(r'"([^"]+)"', words)
    rest = re.sub(r'"[^"]*"?', " ", words).split()
    return [term for term in (" ".join(phrase.lower().split()) for phrase in (*phrases, *rest)) if term]


def headline(title: str | None, text: str) -> str:
    """A title: that of the story, or the beginning of its text."""
    if title and title.strip():
        return " ".join(title.split())
    line = " ".join(next((line for line in text.splitlines() if line.strip()), "").split())
    line = DATELINE.sub("", line)
    if len(line) <= TITLE:
        return line or "Without words"
    head = re.match(r".{40,110}[.!?](?=\s)|.{50,110}(?=[,;:–—] )", line)
    return (head[0] if head else line[:TITLE].rpartition(" ")[0]) + ("" if head and head[0][-1] in ".!?" else " …")


def _wanted(asked: StoriesAsked) -> tuple[str, list[Any]]:
    """What must hold of a story, and the values in it."""
    where, values = ["true"], []
    for bound, sign in ((asked.since, ">="), (asked.until, "<=")):
        if bound:
            where.append(f"left(CAST(day AS VARCHAR), {len(bound)}) {sign} ?")
            values.append(bound)
    of_copy = []
    if asked.source is not None:
        of_copy.append("source IS NULL" if not asked.source else "source = ?")
        values += [asked.source] if asked.source else []
    if asked.relation:
        of_copy.append("relation = ?")
        values.append(asked.relation)
    if of_copy:
        where.append(f"story_id IN (SELECT story_id FROM page.copies WHERE {' AND '.join(of_copy)})")
    return " AND ".join(where), values


def _sources(index: Index, story_ids: list[str]) -> dict[str, list[str]]:
    """Some sources of each story, those with most copies first."""
    marks = ", ".join("?" * len(story_ids)) or "NULL"
    query = (
        f"SELECT story_id, source FROM page.copies WHERE story_id IN ({marks}) AND source IS NOT NULL "
        "GROUP BY ALL ORDER BY count(*) DESC, source"
    )
    sources: dict[str, list[str]] = {}
    for row in index.rows(query, *story_ids):
        sources.setdefault(row["story_id"], []).append(row["source"])
    return sources


def _listed(row: Mapping[str, Any], sources: Mapping[str, list[str]], snippets: Mapping[str, str]) -> Listed:
    numbers = {name: row[name] for name in ("version", "n_versions", "n_copies", "n_variants", "n_unsure", "confidence")}
    title, beginning = headline(row["title"], row["beginning"]), " ".join(row["beginning"].split())
    return Listed(
        story_id=row["story_id"],
        title=title,
        beginning=_after(beginning, title.removesuffix(" …")),
        published=row["published"],
        sources=sources.get(row["story_id"], [])[: NAMED * 4],
        snippet=" ".join(snippets[row["story_id"]].split()) if row["story_id"] in snippets else None,
        **numbers,
    )


def _after(beginning: str, title: str) -> str:
    """What stands after the title that was made of the beginning."""
    before, found, rest = beginning.partition(title)
    return rest.lstrip(" ,;:–—") if found and len(before) <= TITLE else beginning
