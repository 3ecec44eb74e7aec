"""The formats in which stories leave: of each the pieces of its file, one story after the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from copydesk.again import Tables, editions, told
from copydesk.model import Edition

Heard = Callable[[int], object]
"""Hears after each story how many copies it has."""
PARQUET = "parquet"
ADDRESSED = ("annotation", "schema.org", "ninjs")
"""The formats in which a story has an address."""


def pieces(
    tables: Tables, form: str, *, story: str | None = None, base: str | None = None, title: str, heard: Heard
) -> Iterator[bytes]:
    """The file of a format, all but Parquet, in UTF-8, a piece at a time: of all stories, or of one.

    `base` is the address below which stories are, for formats in which they have one; `title` is what a corpus is called.

    Raises `KeyError` where there is no such story.
    """
    if form == "jsonl":
        for row in rows(tables, story, heard):
            yield line(row)
        return
    found = _heard(editions(tables, story), story, heard)
    if form == "tei":
        from copydesk.export import tei

        whole = tei.corpus(found, title) if story is None else (tei.document(name, edition) for name, edition in found)
        for piece in whole:
            yield piece.encode("utf-8")
        return
    for name, edition in found:
        for node in nodes(form, name, edition, base):
            yield line(node)


def nodes(form: str, story: str, edition: Edition, base: str | None) -> Iterator[dict[str, Any]]:
    """A story as objects of JSON: a table, or one for each of its versions."""
    if form == "collatex":
        from copydesk.export.collatex import table

        yield table(story, edition)
        return
    from copydesk.export import annotation, ninjs, schema_org
    from copydesk.export.item import items

    make = {"annotation": annotation.collection, "schema.org": schema_org.article, "ninjs": ninjs.news}[form]
    for item in items(story, edition):
        yield make(item, base)


def rows(tables: Tables, story: str | None, heard: Heard) -> Iterator[dict[str, Any]]:
    """The rows for builders of corpora. Raises `KeyError` where there is no such story."""
    from copydesk.export.corpus import row

    none = True
    for of, edition in told(tables, story):
        none = False
        yield row(of, edition)
        heard(of["n_copies"])
    if none and story is not None:
        raise KeyError(story)


def line(node: dict[str, Any]) -> bytes:
    """An object on one line; half of a pair, which UTF-8 cannot hold, is written as its escape."""
    return json.dumps(node, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"


def _heard(found: Iterable[tuple[str, Edition]], story: str | None, heard: Heard) -> Iterator[tuple[str, Edition]]:
    none = True
    for name, edition in found:
        none = False
        yield name, edition
        heard(len(edition.copies))
    if none and story is not None:
        raise KeyError(story)
