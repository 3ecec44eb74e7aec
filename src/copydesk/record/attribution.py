"""Who said it: the rules that find source, cue and content in a sentence, in the order they are tried.

What stands at the end of a sentence is looked at first (“C, Ames said.”, “C, according to Ames”), for it claims what stands
before it; then, from left to right, what no rule has claimed yet. Every rule is a function of the sentence and the token of a
cue, gives a `Found` or None, and shows in its docstring a sentence it is for. A rule looks a bounded way around its cue, or to
the end of the sentence once, so a text takes time in proportion to its length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from copydesk.record.cues import BASE, ING, PARTICIPLE, PAST, THIRD, Cue, kind_words, nouns, verbs
from copydesk.record.phrases import LONGEST, PAST_ONLY, VENUES, Phrase, noun_after, noun_before, nominal, subject, verb_group
from copydesk.record.sentences import Sentence, Tokens
from copydesk.record.words import (
    ADJ, ADV, AUX, CAP, CLOSE, COLON, COMMA, COORD, CUE, DASH, DET, ED, HEDGE, LOWER, NEG, NOUN_CUE, NUM, OBJ, OPEN, OTHER, POSS, PREP,
    QUOTE, REL, SEMI, STOP, SUB, SUBJ, TIME, VERB,
)  # fmt: skip
from copydesk.record.words import ING as ING_WORD

BE = frozenset("is are was were be been being am 's 're".split())
BE_LIKE = BE | {"isn't", "wasn't", "weren't", "aren't"}
SAYING = frozenset({"speech", "quoting"})
SAYS = frozenset({"says"})
LEADING = frozenset("by in upon while before after when despite without".split())
LEAVING = frozenset("when while because after before until since as though although if".split())
Range = tuple[int, int]


class Found(NamedTuple):
    """A statement in tokens: ranges `[start, end)` of its source, cue and content."""

    rule: str
    source: Range | None
    cue: Range
    content: tuple[Range, ...]
    kind: str  # of cue
    inherits: bool = False  # the source is that of the statement before


@dataclass(slots=True)
class Scan:
    """A sentence being read: its tokens, and what was found in it so far."""

    t: Tokens
    first: int
    last: int  # exclusive; the full stop at the end is left out
    found: list[Found] = field(default_factory=list)

    def bit(self, i: int) -> int:
        """The bits of token `i`, 0 outside the sentence."""
        return self.t.bits[i] if self.first <= i < self.last else 0

    def low(self, i: int) -> str:
        """Token `i` in small letters, nothing outside the sentence."""
        return self.t.low[i] if self.first <= i < self.last else ""


class Verb(NamedTuple):
    """A cue verb in its place: tokens `[start, end)` with auxiliaries and particle, its head at `at`, its cue and kinds."""

    start: int
    at: int
    end: int
    cue: Cue
    kinds: frozenset[str]
    passive: bool


def verb_at(s: Scan, i: int) -> Verb | None:
    """The cue verb whose head is token `i`, unless the word is a noun or an adjective there."""
    cue = verbs().get(s.t.low[i])
    if cue is None:
        return None
    start = verb_group(s.t, i, s.first)
    before = s.bit(start - 1)
    near = s.bit(i - 1)
    word_before = s.low(start - 1)
    helped = start < i and any(s.bit(k) & AUX for k in range(start, i))
    certain = s.t.low[i] in PAST_ONLY
    if s.low(i - 1) == "so" and s.low(i) == "called":
        return None
    if near & POSS and not near & (OBJ | ADV) and not certain:
        return None
    if near & (ADJ | ED) and not near & (OBJ | ADV | SUBJ) and not cue.form & (PAST | ING):
        return None
    if near & NUM and cue.form & PAST and not certain:
        return None
    if near & DET and not near & (SUBJ | REL | ADV) and not certain:
        return None
    if near & PREP and not cue.form & ING and not near & (ADV | SUB | REL):
        return None
    if s.bit(i) & CAP and i != s.first and not s.low(i).isupper():
        return None
    if word_before == "to" and not helped and not cue.form & ING:
        return None
    if cue.form & (BASE | THIRD) and not cue.form & PAST and not helped:
        # a verb in the present, or a noun? `polls show`, `he claims`, but not `the plan`
        if start <= s.first or not (before & (SUBJ | REL | CAP | LOWER | COMMA | CLOSE | QUOTE | COORD) or start < i):
            return None
        if cue.form & BASE and not _plural(s, start - 1):
            return None
        if s.bit(i) & NOUN_CUE and before & (ADJ | DET | POSS):
            return None
    end = i + 1
    kinds = cue.kinds
    for words, its in cue.particles:
        if s.t.low[end : end + len(words)] == list(words) and end + len(words) <= s.last:
            end += len(words)
            kinds = its
            break
    passive = False
    if cue.form & PARTICIPLE and start < i:
        passive = any(s.low(k) in BE_LIKE for k in range(start, i))
    return Verb(start, i, end, cue, kinds, passive) if kinds else None


def _plural(s: Scan, i: int) -> bool:
    """Whether the word at `i` can be the subject of a verb without an ending."""
    low = s.low(i)
    bit = s.bit(i)
    for k in range(i - 1, max(s.first, i - 6), -1):
        if s.low(k) == "and" and s.bit(k + 1) & (CAP | DET) and s.bit(i) & CAP:
            return True
        if not s.bit(k) & (CAP | DET | LOWER):
            break
    if bit & REL or low in ("we", "they", "i", "you", "people", "some", "many", "others", "who", "both", "several", "most", "police", "all", "few", "media", "women", "men"):
        return True
    return bool(bit & (CAP | LOWER)) and low.endswith(("s", "’", "'")) and not low.endswith(("ss", "us", "'s", "’s")) or bool(bit & (CLOSE | COMMA)) or (
        bool(bit & CAP) and s.low(i - 1) == "and"
    )


def skip_aside(s: Scan, i: int) -> int:
    """Past the days, places and occasions that stand between a cue and what is said: `said on Tuesday in an interview`."""
    while i < s.last:
        bit = s.bit(i)
        if bit & TIME or s.low(i) in ("last", "late", "early", "earlier", "later", "this", "ago", "recently", "again", "too", "repeatedly", "simply") and (s.bit(i + 1) & TIME or bit & ADV):
            i += 1
            continue
        if bit & PREP and s.low(i) not in ("of", "like"):
            k = i + 1
            held = False
            while k < s.last and k < i + 9 and s.bit(k) & (DET | POSS | ADJ | NUM | CAP | LOWER | TIME | PREP) and not s.bit(k) & (AUX | REL | SUBJ & ~DET):
                held = held or bool(s.bit(k) & TIME) or s.low(k) in VENUES
                k += 1
            if held and (s.bit(k) & (REL | COMMA | QUOTE | COLON | SUBJ) or k >= s.last):
                i = k
                continue
        break
    return i


def addressee(s: Scan, i: int) -> int:
    """Past those who are told: `told reporters that`, `told him`, `asked the court to`."""
    bit = s.bit(i)
    if bit & OBJ and not bit & (POSS | SUBJ):
        return i + 1
    if s.low(i) in ("her", "you", "it") and s.bit(i + 1) & (REL | SUBJ | DET | POSS | QUOTE | COMMA | CAP | SUB):
        return i + 1
    if not bit & (DET | POSS | CAP | LOWER | NUM | ADJ) or bit & (SUBJ | REL | SUB) and not bit & DET:
        return i
    k = i
    while k < min(s.last, i + 14):
        b = s.bit(k)
        if b & (REL | QUOTE | COMMA | COLON | STOP | DASH | AUX | SUB) and not (b & STOP and s.low(k) == "." and k + 1 < s.last):
            break
        if b & SUBJ and not b & DET or (b & SUBJ and k > i):
            break
        if k > i and b & (DET | POSS) and not b & (CAP | LOWER) & 0 and not s.bit(k - 1) & (PREP | COORD | DET) and "'" not in s.low(k) and "’" not in s.low(k):
            break
        if k > i and b & CAP and s.bit(k - 1) & LOWER and not s.bit(k - 1) & (PREP | COORD | DET | ADJ | POSS) and s.low(k - 1).endswith("s"):
            break
        if b & (TIME | PREP) and k > i and s.low(k) not in ("of", "for", "and", "at"):
            break
        if b & (VERB | CUE) and not nominal(s.t, k, i) and k > i:
            break
        k += 1
    return k


def clause_end(s: Scan, start: int, kinds: frozenset[str]) -> int:
    """Where what is said ends, when it begins at `start` and nothing but the sentence bounds it."""
    k = start
    last = s.last
    clausal = s.low(start) in ("that", "what", "how", "why", "whether", "if")
    while k < last:
        bit = s.t.bits[k]
        if bit & SEMI:
            return k
        if bit & DASH and k > start and _spaced(s, k):
            other = next((j for j in range(k + 1, last) if s.t.bits[j] & DASH and _spaced(s, j)), 0)
            if not other:
                return k
            k = other + 1
            continue
        if bit & COMMA and k > start and k + 1 < last:
            after = s.bit(k + 1)
            low = s.low(k + 1)
            if _saying(s, k + 1):
                return k
            if low in ("which", "while", "although", "though", "whereas") and k > start + 1:
                return k
            if low == "but" and (s.bit(k + 2) & (SUBJ | CAP | DET | POSS) or _finite_cue(s, k + 2)):
                return k
            if after & ADV and _saying(s, k + 2):
                return k
            if low in ("with", "of") and s.bit(k + 2) & REL:
                return k
            if low == "and" and (s.bit(k + 2) & SUBJ or _finite_cue(s, k + 2) or _saying(s, k + 2)):
                return k
            if _finite_cue(s, k + 1) or _new_statement(s, k + 1):
                return k
            if low == "according" or (low == "as" and any(s.bit(j) & CUE for j in range(k + 3, k + 7))):
                return k
        if bit & COORD and s.low(k) in ("and", "but") and k > start:
            if _finite_cue(s, k + 1) or _saying(s, k + 1):
                return k
            if not clausal and (_past(s, k + 1) or s.bit(k + 1) & CUE):
                return k
        if bit & (AUX | SUBJ) and not bit & DET or bit & VERB and s.low(k) in PAST_ONLY:
            clausal = True
        if bit & SUB and k > start and not clausal and kinds.isdisjoint(SAYING) and s.low(k) in LEAVING:
            return k
        if bit & QUOTE and k + 1 < last and _last_mark(s, k) == "," and (_saying(s, k + 1) or s.bit(k + 1) & (COORD | SUB | REL)):
            return k + 1
        k += 1
    return k


def _saying(s: Scan, k: int) -> bool:
    """Whether `saying` or the like stands at `k`."""
    if not s.bit(k) & CUE or s.bit(k) & CAP:
        return False
    cue = verbs()[s.low(k)]
    return cue.form == ING and "speech" in cue.kinds


def _last_mark(s: Scan, k: int) -> str:
    """The last character inside the quotation that is token `k`."""
    return s.t.word(k).rstrip("”\"'’»› ")[-1:]


def _past(s: Scan, k: int) -> bool:
    """Whether a verb in the past stands at `k`, adverbs before it aside."""
    while s.bit(k) & ADV and not s.bit(k) & DET:
        k += 1
    return bool(s.bit(k) & (ED | AUX) or s.bit(k) & VERB and s.low(k) in PAST_ONLY)


def _new_statement(s: Scan, k: int) -> bool:
    """Whether a source and its cue begin at `k`: `…, Ames said`."""
    for j in range(k + 1, min(k + 9, s.last)):
        if s.bit(j) & (COMMA | QUOTE | DASH | SEMI | COLON):
            return False
        if s.bit(j) & CUE and s.low(j) in PAST_ONLY | SAYS:
            who = subject(s.t, verb_group(s.t, j, s.first), s.first)
            return who is not None and who.start == k
    return False


def _spaced(s: Scan, k: int) -> bool:
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
    return cue is not None and "speech" in cue.kinds and bool(cue.form & PAST or s.low(k) == "says") and not s.bit(k - 1) & (DET | POSS) and bool(cue.kinds)


def _ends(s: Scan, i: int) -> bool:
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
    if s.bit(k) & (PREP | ADV | SUB | ING_WORD) and not s.bit(k) & DET:
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
    if opens & (PREP | SUB | ING_WORD | ADV | TIME) and not opens & DET and not any(s.bit(k) & COMMA for k in range(start, end)):
        # a phrase that leads in what follows, unless it holds a whole clause
        return None if not _clause(s, start + 1, end) or opens & SUB else ((start, end),)
    return ((start, end),) if end - start > 4 or _clause(s, start, end) else None


def _clause(s: Scan, start: int, end: int) -> bool:
    t = s.t
    return any(t.bits[k] & (AUX | VERB | ED | CUE | QUOTE) or t.bits[k] & SUBJ and not t.bits[k] & DET for k in range(start, end))


def content_start(s: Scan, before: int) -> int:
    """Where the clause begins that ends at token `before`."""
    for k in range(before - 1, s.first, -1):
        if s.bit(k) & SEMI:
            return k + 1
    for k in range(s.first, min(s.first + 9, before)):  # WASHINGTON (Reuters) -
        if s.bit(k) & DASH and k > s.first and _spaced(s, k):
            return k + 1
        if not s.bit(k) & (CAP | OPEN | CLOSE | COMMA | STOP | OTHER):
            break
    if s.low(s.first) in ("however", "meanwhile") and s.bit(s.first + 1) & COMMA:
        return s.first + 2
    return s.first


# --- rules for what stands before them -------------------------------------------------------------------------------


def according(s: Scan, i: int) -> Found | None:
    """`The ferry was late, according to the harbour office.`"""  # noqa: D400
    if s.low(i) != "according" or s.low(i + 1) != "to":
        return None
    initial = i == s.first or (i == s.first + 1 and bool(s.bit(s.first) & COORD))
    end = noun_after(s.t, i + 2, s.last, leads=initial)
    if end <= i + 2:
        return None
    source, cue = (i + 2, end), (i, i + 2)
    after = end + 1 if s.bit(end) & COMMA else end
    before = i - 1 if s.bit(i - 1) & (COMMA | DASH) else i
    start = content_start(s, i)
    if initial:
        stop = clause_end(s, after, SAYING) if after < s.last else after
        return Found("initial.according", source, cue, ((after, s.last if stop < after else stop),), "speech") if after < s.last else None
    spans = [(start, before)] if before > start else []
    if s.bit(end) & COMMA and end + 1 < s.last and s.bit(i - 1) & COMMA and not s.bit(end + 1) & (COORD | ING_WORD | REL | SUB):
        spans.append((end + 1, s.last))
        return Found("middle.according", source, cue, tuple(spans), "speech")
    return Found("final.according", source, cue, tuple(spans), "speech") if spans else None


def final(s: Scan, i: int) -> Found | None:
    """`The ferry was late, Ames said.` and `“The ferry,” Ames said on Monday, “was late.”`"""  # noqa: D400
    verb = verb_at(s, i)
    if verb is None or not verb.kinds & (SAYING | {"thought"}) or verb.passive or "object" in verb.kinds:
        return None
    if not verb.cue.form & (PAST | THIRD | BASE) and verb.start == i:
        return None
    who = subject(s.t, verb.start, s.first)
    if who is None or who.start <= s.first or s.bit(who.start) & REL:
        return None
    left = who.start - 1
    bit = s.bit(left)
    as_said = s.low(left) == "as"
    if as_said:
        left -= 1
        bit = s.bit(left)
    if not bit & (COMMA | QUOTE | DASH):
        return None
    quoted = bool(bit & QUOTE) or bool(bit & COMMA and s.bit(left - 1) & QUOTE)
    if not quoted and ("speech" not in verb.kinds or not verb.kinds.isdisjoint({"quoting"})) and "thought" not in verb.kinds:
        return None
    after = addressee(s, verb.end) if "addressed" in verb.kinds else verb.end
    if not quoted and not _ends(s, after):
        return None
    if quoted and "thought" in verb.kinds and "speech" not in verb.kinds:
        return None
    if quoted and not _ends(s, after) and not s.bit(skip_aside(s, after)) & (QUOTE | COLON | PREP | ADV | COMMA | TIME | SUB | NUM):
        if not s.bit(left) & QUOTE or _plain(s, left):
            return None
    if quoted and _plain(s, left) and not _ends(s, after):
        return None
    start = content_start(s, left)
    content = said_before(s, left, start)
    rest = _rest(s, after)
    if content is not None and not quoted and s.bit(start) & (PREP | SUB) and s.low(start) != "if" and rest and s.bit(rest[0][0]) & QUOTE:
        return None
    if content is None and not as_said and bit & COMMA and s.bit(verb.end) & COMMA and rest and left > start:
        content = ((start, left),)  # South Carolina, he said, was
    if content is None:
        return None
    content += rest
    name = "final.as" if as_said else "final.said"
    return Found(name, (who.start, who.end), (verb.start, _with_colon(s, verb.end)), content, "speech" if "speech" in verb.kinds else "thought")


def _plain(s: Scan, left: int) -> bool:
    """Whether the quotation at `left` ends without a mark that leads on to who said it."""
    if not s.bit(left) & QUOTE:
        return False
    body = s.t.word(left).rstrip("”\"'’»› ")
    return not body or body[-1] not in ",?!—-.…"


def _with_colon(s: Scan, end: int) -> int:
    return end + 1 if s.bit(end) & COLON else end


def _rest(s: Scan, after: int) -> tuple[Range, ...]:
    """What goes on being said after the attribution: `…, he said, “but …”`, `…, he said, and was not.`"""
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
        if not bit & (SUB | ING_WORD | REL) or bit & (DET | AUX) or low in ("so", "because", "if") or s.bit(s.first) & SUB:
            if low in ("but", "which", "and", "who", "as") or (bit & PREP and s.bit(s.first) & QUOTE) or (bit & ADV and s.bit(k + 2) & ING_WORD):
                return ()
            return ((k + 1, clause_end(s, k + 1, SAYING)),)
    return ()


def inverted(s: Scan, i: int) -> Found | None:
    """`“The ferry was late,” said Ames, the harbour master.`"""  # noqa: D400
    verb = verb_at(s, i)
    if verb is None or not verb.kinds & SAYING or not (verb.cue.form & (PAST | THIRD) or s.low(i) == "say") or verb.end != i + 1 or "object" in verb.kinds:
        return None
    if verb.start == s.first:
        return None
    left = verb.start - 1
    bit = s.bit(left)
    if not bit & (QUOTE | COMMA) or (bit & COMMA and not _clause(s, s.first, left)):
        return None
    if bit & QUOTE and _plain(s, left):
        return None
    opens = s.bit(verb.end)
    if not opens & (CAP | DET | POSS | LOWER | NUM | SUBJ | ADJ) or opens & (REL | PREP | TIME | OBJ) and not opens & (DET | SUBJ | POSS | CAP):
        return None
    if bit & COMMA and not s.bit(left - 1) & QUOTE and opens & SUBJ and not opens & DET:
        return None
    end = noun_after(s.t, verb.end, s.last)
    if end <= verb.end:
        return None
    if bit & COMMA and not s.bit(left - 1) & QUOTE and (not _ends(s, end) or "quoting" in verb.kinds or subject(s.t, verb.start, s.first)):
        return None
    content = said_before(s, left, content_start(s, left))
    if content is None:
        return None
    return Found("final.inverted", (verb.end, end), (verb.start, verb.end), content + _rest(s, end), "speech")


# --- rules for what stands after them --------------------------------------------------------------------------------


def _content_after(s: Scan, verb: Verb) -> tuple[tuple[Range, ...], int] | None:
    """What is said after a verb, and where the cue ends (its colon included)."""
    k = verb.end
    kinds = verb.kinds
    cue_end = _with_colon(s, k)
    if cue_end > k:
        return (((cue_end, s.last),), cue_end) if cue_end < s.last else ((), cue_end)
    bit = s.bit(k)
    if bit & COMMA:
        if s.bit(k + 1) & QUOTE:
            return ((k + 1, _quote_run(s, k + 1)),), k
        close = next((j for j in range(k + 1, min(s.last, k + 18)) if s.bit(j) & (COMMA | QUOTE)), -1)
        if close > 0 and s.bit(close) & COMMA and close + 1 < s.last and kinds & SAYING and s.bit(close + 1) & (QUOTE | REL) and s.low(close + 1) in ("", "that"):
            return ((close + 1, clause_end(s, close + 1, kinds)),), k
        return None
    if k >= s.last or bit & (DASH | SEMI | STOP | CLOSE):
        return None
    if "addressed" in kinds and kinds & SAYING:
        told = addressee(s, k)
        if told > k:
            after = skip_aside(s, told)
            if s.bit(after) & COMMA and s.bit(after + 1) & QUOTE:
                return ((after + 1, s.last),), k
            if s.bit(after) & COLON:
                return (((after + 1, s.last),), k) if after + 1 < s.last else ((), k)
            if s.low(after) == "to" or s.low(after) == "not":
                pass
            elif after < s.last and not s.bit(after) & (COMMA | DASH):
                k = after
            elif verb.cue.lemma == "tell":
                return None
    else:
        k = skip_aside(s, k)
    if k != verb.end:
        if k >= s.last:
            return None
        if s.bit(k) & COLON:
            return (((k + 1, s.last),), verb.end) if k + 1 < s.last else ((), verb.end)
        if s.bit(k) & COMMA:
            if s.bit(k + 1) & QUOTE:
                return ((k + 1, _quote_run(s, k + 1)),), verb.end
            return None
    if kinds & SAYING and s.bit(k) & (PREP | ADV | TIME | SUB) and s.low(k) not in ("that", "whether", "how", "why", "if", "what"):
        for j in range(k + 1, min(s.last, k + 18)):
            if s.low(j) == "that" and s.bit(j + 1) & (DET | SUBJ | CAP | POSS | LOWER | QUOTE | PREP | SUB) and s.bit(j - 1) & (CAP | LOWER | TIME | NUM | CLOSE):
                k = j
                break
            if s.bit(j) & (COMMA | COLON) and (s.bit(j + 1) & QUOTE or j + 1 == s.last):
                if s.bit(j) & COLON and j + 1 == s.last:
                    return (), j + 1
                k = j + 1
                break
            if s.bit(j) & (COMMA | AUX | CUE | QUOTE | DASH):
                break
    end = clause_end(s, k, kinds)
    return (((k, end),), verb.end) if end > k else None


def _quote_run(s: Scan, k: int) -> int:
    """The end of the quotation at `k` and of what goes on with it."""
    return s.last if k + 1 >= s.last else clause_end(s, k + 1, SAYING) if not s.bit(k + 1) & (COMMA | COORD) else k + 1


def _quoting_only(s: Scan, verb: Verb, content: tuple[Range, ...]) -> bool:
    """Whether the verb says something only beside a quotation, and none is there."""
    if "quoting" not in verb.kinds or "stance" in verb.kinds:
        return False
    if not content:
        return False
    k = content[0][0]
    return not (s.bit(k) & QUOTE or s.low(k) == "that" or s.bit(verb.end) & COLON)


def direct(s: Scan, i: int) -> Found | None:
    """`Ames said on Monday that the ferry was late.`, `Ames praised the crew.`"""  # noqa: D400
    verb = verb_at(s, i)
    if verb is None or verb.passive or verb.cue.form == ING and verb.start == i:
        return None
    if verb.kinds <= {"passive"}:
        return None
    if s.bit(verb.end) & PREP and s.low(verb.end) == "by" or verb.kinds <= {"addressed", "passive"}:
        return None
    if verb.cue.form == PARTICIPLE and verb.start == i:
        return None
    who = subject(s.t, verb.start, s.first)
    if who is None:
        return None
    got = _as_said(s, verb, who) or _content_after(s, verb)
    if got is None or _quoting_only(s, verb, got[0]):
        return None
    content, cue_end = got
    if content and not _fits(s, verb, who, content):
        return None
    kind = _kind(verb)
    if kind == "thought" and content and s.bit(content[0][0]) & (PREP | ADV) and s.low(content[0][0]) not in ("to", "that", "about"):
        return None
    if not content and not s.bit(cue_end - 1) & COLON:
        return None
    relative = s.bit(who.start) & REL and who.end == who.start + 1
    if relative and "speech" not in verb.kinds:
        return None
    return Found("direct.who" if relative else "direct." + kind, (who.start, who.end), (verb.start, cue_end), content, kind)


def _fits(s: Scan, verb: Verb, who: Phrase, content: tuple[Range, ...]) -> bool:
    """Whether what follows is something said: of a poll that finds anything, of others a clause; of who calls, a name."""
    start, end = content[0]
    opens = s.low(start)
    if "finding" in verb.kinds and verb.end == verb.at + 1:
        documents = kind_words()["document"]
        of_document = any(s.low(k).rstrip("s") in documents or s.low(k) in documents for k in range(who.start, who.end))
        return of_document or opens in ("that", "how", "whether", "why", "what")
    if verb.cue.lemma == "call" and verb.end == verb.at + 1:
        return any(s.bit(k) & QUOTE or (k > start and s.low(k) in ("a", "an", "the")) for k in range(start, end))
    return True


def _as_said(s: Scan, verb: Verb, who: Phrase) -> tuple[tuple[Range, ...], int] | None:
    """What is said after `As Ames told the court, ...`"""
    if s.low(who.start - 1) != "as" or "speech" not in verb.kinds:
        return None
    after = addressee(s, verb.end) if "addressed" in verb.kinds else verb.end
    after = skip_aside(s, after)
    return (((after + 1, s.last),), verb.end) if s.bit(after) & COMMA and after + 1 < s.last else None


def _kind(verb: Verb) -> str:
    for kind in ("speech", "thought", "stance"):
        if kind in verb.kinds:
            return kind
    return "speech"


def participle(s: Scan, i: int) -> Found | None:
    """`Ames shook his head, adding that the ferry was late.`"""  # noqa: D400
    verb = verb_at(s, i)
    if verb is None or not verb.cue.form & ING or not verb.kinds & {"speech", "thought", "stance"}:
        return None
    if any(s.bit(k) & AUX for k in range(verb.start, i)):
        return None
    before = s.bit(verb.start - 1)
    got = _content_after(s, verb)
    if got is None or not got[0] or _quoting_only(s, verb, got[0]):
        return None
    content, cue_end = got
    if before & (COMMA | DASH | QUOTE) or verb.start == s.first:
        source, inherits = inherited(s, verb.start)
        if source is None:
            return None
        return Found("participle", source, (verb.start, cue_end), content, _kind(verb), inherits)
    if s.bit(verb.start - 1) & (PREP | SUB) and s.low(verb.start - 1) in LEADING and "speech" in verb.kinds:
        source, inherits = inherited(s, verb.start - 1 if verb.start - 1 > s.first else s.first)
        if verb.start - 1 == s.first:  # After saying so, Ames left.
            comma = next((k for k in range(content[0][0], s.last) if s.bit(k) & COMMA), s.last)
            content = ((content[0][0], comma),)
        if source is not None and content[0][1] > content[0][0]:
            return Found("participle.by", source, (verb.start, cue_end), content, _kind(verb), inherits)
    if before & (CAP | LOWER | TIME) and "speech" in verb.kinds:
        return _issued(s, verb, cue_end, content)
    return None


def _issued(s: Scan, verb: Verb, cue_end: int, content: tuple[Range, ...]) -> Found | None:
    """`The office issued a statement saying that the ferry was late.`: the cue is all of it, from the verb."""
    for k in range(verb.start - 1, max(s.first, verb.start - 8), -1):
        if s.low(k) in VENUES or s.low(k).rstrip("s") in VENUES:
            break
        if s.bit(k) & (COMMA | QUOTE | SUBJ):
            return None
    else:
        return None
    for j in range(k - 1, max(s.first, k - 7), -1):
        if s.bit(j) & (ED | VERB | CUE | AUX) and not s.bit(j - 1) & (DET | POSS | ADJ):
            start = verb_group(s.t, j, s.first)
            who = subject(s.t, start, s.first)
            return None if who is None else Found("issued", (who.start, who.end), (start, cue_end), content, "speech")
        if s.bit(j) & (COMMA | QUOTE):
            break
    return None


def asked(s: Scan, i: int) -> Found | None:
    """`Asked whether the ferry was late, Ames shook his head.`"""  # noqa: D400
    if s.low(i) not in ("asked", "pressed") or not (i == s.first or (s.bit(i - 1) & (SUB | COMMA))):
        return None
    end = i + 2 if s.low(i + 1) in ("about", "for", "by") else i + 1
    stop = next((k for k in range(end, s.last) if s.bit(k) & (COMMA | QUOTE)), s.last)
    start = next((k for k in range(end, min(stop, end + 8)) if s.low(k) in ("whether", "if", "why", "how", "what", "who")), end)
    return Found("asked", None, (i, end), ((start, stop),), "speech") if stop > start else None


def inherited(s: Scan, before: int) -> tuple[Range | None, bool]:
    """The source of the statement that stands nearest before token `before`, else the subject of the sentence."""
    nearest = max((f for f in s.found if f.cue[0] < before and f.source), key=lambda f: f.cue[0], default=None)
    if nearest is not None:
        return nearest.source, True
    for k in range(min(before, s.last) - 1, max(s.first, before - LONGEST), -1):
        if s.t.bits[k] & (AUX | VERB | ED | CUE) and not s.t.bits[k] & CAP and not nominal_verb(s, k):
            who = subject(s.t, verb_group(s.t, k, s.first), s.first)
            if who is not None and not s.bit(who.start) & REL:
                return (who.start, who.end), False
    if before == s.first:
        comma = next((k for k in range(before, s.last) if s.bit(k) & COMMA), -1)
        if comma > 0:
            end = noun_after(s.t, comma + 1, s.last)
            if end > comma + 1:
                return (comma + 1, end), False
    return None, False


def nominal_verb(s: Scan, k: int) -> bool:
    """Whether the verb at `k` is more likely a noun or belongs to one."""
    return bool(s.bit(k - 1) & (DET | POSS | ADJ | PREP))


def coordinated(s: Scan, i: int) -> Found | None:
    """`Ames praised the crew and said that the ferry was late.`"""  # noqa: D400
    verb = verb_at(s, i)
    if verb is None or verb.passive or not verb.cue.form & (PAST | THIRD | BASE) or not verb.kinds & {"speech", "thought", "stance"}:
        return None
    left = verb.start - 1
    if not (s.bit(left) & COORD and s.low(left) in ("and", "but")):
        return None
    if verb.cue.form == BASE and verb.start == i:
        return None
    got = _content_after(s, verb)
    if got is None or not got[0] or _quoting_only(s, verb, got[0]):
        return None
    source, inherits = inherited(s, left)
    if source is None:
        return None
    return Found("coordinated", source, (verb.start, got[1]), got[0], _kind(verb), inherits)


def expected(s: Scan, i: int) -> Found | None:
    """`The ferry is expected to sail.`"""  # noqa: D400
    verb = verb_at(s, i)
    if verb is None:
        return None
    if not verb.passive or "passive" not in verb.kinds or s.low(verb.end) not in ("to", "that", "as"):
        return None
    who = subject(s.t, verb.start, s.first)
    if who is None or verb.end >= s.last:
        return None
    end = clause_end(s, verb.end, verb.kinds)
    content = ((who.start, who.end), (verb.end, end)) if s.low(who.start) != "it" or who.end - who.start > 1 else ((verb.end, end),)
    return Found("expected", None, (verb.start, verb.end), content, "thought") if end > verb.end else None


def noun(s: Scan, i: int) -> Found | None:
    """`an announcement by Mayor Ames that the ferry would stop`, `his belief that the ferry was late`"""  # noqa: D400
    if s.low(i) not in nouns():
        return None
    start = i
    k = i + 1
    source: Range | None = None
    if s.low(k) in ("by", "from", "of", "among") and s.low(k) != "of":
        end = _until_that(s, k + 1)
        if end > k + 1 and s.low(end) == "that":
            source, k = (k + 1, end), end
    if s.low(k) != "that" or not s.bit(k + 1) & (DET | SUBJ | CAP | POSS | LOWER | ADJ):
        return None
    if s.bit(k + 1) & (CUE | VERB | AUX) and not s.bit(k + 1) & (CAP | DET):
        return None
    if source is None:
        own = start - 1
        while own > s.first and s.bit(own) & (ADJ | LOWER) and not s.bit(own) & (POSS | DET | PREP | VERB | CUE | AUX):
            own -= 1
        if not s.bit(own) & POSS:
            return None
        source = (noun_before(s.t, own, s.first), own + 1) if s.bit(own) & CAP else (own, own + 1)
        if source[0] >= source[1]:
            source = (own, own + 1)
    end = clause_end(s, k, SAYING)
    return Found("noun", source, (start, i + 1), ((k, end),), "noun")


def _until_that(s: Scan, k: int) -> int:
    start = k
    while k < min(s.last, start + 16) and s.low(k) != "that" and not s.bit(k) & (COMMA | QUOTE | DASH | SEMI | AUX):
        k += 1
    return k


class Rule(NamedTuple):
    """A rule, by its function's name."""

    apply: Callable[[Scan, int], Found | None]


