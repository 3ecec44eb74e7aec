"""Copydesk: many copies of a text in, one sourced text out.

>>> import copydesk
>>> edition = copydesk.reconcile(["A  ferry sank.", "A 35-year-old ferry sank."])
>>> edition.text
'A 35-year-old ferry sank.'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.model import Change, Copy, Damage, Edition, Fact, NotOneStory, Place, Reading, Span, Variant

if TYPE_CHECKING:
    from copydesk.archive.desk import Desk as Desk
    from copydesk.archive.desk import open as open
    from copydesk.pipeline import run as run
    from copydesk.results import Run as Run
    from copydesk.story import extract as extract
    from copydesk.story import reconcile as reconcile

__version__ = "0.1.0"
__all__ = [
    "Change",
    "Copy",
    "Damage",
    "Desk",
    "Edition",
    "Fact",
    "NotOneStory",
    "Place",
    "Reading",
    "Run",
    "Span",
    "Variant",
    "extract",
    "open",
    "reconcile",
    "run",
]


def __getattr__(name: str) -> object:
    """Load the engine, and numpy with it, when it is first asked for."""
    if name in ("extract", "reconcile"):
        from copydesk import story

        return getattr(story, name)
    if name == "run":
        from copydesk.pipeline import run

        return run
    if name == "Run":
        from copydesk.results import Run

        return Run
    if name in ("Desk", "open"):
        from copydesk.archive import desk

        return getattr(desk, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
