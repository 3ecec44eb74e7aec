"""Measure reconciling: every case with its bar, beside the peers in the same run.

usage: python bench/reconcile.py [CASE ...] [--runs N] [--slow] [--shared FOLDER]

Without a case, all run. Exit status: 0 where every bar was met (cases whose data is absent are skipped), 1 where one was not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from itertools import accumulate, permutations
from pathlib import Path
from random import Random
from statistics import mean, median
from time import perf_counter
from typing import Any

import msgspec
import numpy as np
from rapidfuzz.distance import Levenshtein

import copydesk
from copydesk.collate.collation import collate
from copydesk.demo.corpus import corpus
from copydesk.demo.score import WORD, kept, words, wrong, wrongs
from copydesk.model import Collation, Copy, Edition, NotOneStory
from copydesk.sources.corpus import Columns
from measure import peak_memory, table, timed
from peers import collatex_vote, difflib_opcodes, rapidfuzz_opcodes, star_vote
from texts import DROPS, Pair, Update, document, flat, noisy, pair, spelt, update

SEEDS = ("000_3ca6ddb3c2864084.txt", "001_97d1037aa70446c5.txt")


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    runs: int
    slow: bool
    shared: Path


class AbsentError(Exception):
    """The case cannot run here: its data or its rival is not there."""


@dataclass
class Report:
    """What a case prints, and whether its bars were met."""

    missed: int = 0

    def say(self, text: str) -> None:
        """Print a line or a table."""
        print(text, flush=True)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print a table, with room around it."""
        self.say(f"\n{table(head, rows)}\n")

    def bar(self, what: str, met: bool) -> None:
        """Print whether a bar was met, and count it where not."""
        self.missed += not met
        self.say(f"- {'met' if met else '**MISSED**'}: {what}")


def within(path: Path) -> Path:
    """The path, or `AbsentError` where nothing is there."""
    if not path.exists():
        raise AbsentError(f"{path} is not there")
    return path


def letters_wrong(text: str, truth: str) -> int:
    """How many words, with the marks that touch them, are not as in the truth, to the letter."""
    return Levenshtein.distance(text.split(), truth.split())


# Two copies


def seeds(report: Report, options: Options) -> None:
    """The two seed files: the edition is the article alone, in either order."""
    folder = within(options.shared / "data/seeds")
    texts = [(folder / name).read_text(encoding="utf-8") for name in SEEDS]
    copies = [Copy(id=name[:3], text=text) for name, text in zip(SEEDS, texts, strict=True)]
    article = texts[0].split("\n", 1)[1].strip()
    editions = [copydesk.reconcile(copies), copydesk.reconcile(copies[::-1])]
    edition = editions[0]
    rows = [
        (v.kind, " / ".join(repr(shortened(r.text)) for r in v.readings), v.chosen, f"{v.confidence:.2f}", v.reason)
        for v in edition.variants
    ]
    report.table(("kind", "readings", "chosen", "confidence", "reason"), rows)
    report.table(("copy", "damage", "n", "of", "reason"), [(d.copy, d.kind, d.n, d.of, d.reason) for d in edition.damage])
    report.table(("fact", "value"), [(f.name, shortened(f.value)) for f in edition.metadata])
    report.bar("the edition is copy 000 without its first line, to the letter", edition.text.strip() == article)
    report.bar("the same in the other order", editions[1] == edition)
    report.bar(f"eight differences, eight variants ({len(edition.variants)})", len(edition.variants) == 8)
    report.bar("the flattened paragraphs are one finding", sum("paragraph" in d.kind for d in edition.damage) == 1)
    report.bar("the date is in the metadata", any(f.value == "2017-06-03" for f in edition.metadata))
    if edition.text.strip() != article:
        for line in differences(edition.text.strip(), article):
            report.say(f"  {line}")


def shortened(text: str, width: int = 48) -> str:
    """The text, or its ends where it is longer than `width`."""
    return text if len(text) <= width else f"{text[: width // 2]}…{text[-width // 2 :]}"


def differences(text: str, truth: str) -> Iterator[str]:
    """Where a text is not the truth, word by word."""
    a, b = truth.split(), text.split()
    for block in Levenshtein.opcodes(a, b):
        if block.tag != "equal":
            put = [" ".join(side) for side in (a[block.src_start : block.src_end], b[block.dest_start : block.dest_end])]
            before = " ".join(a[max(0, block.src_start - 3) : block.src_start])
            yield f"after {before!r}: {shortened(put[1])!r} for {shortened(put[0])!r}"