BEFORE: tuple[Callable[[Scan, int], Found | None], ...] = (according, inverted, final)
AFTER: tuple[Callable[[Scan, int], Found | None], ...] = (asked, expected, direct, coordinated, participle, noun)


def attribute(t: Tokens, sentence: Sentence) -> list[Found]:
    """The statements of one sentence, in the order of their cues."""
    first, last = sentence.start, sentence.end
    if t.bits[first] & OPEN and t.bits[last - 1] & CLOSE:
        first, last = first + 1, last - 1
    while last > first and t.bits[last - 1] & STOP:
        last -= 1
    s = Scan(t, first, last)
    triggers = [i for i in range(first, last) if t.bits[i] & (CUE | NOUN_CUE) or t.low[i] == "according"]
    if not triggers:
        return []
    claimed = _pass(s, triggers, BEFORE, [])
    _pass(s, triggers, AFTER, claimed)
    return sorted(s.found, key=lambda f: f.cue)


def _pass(s: Scan, triggers: list[int], rules: tuple[Callable[[Scan, int], Found | None], ...], claimed: list[Range]) -> list[Range]:
    for i in triggers:
        if any(start <= i < end for start, end in claimed):
            continue
        for rule in rules:
            found = rule(s, i)
            if found is not None:
                s.found.append(found)
                claimed.append(found.cue)
                claimed.extend(found.content)
                break
    return claimed
