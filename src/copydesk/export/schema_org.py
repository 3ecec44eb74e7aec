"""An edition and its record in the words of schema.org, as JSON-LD: a `NewsArticle` with what is said and claimed in it."""

from __future__ import annotations

from typing import Any

from copydesk.export import names
from copydesk.export.item import Item, iso
from copydesk.model import Copy, Figure, Name, Statement

TYPES = {"person": "Person", "organisation": "Organization", "place": "Place", "other": "Thing"}
SPEAKERS = {"person": "Person", "organisation": "Organization"}
Node = dict[str, Any]


def article(item: Item, base: str | None) -> Node:
    """A version of a story; what is not known is left out."""
    edition, record = item.edition, item.record
    iri = names.version(item.story, edition, base)
    authors = item.all("author")
    place = item.place()
    node = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": iri,
        "identifier": item.story,
        "headline": item.first("headline"),
        "author": [{"@type": "Person", "name": author.value} for author in authors if not author.implied],
        "contributor": [{"@type": "Person", "name": author.value} for author in authors if author.implied],
        "publisher": [{"@type": "Organization", "name": outlet.value} for outlet in item.all("outlet")],
        "datePublished": item.when("published"),
        "dateModified": item.when("updated"),
        "dateline": item.first("dateline"),
        "locationCreated": {"@type": "Place", "name": place} if place else None,
        "inLanguage": item.first("language"),
        "version": edition.version if edition.of_version else None,
        "wordCount": len(edition.text.split()),
        "articleBody": edition.text,
        "isBasedOn": [_copy(copy, base) for copy in edition.copies],
        "hasPart": [_said(statement, item, iri) for statement in record.statements],
        "mentions": [
            *({"@type": TYPES[name.kind], "name": name.name, "jobTitle": _title(name)} for name in record.names),
            *(_observation(figure) for figure in record.figures),
        ],
    }
    return known(node)


def _title(name: Name) -> str | None:
    return name.title if name.kind == "person" else None


def _copy(copy: Copy, base: str | None) -> Node:
    """A copy: where it comes from, and not its text."""
    return {
        "@type": "CreativeWork",
        "@id": names.copy(copy, base),
        "identifier": copy.id,
        "publisher": {"@type": "Organization", "name": copy.source} if copy.source else None,
        "datePublished": iso(copy.published) if copy.published else None,
    }


def _said(statement: Statement, item: Item, iri: str) -> Node:
    """What is quoted is a `Quotation`, what is told in other words a `Claim`; who says so is its creator."""
    text = item.edition.text
    content = " … ".join(text[start:end] for start, end in statement.content)
    source = " … ".join(text[start:end] for start, end in statement.source)
    who = statement.name or source
    creator = {"@type": SPEAKERS[statement.kind], "name": who} if who and statement.kind in SPEAKERS else None
    return {
        "@type": "Claim" if statement.type == "indirect" else "Quotation",
        "@id": names.part(iri, statement.id),
        "text": content,
        "creator": creator,
        "creditText": source or None,
    }


def _observation(figure: Figure) -> Node:
    return {
        "@type": "Observation",
        "name": figure.text,
        "value": figure.value if figure.high is None else None,
        "minValue": figure.value if figure.high is not None else None,
        "maxValue": figure.high,
        "unitText": figure.unit,
        "observationDate": figure.as_of,
    }


def known(node: Node) -> Node:
    """The node without what is not known."""
    kept: Node = {}
    for key, value in node.items():
        if isinstance(value, dict):
            kept[key] = known(value)
        elif isinstance(value, list) and value:
            kept[key] = [known(part) if isinstance(part, dict) else part for part in value]
        elif value is not None and value != []:
            kept[key] = value
    return kept
