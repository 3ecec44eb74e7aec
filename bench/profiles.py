"""Measure reconciling at scale: stories as twelve sources have them, each of which spoils every text in its own way.

usage: python bench/profiles.py [--stories N] [--seed S] [--keep FOLDER] [--show N] [--threads N] [--shared FOLDER]

Every story is an article of `data/attribution` in two to five copies by sources that chance draws. `copydesk run --story
story` reconciles the corpus as its users would; the editions are held against the articles, which it never sees. Exit
status: 0 where every bar was met or the articles are absent, 1 where one was missed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from rapidfuzz.distance import Levenshtein

from copydesk.demo.score import WORD, kept, words
from copydesk.demo.spoil import DAMAGES, Where, insert
from measure import table
from texts import grammar

SHARED = Path(__file__).resolve().parents[2] / "shared"
RESTORED, WRONG, LEFT = 0.99, 0.003, 0.005  # the bars


class Site(NamedTuple):
    """Boilerplate that a source puts into every text: where, and the rule of the grammar it grows from."""

    where: Where
    rule: str


PROFILES: dict[str, tuple[str | Site, ...]] = {
    # whole words, dressed
    "courier": (Site("head", "header"), Site("tail", "copyright")),
    "gazette": ("quotation marks straightened", Site("inside", "aside"), Site("tail", "biography"), Site("tail", "related")),
    # whole kinds of words lost
    "mirror": (
        *("hyphenated words dropped", "initials spaced", "closing marks parted", "bracket left"),
        *(Site("tail", "biography"), "paragraphs flattened"),
    ),
    "herald": ("words with digits dropped", "quotation marks lost", Site("head", "header"), "paragraphs flattened"),
    "portal": ("links dropped", Site("inside", "aside"), Site("tail", "related"), Site("tail", "comments")),
    # print
    "archive": ("letters misread", "spaces lost", Site("head", "folio")),
    "press": ("ligatures kept", "line ends hyphenated"),
    # encoding
    "crawl": ("mojibake", Site("head", "header"), Site("tail", "copyright")),
    "feed": ("entities left", "soft hyphens kept", "first paragraph doubled", Site("tail", "share")),
    # cut, moved, stripped, altered
    "digest": ("first letter lost", "truncated", Site("head", "header")),
    "forum": ("punctuation stripped", "block moved", Site("tail", "comments")),
    "wire": ("words altered", "quotation marks straightened", Site("head", "header")),
}
"""What each source does to every text, in this order."""

CHANGING = frozenset((
    "date", "time", "year", "month", "mon", "weekday", "digit", "name", "first", "last", "initial", "biography", "is", "post",
    "post2", "does", "topic", "more", "more2", "him", "him2", "comment", "caption",
))  # fmt: skip
"""Rules of the grammar by which a source says something else on every page; by the others it says what it always says."""

OPEN, CLOSE = 0xE000, "\ue0ff"  # put around boilerplate while a text is made
MARK = re.compile("[\ue000-\ue0ff]")
MARKED = re.compile("[\ue000-\ue0fe][^\ue0ff]*\ue0ff")


class Stretch(NamedTuple):
    """Boilerplate `[start, end)` of a copy's text, and the rule it grew from."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True)
class Made:
    """A copy as its source has it: `lost[i]` names the damage by which it lost word `i` of the article, if it did."""

    source: str
    text: str
    boilerplate: tuple[Stretch, ...]
    lost: dict[int, str]


@dataclass(frozen=True)
class Story:
    """An article and its copies."""

    id: str
    truth: str
    copies: tuple[Made, ...]