@dataclass(frozen=True)
class Outcome:
    """What became of one pair: counts of words, and whether the boilerplate was told from the story."""

    name: str
    n: int
    lost: int
    restored: int
    wrong: int
    letters_wrong: int
    header_left: bool
    biography_left: bool
    edition: str
    truth: str


def outcome(name: str, truth: str, spoilt: Pair, edition: str) -> Outcome:
    """Score an edition of a pair."""
    places = [m.span() for m in WORD.finditer(truth)]
    lost = {i for i, (start, end) in enumerate(places) if any(start < b and a < end for a, b in spoilt.lost)}
    own, n = words(edition), len(places)
    blocks = [b for b in Levenshtein.opcodes(words(truth), own) if b.tag != "equal"]
    head = {w for b in blocks if b.src_start == 0 for w in own[b.dest_start : b.dest_end]}
    tail = {w for b in blocks if b.src_end == n for w in own[b.dest_start : b.dest_end]}
    return Outcome(
        name=name,
        n=n,
        lost=len(lost),
        restored=len(lost & kept(edition, truth)),
        wrong=wrong(edition, truth),
        letters_wrong=letters_wrong(edition, truth),
        header_left=bool(head & set(words(spoilt.header))),
        biography_left=bool(tail & set(words(spoilt.biography))),
        edition=edition,
        truth=truth,
    )


def damage(report: Report, options: Options) -> None:
    """The seed pair's damage on other articles: the gold of the dev pages, each in three ways, in either order."""
    path = within(options.shared / "data/pages/dev.jsonl")
    pages = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    truths = {page["id"]: page["gold"].strip() for page in pages if len(page["gold"].split()) >= 80}
    outcomes: dict[str, list[Outcome]] = {drop: [] for drop in DROPS}
    same, seconds = 0, 0.0
    for drop, done in outcomes.items():
        for name, truth in truths.items():
            spoilt = pair(truth, drop, name)
            copies = [Copy(id="whole", text=spoilt.whole), Copy(id="spoilt", text=spoilt.spoilt)]
            start = perf_counter()
            edition = copydesk.reconcile(copies)
            seconds += perf_counter() - start
            same += copydesk.reconcile(copies[::-1]) == edition
            done.append(outcome(f"{name[:12]} {drop}", truth, spoilt, edition.text))
    everything = [o for done in outcomes.values() for o in done]
    rows = []
    for drop, done in [*outcomes.items(), ("all", everything)]:
        n, lost = sum(o.n for o in done), sum(o.lost for o in done)
        rows.append(
            (
                drop,
                len(done),
                lost,
                f"{sum(o.restored for o in done) / lost:.2%}",
                f"{sum(o.wrong for o in done) / n:.3%}",
                f"{sum(o.letters_wrong for o in done) / sum(len(o.truth.split()) for o in done):.3%}",
                sum(o.edition.strip() == o.truth for o in done),
                sum(o.header_left for o in done),
                sum(o.biography_left for o in done),
            )
        )
    head = (
        "dropped",
        "pairs",
        "words lost",
        "restored",
        "words wrong",
        "with marks",
        "to the letter",
        "header left",
        "bio left",
    )
    report.table(head, rows)
    report.say(f"{seconds / len(everything) * 1e3:.1f} ms a pair. The worst:")
    for o in sorted(everything, key=lambda o: (-o.wrong / o.n, o.name))[:8]:
        first = next(differences(o.edition, o.truth), "")
        report.say(f"  {o.name}: {o.wrong} of {o.n} words wrong, {o.lost - o.restored} of {o.lost} not restored; {first}")
    restored = sum(o.restored for o in everything) / sum(o.lost for o in everything)
    share = sum(o.wrong for o in everything) / sum(o.n for o in everything)
    report.bar(f"at least 98 % of the lost words restored ({restored:.2%})", restored >= 0.98)
    report.bar(f"at most 0.5 % of the words wrong ({share:.3%})", share <= 0.005)
    report.bar(f"the same in either order ({same} of {len(everything)})", same == len(everything))


# Many copies


def text_of(texts: Iterable[str]) -> str:
    """What Copydesk makes of the texts."""
    text: str = copydesk.reconcile(texts).text
    return text


