"""Two published states of a story are two editions, in order of time, and no word of the one stands in the other."""

from __future__ import annotations

import json
import re
from io import StringIO
from itertools import pairwise, permutations
from random import Random

import pytest
from rich.console import Console

import copydesk
from copydesk import Copy, Edition
from copydesk.export.html import page
from copydesk.export.json import dumps
from copydesk.export.terminal import show
from test_lines import copies as lines_of
from test_lines import spoilt

FIRST = [
    "The cargo tram that carries grain up the Sallow Hill came off its rails shortly before dawn on Monday, the board said.",
    "Three people were taken to the infirmary with cuts and bruises, and the line to the upper mill was closed for the day.",
    "A spokeswoman for the board, Ilva Marsh, said the brakes had been looked at in the spring and that nothing was amiss.",
    "Mill owners had asked for a second track since the winter, when ice kept the trams in their shed for eleven days.",
    "Schools on the hill opened late, and a baker on Cooper Row said that he had sold out before the first child came by.",
    "The board will meet on Thursday to hear from its engineers, and the meeting is open to anyone who cares to come.",
]
SECOND = list(FIRST)
SECOND[1] = (
    "Five people were taken to the infirmary, two of them with broken bones, and the line stays closed until the weekend."
)
SECOND[2] = "A former brakeman wrote to the mayor in April that worn shoes needed replacing, letters seen by this paper show."
THIRD = list(SECOND)
THIRD[4] = (
    "Two of the injured were allowed to go home on Tuesday, and a fund set up by a baker on Cooper Row paid for their coach."
)

OWN = re.compile(r"\w+")


def text(paragraphs: list[str]) -> str:
    return "\n\n".join(paragraphs)


def story(*of: list[str], dated: bool = True) -> list[Copy]:
    """A copy of each article given, a day apart."""
    dates = [f"2031-05-{day:02}" if dated else None for day in range(1, len(of) + 1)]
    return [Copy(f"{at:02}", text(article), published=date) for at, (article, date) in enumerate(zip(of, dates, strict=True))]


def editions(copies: list[Copy]) -> list[Edition]:
    edition = copydesk.reconcile(copies)
    return [*edition.earlier, edition]


def assert_whole(edition: Edition) -> None:
    """What an edition says of itself is so."""
    texts = {copy.id: copy.text for copy in edition.copies}
    at = 0
    for span in edition.spans:
        assert span.start == at
        assert edition.text[span.start : span.end] == texts[span.copy][span.copy_start : span.copy_end]
        at = span.end
    assert at == len(edition.text)
    for span in edition.witnesses:
        assert edition.text[span.start : span.end] == texts[span.copy][span.copy_start : span.copy_end]
    for variant in edition.variants:
        for reading in variant.readings:
            assert all(texts[place.copy][place.start : place.end] == reading.text for place in reading.places)
        if any(OWN.search(reading.text) for reading in variant.readings):
            have = [copy for reading in variant.readings for copy in reading.copies]
            assert sorted([*have, *variant.lacunae]) == sorted(texts)
    assert list(edition.variants) == sorted(edition.variants, key=lambda v: (v.start, v.end, v.kind))
    assert 0 <= edition.confidence <= 1


@pytest.mark.parametrize("dated", [True, False])
def test_an_update_is_two_editions(dated):
    found = editions(story(FIRST, FIRST, SECOND, SECOND, dated=dated))
    assert {edition.text for edition in found} == {text(FIRST), text(SECOND)}
    assert [edition.version for edition in found] == [1, 2]
    for edition in found:
        assert_whole(edition)
    if dated:
        assert [edition.text for edition in found] == [text(FIRST), text(SECOND)]
        assert [edition.of_version for edition in found] == [("00", "01"), ("02", "03")]
        assert "dates" in found[1].reason
    else:
        assert "guess" in found[1].reason


def test_the_changes_lead_from_one_version_to_the_next():
    before, after = editions(story(FIRST, FIRST, SECOND, SECOND))
    assert before.changes == ()
    assert after.changes
    made, at = [], 0
    for change in after.changes:
        made += [before.text[at : change.was_start], after.text[change.start : change.end]]
        at = change.was_end
    made.append(before.text[at:])
    assert OWN.findall("".join(made)) == OWN.findall(after.text)


