"""Loci -> edition: the place that strings the parts of this room together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from copydesk.edit.apparatus import word_variants
from copydesk.edit.choose import choose
from copydesk.edit.copytext import Text, copytext
from copydesk.edit.damage import dropped_words, other_texts, spellings, truncations
from copydesk.edit.evidence import gather
from copydesk.edit.metadata import metadata
from copydesk.edit.readings import read
from copydesk.edit.traces import traces
from copydesk.edit.typography import typography
from copydesk.edit.witnesses import witnesses
from copydesk.model import Collation, Copy, Edition, Known, Variant

NOTHING = Known()


def edit(collation: Collation, strangers: Sequence[Copy] = (), known: Known = NOTHING) -> Edition:
    """Reconciles the copies of a story; `strangers` are copies that came with them and turned out to be of another text.

    `known` is what the corpus tells of their sources.
    """
    evidence = gather(collation, known)
    choice = choose(evidence)
    words = read(evidence, choice.keep)
    text = copytext(evidence, np.flatnonzero(words.keep), words.form)

    drops = dropped_words(evidence, text)
    between, damage = typography(evidence, text)
    in_words = word_variants(evidence, choice, words, text, drops)
    variants = in_words + between
    variants.sort(key=lambda variant: (variant.start, variant.end, variant.kind))
    damage += drops + truncations(evidence, text) + other_texts(strangers)
    damage += traces(collation.copies[0]) if len(collation.copies) == 1 else spellings(evidence)
    return Edition(
        text=text.text,
        copies=tuple(sorted([*collation.copies, *strangers], key=lambda copy: (copy.id, copy.text))),
        spans=text.spans,
        witnesses=witnesses(evidence, text),
        variants=tuple(variants),
        damage=tuple(sorted(damage, key=lambda found: (found.copy, found.kind))),
        metadata=metadata(variants, len(text.text)),
        confidence=_confidence(text, in_words),
        lines=tuple([tuple(sorted(collation.copies[at].id for at in np.flatnonzero(line))) for line in evidence.lines]),
    )


def _confidence(text: Text, variants: list[Variant]) -> float:
    """The mean probability over the words of the edition, and those left out, that they are rightly so."""
    doubt = out = 0.0
    for variant in variants:
        size = max([len(reading.text.split()) for reading in variant.readings])
        doubt += size * (1 - variant.confidence)
        out += size if variant.start == variant.end else 0
    return round(max(0.0, 1 - doubt / max(1.0, len(text.loci) + out)), 4)
