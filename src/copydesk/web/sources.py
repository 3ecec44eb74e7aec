"""The sources: what each does to texts, in words and rates, over time, and where it is to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copydesk.export.sources import in_words
from copydesk.web.asked import (
    CopyAsked,
    Example,
    Month,
    RateOf,
    Refused,
    SourceAsked,
    SourceOf,
    Sources,
    SourcesAsked,
    SourceTold,
)
from copydesk.web.story import around, copy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from copydesk.web.index import Index

EXAMPLE = 200
"""Characters of an example that are shown."""


def sources(index: Index, asked: SourcesAsked) -> Sources:
    """The sources, those with most copies first."""
    where, values = ("contains(lower(source), ?)", [asked.q.lower()]) if asked.q else ("true", [])
    page = f"LIMIT {asked.size} OFFSET {(asked.page - 1) * asked.size}"
    query = f"FROM sources WHERE {where}"
    rows = index.rows(f"SELECT * {query} ORDER BY n_copies DESC, source {page}", *values)
    return Sources(index.count(query, *values), asked.page, asked.size, [_source(row) for row in rows])


def source(index: Index, asked: SourceAsked) -> SourceTold:
    """One source: its rates, what its copies did in each month, and examples of its damage."""
    same = "source IS NULL" if not asked.source else "source = ?"
    values = [asked.source] if asked.source else []
    row = index.row(f"SELECT * FROM sources WHERE {same}", *values)
    if row is None:
        raise Refused(404, f"there is no source {asked.source}")
    did = ", ".join(f"coalesce(sum({name}), 0) / count(*) AS {name}" for name in ("lost", "added", "altered", "boilerplate"))
    months = index.rows(
        f"SELECT strftime(day, '%Y-%m') AS month, count(*) AS n_copies, {did} FROM page.copies c "
        f"LEFT JOIN (SELECT copy_id, sum(lost) AS lost, sum(added) AS added, sum(altered) AS altered, "
        f"sum(boilerplate) AS boilerplate FROM page.did GROUP BY copy_id) d USING (copy_id) "
        f"WHERE {same} GROUP BY month ORDER BY month NULLS LAST",
        *values,
    )
    examples = [found for example in row.get("examples") or () if (found := _example(index, example))]
    return SourceTold(_source(row), [Month(**month) for month in months], examples)


def _source(row: Mapping[str, Any]) -> SourceOf:
    rates = [RateOf(rate["kind"], rate["n"], rate["of"]) for rate in row.get("rates") or () if rate["of"] > 0]
    letters, boilerplate = row["n_letters"], row["boilerplate_letters"]
    share = boilerplate / letters if letters and boilerplate is not None else None
    words = in_words(row) if row.get("rates") else ""
    return SourceOf(row["source"], row["n_copies"], row.get("n_stories"), share, words, rates)


def _example(index: Index, example: Mapping[str, Any]) -> Example | None:
    """Where a kind of damage is to be seen; None where it is no one place, or the copy is not kept."""
    copy_id, start, end = example["copy_id"], example["start"], example["end"]
    if copy_id is None or start is None:
        return None
    try:
        found = copy(index, CopyAsked(copy_id))
    except Refused:
        return None
    text = found.text
    shown = text[start : min(end, start + EXAMPLE)] + (" …" if end - start > EXAMPLE else "")
    before, after = around(text, start, end)
    return Example(example["kind"], copy_id, found.story_id, before, shown, after)
