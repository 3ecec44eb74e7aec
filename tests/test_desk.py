"""An archive as it is used: real files, real processes, killed at any moment."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

import copydesk
from copydesk import pipeline
from copydesk.archive import words
from copydesk.archive import write as writes
from copydesk.archive.alone import alone
from copydesk.archive.catalogue import NoArchive, create, reading, writing
from copydesk.archive.tables import connect
from copydesk.cli.desk import add
from copydesk.demo.corpus import corpus as demo
from small_corpus import corpus as small_corpus
from test_cli import COMMAND, environment, powerless, run, unless_root, write

TABLES = ("copies", "texts", "stories", "spans", "variants", "versions", "left_out", "sources", "boilerplate")


def small(stories: int = 40, singles: int = 30, seed: int = 1) -> list[dict[str, str]]:
    """Rows of an invented corpus of sites and templates."""
    rows = small_corpus(seed, stories=stories, singles=singles, templates=1, sites=3)
    return [{"id": row["copy_id"], "source": row["source"], "text": row["text"]} for row in rows]


def command(*arguments: str) -> tuple[int, str]:
    """The exit code of a command and what it prints."""
    done = run(*arguments)
    return done.returncode, done.stdout.decode()


def demo_rows() -> list[dict[str, str | None]]:
    return [
        {"id": copy.id, "text": copy.text, "source": copy.source, "published": copy.published}
        for story in demo()
        for copy in story.copies
    ]


def lines(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def rows_of(path: Path, table: str, columns: list[str] | None = None) -> list[tuple[object, ...]]:
    """The rows of a table in order, as text."""
    asked = connect(path)
    names = columns or [row[0] for row in asked.execute(f"DESCRIBE {table}").fetchall()]
    as_text = ", ".join([f"CAST({json.dumps(name)} AS VARCHAR)" for name in names])
    return asked.execute(f"SELECT {as_text} FROM {table} ORDER BY ALL").fetchall()


def all_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    return {table: rows_of(path, table) for table in TABLES}


def partition(path: Path) -> set[frozenset[str]]:
    """The copies of each story."""
    rows = connect(path).execute("SELECT list(copy_id) FROM copies GROUP BY story_id").fetchall()
    return {frozenset(copies) for (copies,) in rows}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """An archive of the demo's news, added in two parts."""
    folder = tmp_path_factory.mktemp("demo")
    rows = demo_rows()
    opened = copydesk.open(folder / "my.desk")
    opened.add(lines(folder / "one.jsonl", rows[:-6]), threads=1)
    opened.add(lines(folder / "two.jsonl", rows[-6:]), threads=1)
    return opened


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """A corpus in five parts, and one run over all."""
    folder = tmp_path_factory.mktemp("parts")
    rows = small()
    files = [lines(folder / f"{at}.jsonl", rows[at::5]) for at in range(5)]
    pipeline.run(files, folder / "out", threads=1)
    return files, folder / "out"


def test_five_parts_and_one_run_are_the_same_when_settled(parts, tmp_path):
    files, out = parts
    opened = copydesk.open(tmp_path / "my.desk")
    added = [opened.add(file, threads=1) for file in files]
    assert [done.copies for done in added] == [file.read_text().count("\n") for file in files]
    assert [done.settled for done in added[:3]] == [True, True, False]
    near = len(partition(opened.path) & partition(out)) / len(partition(out))
    assert near > 0.9
    opened.settle(threads=1)
    for table in TABLES:
        columns = [row[0] for row in connect(out).execute(f"DESCRIBE {table}").fetchall()]
        assert rows_of(opened.path, table, columns) == rows_of(out, table, columns), table


def test_the_order_of_the_parts_is_nothing_when_settled(parts, tmp_path):
    files, out = parts
    opened = copydesk.open(tmp_path / "my.desk")
    for file in reversed(files):
        opened.add(file, threads=1)
    opened.settle(threads=1)
    assert partition(opened.path) == partition(out)
    assert rows_of(opened.path, "stories") == rows_of(out, "stories")


def test_a_new_copy_joins_its_story_and_no_other_is_edited(tmp_path):
    rows = small()
    opened = copydesk.open(tmp_path / "my.desk")
    opened.add(lines(tmp_path / "one.jsonl", rows), threads=1)
    story = max(partition(opened.path), key=lambda copies: (len(copies), min(copies)))
    copy = {
        "id": "new",
        "source": "wire",
        "text": next(row["text"] for row in rows if row["id"] == min(story)) + " and more of it",
    }
    before = {row[0]: row for row in rows_of(opened.path, "stories")}
    done = opened.add(lines(tmp_path / "two.jsonl", [copy]), threads=1)
    assert (done.copies, done.stories, done.settled) == (1, 1, False)
    assert story | {"new"} in partition(opened.path)
    after = {row[0]: row for row in rows_of(opened.path, "stories")}
    assert {id_ for id_ in after if after[id_] != before.get(id_)} == {min(story)}
    assert opened.sql("SELECT added FROM copies WHERE copy_id = 'new'").to_pylist() == [{"added": 2}]


def test_many_small_batches_become_one(tmp_path):
    rows = small()
    opened = copydesk.open(tmp_path / "my.desk")
    opened.add(lines(tmp_path / "one.jsonl", rows[:-12]), threads=1)
    for at in range(12):
        opened.add(lines(tmp_path / "more.jsonl", [rows[len(rows) - 12 + at]]), threads=1)
        whole = opened.sql(
            "SELECT count(*) AS n, count(DISTINCT copy_id) AS ids FROM texts SEMI JOIN copies USING (copy_id, story_id)"
        )
        assert whole.to_pylist() == [{"n": len(rows) - 11 + at, "ids": len(rows) - 11 + at}]
        assert opened.find(rows[len(rows) - 12 + at]["text"]).matches[0].relation == "identical"
    seeds = sorted(path.parent.name for path in opened.path.glob("batches/*/seeds.npy"))
    assert len(seeds) == 13
    near = partition(opened.path)
    assert sum(map(len, near)) == len(rows)
    with reading(opened.path) as catalogue:
        live = [no for (no,) in catalogue.execute("SELECT no FROM batch WHERE live ORDER BY no")]
        assert catalogue.execute("SELECT sum(n) FROM seeds").fetchone() == (len(rows),)
    assert live == [1, 10, 11, 12, 13]
    opened.settle(threads=1)
    pipeline.run(lines(tmp_path / "all.jsonl", rows), tmp_path / "out", threads=1)
    assert rows_of(opened.path, "stories") == rows_of(tmp_path / "out", "stories")


