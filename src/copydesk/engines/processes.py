"""Processes of this machine that work through pieces, for steps that hold the interpreter, where threads would wait.

Plain pipes and no pool: whoever dies is noticed, and an interrupt ends all of them at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from types import TracebackType

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2
"""Pieces that a process is given at a time, so that it need not wait for the next one. They and their results are small: a pipe
holds them, and neither side waits for the other to read."""
GARBAGE = 20_000
"""New objects after which a process looks for those that hold one another: a story makes thousands that do not, and with
Python's 700 the looking takes 4 % of the time."""


def nothing() -> None:
    """What there is to do before the work where there is nothing."""


class Crew:
    """Processes that work through pieces, begun for work that is worth it, `most` of them, or before it is known what there is.

    They do `first` as they begin, such as to load what they will need. With `helping` this process works along with them. None
    outlives the `with`.
    """

    def __init__(self, most: int = 0, first: Callable[[], None] = nothing, *, helping: bool = False) -> None:
        self._most, self._first, self._helping = most, first, helping
        self._processes: list[BaseProcess] = []
        self._busy: dict[Connection, list[int]] = {}  # numbers of the pieces that the process behind a pipe has

    def __enter__(self) -> Crew:
        """Use it in a `with`: its processes are ended with it."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End all processes."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()
        for pipe in self._busy:
            pipe.close()

    def begin(self, n: int) -> None:
        """See that there are `n` processes, if there are fewer: so work that comes need not wait for their start."""
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        while len(self._processes) < n:
            ours, theirs = context.Pipe()
            self._busy[ours] = []
            process = context.Process(target=_work, args=(self._first, theirs), daemon=True)
            with _uninterrupted():
                process.start()
                self._processes.append(process)  # before an interrupt that waited is heard
            theirs.close()

    def map(
        self, function: Callable[[T], R], pieces: Iterable[T], worth: int = 0, places: Iterable[int] | None = None
    ) -> Iterator[R]:
        """What `function` makes of each piece, in the order of the pieces, in work that is worth so many processes.

        Where pieces are begun in another order than that in which what is made of them is wanted, `places` has the place of
        each, all from 0 on.

        The function is handed over once, so what it needs may be bound to it. It is called in this process where there is no
        other, and none is begun for what is worth one. Raises what the function raises, and `RuntimeError` where a process was
        killed.
        """
        from multiprocessing.connection import wait

        if any(self._busy.values()):
            raise RuntimeError("the pieces of other work are not all made")
        if (n := min(self._most, worth)) > 1:
            self.begin(n)
        busy = self._busy
        helping = self._helping or not busy
        numbered = enumerate(pieces) if places is None else zip(places, pieces, strict=True)
        made: dict[int, R] = {}
        next_ = 0
        try:
            for pipe in busy:
                pipe.send((True, function))
            while True:
                for pipe in sorted(busy, key=lambda pipe: len(busy[pipe])):
                    while len(busy[pipe]) < AHEAD and (piece := next(numbered, None)):
                        busy[pipe].append(piece[0])
                        pipe.send((False, piece[1]))
                own = next(numbered, None) if helping else None
                if own:
                    made[own[0]] = function(own[1])
                elif not any(busy.values()):
                    return
                ready = wait([pipe for pipe, held in busy.items() if held], 0 if own else None)
                for pipe in (pipe for pipe in busy if pipe in ready):
                    well, result = pipe.recv()
                    if not well:
                        raise result
                    made[busy[pipe].pop(0)] = result
                while next_ in made:
                    yield made.pop(next_)
                    next_ += 1
        except (EOFError, ConnectionError):
            raise RuntimeError("a worker was killed, most likely for want of memory; give fewer --threads") from None


def _work(first: Callable[[], None], pipe: Connection) -> None:
    """What a process does: leave interrupts to the one that began it, and go when that is gone, however it went."""
    import gc
    import multiprocessing
    import signal
    from threading import Thread

    from copydesk.spared import spare_pandas

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(GARBAGE)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=follow, daemon=True).start()
    spare_pandas()
    first()
    function: Callable[[Any], Any] = id
    while True:
        try:
            is_function, given = pipe.recv()
        except (EOFError, ConnectionError):
            return
        if is_function:
            function = given
            continue
        try:
            made = True, function(given)
        except BaseException as error:
            made = False, error
        pipe.send(made)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """An interrupt waits until a process has begun: half begun it complains. The process inherits that it hears of none."""
    import signal
    from multiprocessing import resource_tracker
    from threading import current_thread, main_thread

    if current_thread() is not main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # begun with the first process, it would let interrupts through again
    waiting: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, frame: waiting.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if waiting:
            signal.raise_signal(signal.SIGINT)
