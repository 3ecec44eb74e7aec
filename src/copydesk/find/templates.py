"""Templates: reports that are filled in, not copied.

Two reports of one template look like two edited copies of one text: both differ at every eighth word. Three tell them apart.
Copies are each edited at places of their own, so where one differs the other two mostly agree: it is the odd one out. Reports
differ at the same places, each with its own word: no two agree where the third differs. So over trios of texts, of the seeds
that not all three have, the share is counted that two have: near .6 among copies (.3 at worst), near .1 among reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from copydesk.find import kernels

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from copydesk.find.chains import Hashes, Index, Texts

    Count = Callable[[Index], tuple[Index, Index]]

GAP = 150
"""Letters between two shared seeds between which texts run along together; less than for chains: a lost block is no slot."""
ODD = 0.2
"""Share of odd ones out below which a link is one of a template."""
ODD_STORY = 0.35
"""Share above which a whole story is above suspicion, and its links need not be looked at one by one."""
LEAST = 10
"""Seeds that not all three have: with fewer nothing is said."""
MOST_TRIOS = 32
"""Trios looked at for a story, at most; two for a small one."""
THIRDS = 4
"""Third texts looked at for a link of a story under suspicion."""


def odd_ones(texts: Texts, boilerplate: Hashes, trios: NDArray[np.int64]) -> tuple[Index, Index]:
    """For each trio (three columns of texts) the seeds that only two have, and all that not all three have."""
    odd, unlike = np.empty(len(trios), np.int64), np.empty(len(trios), np.int64)
    kernels.odd_ones(np.ascontiguousarray(trios), texts.seeds, texts.starts, texts.ends, boilerplate.table, GAP, odd, unlike)
    return odd, unlike


def templated(story: Index, a: Index, b: Index, count: Count) -> NDArray[np.bool_]:
    """Which of the links `a, b` within the stories (`story[t]`: that of text `t`) join reports of a template.

    `count` is `odd_ones` over all texts. Stories of two are left as they are: a pair cannot tell.
    """
    order = np.argsort(story, kind="stable")
    first = np.flatnonzero(np.diff(story[order], prepend=-1))
    size = np.diff(first, append=len(story))
    size_of, place, first_of = np.empty((3, len(story)), np.int64)
    place[order] = np.arange(len(story))
    size_of[order] = np.repeat(size, size)
    first_of[order] = np.repeat(first, size)

    # Neighbours in the order of length, evenly spread over the story, show whether it is above suspicion.
    big = np.flatnonzero(size >= 3)
    tries = np.minimum(size[big] - 2, np.minimum(1 + size[big] // 8, MOST_TRIOS))
    of = np.repeat(np.arange(len(big)), tries)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(tries) - tries, tries)
    at = first[big][of] + nth * (size[big][of] - 2) // tries[of]
    odd, unlike = (np.bincount(of, x, len(big)) for x in count(np.stack([order[at], order[at + 1], order[at + 2]], axis=1)))
    suspect = np.zeros(len(story), bool)
    suspect[order[first[big[(unlike >= LEAST) & (odd < ODD_STORY * unlike)]]]] = True
    suspect = suspect[order[first_of]]

    links = np.flatnonzero(suspect[a] & (story[a] == story[b]))
    x, y = a[links], b[links]
    trios, link = [], []
    found = np.zeros(len(links), np.int64)
    for step in range(1, THIRDS + 2):
        third = order[first_of[x] + (place[x] - first_of[x] + step) % size_of[x]]
        use = np.flatnonzero((third != x) & (third != y) & (found < THIRDS) & (step < size_of[x]))
        found[use] += 1
        trios.append(np.stack([x[use], y[use], third[use]], axis=1))
        link.append(use)
    of = np.concatenate(link)
    odd, unlike = (np.bincount(of, n, len(links)) for n in count(np.concatenate(trios)))
    result = np.zeros(len(a), bool)
    result[links] = (unlike >= LEAST) & (odd < ODD * unlike)
    return result
