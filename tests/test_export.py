"""`copydesk export` as users run it: real runs, real processes, files that other tools open."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lxml import etree

import copydesk
from copydesk import Copy, Edition
from copydesk.again import editions, told
from copydesk.demo.corpus import corpus
from copydesk.export.formats import pieces
from copydesk.export.item import items
from copydesk.model import Known
from copydesk.record.metadata import metadata
from test_cli import COMMAND, environment, lines
from test_cli import run as command
from test_export_news import NINJS
from test_export_tei import TEI, parsed, rebuilt
from test_versions import FIRST, SECOND, story, text

LINES = ("annotation", "schema.org", "ninjs", "collatex", "jsonl")
FORMATS = ("tei", *LINES, "parquet")
OTHER = "Bakers in the upper town have raised the price of rye bread by a tenth, their guild announced at noon on Friday."


def rows() -> list[dict[str, Any]]:
    """The demo, a story in two versions, a copy alone, one without words, and copies under one story that are of two texts."""
    copies = [(c, told.copies[0].id) for told in corpus() for c in told.copies]
    copies += [(Copy(f"tram/{c.id}", c.text, "sallow", c.published), "tram") for c in story(FIRST, FIRST, SECOND, SECOND)]
    copies += [(Copy("alone", "The harbour office opened at noon. caf\u00c3\u00a9 \u2693", url="https://a.example/1"), "alone")]
    copies += [(Copy("marks", "!!! \x00"), "marks")]
    copies += [(Copy("mixed/1", OTHER), "mixed"), (Copy("mixed/2", text(SECOND)), "mixed")]
    return [
        {"id": c.id, "text": c.text, "source": c.source, "date": c.published, "url": c.url, "of": name} for c, name in copies
    ]


def made(folder: Path, given: list[dict[str, Any]], threads: str) -> copydesk.Run:
    """A run of some rows, in stories that they name."""
    (folder / "news.jsonl").write_text(lines(*given), "utf-8")
    done = subprocess.run(
        [*COMMAND, "run", "news.jsonl", "-o", "news", "--story", "of", "--threads", threads],
        cwd=folder,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return copydesk.Run(folder / "news")


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> copydesk.Run:
    """A run of all that."""
    return made(tmp_path_factory.mktemp("export"), rows(), "1")


@pytest.fixture(scope="module")
def reversed_run(tmp_path_factory) -> copydesk.Run:
    """The same, in another order and by other threads."""
    return made(tmp_path_factory.mktemp("export"), rows()[::-1], "2")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def export(run: copydesk.Run, *arguments: str) -> bytes:
    done = command("export", str(run.path), *arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def objects(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


def fails(code: int, *arguments: str) -> str:
    """The one line that a failing export says; it leaves no file, hidden or not."""
    before = sorted(Path().iterdir())
    done = command("export", *arguments)
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b"")
    assert said.startswith("copydesk: ")
    assert said.count("\n") == 1
    assert sorted(Path().iterdir()) == before
    return said.removeprefix("copydesk: ").rstrip()


# -- what is written


def test_tei_has_every_story_and_every_copy_to_the_letter(run):
    export(run, "--to", "tei", "-o", "news.xml")
    root = parsed(Path("news.xml").read_bytes().decode())
    assert root.tag == TEI + "teiCorpus"
    assert root.findtext(f"{TEI}teiHeader/{TEI}fileDesc/{TEI}titleStmt/{TEI}title") == "news"
    copies: dict[str, str] = {}
    for tei in root.iter(TEI + "TEI"):
        copies |= rebuilt(tei)
    left_out = {row["copy_id"] for row in run.table("left_out").to_pylist() if row["reason"] != "another text"}
    assert left_out  # the copy that is not of its story; it is in left_out.parquet and texts.parquet
    assert copies == {row["id"]: row["text"] for row in rows() if row["id"] not in left_out}


def test_one_story_is_one_document(run):
    done = export(run, "--to", "tei", "--story", "tram")
    root = parsed(done.decode())
    assert root.tag == TEI + "TEI"
    assert sorted(rebuilt(root)) == ["tram/00", "tram/01", "tram/02", "tram/03"]
    assert etree.fromstring(done).findtext(f".//{TEI}idno[@type='story']") == "tram"


@pytest.mark.parametrize("form", ["annotation", "schema.org", "ninjs"])
def test_each_version_is_an_object_on_a_line(run, form):
    found = objects(export(run, "--to", form))
    stories = run.stories().to_pylist()
    assert len(found) == len(stories)
    body = {
        "annotation": lambda node: node["first"]["items"][0]["body"]["value"],
        "schema.org": lambda node: node["articleBody"],
        "ninjs": lambda node: node["bodies"][0]["value"],
    }[form]
    assert [body(node) for node in found] == [row["text"] for row in stories]
    if form == "ninjs":
        for node in found:
            NINJS.validate(node)
    tram = objects(export(run, "--to", form, "--story", "tram"))
    assert [body(node) for node in tram] == [text(FIRST), text(SECOND)]


def test_addresses_are_below_the_base(run):
    (node, *_) = objects(export(run, "--to", "ninjs", "--base", "https://news.example/s", "--story", "tram"))
    assert node["uri"] == "https://news.example/s/tram"


def test_collatex_has_a_table_a_story(run):
    found = objects(export(run, "--to", "collatex"))
    assert [node["story"] for node in found] == sorted({row["story_id"] for row in run.stories().to_pylist()})
    texts = {row["id"]: row["text"] for row in rows()}
    for node in found:
        for n, name in enumerate(node["witnesses"]):
            assert "".join(token["t"] for row in node["table"] for token in row[n]) == texts[name]


def test_jsonl_and_parquet_have_a_row_a_story(run):
    found = objects(export(run, "--to", "jsonl"))
    export(run, "--to", "parquet", "-o", "news.parquet")
    assert pq.read_table("news.parquet").to_pylist() == found
    stories = run.stories().to_pylist()
    same = ("version", "text", "n_copies", "n_lines", "n_variants", "confidence")
    assert [tuple(row[name] for name in same) for row in found] == [tuple(row[name] for name in same) for row in stories]
    assert [row["id"] for row in found] == [row["story_id"] for row in stories]
    by_id = {(row["id"], row["version"]): row for row in found}
    assert by_id["tram", 2]["copies"] == ["tram/02", "tram/03"]
    assert by_id["tram", 1]["published"] == "2031-05-01"
    assert by_id["alone", 1]["urls"] == ["https://a.example/1"]
    assert by_id["alone", 1]["confidence"] is None
    assert any(row["authors"] for row in found)
    assert any(row["dateline"] for row in found)
    assert list(found[0]) == pq.read_schema("news.parquet").names


def test_other_tools_read_the_rows(run):
    export(run, "--to", "parquet", "-o", "news.parquet")
    export(run, "--to", "jsonl", "-o", "news.jsonl.gz")
    for name in ("news.parquet", "news.jsonl.gz"):
        asked = duckdb.sql(f"SELECT count(*), sum(n_copies), count(DISTINCT id) FROM '{name}'").fetchall()
        n = len({row["story_id"] for row in run.stories().to_pylist()})
        assert asked == [(run.stories().num_rows, len(rows()), n)]


def test_packed_files_are_the_same(run):
    plain = export(run, "--to", "jsonl")
    export(run, "--to", "jsonl", "-o", "news.jsonl.gz")
    export(run, "--to", "jsonl", "-o", "news.jsonl.zst")
    assert gzip.decompress(Path("news.jsonl.gz").read_bytes()) == plain
    with pa.input_stream("news.jsonl.zst", compression="zstd") as file:
        assert file.read() == plain
    first = Path("news.jsonl.gz").read_bytes()
    export(run, "--to", "jsonl", "-o", "news.jsonl.gz", "--overwrite")
    assert Path("news.jsonl.gz").read_bytes() == first


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_stories_are_the_same_bytes(run, reversed_run, form):
    export(run, "--to", form, "-o", "one")
    export(reversed_run, "--to", form, "-o", "two")
    assert Path("one").read_bytes() == Path("two").read_bytes()


def test_reconcile_writes_tei():
    for copy in story(FIRST, FIRST, SECOND, SECOND):
        Path(f"{copy.id}.txt").write_text(copy.text, "utf-8")
    names = sorted(map(str, Path().glob("*.txt")))
    done = command("reconcile", *names, "--tei", "-o", "edition.xml")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert rebuilt(parsed(Path("edition.xml").read_text("utf-8"))) == {name: Path(name).read_text("utf-8") for name in names}


# -- what goes wrong


def test_a_file_that_is_there_is_not_replaced_unless_told(run):
    Path("news.xml").write_text("mine")
    assert fails(2, str(run.path), "--to", "tei", "-o", "news.xml") == (
        "news.xml exists; name another file with -o, or add --overwrite to replace it"
    )
    assert Path("news.xml").read_text() == "mine"
    export(run, "--to", "tei", "-o", "news.xml", "--overwrite")
    parsed(Path("news.xml").read_text("utf-8"))


def test_wrong_use_says_what_to_do(run):
    out = str(run.path)
    assert fails(2, out, "--to", "parquet") == "parquet needs a file to be written to; add -o FILE"
    assert "there is no story nobody in" in fails(2, out, "--to", "jsonl", "--story", "nobody")
    assert "there is no story nobody in" in fails(2, out, "--to", "parquet", "--story", "nobody", "-o", "x.parquet")
    assert "there is no story nobody in" in fails(2, out, "--to", "tei", "--story", "nobody", "-o", "x.xml")
    assert fails(2, out, "--to", "tei", "--base", "https://a.example/") == (
        "--base is for annotation, schema.org, ninjs; tei has no addresses"
    )
    assert fails(2, out, "--to", "parquet", "-o", "/dev/null") == (
        "parquet needs a file to be written to, and /dev/null is none; choose another with -o"
    )
    assert export(run, "--to", "tei", "-o", "/dev/null") == b""
    assert Path("/dev/null").is_char_device()
    assert "is no address" in fails(2, out, "--to", "ninjs", "--base", "a b")
    assert "stays as it is" in fails(2, out, "--to", "tei", "-o", f"{out}/news.xml")
    assert "is a directory" in fails(2, out, "--to", "tei", "-o", ".")
    assert "there is no directory" in fails(2, out, "--to", "tei", "-o", "nowhere/news.xml")
    assert "'docx' is not one of 'tei'" in fails(2, out, "--to", "docx")
    assert fails(2, "nothing", "--to", "tei") == (
        "nothing is not the folder of a run (it has no run.json); name one that copydesk run wrote"
    )


def test_a_run_without_editions_has_nothing_to_export(run):
    assert command("run", str(run.path.with_suffix(".jsonl")), "-o", "found", "--only", "find").returncode == 0
    assert fails(2, "found", "--to", "tei") == (
        "found has stories and no editions (--only find); run it again without, and export that"
    )
    Path("broken").mkdir()
    Path("broken/run.json").write_text("{")
    assert "is not what copydesk run writes" in fails(2, "broken", "--to", "tei")


def test_what_cannot_be_written_whole_is_not_there(run):
    import shutil

    shutil.copytree(run.path, "spoilt")
    data = Path("spoilt/texts.parquet").read_bytes()
    Path("spoilt/texts.parquet").write_bytes(data[: len(data) // 2])
    Path("news.xml").write_text("mine")
    assert fails(1, "spoilt", "--to", "tei", "-o", "news.xml", "--overwrite")
    assert Path("news.xml").read_text() == "mine"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_a_full_disk_is_said_in_a_line(run):
    assert "No space left" in fails(1, str(run.path), "--to", "jsonl", "-o", "/dev/full")


def test_who_has_read_enough_is_not_told(run):
    with subprocess.Popen(
        [*COMMAND, "export", str(run.path), "--to", "annotation"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(100)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1


# -- whoever has tables is exported


class Shelf:
    """Tables that are no run: as many stories as wanted, made when they are asked for."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.read = 0

    def known(self) -> Known:
        return Known()

    def decided(self, edition: Edition) -> Edition:
        return edition

    def rows(self, table: str, columns: Sequence[str], story: str | None) -> Iterator[dict[str, Any]]:
        made = {
            "texts": lambda id_, copy: {"text": f"The {id_} ferry sank on {('Monday', 'Tuesday', 'Tuesday')[copy]} at noon."},
            "copies": lambda id_, copy: {"source": f"s{copy}", "published": "2031-05-14", "url": None},
        }
        if table not in made:
            return
        for n in range(self.n):
            id_ = f"{n:06}"
            self.read = max(self.read, n)
            if story in (None, id_):
                for copy in range(3):
                    row = {"story_id": id_, "copy_id": f"{id_}/{copy}", **made[table](id_, copy)}
                    yield {name: row[name] for name in columns}


