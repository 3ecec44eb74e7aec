"""The same figure in several stories: a series of values by the day as of which each holds, to see a tally run or stop.

What is counted is told by the words of a figure's unit, in any order, singular or plural. Figures whose words are the same are
one series.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from copydesk.folder import MARK

if TYPE_CHECKING:
    import pyarrow as pa

    from copydesk.again import Kept
    from copydesk.results import Run

WORD = re.compile(r"\w+")
SMALL = frozenset(("a", "an", "the", "of", "in", "and", "or", "for", "to"))
IRREGULAR = {"people": "person", "men": "man", "women": "woman", "children": "child", "lives": "life", "feet": "foot"}
OVERDUE = 2.0
"""Usual steps from one value to the next after which the next one is missed."""
NEAR = 5
"""What else is counted that is named where nothing is found."""


class NoFigures(Exception):
    """There is nothing to read a series from; the message is one line that says what to do."""


class NotCounted(Exception):
    """No figure counts what was asked for; the message is one line that says what is."""


@dataclass(frozen=True)
class Mention:
    """A figure where it stands: `[start, end)` of the text of an edition, `text` in its words. `copies` are behind it."""

    story_id: str
    version: int
    start: int
    end: int
    text: str
    title: str
    published: str | None
    copies: tuple[str, ...]


@dataclass(frozen=True)
class Value:
    """A value of a series with all places that tell it.

    `day` is the day it holds as of, the first of a month or a year that is told; `dated_by` is `as_of` where the text says so,
    `published` where only the day is known on which the first of the stories came out; None if neither is.
    """

    day: date | None
    dated_by: str | None
    as_of: str | None
    since: str | None
    value: float
    high: float | None
    comparison: str | None
    unit: str
    source: str | None
    mentions: tuple[Mention, ...]


@dataclass(frozen=True)
class Series:
    """The values of what is `counted`, in order of their days, those without one last; `kind` is that of the figures.

    It has its `last` value as of that day, of days that texts tell if they do; `until` is the last day on which the run has a
    story. `usual` is the median of the days from one value to the next. The series is `overdue` where more than `OVERDUE` times
    as many have passed from `last` to `until`.
    """

    counted: str
    kind: str
    exact: bool
    values: tuple[Value, ...]
    last: date | None
    until: date | None
    usual: int | None
    overdue: bool


def series(out: str | Path | Kept, what: str) -> list[Series]:
    """The series that count `what`, those of these very words first, then the longest: of the run in a folder, or an archive.

    Raises `NoFigures` where the folder is not of a run with a record, `NotCounted` where nothing counts this, `OSError`.
    """
    import pyarrow.compute as pc

    kept = _run(Path(out)) if isinstance(out, str | Path) else out
    if not kept.has("figures"):
        raise NoFigures(f"the run {out} has no record; run again without --no-record and --only")
    asked = stems(what)
    if not asked:
        raise NotCounted(f"{what!r} has no word to look for; say what is counted, for example 'passengers'")
    units = pc.value_counts(kept.table("figures", ["unit"]).column("unit")).to_pylist()
    words = {row["values"]: stems(row["values"]) for row in units}
    wanted = [unit for unit, of_it in words.items() if asked <= of_it]
    if not wanted:
        raise NotCounted(_instead(what, asked, Counter({row["values"]: row["counts"] for row in units}), words))
    figures = kept.table("figures", where={"unit": wanted}).to_pylist()
    of_stories = _stories(kept, {row["story_id"] for row in figures})
    speakers = _speakers(kept, {row["story_id"] for row in figures if row["statement"]})
    groups: dict[tuple[frozenset[str], str], list[Value]] = {}
    for row in figures:
        edition = (row["story_id"], row["version"])
        source = row["source"] or speakers.get((*edition, row["statement"]))
        value = _value({**row, **of_stories[edition], "source": source})
        groups.setdefault((words[row["unit"]], row["kind"]), []).append(value)
    until = _last_day(kept.table("stories", ["published"]))
    found = [_series(values, kind, of_it == asked, until) for (of_it, kind), values in groups.items()]
    return sorted(found, key=lambda one: (not one.exact, -len(one.values), one.counted, one.kind))


def stems(text: str) -> frozenset[str]:
    """The words of a text without their endings, small ones left out.

    >>> sorted(stems("the Agencies’ boxes of women"))
    ['agency', 'box', 'woman']
    """
    return frozenset(_stem(word) for word in WORD.findall(text.casefold()) if word not in SMALL and word != "s")


def _stem(word: str) -> str:
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _value(row: dict[str, Any]) -> Value:
    """A row of the table of figures, with what its story and its statement say, as a value with one mention."""
    mention = Mention(
        row["story_id"],
        row["version"],
        row["start"],
        row["end"],
        row["text"],
        row["title"] or row["beginning"].strip().partition("\n")[0],
        row["published"],
        tuple(row["copies"]),
    )
    day, by = _day(row["as_of"]), "as_of"
    if day is None:
        day, by = _day((row["published"] or "")[:10]), "published"
    told = {name: row[name] for name in ("as_of", "since", "value", "high", "comparison", "unit", "source")}
    return Value(day, by if day else None, **told, mentions=(mention,))


def _series(found: Iterable[Value], kind: str, exact: bool, until: date | None) -> Series:
    """Values of what is counted in the same words as a series. Where texts say as of when, days of publication tell no step."""
    values = sorted(_together(found), key=lambda value: (value.day or date.max, value.value, _first(value)))
    counted = Counter(value.unit for value in values for _ in value.mentions)
    by = "as_of" if any(value.dated_by == "as_of" for value in values) else "published"
    days = sorted({value.day for value in values if value.day and value.dated_by == by})
    steps = [(after - before).days for before, after in pairwise(days)]
    usual = round(median(steps)) if len(steps) > 1 else None
    last = days[-1] if days else None
    overdue = bool(usual and until and last and (until - last).days > OVERDUE * usual)
    label = min(counted, key=lambda unit: (-counted[unit], unit))
    return Series(label, kind, exact, tuple(values), last, until, usual, overdue)


def _together(found: Iterable[Value]) -> Iterator[Value]:
    """Values that say the same are one, with all their mentions: dated as the first that has a day."""

    def said(value: Value) -> tuple[str, ...]:
        return tuple(map(repr, (value.as_of, value.since, value.value, value.high, value.comparison, value.source)))

    for _, group in groupby(sorted(found, key=lambda value: (said(value), value.day or date.max, _first(value))), key=said):
        of_it = [*group]
        yield replace(of_it[0], mentions=tuple([mention for value in of_it for mention in value.mentions]))


def _first(value: Value) -> tuple[str, int, int]:
    mention = value.mentions[0]
    return mention.story_id, mention.version, mention.start


def _run(out: Path) -> Run:
    """The run in a folder."""
    from copydesk.results import Run

    if not (out / MARK).is_file():
        raise NoFigures(f"{out} is not the folder of a run (it has no {MARK}); name the one that copydesk run wrote")
    return Run(out)


def _stories(kept: Kept, ids: set[str]) -> dict[tuple[str, int], dict[str, Any]]:
    """Title, beginning and publication of the editions of stories."""
    import pyarrow.compute as pc

    table = kept.table("stories", ["story_id", "version", "title", "published", "text"], {"story_id": sorted(ids)})
    table = table.set_column(4, "beginning", pc.utf8_slice_codeunits(table.column("text"), 0, 200))
    return {(row["story_id"], row["version"]): row for row in table.to_pylist()}


def _speakers(kept: Kept, ids: set[str]) -> dict[tuple[str, int, str], str]:
    """Whose the statements of stories are, where more than a pronoun says so."""
    columns = ["story_id", "version", "id", "name", "source_text"]
    rows = kept.table("statements", columns, {"story_id": sorted(ids)}).to_pylist()
    return {
        (r["story_id"], r["version"], r["id"]): r["name"] or r["source_text"] for r in rows if r["name"] or r["source_text"]
    }


def _last_day(stories: pa.Table) -> date | None:
    """The last day on which a story was published; of dates that are written year-month-day."""
    import pyarrow.compute as pc

    days = pc.utf8_slice_codeunits(stories.column("published"), 0, 10).unique()
    return max(filter(None, map(_day, days.drop_null().to_pylist())), default=None)


def _day(timex: str | None) -> date | None:
    """The first day of a TIMEX3 value; None for what is no day, week, month or year."""
    match = re.fullmatch(r"(\d{4})(?:-W(\d\d)(?:-WE)?|(?:-(\d\d)(?:-(\d\d))?)?)(?:T\w\w)?", timex or "")
    if not match:
        return None
    year, week, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        return date.fromisocalendar(year, week, 1) if week else date(year, month or 1, day or 1)
    except ValueError:
        return None


def _instead(what: str, asked: frozenset[str], counts: Counter[str], words: dict[str, frozenset[str]]) -> str:
    """What to ask for where nothing counts what was asked for: what shares most words with it, else what is counted most."""
    if not counts:
        return "no figure is in the record of this run"
    near = [unit for unit in counts if asked & words[unit]]
    some = sorted(near or counts, key=lambda unit: (-len(asked & words[unit]), -counts[unit], unit))[:NEAR]
    return f"nothing counts {what!r}; {'alike' if near else 'counted most'}: {', '.join(map(repr, some))}"
