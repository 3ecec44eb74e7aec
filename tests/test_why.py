"""Why two copies are one story or not: the evidence for a pair, the evidence of a run, the page, the command."""

from __future__ import annotations

import io
import json
import random
import re
import shutil
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from copydesk.demo.corpus import corpus as demo_corpus
from copydesk.export.why import LOOKS, dumps, show
from copydesk.find.chains import GAP, WIDE_GAP, Hashes
from copydesk.find.letters import letters
from copydesk.find.pair import Aligned, Pair, Side, Stretch, _seeded, in_line, pair, places_of_boilerplate, shared_seeds, tracks
from copydesk.find.seeds import K, W
from copydesk.sources import Unreadable
from copydesk.why import Hop, Member, NoSuchCopy, Why, why
from small_corpus import corpus, edited, vocabulary, words
from test_cli import lines, write
from test_cli import run as command

NONE = np.empty(0, np.uint64)


def ran(out: str, *names: str) -> None:
    """A run that stops after the stories."""
    done = command("run", *names, "-o", out, "--only", "find")
    assert (done.returncode, done.stderr) == (0, b"")


def asked(*arguments: str, **environment: str) -> str:
    done = command("why", *arguments, **environment)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def told(one: str, other: str) -> dict:
    """What `--json` writes about the run in `out`."""
    return json.loads(dumps(why("out", one, other)))


def page(one: str, other: str, width: int = 80, full: bool = False) -> str:
    """The page of the run in `out`, as a pipe gets it."""
    console = Console(file=io.StringIO(), width=width, highlight=False, emoji=False, markup=False)
    show(why("out", one, other), console, full)
    return console.file.getvalue()


def fails(code: int, *arguments: str) -> str:
    """The one line that a failing command says."""
    done = command("why", *arguments)
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b"")
    assert said.startswith("copydesk: ")
    assert said.count("\n") == 1
    return said.removeprefix("copydesk: ").rstrip()


def holds(one: str, other: str, found: Pair) -> None:
    """What is so of every pair, whatever the texts."""
    for side, text in zip(found.sides, (one, other), strict=True):
        assert side.n_letters == len(letters(text)[0])
        assert 0 <= side.story_letters <= side.n_letters
        assert 0 <= side.coverage <= 1
        assert all(0 <= start < end <= len(text) for start, end in side.boilerplate)
        assert all(end <= start for (_, end), (start, _) in pairwise(side.boilerplate))
    for span in found.aligned:
        mine, others = one[span.start : span.end], other[span.other_start : span.other_end]
        assert letters(mine)[0] == letters(others)[0]
        assert len(letters(mine)[0]) == span.n_letters > 0
    assert list(found.aligned) == sorted(found.aligned, key=lambda s: (s.start, s.other_start))
    line = [span for span in found.aligned if not span.moved and not span.boilerplate]
    for before, after in pairwise(line):
        assert before.end <= after.start
        assert before.other_end <= after.other_start
    for stretch in found.stretches:
        assert 0 <= stretch.start < stretch.end <= len(one)
        assert 0 <= stretch.other_start < stretch.other_end <= len(other)
    for span in found.aligned:
        within = [s for s in found.stretches if s.start <= span.start and span.end <= s.end]
        assert span.boilerplate or any(s.other_start <= span.other_start and span.other_end <= s.other_end for s in within)


def covered(line: list[tuple[list[tuple[int, int]], bool]], side: int) -> int:
    """The letters of a text in the union of tracks, half a window wider at either end of those of more than one seed."""
    n = reached = 0
    for track in sorted(([place[side] for place in track] for track, _ in line), key=lambda places: places[0]):
        more = W // 2 if track[-1] > track[0] else 0
        start, end = max(track[0] - more, reached), track[-1] + K + more
        if end > start:
            n += end - start
            reached = end
    return n


