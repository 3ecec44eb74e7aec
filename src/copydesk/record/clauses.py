"""What is said: where it begins and ends, before a cue and after it, and what stands between the two."""

from __future__ import annotations

from copydesk.record.cues import ING, PAST, verbs
from copydesk.record.phrases import PAST_ONLY, VENUES, begins_phrase, nominal, subject, verb_group
from copydesk.record.scan import SAYING, Range, Scan
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
    NUM,
    OBJ,
    OPEN,
    OTHER,
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
    listed,
)  # fmt: skip

IN_PHRASE = DET | POSS | ADJ | NUM | CAP | LOWER | TIME | PREP
ASIDE = listed("aside")
LEAVING = listed("leaving")


def skip_aside(s: Scan, i: int) -> int:
    """Past the days, places and occasions that stand between a cue and what is said: `said on Tuesday in an interview`."""
    while i < s.last:
        bit = s.bit(i)
        if bit & TIME or (s.low(i) in ASIDE and (s.bit(i + 1) & TIME or bit & ADV)):
            i += 1
        elif bit & PREP and s.low(i) not in ("of", "like") and (after := _past_occasion(s, i)) > i:
            i = after
        else:
            break
    return i


def _past_occasion(s: Scan, i: int) -> int:
    """Past `on Tuesday` or `in an interview` at token `i`, where what is said or the end follows; else `i`."""
    k = i + 1
    while k < min(s.last, i + 9) and s.bit(k) & IN_PHRASE and not s.bit(k) & (AUX | REL | SUBJ):
        k += 1
    occasion = any(s.bit(j) & TIME or s.low(j) in VENUES for j in range(i + 1, k))
    return k if occasion and (k >= s.last or s.bit(k) & (REL | COMMA | QUOTE | COLON | SUBJ)) else i


def addressee(s: Scan, i: int) -> int:
    """Past those who are told: `told reporters that`, `told him`, `asked the court to`."""
    bit = s.bit(i)
    if bit & OBJ and not bit & (POSS | SUBJ):
        return i + 1
    if s.low(i) in ("her", "you", "it") and s.bit(i + 1) & (REL | SUBJ | DET | POSS | QUOTE | COMMA | CAP | SUB):
        return i + 1
    if not bit & (DET | POSS | CAP | LOWER | NUM | ADJ) or (bit & (SUBJ | REL | SUB) and not bit & DET):
        return i
    k = i + 1
    while k < min(s.last, i + 14) and not _another(s, k, i):
        k += 1
    return k


def _another(s: Scan, k: int, first: int) -> bool:
    """Whether the phrase that begins at token `first` is over at `k`."""
    bit, before = s.bit(k), s.bit(k - 1)
    if bit & STOP:
        return s.low(k) != "." or k + 1 >= s.last
    if bit & (REL | QUOTE | COMMA | COLON | DASH | AUX | SUB | SUBJ):
        return True
    if bit & (TIME | PREP):
        return s.low(k) not in ("of", "for", "at")
    if begins_phrase(s.t, k) or (bit & CAP and before & LOWER and not before & (ADJ | POSS) and s.low(k - 1).endswith("s")):
        return not before & (PREP | COORD | DET)  # told the court Ames was late, told reporters Ames was late
    return bool(bit & (VERB | CUE)) and not nominal(s.t, k, first)


def clause_end(s: Scan, start: int, kinds: frozenset[str]) -> int:
    """Where what is said ends, when it begins at `start` and nothing but the sentence bounds it."""
    k = start
    clausal = s.low(start) in ("that", "what", "how", "why", "whether", "if")
    while k < s.last:
        bit = s.t.bits[k]
        if bit & SEMI:
            return k
        if bit & DASH and k > start and dash_at(s, k):
            other = next((j for j in range(k + 1, s.last) if s.t.bits[j] & DASH and dash_at(s, j)), 0)
            if not other:
                return k
            k = other + 1  # a pair of them holds an aside
            continue
        if bit & COMMA and k > start and k + 1 < s.last and _comma_ends(s, k, start, kinds):
            return k
        if bit & COORD and s.low(k) in ("and", "but") and k > start:
            if _finite_cue(s, k + 1) or _saying(s, k + 1):
                return k
            if not clausal and (_past(s, k + 1) or s.bit(k + 1) & CUE):
                return k
        if (bit & (AUX | SUBJ) and not bit & DET) or (bit & VERB and s.low(k) in PAST_ONLY):
            clausal = True
        if bit & SUB and k > start and not clausal and kinds.isdisjoint(SAYING) and s.low(k) in LEAVING:
            return k
        if bit & QUOTE and last_mark(s, k) == "," and (_saying(s, k + 1) or s.bit(k + 1) & (COORD | SUB | REL)):
            return k + 1
        k += 1
    return k