def noise(report: Report, options: Options) -> None:
    """Twenty copies with 2 % word noise of 600 and 5,000 words, against the star vote: words, time, memory."""
    rivals: dict[str, Callable[[Sequence[str]], str]] = {
        "copydesk": text_of,
        "star vote": star_vote,
        "star vote on the medoid": partial(star_vote, centred=True),
        "star vote by difflib": partial(star_vote, opcodes=difflib_opcodes),
        "CollateX": collatex_vote,
    }
    slow = ["star vote by difflib", *(["CollateX"] if options.slow and find_spec("collatex") else [])]
    for n in (600, 5_000):
        blocks = document(n, f"noise {n}")
        truth = spelt(blocks)
        texts = [spelt(noisy(blocks, 0.02, f"noise {n} {i}")[0]) for i in range(20)]
        calls = {name: partial(rival, texts) for name, rival in rivals.items()}
        text_of(texts)  # what is read and built once is not what is measured
        seconds, results = timed({name: call for name, call in calls.items() if name in list(rivals)[:3]}, options.runs)
        if n == 600:
            once, more = timed({name: calls[name] for name in slow}, 1)
            seconds, results = seconds | once, results | more
        peak = {"copydesk": peak_memory("copydesk:reconcile", texts), "star vote": peak_memory("peers:star_vote", texts)}
        ratios = {name: time / seconds["star vote"] for name, time in seconds.items()}
        wrongs = {name: (wrong(result, truth), letters_wrong(result, truth)) for name, result in results.items()}
        rows = []
        for name, time in seconds.items():
            memory = f"{peak[name][1]:.0f} MB (+{peak[name][1] - peak[name][0]:.0f})" if name in peak else ""
            rows.append((name, *wrongs[name], f"{time * 1e3:.1f} ms", f"{ratios[name]:.2f}", memory))
        report.say(f"\n20 copies of {n:,} words, median of {options.runs}:")
        report.table(("", "words wrong", "with marks", "time", "ratio", "peak memory (grown)"), rows)
        report.bar(f"no wrong word ({wrongs['copydesk'][0]}; {wrongs['copydesk'][1]} with marks)", wrongs["copydesk"] == (0, 0))
        report.bar(f"at most 1.5 times the star vote's time ({ratios['copydesk']:.2f})", ratios["copydesk"] <= 1.5)
        report.bar(f"memory below 100 MB ({peak['copydesk'][1]:.0f} MB)", peak["copydesk"][1] < 100)


def few(report: Report, options: Options) -> None:
    """Three and five copies of 5,000 words with 2 % word noise, in four draws: wrong words beside the best single copy."""
    for n, most in ((3, 2), (5, 0)):
        rows = []
        for draw in range(4):
            blocks = document(5_000, f"few {n} {draw}")
            truth = spelt(blocks)
            texts = [spelt(noisy(blocks, 0.02, f"few {n} {draw} {i}")[0]) for i in range(n)]
            rows.append((draw, wrong(text_of(texts), truth), min(wrong(text, truth) for text in texts)))
        report.table((f"{n} copies", "words wrong", "in the best copy"), rows)
        worst = max(row[1] for row in rows)
        report.bar(f"at most {most} wrong words ({worst})", worst <= most)


def torn(report: Report, options: Options) -> None:
    """What three copies with 2 % word noise have where their edition is wrong: of invented words, and of running text. No bar.

    Into running text its own words are put, or strings of letters.
    """
    told: dict[str, Counter[str]] = {}
    wrong_words: dict[str, list[int]] = {}
    for name, blocks, foreign in three(within(options.shared / "data/pages/dev.jsonl"), 30):
        texts = [spelt(noisy(blocks, 0.02, f"torn {name} {spelt(blocks)[:40]} {i}", foreign)[0]) for i in range(3)]
        truth, edition = words(spelt(blocks)), words(text_of(texts))
        states = [erring(words(text), truth) for text in texts]
        errors = [" ".join(sorted(state[at] for state in states)) for at in erring(edition, truth)]
        told.setdefault(name, Counter()).update(errors)
        wrong_words.setdefault(name, []).append(wrong(text_of(texts), spelt(blocks)))
    kinds = sorted({kind for counted in told.values() for kind in counted}, key=lambda kind: -told["invented"][kind])
    n = {name: len(counts) for name, counts in wrong_words.items()}
    rows = [(kind, *(f"{told[name][kind] / n[name]:.2f}" for name in n)) for kind in kinds]
    rows.append(("words wrong, mean", *(f"{mean(wrong_words[name]):.2f}" for name in n)))
    rows.append(("two or less", *(f"{mean(count <= 2 for count in wrong_words[name]):.0%}" for name in n)))
    report.table(("the three copies", *n), rows)


