"""A file that is written a piece at a time, and is whole under its name or not there at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PACKED = {".gz": "gzip", ".zst": "zstd"}


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """A hidden name beside `out` to write under, which becomes `out` when all went well, and is gone if not."""
    path = out.resolve()
    part = path.with_name(f".copydesk-{os.urandom(6).hex()}.part")
    try:
        yield part
        if path.exists():
            part.chmod(path.stat().st_mode & 0o777)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def opened(part: Path, out: Path) -> Iterator[IO[bytes]]:
    """A file to write bytes to, packed as the ending of the name `out` says: `.gz` or `.zst`."""
    with part.open("xb") as file:
        codec = PACKED.get(out.suffix)
        if codec is None:
            yield file
            return
        import pyarrow as pa

        with pa.CompressedOutputStream(pa.PythonFile(file, "w"), codec) as packed:
            yield packed
