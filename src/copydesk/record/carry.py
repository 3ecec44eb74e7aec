"""What carries on from one sentence to the next: quotations without a cue of their own, and statements that are implied."""

from __future__ import annotations

from copydesk.record.cues import hedges, kind_words
from copydesk.record.phrases import noun_after
from copydesk.record.scan import Found, Range
from copydesk.record.sentences import Sentence, Tokens
from copydesk.record.words import AUX, CLOSE, COLON, COMMA, DASH, OPEN, OTHER, QUOTE, STOP

NUMBERED = frozenset(
    [
        "number",
        "figure",
        "total",
        "count",
        "tally",
        "estimate",
        "percentage",
        "share",
        "data",
        "statistic",
        "statistics",
        "numbers",
        "figures",
    ]
)
CITED = (
    ("as", "of"),
    ("comes", "from"),
    ("came", "from"),
    ("come", "from"),
    ("according", "to"),
    ("is", "from"),
    ("was", "from"),
)


POINTING = frozenset(("this", "that", "the", "these", "those"))


class Speaker:
    """Whose quotation goes on: the last statement with one, while no other sentence comes between."""

    def __init__(self) -> None:
        self._statement: int | None = None
        self._end = -1  # of its sentence

    def goes_on(self, t: Tokens, sentence: Sentence) -> tuple[int, list[Range]] | None:
        """The statement that a sentence of quotations alone carries on, and the quotations; None for any other sentence."""
        if self._statement is None or self._end != sentence.start:
            return None
        if not all(bit & (QUOTE | STOP | OPEN | CLOSE | OTHER) for bit in t.bits[sentence.start : sentence.end]):
            return None
        quoted = [i for i in range(sentence.start, sentence.end) if t.bits[i] & QUOTE]
        if not quoted:
            return None
        self._end = sentence.end
        return self._statement, [(i, i + 1) for i in quoted]

    def hears(self, t: Tokens, found: Found, number: int, sentence: Sentence) -> None:
        """Take note of a statement: its `number`, and the sentence it stands in."""
        if not found.content or (found.kind == "speech" and any(QUOTE in t.bits[start:end] for start, end in found.content)):
            self._statement, self._end = number, sentence.end


def allegation(t: Tokens, sentence: Sentence, before: Found | None) -> Found | None:
    """`Reports indicate that he lied. He allegedly stole as well.`: what is alleged carries on from the one before."""
    if before is None or before.source is None or before.kind != "speech":
        return None
    if hedges().isdisjoint(t.low[sentence.start : sentence.end]):
        return None
    if all(hedges().isdisjoint(t.low[start:end]) for start, end in before.content):
        return None
    return Found(
        "implied.allegation",
        before.source,
        (sentence.start, sentence.start),
        ((sentence.start, _body_end(t, sentence)),),
        "implied",
    )


def figure(t: Tokens, sentence: Sentence, before: Sentence | None, found_before: list[Found]) -> Found | None:
    """`The office turned 130 away. This number is as of the April report.`: the report is the source of the number."""
    start = sentence.start
    if before is None or t.low[start] not in POINTING or start + 2 >= (end := _body_end(t, sentence)):
        return None
    head = next((k for k in range(start + 1, min(start + 4, end - 1)) if t.low[k] in NUMBERED), None)
    if head is None or (not t.bits[head + 1] & AUX and t.low[head + 1] not in ("comes", "came", "come")):
        return None
    for k in range(head + 1, min(head + 4, end - 1)):
        if (t.low[k], t.low[k + 1]) in CITED:
            last = noun_after(t, k + 2, end)
            document = any(t.low[j].rstrip("s") in kind_words()["document"] for j in range(k + 2, last))
            if document:
                return Found("implied.figure", (k + 2, last), (start, start), (_main(t, before, found_before),), "implied")
    return None


def _main(t: Tokens, sentence: Sentence, found: list[Found]) -> Range:
    """The clause of a sentence that no statement in it has claimed, from its last comma."""
    end = _body_end(t, sentence)
    start = sentence.start
    for claim in found:
        for _, stop in claim.content:
            if start < stop < end and t.bits[stop] & (COMMA | DASH | COLON):
                start = stop + 1
    return start, end


def _body_end(t: Tokens, sentence: Sentence) -> int:
    end = sentence.end
    while end > sentence.start + 1 and t.bits[end - 1] & STOP:
        end -= 1
    return end
