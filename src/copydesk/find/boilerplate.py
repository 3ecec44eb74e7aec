"""Boilerplate, learned, not listed: seeds whose links cover little else of their texts.

Two pages of one site share its footer and nothing more: the link between them covers little. Two copies of one story share the
story. So a seed of whose links less than `GOOD` cover as much as copies do is boilerplate. Coverage is counted again without
it, on both sides, and boilerplate is learned again from the links that have changed.

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

GOOD = 400
"""Links of a seed, in thousandths, that must be good lest it is boilerplate."""
LEAST_JUNK = 2
"""Links of little coverage that a seed needs to be suspected."""
LEAST_LETTERS = 100
"""Letters that a link covers, at least, for it to bear on what is boilerplate."""
ROUNDS = 2
"""A second round un-learns what the footers of short texts had dragged along; a third changes next to nothing."""
PAIRS = 16_384
"""Links that are looked through at a time."""


def learn(
    engine: Duck, texts: Texts, a: Index, b: Index, cover_a: Index, cover_b: Index, same: int, chain: Cover
) -> tuple[Hashes, Index, pa.Table]:
    """Learn what is boilerplate from the links `a, b`: the seeds, the letters of each text outside of them, the evidence.

    `cover_a, cover_b` (letters covered) are counted anew, in place, where boilerplate matters. `same` is the coverage, in
    thousandths, of texts that are copies. The evidence is a table `seed, junk, good`: the links of little and of much coverage.
    """
    letters = weighty(texts.n_letters, texts)
    telling = np.flatnonzero(np.maximum(cover_a, cover_b) >= LEAST_LETTERS)
    good = permille(cover_a, cover_b, letters[a], letters[b]) >= same
    _shared(engine, texts, a, b, telling[~good[telling]])
    engine.sql(statements.SUSPECTS.format(least=LEAST_JUNK))
    suspects = _set(engine, "SELECT seed FROM suspects")
    doubtful = _shared(engine, texts, a, b, telling[good[telling]], suspects)
    engine.sql(statements.TALLY)
    boilerplate = NOTHING
    touched = np.sort(np.concatenate([telling[~good[telling]], doubtful]))  # no other link has what may be boilerplate
    for round_ in range(ROUNDS):
        if round_:
            now = permille(cover_a, cover_b, letters[a], letters[b]) >= same
            change = good.astype(np.int64) - now
            _shared(engine, texts, a, b, telling[change[telling] != 0], suspects, change)
            engine.sql(statements.CHANGES)
            engine.sql("DROP TABLE tally")
            engine.sql("ALTER TABLE changed RENAME TO tally")
            # What is left of most links by now is nothing.
            touched = touched[np.maximum(cover_a[touched], cover_b[touched]) >= LEAST_LETTERS]
        boilerplate = _set(engine, statements.BOILERPLATE.format(least=LEAST_JUNK, share=GOOD))
        letters = weighty(texts.story_letters(boilerplate), texts)
        cover_a[touched], cover_b[touched] = chain(a[touched], b[touched], boilerplate)
    return boilerplate, letters, engine.read(statements.LEARNED.format(least=LEAST_JUNK, share=GOOD))


def weighty(letters: Index, texts: Texts) -> Index:
    """Letters to count coverage by: of a text that is all boilerplate, a scrap left over must not count as the whole."""
    return np.maximum(np.maximum(letters, np.minimum(texts.n_letters, LEAST_LETTERS)), 1)


def _set(engine: Duck, query: str) -> Hashes:
    """The seeds that a query gives."""
    return Hashes.of(engine.read(query).column("seed").to_numpy())


def _shared(
    engine: Duck, texts: Texts, a: Index, b: Index, pairs: Index, wanted: Hashes = NOTHING, change: Index | None = None
) -> Index:
    """Make the table `shared`: `seed, change`, a row for each wanted seed that each of the pairs shares; the pairs with any."""
    having: list[Index] = [np.empty(0, np.int64)]

    def part(some: Index) -> pa.Table:
        hashes, pair = texts.common(a[some], b[some], wanted)
        having.append(some[np.flatnonzero(np.bincount(pair, minlength=len(some)))])
        return pa.table({"seed": hashes} if change is None else {"seed": hashes, "change": change[some][pair]})

    engine.sql("DROP TABLE IF EXISTS shared")
    engine.table("shared", part, (pairs[i : i + PAIRS] for i in range(0, max(1, len(pairs)), PAIRS)))
    return np.concatenate(having)
