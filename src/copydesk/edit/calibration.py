"""How far confidence can be trusted: what is chosen with few copies of a story, judged by the edition of all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter

from copydesk.model import Edition, Place, Span, Variant

STEPS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Confidences from which choices are counted together."""


def judged(few: Edition, whole: Edition) -> Counter[tuple[float, bool]]:
    """How many choices of the edition of few copies, by the step of their confidence, the edition of all copies makes too.

    A choice is right where the other edition has at least half of what the copy has there, or, if it leaves words out, less.
    """
    spans: dict[str, list[Span]] = {}
    for span in whole.witnesses:
        spans.setdefault(span.copy, []).append(span)
    counted: Counter[tuple[float, bool]] = Counter()
    for variant in few.variants:
        counted[STEPS[bisect_right(STEPS, variant.confidence) - 1], _is_right(variant, spans)] += 1
    return counted


def _is_right(variant: Variant, spans: dict[str, list[Span]]) -> bool:
    chosen = variant.readings[variant.chosen]
    if chosen.text:
        return any(_has(spans, place) for place in chosen.places)
    return not any(_has(spans, place) for reading in variant.readings if reading.text for place in reading.places)


def _has(spans: dict[str, list[Span]], place: Place) -> bool:
    """Whether an edition, of whose copies these are the stretches they have to the letter, has at least half of a place."""
    covered = sum(
        max(0, min(place.end, span.copy_end) - max(place.start, span.copy_start)) for span in spans.get(place.copy, ())
    )
    return 2 * covered >= place.end - place.start
