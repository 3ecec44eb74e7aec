"""The edition's parts that stand by themselves: the count of votes, separators taken apart, the look of boilerplate."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import copydesk
from copydesk import Copy, Edition
from copydesk.collate.collation import collate
from copydesk.edit.boilerplate import Sign, beginnings, begun, look, signs
from copydesk.edit.edition import edit
from copydesk.edit.separators import CLOSING, OPENING, parts
from copydesk.edit.tally import again, by_copy, by_locus, grouped, most, of_ballots, rows_at, rows_from, winner
from strategies import copies, has_words, texts

# -- votes


@given(copies)
def test_the_table_of_rows_says_what_the_search_says(given_copies):
    collation = collate(given_copies)
    rows = by_copy(collation)
    found = [rows_from(rows, np.array([copy]), np.arange(collation.n_loci + 1)) for copy in range(len(given_copies))]
    assert rows_at(rows).tolist() == np.array(found).tolist()


@given(copies)
def test_of_each_locus_and_word_is_told_what_the_ballots_say(given_copies):
    votes = by_locus(by_copy(collate(given_copies)))
    assert votes.differs.tolist() == [len(set(own)) > 1 for own in np.split(votes.key, votes.starts[1:-1])]
    places = {key: set(votes.locus[votes.key == key].tolist()) for key in set(votes.key.tolist())}
    assert {key: bool(again(votes)[key]) for key in places} == {key: len(loci) > 1 for key, loci in places.items()}


@given(copies)
def test_an_edition_that_need_not_be_witnessed_is_the_same_but_for_that(given_copies):
    collation = collate([*given_copies, Copy("worded", "A ferry sank.")])
    whole = edit(collation)
    assert edit(collation, witnessed=False) == msgspec.structs.replace(whole, witnesses=())
    assert bool(whole.witnesses) == bool(whole.text)


def counted(places: list[list[tuple[int, int, float]]]) -> list[tuple[int, float, float, int]]:
    """For each place the value read, its weight, the next one's and the number of values. A vote: value, copy, weight."""
    votes = [vote for place in places for vote in place]
    place = np.arange(len(places)).repeat(np.array([len(own) for own in places], np.int64))
    value, copy, weight = (np.array([vote[i] for vote in votes]) for i in range(3))
    found = most(place, value.astype(np.int64), copy.astype(np.int64), weight.astype(np.float64), len(places))
    return list(zip(*(row.tolist() for row in (found.value, found.weight, found.second, found.n_values)), strict=True))


def counted_by_hand(place: list[tuple[int, int, float]]) -> tuple[int, float, float, int]:
    """The same with a counter: of equal weights the value that the first copy has."""
    weights: Counter[int] = Counter()
    first: dict[int, int] = {}
    for value, copy, weight in place:
        weights[value] += weight
        first.setdefault(value, copy)
    ranked = sorted(weights, key=lambda value: (-weights[value], first[value]))
    return ranked[0], weights[ranked[0]], weights[ranked[1]] if len(ranked) > 1 else 0, len(ranked)


def test_the_count_is_right_for_all_small_patterns():
    """Every way in which up to six copies can have up to four values, all of them counted at once and one by one."""
    patterns = [pattern for n in range(1, 7) for pattern in itertools.product(range(4), repeat=n)]
    places = [[(value, copy, 1.0) for copy, value in enumerate(pattern)] for pattern in patterns]
    expected = [counted_by_hand(place) for place in places]
    assert expected[patterns.index((0, 0, 1, 1, 1))] == (1, 3, 2, 2)
    assert counted(places) == expected
    for place, right in zip(places[:400], expected[:400], strict=True):
        assert counted([place]) == [right]


def test_the_count_is_right_for_all_small_patterns_of_weights():
    """Copies may weigh nothing, or twice as much."""
    patterns = itertools.product(itertools.product(range(3), repeat=4), itertools.product((0.0, 1.0, 2.0), repeat=4))
    places = [
        [(value, copy, weight) for copy, (value, weight) in enumerate(zip(*pattern, strict=True))] for pattern in patterns
    ]
    assert counted(places) == [counted_by_hand(place) for place in places]


votes = st.tuples(st.integers(0, 1 << 40), st.sampled_from((0.0, 0.5, 1.0, 2.0)))


@given(st.lists(st.lists(votes, min_size=1, max_size=9), max_size=9))
def test_the_count_is_right_for_any_places(given_places):
    places = [[(value, 3 * at, weight) for at, (value, weight) in enumerate(place)] for place in given_places]
    assert counted(places) == [counted_by_hand(place) for place in places]


