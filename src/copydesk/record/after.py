"""The rules for what is said after its cue: `Ames said that C`, `Ames praised C`, `adding that C`, `the claim that C`.

Each takes a sentence and the token of a cue, gives a `Found` or None, and shows in its docstring what it is for.
"""

from __future__ import annotations

from copydesk.record.clauses import addressee, clause_end, skip_aside
from copydesk.record.cues import BASE, ING, PARTICIPLE, PAST, THIRD, kind_words, nouns
from copydesk.record.phrases import LONGEST, VENUES, Phrase, nominal, noun_after, noun_before, verb_group
from copydesk.record.scan import SAYING, Found, Range, Scan, Verb, subject_at
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
    LOWER,
    NUM,
    OBJ,
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

LEADING = listed("leading")
DECIDED = listed("decided")
ASKED = frozenset({"asked", "pressed"})
TELLING = frozenset({"speech", "thought", "stance"})

Content = tuple[tuple[Range, ...], int]  # what is said, and where the cue ends
CLAUSE = DET | SUBJ | CAP | POSS | LOWER | QUOTE | PREP | SUB  # what a clause may begin with
CLAUSES = frozenset({"that", "whether", "how", "why", "if", "what"})


def _content_after(s: Scan, verb: Verb) -> Content | None:
    """What is said after a verb, past those who are told it and past when and where, and the end of the cue with its colon."""
    k = verb.end
    if s.bits[k] & COLON:
        return _announced(s, k + 1, k + 1)
    if s.bits[k] & COMMA:
        return _after_comma(s, k, verb)
    if k >= s.last or s.bits[k] & (DASH | SEMI | STOP | CLOSE):
        return None
    k = _told(s, verb) if "addressed" in verb.kinds and verb.kinds & SAYING else skip_aside(s, k)
    if not verb.end <= k < s.last:
        return None
    if s.bits[k] & COLON:
        return _announced(s, k + 1, verb.end)
    if s.bits[k] & COMMA:
        return _after_comma(s, k, verb)
    if verb.kinds & SAYING and s.bits[k] & (PREP | ADV | TIME | SUB) and s.low[k] not in CLAUSES:
        k = _past_occasion(s, k)
        if k == s.last:
            return (), k
    end = clause_end(s, k, verb.kinds)
    return (((k, end),), verb.end) if end > k else None


def _announced(s: Scan, start: int, cue_end: int) -> Content:
    """What a colon announces: the rest of the sentence, or what stands in the next."""
    return (((start, s.last),), cue_end) if start < s.last else ((), cue_end)


def _after_comma(s: Scan, comma: int, verb: Verb) -> Content | None:
    """A quotation after the comma, or after an aside that it opens: `said, with a smile, “...”`."""
    k = comma + 1 if s.bits[comma + 1] & QUOTE else _past_aside(s, comma) if verb.kinds & SAYING else -1
    if k < 0:
        return None
    end = k + 1
    if s.low[k] == "that" or (end < s.last and not s.bits[end] & (COMMA | COORD)):
        end = clause_end(s, end, SAYING)
    return ((k, end),), verb.end


def _told(s: Scan, verb: Verb) -> int:
    """Where what is said begins after those who are told it; the verb's end where they belong to it; -1: nothing is said."""
    told = addressee(s, verb.end)
    after = skip_aside(s, told) if told > verb.end else told
    if s.low[after] in ("to", "not"):  # asked the court to wait
        return verb.end
    announced = s.bits[after] & COLON or (s.bits[after] & COMMA and s.bits[after + 1] & QUOTE)
    if after < s.last and (announced or not s.bits[after] & (COMMA | DASH)):
        return after
    return -1 if verb.cue.lemma == "tell" else verb.end


def _past_occasion(s: Scan, k: int) -> int:
    """Where `that`, or a quotation after a comma or colon, follows the words at `k`, else `k`; the end after a last colon."""
    for j in range(k + 1, min(s.last, k + 18)):
        bit, after = s.bits[j], s.bits[j + 1]
        if s.low[j] == "that" and after & CLAUSE and s.bits[j - 1] & (CAP | LOWER | TIME | NUM | CLOSE):
            return j
        if bit & (COMMA | COLON) and (after & QUOTE or (bit & COLON and j + 1 == s.last)):
            return j + 1
        if bit & (COMMA | AUX | CUE | QUOTE | DASH):
            break
    return k


