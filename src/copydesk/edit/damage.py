"""What a copy does to words throughout: kinds of words it drops, where it breaks off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.copytext import Text
from copydesk.edit.separators import DASHES
from copydesk.model import Collation, Damage, Place

if TYPE_CHECKING:
    from copydesk.model import Index

HYPHENATED, DIGITS, TRUNCATED = "hyphenated words dropped", "words with digits dropped", "truncated"
FEWEST, MOST_KEPT = 2, 0.2  # a habit: at least so many, and at most this share of them kept


def dropped_words(collation: Collation, text: Text, reach: tuple[Index, Index]) -> list[Damage]:
    """Copies that drop words of a kind: most of the hyphenated words, or of those with digits, of the edition."""
    kinds = ((HYPHENATED, *_hyphenated(text)), (DIGITS, *_with_digits(text)))
    damage = []
    for at, (copy, placed) in enumerate(zip(collation.copies, collation.loci, strict=True)):
        has = np.zeros(collation.n_loci, bool)
        has[placed] = True
        had = np.concatenate(([0], np.cumsum(has[text.loci])))
        for kind, starts, ends in kinds:
            loci = text.loci[starts]
            within = (loci >= reach[0][at]) & (loci < reach[1][at])
            gone = np.flatnonzero(within & (had[ends] == had[starts]))
            n, of = len(gone), int(within.sum())
            if n >= FEWEST and of - n <= MOST_KEPT * of:
                token = int(np.searchsorted(placed, loci[gone[0]]))
                end = int(collation.tokens[at].ends[token - 1]) if token else 0
                reason = f"of {of} in the story it has {of - n or 'none'}"
                damage.append(Damage(copy.id, kind, n, of, reason, Place(copy.id, end, end)))
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


def _hyphenated(text: Text) -> tuple[Index, Index]:
    """The words `[start, end)` of the edition that hyphens hold together."""
    single = np.flatnonzero(text.starts[1:] == text.ends[:-1] + 1)
    hyphens = [text.text[at] in DASHES for at in text.ends[single].tolist()]
    joined = np.zeros(len(text.loci) + 1, np.int8)
    joined[single[np.array(hyphens, bool)] + 1] = 1  # word i is joined to the one before
    edges = np.flatnonzero(np.diff(joined))
    return edges[::2], edges[1::2] + 1


def _with_digits(text: Text) -> tuple[Index, Index]:
    words = np.flatnonzero(text.digits)
    return words, words + 1
