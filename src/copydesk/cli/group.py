"""The command `copydesk`, which the others are of."""

from __future__ import annotations

import sys

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
