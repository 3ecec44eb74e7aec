"""Stories, grown around verified representatives.

The texts of a story need not all be alike: a short excerpt and a heavily edited copy share little. But to follow links from
text to text without end joins a whole site through its footer, or two pages through the one extract that kept all of their
navigation. So a story grows in three steps, each linear in the links:

1. *Strong* links only: each text, longest first, joins the story its strong links lend most weight.
2. Stories that weaker links join become one if their *middle* members, neither the longest nor the shortest, know one another:
   the mean coverage of such pairs must reach `MEAN`. Again, until nothing joins. Links too weak to tell anything tell whom to
   ask: one of two stories being large, they are one too where middle members cover as much as a link has to.
3. A member must share the *core* of its story: the part that most members have of the one that most are linked to. Who does
   not leaves the story, with those who came by its links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from copydesk.find import kernels
from copydesk.find.chains import GAP, WIDE_GAP

if TYPE_CHECKING:
    from collections.abc import Callable

    from copydesk.find.chains import Hashes, Index, Texts

    Coverage = Callable[[Index, Index, int], Index]

STRONG = 800
"""Coverage of a link that needs no other voice, in thousandths."""
MEAN = 300
"""Mean coverage of the middle members of two stories that are one."""
VOUCHED = 6
"""Members of a story that are asked about a text whose own links cover too little: of fewer the links have told all."""
ROUNDS = 6
"""Rounds of joining and of leaving, at most; three are the most that have been seen."""
CORE = 0.15
CORE_SHARED = 0.2
"""A member has `CORE` of the core, or the core is `CORE_SHARED` of what it shares with the one most are linked to."""
ASKED = 32
"""Members asked what the core is."""
LOW = (1 << 31) - 1


def grow(n_texts: int, a: Index, b: Index, covered: Index) -> Index:
    """The story of each text (its longest text), by links in order of `b`, `a < b`: the one they lend most coverage."""
    story = np.empty(n_texts, np.int64)
    firsts, lent = np.empty((2, int(np.bincount(b, minlength=1).max())), np.int64)
    kernels.grow(a, b, covered, firsts, lent, story)
    return story


def join(story: Index, a: Index, b: Index, least: Index, coverage: Coverage) -> Index:
    """Make one of the stories that links join and whose middle members know one another.

    Of all links `a, b` of two stories the least of `least` is the mean coverage of middle members that makes them one.
    """
    for _ in range(ROUNDS):
        order, first, size, number = _members(story)
        x, y = number[a], number[b]
        asked = np.flatnonzero((x != y) & ((least == MEAN) | (np.maximum(size[x], size[y]) >= VOUCHED)))
        pairs, of_link = np.unique(np.maximum(x, y)[asked] << 32 | np.minimum(x, y)[asked], return_inverse=True)
        mean = np.full(len(pairs), 1001)
        np.minimum.at(mean, of_link, least[asked])
        x, y = pairs >> 32, pairs & 0xFFFFFFFF
        trials = []
        for i in (1, 3, 5):
            for j in (1, 3, 5):
                p, q = order[first[x] + size[x] * i // 6], order[first[y] + size[y] * j // 6]
                trials.append(np.stack([np.arange(len(pairs)), np.maximum(p, q), np.minimum(p, q)], axis=1))
        of, p, q = np.unique(np.concatenate(trials), axis=0).T
        covered = np.empty(len(of), np.int64)
        for wide in (False, True):
            some = np.flatnonzero((mean[of] == MEAN) == wide)
            covered[some] = coverage(p[some], q[some], WIDE_GAP if wide else GAP)
        known = np.bincount(of, covered, len(pairs)) >= mean * np.bincount(of, minlength=len(pairs))
        if not known.any():
            break
        together = np.arange(len(first))
        kernels.unite(x[known], y[known], together)
        story = order[first[together[number]]]
    return story


def shed(story: Index, a: Index, b: Index, covered: Index, texts: Texts, boilerplate: Hashes) -> tuple[Index, Index]:
    """Let go of the members that do not share the core of their story; the stories, and the hub of each text's story.

    The hub is the member whose links in the story lend most coverage.
    """
    doubtful = np.ones(len(story), bool)
    for _ in range(ROUNDS):
        order, first, size, number = _members(story)
        inside = story[a] == story[b]
        weight = np.bincount(a[inside], covered[inside], len(story)) + np.bincount(b[inside], covered[inside], len(story))
        # Of equal weight the longest, which has the lowest number.
        heaviest = np.maximum.reduceat(np.minimum(weight.astype(np.int64), LOW)[order] << 31 | LOW - order, first)
        hubs = LOW - (heaviest & LOW)
        asked = (size >= 3) & doubtful[order[first]]
        members, sizes = order[np.repeat(asked, size)], size[asked]
        shared, shared_core = np.empty(len(members), np.int64), np.empty(len(members), np.int64)
        n_core = np.empty(len(sizes), np.int64)
        most = texts.most_seeds(members)
        room = kernels.index_room(most)
        table, marks, weight = np.empty(room, np.uint64), np.empty(kernels.MARKS * room, np.uint8), np.empty(room, np.int32)
        kernels.core(
            members, np.cumsum(sizes), hubs[asked], texts.seeds, texts.starts, texts.ends, boilerplate.table, ASKED,
            table, marks, weight, np.empty(ASKED + 1, np.int64), np.empty(most + 1, np.uint64), shared, shared_core, n_core,
        )  # fmt: skip
        stays = (shared_core >= CORE * np.repeat(n_core, sizes)) & (shared_core > 0)
        stays |= (shared_core >= CORE_SHARED * shared) & (shared > 0)
        leaves = np.zeros(len(story), bool)
        leaves[members[~stays]] = True
        leaves[hubs] = False
        if not leaves.any():
            break
        among = np.flatnonzero(leaves[a] & leaves[b] & inside)
        elsewhere = grow(len(story), a[among], b[among], covered[among])
        doubtful = np.isin(story, story[leaves])
        story = np.where(leaves, elsewhere + len(story), story)
        order, first, size, number = _members(story)
        story = order[first[number]]
    return story, hubs[number]


def _members(story: Index) -> tuple[Index, Index, Index, Index]:
    """The texts story by story, longest first; where each story starts among them; its size; each text's story's number."""
    order = np.argsort(story, kind="stable")
    begins = np.diff(story[order], prepend=-1) != 0
    first = np.flatnonzero(begins)
    number = np.empty(len(story), np.int64)
    number[order] = np.cumsum(begins) - 1
    return order, first, np.diff(first, append=len(story)), number
