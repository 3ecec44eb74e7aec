"""Lines that are cut into columns by the compiled loop give what a decoder of JSON finds in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.sources import corpus, cut, rows

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
KNOWN = ["id", "text", "source", "published", "date", "url"]
SPELT = st.none() | st.sampled_from(["", "gull", "https://gull.example/a", "0", 7, 7, -0.0, 1e3, 1.5, 10**17, -(10**18), 2**70])
OBJECTS = st.dictionaries(WORDS | st.sampled_from(KNOWN), VALUES, max_size=5) | st.dictionaries(
    st.sampled_from([*KNOWN, "page"]), SPELT, max_size=6
)


def read(path: Path) -> tuple[list[dict], list[tuple[int, str]]]:
    told: list[tuple[int, str]] = []
    made = [
        row
        for batch in corpus.batches([str(path)], lambda name, row, why: told.append((row, why)))
        for row in batch.to_pylist()
    ]
    return made, told


def both(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop reads a file as a decoder does, in blocks and batches of any size."""
    monkeypatch.setattr(cut, "LARGE", 1 << 40)
    plain = read(path)
    monkeypatch.setattr(cut, "LARGE", 1)
    assert read(path) == plain
    monkeypatch.setattr(rows, "BLOCK", 100)
    for smaller in ({"ODD": 1, "ROWS": 2}, {"ROWS": 100, "ENOUGH": 20, "ROOM": 20}):
        for name, value in smaller.items():
            monkeypatch.setattr(cut, name, value)
        assert read(path) == plain


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(OBJECTS, WORDS, st.booleans(), st.integers(0, 3)), min_size=1, max_size=9))
def test_lines_of_any_kind(tmp_path_factory, given):
    lines = []
    for number, (row, text, ascii_only, where) in enumerate(given):
        whole = [row, {**row, "id": number, "text": text}, {"text": text, **row}, {**row, "text": text}][where]
        lines.append(json.dumps(whole, ensure_ascii=ascii_only, separators=(",", ":") if number % 2 else None))
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8", newline="")
    with pytest.MonkeyPatch.context() as monkeypatch:
        both(path, monkeypatch)


