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

from copydesk.find import kernels
from copydesk.find.chains import Hashes, permille

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from copydesk.find.chains import Index, Shared, Texts

    Cover = Callable[[Index, Hashes], tuple[Index, Index]]

GOOD = 400
"""Links of a seed, in thousandths, that must be good lest it is boilerplate."""
LEAST_JUNK = 2
"""Links of little coverage that a seed needs to be suspected."""
LEAST_LETTERS = 100
"""Letters that a link covers, at least, for it to bear on what is boilerplate."""
ROUNDS = 2
"""A second round un-learns what the footers of short texts had dragged along; a third changes next to nothing."""


def learn(
    texts: Texts, a: Index, b: Index, shared: Shared, cover_a: Index, cover_b: Index, same: int, chain: Cover
) -> tuple[Hashes, Index, pa.Table]:
    """Learn what is boilerplate from the links `a, b`: the seeds, the letters of each text outside of them, the evidence.

    `shared` are the seeds that the links share. `cover_a, cover_b` (letters covered) are counted anew by `chain`, in place,
    where boilerplate matters. `same` is the coverage, in thousandths, of texts that are copies. The evidence is a table `seed,
    junk, good`: the links of little and of much coverage.
    """
    letters = weighty(texts.n_letters, texts)
    telling = np.flatnonzero(np.maximum(cover_a, cover_b) >= LEAST_LETTERS)
    good = permille(cover_a, cover_b, letters[a], letters[b]) >= same
    suspects = Hashes.of(_repeated(shared.hashes(telling[~good[telling]])))
    n_junk, n_good = np.zeros((2, len(suspects.table)), np.int64)
    shared.tally(telling[~good[telling]], 1, suspects, n_junk)
    doubtful = shared.tally(telling[good[telling]], 1, suspects, n_good)
    # No other link has what may be boilerplate.
    touched = np.sort(np.concatenate([telling[~good[telling]], telling[good[telling]][doubtful]]))
    suspected = texts.only(suspects)
    learned = np.empty(0, np.int64)
    for round_ in range(ROUNDS):
        if round_:
            now = permille(cover_a, cover_b, letters[a], letters[b]) >= same
            for links, change in ((telling[(good & ~now)[telling]], 1), (telling[(now & ~good)[telling]], -1)):
                shared.tally(links, change, suspects, n_junk)
                shared.tally(links, -change, suspects, n_good)
            # What is left of most links by now is nothing.
            touched = touched[np.maximum(cover_a[touched], cover_b[touched]) >= LEAST_LETTERS]
        before, learned = learned, np.flatnonzero((n_junk >= LEAST_JUNK) & (n_good * 1000 < GOOD * (n_junk + n_good)))
        boilerplate = Hashes.of(suspects.table[learned])
        letters = weighty(suspected.story_letters(boilerplate), texts)
        # Where none of it has changed, neither has the coverage.
        changed = Hashes.of(suspects.table[np.setxor1d(before, learned)])
        again = touched[shared.tally(touched, 0, changed, np.zeros(len(changed.table), np.int64))]
        cover_a[again], cover_b[again] = chain(again, boilerplate)
    learned = learned[np.argsort(suspects.table[learned])]
    evidence = pa.table({"seed": suspects.table[learned], "junk": n_junk[learned], "good": n_good[learned]})
    return boilerplate, letters, evidence


def learn_more(
    earlier: pa.Table, n_texts: Callable[[NDArray[np.uint64]], Index], new_from: int
) -> Callable[[Texts, Index, Index, Shared, Index, Index, int, Cover], tuple[Hashes, Index, pa.Table]]:
    """As `learn`, of a part of the texts: those that are new, whose seeds start at `new_from` or after, and others.

    What was learned `earlier` stays. To it comes what links of new texts tell; links of old ones have told theirs, which was
    good where they are not in `earlier`. `n_texts` says in how many texts seeds are, hence how many links they had.
    """

    def learn(
        texts: Texts, a: Index, b: Index, shared: Shared, cover_a: Index, cover_b: Index, same: int, chain: Cover
    ) -> tuple[Hashes, Index, pa.Table]:
        known = earlier.column("seed").to_numpy()
        boilerplate = Hashes.of(known)
        every = np.arange(len(a))
        fresh = (texts.starts[a] >= new_from) | (texts.starts[b] >= new_from)
        telling = np.flatnonzero(fresh & (np.maximum(cover_a, cover_b) >= LEAST_LETTERS))

        def again(changed: Hashes) -> Index:
            some = every[shared.tally(every, 0, changed, np.zeros(len(changed.table), np.int64))]
            cover_a[some], cover_b[some] = chain(some, boilerplate)
            return weighty(texts.story_letters(boilerplate), texts)

        letters = again(boilerplate)
        telling = telling[np.maximum(cover_a, cover_b)[telling] >= LEAST_LETTERS]
        good = permille(cover_a[telling], cover_b[telling], letters[a[telling]], letters[b[telling]]) >= same
        hashes = _repeated(shared.hashes(telling[~good]))
        hashes = hashes[~np.isin(hashes, known)]
        suspects = Hashes.of(hashes)
        n_junk, n_good = np.zeros((2, len(suspects.table)), np.int64)
        shared.tally(telling[~good], 1, suspects, n_junk)
        shared.tally(telling[good], 1, suspects, n_good)
        there = np.flatnonzero(suspects.table)
        n_good[there] += np.maximum(n_texts(suspects.table[there]) - 1, 0)
        learned = np.flatnonzero((n_junk >= LEAST_JUNK) & (n_good * 1000 < GOOD * (n_junk + n_good)))
        if not len(learned):
            return boilerplate, letters, earlier
        more = pa.table({"seed": suspects.table[learned], "junk": n_junk[learned], "good": n_good[learned]})
        evidence = pa.concat_tables([earlier, more]).sort_by("seed")
        boilerplate = Hashes.of(evidence.column("seed").to_numpy())
        return boilerplate, again(Hashes.of(suspects.table[learned])), evidence

    return learn


def _repeated(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Those that are there at least `LEAST_JUNK` times, each once; the others are overwritten."""
    hashes.sort()
    return hashes[: kernels.repeated(hashes, LEAST_JUNK)].copy()


def weighty(letters: Index, texts: Texts) -> Index:
    """Letters to count coverage by: of a text that is all boilerplate, a scrap left over must not count as the whole."""
    return np.maximum(np.maximum(letters, np.minimum(texts.n_letters, LEAST_LETTERS)), 1)
