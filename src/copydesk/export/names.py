"""The addresses by which stories, their versions and their copies are called in formats that want one."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote
from uuid import UUID

from copydesk.model import Copy, Edition

NAMESPACE = UUID("8f2f3a0e-5a3f-5c3e-9d0a-6a1c8d7e4b21")
ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20\x7f-\U0010ffff]+")


def story(id_: str, base: str | None) -> str:
    """A story: below `base`, or as a UUID that its id gives."""
    return _called("story", id_, base, "")


def version(id_: str, edition: Edition, base: str | None) -> str:
    """The text of a version of a story; where there is one version only, that of the story."""
    if not edition.of_version:
        return story(id_, base)
    if base:
        return f"{story(id_, base)}?version={edition.version}"
    return _called(f"version {edition.version}", id_, None, "")


def copy(of: Copy, base: str | None) -> str:
    """A copy: its address, if it has one that can be one, else below `base`, or as a UUID that its id gives."""
    if of.url and ADDRESS.fullmatch(of.url):
        return of.url
    return _called("copy", of.id, base, "copies/")


def part(of: str, name: str) -> str:
    """A part of what has an address."""
    return f"{of}#{name}"


def _called(what: str, id_: str, base: str | None, below: str) -> str:
    if base:
        return (
            f"{base}{'' if base.endswith(('/', '#', ':', '=')) else '/'}{below}{quote(id_, safe='', errors='backslashreplace')}"
        )
    name = NAMESPACE.bytes + f"{what}\0{id_}".encode("utf-8", "backslashreplace")
    return UUID(bytes=hashlib.sha1(name, usedforsecurity=False).digest()[:16], version=5).urn
