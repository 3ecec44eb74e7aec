"""A process that reads pages with the extractors, for pages are hostile: who hangs on one is ended, and who dies is replaced.

No page can end the work, nor fill the memory, nor hold the work up for longer than `MOST` seconds of the processor for each
extractor. These seconds are the kernel's to count, whatever else the machine does and in whatever code the process is; where it
does not (Windows) there is no limit.
"""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from types import TracebackType
from typing import IO

import msgspec

from copydesk.sources.extractors import Said, said

MOST = 30  # seconds of the processor
ROOM = 4 << 30  # bytes of memory
LARGE = 1 << 20  # characters of a page that may leave a process that failed on it with little room for others
LENGTH = struct.Struct("<Q")


class Job(msgspec.Struct, array_like=True):
    """A page for an extractor, and the seconds of the processor that it may take."""

    extractor: str
    markup: str
    url: str | None
    most: int


class Answer(msgspec.Struct, array_like=True):
    """What the extractor says, or why it says nothing."""

    said: Said
    failed: str | None = None


class Reader:
    """The process, begun when it is first asked and gone with the context; `end`, which any thread may call, ends it before."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._changes = Lock()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end()
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def end(self) -> None:
        """End the process, whatever it does; who asks from now on gets no answer."""
        with self._changes:
            self._ended = True
            if self._process is not None:
                self._process.kill()

    def said(self, extractor: str, markup: str, url: str | None) -> Answer:
        """What an extractor says of a page; an `Answer` that tells why where it fails."""
        process = self._begun()
        if process is None:
            return Answer(Said(""), "was ended")
        try:
            _put(process.stdin, msgspec.msgpack.encode(Job(extractor, markup, url, MOST)))
            answer = _got(process.stdout)
        except BrokenPipeError:
            answer = None
        told = None if answer is None else msgspec.msgpack.decode(answer, type=Answer)
        if told is not None and not (told.failed and len(markup) > LARGE):
            return told
        with self._changes:
            self._process = None
        process.communicate()  # ends with its input
        return told or Answer(Said(""), _why(process.returncode))

    def _begun(self) -> subprocess.Popen[bytes] | None:
        """The process, None once it is to be ended."""
        with self._changes:
            if self._process is None and not self._ended:
                path = [os.path.abspath(part) for part in sys.path]  # noqa: PTH100  as it is, also for what is no folder
                command = f"import sys; sys.path[:] = {path!r}; from copydesk.sources.reader import read; read()"
                self._process = subprocess.Popen(
                    [sys.executable, "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
                )
            return None if self._ended else self._process


def _why(code: int) -> str:
    if hasattr(signal, "SIGPROF") and code == -signal.SIGPROF:
        return f"took more than {MOST} s of the processor"
    return f"died of {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def read() -> None:
    """What the process does: answer one job after the other, until there are none."""
    _bound()
    given, taken = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what an extractor prints is no answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # is meant for who asks
    while (job := _got(given)) is not None:
        _put(taken, msgspec.msgpack.encode(_limited(_answer, msgspec.msgpack.decode(job, type=Job))))


def _bound() -> None:
    """No page takes more memory than `ROOM`: who asks for more is refused, where the system knows such limits."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (ROOM, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _limited(work: Callable[[Job], Answer], job: Job) -> Answer:
    """What the work gives, if it does not take more than its seconds, for then it is ended with the process."""
    if not hasattr(signal, "setitimer"):
        return work(job)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, job.most)
    try:
        return work(job)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _answer(job: Job) -> Answer:
    try:
        text, *rest = said(job.extractor, job.markup, job.url)
        return Answer(Said(_valid(text), *(value and _valid(value) for value in rest)))
    except Exception as error:
        return Answer(Said(""), f"failed: {type(error).__name__}: {' '.join(_valid(str(error)).split())[:200]}")


def _valid(text: str) -> str:
    """A text without halves of characters, which a page can spell and no file can hold."""
    return str(text).encode("utf-8", "replace").decode()


def _put(pipe: IO[bytes] | None, message: bytes) -> None:
    assert pipe is not None
    pipe.write(LENGTH.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def _got(pipe: IO[bytes] | None) -> bytes | None:
    """The next message; None at the end, or where it is cut off."""
    assert pipe is not None
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    message = pipe.read(size)
    return message if len(message) == size else None
