"""Names to files: folders, patterns, addresses of object stores and standard input, each file once and in order of its name.

Local files are opened by the system, all others by Arrow's file systems (`s3://`, `gs://`, `abfs://`, `hdfs://`).
"""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import AbstractContextManager, contextmanager
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote, unquote, urlsplit

from copydesk.sources.text import NoInput, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Tails = frozenset[tuple[str, ...]]
    Hear = Callable[[bytes], object]

STANDARD_INPUT = "-"
PACKED = {".gz": "gzip", ".zst": "zstd"}
ENDS = {
    **{".jsonl": "lines", ".ndjson": "lines", ".csv": "cells", ".tsv": "cells"},
    **{".parquet": "parquet", ".txt": "text", ".text": "text", ".md": "text"},
    **{".html": "page", ".htm": "page", ".xhtml": "page", ".warc": "warc"},
}
SINGLE = {"text", "page"}  # files of which each is one document
READ = (
    "JSON Lines (.jsonl, .ndjson), .csv, .tsv and .warc, all also with .gz or .zst, .parquet, texts (.txt, .text, .md)"
    " and pages (.html, .htm, .xhtml)"
)
BLOCK = 8 << 20  # bytes asked of an object store at a time
ALL = ("**",)
RUN = {"run.json", "copies.parquet"}  # what tells the folder of a run, which is no input


