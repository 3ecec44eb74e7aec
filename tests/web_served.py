"""A run or an archive served as a user would: the command, a process, an address. And corpora to serve."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import msgspec

from copydesk.demo.corpus import corpus
from test_versions import FIRST, SECOND, THIRD, text

COMMAND = (sys.executable, "-c", "from copydesk.cli import main; main()")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "\u202egnirts\u202c",
    "'; DROP TABLE copies; --",
    "\x1b[31mred\x07",
    "../../etc/passwd",
    "a/b?c=d&e#f%2e",
    "{{7*7}}",
    "</textarea><svg onload=alert(3)>",
)
FERRY = (
    "The night ferry to Marl Island ran aground on Tuesday with a 41-year-old pilot at the wheel and {} passengers asleep in "
    "their cabins below the deck. “Nobody was hurt,” said Oda Brandt of the Coast Office. {} The tide will bring the vessel "
    "back before the end of the week, and the re-floating will take two tides, or three if the wind turns to the west again."
)


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of Copydesk."""
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False)


@contextmanager
def served(path: Path, *options: str, **environment: str):
    """The address at which a path is served, as the command says it."""
    process = subprocess.Popen(
        [*COMMAND, "open", str(path), "--no-browser", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://"), process.stderr.read()
        yield address
    finally:
        process.terminate()
        said = process.communicate(timeout=30)[1]
    assert "Traceback" not in said, said


def asked(address: str, headers: dict[str, str] | None = None, body: object = None) -> tuple[int, dict[str, str], bytes]:
    """What is answered: status, headers and body."""
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"content-type": "application/json"} if data is not None else {}
    request = urllib.request.Request(address, data, given | (headers or {}))
    opener = urllib.request.build_opener(Stay)
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing."""

    def redirect_request(self, *_):
        return None


def write_news(path: Path) -> Path:
    """The invented news of the demo in one file."""
    path.write_bytes(b"".join(sorted(msgspec.json.encode(copy) + b"\n" for story in corpus() for copy in story.copies)))
    return path


def write_hostile(path: Path) -> Path:
    """Copies of which every field tries to get out, and a text of some megabytes."""
    rows = [
        {"id": f"{bad}/{n}-{m}", "source": bad, "published": bad, "url": "javascript:alert(9)", "story": f"{bad}/{n}"}
        | {"text": FERRY.format(60 + n, bad if m else "") + f" Story number {n} {bad}." * (1 + n)}
        for n, bad in enumerate(HOSTILE)
        for m in range(3)
    ]
    long = "".join(
        f"The harbour master counted crate {n} and wrote the sum down in the long blue ledger.\n" for n in range(30_000)
    )
    rows.append({"id": "long/1", "source": "long", "story": "long/1", "text": long})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def write_versions(path: Path) -> Path:
    """A story that was published in three versions, each in copies of two sources, a day apart."""
    rows = [
        {"id": f"{source}-{day}", "source": source, "published": f"2031-05-{day:02d}", "story": "tram", "text": text(article)}
        for day, article in enumerate((FIRST, SECOND, THIRD), 1)
        for source in ("courier", "mirror", "wire")
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def write_many(path: Path, n: int = 500) -> Path:
    """A story of so many copies, each with words of its own lost and altered."""
    words = (FERRY.format(60, "She was found on the sand by two fishermen who had come out for the eels.") * 3).split()
    rows = []
    for m in range(n):
        own = [word + "x" * ((m + at) % 89 == 0) for at, word in enumerate(words) if (m * 7 + at) % 61]
        day = f"2031-{1 + m % 12:02d}-{1 + m % 28:02d}"
        rows.append(
            {"id": f"copy-{m:03d}", "source": f"site{m % 40}", "published": day, "story": "ferry", "text": " ".join(own)}
        )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path
