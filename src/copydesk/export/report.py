"""What a run found, as one page of HTML: the corpus at a glance, what to look at first, the sources and how they spoil texts.

It says nothing that depends on a clock: the same tables give the same page.
"""

from __future__ import annotations

from collections import Counter
from heapq import nlargest
from math import sqrt
from typing import TYPE_CHECKING, Any

from copydesk.export.markup import document, escaped
from copydesk.export.readable import counted, named, shortened, sure, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

UNSURE, OF_ONE = 40, 2
"""Variants that are shown, and at most so many of one story."""
AROUND = 110
"""Characters of the text that are shown on either side of a variant."""
READING, READINGS = 300, 4
"""Characters of a reading, and readings, that are shown."""
LONGEST = 300
"""Characters of a reading from which it does not matter how long it is."""
BATCH = 1 << 10
"""Editions that are looked through at a time."""
SOURCES, ROWS = 60, 12
"""Sources, and rows of the other tables, that are shown."""


def page(folder: Path, told: dict[str, Any]) -> str:
    """The page of a run whose tables are in `folder`; `told` is what its `run.json` holds."""
    counts = told["counts"]
    edited = "reconciled" in counts
    parts = [
        "<header>",
        "<h1>Run</h1>",
        _numbers(told),
        "</header>",
        "<main>",
        _bars("Stories by number of copies", "", [(size, n, "") for size, n in told["sizes"].items()]),
        _unsure(folder) if edited else "",
        _kinds(folder) if edited else "",
        _trust(told.get("choices", [])),
        _sources(folder),
        _largest(told["largest"]),
        _rejected(told["rejected"]),
        "</main>",
    ]
    title = f"{counted(counts['documents'], 'copy')}, {counted(counts['stories'], 'story')}"
    return document(title, "\n".join(part for part in parts if part), style="report.css")


def _numbers(told: dict[str, Any]) -> str:
    counts = told["counts"]
    shown = [
        (counts["documents"], "copies read"),
        (counts["stories"], "stories"),
        (counts["of_many_copies"], "stories of several copies"),
        (counts.get("variants"), "variants"),
        (counts["rejected"], "rows rejected"),
        (counts.get("strangers"), "copies left out"),
    ]
    items = "".join(f"<li><b>{n:,}</b> {what}</li>" for n, what in shown if n is not None)
    return f'<ul class="numbers">{items}</ul>'


def _bars(title: str, said: str, rows: Sequence[tuple[str, int, str]]) -> str:
    """Named numbers, each with a bar; of those that are none the last are left out."""
    most = max((n for _, n, _ in rows), default=0)
    if not most:
        return ""
    while not rows[-1][1]:
        rows = rows[:-1]
    body = "\n".join(
        f'<tr><th scope="row">{escaped(name)}</th><td class="n">{n:,}</td><td class="bar">{_bar(n / most, 300)}</td>'
        f"<td>{escaped(more)}</td></tr>"
        for name, n, more in rows
    )
    return f"<section><h2>{title}</h2>\n{_said(said)}<table><tbody>\n{body}\n</tbody></table></section>"


def _bar(share: float, width: int, kind: str = "bar") -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} 10" preserveAspectRatio="none" width="{width}" height="10" role="img" '
        f'aria-label="{share:.1%}">'
        f'<rect class="track" width="{width}" height="10"/><rect width="{max(1, round(share * width))}" height="10"/></svg>'
    )


def _said(words: str) -> str:
    return f"<p>{words}</p>\n" if words else ""


def _unsure(folder: Path) -> str:
    """The variants of which most is doubtful: how unsure they are, times how much they change."""
    rows = _worst(folder)
    if not rows:
        return ""
    texts = _texts(folder, {row["story_id"] for row in rows})
    said = "Most doubtful first: how unsure a choice is, times how much of the text it changes."
    items = "\n".join(f"<li>{_variant(row, *texts[row['story_id'], row['version']])}</li>" for row in rows)
    return f'<section><h2>Look here first</h2>\n{_said(said)}<ol class="unsure">\n{items}\n</ol></section>'


