"""What is known about a text besides what it says: of single texts, and of editions."""

from __future__ import annotations

import json
import subprocess

import msgspec
import pytest
from hypothesis import given

from copydesk import Copy, reconcile
from copydesk.model import Record
from copydesk.record.metadata import metadata, names, place_of
from copydesk.story import record, record_of
from strategies import copies, edition_of, texts
from test_cli import COMMAND

STORY = (
    "The night ferry to Marl Island ran aground on Tuesday with 60 passengers asleep, the harbour master said.\n\n"
    "“Nobody was hurt,” said Oda Brandt of the Coast Office. “The tide took the ship, and the tide will bring it back.”\n\n"
    "The re-floating was planned for late last week, but the wind turned. It will take two tides, she said."
)
BIOGRAPHY = "Ada Quill covers the river towns for the Lower Marl Courier. Follow her on Twitter @adaquill."


def said(record: Record, name: str) -> list[str]:
    return [detail.value for detail in record.metadata if detail.name == name]


@pytest.mark.parametrize("line", ["Subscribe to our newsletter", "Sign in", "JOIN OUR MAILING LIST"])
def test_a_prompt_is_no_headline(line):
    assert said(record(f"{line}\n\n{STORY}"), "headline") == []
    assert said(record(f"Ferry runs aground\n\n{STORY}"), "headline") == ["Ferry runs aground"]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("Ferry runs aground\n\n", [("headline", "Ferry runs aground")]),
        ("By Oda Brandt\n", [("byline", "Oda Brandt"), ("author", "Oda Brandt")]),
        (
            "Ferry runs aground\nBY ODA BRANDT and Ruth Ames, Staff Writers\nMay 14, 2031\n\n",
            [
                ("headline", "Ferry runs aground"),
                ("byline", "ODA BRANDT and Ruth Ames, Staff Writers"),
                ("author", "Oda Brandt"),
                ("author", "Ruth Ames"),
                ("published", "2031-05-14"),
            ],
        ),
        (
            "Published: May 14, 2031 | Last updated: May 16, 2031 10:30\n\n",
            [("published", "2031-05-14"), ("updated", "2031-05-16")],
        ),
        (
            "By Oda Brandt | 14 May 2031\n\n",
            [("byline", "Oda Brandt | 14 May 2031"), ("author", "Oda Brandt"), ("published", "2031-05-14")],
        ),
        ("date 2031-05-14 JOIN OUR MAILING LIST\n\n", [("published", "2031-05-14")]),
        (
            "MARL ISLAND, May 14, 2031 (Coast Wire) — ",
            [("dateline", "MARL ISLAND, May 14, 2031 (Coast Wire)"), ("outlet", "Coast Wire")],
        ),
        ("KERROW, Tessaly — ", [("dateline", "KERROW, Tessaly")]),
        ("Kerrow (Coast Wire) - ", [("dateline", "Kerrow (Coast Wire)"), ("outlet", "Coast Wire")]),
        ("By the river in May 2031\n\n", []),
        ("By Staff\n\n", []),
        ("Marl Island – ", []),
    ],
)  # fmt: skip
def test_the_head_of_a_text(head, expected):
    told = record(head + STORY).metadata
    assert [(detail.name, detail.value) for detail in told if detail.name != "headline" or head.startswith("Ferry")] == expected
    for detail in told:
        if detail.span is not None and detail.name in {"headline", "byline", "dateline", "outlet"}:
            start, end = detail.span
            assert (head + STORY)[start:end] == detail.value


def test_a_plain_article_has_no_metadata():
    assert record(STORY).metadata == ()


def test_a_biography_implies_its_author_and_a_byline_names_them():
    implied = record(f"{STORY}\n\n{BIOGRAPHY}")
    (author,) = [detail for detail in implied.metadata if detail.name == "author"]
    assert (author.value, author.rule, author.implied) == ("Ada Quill", "biography", True)
    assert said(implied, "biography") == [BIOGRAPHY]
    named = record(f"By Ruth Ames\n\n{STORY}\n\n{BIOGRAPHY}")
    (author,) = [detail for detail in named.metadata if detail.name == "author"]
    assert (author.value, author.implied) == ("Ruth Ames", False)


def test_a_person_in_the_story_is_no_author():
    assert said(record(f"{STORY}\n\nOda Brandt was calm throughout, and slept at noon."), "author") == []


@pytest.mark.parametrize(
    ("head", "published", "supplied"),
    [
        ("MARL ISLAND, June 3, 2031 — ", None, "dateline"),
        ("By Oda Brandt | June 3, 2031\n\n", None, "published"),
        ("Updated: June 3, 2031\n\n", None, "updated"),
        ("MARL ISLAND, May 1, 2031 — ", "2031-06-03T10:00:00Z", "published"),
        ("", "2031-06-03", "published"),
    ],
)
def test_dates_are_reckoned_from_what_there_is(head, published, supplied):
    found = record(head + STORY, published)
    assert (found.anchor, found.anchor_from) == ("2031-06-03", supplied)
    (last,) = [date for date in found.dates if date.text == "late last week"]
    assert last.first == "2031-05-29"


