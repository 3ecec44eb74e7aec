"""JSON, 64 bytes at a time: how far a string goes on as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.wide import BYTES, WIDTH, first, load, mask, same, store, wide

if TYPE_CHECKING:
    import numpy as np
    from llvmlite import ir
    from numpy.typing import NDArray

    U8 = NDArray[np.uint8]


def _plain(b: ir.IRBuilder, block: ir.Value, i: ir.Value) -> ir.Value:
    x = load(b, BYTES, block, i)
    of_json = [b.icmp_unsigned("==", x, same(BYTES, ord(c))) for c in '"\\']
    return first(b, mask(b, b.or_(b.or_(*of_json), b.icmp_unsigned("<", x, same(BYTES, ord(" "))))))


@wide(_plain)
def plain(block: U8, i: int) -> int:
    """How many of `block[i:i + 64]` come before a quotation mark, a backslash or a control character; 64 if all."""
    return next((n for n, x in enumerate(block[i : i + WIDTH].tolist()) if x < ord(" ") or x in b'"\\'), WIDTH)


def _copy(b: ir.IRBuilder, block: ir.Value, i: ir.Value, out: ir.Value, n: ir.Value) -> ir.Value:
    store(b, load(b, BYTES, block, i), out, n)
    return i


@wide(_copy)
def copy(block: U8, i: int, out: U8, n: int) -> int:
    """Write `block[i:i + 64]` at `out[n:]`."""
    out[n : n + WIDTH] = block[i : i + WIDTH]
    return i
