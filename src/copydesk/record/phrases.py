"""Noun phrases by rule: the one that ends before a verb, the one that begins after a word, the words of a verb.

All functions take tokens and the bounds of a sentence (`first` inclusive, `last` exclusive) and give token numbers.
Whether a word is a noun is told by what it is not: no function word, no verb where a verb can stand.
"""

from __future__ import annotations

from typing import NamedTuple

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
    DASH,
    DET,
    ED,
    ING_FORM,
    LOWER,
    NEG,
    NOUN_CUE,
    NUM,
    OBJ,
    OPEN,
    POSS,
    PREP,
    QUOTE,
    REL,
    SEMI,
    STOP,
    SUB,
    SUBJ,
    TIME,
    VERB,
    WORD,
    irregular_pasts,
    listed,
)  # fmt: skip

LONGEST = 40  # tokens of a noun phrase
VENUES = listed("venues")
AROUND = listed("around")
PAST_ONLY = listed("past") | (irregular_pasts() - listed("past_or_noun"))
RELEASED = listed("released")
HARD = COLON | SEMI | QUOTE


class Phrase(NamedTuple):
    """Tokens `[start, end)` of a noun phrase."""

    start: int
    end: int


def verb_group(t: Row, i: int, first: int) -> int:
    """The first token of the verb whose last word is token `i`: `has also said` begins with `has`."""
    while i > first and t.bits[i - 1] & (AUX | NEG | ADV) and not t.bits[i - 1] & (SUBJ | DET | TIME):
        i -= 1
    return i


def nominal(t: Row, k: int, first: int) -> bool:
    """Whether token `k` reads as a noun or what belongs to one, given what stands before it."""
    bit = t.bits[k]
    if bit & (SUBJ | OBJ) and not bit & (DET | POSS):
        return False
    if bit & (PREP | COORD | SUB | REL | AUX | NEG) and not bit & DET:
        return False
    if bit & (VERB | CUE | ED | ING_FORM) and not bit & CAP:
        if t.low[k] in PAST_ONLY:
            return False
        before = t.bits[k - 1] if k > first else 0
        if not before & WORD and not t.low[k].endswith(("s", "ed", "ing")) and k + 1 < len(t.bits):
            return bool(t.bits[k + 1] & (CAP | LOWER))  # campaign manager Ames
        if bit & NOUN_CUE or not bit & (VERB | CUE):
            return bool(before & (DET | POSS | ADJ | CAP | LOWER | NUM | PREP)) or not before
        return bool(before & (DET | POSS | ADJ | NUM)) or (bool(before & (CAP | LOWER)) and not bit & ED)
    return bool(bit & (DET | POSS | ADJ | NUM | CAP | LOWER | TIME))


def begins_phrase(t: Row, k: int) -> bool:
    """Whether nothing of a noun phrase stands before token `k`: it is an article or the like, or `his` (but not `Ames’s`)."""
    bit = t.bits[k]
    return bool(bit & DET) or bool(bit & POSS and not bit & CAP and "'" not in t.low[k] and "’" not in t.low[k])


def noun_before(t: Row, j: int, first: int) -> int:
    """The first token of the noun phrase whose last token is `j`, or `j + 1` where there is none."""
    k = j
    start = j + 1
    floor = max(first, j - LONGEST)
    while k >= floor:
        if t.bits[k] & COORD and not t.bits[k] & ADV:
            return start if k == j or t.low[k] in ("but", "nor", "yet") else _joined(t, k, first, start)
        before = _leads_on(t, k, j, first)
        if before < k:
            if before < 0:
                break
            k = before
            continue
        if not _is_part(t, k, j, first):
            break
        start = k
        if begins_phrase(t, k) and k > first and not t.bits[k - 1] & (PREP | COORD | DET | ADV):
            break
        k -= 1
    return _trimmed(t, start, j + 1)


def _leads_on(t: Row, k: int, j: int, first: int) -> int:
    """Where a phrase that ends at `j` goes on before a mark or a binding word at `k`: -1 not at all; `k` is no such token."""
    bit = t.bits[k]
    if t.low[k] == "/":
        return k - 1
    if bit & CLOSE:
        opened = (
            opening(t, k, first) if k == j else -1
        )  # before other words it is a dateline’s, or what the phrase begins after
        return opened - 1 if opened > 0 else -1
    if bit & STOP:
        return k - 1 if t.low[k] == "." and k > first else -1
    if bit & (HARD | COMMA | DASH | OPEN):
        return -1
    if bit & PREP and not bit & (DET | SUB):
        return k - 1 if k not in (first, j) and _noun_ends(t, k - 1, first) else -1
    if bit & (SUB | REL | AUX | NEG) and not bit & DET:
        return -1
    if bit & ADV and not bit & (DET | ADJ):
        return k - 1 if k > first and t.bits[k - 1] & (DET | POSS | ADV) else -1
    return k


