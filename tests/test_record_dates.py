"""Dates and figures: what a text says of when and how many. Cases are data, in `cases/mentions`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.record.dates import dates
from copydesk.record.figures import figures
from copydesk.record.numbers import value_of

CASES = Path(__file__).parent / "cases/mentions"


def cases(name: str) -> list:
    return [pytest.param(case, id=case["label"]) for case in json.loads((CASES / f"{name}.json").read_text("utf-8"))]


def anchor(case: dict) -> date | None:
    return date.fromisoformat(case["anchor"]) if case.get("anchor") else None


@pytest.mark.parametrize("case", cases("dates"))
def test_dates(case):
    found = dates(case["text"], anchor(case))
    assert [[d.text, d.timex, d.mod, d.first, d.last] for d in found] == case["dates"]


@pytest.mark.parametrize("case", cases("figures"))
def test_figures(case):
    found = figures(case["text"], dates(case["text"], anchor(case)))
    told = [[f.text, f.kind, f.value, f.high, f.comparison, f.unit, f.since, f.as_of, f.source] for f in found]
    assert told == case["figures"]


WORDS = [
    "March",
    "May",
    "second",
    "Sunday",
    "last",
    "week",
    "2031",
    "31",
    ",",
    ".",
    "since",
    "as",
    "of",
    "the",
    "more",
    "than",
    "million",
    "dozen",
    "$",
    "%",
    "-year-old",
    "two",
    "1,000",
    "3:30",
    "p.m.",
    "ago",
    "early",
    "next",
    "this",
    "February",
    "30",
    "2031-02-30",
    "Times",
    "“",
    "”",
    "\n",
    "to",
    "-",
    "five",
    "hundred",
    "thousand",
    "0",
    "999999999999",
]


@given(st.lists(st.sampled_from(WORDS), max_size=40), st.one_of(st.none(), st.dates()))
def test_offsets_give_the_text_whatever_it_says(words, day):
    text = " ".join(words)
    found = dates(text, day)
    for item in (*found, *figures(text, found)):
        assert text[item.start : item.end] == item.text
    for one in found:
        if one.first is not None and one.last is not None:
            assert one.first <= one.last


@given(st.text(max_size=200), st.dates())
def test_any_text_is_read(text, day):
    figures(text, dates(text, day))


def test_the_value_of_numbers():
    numbers = {
        "1,200": 1200,
        "two hundred": 200,
        "1.5 million": 1.5e6,
        "twenty-one": 21,
        "half a million": 5e5,
        "a dozen": 12,
        "3bn": 3e9,
    }
    assert {number: value_of(number) for number in numbers} == numbers
