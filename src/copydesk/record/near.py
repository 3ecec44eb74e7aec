"""Expressions that are slow to search by are tried only near what no match is without."""

from __future__ import annotations

import re
from collections.abc import Iterator


def near(trigger: re.Pattern[str], sought: re.Pattern[str], text: str, before: int, after: int) -> Iterator[re.Match[str]]:
    """The matches of `sought` that lie between `before` characters before a match of `trigger` and `after` after it."""
    start = end = 0
    for found in trigger.finditer(text):
        if found.start() - before > end:
            yield from sought.finditer(text, start, end)
            start = found.start() - before
        end = found.end() + after
    yield from sought.finditer(text, start, end)
