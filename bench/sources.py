"""Measure what a corpus tells of its sources: stories of which one source spoils three times as many words as the other.

usage: python bench/sources.py [CASE ...] [--stories N] [--words N] [--threads N]

A corpus is made by code, run as its users would (`copydesk run --story story`), and the editions and `sources.parquet` are
held against what was made. Exit status: 0 where every bar was met, 1 where one was missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rapidfuzz.distance import Levenshtein

from copydesk.demo.score import words
from measure import table
from texts import document, draw, spelt

GOOD, BAD = "good", "bad"
RATES = {GOOD: 0.01, BAD: 0.03, "fair": 0.015, "poor": 0.04, "best": 0.005}
"""The share of its words that each source spoils: a third each altered, left out, followed by one more."""


@dataclass(frozen=True)
class Story:
    """A text, and the copies of it by source, each with the places of the text at which it errs."""

    id: str
    truth: str
    copies: dict[str, str]
    errs: dict[str, set[int]]


def invented(rng: Random) -> str:
    """A word that is none."""
    return "".join(rng.choice("bcdfghjklmnprstvwz") + rng.choice("aeiouy") for _ in range(rng.randint(2, 4)))


def spoilt(blocks: list[list[str]], rate: float, word: Callable[[Random], str], rng: Random) -> tuple[str, set[int]]:
    """A copy, and at which words of the text it errs."""
    out, errs, at = [], set(), 0
    for block in blocks:
        own: list[str] = []
        for token in block:
            how = rng.choice("sdi") if rng.random() < rate else ""
            if how:
                errs.add(at)
            other = word(rng) if how in {"s", "i"} else ""
            own += [other] if how == "s" else [] if how == "d" else [token, other] if how == "i" else [token]
            at += 1
        out.append(own)
    return spelt(out), errs


def stories(
    n: int, n_words: int, sources: Callable[[Random], Sequence[str]], word: Callable[[Random], str], seed: str
) -> list[Story]:
    """`n` stories, each in copies of the sources that `sources` draws."""
    made = []
    for at in range(n):
        rng = Random(f"{seed} {at}")
        blocks = document(n_words, f"{seed} {at}")
        copies = {name: spoilt(blocks, RATES[name], word, rng) for name in sources(rng)}
        made.append(
            Story(f"{at:05}", spelt(blocks), {k: v[0] for k, v in copies.items()}, {k: v[1] for k, v in copies.items()})
        )
    return made


def run(made: Sequence[Story], folder: Path, threads: int) -> Path:
    """Run the command over the corpus; the folder it wrote."""
    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as file:
        for story in made:
            for source, text in story.copies.items():
                row = {"id": f"{story.id}/{source}", "story": story.id, "source": source, "text": text}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    command = [sys.executable, "-c", "from copydesk.cli import main; main()", "run", str(folder / "corpus.jsonl")]
    command += ["-o", str(folder / "out"), "--story", "story", "--overwrite", "--threads", str(threads)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "out"


def wrong_at(text: str, truth: str) -> set[int]:
    """The words of the truth at which a text is not as it is; one too many counts at the word before it."""
    found: set[int] = set()
    for block in Levenshtein.opcodes(words(truth), words(text)):
        if block.tag != "equal":
            found.update(range(block.src_start, block.src_end) or [max(0, block.src_start - 1)])
    return found
