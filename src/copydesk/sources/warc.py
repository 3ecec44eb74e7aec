"""The pages of a web archive (WARC), one record at a time, packed or not.

A page is what a server gave as HTML, with a status that says it did. What a server gave in another status, or cannot be had, is
rejected with the reason; records that hold no page (requests, pictures, what the crawler notes) are passed over.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

from copydesk.sources.html import LARGEST
from copydesk.sources.pages import Capture
from copydesk.sources.text import Unreadable

if TYPE_CHECKING:
    from fastwarc.warc import HeaderMap, WarcRecord

    from copydesk.sources.files import Stream

HTML = re.compile(r"\s*(?:text/html|application/xhtml\+xml)\b", re.IGNORECASE)
LOOKS = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
CHARSET = re.compile(r"\bcharset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
INSTALL = "fastwarc is not installed, which reads web archives; pip install 'copydesk[warc]'"


class NoPage(Exception):
    """A record that should hold a page and does not; the message says why."""


def captures(file: Stream) -> Iterator[Capture | tuple[int, str]]:
    """The pages of an archive, each with the number of its record (from 1), or the number and why there is none.

    A page is called `url@date`, after its address and when it was captured, for an archive may have it more than once.

    Raises `OSError` where the rest of the archive cannot be read, and `Unreadable` where fastwarc is not installed.
    """
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType
    except ImportError:
        raise Unreadable(INSTALL) from None

    held = WarcRecordType.response | WarcRecordType.resource
    archive = ArchiveIterator(cast("BinaryIO", file), parse_http=False)
    for number, record in enumerate(archive, 1):
        if record.record_type & held:
            try:
                capture = _capture(record, number)
            except NoPage as why:
                yield number, f"{record.headers.get('WARC-Target-URI') or record.record_id}: {why}"
            else:
                if capture is not None:
                    yield capture


def _capture(record: WarcRecord, number: int) -> Capture | None:
    from fastwarc.warc import HeaderMap

    url, date, sent = (record.headers.get(name) for name in ("WARC-Target-URI", "WARC-Date", "Content-Type"))
    http = (sent or "").lower().startswith("application/http")
    if record.content_length > LARGEST:
        if http or HTML.match(sent or ""):
            raise NoPage(f"the record is larger than {LARGEST >> 20} MB")
        return None
    body = record.reader.read(LARGEST)
    if len(body) < record.content_length:
        raise NoPage("the record is cut off")
    if http:
        headers = HeaderMap()
        body = body[headers.parse(io.BytesIO(body)) :]
        sent, *codings = (_header(headers, name) for name in ("Content-Type", "Transfer-Encoding", "Content-Encoding"))
        if sent and not HTML.match(sent):
            return None
        if headers.status_code is None or not 200 <= headers.status_code < 300:
            raise NoPage(f"the server answered with status {headers.status_code}")
        for coding in codings:
            for layer in reversed(coding.lower().split(",")):
                body = _unpacked(body, layer.strip())
    if not HTML.match(sent or "") and (sent or not LOOKS.match(body[:4096])):
        return None
    charset = CHARSET.search(sent or "")
    name = f"{url}@{date}" if url and date else url or str(record.record_id)
    return Capture(number, body, name, url, charset and charset[1], date)


def _header(headers: HeaderMap, name: str) -> str:
    return (headers.get_bytes(name.encode()) or b"").decode("latin-1")


def _unpacked(body: bytes, layer: str) -> bytes:
    """The body without one layer of packing; what a crawler has unpacked, and kept the header of, is left as it is."""
    from fastwarc.stream_io import BrotliReader, ChunkedReader, GzipReader, ZstdReader

    readers = {"chunked": ChunkedReader, "gzip": GzipReader, "x-gzip": GzipReader, "br": BrotliReader, "zstd": ZstdReader}
    if layer in {"", "identity"}:
        return body
    if layer != "deflate" and layer not in readers:
        raise NoPage(f"the page is packed as {layer!r}, which cannot be unpacked")
    try:
        file = io.BytesIO(body)
        opened = GzipReader(file, zlib=True) if layer == "deflate" else readers[layer](file)
        unpacked = opened.read(LARGEST + 1)
    except OSError:
        if LOOKS.match(body[:4096]):
            return body
        raise NoPage(f"the page is packed as {layer!r} and spoilt") from None
    if len(unpacked) > LARGEST:
        raise NoPage(f"the page is larger than {LARGEST >> 20} MB")
    return bytes(unpacked)
