"""Damage by kind: the traces it leaves in one copy alone, what repair undoes, and what a sound copy beside it makes good.

`cases/damage/*.json` hold lists of objects with `label`, `comment`, `kinds`, `broken` and `whole`. A broken text alone shows
these kinds of damage and no other that the whole one does not show (`alone`); beside the whole one it gives that (`pair`).
Either is `pass` or `known failure`; a known failure that passes fails here, so that it is put right. Where `repaired` is true,
repair alone makes it whole.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import copydesk
from copydesk import Copy
from copydesk.collate.collation import collate, rebuild
from copydesk.edit.traces import REPAIRED, TRACES, traces
from copydesk.repair import divided, kind, repaired
from strategies import has_words, texts

FILES = sorted(Path(__file__).with_name("cases").glob("damage/*.json"))
CASES: list[tuple[str, dict[str, Any]]] = [(file.stem, case) for file in FILES for case in json.loads(file.read_text("utf-8"))]
NEEDED = {"label", "comment", "kinds", "broken", "whole", "alone", "pair"}


def parameters(which: str) -> list[Any]:
    known = pytest.mark.xfail(strict=True, raises=AssertionError, reason="known failure: see its comment")
    return [
        pytest.param(case, id=f"{file}: {case['label']}", marks=[known] if case[which] == "known failure" else [])
        for file, case in CASES
    ]


def kinds(text: str) -> set[str]:
    return {damage.kind for damage in traces(Copy("a", text))}


@pytest.mark.parametrize("case", parameters("alone"))
def test_a_copy_alone_shows_its_damage(case):
    assert kinds(case["broken"]) - kinds(case["whole"]) == set(case["kinds"])


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{file}: {case['label']}") for file, case in CASES])
def test_a_sound_copy_shows_none(case):
    assert not kinds(case["whole"])


@pytest.mark.parametrize("case", parameters("pair"))
def test_a_sound_copy_makes_it_good(case):
    for copies in ([case["broken"], case["whole"]], [case["whole"], case["broken"]]):
        assert copydesk.reconcile(copies).text == case["whole"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["label"]) for _, case in CASES if case.get("repaired")])
def test_what_is_certain_is_repaired(case):
    assert repaired(case["broken"]) == case["whole"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["label"]) for _, case in CASES if case["alone"] == "pass"])
def test_an_edition_of_one_copy_tells_its_damage_and_where(case):
    edition = copydesk.reconcile([case["broken"]])
    assert set(case["kinds"]) <= {damage.kind for damage in edition.damage}
    for damage in edition.damage:
        assert 1 <= damage.n <= damage.of
        assert 0 <= damage.example.start <= damage.example.end <= len(case["broken"])


def test_cases_are_well_formed():
    assert len(CASES) >= 40
    assert len({(file, case["label"]) for file, case in CASES}) == len(CASES)
    for _, case in CASES:
        assert NEEDED <= set(case) <= NEEDED | {"repaired"}
        assert {case["alone"], case["pair"]} <= {"pass", "known failure"}
        assert ("Known failure" in case["comment"]) == ("known failure" in {case["alone"], case["pair"]})
    told = {name for _, case in CASES for name in case["kinds"] if case["alone"] == "pass"}
    assert told == {*REPAIRED, *(trace.kind for trace in TRACES)}, "every kind has a case"


@given(texts)
def test_repairs_stand_in_order_and_apart(text):
    repairs = divided(text)
    ends = [0, *(repair.end for repair in repairs)]
    assert all(end <= repair.start < repair.end for end, repair in zip(ends, repairs, strict=False))
    assert all(repair.text for repair in repairs)
    assert (kind(text) is None) == (repaired(text) == text)


@pytest.mark.parametrize(
    "text",
    ["R&D; Q&A at AT&T", "voilà, l’été", "Ã", "Il a été à l’hôtel « né »", "&notit; &#0; &#xD800;", "Привет, Россия", "50 €"],
)
def test_what_looks_like_damage_and_is_none(text):
    assert repaired(text) == text


@given(texts.filter(has_words))
def test_damaged_words_keep_their_letters(text):
    for other in (text, f"{text} cafÃ© &ldquo;x&rdquo;"):
        collation = collate([Copy("a", other)])
        assert rebuild(collation, 0) == other


@given(texts)
def test_any_text_has_its_traces(text):
    for damage in traces(Copy("a", text)):
        assert 1 <= damage.n <= damage.of
        assert 0 <= damage.example.start <= damage.example.end <= len(text)


def test_sound_text_does_not_load_what_mends_encodings():
    import subprocess
    import sys

    code = "import sys, copydesk; copydesk.reconcile([sys.argv[1]] * 2); print('ftfy' in sys.modules)"
    for text, loaded in (("The café’s lamp – out since May – is lit & well.", "False"), ("The cafÃ© is lit.", "True")):
        done = subprocess.run([sys.executable, "-c", code, text], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == loaded