class Stream(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


class File(Stream, AbstractContextManager[Stream], Protocol):
    """What is to be closed."""


class Place(NamedTuple):
    """A name in parts: `path`, and for what is not local what stands before and after it (`s3://bucket/`, `?region=...`)."""

    head: str
    path: str
    tail: str

    def __str__(self) -> str:
        return f"{self.head}{quote(self.path, safe='/*') if self.head else self.path}{self.tail}"

    def at(self, path: str) -> Place:
        """Another place of the same system."""
        return self._replace(path=path)

    def below(self, name: str) -> Place:
        """What a folder has under a name."""
        return self.at(f"{self.path.rstrip('/')}/{name}" if self.path not in {"", "."} else name)


def inputs(names: Iterable[str]) -> list[str]:
    """What names stand for, in order: tables, `-`, single texts, and for a folder or a pattern that has texts itself.

    What is named twice, in whatever spelling, is there once. Raises `NoInput` where there is nothing to read, and `OSError`.
    """
    found: dict[str, str] = {}
    for name in names:
        for input_ in _inputs(name):
            key = _identity(input_)
            found[key] = min(input_, found.get(key, input_))
    return sorted(found.values())


def kind(name: str) -> str | None:
    """`lines`, `cells`, `parquet` or `text`; None for a folder, a pattern, and what is none of these."""
    if name == STANDARD_INPUT:
        return "lines"
    place = _place(name)
    path = place.path.lower()
    packing = next((end for end in PACKED if path.endswith(end)), "")
    found = ENDS.get(PurePath(path.removesuffix(packing)).suffix)
    if path.endswith("/") or (packing and found in {"parquet", *SINGLE}):
        return None
    return None if _wild(place) and (place.head or not Path(place.path).is_file()) else found


def texts(name: str) -> Iterator[tuple[str, str]]:
    """The files of texts that an input stands for, in order, each with its path below the folder, or the text's own name."""
    place = _place(name)
    if kind(name) in SINGLE:
        yield name, PurePath(place.path).name
        return
    root, tails = _pattern(place)
    for file in _below(root, tails):
        if kind(str(file)) in SINGLE:
            yield str(file), file.path[len(root.path.rstrip("/")) + 1 :] if root.path not in {"", "."} else file.path


def root(name: str) -> str:
    """The folder below which the texts of an input have their names."""
    place = _place(name)
    return shown(str(place.at(str(PurePath(place.path).parent)) if kind(name) in SINGLE else _pattern(place)[0]))


def shown(name: str) -> str:
    """A name for people and tables: valid UTF-8, and without the keys and settings that an address may have."""
    place = _place(name)
    if place.head:
        parts = urlsplit(place.head)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{place.path}"
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def these(names: Sequence[str]) -> str:
    """Files for people: one by its name, several by their number."""
    if len(names) != 1:
        return f"{len(names):,} files"
    return "standard input" if names[0] == "-" else shown(names[0])


@contextmanager
def opened(name: str, hear: Hear | None = None) -> Iterator[Stream]:
    """A file for reading, unpacked where it is packed; what is spoilt in it is told by `OSError` while it is read.

    `hear` hears the bytes as they lie there, where they are read from the first to the last: not of Parquet and web archives.
    """
    import pyarrow as pa

    if name == STANDARD_INPUT:
        yield _Heard(_standard_input(), hear) if hear else _standard_input()
        return
    place = _place(name)
    codec = next((codec for end, codec in PACKED.items() if place.path.lower().endswith(end)), None)
    stream = codec is not None or kind(name) != "parquet"
    with _open(place, stream=stream) as opened:
        file = _Heard(opened, hear) if hear and stream and kind(name) != "warc" else opened
        if codec is None or kind(name) == "warc":  # whose records are packed one by one
            yield file
        else:
            with pa.CompressedInputStream(file, codec) as unpacked:
                yield unpacked


class _Heard(io.RawIOBase):
    """A stream of which each block that is read is heard."""

    def __init__(self, stream: Stream, hear: Hear) -> None:
        self._stream = stream
        self._hear = hear

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        block = self._stream.read(size)
        self._hear(block)
        return block


def packed(name: str) -> File:
    """A file for reading, as it lies there."""
    return _open(_place(name))


def stamp(name: str) -> dict[str, str | int]:
    """What tells at a glance whether an input is the one that was read before: name, size in bytes, when it was changed.

    Of texts, how many there are, their size in all, and when the last was changed. Of standard input the name alone.
    """
    if name == STANDARD_INPUT:
        return {"name": name}
    told = [_stamp(_place(file)) for file, _ in texts(name)] if kind(name) is None else [_stamp(_place(name))]
    files = {"files": len(told)} if kind(name) is None else {}
    sizes, changed = zip(*told, strict=True) if told else ((), ())
    return {"name": shown(name), **files, "size": sum(sizes), "changed": max(changed, default=0)}


def size(name: str) -> int:
    """The bytes of a file as it lies there."""
    return _stamp(_place(name))[0]


def _stamp(place: Place) -> tuple[int, int]:
    if place.head:
        system, path = _system(place)
        info = system.get_file_info(path)
        return info.size or 0, info.mtime_ns or 0
    told = Path(place.path).stat()
    return told.st_size, told.st_mtime_ns


class _StandardInput:
    """Standard input, which is read once: its first block can be looked at before."""

    def __init__(self) -> None:
        self._ahead = b""

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        if sys.stdin is None:
            raise Unreadable("standard input is closed, so there is nothing to read for -")
        block, self._ahead = self._ahead or sys.stdin.buffer.read(size), b""
        return block

    def again(self, block: bytes) -> None:
        """What was looked at is to be read."""
        self._ahead = block


def again(block: bytes) -> None:
    """Standard input was looked at, and gives this again."""
    _standard_input().again(block)


@lru_cache(maxsize=1)
def _standard_input() -> _StandardInput:
    return _StandardInput()


def _inputs(name: str) -> Iterator[str]:
    if name == STANDARD_INPUT:
        yield name
        return
    place = _place(name)
    is_folder = _is_folder(place) if name else None
    if is_folder is False:
        if kind(name) is None:
            raise NoInput(f"{shown(name)} is none of the files that can be read: {READ}")
        _check_readable(place)
        yield str(place)
        return
    if is_folder is None and not _wild(place):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), shown(name))
    base, tails = _pattern(place._replace(path=f"{place.path.rstrip('/')}/") if is_folder else place)
    nothing = True
    has_texts = False
    for file in _below(base, tails):
        of_it = kind(str(file))
        nothing &= of_it is None
        if of_it in SINGLE:
            has_texts = True
            _check_readable(file)
        elif of_it is not None:
            yield str(file)
    if has_texts:
        yield str(place._replace(path=f"{place.path.rstrip('/')}/")) if is_folder else str(place)
    if nothing:
        where = "in" if is_folder else "by the pattern"
        raise NoInput(f"there is nothing to read {where} {shown(name)}; what can be read is {READ}")


def _check_readable(file: Place) -> None:
    if not file.head and not os.access(file.path, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), file.path)


def _identity(name: str) -> str:
    """The same for all spellings of an input."""
    place = _place(name)
    if place.head or name == STANDARD_INPUT:
        return name
    base, tails = _pattern(place) if kind(name) is None else (place, frozenset())
    return "\0".join((os.path.realpath(base.path or "."), *(part for tail in tails for part in tail)))


def identity(name: str) -> str:
    """The same for all spellings of a file."""
    return name if _place(name).head else os.path.realpath(name)


