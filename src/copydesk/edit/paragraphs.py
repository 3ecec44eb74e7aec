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
    from copydesk.model import Flags, Index

WIDEST_WRAP = 100  # letters: lines that never exceed this were wrapped


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """`breaks[r]` tells for each token, in order of copy, whether a paragraph ends before it; `kept[c]` whether `c` keeps any.

    `begins` tells of each locus whether a paragraph (where no copy there keeps them: a sentence) begins with it.
    """

    breaks: Flags
    kept: Flags
    begins: Flags


def paragraphs(collation: Collation, votes: Ballots, separators: Separators) -> Paragraphs:
    """Finds the paragraphs of each copy, and of all together."""
    breaks = [_breaks(own, separators) for own in collation.tokens]
    sizes = np.array([len(own.keys) for own in collation.tokens])
    kept = keepers(np.array([int(own[1:].sum()) for own in breaks]), sizes)
    n_loci = collation.n_loci
    before = np.concatenate(breaks)
    voter = kept[votes.copy] & (votes.token > 0)  # where a copy begins it does not say what stood before
    broken = np.bincount(votes.locus, before[(np.cumsum(sizes) - sizes)[votes.copy] + votes.token] & voter, n_loci)
    voters = np.bincount(votes.locus, voter, n_loci)
    sentence = np.bincount(votes.locus, separators.ends[votes.before], n_loci)
    begins = np.where(voters > 0, 2 * broken > voters, 2 * sentence > np.diff(votes.starts))
    return Paragraphs(before, kept, begins)


def keepers(count: Index, size: Index) -> Flags:
    """Which copies have not lost what others have: `count` of it in texts of `size` words, not ten times rarer than usual."""
    some = count > 0
    rate = count / np.maximum(1, size)
    return some & (10 * rate >= np.median(rate[some])) if some.any() else some


def _breaks(own: Tokens, separators: Separators) -> Flags:
    """Whether a paragraph ends before each token of a copy."""
    kinds = separators.break_[own.separators[:-1]]
    lines = np.flatnonzero(kinds[1:] >= LINE) + 1
    single = lines[kinds[lines] == LINE]
    if not len(single):
        return kinds >= PARAGRAPH
    widths = np.diff(np.concatenate((own.starts[:1], own.starts[lines], own.ends[-1:])))
    wrapped = np.quantile(widths, 0.98) <= WIDEST_WRAP and separators.ends[own.separators[single]].mean() < 0.5
    return kinds >= (PARAGRAPH if wrapped else LINE)
