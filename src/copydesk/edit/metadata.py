"""What boilerplate says about the story: its date, its author, its headline."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from datetime import date

from copydesk.model import Fact, Place, Variant

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
DATES = (
    re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<number>\d\d)-(?P<day>\d\d)\b"),
    re.compile(rf"\b{MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>(?:19|20)\d\d)\b", re.IGNORECASE),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? {MONTH},? (?P<year>(?:19|20)\d\d)\b", re.IGNORECASE),
)
BY = re.compile(r"\s*by\W+", re.IGNORECASE)
LONGEST_HEADLINE = 30  # words
KNOWN = 1 << 10  # texts whose dates are kept: a site says the same beside each of its stories
NAMES = {"biography": "biography", "byline": "byline", "heading": "headline"}


def metadata(variants: Sequence[Variant], size: int) -> tuple[Fact, ...]:
    """Facts from the boilerplate that `variants` set aside, in order of place; `size` is the length of the edition.

    A date is that of publication when it stands at an end of the text; a heading is the headline when it stands at its head, in
    one line of several words.
    """
    facts: list[Fact] = []
    for variant in [variant for variant in variants if variant.kind.startswith("boilerplate")]:
        kind = variant.kind.removeprefix("boilerplate: ")
        reading = next(reading for reading in variant.readings if reading.text)
        place, text = reading.places[0], reading.text
        if kind in NAMES and (kind != "heading" or (variant.start == 0 and _is_headline(text))):
            by = BY.match(text) if kind == "byline" else None
            skip = by.end() if by else 0
            facts.append(Fact(NAMES[kind], text[skip:].strip(), Place(place.copy, place.start + skip, place.end)))
        if variant.start in {0, size} and (published := _date(text, place)) is not None:
            facts.append(published)
    dates = [fact for fact in facts if fact.name == "published"]
    return tuple(fact for fact in facts if fact.name != "published" or fact is dates[0])


def _is_headline(heading: str) -> bool:
    return "\n" not in heading.strip() and 2 <= len(heading.split()) <= LONGEST_HEADLINE


def _date(text: str, place: Place) -> Fact | None:
    """The first date of `text`, as year-month-day."""
    found = _dated(text)
    return Fact("published", found[0], Place(place.copy, place.start + found[1], place.start + found[2])) if found else None


@functools.lru_cache(KNOWN)
def _dated(text: str) -> tuple[str, int, int] | None:
    """The first date of a text, and where it stands."""
    if "19" not in text and "20" not in text:  # no year
        return None
    matches = [match for expression in DATES if (match := expression.search(text))]
    if not matches:
        return None
    match = min(matches, key=lambda match: match.start())
    parts = match.groupdict()
    month = int(parts["number"]) if parts.get("number") else 1 + MONTHS.index(parts["month"].lower()[:3])
    try:
        value = date(int(parts["year"]), month, int(parts["day"]))
    except ValueError:  # no such day
        return None
    return value.isoformat(), *match.span()
