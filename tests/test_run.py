"""A corpus through the command: real files, real processes, real tables."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import copydesk
from copydesk import parts, pipeline
from copydesk.demo.corpus import corpus
from copydesk.parts import known as known_of
from copydesk.repair import repaired
from copydesk.sources import Unreadable
from copydesk.sources import corpus as corpus_module
from copydesk.sources import rows as rows_module
from copydesk.sources.corpus import Columns, batches, check
from small_corpus import corpus as small_corpus
from test_cli import COMMAND, environment, lines, write
from test_cli import run as command

FOUND = ("boilerplate.parquet", "copies.parquet", "rejected.jsonl", "sources.parquet", "stories.parquet")
RECORD = ("statements.parquet", "figures.parquet", "dates.parquet", "names.parquet", "metadata.parquet")
EDITIONS = ("known.json", "left_out.parquet", "spans.parquet", "texts.parquet", "variants.parquet", "versions.parquet")
TABLES = (*FOUND, *EDITIONS, *RECORD)
MOST = 300  # seconds that anything is waited for, however busy the machine is


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def demo_rows() -> list[dict[str, str | None]]:
    """The demo corpus as rows; the source is left to be told from the url."""
    copies = [copy for story in corpus() for copy in story.copies]
    return [{"id": c.id, "text": c.text, "date": c.published, "url": c.url, "words": len(c.text.split())} for c in copies]


def run(*arguments: str) -> dict:
    done = command("run", *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    return json.loads(done.stdout)


def fails(code: int, *arguments: str) -> str:
    """The one line that a failing run says; it leaves no folder, hidden or not."""
    before = sorted(Path().iterdir())
    done = command("run", *arguments)
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b"")
    assert said.startswith("copydesk: ")
    assert said.count("\n") == 1
    assert sorted(Path().iterdir()) == before
    return said.removeprefix("copydesk: ").rstrip()


def rejected(out: str) -> list[dict]:
    return [json.loads(line) for line in Path(out, "rejected.jsonl").read_text("utf-8").splitlines()]


def tables(out: str) -> dict[str, bytes]:
    return {name: Path(out, name).read_bytes() for name in TABLES}


def test_the_demo_corpus_gives_a_story_for_each_article():
    rows = demo_rows()
    write("news.jsonl", lines(*rows))
    summary = run("news.jsonl", "-o", "out", "--threads", "2")
    assert json.loads(Path("out/run.json").read_text("utf-8")) == summary
    assert summary["counts"]["documents"] == len(rows)

    copies = pq.read_table("out/copies.parquet").to_pylist()
    together: dict[str, set[str]] = {}
    for copy in copies:
        together.setdefault(copy["story_id"], set()).add(copy["copy_id"])
    assert sorted(map(sorted, together.values())) == sorted(sorted(c.id for c in story.copies) for story in corpus())
    assert {c["source"] for c in copies} == {f"{c.source}.example" for story in corpus() for c in story.copies}
    assert [json.loads(c["other"]) for c in copies] == [{"words": r["words"]} for r in sorted(rows, key=lambda r: r["id"])]

    stories = pq.read_table("out/stories.parquet").to_pylist()
    assert len(stories) == len(corpus())
    known = known_of(Path("out"))
    editions = {s.copies[0].id.split("/")[0]: copydesk.reconcile(as_read(s.copies), known) for s in corpus()}
    texts = {row["id"]: row["text"] for row in rows}
    spans = pq.read_table("out/spans.parquet").to_pylist()
    variants = pq.read_table("out/variants.parquet").to_pylist()
    for story in stories:
        edition = editions[story["story_id"].split("/")[0]]
        assert story["text"] == edition.text
        assert (story["confidence"], story["n_variants"]) == (edition.confidence, len(edition.variants))
        own = [s for s in spans if s["story_id"] == story["story_id"]]
        given = [(texts[s["copy_id"]][s["copy_start"] : s["copy_end"]], s["repaired"]) for s in own]
        assert "".join(repaired(text) if kind else text for text, kind in given) == story["text"]
        of_it = [v for v in variants if v["story_id"] == story["story_id"]]
        assert [v["reason"] for v in of_it] == [v.reason for v in edition.variants]
        for variant in of_it:
            for reading in variant["readings"]:
                for copy, start in zip(reading["copies"], reading["starts"], strict=True):
                    assert texts[copy].startswith(reading["text"], start)


def as_read(copies):
    return [copydesk.Copy(c.id, c.text, f"{c.source}.example", c.published, c.url) for c in copies]


def test_parquet_and_packed_lines_give_the_same_tables():
    rows = demo_rows()
    write("news.jsonl", lines(*rows))
    write("news.jsonl.gz", gzip.compress(lines(*rows).encode()))
    write("news.jsonl.zst", pa.compress(lines(*rows).encode(), codec="zstd", asbytes=True))
    pq.write_table(pa.Table.from_pylist(rows), "news.parquet")
    run("news.jsonl", "-o", "plain", "--threads", "1")
    for name in ("news.jsonl.gz", "news.jsonl.zst", "news.parquet"):
        run(name, "-o", name + ".out", "--threads", "1")
        assert tables(name + ".out") == tables("plain")


def test_neither_the_order_of_files_nor_threads_nor_memory_change_a_byte():
    rows = [
        {"id": r["copy_id"], "text": r["text"], "source": r["source"]} for r in small_corpus(seed=4, stories=40, singles=40)
    ]
    random.Random(1).shuffle(rows)
    rows += [rows[7] | {"text": "The same id again, with quite another text."}]
    write("a.jsonl", lines(*rows[:90]))
    write("b.jsonl", lines(*rows[90:]) + "{broken\n")
    first = run("a.jsonl", "b.jsonl", "-o", "one", "--threads", "1")
    second = run("b.jsonl", "a.jsonl", "-o", "two", "--threads", "3", "--memory", "1GB")
    assert tables("one") == tables("two")
    assert first["counts"] == second["counts"]
    assert first["counts"]["rejected"] == 2
    assert first["counts"]["of_many_copies"] > 30
    assert first["counts"]["variants"] > 1000


def test_only_find_stops_after_the_stories():
    write("news.jsonl", lines(*demo_rows()))
    run("news.jsonl", "-o", "whole")
    run("news.jsonl", "-o", "found", "--only", "find")
    assert {path.name for path in Path("found").iterdir()} == {*FOUND, "report.html", "run.json"}
    for name in set(FOUND) - {"stories.parquet", "sources.parquet", "copies.parquet"}:
        assert Path("found", name).read_bytes() == Path("whole", name).read_bytes()
    sources = pq.read_table("found/sources.parquet")
    assert sources.column_names == ["source", "n_copies", "n_letters", "boilerplate_letters"]
    assert sources == pq.read_table("whole/sources.parquet", columns=sources.column_names)
    found, whole = (pq.read_table(f"{folder}/copies.parquet") for folder in ("found", "whole"))
    assert found.drop_columns(["line"]) == whole.drop_columns(["line"])
    assert found.column("line").null_count == len(found)
    sizes = pq.read_table("found/stories.parquet")
    assert sizes.column_names == ["story_id", "n_copies"]
    assert sizes == pq.read_table("whole/stories.parquet", columns=["story_id", "n_copies"])


def test_a_copy_alone_is_its_own_edition():
    write("one.jsonl", lines({"id": 7, "text": "The harbour office opened at noon. ⚓"}, {"id": "marks", "text": "!!!"}))
    summary = run("one.jsonl", "-o", "out")
    assert (summary["counts"]["documents"], summary["counts"]["stories"], summary["counts"]["of_many_copies"]) == (2, 2, 0)
    story = pq.read_table("out/stories.parquet").to_pylist()[0]
    assert (story["story_id"], story["text"], story["confidence"]) == ("7", "The harbour office opened at noon. ⚓", None)
    span = pq.read_table("out/spans.parquet").to_pylist()[0]
    assert (span["start"], span["end"], span["copy_id"]) == (0, 36, "7")
    assert pq.read_table("out/variants.parquet").num_rows == 0


def test_rows_that_are_no_copies_are_told_with_their_reasons():
    good = demo_rows()[:4]
    bad = [
        '{"id": "x", "text": null}\n',
        '{"id": "x"}\n',
        '{"id": "x", "text": " \\n"}\n',
        '{"id": "x", "text": 5}\n',
        '{"id": {}, "text": "words"}\n',
        "[1]\n",
        "\n",
        '{"text": "cut\n',
        "[" * 100_000 + "\n",
        json.dumps(good[0] | {"text": "again"}) + "\n",
    ]
    write("bad.jsonl", b"\xef\xbb\xbf" + lines(*good).encode() + "".join(bad).encode() + b'{"text": "\xff"}')
    summary = run("bad.jsonl", "-o", "out", "--only", "find")
    why = rejected("out")
    assert summary["counts"]["documents"] == 4
    assert summary["counts"]["rejected"] == len(why) == 10
    assert {row["file"] for row in why} == {"bad.jsonl"}
    assert [row["row"] for row in why] == [5, 6, 7, 8, 9, 10, 12, 13, 14, 15]
    reasons = [row["reason"] for row in why]
    assert reasons[:6] == [
        "no text in 'text'",
        "no text in 'text'",
        "the text is empty",
        "'text' is not a string",
        "'id' is neither a string nor a number",
        "not an object",
    ]
    assert all(reason.startswith("not JSON: ") for reason in (*reasons[6:8], reasons[9]))
    assert reasons[8] == f"the id {good[0]['id']!r} was given before"


def test_columns_are_named_by_options_and_ids_made_of_file_and_row():
    rows = [{"body": r["text"], "paper": "Gull & Anchor", "when": 20240501, "link": r["url"]} for r in demo_rows()[:3]]
    write("x.jsonl", "\n" + lines(*rows))
    options = ("--text", "body", "--source", "paper", "--published", "when", "--url", "link")
    run("x.jsonl", "-o", "out", *options)
    copies = pq.read_table("out/copies.parquet").to_pylist()
    assert [c["copy_id"] for c in copies] == ["x.jsonl:2", "x.jsonl:3", "x.jsonl:4"]
    assert {(c["source"], c["published"], c["other"]) for c in copies} == {("Gull & Anchor", "20240501", None)}
    assert [c["url"] for c in copies] == [r["link"] for r in rows]


@pytest.mark.parametrize("packed", [gzip.compress, lambda data: pa.compress(data, codec="zstd", asbytes=True)])
def test_a_file_that_is_cut_off_keeps_what_was_whole_and_says_so(packed):
    rows = lines(*({"id": n, "text": random.Random(n).randbytes(300).hex()} for n in range(9000)))
    name = "cut.jsonl.gz" if packed is gzip.compress else "cut.jsonl.zst"
    write(name, packed(rows.encode())[:-40_000])
    summary = run(name, "-o", "out", "--only", "find")
    (why,) = rejected("out")
    assert why["reason"].startswith("the file is cut off or spoilt from here on: ")
    assert why["row"] == summary["counts"]["documents"] + 1 > 1000


def test_a_line_without_end_is_rejected_and_the_next_is_read():
    with Path("long.jsonl").open("w") as file:
        file.write('{"id": "a", "text": "The first line."}\n{"id": "b", "text": "')
        file.writelines("long " * (1 << 18) for _ in range(40))
        file.write('"}\n{"id": "c", "text": "The last line."}')
    told = []
    (batch,) = batches(check(["long.jsonl"]), lambda *row: told.append(row))
    assert batch.column("copy_id").to_pylist() == ["a", "c"]
    assert told == [("long.jsonl", 2, "the line is longer than 32 MB")]


def test_a_parquet_file_says_what_it_lacks():
    pq.write_table(pa.table({"id": [1], "body": ["words"], "n": [3]}), "a.parquet")
    said = fails(2, "a.parquet", "-o", "out")
    assert said == "a.parquet has no column 'text' (it has id, body, n); name the column of the texts with --text"
    assert "holds int64, not text" in fails(1, "a.parquet", "-o", "out", "--text", "n")
    write("b.parquet", Path("a.parquet").read_bytes()[:-9])
    assert "b.parquet is not a whole Parquet file" in fails(1, "b.parquet", "-o", "out")
    with pytest.raises(Unreadable):
        check(["a.parquet"], Columns(text="nothing"))


def test_wrong_use_is_told_in_a_line():
    write("a.jsonl", lines(*demo_rows()[:3]))
    write("none.jsonl", lines({"body": "x"}))
    write("a.pdf", "id,text\n")
    said = fails(2, "none.jsonl", "-o", "out")
    assert said == "none.jsonl has no column 'text' (it has body); name the column of the texts with --text"
    assert "a.pdf is none of the files that can be read" in fails(2, "a.pdf", "-o", "out")
    assert fails(2, "b.jsonl", "-o", "out") == "no such file: b.jsonl"
    assert "no directory" in fails(2, "a.jsonl", "-o", "no/out")
    assert "'much' is no size of memory" in fails(2, "a.jsonl", "-o", "out", "--memory", "much")
    assert "200MB of memory is too little to work in; give 1GB" in fails(2, "a.jsonl", "-o", "out", "--memory", "200MB")
    assert "--same" in fails(2, "a.jsonl", "-o", "out", "--same", "2")
    assert "-o" in fails(2, "a.jsonl")


def test_a_folder_is_replaced_when_asked_and_only_if_it_is_of_a_run():
    write("a.jsonl", lines(*demo_rows()[:3]))
    run("a.jsonl", "-o", "out", "--only", "find")
    assert fails(2, "a.jsonl", "-o", "out") == "out exists; name another folder with -o, or add --overwrite to replace it"
    run("a.jsonl", "-o", "out", "--overwrite")
    assert {*TABLES, "report.html", "run.json"} == {path.name for path in Path("out").iterdir()}
    Path("mine").mkdir()
    write("mine/letter.txt", "keep me")
    assert "not the folder of a run" in fails(2, "a.jsonl", "-o", "mine", "--overwrite")
    write("out/a.jsonl", lines(*demo_rows()[:3]))
    assert "has some of the copies in it" in fails(2, "out/a.jsonl", "-o", "out", "--overwrite")
    assert sorted(path.name for path in Path().iterdir()) == ["a.jsonl", "mine", "out"]


def test_a_story_that_is_not_one_keeps_its_longest_copy():
    rows = [
        {"id": "a", "text": "Gulls took the bread of the ferry.", "group": "quay"},
        {"id": "b", "text": "Nobody saw anything at all on the quay.", "group": "quay"},
    ]
    write("a.jsonl", lines(*rows))
    assert run("a.jsonl", "-o", "out", "--story", "group")["counts"]["not_reconciled"] == 1
    story = {"story_id": "quay", "version": 1, "n_copies": 2, "n_lines": 1, "text": rows[1]["text"]}
    assert pq.read_table("out/stories.parquet").to_pylist() == [
        story | {"title": None, "published": None, "confidence": None, "n_variants": 0}
    ]
    (span,) = pq.read_table("out/spans.parquet").to_pylist()
    assert (span["copy_id"], span["end"]) == ("b", len(rows[1]["text"]))
    (left,) = pq.read_table("out/left_out.parquet").to_pylist()
    assert left == {"story_id": "quay", "copy_id": "a", "reason": "2 stories, not one: a shares nothing with b"}


def test_stories_that_a_column_names_are_not_sought():
    rows = [row | {"cluster": row["id"].split("/")[0]} for row in demo_rows()]
    rows += [{"id": "lone", "text": "A copy that nobody put anywhere.", "cluster": None}]
    write("news.jsonl", lines(*rows))
    summary = run("news.jsonl", "-o", "out", "--story", "cluster")
    copies = pq.read_table("out/copies.parquet").to_pylist()
    assert {c["copy_id"]: c["story_id"] for c in copies} == {r["id"]: r["cluster"] or "lone" for r in rows}
    assert {c["relation"] for c in copies} == {None}
    assert summary["counts"]["reconciled"] == len({r["cluster"] for r in rows}) - 1
    write("clash.jsonl", lines(*rows, rows[0] | {"id": "more", "cluster": "lone"}))
    assert "'lone' is the id of a copy without a story" in fails(1, "clash.jsonl", "-o", "no", "--story", "cluster")
    assert "leave one of the two out" in fails(2, "news.jsonl", "-o", "no", "--story", "cluster", "--only", "find")


def test_of_a_story_that_is_too_large_a_sample_is_reconciled(monkeypatch, folder):
    from copydesk import editing

    rows = [{"id": str(n), "text": f"The ferry left the old harbour at noon, and {n} people waved."} for n in range(40)]
    write("a.jsonl", lines(*(row | {"none": None} for row in rows)))
    monkeypatch.setattr(editing, "LARGE", 1000)
    done = copydesk.run("a.jsonl", folder / "out", columns=Columns(story="none"), threads=1)
    assert done.summary["counts"]["of_many_copies"] == 0
    write("b.jsonl", lines(*(row | {"story": "ferry"} for row in rows)))
    done = copydesk.run("b.jsonl", folder / "out2", columns=Columns(story="story"), threads=1)
    (story,) = done.stories().to_pylist()
    assert story["n_copies"] == 40
    assert story["text"].startswith("The ferry left the old harbour at noon, and ")
    left = done.table("left_out").to_pylist()
    assert 20 < len(left) < 30
    assert {row["reason"] for row in left} == {"too many: 40 copies of more than 1,000 bytes, of which a sample was taken"}


def test_a_run_can_be_asked():
    write("news.jsonl", lines(*demo_rows()))
    done = copydesk.run("news.jsonl", "out", threads=1)
    assert done.summary == json.loads(Path("out/run.json").read_text("utf-8"))
    assert copydesk.Run("out").summary == done.summary
    for row in done.stories().to_pylist():
        edition = done.edition(row["story_id"])
        assert (edition.text, edition.confidence, len(edition.variants)) == (row["text"], row["confidence"], row["n_variants"])
    with pytest.raises(KeyError):
        done.copies("no such story")
    with pytest.raises(FileNotFoundError):
        copydesk.Run("nowhere")


def test_how_far_reading_is_is_told(monkeypatch):
    rows = many_rows()
    write("a.jsonl", lines(*rows))
    write("b.jsonl.gz", gzip.compress(lines(*({**row, "id": f"b{n}"} for n, row in enumerate(rows))).encode()))
    monkeypatch.setattr(rows_module, "BLOCK", 50_000)
    monkeypatch.setattr(corpus_module, "ROWS", 50)
    heard: list[tuple[str, int, int | None]] = []
    copydesk.run(["a.jsonl", "b.jsonl.gz"], "out", only_find=True, threads=1, told=lambda *told: heard.append(told))
    reading = [(done, of) for step, done, of in heard if step == "seeds" and done]
    assert len(reading) > 10
    assert reading[-1] == (2 * len(rows), 2 * len(rows))
    assert all(done <= of for done, of in reading)
    half = next(of for done, of in reading if done >= len(rows))
    assert 1.2 * len(rows) <= half <= 3 * len(rows)  # packed files say more in fewer bytes


def start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, "run", "-o", "out", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    )


def many_rows() -> list[dict[str, str]]:
    return [{"id": r["copy_id"], "text": r["text"]} for r in small_corpus(seed=2, stories=250)]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_goes_on_from_what_was_finished(sent):
    write("a.jsonl", lines(*many_rows()))
    running = start("a.jsonl", "--threads", "2")
    waited_until(lambda: Path(".out.part/unfinished.json").exists())
    workers = children(running.pid)
    if sent == signal.SIGINT:
        os.killpg(running.pid, sent)  # as Ctrl-C does: the workers get it too
    else:
        running.send_signal(sent)
    out, said = running.communicate(timeout=MOST)
    assert running.returncode == (130 if sent == signal.SIGINT else -signal.SIGKILL)
    assert out == b""
    assert not Path("out").exists()
    if sent == signal.SIGINT:
        how = b"what was finished is kept: the same command with --resume goes on from there"
        assert said == b"copydesk: stopped; " + how + b"\n"
    waited_until(lambda: not any(alive(pid) for pid in workers))

    assert "add --resume to go on, or --overwrite" in fails(2, "a.jsonl", "-o", "out")
    assert "had other settings; ask for the same" in fails(2, "a.jsonl", "-o", "out", "--resume", "--same", "0.4")
    found = Path(".out.part/copies.parquet").stat().st_mtime_ns
    resumed = run("a.jsonl", "-o", "out", "--resume")
    assert Path("out/copies.parquet").stat().st_mtime_ns == found
    assert resumed["counts"] == run("a.jsonl", "-o", "again")["counts"]
    assert tables("out") == tables("again")
    assert sorted(path.name for path in Path().iterdir()) == ["a.jsonl", "again", "out"]


def test_a_large_story_is_begun_first_and_the_tables_are_the_same(monkeypatch):
    large = [{"id": f"z{n}", "text": "The ferry sank off the harbour on Friday. " * 90} for n in range(40)]
    write("a.jsonl", lines(*many_rows(), *large))
    orders = []

    def divided(order):
        plan = parts.plan
        with monkeypatch.context() as patched:
            patched.setattr(parts, "plan", lambda copies, folder: plan(copies, folder, 8_000))
            patched.setattr(parts, "largest_first", lambda folder: orders.append(order(folder)) or orders[-1])
            pipeline.run("a.jsonl", "out", threads=1, overwrite=True)
        return tables("out")

    first = parts.largest_first
    assert divided(first) == divided(lambda folder: sorted(first(folder)))
    order, in_turn = orders
    assert order[0] == in_turn[-1] > 8  # that of the story whose name comes last
    assert sorted(order) == in_turn


def test_a_run_that_is_stopped_before_anything_was_finished_leaves_nothing():
    running = half_read("--only", "find")
    os.killpg(running.pid, signal.SIGINT)
    assert running.communicate(timeout=MOST) == (b"", b"copydesk: stopped\n")
    assert running.returncode == 130
    assert list(Path().iterdir()) == []


def test_a_worker_that_is_killed_is_told():
    write("a.jsonl", lines(*many_rows()))
    running = start("a.jsonl", "--threads", "2")
    waited_until(lambda: Path(".out.part/unfinished.json").exists() and len(children(running.pid)) >= 2)
    workers = children(running.pid)
    os.kill(workers[-1], signal.SIGKILL)
    out, said = running.communicate(timeout=MOST)
    assert (running.returncode, out) == (1, b"")
    assert said.startswith(b"copydesk: a worker was killed, most likely for want of memory; give fewer --threads; what was")
    waited_until(lambda: not any(alive(pid) for pid in workers))


def test_two_runs_do_not_write_one_folder():
    write("a.jsonl", lines(*demo_rows()))
    running = half_read("--only", "find")
    done = command("run", "a.jsonl", "-o", "out", "--overwrite")
    assert (done.returncode, b"another process is writing out" in done.stderr) == (2, True)
    running.communicate(timeout=MOST)
    assert running.returncode == 0
    assert json.loads(Path("out/run.json").read_text("utf-8"))["counts"]["documents"] == len(many_rows())


def half_read(*arguments: str) -> subprocess.Popen[bytes]:
    """A run that reads, and waits for more on standard input."""
    running = start("-", *arguments)
    running.stdin.write(lines(*many_rows()).encode())
    running.stdin.flush()
    waited_until(Path(".out.part/rejected.jsonl").exists)
    return running


def waited_until(true) -> None:
    until = time.monotonic() + MOST
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
