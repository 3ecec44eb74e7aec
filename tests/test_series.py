"""Figures that several stories tell: a series by day, through real runs."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from copydesk.series import NotCounted, series, stems
from test_cli import lines, on_terminal, write
from test_cli import run as command

STYLE = re.compile(r"\x1b\[[\d;]*m")
REPORTS = (
    (
        "2031-03-04",
        "The night ferry was late again, and nobody on the quay could say why it was so.\n\n"
        "The Harbour Office has declined more than 112 landing permits since January. "
        "This number is as of the March 3 Declined Permit Report. A lamp on the mole went out at noon.",
    ),
    (
        "2031-03-11",
        "Bakers of the upper town met their guild to talk about the price of rye bread.\n\n"
        "Down at the water more than 118 landing permits have been declined since January, as of March 10, "
        "and the harbour master sees no end of it, she told the council after a long evening of talk.",
    ),
    (
        "2031-03-18",
        "Forty singers gave a concert under the new roof of the fish market, to much applause.\n\n"
        "Ruth Ames, the harbour master, said that 121 landing permits had been declined as of March 17, none of them hers.",
    ),
    (
        "2031-06-03",
        "Two \x1b[31mmonths\u202e without a report: that is what the pilots of Marl Island count on their fingers.\n\n"
        "At least 12 permits were given, said Oda Brandt. An old boat was painted green and sold.",
    ),
)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("series")
    rows = [{"id": f"s{n}", "published": day, "text": text} for n, (day, text) in enumerate(REPORTS)]
    # the same text once more, which is no further story
    rows.append({"id": "again", "published": REPORTS[2][0], "text": REPORTS[2][1].replace("Forty", "About forty")})
    path = folder / "news.jsonl"
    path.write_text(lines(*rows), "utf-8")
    done = command("run", str(path), "-o", str(folder / "out"), "--threads", "1")
    assert done.returncode == 0
    return folder / "out"


def test_a_series_has_its_values_by_day_with_their_sources(out):
    (found,) = series(out, "permits for landing")
    assert (found.counted, found.kind, found.exact) == ("landing permits", "count", True)
    assert [(str(v.day), v.dated_by, v.comparison, v.value, v.since) for v in found.values] == [
        ("2031-03-03", "as_of", "more than", 112, "2031-01"),
        ("2031-03-10", "as_of", "more than", 118, "2031-01"),
        ("2031-03-17", "as_of", None, 121, None),
    ]
    assert [v.source for v in found.values][::2] == ["Declined Permit Report", "Ruth Ames"]
    (mention,) = found.values[2].mentions
    assert set(mention.copies) <= {"s2", "again"}
    assert mention.title.startswith(("Forty", "About forty"))


def test_figures_that_nobody_says_are_a_series_of_a_run_and_of_an_archive(tmp_path):
    text = "The yard by the river was quiet. Some 40 steel bearings lay on a bench, and the rain went on all afternoon.\n"
    write(tmp_path / "news.jsonl", lines({"id": "a", "published": "2031-03-04", "text": text * 3}))
    feed, out, desk = (str(tmp_path / name) for name in ("news.jsonl", "out", "my.desk"))
    assert command("run", feed, "-o", out, "--threads", "1").returncode == 0
    assert command("add", desk, feed, "--threads", "1").returncode == 0
    for kept in (out, desk):
        done = command("figures", kept, "steel bearings", "--json")
        assert (done.returncode, done.stderr) == (0, b"")
        (found,) = json.loads(done.stdout)["series"]
        assert [(value["value"], value["source"]) for value in found["values"]] == [(40, None)]


def test_where_a_tally_stops_is_told(out):
    (found,) = series(out, "landing permit")
    assert (str(found.last), str(found.until), found.usual, found.overdue) == ("2031-03-17", "2031-06-03", 7, True)


def test_fewer_words_find_more_series(out):
    found = series(out, "Permits")
    assert [(one.counted, one.exact) for one in found] == [("permits", True), ("landing permits", False)]
    assert found[0].values[0].dated_by == "published"


def test_words_are_looked_for_without_their_endings():
    assert stems("Agencies’ boxes") == stems("the box of an agency")
    assert stems("women") == stems("Woman’s")
    assert stems("bus") != stems("bu")


def test_every_mention_stands_where_it_says(out):
    import pyarrow.parquet as pq

    texts = {row["story_id"]: row["text"] for row in pq.read_table(out / "stories.parquet").to_pylist()}
    mentions = [mention for one in series(out, "permits") for value in one.values for mention in value.mentions]
    assert len(mentions) == 4
    assert all(texts[m.story_id][m.start : m.end] == m.text for m in mentions)


def test_the_command_writes_json_and_csv(out):
    done = command("figures", str(out), "landing permits", "--json")
    told = json.loads(done.stdout)["series"]
    assert (done.returncode, done.stderr) == (0, b"")
    assert [value["value"] for value in told[0]["values"]] == [112, 118, 121]
    assert told[0]["values"][0]["day"] == "2031-03-03"
    rows = list(csv.DictReader(io.StringIO(command("figures", str(out), "permits", "--csv").stdout.decode())))
    assert [row["value"] for row in rows] == ["12.0", "112.0", "118.0", "121.0"]
    assert rows[1]["source"] == "Declined Permit Report"


@pytest.mark.parametrize("columns", [50, 80])
def test_in_a_terminal_nothing_is_too_wide_and_nothing_is_obeyed(out, columns):
    shown = on_terminal(columns, "figures", str(out), "permits", NO_COLOR="1")
    assert "Stops at 2031-03-17" in shown
    assert all(len(line) <= columns for line in STYLE.sub("", shown).splitlines())
    assert "\u202e" not in shown
    assert "\x1b[31m" not in shown


def test_what_cannot_be_answered_is_said_in_one_line(out, tmp_path, monkeypatch):
    with pytest.raises(NotCounted, match="nothing counts 'frogs'"):
        series(out, "frogs")
    done = command("figures", str(out), "fishing permits")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"copydesk: nothing counts 'fishing permits'; alike: 'landing permits', 'permits'\n"
    monkeypatch.chdir(tmp_path)
    done = command("figures", "nowhere", "permits")
    assert (done.returncode, b"is not the folder of a run" in done.stderr) == (2, True)
    write("a.jsonl", lines({"id": "a", "text": "No one was hurt."}))
    assert command("run", "a.jsonl", "-o", "bare", "--no-record").returncode == 0
    assert not Path("bare/figures.parquet").exists()
    done = command("figures", "bare", "permits")
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert b"run again without --no-record" in done.stderr
    assert command("figures", str(out), "permits", "--json", "--csv").returncode == 2
    assert command("figures", str(out), "of the").returncode == 1