def _comma_ends(s: Scan, k: int, start: int, kinds: frozenset[str]) -> bool:
    """Whether what is said ends at the comma at `k`: what follows it is the writer's, or another statement."""
    low, after, next_but_one = s.low(k + 1), s.bit(k + 1), s.bit(k + 2)
    if _saying(s, k + 1) or (after & ADV and _saying(s, k + 2)):
        return True
    if low in ("which", "while", "although", "though", "whereas"):
        return k > start + 1
    if after & ING_FORM and kinds.isdisjoint(SAYING):
        return True
    if low == "but":
        return bool(next_but_one & (SUBJ | CAP | DET | POSS)) or _finite_cue(s, k + 2)
    if low == "and":
        return bool(next_but_one & SUBJ) or _finite_cue(s, k + 2) or _saying(s, k + 2) or _new_statement(s, k + 2)
    if low in ("who", "whose", "including"):
        return kinds.isdisjoint(SAYING)
    if low in ("with", "of") and next_but_one & REL:
        return True
    if low == "as":
        return any(s.bit(j) & CUE for j in range(k + 3, k + 7))
    return low == "according" or _finite_cue(s, k + 1) or _new_statement(s, k + 1)


def _saying(s: Scan, k: int) -> bool:
    """Whether `saying` or the like stands at `k`."""
    if not s.bit(k) & CUE or s.bit(k) & CAP:
        return False
    cue = verbs()[s.low(k)]
    return cue.form == ING and "speech" in cue.kinds


def last_mark(s: Scan, k: int) -> str:
    """The last character inside the quotation that is token `k`."""
    return s.t.word(k).rstrip("”\"'’»› ")[-1:]


def _past(s: Scan, k: int) -> bool:
    """Whether a verb in the past stands at `k`, adverbs before it aside."""
    while s.bit(k) & ADV and not s.bit(k) & DET:
        k += 1
    return bool(s.bit(k) & (ED | AUX) or (s.bit(k) & VERB and s.low(k) in PAST_ONLY))


def _new_statement(s: Scan, k: int) -> bool:
    """Whether a source and its cue begin at `k`: `…, Ames said`."""
    for j in range(k + 1, min(k + 9, s.last)):
        if s.bit(j) & (COMMA | QUOTE | DASH | SEMI | COLON):
            return False
        if s.bit(j) & CUE and (s.low(j) in PAST_ONLY or s.low(j) == "says"):
            who = subject(s.t, verb_group(s.t, j, s.first), s.first)
            return who is not None and who.start == k
    return False


def dash_at(s: Scan, k: int) -> bool:
    """Whether the mark at `k` is a dash between words, and no hyphen within one."""
    t = s.t
    return t.low[k] in ("—", "--", "―") or (t.starts[k] > t.ends[k - 1])


def _finite_cue(s: Scan, k: int) -> bool:
    """Whether a cue in the past tense or with an auxiliary stands at `k`, adverbs before it aside."""
    while s.bit(k) & (ADV | AUX) and k < s.last and not s.bit(k) & DET:
        k += 1
    if not s.bit(k) & CUE or s.bit(k) & CAP:
        return False
    cue = verbs().get(s.low(k))
    return (
        cue is not None
        and "speech" in cue.kinds
        and bool(cue.form & PAST or s.low(k) == "says")
        and not s.bit(k - 1) & (DET | POSS)
        and bool(cue.kinds)
    )


