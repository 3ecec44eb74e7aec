"""What is drawn: where a copy differs from the edition, and what a source did over time. SVG of a size that has a bound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from copydesk.export.markup import attribute
from copydesk.export.readable import counted

if TYPE_CHECKING:
    from copydesk.web.asked import Shared, Stretch

CELLS = 240
"""Places along a strip that are told apart."""
LAYERS = ("lacuna", "boilerplate", "altered", "added", "lost")
"""What is drawn over what; the last over all."""
MOST = 120
"""Months that are drawn, the last ones."""
HEIGHT = 60


def strip(stretches: Iterable[Stretch], length: int) -> Markup:
    """Where a copy differs from the edition, from its beginning at the left to its end at the right."""
    cells: dict[str, set[int]] = {}
    counts: dict[str, int] = {}
    for stretch in stretches:
        cells.setdefault(stretch.did, set()).update(_cells(stretch.start, stretch.end, length))
        counts[stretch.did] = counts.get(stretch.did, 0) + 1
    said = ", ".join(f"{did} in {counted(counts[did], 'place')}" for did in reversed(LAYERS) if did in counts)
    return _strip({did: cells[did] for did in LAYERS if did in cells}, said or "the same throughout")


def shared(stretches: Iterable[Shared], length: int) -> Markup:
    """Which stretches of a text stand elsewhere, from its beginning at the left to its end at the right."""
    cells: set[int] = set()
    for stretch in stretches:
        cells.update(_cells(stretch.start, stretch.end, length))
    return _strip({"shared": cells} if cells else {}, f"{len(cells) / CELLS:.0%} of the length of the text")


def _cells(start: int, end: int, length: int) -> range:
    """The places along a strip in which a stretch lies."""
    first = min(CELLS - 1, start * CELLS // max(1, length))
    return range(first, min(CELLS - 1, max(first, (end - 1) * CELLS // max(1, length))) + 1)


def _strip(cells: dict[str, set[int]], said: str) -> Markup:
    drawn = "".join(f'<path class="{did}" d="{_runs(own)}"/>' for did, own in cells.items())
    return Markup(
        f'<svg class="strip" viewBox="0 0 {CELLS} 10" preserveAspectRatio="none" role="img" aria-label="{attribute(said)}">'
        f'<rect class="track" width="{CELLS}" height="10"/>{drawn}</svg>'
    )


def _runs(cells: set[int]) -> str:
    """A path that fills cells, those side by side as one."""
    path, ordered = [], sorted(cells)
    start = before = ordered[0]
    for cell in [*ordered[1:], -1]:
        if cell != before + 1:
            path.append(f"M{start} 0h{before + 1 - start}v10H{start}z")
            start = cell
        before = cell
    return "".join(path)


def bars(said: str, values: Sequence[tuple[str, float]], kind: str = "") -> Markup:
    """A bar for each value, with its name; all as high as the largest lets them be."""
    shown = values[-MOST:]
    most = max((value for _, value in shown), default=0) or 1
    width = max(3, min(28, 640 // max(1, len(shown))))
    drawn = []
    for n, (name, value) in enumerate(shown):
        high = round(value / most * HEIGHT, 1)
        if value:
            high = max(1.0, high)
        title = f"{name}: {value:,.0f}" if value >= 10 or value == int(value) else f"{name}: {value:.2f}"
        drawn.append(
            f'<rect x="{n * width}" y="{HEIGHT - high}" width="{max(2, width - 1)}" height="{high}">'
            f"<title>{attribute(title)}</title></rect>"
        )
    wide = len(shown) * width
    return Markup(
        f'<svg class="bars {kind}" viewBox="0 0 {wide} {HEIGHT}" width="{wide}" height="{HEIGHT}" role="img" '
        f'aria-label="{attribute(said)}">{"".join(drawn)}</svg>'
    )


def over_time(values: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Values of months with the months between them; of years, where there would be too many to draw.

    >>> over_time([("2031-11", 2), ("2032-01", 1)])
    [('2031-11', 2), ('2031-12', 0), ('2032-01', 1)]
    """
    if not values:
        return []
    known = dict(values)
    first, last = (_month(name) for name in (min(known), max(known)))
    if last - first < MOST:
        names = [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, last + 1)]
        return [(name, known.get(name, 0)) for name in names]
    years: dict[str, float] = {}
    for name, value in values:
        years[name[:4]] = years.get(name[:4], 0) + value
    return [(f"{year:04d}", years.get(f"{year:04d}", 0)) for year in range(first // 12, last // 12 + 1)]


def _month(name: str) -> int:
    return int(name[:4]) * 12 + int(name[5:7] or 1) - 1
