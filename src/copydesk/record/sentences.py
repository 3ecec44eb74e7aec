"""A text to tokens and sentences, each quotation one token.

A quotation is masked: whatever stands in it, the sentence around it goes on, and no rule reads it as words of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from copydesk.record import cues
from copydesk.record.quotes import MARK, Quote, quotes
from copydesk.record.tokens import Row, Words, words
from copydesk.record.triggers import ENDING, NOTABLE, places
from copydesk.record.words import CAP, CUE, DOTTED, LOWER, NUM, OPEN, QUOTE, STOP, SUBJ, listed

BREAK = re.compile(r"\n\s*")
ENDS = frozenset(".?!:;\"'”’»)]…—")  # what a paragraph ends with where one line feed alone parts it from the next
ABBREVIATIONS = listed("abbreviations")
MAY_END = listed("may_end")
LONGEST_SENTENCE = 250  # tokens; what has more is a list or a table, and is cut so that no rule looks far
CLOSING = frozenset("”\"'’»›")
_QUOTE = bytes([NOTABLE])


class Sentence(NamedTuple):
    """Tokens `[start, end)`, the `paragraph` they stand in, and whether they are `first` in it."""

    start: int
    end: int
    paragraph: int
    first: bool


@dataclass(slots=True)
class Tokens(Row):
    """All tokens of a text, in order; a quotation is one token, nothing in small letters, whose `bits` say QUOTE."""

    marks: bytes
    starts: Sequence[int]
    ends: Sequence[int]
    text: str
    in_capitals: bool
    quotes: dict[int, Quote] = field(default_factory=dict)  # by token
    notable: list[int] = field(default_factory=list)  # tokens that can end a sentence, or without which no statement is made
    sentences: list[Sentence] = field(default_factory=list)

    def word(self, i: int) -> str:
        """Token `i` as it is written."""
        return self.text[self.starts[i] : self.ends[i]]


def tokens(text: str | Words) -> Tokens:
    """The tokens and sentences of a text."""
    read = words(text)
    parts = paragraphs(read.text)
    made = _masked(read, [quote for start, end in parts for quote in _quotes(read.text, start, end)])
    made.notable = places(made.marks, NOTABLE)
    marks = [i for i in made.notable if made.bits[i] & ENDING]
    at = done = 0
    for paragraph, (_, end) in enumerate(parts):
        first, at = at, bisect_left(made.starts, end, at)
        begin, done = done, bisect_left(marks, at, done)
        _split(made, first, at, paragraph, marks[begin:done])
    return made


def _quotes(text: str, start: int, end: int) -> list[Quote]:
    """The quotations of a paragraph."""
    return quotes(text, start, end, cues.attributed()) if MARK.search(text, start, end) else []


def _masked(read: Words, found: list[Quote]) -> Tokens:
    """The tokens of a text with those of each quotation made one."""
    if not found:
        return Tokens(read.low, read.bits, read.marks, read.starts, read.ends, read.text, read.in_capitals)
    low: list[str] = []
    bits: list[int] = []
    marks: list[bytes] = []
    starts: list[int] = []
    ends: list[int] = []
    quotes = {}
    at = 0
    for quote in found:
        first = bisect_left(read.starts, quote.start, at)
        low += read.low[at:first]
        bits += read.bits[at:first]
        starts += read.starts[at:first]
        ends += read.ends[at:first]
        marks += (read.marks[at:first], _QUOTE)
        quotes[len(low)] = quote
        low.append("")
        bits.append(QUOTE)
        starts.append(quote.start)
        ends.append(quote.end)
        at = bisect_left(read.starts, quote.end, first)
    low += read.low[at:]
    bits += read.bits[at:]
    starts += read.starts[at:]
    ends += read.ends[at:]
    marks.append(read.marks[at:])
    return Tokens(tuple(low), tuple(bits), b"".join(marks), starts, ends, read.text, read.in_capitals, quotes)


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Where the paragraphs stand, without the blanks around them.

    A blank line parts them. A line feed alone does, unless the line goes on: it ends without a mark, or in a small letter
    that begins the next line, as where lines are cut at a width.
    """
    found = []
    blank_lines = "\n\n" in text or "\n\r\n" in text
    start = 0
    for match in BREAK.finditer(text):
        end = _without_blanks(text, start, match.start())
        after = match.end()
        if match[0].count("\n") == 1 and end > start and after < len(text):
            goes_on = text[after].islower() or (blank_lines and text[end - 1] not in ENDS)
            if goes_on:
                continue
        if end > start:
            found.append((start, end))
        start = after
    end = _without_blanks(text, start, len(text))
    if end > start:
        found.append((start, end))
    return found


