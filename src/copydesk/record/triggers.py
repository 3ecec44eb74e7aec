"""What a token may begin or be part of: the words without which there is no statement, date or figure, told of a form once.

A rule tries its expression only where one of its first words stands close before one of its triggers. Both are told by the
form of a token alone, so most of a text is passed over without being looked at again. The marks of a text are bytes, in which
Python finds those of a kind without a step for each.
"""

from __future__ import annotations

import re
from functools import reduce
from itertools import compress
from operator import or_

from copydesk.record.numbers import TENS, TIMES_WORDS, UNITS, WORDS
from copydesk.record.words import ACCORDING, CAP, CLOSED, CUE, DOTTED, LOWER, NOUN_CUE, QUOTE, STOP, data, listed

DATE, DATE_FIRST, DATE_INNER, FIGURE, FIGURE_FIRST, NOTABLE, WORDED, ENGLISH = (1 << n for n in range(8))
"""A trigger of dates; the first word of some; with the first word of some after a mark within it; the same of figures. What can
end a sentence, or make a statement; a word; a word that holds sentences together in English alone."""
ENDING = STOP | QUOTE | DOTTED
ELSEWHERE = listed("elsewhere")
_OF = {kind: bytes(mark & kind for mark in range(256)) for kind in (1 << n for n in range(8))}  # for bytes.translate
_NOTABLE = ENDING | CUE | NOUN_CUE | ACCORDING
_HOLDING = reduce(or_, CLOSED.values())

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


def places(marks: bytes, kind: int) -> list[int]:
    """The tokens whose marks are of a kind."""
    return list(compress(range(len(marks)), marks.translate(_OF[kind])))


def count(marks: bytes, kind: int) -> int:
    """How many tokens have marks of a kind."""
    return len(marks) - marks.translate(_OF[kind]).count(0)


def marks(word: str, bits: int) -> int:
    """The marks of a token by its `bits` and by how it is written."""
    found = NOTABLE if bits & _NOTABLE else 0
    if bits & (CAP | LOWER):
        found |= WORDED | (ENGLISH if bits & _HOLDING and word.lower() not in ELSEWHERE else 0)
    found |= DATE if _DATE.search(word) else 0
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
