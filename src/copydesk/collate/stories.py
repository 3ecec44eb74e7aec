"""Which copies of a collation are of one story: those that have words at the same loci, and enough of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from copydesk.model import Collation

if TYPE_CHECKING:
    from copydesk.model import Index, Marks

# Copies are of one story if they share this share of the shorter one's words, or so many words in all, each with the word
# after it: two long texts that have nothing to do with each other share some dozens of common words in order, and few pairs.
SHARED, ENOUGH = 0.25, 32
SHORT = 12  # words: of a shorter text single words count


def stories(collation: Collation) -> list[list[str]]:
    """The ids of the copies that have words, in groups that share them at the same loci, the largest group first."""
    n_copies = len(collation.copies)
    sizes = np.array([len(placed) for placed in collation.loci])
    locus, key = np.concatenate(collation.loci), np.concatenate([tokens.keys for tokens in collation.tokens])
    if _all_share(locus, key, collation.n_loci, n_copies):
        return [[copy.id for copy in collation.copies]]
    copy = np.repeat(np.arange(n_copies), sizes)
    word = locus.astype(np.uint64) << np.uint64(32) | key.astype(np.uint64)
    after = np.append(key[1:], -1)
    after[sizes[sizes > 0].cumsum() - 1] = -1  # the last word of a copy
    pair = word * np.uint64(0x9E3779B97F4A7C15) + after.astype(np.uint64)
    of_words, of_pairs = _shared(copy, word, n_copies), _shared(copy, pair, n_copies)
    two = np.union1d(of_words[0], of_pairs[0])
    words, pairs = (np.zeros(len(two), np.int64) for _ in range(2))
    words[two.searchsorted(of_words[0])], pairs[two.searchsorted(of_pairs[0])] = of_words[1], of_pairs[1]
    a, b = two // n_copies, two % n_copies
    short = sizes < SHORT
    count = np.where(short[a] | short[b], words, pairs)
    shared = np.where(short, *(np.bincount(np.append(a, b), np.tile(n, 2), n_copies) for n in (words, pairs)))
    story = list(range(n_copies))

    def find(at: int) -> int:
        while story[at] != at:
            story[at] = at = story[story[at]]
        return at

    def together(one: int, group: int) -> int:
        """How much a copy shares with all of a group whose neighbour it is."""
        beside = ((a == one) | (b == one)).nonzero()[0].tolist()
        return sum(int(count[at]) for at in beside if find(int(a[at] if b[at] == one else b[at])) == group)

    needed = np.clip(SHARED * np.minimum(sizes[a], sizes[b]), 1, ENOUGH)
    for at in np.lexsort((a, b, -count)).tolist():
        x, y = int(a[at]), int(b[at])
        if find(x) == find(y):
            continue
        enough = count[at] >= needed[at]
        for one, other in ((x, y), (y, x)):  # or with several of one story, this one the nearest
            least = np.clip(SHARED * sizes[one], 1, ENOUGH)
            enough = enough or (find(one) == one and shared[one] >= least and together(one, find(other)) >= least)
        if enough:
            story[find(max(x, y))] = find(min(x, y))
    groups: dict[int, list[str]] = {}
    for at in np.flatnonzero(sizes).tolist():
        groups.setdefault(find(at), []).append(collation.copies[at].id)
    return sorted(groups.values(), key=lambda ids: (-len(ids), ids))


def _shared(copy: Index, word: Marks, n_copies: int) -> tuple[Index, Index]:
    """Which two copies, `a * n_copies + b`, neighbours among those that have a word, share how many words."""
    order = np.lexsort((copy, word))
    copy, word = copy[order], word[order]
    same = np.flatnonzero(word[1:] == word[:-1])
    two, count = np.unique(copy[same] * n_copies + copy[same + 1], return_counts=True)
    return two, count


def _all_share(locus: Index, key: Index, n_loci: int, n_copies: int) -> bool:
    """Whether enough loci, and those after them, have the same word in all copies: then no two copies need be compared."""
    word = np.zeros(n_loci, np.int64)
    word[locus] = key
    all_have = np.bincount(locus[word[locus] == key], minlength=n_loci) == n_copies
    return int((all_have[1:] & all_have[:-1]).sum()) >= ENOUGH
