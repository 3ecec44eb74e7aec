"""What can be asked, and what is answered: the parameters and the results of the API, of which the page shows the same."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

Id = Annotated[str, Meta(min_length=1, max_length=4096, description="an id, as the tables have it")]
Page = Annotated[int, Meta(ge=1, le=100_000, description="the page of the list, from 1")]
Size = Annotated[int, Meta(ge=1, le=100, description="how many there are on a page")]
Version = Annotated[int, Meta(ge=1, le=1_000_000, description="the version of the story; the last unless told")]
Place = Annotated[int, Meta(ge=0, le=1 << 53, description="an offset into the text, in code points")]
Words = Annotated[str, Meta(max_length=400, description='words that must all be there; "in quotation marks" side by side')]
Source = Annotated[str, Meta(max_length=1024, description="a source; empty for copies without one")]
Day = Annotated[
    str, Meta(pattern=r"^\d{4}(-\d\d(-\d\d)?)?$", description="a day, a month or a year: 2031-05-14, 2031-05, 2031")
]
Relation = Literal["identical", "copy", "abridged", "extended", "excerpt", "revised"]
Order = Literal["newest", "oldest", "largest", "uncertain"]
Did = Literal["lost", "added", "altered", "boilerplate", "lacuna"]


class Refused(Exception):
    """What was asked cannot be answered; `status` is that of HTTP, the message says what to do."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of a call."""


class StoriesAsked(Asked, frozen=True):
    """Which stories."""

    q: Words = ""
    order: Order = "newest"
    source: Source | None = None
    relation: Relation | None = None
    since: Day | None = None
    until: Day | None = None
    page: Page = 1
    size: Size = 25


class StoryAsked(Asked, frozen=True):
    """Which story; `at` is a place whose part of a long text is wanted."""

    id: Id
    version: Version | None = None
    part: Page | None = None
    at: Place | None = None


class CopiesAsked(Asked, frozen=True):
    """Which copies of a story."""

    id: Id
    version: Version | None = None
    q: Annotated[str, Meta(max_length=400, description="a part of the copy's id or source")] = ""
    order: Literal["source", "date", "coverage", "differences"] = "source"
    page: Page = 1
    size: Size = 20


class CopyAsked(Asked, frozen=True):
    """Which copy."""

    copy: Id


class DifferencesAsked(Asked, frozen=True):
    """Which copy; what it did, place by place."""

    copy: Id
    version: Version | None = None
    page: Page = 1
    size: Size = 50


class VariantAsked(Asked, frozen=True):
    """Which variant of which story, from 1 in order of place."""

    id: Id
    n: Annotated[int, Meta(ge=1, le=10_000_000, description="the number of the variant, from 1 in order of place")]
    version: Version | None = None


class VariantsAsked(Asked, frozen=True):
    """Which variants of a story."""

    id: Id
    version: Version | None = None
    page: Page = 1
    size: Size = 50


class CompareAsked(Asked, frozen=True):
    """Which two copies of a story, side by side; without one it is the edition."""

    id: Id
    one: Id | None = None
    other: Id | None = None
    version: Version | None = None


class RecordAsked(Asked, frozen=True):
    """What of the record: of one story, or of all."""

    id: Id | None = None
    version: Version | None = None
    q: Annotated[str, Meta(max_length=400, description="a part of a name, a unit or a date")] = ""
    page: Page = 1
    size: Size = 50


class SourcesAsked(Asked, frozen=True):
    """Which sources."""

    q: Annotated[str, Meta(max_length=400, description="a part of the source's name")] = ""
    page: Page = 1
    size: Size = 50


class SourceAsked(Asked, frozen=True):
    """Which source."""

    source: Source


class DecisionsAsked(Asked, frozen=True):
    """Which story."""

    id: Id


class FindAsked(Asked, frozen=True):
    """A text, to be looked for."""

    text: Annotated[str, Meta(min_length=1, max_length=5_000_000)]


class LookedFor(Asked, frozen=True):
    """A text that an address has room for."""

    text: Annotated[str, Meta(max_length=20_000)] = ""


class DecisionAsked(Asked, frozen=True):
    """Which reading of a variant is right, from 0 in the order of `readings`, and why."""

    id: Id
    n: Annotated[int, Meta(ge=1, le=10_000_000)]
    reading: Annotated[int, Meta(ge=0, le=10_000_000)]
    note: Annotated[str, Meta(max_length=2000)] = ""
    version: Version | None = None


class UndoAsked(Asked, frozen=True):
    """Which decision is undone."""

    no: Annotated[int, Meta(ge=1, le=1 << 53)]


