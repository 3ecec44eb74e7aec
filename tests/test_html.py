"""The page of HTML: what it shows, that nothing of a text gets out of its place, and that it asks for nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.export.html import page
from copydesk.export.pieces import pieces
from copydesk.export.readable import HOSTILE, context, named, readings_shown, shortened, sure, visible
from copydesk.model import Copy, Damage, Edition, Fact, Place, Reading, Span, Variant
from made_editions import BIOGRAPHY, STORY, ferry, of_one_variant

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """The elements of a page with their attributes and the text within them. Tags must nest."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.open: list[int] = []
        self.feed(source)
        self.close()
        assert not self.open, "an element is never closed"

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.texts.append("")
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_endtag(self, tag):
        assert self.elements[self.open.pop()][0] == tag

    def handle_data(self, data):
        for n in self.open:
            self.texts[n] += data

    def all(self, tag: str, **wanted: str) -> list[tuple[dict[str, str], str]]:
        """Attributes and text of every element of the tag that has the attributes; a class among others will do."""
        return [
            (attrs, text)
            for (name, attrs), text in zip(self.elements, self.texts, strict=True)
            if name == tag and all(v in attrs.get(k.rstrip("_"), "").split() for k, v in wanted.items())
        ]

    def ids(self) -> Counter[str]:
        return Counter(attrs["id"] for _, attrs in self.elements if "id" in attrs)


def hostile() -> Edition:
    """An edition in which every string that comes from outside tries to get out."""
    bad = '</style></script><script>alert(1)</script><img src="https://evil.example/x" onerror=alert(2)>'
    bad += "\u202e\0\x1b[31m\"'&amp;<!--"
    text = f"Before. {bad} After."
    copies = (
        Copy(bad, text, bad, bad, "javascript:alert(3)"),
        Copy("b", "", url='https://evil.example/"><script>alert(4)</script>'),
        Copy("c", "", url="https://evil.example/\u202e"),
        Copy("d", "", url="data:text/html,<script>alert(5)</script>"),
    )
    readings = (Reading(bad, (bad,), (Place(bad, 8, 8 + len(bad)),)), Reading(bad + "!", ("b",), (Place("b", 0, 0),)))
    variant = Variant(8, 8 + len(bad), bad, readings, 0, bad, 0.5, (bad,))
    span = Span(0, len(text), bad, 0, len(text))
    return Edition(
        text, copies, (span,), (span,), (variant,), (Damage(bad, bad, 1, 2, bad),), (Fact(bad, bad, Place(bad, 0, 1)),), 0.5
    )


