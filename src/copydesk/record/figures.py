"""Figures in a text: numbers with what they count, how they are compared, since when and as of when.

A figure answers how many, how much or how old. The days of dates, clock times, ordinals, scores, numbers that are part of a
name (`Route 66`, `G20`, `Covid-19`, `9/11`) and `one` answer something else and are none. The words are in `figures.toml`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from copydesk.model import Date, Figure
from copydesk.record.dates import SENTENCE
from copydesk.record.numbers import NUMBER, TENS, UNITS, value_of
from copydesk.record.tokens import Words, words
from copydesk.record.triggers import FIGURE as TRIGGER
from copydesk.record.triggers import FIGURE_FIRST, places
from copydesk.record.words import data

CURRENCIES = {"$": "USD", "US$": "USD", "C$": "CAD", "A$": "AUD", "HK$": "HKD", "£": "GBP", "€": "EUR", "¥": "JPY", "₹": "INR"}
MONEY_WORDS = {
    "dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR", "yen": "JPY", "yuan": "CNY", "rupees": "INR",
    "rubles": "RUB", "roubles": "RUB", "francs": "CHF", "pesos": "pesos", "cents": "cents", "pence": "pence",
}  # fmt: skip
_DATA = data("figures.toml")
MEASURES, NAMES, STOPS, PLURALS = (frozenset(_DATA[name].split()) for name in ("measures", "names", "stops", "plurals"))
JOINED = frozenset(("member", "person", "page", "seat", "vote", "point", "story"))  # what is counted in one word: 40-page
NO_UNIT = STOPS.union(UNITS, TENS)  # a number in what is counted is the next figure's: forty six boats
COMPARISONS = _DATA["comparisons"]
FIGURE = re.compile(
    r"(?<![\w.,/:–-])(?<![#@])"
    rf"(?:(?P<comparison>{'|'.join(sorted(COMPARISONS, key=len, reverse=True))}) )?"
    r"(?P<currency>US\$|C\$|A\$|HK\$|[$£€¥₹])?"
    rf"(?P<number>{NUMBER})"
    rf"(?: ?(?:to|-|–) ?(?P<high_currency>[$£€])?(?P<high>{NUMBER})(?![\w-]))?"
    r"(?:(?P<percent> ?%| per ?cent(?:age points?)?| percentage points?| points?\b)"
    r"|(?P<old>[- ]years?[- ]old\b)"
    r"|(?P<joined>-(?:[a-z]+)(?:-[a-z]+)*\b))?"
    r"(?![\w/]|[:.,]\d|-\w|['’]s\b|th\b|st\b|nd\b|rd\b)",
    re.IGNORECASE,
)
REACH_BACK = 4
"""Tokens before its number in which a figure begins: `no fewer than $5`."""
AGED = re.compile(r"\b(?:aged?|age of|turned|turns|turning) $", re.IGNORECASE)
AFTER_NAME = re.compile(r"[A-Z][\w.’'-]+,? $")
WORD = re.compile(r"[ -]([A-Za-z][\w’'-]*)")
CLOCK = re.compile(r"(?::\d\d)? ?(?:[ap]\.?m\b|o[’']clock|noon|midnight)", re.IGNORECASE)
SINCE = re.compile(r"\bsince (?:(?:an?|the|his|her|its|their|last|early|mid|late)[ -])?$", re.IGNORECASE)
AS_OF = re.compile(r"\bas of (?:an?|the|early|mid|late|last)? ?$", re.IGNORECASE)
TELLING = re.compile(r"[Ss](?:ince|INCE|[ ][Oo][Ff]) ")  # what SINCE and AS_OF are not without
BACK = 24
"""Characters before a date in which they stand."""
SUCH = re.compile(r"(?:This|That|The|These) (?:number|figure|total|tally|count|toll|figures|numbers)\b")
REPORT = re.compile(r"((?: (?:[A-Z][\w’'&-]+|[A-Z]\.?(?= [A-Z])))+)")


class _Told(NamedTuple):
    """What a sentence tells of its figures: since when and as of when they are, and the report that says so."""

    since: str | None = None
    as_of: str | None = None
    source: str | None = None


def figures(text: str | Words, dates: Sequence[Date]) -> list[Figure]:
    """All figures of a text in order of place; `dates` are those of the text, in order of place."""
    read = words(text)
    taken = [(found.start, found.end) for found in dates]
    starts = [start for start, _ in taken]
    matches = (match for match in _matches(read) if not _in_date(match, taken, starts))
    found = [figure for match in matches if (figure := _figure(read.text, match))]
    telling = [date for date in dates if TELLING.search(read.text, max(0, date.start - BACK), date.start)]
    if not telling:
        return found
    bounds = [0, *(match.end() for match in SENTENCE.finditer(read.text)), len(read.text) + 1]
    told = _told(read.text, telling, bounds)
    return [_dated(figure, read.text, told, bounds) for figure in found]


def _matches(read: Words) -> Iterator[re.Match[str]]:
    """What reads as a figure, tried where one of the first words of figures stands before a number, or is one."""
    text, marks, starts = read.text, read.marks, read.starts
    tried = done = 0  # tokens tried, characters of figures found
    for trigger in places(marks, TRIGGER):
        for i in range(max(tried, trigger - REACH_BACK), trigger + 1):
            if marks[i] & FIGURE_FIRST and starts[i] >= done and (match := FIGURE.match(text, starts[i])):
                yield match
                done = match.end()
        tried = trigger + 1


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
        first = unit.split("-")[0]
        if number in UNITS or (first not in MEASURES and first not in JOINED):
            return None
        kind = "measure" if first in MEASURES else "count"
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
        if not match or NO_UNIT.issuperset(match[1].lower().split("-")):
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


def _told(text: str, dates: Sequence[Date], bounds: list[int]) -> dict[int, _Told]:
    """What the dates of a sentence tell of its figures, by the number of the sentence; the last of a kind counts."""
    told: dict[int, _Told] = {}
    for date in dates:
        sentence = bisect_right(bounds, date.start) - 1
        before = text[max(bounds[sentence], date.start - BACK) : date.start]
        known = told.get(sentence, _Told())
        if SINCE.search(before):
            told[sentence] = known._replace(since=date.timex)
        elif AS_OF.search(before):
            told[sentence] = known._replace(as_of=date.timex, source=_report(text, date.end))
    return told


def _dated(figure: Figure, text: str, told: dict[int, _Told], bounds: list[int]) -> Figure:
    """The figure with since when and as of when it is, and which report says so."""
    sentence = bisect_right(bounds, figure.start) - 1
    since, as_of, source = told.get(sentence, _Told())
    if as_of is None and sentence + 1 in told and SUCH.match(text, bounds[sentence + 1]):
        _, as_of, source = told[sentence + 1]
    if since or as_of:
        return msgspec.structs.replace(figure, since=since, as_of=as_of, source=source)
    return figure


def _report(text: str, at: int) -> str | None:
    """The name that follows a date: `the April 7 Outcome Report`."""
    match = REPORT.match(text, at)
    return match[1].strip() if match else None
