"""Which stories have a text, or a part of it: asked of an archive, which keeps what it needs to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.web.asked import FindAsked, Found, Match, Refused
from copydesk.web.decisions import archive
from copydesk.web.stories import headline

if TYPE_CHECKING:
    from copydesk.web.index import Index


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
            n_copies=match.n_copies,
            relation=match.relation,
            coverage=match.coverage,
            copy=match.copy,
            copies=list(match.copies),
        )
        for match in answer.matches
    ]
    return Found(answer.found, matches, answer.note)


def _title(index: Index, story_id: str) -> str:
    row = index.row("SELECT title, beginning FROM page.stories WHERE story_id = ?", story_id)
    return headline(row["title"], row["beginning"]) if row else story_id
