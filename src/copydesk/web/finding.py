"""Which stories have a text, or a part of it: asked of an archive, which keeps what it needs to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.web.asked import FindAsked, Found, Match, Otherwise, Refused, Shared
from copydesk.web.decisions import archive
from copydesk.web.stories import headline
from copydesk.web.story import READING

if TYPE_CHECKING:
    from copydesk.web.index import Index

TOLD = 100
"""Differences of a match, and copies of its story, that are told."""


def find(index: Index, asked: FindAsked) -> Found:
    """The stories that have a text, or a part of it, best first."""
    try:
        answer = archive(index).find(asked.text)
    except ValueError as error:  # no letters
        raise Refused(422, str(error)) from None
    matches = [
        Match(
            story_id=match.story,
            title=_title(index, match.story),
            published=match.published,
            n_copies=match.n_copies,
            relation=match.relation,
            coverage=match.coverage,
            coverage_of_copy=match.coverage_of_copy,
            copy=match.copy,
            source=match.source,
            stretches=[Shared(stretch.start, stretch.end) for stretch in match.stretches],
            n_differences=len(match.differences),
            differences=[Otherwise(d.start, d.text[:READING], d.copy[:READING]) for d in match.differences[:TOLD]],
            copies=list(match.copies[:TOLD]),
        )
        for match in answer.matches
    ]
    return Found(answer.found, matches, answer.note)


def _title(index: Index, story_id: str) -> str:
    row = index.row("SELECT title, beginning FROM page.stories WHERE story_id = ?", story_id)
    return headline(row["title"], row["beginning"]) if row else story_id
