"""Measure what a corpus tells of its sources: stories of which one source spoils three times as many words as another.

usage: python bench/sources.py [CASE ...] [--stories N] [--words N] [--threads N] [--seed S]

A corpus is made by code and run as its users would (`copydesk run --story story`); the editions and `sources.parquet` are held
against what was made. Exit status: 0 where every bar was met, 1 where one was missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from rapidfuzz.distance import Levenshtein

from copydesk.demo.score import WORD, words, wrong
from measure import table
from texts import document, draw, spelt

RATES = {"good": 0.01, "bad": 0.03, "fair": 0.015, "poor": 0.04, "best": 0.005}
"""The share of its words that each source spoils: a third each altered, left out, followed by one more."""
CASES: dict[str, tuple[str, Callable[[Random], list[str]]]] = {
    "several": ("several sources, 2 to 4 copies a story", lambda rng: rng.sample(sorted(RATES), rng.choice((2, 2, 3, 4)))),
    "three": ("three sources, two of them a story", lambda rng: rng.sample(["good", "bad", "fair"], 2)),
    "pairs": ("the same two sources in every story", lambda rng: ["good", "bad"]),
}
NOISE: dict[str, Callable[[Random], str]] = {
    "invented words": lambda rng: "".join(
        rng.choice("bcdfghjklmnprstvwz") + rng.choice("aeiouy") for _ in range(rng.randint(2, 4))
    ),
    "words of other stories": draw,
}
ENOUGH = 100
"""Choices from which their share tells something."""
BETWEEN = ("punctuation", "quotation marks", "spacing", "stray bracket")
"""Kinds of variants that are not of words."""


@dataclass(frozen=True)
class Story:
    """A text, and the copies of it by source."""

    id: str
    truth: str
    copies: dict[str, str]


@dataclass
class Score:
    """What became of a corpus: words of the truths, wrong ones, and the choices by confidence: how many, how many right."""

    words: int = 0
    wrong: int = 0
    best: int = 0
    sides: Counter[str] = field(default_factory=Counter)
    chosen: dict[int, Counter[bool]] = field(default_factory=lambda: defaultdict(Counter))


def spoilt(blocks: list[list[str]], rate: float, word: Callable[[Random], str], rng: Random) -> str:
    """A copy of a text, of paragraphs of words."""
    out = []
    for block in blocks:
        own: list[str] = []
        for token in block:
            how = rng.choice("sdi") if rng.random() < rate else ""
            own += [word(rng)] if how == "s" else [] if how == "d" else [token, word(rng)] if how == "i" else [token]
        out.append(own)
    return spelt(out)


def stories(n: int, n_words: int, case: str, noise: str, seed: int) -> list[Story]:
    """`n` stories, each in copies of the sources that chance draws."""
    made = []
    for at in range(n):
        name = f"{seed} {case} {noise} {at}"
        rng, blocks = Random(name), document(n_words, name)
        copies = {source: spoilt(blocks, RATES[source], NOISE[noise], rng) for source in CASES[case][1](rng)}
        made.append(Story(f"{at:05}", spelt(blocks), copies))
    return made


def run(made: Sequence[Story], folder: Path, threads: int, *, sources: bool) -> Path:
    """Run the command over the corpus, with the sources or without; the folder it wrote."""
    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as file:
        for story in made:
            for source, text in story.copies.items():
                row = {"id": f"{story.id}/{source}", "story": story.id, "text": text, "source": source if sources else None}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    command = [sys.executable, "-c", "from copydesk.cli import main; main()", "run", str(folder / "corpus.jsonl")]
    command += ["-o", str(folder / "out"), "--story", "story", "--overwrite", "--threads", str(threads)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "out"


def scored(made: Sequence[Story], out: Path) -> Score:
    """Hold every edition against its text."""
    import pyarrow.parquet as pq

    texts = dict(
        zip(
            *(column.to_pylist() for column in pq.read_table(out / "stories.parquet", columns=["story_id", "text"]).columns),
            strict=True,
        )
    )
    variants = defaultdict(list)
    for row in pq.read_table(out / "variants.parquet").to_pylist():
        if row["kind"] not in BETWEEN:
            variants[row["story_id"]].append(row)
    score = Score()
    for story in made:
        text = texts[story.id]
        score.words += len(words(story.truth))
        score.wrong += wrong(text, story.truth)
        score.best += min(wrong(copy, story.truth) for copy in story.copies.values())
        starts = [match.start() for match in WORD.finditer(text)]
        bad = [(b.src_start, b.src_end) for b in Levenshtein.opcodes(words(text), words(story.truth)) if b.tag != "equal"]
        for row in variants[story.id]:
            first, end = bisect_left(starts, row["start"]), bisect_left(starts, row["end"])
            right = not any(a <= end and first <= b if first == end or a == b else a < end and first < b for a, b in bad)
            score.chosen[min(9, int(10 * row["confidence"]))][right] += 1
            if set(story.copies) == {"good", "bad"}:
                copies = row["readings"][row["chosen"]]["copies"]
                score.sides[copies[0].split("/")[1] if len(copies) == 1 else "both"] += 1
    return score


def measure(case: str, noise: str, asked: argparse.Namespace) -> int:
    """Make a corpus, run it and print what came out; how many bars were missed."""
    import pyarrow.parquet as pq

    made = stories(asked.stories, asked.words, case, noise, asked.seed)
    print(f"\n## {CASES[case][0]}, {noise}: {len(made):,} stories of {asked.words:,} words\n")
    with tempfile.TemporaryDirectory() as folder:
        without = scored(made, run(made, Path(folder), asked.threads, sources=False))
        out = run(made, Path(folder), asked.threads, sources=True)
        score = scored(made, out)
        sources = pq.read_table(out / "sources.parquet").to_pylist()
    rows = []
    for source in sources:
        rates = {rate["kind"]: rate["n"] / rate["of"] for rate in source["rates"]}
        kinds = ("words omitted", "words added", "words altered")
        rows.append((source["source"], f"{RATES[source['source']] / 3:.3%}", *(f"{rates[kind]:.3%}" for kind in kinds)))
    print(table(("source", "each kind, as made", "omitted", "added", "altered"), rows))
    rows = [
        ("best copy", f"{score.best:,}", f"{score.best / score.words:.3%}"),
        ("without sources", f"{without.wrong:,}", f"{without.wrong / score.words:.3%}"),
        ("with sources", f"{score.wrong:,}", f"{score.wrong / score.words:.3%}"),
    ]
    print(f"\n{table(('', 'words wrong', 'share'), rows)}\n")
    rows = [
        (f"{tenth / 10:.1f}-{tenth / 10 + 0.1:.1f}", told.total(), f"{told[True] / told.total():.1%}")
        for tenth, told in sorted(score.chosen.items())
    ]
    print(table(("confidence", "choices", "right"), rows))
    sure = score.chosen[9]
    missed = 0
    if sure.total() >= ENOUGH:
        told = f"of the choices given 0.9 or more at least 95 % right ({sure[True] / sure.total():.1%} of {sure.total():,})"
        missed += bar(told, sure[True] >= 0.95 * sure.total())
    share = score.sides["good"] / max(1, score.sides.total())
    told = f"of two copies the better source's reading ({share:.1%} of {score.sides.total():,})"
    if noise != "invented words":  # else the words themselves decide
        missed += bar(f"{told}, at least 95 % of the places", share >= 0.95)
    else:
        print(f"- {told}; the words themselves decide too")
    return missed


def bar(what: str, met: bool) -> int:
    """Print whether a bar was met; 1 where it was not."""
    print(f"- {'met' if met else '**MISSED**'}: {what}")
    return not met


def main() -> int:
    """Run the cases asked for."""
    parser = argparse.ArgumentParser(description="Measure what a corpus tells of its sources.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"which to run: {', '.join(CASES)} (default: all)")
    parser.add_argument("--stories", type=int, default=500, help="how many stories (default: 500)")
    parser.add_argument("--words", type=int, default=300, help="words of each (default: 300)")
    parser.add_argument("--threads", type=int, default=1, help="processes that reconcile (default: 1)")
    parser.add_argument("--seed", type=int, default=1, help="of the texts and of what is done to them (default: 1)")
    asked = parser.parse_args()
    if unknown := [case for case in asked.cases if case not in CASES]:
        parser.error(f"no case {', '.join(unknown)}; there are {', '.join(CASES)}")
    missed = sum(measure(case, noise, asked) for case in asked.cases or CASES for noise in NOISE)
    print(f"\n{missed} bars missed" if missed else "\nEvery bar was met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
