"""Relation: how a text stands to the text of its story that is nearest to it, and a copy to its nearest copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from copydesk.find.members import members

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from copydesk.find.chains import Index
    from copydesk.find.number import Numbered

    Cover = Callable[[Index, Index], tuple[Index, Index]]

WHOLE = 850
"""Coverage, in thousandths, of a text that lies whole in another: the ends of a chain always lose a few letters."""
SCRAP = 350
"""Coverage of a text of which another is an excerpt rather than an abridgement."""


def nearest(story: Index, hub: Index, a: Index, b: Index, of_a: Index, of_b: Index, cover: Cover) -> tuple[Index, Index, Index]:
    """For each text the nearest of its story (-1 where it is alone), and the coverage of both, in thousandths.

    Nearest is the text it is linked to with most coverage of both sides together, of equals the longest; who is linked to
    none is held against the hub of its story (`cover` gives the coverage of pairs).
    """
    inside = np.flatnonzero(story[a] == story[b])
    text = np.concatenate([a[inside], b[inside]])
    other = np.concatenate([b[inside], a[inside]])
    own = np.concatenate([of_a[inside], of_b[inside]])
    others = np.concatenate([of_b[inside], of_a[inside]])
    alone = np.bincount(story, minlength=len(story))[story] == 1
    far = np.flatnonzero(~alone & (np.bincount(text, minlength=len(story)) == 0) & (hub != np.arange(len(story))))
    far_own, far_hub = cover(far, hub[far])
    # A hub that none is linked to is held against the one that is held against it and covers it best.
    text = np.concatenate([text, far, hub[far]])
    other = np.concatenate([other, hub[far], far])
    own = np.concatenate([own, far_own, far_hub])
    others = np.concatenate([others, far_hub, far_own])
    order = np.lexsort((other, -(own + others), text))
    best = order[np.flatnonzero(np.diff(text[order], prepend=-1))]
    result = np.full((3, len(story)), -1, np.int64)
    result[:, text[best]] = other[best], own[best], others[best]
    return result[0], result[1], result[2]


def relation(coverage: Index, coverage_of_nearest: Index) -> NDArray[np.str_]:
    """The word for each pair of coverages, in thousandths."""
    whole, of_whole = coverage >= WHOLE, coverage_of_nearest >= WHOLE
    return np.select(
        [whole & of_whole, whole & (coverage_of_nearest < SCRAP), whole, of_whole],
        ["copy", "excerpt", "abridged", "extended"],
        "revised",
    )


def evidence(ids: pa.ChunkedArray, of: Numbered, story: Index, near: Index, own: Index, others: Index) -> dict[str, pa.Array]:
    """What is told of each copy, in order of their ids: the columns `story_id` to `coverage_of_nearest`.

    `story`, the nearest text and the coverages are those of each text. A copy of the same letters as another is nearest to the
    first of these; that one is nearest to the first copy of the text that is, or, where there is none, to the second of them.
    """
    order, first, _, number = members(story)
    named = np.minimum.reduceat(of.first[order], first)[number] if len(order) else number

    text = of.text
    identical = of.first[text] != np.arange(len(text))
    linked = (near[text] >= 0) & ~identical
    twin = (of.second[text] >= 0) & ~linked  # of equal letters
    nearest = np.where(identical, of.first[text], np.where(linked, of.first[near[text]], of.second[text]))
    none = ~(linked | twin)
    words = np.where(linked, relation(own, others)[text], "identical")
    result = {
        "story_id": ids.take(pa.array(named[text])),
        "relation": pa.array(words, mask=none),
        "nearest_copy": ids.take(pa.array(nearest, mask=none)),
    }
    for name, coverage in (("coverage", own), ("coverage_of_nearest", others)):
        result[name] = pa.array(np.where(linked, coverage[text], 1000) / 1000, mask=none)
    return result
