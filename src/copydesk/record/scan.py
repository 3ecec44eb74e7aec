"""A sentence being read for statements: its tokens, what was found in it, and the cue verbs in their places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from copydesk.record.cues import BASE, ING, PARTICIPLE, PAST, THIRD, Cue, verbs
from copydesk.record.phrases import PAST_ONLY, Phrase, subject, verb_group
from copydesk.record.sentences import Tokens
from copydesk.record.tokens import Row
from copydesk.record.words import (
    ADJ,
    ADV,
    AUX,
    CAP,
    CLOSE,
    COLON,
    COMMA,
    COORD,
    CUE,
    DET,
    ED,
    LOWER,
    NOUN_CUE,
    NUM,
    OBJ,
    POSS,
    PREP,
    QUOTE,
    REL,
    SUB,
    SUBJ,
    VERB,
    listed,
)  # fmt: skip

BEING = listed("being")
PLURAL = listed("plural")
ADRIFT = listed("adrift")
GOING = listed("going")
CONTINUING = listed("continuing")

Range = tuple[int, int]
HEADLINE = 30  # words that a headline has at most
SAYING = frozenset({"speech", "quoting"})


class Found(NamedTuple):
    """A statement in tokens: ranges `[start, end)` of its source, cue and content."""

    rule: str
    source: Range | None
    cue: Range  # empty where the statement is implied
    content: tuple[Range, ...]
    kind: str  # of cue
    inherits: bool = False  # the source is that of the statement before
    via: tuple[Range, Range] | None = None  # source and cue of the statement in which this one stands


BEYOND = 16
"""Tokens that are none, after the last: no rule looks further beyond it, or before the first, which is at the end of a row."""
_NO_WORDS, _NO_BITS = ("",) * BEYOND, (0,) * BEYOND


@dataclass(slots=True)
class Scan(Row):
    """A sentence being read: its tokens, the first of which is 0, and what was found in it so far."""

    t: Tokens
    first: int  # the token of the text that is its first
    last: int  # exclusive; the full stop at the end is left out
    found: list[Found] = field(default_factory=list)
    verbs: dict[int, Verb | None] = field(default_factory=dict)  # by the token of the head
    subjects: dict[int, Phrase | None] = field(default_factory=dict)  # by the first token of the verb

    @property
    def title(self) -> bool:
        """Whether the sentence is written as headlines are: Most of Its Words with Capitals."""
        words = [bit for bit in self.bits[: self.last] if bit & (CAP | LOWER)]
        return len(words) < HEADLINE and 4 * sum(1 for bit in words if bit & CAP) >= 3 * len(words)

    def word(self, i: int) -> str:
        """Token `i` as it is written."""
        return self.t.word(self.first + i)


def scan(t: Tokens, first: int, last: int) -> Scan:
    """The sentence of tokens `[first, last)`."""
    return Scan(t.low[first:last] + _NO_WORDS, t.bits[first:last] + _NO_BITS, t, first, last - first)


def subject_at(s: Scan, start: int) -> Phrase | None:
    """The subject of the verb that begins at token `start`. It is looked for once."""
    if start not in s.subjects:
        s.subjects[start] = subject(s, start, 0)
    return s.subjects[start]


class Verb(NamedTuple):
    """A cue verb in its place: tokens `[start, end)` with auxiliaries and particle, its head at `at`, its cue and kinds."""

    start: int
    at: int
    end: int
    cue: Cue
    kinds: frozenset[str]
    passive: bool


def verb_at(s: Scan, i: int) -> Verb | None:
    """The cue verb whose head is token `i`, unless the word is a noun or an adjective there. It is looked at once."""
    if not s.bits[i] & CUE:
        return None
    if i not in s.verbs:
        s.verbs[i] = _verb(s, i)
    return s.verbs[i]


def _verb(s: Scan, i: int) -> Verb | None:
    cue = verbs().get(s.low[i])
    if cue is None or _is_noun(s, i, cue):
        return None
    start = verb_group(s, i, 0)
    helped = start < i and any(s.bits[k] & AUX for k in range(start, i))
    if s.low[start - 1] == "to" and not helped and not cue.form & ING:
        start = _catenative(s, start - 2)  # continued to say
        if start < 0:
            return None
        helped = True
    if cue.form & (BASE | THIRD) and not cue.form & PAST and not helped and not _in_present(s, i, start, cue):
        return None
    end = i + 1
    kinds = cue.kinds
    for words, its in cue.particles:
        if s.low[end : end + len(words)] == words and end + len(words) <= s.last:
            end += len(words)
            kinds = its
            break
    if not kinds or (end == i + 1 and s.low[end] in ADRIFT):
        return None
    passive = start < i and bool(cue.form & PARTICIPLE) and any(s.low[k] in BEING for k in range(start, i))
    return Verb(start, i, end, cue, kinds, passive)


def _is_noun(s: Scan, i: int, cue: Cue) -> bool:
    """Whether the word before tells that the cue at `i` is a noun, an adjective or of a name: `the report`."""
    near = s.bits[i - 1]
    if s.bits[i] & CAP and i != 0 and not (cue.form & (THIRD | PAST) and s.title):
        return True
    if near & PREP and not cue.form & ING and not near & (ADV | SUB | REL):
        return True
    if s.low[i - 1] == "so" and s.low[i] == "called":
        return True
    if near & (ADJ | ED) and not near & (OBJ | ADV | SUBJ) and not cue.form & (PAST | ING):
        return True
    if s.low[i] in PAST_ONLY:
        return False
    return bool(
        (near & POSS and not near & (OBJ | ADV))
        or (near & NUM and cue.form & PAST)
        or (near & DET and not near & (SUBJ | REL | ADV))
    )


def _in_present(s: Scan, i: int, start: int, cue: Cue) -> bool:
    """Whether a form without an ending, or with -s, is a verb: `polls show`, `he claims`, but not `the plan`."""
    before = s.bits[start - 1]
    if start <= 0 or not (before & (SUBJ | REL | CAP | LOWER | COMMA | CLOSE | QUOTE | COORD) or start < i):
        return False
    if cue.form & BASE and not _plural(s, start - 1):
        return False
    if s.low[i] in ("reports", "states") and not before & (CAP | SUBJ | REL | QUOTE):
        return False
    if s.low[i] == "states" and not (s.low[i + 1] == "that" or s.bits[i + 1] & (COMMA | COLON | QUOTE) or i + 1 == s.last):
        return False
    return not (s.bits[i] & NOUN_CUE and before & (ADJ | DET | POSS))


def _catenative(s: Scan, k: int) -> int:
    """Where `continued` or `went on` at token `k` begins with its auxiliaries, or -1."""
    if s.low[k] == "on" and s.low[k - 1] in GOING:
        return verb_group(s, k - 1, 0)
    return verb_group(s, k, 0) if s.low[k] in CONTINUING else -1


def _plural(s: Scan, i: int) -> bool:
    """Whether the phrase that ends at `i` can be the subject of a verb without an ending: `officials in Orle`, `A and B`."""
    for k in range(i, max(0, i - 8) - 1, -1):
        bit = s.bits[k]
        if bit & PREP and k > 0 and _plural_word(s, k - 1):
            return True
        if s.low[k] == "and" and s.bits[k + 1] & (CAP | DET) and s.bits[i] & CAP:
            return True
        if not bit & (CAP | DET | LOWER | PREP) or bit & (AUX | SUB | VERB):
            break
    return _plural_word(s, i)


def _plural_word(s: Scan, i: int) -> bool:
    low = s.low[i]
    bit = s.bits[i]
    if bit & (REL | CLOSE | COMMA | NUM) or low in PLURAL:
        return True
    return bool(bit & (CAP | LOWER)) and low.endswith(("s", "’", "'")) and not low.endswith(("ss", "us", "'s", "’s"))