@pytest.mark.parametrize("edition", [ferry(), hostile()], ids=["ferry", "hostile"])
def test_the_page_asks_for_nothing_and_runs_nothing_but_its_own(edition):
    shown = Page(page(edition))
    tags = Counter(tag for tag, _ in shown.elements)
    assert (tags["script"], tags["style"]) == (1, 1)
    assert not {"img", "link", "iframe", "object", "embed", "form", "base", "svg", "video", "audio"} & set(tags)
    for tag, attrs in shown.elements:
        assert not {"src", "srcset", "style", "action", "background", "ping"} & set(attrs)
        assert not [name for name in attrs if name.startswith("on")]
        if "href" in attrs:
            assert tag == "a"
            assert re.match("#[tv][0-9]+$|https?://", attrs["href"])
        if attrs.get("href", "").startswith("http"):
            assert "noreferrer" in attrs["rel"]

    policy = next(a["content"] for a, _ in shown.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        inline = shown.all(tag)[0][1]
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
        assert "http" not in inline
        assert "url(" not in inline
        assert "@import" not in inline


def test_nothing_hostile_is_left_in_the_page():
    source = page(hostile())
    assert not HOSTILE.search(source.replace("\n", ""))
    shown = Page(source)
    assert "alert(1)" in shown.all("article")[0][1]
    linked = [attrs["href"] for attrs, _ in shown.all("a") if not attrs["href"].startswith("#")]
    assert linked == ['https://evil.example/"><script>alert(4)</script>']
    titles = {attrs["title"] for attrs, text in shown.all("span", class_="x") if text == "U+202E"}
    assert titles == {"RIGHT-TO-LEFT OVERRIDE"}


def test_the_text_is_the_editions_in_paragraphs():
    source = re.sub(
        r'<span class="note".*?</span><a class="to"[^>]*>[^<]*</a></span>|<span class="n">\d+</span>', "", page(ferry())
    )
    assert [text for attrs, text in Page(source).all("p") if attrs.get("dir") == "auto"] == STORY.split("\n\n")


def test_every_variant_is_a_link_to_its_entry_with_a_note():
    edition = ferry()
    shown = Page(page(edition))
    assert set(shown.ids().values()) == {1}
    marks = shown.all("a", class_="m")
    rows = {attrs["id"]: text for attrs, text in shown.all("tr") if "id" in attrs}
    notes = {attrs["id"]: text for attrs, text in shown.all("span", class_="note")}
    assert [attrs["href"] for attrs, _ in marks] == [f"#v{n}" for n in range(1, 8)]
    for (attrs, text), variant in zip(marks, edition.variants, strict=True):
        chosen = variant.readings[variant.chosen].text
        assert text.startswith(chosen)
        assert ("gap" in attrs["class"].split()) == (chosen == "")
        assert ("aria-label" in attrs) == (chosen == "")
        assert ("unsure" in attrs["class"].split()) == (variant.confidence < 0.8)
        for place in (rows[attrs["href"][1:]], notes[attrs["aria-describedby"]]):
            assert all(r.text in place for r in variant.readings)
            assert ("omitted" in place) == any(r.text == "" for r in variant.readings)
            assert all(copy in place for r in variant.readings for copy in r.copies)
            assert variant.reason in place
            assert variant.kind in place
            assert sure(variant.confidence) in place
    for attrs, _ in shown.all("a"):
        if attrs["href"].startswith("#"):
            assert attrs["href"][1:] in shown.ids()


def test_what_was_left_out_at_one_place_is_marked_side_by_side():
    edition = ferry()
    twice = msgspec.structs.replace(edition, variants=(edition.variants[0], *edition.variants))
    gaps = [attrs["class"].split() for attrs, _ in Page(page(twice)).all("a", class_="gap")]
    assert ["beside" in classes for classes in gaps] == [False, True, False, False]


def test_damage_and_metadata_are_shown_with_their_copy():
    shown = Page(page(ferry()))
    first, second = (text for text in (text for attrs, text in shown.all("tr") if "id" not in attrs) if ".txt" in text)
    assert "marl/000.txt" in first
    assert "no damage found" in first
    assert "100\u00a0%" in first
    assert "courier/001.txt" in second
    assert "paragraphs flattened, 2 of 2" in second
    assert "every break between paragraphs is one space" in second
    assert [text for _, text in shown.all("dt")] == ["published", "biography"]
    assert [BIOGRAPHY in text for _, text in shown.all("dd")] == [False, True]


def test_a_long_reading_is_shortened_and_can_be_opened():
    long = " ".join(f"word{n}" for n in range(200))
    shown = Page(page(of_one_variant("One two three.", 4, 4, long, chosen="")))
    ((_, note),) = shown.all("span", class_="note")
    ((_, details),) = shown.all("details")
    assert long not in note
    assert f"{len(long):,} characters" in note
    assert long in details


def test_right_to_left_paragraphs_know_their_direction():
    shown = Page(page(of_one_variant("עברית.\n\nEnglish.", 0, 5, "אחרת")))
    assert len([attrs for attrs, _ in shown.all("p") if attrs.get("dir") == "auto"]) == 2
    assert len(shown.all("bdi", class_="text")) == 4


def test_a_break_of_paragraphs_can_be_a_variant():
    shown = Page(page(of_one_variant("One.\n\nTwo.", 4, 6, " ")))
    assert [text for _, text in shown.all("a", class_="m")] == ["¶1"]
    assert len([attrs for attrs, _ in shown.all("p") if attrs.get("dir") == "auto"]) == 2


def test_an_edition_without_variants_has_a_page():
    text = "One copy."
    shown = Page(page(Edition(text, (Copy("a", text),), (), (), (), (), (), 1.0)))
    assert "No variants." in shown.all("main")[0][1]
    assert shown.all("a") == []
    Page(page(Edition("", (), (), (), (), (), (), 1.0)))


# -- what the faces share

TEXTS = st.text(alphabet="ab \n\u05d0é\0", max_size=12)


@st.composite
def editions(draw):
    text = draw(TEXTS)
    places = draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), max_size=6))
    readings = (Reading("x", ("a",), ()), Reading("y", ("b",), ()))
    variants = tuple(Variant(min(p), max(p), "k", readings, 0, "r", 0.9) for p in sorted(places))
    return Edition(text, (), (), (), variants, (), (), 1.0)