def _is_part(t: Row, k: int, j: int, first: int) -> bool:
    """Whether the word at `k` is part of the phrase that ends at `j`: a noun and its like, or a participle after one."""
    bit = t.bits[k]
    verbal = bit & (VERB | ED | CUE | ING_FORM) and not bit & CAP
    if k == j and not bit & (SUBJ | OBJ | REL) and t.low[k] not in PAST_ONLY:
        return not (verbal and bit & ED and bit & (VERB | CUE) and k > first and t.bits[k - 1] & CAP)  # Ames pushed
    if not verbal or nominal(t, k, first):
        return nominal(t, k, first)
    if k == first or (bit & CUE and t.low[k] in PAST_ONLY) or not _noun_ends(t, k - 1, first):
        return False
    follows = t.bits[k + 1] & (PREP | TIME) or bit & ING_FORM
    return bool(follows and (bit & (ED | ING_FORM) or t.low[k] in RELEASED))  # a poll taken in May


def _noun_ends(t: Row, k: int, first: int) -> bool:
    """Whether token `k` can be the last of a noun phrase."""
    bit = t.bits[k]
    if bit & CLOSE or (t.low[k] == "." and k > first):
        return True
    if bit & (PREP | SUB | COORD | AUX | NEG | REL) and not bit & DET:
        return False
    return (
        bool(bit & (CAP | LOWER | NUM)) and (not bit & (VERB | ED | CUE | ING_FORM) or nominal(t, k, first)) and not bit & ADV
    )


def _trimmed(t: Row, start: int, end: int) -> int:
    """The start without adverbs, days and conjunctions that lead the phrase in."""
    while start < end - 1:
        bit = t.bits[start]
        if (
            (bit & (COORD | PREP | SUB) and not bit & DET)
            or (bit & ADV and not bit & (DET | ADJ))
            or (bit & TIME and not bit & POSS and t.bits[start + 1] & (CAP | DET | POSS) and not t.bits[start + 1] & TIME)
            or t.low[start] in (".",)
        ):
            start += 1
        else:
            break
    return start


def _joined(t: Row, k: int, first: int, start: int) -> int:
    """Where `X, Y and Z` begins, given the conjunction at `k` and the start of Z; Z alone where a clause stands before it."""
    left = k - 1
    begin = start
    floor = max(first, k - LONGEST)
    while left >= floor:
        item = left
        while item >= floor and not t.bits[item] & (HARD | COMMA | DASH | OPEN | CLOSE):
            bit = t.bits[item]
            if (bit & (SUB | REL | SUBJ | OBJ) and not bit & (DET | POSS | PREP)) or bit & COORD:
                break
            if bit & (AUX | NEG) or (bit & (VERB | CUE | ED) and not nominal(t, item, first)):
                return begin
            item -= 1
        if item == left or not nominal(t, left, first):
            return begin
        candidate = _trimmed(t, item + 1, left + 1)
        if t.bits[item + 1] & PREP and not t.bits[item + 1] & DET:
            return begin  # In Iowa and Ohio officials said
        begin = candidate
        listed_on = item > max(first, floor) and t.bits[item] & COMMA and candidate == item + 1
        after, before = t.bits[item + 1], t.bits[item - 1]
        if not listed_on or not after & (CAP | DET | POSS | LOWER) or not before & (CAP | LOWER) or before & TIME:
            return begin
        left = item - 1
    return begin


def opening(t: Row, k: int, first: int) -> int:
    """The bracket that the one at `k` closes, or -1."""
    for j in range(k - 1, max(first, k - 14) - 1, -1):
        if t.bits[j] & OPEN:
            return j
    return -1


