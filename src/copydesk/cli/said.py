"""What goes wrong, said in one line on standard error."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path

import click

from copydesk.model import Misused


def complain(message: str, code: int) -> int:
    say(message)
    return code


def say(message: str) -> None:
    """One line on standard error, with nothing in it that a terminal would obey."""
    from copydesk.export.readable import visible

    if sys.stderr is not None:
        with suppress(OSError):
            line = " ".join(visible(message).split("\n"))
            print(f"copydesk: {line}", file=sys.stderr, flush=True)


def usage(error: click.UsageError) -> str:
    """What is wrong with the use, in one line, with where help is to be had."""
    words = " ".join(error.format_message().split()).rstrip(".")
    return f"{words}; see {error.ctx.command_path if error.ctx else 'copydesk'} --help"


def trouble(error: OSError) -> str:
    """What an error of the system means for the user, and what to do."""
    name = os.fsdecode(error.filename) if error.filename else ""
    if not name and (told := IN_WORDS.search(str(error))):
        name = told[1]
    match error:
        case FileNotFoundError():
            return f"no such file: {name or error}"
        case IsADirectoryError():
            return f"{name} is a directory; name the files in it, for example {Path(name) / '*.txt'}"
        case NotADirectoryError():
            return f"{name} cannot be there: a part of its path is a file"
        case PermissionError():
            return f"{name} may not be read or written; change its permissions, or choose another"
        case _:
            return f"{name + ': ' if name else ''}{error.strerror or error}"


IN_WORDS = re.compile(r"file '(.+)'")
"""Arrow names a file in its words alone."""
WRONG_USE = (Misused, FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)


def exit_code(error: Exception) -> int:
    """The exit code for an error: 2 where what was asked for cannot be, 1 where the work failed."""
    return 2 if isinstance(error, WRONG_USE) else 1
