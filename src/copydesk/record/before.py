"""The rules for what is said before its cue: `C, Ames said.`, `“C,” said Ames.`, `C, according to Ames`.

Each takes a sentence and the token of a cue, gives a `Found` or None, and shows in its docstring what it is for.
"""

from __future__ import annotations

from copydesk.record.clauses import (
    addressee,
    clause_end,
    content_start,
    ends_after,
    goes_on,
    has_clause,
    said_before,
    skip_aside,
    with_colon,
)
from copydesk.record.cues import BASE, PAST, THIRD
from copydesk.record.phrases import noun_after
from copydesk.record.scan import SAYING, Found, Range, Scan, Verb, subject_at
from copydesk.record.words import (
    ADJ,
    ADV,
    CAP,
    COLON,
    COMMA,
    COORD,
    DASH,
    DET,
    ING_FORM,
    LOWER,
    NUM,
    OBJ,
    POSS,
    PREP,
    QUOTE,
    REL,
    SUB,
    SUBJ,
    TIME,
)  # fmt: skip

SAID = SAYING | {"thought"}
# Verbs of which something is said wherever they end a sentence.
TELLING = frozenset({"say", "tell", "report", "add", "note", "write", "explain"})


def according(s: Scan, i: int) -> Found | None:
    """`The ferry was late, according to the harbour office`."""
    if s.low[i] != "according" or s.low[i + 1] != "to":
        return None
    initial = i == 0 or (i == 1 and bool(s.bits[0] & COORD))
    end = noun_after(s, i + 2, s.last, leads=initial)
    if end <= i + 2:
        return None
    source, cue = (i + 2, end), (i, i + 2)
    after = end + 1 if s.bits[end] & COMMA else end
    before = i - 1 if s.bits[i - 1] & (COMMA | DASH) else i
    start = content_start(s, i)
    if initial:
        stop = clause_end(s, after, SAYING) if after < s.last else after
        return (
            Found("initial.according", source, cue, ((after, s.last if stop < after else stop),), "speech")
            if after < s.last
            else None
        )
    spans = [(start, before)] if before > start else []
    if (
        s.bits[end] & COMMA
        and end + 1 < s.last
        and s.bits[i - 1] & COMMA
        and not s.bits[end + 1] & (COORD | ING_FORM | REL | SUB)
    ):
        spans.append((end + 1, s.last))
        return Found("middle.according", source, cue, tuple(spans), "speech")
    return Found("final.according", source, cue, tuple(spans), "speech") if spans else None


def final(s: Scan, verb: Verb) -> Found | None:
    """`The ferry was late, Ames said.` and `“The ferry,” Ames said on Monday, “was late.”`."""
    if verb.kinds.isdisjoint(SAID) or verb.passive or "object" in verb.kinds:
        return None
    if not verb.cue.form & (PAST | THIRD | BASE) and verb.start == verb.at:
        return None
    who = subject_at(s, verb.start)
    if who is None or who.start <= 0 or s.bits[who.start] & REL:
        return None
    as_said = s.low[who.start - 1] == "as"
    left = who.start - 2 if as_said else who.start - 1
    if not s.bits[left] & (COMMA | QUOTE | DASH):
        return None
    after = _addressed(s, verb)
    quoted = bool(s.bits[left] & QUOTE or (s.bits[left] & COMMA and s.bits[left - 1] & QUOTE))
    if not (_ends_quotation(s, verb, left, after) if quoted else _ends_clause(s, verb, after)):
        return None
    content = _around(s, verb, left, quoted, as_said)
    if content is None:
        return None
    kind = "speech" if "speech" in verb.kinds else "thought"
    cue = (verb.start, with_colon(s, verb.end))
    return Found("final.as" if as_said else "final.said", (who.start, who.end), cue, content, kind)


def _addressed(s: Scan, verb: Verb) -> int:
    """The end of the verb and of those who are told."""
    return addressee(s, verb.end) if "addressed" in verb.kinds else verb.end


