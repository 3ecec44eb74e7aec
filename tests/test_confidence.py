"""How sure a choice is said to be where one copy stands against one, and where a block is in dispute. All is made up."""

from __future__ import annotations

from copydesk import reconcile

BEFORE, AFTER = "The lamp of the harbour was lit", "again on Sunday evening by the keeper of it."


def test_one_word_against_another_is_as_likely_right_as_wrong():
    [variant] = reconcile([f"{BEFORE} twice {AFTER}", f"{BEFORE} quickly {AFTER}"]).variants
    assert variant.kind == "substitution"
    assert variant.confidence <= 0.55


def test_a_spelling_with_a_sign_of_damage_is_surer_than_a_word():
    [variant] = reconcile([f"{BEFORE} twice {AFTER}", f"{BEFORE} tw1ce {AFTER}"]).variants
    assert variant.kind == "spelling"
    assert 0.8 < variant.confidence < 0.9


def test_a_word_that_one_of_two_lacks_is_surer_where_spaces_are_left():
    word, bare, spaces = f"{BEFORE} twice {AFTER}", f"{BEFORE} {AFTER}", f"{BEFORE}  {AFTER}"
    [doubtful], [told] = reconcile([word, bare]).variants, reconcile([word, spaces]).variants
    assert doubtful.readings[doubtful.chosen].text == told.readings[told.chosen].text == "twice"
    assert doubtful.confidence <= 0.6
    assert told.confidence > 0.95


def test_words_of_a_block_in_dispute_are_no_surer_than_the_block():
    blocks = [f"In the year {1900 + at} {BEFORE.lower()} {AFTER}" for at in range(5)]
    other = blocks[2].replace("Sunday", "Monday")
    whole, short = "\n\n".join(blocks), "\n\n".join([*blocks[:2], *blocks[3:]])
    turned = "\n\n".join([*blocks[:2], other, *blocks[3:]])
    disputed = reconcile([*[whole] * 4, turned, *[short] * 4])
    agreed = reconcile([*[whole] * 4, turned])
    [in_block], [in_story] = ([v for v in e.variants if v.kind == "spelling"] for e in (disputed, agreed))
    assert disputed.text == agreed.text == whole
    assert in_block.confidence < in_story.confidence - 0.05  # four to one, in either
