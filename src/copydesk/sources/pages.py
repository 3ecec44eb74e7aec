"""Many pages at once, in order: each has to wait for its extractors, so several processes read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from copydesk.sources.reader import Reader
from copydesk.sources.text import Unreadable

if TYPE_CHECKING:
    from copydesk.sources.html import Page

Other = TypeVar("Other")


class Capture(NamedTuple):
    """A page that is not read yet: its number in its file, what it holds, what it is called, and what is known of it.

    `charset` is what its sender declares, `captured` when it was sent.
    """

    number: int
    data: bytes
    name: str
    url: str | None = None
    charset: str | None = None
    captured: str | None = None


class Read(NamedTuple):
    """A page as it was read, or why it could not be."""

    capture: Capture
    page: Page | str


def in_order(items: Iterable[tuple[str, Capture | Other]], processes: int) -> Iterator[tuple[str, Read | Other]]:
    """The items, of which those that are captures are read, in as many processes; none outlives the iterator.

    Raises `Unreadable` at the first capture, where no extractor is installed.
    """
    from copydesk.sources.html import asked, read_page  # a corpus without pages has no use for the extractors

    waiting: deque[tuple[str, Future[Read] | Other]] = deque()
    free: SimpleQueue[Reader] = SimpleQueue()  # threads only wait for the processes
    extractors: list[str] = []

    def read(capture: Capture) -> Read:
        reader = free.get()
        try:
            page: Page | str = read_page(
                capture.data, capture.name, reader, url=capture.url, charset=capture.charset, extractors=extractors
            )
        except Unreadable as error:
            page = str(error)
        finally:
            free.put(reader)
        return Read(capture._replace(data=b""), page)

    with (
        ExitStack() as stack
    ):  # is undone from below: no more is begun, what runs is ended, threads hear of it, pipes are closed
        readers = [stack.enter_context(Reader()) for _ in range(processes)]
        threads = stack.enter_context(ThreadPoolExecutor(processes))
        for reader in readers:
            stack.callback(reader.end)
            free.put(reader)
        stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        for name, item in items:
            if isinstance(item, Capture):
                extractors = extractors or asked()[0]
                waiting.append((name, threads.submit(read, item)))
            else:
                waiting.append((name, item))
            while waiting and (not isinstance(waiting[0][1], Future) or len(waiting) > 2 * processes):
                yield _done(*waiting.popleft())
        while waiting:
            yield _done(*waiting.popleft())


def _done(name: str, item: Future[Read] | Other) -> tuple[str, Read | Other]:
    return name, item.result() if isinstance(item, Future) else item
