"""Blocks that stand in two places, texts that break off, and text of sites: what sources are like decides. All is made up."""

from __future__ import annotations

from random import Random

import pytest

from copydesk.collate.collation import collate
from copydesk.edit.keepers import SHARED
from copydesk.edit.lacunae import BROKEN_OFF
from copydesk.edit.moved import MOVED
from copydesk.edit.observe import observe
from copydesk.edit.reliability import learn
from copydesk.model import NOTHING, Copy, Known
from copydesk.story import reconcile
from test_lines import article

PROMPTS = ("Sign up for our newsletter.", "Follow us on Twitter.", "Subscribe to our daily newsletter today.")


def paragraphs(rng: Random, n: int = 6) -> list[str]:
    return [" ".join(article(rng, 24)).capitalize() for _ in range(n)]


def moved(blocks: list[str], rng: Random) -> list[str]:
    source, target = rng.sample(range(1, len(blocks) - 1), 2)
    turned = [*blocks[:source], *blocks[source + 1 :]]
    return [*turned[:target], blocks[source], *turned[target:]]


def spoilt(blocks: list[str], source: str, rng: Random) -> str:
    if source == "mover":
        blocks = moved(blocks, rng)
    text = "\n\n".join(blocks)
    if source == "cutter":
        return text[: int(len(text) * rng.uniform(0.6, 0.8))]
    return text


def story(number: int, sources: tuple[str, ...]) -> tuple[list[str], list[Copy]]:
    rng = Random(f"story {number}")
    blocks = paragraphs(rng)
    return blocks, [Copy(f"{number}/{name}", spoilt(blocks, name, rng), name) for name in sources]


@pytest.fixture(scope="module")
def known() -> Known:
    pairs = [("plain", "mover"), ("other", "mover"), ("plain", "cutter"), ("other", "cutter")]
    return learn([observe(collate(story(at, pairs[at % 4])[1])) for at in range(48)])


def rate(known: Known, source: str, kind: str) -> float:
    (found,) = [rate for rate in known.rates[source] if rate.kind == kind]
    return found.n / found.of


def test_who_moves_blocks_is_found_without_gold(known):
    assert rate(known, "mover", MOVED) > 0.8
    assert all(rate(known, name, MOVED) < 0.2 for name in ("plain", "other", "cutter"))


def test_who_breaks_off_is_found(known):
    assert rate(known, "cutter", BROKEN_OFF) > 0.8
    assert all(rate(known, name, BROKEN_OFF) == 0 for name in ("plain", "other", "mover"))


@pytest.mark.parametrize("number", range(100, 108))
@pytest.mark.parametrize("source", ["plain", "other"])
def test_of_two_places_the_block_stands_where_the_one_has_it_who_moves_none(known, number, source):
    blocks, copies = story(number, (source, "mover"))
    assert reconcile(copies, known).text == "\n\n".join(blocks)


def test_a_copy_that_ends_before_one_place_and_lacks_the_block_at_the_other_speaks_for_that():
    blocks = paragraphs(Random("neither"), 8)
    turned = [*blocks[:2], blocks[6], *blocks[2:6], blocks[7]]
    for order in (blocks, turned):
        other = turned if order is blocks else blocks
        cut = "\n\n".join(blocks[:5])[:-30] if order is blocks else "\n\n".join(turned[:6])[:-30]
        texts = ["\n\n".join(order), "\n\n".join(other), cut]
        assert reconcile([Copy(str(at), text) for at, text in enumerate(texts)]).text == "\n\n".join(order)


def test_a_text_of_who_breaks_off_ends_where_a_sentence_does(known):
    blocks = paragraphs(Random("end"))
    copies = [Copy("a", "\n\n".join(blocks), "plain"), Copy("b", "\n\n".join(blocks[:4]), "cutter")]
    assert reconcile(copies, known).text == "\n\n".join(blocks)
    [lost] = [damage for damage in reconcile(copies, known).damage if damage.kind == "truncated"]
    assert lost.copy == "b"


def test_a_text_breaks_off_where_it_lacks_the_mark_that_others_have():
    blocks = paragraphs(Random("mark"))
    whole, cut = "\n\n".join(blocks), "\n\n".join(blocks[:4])[:-1]
    assert reconcile([Copy("a", whole), Copy("b", cut)]).text == whole


def dressed(number: int, *, shared: bool) -> tuple[str, list[Copy]]:
    """A story with a sentence in it that reads like a prompt, as four sites have it, or extractors that keep text of one."""
    rng = Random(f"dressed {number}")
    blocks = paragraphs(rng)
    blocks[2] = "Sign up for our newsletter, she had asked the ferrymen and the harbour board in the spring of that year."
    texts = [list(blocks) for _ in range(4)]
    for prompt in PROMPTS:
        for at in rng.sample(range(4), 2 if shared else 1):
            texts[at].append(prompt if shared else f"{prompt[:-1]} at the {article(rng, 1)[0]} {at}.")
    return "\n\n".join(blocks), [Copy(f"{number}/{at}", "\n\n".join(text), f"site {at}") for at, text in enumerate(texts)]


def shared(known: Known) -> float:
    return next(rate.n / rate.of for rate in known.mean if rate.kind == SHARED)


def test_what_all_have_is_story_where_sources_share_no_text_of_sites():
    alone, together = (learn([observe(collate(dressed(at, shared=s)[1])) for at in range(40)]) for s in (False, True))
    assert shared(alone) < 0.1
    assert shared(together) > 0.5
    text, copies = dressed(99, shared=False)
    assert reconcile(copies, alone).text == text
    assert len(reconcile(copies, together).text) < len(text)  # extractors of one page: the wording tells


def test_of_few_stories_nothing_is_concluded():
    known = learn([observe(collate(story(at, ("plain", "mover"))[1])) for at in range(8)])
    assert not any(rate.kind in {MOVED, BROKEN_OFF} for rates in known.rates.values() for rate in rates)


def test_who_straightens_quotes_has_no_vote_on_them():
    whole = "It is, “It’s late,” she said. “We can’t wait,” he said, and didn’t. “They’re here,” said nobody."
    straight = whole.replace("“", '"').replace("”", '"').replace("’", "'")
    copies = [Copy("a", straight), Copy("b", straight), Copy("c", whole)]
    assert reconcile(copies).text == whole
    many = [Copy(str(at), straight) for at in range(9)]
    assert reconcile([*many, copies[2]]).text == straight  # one of ten may have curled them


def test_an_article_of_one_paragraph_that_stands_twice_is_one():
    text = " ".join(article(Random("twice"), 700))
    copies = [Copy("a", f"{text}\n\n{text}"), Copy("b", text), Copy("c", text)]
    assert reconcile(copies, NOTHING).text == text
