"""Templates: reports that are filled in, not copied.

Two reports of one template look like two edited copies of one text: both differ at every eighth word. More of them tell them
apart. Copies are each edited at places of their own, so what one of them has lost most others have: asked about a seed, the
others are divided. Reports differ at the same places, each with its own word: a seed of the template all others have, one of a
slot none has, and they are at one about either. So a story whose members are more at one than copies can be, for as much
as they have lost, is a template; of its links those are left whose texts share what most others have not: copies of a report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.find import kernels
from copydesk.find.members import members

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from copydesk.find.chains import Hashes, Index, Texts

    Flags = NDArray[np.bool_]
    InParts = Callable[[Callable[[NDArray[np.int64]], tuple[Index, ...]], NDArray[np.int64]], tuple[Index, ...]]

GAP = 250
"""Letters between two other shared seeds between which texts run along; less than for chains: a lost block is no slot."""
ASKED = 16
"""Members of a story that are asked, at most, evenly spread over it in order of length."""
VIEWS = 6
"""Members whose seeds they are asked about; the half counts that has most in common with them, being edited least."""
FIRST_VIEWS, CLEAR = 2, 0.9
"""The same at first, and where there is no suspicion."""
AT_ONE = 0.6
"""How often members of a template are divided, as a share of how often copies would be. Measured: reports 0 to .15, those
that are edited besides up to .7; copies 1 to 2, one story in some thousands .7."""
LEAST = 10
"""Times that two of them would be divided were they copies, at least, for anything to be said."""
RARE = 2
"""A seed is one of few if one in so many others has it, at most."""
OWN, LEAST_OWN = 2, 6
"""Copies of one report share one in so many of their seeds of few, and so many counted from both sides."""


class Scratch(NamedTuple):
    """What the kernels need room in for the seeds of any text."""

    own: NDArray[np.uint64]
    table: NDArray[np.uint64]
    marks: NDArray[np.uint8]
    hits: NDArray[np.uint64]
    numbers: NDArray[np.int64]
    flags: NDArray[np.uint8]

    @staticmethod
    def of(texts: Texts) -> Scratch:
        """Room for the texts."""
        most = int((texts.ends - texts.starts).max(initial=0))
        room = kernels.index_room(most)
        own, hits = np.empty((2, most + 1), np.uint64)
        table, marks = np.empty(room, np.uint64), np.empty(kernels.MARKS * room, np.uint8)
        return Scratch(own, table, marks, hits, np.zeros((4, room), np.int64), np.empty(most, np.uint8))


def templated(texts: Texts, boilerplate: Hashes, story: Index, a: Index, b: Index, in_parts: InParts) -> Flags:
    """Which of the links `a, b` within the stories (`story[t]`: that of text `t`) join reports of a template.

    `in_parts` puts a function to rows, a part of them at a time. Stories of two are left as they are: a pair cannot tell.
    """
    order, first, size, _ = members(story)
    several = size >= 3
    asked, first, last = _spread(order, first[several], size[several], ASKED)
    ranges = np.stack([first, last], axis=1)
    named = story[asked[first]]
    suspect = np.full(len(story), -1)

    def look(rows: NDArray[np.int64]) -> tuple[Index, ...]:
        out = np.empty((len(rows), 4), np.int64)
        text, first, last = (x.copy() for x in rows.T)
        kernels.views(
            text, first, last, asked, texts.seeds, texts.starts, texts.ends, boilerplate.table, GAP, *Scratch.of(texts), out
        )
        return tuple(out.T)

    # A look by few members clears most; the others are looked at by more.
    suspects = np.arange(len(first))
    for n_views, least, at_one in ((FIRST_VIEWS, 0, CLEAR), (VIEWS, LEAST, AT_ONE)):
        views, begin, end = _spread(asked, first[suspects], (last - first)[suspects], n_views)
        of = np.repeat(np.arange(len(suspects)), end - begin)
        seen = np.stack(in_parts(look, np.column_stack([views, ranges[suspects][of]])))
        suspects = suspects[_at_one(seen, of, begin, end, least, at_one)]
    suspect[named[suspects]] = suspects

    links = np.flatnonzero((story[a] == story[b]) & (suspect[story[a]] >= 0))
    x, y = np.concatenate([a[links], b[links]]), np.concatenate([b[links], a[links]])
    by_text = np.argsort(x, kind="stable")
    x, y, link = x[by_text], y[by_text], np.tile(links, 2)[by_text]

    def compare(rows: NDArray[np.int64]) -> tuple[Index, ...]:
        of_x, of_both = np.empty((2, len(rows)), np.int64)
        x, y, first, last = (x.copy() for x in rows.T)
        kernels.own(
            x, y, first, last, asked, RARE, texts.seeds, texts.starts, texts.ends, boilerplate.table, GAP,
            *Scratch.of(texts), of_x, of_both,
        )  # fmt: skip
        return of_x, of_both

    own, shared = (np.bincount(link, n, len(a)) for n in in_parts(compare, np.column_stack([x, y, ranges[suspect[story[x]]]])))
    of_template = np.zeros(len(a), bool)
    of_template[links] = True
    return of_template & ((shared < LEAST_OWN) | (OWN * shared < own))


def _spread(order: Index, first: Index, size: Index, most: int) -> tuple[Index, Index, Index]:
    """At most so many of each `order[first[s] : first[s] + size[s]]`, evenly spread; where those of each start and end."""
    n = np.minimum(size, most)
    end = np.cumsum(n)
    of = np.repeat(np.arange(len(n)), n)
    nth = np.arange(len(of)) - (end - n)[of]
    return order[first[of] + (2 * nth + 1) * size[of] // (2 * n[of])], end - n, end


def _at_one(seen: NDArray[np.int64], of: Index, begin: Index, end: Index, least: int, at_one: float) -> Flags:
    """Which stories are more at one than copies can be, by the rows of `kernels.views`, view `v` being of story `of[v]`.

    That is where members who would be divided at least `least` times, were they copies, are so `at_one` of that at most.
    """
    share = seen[1] // np.maximum(seen[3], 1)
    best = np.lexsort((-share, of))
    half = np.arange(len(of)) - begin[of] < (end - begin + 1)[of] // 2
    n, share, divided, weight = (np.bincount(of[half], x[best][half], len(begin)) for x in seen)
    # If copies keep a share `q` of the seeds each, another has `q q` of those of one, and two others are divided about
    # `2 q (1 - q)` of those that it has kept itself, which are `q`.
    left = share / np.maximum(1000 * weight, 1)
    expected = 2 * left * (1 - np.sqrt(left))
    doubt = np.minimum(least, 1) * weight  # a seed's worth
    result: Flags = (expected * weight >= 2 * least) & (n * divided / 1000 + doubt <= at_one * expected * n * weight)
    return result
