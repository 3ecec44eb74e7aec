"""A page to copies: each extractor reads it in its own way, and so is a source of its own."""

from __future__ import annotations

from typing import NamedTuple

from copydesk.model import Copy, Fact
from copydesk.sources.extractors import EXTRACTORS, installed
from copydesk.sources.markup import decode_markup
from copydesk.sources.reader import Reader
from copydesk.sources.text import Unreadable
from copydesk.sources.votes import elected, votes

INSTALL = "pip install 'copydesk[html]'"
LARGEST = 32 << 20  # bytes of a page


class Page(NamedTuple):
    """A page as the extractors read it: its copies, what is told of it, how its bytes were read, and which extractors failed.

    `note` is None where the page is plain UTF-8.
    """

    copies: list[Copy]
    facts: list[Fact]
    note: str | None
    failed: list[str]


def read_page(
    data: bytes, name: str, reader: Reader, *, url: str | None = None, charset: str | None = None, extractors: list[str]
) -> Page:
    """The page's copies, called `name#extractor`, with the date of the page as most extractors tell it.

    `charset` is what the sender of the page declares. An extractor that finds no text, or fails, gives no copy.

    Raises `Unreadable` for what is no page, or where no extractor finds a text in it.
    """
    if len(data) > LARGEST:
        raise Unreadable(f"{name} is larger than {LARGEST >> 20} MB")
    markup, note = decode_markup(data, name, charset)
    if not markup.strip():
        raise Unreadable(f"{name} is empty; leave it out, or name the file you meant")
    failed = []
    said = {}
    for extractor in extractors:
        answer = reader.said(extractor, markup, url)
        if answer.failed:
            failed.append(f"{extractor} could not read {name}: {answer.failed}")
        else:
            said[extractor] = answer.said
    said = {extractor: one for extractor, one in said.items() if one.text.strip()}
    ids = {extractor: f"{name}#{extractor}" for extractor in said}
    facts = votes(said, ids)
    published = elected(facts).get("published")
    copies = [Copy(ids[extractor], one.text, extractor, published, url) for extractor, one in said.items()]
    if not copies:
        why = f" ({'; '.join(failed)})" if failed else ""
        raise Unreadable(f"no extractor found a text in {name}{why}")
    return Page(copies, facts, note, failed)


def asked() -> tuple[list[str], str | None]:
    """The extractors that are installed, and a note on those that are not.

    Raises `Unreadable` where there is none.
    """
    there = installed()
    missing = sorted(set(EXTRACTORS) - set(there))
    if not there:
        raise Unreadable(f"no extractor is installed to read pages with; {INSTALL}")
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        return (
            there,
            f"{', '.join(missing)} {verb} not installed, so {len(there)} of {len(EXTRACTORS)} extractors read; {INSTALL}",
        )
    return there, None
