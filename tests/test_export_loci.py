"""The loci of an edition: what copies have at them is the copies to the letter."""

from __future__ import annotations

import pytest
from hypothesis import given

import copydesk
from copydesk import Edition
from copydesk.demo.corpus import corpus
from copydesk.export.loci import Loci, loci
from made_editions import ferry, of_one_variant
from strategies import copies, edition_of


def check(edition: Edition) -> Loci:
    """What holds of the loci of any edition."""
    cut = loci(edition)
    assert "".join(edition.text[row.start : row.end] for row in cut.rows) == edition.text
    assert sorted(copy.id for copy in (*cut.copies, *cut.strangers)) == sorted(copy.id for copy in edition.copies)
    for n, copy in enumerate(cut.copies):
        at = 0
        for row in cut.rows:
            place = row.places[n]
            if place is not None:
                assert place[0] == at
                at = place[1]
        assert at == len(copy.text)
    seen: set[int] = set()
    for row in cut.rows:
        said = edition.text[row.start : row.end]
        held = {copy.text[place[0] : place[1]] for copy, place in zip(cut.copies, row.places, strict=True) if place is not None}
        assert row.differs == (held - {said} != set())
        seen |= {*row.variants}
    assert seen == {*range(len(edition.variants))}
    return cut


@given(copies)
def test_loci_tile_any_edition_and_its_copies(given):
    edition = edition_of(given)
    for version in (*edition.earlier, edition):
        check(version)


@pytest.mark.parametrize("edition", [ferry(), of_one_variant("a b c", 2, 3, "d", "")])
def test_loci_of_an_edition_made_by_hand(edition):
    check(edition)


def test_a_variant_is_one_locus_with_its_readings():
    for story in corpus():
        edition = copydesk.reconcile(story.copies)
        cut = check(edition)
        for row in cut.rows:
            for number in row.variants:
                variant = edition.variants[number]
                if len({reading.text for reading in variant.readings} - {""}) > 1:
                    assert row.start <= variant.start <= variant.end <= row.end
        exact = sum(
            any((row.start, row.end) == (v.start, v.end) and n in row.variants for row in cut.rows)
            for n, v in enumerate(edition.variants)
        )
        assert exact >= 0.8 * len(edition.variants)


def test_what_a_truncated_copy_does_not_reach_is_a_lacuna():
    story = "The night ferry ran aground on Tuesday. Nobody was hurt, the harbour master said. The tide took the ship away."
    cut = loci(copydesk.reconcile([story, story.replace("Nobody", "No one"), story, story[:53]]))
    assert [copy.id for copy in cut.copies] == ["1", "2", "3", "4"]
    lost = [row for row in cut.rows if row.places[3] is None]
    assert lost
    assert lost == list(cut.rows[-len(lost) :])
