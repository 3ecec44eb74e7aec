"""An edition and its record as a news item of IPTC ninjs 3.1."""

from __future__ import annotations

from typing import Any

from copydesk.export import names
from copydesk.export.item import Item
from copydesk.export.schema_org import known

SCHEMA = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#"
PARTIES = {"person": "people", "organisation": "organisations", "place": "places"}
Node = dict[str, Any]


def news(item: Item, base: str | None) -> Node:
    """A version of a story. The copies are its associations; statements and figures have no place in ninjs."""
    edition = item.edition
    headline, updated = item.first("headline"), item.when("updated")
    published = item.when("published")
    byline = item.first("byline") or ", ".join(d.value for d in item.all("author") if not d.implied)
    node: Node = {
        "standard": {"name": "ninjs", "version": "3.1", "schema": SCHEMA},
        "uri": names.story(item.story, base),
        "type": "text",
        "representationType": "full",
        "version": str(edition.version),
        "language": item.first("language"),
        "firstCreated": timed(published),
        "versionCreated": timed(updated or published),
        "headlines": [{"role": "main", "value": headline}] if headline else [],
        "bodies": [
            {
                "role": "main",
                "contentType": "text/plain",
                "charCount": len(edition.text),
                "wordCount": len(edition.text.split()),
                "value": edition.text,
            }
        ],
        "by": byline or None,
        "located": item.place(),
        "infoSources": [{"name": outlet.value, "role": "outlet"} for outlet in item.all("outlet")],
        "altIds": [{"role": "story", "value": item.story}],
        "descriptions": [{"role": "biography", "value": detail.value} for detail in item.all("biography")],
        "associations": [
            {"name": copy.id, "rel": "copy", "uri": names.copy(copy, base), "type": "text"} for copy in edition.copies
        ],
    }
    for kind, parties in PARTIES.items():
        node[parties] = [{"name": name.name, "rel": "mentioned"} for name in item.record.names if name.kind == kind]
    return known(node)


def timed(when: str | None) -> str | None:
    """A date as the time that ninjs wants: of a day its midnight, and in UTC where no zone is told."""
    if when is None:
        return None
    time = when if "T" in when else f"{when}T00:00:00"
    return time if time[-1] == "Z" or time[-6] in "+-" else f"{time}Z"
