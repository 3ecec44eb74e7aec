"""What keeps strangers out: who may ask, how much, and what a page may do.

A page of another site can make a browser ask this machine. So the name asked for must be one of ours (a name that was made to
point here is not), what changes something must come from a page of ours, and outside of loopback a token is needed.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
COOKIE = "copydesk"
LARGEST = 6_000_000
"""Bytes of a request that are taken."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"referrer-policy": b"same-origin",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}


@dataclass(frozen=True)
class Guard:
    """Refuses what may not be asked, before anything looks at it.

    Without a `token` only names of loopback are answered; with one every name is, to those who have it.
    """

    app: ASGIApp
    token: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        cookie = None
        refused = self._refused(scope, headers)
        if refused is None and self.token is not None:
            given = _given(scope, headers)
            if given is None or not hmac.compare_digest(given[0].encode(), self.token.encode()):
                refused = (401, "a token is needed: open the address that copydesk open printed, or send it as a Bearer token")
            elif given[1]:
                cookie = f"{COOKIE}={quote(self.token, safe='')}; HttpOnly; SameSite=Strict; Path=/"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = dict(HEADERS)
                if not scope["path"].startswith("/static/"):
                    own[b"cache-control"] = b"no-store"
                message["headers"] = [*message.get("headers", ()), *own.items()]
            await send(message)

        if refused:
            await _answer(guarded, refused[0], refused[1])
        elif cookie:  # the token does not stay in the address
            await _answer(guarded, 303, "", [(b"location", _without_token(scope)), (b"set-cookie", cookie.encode())])
        else:
            await self.app(scope, receive, guarded)

    def _refused(self, scope: Scope, headers: Mapping[bytes, str]) -> tuple[int, str] | None:
        host = headers.get(b"host", "")
        if self.token is None and _name(host) not in LOOPBACK:
            return 421, "this is not the name of this machine; ask for 127.0.0.1"
        if scope["method"] not in {"GET", "HEAD"}:
            origin = headers.get(b"origin")
            if origin is not None and origin.partition("://")[2] != host:
                return 403, "this was asked by a page of another site"
            if headers.get(b"sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
                return 403, "this was asked by a page of another site"
            if headers.get(b"content-type", "").partition(";")[0].strip().lower() != "application/json":
                return 415, "send JSON, with Content-Type: application/json"
        length = headers.get(b"content-length", "0")
        if not length.isdigit() or int(length) > LARGEST:
            return 413, f"more than {LARGEST:,} bytes"
        return None


def _name(host: str) -> str:
    """The name in a Host header, without the port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _given(scope: Scope, headers: Mapping[bytes, str]) -> tuple[str, bool] | None:
    """The token that a request brings, and whether it is in the address."""
    kind, _, token = headers.get(b"authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return token.strip(), False
    asked = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    if "token" in asked:
        return asked["token"], True
    try:
        morsel = SimpleCookie(headers.get(b"cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return (unquote(morsel.value), False) if morsel else None


def _without_token(scope: Scope) -> bytes:
    asked = [pair for pair in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True) if pair[0] != "token"]
    path: str = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else "/"
    path = "/" + path.lstrip("/\\")  # never another site's
    return (path + ("?" + urlencode(asked) if asked else "")).encode("latin-1")


async def _answer(send: Send, status: int, message: str, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    import msgspec

    body = msgspec.json.encode({"error": message}) if message else b""
    kind = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*kind, *(headers or ())]})
    await send({"type": "http.response.body", "body": body})
