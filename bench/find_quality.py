"""The bars of what finding finds, each beside what was measured: `python bench/find_peers.py --sizes none --quality`."""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from corpora import AbsentError
from process import Measured, measured, processors
from rounds import Bench, checked, copydesk, say

Rows = list[dict[str, Any]]
WORD = re.compile(r"\w+")


class Bar(NamedTuple):
    """A bar and what was measured; `met` is None for a figure that has no bar."""

    what: str
    measured: str
    bar: str
    met: bool | None


class Story(NamedTuple):
    """What a run found."""

    done: Measured
    scores: dict[str, float]
    of: dict[str, str]  # id -> story


def quality(bench: Bench, seed: int) -> int:
    """Measure every case that was not, and print all; how many bars were missed."""
    for name, case in CASES.items():
        if bench.results.has("quality", case=name, seed=seed):
            continue
        say(f"{name} ...")
        try:
            bars = list(case(bench, seed))
        except AbsentError as absent:
            say(f"{name}: {absent}")
            continue
        bench.results.add("quality", {"case": name, "seed": seed, "bars": [bar._asdict() for bar in bars]})
    missed = 0
    for row in bench.results.all["quality"]:
        for bar in (Bar(**bar) for bar in row["bars"]):
            missed += bar.met is False
            verdict = {True: "met", False: "MISSED", None: ""}[bar.met]
            print(
                f"{row['case']:22s} {bar.what}: {bar.measured}" + (f" (bar {bar.bar}) {verdict}" if bar.bar else ""), flush=True
            )
    return missed


def found(bench: Bench, corpus: Path) -> Story:
    """Run Copydesk on a corpus and score it."""
    done, file = bench.run("copydesk", corpus)
    scores = bench.corpora.score(corpus, file)
    return Story(done, scores, dict(line.split("\t") for line in file.read_text().splitlines()))


def at_least(what: str, value: float, bar: float) -> Bar:
    """A share that must not be less."""
    return Bar(what, f"{value:.4f}", f">= {bar}", value >= bar)


def planted(size: int, recall: float, precision: float, dress: str = "site", ocr: float = 0.0) -> Case:
    """A corpus of planted copies: recall and precision of pairs, and the reports of templates where there are some."""

    def case(bench: Bench, seed: int) -> Iterator[Bar]:
        corpus = bench.corpora.planted(size, seed, dress, ocr)
        story = found(bench, corpus)
        yield at_least("recall", story.scores["recall all"], recall)
        yield at_least("precision", story.scores["precision"], precision)
        yield Bar("ARI", f"{story.scores['ARI']:.4f}", "", None)
        if dress == "site":
            yield reports(story, rows_of(corpus / "truth.jsonl"))

    return case


def reports(story: Story, truth: Rows) -> Bar:
    """Of how many templates reports, which are no copies of one another, were joined."""
    families = defaultdict(list)
    for row in truth:
        if row["kind"] == "template":
            families[row["source"]].append(story.of[row["id"]])
    most = [max(Counter(family).values()) for family in families.values()]
    joined = [n for n in most if n > 1]
    value = f"{len(joined)} of {len(most)} templates" + (f", at most {max(joined)} reports together" if joined else "")
    return Bar("reports of one template joined", value, "none", not joined)


def one_story(bench: Bench, seed: int) -> Iterator[Bar]:
    """50,000 copies of one text among as many other documents: one story, at the cost of any other corpus."""
    plain, large = bench.corpora.planted(100_000, seed), bench.corpora.one_large_story(seed)
    truth = {row["id"]: row["group"] for row in rows_of(large / "truth.jsonl")}
    (group, size), *_ = Counter(truth.values()).most_common(1)
    usual, _ = bench.run("copydesk", plain)
    story = found(bench, large)
    parts = Counter(story.of[id_] for id_, of in truth.items() if of == group)
    (name, largest), *rest = parts.most_common()
    others = sum(found == name for found in story.of.values()) - largest
    outside = f"{size - largest} outside, in {len(rest)} stories of at most {rest[0][1]}" if rest else "none outside"
    yield Bar("copies of the large story in one", f"{largest} of {size}, {outside}", ">= 99.9 %", largest >= 0.999 * size)
    yield Bar("other documents in it", str(others), "0", others == 0)
    ratio = (story.done.cpu / len(truth)) / (usual.cpu / 100_000)
    cost = f"{story.done.cpu / len(truth) * 1e6:.0f} us of CPU, {ratio:.2f} times that of 100,000 of many stories"
    yield Bar("cost of a document", cost, "<= 2 times", ratio <= 2)


