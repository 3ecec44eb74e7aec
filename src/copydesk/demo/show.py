"""The demo in a terminal: one story in full, a line for each of the others, and what came out right and wrong."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from copydesk.demo.corpus import Story, corpus
from copydesk.demo.score import Wrong, kept, words, wrong, wrongs
from copydesk.export import terminal
from copydesk.export.readable import counted
from copydesk.model import Copy, Edition
from copydesk.pipeline import run as run_corpus
from copydesk.story import reconcile

if TYPE_CHECKING:
    from rich.console import Console

    from copydesk.results import Run

SHOWN = "stolen-bell"  # the story shown in full: the shortest
EXAMPLES = 5  # stories of which the summary shows what is wrong
WIDE = 70  # columns that the table of all stories needs


@dataclass(frozen=True)
class Result:
    """A story, its edition, and how both stand to the truth: counts of words of the article.

    `spoilt` are those that at least one copy has not as they should be, `lost` those that no copy has.
    """

    story: Story
    edition: Edition
    n: int
    spoilt: int
    lost: int
    restored: int
    in_copies: tuple[int, ...]
    wrongs: tuple[Wrong, ...]

    @property
    def wrong(self) -> int:
        """How many words of the edition are wrong, missing or too many."""
        return sum(max(len(w.words), len(w.true)) for w in self.wrongs)

    @property
    def whole(self) -> bool:
        """Whether the edition is the article to the letter."""
        return self.edition.text.strip() == self.story.article.text


def result(story: Story, found: list[Copy]) -> Result:
    """Reconcile the copies that were found and hold the edition against the article, which the engine never sees."""
    copies = [msgspec.structs.replace(copy, id=copy.source) for copy in found]  # short names to show
    edition = reconcile(copies)
    truth = story.article.text
    everything = set(range(len(words(truth))))
    have = [kept(copy.text, truth) for copy in copies]
    spoilt = everything - everything.intersection(*have)
    return Result(
        story=story,
        edition=edition,
        n=len(everything),
        spoilt=len(spoilt),
        lost=len(everything.difference(*have)),
        restored=len(spoilt & kept(edition.text, truth)),
        in_copies=tuple(wrong(copy.text, truth) for copy in copies),
        wrongs=tuple(wrongs(edition.text, truth)),
    )


def run(console: Console, out: Path | None = None) -> None:
    """Run the corpus and show what came of it. The same on every run; `out` is where the run's folder is kept, if it is.

    Raises `FileExistsError` where `out` is something else than the folder of a run.
    """
    stories = corpus()
    with TemporaryDirectory() as folder:
        done = _run(stories, Path(folder), out)
        story_of = {row["copy_id"]: row["story_id"] for row in done.table("copies").to_pylist()}
        results = [result(story, done.copies(story_of[story.copies[0].id])) for story in stories]
    n_copies = sum(len(r.story.copies) for r in results)
    n_sources = len({copy.source for r in results for copy in r.story.copies})
    _title("Copydesk: many copies in, one sourced text out", console)
    _say(
        f"{len(results)} articles of our own invention, each as two to five sources have it: {n_copies} copies by {n_sources}"
        " sources, every one with its own way of spoiling texts. Copydesk sees the copies alone. The articles are kept back to"
        " measure with.",
        console,
    )
    _found(stories, story_of, console)
    _in_full(next(r for r in results if r.story.article.id == SHOWN), console)
    _all(results, console)
    _summary(results, console)
    _say(
        "Now with files of your own: *copydesk run news.jsonl -o out*, or, of one text, *copydesk reconcile a.txt b.txt*",
        console,
    )
    if out is not None:
        _say(f"And read all of this in the browser: *{_called()} open {out}*", console)


def _called() -> str:
    """The command as whoever runs it can call it again."""
    called = Path(sys.argv[0])
    return str(called) if not called.is_absolute() and len(called.parts) > 1 else "copydesk"


def _run(stories: list[Story], folder: Path, out: Path | None) -> Run:
    """The copies of all stories in one heap, as a corpus comes, through the whole of it."""
    rows = [msgspec.json.encode(copy) + b"\n" for story in stories for copy in story.copies]
    (folder / "news.jsonl").write_bytes(b"".join(sorted(rows)))
    from rich.console import Console

    waits = Console(stderr=True)
    with waits.status("finding the stories (the first time, this compiles for your processor for some seconds) ..."):
        return run_corpus(folder / "news.jsonl", out or folder / "out", threads=1, overwrite=True)


def _found(stories: list[Story], story_of: dict[str, str], console: Console) -> None:
    """Which copies were put together, and whether they belong together."""
    groups: dict[str, set[str]] = {}
    for copy, story in story_of.items():
        groups.setdefault(story, set()).add(copy)
    right = [story for story in stories if {copy.id for copy in story.copies} in groups.values()]
    outcome = "each with just its own copies" if len(right) == len(stories) == len(groups) else f"{len(right)} of them right"
    _say(f"All copies were given to it in one heap. It found *{counted(len(groups), 'story')}, {outcome}.*", console)


def _in_full(shown: Result, console: Console) -> None:
    """One story: what its sources did, its edition with the apparatus, and how near that is to the article."""
    from rich.text import Text

    _title(f"One story: {shown.story.article.title}", console)
    _say("What its sources did to it:", console)
    for copy, done in zip(shown.story.copies, shown.story.done, strict=True):
        terminal.put(Text(str(copy.source), "bold"), console)
        terminal.put(Text(", ".join(done)), console, "    ", "    ")
    console.print()
    _say("What Copydesk makes of it: *[n]* in the text is explained under *[n]*, ✓ is the reading chosen, ✗ another.", console)
    terminal.show(shown.edition, console)
    console.print()
    if shown.whole:
        outcome = "it is the same to the letter"
    elif shown.wrong:
        outcome = f"{counted(shown.wrong, 'word')} wrong"
    else:
        outcome = "every word is right, but not every mark and space"
    _say(f"Held against the article: *{outcome}.*", console)


def _all(results: list[Result], console: Console) -> None:
    """A line for each story; a narrow terminal goes without the number of variants."""
    from rich.text import Text

    _title("All stories", console)
    _say(
        "*spoilt*: words of the article that at least one copy has not as they should be. *restored*: those of them that the"
        " edition has. *wrong*: words altered, missing or too many in the edition, beside those in its *best* copy and in the"
        " *average* one.",
        console,
    )
    rows = [["story", "copies", "variants", "spoilt", "restored", "wrong", "best", "average"]]
    for r in results:
        average = round(sum(r.in_copies) / len(r.in_copies))
        numbers = (len(r.story.copies), len(r.edition.variants), r.spoilt, r.restored, r.wrong, min(r.in_copies), average)
        rows.append([r.story.article.id, *map(str, numbers)])
    wide = console.width >= WIDE
    rows = rows if wide else [[*row[:2], *row[3:]] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for n, row in enumerate(rows):
        line = Text(row[0].ljust(widths[0]), "bold" if not n else "")
        for at, (cell, width) in enumerate(zip(row[1:], widths[1:], strict=True), 1):
            ours = ("green" if cell == "0" else "yellow") if n and rows[0][at] == "wrong" else "bold" if not n else ""
            line.append("  " if wide else " ").append(cell.rjust(width), ours)
        terminal.put(line, console)
    console.print()


def _summary(results: list[Result], console: Console) -> None:
    """What was right and what was wrong, all stories together."""
    from rich.text import Text

    n, spoilt, restored = sum(r.n for r in results), sum(r.spoilt for r in results), sum(r.restored for r in results)
    ours = sum(r.wrong for r in results)
    best = sum(min(r.in_copies) for r in results)
    average = sum(sum(r.in_copies) / len(r.in_copies) for r in results)
    missing = sum(max(0, len(w.true) - len(w.words)) for r in results for w in r.wrongs)
    extra = sum(max(0, len(w.words) - len(w.true)) for r in results for w in r.wrongs)
    _title("Right and wrong", console)
    _say(
        f"Of {n:,} words, {spoilt:,} are spoilt in at least one copy, {sum(r.lost for r in results):,} of them in every copy of"
        f" the story. *{restored:,} are restored ({restored / spoilt:.1%})*. {sum(r.whole for r in results)} of {len(results)}"
        " editions are the article to the letter.",
        console,
    )
    _say(
        f"The editions have *{ours:,} words wrong ({ours / n:.1%})*: {ours - missing - extra} altered, {missing} missing,"
        f" {extra} too many. Keeping the best copy of each story, if one knew which, would leave {best:,} ({best / n:.1%});"
        f" keeping any one, {average:,.0f} ({average / n:.1%}).",
        console,
    )
    worst = sorted((r for r in results if r.wrongs), key=lambda r: (-r.wrong, r.story.article.id))[:EXAMPLES]
    if worst:
        terminal.put(Text("The worst of it:"), console)
        for r in worst:
            place = max(r.wrongs, key=lambda w: max(len(w.words), len(w.true)))
            terminal.put(Text(f"{r.story.article.id}: {_put(place)}"), console, "    ", "      ")
        console.print()


def _put(place: Wrong) -> str:
    """A wrong place in words."""
    has, true = (" ".join(w) if len(w) <= 6 else f"{' '.join(w[:3])} … {' '.join(w[-3:])}" for w in place)
    return f"“{has}” too many" if not true else f"“{true}” missing" if not has else f"“{has}” for “{true}”"


def _title(title: str, console: Console) -> None:
    from rich.text import Text

    console.rule(Text(title, "bold"))
    console.print()


def _say(words: str, console: Console) -> None:
    """Print a paragraph; `*words*` are bold."""
    from rich.text import Text

    text = Text()
    for at, part in enumerate(words.split("*")):
        text.append(part, "bold" if at % 2 else "")
    terminal.put(text, console)
    console.print()
