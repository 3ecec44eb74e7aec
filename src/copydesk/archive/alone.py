"""One writer at a time; readers need not wait."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from copydesk.archive.catalogue import NAME, is_archive, reading
from copydesk.archive.receive import REJECTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOCK = "lock"
GRACE = 3600
"""Seconds for which what no longer counts stays, for those who read it."""


@contextmanager
def alone(path: Path, told: Callable[[str], None] = lambda note: None) -> Iterator[None]:
    """No other process writes this archive meanwhile. If one does, `told` hears of it, and this one waits.

    What a writer that was killed has left behind is cleared away. Where no archive came to be, all is as it was before.
    """
    handle, made = _alone(path, told)
    try:
        _sweep(path)
        yield
    finally:
        if not is_archive(path):
            _gone(path, made)
        os.close(handle)


def _alone(path: Path, told: Callable[[str], None]) -> tuple[int, bool]:
    """The lock, which no other process has, and whether the folder was made for it."""
    while True:
        made = not path.exists()
        path.mkdir(parents=True, exist_ok=True)
        handle = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _locked(handle, path, told)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), (path / LOCK).stat()):
                    return handle, made
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # who had it made no archive, and took it away


def _gone(path: Path, made: bool) -> None:
    """No archive came to be."""
    with suppress(OSError):
        (path / LOCK).unlink()
        if made:
            path.rmdir()


def _locked(handle: int, path: Path, told: Callable[[str], None]) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        told(f"another process is writing {path}; waiting until it is done")
        fcntl.flock(handle, fcntl.LOCK_EX)


def is_begun(path: Path) -> bool:
    """Whether it is a folder that is empty, or has only what a writer leaves that was killed before there was an archive."""
    return path.is_dir() and all(left.name == LOCK or left.name.startswith(f".{NAME}.") for left in path.iterdir())


def _sweep(path: Path) -> None:
    """Remove the folders of batches that never came to count, and of those that no longer do all but what was rejected."""
    counts: dict[str, bool] = {}
    if is_archive(path):
        with reading(path) as catalogue:
            rows = catalogue.execute("SELECT no, live OR ended > ? FROM batch", [time.time() - GRACE])
            counts = {f"{no:06d}": bool(still) for no, still in rows}
    for left in (path / "batches").glob("*"):
        if left.name not in counts:
            shutil.rmtree(left, ignore_errors=True)
        elif not counts[left.name]:
            _emptied(left)
    for left in path.glob(f".{NAME}.*"):
        left.unlink(missing_ok=True)


def _emptied(folder: Path) -> None:
    """Leave of a folder what was rejected, which is nowhere else, and nothing if that is nothing."""
    with suppress(OSError):
        for left in folder.iterdir():
            if left.name == REJECTED and left.stat().st_size:
                continue
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
    with suppress(OSError):  # something was rejected
        folder.rmdir()