def subject(t: Row, g: int, first: int) -> Phrase | None:
    """Who does what the verb beginning at token `g` says: the phrase before it, its apposition included."""
    j = g - 1
    if j < first:
        return None
    bit = t.bits[j]
    if bit & REL:
        if t.low[j] == "that" and not (j > first and _noun_ends(t, j - 1, first) and not t.bits[j - 1] & VERB):
            return None
        return Phrase(j, j + 1)
    if bit & SUBJ and not (bit & DET and j > first and t.bits[j - 1] & (DET | POSS | ADJ | PREP)):
        start = j
        if j > first + 1 and t.low[j - 1] == "and" and nominal(t, j - 2, first):
            start = _joined(t, j - 1, first, j)
        return Phrase(start, j + 1)
    if bit & OBJ and not bit & POSS:  # "some of them said"
        if j > first + 1 and t.low[j - 1] == "of" and t.bits[j - 2] & (SUBJ | DET | NUM | LOWER):
            start = noun_before(t, j - 2, first)
            return Phrase(min(start, j - 2), j + 1)
        return None
    if bit & COMMA:
        return _with_apposition(t, j, first)
    end = j + 1
    while end - 1 > first and (t.bits[end - 1] & TIME or t.low[end - 1] in AROUND) and not t.bits[end - 1] & POSS:
        end -= 1
        if t.bits[end - 1] & PREP and end - 1 > first:
            end -= 1
    if end - 1 < first or t.bits[end - 1] & (COMMA | HARD | SUB | AUX):
        end = j + 1
    start = noun_before(t, end - 1, first)
    if start >= end or (start > first and t.bits[start - 1] & (ED | VERB | CUE | PREP | AUX | ADV)):
        start = _with_relative(t, start, end, first)
    if start >= end:
        return None
    if not any(
        (t.bits[k] & (CAP | LOWER) and not t.bits[k] & (PREP | ADV | TIME)) or t.bits[k] & (SUBJ | NUM)
        for k in range(start, end)
    ):
        return None
    return Phrase(start, end)


def _with_relative(t: Row, start: int, end: int, first: int) -> int:
    """`a clerk who asked not to be named` before a verb: from before the relative clause that ends at `end`, if one does."""
    if t.bits[end - 1] & COORD:
        return start
    for k in range(start - 1, max(first, end - 16), -1):
        bit = t.bits[k]
        if bit & (COMMA | HARD | DASH):
            break
        if (bit & REL and (t.low[k] != "that" or t.bits[k + 1] & AUX or t.low[k + 1] in PAST_ONLY)) or t.low[k] == "whose":
            if _noun_ends(t, k - 1, first):
                return noun_before(t, k - 1, first)
            break
    return start


def _with_apposition(t: Row, comma: int, first: int) -> Phrase | None:
    """`Ames, the mayor of Orle,` before a verb: to the comma that opens the apposition, and on to the noun before it."""
    tried = 0
    for c in range(comma - 2, max(first, comma - LONGEST) - 1, -1):
        bit = t.bits[c]
        if bit & (HARD | DASH):
            return None
        if not bit & COMMA:
            continue
        tried += 1
        if tried > 4:
            return None
        opens = t.bits[c + 1]
        if c == first or not (_noun_ends(t, c - 1, first)):
            continue
        aside = bool(opens & (PREP | ING_FORM | ED | ADV | TIME)) and not opens & (DET | ADJ | CAP)
        if t.low[c + 1] == "now" or (opens & NUM):
            aside = False
        if opens & (SUBJ | COORD | AUX) and not opens & (DET | REL | SUB):
            continue
        aside = aside or bool(opens & SUB and not opens & REL)
        relative = bool(opens & REL) or t.low[c + 1] == "whose"
        if not relative and not aside and _has_verb(t, c + 1, comma):
            continue
        start = noun_before(t, c - 1, first)
        if start >= c or (start - 1 > first and t.bits[start - 1] & PREP):  # at a rally in Orle, Marl Island,
            continue
        return Phrase(start, c) if aside else Phrase(start, comma + 1)
    return None


def _has_verb(t: Row, start: int, end: int) -> bool:
    """Whether a finite verb stands in a stretch, outside its relative clauses."""
    for k in range(start, end):
        bit = t.bits[k]
        if bit & REL:
            return False
        if bit & AUX or t.low[k] in PAST_ONLY or t.low[k] == "says":
            return True
    return False