@given(editions())
def test_pieces_are_the_text_and_leave_no_variant_out(edition):
    cut = pieces(edition)
    assert "".join(piece.text for piece in cut) == edition.text
    assert {piece.variant for piece in cut if piece.variant is not None} == set(range(len(edition.variants)))
    assert sorted(p.variant for p in cut if p.last) == list(range(len(edition.variants)))
    at = 0
    for piece in cut:
        if piece.variant is not None:
            variant = edition.variants[piece.variant]
            assert variant.start <= at <= at + len(piece.text) <= variant.end
        at += len(piece.text)


@given(editions())
def test_every_edition_has_a_whole_page(edition):
    shown = Page(page(edition))
    assert set(shown.ids().values()) <= {1}
    assert {attrs["href"] for attrs, _ in shown.all("a", class_="m")} == {f"#v{n + 1}" for n in range(len(edition.variants))}


@given(st.text(max_size=40))
def test_nothing_hostile_is_left_visible(text):
    assert not HOSTILE.search(visible(text))


def test_a_plain_text_is_left_alone():
    text = "“Plain” text,\twith a tab\nand two lines: naïve, 東京, שלום, 👩‍👧, می‌خواهم."
    assert visible(text) == text


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (("U.K.", "U. K."), ["U.K.", "U. K."]),
        (("a\n\nb", "a  b"), ["a↵↵b", "a␣␣b"]),
        (("a\r\nb", "a b "), ["a↵b", "a b␣"]),
        (("a\tb", ""), ["a⇥b", ""]),
        (("a b", "a\u00a0b"), ["a b", "a<U+00A0>b"]),
        (("cooperate", "co\u00adoperate"), ["cooperate", "co<U+00AD>operate"]),
        (("caf\u00e9", "cafe\u0301"), ["caf<U+00E9>", "cafe<U+0301>"]),
        (("a\r\nb", "a\nb"), ["a␍␊b", "a␊b"]),
        (("caf\u00e9", "cafe"), ["café", "cafe"]),
        (("\u202ea", "b"), ["<U+202E>a", "b"]),
    ],
)
def test_readings_that_differ_are_shown_to_differ(texts, shown):
    variant = Variant(0, 0, "k", tuple(Reading(t, (), ()) for t in texts), 0, "r", 0.9)
    assert readings_shown(variant) == shown


def test_marks_are_shown_between_the_words_around_them():
    text = "put in place by the U.S. Coast Office.\n\nNo one"
    at = text.index("S.")
    spacing = of_one_variant(text, at - 1, at, ". ")
    assert context(text, spacing.variants[0]) == ("U", "S.")
    assert context(text, of_one_variant(text, 0, 3, "").variants[0]) == ("", "")
    stop = text.index("\n")
    assert context(text, of_one_variant(text, stop - 1, stop, "").variants[0]) == ("Office", "↵")
    ((_, note),) = Page(page(spacing)).all("span", class_="note")
    assert "U.S." in note
    assert "U.␣S." in note


def test_words_for_long_texts_many_copies_and_near_certainty():
    assert shortened("short", 5) == ("short", "")
    assert shortened("one two three four five six", 16) == ("one two … six", "27 characters")
    assert shortened("x" * 2000, 8) == ("xxxxxx … xx", "2,000 characters")
    assert named(["a", "b"]) == "a, b"
    assert named([str(n) for n in range(1000)], 2) == "0, 1 and 998 more"
    assert [sure(c) for c in (0.5, 0.994, 0.996, 0.99999, 1.0)] == ["0.50", "0.99", ">0.99", ">0.99", "1.00"]