def counts_as_finding_does(one: str, other: str, boilerplate: np.ndarray) -> None:
    """Tracks and boilerplate, followed place by place, come to the numbers that the kernels give."""
    texts, _, first = _seeded(one, other)
    a, b = np.array([first]), np.array([1 - first])
    at_a, at_b, aside = shared_seeds(texts, first, 1 - first, boilerplate)
    for gap in (GAP, WIDE_GAP):
        for skip, use in ((None, np.ones(len(at_a), bool)), (Hashes.of(boilerplate), ~aside)):
            line = in_line(tracks(at_a[use], at_b[use], gap))
            assert [covered(line, 0), covered(line, 1)] == [int(n[0]) for n in texts.chain(a, b, skip, gap)]
    for t in (0, 1):
        lost = sum(end - start for start, end in places_of_boilerplate(texts, t, boilerplate))
        assert texts.story_letters(Hashes.of(boilerplate))[t] == max(texts.n_letters[t] - lost, 0)


def seeds_of(text: str) -> np.ndarray:
    texts, _, _ = _seeded(text, "")
    return np.unique(texts.seeds >> np.uint64(24))


# -- a pair


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str, np.ndarray]:
    """Two texts made of the same few blocks in some order, some edited, some of which are boilerplate."""
    rnd = random.Random(draw(st.integers(0, 1 << 32)))
    of = vocabulary(rnd, draw(st.sampled_from([3, 40, 4000])))
    blocks = [words(rnd, draw(st.sampled_from([3, 20, 120, 400])), of) for _ in range(draw(st.integers(1, 5)))]

    def text() -> str:
        order = draw(st.lists(st.integers(0, len(blocks) - 1), max_size=7))
        mark = rnd.choice([" ", ", ", "\n\n", " \u200b", ""])
        return mark.join(mark.join(edited(rnd, blocks[n], rnd.choice([0, 0.1, 0.3]), of)) for n in order)

    aside = draw(st.sets(st.integers(0, len(blocks) - 1), max_size=2))
    return text(), text(), np.concatenate([NONE, *(seeds_of(" ".join(blocks[n])) for n in aside)])


@given(pairs())
def test_a_pair_of_made_texts(made):
    one, other, boilerplate = made
    for gap in (GAP, WIDE_GAP):
        found = pair(one, other, boilerplate, gap)
        holds(one, other, found)
    counts_as_finding_does(one, other, boilerplate)


@given(pairs())
def test_a_pair_is_the_same_from_the_other_side(made):
    one, other, boilerplate = made
    found, turned = pair(one, other, boilerplate), pair(other, one, boilerplate)
    assert found.sides == turned.sides[::-1]
    assert (found.identical, found.n_seeds, found.n_boilerplate_seeds) == (
        *(turned.identical, turned.n_seeds, turned.n_boilerplate_seeds),
    )
    places = {(s.start, s.end, s.other_start, s.other_end, s.boilerplate, s.moved) for s in found.aligned}
    assert places == {(s.other_start, s.other_end, s.start, s.end, s.boilerplate, s.moved) for s in turned.aligned}


@pytest.mark.parametrize(
    "text",
    ["", "!?", "a", "two words", "x" * 3000, "\x00\x1b[31m\u202e", "東京 Ёлка 한글 ½ ﬁ \U00020000 " * 40, "\ud800 lone" * 9],
)
def test_odd_texts(text):
    plain = " ".join(words(random.Random(1), 90, vocabulary(random.Random(1))))
    for other in (text, text + plain, plain, plain + text, text.upper() + "!"):
        for boilerplate in (NONE, seeds_of(plain), seeds_of(text)):
            holds(text, other, pair(text, other, boilerplate))
            holds(other, text, pair(other, text, boilerplate))


def test_a_run_is_as_long_as_it_goes_and_parts_of_words_do_not_count():
    rnd = random.Random(5)
    same = " ".join(words(rnd, 60, vocabulary(rnd)))
    one, other = f"Before it the winters. {same} and more of it", f"Elsewhere other winners. {same.upper()}, but less"
    (span,) = pair(one, other, NONE).aligned
    assert one[span.start : span.end] == same
    assert other[span.other_start : span.other_end] == same.upper()