def test_no_day_to_go_by():
    found = record(STORY)
    assert (found.anchor, found.anchor_from, found.anchor_copies) == (None, None, ())


def test_an_edition_has_what_copies_and_boilerplate_say():
    first = Copy("000", f"date 2031-06-03 SIGN UP FOR OUR NEWSLETTER\n\n{STORY}", source="courier")
    second = Copy("001", f"{STORY.replace('re-floating', '')} {BIOGRAPHY}", source="mirror")
    edition = reconcile([first, second])
    found = record_of(edition)
    assert (found.anchor, found.anchor_from, found.anchor_copies) == ("2031-06-03", "published", ("000",))
    (author,) = [detail for detail in found.metadata if detail.name == "author"]
    assert (author.value, author.implied, author.copies) == ("Ada Quill", True, ("001",))
    assert said(found, "outlet") == ["courier", "mirror"]
    texts = {copy.id: copy.text for copy in edition.copies}
    for detail in found.metadata:
        for place in detail.places:
            here = texts[place.copy][place.start : place.end]
            assert " ".join(here.split()) == detail.value or detail.name in {"author", "published"}


def test_what_most_copies_say_comes_before_what_boilerplate_says():
    copies = [
        Copy("a", f"date 2031-06-03 SIGN UP FOR OUR NEWSLETTER\n\n{STORY}", published="2031-06-05"),
        Copy("b", STORY, published="2031-06-04"),
        Copy("c", STORY.replace("Tuesday", "Monday"), published="2031-06-04"),
    ]
    found = record_of(reconcile(copies))
    assert said(found, "published")[0] == "2031-06-04"
    assert (found.anchor, found.anchor_copies) == ("2031-06-04", ("b", "c"))
    assert "2031-06-03" in said(found, "published")


def test_an_extractor_is_no_outlet():
    copies = [Copy(f"p#{name}", STORY, source=name, url="https://courier.example/a") for name in ("readers", "justly")]
    (outlet,) = [detail for detail in record_of(reconcile(copies)).metadata if detail.name == "outlet"]
    assert (outlet.value, outlet.copies) == ("courier.example", ("p#justly", "p#readers"))


def test_a_copyright_line_names_the_outlet():
    copies = [
        Copy("a", f"{STORY}\n\n© 2031 Lower Marl Courier. All rights reserved."),
        Copy("b", STORY.replace("asleep", "adrift")),
    ]
    assert said(record_of(reconcile(copies)), "outlet") == ["Lower Marl Courier"]


@pytest.mark.parametrize(
    ("byline", "people"),
    [
        ("Oda Brandt", ["Oda Brandt"]),
        ("By ODA BRANDT, Ruth Ames and Hanno Vale", ["Oda Brandt", "Ruth Ames", "Hanno Vale"]),
        ("Ruth O’Ames | Lower Marl Courier", ["Ruth O’Ames"]),
        ("Ruth Ames for the Courier", ["Ruth Ames"]),
        ("Ruth Ames, harbour correspondent", ["Ruth Ames"]),
        ("Courier Staff", []),
        ("the Coast Wire", []),
        ("", []),
    ],
)
def test_the_people_of_a_byline(byline, people):
    assert names(byline) == people


def test_the_place_of_a_dateline():
    assert place_of("MARL ISLAND, Tessaly, May 14 (Coast Wire)") == "Marl Island"
    assert place_of("Kerrow (Coast Wire)") == "Kerrow"
    assert place_of("on") is None


@given(texts)
def test_any_text_has_metadata_in_its_place(text):
    for detail in metadata(text):
        assert detail.value
        assert detail.span is not None
        assert 0 <= detail.span[0] < detail.span[1] <= len(text)


@given(copies)
def test_any_edition_has_metadata_of_its_copies(given):
    edition = edition_of(given)
    ids = {copy.id: len(copy.text) for copy in edition.copies}
    for detail in metadata(edition.text, edition=edition):
        assert detail.copies
        assert {*detail.copies} <= ids.keys()
        assert all(0 <= place.start <= place.end <= ids[place.copy] for place in detail.places)


def test_the_command_writes_and_shows_it():
    text = f"By Ruth Ames\n\n{STORY}"
    line = json.dumps({"id": "x", "text": text, "published": "2031-06-03"})
    done = subprocess.run([*COMMAND, "record", "-", "--json"], input=line.encode(), capture_output=True, check=True)
    told = json.loads(done.stdout)
    assert told["metadata"] == json.loads(msgspec.json.encode(record(text, "2031-06-03").metadata))
    assert (told["anchor"], told["anchor_from"]) == ("2031-06-03", "published")
    shown = subprocess.run([*COMMAND, "record", "-"], input=line.encode(), capture_output=True, check=True).stdout.decode()
    assert "author: Ruth Ames (byline)" in shown
    assert "published: 2031-06-03 (given); dates are reckoned from it" in shown
