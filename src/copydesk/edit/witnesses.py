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
        for start, end, copy_start, copy_end in zip(*(bound.tolist() for bound in bounds), strict=True):
            spans.append(Span(start, end, copy.id, copy_start, copy_end))
    return tuple(spans)
