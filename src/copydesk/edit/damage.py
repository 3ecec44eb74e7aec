"""What a copy does to words throughout: kinds of words it drops, where it breaks off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.copytext import Text
from copydesk.edit.separators import DASHES
from copydesk.model import Collation, Damage, Place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from copydesk.model import Index

HYPHENATED, DIGITS, TRUNCATED = "hyphenated words dropped", "words with digits dropped", "truncated"
FEWEST, MOST_KEPT = 2, 0.2  # a habit: at least so many, and at most this share of them kept


def dropped_words(collation: Collation, text: Text, reach: tuple[Index, Index]) -> list[Damage]:
    """Copies that drop words of a kind: most of the hyphenated words, or of those with digits, of the edition."""
    kinds = ((HYPHENATED, _hyphenated(text)), (DIGITS, _with_digits(text)))
    damage = []
    for at, (copy, placed) in enumerate(zip(collation.copies, collation.loci, strict=True)):
        lacking = ~np.isin(text.loci, placed)
        reached = (text.loci >= reach[0][at]) & (text.loci < reach[1][at])
        for kind, groups in kinds:
            within = [group for group in groups if reached[group[0]]]
            gone = [group for group in within if lacking[group[0] : group[1]].all()]
            if len(gone) >= FEWEST and len(within) - len(gone) <= MOST_KEPT * len(within):
                token = int(np.searchsorted(placed, text.loci[gone[0][0]]))
                end = int(collation.tokens[at].ends[token - 1]) if token else 0
                reason = f"of {len(within)} in the story it has {len(within) - len(gone) or 'none'}"
                damage.append(Damage(copy.id, kind, len(gone), len(within), reason, Place(copy.id, end, end)))
    return damage


def truncations(collation: Collation, text: Text, reach: tuple[Index, Index]) -> list[Damage]:
    """Copies that break off in mid-sentence, at either end, with the number of words they lack there."""
    damage = []
    for at, copy in enumerate(collation.copies):
        beyond = int(((text.loci < reach[0][at]) | (text.loci >= reach[1][at])).sum())
        if beyond:
            place = Place(copy.id, len(copy.text), len(copy.text)) if reach[1][at] < collation.n_loci else Place(copy.id, 0, 0)
            damage.append(Damage(copy.id, TRUNCATED, beyond, len(text.loci), "words of the edition beyond where it breaks off", place))
    return damage


def _hyphenated(text: Text) -> list[tuple[int, int]]:
    """The words `[first, end)` of the edition that hyphens hold together."""
    joined = [text.text[a:b] in DASHES and b == a + 1 for a, b in zip(text.ends[:-1].tolist(), text.starts[1:].tolist(), strict=True)]
    return _runs(np.array(joined, bool))


def _with_digits(text: Text) -> list[tuple[int, int]]:
    words = zip(text.starts.tolist(), text.ends.tolist(), strict=True)
    return [(at, at + 1) for at, (a, b) in enumerate(words) if any(c.isdigit() for c in text.text[a:b])]


def _runs(joined: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Words `[first, end)` such that each is joined to the next; `joined[i]`: word `i` and word `i + 1` are."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], joined, [False])).astype(np.int8)))
    return [(start, end + 1) for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)]