ODD = [
    rb'{"text": "one", "text": "two"}',
    rb'{"text": "one", "text": ""}',
    rb'{"a": {"text": "not this"}, "text": "this"}',
    rb'{"a": ["text", "x"], "b": "text", "text": "this"}',
    rb'{"text": null}',
    rb'{"text" : "a \ud83d\ude00 b"}',
    rb'{"text": "half \ud83d of it"}',
    rb'{"text": "other half \ude00"}',
    rb'{"text": "\ud83d\u0041"}',
    rb'{"text": "\x"}',
    rb'{"text": "\u12g4"}',
    rb'{"text": "all of \" \\ \/ \b \f \n \r \t \u0000 \u00e9 \u20ac"}',
    b'{"text": "a tab\tas it is"}',
    b'{"text": "no \xff UTF-8"}',
    b'{"text": "cut off',
    b'{"text": "cut off\\',
    rb'{"te\u0078t": "spelt otherwise"}',
    b"[1]",
    b'"text"',
    b"",
    b"  ",
    b'{"text": "one"} {"text": "two"}',
    b'{"text": "one"',
    b'{"text": "zero \x00 byte"}',
    '{"text": "näher als 八 \U0001f600"}'.encode(),
    b'{"text": ""}',
    b'{"text": "' + b"w" * 1000 + b'"}',
    b'{"text": "#begins with what follows a quotation mark", "id": "#1"}',
    b'{"id": 12, "text": "a whole number"}',
    b'{"id": -0, "text": "none as it is spelt"}',
    b'{"id": 007, "text": "none at all"}',
    b'{"id": 1e2, "text": "a hundred"}',
    b'{"id": 1.0, "text": "one"}',
    b'{"id": -, "text": "no number"}',
    b'{"id": 12345678901234567890123, "text": "a large one"}',
    b'{"id": null, "source": null, "text": "nothing"}',
    b'{"id": nul, "text": "not even nothing"}',
    b'{"id": "", "source": "", "url": "https://gull.example:80/", "text": "nothing either"}',
    b'{"id": true, "text": "no name"}',
    b'{"source": ["a"], "url": {"b": 1}, "published": 2024, "date": false, "text": "else"}',
    b'{"published": "", "date": "2024", "text": "the second counts"}',
    b'{"text": "more", "page": 7, "tags": ["a, b", {"c": "}"}], "lang": "en"}',
    b'{"text": "twice", "page": 7, "page": 8}',
    b'{"text": "no value", "page": }',
    b'{"text": "unlike", "tags": [1}}',
    b'{"text": "two values", "page": 1 2}',
    b'{"text": "a comma too much", "page": 1,}',
    b'{"text": "a comma too much",}',
    b'{"text": "no colon" "page": 1}',
    b'{"text" "no colon"}',
    b'{"text": "no comma" "id": "a"}',
    b'{"text": "a bracket too much"}}',
    b'{"text": "a bracket too much", "page": ]}',
    b'{ "text"\t:\t"white space" \r, "page" : 7 , "id":"w"\t}\t ',
    b' {"text": "white space before"}',
    b'{"text": "no \xff UTF-8 elsewhere", "page": "\xff"}',
    b'{"page": "\\ud800", "text": "half a character elsewhere"}',
    b'{"text": "same id", "id": "a"}',
    b'{"text": " \\n ", "id": "blank"}',
    b'{"text": "deep", "page": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"id": "' + b"i" * 2000 + b'", "text": "a long id"}',
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_lines_that_are_odd(odd, end, tmp_path, monkeypatch):
    good = b'{"id": "a", "text": "The ferry left."}'
    path = tmp_path / "a.jsonl"
    path.write_bytes(good + (end or b"\n") + odd + end)
    both(path, monkeypatch)
    path.write_bytes(odd + (end or b"\n") + good + end)
    both(path, monkeypatch)


def test_the_same_without_jit_and_with_bounds_checked(tmp_path):
    path = tmp_path / "a.jsonl"
    texts = ["The ferry “left” at\nnoon\t. \U0001f600 \\ / " * n for n in range(1, 40)]
    plain = [json.dumps({"id": n, "text": text, "page": [n], "source": "gull" * n}).encode() for n, text in enumerate(texts)]
    path.write_bytes(b"\n".join([*plain, *ODD, b"{}", b""]))
    code = "import sys; from copydesk.sources import corpus, cut, rows; cut.LARGE = 1; "
    code += "read = lambda: print([b.to_pydict() for b in corpus.batches([sys.argv[1]], print)]); read(); "
    code += "rows.BLOCK, cut.ODD, cut.ROWS, cut.ENOUGH, cut.ROOM = 100, 1, 3, 200, 100; read()"
    told = set()
    for setting in ({}, {"NUMBA_DISABLE_JIT": "1"}, {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, path],
            capture_output=True,
            text=True,
            env={**os.environ, **setting},
            check=True,
        )
        told.add(done.stdout)
    assert len(told) == 1
    assert repr(texts[0]) in told.pop()


@pytest.mark.parametrize("end", [b"", b'"', b'" ', b'", "source"'])
def test_a_value_that_is_not_closed_is_no_more_than_its_line(end, tmp_path):
    good = [{"id": str(n), "text": f"The ferry is late, {n} said.", "source": f"gull {n}", "url": "u"} for n in range(3000)]
    lines = [json.dumps(row).encode() for row in good]
    bad = b'{"text": "a", "url": "' + b"A" * (3 << 20) + end
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join([*lines, bad]) + b"\n" + b"\n".join(lines[:1]).replace(b'"0"', b'"last"') + b"\n")
    made, told = read(path)
    assert [(row["copy_id"], row["text"], row["source"], row["url"]) for row in made] == [
        (row["id"], row["text"], row["source"], row["url"]) for row in [*good, {**good[0], "id": "last"}]
    ]
    assert [number for number, _ in told] == [3001]
