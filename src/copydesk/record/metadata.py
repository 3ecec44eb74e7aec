"""What is known about a text besides what it says: headline, byline, dateline, outlet, dates of publication, biography.

It comes from three places, in this order: what the copies were handed in with (`published`, `source`, `url`), what boilerplate
says of the story (the edition's facts, and the blocks it set aside), and the first lines and the last paragraph of the text. A
line at the head is one of metadata if it ends without a mark of a sentence and has the form of one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple
from urllib.parse import urlsplit

from copydesk.model import Copy, Detail, Edition, Place, Reading, Stretch
from copydesk.record.dates import dates, day
from copydesk.repair import repaired

LINES = 6
"""Lines at the head of a text that may be metadata."""
LINE, HEADLINE, TAIL = 160, 200, 700
"""Characters that a line of metadata, a headline and a biography at the end have at most."""
LONGEST = 18
"""Words of a headline; a line of more is a standfirst."""
NEAR = 30
"""Characters before a date in which a word says what it is the date of."""

_CAPITAL = "A-ZÀ-ÖØ-ÞĆČĎĐĞŁŃŇŐŘŚŞŠŤŮŰŹŻŽİ"
_PART = rf"(?:(?:Mc|Mac|O[’']|[Dd]e|[Vv]an|[Vv]on|[Ll]a|[Ll]e|[Dd]el?|[Dd]i|[Aa]l)[ \-]?)?[{_CAPITAL}][\w’'\-]*\.?"
_NAME = rf"{_PART}(?: {_PART}){{1,3}}"
BYLINE = re.compile(rf"(?:By|BY|by|Written by|WRITTEN BY|Story by):? +(?=(?:{_NAME})|[A-Z]{{2,}} [A-Z]{{2,}})")
PERSON = re.compile(rf"{_NAME}$|[{_CAPITAL}][{_CAPITAL}.’'\-]+(?: [{_CAPITAL}][{_CAPITAL}.’'\-]*){{1,3}}$")
# Where the names of a byline end: a mark that parts, an office, an outlet, a date.
NAMES_END = re.compile(
    r"\s*(?:[|•·–—/\n]|,? (?:for|of|in|at|with) |, (?=[a-z])|,? (?i:staff|special|senior|chief|news|(?:[A-Z]\w+ )?(?:reporter"
    r"|writer|editor|correspondent|columnist))\b|,? ?(?:\d|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
    r"|(?:Updated|Published|Posted)\b))"
)
PARTED = re.compile(r",? (?:and|AND|&) |, ")
OFFICE = re.compile(
    r"\b(?:staff|reporters?|writers?|editors?|correspondents?|press|news|desk|agency|agencies|wire|service|times|post|herald"
    r"|courier|tribune|journal|gazette|team|bureau|board)\b",
    re.IGNORECASE,
)
DATELINE = re.compile(
    rf"(?P<place>[{_CAPITAL}][{_CAPITAL}.’'\-]{{2,}}(?:[ /][{_CAPITAL}][{_CAPITAL}.’'\-]*)*"
    r"|(?P<mixed>[A-Z][\w’'\-]+(?: [A-Z][\w’'\-]+){0,2}))"
    r"(?P<region>, [A-Z][\w.]*(?: [A-Z][\w.]*)?)?"
    r"(?:,? (?P<date>(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?(?:[A-Z][a-z]{2,8}\.? \d{1,2}|\d{1,2} [A-Z][a-z]{2,8})"
    r"(?:,? (?:19|20)\d\d)?))?"
    r"(?: ?\((?P<agency>[A-Z][^()\n]{1,40})\))?\s?(?:—|–|--|-|:(?=\s))\s*"
)
OF_UPDATE = re.compile(r"\b(?:updated?|modified|revised|corrected)\b[^\d]*$", re.IGNORECASE)
BIOGRAPHY = re.compile(
    rf"(?:About the [Aa]uthor:?\s*)?(?P<who>{_NAME})(?:, [^.]{{3,60}},)? (?:is|was|has been|covers|covered|serves|writes"
    r"|reports|works|edits|contributed|can be (?:reached|found|followed)|joined|teaches)\b"
)
TRADE = re.compile(
    r"\b(?:reporter|writer|editor|correspondent|columnist|journalist|contributor|author|covers|writes|reports|blogger|freelance"
    r"|fellow|[Ff]ollow (?:him|her|them)|Twitter|newsletter)\b|@\w"
)
_OWNER = (
    r"(?:(?:19|20)\d\d(?:\s?[-–]\s?(?:(?:19|20)\d\d|\d\d))?)?,?\s*(?:by\s+)?"
    r"(?P<who>[A-Z][\w&’'.\-]*(?: (?:of|the|and|&|[A-Z][\w&’'.\-]*)){0,6})"
)
COPYRIGHT = re.compile(rf"(?:©|\([Cc]\)|\b[Cc]opyright\b|\bCOPYRIGHT\b)[\s©,(Cc)]*{_OWNER}")
SIGNS = ("©", "(C)", "(c)", "opyright", "COPYRIGHT")  # one of which stands in it
# Of what is known to be such a line a mark may be missing: what closes the text before it has taken the sign.
KNOWN_COPYRIGHT = re.compile(rf"(?:(?:©|\([Cc]\)|[Cc]opyright|COPYRIGHT)[\s©,(Cc)]*)?{_OWNER}")
RIGHTS = re.compile(r"[.,\s]*\b(?:All|ALL)(?: (?:Rights|rights|RIGHTS)\b.*)?$|[.,\s]+$")
SLUG = re.compile(r"(?:AM|BC|PM)-\w|[\w\- ]{3,40},? \d(?:st|nd|rd|th) Ld\b")
"""How a wire calls a story among its own."""
NO_HEADLINE = re.compile(
    r"[|•]|\w\w[.!?] [A-Z]|^(?:Image|Photo|Picture|File|Caption|Credit|Source|Updated|Published)\b"
    r"|^(?i:subscribe (?:to|now)|sign (?:up|in)|log in|(?:join|support) (?:us|our)|follow us|read more|click here|skip to)\b"
)
ENDS = (".", "!", "?", ":", ";", ",", "”", '"', "’", "…")


class Block(NamedTuple):
    """A stretch that may be metadata: `start` is its place in the text, or it is the `reading` of copies outside of it."""

    text: str
    start: int | None
    reading: Reading | None = None
    kind: str = ""

    def detail(self, name: str, start: int, end: int, value: str, rule: str, *, implied: bool = False) -> Detail:
        """What `[start, end)` of the block says."""
        span: Stretch | None = None
        places: tuple[Place, ...] = ()
        if self.start is not None:
            span = (self.start + start, self.start + end)
        if self.reading is not None:
            places = tuple(Place(p.copy, p.start + start, p.start + end) for p in self.reading.places)
        return Detail(name, " ".join(value.split()), rule, span, places, tuple(p.copy for p in places), implied)


def metadata(text: str, published: str | None = None, edition: Edition | None = None) -> tuple[Detail, ...]:
    r"""The metadata of a text, or of an edition of which it is the text; the surest of each name first.

    >>> [(detail.name, detail.value) for detail in metadata("Ferry late again\nBy Oda Brandt\n\nThe ferry was late.")]
    [('headline', 'Ferry late again'), ('byline', 'Oda Brandt'), ('author', 'Oda Brandt')]
    """
    found = [*_handed_in(edition.copies, edition.of_version)] if edition else []
    if published and not any(detail.name == "published" for detail in found):
        found.append(Detail("published", published, "given"))
    if edition:
        found += _facts(edition)
        for block in _set_aside(edition):
            found += _dated(block)
            found += _copyright(block)
    lines, rest = _head(text)
    found += _first_lines(text, lines, rest)
    found += _tail(text)
    found += _authors(found)
    if edition:
        found = [_witnessed(detail, edition) for detail in found]
    order = {name: at for at, name in enumerate(NAMES)}
    kept = {(detail.name, _same(detail)): detail for detail in reversed(found)}  # the first of those that say the same
    return tuple(sorted((d for d in found if kept.get((d.name, _same(d))) is d), key=lambda detail: order[detail.name]))


NAMES = ("headline", "byline", "author", "dateline", "outlet", "published", "updated", "biography", "language")
"""The names of metadata, in the order in which they are given."""


def anchor(details: Sequence[Detail]) -> tuple[date, Detail] | None:
    """The day from which dates are reckoned, and what supplied it: the publication, else the dateline, else the update."""
    for name in ("published", "dateline", "updated"):
        for detail in details:
            if detail.name == name and (found := day(detail.value)) is not None:
                return found, detail
    return None


def place_of(dateline: str) -> str | None:
    """The place that a dateline names, in small letters but for the first of its words.

    >>> place_of("MARL ISLAND, May 14 (Coast Wire)")
    'Marl Island'
    """
    match = DATELINE.match(dateline + " — ")
    if match is None:
        return None
    place = match["place"]
    return place.title() if place.isupper() else place


def _same(detail: Detail) -> str:
    """What two details of a name have in common that say the same: the day, or the letters."""
    if detail.name in {"published", "updated"} and (found := day(detail.value)):
        return found.isoformat()
    return "".join(filter(str.isalnum, detail.value.casefold()))


def _handed_in(copies: Sequence[Copy], of_version: Sequence[str]) -> Iterator[Detail]:
    """What most copies were handed in with as their date (of as many the least), and their outlets."""
    own = [copy for copy in copies if not of_version or copy.id in of_version]
    said = Counter(copy.published for copy in own if copy.published)
    if said:
        value = min(said, key=lambda value: (-said[value], value))
        yield Detail("published", value, "column", copies=tuple(copy.id for copy in own if copy.published == value))
    outlets: dict[str, list[str]] = {}
    for copy in own:
        host = _host(copy.url)
        # what an extractor reads off a page is of the page's outlet
        extracted = copy.source is not None and copy.id.endswith(f"#{copy.source}")
        outlet = host if extracted or not copy.source else copy.source
        if outlet:
            outlets.setdefault(outlet, []).append(copy.id)
    for outlet, ids in sorted(outlets.items(), key=lambda item: (-len(item[1]), item[0])):
        yield Detail("outlet", outlet, "source", copies=tuple(ids))


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None


def _facts(edition: Edition) -> Iterator[Detail]:
    """What boilerplate says, as the edition tells it; copies that have the same reading say so too."""
    for fact in edition.metadata:
        if fact.name not in NAMES:
            continue
        if fact.place.start == fact.place.end:  # of the page, by an extractor
            yield Detail(fact.name, fact.value, "page", copies=(fact.place.copy,))
            continue
        places = _alike(edition, fact.place)
        value = repaired(fact.value).strip(" ,|–—")
        if fact.name == "byline" and not names(value) and any(map(str.isdigit, value)):
            continue  # the date, or the page, of one
        if fact.name == "headline" and SLUG.match(value):
            continue
        yield Detail(fact.name, value, "boilerplate", None, places, tuple(place.copy for place in places))


def _alike(edition: Edition, at: Place) -> tuple[Place, ...]:
    """A place of a copy, and the same place in the other copies that have this reading."""
    for variant in edition.variants:
        for reading in variant.readings:
            for place in reading.places:
                if place.copy == at.copy and place.start <= at.start and at.end <= place.end:
                    start, end = at.start - place.start, at.end - place.start
                    return tuple(Place(p.copy, p.start + start, p.start + end) for p in reading.places)
    return (at,)


def _set_aside(edition: Edition) -> Iterator[Block]:
    """The boilerplate at either end of the text."""
    for variant in edition.variants:
        if variant.kind.startswith("boilerplate") and variant.start in {0, len(edition.text)}:
            for reading in variant.readings:
                if reading.text and len(reading.text) <= TAIL:
                    yield Block(reading.text, None, reading, variant.kind.removeprefix("boilerplate: "))


def _head(text: str) -> tuple[list[Block], Block | None]:
    """The lines at the head that are no sentence, and the first paragraph after them."""
    lines: list[Block] = []
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end].strip()
        if line:
            block = Block(line, at + text[at:end].index(line[0]))
            if end == len(text) or len(lines) == LINES or len(line) > HEADLINE or line.endswith(ENDS):
                return lines, block
            lines.append(block)
        at = end + 1
    return [], None  # a text without a sentence has no head


def _first_lines(text: str, lines: list[Block], rest: Block | None) -> Iterator[Detail]:
    """What the lines at the head say, and the dateline at the head of the text."""
    headline = False
    for n, block in enumerate(lines):
        if len(block.text) > LINE:
            continue
        by = BYLINE.match(block.text)
        if by is not None:
            yield block.detail("byline", by.end(), len(block.text), block.text[by.end() :], "first lines")
        dated = [*_dated(block)]
        yield from dated
        if by is None and not dated and not headline and n < 2 and _is_headline(block.text):
            headline = True
            yield block.detail("headline", 0, len(block.text), block.text, "first lines")
    if rest is None:
        return
    match = DATELINE.match(text, rest.start or 0, (rest.start or 0) + LINE)
    if match is not None and (match["mixed"] is None or match["date"] or match["agency"]):
        said = match[0].rstrip(" \t—–-:")
        yield rest.detail("dateline", 0, len(said), said, "first lines")
        if match["agency"]:
            start = match.start("agency") - match.start()
            yield rest.detail("outlet", start, start + len(match["agency"]), match["agency"], "dateline")


def _is_headline(line: str) -> bool:
    """Whether a line without a full stop can be a headline: of some words, not two sentences, no caption."""
    begins = line[0].isalnum() or line[0] in "“\"‘'"
    return begins and 2 <= len(line.split()) <= LONGEST and not NO_HEADLINE.search(line)


def _dated(block: Block) -> Iterator[Detail]:
    """When a line says that the text was published or updated; only days with their year."""
    if "19" not in block.text and "20" not in block.text:
        return
    seen = set()
    for found in dates(block.text, None):
        if not found.first or found.first != found.last:
            continue
        name = "updated" if OF_UPDATE.search(block.text[max(0, found.start - NEAR) : found.start]) else "published"
        if name not in seen:
            seen.add(name)
            rule = "byline" if BYLINE.match(block.text) else "date line"
            yield block.detail(name, found.start, found.end, found.first, rule)


def _copyright(block: Block) -> Iterator[Detail]:
    if block.kind != "copyright" and not any(sign in block.text for sign in SIGNS):
        return
    match = KNOWN_COPYRIGHT.match(block.text) if block.kind == "copyright" else COPYRIGHT.search(block.text)
    if match is not None:
        who = RIGHTS.sub("", match["who"])
        if len(who) > 2:
            yield block.detail("outlet", match.start("who"), match.start("who") + len(who), who, "copyright")


def _tail(text: str) -> Iterator[Detail]:
    """A biography, or a line of copyright, as the last paragraph."""
    end = len(text.rstrip())
    start = text.rfind("\n", 0, end) + 1
    if not 0 < start < end or end - start > TAIL:
        return
    block = Block(text[start:end], start)
    if BIOGRAPHY.match(block.text) and TRADE.search(block.text):
        yield block.detail("biography", 0, len(block.text), block.text, "last paragraph")
    yield from _copyright(block)


def _authors(found: Sequence[Detail]) -> Iterator[Detail]:
    """The people that a byline names; without one, of whom the biography is: it implies that they wrote the text."""
    named = False
    for detail in found:
        if detail.name != "byline":
            continue
        for name in names(detail.value):
            named = True
            yield Detail("author", name, "byline", detail.span, detail.places, detail.copies)
    for detail in found:
        if detail.name == "biography" and not named and (match := BIOGRAPHY.match(detail.value)) is not None:
            yield Detail("author", match["who"], "biography", detail.span, detail.places, detail.copies, implied=True)


def names(byline: str) -> list[str]:
    """The people that a byline names.

    >>> names("Oda Brandt and RUTH AMES, Staff Writers | May 14, 2031")
    ['Oda Brandt', 'Ruth Ames']
    """
    by = BYLINE.match(byline)
    who = byline[by.end() if by else 0 :][:LINE]
    end = NAMES_END.search(who)
    people = []
    for part in PARTED.split(who[: end.start()] if end else who):
        name = part.strip(" ,.")
        if PERSON.match(name) and not OFFICE.search(name):
            people.append(name.title() if name.isupper() else name)
    return people


def _witnessed(detail: Detail, edition: Edition) -> Detail:
    """What the text of an edition says, with the copies whose spans cover it."""
    if detail.span is None or detail.copies:
        return detail
    start, end = detail.span
    spans = (*edition.spans, *edition.witnesses)
    copies = sorted({span.copy for span in spans if span.start < end and start < span.end})
    return Detail(detail.name, detail.value, detail.rule, detail.span, detail.places, tuple(copies), detail.implied)
