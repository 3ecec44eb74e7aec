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
import pyarrow.compute as pc

from copydesk.model import Copy, Known

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

SIZE = 1 << 20
"""Bytes of text of a part: one story at least. It is what is lost when a run is stopped, and what a process holds."""
BLOCK = 64 << 20
"""Bytes of text that are read at a time."""

EACH, LEAST, MOST = 200, 1_000, 5_000
"""Stories of several copies from which is learned what the sources are like: of each source, and of all together."""
WITNESSES = 32
"""Copies of such a story that are looked at."""

FEW = 8
"""Parts that are edited before their turn: until they are all done no table is written."""
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


def plan(copies: pa.Table, folder: Path, size: int | None = None) -> int:
    """Divide copies into parts, a batch of the plan each, in order of story and copy; how many there are.

    A part has `SIZE` bytes of text, or so many as are named.
    """
    copies = copies.select(COLUMNS).sort_by([("story_id", "ascending"), ("copy_id", "ascending")])
    sizes = copies.column("text_size").to_numpy()
    stories = copies.column("story_id").combine_chunks().dictionary_encode().indices.to_numpy()
    part = _parts(stories, sizes, size or SIZE)
    copies = copies.append_column("sample", pa.array(_sampled(copies, stories)))
    bounds = np.flatnonzero(np.diff(part, prepend=-1, append=-1)).tolist()
    (folder / PARTS).mkdir(exist_ok=True)
    with pa.ipc.new_file(str(folder / PLAN), copies.schema) as file:
        for start, stop in pairwise(bounds):
            file.write(copies.slice(start, stop - start).combine_chunks().to_batches()[0])
    return len(bounds) - 1


