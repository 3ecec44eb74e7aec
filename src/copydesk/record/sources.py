"""What a source is and who: its kind, the name it stands for, and those through whom its words came.

Names are learned from the text as it is read: full names by their last word, so that `Ames` is `Mayor Ruth Ames`; the last
person and the last organisation named, for `she` and `the agency`.
"""

from __future__ import annotations

from typing import NamedTuple

from copydesk.record.cues import kind_words
from copydesk.record.phrases import noun_before
from copydesk.record.sentences import Tokens
from copydesk.record.words import ADJ, ADV, CAP, COMMA, DET, LOWER, NUM, OBJ, OPEN, POSS, PREP, REL, SUBJ, TIME, listed

PERSON, ORGANISATION, DOCUMENT, UNNAMED = "person", "organisation", "document", "unnamed"
THEY = listed("they")
TELLING = listed("telling")  # before `by`, who passed it on
LATER = 30  # statements after which a pronoun no longer looks back


class Relay(NamedTuple):
    """Where a source ends whose words came through another: tokens of the `cue` and of the `source` that passed them on."""

    cue: tuple[int, int]
    source: tuple[int, int]


class Who(NamedTuple):
    """What a source is: its kind, and its name if it has one."""

    kind: str
    name: str | None


class Names:
    """The names met so far in one text, in its order."""

    def __init__(self, t: Tokens) -> None:
        self._t = t
        self._full: dict[str, str] = {}  # by the last word
        self._last: dict[str, tuple[int, str]] = {}  # by kind: the statement, and the name
        self._n = 0

    def who(self, start: int, end: int) -> Who:
        """What the source of tokens `[start, end)` is; it is remembered for those that follow."""
        self._n += 1
        t = self._t
        if end - start == 1 and t.bits[start] & REL:  # who: the name before it
            end = start - 1 if start and t.bits[start - 1] & COMMA else start
            start = noun_before(t, end - 1, max(0, end - 12)) if end else 0
            if start >= end:
                return Who(UNNAMED, None)
        if end - start == 1 and t.bits[start] & (SUBJ | REL | POSS | OBJ) and not t.bits[start] & NUM:
            return self._pronoun(t.low[start])
        head = _head(t, start, end)
        first = _name_start(t, start, head)
        if first > head:
            return self._described(start, head, end)
        kind = _kind(t, start, first, head)
        if kind == UNNAMED:
            return self._described(start, head, end)
        name = self._full_name(first, head)
        self._last[kind] = (self._n, name)
        return Who(kind, name)

    def _described(self, start: int, head: int, end: int) -> Who:
        """A source that is not named itself: `the agency`, `the mayor`, `a report by the Courier`, `officials`."""
        t, words = self._t, kind_words()
        low = t.low[head]
        the = t.low[start] in ("the", "that", "this")
        if low in words["document"] or low.removesuffix("s") in words["document"]:
            return Who(
                DOCUMENT, self._of_document(start, head, end) or (self._recall(DOCUMENT) if the and head == start + 1 else None)
            )
        if low in words["organisation"]:
            first = _name_start(t, start, head - 1) if head > start else head
            if first < head:  # the Ames campaign
                return Who(ORGANISATION, t.text[t.starts[first] : t.ends[head]])
            return Who(ORGANISATION, self._recall(ORGANISATION) if the and head == start + 1 else None)
        if head + 2 < end and t.bits[head + 1] & COMMA:  # a blogger, Ruth Ames,
            last = _head(t, head + 2, end)
            if _name_start(t, head + 2, last) == head + 2 < last:
                self._last[PERSON] = (self._n, self._full_name(head + 2, last))
                return Who(PERSON, self._last[PERSON][1])
        alone = t.low[start] == "the" and head == start + 1 == end - 1 and not t.bits[head] & (SUBJ | ADV | ADJ | NUM)
        name = self._recall(PERSON) if alone and not low.endswith(("s", "ed")) else None
        return Who(PERSON if name else UNNAMED, name)

    def _of_document(self, start: int, head: int, end: int) -> str | None:
        """Whose document it is: `an official MCA statement`, `a report by the Courier`."""
        t = self._t
        first = _name_start(t, start, head - 1) if head > start else head
        if first < head and (first > start or _acronym(t.word(first))):
            return t.text[t.starts[first] : t.ends[head - 1]]
        if head + 2 < end and t.low[head + 1] in ("by", "from"):
            last = _head(t, head + 2, end)
            first = _name_start(t, head + 2, last)
            return self._full_name(first, last) if first <= last else None
        return None

    def _pronoun(self, low: str) -> Who:
        if low in ("he", "she", "his", "her"):
            return Who(PERSON, self._recall(PERSON))
        if low in ("it", "its"):
            name = self._recall(ORGANISATION)
            return Who(ORGANISATION, name) if name else Who(UNNAMED, None)
        return Who(UNNAMED if low in THEY else PERSON, None)

    def _recall(self, kind: str) -> str | None:
        when, name = self._last.get(kind, (0, ""))
        return name if name and self._n - when <= LATER else None

    def _full_name(self, first: int, head: int) -> str:
        """The name of tokens `first` to `head`, in full where it was met in full before."""
        name = _bare(self._t.text[self._t.starts[first] : self._t.ends[head]])
        last = name.rpartition(" ")[2]
        full = self._full.get(last)
        if full is None or len(name) > len(full):
            self._full[last] = full = name
        return full