# What is answered


class Listed(Struct, frozen=True):
    """A story in a list. `snippet` is where the words asked for stand in it."""

    story_id: str
    version: int
    n_versions: int
    n_copies: int
    n_variants: int
    n_unsure: int
    title: str
    beginning: str
    published: str | None
    confidence: float | None
    sources: list[str]
    snippet: str | None = None


class Stories(Struct, frozen=True):
    """A page of stories, of `total`."""

    total: int
    page: int
    size: int
    stories: list[Listed]


class Mark(Struct, frozen=True):
    """Where a variant stands in the text, what it is and how sure the choice."""

    n: int
    start: int
    end: int
    kind: str
    confidence: float


class Change(Struct, frozen=True):
    """What a version has for what the one before it had, and where."""

    start: int
    end: int
    text: str
    was: str


class VersionOf(Struct, frozen=True):
    """A version of a story: what changed from the one before, and how they were told apart."""

    version: int
    published: str | None
    n_copies: int
    confidence: float | None
    reason: str
    changes: list[Change]


class Story(Struct, frozen=True):
    """An edition. `text` is what stands at `[start, end)` of it: of a long one it is part number `part` of `n_parts`."""

    story_id: str
    version: int
    title: str
    published: str | None
    confidence: float | None
    n_copies: int
    n_lines: int
    n_variants: int
    n_unsure: int
    length: int
    part: int
    n_parts: int
    start: int
    end: int
    text: str
    variants: list[Mark]
    versions: list[VersionOf]


class Stretch(Struct, frozen=True):
    """A stretch of the edition, and what a copy did there."""

    start: int
    end: int
    did: Did


class CopyOf(Struct, frozen=True):
    """A copy of a story: what it did with the text, in words, in numbers of places, and from where to where."""

    copy_id: str
    source: str | None
    published: str | None
    url: str | None
    relation: str | None
    nearest_copy: str | None
    coverage: float | None
    line: str | None
    lost: int
    added: int
    altered: int
    boilerplate: int
    left_out: str | None
    strip: list[Stretch]


class Copies(Struct, frozen=True):
    """A page of the copies of a story, of `total`; `length` is that of the edition."""

    total: int
    page: int
    size: int
    length: int
    copies: list[CopyOf]


class CopyText(Struct, frozen=True):
    """A copy as it was read."""

    copy_id: str
    story_id: str
    source: str | None
    published: str | None
    url: str | None
    text: str


class Difference(Struct, frozen=True):
    """A place where a copy has another reading than the edition: variant `n`."""

    n: int
    start: int
    end: int
    did: Did
    kind: str
    edition: str
    copy: str


class Differences(Struct, frozen=True):
    """A page of what a copy did, of `total`."""

    total: int
    page: int
    size: int
    copy_id: str
    story_id: str
    version: int
    differences: list[Difference]


class OfLine(Struct, frozen=True):
    """Copies that vote once together, called after the first of them; or, without a line, one that votes for itself."""

    line: str | None
    n_copies: int
    copies: list[str]


class ReadingOf(Struct, frozen=True):
    """A reading, and who has it: `n_copies` in all, of which some are named."""

    text: str
    chosen: bool
    n_copies: int
    n_votes: int
    lines: list[OfLine]


class Decision(Struct, frozen=True):
    """A choice that a reader overruled: `chosen`, as `copy` has it, for `was`, between what stood `before` and `after`.

    It `stands`, is `lost` where the story has no such variant any more, or was `undone`.
    """

    no: int
    copy: str
    before: str
    was: str
    after: str
    chosen: str
    at: str
    note: str
    undone: str | None
    state: str


class VariantOf(Struct, frozen=True):
    """A variant with all its readings; `n_lacunae` copies do not reach it."""

    story_id: str
    version: int
    n: int
    of: int
    start: int
    end: int
    kind: str
    reason: str
    confidence: float
    before: str
    after: str
    readings: list[ReadingOf]
    n_lacunae: int


class Variants(Struct, frozen=True):
    """A page of the apparatus, of `total`."""

    total: int
    page: int
    size: int
    variants: list[VariantOf]


class Side(Struct, frozen=True):
    """Words of one side of a row; `same` where the other has them too."""

    text: str
    same: bool


class Row(Struct, frozen=True):
    """What stands side by side: a paragraph, in pieces."""

    one: list[Side]
    other: list[Side]


class Compared(Struct, frozen=True):
    """Two texts side by side; `share` is how much of the words they have in common."""

    one: str | None
    other: str | None
    same: float
    rows: list[Row]


