"""Figures in a text: numbers with what they count, how they are compared, since when and as of when.

A figure answers how many, how much or how old. The days of dates, clock times, ordinals, scores, numbers that are part of a
name (`Route 66`, `G20`, `Covid-19`, `9/11`) and `one` answer something else and are none. The words are in `figures.toml`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

import msgspec

from copydesk.model import Date, Figure
from copydesk.record.dates import SENTENCE
from copydesk.record.near import near
from copydesk.record.words import data

UNITS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
TIMES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12,
    "k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12,
}  # fmt: skip
CURRENCIES = {"$": "USD", "US$": "USD", "C$": "CAD", "A$": "AUD", "HK$": "HKD", "£": "GBP", "€": "EUR", "¥": "JPY", "₹": "INR"}
MONEY_WORDS = {
    "dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR", "yen": "JPY", "yuan": "CNY", "rupees": "INR",
    "rubles": "RUB", "roubles": "RUB", "francs": "CHF", "pesos": "pesos", "cents": "cents", "pence": "pence",
}  # fmt: skip
_DATA = data("figures.toml")
MEASURES, NAMES, STOPS, PLURALS = (frozenset(_DATA[name].split()) for name in ("measures", "names", "stops", "plurals"))
COMPARISONS = _DATA["comparisons"]
_INTEGER = r"\d{1,3}(?:,\d{3})+|\d+"
_WORD = "|".join(sorted([*UNITS, *TENS], key=len, reverse=True))
_TIMES = "hundred|thousand|million|billion|trillion|dozen"
_NUMBER = (
    rf"(?:{_INTEGER})(?:\.\d+)?(?:[ -](?:{_TIMES})\b|(?:bn|mn|tn|[kmb])\b)?"
    rf"|(?:{_WORD})(?:-(?:{'|'.join([n for n in UNITS if UNITS[n] < 10])}))?(?:[ -](?:{_TIMES})\b)*|(?:a|half a) (?:{_TIMES})\b"
)
FIGURE = re.compile(
    r"(?<![\w.,/:–-])(?<![#@])"
    rf"(?:(?P<comparison>{'|'.join(sorted(COMPARISONS, key=len, reverse=True))}) )?"
    r"(?P<currency>US\$|C\$|A\$|HK\$|[$£€¥₹])?"
    rf"(?P<number>{_NUMBER})"
    rf"(?: ?(?:to|-|–) ?(?P<high_currency>[$£€])?(?P<high>{_NUMBER})(?![\w-]))?"
    r"(?:(?P<percent> ?%| per ?cent(?:age points?)?| percentage points?| points?\b)"
    r"|(?P<old>[- ]years?[- ]old\b)"
    r"|(?P<joined>-(?:[a-z]+)(?:-[a-z]+)*\b))?"
    r"(?![\w/]|[:.,]\d|-\w|['’]s\b|th\b|st\b|nd\b|rd\b)",
    re.IGNORECASE,
)
TRIGGER = re.compile(rf"\d|\b(?:{_WORD})\b|\b(?:{_TIMES})s?\b", re.IGNORECASE)
BEFORE, AFTER = 40, 60
"""Characters before and after a trigger between which a figure is sought: none is longer."""
AGED = re.compile(r"\b(?:aged?|age of|turned|turns|turning) $", re.IGNORECASE)
AFTER_NAME = re.compile(r"[A-Z][\w.’'-]+,? $")
WORD = re.compile(r"[ -]([A-Za-z][\w’'-]*)")
CLOCK = re.compile(r"(?::\d\d)? ?(?:[ap]\.?m\b|o[’']clock|noon|midnight)", re.IGNORECASE)
SINCE = re.compile(r"\bsince (?:(?:an?|the|his|her|its|their|last|early|mid|late)[ -])?$", re.IGNORECASE)
AS_OF = re.compile(r"\bas of (?:an?|the|early|mid|late|last)? ?$", re.IGNORECASE)
SUCH = re.compile(r"(?:This|That|The|These) (?:number|figure|total|tally|count|toll|figures|numbers)\b")
REPORT = re.compile(r"((?: (?:[A-Z][\w’'&-]+|[A-Z]\.?(?= [A-Z])))+)")


def figures(text: str, dates: Sequence[Date]) -> list[Figure]:
    """All figures of a text in order of place; `dates` are those of the text, in order of place."""
    taken = [(found.start, found.end) for found in dates]
    starts = [start for start, _ in taken]
    bounds = [0, *(match.end() for match in SENTENCE.finditer(text)), len(text) + 1]
    matches = (match for match in near(TRIGGER, FIGURE, text, BEFORE, AFTER) if not _in_date(match, taken, starts))
    found = [figure for match in matches if (figure := _figure(text, match))]
    return [_dated(figure, text, dates, starts, bounds) for figure in found]


def _in_date(match: re.Match[str], taken: list[tuple[int, int]], starts: list[int]) -> bool:
    """Whether the number is a part of a date."""
    at = bisect_left(starts, match.end("number")) - 1
    return at >= 0 and taken[at][1] > match.start("number")


def _figure(text: str, match: re.Match[str]) -> Figure | None:
    number = match["number"].lower()
    start, end = match.start(), match.end()
    comparison = match["comparison"].lower() if match["comparison"] else None
    if match["currency"]:
        value = value_of(number)
        high = value_of(match["high"].lower()) if match["high"] else None
        if match["joined"]:
            end = match.start("joined")
        return Figure(
            start, end, text[start:end], "money", _scaled(value, high), high, comparison, CURRENCIES[match["currency"].upper()]
        )
    if CLOCK.match(text, match.end("number")) or (match["high"] and CLOCK.match(text, end)):
        return None
    before = text[max(0, match.start("number") - 24) : match.start("number")]
    word = before.rstrip(" -").rpartition(" ")[2].strip("“\"‘'(.").lower()
    if word in NAMES and not comparison and number not in UNITS:
        return None
    value = value_of(number)
    high = value_of(match["high"].lower()) if match["high"] else None
    if high is not None and high < value and not (match["percent"] or high > 1e3):
        return None  # a score
    value = _scaled(value, high)
    if match["percent"]:
        if (high is not None and high < value) or number == "one":  # a score, or `at one point`
            return None
        if match["percent"].strip().lower().startswith("point"):
            unit = "points"
        else:
            unit = "percentage points" if "point" in match["percent"].lower() else "per cent"
        return Figure(start, end, text[start:end], "percentage", value, high, comparison, unit)
    if match["old"]:
        return Figure(start, end, text[start:end], "age", value, high, comparison, "years old")
    if match["joined"]:
        unit = match["joined"][1:]
        if number in UNITS or unit.split("-")[0] not in MEASURES | {
            "member",
            "person",
            "page",
            "seat",
            "vote",
            "point",
            "story",
        }:
            return None
        kind = "measure" if unit.split("-")[0] in MEASURES else "count"
        return Figure(start, end, text[start:end], kind, value, high, comparison, unit)
    if number == "one":
        return None
    digits = number[0].isdigit()
    if (
        digits
        and value < 120
        and (AGED.search(before) or (AFTER_NAME.search(before) and text[end : end + 1] in {",", "."} and value > 9))
    ):
        if before.endswith(", ") or AGED.search(before):
            return Figure(start, end, text[start:end], "age", value, high, comparison, "years old")
        return None
    unit, end = _unit(text, end)
    if not unit:
        return None
    if not digits and not comparison and value < 13 and not unit.split()[-1].endswith("s") and unit.split()[-1] not in PLURALS:
        return None
    last = unit.split()[-1].lower()
    if last in MONEY_WORDS:
        return Figure(start, end, text[start:end], "money", value, high, comparison, MONEY_WORDS[last])
    kind = "measure" if last in MEASURES else "count"
    return Figure(start, end, text[start:end], kind, value, high, comparison, unit)


def value_of(number: str) -> float:
    """The value of a number in figures or words, small letters.

    >>> value_of("1,200"), value_of("two hundred"), value_of("1.5 million"), value_of("twenty-one"), value_of("half a million")
    (1200.0, 200.0, 1500000.0, 21.0, 500000.0)
    """
    factor = 1.0
    if number.startswith("half a "):
        factor, number = 0.5, number[5:]
    words = re.split(r"[ -]", number)
    total, part = 0.0, 0.0
    for word in words:
        if word in {"a", "an"}:
            part = 1
        elif word in UNITS or word in TENS:
            part += UNITS.get(word) or TENS[word]
        elif word in TIMES:
            part = max(part, 1) * TIMES[word]
            if TIMES[word] >= 1e3:
                total, part = total + part, 0.0
        else:
            match = re.match(r"[\d,]+(?:\.\d+)?", word)
            part = float(match[0].replace(",", "")) if match else 0.0
            if match and word[match.end() :] in TIMES:
                part *= TIMES[word[match.end() :]]
    return factor * (total + part)


def _scaled(value: float, high: float | None) -> float:
    """The low end of `10 to 15 million`, which is told in millions once."""
    if high and high >= 1e3 > value:
        for factor in (1e12, 1e9, 1e6, 1e3):
            if high >= factor:
                return value * factor
    return value


def _unit(text: str, at: int) -> tuple[str, int]:
    """What stands after a number as the name of what it counts: words up to the first plural; and where it ends."""
    words: list[str] = []
    end = at
    first = 0
    for _ in range(4):
        match = WORD.match(text, end)
        if not match or match[1].lower() in STOPS:
            break
        word = match[1]
        words.append(word.removesuffix("’s").removesuffix("'s"))
        end = match.end()
        if not first:
            first = end
        low = word.lower()
        if (
            low in PLURALS
            or low in MEASURES
            or low in MONEY_WORDS
            or (low.endswith("s") and not low.endswith(("ss", "us", "is")))
        ):
            return " ".join(words), end
        if word != words[-1]:  # a possessive
            break
    if len(words) <= 1:
        return (words[0], first) if words and words[0][0].islower() and not words[0].endswith(("ly", "ed")) else ("", at)
    return ("", at)


def _dated(figure: Figure, text: str, dates: Sequence[Date], starts: list[int], bounds: list[int]) -> Figure:
    """The figure with since when and as of when it is, and which report says so."""
    sentence = bisect_left(bounds, figure.start + 1) - 1
    begin, end = bounds[sentence], bounds[sentence + 1]
    since = as_of = source = None
    for at in range(bisect_left(starts, begin), len(starts)):
        found = dates[at]
        if found.start >= end:
            break
        before = text[max(begin, found.start - 24) : found.start]
        if SINCE.search(before):
            since = found.timex
        elif AS_OF.search(before):
            as_of, source = found.timex, _report(text, found.end)
    if as_of is None and sentence + 2 < len(bounds) and SUCH.match(text, end):
        for at in range(bisect_left(starts, end), len(starts)):
            found = dates[at]
            if found.start >= bounds[sentence + 2]:
                break
            if AS_OF.search(text[max(end, found.start - 24) : found.start]):
                as_of, source = found.timex, _report(text, found.end)
    if since or as_of:
        return msgspec.structs.replace(figure, since=since, as_of=as_of, source=source)
    return figure


def _report(text: str, at: int) -> str | None:
    """The name that follows a date: `the April 7 Outcome Report`."""
    match = REPORT.match(text, at)
    return match[1].strip() if match else None
