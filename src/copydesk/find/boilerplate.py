"""Boilerplate, learned, not listed: seeds whose links cover little else of their texts.

Two pages of one site share its footer and nothing more: the link between them covers little. Two copies of one story share the
story. So each link gives its coverage to the seeds it has, and a seed whose links cover less than `JUNK` of their texts on the
mean is boilerplate. Coverage is counted again without it, on both sides, and boilerplate is learned again from that.

A chance phrase is shared by few texts and covers next to nothing, so links of less than `LEAST_LETTERS` have no say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from copydesk.find import statements
from copydesk.find.chains import NOTHING, Hashes, permille

if TYPE_CHECKING:
    from collections.abc import Callable

    from copydesk.engines.duck import Duck
    from copydesk.find.chains import Index, Texts

    Cover = Callable[[Index, Index, Hashes], tuple[Index, Index]]

JUNK = 400
"""Mean coverage, in thousandths, of the links of a seed, below which it is boilerplate."""
LEAST_LETTERS = 100
"""Letters that a link covers, at least, for it to bear on what is boilerplate."""
LEAST_LINKS = 2
"""Links of little coverage that a seed needs to be suspected."""
ROUNDS = 2
"""A second round un-learns what the footers of short texts had dragged along; a third changes next to nothing."""
PAIRS = 16_384
"""Links that are looked through at a time."""


def learn(
    engine: Duck, texts: Texts, a: Index, b: Index, cover_a: Index, cover_b: Index, same: int, chain: Cover
) -> tuple[Hashes, Index]:
    """Learn what is boilerplate from the links `a, b`; the seeds, and the letters of each text outside of them.

    `cover_a, cover_b` (letters covered) are counted anew, in place, where boilerplate matters. Leaves the table `boilerplate`:
    `seed, n_links, permille`. `same` is the coverage, in thousandths, of texts that are copies.
    """
    letters = weighty(texts.n_letters, texts)
    telling = np.flatnonzero(np.maximum(cover_a, cover_b) >= LEAST_LETTERS)
    x, y = a[telling], b[telling]
    boilerplate = NOTHING
    for _ in range(ROUNDS):
        covered = permille(cover_a[telling], cover_b[telling], letters[x], letters[y])
        for table in ("junk", "good", "suspects", "boilerplate"):
            engine.sql(f"DROP TABLE IF EXISTS {table}")
        _evidence(engine, "junk", texts, x, y, covered, np.flatnonzero(covered < same), NOTHING)
        engine.sql(statements.SUSPECTS.format(least=LEAST_LINKS))
        suspects = Hashes.of(engine.read("SELECT seed FROM suspects").column("seed").to_numpy())
        _evidence(engine, "good", texts, x, y, covered, np.flatnonzero(covered >= same), suspects)
        engine.sql(statements.BOILERPLATE.format(junk=JUNK))
        boilerplate = Hashes.of(engine.read("SELECT seed FROM boilerplate").column("seed").to_numpy())
        letters = weighty(texts.story_letters(boilerplate), texts)
        cover_a[telling], cover_b[telling] = chain(x, y, boilerplate)
    return boilerplate, letters


def weighty(letters: Index, texts: Texts) -> Index:
    """Letters to count coverage by: of a text that is all boilerplate, a scrap left over must not count as the whole."""
    return np.maximum(np.maximum(letters, np.minimum(texts.n_letters, LEAST_LETTERS)), 1)


def _evidence(
    engine: Duck, into: str, texts: Texts, a: Index, b: Index, covered: Index, pairs: Index, wanted: Hashes
) -> None:
    """Make a table `seed, permille` of the seeds that these pairs share, with the coverage of the pair."""

    def shared(part: Index) -> pa.Table:
        hashes, pair = texts.common(a[part], b[part], wanted)
        return pa.table({"seed": hashes, "permille": covered[part][pair]})

    engine.table(into, shared, (pairs[i : i + PAIRS] for i in range(0, max(1, len(pairs)), PAIRS)))
