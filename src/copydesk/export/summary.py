"""What a run did, for a person in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from copydesk.export.readable import counted, shortened, visible
from copydesk.export.terminal import put

if TYPE_CHECKING:
    from rich.console import Console

    from copydesk.results import Run

LINES = 5
"""Stories, sources and reasons that are named."""
CELL = 40
"""Characters of a cell."""


def show(run: Run, console: Console) -> None:
    """Print what was read, found and made, what it took, and where it is."""
    told = run.summary
    counts = told["counts"]
    _line(f"{counted(counts['documents'], 'copy')} read, {counts['rejected']:,} rejected", console)
    if told["rejected"]:
        _table([[f"{n:,}", reason] for reason, n in list(told["rejected"].items())[:LINES]], console)
    sizes = ", ".join(f"{n:,} of {size}" for size, n in told["sizes"].items() if n)
    _line(f"{counted(counts['stories'], 'story')}, by number of copies: {sizes}", console)
    if told["largest"]:
        _line("the largest:", console)
        titles = _titles(run, [story["story_id"] for story in told["largest"][:LINES]])
        rows = [
            [f"{story['n_copies']:,}", story["story_id"], title] for story, title in zip(told["largest"], titles, strict=False)
        ]
        _table(rows, console)
    if told["boilerplate"]:
        _line("most boilerplate, which was set aside in finding:", console)
        _table([_source(row) for row in told["boilerplate"][:LINES]], console)
    if "reconciled" in counts:
        _line(f"{counted(counts['reconciled'], 'story')} reconciled, {counted(counts['variants'], 'variant')}", console)
        if counts.get("in_versions"):
            _line(
                f"{counted(counts['in_versions'], 'story')} published in several versions: versions.parquet has them", console
            )
        if counts["not_reconciled"]:
            which = f"{counted(counts['not_reconciled'], 'story')} not reconciled, the longest copy stands for each"
            _line(f"{which}: left_out.parquet says why", console)
        if counts["strangers"]:
            _line(f"{counted(counts['strangers'], 'copy')} left out as of another text: left_out.parquet names them", console)
    if "statements" in counts:
        items = ", ".join(counted(counts[f"{name}s"], name) for name in ("statement", "figure", "date", "name"))
        _line(f"read in the editions: {items}", console)
        if counts["not_english"]:
            _line(f"{counted(counts['not_english'], 'edition')} not in English: nothing was read there", console)
    if spoilt := _spoilt(run):
        _line("how sources spoil texts (sources.parquet has all):", console)
        for name, words in spoilt:
            _line(f"    {name}: {words}", console)
    _line("what it took:", console)
    steps = [
        [step["step"], f"{step['seconds']:.1f} s", f"{step['cpu_seconds']:.1f} s of CPU", _memory(step)]
        for step in told["steps"]
    ]
    _table(steps, console)
    _line(f"written to {run.path}" + (", with rejected.jsonl" if counts["rejected"] else ""), console)


def _titles(run: Run, stories: list[str]) -> list[str]:
    """The titles of stories, or how their texts begin; nothing where there are no texts."""
    import pyarrow.parquet as pq

    path = run.path / "stories.parquet"
    if "text" not in pq.read_schema(path).names:
        return [""] * len(stories)
    rows = pq.read_table(
        path, columns=["story_id", "title", "text"], filters=[("story_id", "in", stories)]
    ).to_pylist()  # the last version counts
    said = {row["story_id"]: row["title"] or row["text"][:200] for row in rows}
    return [_begun(" ".join(said[story].split())) for story in stories]


def _begun(title: str) -> str:
    """A title, or as many of its first words as there is room for."""
    return title if len(title) <= CELL else (title[: CELL - 2].rpartition(" ")[0] or title[: CELL - 2]) + " …"


def _spoilt(run: Run) -> list[tuple[str, str]]:
    """The sources with most copies of which there is something to say."""
    import pyarrow.parquet as pq

    path = run.path / "sources.parquet"
    if "rates" not in pq.read_schema(path).names:
        return []

    from copydesk.export.sources import in_words  # which knows how editions are made

    rows = run.sources().sort_by([("n_copies", "descending"), ("source", "ascending")]).to_pylist()
    told = ((row["source"] or "without a source", in_words(row)) for row in rows)
    return [row for row in told if row[1]][:LINES]


def _source(row: dict[str, Any]) -> list[str]:
    share = row["boilerplate_letters"] / row["n_letters"]
    return [
        f"{share:.0%}",
        row["source"] or "without a source",
        f"{row['boilerplate_letters']:,} of {row['n_letters']:,} letters",
    ]


def _memory(step: dict[str, Any]) -> str:
    return f"{step['peak_memory'] / 1e9:.1f} GB" if step["peak_memory"] else ""


def _table(rows: list[list[str]], console: Console) -> None:
    """Rows of cells, numbers first and to the right; what is too long for the line is shortened."""
    shown = [[" ".join(visible(cell).split()) for cell in row] for row in rows]
    shown = [[shortened(cell, CELL)[0] for cell in row] for row in shown]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        first = row[0].rjust(widths[0]) if row[0][:1].isdigit() else row[0].ljust(widths[0])
        rest = (cell.ljust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        _line("    " + "  ".join((first, *rest)).rstrip(), console)


def _line(words: str, console: Console) -> None:
    """One line; in a terminal that is too narrow for it several, all but the first set in."""
    shown = Text(visible(words))
    if console.is_terminal and shown.cell_len > console.width:
        begun = len(words) - len(words.lstrip(" "))
        put(shown[begun:], console, " " * begun, " " * (begun + 4))
    else:
        console.print(shown, soft_wrap=True)
