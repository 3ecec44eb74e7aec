"""Files to copies: encodings, JSON Lines, ids, and what is refused with which words."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from copydesk import sources
from copydesk.sources import Unreadable, read
from copydesk.sources.text import decode

ENGLISH = "The harbour master won’t sell the ferry – “not for €3 million,” she said at the Café Marl.\n"
FRENCH = "Le maire a déclaré que la rivière était « très élevée » après l’orage, et que le pont à côté resterait fermé.\n"
RUSSIAN = "Паром пересёк реку рано утром, а дорога в город была закрыта из-за наводнения.\n"
POLISH = "Prom przepłynął rzekę wcześnie rano, a droga do miasta była zamknięta z powodu powodzi, powiedział rzecznik.\n"
JAPANESE = "朝早くフェリーが川を渡り、町への道は洪水で閉鎖されていました。\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, data: str | bytes) -> str:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


# -- encodings


ENCODED = [
    *((text, "utf-8") for text in (ENGLISH, FRENCH, RUSSIAN, POLISH, JAPANESE)),
    *((text, encoding) for text in (ENGLISH, JAPANESE) for encoding in ("utf-8-sig", "utf-16", "utf-32")),
    *((text, encoding) for text in (ENGLISH, RUSSIAN) for encoding in ("utf-16-le", "utf-16-be")),
    *[(ENGLISH, "cp1252"), (FRENCH, "cp1252"), (POLISH, "cp1250"), (RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r")],
    *[(JAPANESE, "cp932"), (JAPANESE, "euc_jp"), (ENGLISH[:30].replace("’", "'") + "\0", "utf-8")],
]


@pytest.mark.parametrize(("text", "encoding"), ENCODED)
def test_an_encoding_is_told_and_noted(text, encoding):
    data = text.encode(encoding)
    got, note = decode(data, "b.txt")
    assert got == text
    assert (note is None) == encoding.startswith("utf-8")
    assert note is None or ("b.txt" in note and "\n" not in note)


@pytest.mark.parametrize("encoding", ["iso8859-2", "cp1250"])
def test_the_other_copies_tell_an_encoding_that_alone_is_a_guess(encoding):
    got, note = decode(POLISH.encode(encoding), "b.txt", [ENGLISH.encode(), POLISH.upper().encode() + POLISH.encode()])
    assert got == POLISH
    assert encoding in note
    assert "other copies" in note


def test_utf8_with_spoilt_bytes_stays_utf8():
    cut = FRENCH[: FRENCH.index("à") + 1].encode()[:-1]  # cut within a character, as a length limit does
    got, note = decode(cut, "b.txt")
    assert got == FRENCH[: FRENCH.index("à")] + "\ufffd"
    assert "spoilt" in note
    assert "U+FFFD" in note


@pytest.mark.parametrize(
    "text", ["a\r\nb\rc\nd\u2028e\x0cf\tg  \n\n", "with a\0 stray NUL\n", "\x1b[31mred\x1b[0m\n", "x" * 1_000_000]
)
def test_a_text_is_kept_to_the_letter(folder, text):
    write("a.txt", text)
    copies, notes = read(["a.txt"])
    assert (copies[0].text, notes) == (text, [])
    assert Path("a.txt").read_bytes() == text.encode()


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 4,
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\x06\0\0\0",
        b"PK\x03\x04\x14\0\0\0\x08\0" + bytes(range(7, 200)),
        b"\0\1\2",
    ],
)
def test_binary_is_refused(folder, data):
    write("a.bin", data)
    with pytest.raises(Unreadable, match=r"^a\.bin is not text but binary; .*extracted") as error:
        read(["a.bin"])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(folder, data):
    write("a.txt", "something")
    write("b.txt", data)
    with pytest.raises(Unreadable, match=r"^b\.txt is empty; leave it out"):
        read(["a.txt", "b.txt"])


def test_too_much_is_refused_whatever_the_files(folder, monkeypatch):
    monkeypatch.setattr(sources, "LIMIT", 1 << 20)
    write("a.txt", "a" * (1 << 19))
    write("b.txt", "b" * (1 << 19))
    assert len(read(["a.txt", "b.txt"])[0]) == 2
    write("c.txt", "c")
    with pytest.raises(Unreadable, match=r"^c\.txt: over 1 MB in all"):
        read(["a.txt", "b.txt", "c.txt"])


def test_what_cannot_be_opened_is_an_error_of_the_system(folder):
    with pytest.raises(FileNotFoundError):
        read(["nosuch.txt"])
    with pytest.raises(IsADirectoryError):
        read(["."])


# -- ids


@pytest.mark.parametrize(
    ("paths", "ids"),
    [
        (["a.txt", "b.txt"], ["a.txt", "b.txt"]),
        (["x/a.txt", "x/b.txt"], ["a.txt", "b.txt"]),
        (["x/a.txt", "y/a.txt", "y/b.txt"], ["x/a.txt", "y/a.txt", "b.txt"]),
        (["a.txt", "x/a.txt"], ["a.txt", "x/a.txt"]),
        (["x/y/a.txt", "z/y/a.txt"], ["x/y/a.txt", "z/y/a.txt"]),
    ],
)
def test_a_file_is_called_by_the_shortest_end_that_is_its_own(folder, paths, ids):
    for path in paths:
        write(path, f"text of {path}")
    for order in (1, -1):
        copies, _ = read(paths[::order])
        assert [copy.id for copy in copies] == ids[::order]
        assert [copy.text for copy in copies] == [f"text of {path}" for path in paths[::order]]


def test_a_name_that_is_no_utf8_still_makes_an_id(folder):
    name = os.fsdecode(b"caf\xe9.txt")
    try:
        write(name, "text")
    except OSError:
        pytest.skip("the file system has no such names")
    assert read([name])[0][0].id == "caf\\xe9.txt"


# -- JSON Lines


def test_the_fields_of_a_line(folder):
    url = "https://example.org/ferry"
    write("c.jsonl", lines({"id": "a", "text": " one ", "source": "marl", "published": "2031-05-14", "url": url, "more": [1]}))
    write("d.ndjson", "\ufeff" + lines({"id": 7, "text": "two", "date": "2031-05-15"}).replace("\n", "\r\n") + "\r\n\n  \n")
    copies, notes = read(["c.jsonl", "d.ndjson"])
    assert [(c.id, c.text, c.source, c.published, c.url) for c in copies] == [
        ("a", " one ", "marl", "2031-05-14", url),
        ("7", "two", None, "2031-05-15", None),
    ]
    assert notes == []


def test_a_line_without_an_id_is_called_by_file_and_line(folder):
    write("c.jsonl", lines({"text": "one"}) + "\n" + lines({"text": "two", "id": None}))
    assert [copy.id for copy in read(["c.jsonl"])[0]] == ["c.jsonl:1", "c.jsonl:3"]


def test_only_a_line_feed_ends_a_line(folder):
    text = "one\u2028two\u2029three\x85four"
    write("c.jsonl", json.dumps({"text": text}, ensure_ascii=False) + "\n")
    assert read(["c.jsonl"])[0][0].text == text


def test_lone_surrogates_are_kept(folder):
    write("c.jsonl", '{"text": "half \\ud83d of a pair"}\n')
    assert read(["c.jsonl"])[0][0].text == "half \ud83d of a pair"


def test_ids_that_two_inputs_give_are_told_apart(folder):
    write("one/c.jsonl", lines({"id": "1", "text": "a"}, {"id": "2", "text": "b"}))
    write("two/c.jsonl", lines({"id": "1", "text": "c"}))
    assert [copy.id for copy in read(["one/c.jsonl", "two/c.jsonl"])[0]] == ["one/c.jsonl:1", "2", "two/c.jsonl:1"]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ('{"text": "x', "line 3: not JSON (Unterminated string starting at column 10)"),
        ('{"text": "x"', "line 3: not JSON (Expecting ',' delimiter at column 13)"),
        ("{'text': 'x'}", "line 3: not JSON"),
        ("[" * 100_000, "line 3: not JSON (too large or too deep)"),
        ('{"text": ' + "9" * 10_000 + "}", "line 3: not JSON (too large or too deep)"),
        ('["x"]', "line 3: not an object"),
        ("7", "line 3: not an object"),
        ('{"body": "x", "title": "y"}', 'line 3: no "text" that is a string (it has "body", "title")'),
        ("{}", 'line 3: no "text" that is a string (it has nothing)'),
        ('{"text": null}', 'line 3: no "text"'),
        ('{"text": ["x"]}', 'line 3: no "text"'),
        ('{"text": "  "}', "line 3: the text is empty"),
        ('{"text": "x", "id": "a"}', "line 3: the id 'a' was given on line 1 already"),
        ('{"text": "x", "id": ["a"]}', 'line 3: "id" is neither a string nor a number'),
        ('{"text": "x", "url": true}', 'line 3: "url" is neither'),
    ],
)
def test_a_line_that_cannot_be_read_is_named(folder, broken, words):
    write("c.jsonl", lines({"id": "a", "text": "one"}) + "\n" + broken + "\n" + lines({"text": "two"}))
    with pytest.raises(Unreadable) as error:
        read(["c.jsonl"])
    assert str(error.value).startswith(f"c.jsonl, {words}")
    assert "\n" not in str(error.value)


def test_a_file_without_lines_is_empty(folder):
    write("c.jsonl", "\n\n")
    with pytest.raises(Unreadable, match=r"^c\.jsonl is empty"):
        read(["c.jsonl"])


def test_standard_input_is_lines(folder, monkeypatch):
    write("a.txt", "zero")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines({"text": "one"}, {"id": "b", "text": "two"}).encode())))
    copies, _ = read(["a.txt", "-"])
    assert [(copy.id, copy.text) for copy in copies] == [("a.txt", "zero"), ("stdin:1", "one"), ("b", "two")]


def test_closed_standard_input_is_told(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(Unreadable, match="standard input is closed"):
        read(["-"])
