"""Editions as corpus builders load them: a row for each story and version, its text with what is known about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from copydesk.export.item import iso
from copydesk.model import Detail, Edition
from copydesk.record.metadata import metadata

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

ROWS = 10_000
"""Rows, and characters of text, that are held at a time."""
CHARACTERS = 32 << 20
Row = dict[str, Any]


def row(told: Row, edition: Edition) -> Row:
    """The row of a version of a story, from its row of the table `stories` and the edition as tables tell it."""
    details = metadata(edition.text, edition=edition)
    own = [copy for copy in edition.copies if not edition.of_version or copy.id in edition.of_version]
    return {
        "id": told["story_id"],
        "version": told["version"],
        "text": edition.text,
        "title": _first(details, "headline"),
        "byline": _first(details, "byline"),
        "authors": [detail.value for detail in details if detail.name == "author" and not detail.implied],
        "dateline": _first(details, "dateline"),
        "outlets": [detail.value for detail in details if detail.name == "outlet"],
        "published": _date(details, "published"),
        "updated": _date(details, "updated"),
        "biography": _first(details, "biography"),
        "n_copies": told["n_copies"],
        "n_lines": told["n_lines"],
        "n_variants": told["n_variants"],
        "confidence": told["confidence"],
        "copies": [copy.id for copy in own],
        "sources": sorted({copy.source for copy in own if copy.source}),
        "urls": sorted({copy.url for copy in own if copy.url}),
    }


def schema() -> pa.Schema:
    """The columns, for Parquet."""
    import pyarrow as pa

    text, texts = pa.string(), pa.list_(pa.string())
    kinds = {
        **dict.fromkeys(("authors", "outlets", "copies", "sources", "urls"), texts),
        **dict.fromkeys(("n_copies", "n_lines", "n_variants"), pa.int64()),
        "version": pa.int32(),
        "confidence": pa.float64(),
    }
    columns = (
        *("id", "version", "text", "title", "byline", "authors", "dateline", "outlets", "published", "updated", "biography"),
        *("n_copies", "n_lines", "n_variants", "confidence", "copies", "sources", "urls"),
    )
    return pa.schema([(name, kinds.get(name, text)) for name in columns])


def write(stories: Iterable[Row], path: Path) -> None:
    """Write rows as a Parquet file; no more than some thousand are held at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = schema()
    with pq.ParquetWriter(path, columns, compression="zstd") as file:
        held: list[Row] = []
        size = 0
        for row in stories:
            held.append(row)
            size += len(row["text"])
            if len(held) == ROWS or size >= CHARACTERS:
                file.write_table(pa.Table.from_pylist(held, columns))
                held, size = [], 0
        if held:
            file.write_table(pa.Table.from_pylist(held, columns))


def _first(details: Iterable[Detail], name: str) -> str | None:
    return next((detail.value for detail in details if detail.name == name), None)


def _date(details: Iterable[Detail], name: str) -> str | None:
    """A date in ISO 8601 if it can be told, else as it stands."""
    value = _first(details, name)
    return value and (iso(value) or value)
