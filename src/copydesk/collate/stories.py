"""Which copies of a collation are of one story: those that have words at the same loci, and enough of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from copydesk.model import Collation

if TYPE_CHECKING:
    from copydesk.model import Index

# Copies are of one story if they share this share of the shorter one's words, or so many words in all.
SHARED, ENOUGH = 0.25, 20


def stories(collation: Collation) -> list[list[str]]:
    """The ids of the copies that have words, in groups that share them at the same loci, the largest group first."""
    n_copies = len(collation.copies)
    sizes = np.array([len(placed) for placed in collation.loci])
    locus, key = np.concatenate(collation.loci), np.concatenate([tokens.keys for tokens in collation.tokens])
    if _all_share(locus, key, collation.n_loci, n_copies):
        return [[copy.id for copy in collation.copies]]
    copy = np.repeat(np.arange(n_copies), sizes)
    word = locus * (1 << 32) + key
    order = np.lexsort((copy, word))
    copy, word = copy[order], word[order]
    same = np.flatnonzero(word[1:] == word[:-1])  # neighbours share a word at a locus
    pairs, count = np.unique(copy[same] * n_copies + copy[same + 1], return_counts=True)
    a, b = pairs // n_copies, pairs % n_copies
    shared = np.bincount(np.concatenate((copy[same], copy[same + 1])), minlength=n_copies)
    story = list(range(n_copies))

    def find(at: int) -> int:
        while story[at] != at:
            story[at] = at = story[story[at]]
        return at

    needed = np.clip(SHARED * np.minimum(sizes[a], sizes[b]), 1, ENOUGH)
    for at in np.lexsort((a, b, -count)).tolist():
        x, y = int(a[at]), int(b[at])
        alone = [c for c in (x, y) if find(c) == c and shared[c] >= min(ENOUGH, max(1, SHARED * sizes[c]))]
        if count[at] >= needed[at] or alone:  # enough with this one, or with several of whom this one is the nearest
            story[find(max(x, y))] = find(min(x, y))
    groups: dict[int, list[str]] = {}
    for at in np.flatnonzero(sizes).tolist():
        groups.setdefault(find(at), []).append(collation.copies[at].id)
    return sorted(groups.values(), key=lambda ids: (-len(ids), ids))


def _all_share(locus: Index, key: Index, n_loci: int, n_copies: int) -> bool:
    """Whether enough loci have the same word in all copies: then these are of one story, and no two need be compared."""
    word = np.zeros(n_loci, np.int64)
    word[locus] = key
    return int((np.bincount(locus[word[locus] == key], minlength=n_loci) == n_copies).sum()) >= ENOUGH