def three(pages: Path, draws: int) -> Iterator[tuple[str, list[list[str]], Sequence[str]]]:
    """Texts of 5,000 words as paragraphs of tokens, each with its name and the words put in; none: of the vocabulary."""
    golds = [json.loads(line)["gold"] for line in pages.read_text(encoding="utf-8").splitlines()]
    articles = [[line.split() for line in gold.split("\n") if line.strip()] for gold in golds if "\u00ad" not in gold]
    # an article that says whole lines again is another matter than noise
    articles = [lines for lines in articles if len({" ".join(line) for line in lines}) == len(lines)]
    for seed in range(draws):
        yield "invented", document(5_000, f"torn {seed}"), ()
        rng = Random(seed)
        blocks = [line for lines in rng.sample(articles, len(articles)) for line in lines]
        sizes = accumulate(map(len, blocks))
        text = [block for block, size in zip(blocks, sizes, strict=True) if size <= 5_000]
        yield "running, its words", text, flat(text)
        letters = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, 9))) for _ in range(1_000)]
        yield "running, letters", text, letters


def erring(own: Sequence[str], truth: Sequence[str]) -> defaultdict[tuple[str, int], str]:
    """What became of each word of the truth, and of each place before one, where a text errs; elsewhere it is right."""
    state: defaultdict[tuple[str, int], str] = defaultdict(lambda: "right")
    for block in Levenshtein.opcodes(truth, own):
        if block.tag == "insert":
            state["before", block.src_start] = "added"
        elif block.tag != "equal":
            for at in range(block.src_start, block.src_end):
                state["word", at] = {"replace": "altered", "delete": "lost"}[block.tag]
    return state


def ancestor(report: Report, options: Options) -> None:
    """Twelve of twenty copies descend from one spoilt ancestor: what a vote by copy cannot see. No bar yet."""
    rows = []
    for n in (600, 5_000):
        truth = document(n, f"ancestor {n}")
        spoilt = noisy(truth, 0.02, f"ancestor {n}")[0]
        texts = [spelt(noisy(spoilt if i < 12 else truth, 0.005, f"ancestor {n} {i}")[0]) for i in range(20)]
        Random(n).shuffle(texts)
        for name, result in (("copydesk", text_of(texts)), ("star vote", star_vote(texts))):
            rows.append((n, name, wrong(spelt(spoilt), spelt(truth)), wrong(result, spelt(truth))))
    report.table(("words", "", "wrong in the ancestor", "wrong in the edition"), rows)


def versions(report: Report, options: Options) -> None:
    """Three sentences changed in the later half of the copies, with noise, losses and boilerplate: two versions?"""
    rows = []
    found = blended = in_order = tried = dated_tried = 0
    for n in (4, 6, 10, 20):
        for rate in (0.0, 0.01, 0.02):
            for dated in (True, False):
                tally = [told(update(document(500, f"update {seed}"), n, rate, f"{seed}"), dated) for seed in range(12)]
                two, right, mixed, wrong_words = (sum(column) for column in zip(*tally, strict=True))
                order = f"{right} of {two}" if dated else ""
                rows.append((n, f"{rate:.0%}", "yes" if dated else "no", f"{two} of {len(tally)}", order, mixed, wrong_words))
                blended += mixed
                if n > 4:
                    tried, found = tried + len(tally), found + two
                    dated_tried, in_order = dated_tried + dated * two, in_order + dated * right
    report.table(("copies", "noise", "dates", "two versions", "in order", "blended", "words wrong in all"), rows)
    split, n_single = [], 0
    for name, copies in single_versions(options):
        n_single += 1
        split += [name] if copydesk.reconcile(copies).earlier else []
    report.bar(f"of six copies and more two versions each time ({found} of {tried})", found == tried)
    report.bar(f"by dates in order of time ({in_order} of {dated_tried})", in_order == dated_tried)
    report.bar(f"no edition with words of the other version ({blended})", blended == 0)
    report.bar(
        f"no story of one version split ({len(split)} of {n_single}{': ' if split else ''}{', '.join(split)})", not split
    )


def told(made: Update, dated: bool) -> tuple[bool, bool, int, int]:
    """Of an update: two versions, in order of time, editions with words of the other version, words wrong in all."""
    copies = [
        Copy(f"{i:02}", text, published=f"2031-05-{1 + day:02}" if dated else None)
        for i, (text, day) in enumerate(zip(made.texts, made.days, strict=True))
    ]
    edition = copydesk.reconcile(Random(len(copies)).sample(copies, len(copies)))
    editions = [*edition.earlier, edition]
    if len(editions) != 2:
        return False, False, 0, 0
    of = {copy.id: version for copy, version in zip(copies, made.of, strict=True)}
    true = [{of[id_] for id_ in one.of_version} for one in editions]
    right = true == [{0}, {1}]
    if true == [{1}, {0}]:
        editions.reverse()
    elif not right:
        return False, False, 0, 0
    mixed = 0
    for version, one in enumerate(editions):
        put = {word.lower() for place in wrongs(one.text, made.versions[version]) for word in place.words}
        mixed += not put.isdisjoint(made.changed[1 - version])
    return True, right, mixed, sum(wrong(one.text, truth) for one, truth in zip(editions, made.versions, strict=True))