def _parts(stories: NDArray[np.int32], sizes: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """The part of each copy: that in which its story begins."""
    first = np.flatnonzero(np.diff(stories, prepend=-1))
    begins = (np.cumsum(sizes) - sizes)[first] // size
    return np.repeat(begins, np.diff(np.append(first, len(stories))))


def _sampled(copies: pa.Table, stories: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which copies are of the sample: chance draws stories by their names, and copies of these by theirs.

    None are where no copy has a source.
    """
    source = copies.column("source").combine_chunks().dictionary_encode().indices.fill_null(-1).to_numpy()
    first = np.flatnonzero(np.diff(stories, prepend=-1))
    several = np.diff(np.append(first, len(stories))) > 1
    drawn = np.zeros(len(stories), bool)
    if not several.any() or not (source >= 0).any():
        return drawn
    rank = np.full(len(first), len(first))
    rank[several] = _ranks(copies.column("story_id").take(pa.array(first[several])))
    # the stories of each source in order of their ranks
    rows = np.flatnonzero((source >= 0) & several[stories])
    pairs = np.unique(source[rows] * np.int64(len(first) + 1) + rank[stories[rows]])
    of, ranks = np.divmod(pairs, len(first) + 1)
    begins = np.flatnonzero(np.diff(of, prepend=-1))
    nth = np.arange(len(of)) - np.repeat(begins, np.diff(np.append(begins, len(of))))
    wanted = np.union1d(ranks[nth < EACH], np.arange(min(LEAST, int(several.sum()))))[:MOST]
    rows = np.flatnonzero(np.isin(rank, wanted)[stories])
    by_story = rows[np.lexsort((_ranks(copies.column("copy_id").take(pa.array(rows))), stories[rows]))]
    begins = np.flatnonzero(np.diff(stories[by_story], prepend=-1))
    nth = np.arange(len(by_story)) - np.repeat(begins, np.diff(np.append(begins, len(by_story))))
    drawn[by_story[nth < WITNESSES]] = True
    return drawn


def _ranks(names: pa.ChunkedArray) -> NDArray[np.int64]:
    """The place of each name in an order by chance, which the names alone decide."""
    from hashlib import blake2b

    chance = [blake2b(name.encode(), digest_size=8).digest() for name in names.to_pylist()]
    ranks = np.empty(len(chance), np.int64)
    ranks[np.argsort(np.array(chance, "S8"), kind="stable")] = np.arange(len(chance))
    return ranks


def sampled(folder: Path) -> dict[int, int]:
    """The parts that have stories of the sample, and how many each."""
    with pa.memory_map(str(folder / PLAN)) as file:
        plan = pa.ipc.open_file(file)
        numbers = range(plan.num_record_batches)
        counts = {part: _n_sampled(plan.get_batch(part)) for part in numbers}
    return {part: n for part, n in counts.items() if n}


def _n_sampled(batch: pa.RecordBatch) -> int:
    n: int = pc.count_distinct(batch.column("story_id").filter(batch.column("sample"))).as_py()
    return n


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
            given = rows if sum(row[-1] for row in rows) <= most else sample_of(rows, most)
            copies = [Copy(row[1], _read(file, *row[5:]).decode(), *row[2:5]) for row in given]
            drawn = {copy.id for copy in copies}
            yield story, copies, [row[1] for row in rows if row[1] not in drawn]


def sample_of(rows: list[Any], most: int) -> list[Any]:
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
        del told["tables"]
        return told
    except FileNotFoundError:
        return None


def largest_first(folder: Path) -> list[int]:
    """The numbers of the parts in an order to edit them: a few that are a large story first, lest at the end all wait for it.

    The others come in their own order, for their tables are written as they come.
    """
    with pa.memory_map(str(folder / PLAN)) as file:
        plan = pa.ipc.open_file(file)
        batches = (plan.get_batch(part) for part in range(plan.num_record_batches))
        sizes = np.array([pc.sum(batch.column("text_size")).as_py() for batch in batches])
    large = np.flatnonzero(sizes > 2 * np.median(sizes)) if len(sizes) else np.empty(0, np.int64)
    first: list[int] = large[np.argsort(-sizes[large], kind="stable")][:FEW].tolist()
    return first + sorted({*range(len(sizes))} - {*first})


def keep(folder: Path, part: int, tables: dict[str, pa.RecordBatch], told: dict[str, Any]) -> None:
    """Write what a part made: what is told of it last, so that it is there whole or not at all."""
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.OSFile(str(_path(folder, part, "tables")), "wb") as file:  # one file: to open one takes longer than most tables
        for batch in tables.values():
            with pa.ipc.new_stream(file, batch.schema, options=options) as stream:
                stream.write_batch(batch)
    new = _path(folder, part, "new")
    new.write_bytes(msgspec.json.encode(told | {"tables": [*tables]}))
    new.replace(_path(folder, part, "json"))


def kept(folder: Path, part: int) -> dict[str, pa.Table]:
    """The tables that a part made."""
    told = msgspec.json.decode(_path(folder, part, "json").read_bytes())
    with pa.memory_map(str(_path(folder, part, "tables"))) as file:
        return {name: pa.ipc.open_stream(file).read_all() for name in told["tables"]}


def keep_known(folder: Path, known: Known) -> None:
    """Keep what was learned of the sources; it is there whole or not at all."""
    new = folder / f"{KNOWN}.new"
    new.write_bytes(msgspec.json.encode(known))
    new.replace(folder / KNOWN)


def known(folder: Path) -> Known | None:
    """What was learned of the sources, if it was."""
    try:
        return msgspec.json.decode((folder / KNOWN).read_bytes(), type=Known)
    except FileNotFoundError:
        return None


def remove(folder: Path) -> None:
    """All that parts are made of, when their tables are written, but for what is known of the sources."""
    shutil.rmtree(folder / PARTS)
    (folder / PLAN).unlink()
    (folder / TEXTS).unlink()


def _path(folder: Path, part: int, what: str) -> Path:
    return folder / PARTS / f"{part:06d}.{what}"
