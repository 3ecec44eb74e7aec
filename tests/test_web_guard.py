"""Who may ask, how much, and what a page may do: over a real socket."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
from urllib.parse import urlsplit

import pytest

pytest.importorskip("starlette", reason="no Starlette; pip install 'copydesk[desk]'")

from copydesk.web.serve import bound
from web_served import asked, command, served, write_news


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    work = tmp_path_factory.mktemp("web-guard")
    done = command("run", write_news(work / "news.jsonl"), "-o", work / "run", "--no-record")
    assert done.returncode == 0, done.stderr
    return work / "run"


@pytest.fixture(scope="module")
def address(run):
    with served(run) as address:
        yield address


def test_every_answer_says_what_a_page_may_do(address):
    for path in ("", "story?id=nowhere", "api/stories", "static/desk.js", "nothing"):
        _, headers, body = asked(address + path)
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers
        assert b"<script>" not in body
        assert b"style=" not in body


@pytest.mark.parametrize(
    "name", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "[::2]", "127.0.0.1@evil"]
)
def test_a_name_that_is_made_to_point_here_is_refused(address, name):
    assert asked(address, {"host": name})[0] == 421


def test_names_of_this_machine_are_answered(address):
    port = urlsplit(address).port
    for name in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "LOCALHOST"):
        assert asked(address, {"host": name})[0] == 200


def test_another_site_cannot_make_a_browser_change_anything(address):
    body = {"no": 1}
    own = address.rstrip("/")
    assert asked(f"{address}api/undo", {"origin": own}, body)[0] == 409  # a run's folder has no decisions
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": own.replace("http", "https") + ".evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        assert asked(f"{address}api/undo", headers, body)[0] == 403
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert asked(f"{address}api/undo", {"content-type": kind}, body)[0] == 415
    assert asked(f"{address}api/undo")[0] == 405


def test_too_much_is_refused(address):
    assert asked(f"{address}api/find", body={"text": "x" * 5_000_001})[0] == 400
    parts = urlsplit(address)
    head = f"POST /api/find HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n".encode()
    with socket.create_connection((parts.hostname, parts.port), 30) as raw:
        raw.sendall(head + b"Content-Length: 7000000\r\n\r\n")
        assert b" 413 " in raw.recv(100)
    with socket.create_connection((parts.hostname, parts.port), 30) as raw:  # the length is not told
        raw.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        try:
            for _ in range(8):
                raw.sendall(chunk)
            answer = raw.recv(100)
        except (BrokenPipeError, ConnectionResetError):
            answer = b" 413 "
    assert b" 413 " in answer
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    connection.request("GET", "/?q=" + "x" * 100_000)
    assert connection.getresponse().status in {400, 414, 431}
    connection.close()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"no": "x"}', b'{"no": 1, "more": 2}', b"\xff\xfe", b'{"no": 1e999}', b"[" * 100_000]
)
def test_what_is_no_call_is_refused(address, body):
    assert asked(f"{address}api/undo", body=body)[0] == 400


def test_where_others_can_reach_it_a_token_is_needed(run):
    with served(run, "--host", "0.0.0.0") as address:
        parts = urlsplit(address)
        token = parts.query.partition("token=")[2]
        assert len(token) >= 24
        here = f"http://127.0.0.1:{parts.port}/"
        for path in ("", "api/stories", "static/desk.js", "openapi.json"):
            status, _, body = asked(here + path)
            assert status == 401
            assert "token" in json.loads(body)["error"]
        assert asked(here, {"authorization": "Bearer wrong"})[0] == 401
        assert asked(f"{here}?token=wrong")[0] == 401
        assert asked(f"{here}api/stories", {"authorization": f"Bearer {token}"})[0] == 200
        status, headers, _ = asked(f"{here}?q=ferry&token={token}")
        assert (status, headers["location"]) == (303, "/?q=ferry")
        cookie = headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert asked(here, {"cookie": cookie.partition(";")[0]})[0] == 200
        _, headers, _ = asked(f"http://127.0.0.1:{parts.port}//evil.example/?token={token}")
        assert headers["location"].startswith("/evil.example")


def test_the_token_can_be_told(run):
    with served(run, "--host", "0.0.0.0", COPYDESK_TOKEN="a token; of mine & other#+%41") as address:
        here = f"http://127.0.0.1:{urlsplit(address).port}/"
        assert asked(f"{here}api/stories", {"authorization": "Bearer a token; of mine & other#+%41"})[0] == 200
        status, headers, _ = asked(f"{here}?{urlsplit(address).query}")
        assert status == 303
        assert asked(here, {"cookie": headers["set-cookie"].partition(";")[0]})[0] == 200
        assert asked(f"{here}api/stories")[0] == 401


def test_by_default_it_listens_to_this_machine_alone(address):
    assert urlsplit(address).hostname == "127.0.0.1"


def test_an_answer_does_not_wait_in_the_socket():
    """What serves sends it in parts, and the second would wait until the first was seen to have come: 40 ms."""

    async def hurries(at: socket.socket) -> bool:
        asked = asyncio.get_running_loop().create_future()
        async with await asyncio.start_server(lambda _, writer: asked.set_result(writer), sock=at):
            _, ours = await asyncio.open_connection(*at.getsockname())
            for writer in (theirs := await asked, ours):
                writer.close()
            return bool(theirs.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    assert asyncio.run(hurries(bound("127.0.0.1", 0)))


def test_what_cannot_be_opened_is_said_in_one_line(run, tmp_path):
    only = tmp_path / "found"
    assert command("run", run.parent / "news.jsonl", "-o", only, "--only", "find").returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for arguments, words in (
            ((tmp_path / "nowhere",), "neither the folder of a run"),
            ((tmp_path,), "neither the folder of a run"),
            ((only,), "without editions"),
            ((run, "--port", port), "--port"),
            ((run, "--host", "203.0.113.9"), "--host"),
        ):
            done = command("open", *arguments, "--no-browser")
            assert done.returncode == 2, done.stderr
            assert words in done.stderr
            assert done.stderr.count("\n") == 1
            assert done.stdout == ""
