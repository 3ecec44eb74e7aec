"""A text to its record: tokens and sentences, statements, what carries on, who the sources are; dates, figures and names."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from functools import reduce
from operator import or_

from copydesk.model import Quotation, Record, Statement, Stretch, Via
from copydesk.record.attribution import attribute, triggers
from copydesk.record.carry import Speaker, allegation, figure
from copydesk.record.dates import dates, day
from copydesk.record.figures import figures
from copydesk.record.names import names
from copydesk.record.scan import Found, Range
from copydesk.record.sentences import Sentence, Tokens, tokens
from copydesk.record.sources import UNNAMED, Names, Who, relay
from copydesk.record.tokens import words
from copydesk.record.words import CAP, CLOSED, HEDGE, LOWER, QUOTE, STOP

ENOUGH = 30  # words by which a language is told
ENGLISH = 0.2  # of English words at least so many hold the sentence together; of other languages a few look as if they did
HOLDING = reduce(or_, CLOSED.values())
FOREIGN = "the text is not in English, for which the rules are"


def record(text: str, published: str | None = None) -> Record:
    """What the text says: who said it, through whom, when, how many, and every quotation. Offsets are code points of `text`.

    Dates are reckoned from the day that `published` names, if it does.

    >>> record("The ferry was late, Ames said.").statements[0].name
    'Ames'
    """
    read = words(text)
    t = tokens(read)
    if not _english(t):
        return Record((), tuple(Quotation(*quote) for quote in t.quotes.values()), note=FOREIGN)
    statements = _statements(t)
    numbered = [_statement(t, f"s{n}", found, who) for n, (found, who) in enumerate(statements, 1)]
    whose = {k: s.id for s, (found, _) in zip(numbered, statements, strict=True) for a, b in found.content for k in range(a, b)}
    quotations = tuple(Quotation(*quote, whose.get(i)) for i, quote in t.quotes.items())
    anchor = day(published) if published else None
    found = dates(read, anchor)
    counted, named = figures(read, found), names(text)
    return Record(
        tuple(numbered), quotations, tuple(found), tuple(counted), tuple(named), anchor.isoformat() if anchor else None
    )


def _english(t: Tokens) -> bool:
    """Whether the words are held together by English ones; a short text is taken at its word."""
    counts = Counter(t.bits)
    words = sum(n for bits, n in counts.items() if bits & (CAP | LOWER))
    holding = sum(n for bits, n in counts.items() if bits & (CAP | LOWER) and bits & HOLDING)
    return words < ENOUGH or holding >= ENGLISH * words


def _statements(t: Tokens) -> list[tuple[Found, Who]]:
    """All statements in the order of the text, with who their sources are."""
    statements: list[tuple[Found, Who]] = []
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
            was, who = statements[number]
            statements[number] = (was._replace(content=was.content + tuple(quoted)), who)
            continue
        if not found and (before is None or before.paragraph == sentence.paragraph):
            last = found_before[-1] if found_before else None
            implied = allegation(t, sentence, last) or figure(t, sentence, before, found_before)
            found = [implied] if implied else []
        for one in found:
            who = Who(UNNAMED, None)
            if one.source is not None:
                passed = relay(t, *one.source)
                who = names.who(one.source[0], passed.cue[0] if passed else one.source[1])
            if one.rule.startswith("implied.allegation") or (one.inherits and statements):
                who = next((w for f, w in reversed(statements) if f.source == one.source), who)
            speaker.hears(t, one, len(statements), sentence)
            statements.append((one, who))
        before, found_before = sentence, found
    return [(found, who) for found, who in statements if found.content]


def _statement(t: Tokens, id_: str, found: Found, who: Who) -> Statement:
    """A statement in offsets of the text."""
    source = found.source
    via = [_via(t, *found.via)] if found.via else []
    if source is not None and (passed := relay(t, *source)) is not None:
        source = (source[0], passed.cue[0])
        via.append(_via(t, passed.source, passed.cue))
    implied = found.cue[0] == found.cue[1]
    quoted = [bool(t.bits[k] & QUOTE) for start, end in found.content for k in range(start, end) if not t.bits[k] & STOP]
    return Statement(
        id=id_,
        type="direct" if quoted and all(quoted) else "mixed" if any(quoted) else "indirect",
        source=(_stretch(t, source),) if source else (),
        cue=() if implied else (_stretch(t, found.cue),),
        content=tuple(_stretch(t, part) for part in found.content),
        kind=who.kind,
        name=who.name,
        via=tuple(via),
        hedges=tuple((t.starts[k], t.ends[k]) for start, end in found.content for k in range(start, end) if t.bits[k] & HEDGE),
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
