"""The compiled loops of reading: JSON Lines, whose known strings are cut out and written as UTF-8, column by column.

Nearly all of a corpus is in these. What else a line has is put together to an object of its own, which a library decodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from copydesk.compiled import kernel
from copydesk.sources import wide
from copydesk.sources.cut import PAD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    U8: TypeAlias = NDArray[np.uint8]
    I32: TypeAlias = NDArray[np.int32]

QUOTE, SLASH, SPACE, COMMA, COLON, LINE_FEED, TAB, RETURN = (np.uint8(ord(c)) for c in '"\\ ,:\n\t\r')
OPEN, OPEN_LIST, CLOSE, CLOSE_LIST = (np.uint8(ord(c)) for c in "{[}]")
MINUS, ZERO, NINE = (np.uint8(ord(c)) for c in "-09")
N, U, L = (np.uint8(ord(c)) for c in "nul")
DIGITS = 18
"""Digits of a whole number that is cut out: such a one is spelt alike whoever decodes it."""
HEX, ESCAPES = np.full(256, -1, np.int32), np.zeros(256, np.uint8)
"""Of each byte what it is as a digit, and what is written for it after a backslash; -1 and 0 if nothing."""
for _n, _c in enumerate("0123456789abcdef"):
    HEX[ord(_c)] = HEX[ord(_c.upper())] = _n
for _c, _meant in zip('"\\/bfnrt', '"\\/\b\f\n\r\t', strict=True):
    ESCAPES[ord(_c)] = ord(_meant)


@kernel
def _plain(block: U8, i: int) -> int:
    """The first byte from `i` on that is a quotation mark, a backslash or a control character."""
    while True:
        n = np.int64(wide.plain(block, i))
        i += n
        if n < PAD:
            return i


@kernel
def _copy(block: U8, start: int, end: int, out: U8, n: int) -> None:
    """Write `block[start:end]` at `out[n:]`: what is written too far is overwritten by what comes next."""
    while start < end:
        wide.copy(block, start, out, n)
        start += PAD
        n += PAD


@kernel
def _hex(block: U8, i: int) -> int:
    """The number that four digits spell; below zero if they are none."""
    digits = block[i : i + 4]
    return HEX[digits[0]] << 12 | HEX[digits[1]] << 8 | HEX[digits[2]] << 4 | HEX[digits[3]]


@kernel
def _unescaped(block: U8, i: int, out: U8, n: int) -> tuple[int, int]:
    """Write the string that begins at `i` at `out[n:]`: where it ends, and the new `n`; -1 for one that is spelt wrong."""
    while True:
        plain = np.int64(wide.plain(block, i))
        wide.copy(block, i, out, n)
        n += plain
        j = i + plain
        if plain == PAD:
            i += PAD
            continue
        if block[j] != SLASH:
            return j if block[j] == QUOTE else -1, n
        c = block[j + 1]
        if c == U:
            code = _hex(block, j + 2)
            i = j + 6
            if code >= 0x800 and (code < 0xD800 or code >= 0xE000):
                o = out[n : n + 3]
                o[0] = 0xE0 | code >> 12
                o[1] = 0x80 | code >> 6 & 63
                o[2] = 0x80 | code & 63
                n += 3
            elif code < 0:
                return -1, n
            elif code < 0x80:
                out[n] = code
                n += 1
            elif code < 0x800:
                out[n] = 0xC0 | code >> 6
                out[n + 1] = 0x80 | code & 63
                n += 2
            else:
                if code >= 0xDC00 or block[i] != SLASH or block[i + 1] != U:
                    return -1, n
                low = _hex(block, i + 2)
                if not 0xDC00 <= low < 0xE000:
                    return -1, n
                i += 6
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
                out[n] = 0xF0 | code >> 18
                out[n + 1] = 0x80 | code >> 12 & 63
                out[n + 2] = 0x80 | code >> 6 & 63
                out[n + 3] = 0x80 | code & 63
                n += 4
        else:
            meant = ESCAPES[c]
            if meant == 0:
                return -1, n
            out[n] = meant
            n += 1
            i = j + 2


@kernel
def _blank(block: U8, i: int) -> int:
    """The first byte from `i` on that is no white space within a line."""
    while block[i] == SPACE or block[i] == TAB or block[i] == RETURN:
        i += 1
    return i


@kernel
def _which(block: U8, start: int, end: int, keys: U8, key_ends: I32) -> int:
    """Which of the keys stands at `block[start:end]`; -1 if none does."""
    begins = 0
    for key in range(len(key_ends)):
        if key_ends[key] - begins == end - start:
            alike = True
            for j in range(end - start):
                if keys[begins + j] != block[start + j]:
                    alike = False
                    break
            if alike:
                return key
        begins = key_ends[key]
    return -1


@kernel
def _number(block: U8, i: int) -> int:
    """Where the whole number that begins at `i` ends; -1 for what is none, and for one that may be spelt otherwise."""
    start = i + (block[i] == MINUS)
    i = start
    while ZERO <= block[i] <= NINE:
        i += 1
    if i == start or i - start > DIGITS or (block[start] == ZERO and (i - start > 1 or block[start - 1] == MINUS)):
        return -1
    return i


@kernel
def _value(block: U8, i: int) -> int:
    """Where the value that begins at `i` ends: before the comma or the bracket that ends it. -1 where the line ends before.

    What it is is not looked at, but for where strings and brackets end.
    """
    depth = 0
    while True:
        c = block[i]
        if c == QUOTE:
            i += 1
            while True:
                i = _plain(block, i)
                if block[i] == QUOTE:
                    break
                if block[i] != SLASH or block[i + 1] < SPACE:
                    return -1
                i += 2
        elif c == OPEN or c == OPEN_LIST:
            depth += 1
        elif c == CLOSE or c == CLOSE_LIST:
            if depth == 0:
                return i
            depth -= 1
        elif c == COMMA:
            if depth == 0:
                return i
        elif c == LINE_FEED or c == 0:
            return -1
        i += 1


@kernel
def _line(block: U8, i: int, keys: U8, key_ends: I32, texts: U8, strings: U8, rest: U8, ends: I32, row: int) -> int:
    """Cut the line that begins at `i` into a row of the columns: where the next one begins; -1 if it is not one to be cut."""
    last = len(key_ends)
    for column in range(last + 1):
        ends[column, row + 1] = ends[column, row]
    m = int(ends[last, row])
    found = 0
    if block[i] != OPEN:
        return -1
    while True:
        i = _blank(block, i + 1)
        if block[i] != QUOTE:
            return -1
        start = i
        i = _plain(block, i + 1)
        if block[i] != QUOTE:
            return -1
        key = _which(block, start + 1, i, keys, key_ends)
        i = _blank(block, i + 1)
        if block[i] != COLON:
            return -1
        i = _blank(block, i + 1)
        if key < 0:
            i = _value(block, i)
            if i < 0:
                return -1
            rest[m] = OPEN if m == ends[last, row] else COMMA
            _copy(block, start, i, rest, m + 1)
            m += i - start + 1
        else:
            if found >> key & 1:
                return -1
            found |= 1 << key
            n = int(ends[key, row])
            if key == 0:
                if block[i] != QUOTE:
                    return -1
                i, n = _unescaped(block, i + 1, texts, n)
                i += 1
            elif block[i] == QUOTE:
                end = _value(block, i)
                if end < 0 or n + end - i + PAD > strings.shape[1]:  # it is not closed, or there is no room for it
                    return -1
                i, n = _unescaped(block, i + 1, strings[key - 1], n)
                i += 1
            elif block[i] == N:
                if block[i + 1] != U or block[i + 2] != L or block[i + 3] != L:
                    return -1
                i += 4
            else:
                start = i
                i = _number(block, i)
                if i < 0 or n + i - start + PAD > strings.shape[1]:
                    return -1
                _copy(block, start, i, strings[key - 1], n)
                n += i - start
            if i <= 0:
                return -1
            ends[key, row + 1] = n
            i = _blank(block, i)
        if block[i] != COMMA:
            break
    if block[i] != CLOSE or found & 1 == 0:
        return -1
    i = _blank(block, i + 1)
    if block[i] != LINE_FEED:
        return -1
    if m > ends[last, row]:
        rest[m], rest[m + 1] = CLOSE, LINE_FEED
        ends[last, row + 1] = m + 2
    return i + 1


@kernel
def cut(
    block: U8, i: int, stop: int, keys: U8, key_ends: I32, texts: U8, strings: U8, rest: U8, ends: I32, row: int
) -> tuple[int, int]:
    """Cut the members of lines, `block[i:stop]`, into columns, from `row` on: where it stopped, and the row that is next.

    `block` has `PAD` bytes of zero from `stop` on, which is after a line feed. Key `c` is `keys[key_ends[c - 1]:key_ends[c]]`.
    What is written of column `c` for row `r` ends at `ends[c, r + 1]`, where the next row begins: of key 0 the string, in
    UTF-8, into `texts`; of each other the string or whole number into `strings[c - 1]`, nothing if there is none; and of the
    last column, `rest`, an object of what else the line has, as it stands there, with a line feed.
    Whether that is JSON is not looked at, but for where values end. `texts` and `rest` have room for `stop - i + PAD` bytes.

    It stops before a line that is not an object with a string of key 0, once and spelt as here, and such values of the others:
    whoever decodes it will tell what it is. Or else where all is cut, or `ends` or `strings` have room for no more.
    """
    while i < stop and row + 1 < ends.shape[1]:
        next_ = _line(block, i, keys, key_ends, texts, strings, rest, ends, row)
        if next_ < 0:
            break
        i = next_
        row += 1
    return i, row
