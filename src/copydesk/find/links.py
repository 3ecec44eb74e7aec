"""Links: pairs of texts that share seeds, few for each text, however many texts there are.

All texts of a seed link to one of them, of the longest, so a seed of `n` texts costs `n - 1` links and there is no frequency
beyond which seeds are ignored. The texts of one story meet at their longest, those of one site (by its footer) at the site's
longest: boilerplate takes up one or two of the links of a text, not all. The links of a pair are added up, the rare seeds for
more, and each text keeps its `MOST` heaviest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from copydesk.find import kernels
from copydesk.find.seeds import binary, numbers

if TYPE_CHECKING:
    from copydesk.find.chains import Texts

MOST = 6
"""Links that a text keeps, at most. Only the first two of a text of few seeds may rest on a single seed: the rest is chance."""
PLENTY = 96
"""Seeds beyond which a text has plenty: it posts every second one only, and a link that rests on one of those is chance."""


def postings(texts: Texts, first: int, stop: int) -> pa.Table:
    """The postings of the texts `[first, stop)`: `part, first, block`, a row for each part of the hashes.

    A `block` is bytes: `uint64`, 32 bits of hash above 32 of text.
    """
    out = np.empty(int((texts.ends[first:stop] - texts.starts[first:stop]).sum()), np.uint64)
    bounds = np.empty(kernels.PARTS + 1, np.int64)
    n = kernels.scatter(texts.seeds, texts.starts, texts.ends, first, stop, PLENTY, out, bounds)
    return pa.table(
        {
            "part": np.arange(kernels.PARTS, dtype=np.int32),
            "first": np.full(kernels.PARTS, first, np.int64),
            "block": binary(out[:n], bounds),
        }
    )


def link(n_texts: int, postings: pa.Table) -> pa.Table:
    """The links of one part of the postings (`block`): `part, block`, a row for each 65,536 texts that have links.

    A `block` is bytes: `uint64`, as `kernels.link` writes them.
    """
    found = np.sort(numbers(postings.column("block"))[0])
    out = np.empty(len(found), np.uint64)
    starts = np.zeros((n_texts >> 16) + 2, np.int64)
    kernels.link(found, out, starts)
    return pa.table({"part": np.arange(len(starts) - 1, dtype=np.int32), "block": binary(out[: starts[-1]], starts)})


def choose(texts: Texts, links: pa.Table) -> pa.Table:
    """The heaviest links of each text of one part (`part`, `block`): `a, b`, a center and a text that comes after it."""
    part = links.column("part")[0].as_py()
    found = np.sort(numbers(links.column("block"))[0])
    room = min(len(found), MOST << 16)
    centers, later = np.empty(room, np.int64), np.empty(room, np.int64)
    n = kernels.choose(found, part, MOST, texts.ends - texts.starts, PLENTY, centers, later)
    return pa.table({"a": centers[:n], "b": later[:n]})
