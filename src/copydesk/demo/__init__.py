"""The demo: a corpus of our own making is reconciled, shown, and measured against the truth."""

from __future__ import annotations

from copydesk.demo.show import run

__all__ = ["run"]
