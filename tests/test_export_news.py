"""ninjs, schema.org, Web Annotation and CollateX: what their rules say, and that they say what the edition says."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

import copydesk
from copydesk import Copy, Edition
from copydesk.demo.corpus import corpus
from copydesk.export.annotation import collection
from copydesk.export.collatex import table
from copydesk.export.formats import line, nodes
from copydesk.export.item import Item, iso, items
from copydesk.export.names import copy as copy_iri
from copydesk.export.ninjs import news, timed
from copydesk.export.schema_org import article
from made_editions import ferry
from strategies import copies, edition_of
from test_versions import FIRST, SECOND, story

CHECKER = jsonschema.FormatChecker(())
NINJS = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).parent / "schemas" / "ninjs.json").read_text("utf-8")), format_checker=CHECKER
)
BASE = "https://news.example/stories/"


@CHECKER.checks("date-time")
def is_time(value: object) -> bool:
    """RFC 3339: a day, a time with seconds, a zone."""
    found = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", str(value))
    try:
        return found is not None and bool(datetime.fromisoformat(str(value)))
    except ValueError:
        return False


@CHECKER.checks("uri")
def is_uri(value: object) -> bool:
    """RFC 3986: a scheme, and only characters that an address may have."""
    return (
        re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-F]{2})+", str(value)) is not None
    )


def demo() -> list[Item]:
    found: list[Item] = []
    for told in corpus():
        found += items(told.copies[0].id, copydesk.reconcile(told.copies))
    return found


ITEMS = demo()
HOSTILE = Copy(
    "../a b\"'<\x00\ud800>",
    "Nobody said “<script>alert(1)</script>” in Marl\x1b[31m.",
    url="javascript:alert(1)",
    source="\u202e",
)


# -- ninjs


@pytest.mark.parametrize("base", [None, BASE])
def test_news_keeps_the_rules_of_ninjs(base):
    for item in (*ITEMS, *items("hostile \ud800", copydesk.reconcile([HOSTILE]))):
        node = json.loads(line(news(item, base)))
        NINJS.validate(node)
        assert node["bodies"][0]["value"] == item.edition.text
        assert len(node["associations"]) == len(item.edition.copies)
        assert node["uri"].startswith(base or "urn:uuid:")
    assert len({news(item, base)["uri"] for item in ITEMS}) == len(ITEMS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("uri", "not an address"),
        ("versionCreated", "2031-05-14"),
        ("versionCreated", "2031-13-14T00:00:00Z"),
        ("type", "article"),
        ("bodies", [{"role": "main"}]),
        ("associations", [{"name": "a", "uri": "urn:x:y", "colour": "red"}]),
        ("author", "Ruth Ames"),
        ("people", [{"title": "Dr."}]),
    ],
)
def test_the_rules_refuse_what_is_wrong(name, value):
    assert not NINJS.is_valid(news(ITEMS[0], None) | {name: value})


def test_news_has_its_metadata():
    text = "The night ferry to Marl Island ran aground on Tuesday with 60 passengers asleep below deck, the Coast Office said."
    first = Copy("a", f"By Oda Brandt\n\nMARL ISLAND (Coast Wire) — {text}", "courier", "2031-05-14T08:30:00Z")
    second = Copy("b", f"MARL ISLAND (Coast Wire) — {text.replace('60', '40')}", "mirror", "2031-05-14T08:30:00Z")
    (item,) = items("x", copydesk.reconcile([first, second]))
    node = news(item, None)
    assert (node["by"], node["located"], node["versionCreated"]) == ("Oda Brandt", "Marl Island", "2031-05-14T08:30:00Z")
    assert [source["name"] for source in node["infoSources"]] == ["courier", "mirror", "Coast Wire"]
    assert {"name": "Marl Island", "rel": "mentioned"} in node["places"] + node.get("organisations", [])


def test_versions_have_one_address_and_their_numbers():
    found = [news(item, BASE) for item in items("x", copydesk.reconcile(story(FIRST, FIRST, SECOND, SECOND)))]
    assert [(node["uri"], node["version"]) for node in found] == [(BASE + "x", "1"), (BASE + "x", "2")]
    assert [node["versionCreated"] for node in found] == ["2031-05-01T00:00:00Z", "2031-05-03T00:00:00Z"]


@pytest.mark.parametrize(
    ("told", "day", "time"),
    [
        ("2031-05-14", "2031-05-14", "2031-05-14T00:00:00Z"),
        ("May 14, 2031", "2031-05-14", "2031-05-14T00:00:00Z"),
        ("2031-05-14 08:30", "2031-05-14T08:30:00", "2031-05-14T08:30:00Z"),
        ("2031-05-14T08:30:00.5+02:00", "2031-05-14T08:30:00.5+02:00", "2031-05-14T08:30:00.5+02:00"),
        ("2031-05-14T28:30:00Z", None, None),
        ("yesterday", None, None),
        ("", None, None),
    ],
)
def test_dates_are_written_as_iso_wants_them(told, day, time):
    assert (iso(told), timed(iso(told))) == (day, time)


# -- schema.org

# Which properties the types that are written have (theirs or inherited), and what these may hold.
THING = {"@id": str, "@type": str, "name": str, "identifier": str}
WORK = {
    **THING,
    "text": str,
    "creator": ("Person", "Organization"),
    "creditText": str,
    "publisher": ("Person", "Organization"),
    "datePublished": "date",
}
TYPES: dict[str, dict[str, Any]] = {
    "NewsArticle": {
        **WORK,
        "@context": str,
        "headline": str,
        "author": ("Person", "Organization"),
        "contributor": ("Person", "Organization"),
        "dateModified": "date",
        "dateline": str,
        "locationCreated": ("Place",),
        "inLanguage": str,
        "version": int,
        "wordCount": int,
        "articleBody": str,
        "isBasedOn": ("CreativeWork",),
        "hasPart": ("Quotation", "Claim"),
        "mentions": ("Person", "Organization", "Place", "Thing", "Observation"),
    },
    "CreativeWork": WORK,
    "Quotation": WORK,
    "Claim": WORK,
    "Person": {**THING, "jobTitle": str},
    "Organization": THING,
    "Place": THING,
    "Thing": THING,
    "Observation": {**THING, "value": float, "minValue": float, "maxValue": float, "unitText": str, "observationDate": "date"},
}


def check_node(node: dict[str, Any]) -> None:
    allowed = TYPES[node["@type"]]
    for name, value in node.items():
        kind = allowed[name]
        for part in value if isinstance(value, list) else [value]:
            if isinstance(kind, tuple):
                assert part["@type"] in kind
                check_node(part)
            elif kind == "date":
                assert re.fullmatch(r"\d{4}(-\d\d(-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?)?)?", part), (name, part)
            else:
                assert isinstance(part, kind), (name, part)
                assert part != ""


def test_articles_keep_the_rules_of_schema_org():
    said = set()
    for item in (*ITEMS, *items("hostile", copydesk.reconcile([HOSTILE]))):
        node = json.loads(line(article(item, None)))
        check_node(node)
        assert node["articleBody"] == item.edition.text
        parts = node.get("hasPart", [])
        assert len(parts) == len(item.record.statements)
        for part, statement in zip(parts, item.record.statements, strict=True):
            assert part["text"] == " … ".join(item.edition.text[start:end] for start, end in statement.content)
            assert (part["@type"] == "Claim") == (statement.type == "indirect")
            said.add(part["@type"])
        figures = [part for part in node.get("mentions", []) if part["@type"] == "Observation"]
        assert [part["name"] for part in figures] == [figure.text for figure in item.record.figures]
    assert said == {"Quotation", "Claim"}


def test_an_implied_author_is_a_contributor():
    story = "The night ferry to Marl Island ran aground on Tuesday with 60 passengers asleep below deck, the Coast Office said."
    text = f"{story}\n\nAda Quill covers the river towns for the Lower Marl Courier."
    (item,) = items("x", copydesk.reconcile([text, story.replace("60", "40")]))
    node = article(item, None)
    assert "author" not in node
    assert node["contributor"] == [{"@type": "Person", "name": "Ada Quill"}]


# -- Web Annotation


def check_annotations(item: Item, base: str | None) -> dict[str, Any]:
    """What the Web Annotation model asks for, and that every selector finds its words."""
    node = json.loads(line(collection(item, base)))
    iri = node["id"].removesuffix("#annotations")
    texts = {iri: item.edition.text} | {copy_iri(copy, base): copy.text for copy in item.edition.copies}
    assert (node["@context"], node["type"]) == ("http://www.w3.org/ns/anno.jsonld", "AnnotationCollection")
    notes = node["first"]["items"]
    assert (node["first"]["type"], node["total"]) == ("AnnotationPage", len(notes))
    assert len({note["id"] for note in notes}) == len(notes)
    for note in notes:
        assert note["type"] == "Annotation"
        assert note["motivation"] in {"describing", "editing", "identifying"}
        for part in [*_list(note["body"]), *_list(note["target"])]:
            if part == iri:
                continue
            if part["type"] == "TextualBody":
                assert isinstance(part["value"], str)
                continue
            position, quote = part["selector"]
            start, end, text = position["start"], position["end"], texts[part["source"]]
            assert (position["type"], quote["type"]) == ("TextPositionSelector", "TextQuoteSelector")
            assert 0 <= start <= end <= len(text)
            assert text[start:end] == quote["exact"]
            assert text[:start].endswith(quote.get("prefix", ""))
            assert text[end:].startswith(quote.get("suffix", ""))
    return node


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("base", [None, BASE])
def test_annotations_point_to_their_words(base):
    for item in ITEMS:
        node = check_annotations(item, base)
        edition, record = item.edition, item.record
        n = len(edition.variants) + sum(map(len, (record.statements, record.dates, record.figures, record.names)))
        assert node["total"] == 1 + n


@given(copies)
def test_any_edition_is_annotated(given):
    for item in items("x", edition_of(given)):
        collection(item, None)
        article(item, None)
        NINJS.validate(json.loads(line(news(item, None))))


def test_a_variant_is_annotated_with_what_each_copy_has():
    (item,) = items("x", ferry())
    node = check_annotations(item, None)
    (note,) = [
        note for note in node["first"]["items"] if "dropped word" in str(note["body"]) and "41-year" in str(note["target"])
    ]
    readings = [part["selector"][1]["exact"] for part in note["body"] if part["type"] == "SpecificResource"]
    assert readings == ["41-year-old", ""]


# -- CollateX


def check_table(edition: Edition) -> dict[str, Any]:
    node = json.loads(line(table("x", edition)))
    assert sorted(node["witnesses"]) == sorted(copy.id for copy in edition.copies)
    texts = {copy.id: copy.text for copy in edition.copies}
    for n, name in enumerate(node["witnesses"]):
        assert "".join(token["t"] for row in node["table"] for token in row[n]) == texts[name]
    assert "".join(edition.text[place["start"] : place["end"]] for place in node["edition"]) == edition.text
    assert len(node["edition"]) == len(node["table"])
    assert all(len(row) == len(node["witnesses"]) for row in node["table"])
    return node


@given(copies)
def test_a_table_has_every_copy_to_the_letter(given):
    edition = edition_of(given)
    node = table("x", edition)
    texts = {copy.id: copy.text for copy in edition.copies}
    for n, name in enumerate(node["witnesses"]):
        assert "".join(token["t"] for row in node["table"] for token in row[n]) == texts[name]


def test_tables_of_the_demo():
    for item in ITEMS:
        check_table(item.edition)


def test_a_table_aligns_words():
    node = check_table(
        copydesk.reconcile(["The ferry sank on Tuesday.", "The ferry sank on Monday.", "The ferry sank on Tuesday."])
    )
    (row,) = [row for row in node["table"] if row[0] != row[1]]
    assert row == [[{"t": "Tuesday", "n": "tuesday"}], [{"t": "Monday", "n": "monday"}], [{"t": "Tuesday", "n": "tuesday"}]]


# -- all of them


@pytest.mark.parametrize("form", ["annotation", "schema.org", "ninjs", "collatex"])
def test_the_order_of_the_copies_changes_nothing(form):
    copies = corpus()[0].copies
    one, other = ([*nodes(form, "x", copydesk.reconcile(given), None)] for given in (copies, copies[::-1]))
    assert list(map(line, one)) == list(map(line, other))


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://courier.example/a?b=1&c=2", True),
        ("javascript:alert(1)", False),
        ("https://courier.example/a b", False),
        ("https://courier.example/é", False),
        ("/a", False),
        (None, False),
    ],
)
def test_a_copy_is_called_by_its_address_if_it_has_one(url, kept):
    iri = copy_iri(Copy("a/b", "x", url=url), None)
    assert (iri == url) == kept
    assert is_uri(iri)
    assert copy_iri(Copy("a/b", "x"), BASE) == BASE + "copies/a%2Fb"
