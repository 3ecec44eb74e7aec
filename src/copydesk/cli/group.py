"""The command `copydesk`, which the others are of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from copydesk import __version__


class WrongUse(Exception):
    """The command was not meant so; the message is one line that says what to do."""


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="copydesk %(version)s", help="Show the version and leave.")
@click.pass_context
def copydesk(context: click.Context) -> None:
    """Many copies of a text in, one sourced text out."""
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        context.exit(2)


def of_columns(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name the columns of tables of copies, for a command that reads such."""
    for option in reversed(COLUMNS):
        command = option(command)
    return command


COLUMNS = (
    click.option("--id", "id_", metavar="COLUMN", help="The column of the ids; id unless told."),
    click.option("--text", metavar="COLUMN", help="The column of the texts; text unless told."),
    click.option("--source", metavar="COLUMN", help="The column of the sources; source, or the host of the url, unless told."),
    click.option("--published", metavar="COLUMN", help="The column of the dates; published, or date, unless told."),
    click.option("--url", metavar="COLUMN", help="The column of the addresses; url unless told."),
)