@given(st.lists(st.lists(votes, min_size=1, max_size=9), max_size=9))
def test_the_winner_is_what_most_have(given_places):
    votes = [vote for place in given_places for vote in place]
    place = np.arange(len(given_places)).repeat(np.array([len(own) for own in given_places], np.int64))
    value, weight = np.array([vote[0] for vote in votes], np.int64), np.array([vote[1] for vote in votes], np.float64)
    copy = np.arange(len(votes))
    expected = most(place, value, copy, weight, len(given_places)).value.tolist()
    assert winner(place, value, copy, weight).tolist() == expected


@given(st.lists(st.lists(votes, min_size=1, max_size=9), max_size=9))
def test_who_votes_alike_has_one_leader(given_places):
    votes = [(place, value) for place, own in enumerate(given_places) for value, _ in own]
    place, value = (np.array([vote[i] for vote in votes], np.int64) for i in range(2))
    groups = grouped(place, value, np.arange(len(votes)), len(given_places))
    assert of_ballots(groups, groups.leader).tolist() == [votes.index(vote) for vote in votes]
    assert of_ballots(groups, groups.sizes).tolist() == [votes.count(vote) for vote in votes]


# -- separators


@given(st.text(alphabet=st.one_of(st.sampled_from(" \n\t\xa0" + OPENING + CLOSING), st.characters())))
def test_the_parts_of_a_separator_are_all_of_it(text):
    closing, space, opening = parts(text)
    assert closing + space + opening == text
    assert not space.strip()
    assert space or not opening
    assert not opening or not any(c.isspace() for c in opening)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("", "", "")),
        (" ", ("", " ", "")),
        (". “", (".", " ", "“")),
        (".”\n\n“", (".”", "\n\n", "“")),
        (", ", (",", " ", "")),
        (" (", ("", " ", "(")),
        ("-", ("-", "", "")),
        (". ” ", (". ”", " ", "")),
        (" — ", (" —", " ", "")),
        (".\n\n[", (".", "\n\n", "[")),
    ],
)
def test_the_parts_of_separators_as_they_come(text, expected):
    assert parts(text) == expected


# -- the look of boilerplate

HEAD, INSIDE, TAIL = "head", "inside", "tail"


@pytest.mark.parametrize(
    ("text", "position", "kind"),
    [
        ("SIGN UP FOR OUR NEWSLETTER", HEAD, "newsletter prompt"),
        ("Sign up here to get the day’s news in your inbox", INSIDE, "newsletter prompt"),
        ("Get our free daily newsletter", TAIL, "newsletter prompt"),
        ("Subscribe to the Courier today", TAIL, "subscription prompt"),
        ("Already a subscriber? Log in to continue reading.", INSIDE, "subscription prompt"),
        ("Support independent journalism for as little as two crowns a week.", TAIL, "subscription prompt"),
        ("Share this on Facebook", INSIDE, "share prompt"),
        ("Follow us on Instagram and Twitter", TAIL, "share prompt"),
        ("Facebook Twitter Print E-mail", HEAD, "share prompt"),
        ("Read more: Mills at Hobbin stand idle", INSIDE, "related links"),
        ("READ ALSO: Bread dearer by a tenth", INSIDE, "related links"),
        ("You may also like", TAIL, "related links"),
        ("Click here for the full list of boats.", TAIL, "related links"),
        ("Elke Strand in her shop. Photo: Jonas Lunt", INSIDE, "caption"),
        ("The lamp at Cape Orrin on Sunday (AP)", INSIDE, "caption"),
        ("Image courtesy of the harbour office", INSIDE, "caption"),
        ("Additional reporting by Oda Brandt", TAIL, "reporting credit"),
        ("This story was first published in the Tessaly Post.", TAIL, "reporting credit"),
        ("© 2031 Lower Marl Courier. All rights reserved.", TAIL, "copyright"),
        ("This material may not be reproduced or redistributed.", TAIL, "copyright"),
        ("Leave a comment", TAIL, "comments"),
        ("12 Comments", TAIL, "comments"),
        ("Comments are closed.", TAIL, "comments"),
        ("Advertisement", INSIDE, "advert"),
        ("Story continues below", INSIDE, "advert"),
        ("Write to her at quill@courier.example", TAIL, "contact"),
        ("Have a tip? Call the newsroom.", TAIL, "contact"),
        ("Ada Quill is a staff writer at the Lower Marl Courier.", TAIL, "biography"),
        ("Ada Quill covers the river towns for the Courier.", TAIL, "biography"),
        ("She joined the paper in 2024 and lives in Marl.", TAIL, "biography"),
        ("By Ada Quill", HEAD, "byline"),
        ("Ada Quill, Staff Writer", HEAD, "byline"),
        ("Von Ada Quill", HEAD, "byline"),
        ("Published May 14, 2031", HEAD, "date line"),
        ("14 May 2031, 10:30", HEAD, "date line"),
        ("2031-05-14", HEAD, "date line"),
        ("3 hours ago", HEAD, "date line"),
        ("4 min read", HEAD, "date line"),
        ("Home | News | Sport | Opinion", HEAD, "navigation"),
        ("Skip to main content", HEAD, "navigation"),
        ("RYE BREAD DEARER BY A TENTH", HEAD, "heading"),
        ("Rye Bread Dearer by a Tenth", HEAD, "heading"),
    ],
)
def test_what_looks_like_boilerplate(text, position, kind):
    seen = look(text, position)
    assert seen.kind == kind
    assert seen.odds < -0.9
    assert seen.sign
    spread = look("\n " + text.replace(" ", " \n\t"), position)
    assert (spread.kind, spread.odds) == (kind, seen.odds), "white space tells nothing"


