"""A text to its record: tokens and sentences, statements, what carries on, who the sources are; dates, figures and names."""

from __future__ import annotations

from copydesk.model import Edition, Quotation, Record, Statement, Stretch, Via
from copydesk.record.attribution import attribute
from copydesk.record.carry import Speaker, allegation, figure
from copydesk.record.dates import dates
from copydesk.record.figures import figures
from copydesk.record.metadata import anchor, metadata
from copydesk.record.names import names
from copydesk.record.scan import Found, Range
from copydesk.record.sentences import Sentence, Tokens, tokens
from copydesk.record.sources import UNNAMED, Names, Who, relay
from copydesk.record.words import CAP, CLOSED, HEDGE, LOWER, QUOTE, STOP

ENOUGH = 30  # words by which a language is told
ENGLISH = 0.2  # of English words at least so many hold the sentence together; of other languages a few look as if they did
FOREIGN = "the text is not in English, for which the rules are"


def record(text: str, published: str | None = None, edition: Edition | None = None) -> Record:
    """What the text says: who said it, through whom, when, how many, and every quotation. Offsets are code points of `text`.

    Dates are reckoned from the day that `published` names, or else the metadata. Of an `edition`, whose text it is, the
    metadata are what its copies and its boilerplate say, too.

    >>> record("The ferry was late, Ames said.").statements[0].name
    'Ames'
    """
    t = tokens(text)
    about = metadata(text, published, edition)
    if not _english(t):
        return Record((), tuple(Quotation(*quote) for quote in t.quotes.values()), note=FOREIGN, metadata=about)
    statements = _statements(t)
    numbered = [_statement(t, f"s{n}", found, who) for n, (found, who) in enumerate(statements, 1)]
    whose = {k: s.id for s, (found, _) in zip(numbered, statements, strict=True) for a, b in found.content for k in range(a, b)}
    quotations = tuple(Quotation(*quote, whose.get(i)) for i, quote in t.quotes.items())
    since, supplied = anchor(about) or (None, None)
    found = dates(text, since)
    counted, named = figures(text, found), names(text)
    return Record(
        tuple(numbered),
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
    words = [bits for bits in t.bits if bits & (CAP | LOWER)]
    if len(words) < ENOUGH:
        return True
    holding = 0
    for bit in CLOSED.values():
        holding |= bit
    return sum(1 for bits in words if bits & holding) >= ENGLISH * len(words)


def _statements(t: Tokens) -> list[tuple[Found, Who]]:
    """All statements in the order of the text, with who their sources are."""
    statements: list[tuple[Found, Who]] = []
    names = Names(t)
    speaker = Speaker()
    before: Sentence | None = None
    found_before: list[Found] = []
    for sentence in t.sentences:
        found = attribute(t, sentence)
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