def _head(t: Tokens, start: int, end: int) -> int:
    """The last word of the phrase proper: before its apposition, bracket, relative clause or preposition."""
    head = start
    for k in range(start, end):
        bit = t.bits[k]
        if (k > start and bit & (COMMA | OPEN | REL)) or (
            k > start and bit & PREP and not bit & DET and not _of_name(t, k, start, end)
        ):
            break
        if bit & (CAP | LOWER | NUM) and not bit & TIME:
            head = k
    return head


def _of_name(t: Tokens, k: int, start: int, end: int) -> bool:
    """Whether `of` stands within a name: `the Bank of Orle`, but not `Ruth Ames of Orle`."""
    if t.low[k] != "of" or k + 1 >= end or not t.bits[k - 1] & t.bits[k + 1] & CAP:
        return False
    return t.low[start] == "the" or t.low[k - 1] in kind_words()["organisation"]


def _name_start(t: Tokens, start: int, head: int) -> int:
    """Where the name that ends at token `head` begins, its titles and what it is of left out; `head + 1` where it is none."""
    words = kind_words()
    if not t.bits[head] & CAP or _own(t, head) or (t.bits[head] & (DET | SUBJ) and head == start):
        return head + 1
    if head == start and any(t.low[head] in words[kind] for kind in ("document", "organisation", "unnamed", "title")):
        return head + 1  # a common word that begins its sentence
    first = head
    while first > start:
        bit, low = t.bits[first - 1], t.low[first - 1]
        if low in words["title"] or low.endswith(("’s", "'s")) or bit & (DET | NUM) or _own(t, first - 1):
            break
        if not bit & CAP and low not in (".", "&", "of", "/"):
            break
        first -= 1
    while first < head and t.low[first] in (".", "of", "&", "/"):
        first += 1
    return first


def _own(t: Tokens, k: int) -> bool:
    """Whether token `k` is `his` or `her`, and no name in the possessive."""
    return bool(t.bits[k] & POSS) and "'" not in t.low[k] and "’" not in t.low[k]


def _bare(name: str) -> str:
    """A name without the ending of a possessive."""
    for ending in ("’s", "'s", "’", "'"):
        name = name.removesuffix(ending)
    return name


def _kind(t: Tokens, start: int, first: int, head: int) -> str:
    """What a name of tokens `first` to `head` names, in a phrase that begins at `start`."""
    words = kind_words()
    low = _bare(t.low[head])
    if low in words["organisation"] or (any(_acronym(t.word(k)) for k in range(first, head + 1)) and first == start):
        return ORGANISATION
    if low in words["document"]:
        return DOCUMENT
    if low in words["unnamed"] or low + "s" in words["unnamed"]:
        return UNNAMED
    titled = first > start and (
        t.low[first - 1] in words["title"] or (t.bits[first - 1] & LOWER and not t.bits[first - 1] & DET)
    )
    if first > start and t.low[first - 1] == "the" and not titled:
        return ORGANISATION
    if any(t.low[k] == "of" for k in range(first, head)):
        return ORGANISATION
    return PERSON


def _acronym(word: str) -> bool:
    """Whether a word is written as MCA or KLR4 are."""
    body = word.removesuffix("’s").removesuffix("'s").replace(".", "")
    return len(body) > 1 and body.isupper()


def relay(t: Tokens, start: int, end: int) -> Relay | None:
    """`an official statement reported by the Courier`: the source ends before `reported`, and came through the Courier."""
    for k in range(start + 1, end - 2):
        if t.low[k] in TELLING and t.low[k + 1] in ("by", "in", "on") and t.bits[k - 1] & (LOWER | CAP):
            first = k - 1 if t.low[k - 1] == "first" and k - 1 > start else k
            return Relay((first, k + 2), (k + 2, end))
    return None
