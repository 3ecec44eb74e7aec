"""Where paragraphs begin, by the copies that keep them.

Some copies flatten all paragraphs to one line, others wrap their lines at a fixed width. Neither says anything about
paragraphs, so they have no vote on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.separators import LINE, PARAGRAPH, Separators
from copydesk.edit.tally import Rows

if TYPE_CHECKING:
    from copydesk.model import Flags, Index

WIDEST_WRAP = 100  # letters: lines that next to never exceed this were wrapped
WRAPPED = 0.98  # share of the lines of a wrapped copy that do not


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """`breaks[r]` tells for each token, in order of copy, whether a paragraph ends before it; `kept[c]` whether `c` keeps any.

    `begins` tells of each locus whether a paragraph (where no copy there keeps them: a sentence) begins with it.
    """

    breaks: Flags
    kept: Flags
    begins: Flags


def paragraphs(rows: Rows, sizes: Index, separators: Separators) -> Paragraphs:
    """Finds the paragraphs of each copy, and of all together; `sizes[l]` of them have locus `l`."""
    breaks = _breaks(rows, separators)
    inner = rows.token > 0  # where a copy begins it does not say what stood before
    broken = breaks & inner
    n_loci, words = rows.n_loci, rows.starts[1:] - rows.starts[:-1]
    kept = keepers(np.bincount(rows.copy[broken], minlength=len(words)), words)
    voter = kept[rows.copy] & inner
    voters = np.bincount(rows.locus[voter], minlength=n_loci)
    begins = 2 * np.bincount(rows.locus[broken & voter], minlength=n_loci) > voters
    if (voters == 0).any():
        sentence = np.bincount(rows.locus[separators.ends[rows.before]], minlength=n_loci)
        begins = np.where(voters > 0, begins, 2 * sentence > sizes)
    return Paragraphs(breaks, kept, begins)


def keepers(count: Index, size: Index) -> Flags:
    """Which copies have not lost what others have: `count` of it in texts of `size` words, not ten times rarer than usual."""
    some = count > 0
    rate = count / np.maximum(1, size)
    rates = rate[some].tolist()
    return some & (10 * rate >= median(rates)) if rates else some


def _breaks(rows: Rows, separators: Separators) -> Flags:
    """Whether a paragraph ends before each token of each copy: at every break of a line, if lines were not wrapped."""
    kinds = separators.break_[rows.before]
    breaks: Flags = kinds >= LINE
    single = (kinds == LINE).nonzero()[0]
    for copy in set(rows.copy[single].tolist()):
        first, end = int(rows.starts[copy]), int(rows.starts[copy + 1])
        lines = first + 1 + breaks[first + 1 : end].nonzero()[0]
        edges = np.concatenate((rows.start[first : first + 1], rows.start[lines], rows.end[end - 1 : end]))
        widths = np.sort(edges[1:] - edges[:-1])
        nth = WRAPPED * (len(widths) - 1)  # between two of them, as quantiles are
        below, above = float(widths[int(nth)]), float(widths[min(int(nth) + 1, len(widths) - 1)])
        if below + (above - below) * (nth - int(nth)) <= WIDEST_WRAP:
            ended = separators.ends[rows.before[lines[kinds[lines] == LINE]]]
            if len(ended) and ended.mean() < 0.5:
                breaks[first:end] = kinds[first:end] >= PARAGRAPH
    return breaks