def _worst(folder: Path) -> list[dict[str, Any]]:
    import numpy as np
    import pyarrow.compute as pc

    from copydesk.tables import opened

    doubtful: list[tuple[float, dict[str, Any]]] = []
    with opened(folder / "variants.parquet") as file:
        for batch in file.iter_batches(batch_size=1 << 16):
            readings = batch.column("readings")
            sizes = pc.utf8_length(readings.flatten().field("text")).to_numpy(zero_copy_only=False)
            starts = readings.offsets.to_numpy()[:-1] - readings.offsets.to_numpy()[0]
            size = np.clip(np.maximum.reduceat(sizes, starts), 1, LONGEST) if len(sizes) else sizes
            doubt = (1 - batch.column("confidence").to_numpy()) * size
            # enough of a batch to choose from, though one story may have them all
            some = np.sort(np.argsort(-doubt, kind="stable")[: 20 * UNSURE])
            rows = batch.take(some).to_pylist()
            found = zip(doubt[some].tolist(), rows, strict=True)
            doubtful = nlargest(20 * UNSURE, [*doubtful, *found], key=_doubt)
    chosen: list[dict[str, Any]] = []
    of_story: dict[str, int] = {}
    for _, row in doubtful:
        story = row["story_id"]
        if len(chosen) < UNSURE and of_story.get(story, 0) < OF_ONE:
            of_story[story] = of_story.get(story, 0) + 1
            chosen.append(row)
    return chosen


def _doubt(found: tuple[float, dict[str, Any]]) -> tuple[float, str, int]:
    doubt, row = found
    return round(doubt, 6), row["story_id"], -row["start"]


