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
    groups: list[tuple[np.ndarray, int, list[str]]] = []
    order = sorted(range(len(collation.copies)), key=lambda at: (-len(collation.loci[at]), at))
    for at in order:
        keys = np.full(collation.n_loci, -1, np.int64)
        keys[collation.loci[at]] = collation.tokens[at].keys
        size = len(collation.loci[at])
        if not size:
            continue
        for first, first_size, ids in groups:
            shared = int(((keys == first) & (keys >= 0)).sum())
            if shared >= min(ENOUGH, max(1, SHARED * min(size, first_size))):
                first[first < 0] = keys[first < 0]
                ids.append(collation.copies[at].id)
                break
        else:
            groups.append((keys, size, [collation.copies[at].id]))
    return sorted((ids for _, _, ids in groups), key=lambda ids: (-len(ids), ids))


def _names(ids: list[str]) -> str:
    """At most five ids, in words."""
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