class Said(Struct, frozen=True):
    """A statement, and where it stands."""

    story_id: str
    version: int
    start: int
    end: int
    title: str
    published: str | None
    name: str | None
    kind: str
    type: str
    source: str | None
    cue: str | None
    content: str
    via: list[str]
    hedged: bool
    rule: str


class Dated(Struct, frozen=True):
    """A date, and where it stands; `around` is the text about it."""

    story_id: str
    version: int
    start: int
    end: int
    title: str
    text: str
    timex: str
    first: str | None
    last: str | None
    before: str
    after: str


class Counted(Struct, frozen=True):
    """A figure, and where it stands."""

    story_id: str
    version: int
    start: int
    end: int
    title: str
    text: str
    kind: str
    value: float
    high: float | None
    comparison: str | None
    unit: str
    since: str | None
    as_of: str | None
    source: str | None
    before: str
    after: str


class Speaker(Struct, frozen=True):
    """Who made so many statements, in so many stories."""

    name: str | None
    kind: str
    n_statements: int
    n_stories: int


class Statements(Struct, frozen=True):
    """A page of statements, of `total`, and those who made most. `note` says why there are none."""

    total: int
    page: int
    size: int
    speakers: list[Speaker]
    statements: list[Said]
    note: str | None = None


class Dates(Struct, frozen=True):
    """A page of dates in order of time, of `total`, and how many there are in each month or year."""

    total: int
    page: int
    size: int
    months: list[tuple[str, int]]
    dates: list[Dated]
    note: str | None = None


class Figures(Struct, frozen=True):
    """A page of figures, of `total`."""

    total: int
    page: int
    size: int
    figures: list[Counted]
    note: str | None = None


class RateOf(Struct, frozen=True):
    """How often a source does something: `n` of `of`."""

    kind: str
    n: float
    of: float


class SourceOf(Struct, frozen=True):
    """A source: what it does to texts, in words and as rates."""

    source: str | None
    n_copies: int
    n_stories: int | None
    boilerplate: float | None
    words: str
    rates: list[RateOf]


class Sources(Struct, frozen=True):
    """A page of sources, of `total`."""

    total: int
    page: int
    size: int
    sources: list[SourceOf]


class Month(Struct, frozen=True):
    """What the copies that a source had published in a month did, in places per copy."""

    month: str | None
    n_copies: int
    lost: float
    added: float
    altered: float
    boilerplate: float


class Example(Struct, frozen=True):
    """Where a kind of damage is to be seen: the place in a copy and what stands about it."""

    kind: str
    copy_id: str
    story_id: str
    before: str
    text: str
    after: str


class SourceTold(Struct, frozen=True):
    """A source in full: over time, with examples."""

    source: SourceOf
    months: list[Month]
    examples: list[Example]


class Shared(Struct, frozen=True):
    """What stands at `[start, end)` of the text stands, edits aside, in the copy."""

    start: int
    end: int


class Otherwise(Struct, frozen=True):
    """Within what both have, the text has `text` at `start`, and the copy has `copy`; either may be empty."""

    start: int
    text: str
    copy: str


class Match(Struct, frozen=True):
    """A story that has a text; `copy` has most of it, `coverage` of it, and the text is to that copy what `relation` says.

    Of all `n_differences` the first are told, of all copies too.
    """

    story_id: str
    title: str
    published: str | None
    n_copies: int
    relation: str
    coverage: float
    coverage_of_copy: float
    copy: str
    source: str | None
    stretches: list[Shared]
    n_differences: int
    differences: list[Otherwise]
    copies: list[str]


class Found(Struct, frozen=True):
    """The stories that have a text. `found` is whether one is the same text, `note` what there is to know besides."""

    found: bool
    matches: list[Match]
    note: str | None


class Done(Struct, frozen=True):
    """What was decided."""

    no: int


class Decisions(Struct, frozen=True):
    """All decisions on a story, the last first."""

    decisions: list[Decision]


class Trouble(Struct, frozen=True):
    """What is wrong, and what to do."""

    error: str


def sent(body: bytes, kind: type[Asked]) -> Asked:
    """The parameters of a call from JSON. Raises `Refused` where they are not as they should be."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(400, f"{error}") from None


def parameters(kind: type[Asked], given: dict[str, str]) -> Asked:
    """The parameters of a call from strings. Raises `Refused` where they are not as they should be."""
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Refused(400, f"{error}".replace("Object", "the query").replace("`$.", "`")) from None
