"""Measure the record: statements against gold spans, the same under damage, and speed.

usage: python bench/record.py [GOLD.jsonl ...] [--shared FOLDER] [--runs N]

Without a file, `data/attribution/dev.jsonl` of the shared folder is read; those texts are no part of the repository. Exit
status: 0 where every bar was met or the data is absent, 1 where one was not.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from time import process_time
from types import ModuleType
from typing import Any, NamedTuple

from copydesk.model import Statement
from copydesk.story import record

SHARED = Path(__file__).resolve().parents[2] / "shared"
BARS = {"source F1": 62.0, "cue F1": 62.0, "content F1": 55.0, "precision": 75.0, "communication recall": 82.0}
MOST_LOST = 4.0  # points of communication recall, under any damage
SLOWEST = 1.0  # MB of text a second, on one core


class Damaged(NamedTuple):
    """A spoilt text, and where each of its characters stood: `moved[i]` is the new place of old offset `i`."""

    text: str
    moved: Sequence[int]


def whole(text: str, rnd: Random) -> Damaged:
    return Damaged(text, range(len(text) + 1))


def flat(text: str, rnd: Random) -> Damaged:
    """Paragraphs flattened."""
    return Damaged(text.replace("\n", " "), range(len(text) + 1))


def closer_lost(text: str, rnd: Random) -> Damaged:
    """One closing mark lost."""
    places = closing(text)
    lost = {rnd.choice(places)} if places else set()
    return edited(text, lambda i: "" if i in lost else text[i])


def closers_lost(text: str, rnd: Random) -> Damaged:
    """One closing mark in five lost."""
    lost = {i for i in closing(text) if rnd.random() < 0.2}
    return edited(text, lambda i: "" if i in lost else text[i])


def spaced(text: str, rnd: Random) -> Damaged:
    """A space before every closing mark."""
    places = set(closing(text))
    return edited(text, lambda i: " " + text[i] if i in places else text[i])


def closing(text: str) -> list[int]:
    """Where double quotation marks close."""
    places = [i for i, char in enumerate(text) if char == "”"]
    straight = [i for i, char in enumerate(text) if char == '"' and i and not text[i - 1].isspace() and text[i - 1] != "("]
    return sorted(places + straight)


def edited(text: str, char: Callable[[int], str]) -> Damaged:
    """The text with each character replaced; one that grows keeps its own place at the end."""
    out: list[str] = []
    moved = []
    at = 0
    for i in range(len(text)):
        new = char(i)
        moved.append(at + max(0, len(new) - 1))
        out.append(new)
        at += len(new)
    return Damaged("".join(out), [*moved, at])


DAMAGE = (whole, flat, closer_lost, closers_lost, spaced)


def scorer(shared: Path) -> ModuleType:
    """The shared scoring script, as a module."""
    spec = spec_from_file_location("score_attribution", shared / "bench" / "score_attribution.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def spans(statement: Statement, role: str) -> list[tuple[int, int]]:
    return list(getattr(statement, role))


def figures(rows: Sequence[dict[str, Any]], damage: Callable[[str, Random], Damaged], score: ModuleType) -> dict[str, float]:
    """The figures that the shared script prints, of texts under a damage."""
    n: Counter[Any] = Counter()
    for row in rows:
        text, moved = damage(row["text"], Random(row["id"]))
        gold = [
            {role: [(moved[s], moved[e]) for s, e in statement[role]] for role in score.ROLES}
            for statement in score.gold_statements(row)
        ]
        mine = [{role: spans(statement, role) for role in score.ROLES} for statement in record(text).statements]
        count(n, text, gold, mine, score)
    f1 = {f"{role} F1": 200 * n[role, "right"] / max(1, n[role, "gold"] + n[role, "mine"]) for role in score.ROLES}
    precision, recall = 100 * n["right"] / max(1, n["mine"]), 100 * n["saying right"] / max(1, n["saying"])
    return f1 | {"precision": precision, "communication recall": recall}


def count(n: Counter[Any], text: str, gold: list[Any], mine: list[Any], score: ModuleType) -> None:
    """Add one article, statement matched to statement as the shared script does."""
    for role in score.ROLES:
        g = {span for statement in gold for span in statement[role]}
        m = {span for statement in mine for span in statement[role]}
        n[role, "gold"] += len(g)
        n[role, "mine"] += len(m)
        n[role, "right"] += len(g & m)
    words = [{w.strip(".,:;”\"'").lower() for s, e in a["cue"] for w in text[s:e].replace("-", " ").split()} for a in gold]
    saying = [bool(its & score.SAYING) for its in words]
    n["mine"] += len(mine)
    n["saying"] += sum(saying)
    used: set[int] = set()
    for one in mine:
        k = next((k for k, a in enumerate(gold) if k not in used and score.overlap(a["cue"], one["cue"])), None)
        if k is None:
            continue
        used.add(k)
        source = score.overlap(gold[k]["source"], one["source"]) or not (gold[k]["source"] or one["source"])
        right = source and score.iou(gold[k]["content"], one["content"]) >= 0.5
        n["right"] += right
        n["saying right"] += right and saying[k]


def speed(texts: Sequence[str], runs: int) -> float:
    """MB of text in UTF-8 a second of one core; the best of some runs."""
    size = sum(len(text.encode()) for text in texts) / 1e6
    best = 0.0
    for _ in range(runs):
        began = process_time()
        for text in texts:
            record(text)
        best = max(best, size / (process_time() - began))
    return best


def report(rows: Sequence[dict[str, Any]], shared: Path, runs: int) -> Iterator[tuple[str, float, float, bool]]:
    """What is measured: its name, the value, the bar and whether it is met."""
    score = scorer(shared)
    clean = figures(rows, whole, score)
    for name, bar in BARS.items():
        yield name, clean[name], bar, clean[name] >= bar
    recall = clean["communication recall"]
    for damage in DAMAGE[1:]:
        spoilt = figures(rows, damage, score)["communication recall"]
        yield f"communication recall, {damage.__doc__ or ''}", spoilt, recall - MOST_LOST, spoilt >= recall - MOST_LOST
    fast = speed([row["text"] for row in rows], runs)
    yield "MB a second", fast, SLOWEST, fast >= SLOWEST


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", nargs="*", type=Path)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    files = asked.gold or [asked.shared / "data" / "attribution" / "dev.jsonl"]
    met = True
    for file in files:
        if not file.exists():
            print(f"skipped: {file} is not there")
            continue
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        print(f"{file.name}: {len(rows)} articles")
        for name, value, bar, well in report(rows, asked.shared, asked.runs):
            print(f"  {name:60s} {value:6.2f}  bar {bar:6.2f}  {'met' if well else 'MISSED'}")
            met &= well
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
