"""Serve a run's folder or an archive to a browser on this machine."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import quote

from copydesk.web.guard import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.types import ASGIApp

PORT = 4747
"""The port that is taken unless told, if it is free."""


class NeedsToken(ValueError):
    """Others could reach the address, and no token was given."""


def bound(host: str, port: int | None) -> socket.socket:
    """A socket that waits at an address; without a `port` at `PORT` or, where that is taken, at any. Raises `OSError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # through a socket that does not say that it is of TCP, asyncio lets the rest of an answer wait for a sign of the reader
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, PORT if port is None else port))
    except OSError:
        if port is not None:
            taken.close()
            raise
        taken.bind((host, 0))
    return taken


def serving(path: Path, host: str, token: str | None) -> ASGIApp:
    """What serves a run's folder or an archive.

    Raises `NeedsToken` where others could reach it and there is no token, `ModuleNotFoundError` where what is needed to serve
    is not installed, and as `Index` does.
    """
    if host not in LOOPBACK and not token:
        raise NeedsToken(f"others can reach {host}, so a token is needed")

    import uvicorn  # noqa: F401  all that is needed is looked for before anything is read

    from copydesk.web.app import app

    return app(path, token)


def serve(served: ASGIApp, at: socket.socket, host: str, token: str | None, ready: Callable[[str], object]) -> None:
    """Serves until it is interrupted. `ready` hears the address when it answers."""
    import uvicorn

    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{at.getsockname()[1]}/" + (f"?token={quote(token, safe='')}" if token else "")
    config = uvicorn.Config(
        served,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=15,
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=32 << 10,
        limit_concurrency=128,
    )
    at.listen(128)
    ready(address)  # who asks now waits in the queue of the socket
    uvicorn.Server(config).run(sockets=[at])