def test_what_an_edit_parts_is_found_on_either_side_of_it():
    rnd = random.Random(6)
    text = words(rnd, 200, vocabulary(rnd))
    changed = [f"{word}xq" if n % 9 == 4 else word for n, word in enumerate(text)]
    found = pair(" ".join(text), " ".join(changed), NONE)
    equal = sum(span.n_letters for span in found.aligned)
    assert equal == sum(len(word) for n, word in enumerate(text) if n % 9 != 4)
    assert [stretch.moved for stretch in found.stretches] == [False]
    assert found.sides[0].relation == "copy"


def test_a_moved_block_is_told():
    rnd = random.Random(7)
    blocks = [" ".join(words(rnd, 200, vocabulary(rnd))) for _ in range(2)]
    found = pair(". ".join(blocks), ". ".join(blocks[::-1]), NONE)
    assert sorted(span.moved for span in found.aligned) == [False, True]
    assert found.coverage > 0.95


def test_boilerplate_is_set_aside_to_its_border():
    rnd = random.Random(8)
    of = vocabulary(rnd)
    footer = " ".join(words(rnd, 120, of))
    one, other = (f"{' '.join(words(rnd, 150, of))}\n\n{footer}" for _ in range(2))
    with_it, without = pair(one, other, NONE), pair(one, other, seeds_of(footer))
    assert 0.3 < with_it.coverage < 0.7
    assert without.coverage == 0
    assert [side.coverage_with_boilerplate for side in without.sides] == [side.coverage for side in with_it.sides]
    spans = without.aligned  # a stretch of the footer without a seed may stay
    assert all(span.boilerplate for span in spans)
    assert (one[spans[0].start : spans[-1].end], other[spans[0].other_start : spans[-1].other_end]) == (footer, footer)
    assert sum(len(footer) - (span.end - span.start) for span in spans) - (len(spans) - 1) * len(footer) < 2 * W
    for side, text in zip(without.sides, (one, other), strict=True):
        assert abs(side.n_letters - side.story_letters - len(letters(footer)[0])) <= 3 * W
        assert text[side.boilerplate[0][0] :].endswith(footer)


def test_equal_letters_are_identical_whatever_stands_between():
    text = " ".join(words(random.Random(9), 50, vocabulary(random.Random(9))))
    found = pair(text, text.upper().replace(" ", " ... "), NONE)
    assert found.identical
    assert [(side.coverage, side.relation) for side in found.sides] == [(1, "identical")] * 2
    assert sum(span.n_letters for span in found.aligned) == found.sides[0].n_letters