def test_what_was_rejected_is_kept_when_its_batch_no_longer_counts(tmp_path, monkeypatch):
    monkeypatch.setattr("copydesk.archive.alone.GRACE", -60)
    opened = copydesk.open(tmp_path / "my.desk")
    rows = demo_rows()
    opened.add(lines(tmp_path / "one.jsonl", [*rows[:4], {"id": "empty", "text": ""}]), threads=1)
    opened.add(lines(tmp_path / "two.jsonl", rows[4:8]), threads=1)
    opened.settle(threads=1)
    (opened.path / "batches/000009").mkdir()
    (opened.path / "batches/000009/rejected.jsonl").write_text("of an add that was killed")
    opened.add(lines(tmp_path / "again.jsonl", rows[:4]), threads=1)
    left = sorted(str(path.relative_to(opened.path / "batches")) for path in (opened.path / "batches").glob("*/rejected.jsonl"))
    assert left == ["000001/rejected.jsonl"]
    assert [path.name for path in (opened.path / "batches/000001").iterdir()] == ["rejected.jsonl"]
    assert sorted(path.name for path in (opened.path / "batches").iterdir()) == ["000001", "000003"]
    assert opened.find(rows[0]["text"]).found


def test_copies_of_the_same_letters_are_of_one_story(tmp_path):
    rows = small()
    opened = copydesk.open(tmp_path / "my.desk")
    twins = [{**row, "id": f"twin-{row['id']}", "text": row["text"].upper()} for row in rows[:9]]
    opened.add(lines(tmp_path / "one.jsonl", [*rows, *twins[:5]]), threads=1)
    done = opened.add(lines(tmp_path / "two.jsonl", twins), threads=1)
    assert (done.copies, done.there, done.settled) == (4, 5, False)
    story = {row["copy_id"]: row["story_id"] for row in opened.sql("SELECT copy_id, story_id FROM copies").to_pylist()}
    assert all(story[twin["id"]] == story[row["id"]] for twin, row in zip(twins, rows, strict=False))
    assert {opened.find(twin["text"]).matches[0].relation for twin in twins} == {"identical"}


def test_copies_that_are_there_change_nothing(desk, tmp_path):
    before = all_of(desk.path)
    done = desk.add(lines(tmp_path / "again.jsonl", demo_rows()[:9]), threads=1)
    assert (done.batch, done.copies, done.there) == (None, 0, 9)
    assert all_of(desk.path) == before
    assert not any(folder.name not in {"000001", "000002"} for folder in (desk.path / "batches").iterdir())


def test_another_text_under_an_id_that_is_there_is_rejected(tmp_path):
    opened = copydesk.open(tmp_path / "my.desk")
    rows = [{"id": "a", "text": "The ferry sank off the small harbour on Friday."}]
    opened.add(lines(tmp_path / "one.jsonl", rows), threads=1)
    changed = [
        {"id": "a", "text": "The ferry did not sink at all."},
        {"id": "b", "text": "The mayor of the town opened the new bridge."},
    ]
    done = opened.add(lines(tmp_path / "two.jsonl", changed), threads=1)
    assert (done.copies, done.rejected) == (1, 1)
    rejected = [json.loads(line) for line in (opened.path / "batches/000002/rejected.jsonl").read_text().splitlines()]
    assert rejected == [{"id": "a", "reason": "the archive has another text under the id 'a'; a copy is never changed"}]
    assert done.rejected_in == str(opened.path / "batches/000002/rejected.jsonl")
    assert [copy.text for copy in opened.copies("a")] == ["The ferry sank off the small harbour on Friday."]


def test_where_all_is_rejected_it_is_told_which(tmp_path):
    path = str(tmp_path / "my.desk")
    feed = lines(tmp_path / "feed.jsonl", [{"id": id_, "text": f"The ferry {id_} sank off the harbour."} for id_ in "ab"])
    assert run("add", path, str(feed), "--threads", "1").returncode == 0
    lines(feed, [{"id": id_, "text": "The ferry did not sink at all."} for id_ in "ab"])
    reason = "the archive has another text under the id {}; a copy is never changed"
    code, said = command("add", path, str(feed), "--threads", "1")
    assert (code, said) == (0, f"nothing is new, 2 rejected (2: {reason.format('…')}, see {path}/rejected.jsonl)\n")
    told = json.loads(command("add", path, str(feed), "--threads", "1", "--json")[1])
    rejected = [json.loads(line) for line in Path(told["rejected_in"]).read_text().splitlines()]
    assert rejected == [{"id": id_, "reason": reason.format(f"'{id_}'")} for id_ in "ab"]


@pytest.mark.parametrize("rows", ["", "{broken\n"])
def test_of_no_copy_no_archive_is_made(tmp_path, rows):
    (tmp_path / "feed.jsonl").write_text(rows)
    done = run("add", str(tmp_path / "my.desk"), str(tmp_path / "feed.jsonl"), "--threads", "1")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(f"copydesk: there is no copy to read in {tmp_path / 'feed.jsonl'}".encode())
    assert not (tmp_path / "my.desk").exists()
    (tmp_path / "my.desk").mkdir()
    assert run("add", str(tmp_path / "my.desk"), str(tmp_path / "feed.jsonl"), "--threads", "1").returncode == 1
    assert not any((tmp_path / "my.desk").iterdir())


def test_who_waits_for_an_archive_that_never_came_to_be_makes_it(tmp_path):
    path, waits = tmp_path / "my.desk", threading.Event()
    feed = lines(tmp_path / "feed.jsonl", demo_rows()[:5])
    other = threading.Thread(
        target=lambda: copydesk.open(path).add(feed, threads=1, noted=lambda note: waits.set()), daemon=True
    )
    with alone(path):
        other.start()
        assert waits.wait(60)
    other.join(60)
    assert copydesk.open(path).sql("SELECT count(*) AS n FROM copies").to_pylist() == [{"n": 5}]
    with alone(path):  # it is the lock of the archive that it held
        assert (path / "lock").exists()


