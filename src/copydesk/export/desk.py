"""What an archive answers, in the terminal."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len, set_cell_size
from rich.table import Table
from rich.text import Text

from copydesk.archive.decisions import UNDONE
from copydesk.export.readable import named, readings_shown, shortened, sure, visible
from copydesk.export.terminal import UNSURE, put

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from rich.console import Console

    from copydesk.archive.decisions import Decision
    from copydesk.archive.find import Answer, Difference, Match
    from copydesk.archive.grow import Added
    from copydesk.archive.history import Event, Then
    from copydesk.archive.search import Hits
    from copydesk.model import Variant

SHOWN = 8
"""Differences of a match, and copies of a story, that are shown."""
FOLDED = 32
"""Columns of the terminal that a long value has at least where it is folded in a table."""
GAP = 3
"""Columns of the terminal between two columns of a table, which also has one at either edge."""
WORDS, AROUND = 120, 40
"""Characters of a reading, and of what stands on either side of it, that are shown."""
STANDS = {
    **{"identical": "identical to", "copy": "a copy of", "abridged": "an abridgement of", "extended": "an extension of"},
    **{"excerpt": "an excerpt of", "revised": "a revision of", "quotation": "quotes", "boilerplate": "boilerplate of"},
}
"""How a text stands to a copy, with what leads over to its name."""


def added(done: Added) -> str:
    """What an add did, in one line."""
    said = []
    if done.batch is None:
        said.append("nothing is new")
    elif done.copies:
        said.append(f"batch {done.batch}: {_n(done.copies, 'copy', 'copies')} added")
        said.append(f"{_n(done.stories, 'story', 'stories')} edited")
    else:
        said.append(f"batch {done.batch}: {_n(done.stories, 'story', 'stories')} found and edited anew")
    if done.settled and done.copies:
        said.append("all stories found anew")
    if done.there:
        said.append(f"{done.there:,} {'was' if done.there == 1 else 'were'} there already")
    if done.rejected:
        why = "; ".join(f"{n:,}: {reason}" for reason, n in sorted(done.reasons.items(), key=lambda of: (-of[1], of[0]))[:3])
        said.append(f"{done.rejected:,} rejected ({why}, see {done.rejected_in})")
    return visible(", ".join(said))


def answer(found: Answer, console: Console) -> None:
    """Whether a text is there, and where."""
    if not found.matches:
        console.print(Text(f"Not here: {found.note}."))
        return
    if found.note:
        console.print(Text(f"Here, but {found.note}:"))
    if not found.found:
        console.print(Text("Not here as a whole; parts of it are:"))
    for match in found.matches:
        console.print()
        _match(match, console)


def _match(match: Match, console: Console) -> None:
    head = Text(visible(match.title or match.story), "bold")
    head.append(f"  {visible(match.published)}" if match.published else "", "dim")
    put(head, console)
    put(Text(f"story {visible(match.story)}, {_n(match.n_copies, 'copy', 'copies')}"), console, "  ", "  ")
    of = f" ({visible(match.source)})" if match.source else ""
    shares = f"{match.coverage:.0%} of the text is in it, {match.coverage_of_copy:.0%} of it in the text"
    put(Text(f"{STANDS[match.relation]} {visible(match.copy)}{of}: {shares}"), console, "  ", "    ")
    for difference in match.differences[:SHOWN]:
        put(_instead(difference, " there, ").append(" here"), console, "    ", "      ")
    if len(match.differences) > SHOWN:
        put(Text(f"and {len(match.differences) - SHOWN:,} more differences", "dim"), console, "    ", "      ")
    if match.n_copies > 1:
        put(Text(f"copies: {named(match.copies, SHOWN)}", "dim"), console, "  ", "    ")


def hits(found: Hits, console: Console, offset: int = 0) -> None:
    """The editions that have some words."""
    if not found.n:
        console.print(Text("No edition has these words."))
        return
    for hit in found.hits:
        head = Text(visible(hit.title or hit.story), "bold")
        head.append(f"  {visible(hit.published)}" if hit.published else "", "dim")
        console.print(head)
        version = f", version {hit.version}" if hit.version > 1 else ""
        console.print(Text(f"  story {visible(hit.story)}{version}, {_n(hit.n_copies, 'copy', 'copies')}", "dim"))
        line, at = Text(), 0
        for start, end in hit.marks:
            line.append(_flat(hit.excerpt[at:start]))
            line.append(_flat(hit.excerpt[start:end]), "bold yellow")
            at = end
        line.append(_flat(hit.excerpt[at:]))
        put(line, console, "  ", "  ")
        console.print()
    first, last = offset + 1, offset + len(found.hits)
    whole = len(found.hits) == found.n or not found.hits
    console.print(Text(_n(found.n, "edition", "editions") if whole else f"{first:,} to {last:,} of {found.n:,}", "dim"))


def history(editions: list[Then], console: Console) -> None:
    """The editions of a story, the latest first, with what happened while they stood."""
    for then in editions:
        until = f", until batch {then.until}" if then.until else ", which stands"
        put(Text(f"batch {then.batch}, {then.at}{until}", "bold"), console, rest="    ")
        version = f" version {then.version}," if then.version > 1 else ""
        confidence = f", confidence {then.confidence:.2f}" if then.confidence is not None else ""
        made = f"story {visible(then.story)},{version} {_n(then.n_copies, 'copy', 'copies')}{confidence}"
        put(Text(made, "dim"), console, "  ", "  ")
        for event in then.events:
            put(_event(event), console, "  ", "    ")
        for difference in then.changes[:SHOWN]:
            put(_instead(difference, " became "), console, "    ", "      ")
        if len(then.changes) > SHOWN:
            put(Text(f"and {len(then.changes) - SHOWN:,} more changes", "dim"), console, "    ", "      ")


def _instead(difference: Difference, between: str) -> Text:
    """The words of a copy, or of a text before, and those that stand for them."""
    line = _shown(difference.copy, "red").append(between)
    return line.append_text(_shown(difference.text, "green"))


def _shown(words: str, colour: str) -> Text:
    """Words in a line, the middle of many left out."""
    return Text().append(shortened(_flat(words), WORDS)[0] or "nothing", colour if words else "dim")


def _event(event: Event) -> Text:
    """What happened with a batch, in a line."""
    line = Text(f"batch {event.batch}: ")
    if event.decision is None:
        came = _n(event.n_copies, "copy", "copies") + " came"
        return line.append(came if event.n_copies else "all was settled")
    line.append(f"decision {event.decision.no}" + (" undone, " if event.what == UNDONE else ", "))
    return line.append(_chosen(event.decision))


def _chosen(decision: Decision) -> Text:
    """What a reader chose for what, and why."""
    line = _shown(decision.chosen, "green").append(" for ").append_text(_shown(decision.was, "red"))
    return line.append(f": {_flat(decision.note)}" if decision.note else "")


def decisions(made: list[Decision], console: Console) -> None:
    """What readers decided, in order of time."""
    if not made:
        console.print(Text("Nothing was decided."))
    for decision in made:
        head = Text(f"decision {decision.no}", "bold")
        head.append(f"  {decision.at}, ", "dim")
        fared = {"stands": "stands", "undone": f"undone {decision.undone}"}
        head.append(fared.get(decision.state, "lost: its story has no such variant now"), "dim")
        put(head, console)
        put(_chosen(decision), console, "  ", "    ")
        place = Text(_flat(decision.before), "dim")
        place.append(_flat(decision.chosen or decision.was), "" if decision.chosen else "strike")
        put(place.append(_flat(decision.after), "dim"), console, "  ", "  ")


def variants(text: str, shown: list[tuple[int, Variant]], console: Console) -> None:
    """Variants of a text by their numbers, each in its place, with its readings by theirs."""
    if not shown:
        console.print(Text("There is no such variant."))
    for at, (number, variant) in enumerate(shown):
        if at:
            console.print()
        head = Text(f"[{number}] ", "cyan")
        head.append(visible(variant.kind), "bold")
        put(
            head.append(f"  confidence {sure(variant.confidence)}", "yellow" if variant.confidence < UNSURE else "dim"), console
        )
        before, after = _around(text, variant.start, variant.end)
        place = Text(_flat(before), "dim")
        place.append(shortened(_flat(text[variant.start : variant.end]), WORDS)[0] or "▸", "bold")
        put(place.append(_flat(after), "dim"), console, "    ", "    ")
        for nth, (words, reading) in enumerate(zip(readings_shown(variant), variant.readings, strict=True), 1):
            chosen = nth - 1 == variant.chosen
            line = Text(f"{nth} {'✓' if chosen else '✗'} ", "green" if chosen else "red")
            line.append(shortened(words, WORDS)[0] or "omitted", "" if words else "italic")
            put(line.append(f"  {named(reading.copies, 6)}", "dim"), console, "    ", "        ")
        put(Text(visible(variant.reason), "italic"), console, "    ", "    ")


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a place, from word to word."""
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    if start > AROUND:
        before = "… " + before.partition(" ")[2]
    if end + AROUND < len(text):
        after = after.rpartition(" ")[0] + " …"
    return before, after


