"""Why two copies are, or are not, of one story, in a terminal: a sentence, the figures, then both texts.

The texts stand side by side where the terminal is wide enough, else one after the other. Nothing rests on colour alone: what
is not in both is between marks, and the legend says which.
"""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from copydesk.export.readable import counted, shortened, visible
from copydesk.export.terminal import put

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.text import Text

    from copydesk.find.pair import Aligned, Pair
    from copydesk.why import Hop, Why

WIDE = 100
"""Columns from which the texts stand side by side."""
NARROW = 60
"""Columns below which even the names of the figures are wrapped."""
APART = 120
"""Characters that only one text has, from which they are a row of their own."""
ROW = 600
"""Characters of a row after which the next begins, so that both sides keep level."""
ROWS = 6
"""Rows in which the texts run along together, of which more are left out between the first and the last."""
LINE_ENDS = re.compile(r" *\n[ \n]*")
ID = 48
"""Characters of an id that are shown."""

PLAIN, SHARED, MOVED, OWN, ASIDE_IN_BOTH, ASIDE = range(6)
LOOKS = {
    PLAIN: ("", "", ""),
    SHARED: ("green", "", ""),
    MOVED: ("cyan", "{>", "<}"),
    OWN: ("yellow", "[+", "+]"),
    ASIDE_IN_BOTH: ("dim", "(=", "=)"),
    ASIDE: ("dim", "(~", "~)"),
}
"""How the kinds of text look: the colour, and what stands before and after."""
KEPT = {SHARED: (160, 100), MOVED: (160, 100), OWN: (120, 60), ASIDE_IN_BOTH: (60, 40), ASIDE: (60, 40)}
"""Characters of the beginning and the end of a piece that are shown where it is longer than both by `SPARED`."""
SPARED = 60
CALLED = {
    SHARED: "the same",
    MOVED: "the same, moved",
    OWN: "of its own",
    ASIDE_IN_BOTH: "of boilerplate that both have",
    ASIDE: "of boilerplate",
}


@dataclass(frozen=True)
class _Piece:
    """A stretch of one text, of one kind."""

    start: int
    end: int
    kind: int


@dataclass(frozen=True)
class _Row:
    """What stands side by side: a stretch of either text. `together`: both run along there."""

    spans: tuple[tuple[int, int], tuple[int, int]]
    together: bool


def dumps(why: Why) -> bytes:
    """All of it but the texts as one JSON object on a line of UTF-8 (`docs/why.md`)."""
    told = msgspec.to_builtins(why)
    del told["texts"]
    return msgspec.json.encode({"headline": headline(why), "reasons": reasons(why), **told}) + b"\n"


def headline(why: Why) -> str:
    """What is so, in one sentence or two."""
    one, other = (_named(copy.copy_id) for copy in why.copies)
    pair = why.pair
    aside = sum(side.n_letters - side.story_letters for side in pair.sides)
    set_aside = f"; {counted(aside, 'letter')} of boilerplate {'was' if aside == 1 else 'were'} set aside" if aside else ""
    verdict = "One story" if why.one_story else "Not one story"
    if why.given is not None:
        return f"{verdict}, for so says the column {_named(why.given)}: {_share(why)}{set_aside}."
    if pair.identical:
        return f"{verdict}: the letters of {one} and {other} are the same, {counted(pair.sides[0].n_letters, 'letter')}."
    enough = pair.coverage >= why.same
    if why.one_story and enough:
        return f"One story: {_share(why)}{set_aside}."
    if why.one_story:
        return (
            f"One story, by way of other copies: of these two alone, {_share(why)}, and {_percent(why.same)} would link them."
        )
    if enough:
        return (
            f"Not one story, though the pair covers enough: {_share(why)}, and {_percent(why.same)} links two texts{set_aside}."
        )
    if not all(side.n_letters for side in pair.sides):
        empty = [name for name, side in zip((one, other), pair.sides, strict=True) if not side.n_letters]
        return f"Not one story: {' and '.join(empty)} {'has' if len(empty) == 1 else 'have'} no letters."
    with_it = max(side.coverage_with_boilerplate for side in pair.sides)
    if with_it >= why.same:
        return (
            f"Not one story: {_share(why)}, and {_percent(why.same)} would link them. With boilerplate it would be "
            f"{_percent(with_it)}{set_aside}."
        )
    return f"Not one story: {_share(why)}, and {_percent(why.same)} would link them{set_aside}."


