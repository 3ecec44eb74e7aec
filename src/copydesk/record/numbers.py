"""Numbers as they are written, in figures and in words, and what they come to. The words are in `numbers.toml`."""

from __future__ import annotations

import re

from copydesk.record.words import data

_DATA = data("numbers.toml")
UNITS: dict[str, int] = _DATA["units"]
TENS: dict[str, int] = _DATA["tens"]
TIMES: dict[str, float] = _DATA["times"] | _DATA["times_in_short"]
WORDS = "|".join(sorted([*UNITS, *TENS], key=len, reverse=True))
"""The words below a hundred, longest first, as an expression."""
BELOW_HUNDRED = rf"(?:{WORDS})(?:-(?:{'|'.join(word for word, n in UNITS.items() if n < 10)}))?"
TIMES_WORDS = "|".join(_DATA["times"])
_INTEGER = r"\d{1,3}(?:,\d{3}){1,6}|\d{1,20}"  # longer ones count nothing
NUMBER = (
    rf"(?:{_INTEGER})(?:\.\d+)?(?:[ -](?:{TIMES_WORDS})\b|(?:bn|mn|tn|[kmb])\b)?"
    rf"|{BELOW_HUNDRED}(?:[ -](?:{TIMES_WORDS})\b)*|(?:a|half a) (?:{TIMES_WORDS})\b"
)
"""Any number, in small letters or with letters of either case."""
_FIGURES = re.compile(r"[\d,]+(?:\.\d+)?")
_PARTS = re.compile("[ -]")


def value_of(number: str) -> float:
    """The value of a number in figures or words, small letters.

    >>> value_of("1,200"), value_of("two hundred"), value_of("1.5 million"), value_of("twenty-one"), value_of("half a million")
    (1200.0, 200.0, 1500000.0, 21.0, 500000.0)
    """
    factor = 1.0
    if number.startswith("half a "):
        factor, number = 0.5, number[5:]
    total, part = 0.0, 0.0
    for word in _PARTS.split(number):
        if word in ("a", "an"):
            part = 1
        elif word in UNITS or word in TENS:
            part += UNITS.get(word) or TENS[word]
        elif word in TIMES:
            part = max(part, 1) * TIMES[word]
            if TIMES[word] >= 1e3:
                total, part = total + part, 0.0
        else:
            match = _FIGURES.match(word)
            part = float(match[0].replace(",", "")) if match else 0.0
            if match and word[match.end() :] in TIMES:
                part *= TIMES[word[match.end() :]]
    return factor * (total + part)
