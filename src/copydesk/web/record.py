"""The record: who said what through whom, dates in order of time, figures; of one story, or of all.

What the run wrote is asked; where it wrote no record, that of one story is read when it is asked for.
"""

from __future__ import annotations

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
from copydesk.web.stories import headline
from copydesk.web.story import READING, around, edition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from copydesk.model import Record
    from copydesk.web.index import Index

NO_RECORD = "No record was kept of these stories. Each story has one on its own page."
SPEAKERS = 60
"""Who made most statements that are named."""
LONGEST = 200_000
"""Characters of a text that is read for its record while a reader waits."""
TOO_LONG = (
    f"The text has more than {LONGEST:,} characters, too many to read while you wait; a run that keeps the record has it."
)


def statements(index: Index, asked: RecordAsked) -> Statements:
    """What was said, by those who said most first, or of one story in order of place."""
    if not index.has("statements"):
        rows, note = _read(index, asked, "statements")
        return _statements_read(rows, asked, note)
    where, values = _where(asked, ("name", "source_text"))
    speakers = index.rows(
        "SELECT name, any_value(kind) AS kind, count(*) AS n_statements, count(DISTINCT story_id) AS n_stories "
        f"FROM statements r WHERE {where} GROUP BY name ORDER BY n_statements DESC, name NULLS LAST LIMIT {SPEAKERS}",
        *values,
    )
    total, rows = _page(index, "statements", where, values, asked, 'story_id, version, start, "end", id')
    return Statements(total, asked.page, asked.size, [Speaker(**s) for s in speakers], [_said(row) for row in rows])


def dates(index: Index, asked: RecordAsked) -> Dates:
    """The dates that texts name, in order of time."""
    if not index.has("dates"):
        rows, note = _read(index, asked, "dates")
        rows.sort(key=lambda row: (row["first"] is None, row["first"] or "", row["start"]))
        months = _months(row["first"] for row in rows)
        return Dates(len(rows), asked.page, asked.size, months, [_dated(row) for row in _cut(rows, asked)], note)
    where, values = _where(asked, ("text", "first"))
    query = f"SELECT left(first, 7) AS month, count(*) AS n FROM dates r WHERE {where} AND first IS NOT NULL"
    query += " GROUP BY ALL ORDER BY ALL"
    months = [(row["month"], row["n"]) for row in index.rows(query, *values)]
    total, rows = _page(index, "dates", where, values, asked, 'first NULLS LAST, story_id, version, start, "end", id')
    return Dates(total, asked.page, asked.size, months, [_dated(row) for row in rows])


def figures(index: Index, asked: RecordAsked) -> Figures:
    """The figures that texts give, with the day of which they are."""
    if not index.has("figures"):
        rows, note = _read(index, asked, "figures")
        return Figures(len(rows), asked.page, asked.size, [_counted(row) for row in _cut(rows, asked)], note)
    where, values = _where(asked, ("text", "unit"))
    place = 'story_id, version, start, "end", id'
    total, rows = _page(index, "figures", where, values, asked, place if asked.id else f"unit, value, {place}")
    return Figures(total, asked.page, asked.size, [_counted(row) for row in rows])


def _where(asked: RecordAsked, columns: tuple[str, str]) -> tuple[str, list[Any]]:
    """What must hold of a row, and the values in it. Of a story it is that of its last version, unless told."""
    last = "(SELECT version FROM page.stories s WHERE s.story_id = r.story_id)"
    where = [f"version = {'?' if asked.version else last}"]
    values: list[Any] = [asked.version] if asked.version else []
    if asked.id:
        where.append("story_id = ?")
        values.append(asked.id)
    if asked.q:
        where.append("(" + " OR ".join(f"contains(lower(coalesce({column}, '')), ?)" for column in columns) + ")")
        values += [asked.q.lower()] * 2
    return " AND ".join(where), values


def _page(  # noqa: PLR0917  the parts of one query
    index: Index, table: str, where: str, values: list[Any], asked: RecordAsked, order: str
) -> tuple[int, list[dict[str, Any]]]:
    """How many rows there are, and a page of them, each with the title of its story and what stands around it."""
    first = (asked.page - 1) * asked.size
    query = f"FROM {table} r WHERE {where}"
    total = index.count(query, *values)
    rows = index.rows(f"SELECT * {query} ORDER BY {order} LIMIT {asked.size} OFFSET {first}", *values)
    marks = ", ".join("?" * len(rows)) or "NULL"
    ids = [row["story_id"] for row in rows]
    told = {
        (row["story_id"], row["version"]): row
        for row in index.rows(
            f"SELECT story_id, version, title, published, text FROM stories WHERE story_id IN ({marks})", *ids
        )
    }
    for row in rows:
        row.update(_around(told[row["story_id"], row["version"]], row["start"], row["end"]))
    return total, rows


def _around(of: Mapping[str, Any], start: int, end: int) -> dict[str, Any]:
    text = of["text"]
    before, after = around(text, start, end)
    return {
        "story": headline(of["title"], text[:2000]),
        "published": of["published"],
        "before": before,
        "after": after,
    }


def _read(index: Index, asked: RecordAsked, table: str) -> tuple[list[dict[str, Any]], str | None]:
    """The record of one story, read now; and why there is none."""
    from copydesk.story import record

    if not asked.id:
        return [], NO_RECORD
    row, _ = edition(index, asked.id, asked.version)
    if len(row["text"]) > LONGEST:
        return [], TOO_LONG
    read = record(row["text"], row["published"])
    rows = _rows(read, table, row)
    words = asked.q.lower()
    return [row for row in rows if words in f"{row.get('name')} {row.get('text')} {row.get('unit')}".lower()], read.note


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
            rows.append(key | {"start": start, "end": end} | texts | fields | _around(of, start, end))
        return rows
    import msgspec

    items = getattr(read, table)
    return [key | msgspec.structs.asdict(item) | _around(of, item.start, item.end) for item in items]


def _statements_read(rows: list[dict[str, Any]], asked: RecordAsked, note: str | None) -> Statements:
    speakers: dict[str | None, list[str]] = {}
    for row in rows:
        speakers.setdefault(row["name"], []).append(row["kind"])
    order = sorted(speakers.items(), key=lambda who: (-len(who[1]), who[0] is None, who[0] or ""))
    told = [Speaker(name, kinds[0], len(kinds), 1) for name, kinds in order[:SPEAKERS]]
    return Statements(len(rows), asked.page, asked.size, told, [_said(row) for row in _cut(rows, asked)], note)


def _cut(rows: list[dict[str, Any]], asked: RecordAsked) -> list[dict[str, Any]]:
    return rows[(asked.page - 1) * asked.size : asked.page * asked.size]


def _months(days: Iterable[str | None]) -> list[tuple[str, int]]:
    months: dict[str, int] = {}
    for day in days:
        if day:
            months[day[:7]] = months.get(day[:7], 0) + 1
    return sorted(months.items())


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
