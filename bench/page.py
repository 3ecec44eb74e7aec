"""The page of a run's folder or an archive: what its answers cost, each asked for the first time.

usage: python bench/page.py OUT [--stories N]

The application is asked in this process, without a network. Milliseconds are of CPU, of all threads.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from copydesk.web.app import app


class Asked:
    """An application that is asked, one address after the other."""

    def __init__(self, path: Path) -> None:
        begun = time.process_time()
        self._app = app(path)
        self.opened = time.process_time() - begun
        self._loop = asyncio.new_event_loop()

    def get(self, address: str) -> tuple[bytes, float]:
        """What is answered, and the milliseconds that it took."""
        path, _, query = address.partition("?")
        scope: dict[str, Any] = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path}
        scope |= {"query_string": query.encode(), "root_path": "", "headers": [(b"host", b"127.0.0.1")]}
        parts: list[bytes] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message.get("status", 200) != 200:
                raise SystemExit(f"{address} was answered with {message['status']}")
            parts.append(message.get("body", b""))

        begun = time.process_time()
        self._loop.run_until_complete(self._app(scope, receive, send))
        return b"".join(parts), (time.process_time() - begun) * 1000


def told(name: str, took: Iterable[tuple[bytes, float]]) -> None:
    """A row of the table."""
    bodies, times = zip(*took, strict=True)
    ordered = sorted(times)
    middle, most = statistics.median(ordered), ordered[-1]
    print(f"| {name} | {len(ordered)} | {middle:.0f} | {ordered[len(ordered) * 95 // 100]:.0f} | {most:.0f} | ", end="")
    print(f"{max(map(len, bodies)) / 1000:,.0f} |")


def main() -> int:
    """Measure what is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--stories", type=int, default=100)
    given = parser.parse_args()
    asked = Asked(given.out)
    print(f"opened in {asked.opened:.1f} s of CPU\n")
    print("| what | asked | median ms | 95 % | most | largest KB |\n|---|---|---|---|---|---|")
    told("the first list", [asked.get("/")])
    size = min(100, given.stories)
    largest, some = (
        [
            quote(story["story_id"], safe="")
            for page in range(1, -(-n // size) + 1)
            for story in json.loads(asked.get(f"/api/stories?order={order}&size={size}&page={page}")[0])["stories"]
        ][:n]
        for order, n in (("largest", 3), ("newest", given.stories))
    )
    told("a story", [asked.get(f"/story?id={story}") for story in some])
    told("its record", [asked.get(f"/record?id={story}") for story in some])
    told("the three largest stories", [asked.get(f"/story?id={story}") for story in largest])
    told("their records", [asked.get(f"/record?id={story}") for story in largest])
    told("their copies, by differences", [asked.get(f"/part/copies?id={story}&order=differences") for story in largest])
    for name, address in (("the record of all", "/record"), ("dates of all", "/record?show=dates"), ("sources", "/sources")):
        told(name, [asked.get(address)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
