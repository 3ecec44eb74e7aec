"""The demo in a terminal: one story in full, a line for each of the others, and what came out right and wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from copydesk.demo.corpus import Story, corpus
from copydesk.demo.score import Wrong, kept, words, wrong, wrongs
from copydesk.export import terminal
from copydesk.model import Edition
from copydesk.pipeline import reconcile

if TYPE_CHECKING:
    from rich.console import Console

SHOWN = "stolen-bell"  # the story shown in full: the shortest
EXAMPLES = 5  # stories of which the summary shows what is wrong


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


def result(story: Story) -> Result:
    """Reconcile the copies of a story and hold the edition against the article, which the engine never sees."""
    copies = [msgspec.structs.replace(copy, id=copy.source) for copy in story.copies]  # short names to show
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


def run(console: Console) -> None:
    """Reconcile the corpus and show what came of it. The same on every run."""
    results = [result(story) for story in corpus()]
    n_copies = sum(len(r.story.copies) for r in results)
    n_sources = len({copy.source for r in results for copy in r.story.copies})
    _title("Copydesk: many copies in, one sourced text out", console)
    _say(
        f"{len(results)} articles of our own invention, each as two to five sources have it: {n_copies} copies by {n_sources}"
        " sources, every one with its own way of spoiling texts. Copydesk sees the copies alone. The articles are kept back to"
        " measure with.",
        console,
    )
    _in_full(next(r for r in results if r.story.article.id == SHOWN), console)
    _all(results, console)
    _summary(results, console)
    _say("Now with files of your own: *copydesk reconcile a.txt b.txt*", console)


def _in_full(shown: Result, console: Console) -> None:
    """One story: what its sources did, and its edition with the apparatus."""
    from rich.table import Table

    _title(f"One story: {shown.story.article.title}", console)
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("copy", style="bold")
    table.add_column("what its source did to it")
    for copy, done in zip(shown.story.copies, shown.story.done, strict=True):
        table.add_row(copy.source, ", ".join(done))
    console.print(table)
    console.print()
    terminal.show(shown.edition, console)
    console.print()


def _all(results: list[Result], console: Console) -> None:
    """A line for each story."""
    from rich.table import Table
    from rich.text import Text

    _title("All stories", console)
    _say(
        "*spoilt* are words of the article that some copy has not as they should be, *restored* those of them that the"
        " edition has; *wrong* are words altered, missing or too many: in the edition, in the best copy, in the average copy.",
        console,
    )
    table = Table(box=None, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("story", no_wrap=True)
    for head in ("copies", "variants", "spoilt", "restored", "wrong", "best", "average"):
        table.add_column(head, justify="right", overflow="fold")
    for r in results:
        numbers = (len(r.story.copies), len(r.edition.variants), r.spoilt, r.restored)
        ours = Text(str(r.wrong), "yellow" if r.wrong else "green")
        others = (min(r.in_copies), round(sum(r.in_copies) / len(r.in_copies)))
        table.add_row(r.story.article.id, *map(str, numbers), ours, *map(str, others))
    console.print(table)
    console.print()


def _summary(results: list[Result], console: Console) -> None:
    """What was right and what was wrong, all stories together."""
    n, spoilt, restored = sum(r.n for r in results), sum(r.spoilt for r in results), sum(r.restored for r in results)
    ours = sum(r.wrong for r in results)
    best = sum(min(r.in_copies) for r in results)
    average = sum(sum(r.in_copies) / len(r.in_copies) for r in results)
    whole = sum(r.edition.text.strip() == r.story.article.text for r in results)
    missing = sum(max(0, len(w.true) - len(w.words)) for r in results for w in r.wrongs)
    extra = sum(max(0, len(w.words) - len(w.true)) for r in results for w in r.wrongs)
    _title("Right and wrong", console)
    _say(
        f"Of {n:,} words, {spoilt:,} are spoilt in some copy, and {sum(r.lost for r in results):,} in all of a story."
        f" *{restored:,} of them are restored ({restored / spoilt:.1%})*. {whole} of {len(results)} editions are the article to"
        " the letter.",
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
        console.print("The worst of it:")
        for r in worst:
            place = max(r.wrongs, key=lambda w: max(len(w.words), len(w.true)))
            console.print(f"  {r.story.article.id}: {_put(place)}", markup=False, highlight=False)
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
    console.print(text, highlight=False)
    console.print()