def single_versions(options: Options) -> Iterator[tuple[str, list[Copy]]]:
    """Stories of one version that look like several: who descends from a spoilt copy came later, or kept other blocks."""
    for n in (600, 2_000):
        for seed in range(6):
            truth = document(n, f"one {n} {seed}")
            spoilt = noisy(truth, 0.05, f"one {n} {seed}")[0]
            for own in (0.005, 0.02):
                texts = [spelt(noisy(truth if i < 8 else spoilt, own, f"one {n} {seed} {i}")[0]) for i in range(20)]
                for name, some in (("lines", range(20)), ("noise", range(8)), ("line in six", range(5, 11)), ("pair", (7, 8))):
                    yield f"{name} {n} {seed}", [Copy(f"{i:02}", texts[i], published=f"2031-05-{1 + i:02}") for i in some]
    for story in corpus(3):
        yield story.article.id, list(story.copies)
    path = options.shared / "data/pages/dev.jsonl"
    for page in map(json.loads, path.read_text(encoding="utf-8").splitlines()) if path.exists() else ():
        yield page["id"][:12], [Copy(name, text, source=name) for name, text in page["outputs"].items() if (text or "").strip()]


def many(report: Report, options: Options) -> None:
    """A thousand copies of a thousand words with 2 % noise."""
    truth = document(1_000, "many")
    texts = [spelt(noisy(truth, 0.02, f"many {i}")[0]) for i in range(1_000)]
    seconds, results = timed({"copydesk": lambda: text_of(texts), "star vote": lambda: star_vote(texts)}, 1)
    rows = [
        (name, wrong(results[name], spelt(truth)), f"{time:.1f} s", f"{time / seconds['star vote']:.2f}")
        for name, time in seconds.items()
    ]
    report.table(("1,000 copies", "words wrong", "time", "ratio"), rows)
    report.bar(f"under 15 s ({seconds['copydesk']:.1f} s)", seconds["copydesk"] < 15)


# Alignment


def starts(blocks: list[list[str]]) -> list[int]:
    """Where each token of `spelt(blocks)` begins."""
    at, found = 0, []
    for block in blocks:
        for token in block:
            found.append(at)
            at += len(token) + 1
        at += 1
    return found


def aligned(collation: Collation, text: str, places: Sequence[int]) -> list[int]:
    """The locus of the word that begins at each of the places of the copy with this text; -1 where no word begins there."""
    at = next(i for i, copy in enumerate(collation.copies) if copy.text == text)
    tokens = collation.tokens[at]
    index = np.searchsorted(tokens.starts, np.array(places))
    index[index == len(tokens.starts)] = 0
    hit = tokens.starts[index] == np.array(places)
    loci: list[int] = np.where(hit, collation.loci[at][index], -1).tolist()
    return loci


def pairs_by_locus(a: Sequence[int], b: Sequence[int]) -> set[tuple[int, int]]:
    """Which words of the one stand at one locus with which of the other."""
    at = {locus: i for i, locus in enumerate(a) if locus >= 0}
    return {(at[locus], j) for j, locus in enumerate(b) if locus in at}


def pairs_by_opcodes(opcodes: Iterable[tuple[str, int, int, int, int]]) -> set[tuple[int, int]]:
    """Which words of the one are equal to which of the other, by opcodes."""
    return {(a + i, c + i) for tag, a, b, c, _ in opcodes if tag == "equal" for i in range(b - a)}


