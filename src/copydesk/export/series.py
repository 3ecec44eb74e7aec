"""Series of figures in a terminal, as one JSON object, and as CSV."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from copydesk.export.readable import counted, visible
from copydesk.export.terminal import put
from copydesk.series import Series, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

SERIES, VALUES = 5, 30
"""Series, and values of one, that are shown in a terminal; of values the last ones."""
TITLE = 40
"""Characters of a title."""
COLUMNS = (
    *("counted", "kind", "day", "dated_by", "as_of", "since", "value", "high", "comparison", "unit", "source"),
    *("story_id", "version", "start", "end", "text", "title", "published", "copies"),
)


def dumps(found: Sequence[Series]) -> bytes:
    """The series as one JSON object on one line of UTF-8: `{"series": [...]}`, the fields of `series.Series`."""
    line = json.dumps({"series": [asdict(one) for one in found]}, ensure_ascii=False, separators=(",", ":"), default=str)
    return line.encode("utf-8", "backslashreplace") + b"\n"


def table(found: Sequence[Series]) -> bytes:
    """The series as CSV in UTF-8: a row for each place that tells a value; `copies` parted by blanks."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for one in found:
        for value in one.values:
            for mention in value.mentions:
                told = {"counted": one.counted, "kind": one.kind, **asdict(value), **asdict(mention)}
                told["copies"] = " ".join(mention.copies)
                writer.writerow({name: told[name] for name in COLUMNS})
    return file.getvalue().encode("utf-8", "backslashreplace")


def show(found: Sequence[Series], console: Console) -> None:
    """Print the series, one below the other."""
    from rich.text import Text

    for number, one in enumerate(found[:SERIES]):
        if number:
            console.print()
        stories = {mention.story_id for value in one.values for mention in value.mentions}
        counts = f"{counted(len(one.values), 'value')} in {counted(len(stories), 'story')}"
        put(Text.assemble((_plain(one.counted), "bold"), f" ({one.kind}): {counts}"), console)
        if len(one.values) > VALUES:
            put(
                Text(f"... {counted(len(one.values) - VALUES, 'value')} before these; --csv has all", "dim"),
                console,
                "  ",
                "  ",
            )
        for value in one.values[-VALUES:]:
            _value(value, console)
        if end := _end(one):
            put(Text(end, "yellow" if one.overdue else "dim"), console, "  ", "  ")
    rest = found[SERIES:]
    if rest:
        console.print()
        some = ", ".join(f"{_plain(one.counted)} ({len(one.values)})" for one in rest[:SERIES])
        more = f" and {len(rest) - SERIES:,} more" if len(rest) > SERIES else ""
        put(Text(f"also: {some}{more}; --json and --csv have all", "dim"), console, rest="  ")


def _value(value: Value, console: Console) -> None:
    """The day and the value, below it who says so, and where."""
    from rich.text import Text

    day = str(value.day) if value.day else "no date"
    when = f"{value.as_of or day}{'' if value.dated_by == 'as_of' or not value.day else '*'}"
    number = f"{value.value:,.12g}" + (f" to {value.high:,.12g}" if value.high is not None else "")
    told = " ".join(part for part in (value.comparison, number) if part)
    since = f", since {value.since}" if value.since else ""
    put(Text.assemble((f"{when:<12}", "cyan"), (_plain(told), "bold"), f"{since}"), console, "  ", " " * 14)
    first = value.mentions[0]
    where = f"{_title(first.title)} ({_plain(first.story_id)}{_dated(first.published)})"
    others = len({mention.story_id for mention in value.mentions}) - 1
    more = f" and {counted(others, 'story')} more" if others else ""
    if value.source:
        put(Text(_plain(value.source)), console, " " * 14, " " * 14)
    put(Text(where + more, "dim"), console, " " * 14, " " * 14)


def _title(title: str) -> str:
    """The words of a title that have room."""
    words = _plain(title)
    return words if len(words) <= TITLE else words[:TITLE].rpartition(" ")[0] + " …"


def _dated(published: str | None) -> str:
    return f", {_plain(published)[:10]}" if published else ""


def _end(one: Series) -> str:
    """Where the series stops, and how much longer there are stories."""
    lines = []
    if any(value.dated_by == "published" for value in one.values):
        lines.append("* as of no day that is told: the day of publication.")
    if one.last and one.until and one.until > one.last:
        longer = f"stories go on to {one.until}, {counted((one.until - one.last).days, 'day')} more"
        usual = f"; a value came every {counted(one.usual, 'day')}" if one.usual else ""
        lines.append(f"{'Stops' if one.overdue else 'Last'} at {one.last}: {longer}{usual}.")
    return " ".join(lines)


def _plain(text: str) -> str:
    return " ".join(visible(text).split())
