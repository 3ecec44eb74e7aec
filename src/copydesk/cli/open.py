"""`copydesk open`: the page."""

from __future__ import annotations

import os
from pathlib import Path

import click

from copydesk.cli.files import waiting, write
from copydesk.cli.group import WrongUse, copydesk
from copydesk.cli.said import complain, say

OPEN_EXAMPLES = """\b
Examples:
  copydesk open out                          the folder of a run, in the browser
  copydesk open my.desk --port 8000
  copydesk open out --no-browser --host 0.0.0.0    prints an address with a token
"""


@copydesk.command("open", epilog=OPEN_EXAMPLES)
@click.argument("out")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="4747 unless told, or any that is free; 0 for any.")
@click.option(
    "--host", default="127.0.0.1", metavar="ADDRESS", help="127.0.0.1 unless told, which this machine alone can reach."
)
@click.option("--no-browser", is_flag=True, help="Open no browser, only say the address.")
@click.pass_context
def open_(context: click.Context, out: str, port: int | None, host: str, no_browser: bool) -> None:
    """Read stories in the browser: their editions, what differs, who said what, the sources.

    OUT is the folder that copydesk run wrote, or an archive. It is served until Ctrl-C. Where other machines can reach the
    address, a token is needed: COPYDESK_TOKEN, or one that is made up.
    """
    import secrets
    import webbrowser

    from copydesk.web.guard import LOOPBACK
    from copydesk.web.serve import bound, serve, serving

    token = os.environ.get("COPYDESK_TOKEN") or (None if host in LOOPBACK else secrets.token_urlsafe(24))

    def ready(address: str) -> None:
        write(f"{address}\n".encode(), None)
        say("this is served until Ctrl-C")
        if not no_browser:
            webbrowser.open(address)

    try:
        at = bound(host, port)
    except OSError as error:
        where = f"{host} port {port}" if port else host
        raise WrongUse(f"nothing can be served at {where}: {error.strerror}; name another with --host and --port") from None
    with at:
        try:
            with waiting("looking through the stories ..."):
                served = serving(Path(out), host, token)
            serve(served, at, host, token, ready)
        except ModuleNotFoundError as error:
            context.exit(complain(f"{error.name} is not installed; pip install 'copydesk[desk]'", 1))
        except ValueError as error:  # no run, no archive, or no editions in it
            raise WrongUse(str(error)) from None