def noun_after(t: Row, i: int, last: int, leads: bool = False) -> int:
    """Where the noun phrase that begins at token `i` ends, its appositions included; `i` where there is none.

    Where the phrase `leads` in a clause, an apposition must be closed by a comma of its own.
    """
    if i >= last or (t.bits[i] & PREP and not t.bits[i] & DET):
        return i
    j = i
    last = min(last, i + LONGEST)
    relative = False
    while j < last:
        bit = t.bits[j]
        if bit & (HARD | DASH):
            break
        if t.low[j] == "/":
            j += 1
            continue
        if j > i and t.low[j] in RELEASED and t.bits[j - 1] & (CAP | LOWER):
            return _until_comma(t, j, last)
        if bit & STOP:
            if j + 1 >= last or t.low[j] != ".":
                break
            j += 1
            continue
        if bit & OPEN:
            closed = next((k for k in range(j + 1, min(last, j + 10)) if t.bits[k] & CLOSE), -1)
            if closed < 0:
                break
            j = closed + 1
            continue
        if bit & COMMA:
            end = _apposition(t, j, last)
            if end < 0 or (leads and not (end < last and t.bits[end] & COMMA and t.bits[j + 1] & DET)):
                break
            j = end
            continue
        if bit & REL and j > i:
            relative = True
            j += 1
            continue
        if relative:
            j += 1
            continue
        if bit & SUBJ and not bit & DET:
            return j + 1 if j == i else j
        if bit & TIME and j > i and not bit & POSS and not t.bits[j - 1] & (DET | POSS):
            break
        if bit & SUB and not bit & DET:
            break
        if bit & COORD:
            after = t.bits[j + 1] if j + 1 < last else 0
            if (
                t.low[j] != "and"
                or after & (SUBJ | AUX | ADV | ING_FORM | PREP)
                or not (after & (CAP | DET | POSS | LOWER))
                or (after & (CUE | VERB | ED) and not after & (CAP | NOUN_CUE))
            ):
                break
            j += 1
            continue
        if bit & PREP:
            if j > i and not _belongs(t, j, last):
                break
            j += 1
            continue
        if bit & (AUX | NEG) and not bit & DET:
            break
        if bit & ADV and not bit & (DET | ADJ):
            if j > i and not t.bits[j - 1] & (DET | POSS):
                break
            j += 1
            continue
        if bit & (VERB | CUE | ED | ING_FORM) and j > i and not nominal(t, j, i):
            break
        if not bit & (DET | POSS | ADJ | NUM | CAP | LOWER):
            break
        if bit & DET and j > i and not t.bits[j - 1] & (PREP | COORD | DET) and t.low[j - 1] not in ("all", "both", "half"):
            break
        j += 1
    while j - 1 > i and (t.bits[j - 1] & (PREP | COORD | COMMA) or t.low[j - 1] in ("late", "earlier", "last", "early")):
        j -= 1
    return j


def _until_comma(t: Row, j: int, last: int) -> int:
    while j < last and not t.bits[j] & (COMMA | HARD | DASH | SUB | COORD) and not (t.bits[j] & STOP and j + 1 >= last):
        j += 1
    return j


def _belongs(t: Row, j: int, last: int) -> bool:
    """Whether the preposition at `j` goes with the noun before it, and is not when, where or to whom something was said."""
    if t.low[j] == "of":
        return True
    if t.low[j] in ("during", "about", "through", "via", "like", "after", "before", "without", "upon", "than", "despite"):
        return False
    if t.low[j] == "to" and (t.bits[j - 1] & CAP or (j + 1 < last and t.bits[j + 1] & (CUE | VERB))):
        return False
    for k in range(j + 1, min(j + 6, last)):
        bit = t.bits[k]
        if bit & (COMMA | HARD | DASH | STOP):
            break
        if t.low[k] in VENUES or (bit & TIME and t.low[k] != "may"):
            return False
    return not (j + 1 < last and t.bits[j + 1] & NUM and len(t.low[j + 1]) == 4)


def _apposition(t: Row, comma: int, last: int) -> int:
    """Where the apposition that begins after the comma ends, or -1 where none does."""
    k = comma + 1
    if k >= last:
        return -1
    bit = t.bits[k]
    if t.low[k] == "and" and k + 1 < last and t.bits[k + 1] & (DET | CAP):
        bit = t.bits[k + 1]
    if (t.low[k] in ("then", "now") and k + 1 < last and t.bits[k + 1] & (DET | LOWER)) or bit & REL:
        pass
    elif (
        (bit & (PREP | SUB | SUBJ | ADV | COORD | AUX | ING_FORM | ED | TIME | QUOTE) and not bit & (DET | ADJ | CAP))
        or (bit & SUBJ and not bit & DET)
        or (bit & (CUE | VERB) and not bit & (CAP | NOUN_CUE))
    ):
        return -1
    end = k
    while end < last and not t.bits[end] & (COMMA | HARD | DASH):
        if t.bits[end] & STOP and end + 1 >= last:
            break
        end += 1
    if not bit & REL and _has_verb(t, k, end):
        return -1
    return end
