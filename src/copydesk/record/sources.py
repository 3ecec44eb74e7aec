"""What a source is and who: its kind, the name it stands for, and those through whom its words came.

Names are learned from the text as it is read: full names by their last word, so that `Ames` is `Mayor Ruth Ames`; the last
person and the last organisation named, for `she` and `the agency`.
"""

from __future__ import annotations

from typing import NamedTuple

from copydesk.record.cues import kind_words
from copydesk.record.phrases import noun_before
from copydesk.record.sentences import Tokens
from copydesk.record.words import CAP, COMMA, DET, LOWER, NUM, OBJ, OPEN, POSS, PREP, REL, SUBJ, TIME

PERSON, ORGANISATION, DOCUMENT, UNNAMED = "person", "organisation", "document", "unnamed"
THEY = frozenset(
    [
        "they",
        "we",
        "some",
        "others",
        "many",
        "most",
        "several",
        "both",
        "all",
        "few",
        "none",
        "those",
        "these",
        "another",
        "one",
    ]
)
TELLING = frozenset(
    ["reported", "published", "cited", "quoted", "carried", "aired", "relayed"]
)  # before `by`, who passed it on
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
        head = _head(t, start, end)
        low = t.low[head]
        if end - start == 1 and t.bits[start] & REL and start > 1:  # who: the name before it
            end = start - 1 if t.bits[start - 1] & COMMA else start
            start = noun_before(t, end - 1, max(0, end - 12))
            if start >= end:
                return Who(UNNAMED, None)
            head = _head(t, start, end)
            low = t.low[head]
        if end - start == 1 and t.bits[start] & (SUBJ | REL | POSS | OBJ) and not t.bits[start] & NUM:
            return self._pronoun(low)
        common = head == start and (t.bits[start] & DET or any(low in words for words in kind_words().values()))
        named = t.bits[head] & CAP and not common
        kind = _kind(t, start, head)
        name = self._name(start, head) if named else None
        if kind == DOCUMENT and not named:
            name = self._of_document(start, head, end)
        if name is None and t.low[start] in ("the", "that", "this", "its", "his", "her") and kind != UNNAMED:
            name = self._recall(kind)  # the agency
        elif name is None and t.low[start] == "the" and kind == UNNAMED and not low.endswith(("s", "ed")):
            name = self._recall(PERSON)  # the mayor
            kind = PERSON if name else kind
        elif name is None and kind == PERSON:
            kind = UNNAMED
        if name and named:
            self._last[kind] = (self._n, name)
        return Who(kind, name)

    def _of_document(self, start: int, head: int, end: int) -> str | None:
        """Whose document it is: `an official ICE statement`, `a report by the Courier`."""
        t = self._t
        if head > start and t.bits[head - 1] & CAP:
            return self._name(start, head - 1)
        if head + 2 < end and t.low[head + 1] in ("by", "from"):
            last = _head(t, head + 2, end)
            return self._name(head + 2, last) if t.bits[last] & CAP else None
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

    def _name(self, start: int, head: int) -> str | None:
        """The name that ends at token `head`, in full where it was met in full before."""
        t = self._t
        first = head
        while first > start and (
            t.bits[first - 1] & CAP or t.low[first - 1] in (".", "&", "of", "/") or "-" in t.low[first - 1]
        ):
            first -= 1
        titles = kind_words()["title"]
        first = next((k + 1 for k in range(head - 1, first - 1, -1) if t.low[k] in titles), first)
        while first < head and (t.low[first] in (".", "of", "&", "/") or t.bits[first] & DET):
            first += 1
        name = t.text[t.starts[first] : t.ends[head]]
        for ending in ("’s", "'s", "’", "'"):
            name = name.removesuffix(ending)
        if not name:
            return None
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
            k > start and bit & PREP and not bit & DET and not _of_name(t, k, end)
        ):
            break
        if bit & (CAP | LOWER | NUM) and not bit & TIME:
            head = k
    return head


def _of_name(t: Tokens, k: int, end: int) -> bool:
    """Whether `of` stands within a name: `the Bank of Orle`."""
    return t.low[k] == "of" and k + 1 < end and bool(t.bits[k - 1] & t.bits[k + 1] & CAP)


def _kind(t: Tokens, start: int, head: int) -> str:
    """What the phrase from `start` to `head` names, by its last words."""
    words = kind_words()
    low = t.low[head].removesuffix("’s").removesuffix("'s")
    if t.bits[head] & CAP:
        if low in words["document"]:
            return DOCUMENT
        if any(t.low[k] in words["title"] for k in range(start, head)):
            return PERSON
        if (t.low[start] == "the" and head > start) or any(t.low[k] in words["organisation"] for k in range(start, head + 1)):
            return ORGANISATION
        if all(t.bits[k] & CAP for k in range(start, head + 1)) and any(_acronym(t.word(k)) for k in range(start, head + 1)):
            return ORGANISATION
        if low.endswith("s") and head == start and low in words["unnamed"]:
            return UNNAMED
        return PERSON
    if low in words["document"] or low.removesuffix("s") in words["document"]:
        return DOCUMENT
    if low in words["organisation"]:
        return ORGANISATION
    return UNNAMED


def _acronym(word: str) -> bool:
    """Whether a word is written as ICE or NBC4 are."""
    body = word.removesuffix("’s").removesuffix("'s").replace(".", "")
    return len(body) > 1 and body.isupper()


def relay(t: Tokens, start: int, end: int) -> Relay | None:
    """`an official statement reported by the Courier`: the source ends before `reported`, and came through the Courier."""
    for k in range(start + 1, end - 2):
        if t.low[k] in TELLING and t.low[k + 1] in ("by", "in", "on") and t.bits[k - 1] & (LOWER | CAP):
            first = k - 1 if t.low[k - 1] == "first" and k - 1 > start else k
            return Relay((first, k + 2), (k + 2, end))
    return None
