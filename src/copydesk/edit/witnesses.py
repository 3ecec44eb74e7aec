"""Which stretches of the edition each copy has to the letter."""

from __future__ import annotations

import numpy as np

from copydesk.edit.copytext import Text
from copydesk.model import Collation, Span


def witnesses(collation: Collation, text: Text) -> tuple[Span, ...]:
    """For each copy the maximal stretches of the edition that it has at their place, in order of copy, then of place.

    A word counts where the copy has it at the same locus, spelt alike; what stands between two words where the copy has both
    side by side and the same between.
    """
    spans: list[Span] = []
    rank = np.full(collation.n_loci, -1, np.int64)
    rank[text.loci] = np.arange(len(text.loci))
    for copy, tokens, placed in zip(collation.copies, collation.tokens, collation.loci, strict=True):
        word = rank[placed]
        token = np.flatnonzero(word >= 0)
        token = token[tokens.forms[token] == text.forms[word[token]]]
        if not len(token):
            continue
        word = word[token]
        go_on = (np.diff(token) == 1) & (np.diff(word) == 1) & (tokens.separators[token[1:]] == text.separators[word[1:]])
        breaks = np.flatnonzero(~go_on)
        first, last = np.append(0, breaks + 1), np.append(breaks, len(token) - 1)
        bounds = (text.starts[word[first]], text.ends[word[last]], tokens.starts[token[first]], tokens.ends[token[last]])
        found = [list(bound) for bound in zip(*(bound.tolist() for bound in bounds), strict=True)]
        _to_the_ends(found, text.text, copy.text)
        spans += [Span(start, end, copy.id, copy_start, copy_end) for start, end, copy_start, copy_end in found]
    return tuple(spans)


def _to_the_ends(found: list[list[int]], edition: str, body: str) -> None:
    """Stretches the first and the last span, in place, over the marks that open and close the edition."""
    first, last = found[0], found[-1]
    if edition[: first[0]] == body[max(0, first[2] - first[0]) : first[2]] and len(edition[: first[0]].split()) <= 1:
        first[2] -= first[0]
        first[0] = 0
    tail = edition[last[1] :]
    if len(tail.split()) <= 1 and body.startswith(tail, last[3]):
        last[1] += len(tail)
        last[3] += len(tail)
