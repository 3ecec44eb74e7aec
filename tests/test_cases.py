"""Cases as data: copies damaged in one way each, and the text they bear witness to.

`cases/*.json` hold lists of objects with `label`, `comment`, `copies`, `expected` and `status` (`pass` or `known failure`; a
known failure that passes fails here, so that its status is put right). Where an object has `kinds`, the apparatus has variants
of just these kinds; where it has `damage`, each copy named there is found to have this damage (with none named: none has any).
"""

from __future__ import annotations

import json
from itertools import islice, permutations
from pathlib import Path
from typing import Any

import pytest

import copydesk
from copydesk import Copy

FILES = sorted(Path(__file__).with_name("cases").glob("*.json"))
CASES: list[tuple[str, dict[str, Any]]] = [(file.stem, case) for file in FILES for case in json.loads(file.read_text("utf-8"))]
NEEDED, MORE = {"label", "comment", "copies", "expected", "status"}, {"kinds", "damage"}


def parameters() -> list[Any]:
    known = pytest.mark.xfail(strict=True, raises=AssertionError, reason="known failure: see its comment")
    return [
        pytest.param(case, id=f"{file}: {case['label']}", marks=[known] if case["status"] == "known failure" else [])
        for file, case in CASES
    ]


@pytest.mark.parametrize("case", parameters())
def test_case(case):
    copies = [Copy(**copy) for copy in case["copies"]]
    edition = copydesk.reconcile(copies)
    assert edition.text == case["expected"]
    if "kinds" in case:
        assert sorted(variant.kind for variant in edition.variants) == sorted(case["kinds"])
    if "damage" in case:
        found = {(damage.copy, damage.kind) for damage in edition.damage}
        expected = {(copy, kind) for copy, kinds in case["damage"].items() for kind in kinds}
        assert expected <= found if expected else not found


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{file}: {case['label']}") for file, case in CASES])
def test_a_case_has_the_same_edition_in_every_order(case):
    copies = [Copy(**copy) for copy in case["copies"]]
    edition = copydesk.reconcile(copies)
    for order in islice(permutations(copies), 1, None):
        assert copydesk.reconcile(order) == edition


def test_cases_are_well_formed():
    assert len(CASES) >= 35
    assert len({(file, case["label"]) for file, case in CASES}) == len(CASES)
    for _, case in CASES:
        assert NEEDED <= set(case) <= NEEDED | MORE
        assert case["status"] in {"pass", "known failure"}
        assert ("Known failure: " in case["comment"]) == (case["status"] == "known failure")
        assert all({"id", "text"} <= set(copy) <= {"id", "text", "source", "published", "url"} for copy in case["copies"])
