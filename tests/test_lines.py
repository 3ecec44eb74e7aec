"""Copies that descend from one spoilt copy have one vote together."""

from __future__ import annotations

import json
from random import Random

import numpy as np
import pytest

import copydesk
from copydesk.collate.collation import collate
from copydesk.edit.edition import NOTHING
from copydesk.edit.evidence import gather
from copydesk.edit.lines import votes_of
from copydesk.model import Copy
from copydesk.sources.corpus import Columns

STEMS = [
    a + b
    for a in ("har", "mer", "sol", "tin", "vel", "nor", "qua", "bri", "lum", "dor")
    for b in ("bour", "ley", "den", "ta", "ric")
]


def article(rng: Random, n: int) -> list[str]:
    """Words as a text has them: some are common, sentences begin with capitals and end with a mark."""
    words: list[str] = []
    while len(words) < n:
        sentence = [
            STEMS[int(len(STEMS) * rng.random() ** 2)] + rng.choice(("", "", "s", "ing", "ed"))
            for _ in range(rng.randint(6, 16))
        ]
        words += [sentence[0].capitalize(), *sentence[1:-1], sentence[-1] + "."]
    return words


def spoilt(words: list[str], rate: float, rng: Random) -> list[str]:
    out: list[str] = []
    for word in words:
        how = rng.choice("lra") if rng.random() < rate else ""
        other = "".join(rng.choice("bcdfghjklmnprstvwz") + rng.choice("aeiou") for _ in range(3))
        out += [] if how == "l" else [other] if how == "r" else [word, other] if how == "a" else [word]
    return out


def copies(seed: int, n: int, own: float, descend: int, of: int) -> tuple[str, list[Copy]]:
    rng = Random(seed)
    truth = article(rng, n)
    ancestor = spoilt(truth, 0.02, rng)
    texts = [" ".join(spoilt(ancestor if i < descend else truth, own, rng)) for i in range(of)]
    return " ".join(truth), [Copy(f"{i:02}", text) for i, text in enumerate(texts)]


def found(given: list[Copy]) -> list[set[str]]:
    collation = collate(given)
    evidence = gather(collation, NOTHING)
    return [{collation.copies[at].id for at in np.flatnonzero(line)} for line in evidence.lines]


@pytest.mark.parametrize("own", [0.002, 0.01])
@pytest.mark.parametrize("seed", range(4))
def test_most_copies_descend_from_one_and_its_errors_are_out(seed, own):
    truth, given = copies(seed, 2000, own, 12, 20)
    assert {f"{i:02}" for i in range(12)} in found(given)
    edition = copydesk.reconcile(given)
    assert edition.text == truth
    assert tuple(f"{i:02}" for i in range(12)) in edition.lines
    assert "11: one line, with one vote" in edition.explain()


@pytest.mark.parametrize("seed", range(4))
def test_copies_that_err_apart_are_no_line(seed):
    truth, given = copies(seed, 2000, 0.02, 0, 20)
    assert found(given) == []
    assert copydesk.reconcile(given).text == truth


def test_the_order_of_the_copies_does_not_matter():
    _, given = copies(5, 1500, 0.01, 6, 10)
    lines = found(given)
    assert lines
    Random(1).shuffle(given)
    assert found(given) == lines


def test_a_line_has_one_vote_and_so_has_a_line_in_a_line():
    outer, inner = np.arange(10) < 6, np.arange(10) < 3
    weights = votes_of([outer, inner], 10)
    assert weights[6:].tolist() == [1.0] * 4
    assert weights[:6].sum() == pytest.approx(1, abs=1e-5)
    assert weights[:3].sum() == pytest.approx(weights[3], abs=1e-5)
    assert sum(weights) == sum(weights[::-1]) == sum(weights[np.random.default_rng(1).permutation(10)])


def test_extractors_that_leave_out_the_same_are_no_line():
    rng = Random(9)
    words = article(rng, 800)
    captions = [(at, [word + "x" for word in words[at : at + 3]]) for at in range(40, 760, 90)]
    texts = []
    for i in range(8):
        text = list(words)
        for at, caption in reversed(captions):
            text[at:at] = caption if i < 5 else []
        texts.append(Copy(str(i), " ".join(text)))
    assert found(texts) == []


def test_the_tables_of_a_run_name_the_line_of_each_copy(tmp_path):
    _, given = copies(0, 2000, 0.002, 12, 20)
    rows = [{"id": copy.id, "text": copy.text, "group": "one"} for copy in given] + [{"id": "zz", "text": "Alone it stands."}]
    corpus = tmp_path / "copies.jsonl"
    corpus.write_text("\n".join(json.dumps(row) for row in rows))
    run = copydesk.run(corpus, tmp_path / "out", columns=Columns(story="group"), threads=1)
    named = {row["copy_id"]: row["line"] for row in run.table("copies").to_pylist()}
    assert named == {**{f"{i:02}": "00" if i < 12 else None for i in range(20)}, "zz": None}
    assert {row["story_id"]: row["n_lines"] for row in run.stories().to_pylist()} == {"one": 9, "zz": 1}
