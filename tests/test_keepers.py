"""What a corpus tells of who keeps what, and what that does to an edition. All texts are made up."""

from __future__ import annotations

import random

import pytest

from copydesk import Copy, Edition
from copydesk.collate.collation import collate
from copydesk.edit.edition import edit
from copydesk.edit.keepers import SITE, STORY
from copydesk.edit.observe import observe
from copydesk.edit.reliability import learn
from copydesk.model import Collation, Known

SOURCES = ("careful", "fair", "fine", "greedy", "grasping")
GREEDY = {"greedy", "grasping"}
WHO = ("Mira Holt", "Jon Vass", "Ada Quill", "Tomas Reed", "Lena Strand", "Otto Brandt")
WHAT = ("bridge", "mill", "school", "harbour", "market", "library", "tramway", "orchard")
PROMPT = "Get the best of the Courier in your inbox every morning."
BANNER = "Readers of the Courier save a third on tickets to the winter fair."
POST = "The old crane will be missed by all of us who worked under it\n\n— Ada Quill (@adaquill) May 14, 2031"


def paragraph(chance: random.Random) -> str:
    who, what, year = chance.choice(WHO), chance.choice(WHAT), chance.randint(1900, 2030)
    return (
        f"{who} said the {what} of {year} had cost {chance.randint(2, 900)} crowns more than the council had been told, and "
        f"that number {chance.randint(1, 99999)} of its accounts was still missing."
    )


def story(number: int, wholly: str = "") -> list[list[str]]:
    """The paragraphs of each source: the greedy ones have an aside of the site after the second; `wholly` all have."""
    chance = random.Random(number)
    body = [paragraph(chance) for _ in range(5)]
    aside = f"{chance.choice(WHO)} also wrote on the {chance.choice(WHAT)} of {chance.randint(1000, 9999)}."
    return [[*body[:2], *([aside] if name in GREEDY else []), *([wholly] if wholly else []), *body[2:]] for name in SOURCES]


def collated(texts: list[list[str]], sources: tuple[str, ...] = SOURCES) -> Collation:
    return collate([Copy(name, "\n\n".join(text), source=name) for name, text in zip(sources, texts, strict=True)])


@pytest.fixture(scope="module")
def known() -> Known:
    return learn([observe(collated(story(number))) for number in range(40)])


def rate(known: Known, source: str, kind: str) -> float:
    return next(rate.n / rate.of for rate in known.rates[source] if rate.kind == kind)


def test_a_corpus_tells_who_keeps_text_of_the_site(known):
    assert all(rate(known, name, STORY) > 0.9 for name in SOURCES)
    assert all((rate(known, name, SITE) > 0.5) == (name in GREEDY) for name in SOURCES)


def test_the_order_of_the_stories_decides_nothing(known):
    observed = [observe(collated(story(number))) for number in range(40)]
    random.Random(1).shuffle(observed)
    assert learn(observed) == known


def test_the_votes_of_those_who_keep_it_weigh_less(known):
    texts = story(100)[2:4]
    aside = texts[1][2]
    assert edit(collated(texts, SOURCES[2:4]), (), known).text == "\n\n".join(texts[0])
    assert aside in edit(collated(texts, SOURCES[2:4])).text


def test_little_is_learned_from_few_copies():
    observed = [observe(collated(story(number)[:3], SOURCES[:3])) for number in range(5)]
    assert not {rate.kind for rates in learn(observed).rates.values() for rate in rates} & {STORY, SITE}


def test_a_prompt_that_all_have_is_left_out_where_it_is_known_what_they_keep(known):
    collation = collated(story(101, PROMPT))
    edition = edit(collation, (), known)
    assert PROMPT not in edition.text
    assert [v.kind for v in edition.variants if PROMPT in v.readings[0].text] == ["boilerplate: newsletter prompt"]
    assert PROMPT in edit(collation).text


def test_what_stands_in_other_stories_is_of_the_site():
    pairs = []
    for number in range(8):
        body = story(200 + number)[0]
        pairs.append(collated([body, [*body[:2], BANNER, *body[2:]]], SOURCES[:2]))
    learned = learn([observe(pair) for pair in pairs])
    editions = [edit(pair, (), learned) for pair in pairs]
    assert not any(BANNER in edition.text for edition in editions)
    assert all("stands in 8 stories" in edition.explain() for edition in editions)
    assert BANNER in edit(pairs[0]).text


def edited(texts: list[list[str]]) -> Edition:
    return edit(collate([Copy(str(at), "\n\n".join(text)) for at, text in enumerate(texts)]))


def test_a_post_is_of_the_story_though_most_leave_it_out():
    body = story(300)[0]
    posted = [*body[:3], *POST.split("\n\n"), *body[3:]]
    assert "worked under it" in edited([body] * 4 + [posted] * 2).text


def test_a_post_in_one_of_many_copies_is_left_out():
    body = story(301)[0]
    posted = [*body[:3], *POST.split("\n\n"), *body[3:]]
    assert "worked under it" not in edited([body] * 9 + [posted]).text


@pytest.mark.parametrize("at", [0, 3, 5], ids=["start", "middle", "end"])
def test_a_banner_in_one_of_ten_copies_is_never_in_the_text(at):
    body = story(302)[0]
    edition = edited([body] * 9 + [[*body[:at], BANNER, *body[at:]]])
    assert edition.text == "\n\n".join(body)


def test_lines_below_the_heading_of_a_list_of_links_are_links():
    body = story(303)[0]
    links = ["You may also like", "Orchard keepers fear a dry May", "The tramway that never was", "Who pays for the mill"]
    edition = edited([body] * 2 + [[*body, *links]] * 5)
    assert edition.text == "\n\n".join(body)
    assert "boilerplate: related links" in {v.kind for v in edition.variants}
