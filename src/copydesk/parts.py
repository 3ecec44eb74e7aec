"""The stories of a corpus in parts: whole stories in order of their names, some `SIZE` bytes of text at a time.

A part is edited on its own by whichever process is free, and what it made stays on disk: a run that was stopped does not make
it again. Which stories are in a part depends on the stories alone, so the tables come out the same however the work was shared.
"""

from __future__ import annotations

import shutil
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import numpy as np
import pyarrow as pa

from copydesk.model import Copy, Known

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

SIZE = 1 << 20
"""Bytes of text of a part: one story at least. It is what is lost when a run is stopped, and what a process holds."""
BLOCK = 64 << 20
"""Bytes of text that are read at a time."""

SAMPLE = 5_000
"""Stories of several copies from which is learned what the sources are like."""

TEXTS, PLAN, PARTS, KNOWN = "texts", "plan.arrow", "parts", "known.json"
COLUMNS = ["story_id", "copy_id", "source", "published", "url", "text_at", "text_size"]


class Texts:
    """The texts of a corpus one after the other in a file, written as they are read."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / TEXTS).open("wb")
        self._at = 0

    def add(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Keep the texts of a batch; it comes back with `text_at` and `text_size`, the bytes in the file."""
        text = batch.column("text")
        _, bounds, data = text.buffers()
        starts = np.frombuffer(bounds, np.int32)[text.offset : text.offset + len(text) + 1].astype(np.int64)
        self._file.write(memoryview(data)[starts[0] : starts[-1]])
        at = starts[:-1] + (self._at - starts[0])
        self._at += int(starts[-1] - starts[0])
        return batch.append_column("text_at", pa.array(at)).append_column("text_size", pa.array(np.diff(starts)))

    def close(self) -> None:
        """Write what is left."""
        self._file.close()


def plan(copies: pa.Table, folder: Path) -> int:
    """Divide copies into parts, a batch of the plan each, in order of story and copy; how many there are."""
    copies = copies.select(COLUMNS).sort_by([("story_id", "ascending"), ("copy_id", "ascending")])
    sizes = copies.column("text_size").to_numpy()
    stories = copies.column("story_id").combine_chunks().dictionary_encode().indices.to_numpy()
    part = _parts(stories, sizes)
    copies = copies.append_column("sample", pa.array(_sampled(copies.column("story_id"), stories)))
    bounds = np.flatnonzero(np.diff(part, prepend=-1, append=-1)).tolist()
    (folder / PARTS).mkdir(exist_ok=True)
    with pa.ipc.new_file(str(folder / PLAN), copies.schema) as file:
        for start, stop in pairwise(bounds):
            file.write(copies.slice(start, stop - start).combine_chunks().to_batches()[0])
    return len(bounds) - 1


