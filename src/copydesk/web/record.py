"""The record: who said what through whom, dates in order of time, figures; of one story, or of all.

What the run wrote is asked; where it wrote no record, that of one story is read when it is asked for.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from copydesk.web.asked import (
    Counted,
    Dated,
    Dates,
    Figures,
    RecordAsked,
    Said,
    Speaker,
    Statements,
)
from copydesk.web.index import within
from copydesk.web.stories import headline
from copydesk.web.story import READING, around, edition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copydesk.model import Record
    from copydesk.web.index import Index

NO_RECORD = "No record was kept of these stories. Each story has one on its own page."
PLACE = 'story_id, version, start, "end", id'
"""Where items stand, of all stories."""
KEY = ("story_id", "version", "start", "end")
COLUMNS = {
    "statements": (*KEY, "name", "kind", "type", "source_text", "cue_text", "content_text", "via", "hedges", "rule"),
    "dates": (*KEY, "text", "timex", "first", "last"),
    "figures": (*KEY, "text", "kind", "value", "high", "comparison", "unit", "since", "as_of", "source"),
}
"""What is shown of an item."""
SOUGHT = {"statements": ("name", "source_text"), "dates": ("text", "first"), "figures": ("text", "unit")}
"""In what of an item words are sought."""
SPEAKERS = 60
"""Who made most statements that are named."""
LONGEST = 200_000
"""Characters of a text that is read for its record while a reader waits."""
TOO_LONG = (
    f"The text has more than {LONGEST:,} characters, too many to read while you wait; a run that keeps the record has it."
)


def statements(index: Index, asked: RecordAsked) -> Statements:
    """What was said, by those who said most first, or of one story in order of place."""
    if asked.id or not index.has("statements"):
        rows, note = _of_story(index, asked, "statements")
        speakers: dict[str | None, list[str]] = {}
        for row in rows:
            speakers.setdefault(row["name"], []).append(row["kind"])
        order = sorted(speakers.items(), key=lambda who: (-len(who[1]), who[0] is None, who[0] or ""))
        most = [Speaker(name, kinds[0], len(kinds), 1) for name, kinds in order[:SPEAKERS]]
        return Statements(len(rows), asked.page, asked.size, most, [_said(row) for row in _cut(index, rows, asked)], note)
    where, values = _where(asked, "statements")
    query = (
        "SELECT name, any_value(kind) AS kind, count(*) AS n_statements, count(DISTINCT story_id) AS n_stories "
        f"FROM statements WHERE {where} GROUP BY name ORDER BY n_statements DESC, name NULLS LAST LIMIT {SPEAKERS}"
    )
    most = [Speaker(**row) for row in index.kept(query, *values)]
    total, rows = _page(index, "statements", where, values, asked, PLACE)
    return Statements(total, asked.page, asked.size, most, [_said(row) for row in rows])


def dates(index: Index, asked: RecordAsked) -> Dates:
    """The dates that texts name, in order of time."""
    if asked.id or not index.has("dates"):
        rows, note = _of_story(index, asked, "dates")
        rows.sort(key=lambda row: (row["first"] is None, row["first"] or "", row["start"]))
        months = Counter(row["first"][:7] for row in rows if row["first"])
        shown = [_dated(row) for row in _cut(index, rows, asked)]
        return Dates(len(rows), asked.page, asked.size, sorted(months.items()), shown, note)
    where, values = _where(asked, "dates")
    query = f"SELECT left(first, 7) AS month, count(*) AS n FROM dates WHERE {where} AND first IS NOT NULL"
    query += " GROUP BY ALL ORDER BY ALL"
    by_month = [(row["month"], row["n"]) for row in index.kept(query, *values)]
    total, rows = _page(index, "dates", where, values, asked, f"first NULLS LAST, {PLACE}")
    return Dates(total, asked.page, asked.size, by_month, [_dated(row) for row in rows])


def figures(index: Index, asked: RecordAsked) -> Figures:
    """The figures that texts give, with the day of which they are."""
    if asked.id or not index.has("figures"):
        rows, note = _of_story(index, asked, "figures")
        return Figures(len(rows), asked.page, asked.size, [_counted(row) for row in _cut(index, rows, asked)], note)
    where, values = _where(asked, "figures")
    total, rows = _page(index, "figures", where, values, asked, f"unit, value, {PLACE}")
    return Figures(total, asked.page, asked.size, [_counted(row) for row in rows])


def _where(asked: RecordAsked, table: str) -> tuple[str, list[Any]]:
    """What must hold of a row of all stories, of each the last version, and the values in it."""
    where = ["(story_id, version) NOT IN (SELECT (story_id, version) FROM page.earlier)"]
    if not asked.q:
        return where[0], []
    where.append("(" + " OR ".join(f"contains(lower(coalesce({column}, '')), ?)" for column in SOUGHT[table]) + ")")
    return " AND ".join(where), [asked.q.lower()] * len(SOUGHT[table])


def _page(  # noqa: PLR0917  the parts of one query
    index: Index, table: str, where: str, values: list[Any], asked: RecordAsked, order: str
) -> tuple[int, list[dict[str, Any]]]:
    """How many rows there are, and a page of them, each with the title of its story and what stands around it."""
    query = f"FROM {table} WHERE {where}"
    (counted,) = index.kept(f"SELECT count(*) AS n {query}", *values)
    page = f"LIMIT {asked.size} OFFSET {(asked.page - 1) * asked.size}"
    rows = index.rows(f"SELECT * {query} ORDER BY {order} {page}", *values)
    marks = ", ".join("?" * len(rows)) or "NULL"
    texts = f"SELECT story_id, version, title, published, text FROM stories WHERE story_id IN ({marks})"
    told = {(of["story_id"], of["version"]): of for of in index.rows(texts, *(row["story_id"] for row in rows))}
    for row in rows:
        row.update(_around(told[row["story_id"], row["version"]], row["start"], row["end"]))
    return counted["n"], rows


def _cut(index: Index, rows: list[dict[str, Any]], asked: RecordAsked) -> list[dict[str, Any]]:
    """A page of the rows of a story, as `_page` gives them."""
    shown = rows[(asked.page - 1) * asked.size : asked.page * asked.size]
    for row in shown:
        of, _ = edition(index, row["story_id"], row["version"])
        row.update(_around(of, row["start"], row["end"]))
    return shown


def _around(of: Mapping[str, Any], start: int, end: int) -> dict[str, Any]:
    text = of["text"]
    before, after = around(text, start, end)
    return {
        "story": headline(of["title"], text[:2000]),
        "published": of["published"],
        "before": before,
        "after": after,
    }


def _of_story(index: Index, asked: RecordAsked, table: str) -> tuple[list[dict[str, Any]], str | None]:
    """The record of one story in order of place, read now where none was kept; and why there is none."""
    if not asked.id:
        return [], NO_RECORD
    of, _ = edition(index, asked.id, asked.version)
    note = None
    if index.has(table):
        rows = within(index.of(asked.id, table, COLUMNS[table]), of["version"]).to_pylist()
    elif len(of["text"]) > LONGEST:
        return [], TOO_LONG
    else:
        from copydesk.story import record

        read = record(of["text"], of["published"])
        rows, note = _rows(read, table, of), read.note
    words = asked.q.lower()
    found = [row for row in rows if any(words in (row[column] or "").lower() for column in SOUGHT[table])]
    return sorted(found, key=lambda row: (row["start"], row["end"])), note


def _rows(read: Record, table: str, of: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A record as rows of the tables that a run writes."""
    text, key = of["text"], {"story_id": of["story_id"], "version": of["version"]}
    rows: list[dict[str, Any]] = []
    if table == "statements":
        for s in read.statements:
            stretches = [*s.source, *s.cue, *s.content, *(stretch for via in s.via for stretch in (via.source, via.cue))]
            start, end = min(a for a, _ in stretches), max(b for _, b in stretches)
            texts = {
                f"{name}_text": " … ".join(text[a:b] for a, b in part) or None
                for name, part in (("source", s.source), ("cue", s.cue), ("content", s.content))
            }
            fields = {name: getattr(s, name) for name in ("type", "kind", "name", "via", "hedges", "rule", "implied")}
            rows.append(key | {"start": start, "end": end} | texts | fields)
        return rows
    import msgspec

    return [key | msgspec.structs.asdict(item) for item in getattr(read, table)]


def _said(row: Mapping[str, Any]) -> Said:
    via = [one["name"] if isinstance(one, dict) else one.name for one in row["via"] or ()]
    return Said(
        **_place(row),
        published=row["published"],
        name=row["name"],
        kind=row["kind"],
        type=row["type"],
        source=row["source_text"],
        cue=row["cue_text"],
        content=(row["content_text"] or "")[:READING],
        via=via,
        hedged=bool(row["hedges"]),
        rule=row["rule"],
    )


def _dated(row: Mapping[str, Any]) -> Dated:
    fields = {name: row[name] for name in ("text", "timex", "first", "last", "before", "after")}
    return Dated(**_place(row), **fields)


def _counted(row: Mapping[str, Any]) -> Counted:
    names = ("text", "kind", "value", "high", "comparison", "unit", "since", "as_of", "source", "before", "after")
    return Counted(**_place(row), **{name: row[name] for name in names})


def _place(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"title": row["story"]} | {name: row[name] for name in ("story_id", "version", "start", "end")}
