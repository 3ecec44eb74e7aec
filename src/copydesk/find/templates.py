"""Templates: reports that are filled in, not copied.

Two reports of one template look like two edited copies of one text: both differ at every eighth word. Three tell them apart.
Copies are each edited at places of their own, so if a share `q` of the seeds is left in each, `q * q` is left in two of them
and `q * q * q` in three. Reports differ at the same places, each with its own word: what two have in common, the third has too.
If a share `s` of the seeds lies in slots, `(1 - s) q q` is left in two and `(1 - s) q q q` in three, so the three pairs and the
trio give `s`, however much the reports are edited besides: near 0 among copies, near .4 among reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from copydesk.find import kernels

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from copydesk.find.chains import Hashes, Index, Texts

    Count = Callable[[Index], tuple[Index, Index]]

GAP = 150
"""Letters between two shared seeds between which texts run along together; less than for chains: a lost block is no slot."""
SLOTS = 0.22
"""Share of the seeds that lie in slots from which a link is one of a template; half of its story's share, if that is less."""
SUSPECT = 0.1
"""Share from which a story may be one of a template, and its links are looked at one by one."""
LEAST = 50
"""Seeds that all three have, added up, without which nothing is said."""
MOST_TRIOS = 32
"""Trios looked at for a story, at most; two for a small one."""
SURE = 0.14
"""Share, over all links of a story, from which it is one for sure."""
THIRDS = 4
"""Third texts looked at for a link of a story under suspicion."""


def slots(texts: Texts, boilerplate: Hashes, trios: NDArray[np.int64]) -> tuple[Index, Index]:
    """For each trio (three columns of texts) the seeds that all have, and how many that would be by chance, in thousandths."""
    together, by_chance = np.empty((2, len(trios)), np.int64)
    most = texts.most_seeds(trios.ravel())
    tables = np.empty((3, kernels.index_room(most)), np.uint64)
    places, flags = np.empty((3, most), np.int64), np.empty(most, np.uint8)
    kernels.slots(
        np.ascontiguousarray(trios), texts.seeds, texts.starts, texts.ends, boilerplate.table, boilerplate.marks, GAP,
        tables, places, flags, together, by_chance,
    )  # fmt: skip
    return together, by_chance


def templated(story: Index, a: Index, b: Index, count: Count) -> NDArray[np.bool_]:
    """Which of the links `a, b` within the stories (`story[t]`: that of text `t`) join reports of a template.

    `count` is `slots` over all texts. Stories of two are left as they are: a pair cannot tell.
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
    together, by_chance = (
        np.bincount(of, x, len(big)) for x in count(np.stack([order[at], order[at + 1], order[at + 2]], axis=1))
    )
    suspect = np.zeros(len(story), bool)
    suspect[order[first[big[_slotted(together, by_chance, SUSPECT)]]]] = True
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
    together, by_chance = (np.bincount(of, n, len(links)) for n in count(np.concatenate(trios)))
    result = np.zeros(len(a), bool)
    # All links of a story together tell, surely, whether it is of a template, and how large its slots are.
    _, of_story = np.unique(story[x], return_inverse=True)
    all_together, all_by_chance = np.bincount(of_story, together), np.bincount(of_story, by_chance)
    share = 1 - (all_by_chance / np.maximum(all_together, 1)) ** 2
    least = np.where(share < SURE, 1.0, np.minimum(share / 2, SLOTS))
    result[links] = _slotted(together, by_chance, least[of_story])
    return result


def _slotted(together: NDArray[Any], by_chance: NDArray[Any], share: float | NDArray[Any]) -> NDArray[np.bool_]:
    """Where at least this share of the seeds lies in slots: `together` is then by `1 / sqrt(1 - share)` more than by chance."""
    enough: NDArray[np.bool_] = together >= 1000 * LEAST
    return enough & (by_chance**2 < (1 - share) * together**2)
