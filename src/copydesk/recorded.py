"""The record of an edition as rows: statements, figures, dates and names, with where they stand and the copies behind them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from copydesk.behind import Behind, stretches_of
from copydesk.story import record_of
from copydesk.tables import OF_RECORD, array

if TYPE_CHECKING:
    import pyarrow as pa

    from copydesk.model import Edition, Record, Stretch


class Rows:
    """The rows that records make, column by column; `names` says how names are read, as for `story.record`."""

    def __init__(self, names: str | None) -> None:
        self._names = names
        self._seconds = 0.0
        self._not_english = 0
        self._columns: dict[str, list[list[Any]]] = {name: [[] for _ in schema] for name, schema in OF_RECORD.items()}

    def edition(self, story: str, edition: Edition) -> None:
        """Read the record of a version of a story; its rows. The edition has its witnesses."""
        begun = time.process_time()
        record = record_of(edition, names=self._names)
        text, of = edition.text, (story, edition.version)
        behind = Behind(edition.spans, edition.witnesses)
        for statement in record.statements:
            said = (statement.source, statement.cue, statement.content)
            self._add(
                "statements",
                (*of, statement.id),
                stretches_of(statement),
                behind,
                (statement.type, *(_in(text, part) for part in said), statement.kind, statement.name, *said),
                ([{"name": v.name, "source": _ends(v.source), "cue": _ends(v.cue)} for v in statement.via],),
                (statement.hedges, statement.rule, statement.implied),
            )
        for n, (f, whose) in enumerate(zip(record.figures, _whose(record), strict=True), 1):
            told = (f.text, f.kind, f.value, f.high, f.comparison, f.unit, f.since, f.as_of, f.source, whose)
            self._add("figures", (*of, f"f{n}"), stretches_of(f), behind, told)
        for n, d in enumerate(record.dates, 1):
            anchor = (d.anchor, record.anchor_from, record.anchor_copies) if d.anchor else (None, None, None)
            self._add("dates", (*of, f"d{n}"), stretches_of(d), behind, (d.text, d.timex, d.mod, d.first, d.last, *anchor))
        for n, name in enumerate(record.names, 1):
            self._add("names", (*of, f"n{n}"), stretches_of(name), behind, (name.name, name.kind, name.title, name.mentions))
        for detail in record.metadata:
            place = detail.span or (None, None)
            self._row("metadata", (*of, detail.name, detail.value, detail.rule, detail.implied, *place, detail.copies))
        self._not_english += record.note is not None
        self._seconds += time.process_time() - begun

    def told(self) -> dict[str, int]:
        """How many items of each kind there are, of how many editions the language is not English; milliseconds it took."""
        n = {name: len(self._columns[name][0]) for name in ("statements", "figures", "dates", "names")}
        return {**n, "not_english": self._not_english, "of_record": round(self._seconds * 1000)}

    def batches(self) -> dict[str, pa.RecordBatch]:
        """The tables, each as one batch."""
        import pyarrow as pa

        return {
            name: pa.record_batch(
                [array(column, field.type) for column, field in zip(self._columns[name], schema, strict=True)], schema
            )
            for name, schema in OF_RECORD.items()
        }

    def _add(
        self, table: str, key: tuple[str, int, str], stretches: Sequence[Stretch], behind: Behind, *fields: tuple[Any, ...]
    ) -> None:
        """A row: of which item, from where to where it stands, its fields, the copies behind all of its stretches."""
        place = (min([start for start, _ in stretches]), max([end for _, end in stretches]))
        told = (value for some in fields for value in some)
        self._row(table, (*key, *place, *told, behind.copies(stretches), behind.witnesses(stretches)))

    def _row(self, table: str, values: Sequence[Any]) -> None:
        for column, value in zip(self._columns[table], values, strict=True):
            column.append(value)


def _whose(record: Record) -> list[str | None]:
    """For each figure the statement in whose content it stands; of one within another the inner one."""
    parts = [(*part, statement.id) for statement in record.statements for part in statement.content]
    parts.sort(key=lambda part: (-part[0], part[1]))
    around: list[tuple[int, int, str]] = []
    whose: list[str | None] = []
    for figure in record.figures:
        while parts and parts[-1][0] <= figure.start:
            around.append(parts.pop())
        while around and around[-1][1] <= figure.start:
            around.pop()
        whose.append(around[-1][2] if around else None)
    return whose


def _in(text: str, stretches: Sequence[Stretch]) -> str | None:
    """What stands at the stretches, parted by dots where more than one."""
    return " … ".join([text[start:end] for start, end in stretches]) or None


def _ends(stretch: Stretch) -> dict[str, int]:
    return {"start": stretch[0], "end": stretch[1]}