def _texts(folder: Path, stories: set[str]) -> dict[tuple[str, int], tuple[str, str]]:
    """Title and text of the editions of some stories."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from copydesk.tables import opened

    found, wanted = {}, pa.array(sorted(stories), pa.string())
    with opened(folder / "stories.parquet") as file:
        for batch in file.iter_batches(BATCH, columns=["story_id", "version", "title", "text"]):
            for row in batch.filter(pc.is_in(batch.column("story_id"), wanted)).to_pylist():
                found[row["story_id"], row["version"]] = row["title"] or "", row["text"]
    return found


def _variant(row: dict[str, Any], title: str, text: str) -> str:
    """One variant in its place, the readings that were not chosen, and why."""
    start, end = row["start"], row["end"]
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    if len(before) < start:
        before = "… " + before.partition(" ")[2]
    if end + len(after) < len(text):
        after = after.rpartition(" ")[0] + " …"
    chosen = shortened(visible(text[start:end]), READING)[0]
    mark = f"<mark>{escaped(chosen)}</mark>" if chosen else '<mark class="none" aria-label="left out here"></mark>'
    others = [reading for n, reading in enumerate(row["readings"]) if n != row["chosen"]]
    shown = "".join(_other(reading) for reading in others[:READINGS])
    if len(others) > READINGS:
        shown += f'<span class="who">and {counted(len(others) - READINGS, "more reading")}</span>'
    of = "".join(f" · {escaped(word)}" for word in (shortened(_flat(title), 60)[0], row["story_id"]) if word)
    return (
        f'<span class="kind">{escaped(row["kind"])}</span> <span class="conf">{sure(row["confidence"])}</span>'
        f'<span class="who">{of}</span>\n'
        f'<p class="place" dir="auto"><span class="around">{escaped(_flat(before))}</span>{mark}'
        f'<span class="around">{escaped(_flat(after))}</span></p>{shown}<p class="why">{escaped(row["reason"])}</p>'
    )


def _other(reading: dict[str, Any]) -> str:
    text = f'<bdi class="text">{escaped(shortened(_flat(reading["text"]), READING)[0])}</bdi>'
    words = text if reading["text"] else '<i class="omitted">omitted</i>'
    return f'<span class="r">{words} <span class="who">{escaped(named(reading["copies"], 6))}</span></span>'


def _flat(text: str) -> str:
    """On one line, with a space left at either end where there was one."""
    return visible(text.replace("\r\n", "\n").replace("\n", " ").replace("\t", " "))


def _kinds(folder: Path) -> str:
    """How many variants there are of each kind."""
    from copydesk.tables import opened

    kinds = Counter[str]()
    with opened(folder / "variants.parquet") as file:
        for batch in file.iter_batches(1 << 16, columns=["kind"]):
            kinds.update({kind["values"]: kind["counts"] for kind in batch.column("kind").value_counts().to_pylist()})
    rows = sorted(((kind, n, "") for kind, n in kinds.items()), key=lambda row: (-row[1], row[0]))
    return _bars("What differs", "", rows)


def _trust(choices: Sequence[dict[str, float]]) -> str:
    """How far confidence can be trusted, as a plot and in words."""
    if not any(choice["n"] for choice in choices):
        return ""
    said = (
        "Of stories with many copies two were reconciled alone. How often they chose as all copies together do (upwards), by "
        "how sure they were (to the right): on the line they are as right as they say. Bars span what chance may do."
    )
    return f"<section><h2>Confidence</h2>\n{_said(said)}<figure>{_plot(choices)}</figure></section>"


def _plot(choices: Sequence[dict[str, float]], size: int = 320, margin: int = 40) -> str:
    def x(share: float) -> float:
        return round(margin + (share - 0.5) * 2 * size, 1)

    def y(share: float) -> float:
        return round(10 + (1 - share) * size, 1)

    steps = [choice["from"] for choice in choices] + [1.0]
    drawn = [
        f'<text x="{x(share)}" y="{size + 30}" text-anchor="middle">{share:g}</text>'
        for share in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    ]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawn.append(f'<line class="axis" x1="{margin}" x2="{x(1.0)}" y1="{y(share)}" y2="{y(share)}"/>')
        drawn.append(f'<text x="{margin - 8}" y="{y(share) + 4}" text-anchor="end">{share:g}</text>')
    drawn.append(f'<line class="even" x1="{x(0.5)}" y1="{y(0.5)}" x2="{x(1.0)}" y2="{y(1.0)}"/>')
    for low, high, choice in zip(steps, steps[1:], choices, strict=False):
        if n := choice["n"]:
            share, middle = choice["right"] / n, x((low + high) / 2)
            wide = 2 * sqrt((share * (1 - share) + 1 / n) / n)
            ends = f'y1="{y(max(0.0, share - wide))}" y2="{y(min(1.0, share + wide))}"'
            drawn.append(f'<line class="spread" x1="{middle}" x2="{middle}" {ends}/>')
            drawn.append(
                f'<circle class="dot" cx="{middle}" cy="{y(share)}" r="4"><title>{_step(low, high, choice)}</title></circle>'
            )
    rows = "".join(f"<li>{_step(low, high, c)}</li>" for low, high, c in zip(steps, steps[1:], choices, strict=False) if c["n"])
    svg = f'<svg viewBox="0 0 {x(1.0) + 20} {size + 40}" width="{x(1.0) + 20}" role="img" aria-label="Reliability">'
    return f'{svg}{"".join(drawn)}</svg><ul class="steps">{rows}</ul>'


def _step(low: float, high: float, choice: dict[str, float]) -> str:
    return f"{low:g} to {high:g}: {choice['right'] / choice['n']:.1%} right, {choice['right']:,} of {choice['n']:,}"


def _sources(folder: Path) -> str:
    """The sources with most copies: what each has, and how often it spoils texts in which way."""
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "sources.parquet").sort_by([("n_copies", "descending"), ("source", "ascending")])
    rows = "\n".join(_source(row) for row in table.slice(0, SOURCES).to_pylist())
    more = f"The {SOURCES} with most copies of {len(table):,}; sources.parquet has all." if len(table) > SOURCES else ""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Source", "Copies", "How it spoils texts"))
    return (
        f'<section><h2>Sources</h2>\n{_said(more)}<table class="sources"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></section>"
    )


def _source(row: dict[str, Any]) -> str:
    rates: list[tuple[str, float, float]] = []
    if row["n_letters"] and row["boilerplate_letters"] is not None:
        rates.append(("letters of boilerplate", row["boilerplate_letters"], row["n_letters"]))
    rates += [(rate["kind"], rate["n"], rate["of"]) for rate in row.get("rates") or () if rate["of"] > 0]
    words = ""
    if row.get("rates"):
        from copydesk.export.sources import in_words  # which knows how editions are made, and that not all runs make any

        words = in_words(row)
    name = escaped(row["source"]) if row["source"] is not None else "<i>without a source</i>"
    return (
        f'<tr><th scope="row"><bdi>{name}</bdi><small>{escaped(words)}</small></th><td class="n">{row["n_copies"]:,}</td>'
        f'<td><dl class="rates">{_rates(rates)}</dl></td></tr>'
    )


def _rates(rates: Iterable[tuple[str, float, float]]) -> str:
    return "".join(
        f"<dt>{escaped(kind)}</dt><dd>{_bar(min(1.0, n / of), 90, 'rate')}</dd><dd>{n / of:.1%}, {n:,.0f} of {of:,.0f}</dd>"
        for kind, n, of in rates
    )


def _largest(stories: Sequence[dict[str, Any]]) -> str:
    return _bars("Stories of most copies", "", [(story["story_id"], story["n_copies"], "") for story in stories])


def _rejected(reasons: dict[str, int]) -> str:
    said = "rejected.jsonl has each with its file and row."
    return _bars("Rows rejected", said, [(reason, n, "") for reason, n in list(reasons.items())[:ROWS]])
