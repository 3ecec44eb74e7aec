"""A small corpus of our own making: invented words, sites with headers and footers, planted copies, reports of a template."""

from __future__ import annotations

import random
from itertools import combinations

import pyarrow as pa


def words(rnd: random.Random, n: int, of: list[str]) -> list[str]:
    return rnd.choices(of, k=n)


def vocabulary(rnd: random.Random, n: int = 4000) -> list[str]:
    syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
    return ["".join(rnd.choices(syllables, k=rnd.randint(1, 4))) for _ in range(n)]


def edited(rnd: random.Random, text: list[str], share: float, of: list[str]) -> list[str]:
    out: list[str] = []
    for word in text:
        r = rnd.random()
        if r >= share:
            out.append(word)
        elif r < share * 0.5:
            out.append(rnd.choice(of))
        elif r < share * 0.7:
            out += [word, rnd.choice(of)]
    return out


def corpus(seed: int = 1, stories: int = 120, singles: int = 200, templates: int = 3, sites: int = 6) -> list[dict[str, str]]:
    """Rows `copy_id, source, text, truth`; copies of one `truth` are of one story. Shuffled."""
    rnd = random.Random(seed)
    of = vocabulary(rnd)
    dress = [(words(rnd, rnd.randint(14, 40), of), words(rnd, rnd.randint(50, 110), of)) for _ in range(sites)]
    rows = []

    def add(text: list[str], truth: str, site: int | None) -> None:
        if site is not None:
            text = dress[site][0] + text + dress[site][1]
        source = "wire" if site is None else f"site{site}"
        rows.append({"copy_id": "", "source": source, "text": " ".join(text), "truth": truth})

    for s in range(stories):
        text = words(rnd, rnd.randint(120, 500), of)
        add(text, f"story{s}", rnd.choice([None, rnd.randrange(sites)]))
        for _ in range(rnd.randint(1, 5)):
            kept = text[: int(len(text) * rnd.uniform(0.5, 1.0))]
            add(edited(rnd, kept, rnd.uniform(0.0, 0.12), of), f"story{s}", rnd.choice([None, rnd.randrange(sites)]))
    for s in range(singles):
        add(words(rnd, rnd.randint(120, 500), of), f"single{s}", rnd.choice([None, rnd.randrange(sites)]))
    for t in range(templates):
        form = words(rnd, 220, of)
        slots = {i for i in range(220) if rnd.random() < 0.12}
        for n in range(20):
            add([rnd.choice(of) if i in slots else w for i, w in enumerate(form)], f"report{t}-{n}", None)
    rnd.shuffle(rows)
    for n, row in enumerate(rows):
        row["copy_id"] = f"c{n:05d}"
    return rows


def batches(rows: list[dict[str, str]], size: int = 300) -> list[pa.RecordBatch]:
    return [b for i in range(0, len(rows), size) for b in pa.Table.from_pylist(rows[i : i + size]).to_batches()]


def score(found: dict[str, str], truth: dict[str, str]) -> tuple[float, float]:
    """Recall and precision over pairs."""

    def pairs(groups: dict[str, str]) -> set[tuple[str, str]]:
        by: dict[str, list[str]] = {}
        for copy, group in sorted(groups.items()):
            by.setdefault(group, []).append(copy)
        return {pair for members in by.values() for pair in combinations(members, 2)}

    made, gold = pairs(found), pairs(truth)
    return len(made & gold) / len(gold), len(made & gold) / len(made)
