"""What a token may begin or be part of: the words without which there is no date and no figure, told of a form once.

A rule tries its expression only where one of its first words stands close before one of its triggers. Both are told by the
form of a token alone, so most of a text is passed over without being looked at again.
"""

from __future__ import annotations

import re

from copydesk.record.numbers import TIMES_WORDS, WORDS
from copydesk.record.words import data

DATE, DATE_FIRST, DATE_INNER, FIGURE, FIGURE_FIRST = (1 << n for n in range(5))
"""A trigger of dates; the first word of some; with the first word of some after a mark within it; the same of figures."""

_MONTH = "Jan|JAN|Feb|FEB|Mar|MAR|Apr|APR|May|MAY|Jun|JUN|Jul|JUL|Aug|AUG|Sep|SEP|Oct|OCT|Nov|NOV|Dec|DEC"
_DATE = re.compile(
    rf"\d\d\d\d|{_MONTH}|day\b|DAY\b|[Yy]ester|[Tt]omor|[Tt]onight|week|month|year|decade|quarter|spring|summer|fall|autumn"
    r"|winter|night|morning|afternoon|evening|\bago\b"
)
_DATE_FIRST = re.compile(
    rf"\b(?:\d|{_MONTH}|[Ee]arly|[Ee]arlier|[Ll]ate|[Mm]id|[Aa]bout|[Aa]round|[Rr]oughly|[Cc]irca|[Aa]lmost|[Nn]early|[Mm]ore"
    r"|[Oo]ver|[Tt]he\b|[Tt]his|[Ll]ast|[Nn]ext|[Tt]oday|[Tt]onight|[Tt]omor|[Yy]ester|spring|summer|fall|autumn|winter"
    rf"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun|MON|TUES|WEDNES|THURS|FRI|SATUR|SUN)(?:day|DAY)|(?:{WORDS}|a|an)\b)"
)
_FIGURE = re.compile(rf"\d|\b(?:{WORDS})\b|\b(?:{TIMES_WORDS})s?\b", re.IGNORECASE)
_COMPARISONS = "|".join(sorted({comparison.split()[0] for comparison in data("figures.toml")["comparisons"]}))
_FIGURE_FIRST = re.compile(rf"\d|[$£€¥₹]|(?:{WORDS})\b|(?:US|C|A|HK|half|a|{_COMPARISONS})$", re.IGNORECASE)


def marks(word: str) -> int:
    """The bits of a token as it is written."""
    found = 0
    if _DATE.search(word):
        found |= DATE
    for first in _DATE_FIRST.finditer(word):
        found |= DATE_INNER if first.start() else DATE_FIRST
    if _FIGURE.search(word):
        found |= FIGURE
    if _FIGURE_FIRST.match(word):
        found |= FIGURE_FIRST
    return found


def date_firsts(word: str) -> list[int]:
    """Where in a token a date may begin."""
    return [first.start() for first in _DATE_FIRST.finditer(word)]
