"""What a corpus tells of its sources: how often each errs, without anybody saying what is right; and what follows from it."""

from __future__ import annotations

from pathlib import Path
from random import Random

import msgspec
import pytest

import copydesk
from copydesk.collate.collation import collate
from copydesk.edit.evidence import gather
from copydesk.edit.habits import DIGITS, HYPHENATED
from copydesk.edit.observe import observe
from copydesk.edit.reliability import learn
from copydesk.model import NOTHING, Copy, Known, Rate
from copydesk.sources import Unreadable
from copydesk.sources.corpus import Columns
from copydesk.story import reconcile
from test_cli import lines, write
from test_cli import run as command
from test_lines import article

SLIPS = {"careful": 0.01, "hasty": 0.04, "middling": 0.02}
OWN = Columns(story="story")


def spoilt(words: list[str], rate: float, rng: Random, real: bool) -> list[str]:
    out: list[str] = []
    for word in words:
        how = rng.choice("lra") if rng.random() < rate else ""
        other = article(rng, 1)[0].lower() if real else "".join(rng.choice("bcdfghjk") + rng.choice("aeiou") for _ in range(3))
        out += [] if how == "l" else [other] if how == "r" else [word, other] if how == "a" else [word]
    return out


def stories(n: int, sources, *, real: bool = False, seed: int = 0) -> list[tuple[str, list[Copy]]]:
    """Texts, each with its copies; `sources` says of which, given a source of chance."""
    made = []
    for at in range(n):
        rng = Random(f"{seed} {at}")
        words = article(rng, 150)
        copies = [Copy(f"{at:03}/{name}", " ".join(spoilt(words, SLIPS[name], rng, real)), name) for name in sources(rng)]
        made.append((" ".join(words), copies))
    return made


def known_of(made: list[tuple[str, list[Copy]]]) -> Known:
    return learn([observe(collate(copies)) for _, copies in made])


def rate(known: Known, source: str, kind: str) -> float:
    (found,) = [rate for rate in known.rates[source] if rate.kind == kind]
    return found.n / found.of


