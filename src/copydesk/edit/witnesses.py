"""Which stretches of the edition each copy has to the letter."""

from __future__ import annotations

import numpy as np

from copydesk.edit.copytext import Text
from copydesk.model import Collation, Span


def witnesses(collation: Collation, text: Text) -> tuple[Span, ...]:
    """For each copy the maximal stretches of the edition that it has at their place, in order of place, then of copy.

    A word counts where the copy has it at the same locus, spelt alike; what stands between two words where the copy has both
    side by side and the same between.
    """
    spans: list[Span] = []
    rank = np.full(collation.n_loci, -1, np.int64)
    rank[text.loci] = np.arange(len(text.loci))
    for copy, tokens, placed in zip(collation.copies, collation.tokens, collation.loci, strict=True):
        token = np.flatnonzero(rank[placed] >= 0)
        word = rank[placed[token]]
        starts, ends = text.starts[word], text.ends[word]
        own_starts, own_ends = tokens.starts[token], tokens.ends[token]
        alike = (ends - starts) == (own_ends - own_starts)
        rows = zip(starts.tolist(), ends.tolist(), own_starts.tolist(), own_ends.tolist(), alike.tolist(), strict=True)
        body, edition, name = copy.text, text.text, copy.id
        open_ = False
        a = b = own_a = own_b = 0
        for start, end, own_start, own_end, same_size in rows:
            if not same_size or edition[start:end] != body[own_start:own_end]:
                if open_:
                    spans.append(Span(a, b, name, own_a, own_b))
                open_ = False
            elif open_ and start - b == own_start - own_b and edition[b:start] == body[own_b:own_start]:
                b, own_b = end, own_end
            else:
                if open_:
                    spans.append(Span(a, b, name, own_a, own_b))
                a, b, own_a, own_b, open_ = start, end, own_start, own_end, True
        if open_:
            spans.append(Span(a, b, name, own_a, own_b))
    return tuple(sorted(spans))