def _past_aside(s: Scan, comma: int) -> int:
    """Where a quotation or `that` stands after the aside that the comma opens and another closes, or -1."""
    for k in range(comma + 1, min(s.last - 1, comma + 18)):
        if s.bits[k] & QUOTE:
            return -1
        if s.bits[k] & COMMA and (s.bits[k + 1] & QUOTE or s.low[k + 1] == "that"):
            return k + 1
    return -1


def _quoting_only(s: Scan, verb: Verb, content: tuple[Range, ...]) -> bool:
    """Whether the verb says something only beside a quotation, and none is there."""
    if "quoting" not in verb.kinds or "stance" in verb.kinds:
        return False
    if not content:
        return False
    k = content[0][0]
    return not (s.bits[k] & QUOTE or s.low[k] == "that" or s.bits[verb.end] & COLON)


def direct(s: Scan, verb: Verb) -> Found | None:
    """`Ames said on Monday that the ferry was late.`, `Ames praised the crew`."""
    if verb.passive or (verb.cue.form == ING and verb.start == verb.at):
        return None
    if verb.kinds <= {"passive"}:
        return None
    if (s.bits[verb.end] & PREP and s.low[verb.end] == "by") or verb.kinds <= {"addressed", "passive"}:
        return None
    if verb.cue.form == PARTICIPLE and verb.start == verb.at:
        return None
    who = subject_at(s, verb.start)
    if who is None:
        return None
    got = _as_said(s, verb, who) or _content_after(s, verb)
    if got is None or _quoting_only(s, verb, got[0]):
        return None
    content, cue_end = got
    if content and not _fits(s, verb, who, content):
        return None
    kind = _kind(verb)
    if (
        kind == "thought"
        and content
        and s.bits[content[0][0]] & (PREP | ADV)
        and s.low[content[0][0]] not in ("to", "that", "about")
    ):
        return None
    if not content and not s.bits[cue_end - 1] & COLON:
        return None
    if content and s.bits[who.start - 1] & SUB and who.start <= 3:  # When Ames said C, Brandt left.
        start, end = content[0]
        main = (k for k in range(start + 1, end) if s.bits[k] & COMMA and s.bits[k + 1] & (DET | SUBJ | CAP | POSS))
        content = ((start, next(main, end)), *content[1:])
    relative = s.bits[who.start] & REL and who.end == who.start + 1
    if relative and "speech" not in verb.kinds:
        return None
    if relative and s.bits[who.start - 1] & COMMA and content:  # Ames, who said C, left.
        start, end = content[0]
        back = (k for k in range(start + 1, end) if s.bits[k] & COMMA and s.bits[k + 1] & (VERB | ED | AUX | CUE))
        content = ((start, next(back, end)), *content[1:])
    return Found("direct.who" if relative else "direct." + kind, (who.start, who.end), (verb.start, cue_end), content, kind)


def _fits(s: Scan, verb: Verb, who: Phrase, content: tuple[Range, ...]) -> bool:
    """Whether what follows is something said: of a poll that finds anything, of others a clause; no budget; a name."""
    start, end = content[0]
    opens = s.low[start]
    if "finding" in verb.kinds and verb.end == verb.at + 1:
        documents = kind_words()["document"]
        of_document = any(s.low[k].rstrip("s") in documents or s.low[k] in documents for k in range(who.start, who.end))
        return of_document or opens in ("that", "how", "whether", "why", "what")
    if verb.cue.lemma == "reject" and not any(s.bits[k] & QUOTE for k in range(start, end)):
        return all(s.low[k] not in DECIDED for k in range(start, min(end, start + 5)))
    if verb.cue.lemma == "call" and verb.end == verb.at + 1:
        if any(s.bits[k] & QUOTE for k in range(start, end)):
            return True
        named = (k for k in range(start + 1, min(end, start + 8)) if s.low[k] in ("a", "an", "the"))
        return any(s.bits[k - 1] & (CAP | LOWER | OBJ) and not s.bits[k - 1] & (PREP | COORD | SUB | VERB) for k in named)
    return True


