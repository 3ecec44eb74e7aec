"""Input as it should not be, through the command: told in one line or row by row, and nothing is lost in silence."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from test_cli import COMMAND, HIGHEST, environment, highest, lines, write

GOOD = [{"id": f"good-{n}", "text": f"The ferry number {n} left the harbour of Marl at noon with all hands."} for n in range(5)]
LARGE = 500 << 20


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*COMMAND, "run", *arguments, "--threads", "1"], env=environment(), **(pipes | options))


def run(*arguments: str, **options: object) -> tuple[dict, list[tuple[str, int, str]]]:
    """The counts of a run that went well, and the rows it rejected."""
    with start(*arguments, "-o", "out", "--only", "find", "--json", **options) as running:
        out, said = running.communicate(timeout=300)
    assert (running.returncode, said) == (0, b"")
    told = [json.loads(line) for line in Path("out/rejected.jsonl").read_text("utf-8").splitlines()]
    counts = json.loads(out)["counts"]
    assert counts["rejected"] == len(told)
    return counts, [(row["file"], row["row"], row["reason"]) for row in told]


def fails(code: int, *arguments: str, **options: object) -> str:
    """The one line that a failing run says; it leaves nothing that was not there."""
    before = sorted(Path().iterdir())
    with start(*arguments, "-o", "out", **options) as running:
        out, said = running.communicate(timeout=300)
    assert (running.returncode, out) == (code, b""), said
    assert b"Traceback" not in said
    assert said.startswith(b"copydesk: ")
    assert said.count(b"\n") == 1
    assert sorted(Path().iterdir()) == before
    return said.decode().removeprefix("copydesk: ").rstrip()


def ids() -> list[str]:
    return sorted(pq.read_table("out/copies.parquet").column("copy_id").to_pylist())


def test_a_truncated_zst():
    rows = [{"id": f"{n:05}", "text": f"{n} " + random.Random(n).randbytes(200).hex()} for n in range(5000)]
    packed = pa.compress(lines(*rows).encode(), codec="zstd", asbytes=True)
    write("cut.jsonl.zst", packed[: len(packed) // 2])
    counts, ((name, row, why),) = run("cut.jsonl.zst")
    assert (name, row) == ("cut.jsonl.zst", counts["documents"] + 1)
    assert why.startswith("the file is cut off or spoilt from here on: ")
    assert ids() == [f"{n:05}" for n in range(counts["documents"])]
    assert counts["documents"] > 1000


def test_a_parquet_file_without_the_column_of_texts():
    write("good.jsonl", lines(*GOOD))
    pq.write_table(pa.table({"id": [1], "body": ["words"]}), "bad.parquet")
    said = fails(2, "good.jsonl", "bad.parquet")
    assert said == "bad.parquet has no column 'text' (it has id, body); name the column of the texts with --text"
    said = fails(2, "good.jsonl", "--source", "outlet")
    assert said == "good.jsonl has no column 'outlet' (it has id, text); name another with --source"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
def test_a_line_of_500_mb_takes_no_memory():
    with Path("long.jsonl").open("wb") as file:
        file.write(lines(*GOOD[:3]).encode() + b'{"id": "long", "text": "')
        file.seek(LARGE, os.SEEK_CUR)  # a hole, which reads as NULs and takes no disk
        file.write(b'"}\n' + lines(*GOOD[3:]).encode())
    write("short.jsonl", lines(*GOOD))
    took = []
    for name in ("short", "long"):
        with subprocess.Popen(["cat", f"{name}.jsonl"], stdout=subprocess.PIPE) as sending:
            command = [sys.executable, "-c", HIGHEST, "run", "-", "-o", name, "--only", "find", "--threads", "1"]
            done = subprocess.run(command, stdin=sending.stdout, capture_output=True, env=environment(), check=False)
            assert (done.returncode, done.stderr) == (0, b"")
        assert sending.returncode == 0
        assert pq.read_table(f"{name}/copies.parquet").column("copy_id").to_pylist() == [row["id"] for row in GOOD]
        took.append(highest(done.stdout))
    told = json.loads(Path("long/rejected.jsonl").read_text("utf-8"))
    assert told == {"file": "-", "row": 4, "reason": "the line is longer than 32 MB"}
    assert took[1] < took[0] + 200


def test_ids_twice_and_of_mixed_types_and_texts_that_are_none():
    rows = [
        *({"id": 1, "text": GOOD[0]["text"]}, {"id": "1", "text": "again"}, {"id": 1.0, "text": "again"}),
        *({"id": "a", "text": GOOD[1]["text"]}, {"id": "a", "text": GOOD[1]["text"]}, {"id": 1.5, "text": GOOD[2]["text"]}),
        *({"id": "null", "text": None}, {"id": "none"}, {"id": "empty", "text": ""}, {"id": "blank", "text": "\u3000\r\n"}),
        *(
            {"id": None, "text": GOOD[3]["text"]},
            {"id": {"$oid": "5"}, "text": "words"},
            {"id": float("nan"), "text": GOOD[4]["text"]},
        ),
    ]
    write("a.jsonl", lines(*rows))
    counts, told = run("a.jsonl")
    assert ids() == ["1", "1.5", "a", "a.jsonl:11", "a.jsonl:13"]
    assert counts["documents"] == 5
    assert told == [
        *(("a.jsonl", 2, "the id '1' was given before"), ("a.jsonl", 3, "the id '1' was given before")),
        *(
            ("a.jsonl", 5, "the id 'a' was given before"),
            ("a.jsonl", 7, "no text in 'text'"),
            ("a.jsonl", 8, "no text in 'text'"),
        ),
        *(("a.jsonl", 9, "the text is empty"), ("a.jsonl", 10, "the text is empty")),
        ("a.jsonl", 12, "'id' is neither a string nor a number"),
    ]


def test_where_no_row_is_a_copy_the_first_reason_is_told():
    write("a.jsonl", "{broken\n")
    assert "(a.jsonl, row 1: not JSON: " in fails(1, "a.jsonl")
    write("a.jsonl", '{"text": "never closed\n')
    assert "(a.jsonl, row 1: not JSON: Unterminated string starting at character 10)" in fails(1, "a.jsonl")
    write("b.csv", "id,text\n1,\n")
    assert "(b.csv, row 2: the text is empty)" in fails(1, "b.csv")
    for name in ("c.jsonl", "c.csv"):
        write(name, "")
        assert fails(1, name).startswith(f"there is no copy to read in {name}")
    assert fails(1, "-").startswith("there is no copy to read in standard input")
    write("d.parquet", "")
    assert fails(1, "d.parquet").startswith("d.parquet is not a whole Parquet file")


def test_names_that_stand_for_nothing():
    Path("empty").mkdir()
    write("picture.png", b"\x89PNG")
    assert fails(2, "empty").startswith("there is nothing to read in empty; what can be read is JSON Lines")
    assert fails(2, "no*.jsonl").startswith("there is nothing to read by the pattern no*.jsonl")
    assert fails(2, "picture.png").startswith("picture.png is none of the files that can be read: JSON Lines")
    assert fails(2, "gone.jsonl") == "no such file: gone.jsonl"
    os.mkfifo("pipe.jsonl")
    assert fails(2, "pipe.jsonl") == "pipe.jsonl is a pipe or a device, and no file; give it on standard input, as -"


def test_a_corpus_of_all_kinds_at_once():
    Path("news/sport").mkdir(parents=True)
    write("news/a.jsonl", lines(GOOD[0]))
    write("news/b.csv", f"id,text\ngood-1,{GOOD[1]['text']}\n")
    write("news/sport/good-2.txt", GOOD[2]["text"])
    write("more.jsonl", lines(GOOD[3], GOOD[0]))
    with Path("more.jsonl").open("rb") as file:
        counts, told = run("news", "news/**/*.csv", "news/**", "-", stdin=file)
    assert ids() == ["good-0", "good-1", "good-3", "sport/good-2.txt"]
    assert told == [("news/a.jsonl", 1, "the id 'good-0' was given before")]
    inputs = {row["name"]: row for row in json.loads(Path("out/run.json").read_text("utf-8"))["inputs"]}
    assert list(inputs) == ["-", "news/", "news/a.jsonl", "news/b.csv"]
    assert inputs["-"]["size"] == Path("more.jsonl").stat().st_size
    assert counts["documents"] == 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission():
    write("a.jsonl", lines(*GOOD))
    Path("a.jsonl").chmod(0)
    assert "a.jsonl may not be read" in fails(2, "a.jsonl")
    Path("shut").mkdir(mode=0)
    assert "shut may not be read" in fails(2, "shut")
    Path("news").mkdir()
    write("news/a.txt", "words")
    write("news/b.txt", "words")
    Path("news/b.txt").chmod(0)
    assert "news/b.txt may not be read" in fails(2, "news")
    assert "news/b.txt may not be read" in fails(2, "news/b.txt")


def test_a_disk_that_is_full():
    write("a.jsonl", lines(*({"id": n, "text": random.Random(n).randbytes(500).hex()} for n in range(3000))))

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    for more in ((), ("--only", "find")):
        said = fails(1, "a.jsonl", *more, preexec_fn=small_files)
        assert "too large" in said.lower()
    with Path("/dev/full").open("wb") as full:
        running = start("a.jsonl", "-o", "out", "--only", "find", "--json", stdout=full)
        _, said = running.communicate(timeout=300)
    assert running.returncode == 1
    assert b"No space left on device" in said
    assert said.count(b"\n") == 1
    assert Path("out/run.json").exists()
