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
    copy, copy_starts, copy_ends = copy[first], rows.start[at[first]], rows.end[at[last]]
    head, tail = text.text[: text.starts[0]], text.text[text.ends[-1] :]
    copies = evidence.collation.copies
    for span in ((starts == len(head)) & (copy_starts >= len(head))).nonzero()[0].tolist() if head else ():
        if copies[copy[span]].text.endswith(head, 0, copy_starts[span]):
            starts[span] = 0
            copy_starts[span] -= len(head)
    for span in (ends == text.ends[-1]).nonzero()[0].tolist() if tail else ():
        if copies[copy[span]].text.startswith(tail, copy_ends[span]):
            ends[span] += len(tail)
            copy_ends[span] += len(tail)
    ids = [copies[which].id for which in copy.tolist()]
    return tuple(map(Span, starts.tolist(), ends.tolist(), ids, copy_starts.tolist(), copy_ends.tolist()))