def letters(number: int) -> str:
    """A word that no other number has."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:06}")


def some(rng: Random) -> list[str]:
    return rng.sample(sorted(SLIPS), rng.choice((2, 3)))


@pytest.mark.parametrize("real", [False, True])
def test_how_often_each_source_errs_is_found_without_gold(real):
    known = known_of(stories(200, some, real=real))
    for source, slips in SLIPS.items():
        for kind in ("words omitted", "words added", "words altered"):
            assert rate(known, source, kind) == pytest.approx(slips / 3, rel=0.4), (source, kind)


def test_of_the_same_two_sources_the_words_tell_which_errs():
    known = known_of(stories(200, lambda rng: ["careful", "hasty"]))
    for kind in ("words omitted", "words added", "words altered"):
        assert rate(known, "hasty", kind) > 2.5 * rate(known, "careful", kind)


def test_where_nothing_tells_two_sources_apart_none_is_believed():
    """Either has its own word at each of the places, and no word ever comes again."""
    rng, made = Random(1), []
    for at in range(60):
        words = [letters(1000 * at + n) for n in range(100)]
        copies = []
        for name in ("one", "two"):
            own = list(words)
            for place in rng.sample(range(10, 90), 3):
                own[place] = f"{name}{words[place]}"
            copies.append(Copy(f"{at}/{name}", " ".join(own), name))
        made.append(("", copies))
    known = known_of(made)
    assert rate(known, "one", "words altered") == pytest.approx(rate(known, "two", "words altered"), rel=0.01)


def test_the_order_of_stories_and_copies_decides_nothing():
    made = stories(60, some, real=True)
    turned = [(text, copies[::-1]) for text, copies in made]
    assert known_of(turned) == known_of(made)
    assert msgspec.json.decode(msgspec.json.encode(known_of(made)), type=Known) == known_of(made)


def test_of_two_copies_the_one_of_the_better_source_is_read():
    made = stories(200, some, real=True)
    known = known_of(made)
    better = worse = 0
    for _, copies in stories(40, lambda rng: ["careful", "hasty"], real=True, seed=7):
        for variant in reconcile(copies, known).variants:
            chosen = variant.readings[variant.chosen].copies
            better += chosen == (copies[0].id,)
            worse += chosen == (copies[1].id,)
    assert better + worse > 200
    assert better >= 0.95 * (better + worse)


def test_the_reason_says_how_often_each_errs():
    known = replace_rates({"a.example": 0.001, "b.example": 0.025})
    copies = [
        Copy("1", "The ferry left the harbour at noon and nobody waved from the quay.", "a.example"),
        Copy("2", "The ferry left the station at noon and nobody waved from the quay.", "b.example"),
    ]
    edition = reconcile(copies, known)
    (variant,) = edition.variants
    assert edition.text == copies[0].text
    assert variant.reason == "1 of 2 copies; b.example alters 1 word in 40, a.example 1 in 1,000"
    assert 0.5 < variant.confidence < 1
    assert (
        reconcile([replace_source(copy, {"1": "b.example", "2": "a.example"}[copy.id]) for copy in copies], known).text
        == copies[1].text
    )


def replace_rates(rates: dict[str, float]) -> Known:
    kinds = ("words omitted", "words added", "words altered", "words respelt")
    told = {name: tuple([Rate(kind, 1e6 * share, 1e6) for kind in kinds]) for name, share in rates.items()}
    mean = tuple([Rate(kind, 1e6 * sum(rates.values()), 1e6 * len(rates)) for kind in kinds])
    return Known(rates=told, mean=mean)


def replace_source(copy: Copy, source: str | None) -> Copy:
    return msgspec.structs.replace(copy, source=source)


def test_a_source_of_which_nothing_is_known_has_one_vote_as_ever():
    known = known_of(stories(60, some))
    for _, copies in stories(5, some, seed=3):
        strangers = [replace_source(copy, f"{copy.source}.elsewhere") for copy in copies]
        trust = gather(collate(strangers), known).trust
        assert trust.has.tolist() == trust.lacks.tolist() == trust.reads.tolist() == [1.0] * len(copies)
        assert reconcile(strangers, msgspec.structs.replace(known, telling={})) == reconcile(strangers, NOTHING)


def test_few_stories_tell_nothing():
    known = known_of(stories(10, some))
    assert known.rates == {}
    assert known.telling == {}


def test_what_was_known_before_counts_as_if_it_had_been_seen_now():
    made = [observe(collate(copies)) for _, copies in stories(60, some, real=True)]
    first, again = learn(made), learn([], learn(made).rates)
    assert again.rates == first.rates
    more = learn(made, first.rates)
    for source in SLIPS:
        one, two = (next(rate for rate in known.rates[source] if rate.kind == "words altered") for known in (first, more))
        assert two.of == pytest.approx(2 * one.of, rel=0.01)
        assert two.n == pytest.approx(2 * one.n, rel=0.2)


HABIT = (
    ("The ferry Aurora left the harbour of Marl at noon with {} people aboard.", "ninety-nine"),
    ("A {} keeper saw it turn by the lighthouse and go aground.", "well-known"),
)


def test_a_source_known_to_drop_words_of_a_kind_is_believed_to_have_dropped_one():
    text = " ".join(sentence.format(word) for sentence, word in HABIT)
    copies = [Copy("1", text, "a.example"), Copy("2", text.replace("ninety-nine ", "").replace("well-known ", ""), "b.example")]
    one_lost = [copies[0], Copy("2", text.replace("well-known ", ""), "b.example")]
    known = Known(rates={"b.example": (Rate(HYPHENATED, 1204, 1204), Rate(DIGITS, 3, 900))})
    assert gather(collate(copies), NOTHING).habits.drops.any()
    assert not gather(collate(one_lost), NOTHING).habits.drops.any()
    two = gather(collate([copies[0], Copy("2", copies[1].text.replace(" keeper", ""), "b.example")]), known)
    assert two.habits.drops.tolist() == [[False, True], [False, False]]
    # what the story itself shows counts for more
    assert not gather(collate(one_lost), known).habits.drops.any()


def corpus(made: list[tuple[str, list[Copy]]], name: str) -> list[dict]:
    rows = [
        {"id": copy.id, "story": copy.id.split("/")[0], "text": copy.text, "source": copy.source}
        for _, copies in made
        for copy in copies
    ]
    write(name, lines(*rows))
    return rows


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_learns_keeps_and_uses_what_it_learns(folder):
    corpus(stories(120, some, real=True), "news.jsonl")
    done = copydesk.run("news.jsonl", "out", columns=OWN, threads=1)
    table = {row["source"]: row for row in done.sources().to_pylist()}
    assert set(table) == set(SLIPS)
    for source, row in table.items():
        assert row["n_stories"] == row["n_copies"] > 20
        rates = {rate["kind"]: rate["n"] / rate["of"] for rate in row["rates"]}
        assert rates["words altered"] == pytest.approx(SLIPS[source] / 3, rel=0.6)
    assert "sources" in [step["step"] for step in done.summary["steps"]]
    reasons = done.table("variants").column("reason").to_pylist()
    assert any("alters 1 word in" in reason for reason in reasons)
    # an edition that is made again is the same
    for row in done.stories().to_pylist()[:5]:
        edition = done.edition(row["story_id"])
        assert (edition.text, edition.confidence) == (row["text"], row["confidence"])

    # one story alone tells nothing, unless what was learned is given
    alone = stories(1, lambda rng: ["careful", "hasty"], real=True, seed=9)
    corpus(alone, "alone.jsonl")
    without = copydesk.run("alone.jsonl", "without", columns=OWN, threads=1)
    given = copydesk.run("alone.jsonl", "given", columns=OWN, threads=1, sources="out/sources.parquet")
    assert not any("1 word in" in reason for reason in without.table("variants").column("reason").to_pylist())
    assert any("1 word in" in reason for reason in given.table("variants").column("reason").to_pylist())
    assert given.edition("000").text == given.stories().column("text")[0].as_py()


def test_neither_files_nor_threads_change_what_is_learned(folder):
    rows = corpus(stories(80, some, real=True), "all.jsonl")
    Random(1).shuffle(rows)
    write("a.jsonl", lines(*rows[:70]))
    write("b.jsonl", lines(*rows[70:]))
    copydesk.run("all.jsonl", "one", columns=OWN, threads=1)
    copydesk.run(["b.jsonl", "a.jsonl"], "two", columns=OWN, threads=2)
    for name in ("sources.parquet", "known.json", "stories.parquet", "variants.parquet"):
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes()


def test_without_sources_nothing_is_looked_at(folder):
    made = [(text, [replace_source(copy, None) for copy in copies]) for text, copies in stories(30, some)]
    corpus(made, "news.jsonl")
    done = copydesk.run("news.jsonl", "out", columns=OWN, threads=1)
    assert "sources" not in [step["step"] for step in done.summary["steps"]]
    for text, copies in made[:3]:
        edition = reconcile(copies)
        assert edition.text in done.stories().column("text").to_pylist(), text


def test_of_every_source_enough_stories_are_seen(monkeypatch, folder):
    from copydesk import parts

    monkeypatch.setattr(parts, "EACH", 15)
    monkeypatch.setattr(parts, "LEAST", 0)
    made = stories(100, lambda rng: ["careful", "hasty"] if rng.random() > 0.3 else ["careful", "middling"])
    rows = corpus(made, "news.jsonl")
    copydesk.run("news.jsonl", "out", columns=OWN, threads=1)
    rare = {row["story"] for row in rows if row["source"] == "middling"}
    seen = {row["source"]: row["rates"] for row in copydesk.Run("out").sources().to_pylist()}
    assert 20 < len(rare) < 40
    words = {source: rates[0]["of"] for source, rates in seen.items()}
    assert 15 * 120 < words["middling"] < 16 * 155
    assert words["careful"] < 31 * 155


def test_a_file_that_has_no_rates_is_told(folder):
    corpus(stories(2, some), "news.jsonl")
    copydesk.run("news.jsonl", "found", only_find=True, columns=Columns(), threads=1)
    with pytest.raises(Unreadable, match="has no rates of sources"):
        copydesk.run("news.jsonl", "out", sources="found/sources.parquet")
    done = command("run", "news.jsonl", "-o", "out", "--sources", "nothing.parquet")
    assert done.returncode == 2
    assert b"nothing.parquet" in done.stderr
    assert not Path("out").exists()
