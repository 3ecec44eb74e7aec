"""What commands read and write: answers on standard output or into files, whole or not at all, and how far they are."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from copydesk.cli.group import WrongUse
from copydesk.spared import spare_pandas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import Console
    from rich.progress import TaskID

    from copydesk.archive.desk import Desk
    from copydesk.archive.moment import Moment
    from copydesk.results import Run


def archive(path: str) -> Desk:
    """An archive, to be added to and asked."""
    spare_pandas()
    from copydesk.archive.desk import Desk

    return Desk(path)


def write(data: bytes, output: str | None) -> None:
    """To standard output, or to a file, which is whole under its name or not there at all."""
    if output is None:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "standard output is closed; use -o FILE")
        rest = memoryview(data)
        while rest:  # unbuffered, a pipe takes a part at a time
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()
        return
    if Path(output).exists() and not Path(output).is_file():  # a device or a pipe cannot be replaced, only written to
        Path(output).write_bytes(data)
        return
    path = Path(output).resolve()
    part = path.with_name(f".copydesk-{os.urandom(6).hex()}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
        if path.exists():
            part.chmod(path.stat().st_mode & 0o777)
        part.replace(path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename, error.filename2 = output, None  # the name the user knows
        raise


def pour(pieces: Iterable[bytes], output: str | None) -> None:
    """To standard output as it comes, or to a file, which is whole under its name or not there at all."""
    from copydesk.export.whole import opened, whole

    if output is None:
        for piece in pieces:
            write(piece, None)
        return
    path = Path(output)
    if path.exists() and not path.is_file():  # a device or a pipe cannot be replaced, only written to
        with path.open("wb") as file:
            file.writelines(pieces)
        return
    try:
        with whole(path) as part, opened(part, path) as packed:
            for piece in pieces:
                packed.write(piece)
    except OSError as error:
        error.filename, error.filename2 = output, None  # the name the user knows
        raise


def terminal() -> Console:
    """The terminal, or what standard output is instead; what it cannot spell does not stop it."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "standard output is closed; use -o FILE")

    from rich.console import Console

    with suppress(AttributeError):
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    return Console(highlight=False, emoji=False, markup=False)


def check_inputs(files: Sequence[str]) -> None:
    """No file is given twice, for a copy counts once."""
    seen: dict[str, str] = {}
    for name in files:
        path = "-" if name == "-" else os.path.realpath(name)
        if path in seen:
            raise WrongUse(f"{name} is given twice; a copy counts once")
        seen[path] = name


def check_output(output: str, files: Sequence[str]) -> None:
    """What can be known to fail is said before the work is done: a place to write, and no input in that place."""
    path = Path(output)
    if path.is_dir():
        raise WrongUse(f"{output} is a directory; name a file to write")
    _check_place(path.parent)
    if any(name != "-" and path.exists() and path.samefile(name) for name in files if Path(name).exists()):
        raise WrongUse(f"{output} is one of the copies, and no copy is ever changed; choose another name with -o")


def _check_place(folder: Path) -> None:
    """Something can be written in a folder. That it may be does not tell: no one can write in what is no folder of files."""
    from tempfile import TemporaryFile

    if not folder.is_dir():
        raise WrongUse(f"there is no directory {folder} to write in; make it first")
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError:
        raise WrongUse(f"nothing may be written in {folder.absolute()}; choose another place with -o") from None


def check_folder(output: str, files: Sequence[str], overwrite: bool) -> None:
    """What can be known to fail is said before the work is done: a place to write, and no input in that place."""
    from copydesk.folder import refuse

    path = Path(output)
    if not path.name:
        raise WrongUse(f"{output} is no name for a folder; name one with -o")
    try:
        refuse(path, overwrite)
    except FileExistsError as error:
        raise WrongUse(str(error)) from None
    _check_place(path.parent)
    if any(Path(name).resolve().is_relative_to(path.resolve()) for name in files):
        raise WrongUse(f"{output} has some of the copies in it, and no copy is ever changed; choose another name with -o")


@contextmanager
def progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """What tells a terminal how far the work is; anything else is told nothing."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda step, done, of: None
        return

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    count = TextColumn("{task.fields[count]}")
    shown = (TextColumn("{task.description}"), BarColumn(), count, TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*shown, console=Console(stderr=True), transient=True) as progress:
        bars: dict[str, TaskID] = {}

        def told(step: str, done: int, of: int | None) -> None:
            if step not in bars:
                for bar in bars.values():
                    progress.stop_task(bar)
                    progress.update(bar, visible=False)
                bars[step] = progress.add_task(step, total=None, count="")
            took = progress.tasks[-1].elapsed
            count = f"{done:,}{f' of {of:,}' if of else ''} copies, {done / took:,.0f} a second" if done and took else ""
            progress.update(bars[step], completed=done, total=of, count=count)

        yield told


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """A terminal is told what it waits for; anything else is told nothing."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return

    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def archived(out: str) -> Moment | None:
    """The archive in a folder as it is now, if it is one; it has copies."""
    from copydesk.archive.catalogue import NoArchive, is_archive

    if not is_archive(Path(out)):
        return None
    from copydesk.archive.moment import Moment

    try:
        found = Moment(out)
    except NoArchive as error:
        raise WrongUse(str(error)) from None
    if not found.n_copies:
        raise WrongUse(f"{out} has no copies yet; copydesk add {out} FILE... adds some")
    return found


def finished(out: str) -> Run:
    """The run in a folder, which has editions."""
    from copydesk.results import Run

    try:
        run = Run(out)
    except (FileNotFoundError, NotADirectoryError):
        raise WrongUse(f"{out} is not the folder of a run (it has no run.json); name one that copydesk run wrote") from None
    except (ValueError, TypeError):
        raise WrongUse(f"the run.json of {out} is not what copydesk run writes; name the folder of another run") from None
    if "counts" not in run.summary or not (Path(out) / "texts.parquet").exists():
        raise WrongUse(f"{out} has stories and no editions (--only find); run it again without, and export that")
    return run
