"""A text to its record: tokens and sentences, statements, what carries on, who the sources are; dates, figures and names."""

from __future__ import annotations

from bisect import bisect_left
from itertools import islice
from typing import NamedTuple

from copydesk.model import Edition, Quotation, Record, Statement, Stretch, Via
from copydesk.record.attribution import attribute, triggers
from copydesk.record.carry import Speaker, allegation, figure
from copydesk.record.cues import hedges
from copydesk.record.dates import dates
from copydesk.record.figures import figures
from copydesk.record.metadata import anchor, metadata
from copydesk.record.names import names
from copydesk.record.scan import Found, Range
from copydesk.record.sentences import Sentence, Tokens, tokens
from copydesk.record.sources import UNNAMED, Names, Relay, Who, relay
from copydesk.record.tokens import words
from copydesk.record.triggers import ENGLISH, WORDED, count
from copydesk.record.words import QUOTE, STOP

ENOUGH = 30  # words by which a language is told
STRETCHES, STRETCH = 20, 60  # how many stretches of a text are looked at for it, of how many tokens
LEAST_ENGLISH = 0.12  # of English words so many hold the sentence together and are no words of other languages
NEAR = 60  # statements among which the one is that another takes its source from
FOREIGN = "the text is not in English, for which the rules are"


class _Said(NamedTuple):
    """A statement, who its source is, through whom it came, and what is said, which sentences after its own may go on with."""

    found: Found
    who: Who
    passed: Relay | None
    content: list[Range]


def record(text: str, published: str | None = None, edition: Edition | None = None) -> Record:
    """What the text says: who said it, through whom, when, how many, and every quotation. Offsets are code points of `text`.

    Dates are reckoned from the day that `published` names, or else the metadata. Of an `edition`, whose text it is, the
    metadata are what its copies and its boilerplate say, too.

    >>> record("The ferry was late, Ames said.").statements[0].name
    'Ames'
    """
    read = words(text)
    t = tokens(read)
    about = metadata(text, published, edition)
    if not _english(t):
        return Record((), tuple(Quotation(*quote) for quote in t.quotes.values()), note=FOREIGN, metadata=about)
    said = _statements(t)
    statements = tuple([_statement(t, f"s{n}", one) for n, one in enumerate(said, 1)])
    quotations = tuple([Quotation(*quote, whose) for quote, whose in zip(t.quotes.values(), _whose(t, said), strict=True)])
    since, supplied = anchor(about) or (None, None)
    found = dates(read, since)
    counted, named = figures(read, found), names(text)
    return Record(
        statements,
        quotations,
        tuple(found),
        tuple(counted),
        tuple(named),
        since.isoformat() if since else None,
        metadata=about,
        anchor_from=supplied.name if supplied else None,
        anchor_copies=supplied.copies if supplied else (),
    )


def _english(t: Tokens) -> bool:
    """Whether the words are held together by English ones; a short text is taken at its word."""
    apart = max(STRETCH, len(t.marks) // STRETCHES)
    sample = b"".join([t.marks[at : at + STRETCH] for at in range(0, len(t.marks), apart)])
    words = count(sample, WORDED)
    return words < ENOUGH or count(sample, ENGLISH) >= LEAST_ENGLISH * words


def _statements(t: Tokens) -> list[_Said]:
    """All statements in the order of the text, with who their sources are."""
    said: list[_Said] = []
    names = Names(t)
    speaker = Speaker()
    before: Sentence | None = None
    found_before: list[Found] = []
    places = triggers(t)
    at = 0
    for sentence in t.sentences:
        begin, at = at, bisect_left(places, sentence.end, at)
        found = attribute(t, sentence, places[begin:at]) if at > begin else []
        if not found and (carried := speaker.goes_on(t, sentence)) is not None:
            number, quoted = carried
            said[number].content.extend(quoted)
            continue
        if not found and (before is None or before.paragraph == sentence.paragraph):
            last = found_before[-1] if found_before else None
            implied = allegation(t, sentence, last) or figure(t, sentence, before, found_before)
            found = [implied] if implied else []
        for one in found:
            who, passed = Who(UNNAMED, None), None
            if one.source is not None:
                passed = relay(t, *one.source)
                who = names.who(one.source[0], passed.cue[0] if passed else one.source[1])
            if one.rule == "implied.allegation" or one.inherits:
                near = islice(reversed(said), NEAR)
                who = next((other.who for other in near if other.found.source == one.source), who)
            speaker.hears(t, one, len(said), sentence)
            said.append(_Said(one, who, passed, list(one.content)))
        before, found_before = sentence, found
    return [one for one in said if one.content]


def _whose(t: Tokens, said: list[_Said]) -> list[str | None]:
    """The statement that each quotation of a text is content of, or None."""
    places = list(t.quotes)
    whose: list[str | None] = [None] * len(places)
    for n, one in enumerate(said, 1):
        for start, end in one.content:
            for at in range(bisect_left(places, start), bisect_left(places, end)):
                whose[at] = f"s{n}"
    return whose


def _statement(t: Tokens, id_: str, one: _Said) -> Statement:
    """A statement in offsets of the text."""
    found, who, passed, content = one
    source = found.source
    via = [_via(t, *found.via)] if found.via else []
    if source is not None and passed is not None:
        source = (source[0], passed.cue[0])
        via.append(_via(t, passed.source, passed.cue))
    implied = found.cue[0] == found.cue[1]
    quoted = any(QUOTE in t.bits[start:end] for start, end in content)
    all_of_it = quoted and all(bit & (QUOTE | STOP) for start, end in content for bit in t.bits[start:end])
    hedged = [k for start, end in content if not hedges().isdisjoint(t.low[start:end]) for k in range(start, end)]
    return Statement(
        id=id_,
        type="direct" if all_of_it else "mixed" if quoted else "indirect",
        source=(_stretch(t, source),) if source else (),
        cue=() if implied else (_stretch(t, found.cue),),
        content=tuple([_stretch(t, part) for part in content]),
        kind=who.kind,
        name=who.name,
        via=tuple(via),
        hedges=tuple([(t.starts[k], t.ends[k]) for k in hedged if t.low[k] in hedges()]),
        rule=found.rule,
        implied=implied,
    )


def _via(t: Tokens, source: Range, cue: Range) -> Via:
    start, end = source
    while start < end - 1 and t.low[start] in ("the", "a", "an"):
        start += 1
    return Via(t.text[t.starts[start] : t.ends[end - 1]], _stretch(t, source), _stretch(t, cue))


def _stretch(t: Tokens, part: Range) -> Stretch:
    return t.starts[part[0]], t.ends[part[1] - 1]
