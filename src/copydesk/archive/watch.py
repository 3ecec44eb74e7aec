"""Watch: a folder into which files come, which are to be added as they do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from copydesk.sources.files import kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOOK = 2.0
"""Seconds between two looks. A file that has not changed from one to the next is taken to be whole."""


def watched(folder: Path) -> Iterator[list[str]]:
    """The files that are in a folder and below it, and those that come later, some at a time, without an end.

    Hidden names are left out, and so is what is no input. A file that changes comes again: what of it is there already changes
    nothing. Raises `NotADirectoryError` where there is no folder.
    """
    if not folder.is_dir():
        raise NotADirectoryError(20, "no folder to watch", str(folder))
    given: dict[Path, tuple[int, int]] = {}
    before: dict[Path, tuple[int, int]] = {}
    while True:
        now = {path: stamp for path in sorted(folder.rglob("*")) if (stamp := _stamp(path, folder)) is not None}
        whole = [path for path, stamp in now.items() if before.get(path) == stamp != given.get(path)]
        if whole:
            given |= {path: now[path] for path in whole}
            yield [str(path) for path in whole]
        before = now
        time.sleep(LOOK)


def _stamp(path: Path, folder: Path) -> tuple[int, int] | None:
    """Size and time of a file that is an input; None where it is none."""
    if any(part.startswith(".") for part in path.relative_to(folder).parts) or kind(str(path)) is None:
        return None
    try:
        told = path.stat()
    except OSError:  # gone meanwhile
        return None
    return (told.st_size, told.st_mtime_ns) if path.is_file() else None