def test_words_lost_in_all_copies_of_a_version_come_back_from_the_other():
    lossy = [paragraph.replace("grain ", "").replace("eleven ", "") for paragraph in FIRST]
    other = [paragraph.replace("dawn ", "") for paragraph in SECOND]
    found = editions(story([*lossy], FIRST, other, SECOND, SECOND))
    assert [edition.text for edition in found] == [text(FIRST), text(SECOND)]


def test_three_versions_are_three_editions():
    found = editions(story(FIRST, FIRST, SECOND, SECOND, THIRD, THIRD))
    assert [edition.text for edition in found] == [text(FIRST), text(SECOND), text(THIRD)]
    assert [edition.version for edition in found] == [1, 2, 3]
    assert found[1].earlier == ()
    for edition in found:
        assert_whole(edition)


def test_two_copies_are_two_versions_only_by_their_dates_or_a_notice():
    assert len(editions(story(FIRST, THIRD, dated=False))) == 1
    assert len(editions(story(FIRST, SECOND))) == 1  # at one place only
    assert [edition.text for edition in editions(story(FIRST, THIRD))] == [text(FIRST), text(THIRD)]
    notice = "Correction: An earlier version of this story misstated the number of people who were hurt."
    found = editions(story([*SECOND, notice], FIRST, dated=False))
    assert len(found) == 2
    assert (found[0].of_version, found[1].of_version) == (("01",), ("00",))
    assert "says that it was changed" in found[1].reason


def test_a_copy_without_the_places_that_tell_is_of_no_version():
    short = Copy("short", text(FIRST[3:]), published="2031-05-09")
    found = editions([*story(FIRST, FIRST, SECOND, SECOND), short])
    assert len(found) == 2
    for edition, article in zip(found, (FIRST, SECOND), strict=True):
        assert "short" not in edition.of_version
        assert edition.text == text(article)


def test_the_order_of_the_copies_does_not_matter():
    given = story(FIRST, FIRST, SECOND, SECOND, dated=False)
    assert len({dumps(copydesk.reconcile(list(some))) for some in permutations(given)}) == 1


def test_noise_does_not_hide_an_update_nor_mix_it():
    rng = Random(1)
    for _ in range(6):
        of = [FIRST] * 4 + [SECOND] * 4
        noisy = [[" ".join(spoilt(paragraph.split(), 0.01, rng)) for paragraph in article] for article in of]
        found = editions(story(*noisy))
        assert len(found) == 2
        for edition, own, other in zip(found, (FIRST, SECOND), (SECOND, FIRST), strict=True):
            foreign = set(OWN.findall(text(other))) - set(OWN.findall(text(own)))
            assert foreign.isdisjoint(OWN.findall(edition.text))
            assert_whole(edition)


@pytest.mark.parametrize("seed", range(4))
def test_a_line_that_descends_from_a_spoilt_copy_is_no_version(seed):
    """Even if all of it came later."""
    _, given = lines_of(seed, 1200, 0.005, 12, 20)
    dated = [Copy(c.id, c.text, published=f"2031-05-{1 + (int(c.id) + 8) % 20:02}") for c in given]
    assert copydesk.reconcile(dated).earlier == ()


def test_what_is_no_change_is_no_version():
    moved = [FIRST[at] for at in (0, 4, 1, 2, 3, 5)]
    joined = [FIRST[0], re.sub(r"(\w+) (\w+)", r"\1\2", FIRST[1]), re.sub(r"(\w+) (\w+)", r"\1\2", FIRST[2]), *FIRST[3:]]
    added = [*FIRST[:3], "Read more: Ten trams that never came back. Sign up for our newsletter for the latest.", *FIRST[3:]]
    dirt = [FIRST[0], "Qx#vv zzkl qpwv jjrt xxbn kkwq zzvt qqpl vvbn xkkd jwwq zztp.", *FIRST[2:]]
    for other in (moved, joined, added, dirt, FIRST[:4], [FIRST[0], *FIRST[2:]]):
        assert len(editions(story(FIRST, FIRST, other, other))) == 1


SITES = (
    "Ruth Carr is a staff writer at the Evening Ledger, and a trustee of two museums. Read more from her every other Friday.",
    "Edwin Pell is a staff writer at the Evening Ledger. Letters find him there.",
    "Our tram correspondent, Ada Moor, grew up beside depots. Read more from her every other Friday.",
)


