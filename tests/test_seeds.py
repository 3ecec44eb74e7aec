"""The two copies that everything starts from: what issue 2 asks of them, in either order, with default settings.

Nothing of their text stands here but the words that the damage is about; the rest is taken from the files.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import permutations
from pathlib import Path

import pytest

import copydesk
from copydesk import Copy, Edition, Variant

SEEDS = Path(__file__).parents[2] / "shared" / "data" / "seeds"
WHOLE, SPOILT = "000_3ca6ddb3c2864084.txt", "001_97d1037aa70446c5.txt"

pytestmark = pytest.mark.skipif(
    not SEEDS.is_dir(), reason="the seed pair is not part of the repository: ../shared/data/seeds is absent"
)


def seeds() -> dict[str, str]:
    return {name: (SEEDS / name).read_text("utf-8") for name in (WHOLE, SPOILT)}


@pytest.fixture(scope="module", params=list(permutations((WHOLE, SPOILT))), ids=["000 first", "001 first"])
def edition(request) -> Edition:
    texts = seeds()
    return copydesk.reconcile([Copy(name, texts[name]) for name in request.param])


def the(edition: Edition, wanted: str) -> Variant:
    """The one variant that has a reading which, white space aside, is `wanted`."""
    [found] = [v for v in edition.variants if any("".join(r.text.split()) == "".join(wanted.split()) for r in v.readings)]
    return found


def readings(variant: Variant) -> dict[str, str]:
    return {copy: reading.text for reading in variant.readings for copy in reading.copies}


def test_the_text_is_the_article_alone(edition):
    """Copy 000 without its first line, to the letter."""
    header, article = seeds()[WHOLE].split("\n", 1)
    assert "SIGN UP" in header
    assert edition.text == article.strip("\n")
    for word in ("35-year-old", "re-entry", "37-year-old", "U.S.", "safety.”"):
        assert word in edition.text.replace("\n", " ").split(" ")


def test_the_header_is_boilerplate_and_its_date_a_fact(edition):
    header = seeds()[WHOLE].split("\n", 1)[0].strip()
    variant = the(edition, header)
    assert variant.kind.startswith("boilerplate")
    assert (variant.start, variant.end) == (0, 0)
    assert readings(variant) == {WHOLE: header, SPOILT: ""}
    [published] = [fact for fact in edition.metadata if fact.name == "published"]
    assert published.value == "2017-06-03"
    assert published.place.copy == WHOLE
    assert seeds()[WHOLE][published.place.start : published.place.end] == "2017-06-03"


def test_the_biography_is_named_as_such(edition):
    biography = seeds()[SPOILT].rsplit("” ", 1)[1].strip()
    variant = the(edition, biography)
    assert variant.kind == "boilerplate: biography"
    assert variant.start == variant.end == len(edition.text)
    assert readings(variant) == {WHOLE: "", SPOILT: biography}
    assert [fact.value for fact in edition.metadata if fact.name == "biography"] == [biography]


@pytest.mark.parametrize("word", ["35-year-old", "re-entry", "37-year-old"])
def test_a_lost_word_is_one_variant(edition, word):
    variant = the(edition, word)
    assert variant.kind == "omission"
    assert edition.text[variant.start : variant.end] == word
    assert readings(variant) == {WHOLE: word, SPOILT: ""}
    assert "hyphenated words dropped" in variant.reason


def test_marks_are_one_variant_each(edition):
    between = [v for v in edition.variants if not any(c.isalnum() for reading in v.readings for c in reading.text)]
    assert [v.kind for v in between] == ["stray bracket", "spacing", "spacing"]
    bracket, initials, quotation = between
    assert "[" in readings(bracket)[SPOILT]
    assert "[" not in readings(bracket)[WHOLE]
    assert edition.text[initials.start - 1 : initials.end + 2] == "U.S."
    assert readings(initials) == {WHOLE: ".", SPOILT: ". "}
    assert edition.text[quotation.start - len("safety") : quotation.end] == "safety.”"
    assert readings(quotation) == {WHOLE: ".”", SPOILT: ". ”"}


def test_there_are_eight_variants_and_each_says_why(edition):
    assert len(edition.variants) == 8
    for variant in edition.variants:
        assert len(variant.readings) == 2
        assert variant.kind
        assert variant.reason
        assert variant.confidence > 0.9


def test_the_flattened_paragraphs_are_one_finding(edition):
    [flattened] = [damage for damage in edition.damage if damage.kind == "paragraphs flattened"]
    breaks = edition.text.count("\n\n")
    assert (flattened.copy, flattened.n, flattened.of) == (SPOILT, breaks, breaks)
    [dropped] = [damage for damage in edition.damage if damage.kind == "hyphenated words dropped"]
    assert (dropped.copy, dropped.n, dropped.of) == (SPOILT, 3, 3)
    assert len(edition.damage) == 2


def test_either_order_gives_the_same():
    texts = seeds()
    one, other = (copydesk.reconcile([Copy(name, texts[name]) for name in names]) for names in permutations(texts))
    assert one == other
    assert copydesk.reconcile(texts.values()).text == copydesk.reconcile(reversed(texts.values())).text == one.text


def test_the_command_writes_the_article():
    """In either order of the files, as from the shell."""
    article = seeds()[WHOLE].split("\n", 1)[1].strip("\n")
    command = Path(sys.executable).with_name("copydesk")
    for names in permutations((WHOLE, SPOILT)):
        done = subprocess.run([command, "reconcile", *names, "--text"], cwd=SEEDS, capture_output=True, check=True)
        assert done.stdout.decode() == article + "\n"
