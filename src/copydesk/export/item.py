"""A version of a story with its record, as the formats for news take it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from copydesk.model import Detail, Edition, Record
from copydesk.record.dates import day
from copydesk.record.metadata import place_of
from copydesk.story import record_of

TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?")


class Item(NamedTuple):
    """A version of a story, and what it says."""

    story: str
    edition: Edition
    record: Record

    def all(self, name: str) -> list[Detail]:
        """The metadata of a name, the surest first."""
        return [detail for detail in self.record.metadata if detail.name == name]

    def first(self, name: str) -> str | None:
        """The surest value of a name."""
        return next((detail.value for detail in self.all(name)), None)

    def when(self, name: str) -> str | None:
        """A date of the metadata in ISO 8601: a day, or a time if it is told."""
        return next((found for detail in self.all(name) if (found := iso(detail.value))), None)

    def place(self) -> str | None:
        """The place that the dateline names."""
        dateline = self.first("dateline")
        return place_of(dateline) if dateline else None


def iso(told: str) -> str | None:
    """A date in ISO 8601, a day or a time; None where none is told with its year.

    >>> iso("May 14, 2031"), iso("2031-05-14 08:30Z")
    ('2031-05-14', '2031-05-14T08:30:00Z')
    """
    with suppress(ValueError):
        time = TIME.fullmatch(told.strip())
        if time is None:
            found = day(told)
            return found.isoformat() if found else None
        when = f"{time[1]}T{time[2]}{time[3] or ':00'}{time[4] or ''}"
        datetime.fromisoformat(when)
        return when
    return None


def items(story: str, edition: Edition) -> Iterator[Item]:
    """The versions of a story, the first one first."""
    for version in (*edition.earlier, edition):
        yield Item(story, version, record_of(version))
