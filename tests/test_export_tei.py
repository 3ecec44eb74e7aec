"""TEI: valid, and every copy is rebuilt from it to the letter, by a reader that knows nothing of Copydesk."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from lxml import etree

import copydesk
from copydesk import Copy, Edition
from copydesk.demo.corpus import corpus
from copydesk.export.tei import corpus as tei_corpus
from copydesk.export.tei import document, token
from made_editions import ferry, of_one_variant
from strategies import copies, edition_of
from test_versions import FIRST, SECOND, story

TEI = "{http://www.tei-c.org/ns/1.0}"
ID = "{http://www.w3.org/XML/1998/namespace}id"


@functools.cache
def schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).parent / "schemas" / "tei.rng"))


def parsed(xml: str) -> etree._Element:
    """The document, valid by the schema and by what a schema cannot say."""
    root = etree.fromstring(xml.encode())
    schema().assertValid(root)
    ids = [element.get(ID) for element in root.iter() if element.get(ID)]
    assert len(set(ids)) == len(ids)
    for element in root.iter(etree.Element):
        for name in ("wit", "target", "ref", "corresp"):
            for pointer in (element.get(name) or "").split():
                assert pointer[0] == "#"
                assert pointer[1:] in ids, f"{name} points to nothing: {pointer}"
    for app in root.iter(TEI + "app"):
        named = [wit for reading in app.iter(TEI + "lem", TEI + "rdg") for wit in (reading.get("wit") or "").split()]
        assert len(set(named)) == len(named), "a witness has two readings"
    return root


def rebuilt(tei: etree._Element) -> dict[str, str]:
    """The copies of a TEI element by their ids."""
    chars = {f"#{char.get(ID)}": chr(int(char[0].text[2:], 16)) for char in tei.iter(TEI + "char")}

    def text(element: etree._Element) -> str:
        parts = [element.text or ""]
        for child in element:
            parts.append(chars[child.get("ref")] if child.tag == TEI + "g" else "")
            parts.append(child.tail or "")
        return "".join(parts)

    copies = {}
    for witness in tei.iter(TEI + "witness"):
        name, parts, lost = f"#{witness.get(ID)}", [], False
        for block in tei.find(f"{TEI}text/{TEI}body"):
            if block.tag == TEI + "linkGrp":
                continue
            parts.append((block.text or "") * (not lost))
            for child in block:
                if child.tag == TEI + "g":
                    parts.append(chars[child.get("ref")] * (not lost))
                else:
                    for reading in child.iter(TEI + "lem", TEI + "rdg"):
                        if name in (reading.get("wit") or "").split():
                            parts.append(text(reading))
                            if len(reading) and reading[0].tag != TEI + "g":
                                lost = reading[0].tag == TEI + "lacunaStart"
                parts.append((child.tail or "") * (not lost))
        for div in tei.iter(TEI + "div"):
            if div.get("corresp") == name:
                parts = [text(div[0])]
        copies[text(witness.find(TEI + "idno"))] = "".join(parts)
    return copies


def check(edition: Edition, name: str = "a story") -> etree._Element:
    root = parsed(document(name, edition))
    assert rebuilt(root) == {copy.id: copy.text for copy in edition.copies}
    kinds = [note.get("subtype") for note in root.iter(TEI + "note") if note.get("type") == "reason"]
    assert sorted(kinds) == sorted(token(variant.kind) for variant in edition.variants)
    return root


@given(copies)
def test_any_copy_is_rebuilt_to_the_letter(given):
    check(edition_of(given))


@pytest.mark.parametrize("n", range(len(corpus())))
def test_the_stories_of_the_demo(n):
    check(copydesk.reconcile(corpus()[n].copies))


@pytest.mark.parametrize("edition", [ferry(), of_one_variant("a b c", 2, 3, "d", "")])
def test_editions_made_by_hand(edition):
    check(edition)


STORY = (
    "The night ferry to Marl Island ran aground on Tuesday with 60 passengers asleep below deck.\n\n"
    "“Nobody was hurt,” said Oda Brandt of the Coast Office, who had come out in a launch at four in the morning.\n\n"
    "The re-floating will take two tides, she said, or three if the wind turns to the north again before Friday."
)


def apps(root: etree._Element, kind: str) -> list[etree._Element]:
    return [app for app in root.iter(TEI + "app") if app.get("type") == kind]


def test_a_variant_is_an_entry_with_its_readings():
    root = check(copydesk.reconcile([STORY, STORY.replace("Tuesday", "Monday"), STORY]))
    (app,) = apps(root, "substitution")
    lem, rdg, note = app
    assert (lem.text, lem.get("wit")) == ("Tuesday", "#w1 #w3")
    assert (rdg.text, rdg.get("wit")) == ("Monday", "#w2")
    assert note.text == "2 of 3 copies"
    assert [p.tag for p in root.iter(TEI + "p")][-3:] == [TEI + "p"] * 3


def test_an_omission_is_an_empty_reading():
    root = check(copydesk.reconcile([STORY, STORY.replace("re-floating ", "")]))
    (app,) = apps(root, "omission")
    assert app[1].get("wit") == "#w2"
    assert app[1].text is None


def test_a_truncated_copy_has_a_lacuna():
    root = check(copydesk.reconcile([STORY, STORY.replace("Tuesday", "Monday"), STORY, STORY[:150]]))
    (app,) = apps(root, "lacuna")
    assert app[1].get("wit") == "#w4"
    assert app[1][0].tag == TEI + "lacunaStart"
    after = [other for other in root.iter(TEI + "app") if other.sourceline > app.sourceline]
    assert all("#w4" not in (reading.get("wit") or "") for other in after for reading in other)


def test_a_moved_block_is_linked_with_its_place():
    paragraphs = STORY.split("\n\n")
    moved = "\n\n".join([paragraphs[1], paragraphs[0], paragraphs[2]])
    root = check(copydesk.reconcile([STORY, moved, STORY.replace("Tuesday", "Monday"), STORY.replace("four", "five")]))
    (app,) = apps(root, "moved")
    (group,) = root.iter(TEI + "linkGrp")
    assert group.get("type") == "moved"
    first, *others = group[0].get("target").split()
    assert first == f"#{app.get(ID)}"
    (there,) = [other for other in root.iter(TEI + "app") if f"#{other.get(ID)}" == others[0]]
    (copy,) = app[1].get("wit").split()
    (empty,) = [reading for reading in there if copy in (reading.get("wit") or "").split()]
    assert not empty.text


def test_another_text_is_apart():
    other = "Bakers in the upper town have raised the price of rye bread by a tenth, their guild announced at noon."
    root = check(copydesk.reconcile([STORY, STORY.replace("Tuesday", "Monday"), STORY, other]))
    (div,) = root.iter(TEI + "div")
    assert (div.get("type"), div.get("corresp"), div[0].text) == ("another-text", "#w4", other)


def test_versions_are_one_document():
    edition = copydesk.reconcile(story(FIRST, FIRST, SECOND, SECOND))
    root = check(edition)
    assert len(edition.earlier) == 1
    changed = apps(root, "version")
    assert changed
    assert {tuple(reading.get("wit") for reading in app) for app in changed} == {("#w3 #w4", "#w1 #w2")}
    assert [note.text for note in root.iter(TEI + "note") if note.get("type") == "version"] == ["1", "1", "2", "2"]


def test_what_xml_cannot_hold_is_kept():
    hostile = STORY.replace("Oda", "O\x00d\ud800a").replace("Tuesday", "<Tues\r\n&\x1b[31mday>\ufffe\u202e")
    root = check(
        copydesk.reconcile([Copy("a\x01", hostile, source="s\x02", url="javascript:'\"<"), Copy("b", STORY)]), "id\x03"
    )
    assert len(list(root.iter(TEI + "char"))) >= 6
    xml = document("x", copydesk.reconcile([hostile, STORY]))
    assert not {"\x1b", "\u202e", "\r", "\x00"} & {*xml}


def test_a_corpus_is_one_document():
    stories = [(told.copies[0].id, copydesk.reconcile(told.copies)) for told in corpus()[:3]]
    stories.append(("hostile", copydesk.reconcile([STORY, STORY.replace("Oda", "O\x00da")])))
    root = parsed("".join(tei_corpus(stories, "news\x00")))
    found = [rebuilt(tei) for tei in root.iter(TEI + "TEI")]
    assert found == [{copy.id: copy.text for copy in edition.copies} for _, edition in stories]


def test_the_schema_refuses_what_is_wrong():
    xml = document("x", ferry())
    for right, wrong in (
        ("<listWit>", "<listWit/><listWit>"),
        ("<lem ", "<rdg>x</rdg><lem "),
        ('location="internal"', ""),
        ('type="spacing"', 'type="two words"'),
        ('wit="#w1"', 'wit="w1"'),
    ):
        assert right in xml
        assert not schema().validate(etree.fromstring(xml.replace(right, wrong, 1).encode()))


def test_the_order_of_the_copies_changes_nothing():
    copies = corpus()[0].copies
    assert document("x", copydesk.reconcile(copies)) == document("x", copydesk.reconcile(copies[::-1]))


def test_an_edition_without_witnesses_keeps_its_copies_whole():
    check(msgspec.structs.replace(ferry(), witnesses=()))


def test_the_reader_of_the_docs_reads_copies_back():
    docs = (Path(__file__).parent.parent / "docs" / "export.md").read_text("utf-8")
    (code,) = [
        block for block in re.findall(r"^```python\n(.*?)^```$", docs, re.MULTILINE | re.DOTALL) if "def copies" in block
    ]
    names: dict[str, Any] = {}
    exec(code, names)
    editions = [(told.article.id, copydesk.reconcile(told.copies)) for told in corpus()]
    every = [{copy.id: copy.text for copy in told.copies} for told in corpus()]
    assert [names["copies"](document(name, edition).encode()) for name, edition in editions] == every
    whole = "".join(tei_corpus(editions, "x")).encode()
    assert names["copies"](whole) == {id_: text for texts in every for id_, text in texts.items()}
    cut = [STORY, STORY.replace("Tuesday", "Monday"), STORY, STORY[:150]]
    assert [*names["copies"](document("x", copydesk.reconcile(cut)).encode()).values()] == cut