# -- a run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def made_small(tmp_path_factory):
    """The folder of a run over copies on sites, lone texts and reports of a template, with its input; the rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("small"))
        rows = corpus(seed=3, stories=60, singles=60, templates=2)
        write("news.jsonl", lines(*({"id": r["copy_id"], "text": r["text"], "source": r["source"]} for r in rows)))
        ran("out", "news.jsonl")
        return Path.cwd(), rows


@pytest.fixture
def small(made_small, monkeypatch):
    """The rows by their ids, those of the table of copies, the boilerplate; in the folder where the run is `out`."""
    monkeypatch.chdir(made_small[0])
    copies = pq.read_table("out/copies.parquet").to_pylist()
    boilerplate = pq.read_table("out/boilerplate.parquet").column("seed").to_numpy()
    return {r["copy_id"]: r for r in made_small[1]}, {r["copy_id"]: r for r in copies}, boilerplate


def test_the_nearest_copy_covers_what_the_tables_say(small):
    rows, copies, boilerplate = small
    near = [copy for copy in copies.values() if copy["nearest_copy"]]
    assert len(near) > 150
    for copy in near:
        one, other = rows[copy["copy_id"]]["text"], rows[copy["nearest_copy"]]["text"]
        # Who is linked to none of the story is held against its hub with a wider gap.
        pairs = [pair(one, other, boilerplate, gap) for gap in (GAP, WIDE_GAP)]
        assert (copy["coverage"], copy["coverage_of_nearest"], copy["relation"]) in [
            (p.sides[0].coverage, p.sides[1].coverage, p.sides[0].relation) for p in pairs
        ]
        assert [side.story_letters for side in pairs[0].sides] == [
            copies[c]["story_letters"] for c in (copy["copy_id"], copy["nearest_copy"])
        ]
        holds(one, other, pairs[0])


def test_any_two_copies_count_as_finding_does(small):
    rows, _, boilerplate = small
    rnd = random.Random(1)
    for _ in range(60):
        one, other = (row["text"] for row in rnd.sample(sorted(rows.values(), key=lambda row: row["copy_id"]), 2))
        holds(one, other, pair(one, other, boilerplate))
        counts_as_finding_does(one, other, boilerplate)


def joined(copies: dict, nearest: bool) -> tuple[dict, dict]:
    """Two copies of one story, of which one is the nearest of the other or not."""
    for one in copies.values():
        for other in copies.values():
            if one["story_id"] == other["story_id"] and one["copy_id"] < other["copy_id"] and one["relation"] != "identical":
                near = other["copy_id"] == one["nearest_copy"] or one["copy_id"] == other["nearest_copy"]
                if near == nearest:
                    return one, other
    raise AssertionError


def test_one_story(small):
    rows, copies, _ = small
    one, other = joined(copies, nearest=True)
    seen = json.loads(asked("out", one["copy_id"], other["copy_id"], "--json"))
    assert seen == told(one["copy_id"], other["copy_id"])
    assert seen["one_story"]
    assert seen["same"] == 0.5
    assert [copy["copy_id"] for copy in seen["copies"]] == [one["copy_id"], other["copy_id"]]
    assert [copy["nearest_copy"] for copy in seen["copies"]] == [one["nearest_copy"], other["nearest_copy"]]
    n_copies = sum(copy["story_id"] == one["story_id"] for copy in copies.values())
    assert [copy["n_copies"] for copy in seen["copies"]] == [n_copies] * 2
    assert [side["n_letters"] for side in seen["pair"]["sides"]] == [one["n_letters"], other["n_letters"]]
    assert len(seen["paths"]) == len(seen["paths"][0]) == 1
    for span in seen["pair"]["aligned"]:
        assert rows[one["copy_id"]]["text"][span["start"] : span["end"]].split() == (
            rows[other["copy_id"]]["text"][span["other_start"] : span["other_end"]].split()
        )
    written = asked("out", one["copy_id"], other["copy_id"], COLUMNS="100")
    assert written.startswith(seen["headline"][:80])
    assert written == page(one["copy_id"], other["copy_id"], 100)
    assert seen["headline"].startswith("One story: ")


def test_one_story_by_way_of_others(small):
    _, copies, _ = small
    one, other = joined(copies, nearest=False)
    seen = told(one["copy_id"], other["copy_id"])
    for path in seen["paths"]:
        for hop in path:
            a, b = copies[hop["copy_id"]], copies[hop["other_id"]]
            told_by_a = a["nearest_copy"] == b["copy_id"] and (a["coverage"], a["coverage_of_nearest"])
            told_by_b = b["nearest_copy"] == a["copy_id"] and (b["coverage_of_nearest"], b["coverage"])
            assert (hop["coverage"], hop["coverage_of_other"]) in (told_by_a, told_by_b)
        assert all(before["other_id"] == after["copy_id"] for before, after in pairwise(path))
    assert seen["paths"][0][0]["copy_id"] == one["copy_id"]
    ends = seen["paths"][0][-1]["other_id"] if len(seen["paths"]) == 1 else seen["paths"][1][0]["copy_id"]
    assert ends == other["copy_id"]
    assert seen["reasons"]


def test_two_reports_of_a_template_are_parted_by_a_rule(small):
    rows, copies, _ = small
    one, other = [
        row["copy_id"]
        for row in rows.values()
        if row["truth"].startswith("report0-")
        and sum(copy["story_id"] == copies[row["copy_id"]]["story_id"] for copy in copies.values()) == 1
    ][:2]
    seen = told(one, other)
    assert not seen["one_story"]
    assert max(side["coverage"] for side in seen["pair"]["sides"]) > 0.8
    assert seen["headline"].startswith("Not one story, though the pair covers enough: ")
    assert seen["rules"] == ["links", "templates", "core"]
    written = page(one, other)
    assert all(f"  - {rule}: " in written for rule in seen["rules"])


def test_the_order_of_the_ids_turns_the_answer_round(small):
    _, copies, _ = small
    one, other = (copy["copy_id"] for copy in joined(copies, nearest=False))
    seen, turned = told(one, other), told(other, one)
    assert seen["copies"] == turned["copies"][::-1]
    assert seen["pair"]["sides"] == turned["pair"]["sides"][::-1]
    assert seen["headline"] == turned["headline"]


def test_the_same_bytes_every_time(small):
    _, copies, _ = small
    one, other = (copy["copy_id"] for copy in joined(copies, nearest=True))
    assert asked("out", one, other, PYTHONHASHSEED="1") == asked("out", one, other, PYTHONHASHSEED="2")


def test_a_site_is_no_story(folder):
    rnd = random.Random(11)
    of = vocabulary(rnd)
    footer = " ".join(words(rnd, 120, of))
    lengths = [60, 60, *[400] * 18]  # the long ones tell what the site has below all of them
    texts = [f"{' '.join(words(rnd, n, of))}\n{footer}" for n in lengths]
    write("site.jsonl", lines(*({"id": n, "text": text} for n, text in enumerate(texts))))
    ran("out", "site.jsonl")
    seen = told("0", "1")
    assert not seen["one_story"]
    assert max(side["coverage"] for side in seen["pair"]["sides"]) < 0.2
    assert min(side["coverage_with_boilerplate"] for side in seen["pair"]["sides"]) > 0.5
    assert "With boilerplate it would be" in seen["headline"]
    assert any(span["boilerplate"] for span in seen["pair"]["aligned"])
    written = page("0", "1")
    assert "(=" in written
    assert "letters of boilerplate that both have" in " ".join(written.split())


def test_texts_that_the_run_has_kept_are_not_read_again(run_of_three):
    copies = pq.read_table("out/copies.parquet", columns=["story_id", "copy_id"])
    texts = {row["id"]: row["text"] for row in map(json.loads, Path("one.jsonl").read_text("utf-8").splitlines())}
    kept = copies.append_column("text", pa.array([texts.get(id_, "") for id_ in copies.column("copy_id").to_pylist()]))
    pq.write_table(kept, "out/texts.parquet")
    before = page("a-17", "b-03")
    Path("one.jsonl").unlink()
    assert page("a-17", "b-03") == before
    pq.write_table(kept.filter(pc.not_equal(kept.column("copy_id"), "b-03")), "out/texts.parquet")  # a sample of a large story
    assert refused(Unreadable, "out", "a-17", "b-03").startswith("one.jsonl, which the run read, is not there")


def test_stories_that_a_column_named(run_of_three):
    run = json.loads(Path("out/run.json").read_text("utf-8"))
    run["settings"]["columns"]["story"] = "group"
    write("out/run.json", json.dumps(run))
    Path("out/boilerplate.parquet").unlink()
    table = pq.read_table("out/copies.parquet")
    for name in ("relation", "nearest_copy", "coverage", "coverage_of_nearest", "n_letters", "story_letters"):
        table = table.set_column(table.column_names.index(name), name, pa.nulls(len(table), table.schema.field(name).type))
    pq.write_table(table, "out/copies.parquet")
    seen = told("a-17", "b-03")
    assert seen["given"] == "group"
    assert seen["paths"] == seen["reasons"] == []
    assert re.match(r"One story, for so says the column group: \d+ % of a-17 lies in b-03\.", seen["headline"])
    assert told("a-17", "two.jsonl:1")["headline"] == "Not one story, for so says the column group: they share nothing."
    assert "nearest copy" not in page("a-17", "b-03")


# -- the page

MARKS = re.compile(r"\[\+|\+\]|\(=|=\)|\(~|~\)|\{>|<\}|↵")


def bare(text: str) -> str:
    """A text without marks and blanks."""
    return re.sub(r"\s", "", MARKS.sub("", text))


def test_the_full_page_has_both_texts_whole(small):
    rows, copies, _ = small
    for nearest in (True, False):
        one, other = (copy["copy_id"] for copy in joined(copies, nearest=nearest))
        written = page(one, other, full=True)
        assert bare(rows[one]["text"]) + other + bare(rows[other]["text"]) in bare(written)
        assert "…" not in written


def test_the_page_leaves_out_what_is_long_and_says_how_much(small):
    rows, _, _ = small
    one, other = [row["copy_id"] for row in rows.values() if row["truth"].startswith("single")][:2]
    written = page(one, other)
    assert len(written) < 3000
    for id_ in (one, other):
        assert len(rows[id_]["text"]) > 600
    (first, second) = re.findall(r"… ([\d,]+) letters of\s+its\s+own …", written)
    whole = [len(letters(rows[id_]["text"])[0]) for id_ in (one, other)]
    assert 0 < int(first.replace(",", "")) < whole[0]
    assert 0 < int(second.replace(",", "")) < whole[1]


@pytest.mark.parametrize("width", [40, 80, 100, 140])
def test_the_page_keeps_within_the_terminal(small, width):
    _, copies, _ = small
    one, other = (copy["copy_id"] for copy in joined(copies, nearest=True))
    written = page(one, other, width)
    assert max(map(len, written.splitlines())) <= width
    if width >= 80:  # over the figures, and over the texts where they stand side by side
        named = [line for line in written.splitlines() if line.split() == [one, other]]
        assert len(named) == (2 if width >= 100 else 1)
    assert "\x1b" not in written


def test_the_last_mark_of_a_text_stands_with_its_last_word(folder):
    text = " ".join(words(random.Random(5), 200, vocabulary(random.Random(5), 4000)))
    write("both.jsonl", lines({"id": "a", "text": text + ".\n"}, {"id": "b", "text": text + "."}))
    ran("out", "both.jsonl")
    said = page("a", "b").split("\n")
    assert "." not in said
    assert sum(line.endswith((f"{text.split()[-1]}.", f"{text.split()[-1]}.↵")) for line in said) == 2


def test_nothing_rests_on_colour_alone(small):
    _, copies, _ = small
    one, other = (copy["copy_id"] for copy in joined(copies, nearest=True))
    coloured = asked("out", one, other, FORCE_COLOR="1", COLUMNS="80", TERM="xterm-256color")
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == page(one, other)


def test_hostile_texts_and_ids_obey_nobody(folder):
    rnd = random.Random(2)
    of = vocabulary(rnd)
    text = f"{' '.join(words(rnd, 4, of))} [bold] {' '.join(words(rnd, 80, of))}"
    rows = [
        {"id": "a\x1b[31m", "text": f"\x1b]0;owned\x07 {text} \u202e {' '.join(words(rnd, 40, of))}", "source": "\u202ee"},
        {"id": "b", "text": f"{text}\r\x9b31m\u200b"},
    ]
    write("news.jsonl", lines(*rows))
    ran("out", "news.jsonl")
    written = [page("a\x1b[31m", "b", width, full) for width in (80, 140) for full in (False, True)]
    for text in (*written, asked("out", "a\x1b[31m", "b", "--full")):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b]", text)
        assert "[bold]" in text
    assert "a␛[31m" in fails(2, "out", "a\x1b[31m", "a\x1b[31m")


def test_the_demo_corpus(folder):
    """Fictional news: copies of one article are one story, copies of two are not, and every page says so first."""
    copies = [copy for story in demo_corpus() for copy in story.copies]
    write("news.jsonl", lines(*({"id": c.id, "text": c.text, "source": c.source} for c in copies)))
    ran("out", "news.jsonl")
    for one, other in pairwise(copies):
        seen = why("out", one.id, other.id)
        assert seen.one_story == (one.id.split("/")[0] == other.id.split("/")[0])
        assert seen.texts == (one.text, other.text)
        holds(one.text, other.text, seen.pair)
    assert page(copies[0].id, copies[1].id).startswith("One story")


def test_the_page_is_what_the_docs_show(folder):
    docs = Path(__file__).parent.parent / "docs"
    copies = {name: (docs / "example" / f"{name}.txt").read_text("utf-8") for name in ("courier", "mirror")}
    write("ferry.jsonl", lines(*({"id": id_, "text": text} for id_, text in copies.items())))
    ran("out", "ferry.jsonl")
    (shown,) = re.findall(r"^\$ copydesk why out courier mirror\n(.*?)^```$", (docs / "why.md").read_text("utf-8"), re.S | re.M)
    assert [line.rstrip() for line in page("courier", "mirror").strip().split("\n")] == shown.strip().split("\n")


def test_the_docs_name_every_field_and_rule():
    said = (Path(__file__).parent.parent / "docs" / "why.md").read_text("utf-8")
    for kind in (Why, Member, Hop, Pair, Side, Stretch, Aligned):
        assert all(f"`{field.name}`" in said for field in fields(kind)), kind
    assert all(f"`{before}…{after}`" in said for _, before, after in LOOKS.values() if before)


# -- what goes wrong


@pytest.fixture(scope="module")
def made_of_three(tmp_path_factory):
    """The folder of a run of three copies, with its inputs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("three"))
        rnd = random.Random(4)
        text = " ".join(words(rnd, 80, vocabulary(rnd)))
        write("one.jsonl", lines({"id": "a-17", "text": text}, {"id": "b-03", "text": text + " so"}))
        write("two.jsonl", lines({"text": "No letters of this are among those."}))
        ran("out", "one.jsonl", "two.jsonl")
        assert page("a-17", "two.jsonl:1").startswith("Not one story: ")
        return Path.cwd()