@pytest.mark.parametrize("position", [HEAD, INSIDE, TAIL])
@pytest.mark.parametrize(
    "text",
    [
        "The lamp of the old lighthouse at Cape Orrin was lit again on Sunday evening, eleven years after its keeper left.",
        "Rain fell on nineteen of the thirty days of August, and the mills at Hobbin stood idle for want of dry grain.",
        "“Nobody likes to pay more,” said Elke Strand, who has sold bread on Candle Street since she was a girl.",
        "Engineers found that 14 of its 52 bolts had rusted through, and the bridge was last painted in 1987.",
        "She asked walkers to use the road bridge at Kerrow, two miles upstream, until the work is done.",
        "The council will send a letter to every house in Tessaly, and nobody has to answer it before spring.",
        "The photographs that hung in the keeper’s room for eleven years were taken down and sold on Monday.",
    ],
)
def test_what_looks_like_story(text, position):
    seen = look(text, position)
    assert (seen.kind, seen.sign) == ("", "")
    assert seen.odds > 0


@given(texts.filter(has_words), st.sampled_from((HEAD, INSIDE, TAIL)))
def test_any_text_has_a_look(text, position):
    seen = look(text, position)
    assert -20 < seen.odds < 2
    assert bool(seen.kind) == bool(seen.sign)
    assert not seen.kind or seen.odds < 0


@pytest.mark.parametrize("sign", [sign for sign in signs() if sign.words], ids=lambda sign: f"{sign.kind} {sign.odds}")
@settings(max_examples=60)
@given(data=st.data())
def test_no_wording_is_passed_over_for_want_of_its_words(sign: Sign, data):
    """A sign is only sought where one of its words stands: whatever its wording finds must have one."""
    match = sign.wording.search(data.draw(st.from_regex(sign.wording)))
    assert match is not None
    found = match.group()
    assert not sign.words.isdisjoint(begun(found) if sign.anchored else beginnings(found)), found


# -- what the edition says of whole copies and of the story

STORY = (
    "The footbridge over the Lunt will stay shut until spring, the council of Tessaly said on Monday.\n\n"
    "Engineers found that 14 of its 52 bolts had rusted; a 38-year-old inspector called the repair “a stop-gap at best.”\n\n"
    "“We would rather lose a winter than a neighbour,” said Mira Ostrey, who chairs the committee of the well-kept town.\n\n"
    "The work will cost about 310,000 crowns, and the firm that built the bridge has offered half-price steel."
)


def edition_of(other: str) -> Edition:
    return copydesk.reconcile([Copy("whole", STORY), Copy("spoilt", other)])


def damages(edition: Edition) -> dict[str, tuple[int, int]]:
    assert {damage.copy for damage in edition.damage} <= {"spoilt"}
    return {damage.kind: (damage.n, damage.of) for damage in edition.damage}


