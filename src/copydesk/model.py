"""The words of Copydesk as plain types.

A **copy** is one document as it came. The copies of one **story** are aligned into a **collation**: a row of **loci**, at
each of which the copies agree or differ. What one group of copies has at a locus is a **reading**; a locus with more than
one reading is a **variant**; all variants together are the **apparatus**. The reconciled text is the **edition**, of which
every character is traced to a copy.

All offsets are Unicode code points into the text as given, start inclusive, end exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Index = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Weights = NDArray[np.float64]
    Marks = NDArray[np.uint64]


class NotOneStory(ValueError):
    """The copies are not of one text; the message names the groups that share nothing."""


class Misused(ValueError):
    """What was asked for cannot be, whatever the input holds: a name, or settings; the message is a line that says what to do.

    The command line calls it wrong use (2), unlike work that failed (1).
    """


class Copy(msgspec.Struct, frozen=True, gc=False):
    """One document as it came. Its text is never changed.

    `source` is where it comes from: copies of one source are damaged alike (an outlet, a crawl, an extractor).
    """

    id: str
    text: str
    source: str | None = None
    published: str | None = None
    url: str | None = None


class Place(msgspec.Struct, frozen=True, order=True, gc=False):
    """A stretch `[start, end)` of one copy's text."""

    copy: str
    start: int
    end: int


class Span(msgspec.Struct, frozen=True, order=True, gc=False):
    """A stretch `[start, end)` of the edition that stands, to the letter, at `[copy_start, copy_end)` of a copy.

    Where `repaired` names a kind of damage, it is what that stretch reads when this is undone: no copy has it sound.
    """

    start: int
    end: int
    copy: str
    copy_start: int
    copy_end: int
    repaired: str | None = None


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What a group of copies has at a locus. The empty text is a reading too: an omission.

    `copies` are the ids of the group; `places[i]` is where `copies[i]` has it: `text` stands there to the letter.
    """

    text: str
    copies: tuple[str, ...]
    places: tuple[Place, ...]


class Variant(msgspec.Struct, frozen=True, gc=False):
    """A locus with more than one reading: what was chosen, why, and how sure that is.

    `[start, end)` is the place in the edition, empty where the chosen reading is the empty one. `readings[chosen]` is the
    reading chosen. `lacunae` are the copies that do not reach the locus and so have no reading. `confidence` is the
    probability in [0, 1] that the choice is right.
    """

    start: int
    end: int
    kind: str
    readings: tuple[Reading, ...]
    chosen: int
    reason: str
    confidence: float
    lacunae: tuple[str, ...] = ()


class Damage(msgspec.Struct, frozen=True, gc=False):
    """A named way in which a copy is spoilt throughout: `n` times out of `of` chances, with the first place as example."""

    copy: str
    kind: str
    n: int
    of: int
    reason: str
    example: Place | None = None


class Rate(msgspec.Struct, frozen=True, order=True, gc=False, cache_hash=True):
    """How often copies of a source are spoilt in one way: `n` times out of `of` chances, both of them expected numbers.

    `kind` is `words omitted`, `words added`, `words altered`, or a kind of `Damage`. Chances are words of the text, of those
    kinds that drop words of a kind the words of that kind; of all other damage they are copies.
    """

    kind: str
    n: float
    of: float


class Known(msgspec.Struct, frozen=True):
    """What a corpus tells, and a story by itself does not.

    `rates` are those of each source, `mean` of all together. `familiar` are hashes of words, and of two side by side, that
    several stories have (32 bits each, sorted); `telling` says what their look is worth to readings (`edit.rates`), in log
    odds. `recurring` says of the fingerprint of a paragraph in how many stories it stands, if in several: what recurs is of
    the site.
    """

    rates: dict[str, tuple[Rate, ...]] = {}
    mean: tuple[Rate, ...] = ()
    familiar: bytes = b""
    telling: dict[str, tuple[float, ...]] = {}
    recurring: dict[int, int] = {}


NOTHING = Known()


class Fact(msgspec.Struct, frozen=True, gc=False):
    """Something said about the story by text that is not of the story: `published`, `byline`, `biography`, ..."""

    name: str
    value: str
    place: Place


class Change(msgspec.Struct, frozen=True, gc=False):
    """Where a version has other words than the one before it: `[start, end)` of its text for `[was_start, was_end)` of that.

    Either is empty where words were put in, or taken out.
    """

    start: int
    end: int
    was_start: int
    was_end: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one copy: its words, with what stands between them.

    Token `i` is `text[starts[i]:ends[i]]`; separator `i` is what stands before it, separator `n` what stands after the last
    (white space and punctuation), so tokens and separators tile the text. `keys`, `forms` and `separators` are numbers in
    the collation's vocabulary: tokens of one key are one word (case and marks folded), tokens of one form are spelt alike.
    """

    starts: Index  # n
    ends: Index  # n
    keys: Index  # n
    forms: Index  # n
    separators: Index  # n + 1


