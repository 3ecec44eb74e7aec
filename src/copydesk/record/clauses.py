"""What is said: where it begins and ends, before a cue and after it, and what stands between the two."""

from __future__ import annotations

from copydesk.record.cues import ING, PAST, verbs
from copydesk.record.phrases import PAST_ONLY, VENUES, begins_phrase, nominal, verb_group
from copydesk.record.scan import SAYING, Range, Scan, subject_at
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
        bit = s.bits[i]
        if bit & TIME or (s.low[i] in ASIDE and (s.bits[i + 1] & TIME or bit & ADV)):
            i += 1
        elif bit & PREP and s.low[i] not in ("of", "like") and (after := _past_occasion(s, i)) > i:
            i = after
        else:
            break
    return i


def _past_occasion(s: Scan, i: int) -> int:
    """Past `on Tuesday` or `in an interview` at token `i`, where what is said or the end follows; else `i`."""
    k = i + 1
    while k < min(s.last, i + 9) and s.bits[k] & IN_PHRASE and not s.bits[k] & (AUX | REL | SUBJ):
        k += 1
    occasion = any(s.bits[j] & TIME or s.low[j] in VENUES for j in range(i + 1, k))
    return k if occasion and (k >= s.last or s.bits[k] & (REL | COMMA | QUOTE | COLON | SUBJ)) else i


def addressee(s: Scan, i: int) -> int:
    """Past those who are told: `told reporters that`, `told him`, `asked the court to`."""
    bit = s.bits[i]
    if bit & OBJ and not bit & (POSS | SUBJ):
        return i + 1
    if s.low[i] in ("her", "you", "it") and s.bits[i + 1] & (REL | SUBJ | DET | POSS | QUOTE | COMMA | CAP | SUB):
        return i + 1
    if not bit & (DET | POSS | CAP | LOWER | NUM | ADJ) or (bit & (SUBJ | REL | SUB) and not bit & DET):
        return i
    k = i + 1
    while k < min(s.last, i + 14) and not _another(s, k, i):
        k += 1
    return k


def _another(s: Scan, k: int, first: int) -> bool:
    """Whether the phrase that begins at token `first` is over at `k`."""
    bit, before = s.bits[k], s.bits[k - 1]
    if bit & STOP:
        return s.low[k] != "." or k + 1 >= s.last
    if bit & (REL | QUOTE | COMMA | COLON | DASH | AUX | SUB | SUBJ):
        return True
    if bit & (TIME | PREP):
        return s.low[k] not in ("of", "for", "at")
    if begins_phrase(s, k) or (bit & CAP and before & LOWER and not before & (ADJ | POSS) and s.low[k - 1].endswith("s")):
        return not before & (PREP | COORD | DET)  # told the court Ames was late, told reporters Ames was late
    return bool(bit & (VERB | CUE)) and not nominal(s, k, first)


def clause_end(s: Scan, start: int, kinds: frozenset[str]) -> int:
    """Where what is said ends, when it begins at `start` and nothing but the sentence bounds it."""
    k = start
    clausal = s.low[start] in ("that", "what", "how", "why", "whether", "if")
    while k < s.last:
        bit = s.bits[k]
        if bit & SEMI:
            return k
        if bit & DASH and k > start and dash_at(s, k):
            other = next((j for j in range(k + 1, s.last) if s.bits[j] & DASH and dash_at(s, j)), 0)
            if not other:
                return k
            k = other + 1  # a pair of them holds an aside
            continue
        if bit & COMMA and k > start and k + 1 < s.last and _comma_ends(s, k, start, kinds):
            return k
        if bit & COORD and s.low[k] in ("and", "but") and k > start:
            if _finite_cue(s, k + 1) or _saying(s, k + 1):
                return k
            if not clausal and (_past(s, k + 1) or s.bits[k + 1] & CUE):
                return k
        if (bit & (AUX | SUBJ) and not bit & DET) or (bit & VERB and s.low[k] in PAST_ONLY):
            clausal = True
        if bit & SUB and k > start and not clausal and kinds.isdisjoint(SAYING) and s.low[k] in LEAVING:
            return k
        if bit & QUOTE and last_mark(s, k) == "," and (_saying(s, k + 1) or s.bits[k + 1] & (COORD | SUB | REL)):
            return k + 1
        k += 1
    return k


def _comma_ends(s: Scan, k: int, start: int, kinds: frozenset[str]) -> bool:
    """Whether what is said ends at the comma at `k`: what follows it is the writer's, or another statement."""
    low, after, next_but_one = s.low[k + 1], s.bits[k + 1], s.bits[k + 2]
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
        return any(s.bits[j] & CUE for j in range(k + 3, k + 7))
    return low == "according" or _finite_cue(s, k + 1) or _new_statement(s, k + 1)


def _saying(s: Scan, k: int) -> bool:
    """Whether `saying` or the like stands at `k`."""
    if not s.bits[k] & CUE or s.bits[k] & CAP:
        return False
    cue = verbs()[s.low[k]]
    return cue.form == ING and "speech" in cue.kinds


def last_mark(s: Scan, k: int) -> str:
    """The last character inside the quotation that is token `k`."""
    return s.word(k).rstrip("”\"'’»› ")[-1:]


def _past(s: Scan, k: int) -> bool:
    """Whether a verb in the past stands at `k`, adverbs before it aside."""
    while s.bits[k] & ADV and not s.bits[k] & DET:
        k += 1
    return bool(s.bits[k] & (ED | AUX) or (s.bits[k] & VERB and s.low[k] in PAST_ONLY))