def long_pair(report: Report, options: Options) -> None:
    """A pair of 50,000 words, 2 % noise on one: does every unchanged word stand with itself?"""
    truth = document(50_000, "pair")
    spoilt, was = noisy(truth, 0.02, "pair")
    texts = [spelt(truth), spelt(spoilt)]
    copies = [Copy(id=str(i), text=text) for i, text in enumerate(texts)]
    a, b = flat(truth), flat(spoilt)
    true = {(i, j) for j, i in enumerate(was) if i >= 0}
    calls: dict[str, Callable[[], Any]] = {
        "copydesk, collation": lambda: collate(copies),
        "copydesk, edition": lambda: copydesk.reconcile(copies),
        "RapidFuzz on words": lambda: rapidfuzz_opcodes(texts[0].split(), texts[1].split()),
        "difflib on words": lambda: difflib_opcodes(texts[0].split(), texts[1].split()),
    }
    difflib = calls.pop("difflib on words")
    seconds, results = timed(calls, max(3, options.runs // 2))
    once, result = timed({"difflib on words": difflib}, 1)
    collation = results["copydesk, collation"]
    found = {
        "copydesk, collation": pairs_by_locus(
            *(aligned(collation, t, starts(x)) for t, x in zip(texts, (truth, spoilt), strict=True))
        )
    }
    found |= {name: pairs_by_opcodes(done) for name, done in (results | result).items() if name.endswith("words")}
    rows = []
    for name, time in (seconds | once).items():
        if name in found:
            equal = {(i, j) for i, j in found[name] if a[i] == b[j]}
            recall, false = f"{len(equal & true) / len(true):.5f}", str(len(equal - true))
        else:
            recall, false = "", ""
        rows.append((name, recall, false, f"{time:.2f} s", f"{time / seconds['RapidFuzz on words']:.2f}"))
    report.table(("a pair of 50,000 words", "recall of unchanged words", "false pairs", "time", "ratio"), rows)
    share = len(found["copydesk, collation"] & true) / len(true)
    report.bar(f"recall of unchanged words 1.000 ({share:.5f})", share >= 0.9995)
    report.bar(f"an edition in under 0.5 s ({seconds['copydesk, edition']:.2f} s)", seconds["copydesk, edition"] < 0.5)


def moved(report: Report, options: Options) -> None:
    """600 words moved inside a text of 3,000: is it found as a move, and is the text still whole?"""
    words_ = flat(document(3_000, "moved"))
    rows, met = [], True
    for start, to in ((600, 1_800), (0, 2_400), (2_400, 300)):
        block, rest = words_[start : start + 600], [*words_[:start], *words_[start + 600 :]]
        shifted = [*rest[:to], *block, *rest[to:]]
        texts = [" ".join(words_), " ".join(shifted)]
        copies = [Copy(id=str(i), text=text) for i, text in enumerate(texts)]
        collation, edition = collate(copies), copydesk.reconcile(copies)
        own, other = (aligned(collation, t, starts([w])) for t, w in zip(texts, (words_, shifted), strict=True))
        sides = (own[start : start + 600], other[to : to + 600])
        share = max((covered(sides, (m.start, m.end), (m.to_start, m.to_end)) for m in collation.moves), default=0.0)
        kinds = sorted({v.kind for v in edition.variants if "mov" in v.kind})
        wrongs = min(Levenshtein.distance(edition.text.split(), t.split()) for t in texts)
        rows.append((f"{start} to {to}", len(collation.moves), f"{share:.1%}", ", ".join(kinds) or "none", wrongs))
        met &= share >= 0.99 and wrongs == 0
    report.table(("600 words of 3,000", "moves", "block covered", "kind of variant", "words wrong"), rows)
    report.bar("found as a move, and the edition is one of the two texts", met)


def covered(sides: tuple[Sequence[int], Sequence[int]], one: tuple[int, int], two: tuple[int, int]) -> float:
    """The share of the block that a move's two ranges of loci cover, whichever of them is which copy's."""

    def share(loci: Sequence[int], span: tuple[int, int]) -> float:
        return mean(span[0] <= locus < span[1] for locus in loci)

    return max(min(share(sides[0], a), share(sides[1], b)) for a, b in ((one, two), (two, one)))


def excerpt(report: Report, options: Options) -> None:
    """A 200-word excerpt inside 800 words of foreign text, against its 1,000-word article."""
    rows, met = [], True
    for start in (0, 400, 800):
        article = flat(document(1_000, f"excerpt {start}"))
        before, after = (flat(document(400, f"excerpt {start} {side}")) for side in ("before", "after"))
        other = [*before, *article[start : start + 200], *after]
        true = {(start + i, 400 + i) for i in range(200)}
        texts = [" ".join(article), " ".join(other)]
        collation = collate([Copy(id=str(i), text=text) for i, text in enumerate(texts)])
        loci = [aligned(collation, t, starts([w])) for t, w in zip(texts, (article, other), strict=True)]
        found = {
            "copydesk": pairs_by_locus(*loci),
            "RapidFuzz on words": pairs_by_opcodes(rapidfuzz_opcodes(article, other)),
            "difflib on words": pairs_by_opcodes(difflib_opcodes(article, other)),
        }
        for name, pairs in found.items():
            equal = {(i, j) for i, j in pairs if article[i] == other[j]}
            rows.append((f"from word {start}", name, f"{len(pairs & true)} of 200", len(equal - true), len(pairs - equal)))
        met &= rows[-3][2:4] == ("200 of 200", 0)
    report.table(("excerpt", "", "aligned", "false words", "unlike words at one locus"), rows)
    report.bar("200 of 200 aligned and no false word", met)


# Pages


HTML = ("trafilatura", "readability", "justext", "newspaper")  # those of the extra `[html]` that the pages have outputs of


def as_corpus(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> list[str]:
    """The editions of the pages from what some extractors read, as `copydesk run --story page` makes them of a file."""
    with tempfile.TemporaryDirectory() as folder:
        lines = [
            {"id": f"{page['id']}#{name}", "source": name, "page": page["id"], "text": page["outputs"][name]}
            for page in rows
            for name in names
            if (page["outputs"].get(name) or "").strip()
        ]
        corpus = Path(folder) / "pages.jsonl"
        corpus.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        run = copydesk.run(corpus, Path(folder) / "out", columns=Columns(story="page"), threads=1)
        stories = run.stories().select(["story_id", "text"]).to_pylist()
    texts = {story["story_id"]: story["text"] for story in stories}
    return [texts.get(page["id"], "") for page in rows]


def pages(report: Report, options: Options) -> None:
    """The 17 extractors' readings of a page as copies, scored against its gold: by themselves, and as one corpus."""
    path = within(options.shared / "data/pages/dev.jsonl")
    spec = spec_from_file_location("score_pages", within(options.shared / "bench/score_pages.py"))
    assert spec is not None
    assert spec.loader is not None
    scorer = module_from_spec(spec)
    spec.loader.exec_module(scorer)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    gold = [scorer.tokens(page["gold"]) for page in rows]
    start = perf_counter()
    alone = []
    for page in rows:
        copies = [Copy(id=name, source=name, text=text) for name, text in page["outputs"].items() if text and text.strip()]
        try:
            alone.append(copydesk.reconcile(copies).text)
        except NotOneStory as why:
            report.say(f"  no edition of {page['id'][:12]}: {why}")
            alone.append("")
    seconds = perf_counter() - start
    names = sorted(rows[0]["outputs"])
    readings = {name: [page["outputs"].get(name) or "" for page in rows] for name in names}

    def best(of: Sequence[str]) -> list[str]:
        return [
            max((page["outputs"].get(name) or "" for name in of), key=lambda t: scorer.page_f1(scorer.counts(g, t)))
            for page, g in zip(rows, gold, strict=True)
        ]

    vote = [star_vote(sorted(t for t in page["outputs"].values() if t and t.strip()), centred=True) for page in rows]
    few = f"of {len(HTML)} extractors: "
    named = {
        "copydesk, as one corpus": as_corpus(rows, names),
        "copydesk, each page by itself": alone,
        "oracle: best output of each page": best(names),
        "star vote on the medoid": vote,
        few + "copydesk, as one corpus": as_corpus(rows, HTML),
        few + "oracle": best(HTML),
    }
    scores = {name: scorer.summary(rows, gold, texts) for name, texts in (named | readings).items()}
    ranked = sorted(scores.items(), key=lambda item: -item[1][0])
    report.table(
        ("88 pages, 17 readings of each", "F1", "precision", "recall", "accuracy"),
        [(name, f"{f1:.4f}", f"{p:.4f}", f"{r:.4f}", f"{a:.3f}") for name, (f1, p, r, a, _) in ranked],
    )
    report.say(f"{seconds / len(rows) * 1e3:.0f} ms a page")
    f1, _, _, accuracy, _ = scores["copydesk, as one corpus"]
    report.bar(f"as one corpus F1 at least .982 ({f1:.4f})", f1 >= 0.982)
    report.bar(f"as one corpus accuracy at least .45 ({accuracy:.3f})", accuracy >= 0.45)
    f1 = scores["copydesk, each page by itself"][0]
    report.bar(f"each by itself F1 at least .968 ({f1:.4f})", f1 >= 0.968)
    f1, single = scores[few + "copydesk, as one corpus"][0], max(scores[name][0] for name in HTML)
    half = (single + scores[few + "oracle"][0]) / 2
    report.bar(f"{few}half way from the best of them to the oracle or better, {half:.4f} ({f1:.4f})", f1 >= half)


# The same bytes, and the start


def fingerprint(edition: Edition) -> str:
    """A hash of all that an edition says."""
    return hashlib.sha256(msgspec.json.encode(edition)).hexdigest()


def fingerprints(seed: int) -> list[str]:
    """The hash of the edition of each story of the demo's corpus."""
    return [fingerprint(copydesk.reconcile(story.copies)) for story in corpus(seed)]


def order(report: Report, options: Options) -> None:
    """The order of copies, the process and its hash seed make no difference to a byte."""
    several = 0
    stories = corpus(2)
    for story in stories:
        found = {fingerprint(copydesk.reconcile(copies)) for copies in list(permutations(story.copies))[:24]}
        several += len(found) > 1
    truth = document(300, "order")
    texts = [Copy(id=f"{i:02}", text=spelt(noisy(truth, 0.05, f"order {i}")[0])) for i in range(20)]
    found = {fingerprint(copydesk.reconcile(Random(i).sample(texts, 20))) for i in range(10)}
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import reconcile; print(reconcile.fingerprints(2))"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "2", "random")
    }
    report.bar(f"stories of the demo, up to 24 orders each: {len(stories) - several} of {len(stories)} the same", not several)
    report.bar(f"20 copies with noise in 10 orders: {len(found)} edition", len(found) == 1)
    report.bar(f"4 processes with hash seeds of their own: {len(runs)} set of editions", len(runs) == 1)


HEAVY = ("numba", "pyarrow", "starlette", "duckdb", "jinja2", "uvicorn", "pandas")


def start(report: Report, options: Options) -> None:
    """`copydesk reconcile` on two small files, from the shell."""
    script = within(Path(sys.executable).with_name("copydesk"))
    with tempfile.TemporaryDirectory() as folder:
        story = corpus(1)[0]
        names = [str(Path(folder) / f"{i}.txt") for i in range(2)]
        for name, copy in zip(names, story.copies, strict=False):
            Path(name).write_text(copy.text, encoding="utf-8")
        calls = {
            "copydesk reconcile a.txt b.txt": [str(script), "reconcile", *names],
            "copydesk --version": [str(script), "--version"],
            "python -c 'import numpy, rapidfuzz, rich, click'": [sys.executable, "-c", "import numpy, rapidfuzz, rich, click"],
            "python -c pass": [sys.executable, "-c", "pass"],
        }
        seconds: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(10):
            for name, command in calls.items():
                begun = perf_counter()
                subprocess.run(command, capture_output=True, check=True)
                seconds[name].append(perf_counter() - begun)
        timed_imports = [sys.executable, "-X", "importtime", str(script), "reconcile", *names]
        trace = subprocess.run(timed_imports, capture_output=True, text=True, check=True).stderr
    imported = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in trace.splitlines() if line.startswith("import time:")}
    report.table(
        ("from the shell, median of 10", "time"), [(name, f"{median(times):.2f} s") for name, times in seconds.items()]
    )
    times = seconds["copydesk reconcile a.txt b.txt"]
    report.bar(f"under 0.6 s ({median(times):.2f} s)", median(times) < 0.6)
    heavy = sorted(imported & set(HEAVY))
    report.bar(
        f"imports nothing heavy ({', '.join(heavy) or 'none'} of {len(imported)} packages)",
        not heavy and "copydesk" in imported,
    )


CASES: dict[str, Callable[[Report, Options], None]] = {
    "seeds": seeds,
    "damage": damage,
    "noise": noise,
    "few": few,
    "torn": torn,
    "ancestor": ancestor,
    "versions": versions,
    "many": many,
    "pair": long_pair,
    "moved": moved,
    "excerpt": excerpt,
    "pages": pages,
    "order": order,
    "start": start,
}


def main() -> int:
    """Run the cases asked for and say which bars were missed."""
    parser = argparse.ArgumentParser(description="Measure reconciling beside its peers.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"which to run: {', '.join(CASES)} (default: all)")
    parser.add_argument("--runs", type=int, default=7, help="rounds of which the median time is taken (default: 7)")
    parser.add_argument("--slow", action="store_true", help="measure CollateX too, where it is installed (minutes)")
    shared = Path(__file__).resolve().parents[2] / "shared"
    parser.add_argument("--shared", type=Path, default=shared, help="the folder with the data to measure on")
    asked = parser.parse_args()
    if unknown := [name for name in asked.cases if name not in CASES]:
        parser.error(f"no case {', '.join(unknown)}; there are {', '.join(CASES)}")
    options, report = Options(asked.runs, asked.slow, asked.shared), Report()
    for name in asked.cases or CASES:
        report.say(f"\n## {name}\n\n{CASES[name].__doc__}")
        try:
            CASES[name](report, options)
        except AbsentError as why:
            report.say(f"- skipped: {why}")
    report.say(f"\n{report.missed} bars missed" if report.missed else "\nEvery bar was met")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