@dataclass(frozen=True, slots=True, order=True)
class Move:
    """A block that stands at `[start, end)` of the loci in most copies and at `[to_start, to_end)` in others."""

    start: int
    end: int
    to_start: int
    to_end: int


@dataclass(frozen=True, slots=True)
class Collation:
    """All copies of a story aligned: a row of `n_loci` loci, each as wide as a token.

    `loci[c][i]` is the locus of token `i` of copy `c`; it rises strictly with `i`. A copy without a token at a locus omits
    it, or, before its first and after its last locus, does not reach it (a lacuna, or text of another's own: `edit` tells).
    `form_text` and `separator_text` spell the numbers of `Tokens`. At loci `[start, end)` of `repeats` copies say again what
    they said just before.
    """

    copies: tuple[Copy, ...]
    tokens: tuple[Tokens, ...]
    loci: tuple[Index, ...]
    n_loci: int
    moves: tuple[Move, ...]
    form_text: list[str]
    separator_text: list[str]
    repeats: tuple[tuple[int, int], ...] = ()


class Edition(msgspec.Struct, frozen=True, gc=False):
    """The reconciled text of a story, with provenance and apparatus.

    `spans` tile `text`: the one copy each character was taken from. `witnesses` are, for each copy, all stretches of the
    edition that it has to the letter. `variants` are in order of place. `lines` are the copies that descend from one another
    and vote once together, larger lines first; they lie within one another or apart.

    Of a story that was published in several versions there is an edition of each: `version` is its number, 1 the first,
    `of_version` the ids of its copies (empty where there is one version), `changes` what is otherwise than in the version
    before, `reason` how the versions were told apart and put in order. The last one holds the others: `earlier`, first to last.
    """

    text: str
    copies: tuple[Copy, ...]
    spans: tuple[Span, ...]
    witnesses: tuple[Span, ...]
    variants: tuple[Variant, ...]
    damage: tuple[Damage, ...]
    metadata: tuple[Fact, ...]
    confidence: float
    lines: tuple[tuple[str, ...], ...] = ()
    version: int = 1
    of_version: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    reason: str = ""
    earlier: tuple[Edition, ...] = ()

    def where(self, index: int) -> list[Place]:
        """The places behind character `index` of the text: first the copy it was taken from, then all that agree.

        >>> edition.where(120)  # doctest: +SKIP
        [Place(copy='a.txt', start=166, end=167), Place(copy='b.txt', start=120, end=121)]
        """
        if not 0 <= index < len(self.text):
            raise IndexError(f"the edition has characters 0 to {len(self.text) - 1}, not {index}")
        behind = [s for spans in (self.spans, self.witnesses) for s in spans if s.start <= index < s.end]
        places = (
            Place(s.copy, s.copy_start, s.copy_end)
            if s.repaired
            else Place(s.copy, s.copy_start + index - s.start, s.copy_start + index - s.start + 1)
            for s in behind
        )
        return list(dict.fromkeys(places))

    def explain(self) -> str:
        """The apparatus in words: one line a variant, with its place, kind, readings, reason and confidence.

        Of a story in several versions first what changed from one to the next: one line a change.
        """
        lines = []
        before: Edition | None = None
        for edition in (*self.earlier, self) if self.earlier else ():
            lines.append(f"version {edition.version}: {', '.join(edition.of_version)}: {edition.reason}")
            for c in edition.changes if before else ():
                new, old = edition.text[c.start : c.end], before.text[c.was_start : c.was_end] if before else ""
                lines.append(f"version {edition.version}: {c.start}-{c.end} {new!r} for {old!r}")
            before = edition
        for v in self.variants:
            readings = [f"{r.text!r} ({', '.join(r.copies)})" for r in v.readings]
            chosen = readings.pop(v.chosen)
            lines.append(f"{v.start}-{v.end} {v.kind}: {chosen}, not {'; '.join(readings)}: {v.reason} [{v.confidence:.2f}]")
        lines += [f"{', '.join(line)}: one line, with one vote" for line in self.lines]
        lines += [f"{d.copy}: {d.kind}, {d.n} of {d.of}: {d.reason}" for d in self.damage]
        return "\n".join(lines)


