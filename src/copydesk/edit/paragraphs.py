"""Where paragraphs begin, by the copies that keep them.

Some copies flatten all paragraphs to one line, others wrap their lines at a fixed width. Neither says anything about
paragraphs, so they have no vote on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.separators import LINE, PARAGRAPH, Separators
from copydesk.edit.tally import Ballots
from copydesk.model import Collation, Tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDEST_WRAP = 100  # letters: lines that never exceed this were wrapped


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """`breaks[c]` tells for each separator of copy `c` whether a paragraph ends there; `kept[c]` whether `c` keeps any.

    `begins` tells of each locus whether a paragraph (where no copy there keeps them: a sentence) begins with it.
    """

    breaks: list[NDArray[np.bool_]]
    kept: NDArray[np.bool_]
    begins: NDArray[np.bool_]


def paragraphs(collation: Collation, votes: Ballots, separators: Separators) -> Paragraphs:
    """Finds the paragraphs of each copy, and of all together."""
    breaks = [_breaks(own, separators) for own in collation.tokens]
    n_breaks = np.array([int(own[1:-1].sum()) for own in breaks])
    size = np.array([len(own.keys) for own in collation.tokens])
    # a copy that breaks ten times less often than the most broken one has lost its paragraphs
    rate = n_breaks / np.maximum(1, size)
    kept = (n_breaks > 0) & (rate * 10 >= np.median(rate[n_breaks > 0]) if (n_breaks > 0).any() else True)
    n_loci = collation.n_loci
    offset = np.concatenate(([0], np.cumsum([len(own) for own in breaks])))[:-1]
    before = np.concatenate(breaks)[offset[votes.copy] + votes.token]
    keeper = kept[votes.copy]
    broken = np.bincount(votes.locus, before & keeper, n_loci)
    keepers = np.bincount(votes.locus, keeper, n_loci)
    sentence = np.bincount(votes.locus, separators.ends[votes.before], n_loci)
    present = np.diff(votes.starts)
    begins = np.where(keepers > 0, 2 * broken > keepers, 2 * sentence > present)
    return Paragraphs(breaks, kept, begins)


def _breaks(own: Tokens, separators: Separators) -> NDArray[np.bool_]:
    """Whether a paragraph ends at each separator of a copy."""
    kinds = separators.break_[own.separators]
    lines = np.flatnonzero(kinds[1:-1] >= LINE) + 1
    single = lines[kinds[lines] == LINE]
    if not len(single):
        return kinds >= PARAGRAPH
    edges = np.concatenate((own.starts[:1], own.starts[lines], own.ends[-1:]))
    widths = np.diff(edges)
    wrapped = np.quantile(widths, 0.98) <= WIDEST_WRAP and separators.ends[own.separators[single]].mean() < 0.5
    return kinds >= (PARAGRAPH if wrapped else LINE)
