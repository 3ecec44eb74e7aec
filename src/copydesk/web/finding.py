"""Which stories have a text: asked of an archive, which keeps what it needs to find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.web.asked import FindAsked, Found, Refused

if TYPE_CHECKING:
    from copydesk.web.index import Index

MAKE = "A run's folder is shown as it is; make an archive of it with: copydesk add my.desk FILE..., and open that."


def find(index: Index, asked: FindAsked) -> Found:
    """The stories that have a text, or a part of it."""
    if not index.is_archive:
        raise Refused(409, MAKE)
    raise Refused(409, MAKE)