def _without_blanks(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _split(made: Tokens, first: int, last: int, paragraph: int, marks: list[int]) -> None:
    """Add the sentences of a paragraph, which are its tokens `[first, last)`; only those in `marks` can end one."""
    all_bits, sentences = made.bits, made.sentences
    begin = first
    for i in marks:
        while i - begin > LONGEST_SENTENCE:
            sentences.append(Sentence(begin, begin + LONGEST_SENTENCE + 1, paragraph, begin == first))
            begin += LONGEST_SENTENCE + 1
        bit = all_bits[i]
        if bit & STOP:
            ends = _stops(made, i, begin, last)
        elif bit & QUOTE:
            ends = _quote_ends(made, i, last)
        else:
            ends = made.low[i] in MAY_END and _begins(made, i + 1, last) and not _named(made, i, last)
        if ends:
            sentences.append(Sentence(begin, i + 1, paragraph, begin == first))
            begin = i + 1
    while begin < last:
        end = min(last, begin + LONGEST_SENTENCE + 1)
        sentences.append(Sentence(begin, end, paragraph, begin == first))
        begin = end


def _stops(made: Tokens, i: int, begin: int, last: int) -> bool:
    """Whether the mark at `i` ends a sentence: white space and a beginning follow, and it is no dot of an abbreviation."""
    if i + 1 >= last:
        return True
    if made.starts[i + 1] == made.ends[i] and not made.bits[i + 1] & QUOTE:
        return False
    if made.low[i] == "." and i > begin:
        before = made.low[i - 1]
        if made.starts[i] == made.ends[i - 1]:
            if len(before) == 1 and before.isalpha() and made.bits[i - 1] & CAP and before != "i":
                return False
            if before in ABBREVIATIONS and before not in MAY_END and made.bits[i - 1] & (CAP | LOWER):
                return (made.bits[i - 1] & LOWER and before == "no") or False
    return _begins(made, i + 1, last)


def _begins(made: Tokens, i: int, last: int) -> bool:
    """Whether token `i` can begin a sentence."""
    return i >= last or made.in_capitals or bool(made.bits[i] & (CAP | NUM | QUOTE | OPEN)) or not made.bits[i] & LOWER


def _named(made: Tokens, i: int, last: int) -> bool:
    """Whether what follows `U.S.` goes on with it: a capital that is no word sentences begin with."""
    return (
        i + 1 < last
        and bool(made.bits[i + 1] & CAP)
        and made.low[i] not in ("a.m.", "p.m.")
        and not (made.bits[i + 1] & ~(CAP | CUE | LOWER | DOTTED))
    )


def _quote_ends(made: Tokens, i: int, last: int) -> bool:
    """Whether a sentence ends with the quotation at `i`.

    It does where the quotation ends with a full stop of its own and a capital follows, or with a question mark or none of a
    sentence's marks, where nobody is said to have asked: `“Why?” Ames asked.` goes on.
    """
    if i + 1 >= last:
        return True
    text = made.text
    end = made.ends[i] - 1
    while end > made.starts[i] and (text[end] in CLOSING or text[end].isspace()):
        end -= 1
    mark = text[end]
    if mark not in ".?!…" or not _begins(made, i + 1, last):
        return False
    if mark == ".":
        return True
    for j in range(i + 1, min(i + 10, last)):  # Ames asked
        bit = made.bits[j]
        if bit & CUE:
            return False
        if bit & (STOP | QUOTE) and made.low[j - 1] not in ABBREVIATIONS:
            return True
        if bit & SUBJ and j > i + 1:
            return True
    return True
