"""The engine of this machine: DuckDB inside the process, threads, spilling to disk beyond its memory.

The steps ask three moves of an engine: map pieces through a function, bring together the numbers of one part, and SQL.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")
N = TypeVar("N", bound="np.generic")

ROWS = 2048
"""Rows of a batch that a query gives."""


SHARE = 0.4
"""Of the memory given, what DuckDB may hold; the rest is for the arrays and batches of the steps."""


class Duck:
    """A DuckDB of its own, gone when closed. Tables are named; a result of a function is a table like any other.

    `memory` is what the run should keep within, such as `"3GB"` (None: most of the machine); what goes beyond is spilled to
    `folder`. `threads` run the functions and DuckDB (None: one for each core). The results do not depend on either.
    """

    def __init__(self, memory: str | None = None, threads: int | None = None, folder: Path | None = None) -> None:
        import duckdb

        self.threads = threads or os.cpu_count() or 1
        limit = int(SHARE * bytes_of(memory)) if memory else None
        self._folder = tempfile.TemporaryDirectory(prefix="copydesk-", dir=folder)
        settings: dict[str, Any] = {"threads": self.threads, "temp_directory": self._folder.name}
        if limit:
            settings["memory_limit"] = f"{limit}B"
        self._db = duckdb.connect(":memory:", config=settings)
        self._pool = ThreadPoolExecutor(self.threads)
        self._piles: list[Pile] = []

    def __enter__(self) -> Duck:
        """Use it in a `with`: what it spilled is removed at the end."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Stop the threads, let go of all tables, remove what was spilled."""
        self._pool.shutdown(cancel_futures=True)
        self._db.close()
        for pile in self._piles:
            pile.close()
        self._folder.cleanup()

    def sql(self, statement: str) -> None:
        """Run a statement that gives nothing back."""
        self._db.execute(statement)

    def keep(self, table: pa.Table | pa.RecordBatchReader, into: str) -> None:
        """Make a table of an Arrow table or a stream of batches."""
        self._db.register("handed", table)
        try:
            self._db.execute(f"CREATE TABLE {into} AS SELECT * FROM handed")
        finally:
            self._db.unregister("handed")

    def read(self, query: str) -> pa.Table:
        """The rows of a query, as one Arrow table."""
        return self._db.sql(query).to_arrow_table()

    def batches(self, query: str, rows: int = ROWS) -> Iterator[pa.RecordBatch]:
        """The rows of a query, a batch at a time, while other queries run."""
        import pyarrow as pa

        with self._db.cursor() as cursor:
            reader = cursor.sql(query).to_arrow_reader(rows)
            while True:
                try:
                    yield reader.read_next_batch()
                except StopIteration:
                    return
                except pa.ArrowInvalid as error:  # an error of DuckDB, in Arrow's clothes
                    raise RuntimeError(str(error)) from error

    def map(self, function: Callable[[T], R], pieces: Iterable[T]) -> Iterator[R]:
        """What `function` makes of each piece, in the order of the pieces; as many at a time as there are threads."""
        if self.threads == 1:
            yield from map(function, pieces)
            return
        running: deque[Future[R]] = deque()
        try:
            for piece in pieces:
                running.append(self._pool.submit(function, piece))
                if len(running) > self.threads:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()

    def shuffle(
        self, function: Callable[[T], tuple[NDArray[N], NDArray[np.int64]]], pieces: Iterable[T]
    ) -> Iterator[NDArray[N]]:
        """What `function` makes of all pieces (at least one), part by part: numbers to be looked at together.

        Of each piece it makes numbers and bounds: part `p` is `numbers[bounds[p] : bounds[p + 1]]`.
        """
        import numpy as np

        pile = self.pile()
        bounds = []
        at = 0
        for numbers, of_parts in self.map(function, pieces):
            pile.add(numbers)
            bounds.append(of_parts + at)
            at += len(numbers)
        every = pile.read(numbers.dtype)
        for starts, ends in pairwise(np.stack(bounds, axis=1)):
            yield np.concatenate([every[i:j] for i, j in zip(starts, ends, strict=True)])

    def pile(self) -> Pile:
        """A new pile of numbers, in a file of its own."""
        self._piles.append(Pile(self._folder.name))
        return self._piles[-1]


def bytes_of(size: str) -> int:
    """The bytes that `"3GB"`, `"500 MB"` or a plain number stand for."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", size, re.IGNORECASE)
    if not match:
        raise ValueError(f"{size!r} is no size of memory; write it as 3GB or 500MB")
    number, unit, binary = match.groups()
    return int(float(number) * (1024 if binary else 1000) ** " kmgt".index(unit.lower() or " "))


class Pile:
    """Numbers piled up in a file and read back as one array, mapped to memory: it may be larger than that."""

    def __init__(self, folder: str) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  it is gone when closed and no longer mapped

    def add(self, numbers: NDArray[Any]) -> None:
        """Put numbers on top."""
        import numpy as np

        self._file.write(numbers.view(np.uint8).data)

    def close(self) -> None:
        """Close the file; what was read stays."""
        self._file.close()

    def read(self, kind: np.dtype[N]) -> NDArray[N]:
        """All numbers, in the order they came; nothing can be added after."""
        import numpy as np

        with self._file:
            self._file.flush()
            return np.asarray(np.memmap(self._file, kind, "r")) if self._file.tell() else np.empty(0, kind)
