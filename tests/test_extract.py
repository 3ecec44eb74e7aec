"""`copydesk extract`, and pages in `copydesk run`, as users use them."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from zlib import crc32

import pytest

from copydesk.sources.extractors import EXTRACTORS, Said, installed
from copydesk.story import extract
from made_pages import ARTICLES, LAYOUTS, modern, text
from test_cli import environment, run

pytestmark = pytest.mark.skipif(
    len(installed()) < len(EXTRACTORS), reason="the extractors are not all installed: pip install 'copydesk[html]'"
)
STORY = ARTICLES[0]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("page.html").write_text(modern(STORY), "utf-8")
    return tmp_path


def flat(words: str) -> str:
    return " ".join(words.split())


def record(url: str, body: bytes, *, kind: str = "text/html; charset=utf-8", status: str = "200 OK", more: str = "") -> bytes:
    """A record of a web archive that holds what a server answered."""
    answer = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}\r\n".encode() + body
    names = {
        "WARC-Type": "response",
        "WARC-Target-URI": url,
        "WARC-Date": "2024-03-05T08:00:00Z",
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-0000-0000-{crc32(url.encode()):012}>",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(answer)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in names.items())
    return f"WARC/1.0\r\n{head}\r\n".encode() + answer + b"\r\n\r\n"


def rows(path: Path) -> list[dict]:
    import pyarrow.parquet as pq

    return pq.read_table(path).to_pylist()


def rejected(out: str) -> list[dict]:
    return [json.loads(line) for line in Path(out, "rejected.jsonl").read_text("utf-8").splitlines()]


# -- one page


def test_the_text_is_the_story(folder):
    done = run("extract", "page.html", "--text")
    assert (done.returncode, done.stderr) == (0, b"")
    assert flat(done.stdout.decode()) == flat(text(STORY))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_word_of_a_story_is_lost_in_any_layout(layout):
    edition = extract(LAYOUTS[layout](STORY).encode(), layout)
    for paragraph in STORY["paragraphs"]:
        assert flat(paragraph) in flat(edition.text)


def test_json_has_the_copies_and_who_told_what(folder):
    edition = json.loads(run("extract", "page.html", "--json").stdout)
    ids = {copy["id"]: copy["source"] for copy in edition["copies"]}
    assert ids
    assert all(id_ == f"page.html#{source}" and source in EXTRACTORS for id_, source in ids.items())
    told = {}
    for fact in reversed(edition["metadata"]):
        told[fact["name"]] = fact["value"]
        assert fact["place"]["copy"] in ids
    assert told["headline"] == STORY["title"]
    assert told["byline"] == STORY["byline"]
    assert told["published"] == STORY["date"]
    assert told["language"] == "en"
    assert {copy["published"] for copy in edition["copies"]} == {STORY["date"]}
    dated = [fact["place"]["copy"] for fact in edition["metadata"] if fact["name"] == "published"]
    assert {"page.html#trafilatura", "page.html#newspaper4k"} <= set(dated)


def test_standard_input_an_address_and_a_page_as_output(folder):
    done = run("extract", "-", "--url", "https://courier.example/a", "--html", "-o", "out.html", stdin=modern(STORY))
    assert (done.returncode, done.stdout) == (0, b"")
    assert "stdin#trafilatura" in Path("out.html").read_text("utf-8")
    edition = json.loads(run("extract", "-", "--url", "https://courier.example/a", "--json", stdin=modern(STORY)).stdout)
    assert {copy["url"] for copy in edition["copies"]} == {"https://courier.example/a"}


def test_in_a_terminal_a_fact_is_one_line_with_all_who_tell_it(folder):
    shown = run("extract", "page.html", COLUMNS="200").stdout.decode()
    byline = next(line for line in shown.splitlines() if line.startswith("byline:"))
    assert "page.html#newspaper4k; page.html#trafilatura" in byline


def test_what_a_page_tells_is_shown_and_not_obeyed(folder):
    told = '<meta name="author" content="Ines &#27;[2J &#x202E; Halloran &lt;script&gt;alert(1)&lt;/script&gt;">'
    Path("page.html").write_text(modern(STORY).replace("<head>", f"<head>{told}").replace(STORY["byline"], ""), "utf-8")
    shown = run("extract", "page.html").stdout.decode()
    assert "Ines" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    html = run("extract", "page.html", "--html").stdout.decode()
    assert "Ines" in html
    assert "<script>alert" not in html


def test_the_same_page_gives_the_same_bytes(folder):
    first, second = (run("extract", "page.html", "--json", PYTHONHASHSEED=seed).stdout for seed in ("1", "2"))
    assert first
    assert first == second


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nothing.html"], 2, "no such file: nothing.html"),
        (["https://courier.example/a"], 2, "nothing is fetched"),
        (["page.html", "--json", "--text"], 2, "cannot go together"),
        (["page.html", "--text", "-o", "page.html"], 2, "no copy is ever changed"),
        (["empty.html"], 1, "empty.html is empty"),
        (["frames.html"], 1, "no extractor found a text in frames.html"),
        (["picture.html"], 1, "is not text but binary"),
    ],
)
def test_what_cannot_be_done_is_one_line(folder, arguments, code, said):
    Path("empty.html").write_text(" \n")
    Path("frames.html").write_text("<html><frameset><frame src='a'></frameset></html>")
    Path("picture.html").write_bytes(bytes(range(32)) * 99)
    done = run("extract", *arguments)
    assert (done.returncode, done.stdout) == (code, b"")
    assert said in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


def test_extractors_that_are_not_there_are_told_and_the_others_go_on(folder):
    def without(*modules: str) -> subprocess.CompletedProcess[bytes]:
        script = (
            "import importlib.util as util, sys\n"
            f"missing, found = {set(modules)!r}, util.find_spec\n"
            "util.find_spec = lambda name, *more: None if name in missing else found(name, *more)\n"
            "from copydesk.cli import main\n"
            "sys.argv = ['copydesk', 'extract', 'page.html', '--json']\n"
            "main()\n"
        )
        return subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment(), check=False)

    some = without("trafilatura", "resiliparse")
    assert some.returncode == 0
    assert b"resiliparse, trafilatura are not installed, so 3 of 5 extractors read; pip install 'copydesk[html]'" in some.stderr
    sources = {copy["source"] for copy in json.loads(some.stdout)["copies"]}
    assert sources
    assert sources <= {"jusText", "newspaper4k", "readability-lxml"}
    none = without("trafilatura", "resiliparse", "newspaper", "readability", "justext")
    assert (none.returncode, none.stdout) == (1, b"")
    assert none.stderr == b"copydesk: no extractor is installed to read pages with; pip install 'copydesk[html]'\n"


def test_a_page_that_no_extractor_can_end_is_given_up(monkeypatch):
    """Lexbor works for hours on this markup, in code that hears of no alarm."""
    monkeypatch.setattr("copydesk.sources.reader.MOST", 1)
    notes: list[str] = []
    deep = "<div>" * 60_000 + "".join(f"<p>{paragraph}</p>" for paragraph in STORY["paragraphs"])
    with pytest.raises(ValueError, match="no extractor found a text") as error:
        extract(f"<html><body>{deep}".encode(), "deep", noted=notes.append)
    assert "resiliparse could not read deep: took more than 1 s of the processor" in str(error.value)


def test_one_extractor_that_throws_does_not_stop_the_others():
    """A story within a picture's markup is more than trafilatura expects."""
    notes: list[str] = []
    body = "".join(f"<p>{paragraph}</p>" for paragraph in STORY["paragraphs"])
    edition = extract(f"<svg>{body}".encode(), "odd", noted=notes.append)
    assert flat(STORY["paragraphs"][3]) in flat(edition.text)
    assert [note.partition(": failed: ")[0] for note in notes] == ["trafilatura could not read odd"]


