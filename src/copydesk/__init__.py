"""Copydesk: many copies of a text in, one sourced text out.

>>> import copydesk
>>> edition = copydesk.reconcile(["A  ferry sank.", "A 35-year-old ferry sank."])
>>> edition.text
'A 35-year-old ferry sank.'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.model import Copy, Damage, Edition, Fact, NotOneStory, Place, Reading, Span, Variant

if TYPE_CHECKING:
    from copydesk.pipeline import reconcile as reconcile

__version__ = "0.1.0"
__all__ = ["Copy", "Damage", "Edition", "Fact", "NotOneStory", "Place", "Reading", "Span", "Variant", "reconcile"]


def __getattr__(name: str) -> object:
    """Load the engine, and numpy with it, when it is first asked for."""
    if name == "reconcile":
        from copydesk.pipeline import reconcile

        return reconcile
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
