"""Letters, 64 bytes at a time: ASCII that is folded, and the runs that are chosen as seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from llvmlite import ir

from copydesk.wide import BYTES, I8, I32, I64, WIDTH, WORDS, first, load, mask, ones, packed, same, spread, store, wide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    U8 = NDArray[np.uint8]
    U64 = NDArray[np.uint64]

SIGNS = (0xE2, 0x80)
"""How U+2000 to U+203F begin in UTF-8, three bytes each: dashes, quotation marks, spaces, and no letter or digit."""
READ = 8
"""Bits of what `fold` gives that are the bytes read."""
AT_ONCE = 8
"""Places that `places` writes, at most."""


def _fold(b: ir.IRBuilder, data: ir.Value, i: ir.Value, out: ir.Value, n: ir.Value) -> ir.Value:
    x = load(b, BYTES, data, i)
    lower = b.or_(x, same(BYTES, 0x20))
    is_alpha = b.icmp_unsigned("<", b.sub(lower, same(BYTES, ord("a"))), same(BYTES, 26))
    is_digit = b.icmp_unsigned("<", b.sub(x, same(BYTES, ord("0"))), same(BYTES, 10))
    lead, second = (mask(b, b.icmp_unsigned("==", x, same(BYTES, sign))) for sign in SIGNS)
    sign = b.and_(b.and_(lead, b.lshr(second, I64(1))), I64((1 << WIDTH - 2) - 1))  # all three bytes are among these
    sign = b.or_(sign, b.or_(b.shl(sign, I64(1)), b.shl(sign, I64(2))))
    other = b.and_(mask(b, b.icmp_signed("<", x, same(BYTES, 0))), b.not_(sign))
    before = b.and_(b.sub(other, I64(1)), b.not_(other))  # the bits below the lowest of `other`, or all
    kept = b.and_(mask(b, b.or_(is_alpha, is_digit)), before)
    store(b, packed(b, b.select(is_alpha, lower, x), kept), out, n)
    return b.or_(b.shl(ones(b, kept), I64(READ)), first(b, other))


@wide(_fold)
def fold(data: U8, i: int, out: U8, n: int) -> int:
    """Write the letters of the ASCII among `data[i:i + 64]` at `out[n:n + 64]`, up to the first character that is no such.

    `SIGNS` are passed over too. Gives how many bytes that were in its low `READ` bits, and above how many letters.
    """
    at, written = 0, 0
    while at < WIDTH:
        x = int(data[i + at])
        if at + 2 < WIDTH and x == SIGNS[0] and data[i + at + 1] == SIGNS[1]:
            at += 3
            continue
        if x >= 0x80:
            break
        if chr(x).isalnum():
            out[n + written] = ord(chr(x).lower())
            written += 1
        at += 1
    return written << READ | at


def _chosen(b: ir.IRBuilder, letters: ir.Value, i: ir.Value, odd: ir.Value, below: ir.Value) -> ir.Value:
    odds, bounds = spread(b, WORDS, odd), spread(b, WORDS, below)
    runs = same(WORDS, 0)
    for shift in range(8):  # word `w` of these begins at byte `8 * w + shift`
        hashes = b.mul(load(b, WORDS, letters, b.add(i, I64(shift))), odds)
        runs = b.or_(runs, b.select(b.icmp_unsigned("<", hashes, bounds), same(WORDS, 1 << shift), same(WORDS, 0)))
    return b.bitcast(b.trunc(runs, ir.VectorType(I8, 8)), I64)


@wide(_chosen)
def chosen(letters: U8, i: int, odd: np.uint64, below: np.uint64) -> int:
    """Which of the 64 runs of eight letters from `i` on have a product with `odd` that is below a bound: a bit for each."""
    words = np.frombuffer(b"".join(letters[i + j : i + j + 8].tobytes() for j in range(WIDTH)), np.uint64)
    return int(np.packbits(words * odd < below, bitorder="little").view(np.uint64)[0])


def _places(b: ir.IRBuilder, bits: ir.Value, i: ir.Value, out: ir.Value, m: ir.Value) -> ir.Value:
    every = packed(b, ir.Constant(BYTES, list(range(WIDTH))), bits)
    some = b.shuffle_vector(every, every, ir.Constant(ir.VectorType(I32, AT_ONCE), list(range(AT_ONCE))))
    store(b, b.add(b.zext(some, WORDS), spread(b, WORDS, i)), out, m)
    return ones(b, bits)


@wide(_places)
def places(bits: np.uint64, i: int, out: U64, m: int) -> int:
    """Write `i` and the place of each bit that is set, together, at `out[m:]`; how many are set.

    No more than `AT_ONCE` are written, and where there are fewer, something after them.
    """
    found = np.flatnonzero(np.unpackbits(np.array([bits], np.uint64).view(np.uint8), bitorder="little"))
    some = found[:AT_ONCE].astype(np.uint64) + np.uint64(i)
    out[m : m + np.uint64(len(some))] = some
    return len(found)