def test_extractors_that_read_different_texts_give_that_of_the_longest(monkeypatch):
    from copydesk.model import Copy
    from copydesk.sources.html import Page

    long, short = (text(article) for article in ARTICLES[1:3])
    copies = [Copy(name, words) for name, words in (("a", long + " One more."), ("b", long), ("c", short), ("d", short))]
    monkeypatch.setattr("copydesk.sources.html.read_page", lambda *given, **more: Page(copies, [], None, []))
    notes: list[str] = []
    assert flat(extract(b"", noted=notes.append).text).startswith(flat(max(long, short, key=len)))
    assert len(notes) == 1
    assert "the edition is of the longest text" in notes[0]


# -- pages in a corpus


def test_a_folder_of_pages(folder):
    for n, (name, layout) in enumerate(LAYOUTS.items()):
        Path("site", name).mkdir(parents=True)
        Path("site", name, "a.html").write_text(layout(ARTICLES[1]), "utf-8")
        Path("site", name, "b.htm").write_text(layout(ARTICLES[2 + n]), "utf-8")
    Path("site", "empty.html").write_text("")
    Path("site", "note.txt").write_text(text(ARTICLES[9]), "utf-8")
    assert run("run", "site", "-o", "out", "--threads", "2").returncode == 0
    copies = rows(Path("out/copies.parquet"))
    assert {copy["source"] for copy in copies} <= {*EXTRACTORS, None}
    of_a = {copy["story_id"] for copy in copies if "/a.html#" in copy["copy_id"]}
    assert len(of_a) == 1
    told = json.loads(next(copy["other"] for copy in copies if copy["copy_id"] == "modern/a.html#trafilatura"))
    assert told == {"byline": ARTICLES[1]["byline"], "headline": ARTICLES[1]["title"], "language": "en"}
    assert [(row["file"], row["row"]) for row in rejected("out")] == [("site/empty.html", 1)]
    tables = ("copies.parquet", "stories.parquet", "variants.parquet", "rejected.jsonl")
    before = [Path("out", name).read_bytes() for name in tables]
    assert run("run", "site", "-o", "out", "--threads", "1", "--overwrite").returncode == 0
    assert [Path("out", name).read_bytes() for name in tables] == before


