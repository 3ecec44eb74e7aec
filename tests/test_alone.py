"""Words that no two copies have alike: told by the votes elsewhere in the story, and by the words around them."""

from __future__ import annotations

from itertools import permutations

import pytest

import copydesk

STORY = (
    "The harbour master of Tessaly closed the north quay on Monday. Divers of the harbour master found a crack in the north "
    "quay, below the old crane. The old crane of Tessaly has stood there since the war, and the harbour master said that he "
    "would not have it moved. Boats of the night fleet lie at the south quay until the crack is closed. The night fleet went "
    "out late on Tuesday, and the harbour {} said that the {} crane would be looked at again before the night fleet is back."
)


def edition(*places: tuple[str, str]) -> str:
    """What is made of copies with these words at the two places, the same in any order."""
    made = {
        copydesk.reconcile([" ".join(STORY.format(*words).split()) for words in order]).text for order in permutations(places)
    }
    assert len(made) == 1
    return made.pop()


@pytest.mark.parametrize("others", [("tin", "bell"), ("", "bell"), ("night", "crack")])
def test_of_words_that_one_copy_each_has_the_one_that_stands_there_elsewhere_is_read(others):
    one, other = others
    assert edition(("master", "old"), (one, "old"), (other, "old")) == STORY.format("master", "old")


def test_two_words_put_in_at_one_place_are_both_left_out_where_its_neighbours_go_together():
    text = STORY.replace("{} crane", "old {} crane").format("master", "{}")
    texts = [" ".join(text.format(word).split()) for word in ("", "kettle", "sevenfold")]
    editions = [copydesk.reconcile(order) for order in permutations(texts)]
    assert {edition.text for edition in editions} == {texts[0]}
    [variant] = editions[0].variants
    assert (variant.kind, variant.reason) == ("addition", "2 of 3 copies have it; it does not fit what stands around it")


def test_wrong_words_that_are_known_elsewhere_tell_that_a_known_word_may_be_wrong():
    words = [f"word{at}" for at in range(200)]
    copies = [list(words) for _ in range(3)]
    for at in range(5, 180, 7):  # each copy in turn has a word of the story for another
        copies[at % 3][at] = words[at - 4]
    assert copydesk.reconcile([" ".join(copy) for copy in copies]).text == " ".join(words)
    copies[0][190], copies[1][190] = words[20], words[40]
    assert copydesk.reconcile([" ".join(copy) for copy in copies]).text == " ".join(words)


def test_a_word_that_one_copy_has_and_that_may_be_in_another_run_together_is_not_reconsidered():
    texts = [STORY.format("master", word) for word in ("old", "old", "ol d")]
    assert {copydesk.reconcile(order).text for order in permutations(texts)} == {STORY.format("master", "old")}
