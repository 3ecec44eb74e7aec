"""What an archive is asked as a run is: exports, why two copies are one story, figures through all stories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import copydesk
from copydesk import pipeline
from copydesk.again import editions, told
from copydesk.archive.moment import Moment
from copydesk.series import series
from copydesk.why import why
from test_cli import run
from test_desk import demo_rows, lines, small

OVERRULED = "overruled by a test"


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    """An archive that grew in five parts and was settled, and one run over all."""
    folder = tmp_path_factory.mktemp("settled")
    rows = small()
    files = [lines(folder / f"{at}.jsonl", rows[at::5]) for at in range(5)]
    for name in ("run", "archive"):
        Path(folder, name).mkdir()
    pipeline.run(files, folder / "run" / "news", threads=1)
    desk = copydesk.open(folder / "archive" / "news")  # a corpus in TEI is called after its folder
    for file in files:
        desk.add(file, threads=1)
    desk.settle(threads=1)
    return desk.path, folder / "run" / "news"


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """An archive that is not settled, of several batches, in which a reader overruled a choice."""
    folder = tmp_path_factory.mktemp("grown")
    rows = demo_rows()
    desk = copydesk.open(folder / "my.desk")
    desk.add(lines(folder / "one.jsonl", rows[:-6]), threads=1)
    desk.add(lines(folder / "two.jsonl", rows[-6:]), threads=1)
    story, edition = next(
        (name, edition)
        for name, edition in editions(Moment(desk.path))
        if any(len(variant.readings) > 1 and variant.kind == "omission" for variant in edition.variants)
    )
    variant = next(variant for variant in edition.variants if variant.kind == "omission")
    other = next(reading for nth, reading in enumerate(variant.readings) if nth != variant.chosen)
    desk.overrule(story, variant.start, variant.end, other.text, OVERRULED)
    assert desk.sql("SELECT count(*) AS n FROM batches").to_pylist() == [{"n": 3}]
    return desk, story


@pytest.mark.parametrize("form", ["tei", "annotation", "ninjs", "collatex", "jsonl"])
def test_an_archive_leaves_as_a_run_over_all_does(settled, form):
    of_archive, of_run = (run("export", str(path), "--to", form) for path in settled)
    assert (of_archive.returncode, of_archive.stderr) == (0, b"")
    assert of_archive.stdout == of_run.stdout
    assert of_run.stdout.count(b"\n") > 40


def test_all_stories_come_once_in_order_with_what_was_decided(grown):
    desk, story = grown
    kept = {(row["story_id"], row["version"]): row["text"] for row in desk.stories().to_pylist()}
    again = list(editions(Moment(desk.path)))
    names = [name for name, _ in again]
    assert names == sorted({name for name, _ in kept})
    assert {(name, e.version): e.text for name, last in again for e in (*last.earlier, last)} == kept
    assert any(OVERRULED in variant.reason for variant in dict(again)[story].variants)
    rows = {(row["story_id"], row["version"]): edition.text for row, edition in told(Moment(desk.path))}
    assert rows == kept
    assert dict(editions(Moment(desk.path), story)) == {story: dict(again)[story]}


def test_each_story_is_where_its_rows_count(grown):
    desk, story = grown
    moment = Moment(desk.path)
    for table in ("copies", "texts", "stories", "spans", "variants", "statements"):
        whole = desk.sql(f"SELECT * FROM {table}").to_pylist()
        assert by_story(moment.table(table).to_pylist()) == by_story(whole), table
        for name in {row["story_id"] for row in whole}:
            own = moment.of(name, table, ["story_id"])
            assert own.column("story_id").to_pylist() == [name] * len(by_story(whole)[name]), table
    assert moment.table("variants", ["reason"], {"story_id": [story], "kind": ["omission"]}).num_rows >= 1
    assert moment.of("nobody", "texts") is None
    assert not moment.has("nothing")


def by_story(rows):
    """The rows of each story, in an order of their own."""
    stories = {}
    for row in rows:
        stories.setdefault(row["story_id"], []).append(json.dumps(row, sort_keys=True))
    return {name: sorted(own) for name, own in stories.items()}


def test_one_story_leaves(grown):
    desk, story = grown
    done = run("export", str(desk.path), "--to", "jsonl", "--story", story)
    (row,) = map(json.loads, done.stdout.splitlines())
    assert row["id"] == story
    done = run("export", str(desk.path), "--to", "tei", "--story", "nobody")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"there is no story nobody in" in done.stderr


def test_it_is_read_as_it_was_whatever_is_added(tmp_path):
    rows = small(stories=8, singles=4)
    desk = copydesk.open(tmp_path / "my.desk")
    desk.add(lines(tmp_path / "one.jsonl", rows[:-5]), threads=1)
    moment = Moment(desk.path)
    before = dict(editions(moment))
    reading = editions(moment)
    first = next(reading)
    desk.add(lines(tmp_path / "two.jsonl", rows[-5:]), threads=1)
    desk.settle(threads=1)
    assert dict([first, *reading]) == before
    assert dict(editions(Moment(desk.path))) != before


def test_an_archive_says_why_two_copies_are_one_story(settled):
    archive, out = settled
    story = max(
        Moment(archive).table("copies").to_pylist(), key=lambda row: (row["story_id"] != row["copy_id"], row["copy_id"])
    )
    ids = story["story_id"], story["copy_id"]
    assert why(Moment(archive), *ids) == why(out, *ids)
    of_archive, of_run = (run("why", str(path), *ids, "--json") for path in (archive, out))
    assert (of_archive.returncode, of_archive.stderr) == (0, b"")
    assert of_archive.stdout == of_run.stdout
    done = run("why", str(archive), ids[0], ids[1] + "x")
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"did you mean {ids[1]}".encode() in done.stderr


def test_a_figure_is_followed_through_an_archive(tmp_path):
    text = "The Harbour Office has declined {} landing permits since January, it said on {}. Nobody on the quay was surprised."
    rows = [
        {"id": f"p{n}", "published": f"2031-0{n}-04", "text": f"{opening} {text.format(n * 40, day)}"}
        for n, opening, day in (
            (1, "The night ferry was late again, and nobody could say why it was so.", "Monday"),
            (2, "Bakers of the upper town met their guild to talk about the price of rye bread.", "Friday"),
            (3, "Forty singers gave a concert under the new roof of the fish market, to much applause.", "Sunday"),
        )
    ]
    pipeline.run([lines(tmp_path / "all.jsonl", rows)], tmp_path / "out", threads=1)
    desk = copydesk.open(tmp_path / "my.desk")
    desk.add(lines(tmp_path / "one.jsonl", rows[:2]), threads=1)
    desk.add(lines(tmp_path / "two.jsonl", rows[2:]), threads=1)
    found = series(Moment(desk.path), "permits")
    assert found == series(tmp_path / "out", "permits")
    assert [value.value for value in found[0].values] == [40, 80, 120]
    done = run("figures", str(desk.path), "permits", "--csv")
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 4)


def test_an_archive_without_copies_has_nothing_to_ask(tmp_path):
    from copydesk.archive.catalogue import create

    path = tmp_path / "my.desk"
    path.mkdir()
    create(path)
    for arguments in (
        *(("export", str(path), "--to", "jsonl"), ("why", str(path), "a", "b"), ("figures", str(path), "permits")),
        ("open", str(path), "--no-browser"),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"has no copies yet; copydesk add" in done.stderr