def reasons(why: Why) -> list[str]:
    """What else is to be said: the way that joins two copies, or the rules that may have parted two that share much."""
    from copydesk.find import links, stories

    said = []
    if why.one_story and why.paths and (len(why.paths) > 1 or len(why.paths[0]) > 1):
        if len(why.paths) == 1:
            said.append(f"What joins them, nearest copy by nearest copy: {_way(why.paths[0])}.")
        else:
            said.append(
                "Nearest copies lead from either to others, and not from one to the other; between those, the story was"
                " joined by what its middle members share. "
                + "; ".join(_way(path) or _named(copy.copy_id) for path, copy in zip(why.paths, why.copies, strict=True))
                + "."
            )
    rules = {
        "links": (
            f"a text is held against {links.MOST} others at most, those with which it shares most seeds; these two may never"
            f" have been held against one another (they share {counted(why.pair.n_seeds, 'seed')})"
        ),
        "templates": (
            "reports that differ at the same places, each with its own word, are one template and not one story; a third text"
            " tells, the pair cannot"
        ),
        "middle": (
            "two stories become one only if their middle members cover"
            f" {_percent(stories.MEAN / 1000)} of one another on the mean"
        ),
        "core": "a copy that has little of what most copies of its story have leaves the story",
    }
    if why.rules:
        said.append("What may have parted them (the tables do not say which):")
        said += [f"{rule}: {rules[rule]}." for rule in why.rules]
    return said


def show(why: Why, console: Console, full: bool = False) -> None:
    """Print it. The width and whether there is colour are the console's to know; `full` leaves nothing of the texts out."""
    from rich.text import Text

    said = headline(why)
    verdict, colon, rest = said.partition(":") if ":" in said else (said, "", "")
    colour = "green" if why.one_story else "red"
    put(Text.assemble((verdict + colon, f"bold {colour}"), rest), console)
    for n, reason in enumerate(reasons(why)):
        put(Text(reason), console, "  - " if n else "", "    " if n else "")
    console.print()
    _figures(why, console)
    console.print()
    pieces = [_pieces(why, side) for side in (0, 1)]
    _legend({piece.kind for side in pieces for piece in side}, console)
    console.print()
    rows = _rows(why)
    shown = rows if full else _fewer(rows)
    names = [Text(_named(copy.copy_id), "bold underline") for copy in why.copies]
    cells = [[_cell(why, pieces, row, side, full) for row in shown] for side in (0, 1)]
    if console.width >= WIDE:
        _beside(names[0], names[1], console)
        for left, right in zip(*cells, strict=True):
            _beside(left, right, console)
    else:
        for name, cell in zip(names, cells, strict=True):
            put(name, console)
            console.print()
            for text in cell:
                if text:
                    put(text, console)
            console.print()