def test_who_ends_early_and_goes_on_with_what_a_site_says_does_not_hide_an_update():
    whole, update = ([one[at] for at in (0, 5, 1, 2, 3, 4)] for one in (FIRST, SECOND))
    dressed, *short = [*whole, SITES[0]], [*whole[:2], SITES[1]], [*whole[:2], SITES[2]]
    found = editions(story(whole, whole, dressed, update, update, update, *short))
    assert [edition.text for edition in found] == [text(whole), text(update)]
    assert [edition.of_version for edition in found] == [("00", "01", "02"), ("03", "04", "05")]
    assert len(editions(story(whole, whole, dressed, *short, whole))) == 1


def test_blocks_lost_on_both_sides_of_a_change_do_not_hide_it():
    head, lost, same, tail = FIRST[0], f"{FIRST[3]} {FIRST[4]}", FIRST[1], FIRST[5]
    before, after = ([head, lost, f"{one[2]} {same}", tail] for one in (FIRST, SECOND))
    short = [[head, before[2], tail], [head, lost, tail]]
    found = editions(story(before, before, *short, *short, after, after, after, after))
    assert [edition.text for edition in found] == [text(before), text(after)]
    assert found[1].of_version == ("06", "07", "08", "09")
    assert len(editions(story(before, before, *short, *short, before, before, before, before))) == 1


def test_faces_show_the_versions():
    hostile = [paragraph.replace("Five", "Five <b>\x1b[31m") for paragraph in SECOND]
    edition = copydesk.reconcile(story(FIRST, FIRST, hostile, hostile))
    assert len(edition.earlier) == 1
    html = page(edition)
    assert "<h2>Versions</h2>" in html
    assert "<ins>" in html
    assert "<b>\x1b" not in html
    console = Console(width=80, record=True, force_terminal=False, file=StringIO())
    show(edition, console)
    shown = console.export_text()
    assert "Versions" in shown
    assert "- Three" in shown
    assert "\x1b" not in shown
    said = json.loads(dumps(edition))
    assert [one["version"] for one in (*said["earlier"], said)] == [1, 2]
    assert [set(change) for change in said["changes"]] == [{"start", "end", "was_start", "was_end"}] * len(edition.changes)
    words = edition.explain().split("\n")
    assert sum(line.startswith("version 2: ") for line in words) == len(edition.changes) + 1


def test_one_version_says_nothing_of_versions():
    edition = copydesk.reconcile(story(FIRST, FIRST, FIRST))
    assert (edition.version, edition.of_version, edition.changes, edition.earlier, edition.reason) == (1, (), (), (), "")
    assert "Versions" not in page(edition)
    assert "version" not in edition.explain()


def test_a_run_has_a_row_for_each_version(tmp_path):
    rows = [
        {"id": c.id, "text": c.text, "published": c.published, "story": "tram"} for c in story(FIRST, FIRST, SECOND, SECOND)
    ]
    rows.append({"id": "alone", "text": FIRST[0], "published": None, "story": "alone"})
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    from copydesk.sources.corpus import Columns

    run = copydesk.run(tmp_path / "in.jsonl", tmp_path / "out", columns=Columns(story="story"), threads=1)
    stories = [row for row in run.stories().to_pylist() if row["story_id"] == "tram"]
    assert [(row["version"], row["n_copies"], row["published"], row["text"]) for row in stories] == [
        (1, 2, "2031-05-01", text(FIRST)),
        (2, 2, "2031-05-03", text(SECOND)),
    ]
    versions = run.table("versions").to_pylist()
    assert [(row["story_id"], row["version"], row["copies"]) for row in versions] == [
        ("tram", 1, ["00", "01"]),
        ("tram", 2, ["02", "03"]),
    ]
    assert {row["version"] for row in run.table("spans").to_pylist() if row["story_id"] == "tram"} == {1, 2}
    assert run.summary["counts"]["in_versions"] == 1
    again = run.edition("tram")
    assert [one.text for one in (*again.earlier, again)] == [row["text"] for row in stories]
    for before, after in pairwise(versions):
        assert before["changes"] == []
        assert len(after["changes"]) == len(again.changes)
