"""An edition in a terminal: its text with the variants marked, then the apparatus, the lines, the damage and the metadata.

Nothing rests on colour alone: numbers in brackets lead from the text to the apparatus, a tick stands before the reading
chosen and a cross before the others. Readings stand side by side, or one below the other where the terminal is narrow.
"""

from __future__ import annotations

from itertools import groupby, pairwise, zip_longest
from typing import TYPE_CHECKING

from copydesk.export.pieces import pieces
from copydesk.export.readable import context, counted, named, published, readings_shown, shortened, sure, visible
from copydesk.model import Edition, Place, Reading, Variant

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

UNSURE = 0.8  # variants below this confidence are shown in yellow
READING = 160  # characters of a reading that are shown
READINGS = 6  # other readings of a variant that are shown
NARROW = 50  # columns below which readings no longer stand side by side


def show(edition: Edition, console: Console) -> None:
    """Print the edition. The width and whether there is colour are the console's to know."""
    from rich.text import Text

    counts = f", {counted(len(edition.variants), 'variant')}, confidence {sure(edition.confidence)}"
    if edition.earlier:
        counts += f", version {edition.version} of {edition.version}"
    put(Text.assemble((counted(len(edition.copies), "copy"), "bold"), counts), console)
    console.print()
    _text(edition, console)
    if edition.earlier:
        _versions(edition, console)
    _title("Apparatus", console)
    for number, variant in enumerate(edition.variants, 1):
        if number > 1:
            console.print()
        _variant(number, variant, context(edition.text, variant), console)
    if not edition.variants:
        one = len(edition.copies) == 1
        put(Text("There is one copy and nothing to compare it with." if one else "The copies do not differ."), console)
    if edition.lines:
        _title("Lines", console)
        for line in edition.lines:
            put(Text(f"{named(line, 24)}: share errors, descend from one copy and vote once"), console, "", "    ")
    if edition.damage:
        _title("Damage", console)
        for copy, damages in groupby(edition.damage, lambda damage: damage.copy):
            put(Text(visible(copy), "bold"), console)
            for damage in damages:
                words = f"{visible(damage.kind)}, {damage.n:,} of {damage.of:,}: {visible(damage.reason)}"
                put(Text(words), console, "    ", "      ")
    if edition.metadata:
        _title("Metadata", console)
        for (name, whole), facts in groupby(edition.metadata, lambda fact: (fact.name, fact.value)):
            value, length = shortened(" ".join(visible(whole).split()), READING)
            more = f" ({length})" if length else ""
            places = "; ".join(_place(fact.place) for fact in facts)
            said = Text.assemble((visible(name), "bold"), f": {value}", (f"{more}  {places}", "dim"))
            put(said, console, rest="    ")


def _place(place: Place) -> str:
    """Where a copy says something; where the page says it, and not the text, only by whom it was found."""
    return visible(place.copy) + (f", {place.start}-{place.end}" if place.end > place.start else "")


def _text(edition: Edition, console: Console) -> None:
    """The text with its variants coloured, each with its number in brackets where it ends."""
    from rich.text import Text

    line = Text()
    for piece in pieces(edition):
        shown = visible(piece.text)
        body = shown.rstrip()
        blank = shown[len(body) :]
        parts = [(body, "" if piece.variant is None else _colour(edition.variants[piece.variant])), (blank, "")]
        if piece.variant is not None and piece.last:
            parts.insert(1, (f"[{piece.variant + 1}]", "cyan" if piece.text else "red"))
        for part, style in parts:
            for n, piece_of_line in enumerate(part.split("\n")):
                if n:
                    put(line, console)
                    line = Text()
                line.append(piece_of_line, style)
    if line:
        put(line, console)


