"""The commands.

Answers go to standard output, everything else to standard error. The exit code is 0 when the work is done, 1 when it failed
(nothing in common, no text, a full disk), 2 for wrong use, 130 when interrupted. What goes wrong is said in one line.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

import click

from copydesk.cli import decide, desk, export, open, reconcile, record, run  # noqa: F401  their commands
from copydesk.cli.group import WrongUse, copydesk
from copydesk.cli.said import complain, exit_code, trouble, usage


def main() -> NoReturn:
    """Run the command that the arguments name, and leave with its exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy would start threads that spin, for what is not used here
    gc.set_threshold(50_000, 20, 100)  # what is imported is no garbage, and would be looked through a hundred times
    try:
        code = 0
        with copydesk.make_context("copydesk", sys.argv[1:]) as context:  # not `main`, which speaks on an interrupt
            copydesk.invoke(context)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.UsageError as error:
        code = complain(usage(error), 2)
    except WrongUse as error:
        code = complain(str(error), 2)
    except (KeyboardInterrupt, click.Abort):
        code = 130
    except BrokenPipeError:  # who reads the answer has had enough of it
        code = 1
    except OSError as error:
        code = complain(trouble(error), exit_code(error))
    except MemoryError:
        code = complain("not enough memory; give fewer copies, or parts of them", 1)
    _leave(code)


def _leave(code: int) -> NoReturn:
    """Exit at once: the interpreter takes a fifth of a second to take apart what Numba and Arrow have set up.

    All work is done, and who was asked to work has ended. What standard output would not take is dropped.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            if stream is not None:
                stream.flush()
    os._exit(code)