def _as_said(s: Scan, verb: Verb, who: Phrase) -> Content | None:
    """What is said after `As Ames told the court, ..`."""
    if s.low[who.start - 1] != "as" or "speech" not in verb.kinds:
        return None
    after = addressee(s, verb.end) if "addressed" in verb.kinds else verb.end
    after = skip_aside(s, after)
    return (((after + 1, s.last),), verb.end) if s.bits[after] & COMMA and after + 1 < s.last else None


def _kind(verb: Verb) -> str:
    for kind in ("speech", "thought", "stance"):
        if kind in verb.kinds:
            return kind
    return "speech"


def participle(s: Scan, verb: Verb) -> Found | None:
    """`Ames shook his head, adding that the ferry was late`."""
    if verb.kinds.isdisjoint(TELLING) or any(s.bits[k] & AUX for k in range(verb.start, verb.at)):
        return None
    before = s.bits[verb.start - 1]
    got = _content_after(s, verb)
    if got is None or not got[0] or _quoting_only(s, verb, got[0]):
        return None
    content, cue_end = got
    by = before & (PREP | SUB) and s.low[verb.start - 1] in LEADING and "speech" in verb.kinds  # by saying
    first = verb.start - 1 if by else verb.start
    if first == 0:  # Saying so, Ames left. After saying so, Ames left.
        comma = next((k for k in range(content[0][0], s.last) if s.bits[k] & COMMA), s.last)
        content = ((content[0][0], comma),)
    if by or first == 0 or before & (COMMA | DASH | QUOTE):
        source, inherits = inherited(s, first)
        if source is not None and content[0][1] > content[0][0]:
            return Found("participle.by" if by else "participle", source, (verb.start, cue_end), content, _kind(verb), inherits)
    if before & (CAP | LOWER | TIME) and "speech" in verb.kinds:
        return _issued(s, verb, cue_end, content)
    return None


def _issued(s: Scan, verb: Verb, cue_end: int, content: tuple[Range, ...]) -> Found | None:
    """`The office issued a statement saying that the ferry was late.`: the cue is all of it, from the verb."""
    for k in range(verb.start - 1, max(0, verb.start - 8), -1):
        if s.low[k] in VENUES or s.low[k].rstrip("s") in VENUES:
            break
        if s.bits[k] & (COMMA | QUOTE | SUBJ):
            return None
    else:
        return None
    for j in range(k - 1, max(0, k - 7), -1):
        if s.bits[j] & (ED | VERB | CUE | AUX) and not s.bits[j - 1] & (DET | POSS | ADJ):
            start = verb_group(s, j, 0)
            who = subject_at(s, start)
            return None if who is None else Found("issued", (who.start, who.end), (start, cue_end), content, "speech")
        if s.bits[j] & (COMMA | QUOTE):
            break
    return None


def asked(s: Scan, i: int) -> Found | None:
    """`Asked whether the ferry was late, Ames shook his head`."""
    if s.low[i] not in ASKED or not (i == 0 or (s.bits[i - 1] & (SUB | COMMA))):
        return None
    end = i + 2 if s.low[i + 1] in ("about", "for", "by") else i + 1
    stop = next((k for k in range(end, s.last) if s.bits[k] & (COMMA | QUOTE)), s.last)
    start = next((k for k in range(end, min(stop, end + 8)) if s.low[k] in ("whether", "if", "why", "how", "what", "who")), end)
    return Found("asked", None, (i, end), ((start, stop),), "speech") if stop > start else None