def test_a_web_archive(folder):
    pytest.importorskip("fastwarc", reason="fastwarc is not installed: pip install 'copydesk[warc]'")
    import pyarrow as pa

    page = modern(STORY).encode()
    parts = [page[at : at + 700] for at in range(0, len(page), 700)]
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    western = LAYOUTS["weblog"](STORY).replace('charset="utf-8"', 'charset="x"').encode("cp1252", "xmlcharrefreplace")
    records = [
        record("https://a.example/plain", page),
        record("https://a.example/gzip", gzip.compress(page), more="Content-Encoding: gzip\r\n"),
        record("https://a.example/chunked", chunked, more="Transfer-Encoding: chunked\r\n"),
        record("https://a.example/kept-header", page, more="Content-Encoding: gzip\r\n"),
        record("https://a.example/western", western, kind="text/html; charset=windows-1252"),
        record("https://a.example/gone", page, status="404 Not Found"),
        record("https://a.example/spoilt", b"\x1f\x8b spoilt", more="Content-Encoding: gzip\r\n"),
        record("https://a.example/picture", b"\x89PNG", kind="image/png"),
        record("https://a.example/odd", page, more="Content-Encoding: compress\r\n"),
    ]
    Path("a.warc").write_bytes(b"".join(records))
    Path("a.warc.gz").write_bytes(b"".join(map(gzip.compress, records)))
    Path("a.warc.zst").write_bytes(b"".join(pa.compress(one, "zstd", asbytes=True) for one in records))
    tables = {}
    for name in ("a.warc", "a.warc.gz", "a.warc.zst"):
        done = run("run", name, "-o", "out", "--overwrite")
        assert done.returncode == 0
        tables[name] = Path("out/copies.parquet").read_bytes()
        assert [(row["row"], row["reason"].partition(": ")[2]) for row in rejected("out")] == [
            (6, "the server answered with status 404"),
            (7, "the page is packed as 'gzip' and spoilt"),
            (9, "the page is packed as 'compress', which cannot be unpacked"),
        ]
    assert len(set(tables.values())) == 1
    copies = rows(Path("out/copies.parquet"))
    assert len({copy["story_id"] for copy in copies}) == 1
    assert {copy["url"].rpartition("/")[2] for copy in copies} == {"plain", "gzip", "chunked", "kept-header", "western"}
    plain = [copy for copy in copies if copy["url"].endswith("/plain")]
    assert {copy["copy_id"] for copy in plain} == {
        f"https://a.example/plain@2024-03-05T08:00:00Z#{copy['source']}" for copy in plain
    }
    assert json.loads(plain[0]["other"])["captured"] == "2024-03-05T08:00:00Z"
    assert [row["title"] for row in rows(Path("out/stories.parquet"))] == [STORY["title"]]


@pytest.mark.parametrize(("cut", "why"), [(100, "the record is cut off"), (None, "cut off or spoilt from here on")])
def test_a_web_archive_that_is_cut_or_spoilt(folder, cut, why):
    pytest.importorskip("fastwarc", reason="fastwarc is not installed: pip install 'copydesk[warc]'")
    page = modern(STORY).encode()
    whole, other = record("https://a.example/1", page), record("https://a.example/2", page)
    Path("a.warc").write_bytes((whole + other)[:-cut] if cut else whole + b"no record at all\r\n" * 9 + other)
    assert run("run", "a.warc", "-o", "out").returncode == 0
    assert {copy["url"] for copy in rows(Path("out/copies.parquet"))} == {"https://a.example/1"}
    [row] = rejected("out")
    assert row["row"] == 2
    assert why in row["reason"]


def test_said_is_what_extractors_say():
    """The order of the fields is that in which the process sends them."""
    assert Said._fields == ("text", "headline", "byline", "published", "language")
