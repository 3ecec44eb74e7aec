"""A record as one JSON object, and in a terminal: who said what, in which words; dates, figures and names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from copydesk.behind import Behind, stretches_of
from copydesk.export.readable import counted, shortened, visible
from copydesk.export.terminal import put
from copydesk.model import Date, Detail, Edition, Figure, Name, Record, Statement, Stretch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

CONTENT = 400  # characters of what is said that are shown


def dumps(id_: str | None, record: Record, edition: Edition | None = None) -> bytes:
    """The record of the text called `id_` on one line of UTF-8, ending with a newline: the fields of `model.Record`.

    Of an `edition` each item has the copies behind it, `copies` and `witnesses`.
    """
    fields = {"id": id_, **msgspec.to_builtins(record)}
    behind = Behind(edition.spans, edition.witnesses) if edition is not None else None
    for name in ("statements", "figures", "dates", "names"):
        items = enumerate(zip(getattr(record, name), fields[name], strict=True), 1)
        fields[name] = [{"id": f"{name[0]}{n}", **told, **_copies(item, behind)} for n, (item, told) in items]
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"


def _copies(item: Statement | Figure | Date | Name, behind: Behind | None) -> dict[str, list[str]]:
    """The copies behind an item, where there are copies."""
    if behind is None:
        return {}
    stretches = stretches_of(item)
    return {"copies": behind.copies(stretches), "witnesses": behind.witnesses(stretches)}


def show(id_: str, text: str, record: Record, console: Console) -> None:
    """Print the record of the text called `id_`."""
    from rich.text import Text

    counts = f"{counted(len(record.statements), 'statement')}, {counted(len(record.quotations), 'quotation')}"
    put(Text.assemble((visible(id_), "bold"), f": {counts}"), console)
    if record.note:
        put(Text(visible(record.note), "yellow"), console)
    for statement in record.statements:
        console.print()
        put(_said(text, statement), console, rest="    ")
        content, length = shortened(_flat(text, statement.content), CONTENT)
        put(Text.assemble((content, "green"), (f" ({length})" if length else "", "dim")), console, "    ", "    ")
        for line in _notes(text, statement):
            put(Text(line, "dim"), console, "    ", "    ")
    told = (("Dates", _dates), ("Figures", _figures), ("Names", _names), ("Metadata", _metadata))
    for title, lines in [(title, lines(record)) for title, lines in told]:
        if lines:
            console.print()
            put(Text(title, "bold"), console)
            for line in lines:
                put(Text(line), console, "    ", "      ")


def _dates(record: Record) -> list[str]:
    """`Late last week  2017-W21 (END), 2017-05-25 to 2017-05-28`."""
    lines = []
    for date in record.dates:
        days = f", {date.first}" if date.first and date.first != date.timex else ""
        days += f" to {date.last}" if date.last != date.first else ""
        lines.append(f"{_plain(date.text)}  {date.timex}{f' ({date.mod})' if date.mod else ''}{days}")
    return lines


def _figures(record: Record) -> list[str]:
    """`More than 30 local residents  30, more than, local residents (count)`, with since when and as of when."""
    lines = []
    for figure in record.figures:
        value = f"{figure.value:,.12g}" + (f" to {figure.high:,.12g}" if figure.high is not None else "")
        told = [value, figure.comparison, figure.unit]
        dated = [("since", figure.since), ("as of", figure.as_of), ("by", figure.source)]
        told += [f"{what} {value}" for what, value in dated if value]
        lines.append(f"{_plain(figure.text)}  {', '.join(map(visible, filter(None, told)))} ({figure.kind})")
    return lines


def _names(record: Record) -> list[str]:
    """`James Ames, harbour master (person), 3 times`."""
    return [
        f"{_plain(name.name)}{f', {_plain(name.title)}' if name.title else ''} ({name.kind})"
        + (f", {len(name.mentions)} times" if len(name.mentions) > 1 else "")
        for name in record.names
    ]


def _metadata(record: Record) -> list[str]:
    """`author: Ruth Ames (biography, implied)`, with what dates are reckoned from."""
    return [
        f"{detail.name}: {shortened(_plain(detail.value), CONTENT)[0]} ({detail.rule}{', implied' if detail.implied else ''})"
        + ("; dates are reckoned from it" if detail.name == record.anchor_from and first else "")
        for detail, first in _first_of_each(record)
    ]


def _first_of_each(record: Record) -> list[tuple[Detail, bool]]:
    """The metadata, and whether each is the first of its name, which counts."""
    names = [detail.name for detail in record.metadata]
    return [(detail, detail.name not in names[:at]) for at, detail in enumerate(record.metadata)]


def _plain(text: str) -> str:
    return " ".join(visible(text).split())


def _said(text: str, statement: Statement) -> Text:
    """`s3  the agency (Harbour Office, organisation)  said`, in the words of the text."""
    from rich.text import Text

    source = _flat(text, statement.source) or "no source named"
    name = visible(statement.name) if statement.name and statement.name not in source else ""
    what = ", ".join(part for part in (name, statement.kind if statement.source else "") if part)
    cue = "implied" if statement.implied else _flat(text, statement.cue)
    return Text.assemble(
        (f"[{statement.id[1:]}] ", "cyan"), (source, "bold"), (f" ({what})" if what else "", "dim"), "  ", (cue, "italic")
    )


def _notes(text: str, statement: Statement) -> list[str]:
    """The type and rule, then what the statement came through and what makes it uncertain."""
    lines = [f"{statement.type}, {statement.rule}"]
    if statement.via:
        lines.append("via " + ", via ".join(visible(via.name) for via in statement.via))
    if statement.hedges:
        lines.append("hedged: " + ", ".join(_flat(text, [hedge]) for hedge in statement.hedges))
    return lines


def _flat(text: str, stretches: Sequence[Stretch]) -> str:
    """Stretches of the text on one line, parted by dots where more than one."""
    return " … ".join(" ".join(visible(text[start:end]).split()) for start, end in stretches)