@pytest.fixture
def run_of_three(made_of_three, tmp_path, monkeypatch):
    """A copy of it, to be spoilt."""
    monkeypatch.chdir(shutil.copytree(made_of_three, tmp_path / "three"))


def refused(error: type[Exception], out: str, one: str, other: str) -> str:
    """What the error says that asking for these raises."""
    with pytest.raises(error) as raised:
        why(out, one, other)
    return str(raised.value)


def test_a_wrong_folder(run_of_three):
    assert fails(2, "no", "a-17", "b-03") == "there is no folder no; name the one that copydesk run wrote"
    Path("empty").mkdir()
    assert "empty is not the folder of a run (it has no run.json)" in refused(NoSuchCopy, "empty", "a-17", "b-03")
    Path("out/boilerplate.parquet").unlink()
    assert "out has no boilerplate.parquet" in refused(NoSuchCopy, "out", "a-17", "b-03")


def test_a_wrong_id_is_told_those_like_it(run_of_three):
    assert fails(2, "out", "a-17", "b03") == "out has no copy b03; did you mean b-03?"
    assert refused(NoSuchCopy, "out", "a-71", "b-03").startswith("out has no copy a-71; did you mean a-17")
    assert refused(NoSuchCopy, "out", "a-17\ud800", "b-03").endswith("; did you mean a-17?")
    assert refused(NoSuchCopy, "out", "?", "b-03") == "out has no copy ?; out/copies.parquet lists all ids, such as a-17"
    assert refused(NoSuchCopy, "out", "a-17", "a-17") == "a-17 is one copy; give the ids of two"


