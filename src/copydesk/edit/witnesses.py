"""Which stretches of the edition each copy has to the letter."""

from __future__ import annotations

import numpy as np

from copydesk.edit.copytext import Text
from copydesk.edit.evidence import Evidence
from copydesk.model import Span


def witnesses(evidence: Evidence, text: Text) -> tuple[Span, ...]:
    """For each copy the maximal stretches of the edition that it has at their place, in order of copy, then of place.

    A word counts where the copy has it at the same locus, spelt alike; what stands between two words where the copy has both
    side by side and the same between; what opens and closes the text where it stands there in the copy.
    """
    rows = evidence.rows
    rank = np.full(evidence.collation.n_loci, -1, np.int64)
    rank[text.loci] = np.arange(len(text.loci))
    form = np.full(evidence.collation.n_loci, -1, np.int64)
    form[text.loci] = text.forms
    at = (rows.form == form[rows.locus]).nonzero()[0]
    if not len(at):
        return ()
    word, copy = rank[rows.locus[at]], rows.copy[at]
    go_on = (at[1:] == at[:-1] + 1) & (word[1:] == word[:-1] + 1) & (copy[1:] == copy[:-1])
    go_on &= rows.before[at[1:]] == text.separators[word[1:]]
    breaks = (~go_on).nonzero()[0]
    first, last = np.concatenate(([0], breaks + 1)), np.concatenate((breaks, [len(at) - 1]))
    starts, ends = text.starts[word[first]], text.ends[word[last]]
    bounds = (copy[first], starts, ends, rows.start[at[first]], rows.end[at[last]])
    head, tail = int(text.starts[0]), len(text.text) - int(text.ends[-1])
    spans = []
    for which, start, end, copy_start, copy_end in zip(*(bound.tolist() for bound in bounds), strict=True):
        of = evidence.collation.copies[which]
        opens = head if start == head <= copy_start and of.text.startswith(text.text[:head], copy_start - head) else 0
        closes = tail if end + tail == len(text.text) and of.text.startswith(text.text[end:], copy_end) else 0
        spans.append(Span(start - opens, end + closes, of.id, copy_start - opens, copy_end + closes))
    return tuple(spans)
