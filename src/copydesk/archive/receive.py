"""Receive: the copies of inputs that the archive does not have yet."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pyarrow as pa

from copydesk.archive.catalogue import having
from copydesk.archive.kept import Seeded
from copydesk.pipeline import QUOTED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from copydesk.engines.local import Local
    from copydesk.parts import Texts
    from copydesk.sources.corpus import Columns

REJECTED = "rejected.jsonl"
TOLD = ("source", "published", "url", "other", "print", "text_at", "text_size")
"""What is held of a copy besides its seeds."""


class Received(NamedTuple):
    """New copies with their seeds and what is `TOLD` of them, None if there are none; how many were there already.

    `reasons` counts why others were rejected.
    """

    copies: Seeded | None
    there: int
    reasons: Counter[str]


def receive(  # noqa: PLR0917  all that reading needs
    catalogue: sqlite3.Connection,
    files: Sequence[str],
    columns: Columns,
    texts: Texts,
    folder: Path,
    engine: Local,
    processes: int,
    told: Callable[[int], None] = lambda n: None,
) -> Received:
    """Read inputs that `corpus.check` has passed. The texts go into `texts`, what cannot be taken into `rejected.jsonl`.

    A copy that is there already, the same text under the same id, is passed over; another text under an id that is there is
    rejected: a copy is never changed. Raises `Unreadable` where no row is a copy.
    """
    from copydesk.find import seeded
    from copydesk.sources import Unreadable, corpus
    from copydesk.sources.files import these

    there = n = n_read = 0
    first = ""
    reasons: Counter[str] = Counter()
    with (folder / REJECTED).open("wb") as file:

        def reject(reason: str, **where: str | int) -> None:
            reasons[QUOTED.sub("…", reason)] += 1
            file.write(msgspec.json.encode({**where, "reason": reason}) + b"\n")

        def bad(name: str, row: int, reason: str) -> None:
            nonlocal first
            first = first or f" ({name}, row {row}: {reason})"
            reject(reason, file=name, row=row)

        def read() -> Iterator[pa.RecordBatch]:
            nonlocal there, n, n_read
            for given in corpus.batches(files, bad, columns, processes):
                n_read += given.num_rows
                ids = given.column("copy_id").to_pylist()
                prints = [fingerprint(text.as_buffer()) for text in given.column("text")]
                had = dict(having(catalogue, "SELECT id, print FROM copy WHERE id", ids))
                for id_, print_ in zip(ids, prints, strict=True):
                    if had.get(id_, print_) != print_:
                        reject(f"the archive has another text under the id {id_!r}; a copy is never changed", id=id_)
                batch = given.append_column("print", pa.array(prints, pa.binary(16))).drop_columns(["story"])
                there += sum(had.get(id_) == print_ for id_, print_ in zip(ids, prints, strict=True))
                new = batch.filter(pa.array([id_ not in had for id_ in ids])) if had else batch
                n += new.num_rows
                told(n)
                if new.num_rows:
                    yield texts.add(new)

        batches = read()
        some = next(batches, None)
        if not n_read:
            raise Unreadable(f"there is no copy to read in {these(files)}{first}")
        if some is None:
            return Received(None, there, reasons)
        return Received(Seeded(*seeded(_with(some, batches), engine)), there, reasons)


def fingerprint(text: bytes | pa.Buffer) -> bytes:
    """What tells one text from another, given in UTF-8."""
    return blake2b(text, digest_size=16).digest()


def _with(first: pa.RecordBatch, others: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from others
