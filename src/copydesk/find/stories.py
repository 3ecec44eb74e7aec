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

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from copydesk.find import kernels
from copydesk.find.chains import GAP, WIDE_GAP
from copydesk.find.members import members

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
    fresh = np.ones(len(story), bool)  # the members of stories that were not asked about as they are
    for _ in range(ROUNDS):
        order, first, size, number = members(story)
        x, y = number[a], number[b]
        of_weight = (least == MEAN) | (np.maximum(size[x], size[y]) >= VOUCHED)
        asked = np.flatnonzero((x != y) & of_weight & (fresh[a] | fresh[b]))
        pairs, of_link = np.unique(np.maximum(x, y)[asked] << 32 | np.minimum(x, y)[asked], return_inverse=True)
        mean = np.full(len(pairs), 1001)
        np.minimum.at(mean, of_link, least[asked])
        x, y = pairs >> 32, pairs & 0xFFFFFFFF
        of, p, q = _asked(order, first, size, x, y)
        covered = np.empty(len(of), np.int64)
        for wide in (False, True):
            some = np.flatnonzero((mean[of] == MEAN) == wide)
            covered[some] = coverage(p[some], q[some], WIDE_GAP if wide else GAP)
        known = np.bincount(of, covered, len(pairs)) >= mean * np.bincount(of, minlength=len(pairs))
        if not known.any():
            break
        together = np.arange(len(first))
        kernels.unite(x[known], y[known], together)
        fresh = np.isin(together, together[x[known]])[number]
        story = order[first[together[number]]]
    return story


def _asked(order: Index, first: Index, size: Index, x: Index, y: Index) -> tuple[Index, Index, Index]:
    """Which texts to ask of each pair `x, y` of stories: up to three middle members of either, each with each of the other.

    Gives of each question the pair, the later text and the earlier; those of one later text stand together.
    """
    middle = np.stack([size * i // 6 for i in (1, 3, 5)])
    another = np.diff(middle, axis=0, prepend=-1) != 0  # of one or two members some are the same
    questions = []
    for i, j in product(range(3), repeat=2):
        of = np.flatnonzero(another[i, x] & another[j, y])
        p, q = order[(first + middle[i])[x[of]]], order[(first + middle[j])[y[of]]]
        questions.append((of, np.maximum(p, q) << 32 | np.minimum(p, q)))
    of, both = (np.concatenate(column) for column in zip(*questions, strict=True))
    in_order = np.argsort(both)
    of, both = of[in_order], both[in_order]
    return of, both >> 32, both & 0xFFFFFFFF


def shed(story: Index, a: Index, b: Index, covered: Index, texts: Texts, boilerplate: Hashes) -> tuple[Index, Index]:
    """Let go of the members that do not share the core of their story; the stories, and the hub of each text's story.

    The hub is the member whose links in the story lend most coverage.
    """
    doubtful = np.ones(len(story), bool)
    order, first, size, number = members(story)
    for _ in range(ROUNDS):
        inside = story[a] == story[b]
        weight = np.bincount(a[inside], covered[inside], len(story)) + np.bincount(b[inside], covered[inside], len(story))
        # Of equal weight the longest, which has the lowest number.
        heaviest = np.maximum.reduceat(np.minimum(weight.astype(np.int64), LOW)[order] << 31 | LOW - order, first)
        hubs = LOW - (heaviest & LOW)
        asked = (size >= 3) & doubtful[order[first]]
        some, sizes = order[np.repeat(asked, size)], size[asked]
        shared, shared_core = np.empty(len(some), np.int64), np.empty(len(some), np.int64)
        n_core = np.empty(len(sizes), np.int64)
        most = texts.most_seeds(some)
        room = kernels.index_room(most)
        table, marks, weight = np.empty(room, np.uint64), np.empty(kernels.MARKS * room, np.uint8), np.empty(room, np.int32)
        kernels.core(
            some, np.cumsum(sizes), hubs[asked], texts.seeds, texts.starts, texts.ends, boilerplate.table, ASKED,
            table, marks, weight, np.empty(ASKED + 1, np.int64), np.empty(most + 1, np.uint64), shared, shared_core, n_core,
        )  # fmt: skip
        stays = (shared_core >= CORE * np.repeat(n_core, sizes)) & (shared_core > 0)
        stays |= (shared_core >= CORE_SHARED * shared) & (shared > 0)
        leaves = np.zeros(len(story), bool)
        leaves[some[~stays]] = True
        leaves[hubs] = False
        if not leaves.any():
            break
        among = np.flatnonzero(leaves[a] & leaves[b] & inside)
        elsewhere = grow(len(story), a[among], b[among], covered[among])
        doubtful = np.isin(story, story[leaves])
        story = np.where(leaves, elsewhere + len(story), story)
        order, first, size, number = members(story)
        story = order[first[number]]
    return story, hubs[number]
