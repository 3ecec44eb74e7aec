"""Lines as sites put them around and into stories, and sentences of stories that have the same words: what `look` says of them.

`cases/looks/site.json` holds lists of lines by what they are for, with the positions at which they stand; `missed` are those
that are not known by themselves (`known failure`). `cases/looks/story.json` has sentences; `taken` are those that are taken for
text of the site all the same. What passes though it is listed as missed or taken fails here, so that it is put right.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from copydesk.edit.blocks import WORDED
from copydesk.edit.boilerplate import look

FOLDER = Path(__file__).with_name("cases") / "looks"
SITE: list[dict[str, Any]] = json.loads((FOLDER / "site.json").read_text("utf-8"))
STORY: list[dict[str, Any]] = json.loads((FOLDER / "story.json").read_text("utf-8"))
POSITIONS = {"head", "inside", "tail"}


def known(line: str, positions: list[Any]) -> bool:
    return all(look(line, position).odds <= WORDED for position in positions)


@pytest.mark.parametrize("group", SITE, ids=lambda group: group["for"])
def test_text_of_the_site_is_known_by_its_wording(group):
    assert [line for line in group["lines"] if not known(line, group["positions"])] == []
    assert [line for line in group["missed"] if known(line, group["positions"])] == [], "no longer missed"


@pytest.mark.parametrize("group", STORY, ids=lambda group: group["position"])
def test_sentences_of_stories_are_not_taken_for_it(group):
    assert [line for line in group["lines"] if known(line, [group["position"]])] == []
    assert [line for line in group["taken"] if not known(line, [group["position"]])] == [], "no longer taken"


def test_the_lines_are_well_formed():
    lines = [line for group in SITE for line in group["lines"] + group["missed"]]
    assert len(lines) >= 800
    assert len(set(lines)) == len(lines)
    assert all(set(group["positions"]) <= POSITIONS for group in SITE)
    assert {group["position"] for group in STORY} == POSITIONS
