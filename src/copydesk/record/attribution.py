"""Who said it: the rules that find source, cue and content in a sentence, in the order they are tried.

What stands at the end of a sentence is looked at first (“C, Ames said.”, “C, according to Ames”), for it claims what stands
before it; then, from left to right, what no rule has claimed yet. A rule looks a bounded way around its cue, or to the end of
the sentence once, so a text takes time in proportion to its length.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from copydesk.record.after import asked, coordinated, direct, expected, noun, participle
from copydesk.record.before import according, final, inverted
from copydesk.record.scan import Found, Scan
from copydesk.record.sentences import Sentence, Tokens
from copydesk.record.words import (
    ACCORDING,
    CLOSE,
    CUE,
    NOUN_CUE,
    OPEN,
    STOP,
)  # fmt: skip

Rule = Callable[[Scan, int], Found | None]
BEFORE: tuple[Rule, ...] = (according, inverted, final)
AFTER: tuple[Rule, ...] = (asked, expected, direct, coordinated, participle, noun)


def triggers(t: Tokens) -> list[int]:
    """The tokens of a text without which no statement is made."""
    return [i for i, bit in enumerate(t.bits) if bit & (CUE | NOUN_CUE | ACCORDING)]


def attribute(t: Tokens, sentence: Sentence, triggers: list[int]) -> list[Found]:
    """The statements of one sentence, in the order of their cues; `triggers` are those in it."""
    first, last = sentence.start, sentence.end
    if t.bits[first] & OPEN and t.bits[last - 1] & CLOSE:
        first, last = first + 1, last - 1
    while last > first and t.bits[last - 1] & STOP:
        last -= 1
    s = Scan(t, first, last)
    claimed = bytearray(last - first)  # the tokens of cues and contents found so far
    _pass(s, triggers, BEFORE, claimed)
    _pass(s, triggers, AFTER, claimed)
    return sorted(s.found, key=lambda found: found.cue)


def _pass(s: Scan, triggers: list[int], rules: tuple[Rule, ...], claimed: bytearray) -> None:
    """Try the rules on each trigger that nothing found has claimed; the first that applies claims what it says."""
    for i in triggers:
        if claimed[i - s.first]:
            continue
        found = next((found for rule in rules if (found := rule(s, i)) is not None and _apart(found)), None)
        if found is None:
            continue
        s.found.append(found)
        for start, end in (found.cue, *found.content):
            claimed[start - s.first : end - s.first] = b"\1" * (end - start)
        if found.rule == "direct.speech" and (inner := _within(s, found)) is not None and _apart(inner):
            s.found.append(inner)


def _apart(found: Found) -> bool:
    """Whether source, cue and content stand apart; where they run into one another the sentence was misread."""
    parts = sorted((*found.content, found.cue, *([found.source] if found.source else [])))
    return all(one[1] <= other[0] for one, other in pairwise(parts))


def _within(s: Scan, outer: Found) -> Found | None:
    """`Ames said that Brandt had denied it`: what Brandt denies, which comes through Ames."""
    if not outer.content or outer.source is None:
        return None
    start, end = outer.content[0]
    first = start + 1 if s.low(start) == "that" else start
    for i in range(first + 1, min(end, first + 8)):
        if s.bit(i) & CUE and (found := direct(s, i)) is not None:
            if found.kind == "speech" and found.source is not None and found.source[0] == first:
                return found._replace(
                    rule="within", content=tuple((a, min(b, end)) for a, b in found.content), via=(outer.source, outer.cue)
                )
            return None
    return None