def _versions(edition: Edition, console: Console) -> None:
    """The versions with their copies, and what each has otherwise than the one before it."""
    from rich.text import Text

    _title("Versions", console)
    put(Text.assemble((visible(edition.reason), "italic")), console)
    for version in (*edition.earlier, edition):
        said = f"version {version.version}", f"{published(version)}  ", named(version.of_version)
        put(Text.assemble((said[0], "bold"), "  ", said[1], (said[2], "dim")), console, rest="    ")
    for before, version in pairwise((*edition.earlier, edition)):
        console.print()
        put(Text(f"From version {before.version} to {version.version}", "bold"), console)
        for at, change in enumerate(version.changes):
            if at:
                console.print()
            new, old = version.text[change.start : change.end], before.text[change.was_start : change.was_end]
            for words, mark, colour in ((old, "- ", "red"), (new, "+ ", "green")):
                put(_words(visible(" ".join(words.split())), ("", ""), colour), console, "    " + mark, "      ")


def _variant(number: int, variant: Variant, around: tuple[str, str], console: Console) -> None:
    """One entry: number, kind and confidence; the reading chosen and the others side by side; the reason."""
    from rich.text import Text

    confidence = (f"  confidence {sure(variant.confidence)}", "yellow" if variant.confidence < UNSURE else "dim")
    put(Text.assemble((f"[{number}] ", "cyan"), (visible(variant.kind), "bold"), confidence), console)
    narrow = console.width < NARROW
    width = console.width - 4 if narrow else (console.width - 6) // 2
    shown = readings_shown(variant)
    chosen: list[Text] = []
    others: list[Text] = []
    for n, (text, reading) in enumerate(zip(shown, variant.readings, strict=True)):
        if n == variant.chosen:
            chosen = _reading(_words(text, around, "green"), reading, True, width, console)
        elif n - (n > variant.chosen) < READINGS:
            others += _reading(_words(text, around, "red"), reading, False, width, console)
    if len(shown) - 1 > READINGS:
        others.append(Text(f"  and {counted(len(shown) - 1 - READINGS, 'more reading')}", "dim"))
    if narrow:
        chosen, others = chosen + others, []
    for left, right in zip_longest(chosen, others, fillvalue=Text()):
        line = Text("    ").append_text(left)
        if right:
            line.append(" " * (width + 6 - line.cell_len)).append_text(right)
        put(line, console)
    reason = visible(variant.reason)
    if variant.lacunae:
        reason += f" ({named(variant.lacunae)} {'has' if len(variant.lacunae) == 1 else 'have'} no reading here)"
    put(Text.assemble((reason, "italic")), console, "    ", "    ")


def _words(shown: str, around: tuple[str, str], colour: str) -> Text:
    """A reading, between the words around it."""
    from rich.text import Text

    if not shown:
        return Text.assemble(("omitted", f"italic {colour}"))
    words, length = shortened(shown, READING)
    return Text.assemble((around[0], "dim"), (words, colour), (around[1], "dim"), (f" ({length})" if length else "", "dim"))


def _reading(words: Text, reading: Reading, chosen: bool, width: int, console: Console) -> list[Text]:
    """A reading and the copies that have it, as lines of at most `width` columns."""
    from rich.text import Text

    lines = _wrapped(words, width, console, "✓ " if chosen else "✗ ", "  ")
    lines[0].stylize("green" if chosen else "red", 0, 1)
    return lines + _wrapped(Text.assemble((named(reading.copies, 6), "dim")), width, console, "  ", "  ")


def _colour(variant: Variant) -> str:
    return "yellow" if variant.confidence < UNSURE else "green"


def _title(title: str, console: Console) -> None:
    from rich.text import Text

    console.print()
    put(Text(title, "bold underline"), console)
    console.print()


def put(text: Text, console: Console, first: str | tuple[str, str] = "", rest: str = "") -> None:
    """Print a text within the width of the console: the first line led in by `first` (and its style), the others by `rest`."""
    from rich.text import Text

    console.print(Text("\n").join(_wrapped(text, console.width, console, first, rest)), soft_wrap=True)


def _wrapped(text: Text, width: int, console: Console, first: str | tuple[str, str], rest: str) -> list[Text]:
    """The lines of a text within `width` columns, the first led in by `first`, the others by `rest`; no blanks at the ends."""
    from rich.text import Text

    lines = []
    for n, line in enumerate(text.wrap(console, max(8, width - len(rest)))):
        line.rstrip()
        lines.append(Text.assemble(rest if n else first, line))
    return lines
