"""The application: the calls of the API, the pages, and what both do when something is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from copydesk.web.asked import Refused, Trouble, parameters, sent
from copydesk.web.calls import CALLS, Call
from copydesk.web.guard import LARGEST, Guard
from copydesk.web.index import Shown
from copydesk.web.openapi import description
from copydesk.web.pages import PAGES, Look, trouble_page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp

STATIC = Path(__file__).parent / "static"


def app(path: Path, token: str | None = None) -> ASGIApp:
    """What serves a run's folder or an archive; who asks must have the `token`, if there is one. Raises as `Index` does."""
    shown, look = Shown(path), Look(path)
    routes: list[Route | Mount] = [Route(call.path, _called(call, shown), methods=[call.method]) for call in CALLS]
    routes += [Route("/openapi.json", _described(shown), methods=["GET"])]
    routes += [Route(page.path, page.shown(shown, look), methods=[page.method]) for page in PAGES]
    routes += [Route("/static/base.css", look.base_css, methods=["GET"]), Mount("/static", StaticFiles(directory=STATIC))]
    made = Starlette(
        routes=routes,
        exception_handlers={Refused: _refused(look), HTTPException: _refused(look), Exception: _broken},
        max_body_size=LARGEST,
    )
    made.router.redirect_slashes = False
    return Guard(made, token)


def _called(call: Call, shown: Shown) -> Callable[[Request], Awaitable[Response]]:
    """What answers a call."""

    async def answer(request: Request) -> Response:
        asked: Any
        if call.method == "GET":
            asked = parameters(call.asked, dict(request.query_params))
        else:
            asked = sent(await request.body(), call.asked)
        return _json(await run_in_threadpool(lambda: call.does(shown.now(), asked)))

    return answer


def _described(shown: Shown) -> Callable[[Request], Awaitable[Response]]:
    """The description of the API, with a story and a copy that are there as examples."""
    columns = "story_id AS id, copy_id AS copy, coalesce(source, '') AS source, 1 AS n"
    described = description(shown.now().row(f"SELECT {columns} FROM page.copies ORDER BY story_id, copy_id LIMIT 1") or {})

    async def answer(_: Request) -> Response:
        return _json(described)

    return answer


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _refused(look: Look) -> Callable[[Request, Any], Response]:
    """What is said to whom is refused: in JSON to programs, as a page to people."""

    def answer(request: Request, error: Refused | HTTPException) -> Response:
        status = error.status if isinstance(error, Refused) else error.status_code
        message = str(error) if isinstance(error, Refused) else error.detail
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        if request.url.path.startswith("/api/") or request.method != "GET":
            answer = _json(Trouble(message), status)
        else:
            answer = trouble_page(look, status, message)
        answer.headers.update(headers)
        return answer

    return answer


def _broken(request: Request, error: Exception) -> Response:
    """What is said when we are at fault: nothing of the inside."""
    return _json(Trouble("something went wrong here; the terminal says what"), 500)
