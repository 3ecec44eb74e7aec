"""Loci -> edition: the place that strings the parts of this room together."""

from __future__ import annotations

import numpy as np

from copydesk.edit.apparatus import word_variants
from copydesk.edit.choose import choose
from copydesk.edit.copytext import Text, copytext
from copydesk.edit.damage import dropped_words, other_texts, truncations
from copydesk.edit.habits import habits
from copydesk.edit.lacunae import reach
from copydesk.edit.metadata import metadata
from copydesk.edit.paragraphs import paragraphs
from copydesk.edit.readings import read
from copydesk.edit.separators import separators
from copydesk.edit.tally import ballots
from copydesk.edit.typography import typography
from copydesk.edit.witnesses import witnesses
from copydesk.model import Collation, Edition, Variant


def edit(collation: Collation, strangers: tuple[str, ...] = ()) -> Edition:
    """Reconciles the copies of a story; `strangers` are ids of copies that turned out to be of another text."""
    votes = ballots(collation)
    marks = separators(collation.separator_text)
    # each copy is a line of its own, with one vote
    weights = np.array([float(copy.id not in strangers) for copy in collation.copies])
    reached = reach(collation, votes, marks)
    own = paragraphs(collation, votes, marks)
    known = habits(collation, marks)
    choice = choose(collation, votes, weights, reached, own, known)
    words = read(collation, votes, marks, weights, reached, choice.keep)
    text = copytext(collation, votes, weights, marks, own, np.flatnonzero(words.keep), words.form)

    drops = dropped_words(collation, text, known)
    between, damage = typography(collation, marks, own, text)
    variants = word_variants(collation, votes, choice, words, text, reached, drops) + between
    variants.sort(key=lambda variant: (variant.start, variant.end, variant.kind))
    damage += drops + truncations(collation, text, reached) + other_texts(collation, strangers)
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
