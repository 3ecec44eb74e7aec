"""What a token may begin or be part of: the words without which there is no date and no figure, told of a form once.

A rule tries its expression only where one of its first words stands close before one of its triggers. Both are told by the
form of a token alone, so most of a text is passed over without being looked at again.
"""

from __future__ import annotations

import re

from copydesk.record.numbers import TENS, TIMES_WORDS, UNITS, WORDS
from copydesk.record.words import data

DATE, DATE_FIRST, DATE_INNER, FIGURE, FIGURE_FIRST = (1 << n for n in range(5))
"""A trigger of dates; the first word of some; with the first word of some after a mark within it; the same of figures."""

_MONTHS = "Jan|JAN|Feb|FEB|Mar|MAR|Apr|APR|May|MAY|Jun|JUN|Jul|JUL|Aug|AUG|Sep|SEP|Oct|OCT|Nov|NOV|Dec|DEC"
_SEASONS = "spring|summer|fall|autumn|winter"
_DATE = re.compile(
    rf"{_MONTHS}|{_SEASONS}|day\b|DAY\b|yester|Yester|tomor|Tomor|tonight|Tonight|week|month|year|decade|quarter|night|morning"
    r"|afternoon|evening|ago\b|0\d\d\d|1\d\d\d|2\d\d\d"
)
_DATE_FIRST = re.compile(
    rf"\b(?:\d|{_MONTHS}|{_SEASONS}|[Ee]arly|[Ee]arlier|[Ll]ate|[Mm]id|[Aa]bout|[Aa]round|[Rr]oughly|[Cc]irca|[Aa]lmost"
    r"|[Nn]early|[Mm]ore|[Oo]ver|[Tt]he\b|[Tt]his|[Ll]ast|[Nn]ext|[Tt]oday|[Tt]onight|[Tt]omor|[Yy]ester"
    rf"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun|MON|TUES|WEDNES|THURS|FRI|SATUR|SUN)(?:day|DAY)|(?i:{WORDS}|an?)\b)"
)
_NUMBERS = frozenset((*UNITS, *TENS))
_TRIGGERS = _NUMBERS | {word + s for word in TIMES_WORDS.split("|") for s in ("", "s")}
_FIRSTS = _NUMBERS | {"half", "a", "us", "c", "hk"} | {words.split()[0] for words in data("figures.toml")["comparisons"]}
_NUMBER = re.compile(rf"\d|\b(?:{WORDS})\b|\b(?:{TIMES_WORDS})s?\b")
_NUMBER_FIRST = re.compile(rf"\d|[$£€¥₹]|(?:{WORDS})\b")


def marks(word: str) -> int:
    """The bits of a token as it is written."""
    found = DATE if _DATE.search(word) else 0
    low = word.lower()
    if word.isalpha():
        found |= DATE_FIRST if _DATE_FIRST.match(word) else 0
        return found | (FIGURE if low in _TRIGGERS else 0) | (FIGURE_FIRST if low in _FIRSTS else 0)
    for first in _DATE_FIRST.finditer(word):
        found |= DATE_INNER if first.start() else DATE_FIRST
    return found | (FIGURE if _NUMBER.search(low) else 0) | (FIGURE_FIRST if _NUMBER_FIRST.match(low) else 0)


def date_firsts(word: str) -> list[int]:
    """Where in a token a date may begin."""
    return [first.start() for first in _DATE_FIRST.finditer(word)]