def inherited(s: Scan, before: int, nearest: bool = False) -> tuple[Range | None, bool]:
    """The source of the statement that stands nearest before token `before`, else the subject of its clause.

    That is the subject of the sentence, or of the verb that stands `nearest`. Of a participle that begins the sentence it is
    what follows the comma.
    """
    if before == 0:
        comma = next((k for k in range(before, s.last) if s.bits[k] & COMMA), -1)
        end = noun_after(s, comma + 1, s.last) if comma >= 0 else comma
        return ((comma + 1, end), False) if end > comma + 1 else (None, False)
    main = 0
    if s.bits[main] & (SUB | PREP):  # When he was asked, Ames laughed and said
        main = next((k + 1 for k in range(main, before) if s.bits[k] & COMMA), main)
    said = max((f for f in s.found if main <= f.cue[0] < before and f.source), key=lambda f: f.cue[0], default=None)
    if said is not None and said.source is not None:
        return (said.source, True) if said.source[1] <= before else (None, False)  # the cue stands in the source itself
    verbs = range(main + 1, min(before, s.last, main + LONGEST))
    for k in reversed(verbs) if nearest else verbs:
        bit = s.bits[k]
        if bit & (AUX | VERB | ED | CUE) and not bit & CAP and not s.bits[k - 1] & (DET | POSS | ADJ | PREP):
            if not (bit & AUX or nearest) and nominal(s, k, 0) and not bit & ED:
                continue
            who = subject_at(s, verb_group(s, k, 0))
            if who is not None and not s.bits[who.start] & REL:
                return (who.start, who.end), False
    return None, False


def coordinated(s: Scan, verb: Verb) -> Found | None:
    """`Ames praised the crew and said that the ferry was late`."""
    left = verb.start - 1
    if not (s.bits[left] & COORD and s.low[left] in ("and", "but")) and not (
        s.bits[left] & COMMA and s.low[verb.start] == "then"
    ):
        return None
    if (
        "by" in (s.low[verb.end], s.low[verb.end + 1])
        or not verb.cue.form & (PAST | THIRD | BASE)
        or verb.kinds.isdisjoint(TELLING)
        or (verb.cue.form == BASE and verb.start == verb.at)
    ):
        return None
    got = _content_after(s, verb)
    if got is None or not got[0] or _quoting_only(s, verb, got[0]):
        return None
    source, inherits = inherited(s, left, nearest=True)
    if source is None:
        return None
    return Found("coordinated", source, (verb.start, got[1]), got[0], _kind(verb), inherits)


def expected(s: Scan, verb: Verb) -> Found | None:
    """`The ferry is expected to sail`."""
    if "passive" not in verb.kinds or s.low[verb.end] not in ("to", "that", "as"):
        return None
    who = subject_at(s, verb.start)
    if who is None or verb.end >= s.last:
        return None
    end = clause_end(s, verb.end, verb.kinds)
    content = (
        ((who.start, who.end), (verb.end, end)) if s.low[who.start] != "it" or who.end - who.start > 1 else ((verb.end, end),)
    )
    return Found("expected", None, (verb.start, verb.end), content, "thought") if end > verb.end else None


def noun(s: Scan, i: int) -> Found | None:
    """`an announcement by Mayor Ames that the ferry would stop`, `his belief that the ferry was late`."""
    if s.low[i] not in nouns():
        return None
    start = i
    k = i + 1
    source: Range | None = None
    if s.low[k] in ("by", "from", "of", "among") and s.low[k] != "of":
        end = _until_that(s, k + 1)
        if end > k + 1 and s.low[end] == "that":
            source, k = (k + 1, end), end
    if s.low[k] != "that" or not s.bits[k + 1] & (DET | SUBJ | CAP | POSS | LOWER | ADJ):
        return None
    if s.bits[k + 1] & (CUE | VERB | AUX) and not s.bits[k + 1] & (CAP | DET):
        return None
    if source is None:
        own = start - 1
        while own > 0 and s.bits[own] & (ADJ | LOWER) and not s.bits[own] & (POSS | DET | PREP | VERB | CUE | AUX):
            own -= 1
        if not s.bits[own] & POSS:
            return None
        source = (noun_before(s, own, 0), own + 1) if s.bits[own] & CAP else (own, own + 1)
        if source[0] >= source[1]:
            source = (own, own + 1)
    end = clause_end(s, k, SAYING)
    if s.bits[0] & (PREP | SUB):  # Since an announcement that C, the ferry has been late.
        comma = (j for j in range(k + 2, end - 1) if s.bits[j] & COMMA and s.bits[j + 1] & (DET | CAP | SUBJ | POSS))
        end = next(comma, end)
    return Found("noun", source, (start, i + 1), ((k, end),), "noun")


def _until_that(s: Scan, k: int) -> int:
    start = k
    while k < min(s.last, start + 16) and s.low[k] != "that" and not s.bits[k] & (COMMA | QUOTE | DASH | SEMI | AUX):
        k += 1
    return k
