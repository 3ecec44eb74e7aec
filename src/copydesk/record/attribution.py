"""Who said it: the rules that find source, cue and content in a sentence, in the order they are tried.

What stands at the end of a sentence is looked at first (“C, Ames said.”, “C, according to Ames”), for it claims what stands
before it; then, from left to right, what no rule has claimed yet. A rule looks a bounded way around its cue, or to the end of
the sentence once, so a text takes time in proportion to its length.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from operator import attrgetter

from copydesk.record.after import ASKED, asked, coordinated, direct, expected, noun, participle
from copydesk.record.before import according, final, inverted
from copydesk.record.cues import ING
from copydesk.record.scan import Found, Range, Scan, scan, verb_at
from copydesk.record.sentences import Sentence, Tokens
from copydesk.record.words import (
    ACCORDING,
    CLOSE,
    CUE,
    NOUN_CUE,
    OPEN,
    STOP,
)  # fmt: skip

PASSIVE, ENDING_ING, AFTER = (expected,), (direct, participle), (direct, coordinated)  # by the form of the cue
_CUE = attrgetter("cue")


def triggers(t: Tokens) -> list[int]:
    """The tokens of a text without which no statement is made."""
    return [i for i in t.notable if t.bits[i] & (CUE | NOUN_CUE | ACCORDING)]


def attribute(t: Tokens, sentence: Sentence, triggers: list[int]) -> list[Found]:
    """The statements of one sentence, in the order of their cues; `triggers` are those in it."""
    first, last = sentence.start, sentence.end
    if t.bits[first] & OPEN and t.bits[last - 1] & CLOSE:
        first, last = first + 1, last - 1
    while last > first and t.bits[last - 1] & STOP:
        last -= 1
    s = scan(t, first, last)
    places = [i - first for i in triggers]
    claimed = bytearray(last - first)  # the tokens of cues and contents found so far
    _pass(s, places, _before, claimed)
    _pass(s, places, _after, claimed)
    found = [_moved(found, first) for found in s.found]
    found.sort(key=_CUE)
    return found


def _pass(s: Scan, triggers: list[int], rules: Callable[[Scan, int], Found | None], claimed: bytearray) -> None:
    """Try the rules on each trigger that nothing found has claimed; the first that applies claims what it says."""
    for i in triggers:
        if claimed[i] or (found := rules(s, i)) is None:
            continue
        s.found.append(found)
        for start, end in (found.cue, *found.content):
            claimed[start:end] = b"\1" * (end - start)
        if found.rule == "direct.speech" and (inner := _within(s, found)) is not None and _apart(inner):
            s.found.append(inner)


def _before(s: Scan, i: int) -> Found | None:
    """The rules for what is said before its cue, in their order."""
    if s.bits[i] & ACCORDING:
        return _kept(according(s, i))
    verb = verb_at(s, i)
    return None if verb is None else _kept(inverted(s, verb)) or _kept(final(s, verb))


def _after(s: Scan, i: int) -> Found | None:
    """The rules for what is said after its cue, in their order."""
    if s.low[i] in ASKED and (found := _kept(asked(s, i))) is not None:
        return found
    if (verb := verb_at(s, i)) is not None:
        for rule in PASSIVE if verb.passive else ENDING_ING if verb.cue.form == ING else AFTER:
            if (found := _kept(rule(s, verb))) is not None:
                return found
    return _kept(noun(s, i)) if s.bits[i] & NOUN_CUE else None


def _kept(found: Found | None) -> Found | None:
    return found if found is not None and _apart(found) else None


def _moved(found: Found, by: int) -> Found:
    """A statement with its tokens counted from the beginning of the text."""

    def moved(part: Range) -> Range:
        return part[0] + by, part[1] + by

    rule, source, cue, content, kind, inherits, via = found
    return Found(
        rule,
        moved(source) if source else None,
        moved(cue),
        tuple([moved(part) for part in content]),
        kind,
        inherits,
        (moved(via[0]), moved(via[1])) if via else None,
    )


def _apart(found: Found) -> bool:
    """Whether source, cue and content stand apart; where they run into one another the sentence was misread."""
    parts = sorted((*found.content, found.cue, *([found.source] if found.source else [])))
    return all(end <= start for (_, end), (start, _) in pairwise(parts))


def _within(s: Scan, outer: Found) -> Found | None:
    """`Ames said that Brandt had denied it`: what Brandt denies, which comes through Ames."""
    if not outer.content or outer.source is None:
        return None
    start, end = outer.content[0]
    first = start + 1 if s.low[start] == "that" else start
    for i in range(first + 1, min(end, first + 8)):
        if (verb := verb_at(s, i)) is not None and (found := direct(s, verb)) is not None:
            if found.kind == "speech" and found.source is not None and found.source[0] == first:
                content = tuple([(a, min(b, end)) for a, b in found.content if a < end])
                if content or not found.content:
                    return found._replace(rule="within", content=content, via=(outer.source, outer.cue))
            return None
    return None
