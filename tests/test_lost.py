"""Blocks that a copy drops whole are told by what they are and where they stand."""

from __future__ import annotations

import pytest

import copydesk
from copydesk import Copy, Place
from copydesk.edit.lost import FIRST, HEADINGS, INSIDE, LAST, LISTS, QUOTATIONS

BLOCKS = [
    "The night ferry from Marl ran onto the sands of Cape Orrin at four on Friday morning.",
    "“We heard the keel before we felt it, and then the lamps went out.”",
    "Nobody was hurt, the harbour office said, and the ferry floated off with the tide.",
    "What the office will do next",
    "• a report by the engineers in June",
    "• a new lamp for the old cape",
    "It is the third ferry to run aground since the lamp was put out to save oil last year.",
    "The council will read a petition for the lamp on Thursday and vote on it in a month.",
]
WHOLE = "\n\n".join(BLOCKS)


def without(*which: int) -> str:
    return "\n\n".join(block for at, block in enumerate(BLOCKS) if at not in which)


def told(spoilt: str) -> dict[str, tuple[int, int]]:
    copies = [Copy("a", WHOLE), Copy("b", WHOLE.replace("June", "july")), Copy("c", WHOLE), Copy("d", spoilt)]
    edition = copydesk.reconcile(copies)
    assert edition.text == WHOLE
    kinds = {FIRST, HEADINGS, INSIDE, LAST, LISTS, QUOTATIONS}
    assert not [damage for damage in edition.damage if damage.kind in kinds and damage.copy != "d"]
    return {damage.kind: (damage.n, damage.of) for damage in edition.damage if damage.kind in kinds}


@pytest.mark.parametrize(
    ("which", "kinds"),
    [
        ((), {}),
        ((1,), {QUOTATIONS: (1, 1)}),
        ((3,), {HEADINGS: (1, 1)}),
        ((4, 5), {LISTS: (2, 2)}),
        ((5,), {LISTS: (1, 2)}),
        ((2,), {INSIDE: (1, 2)}),
        ((1, 3, 6), {QUOTATIONS: (1, 1), HEADINGS: (1, 1), INSIDE: (1, 2)}),
    ],
)
def test_dropped_blocks_are_told_by_kind(which, kinds):
    assert told(without(*which)) == kinds


def test_a_dropped_end_is_a_paragraph_and_no_truncation():
    assert told(without(0)) == {FIRST: (1, 1)}
    assert told(without(7)) == {LAST: (1, 1)}


def test_what_is_moved_is_not_dropped():
    assert told("\n\n".join([*BLOCKS[:1], BLOCKS[3], *BLOCKS[1:3], *BLOCKS[4:]])) == {}


def test_a_copy_that_breaks_off_has_not_dropped_the_rest():
    assert told(WHOLE[: WHOLE.index("is the third ferry")]) == {}


def test_the_example_is_where_the_block_would_be():
    spoilt = without(3)
    edition = copydesk.reconcile([Copy("a", WHOLE), Copy("b", WHOLE), Copy("d", spoilt)])
    example = next(damage.example for damage in edition.damage if damage.kind == HEADINGS)
    end = spoilt.index("with the tide") + len("with the tide")
    assert example == Place("d", end, end)


def test_two_blocks_have_no_inside():
    copies = [Copy(name, "\n\n".join(BLOCKS[:2])) for name in "ab"] + [Copy("c", BLOCKS[0])]
    kinds = {damage.kind for damage in copydesk.reconcile(copies).damage}
    assert not kinds & {FIRST, HEADINGS, INSIDE, LAST, LISTS, QUOTATIONS}