def test_an_interrupted_add_says_what_is_kept(tmp_path, monkeypatch, capsys):
    path, feed = str(tmp_path / "my.desk"), str(lines(tmp_path / "feed.jsonl", demo_rows()[:5]))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("copydesk.archive.grow.receive", interrupted)
        assert add.main([path, feed, "--threads", "1"], standalone_mode=False) == 130
    assert capsys.readouterr().err == "copydesk: stopped; nothing was written\n"
    assert not (tmp_path / "my.desk").exists()
    add.main([path, feed, "--threads", "1"], standalone_mode=False)
    monkeypatch.setattr("copydesk.archive.grow._entered", interrupted)
    lines(Path(feed), demo_rows()[5:9])
    assert add.main([path, feed, "--threads", "1"], standalone_mode=False) == 130
    said = f"copydesk: stopped; {path} is as before, or has all of it; the same command adds what is missing\n"
    assert capsys.readouterr().err == said
    assert copydesk.open(path).sql("SELECT count(*) AS n FROM copies").to_pylist() == [{"n": 5}]


MORTAL = """
import signal, sys
signal.setitimer(signal.ITIMER_PROF, float(sys.argv.pop(1)))  # the kernel ends it when it has worked for so many seconds
from copydesk.cli import main
main()
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no such clock")
def test_killed_at_any_moment_it_is_as_before_or_as_after(tmp_path):
    rows = small()
    path = tmp_path / "my.desk"
    copydesk.open(path).add(lines(tmp_path / "one.jsonl", rows[:-20]), threads=1)
    feed = lines(tmp_path / "two.jsonl", rows[-20:])
    before = all_of(path)
    spare = tmp_path / "spare"
    shutil.copytree(path, spare)
    had = os.times()
    done = subprocess.run(
        [*COMMAND, "add", str(spare), str(feed), "--threads", "1"], env=environment(), check=True, capture_output=True
    )
    took = sum(os.times()[2:4]) - sum(had[2:4])  # seconds of the processor, which do not depend on what else it does
    assert b"20 copies added" in done.stdout
    after = all_of(spare)
    chance = random.Random(7)
    states = {"before": 0, "after": 0}
    for _ in range(10):
        command = [sys.executable, "-c", MORTAL, str(chance.uniform(0, took * 1.1)), "add", path, feed, "--threads", "1"]
        done = subprocess.run(command, env=environment(), capture_output=True, check=False)
        assert done.returncode in (0, -signal.SIGPROF)
        now = all_of(path)
        assert now in (before, after)
        states["before" if now == before else "after"] += 1
        if now == after:
            break
    assert states["before"]
    run = subprocess.run(
        [*COMMAND, "add", str(path), str(feed), "--threads", "1"], env=environment(), check=True, capture_output=True
    )
    assert b"copies added" in run.stdout or b"were there already" in run.stdout
    assert all_of(path) == after
    assert {folder.name for folder in (path / "batches").iterdir()} == {"000001", "000002"}


def test_readers_go_on_and_other_writers_wait(tmp_path):
    rows = small()
    path = tmp_path / "my.desk"
    copydesk.open(path).add(lines(tmp_path / "one.jsonl", rows[:-40]), threads=1)
    feeds = [lines(tmp_path / "two.jsonl", rows[-40:-20]), lines(tmp_path / "three.jsonl", rows[-20:])]
    reader = connect(path)
    before = reader.execute("SELECT count(*), sum(length(text)) FROM stories").fetchone()
    with alone(path):
        writers = [
            subprocess.Popen(
                [*COMMAND, "add", str(path), str(feed), "--threads", "1"], env=environment(), stderr=subprocess.PIPE
            )
            for feed in feeds
        ]
        assert all(b"another process is writing" in writer.stderr.readline() for writer in writers)
        assert copydesk.open(path).find(rows[0]["text"]).found
    seen = set()
    while any(writer.poll() is None for writer in writers):
        seen.add(connect(path).execute("SELECT count(*) FROM copies").fetchone()[0])
        assert copydesk.open(path).find(rows[0]["text"]).found
    for writer in writers:
        with writer:
            assert writer.stderr.read() == b""
        assert writer.returncode == 0
    assert seen <= {len(rows) - 40, len(rows) - 20, len(rows)}
    assert reader.execute("SELECT count(*), sum(length(text)) FROM stories").fetchone() == before
    assert connect(path).execute("SELECT count(*), count(DISTINCT copy_id) FROM copies").fetchone() == (len(rows), len(rows))


def test_an_article_an_excerpt_and_quotations_are_found(desk):
    row = max(demo_rows(), key=lambda row: len(row["text"]))
    whole = desk.find(row["text"])
    assert whole.found
    assert (whole.matches[0].copy, whole.matches[0].relation) == (row["id"], "identical")
    assert row["id"] in whole.matches[0].copies
    words = row["text"].split()
    excerpt = " ".join(words[60:120])
    found = desk.find(excerpt)
    assert found.found
    assert (found.matches[0].story, found.matches[0].relation) == (whole.matches[0].story, "excerpt")
    invented = (
        "Nothing like this was ever printed: purple engines hum beneath the velvet staircase while nobody counts spoons. " * 3
    )
    quoted = desk.find(f"{invented}{excerpt} {invented}")
    assert not quoted.found
    assert [(match.story, match.relation) for match in quoted.matches] == [(whole.matches[0].story, "quotation")]
    stretch = quoted.matches[0].stretches[0]
    assert len(invented) - 60 < stretch.start
    assert stretch.end < len(invented) + len(excerpt) + 60
    nothing = desk.find(invented)
    assert (nothing.found, nothing.matches, nothing.note) == (False, (), "no story has it")


def test_folders_are_left_to_their_readers_from_when_the_batch_is_entered(tmp_path, monkeypatch):
    desk = copydesk.open(tmp_path / "my.desk")
    rows = small()
    desk.add(lines(tmp_path / "a.jsonl", rows[:40]))
    heard: list[int] = []
    enter = words.Words.enter

    def entering(self, stories):
        heard.append(len(stories))
        enter(self, stories)

    monkeypatch.setattr(words.Words, "enter", entering)
    monkeypatch.setattr(writes.time, "time", lambda: float(len(heard)))
    desk.settle()
    with reading(desk.path) as catalogue:
        assert catalogue.execute("SELECT ended FROM batch WHERE NOT live").fetchall() == [(len(heard),)]
    assert heard


def test_what_sites_put_around_their_stories_is_found_as_boilerplate(tmp_path):
    foot = (
        "The Saltmarsh Courier is printed every weekday in the old customs house by a company of its readers. Letters to the "
        "editor are welcome and may be shortened; the address of the desk is found below, beside the tide tables of the week. "
        "Nothing on these pages may be sold, and all of it may be read aloud."
    )
    rows = [{**row, "source": "courier", "text": f"{row['text']}\n\n{foot}"} for row in demo_rows()[:80]]
    file = lines(tmp_path / "with_foot.jsonl", rows)
    desk = copydesk.open(tmp_path / "foot.desk")
    desk.add(file)
    found = desk.find(foot)
    assert found.found
    assert {match.relation for match in found.matches} == {"boilerplate"}
    assert "boilerplate" in found.note
    new = "Two otters were seen on the weir at dusk, and the miller has asked that nobody feed them before the fair."
    for text in (f"{new}\n\n{foot}", f"{foot}\n\n{new}"):  # a text of its own that a site has put its words around
        assert not desk.find(text).found
    story = desk.find(rows[0]["text"])
    assert (story.note, "boilerplate" in {match.relation for match in story.matches}) == (None, False)


def test_an_excerpt_is_found_whose_seeds_many_stories_share(tmp_path):
    """Each phrase of it stands in more and longer texts than a seed leads to at first; together they stand in one alone."""
    chance = random.Random(4)
    words = sorted({word for row in demo_rows() for word in row["text"].split() if word.isalpha() and len(word) > 3})
    phrases = [" ".join(chance.sample(words, 9)) for _ in range(8)]
    alone = " ".join(phrases)
    other = [
        " ".join([*chance.sample(words, 90), phrase, next_, *chance.sample(words, 90)])
        for phrase, next_ in pairwise(phrases)
        for _ in range(9)
    ]
    texts = [*other, " ".join([*chance.sample(words, 30), alone, *chance.sample(words, 30)])]
    file = lines(tmp_path / "phrases.jsonl", [{"id": f"d{at:03}", "text": text} for at, text in enumerate(texts)])
    desk = copydesk.open(tmp_path / "phrases.desk")
    desk.add(file)
    found = desk.find(alone)
    assert found.found
    assert found.matches[0].copy == f"d{len(texts) - 1:03}"


def test_what_differs_is_told(desk):
    row = max(demo_rows(), key=lambda row: len(row["text"]))
    words = row["text"].split(" ")
    word = next(at for at in range(100, 200) if words[at].isalpha() and len(words[at]) > 4)
    other = [*words[:word], "zebra", *words[word + 1 :]]
    found = desk.find(" ".join(other)).matches[0]
    assert [(d.text, d.copy) for d in found.differences] == [("zebra", words[word])]
    assert row["text"][found.differences[0].copy_start :].startswith(words[word])
    assert " ".join(other)[found.differences[0].start :].startswith("zebra")


def test_words_phrases_and_fields_are_searched(desk):
    text, story = desk.sql("SELECT text, story_id FROM stories ORDER BY length(text) DESC LIMIT 1").to_pylist()[0].values()
    words = [word for word in text.split() if word.isalpha()]
    phrase = next(
        text[at : at + 30].rsplit(" ", 1)[0] for at in range(200, 400) if text[at - 1] == " " and "\n" not in text[at : at + 30]
    )
    found = desk.search(f'"{phrase}"')
    assert story in [hit.story for hit in found.hits]
    assert found.hits[0].marks
    for hit in found.hits:
        assert all(hit.excerpt[start:end] == hit.excerpt[start:end].strip() for start, end in hit.marks)
    reverse = '"' + " ".join(reversed(phrase.split())) + '"'
    assert desk.search(reverse).n == 0
    assert desk.search(f'"{phrase}" -{words[0]}').n < found.n or words[0] not in text
    source = desk.sql("SELECT source FROM copies WHERE source IS NOT NULL LIMIT 1").to_pylist()[0]["source"]
    of_source = {
        row["story_id"] for row in desk.sql("SELECT DISTINCT story_id FROM copies WHERE source = ?", [source]).to_pylist()
    }
    assert {hit.story for hit in desk.search(f'source:"{source}"', limit=100).hits} >= of_source
    with pytest.raises(ValueError, match="no words to seek"):
        desk.search("... -- ")


@pytest.mark.parametrize(
    "words", ['"', "a AND", "NEAR(a b)", "title:", ":", "title:a", "a*b", "(", "'; DROP TABLE story; --", "text:(a", "\0", "-a"]
)
def test_what_is_typed_into_search_is_words(desk, words):
    if any(character.isalnum() for character in words.lstrip("-")) and not words.startswith("-"):
        assert desk.search(words).n >= 0
    else:
        with pytest.raises(ValueError, match="words to seek"):
            desk.search(words)


def test_a_word_that_looks_like_an_option_is_sought_in_quotation_marks(desk):
    done = run("search", str(desk.path), "ferry", "-regatta")
    said = "No such option '-r'; put the words into quotation marks, as in 'ferry -regatta', or -- before them"
    assert (done.returncode, done.stderr.decode()) == (2, f"copydesk: {said}\n")
    assert run("search", str(desk.path), "--", "ferry", "-regatta").returncode == 0
    assert run("search", str(desk.path), "ferry -regatta").returncode == 0


def test_what_is_no_text_by_its_name_is_noted_where_it_is_sought(desk, tmp_path):
    write(tmp_path / "page.html", "<html><body><p>Nothing of the kind.</p></body></html>")
    done = run("find", str(desk.path), str(tmp_path / "page.html"))
    said = "copydesk: note: page.html was read as one text, as it stands there; copydesk extract reads what a page says\n"
    assert (done.returncode, done.stderr.decode()) == (1, said)


def test_the_search_follows_the_editions(tmp_path):
    rows = [
        {
            "id": f"{at}",
            "text": f"The {word} ferry sank off the small harbour on Friday, and all aboard were saved by fishermen.",
        }
        for at, word in enumerate(["old", "old", "blue"])
    ]
    opened = copydesk.open(tmp_path / "my.desk")
    opened.add(lines(tmp_path / "one.jsonl", rows[2:]), threads=1)
    assert opened.search("blue").n == 1
    opened.add(lines(tmp_path / "two.jsonl", rows[:2]), threads=1)
    assert (opened.search("blue").n, opened.search("old").n) == (0, 1)


def test_earlier_editions_are_kept(tmp_path):
    text = (
        "The {} ferry sank off the small harbour on Friday, and all forty people aboard were saved by fishermen from the town."
    )
    opened = copydesk.open(tmp_path / "my.desk")
    opened.add(lines(tmp_path / "one.jsonl", [{"id": "z", "text": text.format("blue")}]), threads=1)
    opened.add(
        lines(tmp_path / "two.jsonl", [{"id": "m", "text": text.format("old")}, {"id": "n", "text": text.format("old")}]),
        threads=1,
    )
    then = opened.history("m")
    assert [(of.story, of.batch, of.until) for of in then] == [("m", 2, None), ("z", 1, 2)]
    assert [(change.copy, change.text) for change in then[0].changes] == [("blue", "old")]
    opened.settle(threads=1)
    others = [{"id": f"x{n}", "text": f"Note {n}: " + " ".join(f"word{n}{m}" for m in range(60))} for n in range(4)]
    assert opened.add(lines(tmp_path / "others.jsonl", others), threads=1).settled
    opened.add(lines(tmp_path / "three.jsonl", [{"id": "o", "text": text.format("old")}]), threads=1)
    now = opened.history("m")
    assert [(of.text, of.batch, of.until) for of in now] == [(of.text, of.batch, of.until) for of in then]
    happened = [[(event.batch, event.what, event.n_copies) for event in of.events] for of in now]
    assert happened == [[(2, "add", 2), (3, "settle", 0), (4, "settle", 0), (5, "add", 1)], [(1, "add", 1)]]
    assert opened.history("z") == now
    done = run("history", str(opened.path), "z")
    assert (done.returncode, done.stderr) == (0, b"copydesk: note: the story z is called m now\n")
    for nowhere in ("nowhere", "n"):
        with pytest.raises(KeyError):
            opened.history(nowhere)


def test_of_an_edition_to_which_only_a_source_has_come_what_it_was_is_not_read_again(tmp_path, monkeypatch):
    text = "The blue ferry sank off the small harbour on Friday, and all aboard were saved by fishermen from the old town."
    opened = copydesk.open(tmp_path / "my.desk")
    first = [{"id": "a", "source": "courier", "text": text}, {"id": "b", "source": "mirror", "text": text}]
    opened.add(lines(tmp_path / "one.jsonl", first), threads=1)
    others = [{"id": f"x{n}", "text": f"Note {n}: " + " ".join(f"word{n}{m}" for m in range(60))} for n in range(9)]
    opened.add(lines(tmp_path / "two.jsonl", others), threads=1)

    def read(*_: object) -> None:
        raise AssertionError("what was is read again")

    monkeypatch.setattr(words, "rows", read)
    more = [{"id": "c", "source": "wire", "text": text}]
    assert not opened.add(lines(tmp_path / "three.jsonl", more), threads=1).settled
    assert [opened.search(f"source:{name}").n for name in ("courier", "mirror", "wire")] == [1, 1, 1]
    assert [(then.batch, then.until) for then in opened.history("a")] == [(1, None)]
    other = [{"id": name, "source": name, "text": text.replace("blue", "grey")} for name in ("d", "e", "f", "g")]
    with pytest.raises(AssertionError):  # another text: it is kept what was
        opened.add(lines(tmp_path / "four.jsonl", other), threads=1)
    assert opened.search("source:wire").n == 1


def test_a_choice_is_overruled_respected_and_undone(tmp_path):
    text = (
        "The {} ferry sank off the small harbour on Friday, and all forty people aboard were saved by fishermen from the town."
    )
    opened = copydesk.open(tmp_path / "my.desk")
    rows = [{"id": f"{at}", "text": text.format(word)} for at, word in enumerate(["old", "old", "blue"])]
    opened.add(lines(tmp_path / "one.jsonl", rows), threads=1)
    variant = opened.edition("0").variants[0]
    made = opened.overrule("0", variant.start, variant.end, "blue", "the owner said so")
    asked = "SELECT text, chosen, reason, v.confidence FROM stories JOIN variants v USING (story_id)"
    assert opened.sql(asked).to_pylist() == [
        {"text": text.format("blue"), "chosen": 1, "reason": "decided by a reader: the owner said so", "confidence": 1.0}
    ]
    assert opened.edition("0").text == text.format("blue")
    assert [(of.state, of.chosen, of.was) for of in opened.decisions("0")] == [("stands", "blue", "old")]
    opened.add(lines(tmp_path / "two.jsonl", [{"id": "3", "text": text.format("old")}]), threads=1)
    assert opened.edition("0").text == text.format("blue")
    opened.settle(threads=1)
    assert opened.sql("SELECT text FROM stories").to_pylist() == [{"text": text.format("blue")}]
    opened.undo(made.no)
    assert opened.sql("SELECT text FROM stories").to_pylist() == [{"text": text.format("old")}]
    assert [of.state for of in opened.decisions()] == ["undone"]
    with pytest.raises(KeyError):
        opened.undo(made.no)
    with pytest.raises(KeyError, match="has no reading 'green'; it has 'old', 'blue'"):
        opened.overrule("0", variant.start, variant.end, "green")
    with pytest.raises(KeyError, match=r"no variant at \[0, 1\)"):
        opened.overrule("0", 0, 1, "blue")


def test_history_has_decisions_and_what_came_between(tmp_path):
    text = (
        "The {} ferry sank off the small harbour on Friday, and all forty people aboard were saved by fishermen from the town."
    )
    opened = copydesk.open(tmp_path / "my.desk")
    rows = [{"id": f"{at}", "text": text.format(word)} for at, word in enumerate(["old", "old", "blue"])]
    rows.append(
        {"id": "x", "text": "Bakers of the upper town met their guild to talk about the price of rye bread, and went home."}
    )
    opened.add(lines(tmp_path / "one.jsonl", rows), threads=1)
    variant = opened.edition("0").variants[0]
    made = opened.overrule("0", variant.start, variant.end, "blue", "the owner said so")
    opened.settle(threads=1)
    opened.undo(made.no)
    now = opened.history("0")
    assert [(of.text, of.batch, of.until) for of in now] == [
        (text.format("old"), 4, None),
        (text.format("blue"), 2, 4),
        (text.format("old"), 1, 2),
    ]
    happened = [[(event.what, event.decision and event.decision.note) for event in of.events] for of in now]
    assert happened == [[("undo", "the owner said so")], [("decision", "the owner said so"), ("settle", None)], [("add", None)]]
    (alone,) = opened.history("x")
    assert (alone.batch, [event.what for event in alone.events]) == (1, ["add", "settle"])
    assert opened.sql("SELECT what FROM batches ORDER BY batch").column("what").to_pylist() == [
        *("add settle", "decision 1", "settle", "undo 1")
    ]


def test_a_choice_is_overruled_and_undone_from_the_command_line(tmp_path):
    text = (
        "The {} ferry sank off the small harbour on Friday, and all forty people aboard were saved by fishermen from the town."
    )
    path = str(tmp_path / "my.desk")
    rows = [{"id": f"{at}", "text": text.format(word)} for at, word in enumerate(["old", "old"])]
    rows.append({"id": "z\x1b[31m", "text": text.format("blue")})
    assert command("add", path, str(lines(tmp_path / "one.jsonl", rows)))[0] == 0
    code, said = command("variants", path, "0")
    assert code == 0
    assert "[1] substitution" in said
    assert "1 ✓ old  0, 1" in said
    assert "\x1b" not in said
    (told,) = json.loads(command("variants", path, "0", "1", "--json")[1])
    assert (told["n"], told["chosen"], [of["n"] for of in told["readings"]]) == (1, 1, [1, 2])
    assert json.loads(command("variants", path, "0", "--unsure", "--json")[1]) == ([told] if told["confidence"] < 0.8 else [])
    assert command("decisions", path) == (0, "Nothing was decided.\n")
    code, said = command("overrule", path, "0", "1", "2", "--note", "the owner said so")
    assert code == 0
    assert "decision 1" in said
    assert "for old: the owner said so" in said
    assert copydesk.open(path).edition("0").text.startswith("The blue")
    code, said = command("history", path, "0")
    assert "decision 1, blue" in said
    assert command("undo", path, "1") == (0, "decision 1 is undone\n")
    assert copydesk.open(path).edition("0").text == text.format("old")
    assert [of["state"] for of in json.loads(command("decisions", path, "0", "--json")[1])] == ["undone"]


def test_a_choice_that_cannot_be_overruled_is_told(tmp_path):
    text = (
        "The {} ferry sank off the small harbour on Friday, and all forty people aboard were saved by fishermen from the town."
    )
    rows = [{"id": f"{at}", "text": text.format(word)} for at, word in enumerate(["old", "old", "blue"])]
    file, path, out = lines(tmp_path / "one.jsonl", rows), str(tmp_path / "my.desk"), str(tmp_path / "out")
    assert command("add", path, str(file))[0] == 0
    assert command("run", str(file), "-o", out)[0] == 0
    assert command("variants", out, "0")[1] == command("variants", path, "0")[1]
    for arguments, said in (
        (("overrule", path, "0", "2", "1"), b"0 has 1 variant, and no variant 2"),
        (("overrule", path, "0", "1", "3"), b"variant 1 has 2 readings, and no reading 3"),
        (("overrule", path, "0", "1", "1"), b"reading 1 is the one that is chosen"),
        (("overrule", path, "nobody", "1", "1"), b"there is no story nobody in"),
        (("overrule", path, "0", "1", "2", "--version", "2"), b"0 has 1 version, and no version 2"),
        (("overrule", out, "0", "1", "2"), b"is no archive, which alone keeps what is decided"),
        (("variants", path, "0", "7"), b"0 has 1 variant, and no variant 7"),
        (("undo", path, "1"), b"there is no decision 1 that stands"),
        (("decisions", out), b"is no archive"),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, b"")
        assert said in done.stderr


def test_after_a_decision_all_characters_still_have_their_place(tmp_path):
    opened = copydesk.open(tmp_path / "my.desk")
    opened.add(lines(tmp_path / "one.jsonl", demo_rows()), threads=1)
    asked = (
        'SELECT story_id, version, start, "end", chosen, readings FROM variants '
        "WHERE kind IN ('omission', 'addition', 'substitution') ORDER BY ALL"
    )
    for row in opened.sql(asked).to_pylist()[::17]:
        texts = {copy.id: copy.text for copy in opened.copies(row["story_id"])}
        edition = opened.edition(row["story_id"])
        own = next(of for of in (*edition.earlier, edition) if of.version == row["version"])
        other = next(reading["text"] for nth, reading in enumerate(row["readings"]) if nth != row["chosen"])
        made = opened.overrule(row["story_id"], row["start"], row["end"], other, version=row["version"])
        edition = opened.edition(row["story_id"])
        now = next(of for of in (*edition.earlier, edition) if of.version == row["version"])
        assert now.text != own.text
        assert "".join(now.text[span.start : span.end] for span in now.spans) == now.text
        for span in (*now.spans, *now.witnesses):
            if not span.repaired:
                assert now.text[span.start : span.end] == texts[span.copy][span.copy_start : span.copy_end]
        assert "  " not in now.text[max(0, row["start"] - 3) : row["start"] + len(other) + 3] or "  " in own.text
        opened.undo(made.no)
    assert {of.state for of in opened.decisions()} == {"undone"}


def test_the_edition_of_a_story_that_is_too_large_is_of_the_copies_that_its_tables_are_of(tmp_path, monkeypatch):
    monkeypatch.setattr("copydesk.editing.LARGE", 600)
    text = (
        "The {} ferry sank off the small harbour on Friday, and all forty people aboard were saved by fishermen from the town."
    )
    rows = [{"id": f"{at}", "text": text.format(word)} for at, word in enumerate(["old", "blue", "red", "green"] * 3)]
    opened = copydesk.open(tmp_path / "my.desk")
    opened.add(lines(tmp_path / "one.jsonl", rows), threads=1)
    left_out = {row["copy_id"] for row in opened.sql("SELECT copy_id FROM left_out WHERE reason LIKE 'too many%'").to_pylist()}
    assert 0 < len(left_out) < len(rows) - 1
    (story,) = opened.stories().to_pylist()
    edition = opened.edition(story["story_id"])
    assert {copy.id for copy in edition.copies} == {row["id"] for row in rows} - left_out
    assert edition.text == story["text"]
    own = opened.sql('SELECT start, "end" FROM variants ORDER BY ALL').to_pylist()
    assert sorted((of.start, of.end) for of in edition.variants) == [(of["start"], of["end"]) for of in own]


def test_it_is_used_from_the_command_line(tmp_path):
    rows = demo_rows()
    feed, text, other = (str(tmp_path / name) for name in ("feed.jsonl", "article.txt", "other.txt"))
    path = str(tmp_path / "my.desk")
    lines(Path(feed), rows)
    write(text, rows[0]["text"])
    write(other, "Nothing of the kind is to be found in there.")
    code, out = command("add", path, feed, "--threads", "1")
    assert (code, out.startswith("batch 1: 42 copies added, 12 stories edited")) == (0, True)
    assert command("add", path, feed, "--threads", "1") == (0, "nothing is new, 42 were there already\n")
    found = json.loads(command("find", path, text, "--json")[1])
    assert found["matches"][0]["relation"] == "identical"
    code, out = command("find", path, text)
    assert (code, "identical to" in out) == (0, True)
    assert command("find", path, other) == (1, "Not here: no story has it.\n")
    assert command("search", path, "ferry")[0] == 0
    assert command("search", path, "xylophone")[0] == 1
    assert "which stands" in command("history", path, found["matches"][0]["story"])[1]
    assert command("history", path, "nowhere")[0] == 2
    assert command("sql", path, "SELECT count(*) AS n FROM copies", "--csv") == (0, "n\n42\n")
    assert command("sql", path, "SELECT count(*) AS n FROM copies", "--json") == (0, '{"n":42}\n')
    assert command("sql", path, "SELECT 1.50 AS n", "--json") == (0, '{"n":1.50}\n')
    assert command("sql", path, "SELECT 1 AS n, 2 AS n", "--csv") == (0, "n,n\n1,2\n")
    assert command("sql", path, "DROP TABLE copies")[0] == 1
    assert command("settle", path, "--threads", "1")[1].startswith("batch 2: 12 stories found and edited anew")
    assert command("add", path)[0] == 2
    assert command("add", path, feed, "--same", "0.9")[0] == 2
    assert command("add", path, feed, "--text", "body")[0] == 2
    assert command("find", str(tmp_path), text)[0] == 2


def test_answers_are_indented_and_short_in_a_narrow_terminal(tmp_path):
    text = (
        "The ferry sank off the small harbour on Friday, and all forty people aboard were saved by fishermen from the town. "
        "{}Divers will look at the wreck tomorrow if the wind allows it."
    )
    more = " ".join(f"Visitor {n} was asked to leave the pier." for n in range(20)) + " "
    path = str(tmp_path / "my.desk")
    for word, rows in (("", [("b", "")]), (more, [("c", more), ("d", more)])):
        feed = lines(tmp_path / "feed.jsonl", [{"id": id_, "text": text.format(word)} for id_, word in rows])
        assert run("add", path, str(feed), "--threads", "1").returncode == 0
    write(tmp_path / "asked.txt", text.format(""))
    for arguments in (["history", path, "b"], ["find", path, str(tmp_path / "asked.txt")], ["search", path, "ferry"]):
        said = run(*arguments, COLUMNS="40").stdout.decode().splitlines()
        assert max(map(len, said)) <= 40
        assert all(line[0] == " " or line.startswith(("batch ", "b", "1 edition")) for line in said if line)
        assert len(said) < 30


def test_a_stream_is_added(tmp_path):
    given = "".join(json.dumps(row) + "\n" for row in demo_rows()[:5]).encode()
    done = subprocess.run(
        [*COMMAND, "add", tmp_path / "my.desk", "-", "--threads", "1"],
        input=given,
        env=environment(),
        capture_output=True,
        check=True,
    )
    assert done.stdout.startswith(b"batch 1: 5 copies added")


WATCHFUL = [sys.executable, "-c", "from copydesk.archive import watch; watch.LOOK = 0.1; from copydesk.cli import main; main()"]
"""The command that looks at a folder often."""


def test_a_folder_is_watched(tmp_path):
    (tmp_path / "in").mkdir()
    lines(tmp_path / "in/one.jsonl", demo_rows()[:5])
    running = subprocess.Popen(
        [*WATCHFUL, "add", str(tmp_path / "my.desk"), "--watch", str(tmp_path / "in"), "--threads", "1", "--json"],
        env=environment(),
        stdout=subprocess.PIPE,
    )
    try:
        assert json.loads(running.stdout.readline())["copies"] == 5
        lines(tmp_path / "in/.hidden.jsonl", demo_rows()[5:9])
        (tmp_path / "in/.hidden.jsonl").rename(tmp_path / "in/two.jsonl")
        assert json.loads(running.stdout.readline())["copies"] == 4
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(300) == 130
        running.stdout.close()


@pytest.mark.parametrize("name", ["nofolder", "a.txt"])
def test_where_there_is_no_folder_to_watch_it_is_told(tmp_path, name):
    (tmp_path / "a.txt").write_text("words")
    done = run("add", str(tmp_path / "my.desk"), "--watch", str(tmp_path / name))
    said = f"copydesk: there is no folder {tmp_path / name} to watch; make it first, or name another\n"
    assert (done.returncode, done.stderr.decode()) == (2, said)
    assert not (tmp_path / "my.desk").exists()


def test_what_is_no_input_does_not_hold_back_what_came_with_it(tmp_path):
    (tmp_path / "in").mkdir()
    lines(tmp_path / "in/one.jsonl", [{"id": "a", "words": "This file has no column of texts."}])
    lines(tmp_path / "in/two.jsonl", demo_rows()[:5])
    with (tmp_path / "said").open("wb") as said:
        running = subprocess.Popen(
            [*WATCHFUL, "add", str(tmp_path / "my.desk"), "--watch", str(tmp_path / "in"), "--threads", "1", "--json"],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=said,
        )
        try:
            assert json.loads(running.stdout.readline())["copies"] == 5
            assert "one.jsonl" in (tmp_path / "said").read_text()
            assert "left out" in (tmp_path / "said").read_text()
        finally:
            running.send_signal(signal.SIGINT)
            assert running.wait(300) == 130
            running.stdout.close()


def test_a_file_that_is_gone_does_not_end_the_watch(tmp_path, monkeypatch, capsys):
    there = str(lines(tmp_path / "two.jsonl", demo_rows()[:5]))
    monkeypatch.setattr("copydesk.archive.watch.watched", lambda folder: [[str(tmp_path / "one.jsonl"), there]])
    add.main([str(tmp_path / "my.desk"), "--watch", str(tmp_path), "--threads", "1"], standalone_mode=False)
    assert f"note: no such file: {tmp_path / 'one.jsonl'}; left out" in capsys.readouterr().err
    assert copydesk.open(tmp_path / "my.desk").sql("SELECT count(*) AS n FROM copies").to_pylist() == [{"n": 5}]


def test_what_is_no_archive_is_told(tmp_path):
    with pytest.raises(NoArchive, match="copydesk add"):
        copydesk.open(tmp_path / "none").search("ferry")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.txt").write_text("kept")
    with pytest.raises(NoArchive, match="no archive"):
        copydesk.open(tmp_path / "notes").add(lines(tmp_path / "one.jsonl", demo_rows()))
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["a.txt"]
    for what in ("notes", "notes/a.txt"):
        with pytest.raises(NoArchive, match="is no archive"):
            copydesk.open(tmp_path / what)
    (tmp_path / "in").mkdir()
    lines(tmp_path / "in/one.jsonl", demo_rows())
    for no_archive in ("notes", "notes/a.txt"):
        for more in ((str(tmp_path / "in/one.jsonl"),), ("--watch", str(tmp_path / "in"))):
            done = run("add", str(tmp_path / no_archive), *more)
            assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
            assert b"is there and no archive, so nothing is written into it" in done.stderr
    (tmp_path / "notes/desk.sqlite").write_text("no database")
    code, _ = command("search", str(tmp_path / "notes"), "ferry")
    assert code == 2


def test_a_catalogue_that_cannot_be_written_is_told_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr("copydesk.archive.catalogue.PATIENCE", 0)
    path = tmp_path / "my.desk"
    copydesk.open(path).add(lines(tmp_path / "one.jsonl", demo_rows()[:5]), threads=1)

    def fill():
        with writing(path) as catalogue:
            (pages,) = catalogue.execute("PRAGMA page_count").fetchone()
            catalogue.execute(f"PRAGMA max_page_count = {pages}")
            catalogue.execute("INSERT INTO fact VALUES ('large', zeroblob(1000000))")

    with pytest.raises(OSError, match="full") as full:
        fill()
    assert (full.value.errno, full.value.filename) == (errno.ENOSPC, str(path / "desk.sqlite"))
    with sqlite3.connect(path / "desk.sqlite", isolation_level=None) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OSError, match="locked it for long"), writing(path):
            pass
        other.execute("ROLLBACK")
    other.close()
    assert copydesk.open(path).sql("SELECT count(*) AS n FROM copies").to_pylist() == [{"n": 5}]


@unless_root
def test_an_archive_that_may_only_be_read_can_be_read(tmp_path):
    path, text = tmp_path / "my.desk", tmp_path / "article.txt"
    opened = copydesk.open(path)
    opened.add(lines(tmp_path / "one.jsonl", demo_rows()[:3]), threads=1)
    story = opened.stories().column("story_id")[0].as_py()
    write(text, demo_rows()[0]["text"])

    def asked() -> list[tuple[int, bytes, str]]:
        count = "SELECT count(*) AS n FROM copies"
        others = (["search", "the"], ["find", str(text)], ["history", story], ["sql", count], ["export", "--to", "jsonl"])
        return [powerless(name, str(path), *more) for name, *more in others]

    def permitted(mode: int) -> list[Path]:
        """All that is there, with these permissions."""
        everything = sorted([path, *path.rglob("*")])
        for each in everything:
            each.chmod(mode)
        return everything

    before = asked()
    assert {code for code, _, _ in before} == {0}
    everything = permitted(0o555)
    assert asked() == before
    code, _, said = powerless("add", str(path), str(tmp_path / "one.jsonl"))
    assert (code, "lock may not be read or written" in said) == (2, True)
    assert sorted([path, *path.rglob("*")]) == everything  # and nothing was left there
    permitted(0o755)
    with closing(sqlite3.connect(path / "desk.sqlite", isolation_level=None)) as writer:  # what it writes is in the log still
        writer.execute("UPDATE batch SET at = 'now'")
        permitted(0o555)
        assert "batch 1, now" in powerless("history", str(path), story)[1].decode()
        permitted(0o755)


def test_what_a_killed_add_left_is_no_hindrance(tmp_path):
    path = tmp_path / "my.desk"
    path.mkdir()
    (path / "lock").touch()
    (path / ".desk.sqlite.4711").write_bytes(b"SQLite")
    copydesk.open(path).add(lines(tmp_path / "one.jsonl", demo_rows()[:5]), threads=1)
    assert not (path / ".desk.sqlite.4711").exists()


def test_an_archive_made_anew_in_the_same_place_is_read_anew(tmp_path):
    opened = copydesk.open(tmp_path / "my.desk")
    old, new = demo_rows()[:3], demo_rows()[20:23]
    opened.add(lines(tmp_path / "one.jsonl", old), threads=1)
    assert opened.find(old[0]["text"]).found
    shutil.rmtree(opened.path)
    copydesk.open(opened.path).add(lines(tmp_path / "two.jsonl", new), threads=1)
    assert opened.find(new[0]["text"]).found
    assert not opened.find(old[0]["text"]).found


def test_an_archive_without_copies_has_nothing_to_settle(tmp_path):
    path = tmp_path / "my.desk"
    path.mkdir()
    create(path)
    with pytest.raises(ValueError, match="no copies yet"):
        copydesk.open(path).settle(threads=1)


def test_sql_changes_nothing(desk):
    before = all_of(desk.path)
    for query in (
        "DELETE FROM copies",
        "SELECT 1; SELECT 2",
        "COPY copies TO 'x.csv'",
        "EXPLAIN ANALYZE COPY copies TO 'x.csv'",
        "nonsense",
    ):
        with pytest.raises(ValueError, match=r"\w"):
            desk.sql(query)
    assert all_of(desk.path) == before
    assert not Path("x.csv").exists()
    with pytest.raises(duckdb.Error):
        connect(desk.path).execute("SET enable_external_access = true")
