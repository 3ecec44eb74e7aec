"""Links: pairs of texts that share seeds, few for each text, however many texts there are.

All texts of a seed link to one of them, of the longest, so a seed of `n` texts costs `n - 1` links and there is no frequency
beyond which seeds are ignored. The texts of one story meet at their longest, those of one site (by its footer) at the site's
longest: boilerplate takes up one or two of the links of a text, not all. The links of a pair are added up, the rare seeds for
more, and each text keeps its `MOST` heaviest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from copydesk.find import kernels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from copydesk.find.chains import Index, Texts

    Parts = tuple[NDArray[np.uint64], Index]  # numbers, those of part `p` being `[bounds[p], bounds[p + 1])`; the bounds

MOST = 6
"""Links that a text keeps, at most. Only the first two may rest on a single seed: the rest is chance."""
PLENTY = 96
"""Seeds beyond which a text has plenty: it posts every second one only, and only its first link may rest on one of those."""


def postings(texts: Texts, some: Index) -> Parts:
    """The postings of some texts in `kernels.PARTS` parts, told by their hashes: 32 bits of hash above 32 of text."""
    out = np.empty(int((texts.ends[some] - texts.starts[some]).sum()) + 1, np.uint64)
    at, bounds = np.empty((2, kernels.PARTS + 1), np.int64)
    kernels.scatter(some, texts.seeds, texts.starts, texts.ends, PLENTY, out, at, bounds)
    return out[: bounds[-1]], bounds


def link(n_texts: int, postings: NDArray[np.uint64]) -> Parts:
    """The links of one part of the postings, which it sorts, in parts of 65,536 texts, as `kernels.link` writes them."""
    postings.sort()
    out = np.empty(len(postings), np.uint64)
    bounds = np.zeros((n_texts >> 16) + 2, np.int64)
    kernels.link(postings, out, bounds)
    return out[: bounds[-1]], bounds


def choose(n_seeds: Index, part: int, links: NDArray[np.uint64]) -> tuple[Index, Index]:
    """The heaviest links of each text of one part, which it sorts: a center, and a text after it.

    `n_seeds[t]` is how many a text has.
    """
    links.sort()
    centers, later = np.empty((2, min(len(links), MOST << 16)), np.int64)
    n = kernels.choose(links, part, n_seeds, PLENTY, np.empty((3, MOST), np.int64), centers, later)
    return centers[:n], later[:n]
