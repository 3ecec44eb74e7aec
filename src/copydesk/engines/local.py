"""The engine of this machine: threads, and piles of numbers in files, which may be larger than memory.

The steps ask three moves of an engine: map pieces through a function, bring together the numbers of one part, pile up numbers.
"""

from __future__ import annotations

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
    from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")
N = TypeVar("N", bound="np.generic")


class Local:
    """Threads that run functions, and a folder below the one given for piles; both are gone when it is closed.

    The results do not depend on how many threads there are.
    """

    def __init__(self, threads: int, folder: Path | None = None) -> None:
        self.threads = threads
        self._folder = tempfile.TemporaryDirectory(prefix="copydesk-", dir=folder)
        self._pool = ThreadPoolExecutor(threads)
        self._piles: list[Pile] = []

    def __enter__(self) -> Local:
        """Use it in a `with`: what it piled up is removed at the end."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Stop the threads, remove what was piled up."""
        self._pool.shutdown(cancel_futures=True)
        for pile in self._piles:
            pile.close()
        self._folder.cleanup()

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
