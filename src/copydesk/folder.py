"""The folder of a run: written under a hidden name beside its own, which it gets when it is whole.

The steps that a stopped run had finished stay under the hidden name, and a run that resumes goes on from there.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "run.json"
"""The file that is written last: a folder that has it is whole."""
STATE = "unfinished.json"
"""What a run was asked for and which steps it has finished, as long as it is not whole."""


@dataclass
class Work:
    """A folder that is being written. `finished` holds what each finished step had to tell."""

    path: Path
    asked: dict[str, Any]
    finished: dict[str, Any] = field(default_factory=dict)

    def finish(self, step: str, told: object) -> None:
        """A step is finished: what it wrote stays, whatever happens after."""
        self.finished[step] = told
        write_json(self.path / STATE, {"asked": self.asked, "finished": self.finished})


@contextmanager
def folder(out: Path, asked: dict[str, Any], *, overwrite: bool, resume: bool) -> Iterator[Work]:
    """A folder to write in; it takes the place of `out` when all went well.

    If not, it is gone, unless a step was finished: then it stays for a run that is asked the same and told to `resume`.
    Raises `FileExistsError` where `out` may not be written, where an unfinished run is in the way, or of something else, and
    where another process writes it.
    """
    refuse(out, overwrite)
    part = hidden(out)
    if not resume and not overwrite and _finished(part):
        raise FileExistsError(f"a run into {out} was stopped half-way; add --resume to go on, or --overwrite to begin again")
    part.mkdir(exist_ok=True)
    with _alone(part, out):
        work = Work(part, asked)
        state = _state(part)
        if resume and state:
            _same(state["asked"], msgspec.json.decode(msgspec.json.encode(asked)), out)
            work.finished = state["finished"]
        else:
            _empty(part)
        try:
            yield work
            (part / STATE).unlink(missing_ok=True)
            _rename(part, out)
        except BaseException:
            if not work.finished:
                shutil.rmtree(part, ignore_errors=True)
            raise


def refuse(out: Path, overwrite: bool) -> None:
    """Raise `FileExistsError`, with a message that says what to do, where nothing may be written under this name."""
    if not (out.exists() or out.is_symlink()):
        return
    if not overwrite:
        raise FileExistsError(f"{out} exists; name another folder with -o, or add --overwrite to replace it")
    if out.is_symlink() or not (out / MARK).is_file():
        raise FileExistsError(
            f"{out} is not the folder of a run (it has no {MARK}), so it is not replaced; name another with -o"
        )


def hidden(out: Path) -> Path:
    """Where the folder is until it is whole."""
    return out.with_name(f".{out.name}.part")


def resumable(out: Path) -> bool:
    """Whether a stopped run has left finished steps to go on from."""
    return bool(_finished(hidden(out)))


def write_json(path: Path, value: object) -> None:
    """An object as JSON for people and programs; whole or as it was before."""
    new = path.with_suffix(".new")
    new.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    new.replace(path)


def _state(part: Path) -> dict[str, Any] | None:
    with suppress(FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        state: dict[str, Any] = msgspec.json.decode((part / STATE).read_bytes())
        return state
    return None


def _finished(part: Path) -> list[str]:
    state = _state(part)
    return list(state["finished"]) if state else []


def _same(was: dict[str, Any], asked: dict[str, Any], out: Path) -> None:
    other = [name for name in asked if was.get(name) != asked[name]]
    if other:
        what = " and ".join(other)
        raise FileExistsError(f"the run into {out} that was stopped had other {what}; ask for the same, or add --overwrite")


@contextmanager
def _alone(part: Path, out: Path) -> Iterator[None]:
    """No other process writes the folder meanwhile."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(part, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileExistsError(f"another process is writing {out}; wait for it, or name another folder with -o") from None
        yield
    finally:
        os.close(handle)


def _empty(part: Path) -> None:
    for path in part.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _rename(part: Path, out: Path) -> None:
    if not out.exists():
        part.rename(out)
        return
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    out.rename(old)
    try:
        part.rename(out)
    except BaseException:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
