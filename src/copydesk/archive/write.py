"""Write: a batch into a folder of its own, and then, all at once, into the catalogue."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from copydesk import parts, tables
from copydesk.archive.decisions import decided
from copydesk.archive.rows import grouped, regroup, rows
from copydesk.archive.tables import NAMES
from copydesk.archive.words import Words
from copydesk.pipeline import edited

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from copydesk.archive.decisions import Decision
    from copydesk.archive.link import Linked
    from copydesk.engines.processes import Crew
    from copydesk.model import Known
    from copydesk.parts import Texts
    from copydesk.steps import Steps

CARRIED = ("source", "published", "url", "other", "added")
"""What is told of a copy and hangs on no other copy."""
ADD, SETTLE = "add", "settle"
"""What a batch does that is no decision: the one, the other, or both."""


class Batch(NamedTuple):
    """What is to be entered: its number, what it does, `new` copies with their fingerprints, and how many were rejected.

    `whole`: it takes the place of all before. `same` is the share of the shorter text that makes a story, if it finds any.
    `absorbed` are batches whose rows and seeds it takes over: the ids of their stories that stay as they were.
    """

    no: int
    what: str
    new: pa.Table
    rejected: int
    whole: bool
    same: float
    absorbed: dict[int, list[str]]


def old_copies(path: Path, linked: Linked, texts: Texts) -> pa.Table:
    """What is told of the copies of the stories that are gone; their texts are put into `texts`."""
    stories: dict[int, list[str]] = {}
    for _, id_, batch, _ in linked.gone:
        stories.setdefault(batch, []).append(id_)
    told = pa.concat_tables(
        [_EMPTY, *(some.select(_EMPTY.schema.names) for some in rows(path, "copies", stories, ["copy_id", *CARRIED]))]
    )
    placed = [
        pa.Table.from_batches([texts.add(batch).drop_columns(["text"])])
        for some in rows(path, "texts", stories)
        for batch in some.select(["copy_id", "text"]).combine_chunks().to_batches()
    ]
    places = pa.concat_tables([_PLACED, *placed])
    at = pc.index_in(told.column("copy_id"), places.column("copy_id")).combine_chunks()
    for name in ("text_at", "text_size"):
        told = told.append_column(name, places.column(name).take(at))
    return told


_EMPTY = pa.table(
    {
        "copy_id": pa.array([], pa.string()),
        **{name: pa.array([], pa.string()) for name in CARRIED[:-1]},
        "added": pa.array([], pa.int64()),
    }
)
_PLACED = pa.table(
    {"copy_id": pa.array([], pa.string()), "text_at": pa.array([], pa.int64()), "text_size": pa.array([], pa.int64())}
)


def with_told(copies: pa.Table, told: pa.Table) -> pa.Table:
    """Copies as finding gives them, with what is `CARRIED` of each, and where its text is."""
    at = pc.index_in(copies.column("copy_id"), told.column("copy_id")).combine_chunks()
    for name in (*CARRIED, "text_at", "text_size"):
        copies = copies.append_column(name, told.column(name).take(at))
    return copies


def write(  # noqa: PLR0917  the parts of a batch
    path: Path,
    folder: Path,
    batch: Batch,
    boilerplate: pa.Table | None,
    copies: pa.Table,
    sources: pa.Table | None,
    known: Known | None,
    decisions: Sequence[Decision],
    steps: Steps,
    crew: Crew,
    heard: Callable[[pa.Table], None],
) -> dict[str, int]:
    """Edit the stories and write the tables into the folder; what was counted. Of `stories` is `heard` as they come.

    `copies` are `with_told`. `sources` and `known` are what the archive knows of sources; where they are None that is learned
    anew. This process edits along with the `crew`.
    """
    copies = copies.append_column("line", pa.nulls(len(copies), pa.string()))
    own = copies.select([*tables.COPIES, "added"])
    tables.write(own, folder / "copies.parquet")
    tables.write(tables.sources(copies), folder / "sources.parquet")
    if boilerplate is not None:
        tables.write(boilerplate, folder / "boilerplate.parquet")
    decide = partial(decided, decisions) if decisions else None
    counts = edited(folder, copies, steps, crew, known, decide, grouped, heard)
    for name in NAMES:
        more = [*rows(path, name, batch.absorbed)]
        if more or name == "copies":
            regroup(folder / f"{name}.parquet", more, ("story_id", "copy_id") if name == "copies" else ("story_id",))
    if sources is not None:
        _add_sources(folder / "sources.parquet", sources, copies, batch.no)
    return counts


def _add_sources(path: Path, earlier: pa.Table, copies: pa.Table, batch: int) -> None:
    """Put what is known of all sources in the place of what a batch tells: new copies count, rates stay until learned anew."""
    new = {row["source"]: row for row in tables.sources(copies.filter(pc.equal(copies.column("added"), batch))).to_pylist()}
    made = {row["source"]: row for row in pq.read_table(path).to_pylist()}
    every = {row["source"]: row for row in earlier.to_pylist()}
    for source, row in new.items():
        if source in every:
            for name in ("n_copies", "n_letters", "boilerplate_letters"):
                every[source][name] += row[name]
        else:
            every[source] = made[source]
    some = sorted(every.values(), key=lambda row: (row["source"] is None, row["source"]))
    tables.write(pa.Table.from_pylist(some, tables.KNOWN_SOURCES), path)


def sync(folder: Path) -> None:
    """See that what is in a folder is on the disk."""
    for path in [*folder.iterdir(), folder, folder.parent]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def enter(  # noqa: PLR0917  what there is to enter
    catalogue: sqlite3.Connection,
    path: Path,
    batch: Batch,
    linked: Linked,
    copies: pa.Table,
    also: Callable[[sqlite3.Connection], None] = lambda catalogue: None,
) -> Words:
    """Enter what a batch has into the catalogue that is written, and what `also` enters; its words are to be given.

    `copies` has `copy_id, story_id, source` of all that it edits.
    """
    copies = copies.sort_by([("story_id", "ascending"), ("copy_id", "ascending")])
    also(catalogue)
    (last,) = catalogue.execute("SELECT coalesce(max(no), 0) FROM story").fetchone()
    ids = dict.fromkeys(copies.column("story_id").to_pylist())
    numbers = {id_: no for no, id_ in enumerate(ids, last + 1)}
    words = Words(catalogue, path, batch.no, linked, copies, numbers)
    _leave(catalogue, linked, batch)
    catalogue.executemany(
        "INSERT INTO story VALUES (?, ?, ?, ?)", [(no, id_, batch.no, batch.no) for id_, no in numbers.items()]
    )
    new = {row["copy_id"]: row["print"] for row in batch.new.select(["copy_id", "print"]).to_pylist()}
    (next_,) = catalogue.execute("SELECT coalesce(max(no), -1) + 1 FROM copy").fetchone()
    story_of = dict(zip(copies.column("copy_id").to_pylist(), copies.column("story_id").to_pylist(), strict=True))
    catalogue.executemany(
        "UPDATE copy SET story = ? WHERE id = ?",
        [(numbers[story], id_) for id_, story in story_of.items() if id_ not in new],
    )
    catalogue.executemany(
        "INSERT INTO copy VALUES (?, ?, ?, ?, ?)",
        [(no, id_, print_, batch.no, numbers[story_of[id_]]) for no, (id_, print_) in enumerate(new.items(), next_)],
    )
    if batch.whole:
        catalogue.execute("DELETE FROM seeds")
        catalogue.execute("INSERT INTO seeds SELECT ?, 0, count(*) FROM copy", [batch.no])
        catalogue.execute("INSERT OR REPLACE INTO fact SELECT 'settled', count(*) FROM copy")
        catalogue.execute("INSERT OR REPLACE INTO fact VALUES ('same', ?)", [batch.same])
        catalogue.execute("DELETE FROM void")
        catalogue.execute("UPDATE batch SET live = 0 WHERE live")
    else:
        _absorb(catalogue, batch, next_, len(new))
    catalogue.executemany(
        "INSERT INTO was VALUES (?, ?, ?)",
        [(story, batch.no, was) for story, of in linked.was.items() for was in sorted(of) if was != story],
    )
    return words


def close(catalogue: sqlite3.Connection, batch: Batch, stories: int) -> None:
    """Enter the batch itself, which edited so many stories, now that all is made.

    Those that it takes the place of have ended now: who reads them is given time from here on (`alone.GRACE`).
    """
    catalogue.execute("UPDATE batch SET ended = ? WHERE NOT live AND ended IS NULL", [time.time()])
    catalogue.execute(
        "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, 1, NULL)",
        [batch.no, datetime.now(UTC).isoformat(timespec="seconds"), batch.what, len(batch.new), batch.rejected, stories],
    )


def _absorb(catalogue: sqlite3.Connection, batch: Batch, first: int, n: int) -> None:
    """The rows and seeds of some batches are now in this one, whose own copies begin at `first`."""
    for no in batch.absorbed:
        (first, n) = catalogue.execute(
            "SELECT min(coalesce(min(first), ?), ?), ? + coalesce(sum(n), 0) FROM seeds WHERE batch = ?", [first, first, n, no]
        ).fetchone()
        catalogue.execute("DELETE FROM seeds WHERE batch = ?", [no])
        catalogue.execute("DELETE FROM void WHERE batch = ?", [no])
        catalogue.execute("UPDATE story SET batch = ? WHERE batch = ?", [batch.no, no])
        catalogue.execute("UPDATE batch SET live = 0 WHERE no = ?", [no])
    if n:
        catalogue.execute("INSERT INTO seeds VALUES (?, ?, ?)", [batch.no, first, n])


def _leave(catalogue: sqlite3.Connection, linked: Linked, batch: Batch) -> None:
    """The stories that are gone count no more."""
    catalogue.executemany("DELETE FROM story WHERE no = ?", [(no,) for no, _, _, _ in linked.gone])
    if not batch.whole:
        catalogue.executemany("INSERT INTO void VALUES (?, ?)", [(id_, of) for _, id_, of, _ in linked.gone])


def known_last(folders: Iterable[Path]) -> Known | None:
    """What was learned of sources last, if it was."""
    return next((known for folder in reversed([*folders]) if (known := parts.known(folder)) is not None), None)


def latest(folders: Iterable[Path], table: str) -> pa.Table | None:
    """A table of which each batch that has it has all there is: that of the last."""
    files = [file for folder in folders if (file := folder / f"{table}.parquet").is_file()]
    return pq.read_table(files[-1]) if files else None