def _parts(stories: NDArray[np.int32], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The part of each copy: that in which its story begins."""
    first = np.flatnonzero(np.diff(stories, prepend=-1))
    begins = (np.cumsum(sizes) - sizes)[first] // SIZE
    return np.repeat(begins, np.diff(np.append(first, len(stories))))


def _sampled(names: pa.ChunkedArray, stories: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which copies are of the sample: those of stories of several copies that chance draws by their names."""
    from hashlib import blake2b

    first = np.flatnonzero(np.diff(stories, prepend=-1))
    several = first[np.diff(np.append(first, len(stories))) > 1]
    chance = [blake2b(name.encode(), digest_size=8).digest() for name in names.take(pa.array(several)).to_pylist()]
    drawn = np.zeros(len(first), bool)
    drawn[stories[several[np.argsort(chance)[:SAMPLE]]]] = True
    return drawn[stories]


def planned(folder: Path, part: int) -> pa.RecordBatch:
    """The copies of a part, without their texts."""
    with pa.memory_map(str(folder / PLAN)) as file:
        return pa.ipc.open_file(file).get_batch(part)


def stories(folder: Path, part: int, most: int, *, sample: bool = False) -> Iterator[tuple[str, list[Copy], list[str]]]:
    """Name and copies of each story of a part, or of those in the sample, and the ids of the copies that are left out.

    Of a story of more than `most` bytes only copies of so many are given, a fair sample of them.
    """
    plan = planned(folder, part)
    columns = (plan.filter(plan.column("sample")) if sample else plan).to_pydict()
    with (folder / TEXTS).open("rb") as file:
        for story, members in groupby(zip(*(columns[name] for name in COLUMNS), strict=True), lambda row: row[0]):
            rows = list(members)
            given = rows if sum(row[-1] for row in rows) <= most else _sample(rows, most)
            copies = [Copy(row[1], _read(file, *row[5:]).decode(), *row[2:5]) for row in given]
            drawn = {copy.id for copy in copies}
            yield story, copies, [row[1] for row in rows if row[1] not in drawn]


def _sample(rows: list[Any], most: int) -> list[Any]:
    """Copies of `most` bytes in all, at least one, that chance draws by the ids."""
    from hashlib import blake2b

    left = most
    drawn: list[Any] = []
    for row in sorted(rows, key=lambda row: blake2b(row[1].encode()).digest()):
        left -= row[-1]
        if left < 0 and drawn:
            break
        drawn.append(row)
    return sorted(drawn, key=lambda row: row[1])


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    return file.read(size)


def texts(folder: Path, part: int) -> Iterator[pa.Table]:
    """`story_id, copy_id, text` of a part, `BLOCK` bytes at a time."""
    batch = planned(folder, part)
    at, sizes = batch.column("text_at").to_pylist(), batch.column("text_size").to_numpy()
    blocks = (np.cumsum(sizes) - sizes) // BLOCK
    bounds = np.flatnonzero(np.diff(blocks, prepend=-1, append=-1)).tolist()
    with (folder / TEXTS).open("rb") as file:
        for start, stop in pairwise(bounds):
            some = [_read(file, *place) for place in zip(at[start:stop], sizes[start:stop].tolist(), strict=True)]
            columns = [batch.column(name).slice(start, stop - start) for name in ("story_id", "copy_id")]
            yield pa.table([*columns, pa.array(some, pa.string())], names=["story_id", "copy_id", "text"])


def made(folder: Path, part: int) -> dict[str, Any] | None:
    """What was told of a part that is made; None if it is not."""
    try:
        told: dict[str, Any] = msgspec.json.decode(_path(folder, part, "json").read_bytes())
        return told
    except FileNotFoundError:
        return None


def keep(folder: Path, part: int, tables: dict[str, pa.RecordBatch], told: dict[str, Any]) -> None:
    """Write what a part made: what is told of it last, so that it is there whole or not at all."""
    for name, batch in tables.items():
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_file(str(_path(folder, part, name)), batch.schema, options=options) as file:
            file.write(batch)
    new = _path(folder, part, "new")
    new.write_bytes(msgspec.json.encode(told))
    new.replace(_path(folder, part, "json"))


def kept(folder: Path, part: int, table: str) -> pa.Table:
    """A table that a part made."""
    with pa.memory_map(str(_path(folder, part, table))) as file:
        return pa.ipc.open_file(file).read_all()


def keep_known(folder: Path, known: Known) -> None:
    """Keep what was learned of the sources."""
    (folder / KNOWN).write_bytes(msgspec.json.encode(known))


def known(folder: Path) -> Known:
    """What was learned of the sources."""
    return msgspec.json.decode((folder / KNOWN).read_bytes(), type=Known)


def remove(folder: Path) -> None:
    """All that parts are made of, when their tables are written."""
    shutil.rmtree(folder / PARTS)
    (folder / PLAN).unlink()
    (folder / KNOWN).unlink()
    (folder / TEXTS).unlink()


def _path(folder: Path, part: int, what: str) -> Path:
    return folder / PARTS / f"{part:06d}.{what}"
