"""A corpus in an object store, which a small server of our own plays."""

from __future__ import annotations

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from copydesk.sources import Unreadable
from copydesk.sources.corpus import Fingerprints, batches, check, stamp

pytest.importorskip("pyarrow._s3fs", reason="this build of Arrow knows no S3")


def parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": ["p"], "text": ["of parquet"]}), sink)
    return sink.getvalue().to_pybytes()


OBJECTS = {
    "news/a.jsonl.zst": pa.compress(b'{"id": "j", "text": "of lines"}\n' * 2, codec="zstd", asbytes=True),
    "news/b c+d.parquet": parquet(),
    "news/sport/e.txt": b"of a text",
    "news/sport/f.csv": b"id,text\nc,of cells\n",
    "other/g.txt": b"of another folder",
}


class Store(BaseHTTPRequestHandler):
    """What S3 answers to the few questions that reading asks."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        key = unquote(url.path).removeprefix("/bucket").lstrip("/")
        if not key:
            self.answer(200, self.listed(asked).encode(), {"Content-Type": "application/xml"})
        elif key not in OBJECTS:
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>", {"Content-Type": "application/xml"})
        elif part := re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", "")):
            start, stop = int(part[1]), min(int(part[2]) + 1, len(OBJECTS[key]))
            of = {"Content-Range": f"bytes {start}-{stop - 1}/{len(OBJECTS[key])}"}
            self.answer(206, OBJECTS[key][start:stop], of)
        else:
            self.answer(200, OBJECTS[key], {"Last-Modified": "Wed, 01 May 2024 12:00:00 GMT"})

    def listed(self, asked: dict[str, str]) -> str:
        prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter", "")
        names, folders = [], set()
        for key in OBJECTS:
            if key.startswith(prefix):
                name, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key[len(prefix) :], "", "")
                if found:
                    folders.add(f"{prefix}{name}/")
                else:
                    names.append(key)
        contents = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(OBJECTS[name])}</Size>"
            "<LastModified>2024-05-01T12:00:00.000Z</LastModified></Contents>"
            for name in names
        )
        prefixes = "".join(f"<CommonPrefixes><Prefix>{escape(f)}</Prefix></CommonPrefixes>" for f in sorted(folders))
        n = len(names) + len(folders)
        return (
            f"<ListBucketResult><KeyCount>{n}</KeyCount><IsTruncated>false</IsTruncated>{contents}{prefixes}</ListBucketResult>"
        )

    def answer(self, code: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in ({"Content-Length": str(len(data))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


@pytest.fixture(scope="module")
def store():
    with ThreadingHTTPServer(("127.0.0.1", 0), Store) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield (
            lambda path: (
                f"s3://key:secret@bucket/{path}?scheme=http&region=here&endpoint_override=127.0.0.1:{server.server_port}"
            )
        )
        server.shutdown()


def read(*names: str) -> tuple[dict[str, str], list[tuple[str, int, str]]]:
    told: list[tuple[str, int, str]] = []
    got = [row for batch in batches(check(names), lambda *why: told.append(why)) for row in batch.to_pylist()]
    return {row["copy_id"]: row["text"] for row in got}, told


NEWS = {"j": "of lines", "p": "of parquet", "sport/e.txt": "of a text", "c": "of cells"}


def test_files_folders_and_patterns_in_a_store(store):
    twice = [("s3://bucket/news/a.jsonl.zst", 2, "the id 'j' was given before")]
    assert read(store("news/a.jsonl.zst")) == ({"j": "of lines"}, twice)
    assert read(store("news/b%20c%2Bd.parquet")) == ({"p": "of parquet"}, [])
    assert read(store("news")) == read(store("news/")) == (NEWS, twice)
    assert read(store("news/**")) == (NEWS, twice)
    assert read(store("*/sport/*.csv"), store("news/**/*.csv")) == ({"c": "of cells"}, [])
    assert read(store("*/g.t*")) == ({"other/g.txt": "of another folder"}, [])
    assert read(store("other/g.txt")) == ({"g.txt": "of another folder"}, [])
    with pytest.raises(FileNotFoundError, match=r"bucket/none\.txt"):
        check([store("none.txt")])
    with pytest.raises(Unreadable, match="nothing to read by the pattern s3://bucket/news/"):
        check([store("news/*.md")])


def test_no_key_is_told(store):
    names = check([store("news")])
    told = [Fingerprints().of(name) for name in names] + [stamp(name) for name in names]
    assert [row["name"] for row in told[:4]] == [
        *("s3://bucket/news/", "s3://bucket/news/a.jsonl.zst", "s3://bucket/news/b c+d.parquet", "s3://bucket/news/sport/f.csv")
    ]
    assert "secret" not in json.dumps(told)
    assert [row["size"] for row in told[:4]] == [row["size"] for row in told[4:]]
    assert told[5]["changed"] > 0
