"""Names: who and what a text names, mentions joined. Cases are data, in `cases/mentions`."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.record.names import names

CASES = json.loads((Path(__file__).parent / "cases/mentions/names.json").read_text("utf-8"))


def marked(case: dict):
    fails = [pytest.mark.xfail(reason=case["fails"], strict=True)] if "fails" in case else []
    return pytest.param(case, id=case["label"], marks=fails)


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_names(case):
    text = case["text"]
    found = [[name.name, name.kind, name.title, [text[a:b] for a, b in name.mentions]] for name in names(text)]
    assert found == case["names"]


WORDS = [
    *(
        "Mr.",
        "Oda",
        "Brandt",
        "(MIC)",
        "Marl",
        "Island",
        "Council",
        "and",
        "of",
        "the",
        "U.S.",
        "The",
        "New",
        "York",
        "—",
        "“",
        "”",
    ),
    *("\n", "Dr.", "O’Neill", "IBM", "Inc.", "Is", "said", "A."),
]


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_mentions_are_in_order_and_apart(words):
    text = " ".join(words)
    found = names(text)
    places = sorted(place for name in found for place in name.mentions)
    assert all(a[1] <= b[0] for a, b in pairwise(places))
    assert all(list(name.mentions) == sorted(name.mentions) and text[slice(*name.mentions[0])] for name in found)


@given(st.text(max_size=300))
def test_any_text_is_read(text):
    names(text)
