"""The compiled loop of reading: JSON Lines, whose texts are cut out of the lines and written as UTF-8, eight bytes at a time.

The texts are nearly all of a corpus. What is left of a line is an object with an empty text, which a library decodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from copydesk.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    U8: TypeAlias = NDArray[np.uint8]
    I32: TypeAlias = NDArray[np.int32]
    U64: TypeAlias = NDArray[np.uint64]

ONE, ALL = np.uint64(1), np.uint64(0xFFFFFFFFFFFFFFFF)
ONES, HIGH = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
QUOTES, SLASHES, SPACES = ONES * np.uint64(ord('"')), ONES * np.uint64(ord("\\")), ONES * np.uint64(ord(" "))
QUOTE, SLASH, SPACE, COMMA, COLON, LINE_FEED = (np.uint8(ord(c)) for c in '"\\ ,:\n')
OPEN, OPEN_LIST, CLOSE, CLOSE_LIST = (np.uint8(ord(c)) for c in "{[}]")
PAD = 16
"""Bytes of zero that a block ends with, so that a word that is read lies within."""


@kernel
def line_feeds(block: U8) -> int:
    """How many lines end in a block: an eighth of the time that `bytes.count` takes."""
    n = 0
    for i in range(len(block)):
        n += block[i] == LINE_FEED
    return n


@kernel
def _plain(block: U8, words: U64, i: int) -> int:
    """The first byte from `i` on that is a quotation mark, a backslash or a control character.

    Eight at a time: `(x - ONES) & ~x & HIGH` has its lowest bit in the lowest byte of `x` that is zero.
    """
    at = i >> 3
    beyond = ALL << np.uint64((i & 7) << 3)
    while True:
        w = words[at]
        quote, slash = w ^ QUOTES, w ^ SLASHES
        found = ((quote - ONES) & ~quote | (slash - ONES) & ~slash | (w - SPACES) & ~w) & HIGH & beyond
        if found:
            below = (found & (~found + ONE)) - ONE  # ones below its lowest bit: one in each byte up to it
            return (at << 3) + int(((below & ONES) * ONES) >> np.uint64(56)) - 1
        beyond = ALL
        at += 1


@kernel
def _copy(block: U8, start: int, end: int, out: U8, n: int) -> None:
    """Write `block[start:end]` at `out[n:]`; slices, for an index that may be negative is looked at one by one."""
    given, taken = block[start:end], out[n : n + end - start]
    for i in range(end - start):
        taken[i] = given[i]


@kernel
def _end(block: U8, words: U64, i: int) -> int:
    """Where the string that begins at `i`, after its quotation mark, has its other one; -1 if the line ends before."""
    while True:
        i = _plain(block, words, i)
        if block[i] == QUOTE:
            return i
        if block[i] != SLASH or block[i + 1] < SPACE:
            return -1
        i += 2


@kernel
def _hex(block: U8, i: int) -> int:
    """The number that four digits spell; -1 if they are none."""
    number = 0
    for j in range(i, i + 4):
        c = int(block[j])
        if 48 <= c < 58:
            number = number << 4 | (c - 48)
        elif 97 <= c | 32 < 103:
            number = number << 4 | ((c | 32) - 87)
        else:
            return -1
    return number


@kernel
def _unescaped(block: U8, words: U64, i: int, out: U8, n: int) -> tuple[int, int]:
    """Write the string that begins at `i` at `out[n:]`: where it ends, and the new `n`; -1 for one that is spelt wrong."""
    while True:
        j = _plain(block, words, i)
        _copy(block, i, j, out, n)
        n += j - i
        if block[j] == QUOTE:
            return j, n
        if block[j] != SLASH:
            return -1, n
        c = block[j + 1]
        i = j + 2
        if c == QUOTE or c == SLASH or c == np.uint8(47):
            out[n] = c
        elif c == np.uint8(110):
            out[n] = np.uint8(10)
        elif c == np.uint8(116):
            out[n] = np.uint8(9)
        elif c == np.uint8(114):
            out[n] = np.uint8(13)
        elif c == np.uint8(98):
            out[n] = np.uint8(8)
        elif c == np.uint8(102):
            out[n] = np.uint8(12)
        elif c == np.uint8(117):
            code = _hex(block, i)
            i += 4
            if 0xD800 <= code < 0xDC00 and block[i] == SLASH and block[i + 1] == np.uint8(117):
                low = _hex(block, i + 2)
                if not 0xDC00 <= low < 0xE000:
                    return -1, n
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
                i += 6
            if code < 0 or 0xD800 <= code < 0xE000:
                return -1, n
            if code < 0x80:
                out[n] = code
            elif code < 0x800:
                out[n] = 0xC0 | code >> 6
                out[n + 1] = 0x80 | code & 63
                n += 1
            elif code < 0x10000:
                out[n] = 0xE0 | code >> 12
                out[n + 1] = 0x80 | code >> 6 & 63
                out[n + 2] = 0x80 | code & 63
                n += 2
            else:
                out[n] = 0xF0 | code >> 18
                out[n + 1] = 0x80 | code >> 12 & 63
                out[n + 2] = 0x80 | code >> 6 & 63
                out[n + 3] = 0x80 | code & 63
                n += 3
        else:
            return -1, n
        n += 1


@kernel
def cut(block: U8, words: U64, n_lines: int, key: U8, texts: U8, ends: I32, rest: U8) -> int:
    """Cut the strings of `key` out of lines, and put what is left, with empty strings, into `rest`; the bytes that are in it.

    `block` has `n_lines` lines and `PAD` bytes of zero, and `words` is the same in words. The strings lie in `texts`, one after
    the other, that of line `l` in `ends[l]:ends[l + 1]`. Gives -1 where a line is not an object with one such string: whoever
    reads it line by line will tell why. What else is in the lines is not looked at but for where strings and objects end.
    """
    i, n, m = 0, 0, 0
    for line in range(n_lines):
        depth, is_key, found = 0, False, False
        start = i
        while True:
            c = block[i]
            i += 1
            if c == QUOTE:
                end = _end(block, words, i)
                if end < 0:
                    return -1
                wanted = depth == 1 and is_key and end - i == len(key)
                if wanted:
                    for j in range(len(key)):
                        if block[i + j] != key[j]:
                            wanted = False
                            break
                i = end + 1
                is_key = False
                if wanted:
                    while block[i] == SPACE:
                        i += 1
                    if block[i] != COLON or found:
                        return -1
                    i += 1
                    while block[i] == SPACE:
                        i += 1
                    if block[i] != QUOTE:
                        return -1
                    i += 1
                    _copy(block, start, i, rest, m)
                    m += i - start
                    i, n = _unescaped(block, words, i, texts, n)
                    if i < 0:
                        return -1
                    start, found = i, True
                    i += 1
            elif c == OPEN or c == OPEN_LIST:
                depth += 1
                is_key = c == OPEN
            elif c == CLOSE or c == CLOSE_LIST:
                depth -= 1
            elif c == COMMA:
                is_key = True
            elif c == LINE_FEED:
                break
            elif c == 0:
                return -1
        if not found:
            return -1
        _copy(block, start, i, rest, m)
        m += i - start
        ends[line + 1] = n
    return m
