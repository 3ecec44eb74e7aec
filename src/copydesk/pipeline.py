"""The one place that strings the steps together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from copydesk.collate.collation import collate
from copydesk.edit.edition import edit
from copydesk.model import Collation, Copy, Edition, NotOneStory

# Copies are of one story if they share this share of the shorter one's words, or so many words in all.
SHARED, ENOUGH = 0.25, 20


def reconcile(copies: Iterable[str | Copy]) -> Edition:
    """Reconciles copies of one text into one edition.

    A plain string is a copy; its id is its place in the order given, from 1. The order of the copies decides nothing.

    A copy that shares nothing with the others, where those are more than half, is set aside: `damage` names it as another text.

    Raises `ValueError` where there is no copy, no text in a copy, no word in any, or one id twice, and `NotOneStory` where no
    more than half of the copies are of one story.

    >>> reconcile(["A  ferry sank.", "A 35-year-old ferry sank."]).text
    'A 35-year-old ferry sank.'
    """
    if isinstance(copies, str | bytes):
        raise TypeError("reconcile takes a list of texts, not one text")
    given = [Copy(str(at), copy) if isinstance(copy, str) else copy for at, copy in enumerate(copies, 1)]
    if not given:
        raise ValueError("there are no copies to reconcile")
    empty = [copy.id for copy in given if not copy.text.strip()]
    if empty:
        raise ValueError(f"no text in {_names(empty)}")
    twice = [id_ for id_, n in Counter(copy.id for copy in given).items() if n > 1]
    if twice:
        raise ValueError(f"more than one copy is called {_names(twice)}")
    collation = collate(given)
    worded = [copy for copy, placed in zip(collation.copies, collation.loci, strict=True) if len(placed)]
    if not worded:
        raise ValueError(f"no words in {_names([copy.id for copy in given])}, only marks")
    groups = _stories(collation)
    if len(groups) > 1 and 2 * len(groups[0]) <= len(worded):
        share = " shares nothing with " if len(groups) == 2 else " | "
        more = f" | and {len(groups) - 5} more" if len(groups) > 5 else ""
        raise NotOneStory(f"{len(groups)} stories, not one: {share.join(map(_names, groups[:5]))}{more}")
    strangers = [copy for copy in given if copy.id not in groups[0]]
    if strangers:
        collation = collate([copy for copy in given if copy.id in groups[0]])
    return edit(collation, strangers)


def _stories(collation: Collation) -> list[list[str]]:
    """The ids of the copies that have words, in groups that share them at the same loci, the largest group first."""
    n_copies = len(collation.copies)
    sizes = np.array([len(placed) for placed in collation.loci])
    copy = np.repeat(np.arange(n_copies), sizes)
    word = np.concatenate(collation.loci) * (1 << 32) + np.concatenate([tokens.keys for tokens in collation.tokens])
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


def _names(ids: list[str]) -> str:
    """At most five ids, in words."""
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
