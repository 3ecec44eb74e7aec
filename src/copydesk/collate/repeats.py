"""A first paragraph that stands twice, as it does where it served as the summary too.

A copy without the summary could be aligned with either of the two, and several copies would be with one here, with the other
there. So what is said again is left out of the alignment, and has loci of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from copydesk.collate.runs import grams
from copydesk.collate.slide import GRAM, Row

if TYPE_CHECKING:
    from copydesk.model import Index

SHORTEST = 8  # tokens that are said again
FARTHEST = 4000  # tokens from its first to its second beginning
NEAR = 60  # tokens from the head, where the first of the two begins
BETWEEN = 12  # tokens, such as a byline, that may stand between the two


def repeat(row: Row) -> tuple[int, int] | None:
    """The tokens `[start, end)` of a row that say again, at its head, what was said just before; None where none do."""
    keys = row.keys
    for first, begins in enumerate(row.begins[:NEAR]):
        if first and not begins:
            continue
        sought, last = keys[first : first + SHORTEST], min(len(keys) - SHORTEST, first + FARTHEST)
        again = first + SHORTEST - 1
        while again < last:
            try:
                again = row.grams.index(row.grams[first], again + 1, last + 1)
            except ValueError:
                break
            if keys[again : again + SHORTEST] != sought:
                continue
            n = SHORTEST
            while n < again - first and again + n < len(keys) and keys[first + n] == keys[again + n]:
                n += 1
            if again - first - n <= BETWEEN:
                return again, again + n
    return None


def without(row: Row, again: tuple[int, int]) -> Row:
    """The row as it is aligned, without what it says again."""
    start, end = again
    keys = row.keys[:start] + row.keys[end:]
    hashes = grams(np.array(keys, np.int64), GRAM)
    return Row(keys, row.begins[:start] + row.begins[end:], hashes.tolist(), hashes)


def put_back(
    n_loci: int, loci: Sequence[Index], rows: Sequence[Row], again: Sequence[tuple[int, int] | None]
) -> tuple[int, list[Index], tuple[tuple[int, int], ...]]:
    """The table with loci for what rows say again, each before those that follow in its row; and these loci `[start, end)`.

    Rows that say the same again at one place have it at the same loci.
    """
    found: dict[tuple[int, tuple[int, ...]], list[int]] = defaultdict(list)
    for at, twice in enumerate(again):
        if twice:
            place = int(loci[at][twice[0] - 1]) + 1
            found[place, tuple(rows[at].keys[slice(*twice)])].append(at)
    if not found:
        return n_loci, list(loci), ()
    order = sorted(found)
    wider = np.zeros(n_loci + 2, np.int64)
    for place, keys in order:
        wider[place] += len(keys)
    shift = wider.cumsum()
    out = [own + shift[own] for own in loci]
    spans, before = [], 0
    for place, keys in order:
        start = place + before
        spans.append((start, start + len(keys)))
        for at in found[place, keys]:
            cut = again[at][0]  # type: ignore[index]
            out[at] = np.concatenate((out[at][:cut], np.arange(start, start + len(keys)), out[at][cut:]))
        before += len(keys)
    return n_loci + before, out, tuple(spans)
