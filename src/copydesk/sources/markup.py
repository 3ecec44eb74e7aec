"""The bytes of a page to its markup: which encoding, where the page declares one and may be wrong.

As for all texts a byte order mark comes first, then UTF-8, for what is valid UTF-8 by chance is next to nothing: pages that
declare another encoding and are UTF-8 are many. Then what is declared, by who sent the page, then by the page itself, under the
names that browsers know; unless the bytes speak against it. Then it is reckoned (`text.decode`).
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

from copydesk.sources.text import MARKS, decode

HEAD = 1 << 12  # bytes in which a declaration is looked for: browsers look in 1,024, and pages have it later
DECLARED = re.compile(
    rb"<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]{2,40})|<meta\b[^>]{0,400}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{2,40})",
    re.IGNORECASE,
)
XML = re.compile(r"\A\s*<\?xml\b[^>]{0,1000}>")
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^<>]*>", re.IGNORECASE | re.DOTALL)
BEYOND_ASCII = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")
NAMES = {  # what browsers take names for
    **dict.fromkeys(("ascii", "iso8859-1", "latin-1", "iso8859-11"), "cp1252"),
    **{
        "iso8859-9": "cp1254",
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "shift_jis": "cp932",
        "euc_kr": "cp949",
        "tis-620": "cp874",
    },
}
SAMPLE = 1 << 18  # characters of a page by which a declaration is judged


def decode_markup(data: bytes, name: str, charset: str | None = None) -> tuple[str, str | None]:
    """The markup of a page and, where it is not plain UTF-8, a note on how it was read; `charset` is what the sender declares.

    Characters that no markup may hold are left out, and so is the XML declaration, whose encoding is no longer true.

    Raises `Unreadable` for what is not text.
    """
    text, note = _decoded(data, name, charset)
    return CONTROL.sub("", XML.sub("", text, count=1)), note


def _decoded(data: bytes, name: str, charset: str | None) -> tuple[str, str | None]:
    declared = _encoding(charset) or _encoding(_declared(data[:HEAD]))
    if declared == "iso2022_jp" and b"\x1b" in data:  # is ASCII to the eye, and so UTF-8
        return data.decode(declared, "replace"), f"{name} was read as {declared}, which it declares"
    if not data.startswith(tuple(mark for mark, _ in MARKS)):
        with suppress(UnicodeDecodeError):
            data.decode("utf-8-sig")
            return decode(data, name)
        if declared not in {None, "utf-8"}:
            text = data.decode(declared or "", "replace")
            if _believable(text):
                return text, f"{name} was read as {declared}, which it declares"
    return decode(data, name)


def _declared(head: bytes) -> str | None:
    match = DECLARED.search(head)
    return (match[1] or match[2]).decode("ascii") if match else None


def _encoding(label: str | None) -> str | None:
    """The encoding that a label stands for; None for what is none, and for those that cannot be told by a page in ASCII."""
    try:
        name = codecs.lookup((label or "").strip("\"' ")).name
    except (LookupError, ValueError):
        return None
    if name.startswith(("utf-16", "utf-32", "utf-7")) or not getattr(codecs.lookup(name), "_is_text_encoding", True):
        return None
    return NAMES.get(name, name)


def _believable(text: str) -> bool:
    """Whether a page was decoded rightly, as far as the eye can tell: letters of one alphabet in a word, and no lost bytes."""
    shown = TAGS.sub(" ", text[:SAMPLE])
    words = [word for word in BEYOND_ASCII.findall(shown) if len(word) > 2]
    lost = shown.count("\ufffd")
    if lost > max(1, len(words) // 10) or len(CONTROL.findall(text)) * 50 > len(text):
        return False
    western = [word for word in words if max(word) < "\u0250"]
    beyond: int = sum(char > "\x7f" for word in western for char in word)
    return 2 * beyond <= max(8, len("".join(western)))