def ends_after(s: Scan, i: int) -> bool:
    """Whether nothing is said after token `i`: the sentence ends, or only when, where and to whom follows."""
    if i >= s.last:
        return True
    bit = s.bit(i)
    if bit & (QUOTE | COLON | REL):
        return False
    if bit & (COMMA | DASH | SEMI):
        return True
    if s.low(i) in ("that", "whether", "how", "why", "if", "what", "to", "for", "of", "about", "into", "on", "with"):
        k = skip_aside(s, i)
        return k > i and (k >= s.last or bool(s.bit(k) & (COMMA | DASH | SEMI)))
    k = skip_aside(s, i)
    if k >= s.last or s.bit(k) & (COMMA | DASH | SEMI):
        return True
    if s.bit(k) & (PREP | ADV | SUB) and not s.bit(k) & DET:
        return all(not s.bit(j) & (QUOTE | REL) for j in range(k, min(s.last, k + 20)))
    return False


def said_before(s: Scan, comma: int, start: int) -> tuple[Range, ...] | None:
    """What stands before the comma or quotation at `comma`, if it reads as something said: from `start` to it."""
    end = comma if s.bit(comma) & (COMMA | DASH) else comma + 1
    if end <= start:
        return None
    if s.bit(end - 1) & QUOTE:
        return ((end - 1, end),) if s.bit(end - 2) & COLON else ((start, end),)
    if s.low(start) in ("as", "when", "after", "asked", "before") or end - start < 2:
        return None
    opens = s.bit(start)
    if (
        opens & (PREP | SUB | ING_FORM | ADV | TIME)
        and not opens & DET
        and not any(s.bit(k) & COMMA for k in range(start, end))
    ):
        # a phrase that leads in what follows, unless it holds a whole clause
        return None if not has_clause(s, start + 1, end) or opens & SUB else ((start, end),)
    return ((start, end),) if end - start > 4 or has_clause(s, start, end) else None


def has_clause(s: Scan, start: int, end: int) -> bool:
    t = s.t
    return any(
        t.bits[k] & (AUX | VERB | ED | CUE | QUOTE) or (t.bits[k] & SUBJ and not t.bits[k] & DET) for k in range(start, end)
    )


def content_start(s: Scan, before: int) -> int:
    """Where the clause begins that ends at token `before`."""
    for k in range(before - 1, s.first, -1):
        if s.bit(k) & SEMI:
            return k + 1
    for k in range(s.first, min(s.first + 9, before)):  # WASHINGTON (Reuters) -
        if s.bit(k) & DASH and k > s.first and dash_at(s, k):
            return k + 1
        if not s.bit(k) & (CAP | OPEN | CLOSE | COMMA | STOP | OTHER):
            break
    dashes = [k for k in range(s.first + 1, before - 1) if s.bit(k) & DASH and dash_at(s, k)]
    if len(dashes) % 2:  # not a pair around an aside
        return dashes[-1] + 1
    if s.low(s.first) in ("however", "meanwhile") and s.bit(s.first + 1) & COMMA:
        return s.first + 2
    return s.first


def goes_on(s: Scan, after: int) -> tuple[Range, ...]:
    """What goes on being said after the attribution: `…, he said, “but …”`, `…, he said, and was not`."""
    k = skip_aside(s, after)
    if s.bit(k) & (COMMA | COLON) and s.bit(k + 1) & QUOTE:
        return ((k + 1, s.last),)
    if s.bit(k) & QUOTE:
        return ((k, s.last),)
    for j in range(k, min(s.last, k + 25)):
        if s.bit(j) & COMMA and s.bit(j + 1) & QUOTE:
            return ((j + 1, s.last),)
        if s.bit(j) & CUE:
            break
    if s.bit(k) & SEMI and k + 1 < s.last:
        return ((k + 1, s.last),)
    if s.bit(k) & COMMA and k == after and k + 1 < s.last:
        bit = s.bit(k + 1)
        low = s.low(k + 1)
        if not bit & (SUB | ING_FORM | REL) or bit & (DET | AUX) or low in ("so", "because", "if") or s.bit(s.first) & SUB:
            if (
                low in ("but", "which", "and", "who", "as")
                or (bit & PREP and s.bit(s.first) & QUOTE)
                or (bit & ADV and s.bit(k + 2) & ING_FORM)
            ):
                return ()
            return ((k + 1, clause_end(s, k + 1, SAYING)),)
    return ()


def with_colon(s: Scan, end: int) -> int:
    return end + 1 if s.bit(end) & COLON else end
