"""The engine of this machine: threads, and piles of numbers, which may be larger than memory and lie in files where they are.

The steps ask three moves of an engine: map pieces through a function, bring together the numbers of one part, pile up numbers.
"""

from __future__ import annotations

import tempfile
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from mmap import ACCESS_COPY, mmap
from typing import IO, TYPE_CHECKING, Any, TypeVar

from copydesk.engines.room import PILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")
N = TypeVar("N", bound="np.generic")


def in_threads(pool: ThreadPoolExecutor, function: Callable[[T], R], pieces: Iterable[T], n: int) -> Iterator[R]:
    """What `function` makes of each piece, in the order of the pieces; `n` at a time, and one that waits."""
    running: deque[Future[R]] = deque()
    try:
        for piece in pieces:
            running.append(pool.submit(function, piece))
            if len(running) > n:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        for future in running:
            future.cancel()


class Local:
    """Threads that run functions, and a folder below the one given for piles; both are gone when it is closed.

    Piles take `room` bytes of memory together before they go to the folder. The results depend neither on that nor on how
    many threads there are.
    """

    def __init__(self, threads: int, folder: Path | None = None, room: int = PILES) -> None:
        self.threads = threads
        self._room = Room(room)
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
        yield from in_threads(self._pool, function, pieces, self.threads)

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
        del every
        pile.close()

    def pile(self) -> Pile:
        """A new pile of numbers."""
        self._piles.append(Pile(self._folder.name, self._room))
        return self._piles[-1]


@dataclass
class Room:
    """Bytes of memory that piles may still take."""

    left: int


class Pile:
    """Numbers piled up and read back as one array: in memory while there is room, else in a file mapped to memory."""

    def __init__(self, folder: str, room: Room) -> None:
        import numpy as np

        self._folder, self._room = folder, room
        self._size = 0
        self._file: IO[bytes] | None = None
        self._held = np.empty(0, np.uint8)
        with suppress(OSError, ValueError):  # no more may be asked for than there is, or there is no room at all
            # Memory is taken where something is written, in small pages: large ones come slowly from a machine shared by many.
            self._held = np.frombuffer(mmap(-1, room.left, access=ACCESS_COPY), np.uint8)

    def add(self, numbers: NDArray[Any]) -> None:
        """Put numbers on top."""
        import numpy as np

        some = numbers.view(np.uint8)
        end = self._size + len(some)
        if self._file is None and (len(some) > self._room.left or end > len(self._held)):
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  gone when closed and no longer mapped
            self._file.write(self._held[: self._size].data)
            self._give_back()
        if self._file is not None:
            self._file.write(some.data)
            return
        self._held[self._size : end] = some
        self._room.left -= len(some)
        self._size = end

    def close(self) -> None:
        """Let go of the numbers; what was read stays."""
        if self._file is not None:
            self._file.close()
        self._give_back()

    def read(self, kind: np.dtype[N]) -> NDArray[N]:
        """All numbers, in the order they came; nothing can be added after."""
        import numpy as np

        if self._file is None:
            return self._held[: self._size].view(kind)
        with self._file:
            self._file.flush()
            return np.asarray(np.memmap(self._file, kind, "r"))

    def _give_back(self) -> None:
        """Leave the memory to others."""
        self._room.left += self._size
        self._size, self._held = 0, self._held[:0].copy()
