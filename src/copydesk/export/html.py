"""An edition as one page of HTML that needs nothing else: no request leaves it, and only its own style and script run.

The text comes first, its variants marked quietly; hover, focus or tap shows the readings, in the margin or, on a small
screen, at the foot. Below stand the copies with their damage, the metadata and the whole apparatus as a table, to which
every mark is a link: so the page says the same on paper and without the script.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from html import escape
from itertools import groupby

from copydesk.export.markup import document, escaped
from copydesk.export.pieces import Piece, pieces
from copydesk.export.readable import HOSTILE, context, counted, named, readings_shown, shortened, sure, visible
from copydesk.model import Copy, Damage, Edition, Fact, Place, Reading, Span, Variant

UNSURE = 0.8  # variants below this confidence are marked as unsure
READING = 240  # characters of a reading that are shown before it is opened
READINGS = 5  # other readings that the note beside the text shows; the table has all


def page(edition: Edition) -> str:
    """The page."""
    title = shortened(" ".join(visible(edition.text[:500]).split()), 70)[0] or "Empty edition"
    counts = [counted(len(edition.copies), "copy"), counted(len(edition.variants), "variant")]
    parts = [
        "<header>",
        "<h1>Edition</h1>",
        f"<p>{', '.join(counts)}, confidence {sure(edition.confidence)}</p>",
        _legend(edition),
        "</header>",
        "<main>",
        _text(edition),
        _copies(edition),
        _metadata(edition.metadata),
        _apparatus(edition),
        "</main>",
    ]
    return document(title, "\n".join(part for part in parts if part), style="page.css", script="page.js")


def _legend(edition: Edition) -> str:
    """What the marks mean, as far as the page has them."""
    unsure = [variant.confidence < UNSURE for variant in edition.variants]
    marks = []
    if not all(unsure):
        marks.append('<li><span class="m">marked</span> copies differ here</li>')
    if any(unsure):
        marks.append(f'<li><span class="m unsure">marked</span> the choice is unsure, below {UNSURE:.2f}</li>')
    if any(variant.start == variant.end for variant in edition.variants):
        marks.append('<li><span class="m gap"></span> something was left out here</li>')
    return f'<ul class="legend">{"".join(marks)}</ul>' if marks else ""


def _text(edition: Edition) -> str:
    """The text in paragraphs, every piece of a variant a link to its entry, with a note beside it."""
    paragraphs: list[list[str]] = [[]]
    parts: Counter[int] = Counter()
    beside = False  # what was left out stands where something else was left out: two marks side by side
    for piece in pieces(edition):
        for n, line in enumerate(re.split(r"(?:\r?\n)+", piece.text)):
            if n:
                paragraphs.append([])
                beside = False
            if piece.variant is None:
                paragraphs[-1].append(escaped(line))
                beside = beside and not line
            elif line or (n == 0 and not piece.text.strip("\r\n")):
                parts[piece.variant] += 1
                shown = line or ("¶" if piece.text else "")  # a paragraph's end can be a variant too
                paragraphs[-1].append(_mark(shown, piece, parts[piece.variant], edition, beside=beside))
                beside = not shown
    body = "\n".join(f'<p dir="auto">{body}</p>' for body in map("".join, paragraphs) if body)
    return f'<article id="text" lang="" aria-label="The text">\n{body}\n</article>'


def _mark(line: str, piece: Piece, part: int, edition: Edition, *, beside: bool) -> str:
    assert piece.variant is not None
    variant = edition.variants[piece.variant]
    number = piece.variant + 1
    ident = f"{number}" if part == 1 else f"{number}-{part}"
    kinds = "m" + (" unsure" if variant.confidence < UNSURE else "") + ("" if line else " gap beside" if beside else " gap")
    label = "" if line else f' aria-label="left out here, variant {number}"'
    shown = f'<span class="n">{number}</span>' if piece.last else ""
    note = _note(number, variant, context(edition.text, variant))
    return (
        f'<a class="{kinds}" id="t{ident}" href="#v{number}" aria-describedby="n{ident}"{label}>{escaped(line)}{shown}</a>'
        f'<span class="note" id="n{ident}" role="note" tabindex="-1" lang="en" dir="ltr">{note}</span>'
    )


def _note(number: int, variant: Variant, around: tuple[str, str]) -> str:
    shown = readings_shown(variant)
    order = _chosen_first(variant)
    readings = [
        f'<span class="r{" chosen" if n == variant.chosen else ""}">{_reading(shown[n], around, whole=False)}'
        f'<span class="who">{escaped(named(variant.readings[n].copies))}</span></span>'
        for n in order[: READINGS + 1]
    ]
    more = len(order) - len(readings)
    return (
        f'<span class="kind">{escaped(variant.kind)}</span> <span class="conf">{sure(variant.confidence)}</span>'
        f"{''.join(readings)}"
        + (f'<span class="who">and {counted(more, "more reading")}</span>' if more else "")
        + f'<span class="why">{escaped(variant.reason)}</span>'
        f'<a class="to" href="#v{number}" tabindex="-1">entry {number}</a>'
    )


def _chosen_first(variant: Variant) -> list[int]:
    return [variant.chosen, *(n for n in range(len(variant.readings)) if n != variant.chosen)]


def _reading(shown: str, around: tuple[str, str] = ("", ""), whole: bool = True) -> str:
    """A reading between the words around it; a long one shortened, with the whole to be opened where there is room for it."""
    if not shown:
        return '<i class="omitted">omitted</i> '
    short, length = shortened(shown, READING)
    if not length:
        before, after = (f'<span class="around">{escaped(word)}</span>' if word else "" for word in around)
        return f'<bdi class="text">{before}{escaped(short)}{after}</bdi> '
    if not whole:
        return f'<bdi class="text">{escaped(short)}</bdi> <small>{length}</small> '
    summary = f'<summary><bdi class="text">{escaped(short)}</bdi> <small>{length}</small></summary>'
    return f'<details>{summary}<bdi class="text">{escaped(shown)}</bdi></details> '


def _apparatus(edition: Edition) -> str:
    if not edition.variants:
        return '<section><h2>Apparatus</h2><p class="none">No variants.</p></section>'
    head = "".join(f'<th scope="col">{name}</th>' for name in ("", "Kind", "Readings", "Reason", "Confidence"))
    rows = "\n".join(_entry(n, variant, context(edition.text, variant)) for n, variant in enumerate(edition.variants, 1))
    return (
        '<section><h2>Apparatus</h2>\n<table class="apparatus">\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></section>"
    )


def _entry(number: int, variant: Variant, around: tuple[str, str]) -> str:
    shown = readings_shown(variant)
    readings = "".join(
        _entry_reading(_reading(shown[n], around), variant.readings[n], n == variant.chosen) for n in _chosen_first(variant)
    )
    lacunae = ""
    if variant.lacunae:
        lacunae = f'<p class="who">not reached by {escaped(named(variant.lacunae))}</p>'
    where = f"character {variant.start:,}" if variant.start == variant.end else f"characters {variant.start:,}–{variant.end:,}"
    unsure = ' class="unsure"' if variant.confidence < UNSURE else ""
    return (
        f'<tr id="v{number}"><th scope="row"><a href="#t{number}" title="back to the text">{number}</a></th>'
        f'<td class="kind">{escaped(variant.kind)}<small>{where}</small></td>'
        f"<td><ul>{readings}</ul>{lacunae}</td>"
        f'<td class="why">{escaped(variant.reason)}</td>'
        f'<td class="conf"><span{unsure}>{sure(variant.confidence)}</span></td></tr>'
    )


def _entry_reading(words: str, reading: Reading, chosen: bool) -> str:
    said = '<span class="sr">chosen: </span>' if chosen else '<span class="sr">not chosen: </span>'
    return (
        f'<li class="r{" chosen" if chosen else ""}">{said}{words}'
        f'<span class="who">{escaped(named(reading.copies, 24))}</span></li>'
    )


def _copies(edition: Edition) -> str:
    """The copies: where each comes from, how much of the text was taken from it, and its damage."""
    taken, has = _share(edition.spans, len(edition.text)), _share(edition.witnesses, len(edition.text))
    damages: dict[str, list[Damage]] = {}
    for damage in edition.damage:
        damages.setdefault(damage.copy, []).append(damage)
    line = {copy: n for n, line in reversed([*enumerate(edition.lines, 1)]) for copy in line}  # the largest that it is in
    rows = "\n".join(
        _copy(c, taken.get(c.id, ""), has.get(c.id, ""), damages.get(c.id, ()), line.get(c.id, 0)) for c in edition.copies
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Copy", "Characters", "Agrees", "Taken", "Damage"))
    return (
        '<section><h2>Copies</h2>\n<table class="copies">\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></section>"
    )


def _share(spans: Sequence[Span], length: int) -> dict[str, str]:
    """For each copy the part of the text that the spans cover, in per cent, rounded down."""
    covered: Counter[str] = Counter()
    for span in spans:
        covered[span.copy] += span.end - span.start
    return {copy: f"{1000 * n // length / 10:g}&nbsp;%" for copy, n in covered.items() if length}


def _copy(copy: Copy, taken: str, has: str, damages: Sequence[Damage], line: int) -> str:
    about = [escaped(word) for word in (copy.source, copy.published) if word]
    if line:
        about.append(f"line {line}: shares errors with the others of it, which vote once together")
    if copy.url:
        web = re.match(r"https?://", copy.url, re.IGNORECASE) and not HOSTILE.search(copy.url)
        url = escaped(shortened(copy.url, 60)[0])
        about.append(f'<a href="{escape(copy.url)}" rel="noopener noreferrer">{url}</a>' if web else url)
    damage = "".join(
        f"<li><b>{escaped(d.kind)}</b>, {d.n:,} of {d.of:,}<small>{escaped(d.reason)}</small></li>" for d in damages
    )
    return (
        f'<tr><th scope="row"><bdi>{escaped(copy.id)}</bdi><small>{", ".join(about)}</small></th>'
        f'<td data-of="Characters">{len(copy.text):,}</td><td data-of="Agrees">{has or "none"}</td>'
        f'<td data-of="Taken">{taken or "none"}</td>'
        f"<td>{f'<ul>{damage}</ul>' if damage else 'no damage found'}</td></tr>"
    )


def _metadata(facts: Sequence[Fact]) -> str:
    if not facts:
        return ""
    rows = "\n".join(
        f"<dt>{escaped(fact.name)}</dt><dd>{_reading(' '.join(visible(fact.value).split()))}"
        f'<span class="who">{escaped("; ".join(map(_place, places)))}</span></dd>'
        for fact, places in _together(facts)
    )
    return f"<section><h2>Metadata</h2>\n<dl>\n{rows}\n</dl></section>"


def _together(facts: Sequence[Fact]) -> list[tuple[Fact, list[Place]]]:
    """Facts, of which those in a row that say the same are one, with all their places."""
    groups = (list(group) for _, group in groupby(facts, lambda fact: (fact.name, fact.value)))
    return [(group[0], [fact.place for fact in group]) for group in groups]


def _place(place: Place) -> str:
    """Where a copy says something; where the page says it, and not the text, only by whom it was found."""
    return place.copy + (f", characters {place.start:,}–{place.end:,}" if place.end > place.start else "")
