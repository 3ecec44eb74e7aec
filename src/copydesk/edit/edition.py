"""Loci -> edition: the place that strings the parts of this room together."""

from __future__ import annotations

import numpy as np

from copydesk.edit.apparatus import word_variants
from copydesk.edit.choose import choose
from copydesk.edit.copytext import Text, copytext
from copydesk.edit.damage import dropped_words, truncations
from copydesk.edit.lacunae import reach
from copydesk.edit.metadata import metadata
from copydesk.edit.paragraphs import paragraphs
from copydesk.edit.readings import read
from copydesk.edit.separators import separators
from copydesk.edit.tally import ballots
from copydesk.edit.typography import typography
from copydesk.edit.witnesses import witnesses
from copydesk.model import Collation, Edition, Variant


def edit(collation: Collation) -> Edition:
    """Reconciles the copies of a story."""
    votes = ballots(collation)
    marks = separators(collation.separator_text)
    weights = np.ones(len(collation.copies))  # each copy is a line of its own
    reached = reach(votes, np.array([len(placed) - 1 for placed in collation.loci], np.int64), marks)
    own = paragraphs(collation, votes, marks)
    choice = choose(collation, votes, weights, reached, own)
    words = read(collation, votes, weights, choice.keep)
    text = copytext(collation, votes, weights, marks, own, np.flatnonzero(choice.keep), words.form)

    habits = dropped_words(collation, text, reached)
    between, damage = typography(collation, marks, own, text)
    variants = word_variants(collation, votes, choice, words, text, reached, habits) + between
    variants.sort(key=lambda variant: (variant.start, variant.end, variant.kind))
    damage += habits + truncations(collation, text, reached)
    return Edition(
        text=text.text,
        copies=tuple(sorted(collation.copies, key=lambda copy: (copy.id, copy.text))),
        spans=text.spans,
        witnesses=witnesses(collation, text),
        variants=tuple(variants),
        damage=tuple(sorted(damage, key=lambda found: (found.copy, found.kind))),
        metadata=metadata(variants, len(text.text)),
        confidence=_confidence(text, variants),
    )


def _confidence(text: Text, variants: list[Variant]) -> float:
    """The mean probability over the words of the edition and those left out that they are rightly so."""
    doubt = words = 0.0
    for variant in variants:
        size = max((len(reading.text.split()) for reading in variant.readings), default=0)
        doubt += size * (1 - variant.confidence)
        words += size * (variant.start == variant.end)
    total = len(text.loci) + words
    return round(1 - doubt / total, 4) if total else 1.0