def rows(table: pa.Table, console: Console) -> None:
    """The rows that a query gave: as a table where a row fits into the width, else each as a block, a line for each column."""
    names = [visible(name) for name in table.column_names]
    if not len(table):
        put(Text(f"There are no rows. The columns are {', '.join(names)}."), console)
        return
    columns = [["" if value is None else _flat(str(value)) for value in column.to_pylist()] for column in table.columns]
    widths = [max(cell_len(name), min(FOLDED, max(map(cell_len, of_it)))) for name, of_it in zip(names, columns, strict=True)]
    every = [*zip(*columns, strict=True)]
    if len(names) > 1 and sum(widths) + GAP * len(names) - 1 > console.width:
        _blocks(names, every, console)
        return
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names:
        shown.add_column(Text(name), overflow="fold")
    for row in every:
        shown.add_row(*map(Text, row))
    console.print(shown)


def _blocks(names: Sequence[str], every: Sequence[Sequence[str]], console: Console) -> None:
    """Rows as blocks of names and values; where names are long the values stand below them."""
    widest = max(map(cell_len, names))
    beside = widest <= console.width // 2
    for at, row in enumerate(every):
        if at:
            console.print()
        for name, value in zip(names, row, strict=True):
            if not value:
                put(Text(name, "dim"), console)
            elif beside:
                put(Text(value), console, (set_cell_size(name, widest) + "  ", "dim"), " " * (widest + 2))
            else:
                put(Text(name, "dim"), console)
                put(Text(value), console, "    ", "    ")


def as_csv(table: pa.Table) -> bytes:
    """The same as CSV in UTF-8, with a header; what is null is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return out.getvalue().encode("utf-8", "replace")


def _flat(text: str) -> str:
    """A text in one line, with nothing in it that a terminal would obey."""
    return visible(" ".join(text.split("\n")))


def _n(n: int, one: str, several: str) -> str:
    return f"{n:,} {one if n == 1 else several}"