def test_a_copy_that_drops_hyphenated_words():
    spoilt = STORY
    for word in ("38-year-old", "stop-gap", "well-kept", "half-price"):
        spoilt = spoilt.replace(word, "")
    edition = edition_of(spoilt)
    assert edition.text == STORY
    assert damages(edition) == {"hyphenated words dropped": (4, 4)}
    [damage] = edition.damage
    assert STORY.index("38-year-old") - 1 == damage.example.start == damage.example.end


def test_the_two_spaces_of_a_dash_are_no_trace_of_a_loss():
    dashed = STORY.replace("spring, the", "spring — the")
    added = dashed.replace("— the", "— kettle the")
    assert copydesk.reconcile([dashed, dashed.replace("said", "told"), added]).text == dashed
    lost = dashed.replace("spring —", " —")
    assert copydesk.reconcile([dashed, lost, lost.replace("said", "told")]).text == dashed  # but two side by side are
    between = STORY.replace("spring, the", "spring — perhaps — the")
    assert copydesk.reconcile([between, between.replace(" perhaps ", " ")]).text == between


def test_a_copy_that_drops_words_with_digits():
    spoilt = STORY
    for word in ("14", "52", "38-year-old", "310,000"):
        spoilt = spoilt.replace(word, "")
    edition = edition_of(spoilt)
    assert edition.text == STORY
    assert damages(edition)["words with digits dropped"] == (4, 4)


def test_a_copy_that_lost_its_paragraphs():
    edition = edition_of(STORY.replace("\n\n", " "))
    assert (edition.text, edition.variants) == (STORY, ())
    assert damages(edition) == {"paragraphs flattened": (3, 3)}


def test_a_copy_that_lost_its_quotation_marks():
    edition = edition_of(STORY.replace("“", "").replace("”", ""))
    assert (edition.text, edition.variants) == (STORY, ())
    assert damages(edition)["quotation marks lost"] == (3, 3)  # places between two words


def test_lost_quotation_marks_are_no_changed_white_space():
    assert set(damages(edition_of(STORY.replace("“", "").replace("”", "")))) == {"quotation marks lost"}


def test_a_copy_that_breaks_off():
    edition = edition_of(STORY[: STORY.index(" the repair")])
    assert edition.text == STORY
    assert set(damages(edition)) == {"truncated"}
    lacking = re.findall(r"\w+", STORY[STORY.index(" the repair") :])
    assert damages(edition)["truncated"][0] == len(lacking)
    assert edition.variants == ()


def test_what_is_left_of_a_word_stands_against_that_word_alone():
    edition = edition_of(STORY[: STORY.index(" the repair") + len(" the re")])
    assert edition.text == STORY
    [variant] = edition.variants
    assert {reading.text for reading in variant.readings} == {"repair", "re"}
    assert damages(edition)["truncated"][0] == len(re.findall(r"\w+", STORY[STORY.index("repair") :]))


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("By Ada Quill", {"byline": "Ada Quill"}),
        ("Published May 14, 2031", {"published": "2031-05-14"}),
        ("Updated 3 June 2031", {"published": "2031-06-03"}),
        ("date 2031-05-14 SIGN UP FOR OUR NEWSLETTER", {"published": "2031-05-14"}),
        ("Footbridge Stays Shut Until Spring", {"headline": "Footbridge Stays Shut Until Spring"}),
        ("Footbridge Stays Shut\nNow Playing", {}),
        ("Published 99 May 2031", {}),
        ("Home | News | Sport | Opinion", {}),
    ],
)
def test_boilerplate_at_the_head_tells_facts(line, facts):
    edition = edition_of(f"{line}\n\n{STORY}")
    assert edition.text == STORY
    assert {fact.name: fact.value for fact in edition.metadata} == facts
    for fact in edition.metadata:
        assert fact.place.copy == "spoilt"
        assert fact.place.end <= len(line)


def test_a_biography_at_the_tail_is_a_fact():
    biography = "Ada Quill covers the river towns for the Lower Marl Courier. She joined the paper in 2024."
    edition = edition_of(f"{STORY}\n\n{biography}")
    assert edition.text == STORY
    assert [(fact.name, fact.value) for fact in edition.metadata] == [("biography", biography)]
    [variant] = edition.variants
    assert (variant.kind, variant.start, variant.end) == ("boilerplate: biography", len(STORY), len(STORY))


def test_copies_that_differ_in_nothing_say_nothing():
    edition = edition_of(STORY)
    assert (edition.variants, edition.damage, edition.metadata, edition.confidence) == ((), (), (), 1.0)
    assert edition.explain() == ""