def _new_statement(s: Scan, k: int) -> bool:
    """Whether a source and its cue begin at `k`: `…, Ames said`."""
    for j in range(k + 1, min(k + 9, s.last)):
        if s.bits[j] & (COMMA | QUOTE | DASH | SEMI | COLON):
            return False
        if s.bits[j] & CUE and (s.low[j] in PAST_ONLY or s.low[j] == "says"):
            who = subject_at(s, verb_group(s, j, 0))
            return who is not None and who.start == k
    return False


def dash_at(s: Scan, k: int) -> bool:
    """Whether the mark at `k` is a dash between words, and no hyphen within one."""
    at = s.first + k
    return s.low[k] in ("—", "--", "―") or s.t.starts[at] > s.t.ends[at - 1]


def _finite_cue(s: Scan, k: int) -> bool:
    """Whether a cue in the past tense or with an auxiliary stands at `k`, adverbs before it aside."""
    while s.bits[k] & (ADV | AUX) and k < s.last and not s.bits[k] & DET:
        k += 1
    if not s.bits[k] & CUE or s.bits[k] & CAP:
        return False
    cue = verbs().get(s.low[k])
    return (
        cue is not None
        and "speech" in cue.kinds
        and bool(cue.form & PAST or s.low[k] == "says")
        and not s.bits[k - 1] & (DET | POSS)
        and bool(cue.kinds)
    )


def ends_after(s: Scan, i: int) -> bool:
    """Whether nothing is said after token `i`: the sentence ends, or only when, where and to whom follows."""
    if i >= s.last:
        return True
    bit = s.bits[i]
    if bit & (QUOTE | COLON | REL):
        return False
    if bit & (COMMA | DASH | SEMI):
        return True
    if s.low[i] in ("that", "whether", "how", "why", "if", "what", "to", "for", "of", "about", "into", "on", "with"):
        k = skip_aside(s, i)
        return k > i and (k >= s.last or bool(s.bits[k] & (COMMA | DASH | SEMI)))
    k = skip_aside(s, i)
    if k >= s.last or s.bits[k] & (COMMA | DASH | SEMI):
        return True
    if s.bits[k] & (PREP | ADV | SUB) and not s.bits[k] & DET:
        return all(not s.bits[j] & (QUOTE | REL) for j in range(k, min(s.last, k + 20)))
    return False


def said_before(s: Scan, comma: int, start: int) -> tuple[Range, ...] | None:
    """What stands before the comma or quotation at `comma`, if it reads as something said: from `start` to it."""
    end = comma if s.bits[comma] & (COMMA | DASH) else comma + 1
    if end <= start:
        return None
    if s.bits[end - 1] & QUOTE:
        return ((end - 1, end),) if s.bits[end - 2] & COLON else ((start, end),)
    if s.low[start] in ("as", "when", "after", "asked", "before") or end - start < 2:
        return None
    opens = s.bits[start]
    if (
        opens & (PREP | SUB | ING_FORM | ADV | TIME)
        and not opens & DET
        and not any(s.bits[k] & COMMA for k in range(start, end))
    ):
        # a phrase that leads in what follows, unless it holds a whole clause
        return None if not has_clause(s, start + 1, end) or opens & SUB else ((start, end),)
    return ((start, end),) if end - start > 4 or has_clause(s, start, end) else None


def has_clause(s: Scan, start: int, end: int) -> bool:
    return any(bit & (AUX | VERB | ED | CUE | QUOTE) or (bit & SUBJ and not bit & DET) for bit in s.bits[start:end])


def content_start(s: Scan, before: int) -> int:
    """Where the clause begins that ends at token `before`."""
    for k in range(before - 1, 0, -1):
        if s.bits[k] & SEMI:
            return k + 1
    for k in range(0, min(9, before)):  # WASHINGTON (Reuters) -
        if s.bits[k] & DASH and k > 0 and dash_at(s, k):
            return k + 1
        if not s.bits[k] & (CAP | OPEN | CLOSE | COMMA | STOP | OTHER):
            break
    dashes = [k for k in range(1, before - 1) if s.bits[k] & DASH and dash_at(s, k)]
    if len(dashes) % 2:  # not a pair around an aside
        return dashes[-1] + 1
    if s.low[0] in ("however", "meanwhile") and s.bits[1] & COMMA:
        return 2
    return 0


def goes_on(s: Scan, after: int) -> tuple[Range, ...]:
    """What goes on being said after the attribution: `…, he said, “but …”`, `…, he said, and was not`."""
    k = skip_aside(s, after)
    if s.bits[k] & (COMMA | COLON) and s.bits[k + 1] & QUOTE:
        return ((k + 1, s.last),)
    if s.bits[k] & QUOTE:
        return ((k, s.last),)
    for j in range(k, min(s.last, k + 25)):
        if s.bits[j] & COMMA and s.bits[j + 1] & QUOTE:
            return ((j + 1, s.last),)
        if s.bits[j] & CUE:
            break
    if s.bits[k] & SEMI and k + 1 < s.last:
        return ((k + 1, s.last),)
    if s.bits[k] & COMMA and k == after and k + 1 < s.last:
        bit = s.bits[k + 1]
        low = s.low[k + 1]
        if not bit & (SUB | ING_FORM | REL) or bit & (DET | AUX) or low in ("so", "because", "if") or s.bits[0] & SUB:
            if (
                low in ("but", "which", "and", "who", "as")
                or (bit & PREP and s.bits[0] & QUOTE)
                or (bit & ADV and s.bits[k + 2] & ING_FORM)
            ):
                return ()
            return ((k + 1, clause_end(s, k + 1, SAYING)),)
    return ()


def with_colon(s: Scan, end: int) -> int:
    return end + 1 if s.bits[end] & COLON else end
