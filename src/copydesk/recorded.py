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
    """The rows that records make, table by table; `names` says how names are read, as for `story.record`."""

    def __init__(self, names: str | None) -> None:
        self._names = names
        self._seconds = 0.0
        self._not_english = 0
        self._rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in OF_RECORD}

    def edition(self, story: str, edition: Edition) -> str | None:
        """Read the record of a version of a story, and keep its rows; gives its headline, if any. The edition has witnesses."""
        begun = time.process_time()
        record = record_of(edition, names=self._names)
        text, version = edition.text, edition.version
        behind = Behind(edition.spans, edition.witnesses)
        statements, figures, dates, names, metadata = self._rows.values()
        for s in record.statements:
            stretches = stretches_of(s)
            place = (min(stretches)[0], max([end for _, end in stretches]))
            said = (_in(text, s.source), _in(text, s.cue), _in(text, s.content))
            via = [{"name": v.name, "source": _ends(v.source), "cue": _ends(v.cue)} for v in s.via]
            told = (s.type, *said, s.kind, s.name, s.source, s.cue, s.content, via, s.hedges, s.rule, s.implied)
            statements.append((story, version, s.id, *place, *told, *behind(stretches)))
        for n, (f, whose) in enumerate(zip(record.figures, _whose(record), strict=True), 1):
            of = (story, version, f"f{n}", f.start, f.end, f.text, f.kind)
            figures.append(
                (*of, f.value, f.high, f.comparison, f.unit, f.since, f.as_of, f.source, whose, *behind(stretches_of(f)))
            )
        for n, d in enumerate(record.dates, 1):
            anchor = (d.anchor, record.anchor_from, record.anchor_copies) if d.anchor else (None, None, None)
            of = (story, version, f"d{n}", d.start, d.end, d.text, d.timex)
            dates.append((*of, d.mod, d.first, d.last, *anchor, *behind(stretches_of(d))))
        for n, name in enumerate(record.names, 1):
            start, end = name.mentions[0][0], name.mentions[-1][1]
            whom = (name.name, name.kind, name.title, name.mentions)
            names.append((story, version, f"n{n}", start, end, *whom, *behind(name.mentions)))
        for m in record.metadata:
            metadata.append((story, version, m.name, m.value, m.rule, m.implied, *(m.span or (None, None)), m.copies))
        self._not_english += record.note is not None
        self._seconds += time.process_time() - begun
        return next((m.value for m in record.metadata if m.name == "headline"), None)

    def told(self) -> dict[str, int]:
        """How many items of each kind there are, of how many editions the language is not English; milliseconds it took."""
        n = {name: len(self._rows[name]) for name in ("statements", "figures", "dates", "names")}
        return {**n, "not_english": self._not_english, "of_record": round(self._seconds * 1000)}

    def batches(self) -> dict[str, pa.RecordBatch]:
        """The tables, each as one batch."""
        import pyarrow as pa

        made = {}
        for name, schema in OF_RECORD.items():
            columns = zip(*self._rows[name], strict=True) if self._rows[name] else ((),) * len(schema)
            arrays = [array(column, field.type) for column, field in zip(columns, schema, strict=True)]
            made[name] = pa.record_batch(arrays, schema)
        return made


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