def _figures(why: Why, console: Console) -> None:
    """The table of figures, a column for each copy."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=console.width >= NARROW)
    for _ in why.copies:
        grid.add_column(overflow="fold")

    def row(label: str, *values: str) -> None:
        grid.add_row(Text(label, "dim"), *(Text(value) for value in values))

    grid.add_row("", *(Text(_named(copy.copy_id), "bold") for copy in why.copies))
    sides = why.pair.sides
    if any(copy.source for copy in why.copies):
        row("source", *(_named(copy.source or "-") for copy in why.copies))
    row("story", *(f"{_named(copy.story_id)} ({counted(copy.n_copies, 'copy')})" for copy in why.copies))
    row("letters", *(f"{side.n_letters:,}" for side in sides))
    row("set aside as boilerplate", *(f"{side.n_letters - side.story_letters:,}" for side in sides))
    row("covered by the other", *(f"{_percent(s.coverage)} of {s.story_letters:,} letters" for s in sides))
    row("with boilerplate", *(f"{_percent(s.coverage_with_boilerplate)} of {s.n_letters:,} letters" for s in sides))
    equal = [_equal(why.pair, side) for side in (0, 1)]
    row("the same to the letter", *(counted(n, "letter") for n in equal))
    moved = [stretch for stretch in why.pair.stretches if stretch.moved]
    if moved:
        row("moved blocks", *(f"{len(moved):,}" for _ in sides))
    if why.pair.coverage and (why.one_story or why.pair.coverage >= why.same):
        row("stands to the other as", *(f"{side.relation}" for side in sides))
    if any(copy.nearest_copy for copy in why.copies):
        row("nearest copy", *(_named(copy.nearest_copy or "-") for copy in why.copies))
        near = ["-" if c.coverage is None else f"{_percent(c.coverage)}, {c.relation}" for c in why.copies]
        row("covered by that", *near)
    console.print(grid)


def _legend(kinds: set[int], console: Console) -> None:
    """What the marks mean, those that are used."""
    from rich.text import Text

    meanings = {
        SHARED: "as it is: in both",
        OWN: "in this one only",
        MOVED: "in both, moved",
        ASIDE_IN_BOTH: "boilerplate in both",
        ASIDE: "boilerplate",
    }
    said = Text()
    for kind, meaning in meanings.items():
        if kind in kinds:
            colour, before, after = LOOKS[kind]
            said.append("   " if said else "").append(f"{before}{meaning}{after}", colour)
    put(said, console)


def _pieces(why: Why, side: int) -> list[_Piece]:
    """One text in pieces of one kind each, without gaps. Marks and blanks between two pieces are of neither."""
    text = why.texts[side]
    kinds = bytearray([PLAIN]) * len(text)
    for start, end in why.pair.sides[side].boilerplate:
        kinds[start:end] = bytes([ASIDE]) * (end - start)
    ranks = {(True, True): ASIDE_IN_BOTH, (True, False): ASIDE_IN_BOTH, (False, True): MOVED, (False, False): SHARED}
    for span in sorted(why.pair.aligned, key=lambda s: (s.boilerplate, not s.moved)):  # of two, what stands in line counts
        start, end = _place(span, side)
        kinds[start:end] = bytes([ranks[span.boilerplate, span.moved]]) * (end - start)
    pieces: list[_Piece] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and kinds[end] == kinds[at]:
            end += 1
        words = [i for i in range(at, end) if text[i].isalnum()]
        if not words:
            pieces.append(_Piece(at, end, PLAIN))
        else:
            kind = kinds[at] or OWN
            first, last = words[0], words[-1] + 1
            pieces += [_Piece(*s) for s in ((at, first, PLAIN), (first, last, kind), (last, end, PLAIN)) if s[0] < s[1]]
        at = end
    return _joined(pieces)


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """Pieces of one kind that marks and blanks alone have parted are one."""
    joined: list[_Piece] = []
    for piece in pieces:
        if len(joined) > 1 and joined[-1].kind == PLAIN and joined[-2].kind == piece.kind:
            joined[-2:] = [_Piece(joined[-2].start, piece.end, piece.kind)]
        else:
            joined.append(piece)
    return joined


def _rows(why: Why) -> list[_Row]:
    """Both texts cut at the same places into rows, in the order of what they share."""
    one, other = why.texts
    cuts = [(0, 0)]
    at = (0, 0)
    together: list[bool] = []

    def cut(place: tuple[int, int], along: bool) -> None:
        place = max(place[0], cuts[-1][0]), max(place[1], cuts[-1][1])
        if place != cuts[-1]:
            cuts.append(place)
            together.append(along)

    ends = len(one), len(other)
    for span in [*_line(why.pair), None]:
        begin = (span.start, span.other_start) if span else ends
        if max(begin[0] - at[0], begin[1] - at[1]) > APART:
            cut((_after(one, at[0]), _after(other, at[1])), True)
            cut((_before(one, begin[0], cuts[-1][0]), _before(other, begin[1], cuts[-1][1])) if span else ends, False)
        elif span and begin[0] - cuts[-1][0] > ROW:
            cut((_before(one, begin[0], cuts[-1][0]), _before(other, begin[1], cuts[-1][1])), True)
        if span:
            at = span.end, span.other_end
    cut(ends, True)
    return [_Row(((a, c), (b, d)), along) for (a, b), (c, d), along in zip(cuts, cuts[1:], together, strict=False)]


def _line(pair: Pair) -> list[Aligned]:
    """The runs that stand in one order in both texts: of the story, and those of boilerplate that fit between."""
    line = [span for span in pair.aligned if not span.moved and not span.boilerplate]
    aside = [span for span in pair.aligned if not span.moved and span.boilerplate]
    for span in sorted(aside, key=lambda s: (-s.n_letters, s.start)):
        at = bisect(line, span.start, key=lambda s: s.start)
        before, after = line[at - 1] if at else None, line[at] if at < len(line) else None
        if (before is None or (before.end <= span.start and before.other_end <= span.other_start)) and (
            after is None or (span.end <= after.start and span.other_end <= after.other_start)
        ):
            line.insert(at, span)
    return line


def _fewer(rows: Sequence[_Row]) -> list[_Row | tuple[_Row, ...]]:
    """Rows with the middle of many in which the texts run along together taken as one."""
    fewer: list[_Row | tuple[_Row, ...]] = []
    run: list[_Row] = []
    for row in [*rows, None]:
        if row is not None and row.together:
            run.append(row)
            continue
        half = ROWS // 2
        fewer += run if len(run) <= ROWS + 1 else [*run[:half], tuple(run[half:-half]), *run[-half:]]
        run = []
        if row is not None:
            fewer.append(row)
    return fewer


def _cell(why: Why, pieces: Sequence[Sequence[_Piece]], row: _Row | tuple[_Row, ...], side: int, full: bool) -> Text:
    """What one text has in a row."""
    from rich.text import Text

    text = why.texts[side]
    if isinstance(row, tuple):
        start, end = row[0].spans[side][0], row[-1].spans[side][1]
        same = sum(_letters(text[p.start : p.end]) for p in _within(pieces[side], start, end) if p.kind == SHARED)
        n = _letters(text[start:end])
        return Text(f"… {counted(n, 'letter')}, {_percent(same / max(n, 1))} of them the same …", "italic")
    cell = Text()
    start, end = row.spans[side]
    for piece in _within(pieces[side], start, end):
        colour, before, after = LOOKS[piece.kind]
        words = text[piece.start : piece.end]
        head, tail = KEPT.get(piece.kind, (0, 0))
        cell.append(before, colour)
        if full or piece.kind == PLAIN or len(words) <= head + tail + SPARED:
            cell.append(_flat(words), colour)
        else:
            first, last = _head(words, head), _tail(words, tail)
            left_out = counted(_letters(words[len(first) : len(words) - len(last)]), "letter")
            cell.append(_flat(first), colour).append(f" … {left_out} {CALLED[piece.kind]} … ", "italic")
            cell.append(_flat(last), colour)
        cell.append(after, colour)
    cell.rstrip()
    return cell


def _within(pieces: Sequence[_Piece], start: int, end: int) -> Iterable[_Piece]:
    """The pieces in `[start, end)`, cut to it."""
    at = max(0, bisect(pieces, start, key=lambda piece: piece.start) - 1)
    while at < len(pieces) and pieces[at].start < end:
        piece = pieces[at]
        if piece.end > start:
            yield _Piece(max(piece.start, start), min(piece.end, end), piece.kind)
        at += 1


def _beside(left: Text, right: Text, console: Console) -> None:
    """Two texts side by side."""
    from rich.table import Table

    width = (console.width - 3) // 2
    grid = Table.grid(padding=(0, 3, 0, 0))
    grid.add_column(width=width, overflow="fold")
    grid.add_column(width=width, overflow="fold")
    grid.add_row(left, right)
    console.print(grid)
    console.print()


def _place(span: Aligned, side: int) -> tuple[int, int]:
    return (span.other_start, span.other_end) if side else (span.start, span.end)


def _equal(pair: Pair, side: int) -> int:
    """Letters of a text outside boilerplate that the other has to the letter."""
    spans = sorted((*_place(span, side), span.n_letters) for span in pair.aligned if not span.boilerplate)
    n, reached = 0, 0
    for start, end, letters in spans:
        if end > reached:
            n += letters if start >= reached else letters * (end - reached) // (end - start)
            reached = end
    return n


def _share(why: Why) -> str:
    """How much of the text that is covered better lies in the other."""
    sides = why.pair.sides
    better = int(sides[1].coverage > sides[0].coverage)
    this, that = (_named(why.copies[side].copy_id) for side in (better, 1 - better))
    if not sides[better].covered:
        return f"{this} and {that} share nothing outside boilerplate" if why.pair.n_boilerplate_seeds else "they share nothing"
    outside = " outside boilerplate" if any(side.boilerplate for side in sides) else ""
    return f"{_percent(sides[better].coverage)} of {this} lies in {that}{outside}"


def _way(path: Sequence[Hop]) -> str:
    """A path in words: each copy with how much of it lies in the next."""
    if not path:
        return ""
    steps = "".join(f" →({_percent(hop.coverage)}, {_percent(hop.coverage_of_other)}) {_named(hop.other_id)}" for hop in path)
    return _named(path[0].copy_id) + steps


def _percent(share: float) -> str:
    """A share of one as a person says it, never more than it is."""
    thousandths = round(share * 1000)
    return "under 1 %" if 0 < thousandths < 10 else f"{thousandths // 10} %"


def _named(id_: str) -> str:
    return shortened(" ".join(visible(id_).split()), ID)[0]


def _letters(text: str) -> int:
    from copydesk.find.letters import letters

    return len(letters(text)[0])


def _flat(text: str) -> str:
    """A text on one line, with the ends of its lines made visible."""
    return LINE_ENDS.sub(lambda ends: "↵" * ends[0].count("\n") + " ", visible(text).replace("\t", " "))


def _after(text: str, at: int) -> int:
    """The place after the marks and the blank that follow a word."""
    while at < len(text) and not text[at].isalnum():
        at += 1
        if text[at - 1].isspace():
            break
    return at


def _before(text: str, at: int, least: int) -> int:
    """The place before the marks that stand right before a word, `least` at the least."""
    while at > least and not text[at - 1].isalnum() and not text[at - 1].isspace():
        at -= 1
    return at


def _head(text: str, n: int) -> str:
    """About `n` characters of the beginning, whole words where words are known."""
    head = text[:n]
    whole = head[: head.rfind(" ") + 1]
    return whole if len(whole) * 2 > n else head


def _tail(text: str, n: int) -> str:
    """About `n` characters of the end, whole words where words are known."""
    tail = text[-n:]
    whole = tail[tail.find(" ") + 1 :]
    return whole if len(whole) * 2 > n else tail