def pages(bench: Bench, seed: int) -> Iterator[Bar]:
    """All outputs of all pages: those of one page are one story, though pages of a site share its navigation."""
    corpus = bench.corpora.pages()
    story = found(bench, corpus)
    yield at_least("ARI", story.scores["ARI"], 0.95)
    yield Bar("recall, precision", f"{story.scores['recall all']:.4f}, {story.scores['precision']:.4f}", "", None)
    empty = sum(not row["text"].strip() for row in rows_of(corpus / "corpus.jsonl"))
    yield Bar("outputs without text, each counted as missed", str(empty), "", None)


def news(bench: Bench, seed: int) -> Iterator[Bar]:
    """News of one day: every pair that is joined, with the share of the shorter one's word 5-grams that the other has.

    The 5-grams are those of the whole texts, so boilerplate counts as what is not shared.
    """
    corpus = bench.corpora.news()
    _, file = bench.run("copydesk", corpus)
    story = dict(line.split("\t") for line in file.read_text().splitlines())
    rows = {row["id"]: row for row in rows_of(corpus / "corpus.jsonl")}
    grams = {id_: shingles(row["text"]) for id_, row in rows.items()}
    members = defaultdict(list)
    for id_, name in sorted(story.items()):
        members[name].append(id_)
    joined = []
    for ids in members.values():
        for a, b in combinations(ids, 2):
            shared = len(grams[a] & grams[b]) / max(1, min(len(grams[a]), len(grams[b])))
            joined.append((shared, a, b, rows[a]["source"] != rows[b]["source"]))
    joined.sort()
    for shared, a, b, _ in joined:
        say(f"  {a} {b} share {shared:.2f}: {rows[a]['source']}, {rows[b]['source']}")
    across = sum(apart for *_, apart in joined)
    yield Bar("articles joined across publishers", f"{across} pairs of {len(joined)}", "some", across > 0)
    least = joined[0][0] if joined else 1.0
    yield Bar("least share of the shorter's 5-grams in a pair joined", f"{least:.2f}", ">= .25", least >= 0.25)
    yield Bar("the least five", ", ".join(f"{a}-{b} {shared:.2f}" for shared, a, b, _ in joined[:5]), "", None)


def same_bytes(bench: Bench, seed: int) -> Iterator[Bar]:
    """The table of copies, byte for byte, whatever the order and the files of the rows, the threads and the memory."""
    corpus = bench.corpora.planted(20_000, seed) / "corpus.jsonl"
    lines = corpus.read_bytes().splitlines(keepends=True)
    random.Random(seed).shuffle(lines)
    parts = [bench.folder / f"shuffled{at}.jsonl" for at in range(3)]
    for at, part in enumerate(parts):
        part.write_bytes(b"".join(lines[at::3]))
    shuffled = [str(part) for part in parts]
    tables: dict[str, bytes] = {}
    for name, files, options in (
        ("1 thread", [str(corpus)], ["--threads", "1"]),
        ("2 threads", [str(corpus)], ["--threads", "2"]),
        ("shuffled into 3 files, 2 threads", shuffled, ["--threads", "2"]),
        ("shuffled into 3 files, 1 thread, 1 GB", shuffled[::-1], ["--threads", "1", "--memory", "1GB"]),
    ):
        out = bench.folder / "out"
        checked(measured(copydesk(files, out, "--only", "find", *options), processors(2)), name)
        tables[name] = (out / "copies.parquet").read_bytes()
    first, *others = tables
    for name in others:
        same = tables[name] == tables[first]
        yield Bar(f"copies.parquet with {name}", "the same bytes" if same else "other bytes", f"as with {first}", same)
    for part in parts:
        part.unlink()


def shingles(text: str) -> set[tuple[str, ...]]:
    """The word 5-grams of a text."""
    words = WORD.findall(text.lower())
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}


def rows_of(path: Path) -> Rows:
    """The rows of a file of JSON Lines."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


Case = Callable[[Bench, int], Iterator[Bar]]
CASES: dict[str, Case] = {
    "site, 20,000": planted(20_000, 0.97, 0.97),
    "site, 100,000": planted(100_000, 0.97, 0.97),
    "clean, 20,000": planted(20_000, 0.98, 0.99, "clean"),
    "ocr .03, 20,000": planted(20_000, 0.95, 0.97, "site", 0.03),
    "one story of 50,000": one_story,
    "pages": pages,
    "news": news,
    "determinism": same_bytes,
}
