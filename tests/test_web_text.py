"""What the page is made of: parts of long texts, titles, how far a copy reaches, what is drawn."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("starlette", reason="no Starlette; pip install 'copydesk[desk]'")

from copydesk.export.readable import HOSTILE
from copydesk.web.article import article
from copydesk.web.asked import Mark, Story, Stretch
from copydesk.web.drawn import CELLS, over_time, strip
from copydesk.web.pages import head, spanned
from copydesk.web.stories import headline, terms
from copydesk.web.story import PART, around, parts, reach


def made(text: str, marks: list[Mark]) -> Story:
    return Story("a", 1, "", None, None, 2, 2, len(marks), 0, len(text), 1, 1, 0, len(text), text, marks, [])


@given(st.integers(0, 5), st.sampled_from(["x", "x y\n", "word "]), st.integers(0, 99))
def test_parts_are_the_text_and_none_is_too_long(n, unit, more):
    text = unit * (n * PART // len(unit)) + "z" * more
    bounds = parts(text)
    assert bounds[0] == 0
    assert bounds[-1] == len(text)
    assert bounds == sorted(bounds)
    assert all(end - start <= PART for start, end in pairwise(bounds))


@given(st.data())
def test_the_article_has_every_letter_and_every_mark_once(data):
    text = data.draw(st.text(st.sampled_from("ab <&\n\u202e"), max_size=40))
    places = data.draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), max_size=6))
    marks = [Mark(n, min(at), max(at), "omission", 0.9) for n, at in enumerate(sorted(places), 1)]
    here = data.draw(st.none() | st.tuples(st.integers(0, len(text)), st.integers(0, len(text))))
    shown = str(article(made(text, marks), 0, here))
    ids = re.findall(r' id="(\w+)"', shown)
    assert len(ids) == len(set(ids))
    every = " ".join(re.findall(r'data-n="([\d ]+)"', shown)).split()
    assert set(every) <= {str(mark.n) for mark in marks}
    if "\n" not in text:
        assert set(every) == {str(mark.n) for mark in marks}
    letters = unescape(re.sub(r"<[^>]*>", "", shown)).replace("¶", "").replace("\n", "")
    assert letters == HOSTILE.sub(lambda match: f"U+{ord(match[0]):04X}", text.replace("\n", ""))


@pytest.mark.parametrize(
    ("title", "text", "shown"),
    [
        ("A  title\n", "text", "A title"),
        (None, "\n\nFirst line\nSecond", "First line"),
        (None, "PORT ANSLEY, Jan. 31 — Two banks merge", "Two banks merge"),
        (None, "TAMARIND FALLS — The board voted", "The board voted"),
        (None, "UNESCO said no — again", "UNESCO said no — again"),
        (None, "", "Without words"),
        (None, "word " * 100, ("word " * 24).strip() + " …"),
    ],
)
def test_a_title_is_made_of_the_first_words(title, text, shown):
    assert headline(title, text) == shown


def test_words_and_phrases():
    assert terms('Ferry "Marl  Island" ') == ["marl island", "ferry"]
    assert terms('"open') == []
    assert terms("") == []


def test_how_far_a_copy_reaches():
    words = [f"word{n}" for n in range(100)]
    text = " ".join(words)
    assert reach(text, text) == [(0, 0), (len(text), len(text))]
    assert reach(text, " ".join(words[:60])) == [(0, 0), (len(" ".join(words[:60])), len(text))]
    assert reach(text, " ".join(words[40:])) == [(0, text.index("word40")), (len(text), len(text))]
    assert reach(text, "nothing of it") == [(0, 0), (len(text), len(text))]
    assert reach(text, " ".join(words[:60]) + " wor") == [(0, 0), (len(" ".join(words[:60])), len(text))]


def test_words_that_come_again_do_not_make_a_copy_reach_further():
    words = [f"word{n}" for n in range(100)]
    refrain = ["as", "the", "master", "of", "the", "harbour", "said"]
    whole = [*words[:10], *refrain, *words[10:80], *refrain, *words[80:]]
    text = " ".join(whole)
    cut = " ".join(whole[:50])
    assert reach(text, cut) == [(0, 0), (len(cut), len(text))]
    rest = " ".join(whole[50:])
    assert reach(text, rest) == [(0, len(text) - len(rest)), (len(text), len(text))]
    edited = " ".join([*whole[:40], "another", *whole[41:50]])
    assert reach(text, edited) == [(0, 0), (len(cut), len(text))]


def test_what_stands_around_is_whole_words():
    text = "alpha " * 30 + "HERE" + " omega" * 30
    at = text.index("HERE")
    before, after = around(text, at, at + 4)
    assert set(before.split()) == {"alpha"}
    assert set(after.split()) == {"omega"}
    assert around("a HERE b", 2, 6) == ("a ", " b")


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 500)), max_size=400))
def test_a_strip_has_a_size_that_has_a_bound(places):
    drawn = str(strip([Stretch(start, start + size, "lost") for start, size in places], 10_000))
    assert len(drawn) < 200 * 30
    for start, width in re.findall(r"M(\d+) 0h(\d+)v", drawn):
        assert 0 <= int(start) < int(start) + int(width) <= CELLS


def test_time_has_no_holes():
    assert over_time([("2031-11", 2), ("2032-01", 1)]) == [("2031-11", 2), ("2031-12", 0), ("2032-01", 1)]
    assert over_time([("1900-01", 1), ("1902-05", 2), ("2031-01", 1)])[:3] == [("1900", 1), ("1901", 0), ("1902", 2)]
    assert over_time([]) == []
    assert spanned("1788-01-01", "1788-12-31") == ("1788", "")
    assert spanned("2032-02-01", "2032-02-29") == ("2032-02", "")
    assert spanned("2032-02-01", "2032-02-28") == ("2032-02-01", "2032-02-28")
    assert spanned("2031-05-14", "2031-05-14") == ("2031-05-14", "")
    assert spanned(None, None) == ("?", "")
    assert head("one two three", 8) == "one two …"
