"""Bytes to markup, HTML to text, and what extractors tell of a page by vote."""

from __future__ import annotations

import pytest

from copydesk.sources.extractors import Said
from copydesk.sources.markup import decode_markup
from copydesk.sources.text import Unreadable
from copydesk.sources.votes import elected, votes

WESTERN = "<p>Zoë saw the café at Åsgård, and the façade was naïve.</p>"
CYRILLIC = "<p>Ночной паром сел на мель во вторник, сообщила гавань.</p>"
JAPANESE = "<p>夜のフェリーが火曜日に座礁した。</p>"


def declared(charset: str, body: str) -> str:
    return (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"></head><body>{body}</body></html>'
    )


@pytest.mark.parametrize(
    ("charset", "encoding", "body"),
    [
        ("utf-8", "utf-8", WESTERN),
        ("iso-8859-1", "cp1252", WESTERN),
        ("windows-1251", "cp1251", CYRILLIC),
        ("Shift_JIS", "cp932", JAPANESE),
        ("euc-jp", "euc_jp", JAPANESE),
        ("iso-2022-jp", "iso2022_jp", JAPANESE),
        ("gb2312", "gb18030", JAPANESE),
        pytest.param("iso-8859-1", "utf-8", CYRILLIC, id="declares latin-1, is UTF-8"),
        pytest.param("utf-8", "cp1252", WESTERN, id="declares UTF-8, is cp1252"),
        pytest.param("iso-8859-1", "cp1251", CYRILLIC, id="declares latin-1, is cp1251"),
        pytest.param("iso-8859-1", "utf-16", WESTERN, id="declares latin-1, has a mark of UTF-16"),
        pytest.param("x-no-such", "cp1252", WESTERN, id="declares what there is not"),
        pytest.param("utf-16", "utf-8", CYRILLIC, id="declares UTF-16 in ASCII"),
        pytest.param("hex", "cp1252", WESTERN, id="declares what is no encoding of texts"),
    ],
)
def test_encodings(charset, encoding, body):
    markup, note = decode_markup(declared(charset, body).encode(encoding), "a.html")
    assert body in markup
    assert (note is None) == (encoding == "utf-8")


def test_the_sender_is_believed_before_the_page():
    data = declared("utf-8", CYRILLIC).encode("koi8-r")
    markup, note = decode_markup(data, "a.html", "koi8-r")
    assert CYRILLIC in markup
    assert note == "a.html was read as koi8-r, which it declares"


def test_what_no_markup_may_hold_is_left_out():
    data = b'<?xml version="1.0" encoding="iso-8859-1"?><html><p>A\x00 ferry\x0b sank.</p>'
    assert decode_markup(data, "a.html")[0] == "<html><p>A ferry sank.</p>"
    with pytest.raises(Unreadable, match="not text but binary"):
        decode_markup(bytes(range(256)) * 20, "a.html")


def test_html_to_text():
    pytest.importorskip("lxml", reason="lxml is not installed: pip install 'copydesk[html]'")
    from copydesk.sources.blocks import text_of_html

    html = "<div>One <b>bold</b>\n word<!-- no --> more<p>Two<br>lines</p>tail<script>no()</script><ul><li>a<li>b</ul></div>"
    assert text_of_html(html) == "One bold word more\n\nTwo\nlines\n\ntail\n\na\n\nb"
    assert text_of_html("<div>" * 200 + "deep") == "deep"
    assert text_of_html("plain &amp; simple") == "plain & simple"


def told(**said: Said) -> dict[str, str]:
    return elected(votes(said, {extractor: f"p#{extractor}" for extractor in said}))


def test_most_votes_win_and_of_as_many_the_first_in_order():
    facts = votes(
        {"a": Said("x", "Ferry aground"), "b": Said("x", "FERRY AGROUND!"), "c": Said("x", "Harbour news")},
        {"a": "p#a", "b": "p#b", "c": "p#c"},
    )
    assert [(fact.value, fact.place.copy) for fact in facts] == [
        ("FERRY AGROUND!", "p#a"),
        ("FERRY AGROUND!", "p#b"),
        ("Harbour news", "p#c"),
    ]
    assert told(a=Said("x", "Tide"), b=Said("x", "Ebb"))["headline"] == "Ebb"


def test_a_headline_with_the_name_of_the_site_backs_the_one_without():
    said = {name: Said("x", "Night ferry aground off Marl | The Courier") for name in "ab"}
    assert told(**said, c=Said("x", "Night ferry aground off Marl"))["headline"] == "Night ferry aground off Marl"
    other = {name: Said("x", "News of the day") for name in "def"}
    assert told(**other, a=Said("x", "News"))["headline"] == "News of the day"


@pytest.mark.parametrize(
    ("said", "byline"),
    [
        ("By Ines Halloran", "Ines Halloran"),
        ("Ines Halloran and Oda Brandt", "Ines Halloran, Oda Brandt"),
        ("Ines Halloran; Ines Halloran", "Ines Halloran"),
        ("von  Oda Brandt", "Oda Brandt"),
        ("Byron Lee", "Byron Lee"),
    ],
)
def test_bylines_are_tidied(said, byline):
    assert told(a=Said("x", byline=said))["byline"] == byline


def test_dates_and_languages_are_tidied():
    assert told(a=Said("x", published="2024-03-05", language="en_GB")) == {"published": "2024-03-05", "language": "en"}
    assert told(a=Said("x", published="March", language="?")) == {}
    assert told(a=Said("x", headline=" - ", byline="|")) == {}
