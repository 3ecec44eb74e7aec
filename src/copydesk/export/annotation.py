"""An edition and its record as a W3C Web Annotation collection in JSON-LD.

Each annotation points into the edition's text, or into a copy's, by position (in code points) and by quotation, so that a tool
finds the place although it has the text from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from copydesk.export import names
from copydesk.export.item import Item
from copydesk.model import Stretch, Variant

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
AROUND = 32
"""Characters before and after a quotation that tell it from others."""
Node = dict[str, Any]


def collection(item: Item, base: str | None) -> Node:
    """All that is said of a version of a story: its text, its variants, its statements, dates, figures and names."""
    iri = names.version(item.story, item.edition, base)
    notes = [{"type": "Annotation", **note} for note in _annotations(item, iri, base)]
    for n, note in enumerate(notes, 1):
        note["id"] = names.part(iri, f"annotation-{n}")
    return {
        "@context": CONTEXT,
        "id": names.part(iri, "annotations"),
        "type": "AnnotationCollection",
        "label": item.first("headline") or item.story,
        "total": len(notes),
        "first": {"id": names.part(iri, "page-1"), "type": "AnnotationPage", "startIndex": 0, "items": notes},
    }


def _annotations(item: Item, iri: str, base: str | None) -> Iterator[Node]:
    text, record = item.edition.text, item.record
    yield {
        "motivation": "describing",
        "body": {"type": "TextualBody", "purpose": "describing", "value": text, "format": "text/plain"},
        "target": iri,
    }
    copies = {copy.id: (names.copy(copy, base), copy.text) for copy in item.edition.copies}
    for variant in item.edition.variants:
        yield _variant(variant, text, iri, copies)
    for statement in record.statements:
        bodies = [_said("classifying", f"{statement.type} statement")]
        if statement.name:
            bodies.append(_said("identifying", statement.name))
        bodies += [{**_at(iri, text, source), "purpose": "identifying"} for source in statement.source]
        bodies += [{**_at(iri, text, cue), "purpose": "linking"} for cue in statement.cue]
        bodies += [_said("describing", f"via {via.name}") for via in statement.via]
        bodies += [_said("describing", text[start:end]) for start, end in statement.hedges]
        yield {"motivation": "identifying", "body": bodies, "target": [_at(iri, text, part) for part in statement.content]}
    for date in record.dates:
        value = date.timex + (f" ({date.mod})" if date.mod else "")
        yield _known("date", [value, *_days(date.first, date.last)], iri, text, [(date.start, date.end)])
    for figure in record.figures:
        number = f"{figure.value:.12g}" + (f" to {figure.high:.12g}" if figure.high is not None else "")
        value = " ".join(part for part in (figure.comparison, number, figure.unit) if part)
        yield _known(figure.kind, [value], iri, text, [(figure.start, figure.end)])
    for name in record.names:
        yield _known(name.kind, [name.name], iri, text, name.mentions)


def _days(first: str | None, last: str | None) -> list[str]:
    return [f"{first}/{last}"] if first and last and first != last else []


def _variant(variant: Variant, text: str, iri: str, copies: dict[str, tuple[str, str]]) -> Node:
    """A variant: its kind, the reason and how sure it is, and what each copy has, in its own text."""
    bodies = [_said("classifying", variant.kind), _said("describing", variant.reason)]
    bodies.append(_said("assessing", f"confidence {variant.confidence}"))
    for reading in variant.readings:
        for place in reading.places:
            of, whole = copies[place.copy]
            bodies.append({**_at(of, whole, (place.start, place.end)), "purpose": "editing"})
    return {"motivation": "editing", "body": bodies, "target": _at(iri, text, (variant.start, variant.end))}


def _known(kind: str, values: Sequence[str], iri: str, text: str, at: Sequence[Stretch]) -> Node:
    """Something that stands in the text, and what it is."""
    bodies = [_said("classifying", kind), *(_said("identifying", value) for value in values)]
    return {"motivation": "identifying", "body": bodies, "target": [_at(iri, text, stretch) for stretch in at]}


def _said(purpose: str, value: str) -> Node:
    return {"type": "TextualBody", "purpose": purpose, "value": value}


def _at(source: str, text: str, stretch: Stretch) -> Node:
    """A stretch of a text: by its position, and by its words and what stands around them."""
    start, end = stretch
    quote = {"type": "TextQuoteSelector", "exact": text[start:end]}
    if start:
        quote["prefix"] = text[max(0, start - AROUND) : start]
    if end < len(text):
        quote["suffix"] = text[end : end + AROUND]
    position = {"type": "TextPositionSelector", "start": start, "end": end}
    return {"type": "SpecificResource", "source": source, "selector": [position, quote]}
