"""Dates in a text, found by grammar and resolved against the day on which it was published.

What they stand for is written as in TIMEX3 (ISO-TimeML): `2017-04-07`, `2017-04`, `2017-W21`, `2017-SU`, `2017-06-02TNI`,
with a modifier (`START`, `MID`, `END`, `APPROX`), and as the first and the last day. A date that leaves its year or its week
open is the latest one before the anchor, unless the sentence speaks of what is to come. Words that are names (`Sunday Times`,
`USA Today`, a woman called June) are none, and neither are seconds, mays and marches that are no months.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from copydesk.model import Date
from copydesk.record.numbers import BELOW_HUNDRED, value_of
from copydesk.record.tokens import Words, words
from copydesk.record.triggers import DATE as TRIGGER
from copydesk.record.triggers import DATE_FIRST, DATE_INNER, date_firsts, places

MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SEASONS = {"spring": ("SP", 3), "summer": ("SU", 6), "fall": ("FA", 9), "autumn": ("FA", 9), "winter": ("WI", 12)}
PARTS = {"morning": "TMO", "afternoon": "TAF", "evening": "TEV", "night": "TNI"}
MODS = {
    "early": "START", "the start of": "START", "the beginning of": "START", "mid": "MID", "the middle of": "MID", "late": "END",
    "the end of": "END", "about": "APPROX", "around": "APPROX", "roughly": "APPROX", "circa": "APPROX", "earlier": "START",
    "later": "END", "almost": "APPROX", "nearly": "APPROX",
}  # fmt: skip
UNIT_DAYS = {"day": 1, "week": 7}

_MONTH = (
    r"(?:Jan(?:uary|\.)|JANUARY|Feb(?:ruary|\.)|FEBRUARY|March|Mar\.|MARCH|April|Apr\.|APRIL|May|MAY|June|Jun\.|JUNE|July|Jul\."
    r"|JULY|August|Aug\.|AUGUST|Sept?(?:ember|\.)|SEPTEMBER|Oct(?:ober|\.)|OCTOBER|Nov(?:ember|\.)|NOVEMBER|Dec(?:ember|\.)"
    r"|DECEMBER)"
)
_BARE = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"  # without its dot: only with a day
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun|MON|TUES|WEDNES|THURS|FRI|SATUR|SUN)(?:day|DAY)"
_YEAR = r"(?:1[5-9]|20)\d\d"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_SEASON = r"(?:spring|summer|fall|autumn|winter)"
_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}}){{0,6}}|(?i:{BELOW_HUNDRED}|an?)(?: (?:dozen|hundred|thousand))?)"
_MOD = (
    r"(?:(?:[Ee]arly|[Ll]ate|[Mm]id|[Ee]arlier|[Ll]ater|[Aa]bout|[Aa]round|[Rr]oughly|[Cc]irca"
    r"|[Tt]he (?:start|beginning|middle|end) of)(?: in)?[ \-](?:the )?)?"
)
_WHICH = r"(?P<which>[Ll]ast|[Nn]ext|[Tt]his past|[Tt]his coming|[Tt]his|[Tt]he past|[Tt]he previous|[Tt]he following)"

# What stands before a month alone, so that it is one and no name or verb.
_BEFORE_MONTH = (
    r"(?:(?<=\b[Ii]n )|(?<=\b[Ss]ince )|(?<=\b[Bb]y )|(?<=\b[Uu]ntil )|(?<=\b[Ff]rom )|(?<=\b[Dd]uring )|(?<=\b[Oo]f )"
    r"|(?<=\b[Tt]o )|(?<=\b[Tt]hrough )|(?<=\b[Bb]etween )|(?<=\b[Bb]efore )|(?<=\b[Aa]fter )|(?<=\b[Tt]ill ))"
)

DATE = re.compile(
    rf"\b(?P<iso>{_YEAR}-\d\d-\d\d)(?!\d)"
    rf"|(?<![\w$£€.,-]){_MOD}(?:(?P<weekday_of>{_WEEKDAY}),? (?:the )?)?"
    rf"(?:(?P<month>{_MONTH}|\b{_BARE}\b) (?P<day>{_DAY})(?:st|nd|rd|th)?\b(?![:%]|[.,]\d)(?:,? (?P<year>{_YEAR})\b(?!-\d))?"
    rf"|(?P<day_first>{_DAY})(?:st|nd|rd|th)?(?: of)? (?P<month_after>{_MONTH})(?:,? (?P<year_after>{_YEAR})\b)?"
    rf"|(?P<month_of>{_MONTH}),? (?:of )?(?P<year_of>{_YEAR})\b(?!-\d))"
    rf"|\b{_MOD}(?:{_WHICH} (?P<which_what>week|weekend|month|year|decade|quarter|{_SEASON}|{_MONTH}|{_WEEKDAY}|night)\b"
    rf"(?: (?P<which_part>morning|afternoon|evening|night)\b)?"
    rf"|(?P<season>{_SEASON}),? (?:of )?(?P<season_year>{_YEAR})\b)"
    rf"|\b(?P<today>(?:[Ee]arlier |[Ll]ater )?[Tt]oday|[Yy]esterday|[Tt]omorrow|[Tt]onight"
    rf"|[Tt]his (?:morning|afternoon|evening))\b"
    rf"(?: (?P<today_part>morning|afternoon|evening|night)\b)?"
    rf"|\b(?P<weekday>{_WEEKDAY})\b(?: (?P<part>morning|afternoon|evening|night)\b)?"
    rf"|\b(?P<about>(?:[Aa]bout|[Aa]round|[Aa]lmost|[Nn]early|[Rr]oughly|[Mm]ore than|[Oo]ver) )?(?P<ago>{_NUMBER}) "
    rf"(?P<unit>day|week|month|year|decade)s? ago\b"
    rf"|\b{_BEFORE_MONTH}(?P<alone>{_MONTH})(?![\w’'-]| [A-Z])"
    rf"|\b(?:[Ee]arly|[Ll]ate|[Mm]id)[ \-](?P<modified>{_MONTH})(?![\w’'-]| [A-Z])"
    rf"|(?:(?<=\b[Aa] )|(?<=\b[Aa]n )|(?<=\b[Tt]he )|(?<=\b[Hh]is )|(?<=\b[Hh]er )|(?<=\b[Ii]ts )|(?<=\b[Tt]heir )|(?<=[’']s ))"
    rf"(?P<adjective>{_MONTH})(?= [a-z])"
    rf"|\b(?P<decade>(?:[Tt]he )?(?:[Ee]arly |[Ll]ate |[Mm]id-)?(?P<tens>(?:1[5-9]|20)\d0)s)\b"
    rf"|(?<![\w$£€.,/-])(?:(?:[Ee]arly|[Ll]ate|[Mm]id)[ \-])?(?P<only>{_YEAR})(?![\w%/]|[.,:]\d|-\w| (?:people|words|miles"
    r"|feet|km|kilometers|square|pounds|men|women|votes|students|troops|jobs|members|employees|hours|meters|deaths|cases)\b)"
)

ISO = re.compile(rf"{_YEAR}-\d\d-\d\d(?!\d)")
NARROWED = re.compile("|".join(sorted(MODS, key=len, reverse=True)) + r"(?![a-z])")

REACH_BACK = 7
"""Tokens before its trigger in which a date begins: `the end of in the 3rd of March`."""

# Names that hold a day's, and what makes one of it.
NAMED = re.compile(
    r"(?:Black|Good|Bloody|Super|Cyber|Giving|Ash|Palm|Easter|Casual|Holy|Mardi Gras|Fat|Ruby|USA|Russia|India|Psychology"
    r"|Any Given|Arts?) $"
)
NAMES = re.compile(
    r" (?:Times|Telegraph|Mirror|Express|Mail|Herald|Tribune|Post|Star|Sun|Globe|Independent|[Ss]how|Review"
    r"|Night (?:Live|Lights|Football)|Magazine|Mass|School|service)\b"
)
# What is to come, in the words between the last stop and a date.
FUTURE_BEFORE = re.compile(
    r"\b(?:will|shall|won[’']t|(?:is|are|was|were|be) (?:to|set|scheduled|slated|expected|due|planned)|set for"
    r"|scheduled|slated|due|expected|plans? to|planned|upcoming|coming|deadline|until"
    r"|begins?|starts?|opens?|ends?|expires?|takes? effect)\b"
)
FUTURE_AFTER = re.compile(
    r"[^.;”\"]{0,50}\b(?:will|shall|won[’']t|(?:is|are) (?:set|scheduled|slated|expected|due|planned) to)\b"
)
SET = re.compile(r"\b(?:is|are|was|were|be|been) (?:set|scheduled|slated|expected|due|planned)\b")
NEAR_SET = 40
"""Characters between `is set` and a date."""
TOLD = frozenset(
    ("said", "told", "wrote", "was", "were", "had", "came", "held", "made", "took", "gave", "found", "saw", "began", "met")
)
LAST_WORD = re.compile(r"\w+$")
SENTENCE = re.compile(r"[.!?\n](?:(?<=\n)|[”\"’')]*\s+(?=[A-Z“\"]))")
SOON = 75
"""Days ahead of the anchor in which a day without a year is: of one that passed so long ago the year would be told."""
REACH = 400
"""Characters before a date in which the beginning of its sentence is sought."""


class _Days(NamedTuple):
    """A TIMEX3 value, and the first and the last day that it stands for."""

    value: str
    first: date
    last: date


def dates(text: str | Words, anchor: date | None) -> list[Date]:
    """All dates of a text in order of place; without an anchor those that are relative keep their words and no days."""
    read = words(text)
    found = []
    for match in _matches(read):
        kind = next(name for name in NAMES_OF_KINDS if match[name] is not None)
        if kind in CHECKED and _is_name(read.text, match):
            continue
        resolved = _resolve(kind, match, read.text, anchor)
        if resolved is None:
            continue
        value, mod, days = resolved
        first, last = (days.first.isoformat(), days.last.isoformat()) if days else (None, None)
        whence = anchor.isoformat() if anchor and _is_relative(kind, match) else None
        found.append(Date(match.start(), match.end(), match[0], value, mod, first, last, whence))
    return found


def _matches(read: Words) -> Iterator[re.Match[str]]:
    """What reads as a date, tried where one of the first words of dates stands before one of their triggers, or is one."""
    text, marks, starts = read.text, read.marks, read.starts
    tried = done = 0  # tokens tried, characters of dates found
    for trigger in places(marks, TRIGGER):
        for i in range(max(tried, trigger - REACH_BACK), trigger + 1):
            mark = marks[i]
            if not mark & (DATE_FIRST | DATE_INNER):
                continue
            start = starts[i]
            for at in date_firsts(text[start : read.ends[i]]) if mark & DATE_INNER else (0,):
                if start + at >= done and (match := DATE.match(text, start + at)):
                    yield match
                    done = match.end()
        tried = trigger + 1


def day(text: str) -> date | None:
    """The first day that a text names with its year.

    >>> day("Updated June 3, 2017")
    datetime.date(2017, 6, 3)
    """
    written = ISO.match(text)
    if written and (found := _iso(written[0])):
        return found.first
    days = (date.fromisoformat(found.first) for found in dates(text, None) if found.first and found.first == found.last)
    return next(days, None)


NAMES_OF_KINDS = (
    "iso", "month", "day_first", "month_of", "which_what", "season", "today", "weekday", "ago", "alone", "modified",
    "adjective", "decade", "only",
)  # fmt: skip
CHECKED = {"weekday", "today", "which_what"}


def _is_relative(kind: str, match: re.Match[str]) -> bool:
    """Whether a day is needed to tell which days a date stands for: its year is not told."""
    if kind in {"month", "day_first"}:
        return not (match["year"] or match["year_after"])
    return kind not in {"iso", "month_of", "season", "decade", "only"}


def _is_name(text: str, match: re.Match[str]) -> bool:
    """Whether a day's name is part of another name."""
    before, after = text[max(0, match.start() - 14) : match.start()], text[match.end() : match.end() + 20]
    return NAMED.search(before) is not None or NAMES.match(after) is not None