@pytest.mark.parametrize("form", ["tei", "annotation", "schema.org", "ninjs", "collatex"])
def test_stories_are_read_as_they_are_written(form):
    shelf = Shelf(1_000)
    heard: list[int] = []
    poured = pieces(shelf, form, title="shelf", heard=heard.append)
    while len(heard) < 3:
        next(poured)
    assert heard == [3, 3, 3]
    assert shelf.read < 10


def test_no_such_story_on_a_shelf():
    with pytest.raises(KeyError):
        list(pieces(Shelf(3), "ninjs", story="x", title="shelf", heard=lambda n: None))
    (line,) = pieces(Shelf(3), "ninjs", story="000001", title="shelf", heard=lambda n: None)
    assert json.loads(line)["bodies"][0]["value"] == "The 000001 ferry sank on Tuesday at noon."


# -- editions again


def test_editions_are_made_again_as_they_were(run):
    texts = {(row["story_id"], row["version"]): row["text"] for row in run.stories().to_pylist()}
    again: dict[str, Edition] = dict(run.editions())
    assert {(name, version.version): version.text for name, e in again.items() for version in (*e.earlier, e)} == texts
    for name in ("tram", "alone", "mixed", "marks"):
        assert run.edition(name) == again[name]
    with pytest.raises(KeyError):
        run.edition("nobody")
    assert [copy.id for copy in run.edition("mixed").copies] == ["mixed/2"]
    assert dict(editions(run, "tram")) == {"tram": again["tram"]}


def test_tables_tell_the_same_metadata(run):
    for row, edition in told(run):
        (whole,) = [item.edition for item in items("x", run.edition(row["story_id"])) if item.edition.version == row["version"]]
        assert edition.text == whole.text
        ours, theirs = (metadata(e.text, edition=e) for e in (edition, whole))
        assert [(d.name, d.value, d.rule, d.places, d.implied) for d in ours] == [
            (d.name, d.value, d.rule, d.places, d.implied) for d in theirs
        ]


def test_the_schema_of_ninjs_is_one():
    jsonschema.Draft202012Validator.check_schema(NINJS.schema)
