"""Bytes to text: which encoding, and whether it is text at all.

UTF-8 is taken as it is. What is not UTF-8 is taken by its byte order mark, then by the pattern of its NULs (UTF-16 without a
mark), then as UTF-8 with a few spoilt bytes. What is left is reckoned: the encoding whose words the other copies have too,
or else what `charset-normalizer` says. Every departure from UTF-8 is told in a note, since a wrong encoding looks like
damage. Line ends are kept as they are.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from contextlib import suppress

from copydesk.model import Misused

MARKS = (  # the marks of UTF-32 begin with those of UTF-16, so they come first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")  # tab, line ends, form feed and escape do stand in texts
STRAY = 3  # so many control characters are an accident in any text; in a longer one, 2 in 100
BEYOND_ASCII = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")
FOREIGN = re.compile(r"\w*[^\W\x00-\x7f]\w*|\S*[^\s\x00-\x7f]\S*")  # a word, or words with their marks, beyond ASCII
SAMPLE = 1 << 18  # bytes that an encoding is reckoned by
ENCODINGS = (  # those that texts on the web and on old disks have, the likelier first
    *("cp1252", "cp1251", "cp1250", "iso8859-2", "iso8859-15", "koi8-r", "cp1254", "cp1253", "cp1256", "cp1255", "cp1257"),
    *("gb18030", "cp932", "euc_jp", "euc_kr", "big5", "mac_roman", "cp850", "cp437", "cp866"),
)
NO_WESTERN = re.compile(r"[^\W\d_][¹³¼½¾¶±¿£¥]|[¹³¼½¾¶][^\W\d_]")  # a letter of another alphabet, read as cp1252


class Unreadable(ValueError):
    """An input that holds no text we can read; the message is one line that names it and says what to do."""


class NoInput(Unreadable, Misused):
    """What was named is none of the inputs that can be read, or none of their columns."""


def decode(data: bytes, name: str, others: Sequence[bytes] = ()) -> tuple[str, str | None]:
    """The text of an input and, where it is not plain UTF-8, a note on how it was read.

    `name` is for the messages, `others` are inputs that may be copies of the same text. A byte order mark is no part of the
    text. Raises `Unreadable` for what is not text.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            try:  # decoded in steps, a last character that is cut off is left out and no error
                text = codecs.getincrementaldecoder(encoding)().decode(data)
            except UnicodeDecodeError:
                break
            return _text(text, name), f"{name} was read as {encoding.upper()}, by its byte order mark"
    if without_mark := _utf16_without_mark(data):
        with suppress(UnicodeDecodeError):
            return _text(data.decode(without_mark), name), f"{name} was read as {without_mark.upper()}, which it seems to be"
    with suppress(UnicodeDecodeError):
        return _text(data.decode("utf-8-sig"), name), None
    text = data.decode("utf-8-sig", "replace")
    spoilt = text.count("\ufffd") - data.count("\ufffd".encode())
    if 0 < spoilt <= max(1, (len(re.findall(r"[^\x00-\x7f]", text)) - spoilt) // 10):  # some cut or lost, most whole
        return _text(text, name), f"{name} is UTF-8 with spoilt bytes, read as U+FFFD ({spoilt} in all)"
    _text(data.decode("latin-1"), name)  # a control character is one in every encoding that is left
    encoding, why = _reckoned(data, name, others)
    return data.decode(encoding, "replace"), f"{name} is not UTF-8 and was read as {encoding}, {why}"


def _reckoned(data: bytes, name: str, others: Sequence[bytes]) -> tuple[str, str]:
    """The likeliest encoding, and why."""
    sample = b"\n".join(match[0] for match in BEYOND_ASCII.finditer(data))[:SAMPLE]
    known: set[str] = set()
    for other in others:
        with suppress(UnicodeDecodeError):
            known.update(FOREIGN.findall(other.decode("utf-8-sig")))
    fits = {e: sum(word in known for word in FOREIGN.findall(sample.decode(e, "replace"))) for e in ENCODINGS if known}
    best = max(fits, key=fits.__getitem__, default=None)
    if best and fits[best]:
        return best, "which fits the other copies best"

    from charset_normalizer import from_bytes

    matches = list(from_bytes(sample, cp_isolation=list(ENCODINGS))) or list(from_bytes(sample))
    if not matches:
        raise Unreadable(f"{name} is in no encoding that can be told; convert it to UTF-8, or leave it out if it is not text")
    alike = {encoding for m in matches if m.chaos <= matches[0].chaos for encoding in m.could_be_from_charset}
    western = "cp1252" in alike and not NO_WESTERN.search(sample.decode("cp1252", "replace"))  # ties go to the commonest
    return "cp1252" if western else matches[0].encoding, "which is a guess; if it is wrong, convert it to UTF-8"


def _utf16_without_mark(data: bytes) -> str | None:
    """In UTF-16 the NULs of spaces and Latin letters stand at even places only, or at odd ones only."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if max(even, odd) <= STRAY or max(even, odd) * 40 < len(data) or min(even, odd) * 10 > max(even, odd) or len(data) % 2:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _text(text: str, name: str) -> str:
    controls = len(CONTROL.findall(text))
    if (controls > STRAY and controls * 50 > len(text)) or (text and controls == len(text)):
        raise Unreadable(f"{name} is not text but binary; give the text itself (extracted or unpacked first)")
    return text