def test_inputs_that_are_not_what_they_were(run_of_three):
    Path("two.jsonl").rename("three.jsonl")
    said = fails(1, "out", "a-17", "b-03")
    assert re.match(r"two.jsonl, which the run read, is not there; ask from the folder .* or run again", said)
    Path("three.jsonl").rename("two.jsonl")
    was = Path("one.jsonl").read_text("utf-8")
    for now, says in (
        (was + "\n", r"one.jsonl has changed since the run read it \([\d,]+ bytes then"),
        (was.replace("a-17", "a-18"), "the inputs have no copy a-17 any more"),
        (was.replace(' so"', '  s"'), "the text of b-03 is not the one that the run read"),
    ):
        write("one.jsonl", now)
        assert re.match(says, refused(Unreadable, "out", "a-17", "b-03"))


def test_standard_input_cannot_be_read_again(run_of_three):
    run = json.loads(Path("out/run.json").read_text("utf-8"))
    run["inputs"][0]["name"] = "-"
    write("out/run.json", json.dumps(run))
    assert refused(Unreadable, "out", "a-17", "b-03").startswith("the run read standard input, which cannot be read again")


def test_the_use_is_told():
    assert "Missing argument 'ID2'; see copydesk why --help" in fails(2, "out", "a")
    done = command("why", "--help")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"copydesk why out a-17 b-03" in done.stdout