def _ends_clause(s: Scan, verb: Verb, after: int) -> bool:
    """Whether a verb after a clause attributes it: it needs no quotation, and nothing but when and where follows."""
    alone = "speech" in verb.kinds and "quoting" not in verb.kinds
    return (alone or "thought" in verb.kinds) and ends_after(s, after)


def _ends_quotation(s: Scan, verb: Verb, left: int, after: int) -> bool:
    """Whether a verb after the quotation at `left` attributes it, and not what follows the verb."""
    if "thought" in verb.kinds and "speech" not in verb.kinds:
        return False
    if ends_after(s, after):
        return True
    follows = s.bits[skip_aside(s, after)] & (QUOTE | COLON | PREP | ADV | COMMA | TIME | SUB | NUM)
    if _plain(s, left) or not (follows or s.bits[left] & QUOTE):
        return False
    opens = s.bits[0]  # Asked if it was “late,” Ames said it was.
    return bool(opens & QUOTE) or not (opens & (PREP | SUB | ING_FORM) or s.low[0] in ("asked", "pressed"))


def _around(s: Scan, verb: Verb, left: int, quoted: bool, as_said: bool) -> tuple[Range, ...] | None:
    """What is said before an attribution and after it."""
    start = content_start(s, left)
    content = said_before(s, left, start)
    after = _addressed(s, verb)
    rest = goes_on(s, after)
    if after > verb.end and rest and not s.bits[rest[0][0]] & QUOTE:
        rest = ()  # told the Courier, a newspaper
    if rest and s.bits[rest[0][0]] & QUOTE and s.low[start] != "if":  # When asked, Ames said, “I was late.”
        opens = s.bits[start]
        if opens & ING_FORM or (opens & (PREP | SUB) and not quoted):
            return None
    if content is None and left > start:
        aside = rest and not as_said and s.bits[left] & COMMA and s.bits[verb.end] & COMMA  # South Carolina, he said, was
        last = verb.cue.lemma in TELLING and after >= s.last  # Sorry, Ames said.
        content = ((start, left),) if aside or last else None
    return content + rest if content is not None else None


def _plain(s: Scan, left: int) -> bool:
    """Whether the quotation at `left` ends without a mark that leads on to who said it."""
    if not s.bits[left] & QUOTE:
        return False
    body = s.word(left).rstrip("”\"'’»› ")
    return not body or body[-1] not in ",?!—-.…"


def inverted(s: Scan, verb: Verb) -> Found | None:
    """`“The ferry was late,” said Ames, the harbour master`."""
    left = verb.start - 1
    bit = s.bits[left]
    if not bit & (QUOTE | COMMA) or verb.kinds.isdisjoint(SAYING) or "object" in verb.kinds:
        return None
    if not (verb.cue.form & (PAST | THIRD) or s.low[verb.at] == "say") or verb.end != verb.at + 1:
        return None
    if bit & COMMA and not has_clause(s, 0, left):
        return None
    if bit & QUOTE and _plain(s, left):
        return None
    opens = s.bits[verb.end]
    if not opens & (CAP | DET | POSS | LOWER | NUM | SUBJ | ADJ) or (
        opens & (REL | PREP | TIME | OBJ) and not opens & (DET | SUBJ | POSS | CAP)
    ):
        return None
    if bit & COMMA and not s.bits[left - 1] & QUOTE and opens & SUBJ and not opens & DET:
        return None
    end = noun_after(s, verb.end, s.last)
    if end <= verb.end:
        return None
    if (
        bit & COMMA
        and not s.bits[left - 1] & QUOTE
        and (not ends_after(s, end) or "quoting" in verb.kinds or (not opens & CAP and subject_at(s, verb.start)))
    ):
        return None
    content = said_before(s, left, content_start(s, left))
    if content is None:
        return None
    return Found("final.inverted", (verb.end, end), (verb.start, verb.end), content + goes_on(s, end), "speech")
