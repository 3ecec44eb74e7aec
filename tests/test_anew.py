"""Small places aligned anew: what two of three copies have is had by two, whichever copy the table was drawn around."""

from __future__ import annotations

from itertools import permutations
from random import Random

import numpy as np
import pytest

from copydesk import reconcile
from copydesk.collate.anew import anew
from copydesk.collate.collation import collate, rebuild
from copydesk.model import Copy
from test_lines import article

BEFORE, AFTER = "The lamp of the harbour was lit again", "on Sunday evening by the keeper of it"


@pytest.mark.parametrize(
    ("here", "right"),
    [
        (("red old boat", "red boat", "old boat"), "red old boat"),
        (("green mill", "", "mill stone"), "mill"),
        (("red old boat", "red old boat", "mill"), "red old boat"),
        (("tide rope", "sail tide mast rope", "mast barge"), "tide mast rope"),
        (("quay barge tide", "quay tide", "sail tide"), "quay tide"),
        (("tide rope", "rope lantern", "tide lantern"), "tide rope lantern"),
        (("quay of", "quay sail barge", "barge of"), "quay barge of"),
    ],
)
def test_a_word_that_two_of_three_have_is_kept_and_one_that_one_has_is_not(here, right):
    for order in permutations(here):
        texts = [" ".join(f"{BEFORE} {words} {AFTER}".split()) for words in order]
        assert reconcile(texts).text == f"{BEFORE} {right} {AFTER}"


@pytest.mark.parametrize("n", [3, 5, 8])
def test_nothing_is_lost_and_no_word_stands_before_another_that_it_follows(n):
    rng = Random(n)
    words = article(rng, 300)
    texts = []
    for _ in range(n):
        own: list[str] = []
        for word in words:
            how = rng.choice("sdi") if rng.random() < 0.15 else ""
            own += {"": [word], "s": article(rng, 1), "d": [], "i": [word, *article(rng, 1)]}[how]
        texts.append(" ".join(own))
    collation = collate([Copy(str(at), text) for at, text in enumerate(texts)])
    for at, (copy, placed) in enumerate(zip(collation.copies, collation.loci, strict=True)):
        assert rebuild(collation, at) == copy.text
        assert (np.diff(placed) > 0).all()
    assert set(np.concatenate(collation.loci).tolist()) == set(range(collation.n_loci))


def test_of_two_copies_and_of_many_nothing_is_aligned_anew():
    for n in (2, 9):
        loci, keys = [np.arange(4) for _ in range(n)], [np.array([1, 2 + at, 30 - at, 4]) for at in range(n)]
        width, placed = anew(4, loci, keys)
        assert width == 4
        assert all((own == before).all() for own, before in zip(placed, loci, strict=True))
