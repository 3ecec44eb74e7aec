"""Whatever a corpus is kept in gives the same copies; what cannot be read is told with its file, its row and the reason."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from blake3 import blake3

from copydesk.sources import Unreadable
from copydesk.sources import files as files_module
from copydesk.sources import rows as rows_module
from copydesk.sources.corpus import NAMES, Columns, Fingerprints, batches, check, stamp
from copydesk.sources.seen import Seen
from test_sources import lines, write

ROWS = [
    {"id": "007", "text": "The ferry left at noon.", "source": "gull", "date": "2024-05-01", "url": "https://gull.example/a"},
    {
        "id": "008",
        "text": 'It came back, "late",\nwith the tide;\tor so they say – ⚓',
        "source": None,
        "date": None,
        "url": None,
    },
    {"id": "9", "text": "1", "source": "", "date": "2024", "url": "http://Anchor.example:80/b?c=1"},
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cells(rows: list[dict], separator: str = ",") -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def zst(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


def read(*names: str, **columns: object) -> tuple[list[dict], list[tuple[str, int, str]]]:
    """The copies of some inputs, without what is null, and what was rejected."""
    told: list[tuple[str, int, str]] = []
    asked = Columns(**columns)
    copies: list[dict] = []
    for batch in batches(check(names, asked), lambda *why: told.append(why), asked):
        assert tuple(batch.schema.names) == NAMES
        assert set(batch.schema.types) == {pa.string()}
        batch.validate(full=True)
        copies += batch.to_pylist()
    return [{name: value for name, value in copy.items() if value is not None} for copy in copies], told


def ids(*names: str, **columns: object) -> list[str]:
    copies, told = read(*names, **columns)
    assert told == []
    return [copy["copy_id"] for copy in copies]


def refused(*names: str, **columns: object) -> str:
    with pytest.raises(Unreadable) as error:
        check(names, Columns(**columns))
    assert "\n" not in str(error.value)
    return str(error.value)


# -- every kind of file


def test_every_kind_of_table_gives_the_same_copies():
    named = {
        "a.jsonl": lines(*ROWS).encode(),
        "a.ndjson": lines(*ROWS).replace("\n", "\r\n").encode(),
        "a.csv": cells(ROWS).encode(),
        "a.tsv": b"\xef\xbb\xbf" + cells(ROWS, "\t").encode(),
    }
    packed = {
        f"{name}{end}": pack(data) for name, data in named.items() for end, pack in ((".gz", gzip.compress), (".zst", zst))
    }
    for name, data in (named | packed).items():
        write(name, data)
    pq.write_table(pa.Table.from_pylist(ROWS), "a.parquet")
    expected = [
        {"copy_id": "007", "source": "gull", "published": "2024-05-01", "url": ROWS[0]["url"], "text": ROWS[0]["text"]},
        {"copy_id": "008", "text": ROWS[1]["text"]},
        {"copy_id": "9", "source": "anchor.example", "published": "2024", "url": ROWS[2]["url"], "text": "1"},
    ]
    for name in (*named, *packed, "a.parquet", "a.JSONL"):
        if name == "a.JSONL":
            write(name, named["a.jsonl"])
        assert read(name) == (expected, []), name


def test_other_columns_are_carried_as_json():
    rows = [ROWS[0] | {"z": {"b": [1, None], "a": 0.5}, "page": 7}, {"text": "without any"}]
    write("a.jsonl", lines(*rows))
    copies, _ = read("a.jsonl")
    assert copies[0]["other"] == '{"page":7,"z":{"a":0.5,"b":[1,null]}}'
    assert copies[1] == {"copy_id": "a.jsonl:2", "text": "without any"}
    write("a.csv", "text,page,text\nthe first counts,7,and this is kept\n")
    assert read("a.csv") == (
        [{"copy_id": "a.csv:2", "other": '{"page":"7","text.2":"and this is kept"}', "text": "the first counts"}],
        [],
    )
    strange = {"n": 2**80, "m": float("inf"), "d": Decimal("1.50"), "b": b"\x00", "t": timedelta(1), "w": date(2024, 5, 1)}
    pq.write_table(pa.table({"text": ["words"], **{k: pa.array([v]) for k, v in strange.items() if k != "n"}}), "a.parquet")
    other = json.loads(read("a.parquet")[0][0]["other"])
    assert other == {"m": None, "d": "1.50", "b": "AA==", "t": "P1D", "w": "2024-05-01"}
    write("big.jsonl", f'{{"text": "words", "n": {2**80}, "nan": NaN}}\n')
    assert json.loads(read("big.jsonl")[0][0]["other"]) == {"n": 2**80, "nan": None}


def test_columns_that_are_named():
    row = {"key": 1, "body": "words", "paper": "gull", "when": 20240501, "link": "x", "event": 5, "id": "kept"}
    write("a.jsonl", lines(row, row | {"key": 2, "event": None}))
    columns = {"id": "key", "text": "body", "source": "paper", "published": ("when",), "url": "link", "story": "event"}
    copies, told = read("a.jsonl", **columns)
    both = {"source": "gull", "published": "20240501", "url": "x", "text": "words", "other": '{"id":"kept"}'}
    assert copies == [both | {"copy_id": "1", "story": "5"}, both | {"copy_id": "2"}]
    assert told == []
    assert {copy["published"] for copy in read("a.jsonl", text="body", published=("no", "when"))[0]} == {"20240501"}


def test_one_column_may_have_two_parts():
    write("a.jsonl", lines({"text": "words", "url": "https://gull.example/a"}))
    (copy,), _ = read("a.jsonl", id="url", story="url")
    assert copy["copy_id"] == copy["url"] == copy["story"] == "https://gull.example/a"


def test_a_column_that_was_mistyped_is_told_before_work_starts():
    write("a.jsonl", "{broken\n" + lines({"id": 1, "text": "words"}, {"outlet": "gull", "text": "words"}))
    assert (
        refused("a.jsonl", source="outlt")
        == "a.jsonl has no column 'outlt' (it has id, text, outlet); name another with --source"
    )
    assert refused("a.jsonl", story="event").endswith("name another with --story")
    assert refused("a.jsonl", id="key").endswith("name another with --id")
    assert refused("a.jsonl", text="body") == (
        "a.jsonl has no column 'body' (it has id, text, outlet); name the column of the texts with --text"
    )
    assert refused("a.jsonl", published=("wen",)).endswith("name another with --published")
    pq.write_table(pa.table({"text": ["words"], **{f"c{n}": [n] for n in range(20)}}), "b.parquet")
    assert "c10 and 9 more); name another with --url" in refused("b.parquet", url="link")
    write("c.csv", "text,b\nwords,\n")
    assert refused("c.csv", source="d") == "c.csv has no column 'd' (it has text, b); name another with --source"
    assert "nor has any other of 3 files" in refused("a.jsonl", "b.parquet", "c.csv", source="outlt")
    assert check(["a.jsonl", "b.parquet", "c.csv"], Columns(source="outlet", id="c1", url="b"))
    assert check(["c.csv"], Columns(source="source", published=("published", "date"), url="url"))


# -- folders, patterns, addresses


def tree() -> None:
    for path in ("news/b.txt", "news/sport/a.md", "news/sport/old/c.text", "news/a.TXT"):
        write(path, f"The text of {path}.\n")
    write("news/sport/t.jsonl", lines({"id": "of-a-table", "text": "words"}))
    write("news/.hidden.txt", "not read")
    write("news/.git/x.txt", "not read")
    write("news/picture.png", b"\x89PNG")


def test_a_folder_is_its_tables_and_its_texts():
    tree()
    copies, told = read("news")
    assert told == []
    assert {copy["copy_id"]: copy.get("source") for copy in copies} == {
        **{"a.TXT": None, "b.txt": None, "sport/a.md": "sport", "sport/old/c.text": "sport", "of-a-table": None}
    }
    assert {copy["text"] for copy in copies if copy["copy_id"] == "b.txt"} == {"The text of news/b.txt.\n"}
    assert check(["news"]) == ["news/", "news/sport/t.jsonl"]
    assert [*map(str, check(["./news//"]))] == ["news/", "news/sport/t.jsonl"]
    os.chdir("news")
    assert sorted(ids(".")) == sorted(copy["copy_id"] for copy in copies)


def test_patterns():
    tree()
    write("news/odd[1].txt", "A name that looks like a pattern.")
    assert ids("news/**/*.md") == ["sport/a.md"]
    assert ids("news/*.txt") == ["b.txt", "odd[1].txt"]
    assert ids("news/odd[1].txt") == ["odd[1].txt"]
    assert ids("news/[ab].*") == ["a.TXT", "b.txt"]
    assert ids("**/c.t?xt") == ["news/sport/old/c.text"]
    assert ids("news/sp*") == ["sport/a.md", "sport/old/c.text", "of-a-table"]
    assert ids("*/*/*.jsonl") == ["of-a-table"]
    assert ids("news/.hid*") == [".hidden.txt"]
    assert "nothing to read by the pattern news/*.jsonl" in refused("news/*.jsonl")
    assert "nothing to read by the pattern news/*.png" in refused("news/*.png")
    for name in ("news/no.txt", ""):
        with pytest.raises(FileNotFoundError):
            check([name])
    with pytest.raises(FileNotFoundError):
        check(["nowhere/*.txt"])


def test_what_is_named_twice_is_read_once_and_in_any_order():
    tree()
    Path("news/link").symlink_to("sport")
    Path("news/up").symlink_to("..")
    one = read("news")
    names = [
        "news",
        "news/**/*.txt",
        "news/b.txt",
        "./news/sport/t.jsonl",
        str(Path("news/sport/t.jsonl").resolve()),
        "news/sport",
    ]
    texts = {copy["text"] for copy in one[0]}
    for seed in range(4):
        random.Random(seed).shuffle(names)
        copies, told = read(*names)
        assert told == []
        assert sorted(copy["text"] for copy in copies) == sorted(texts)
    two = read(*names)
    assert two == read(*reversed(names))
    assert len(ids("news/b.txt", "news/a.TXT")) == 2


def test_texts_of_unlike_folders_have_unlike_ids():
    for path in ("2019/a.txt", "2020/a.txt", "2020/x/b.txt"):
        write(path, path)
    assert ids("2020", "2019") == ["2019/a.txt", "2020/a.txt", "2020/x/b.txt"]
    assert ids("2019/a.txt", "2020/a.txt") == ["2019/a.txt", "2020/a.txt"]
    assert ids("2019/a.txt") == ["a.txt"]


def test_the_folder_of_a_run_is_no_input():
    tree()
    pq.write_table(pa.table({"text": ["x"]}), write("news/out/copies.parquet", ""))
    assert check(["news"]) == ["news/", "news/out/copies.parquet", "news/sport/t.jsonl"]
    write("news/out/run.json", "{}")
    assert check(["news"]) == ["news/", "news/sport/t.jsonl"]


def test_texts_are_decoded_and_what_is_none_is_told():
    write("t/latin.txt", "Le maire a déclaré que la rivière était « très élevée » après l’orage.\n".encode("cp1252"))
    write("t/utf16.txt", "Ferry ⚓".encode("utf-16"))
    write("t/empty.txt", "")
    write("t/blank.txt", " \n")
    write("t/binary.txt", bytes(range(256)) * 40)
    write("t/two\nlines.txt", "words")
    write(os.fsdecode(b"t/\xff.txt"), "A name that is no UTF-8.")
    copies, told = read("t")
    assert {copy["copy_id"] for copy in copies} == {"latin.txt", "utf16.txt", "two\nlines.txt", "\\xff.txt"}
    assert "rivière" in next(copy["text"] for copy in copies if copy["copy_id"] == "latin.txt")
    assert "cp1252" in next(copy["other"] for copy in copies if copy["copy_id"] == "latin.txt")
    assert {name: (row, why) for name, row, why in told if "binary" not in name} == {
        "t/blank.txt": (1, "the text is empty"),
        "t/empty.txt": (1, "the text is empty"),
    }
    assert any("not text but binary" in why for _, _, why in told)


def test_a_text_that_is_too_long_is_told(monkeypatch):
    monkeypatch.setattr(rows_module, "LONGEST", 100)
    write("t/a.txt", "words " * 16)
    write("t/b.txt", "words " * 17)
    copies, told = read("t")
    assert [copy["copy_id"] for copy in copies] == ["a.txt"]
    assert [name for name, _, _ in told] == ["t/b.txt"]


def test_addresses_of_local_files():
    tree()
    here = Path.cwd().as_uri()
    assert ids(f"{here}/news/b.txt") == ["b.txt"]
    assert sorted(ids(f"{here}/news")) == sorted(ids("news"))
    assert sorted(ids(f"{here}/news", "news")) == sorted(ids("news"))
    assert ids(f"{here}/news/**/*.md") == ["sport/a.md"]
    assert "cannot be reached" in refused("nosuch://place/a.jsonl")


# -- fingerprints


def blake3_of(data: bytes) -> str:
    return blake3(data).hexdigest()


def test_fingerprints_of_every_kind_of_input():
    tree()
    data = Path("news/sport/t.jsonl").read_bytes()
    of_it = {"name": "news/sport/t.jsonl", "size": len(data), "blake3": blake3_of(data)}
    assert Fingerprints().of("news/sport/t.jsonl") == of_it
    told = Fingerprints().of("news/")
    paths = ["a.TXT", "b.txt", "sport/a.md", "sport/old/c.text"]
    listed = "".join(f"{blake3_of(Path('news', path).read_bytes())}  {path}\n" for path in paths)
    assert (told["name"], told["files"], told["blake3"]) == ("news/", 4, blake3_of(listed.encode()))
    before = stamp("news/")
    write("news/sport/a.md", "More.\n")
    assert stamp("news/") != before
    assert Fingerprints().of("news/")["blake3"] != told["blake3"]


def test_what_is_read_has_its_fingerprint_and_is_not_read_again(monkeypatch):
    data = lines(*ROWS).encode() * 2000
    write("a.jsonl", data)
    write("b.jsonl.gz", gzip.compress(data))
    write("c.jsonl.zst", zst(data))
    write("d.csv", cells(ROWS))
    whole = gzip.compress(random.Random(1).randbytes(100_000))
    write("e.jsonl.gz", whole[:90_000])
    write("f.jsonl.gz", gzip.compress(data) + b"no gzip any more" * 10_000)
    pq.write_table(pa.Table.from_pylist(ROWS), "g.parquet")
    write("h.txt", "A text.")
    names = check(["a.jsonl", "b.jsonl.gz", "c.jsonl.zst", "d.csv", "e.jsonl.gz", "f.jsonl.gz", "g.parquet", "h.txt"])
    expected = [Fingerprints().of(name) for name in names]
    heard = Fingerprints()
    for _ in batches(names, lambda *why: None, fingerprints=heard):
        pass
    assert heard.read > sum(Path(name).stat().st_size for name in names if name != "f.jsonl.gz")
    assert [heard.of(name) for name in names] == expected

    again: list[str] = []
    packed = files_module.packed
    monkeypatch.setattr(files_module, "packed", lambda name: again.append(name) or packed(name))
    assert [heard.of(name) for name in names] == expected
    assert {"g.parquet", "h.txt"} <= set(again)
    assert not {"a.jsonl", "b.jsonl.gz", "c.jsonl.zst", "d.csv"} & set(again)


def test_standard_input_is_fingerprinted_while_it_is_read():
    data = lines({"id": 1, "text": "words ⚓"}, {"text": "more"}) * 10_000
    program = (
        "from copydesk.sources.corpus import Fingerprints, batches, check, stamp\n"
        "told, heard = [], Fingerprints()\n"
        "names = check(['-', '-'])\n"
        "assert names == ['-'], names\n"
        "n = sum(b.num_rows for b in batches(names, lambda *why: told.append(why), fingerprints=heard))\n"
        "print(n, len(told), stamp('-'), heard.of('-')['size'], heard.of('-')['blake3'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], input=data.encode(), capture_output=True, check=True)
    size, mark = len(data.encode()), blake3_of(data.encode())
    assert done.stdout.decode().split() == f"10001 9999 {{'name': '-'}} {size} {mark}".split()


# -- rows that are none


def test_ids_of_mixed_types():
    same = [1, "1", 1.0]
    write("a.jsonl", lines(*({"id": id_, "text": f"text {n}"} for n, id_ in enumerate(same))))
    copies, told = read("a.jsonl")
    assert copies == [{"copy_id": "1", "text": "text 0"}]
    assert told == [("a.jsonl", n, "the id '1' was given before") for n in (2, 3)]
    given = ("NaN", "1.5", "true", "[1]", '""', "0", "1e300", "123456789012345678901234567890")
    write("b.jsonl", "".join(f'{{"id": {id_}, "text": "words"}}\n' for id_ in given))
    copies, told = read("b.jsonl")
    assert [copy["copy_id"] for copy in copies] == [
        *("b.jsonl:1", "1.5", "b.jsonl:5", "0", str(int(1e300)), "123456789012345678901234567890")
    ]
    assert told == [("b.jsonl", n, "'id' is neither a string nor a number") for n in (3, 4)]
    uuid = UUID("12345678-1234-5678-1234-567812345678")
    for values, read_as in ((pa.array([b"a", b"\xff"]), ["a"]), (pa.array([uuid.bytes] * 2, pa.uuid()), [str(uuid)])):
        pq.write_table(pa.table({"id": values, "text": ["a", "b"]}), "c.parquet")
        copies, told = read("c.parquet")
        assert [copy["copy_id"] for copy in copies] == read_as
        assert [row for _, row, _ in told] == [2]
    for values in ([1.0, None, float("nan")], [Decimal("1.00"), None, None], pa.array([1, None, None], pa.int16())):
        pq.write_table(pa.table({"id": pa.array(values), "text": ["a", "b", "c"]}), "c.parquet")
        assert ids("c.parquet") == ["1", "c.parquet:2", "c.parquet:3"]


def test_the_first_of_equal_ids_counts_over_files_and_batches(monkeypatch):
    monkeypatch.setattr("copydesk.sources.corpus.ROWS", 7)
    monkeypatch.setattr(rows_module, "BLOCK", 100)
    write("a.jsonl", lines(*({"id": n % 50, "text": f"a{n}"} for n in range(100))))
    write("b.csv", "id,text\n" + "".join(f"{n},b{n}\n" for n in range(45, 55)))
    copies, told = read("b.csv", "a.jsonl")
    assert [copy["text"] for copy in copies] == [f"a{n}" for n in range(50)] + [f"b{n}" for n in range(50, 55)]
    assert told[:50] == [("a.jsonl", n + 51, f"the id '{n}' was given before") for n in range(50)]
    assert told[50:] == [("b.csv", n + 2, f"the id '{n + 45}' was given before") for n in range(5)]


def test_ids_seen_are_known_however_many():
    seen = Seen()
    some = [str(n % 30_000) for n in range(50_000)]
    first = [bool(new) for at in range(0, len(some), 777) for new in seen.first(some[at : at + 777])]
    assert first == [n < 30_000 for n in range(50_000)]
    assert seen.first([]).tolist() == []
    assert seen.first(["x", "7", "x", "y"]).tolist() == [True, False, False, True]


def test_a_value_that_is_no_string_stays_where_it_was_not_asked_for():
    row = {"text": "words", "date": {"$date": "2024"}, "url": ["x"], "source": True}
    write("a.jsonl", lines(row))
    (copy,), told = read("a.jsonl")
    assert told == []
    assert json.loads(copy.pop("other")) == {name: value for name, value in row.items() if name != "text"}
    assert copy == {"copy_id": "a.jsonl:1", "text": "words"}
    write("b.jsonl", lines(row | {"paper": {}}))
    assert read("b.jsonl", source="paper")[1] == [("b.jsonl", 1, "'paper' is neither a string nor a number")]


def test_lines_that_are_no_copies():
    good = '{"text": "good %d"}\n'
    bad = {
        b'{"text": "\xff"}\n': "not JSON: no UTF-8 at byte 11",
        b'{"text": "\\ud83d"}\n': "not JSON: half a character (a lone surrogate), which no text can hold",
        b'{"text": "cut\n': "not JSON: ",
        b'{"text": "a"} {"text": "b"}\n': "not JSON: Extra data at character 15",
        b'"text"\n': "not an object",
        b'{"text": ["a"]}\n': "'text' is not a string",
        b'{"text": null}\n': "no text in 'text'",
        b"{}\n": "no text in 'text'",
        b'{"text": ""}\n': "the text is empty",
        '{"text": " \\t\u3000\\u2028"}\n'.encode(): "the text is empty",
        b"[" * 100_000 + b"\n": "not JSON: too deep",
        b"\x00\x00\n": "not JSON: ",
    }
    for line, why in bad.items():
        write("a.jsonl", b"\xef\xbb\xbf" + (good % 1).encode() + b" \r\n" + line + (good % 2).encode() + b"\n")
        copies, told = read("a.jsonl")
        assert [copy["text"] for copy in copies] == ["good 1", "good 2"]
        ((name, row, reason),) = told
        assert (name, row, reason.startswith(why)) == ("a.jsonl", 3, True), (line[:40], reason)
    write("old.jsonl", b'{"text": "a"}\r{"text": "b"}\r')
    ((_, row, reason),) = read("old.jsonl")[1]
    assert (row, reason[:8]) == (1, "not JSON")


def test_lines_are_cut_at_any_block(monkeypatch):
    rows = [{"id": str(n), "text": "w" * (n % 40 + 1)} for n in range(200)]
    write("a.jsonl", lines(*rows).replace("\n", "\r\n") + "\n\nno")
    write(
        "a.csv", cells(rows).replace("ww", 'w""w').replace(",w", ',"w').replace("\r\n", '"\r\n').replace('id,text"', "id,text")
    )
    for size in (3, 7, 64, 1000):
        monkeypatch.setattr(rows_module, "BLOCK", size)
        copies, told = read("a.jsonl")
        assert copies == [{"copy_id": row["id"], "text": row["text"]} for row in rows]
        assert [row for _, row, _ in told] == [203]
        copies, told = read("a.csv")
        assert [copy["text"].replace('"', "") for copy in copies] == [row["text"] for row in rows]
        assert told == []


def test_a_line_that_is_too_long_is_left_out_and_the_next_is_read(monkeypatch):
    monkeypatch.setattr(rows_module, "BLOCK", 64)
    monkeypatch.setattr(rows_module, "LONGEST", 200)
    long = json.dumps({"text": "long " * 100}) + "\n"
    good = lines({"id": "a", "text": "The first."}), lines({"id": "b", "text": "The last."})
    for before, after in (good, ("", good[0] + good[1]), (good[0] + good[1], "")):
        write("a.jsonl", before + long + after)
        copies, told = read("a.jsonl")
        assert [copy["copy_id"] for copy in copies] == ["a", "b"]
        assert told == [("a.jsonl", before.count("\n") + 1, "the line is longer than 32 MB")]
    write("a.csv", f"id,text\na,The first.\nlong,{'x' * 300}\nb,The last.\n")
    copies, told = read("a.csv")
    assert [copy["copy_id"] for copy in copies] == ["a", "b"]
    assert told == [("a.csv", 3, "the line is longer than 32 MB")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_of_csv_that_are_none(end):
    rows = [
        *(
            'id,"te""xt",text',
            "1,,one",
            "",
            '2,,"two\nlines"',
            "3,ragged",
            '4,,"a"b',
            "5,,six,7",
            "6,,",
            '7,,"seven\x0b\u2028\x85"',
        ),
        *("8,,eight", "only", '9,,"never closed', "10,,ten", "11,,eleven"),
    ]
    write("a.csv", end.join(rows).encode() + end.encode())
    copies, told = read("a.csv")
    assert [(copy["copy_id"], copy["text"]) for copy in copies] == [
        *(("1", "one"), ("2", "two\nlines"), ("7", "seven\x0b\u2028\x85"), ("8", "eight"))
    ]
    assert told == [
        ("a.csv", 6, "2 fields, where the first row has 3"),
        ("a.csv", 7, "no CSV: ',' expected after '\"'"),
        ("a.csv", 8, "4 fields, where the first row has 3"),
        ("a.csv", 9, "the text is empty"),
        ("a.csv", 12, "1 field, where the first row has 3"),
        ("a.csv", 13, "a quotation mark that opens here is not closed; the lines to 15 are left out with it"),
    ]


def test_a_csv_whose_header_is_none_is_told():
    write("a.csv", 'id,"te"xt\n1,x\n')
    assert refused("a.csv").startswith("a.csv: its first row, which should name the columns, is no CSV: ")
    write("b.csv", "\n\n" + "x" * 200_000 + ",text\n1,words\n")
    assert [copy["text"] for copy in read("b.csv")[0]] == ["words"]


def test_csv_that_is_no_utf8():
    write("a.csv", b"id,text\n1,good\n2,caf\xe9\n\xff,bad\n3,good too\n")
    copies, told = read("a.csv")
    assert [copy["copy_id"] for copy in copies] == ["1", "3"]
    assert told == [("a.csv", 3, "no UTF-8"), ("a.csv", 4, "no UTF-8")]
    write("b.csv", "id,text\n1,x\n".encode("utf-16"))
    assert refused("b.csv") == "b.csv is UTF-16; convert it to UTF-8"
    write("b.csv", b"caf\xe9,text\n1,x\n")
    assert refused("b.csv") == "b.csv is not UTF-8; convert it to UTF-8"
    write("c.csv", "id;text\n1;x\n")
    assert "has no column 'text' (it has id;text)" in refused("c.csv")


def test_files_without_rows():
    for name in ("a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.csv", "a.tsv.gz"):
        write(name, "")
    write("b.csv", "id,text\n")
    write("b.jsonl", "\n\n \r\n")
    pq.write_table(pa.table({"id": pa.array([], pa.string()), "text": pa.array([], pa.null())}), "b.parquet")
    names = sorted(path.name for path in Path().iterdir())
    assert check(names) == names
    copies, told = read(*names)
    assert copies == []
    assert [name for name, _, _ in told if not name.endswith((".gz", ".zst"))] == []
    write("c.parquet", "")
    assert refused("c.parquet").startswith("c.parquet is not a whole Parquet file")


def test_packed_files_one_after_the_other():
    for end, pack in (("gz", gzip.compress), ("zst", zst)):
        write(f"a.jsonl.{end}", b"".join(pack(lines({"id": n, "text": f"text {n}"}).encode()) for n in range(3)))
        assert ids(f"a.jsonl.{end}") == ["0", "1", "2"]


@pytest.mark.parametrize("pack", [gzip.compress, zst])
@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_file_that_is_cut_off_keeps_what_was_whole(pack, kind):
    rows = [{"id": n, "text": random.Random(n).randbytes(300).hex()} for n in range(9000)]
    data = (lines(*rows) if kind == "jsonl" else cells(rows)).encode()
    name = f"a.{kind}.{'gz' if pack is gzip.compress else 'zst'}"
    for spoilt in (pack(data)[:-40_000], pack(data)[:-40_000] + bytes(100)):
        write(name, spoilt)
        copies, told = read(name)
        *others, (_, row, reason) = told
        assert reason.startswith("the file is cut off or spoilt from here on: ")
        assert len(copies) > 1000
        assert row > len(copies)
        assert others == []
    write(name, pack(data)[:10])
    assert read(name)[1][0][2].startswith("the file is cut off")


# -- Parquet


def test_texts_of_every_type_of_string():
    texts = ["The ferry.", None, "", " \n", "The tide ⚓."]
    plain = pa.array(texts)
    for array in (
        *(plain, plain.cast(pa.large_string()), plain.cast(pa.string_view()), plain.cast(pa.binary())),
        *(plain.cast(pa.large_binary()), plain.dictionary_encode()),
    ):
        pq.write_table(pa.table({"text": array}), "a.parquet")
        copies, told = read("a.parquet")
        assert [copy["copy_id"] for copy in copies] == ["a.parquet:1", "a.parquet:5"]
        assert [copy["text"] for copy in copies] == ["The ferry.", "The tide ⚓."]
        assert [(row, why) for _, row, why in told] == [
            (2, "no text in 'text'"),
            (3, "the text is empty"),
            (4, "the text is empty"),
        ]


def test_a_column_of_texts_that_holds_none_is_told():
    for array in (pa.array([["a"]]), pa.array([{"a": "b"}]), pa.array([1]), pa.array([1.5]), pa.array([date(2024, 5, 1)])):
        pq.write_table(pa.table({"text": array}), "a.parquet")
        kind = pq.read_schema("a.parquet").field("text").type
        assert refused("a.parquet") == f"a.parquet: the column 'text' holds {kind}, not text; name another with --text"


def no_utf8(*values: bytes) -> pa.Array:
    """Strings as a careless writer leaves them."""
    array = pa.array(values, pa.binary())
    return pa.StringArray.from_buffers(len(array), *array.buffers()[1:])


def test_only_the_rows_that_are_no_utf8_are_left_out():
    broken = no_utf8(b"fine", b"b\xffd", b"fine too")
    whole = pa.array(["a", "b", "c"])
    for table in (
        pa.table({"id": whole, "text": broken}),
        pa.table({"id": broken, "text": whole}),
        pa.table({"x": broken, "text": whole}),
    ):
        pq.write_table(table, "a.parquet")
        copies, told = read("a.parquet")
        assert [copy["text"] for copy in copies] in (["fine", "fine too"], ["a", "c"])
        ((_, row, why),) = told
        assert row == 2
        assert "decode" in why or "no UTF-8" in why
    pq.write_table(pa.table({"x": broken.slice(1, 1), "text": ["a"]}), "a.parquet")
    assert [row for _, row, _ in read("a.parquet")[1]] == [1]


@pytest.mark.parametrize("depth", [900, 985, 990, 995, 1000, 1005, 1010, 10_000])
def test_a_row_of_any_depth_is_read_or_told(depth):
    write("a.jsonl", '{"text": "words", "deep": ' + "[" * depth + "]" * depth + "}\n" + lines({"text": "more"}))
    copies, told = read("a.jsonl")
    assert len(copies) + len(told) == 2
    assert all("too deep" in why for _, _, why in told)


def test_times_and_nested_columns_of_parquet():
    noon = datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    table = pa.table(
        {
            "text": ["a", "b"],
            "date": pa.array([noon, None], pa.timestamp("ns", "Europe/Nowhere")),
            "seen": pa.array([noon.astimezone(UTC).replace(tzinfo=None)] * 2, pa.timestamp("s")),
            "where": pa.array([{"page": [1, 2]}, None]),
            "tags": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int8())),
        }
    )
    pq.write_table(table, "a.parquet")
    copies, told = read("a.parquet")
    assert told == []
    assert copies[0]["published"] == "2024-05-01T10:00:00+00:00"
    assert json.loads(copies[0]["other"]) == {"seen": "2024-05-01T10:00:00", "where": {"page": [1, 2]}, "tags": [["k", 1]]}
    pq.write_table(pa.table({"text": ["a", "b"], "date": pa.array([1, 2**60], pa.timestamp("us"))}), "b.parquet")
    copies, told = read("b.parquet")
    assert [copy["text"] for copy in copies] == ["a"]
    assert told[0][:2] == ("b.parquet", 2)


def test_equal_names_of_parquet_columns():
    batch = pa.RecordBatch.from_arrays([pa.array(["a"]), pa.array(["b"]), pa.array([1])], ["text", "text", "id"])
    pq.write_table(pa.Table.from_batches([batch]), "a.parquet")
    assert read("a.parquet")[0] == [{"copy_id": "1", "other": '{"text.2":"b"}', "text": "a"}]


def test_a_spoilt_page_of_parquet_leaves_what_comes_before():
    rows = pa.table({"id": range(40_000), "text": [random.Random(n).randbytes(40).hex() for n in range(40_000)]})
    pq.write_table(rows, "a.parquet", row_group_size=10_000, compression="zstd")
    data = bytearray(Path("a.parquet").read_bytes())
    at = len(data) * 6 // 10
    data[at : at + 20_000] = bytes(20_000)
    write("a.parquet", bytes(data))
    copies, told = read("a.parquet")
    assert 10_000 <= len(copies) < 40_000
    assert told[-1][1] > 10_000
    assert "spoilt from here on" in told[-1][2]


# -- memory


READING = """
import pathlib, re, sys
from copydesk.sources.corpus import batches, check
n = sum(batch.num_rows for batch in batches(check(sys.argv[1:]), print))
print(n, int(re.search(r"VmHWM:\\s*(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]) // 1000)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
@pytest.mark.parametrize("kind", ["jsonl.zst", "csv.gz", "parquet"])
def test_memory_does_not_grow_with_the_file(kind):
    took = []
    for n in (5000, 20_000):  # 50 and 200 MB of texts, of which a batch is 16 MB
        write_texts(f"a.{kind}", "All the words of a text. " * 400, n)
        done = subprocess.run([sys.executable, "-c", READING, f"a.{kind}"], capture_output=True, text=True, check=True)
        read, highest = map(int, done.stdout.split())
        assert read == n
        took.append(highest)
    assert took[1] < took[0] + 75


def write_texts(name: str, text: str, n: int) -> None:
    """A file that has a text so many times."""
    if name.endswith("parquet"):
        with pq.ParquetWriter(name, pa.schema({"text": pa.string()}), compression="zstd", use_dictionary=False) as writer:
            for _ in range(n // 1000):
                writer.write_table(pa.table({"text": [text] * 1000}), row_group_size=1 << 30)
    elif name.endswith("zst"):
        write(name, zst(lines({"text": text}).encode() * n))
    else:
        write(name, gzip.compress(("text\n" + f"{text}\n" * n).encode(), 1))
