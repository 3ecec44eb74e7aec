from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.find.letters import letters

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "CAFE\u0301"),
        ("ｃａｆé 12", "cafe-12"),
        ("straße", "STRASSE"),
        ("ﬁnd", "find"),
        ("re-entry", "reentry"),
        ("“U. S.”", "US"),
        ("한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"),
        ("Ёлка", "ЕЛКА"),
        ("①½", "1 1 2"),
        ("soft\u00adhyphen", "softhyphen"),
    ],
)
def test_what_is_one_word_is_one_run_of_letters(one, other):
    assert letters(one)[0] == letters(other)[0]


@pytest.mark.parametrize(
    ("one", "other"), [("Москва", "Минск"), ("東京", "京都"), ("ナカ", "カナ"), ("שלום", "שלב"), ("한글", "한국")]
)
def test_other_scripts_are_told_apart(one, other):
    assert letters(one)[0] != letters(other)[0]


def test_an_ideograph_says_as_much_as_three_letters():
    assert len(letters("東京")[0]) == 6
    assert len(letters("\U00020000")[0]) == 3


@given(TEXT)
def test_letters_know_their_place(text):
    folded, places = letters(text)
    assert len(folded) == len(places)
    assert (np.diff(places) >= 0).all()
    assert all(letters(text[p])[0] for p in places)
    assert b"".join(letters(c)[0] for c in text) == folded


@given(TEXT)
def test_case_does_not_matter(text):
    plain = "".join(c for c in text if c.isascii())
    assert letters(plain.upper())[0] == letters(plain.lower())[0]
