"""The record of a corpus in tables, through real runs: offsets give texts, copies are those behind them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import copydesk
from copydesk.behind import Behind
from copydesk.demo.corpus import corpus
from copydesk.model import Span
from copydesk.story import record_of
from test_cli import lines, write
from test_cli import run as command

ITEMS = ("statements", "figures", "dates", "names")
STRETCHES = {"statements": ("source", "cue", "content"), "names": ("mentions",)}
LONE = {"id": "lone", "text": "“The mole lamp is out,” said harbour master Ruth Ames on Tuesday.", "published": "2031-05-14"}
FRENCH = {
    "id": "loin",
    "text": "Le bateau de nuit est parti du port sans ses voyageurs, et personne ne sait pourquoi il n’est pas revenu. "
    "Le maire a dit que la ville ne paierait pas, et que le port resterait ouvert tout l’été pour les pêcheurs du lieu.",
}


def rows() -> list[dict[str, str | None]]:
    told = [{"id": c.id, "text": c.text, "source": c.source, "published": c.published} for s in corpus() for c in s.copies]
    return [*told, LONE, FRENCH]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("record")
    (folder / "news.jsonl").write_text(lines(*rows()), "utf-8")
    done = command("run", str(folder / "news.jsonl"), "-o", str(folder / "out"))
    assert done.returncode == 0
    assert b"read in the editions: " in done.stdout
    assert b"1 edition not in English" in done.stdout
    return folder / "out"


def table(out: Path, name: str) -> list[dict]:
    return pq.read_table(out / f"{name}.parquet").to_pylist()


def places(name: str, row: dict) -> list[tuple[int, int]]:
    """Where an item stands."""
    if name not in STRETCHES:
        return [(row["start"], row["end"])]
    stretches = [one for field in STRETCHES[name] for one in row[field]]
    stretches += [via[part] for via in row.get("via", []) for part in ("source", "cue")]
    return [(one["start"], one["end"]) for one in stretches]


def test_offsets_give_the_text(out):
    texts = {(row["story_id"], row["version"]): row["text"] for row in table(out, "stories")}
    for name in ITEMS:
        items = table(out, name)
        assert len(items) > 20
        for row in items:
            text = texts[row["story_id"], row["version"]]
            at = places(name, row)
            assert (row["start"], row["end"]) == (min(start for start, _ in at), max(end for _, end in at))
            if "text" in row:
                assert text[row["start"] : row["end"]] == row["text"]
            for field in ("source", "cue", "content") if name == "statements" else ():
                said = " … ".join(text[one["start"] : one["end"]] for one in row[field])
                assert said == (row[f"{field}_text"] or "")
            if name == "names":
                assert row["name"] in {text[start:end] for start, end in at}


def test_copies_are_those_whose_spans_cover_the_item(out):
    spans: dict[tuple[str, int], list[dict]] = {}
    for span in table(out, "spans"):
        spans.setdefault((span["story_id"], span["version"]), []).append(span)
    several = 0
    for name in ITEMS:
        for row in table(out, name):
            of_it = spans[row["story_id"], row["version"]]
            behind = {s["copy_id"] for s in of_it for a, b in places(name, row) if s["start"] < b and a < s["end"]}
            assert row["copies"] == sorted(behind)
            assert behind
            several += len(behind) > 1
    assert several > 0


def test_witnesses_have_the_item_to_the_letter(out):
    texts = {row["copy_id"]: row["text"] for row in table(out, "texts")}
    editions = {(row["story_id"], row["version"]): row["text"] for row in table(out, "stories")}
    counts = set()
    for name in ITEMS:
        for row in table(out, name):
            text = editions[row["story_id"], row["version"]]
            assert all(text[a:b] in texts[copy] for copy in row["witnesses"] for a, b in places(name, row))
            counts.add(len(row["witnesses"]))
    assert counts >= {1, 2, 3}


def test_the_tables_hold_what_the_editions_say(out):
    run = copydesk.Run(out)
    found = {name: table(out, name) for name in (*ITEMS, "metadata")}
    for story in {row["story_id"] for row in run.stories().to_pylist()}:
        edition = run.edition(story)
        for version in (*edition.earlier, edition):
            record = record_of(version)
            own = {n: [r for r in t if (r["story_id"], r["version"]) == (story, version.version)] for n, t in found.items()}
            told = [(s.id, s.type, s.kind, s.name, s.rule, s.implied, len(s.via)) for s in record.statements]
            columns = ("id", "type", "kind", "name", "rule", "implied")
            assert [(*(row[c] for c in columns), len(row["via"])) for row in own["statements"]] == told
            assert [(r["text"], r["value"], r["high"], r["as_of"], r["source"]) for r in own["figures"]] == [
                (f.text, f.value, f.high, f.as_of, f.source) for f in record.figures
            ]
            assert [(r["text"], r["timex"], r["first"], r["anchor"]) for r in own["dates"]] == [
                (d.text, d.timex, d.first, d.anchor) for d in record.dates
            ]
            assert [(r["name"], r["kind"], r["title"]) for r in own["names"]] == [
                (n.name, n.kind, n.title) for n in record.names
            ]
            assert [(r["name"], r["value"]) for r in own["metadata"]] == [(m.name, m.value) for m in record.metadata]


def test_a_relative_date_names_its_anchor_and_the_copies_that_supply_it(out):
    published = {row["id"]: row.get("published") for row in rows()}
    dates = table(out, "dates")
    (tuesday,) = [row for row in dates if row["story_id"] == "lone"]
    assert (tuesday["text"], tuesday["timex"], tuesday["anchor"]) == ("Tuesday", "2031-05-13", "2031-05-14")
    assert (tuesday["anchor_from"], tuesday["anchor_copies"]) == ("published", ["lone"])
    relative = [row for row in dates if row["anchor"]]
    absolute = [row for row in dates if not row["anchor"]]
    assert relative
    assert any(row["first"] for row in absolute)
    for row in relative:
        date.fromisoformat(row["anchor"])
        by = {published[copy] for copy in row["anchor_copies"]} if row["anchor_from"] == "published" else set()
        assert all(day is None or day.startswith(row["anchor"]) for day in by)
    assert {(row["anchor_from"], row["anchor_copies"]) for row in absolute} == {(None, None)}


def test_a_figure_names_the_statement_it_is_said_in(out):
    contents = {(r["story_id"], r["version"], r["id"]): r["content"] for r in table(out, "statements")}
    inside = [row for row in table(out, "figures") if row["statement"]]
    assert inside
    for row in inside:
        content = contents[row["story_id"], row["version"], row["statement"]]
        assert any(one["start"] <= row["start"] < one["end"] for one in content)


def test_the_record_is_counted_and_timed(out):
    summary = json.loads((out / "run.json").read_text("utf-8"))
    assert {name: summary["counts"][name] for name in ITEMS} == {name: len(table(out, name)) for name in ITEMS}
    assert summary["counts"]["not_english"] == 1
    assert summary["settings"]["record"] is True
    assert [step["step"] for step in summary["steps"]][-2:] == ["reconcile", "record"]


def test_without_a_record_there_is_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("a.jsonl", lines(*rows()[:6]))
    done = command("run", "a.jsonl", "-o", "out", "--no-record", "--json")
    summary = json.loads(done.stdout)
    assert "statements" not in summary["counts"]
    assert "record" not in [step["step"] for step in summary["steps"]]
    assert not [name for name in ITEMS if Path("out", f"{name}.parquet").exists()]
    with_it = json.loads(command("run", "a.jsonl", "-o", "with", "--json").stdout)
    assert with_it["counts"].items() > summary["counts"].items()
    for name in ("stories", "spans", "variants", "copies", "sources"):
        assert Path("out", f"{name}.parquet").read_bytes() == Path("with", f"{name}.parquet").read_bytes()
    done = command("run", "a.jsonl", "-o", "no", "--only", "find", "--record")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"there is no record to read; leave one of the two out" in done.stderr


def test_the_copies_behind_a_stretch():
    spans = [Span(0, 5, "a", 0, 5), Span(5, 9, "b", 5, 9), Span(9, 20, "a", 9, 20)]
    witnesses = [Span(0, 4, "a", 0, 4), Span(6, 20, "a", 6, 20), Span(0, 20, "c", 0, 20)]
    behind = Behind(spans, witnesses)
    assert behind.copies([(0, 5)]) == ["a"]
    assert behind.copies([(4, 6)]) == ["a", "b"]
    assert behind.copies([(5, 9)]) == ["b"]
    assert behind.witnesses([(0, 4)]) == ["a", "c"]
    assert behind.witnesses([(0, 5)]) == ["c"]
    assert behind.witnesses([(0, 4), (6, 7)]) == ["a", "c"]
    assert behind.witnesses([(4, 5)]) == ["c"]


def test_the_record_of_a_few_copies_names_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (
        "The ferry carried more than 60 people.\n\n“It ran aground,” said harbour master Ruth Ames on Tuesday. No one was hurt."
    )
    write("a.txt", text)
    write("b.txt", text.replace("aground", "around").replace("harbour ", ""))
    told = json.loads(command("reconcile", "a.txt", "b.txt", "--record", "--json").stdout)
    (statement,) = told["statements"]
    assert statement["name"] == "Ruth Ames"
    assert set(statement["copies"]) <= {"a.txt", "b.txt"}
    assert len(statement["witnesses"]) == 1
    (figure,) = told["figures"]
    assert (figure["id"], figure["witnesses"]) == ("f1", ["a.txt", "b.txt"])
    shown = command("reconcile", "a.txt", "b.txt", "--record").stdout.decode()
    assert shown.startswith("the edition: 1 statement")
    alone = json.loads(command("record", "a.txt", "--json").stdout)
    assert [alone["figures"][0].get(name) for name in ("id", "copies", "witnesses")] == ["f1", None, None]
    assert command("reconcile", "a.txt", "b.txt", "--record", "--html").returncode == 2
