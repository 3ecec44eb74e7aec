"""What bench/find.json says, as tables in bench/README.md and as the plot bench/find.svg.

usage: python bench/find_report.py [--json bench/find.json] [--print]
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

from measure import table

HERE = Path(__file__).resolve().parent
BEGIN, END = "<!-- finding, written by find_report.py -->", "<!-- end of finding -->"

NAMES = {
    "copydesk": "Copydesk",
    "daft": "Daft",
    "daft-wide": "Daft, 32 bands of 4",
    "rensa": "rensa",
    "gaoya": "gaoya",
    "datasketch": "datasketch",
    "parse-duckdb": "parsing alone, DuckDB",
    "parse-msgspec": "parsing alone, msgspec",
}
BOUND = {
    "start": "imports; the same for any corpus",
    "read": "cutting texts out of the lines: a branch for each escape; BLAKE3 of the input",
    "seeds": "letters: a look-up and a hash of each; loads its compiled loops",
    "number": "sorting digests",
    "links": "memory: sorting postings",
    "chains": "cache misses and branches, a link at a time",
    "boilerplate": "as chains, once more for the links it changes",
    "stories": "as chains, for templates and middle members",
    "relation": "lists of ids",
    "write": "sorting by id, zstd",
    "fingerprints": "BLAKE3 of what was not hashed while it was read",
    "reconcile": "Python and numpy on short arrays, a story at a time",
}
REST = "command line, end"
"""What `copydesk run` takes beside its steps."""
BOUND[REST] = "imports, progress, letting go of memory; the same for any corpus but for the last"


class Runs:
    """The measurements of all tools."""

    def __init__(self, all_: dict[str, Any]) -> None:
        self.all = all_
        self.sizes = sorted({row["documents"] for row in self._of("copydesk")})

    def _of(self, tool: str, size: int | None = None) -> list[dict[str, Any]]:
        return [row for row in self.all["runs"] if row["tool"] == tool and size in {None, row["documents"]}]

    def tools(self) -> list[str]:
        """Those that were measured, in order."""
        return [tool for tool in NAMES if self._of(tool)]

    def most(self, tool: str) -> int:
        """The largest corpus of a tool."""
        return max(int(row["documents"]) for row in self._of(tool))

    def figures(self, tool: str, size: int, of: str) -> list[float]:
        """One figure of all runs of a tool on corpora of a size."""
        return [float(row[of]) for row in self._of(tool, size)]

    def cost(self, tool: str, size: int) -> float | None:
        """Microseconds of CPU a document, the median of the runs."""
        spent = self.figures(tool, size, "cpu")
        return median(spent) / size * 1e6 if spent else None

    def scores(self, tool: str, size: int) -> dict[str, float]:
        """The mean of the scores over the seeds."""
        scores = [row["scores"] for row in self._of(tool, size) if "scores" in row]
        return {name: sum(score[name] for score in scores) / len(scores) for name in scores[0]} if scores else {}


def main() -> None:
    """Write the tables and the plot."""
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--json", type=Path, default=HERE / "find.json")
    ap.add_argument("--print", action="store_true", help="print the tables, and write no file")
    a = ap.parse_args()
    if not a.json.exists():
        sys.exit(f"{a.json} is not there: measure with `make bench-find` first")
    runs = Runs(json.loads(a.json.read_text()))
    if not runs.sizes:
        sys.exit(f"{a.json} has no runs of Copydesk: measure with `make bench-find` first")
    text = "\n\n".join(report(runs))
    if a.print:
        print(text)
        return
    readme = HERE / "README.md"
    before, rest = readme.read_text().split(BEGIN, 1)
    readme.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END, 1)[1]}")
    (HERE / "find.svg").write_text(plot(runs))


def report(runs: Runs) -> Iterator[str]:
    """The paragraphs and tables, in Markdown."""
    yield where(runs)
    yield "![CPU time a document against the size of the corpus, for each tool](find.svg)"
    yield tools(runs)
    yield "Microseconds of CPU a document, the median of the runs and, in brackets, the least:"
    yield costs(runs)
    if runs.all["failed"]:
        yield "\n".join(f"- {NAMES[row['tool']]}, {row['documents']:,} documents: {row['why']}" for row in runs.all["failed"])
    yield bars(runs)
    yield from steps(runs)
    if runs.all["quality"]:
        yield quality(runs)


def where(runs: Runs) -> str:
    """When and on what it was measured."""
    last = runs.all["sessions"][-1]
    versions = dict(last["versions"])
    for session in runs.all["sessions"]:
        versions |= session["peers"]
    rounds, load = max(row["round"] for row in runs.all["runs"]) + 1, max(row["load"] for row in runs.all["runs"])
    machine = (
        f"{last['processors']} processors ({last['cpu']}), {last['memory']:.0f} GB, {last['system']}, Python {last['python']}"
    )
    return (
        f"{last['date'][:10]}, commit {last['commit']}; {machine}; "
        f"{', '.join(f'{name} {version}' for name, version in versions.items())}. "
        f"All tools took turns, each on one processor, {rounds} times. The load of the machine was {last['load'][0]} before, "
        f"and at most {load} when a run began (of which the one before makes 1)."
    )


def tools(runs: Runs) -> str:
    """Every tool on the largest corpus it was measured on."""
    rows = []
    for tool in runs.tools():
        size = runs.most(tool)
        cpu, scores = median(runs.figures(tool, size, "cpu")), runs.scores(tool, size)
        rows.append(
            (
                NAMES[tool],
                f"{size:,}",
                f"{cpu:.1f}",
                f"{median(runs.figures(tool, size, 'wall')):.1f}",
                f"{max(runs.figures(tool, size, 'memory')):,.0f}",
                f"{size / cpu:,.0f}",
                *(f"{scores[name]:.3f}" if scores else "" for name in ("recall all", "precision", "ARI")),
            )
        )
    head = ("tool", "documents", "CPU s", "wall s", "peak MB", "documents a CPU second", "recall", "precision", "ARI")
    return table(head, rows)


def costs(runs: Runs) -> str:
    """The cost of a document at every size."""

    def cell(tool: str, size: int) -> str:
        spent = [cpu / size * 1e6 for cpu in runs.figures(tool, size, "cpu")]
        return f"{median(spent):.0f} ({min(spent):.0f})" if spent else "-"

    rows = [(NAMES[tool], *(cell(tool, size) for size in runs.sizes)) for tool in runs.tools()]
    return table(("tool", *(f"{size:,}" for size in runs.sizes)), rows)


def bars(runs: Runs) -> str:
    """The bars of speed, growth and memory."""
    rows: list[tuple[str, str, str, str]] = []

    def bar(what: str, value: str, asked: str, met: bool) -> None:
        rows.append((what, asked, value, "met" if met else "**missed**"))

    most = max(runs.sizes)
    ours, theirs = runs.cost("copydesk", most), runs.cost("daft", most)
    if ours and theirs:
        ratio = f"{theirs / ours:.2f} times"
        bar(f"documents a CPU second beside Daft, at {most:,}", ratio, ">= 3 times", theirs / ours >= 3)
    sizes = {size: cost for size in runs.sizes if size >= 20_000 and (cost := runs.cost("copydesk", size))}
    million = {row["tool"]: row for row in runs.all["runs"] if row["documents"] == 1_000_000}
    if "copydesk-find" in million and million["copydesk-find"]["ended"]:
        sizes[1_000_000] = million["copydesk-find"]["cpu"]
    if len(sizes) > 1:
        first, *later = sizes.values()
        grown = max(later) / first - 1
        value = " -> ".join(f"{cost:.0f}" for cost in sizes.values()) + f" us at {', '.join(f'{size:,}' for size in sizes)}"
        bar("growth of the CPU time of a document", value, "< 30 %", grown < 0.3)
    for name, what in (("copydesk-find-3GB", "finding"), ("copydesk-all-3GB", "finding and reconciling")):
        if name in million:
            row = million[name]
            gb = row["memory"] / 1e3
            bar(f"a million, {what}, --memory 3GB: most memory", f"{gb:.2f} GB", "< 4 GB", gb < 4)
            value = f"{row['wall']:.0f} s" if row["ended"] else f"given up after {row['wall']:.0f} s"
            bar(f"a million, {what}, 2 threads: wall clock", value, "< 600 s", row["ended"] and row["wall"] < 600)
    return table(("bar", "asked", "measured", ""), rows)


def steps(runs: Runs) -> Iterator[str]:
    """Where the time goes, and how far it is from parsing alone."""
    for row in runs.all["steps"]:
        n, spent = row["documents"], row["steps"]
        whole = sum(spent.values())
        if row["reconcile"]:
            share = spent["reconcile"] / whole
            learned = spent["sources"]
            found = whole - learned - spent["reconcile"]
            yield (
                f"With reconciling, {n:,} documents: finding {found / n * 1e6:,.0f} us a document, "
                f"learning of the sources {learned / n * 1e6:,.0f}, reconciling "
                f"{spent['reconcile'] / n * 1e6:,.0f} ({share:.0%} of all; {BOUND['reconcile']})."
            )
            continue
        if (run := runs.cost("copydesk", n)) and run * n / 1e6 > whole:
            spent |= {REST: run * n / 1e6 - whole}
            whole = run * n / 1e6
        floors = {tool: cost for tool in NAMES if tool.startswith("parse") and (cost := runs.cost(tool, n))}
        rows = [(step, f"{cpu / n * 1e6:.1f}", f"{cpu / whole:.0%}", BOUND.get(step, "")) for step, cpu in spent.items()]
        rows.append(("whole", f"{whole / n * 1e6:.1f}", "100%", ""))
        rows += [(NAMES[tool], f"{cost:.1f}", f"{cost * n / whole / 1e6:.0%}", "") for tool, cost in floors.items()]
        yield f"Where the time goes, {n:,} documents:"
        yield table(("step", "us of CPU a document", "share", "bound by (as the code has it, not measured)"), rows)
        yield (
            "The whole takes "
            + " and ".join(
                f"{whole / n * 1e6 / cost:.1f} times {NAMES[tool].replace('alone,', 'alone with')}"
                for tool, cost in floors.items()
            )
            + "."
        )


def quality(runs: Runs) -> str:
    """What is found, beside the bars."""
    rows = [
        (row["case"], bar["what"], bar["bar"], bar["measured"], {True: "met", False: "**missed**", None: ""}[bar["met"]])
        for row in runs.all["quality"]
        for bar in row["bars"]
    ]
    return table(("case", "what", "bar", "measured", ""), rows)


# The plot

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 500, 66, 190, 66, 52
SHAPES = {  # a mark of about ten by ten around the origin
    "copydesk": "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0z",
    "daft": "M-4.5-4.5h9v9h-9z",
    "daft-wide": "M-4.5-4.5h9v9h-9z",
    "rensa": "M0-6L5.5 4.5h-11z",
    "gaoya": "M0-6L6 0L0 6L-6 0z",
    "datasketch": "M0 6L5.5-4.5h-11z",
    "parse-duckdb": "M-2.5-2.5h5v5h-5z",
    "parse-msgspec": "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z",
}
LIGHT = ("#ffffff", "#1f2328", "#59636e", "#d1d9e0")
LIGHT_LINES = {"copydesk": "#0550ae", "daft": "#bc4c00", "rensa": "#8250df", "gaoya": "#1a7f37", "datasketch": "#cf222e"}
DARK = ("#0d1117", "#f0f6fc", "#9198a1", "#3d444d")
DARK_LINES = {"copydesk": "#58a6ff", "daft": "#f0883e", "rensa": "#bc8cff", "gaoya": "#3fb950", "datasketch": "#ff7b72"}


def plot(runs: Runs) -> str:
    """The cost of a document against the size of the corpus, both on logarithmic scales, as one SVG image."""
    lines = {tool: [(size, cost) for size in runs.sizes if (cost := runs.cost(tool, size))] for tool in runs.tools()}
    for row in runs.all["runs"]:
        if row["tool"] == "copydesk-find" and row["ended"]:
            lines["copydesk"].append((row["documents"], row["cpu"] / row["documents"] * 1e6))
    xs = sorted({x for points in lines.values() for x, _ in points})
    ys = [y for points in lines.values() for _, y in points]
    x_low, x_high = xs[0] / 1.15, xs[-1] * 1.15
    y_low, y_high = min(ys) / 1.25, max(ys) * 1.25

    def x_of(x: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(x / x_low) / math.log(x_high / x_low)

    def y_of(y: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log(y / y_low) / math.log(y_high / y_low)

    drawn = []
    for power in range(math.floor(math.log10(y_low)), math.ceil(math.log10(y_high)) + 1):
        for tick in (10.0**power, 2 * 10.0**power, 5 * 10.0**power):
            if y_low <= tick <= y_high:
                y = y_of(tick)
                drawn.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
                drawn.append(f'<text class="soft" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for x in xs:
        drawn.append(f'<path class="grid" d="M{x_of(x):.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        drawn.append(f'<text class="soft" x="{x_of(x):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{x:,}</text>')
    labels = spread([(tool, y_of(points[-1][1])) for tool, points in lines.items()])
    for tool, points in reversed(lines.items()):  # Copydesk is drawn last, above the others
        name = "parse" if tool.startswith("parse") else tool.removesuffix("-wide")
        path = " ".join(f"{'L' if at else 'M'}{x_of(x):.1f} {y_of(y):.1f}" for at, (x, y) in enumerate(points))
        style = "wide " if tool == "copydesk" else "dashed " if tool in {"daft-wide", "parse-duckdb"} else ""
        drawn.append(f'<path class="{style}line {name}" d="{path}"/>')
        drawn += [
            f'<path class="mark {name}" transform="translate({x_of(x):.1f} {y_of(y):.1f})" d="{SHAPES[tool]}">'
            f"<title>{escape(NAMES[tool])}, {x:,} documents: {y:.0f} us of CPU a document</title></path>"
            for x, y in points
        ]
        end = points[-1]
        limit = f" (to {end[0]:,})" if end[0] < max(runs.sizes) else ""
        x = WIDTH - RIGHT + 12 if not limit else x_of(end[0]) + 12
        y = labels[tool] if not limit else y_of(end[1])
        if not limit and (abs(y - y_of(end[1])) > 3 or x_of(end[0]) < WIDTH - RIGHT - 20):
            drawn.append(f'<path class="lead {name}" d="M{x_of(end[0]) + 7:.1f} {y_of(end[1]):.1f}L{x - 3:.1f} {y:.1f}"/>')
        drawn.append(
            f'<text class="name {name}{" first" if tool == "copydesk" else ""}" x="{x:.1f}" y="{y + 4:.1f}">'
            f"{escape(NAMES[tool])}{limit}</text>"
        )

    def colours(frame: Sequence[str], own: dict[str, str]) -> str:
        ground, ink, soft, grid = frame
        rules = [f".ground{{fill:{ground}}}", f"text{{fill:{ink}}}", f".soft{{fill:{soft}}}", f".grid{{stroke:{grid}}}"]
        for name, colour in {**own, "parse": soft}.items():
            rules.append(f".line.{name},.lead.{name}{{stroke:{colour}}}.mark.{name},.name.{name}{{fill:{colour}}}")
        return "".join(rules)

    soft = '<text class="soft"'
    about = "microseconds, from JSON Lines to stories; less is better; both scales logarithmic"
    said = "; ".join(f"{NAMES[tool]} {', '.join(f'{y:.0f} at {x:,}' for x, y in points)}" for tool, points in lines.items())
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title desc">',
            '<title id="title">CPU time a document against the size of the corpus</title>',
            f'<desc id="desc">Microseconds of CPU a document. {escape(said)}.</desc>',
            "<style>text{font:13px system-ui,sans-serif}.head{font-size:17px;font-weight:600}.first{font-weight:700}"
            ".line{fill:none;stroke-width:1.8;stroke-linejoin:round}.wide{stroke-width:3.6}.dashed{stroke-dasharray:6 4}"
            ".grid,.lead{fill:none;stroke-width:1}.lead{stroke-dasharray:1 3}"
            f"{colours(LIGHT, LIGHT_LINES)}"
            f"@media (prefers-color-scheme:dark){{{colours(DARK, DARK_LINES)}}}</style>",
            f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
            f'<text class="head" x="{LEFT - 42}" y="30">Finding copies: CPU time a document</text>',
            f'{soft} x="{LEFT - 42}" y="50">{about}</text>',
            f'{soft} x="{(LEFT + WIDTH - RIGHT) // 2}" y="{HEIGHT - 12}" text-anchor="middle">documents of the corpus</text>',
            *drawn,
            "</svg>\n",
        )
    )


def spread(wanted: list[tuple[str, float]], apart: float = 17) -> dict[str, float]:
    """Heights of labels near those wanted, none nearer to the next than `apart`."""
    placed: dict[str, float] = {}
    last = -math.inf
    for name, y in sorted(wanted, key=lambda label: label[1]):
        last = placed[name] = max(y, last + apart)
    return placed


if __name__ == "__main__":
    main()