def _place(name: str) -> Place:
    if "://" not in name:
        path = PurePath(name).as_posix() if name else name
        return Place("", path + "/" if name.endswith("/") and path != "/" else path, "")
    parts = urlsplit(name)
    if parts.scheme == "file":
        return _place(unquote(parts.path))
    return Place(f"{parts.scheme}://{parts.netloc}/", unquote(parts.path).lstrip("/"), f"?{parts.query}" if parts.query else "")


def _wild(place: Place) -> bool:
    return any(mark in place.path for mark in ("*" if place.head else "*?["))


def _pattern(place: Place) -> tuple[Place, Tails]:
    """A folder or a pattern as the folder to begin at, and what the names below it have to match, part by part."""
    if place.path.endswith("/") or not place.path:
        return place.at(place.path.rstrip("/") or ("/" if place.path else "")), frozenset({ALL})
    parts = place.path.split("/")
    first = next((n for n, part in enumerate(parts) if _wild(place.at(part))), len(parts))
    base = "/".join(parts[:first]) or ("/" if place.path.startswith("/") else "" if place.head else ".")
    return place.at(base), frozenset({tuple(parts[first:])})


def _below(folder: Place, tails: Tails) -> Iterator[Place]:
    """The files below a folder whose paths match one of `tails`, in order; `**` is any number of folders.

    As in a shell hidden names match only what begins with a dot. A folder that matches is read whole.
    """
    tails |= {tail[1:] for tail in tails if tail[0] == "**" and len(tail) > 1}
    entries = _listed(folder)
    if {name for name, _ in entries} >= RUN:
        return
    for name, is_folder in entries:
        left = {
            tail if tail[0] == "**" else tail[1:]
            for tail in tails
            if (tail[0] == "**" or fnmatchcase(name, tail[0])) and (name[0] != "." or tail[0][0] == ".")
        }
        if is_folder:
            below = frozenset((left - {()}) | ({ALL} if () in left else set()))
            if below:
                yield from _below(folder.below(name), below)
        elif () in left or ALL in left:
            yield folder.below(name)


def _listed(folder: Place) -> list[tuple[str, bool]]:
    """The names in a folder, in order, and which of them are folders; a link that leads back up is left out."""
    if folder.head:
        from pyarrow.fs import FileSelector, FileType

        system, path = _system(folder)
        infos = system.get_file_info(FileSelector(path))
        return sorted((info.base_name, info.type == FileType.Directory) for info in infos if info.base_name)
    names = []
    with os.scandir(folder.path or ".") as entries:
        for entry in entries:
            is_folder = entry.is_dir()
            if is_folder and entry.is_symlink() and Path(entry).parent.resolve().is_relative_to(Path(entry).resolve()):
                continue
            if is_folder or entry.is_file():
                names.append((entry.name, is_folder))
    return sorted(names)


def _is_folder(place: Place) -> bool | None:
    """Whether it is a folder or a file; None for what is not there."""
    if place.head:
        from pyarrow.fs import FileType

        if _wild(place):
            return None
        system, path = _system(place)
        found = system.get_file_info(path).type
        return None if found == FileType.NotFound else found == FileType.Directory
    local = Path(place.path or ".")
    if local.exists() and not local.is_dir() and not local.is_file():
        raise NoInput(f"{shown(place.path)} is a pipe or a device, and no file; give it on standard input, as -")
    return local.is_dir() if local.exists() else None


def _open(place: Place, *, stream: bool = True) -> File:
    if not place.head:
        return Path(place.path).open("rb", buffering=0 if stream else -1)
    system, path = _system(place)
    file: File = system.open_input_stream(path, compression=None, buffer_size=BLOCK) if stream else system.open_input_file(path)
    return file


def _system(place: Place) -> tuple[Any, str]:
    """Arrow's file system of a place that is not local, and the path in it."""
    system, base = _system_of(place.head, place.tail)
    return system, f"{base.rstrip('/')}/{place.path}".rstrip("/") if base else place.path


@lru_cache(maxsize=64)
def _system_of(head: str, tail: str) -> tuple[Any, str]:
    import pyarrow as pa
    from pyarrow.fs import FileSystem

    try:
        return FileSystem.from_uri(head + tail)  # type: ignore[no-any-return]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ImportError) as error:
        raise Unreadable(f"{shown(head)} cannot be reached: {' '.join(str(error).split())}") from None
