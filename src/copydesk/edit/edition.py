"""Loci -> edition: the place that strings the parts of this room together."""

from __future__ import annotations

import numpy as np

from copydesk.edit.apparatus import word_variants
from copydesk.edit.choose import choose
from copydesk.edit.copytext import Text, copytext
from copydesk.edit.damage import dropped_words, other_texts, truncations
from copydesk.edit.evidence import gather
from copydesk.edit.metadata import metadata
from copydesk.edit.readings import read
from copydesk.edit.typography import typography
from copydesk.edit.witnesses import witnesses
from copydesk.model import Collation, Edition, Variant


def edit(collation: Collation, strangers: tuple[str, ...] = ()) -> Edition:
    """Reconciles the copies of a story; `strangers` are ids of copies that turned out to be of another text."""
    evidence = gather(collation, strangers)
    choice = choose(evidence)
    words = read(evidence, choice.keep)
    text = copytext(evidence, np.flatnonzero(words.keep), words.form)

    drops = dropped_words(evidence, text)
    between, damage = typography(evidence, text)
    variants = word_variants(evidence, choice, words, text, drops) + between
    variants.sort(key=lambda variant: (variant.start, variant.end, variant.kind))
    damage += drops + truncations(evidence, text) + other_texts(collation, strangers)
    return Edition(
        text=text.text,
        copies=tuple(sorted(collation.copies, key=lambda copy: (copy.id, copy.text))),
        spans=text.spans,
        witnesses=witnesses(evidence, text),
        variants=tuple(variants),
        damage=tuple(sorted(damage, key=lambda found: (found.copy, found.kind))),
        metadata=metadata(variants, len(text.text)),
        confidence=_confidence(text, variants),
    )


def _confidence(text: Text, variants: list[Variant]) -> float:
    """The mean probability over the words of the edition and those left out that they are rightly so."""
    doubt = words = 0.0
    for variant in variants:
        size = max((reading.text.count(" ") + 1 for reading in variant.readings), default=0)
        doubt += size * (1 - variant.confidence)
        words += size * (variant.start == variant.end)
    total = len(text.loci) + words
    return round(1 - doubt / total, 4) if total else 1.0