def articles(shared: Path) -> list[tuple[str, str]]:
    """Titles and texts, without the title that stands above each text, and with its white space made even."""
    found = []
    for file in sorted((shared / "data/attribution").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", row["text"]) if block.strip()]
            if len(blocks) > 1 and words(blocks[0]) == words(row["title"] or ""):
                del blocks[0]
            found.append((row["title"] or blocks[0], "\n\n".join(blocks)))
    return found


def stories(shared: Path, n: int, seed: int) -> Iterator[Story]:
    """`n` stories; articles come back where there are fewer of them, by other sources."""
    read = articles(shared)
    Random(seed).shuffle(read)
    for at in range(n):
        title, truth = read[at % len(read)]
        rng = Random(f"{seed} {at}")
        drawn = rng.sample(sorted(PROFILES), rng.randint(2, 5))
        other = rng.choice([t for t, _ in read if t != title])
        yield Story(f"{at:05}", truth, tuple(spoilt(truth, source, other, f"{seed} {at} {source}") for source in drawn))


def spoilt(truth: str, source: str, other: str, seed: str) -> Made:
    """The copy of an article that a source has; `other` is the title of another one, to link to."""
    text = truth
    lost: dict[int, str] = {}
    n = len(words(truth))
    rules: list[str] = []
    for step in PROFILES[source]:
        before = text
        if isinstance(step, Site):
            line = said(step.rule, source, other, Random(f"{seed} {step.rule}"))
            text = insert(text, f"{chr(OPEN + len(rules))}{line}{CLOSE}", step.where)
            rules.append(step.rule)
        elif (text := DAMAGES[step](text, Random(f"{seed} {step}"))) != before:
            for word in set(range(n)) - kept(MARKED.sub(" ", text), truth) - lost.keys():
                lost[word] = step
    # around boilerplate stand marks now, which are taken out: a stretch is as long as what stands between them
    stretches = []
    for at, match in enumerate(MARKED.finditer(text)):
        start = match.start() - 2 * at
        stretches.append(Stretch(start, start + len(match[0]) - 2, rules[ord(match[0][0]) - OPEN]))
    return Made(source, MARK.sub("", text), tuple(stretches), lost)


def said(rule: str, source: str, other: str, rng: Random) -> str:
    """A text by the grammar, as a source says it."""
    if rule == "title":
        return other
    always = Random(f"{source} {rule}")
    chosen = (rng if rule in CHANGING else always).choice(grammar()[rule])
    return re.sub(r"<(\w+)>", lambda m: said(m[1], source, other, rng), chosen)


def write(made: Sequence[Story], path: Path) -> None:
    """The corpus: a line of JSON a copy."""
    with path.open("w", encoding="utf-8") as file:
        for story in made:
            for copy in story.copies:
                row = {"id": f"{story.id}/{copy.source}", "story": story.id, "source": copy.source, "text": copy.text}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


class Edited(NamedTuple):
    """The text of an edition, and the spans it is made of, in order: start, end, copy, start in the copy."""

    text: str
    spans: list[tuple[int, int, str, int]]


def edited(out: Path) -> dict[str, Edited]:
    """The editions of a run, by story."""
    import pyarrow.parquet as pq

    spans: dict[str, list[tuple[int, int, str, int]]] = defaultdict(list)
    columns = pq.read_table(out / "spans.parquet", columns=["story_id", "start", "end", "copy_id", "copy_start"])
    for story, *span in zip(*(column.to_pylist() for column in columns.columns), strict=True):
        spans[story].append(tuple(span))
    texts = pq.read_table(out / "stories.parquet", columns=["story_id", "text"]).to_pylist()
    return {row["story_id"]: Edited(row["text"], sorted(spans[row["story_id"]])) for row in texts}


@dataclass
class Score:
    """What became of some stories, counted in words of the articles and, for boilerplate, in letters.

    `lost` words are not in their place in at least one copy, and are in another; `gone` ones no copy has.
    """

    stories: int = 0
    whole: int = 0
    words: int = 0
    lost: int = 0
    restored: int = 0
    gone: int = 0
    wrong: int = 0
    letters: int = 0
    inserted: int = 0
    left: int = 0


@dataclass
class Scores:
    """Scores of all stories, of those of so many copies; and by what went wrong: words lost by each damage, not restored."""

    all: Score
    by_size: dict[int, Score]
    lost: Counter[str]
    missing: Counter[str]
    boilerplate: Counter[str]
    left: Counter[str]
    why: Counter[str]
    places: dict[str, list[str]]


def scored(made: Iterable[Story], editions: dict[str, Edited]) -> Scores:
    """Hold every edition against its article."""
    scores = Scores(Score(), defaultdict(Score), Counter(), Counter(), Counter(), Counter(), Counter(), defaultdict(list))
    for story in made:
        _score(story, editions[story.id], scores)
    return scores


def _score(story: Story, edition: Edited, scores: Scores) -> None:
    n, has = len(words(story.truth)), kept(edition.text, story.truth)
    by_copy = [copy.lost for copy in story.copies]
    lost = set().union(*by_copy)
    gone = {word for word in lost if all(word in own for own in by_copy)}
    foreign = _foreign(story, edition)
    left: Counter[str] = Counter()
    for start, end, rule in foreign:
        left[rule] += _letters(edition.text[start:end])
    inserted: Counter[str] = Counter()
    for copy in story.copies:
        for stretch in copy.boilerplate:
            inserted[stretch.rule] += _letters(copy.text[stretch.start : stretch.end])
    bad = 0
    own, true = words(edition.text), words(story.truth)
    places = [match.span() for match in WORD.finditer(edition.text)]
    for block in Levenshtein.opcodes(own, true):
        if block.tag == "equal":
            continue
        here, there = slice(block.src_start, block.src_end), slice(block.dest_start, block.dest_end)
        size = max(here.stop - here.start, there.stop - there.start)
        bad += size
        why = _why(story, edition, foreign, places[here], range(there.start, there.stop))
        scores.why[why] += size
        before = " ".join(true[max(0, there.start - 3) : there.start])
        scores.places[why].append(f"{story.id} after {before!r}: {_short(own[here])} for {_short(true[there])}")
    for score in (scores.all, scores.by_size[len(story.copies)]):
        score.stories += 1
        score.whole += edition.text.strip() == story.truth
        score.words += n
        score.lost += len(lost - gone)
        score.restored += len((lost - gone) & has)
        score.gone += len(gone)
        score.wrong += bad
        score.letters += _letters(edition.text)
        score.inserted += sum(inserted.values())
        score.left += sum(left.values())
    scores.boilerplate += inserted
    scores.left += left
    for word in lost - gone:
        for damage in {own[word] for own in by_copy if word in own}:
            scores.lost[damage] += 1
            scores.missing[damage] += word not in has


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _short(some: Sequence[str]) -> str:
    return repr(" ".join(some if len(some) < 9 else [*some[:4], "…", *some[-4:]]))


def _foreign(story: Story, edition: Edited) -> list[tuple[int, int, str]]:
    """The stretches of an edition that are boilerplate, and of which rule."""
    by_id = {f"{story.id}/{copy.source}": copy for copy in story.copies}
    found = []
    for start, end, copy, at in edition.spans:
        for stretch in by_id[copy].boilerplate:
            a, b = max(stretch.start, at), min(stretch.end, at + end - start)
            if a < b:
                found.append((start + a - at, start + b - at, stretch.rule))
    return found


def _why(
    story: Story,
    edition: Edited,
    foreign: list[tuple[int, int, str]],
    places: Sequence[tuple[int, int]],
    true: range,
) -> str:
    """What is behind a wrong place: boilerplate left, the damages by which copies lost the words, or whose words were added."""
    for start, end in places:
        for a, b, rule in foreign:
            if start < b and a < end:
                return f"boilerplate: {rule}"
    damages = sorted({copy.lost[word] for copy in story.copies for word in true if word in copy.lost})
    if true and all(all(word in copy.lost for copy in story.copies) for word in true):
        return f"in no copy: {', '.join(damages)}"
    if damages:
        return ", ".join(damages)
    if places:
        starts = [span[0] for span in edition.spans]
        span = edition.spans[max(0, bisect_right(starts, places[0][0]) - 1)]
        return f"added by {span[2].split('/')[1]}"
    return "left out"


def report(scores: Scores, show: int) -> int:
    """Print the scores; how many bars were missed."""
    head = ("copies", "stories", "whole", "words", "lost", "restored", "gone", "wrong", "boilerplate left", "of the text")
    rows = [_row(str(size), score) for size, score in sorted(scores.by_size.items())]
    print(f"\n{table(head, [*rows, _row('all', scores.all)])}\n")
    rows = [
        (damage, f"{n:,}", f"{scores.missing[damage]:,}", f"{1 - scores.missing[damage] / n:.2%}")
        for damage, n in scores.lost.most_common()
    ]
    print(table(("damage", "words lost", "not restored", "restored"), rows))
    rows = [
        (rule, f"{n:,}", f"{scores.left[rule]:,}", f"{scores.left[rule] / n:.2%}")
        for rule, n in scores.boilerplate.most_common()
    ]
    print(f"\n{table(('boilerplate', 'letters', 'left in the text', 'share'), rows)}\n")
    total = max(1, scores.all.wrong)
    for why, n in scores.why.most_common(20):
        print(f"{n:>7,} words wrong ({n / total:.1%}): {why}")
        for place in scores.places[why][:show]:
            print(f"          {place}")
    score = scores.all
    bars = [
        ("at least 99 % of the lost words restored", score.restored / max(1, score.lost), RESTORED, True),
        ("at most 0.3 % of the words wrong", score.wrong / score.words, WRONG, False),
        ("boilerplate below 0.5 % of the letters", score.left / score.letters, LEFT, False),
    ]
    missed = 0
    print()
    for what, value, bar, least in bars:
        met = value >= bar if least else value <= bar
        missed += not met
        print(f"- {'met' if met else '**MISSED**'}: {what} ({value:.3%})")
    return missed


def _row(name: str, score: Score) -> tuple[Any, ...]:
    return (
        name,
        f"{score.stories:,}",
        f"{score.whole:,}",
        f"{score.words:,}",
        f"{score.lost:,}",
        f"{score.restored / max(1, score.lost):.3%}",
        f"{score.gone:,}",
        f"{score.wrong / max(1, score.words):.3%}",
        f"{score.left / max(1, score.inserted):.3%}",
        f"{score.left / max(1, score.letters):.3%}",
    )


def main() -> int:
    """Make the corpus, run Copydesk over it and score what came out."""
    parser = argparse.ArgumentParser(description="Measure reconciling on stories as twelve sources have them.")
    parser.add_argument("--stories", type=int, default=2_000, help="how many stories (default: 2,000)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw of sources and of what they do (default: 1)")
    parser.add_argument("--keep", type=Path, help="a folder that keeps the corpus, the run and the articles")
    parser.add_argument("--show", type=int, default=2, help="examples of each cause of wrong words (default: 2)")
    parser.add_argument("--threads", type=int, default=2, help="processes that reconcile (default: 2)")
    parser.add_argument("--shared", type=Path, default=SHARED, help="the folder with the articles")
    asked = parser.parse_args()
    if not (asked.shared / "data/attribution").exists():
        print(f"skipped: {asked.shared / 'data/attribution'} is not there")
        return 0
    made = list(stories(asked.shared, asked.stories, asked.seed))
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        write(made, folder / "corpus.jsonl")
        with (folder / "truth.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps({"story": s.id, "text": s.truth}, ensure_ascii=False) + "\n" for s in made)
        command = [
            sys.executable,
            "-c",
            "from copydesk.cli import main; main()",
            "run",
            str(folder / "corpus.jsonl"),
            "-o",
            str(folder / "out"),
        ]
        command += ["--story", "story", "--overwrite", "--threads", str(asked.threads)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        editions = edited(folder / "out")
    return 1 if report(scored(made, editions), asked.show) else 0


if __name__ == "__main__":
    sys.exit(main())