Stretch = tuple[int, int]
"""A stretch `(start, end)` of a text."""


class Via(msgspec.Struct, frozen=True, gc=False):
    """One through whom a statement came: in `a statement reported by the Courier` the Courier, with the words that say so."""

    name: str
    source: Stretch
    cue: Stretch


class Statement(msgspec.Struct, frozen=True, gc=False):
    """Who said what: the stretches of the text that name the source, that say it speaks (the cue), and that it says.

    `type` is `direct` where all of the content is quoted, `indirect` where none is, else `mixed`. `kind` is what the source is:
    `person`, `organisation`, `document` or `unnamed`; without a source it is `unnamed`. `name` is who it is, a pronoun and a
    description joined to the name they stand for where a rule can; None where nobody is named. `via` is the chain it came
    through, nearest last. `hedges` are the words of the content that say it is not certain. `rule` is the rule that found it.
    An `implied` statement has no cue of its own: it carries on from another, whose source it has.
    """

    id: str
    type: str
    source: tuple[Stretch, ...]
    cue: tuple[Stretch, ...]
    content: tuple[Stretch, ...]
    kind: str
    name: str | None
    via: tuple[Via, ...]
    hedges: tuple[Stretch, ...]
    rule: str
    implied: bool = False


class Quotation(msgspec.Struct, frozen=True, gc=False):
    """Text between quotation marks, with them; `sure` where both marks stand in the text; the `statement` it is said in."""

    start: int
    end: int
    sure: bool
    statement: str | None = None


class Date(msgspec.Struct, frozen=True, gc=False):
    """A date that stands at `[start, end)` of a text.

    `timex` is its value as in TIMEX3 (`2017-W21`), `mod` narrows it (`START`, `MID`, `END`) or makes it vague (`APPROX`). It
    stands for the days from `first` to `last`, in ISO 8601; None where it is relative and there is no day to go by. `anchor`
    is the day from which a relative one is reckoned.
    """

    start: int
    end: int
    text: str
    timex: str
    mod: str | None
    first: str | None
    last: str | None
    anchor: str | None = None


class Figure(msgspec.Struct, frozen=True, gc=False):
    """A number that a text gives for something, at `[start, end)` with its comparison and its unit.

    `kind` is `count`, `money`, `percentage`, `age` or `measure`; `unit` is what is counted, the currency or the measure.
    `value` is the number, `high` the upper end of a range. `since` and `as_of` are days, months or years as in TIMEX3; `source`
    is who or what gives the number, if the text says so beside it.
    """

    start: int
    end: int
    text: str
    kind: str
    value: float
    high: float | None
    comparison: str | None
    unit: str
    since: str | None = None
    as_of: str | None = None
    source: str | None = None


class Name(msgspec.Struct, frozen=True, gc=False):
    """Somebody or something that a text names: its fullest form, what it is, and the offsets of all its mentions.

    `kind` is `person`, `organisation`, `place` or `other`; `title` is that of a person, as the text has it first.
    """

    name: str
    kind: str
    title: str | None
    mentions: tuple[Stretch, ...]


class Detail(msgspec.Struct, frozen=True, gc=False):
    """A piece of metadata: what is known about a text besides what it says.

    `name` is `headline`, `byline`, `author`, `dateline`, `outlet`, `published`, `updated`, `biography` or `language`; of one
    name the first counts. `rule` says how it is known. `span` is where the text itself says so, `places` are where copies do
    outside of it, `copies` all that say so. It is `implied` where nobody says it in so many words.
    """

    name: str
    value: str
    rule: str
    span: Stretch | None = None
    places: tuple[Place, ...] = ()
    copies: tuple[str, ...] = ()
    implied: bool = False


class Record(msgspec.Struct, frozen=True, gc=False):
    """What a text says: statements, quotations, dates, figures and names, each in the order of the text; and its metadata.

    `anchor` is the day, in ISO 8601, from which dates are reckoned; None where none is known. `anchor_from` is the name of the
    metadata that supplied it, `anchor_copies` are the copies that say so. `note` says why nothing was read, where that is so
    (the rules are for English).
    """

    statements: tuple[Statement, ...]
    quotations: tuple[Quotation, ...]
    dates: tuple[Date, ...] = ()
    figures: tuple[Figure, ...] = ()
    names: tuple[Name, ...] = ()
    anchor: str | None = None
    note: str | None = None
    metadata: tuple[Detail, ...] = ()
    anchor_from: str | None = None
    anchor_copies: tuple[str, ...] = ()
