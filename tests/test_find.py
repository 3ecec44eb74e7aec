"""Finding as a whole: copies in, stories out, on a corpus of invented words and on the pages beside the repository."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from copydesk.engines.local import Local
from copydesk.find import Found, find
from small_corpus import batches, corpus, edited, score, vocabulary, words

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def run(rows: list[dict[str, str]], threads: int = 1) -> Found:
    with Local(threads) as engine:
        return find(batches(rows), engine)


def stories(found: Found) -> dict[str, str]:
    copies = found.copies
    return dict(zip(copies.column("copy_id").to_pylist(), copies.column("story_id").to_pylist(), strict=True))


def groups(stories: dict[str, str]) -> list[list[str]]:
    members: dict[str, list[str]] = {}
    for copy, story in stories.items():
        members.setdefault(story, []).append(copy)
    return list(members.values())


def as_bytes(table: pa.Table, path: Path) -> bytes:
    pq.write_table(table, path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return corpus()


@pytest.fixture(scope="module")
def found(rows: list[dict[str, str]]) -> Found:
    return run(rows)


def test_stories_are_found_across_sites(rows, found):
    truth = {r["copy_id"]: r["truth"] for r in rows if not r["truth"].startswith("report")}
    mine = {copy: story for copy, story in stories(found).items() if copy in truth}
    recall, precision = score(mine, truth)
    assert recall >= 0.99
    assert precision >= 0.99


def test_reports_of_a_template_are_not_one_story(rows, found):
    mine = stories(found)
    reports = [mine[r["copy_id"]] for r in rows if r["truth"].startswith("report")]
    assert len(reports) == 60
    assert len(set(reports)) == 60


@pytest.mark.parametrize("copies", [1, 3])
def test_reports_are_apart_and_their_copies_together(copies):
    """Templates of few words, hence of few seeds: what tells is that all reports differ at the same places, not how much."""
    rnd = random.Random(12)
    of = vocabulary(rnd)
    rows, truth = [], {}
    for template in range(12):
        form = words(rnd, rnd.randint(120, 260), of)
        slots = {i for i in range(len(form)) if rnd.random() < 0.12}
        for report in range(20):
            text = [rnd.choice(of) if i in slots else word for i, word in enumerate(form)]
            for copy in range(copies):
                rows.append({"copy_id": f"c{len(rows):04d}", "text": " ".join([*text, *words(rnd, 3 * copy, of)])})
                truth[rows[-1]["copy_id"]] = f"{template}-{report}"
    mine = stories(run(rows))
    joined = Counter(frozenset(truth[copy] for copy in members) for members in groups(mine))
    assert all(len(reports) == 1 for reports in joined)
    assert len(joined) == 240
    assert joined.total() <= 240 * (1 if copies == 1 else 1.05)


def test_edited_copies_of_one_text_are_no_reports():
    rnd = random.Random(8)
    of = vocabulary(rnd)
    rows, truth = [], {}
    for story in range(40):
        text = words(rnd, 200, of)
        for _ in range(3 + story % 18):
            rows.append({"copy_id": f"c{len(rows):04d}", "text": " ".join(edited(rnd, text, rnd.uniform(0.02, 0.14), of))})
            truth[rows[-1]["copy_id"]] = str(story)
    recall, precision = score(stories(run(rows)), truth)
    assert precision == 1
    assert recall >= 0.99


def test_every_copy_keeps_its_evidence(rows, found):
    table = found.copies
    assert table.column("copy_id").to_pylist() == sorted(r["copy_id"] for r in rows)
    source = {r["copy_id"]: r["source"] for r in rows}
    size = Counter(table.column("story_id").to_pylist())
    members = {}
    for row in table.to_pylist():
        assert row["source"] == source[row["copy_id"]]
        members.setdefault(row["story_id"], []).append(row["copy_id"])
        if size[row["story_id"]] == 1:
            assert row["nearest_copy"] is None
            assert row["relation"] is None
        else:
            assert row["nearest_copy"] != row["copy_id"]
            assert row["relation"] in {"identical", "copy", "abridged", "extended", "excerpt", "revised"}
            assert 0 <= row["coverage"] <= 1
            assert 0 <= row["coverage_of_nearest"] <= 1
            assert row["story_letters"] <= row["n_letters"]
    mine = stories(found)
    assert all(story == min(copies) for story, copies in members.items())
    assert all(mine[r["nearest_copy"]] == r["story_id"] for r in table.to_pylist() if r["nearest_copy"])


def test_boilerplate_is_set_aside(rows, found):
    dressed = [r for r in found.copies.to_pylist() if r["source"] != "wire"]
    wire = [r for r in found.copies.to_pylist() if r["source"] == "wire"]
    assert sum(r["story_letters"] < r["n_letters"] - 150 for r in dressed) > 0.95 * len(dressed)
    assert sum(r["story_letters"] == r["n_letters"] for r in wire) > 0.95 * len(wire)
    assert found.boilerplate.num_rows > 20
    assert all(r["junk"] > r["good"] for r in found.boilerplate.to_pylist())


@pytest.mark.parametrize("threads", [1, 3])
def test_order_and_threads_change_nothing(rows, found, tmp_path, threads):
    shuffled = rows[:]
    random.Random(threads).shuffle(shuffled)
    again = run(shuffled, threads)
    assert as_bytes(again.copies, tmp_path / "a") == as_bytes(found.copies, tmp_path / "b")
    assert as_bytes(again.boilerplate, tmp_path / "a") == as_bytes(found.boilerplate, tmp_path / "b")


def test_a_large_story_stays_one():
    rnd = random.Random(3)
    of = vocabulary(rnd)
    text = words(rnd, 300, of)
    rows = [{"copy_id": f"a{n:04d}", "text": " ".join(edited(rnd, text, rnd.uniform(0, 0.12), of))} for n in range(1500)]
    rows += [{"copy_id": f"b{n:04d}", "text": " ".join(words(rnd, 300, of))} for n in range(500)]
    mine = stories(run(rows))
    assert len({mine[f"a{n:04d}"] for n in range(1500)}) == 1
    assert len(set(mine.values())) == 501


def test_a_large_story_keeps_what_is_badly_edited_and_cut():
    """Two such copies may share too little, and a text is linked to the few centers of its story alone."""
    rnd = random.Random(5)
    of = vocabulary(rnd)
    text = words(rnd, 430, of)
    rows = []
    for n in range(4000):
        kept = text[: int(len(text) * rnd.uniform(0.35, 0.9))] if rnd.random() < 0.4 else text
        rows.append({"copy_id": f"a{n:04d}", "text": " ".join(edited(rnd, kept, rnd.uniform(0.01, 0.2), of))})
    rows += [{"copy_id": f"b{n:04d}", "text": " ".join(words(rnd, 300, of))} for n in range(500)]
    size = Counter(stories(run(rows)).values())
    assert max(size.values()) >= 3996


def test_copies_of_equal_letters_are_identical():
    text = " ".join(words(random.Random(1), 100, vocabulary(random.Random(1))))
    found = run(
        [
            {"copy_id": "1", "text": text},
            {"copy_id": "2", "text": text.upper().replace(" ", "\n\n")},
            {"copy_id": "3", "text": text.replace(" ", ", ")},
        ]
    )
    rows = found.copies.to_pylist()
    assert [r["story_id"] for r in rows] == ["1", "1", "1"]
    assert [r["relation"] for r in rows] == ["identical"] * 3
    assert [r["nearest_copy"] for r in rows] == ["2", "1", "1"]


def test_an_excerpt_and_an_abridgement_are_named():
    rnd = random.Random(2)
    text = words(rnd, 600, vocabulary(rnd))
    rows = [
        {"copy_id": "whole", "text": " ".join(text)},
        {"copy_id": "half", "text": " ".join(text[:330])},
        {"copy_id": "piece", "text": " ".join(text[200:300])},
    ]
    mine = {r["copy_id"]: r for r in run(rows).copies.to_pylist()}
    assert {r["story_id"] for r in mine.values()} == {"half"}
    assert mine["half"]["relation"] == "abridged"
    assert mine["piece"]["relation"] == "excerpt"
    assert mine["whole"]["relation"] == "extended"


@pytest.mark.parametrize(
    "text", ["", None, "   ", "!?", "a", "two words", "\ud7ff\U0010ffff", "x" * 40_000, "\x00\x1b[31m", "שלום " * 9]
)
def test_odd_texts_stand_alone_and_break_nothing(text):
    rnd = random.Random(4)
    whole = " ".join(words(rnd, 80, vocabulary(rnd)))
    rows = [{"copy_id": "odd", "text": text}, {"copy_id": "x", "text": whole}, {"copy_id": "y", "text": whole + " end"}]
    assert stories(run(rows)) == {"odd": "odd", "x": "x", "y": "x"}


def test_texts_without_letters_are_no_story():
    assert stories(run([{"copy_id": c, "text": "..."} for c in "abc"])) == {"a": "a", "b": "b", "c": "c"}


def test_other_columns_are_carried_through():
    batch = pa.table({"copy_id": ["1", "2"], "text": ["one", "two"], 'na"me': [1.5, None], "list": [[1], [2, 3]]})
    with Local(1) as engine:
        copies = find(batch.to_batches(), engine).copies
    assert copies.column('na"me').to_pylist() == [1.5, None]
    assert copies.column("list").to_pylist() == [[1], [2, 3]]
    assert copies.column_names[:3] == ["copy_id", 'na"me', "list"]


def test_all_outputs_of_all_pages():
    """Two pages of a site share its navigation, and one extractor's output of a page may be mostly that."""
    path = SHARED / "pages" / "dev.jsonl"
    if not path.exists():
        pytest.skip("needs the pages beside the repository")
    with path.open(encoding="utf8") as lines:
        pages = [json.loads(line) for line in lines]
    rows, truth = [], {}
    for n, page in enumerate(pages):
        for name, text in page["outputs"].items():
            rows.append({"copy_id": f"{n}-{name}", "text": text or ""})
            truth[rows[-1]["copy_id"]] = str(n)
    recall, precision = score(stories(run(rows)), truth)
    assert precision >= 0.97
    assert recall >= 0.9