def _resolve(kind: str, match: re.Match[str], text: str, anchor: date | None) -> tuple[str, str | None, _Days | None] | None:
    """The value, modifier and days of a match; None where there is no such day."""
    narrowed = NARROWED.match(match[0].lower())
    mod = MODS[narrowed[0]] if narrowed else None
    day: _Days | None
    if kind == "iso":
        day = _iso(match["iso"])
        return (day.value, None, day) if day else None
    if kind in {"month", "day_first"}:
        month = _month(match["month"] or match["month_after"])
        number, year = int(match["day"] or match["day_first"]), match["year"] or match["year_after"]
        if year is None and anchor is None:
            return f"XXXX-{month:02}-{number:02}", mod, None
        years = [int(year)] if year else _years(month, number, anchor, _is_future(text, match)) if anchor else []
        found = _first_day(years, month, number)
        return (found.value, mod, found) if found else None
    if kind == "month_of":
        return _modified(_month_of(int(match["year_of"]), _month(match["month_of"])), mod, anchor)
    if kind in {"alone", "modified", "adjective"}:
        month = _month(match[kind])
        if anchor is None:
            return f"XXXX-{month:02}", mod, None
        year = anchor.year - (month > anchor.month)
        if _is_future(text, match) and month != anchor.month:
            year = anchor.year + (month < anchor.month)
        return _modified(_month_of(year, month), mod, anchor)
    if kind == "season":
        return _modified(_season(int(match["season_year"]), match["season"]), mod, anchor)
    if kind == "only":
        return _modified(_year(int(match["only"])), mod, anchor)
    if kind == "decade":
        tens = int(match["tens"])
        return f"{tens // 10}", None, _Days(str(tens // 10), date(tens, 1, 1), date(tens + 9, 12, 31))
    if anchor is None:
        return "XXXX-XX-XX", mod, None
    try:
        days = _relative(kind, match, text, anchor)
    except (ValueError, OverflowError):  # before the first year or after the last
        return None
    if kind == "ago" and match["about"]:
        mod = "APPROX"
    return _modified(days, mod, anchor, relative=narrowed[0] if narrowed else "")


def _first_day(years: list[int], month: int, number: int) -> _Days | None:
    """The day of a month in the first of some years that has it."""
    for year in years:
        try:
            return _day(date(year, month, number))
        except ValueError:
            continue
    return None


def _years(month: int, number: int, anchor: date, future: bool) -> list[int]:
    """The years in which a day without one may be, the likeliest first."""
    passed = (month, number) <= (anchor.month, anchor.day)
    ahead = 30 * ((month - anchor.month) % 12) + number - anchor.day  # days, about, until the next one
    if future or 0 < ahead <= SOON:
        return [anchor.year + (passed and ahead != 0)]
    return [anchor.year if passed else anchor.year - 1]


def _relative(kind: str, match: re.Match[str], text: str, anchor: date) -> _Days:
    """What `last week`, `Friday night`, `yesterday` and `two years ago` stand for."""
    if kind == "ago":
        return _ago(int(value_of(match["ago"].lower())), match["unit"], anchor)
    if kind == "today":
        words = match["today"].lower()
        step = -1 if words == "yesterday" else 1 if words == "tomorrow" else 0
        part = match["today_part"] or (
            "night" if words == "tonight" else words.split()[-1] if words.startswith("this") else None
        )
        return _day(anchor + timedelta(step), part)
    if kind == "weekday":
        return _weekday(match["weekday"], match["part"], anchor, _is_future(text, match))
    which, what = match["which"].lower(), match["which_what"]
    step = -1 if which in {"last", "this past", "the past", "the previous"} else 0 if which == "this" else 1
    low = what.lower()
    if low.endswith("day"):
        return _weekday(what, match["which_part"], anchor, step > 0 or (step == 0 and _is_future(text, match)), step)
    if low == "night":
        return _day(anchor + timedelta(step), "night")
    if low in {"week", "weekend"}:
        return _week(anchor + timedelta(7 * step), weekend=low == "weekend")
    if low == "month":
        months = anchor.year * 12 + anchor.month - 1 + step
        return _month_of(months // 12, months % 12 + 1)
    if low == "year":
        return _year(anchor.year + step)
    if low == "decade":
        tens = anchor.year // 10 * 10 + 10 * step
        return _Days(str(tens // 10), date(tens, 1, 1), date(tens + 9, 12, 31))
    if low == "quarter":
        quarters = anchor.year * 4 + (anchor.month - 1) // 3 + step
        year, quarter = quarters // 4, quarters % 4
        last = _month_of(year, 3 * quarter + 3).last
        return _Days(f"{year}-Q{quarter + 1}", date(year, 3 * quarter + 1, 1), last)
    if low in SEASONS:
        return _near_season(low, anchor, step)
    month = _month(what)
    year = anchor.year + (step if step > 0 and month <= anchor.month else -1 if step < 0 and month >= anchor.month else 0)
    return _month_of(year, month)


def _is_future(text: str, match: re.Match[str]) -> bool:
    """Whether the sentence speaks of what is to come at this place, not of what somebody said then."""
    start = match.start()
    first = max(0, start - REACH)
    for end in SENTENCE.finditer(text, first, start):
        first = end.end()
    stop = 1 + max(text.rfind(".", first, start), text.rfind(";", first, start), first - 1)
    if any(start - found.end() <= NEAR_SET for found in SET.finditer(text, stop, start)):
        return True
    if _told(text[max(first, start - 60) : start]):
        return False
    return FUTURE_BEFORE.search(text, stop, start) is not None or FUTURE_AFTER.match(text, match.end()) is not None


def _told(before: str) -> bool:
    """Whether one of the last four words before a date tells what was done: `said on`, `arrived`."""
    for word in reversed(before.removesuffix(" ").split(" ")[-4:]):
        last = LAST_WORD.search(word)
        if last and (last[0] in TOLD or (last[0].endswith("ed") and len(last[0]) > 4)):
            return True
        if not word or len(word.split()) > 1:
            return False
    return False


def _modified(days: _Days, mod: str | None, anchor: date | None, relative: str = "") -> tuple[str, str | None, _Days | None]:
    """Days narrowed by a modifier: the first, middle or last third, and of a week its last four days."""
    if mod in {None, "APPROX"}:
        return days.value, mod, days
    length = (days.last - days.first).days + 1
    third = max(1, length // 3)
    first, last = days.first, days.last
    if relative == "earlier" and anchor and first <= anchor <= last:
        last = anchor
    elif relative == "later" and anchor and first <= anchor <= last:
        first = anchor
    elif mod == "START":
        last = first + timedelta(third)
    elif mod == "MID":
        first, last = first + timedelta(third), last - timedelta(third)
    elif length == 7:
        first += timedelta(3)
    else:
        first = last - timedelta(third)
    return days.value, mod, _Days(days.value, first, last)


def _iso(text: str) -> _Days | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return _Days(text, day, day)


def _day(day: date, part: str | None = None) -> _Days:
    return _Days(day.isoformat() + (PARTS[part] if part else ""), day, day)


def _month_of(year: int, month: int) -> _Days:
    return _Days(f"{year:04}-{month:02}", date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def _year(year: int) -> _Days:
    return _Days(f"{year:04}", date(year, 1, 1), date(year, 12, 31))


def _week(day: date, *, weekend: bool) -> _Days:
    monday = day - timedelta(day.weekday())
    year, week, _ = day.isocalendar()
    if weekend:
        return _Days(f"{year}-W{week:02}-WE", monday + timedelta(5), monday + timedelta(6))
    return _Days(f"{year}-W{week:02}", monday, monday + timedelta(6))


def _weekday(name: str, part: str | None, anchor: date, future: bool, step: int = 0) -> _Days:
    """The nearest day of this name before the anchor (the anchor itself counts, but for `last Friday`), or after it."""
    wanted = WEEKDAYS.index(name.capitalize())
    back = (anchor.weekday() - wanted) % 7
    if future:
        return _day(anchor + timedelta((7 - back) % 7 or (7 if step else 0)), part)
    return _day(anchor - timedelta(back or (7 if step < 0 else 0)), part)


def _season(year: int, name: str) -> _Days:
    code, month = SEASONS[name]
    end = _month_of(year + (month == 12), (month + 1) % 12 + 1)
    return _Days(f"{year:04}-{code}", date(year, month, 1), end.last)


def _near_season(name: str, anchor: date, step: int) -> _Days:
    """The last season of a name that is over, the next that has not begun, or that of this year."""
    this = [_season(anchor.year + n, name) for n in (-2, -1, 0, 1)]
    if step < 0:
        return [days for days in this if days.last < anchor][-1]
    if step > 0:
        return next(days for days in this if days.first > anchor)
    return this[2] if name != "winter" or anchor.month > 6 else this[1]


def _ago(n: int, unit: str, anchor: date) -> _Days:
    if unit == "day":
        return _day(anchor - timedelta(n))
    if unit == "week":
        return _week(anchor - timedelta(7 * n), weekend=False)
    if unit == "month":
        months = anchor.year * 12 + anchor.month - 1 - n
        return _month_of(months // 12, months % 12 + 1)
    return _year(anchor.year - n * (10 if unit == "decade" else 1))


def _month(name: str) -> int:
    return MONTHS[name[:3].lower()]
