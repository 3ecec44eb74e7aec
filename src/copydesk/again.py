"""The editions of stories, made again of what tables keep of them: of one, or of many one after the other.

Who has tables in order of their stories, as the folder of a run, gives them row by row, and is read once from the first story
to the last, however many there are. Who has the copies of one story at hand, as an archive, gives these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol

from copydesk.edit.damage import OTHER
from copydesk.edit.metadata import metadata
from copydesk.model import Copy, Edition, Known, Place, Reading, Span, Variant
from copydesk.story import reconcile

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.compute as pc

Row = dict[str, Any]


class Tables(Protocol):
    """What keeps stories in tables, with the columns that those of a run have."""

    def rows(self, table: str, columns: Sequence[str], story: str | None) -> Iterator[Row]:
        """The rows of a table in order of `story_id`, and of `copy_id` or `version`; of one story where it is named."""
        ...

    def known(self) -> Known:
        """What was learned of the sources."""
        ...

    def decided(self, edition: Edition) -> Edition:
        """An edition with what readers decided about it, where they can."""
        ...


class Kept(Protocol):
    """What keeps all tables that a run writes, to be asked: the folder of a run, or an archive."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def same(self) -> float:
        """The share of the shorter of two texts that makes them one story."""
        ...

    @property
    def given(self) -> str | None:
        """The column that said what the stories are, if they were not found."""
        ...

    def has(self, table: str) -> bool:
        """Whether there is such a table."""
        ...

    def table(
        self, name: str, columns: Sequence[str] | None = None, where: Mapping[str, Sequence[object]] | None = None
    ) -> pa.Table:
        """A table that is there, or some columns of the rows that have in a column one of some values."""
        ...


def filters(where: Mapping[str, Sequence[object]] | None) -> list[tuple[str, str, list[object]]] | pc.Expression | None:
    """The `where` of `Kept.table` as Arrow takes it. Of no values Arrow cannot tell the type, so they are said otherwise."""
    if where and not all(where.values()):
        import pyarrow.compute as pc

        return pc.scalar(False)
    return [(column, "in", list(values)) for column, values in (where or {}).items()] or None


def editions(tables: Tables, story: str | None = None) -> Iterator[tuple[str, Edition]]:
    """Each story with its edition, made again of its copies: with witnesses, damage and lines, which no table keeps whole.

    Copies that were left out, because they are too many or not of one story, are left out again. A copy alone is its edition.
    """
    known = tables.known()
    copies = _grouped(tables.rows("copies", ("story_id", "copy_id", "source", "published", "url"), story))
    left_out = _Beside(tables.rows("left_out", ("story_id", "copy_id", "reason"), story))
    for (name, rows), (_, of_it) in zip(
        _grouped(tables.rows("texts", ("story_id", "copy_id", "text"), story)), copies, strict=True
    ):
        given = [
            Copy(row["copy_id"], row["text"], told["source"], told["published"], told["url"])
            for row, told in zip(rows, of_it, strict=True)
        ]
        yield name, tables.decided(edition(given, left_out.of(name), known))


def edition(copies: Sequence[Copy], left_out: Sequence[Row], known: Known) -> Edition:
    """The edition of the copies of a story, as its tables have it; `left_out` are its rows there.

    What is of another text is found to be so again, and named by the edition; the others that were left out are left out.
    """
    gone = {row["copy_id"] for row in left_out if row["reason"] != OTHER}
    given = [copy for copy in copies if copy.id not in gone]
    if len(given) > 1:
        with suppress(ValueError):  # no words, which a run does not reconcile either
            return reconcile(given, known)
    copy = min(given, key=lambda copy: (-len(copy.text), copy.id))
    span = (Span(0, len(copy.text), copy.id, 0, len(copy.text)),) if copy.text else ()
    return Edition(copy.text, (copy,), span, span, (), (), (), 1.0)


def told(tables: Tables, story: str | None = None) -> Iterator[tuple[Row, Edition]]:
    """Each version of each story: its row of `stories`, and the edition as far as tables tell it, which takes much less time.

    Its copies have no texts, its variants are those of boilerplate, and it has no witnesses, damage or lines.
    """
    columns = ("story_id", "version", "n_copies", "n_lines", "text", "confidence", "n_variants")
    copies = _grouped(tables.rows("copies", ("story_id", "copy_id", "source", "published", "url"), story))
    variants = _Beside(tables.rows("variants", ("story_id", *VARIANT), story))
    versions = _Beside(tables.rows("versions", ("story_id", "version", "copies"), story))
    spans = _Beside(tables.rows("spans", ("story_id", *SPAN), story))
    for (name, rows), (_, of_it) in zip(_grouped(tables.rows("stories", columns, story)), copies, strict=True):
        given = tuple(Copy(row["copy_id"], "", row["source"], row["published"], row["url"]) for row in of_it)
        of_version = {row["version"]: tuple(row["copies"]) for row in versions.of(name)}
        set_aside, taken = variants.of(name), spans.of(name)
        for row in rows:
            own = tuple(
                _variant(v) for v in set_aside if v["version"] == row["version"] and v["kind"].startswith("boilerplate")
            )
            yield (
                row,
                Edition(
                    text=row["text"],
                    copies=given,
                    spans=tuple(
                        Span(s["start"], s["end"], s["copy_id"], s["copy_start"], s["copy_end"], s["repaired"])
                        for s in taken
                        if s["version"] == row["version"]
                    ),
                    witnesses=(),
                    variants=own,
                    damage=(),
                    metadata=metadata(own, len(row["text"])),
                    confidence=1.0 if row["confidence"] is None else row["confidence"],
                    version=row["version"],
                    of_version=of_version.get(row["version"], ()),
                ),
            )


def apparatus(tables: Tables, story: str) -> list[tuple[Row, Edition]]:
    """Each version of a story: its row of `stories`, and of its edition the text and the variants, and nothing else.

    A variant is called by its place among them. Raises `KeyError` where there is no such story.
    """
    rows = [*tables.rows("stories", ("story_id", "version", "text"), story)]
    if not rows:
        raise KeyError(story)
    variants: dict[int, list[Variant]] = {}
    for variant in tables.rows("variants", ("story_id", *VARIANT), story):
        variants.setdefault(variant["version"], []).append(_variant(variant))
    return [
        (row, Edition(row["text"], (), (), (), tuple(variants.get(row["version"], ())), (), (), 1.0, version=row["version"]))
        for row in rows
    ]


VARIANT = ("version", "start", "end", "kind", "chosen", "reason", "confidence", "readings")
SPAN = ("version", "start", "end", "copy_id", "copy_start", "copy_end", "repaired")


def _variant(row: Row) -> Variant:
    readings = tuple(
        Reading(
            reading["text"],
            tuple(reading["copies"]),
            tuple(
                Place(copy, start, start + len(reading["text"]))
                for copy, start in zip(reading["copies"], reading["starts"], strict=True)
            ),
        )
        for reading in row["readings"]
    )
    return Variant(row["start"], row["end"], row["kind"], readings, row["chosen"], row["reason"], row["confidence"])


def _grouped(rows: Iterator[Row]) -> Iterator[tuple[str, list[Row]]]:
    for story, own in groupby(rows, lambda row: row["story_id"]):
        yield story, list(own)


class _Beside:
    """A table that has rows of some stories, read beside one that has all of them."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._groups = _grouped(rows)
        self._next = next(self._groups, None)

    def of(self, story: str) -> list[Row]:
        """The rows of a story; those before it are passed over."""
        while self._next is not None and self._next[0] < story:
            self._next = next(self._groups, None)
        return self._next[1] if self._next is not None and self._next[0] == story else []
