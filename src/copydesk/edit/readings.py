"""Which word to read at each locus: votes first; of readings with equal votes the one that the story itself supports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.tally import Ballots, copy_marks, most
from copydesk.model import Collation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from copydesk.model import Index

    Weight = NDArray[np.float64]

SLIGHT = 1e-3  # what decides between readings of equal weight weighs less than any vote
KNOWN = 2.0  # a word that the copies have elsewhere too
MIXED = -2.0  # letters and digits in one word, as misread print has
INVISIBLE = -2.0  # soft hyphens and the like
ACCENTED = 1.0  # marks are lost more often than added
SHOUTED = -0.5  # capitals throughout
CAPITAL = 0.25  # capitals are lost more often than added


@dataclass(frozen=True, slots=True)
class Words:
    """The reading at each locus, arrays of shape `(n_loci,)`, and where loci are one place.

    `form` is the spelling chosen, `weight` that of the copies that have this word, `second` that of the next word's;
    `agreed` tells that all copies with a word there spell it alike. Loci `[starts[r], ends[r])` are one place: the same
    copies are for and against at each of them. `decided` is what tipped the scale where votes are equal, in log odds.
    """

    form: Index
    weight: Weight
    second: Weight
    agreed: NDArray[np.bool_]
    starts: Index
    ends: Index
    decided: Weight


def read(collation: Collation, votes: Ballots, weights: Weight, keep: NDArray[np.bool_]) -> Words:
    """Reads every locus; those of one place, kept or not kept, are read from the same copies."""
    weight = weights[votes.copy]
    marks = copy_marks(np.arange(len(weights)))[votes.copy]
    forms = most(votes.starts, votes.form, votes.copy, weight)
    agreed = forms.n_values == 1
    whole = agreed & (np.diff(votes.starts) == len(weights))
    at = votes.starts[:-1]
    go_on = (keep[1:] == keep[:-1]) & ~whole[1:] & ~whole[:-1]
    if go_on.any():
        split = np.add.reduceat(marks * (forms.first.astype(np.uint64) + np.uint64(1)), at)
        who = np.add.reduceat(marks, at)
        go_on &= (split[1:] == split[:-1]) | (~keep[1:] & (who[1:] == who[:-1]))
    starts = np.flatnonzero(np.concatenate(([True], ~go_on)))
    ends = np.append(starts[1:], collation.n_loci)

    keys = most(votes.starts, votes.key, votes.copy, weight)
    equal = keys.weight == keys.second
    decided = np.zeros(collation.n_loci)
    if equal.any():  # what speaks for the readings themselves is only asked where votes are equal, and of a whole place at once
        rows = np.flatnonzero(equal[votes.locus])
        place = np.repeat(np.arange(len(starts)), ends - starts)[votes.locus[rows]]
        _, pair = np.unique(place * len(weights) + votes.copy[rows], return_inverse=True)
        liked = np.bincount(pair, _support(collation, votes, rows)) / np.bincount(pair)
        tipped = weight.copy()
        tipped[rows] += SLIGHT * liked[pair]
        weighed = most(votes.starts, votes.key, votes.copy, tipped)
        decided = np.where(equal, (weighed.weight - weighed.second) / SLIGHT, 0.0)
        keys, weight = weighed._replace(weight=keys.weight, second=keys.second), tipped
    # the spelling of that word: ballots for other words weigh nothing
    form = forms.value
    if (keys.n_values != forms.n_values).any() or equal.any():
        form = most(votes.starts, votes.form, votes.copy, np.where(votes.key == keys.value[votes.locus], weight, 0.0)).value
    return Words(form, keys.weight, keys.second, agreed, starts, ends, decided)


def _support(collation: Collation, votes: Ballots, rows: Index) -> Weight:
    """What speaks for the forms of some ballots by themselves, in log odds, shape `(len(rows),)`."""
    places = np.bincount(votes.key[votes.starts[:-1]])  # loci at which each word is the first copy's reading
    forms, at = np.unique(votes.form[rows], return_inverse=True)
    own = np.array([_look(collation.form_text[form]) for form in forms.tolist()])
    known = places[np.minimum(votes.key[rows], len(places) - 1)] * (votes.key[rows] < len(places)) > 1
    return own[at] + KNOWN * known


def _look(text: str) -> float:
    """What speaks for a spelling, in log odds."""
    if len(text) < 2 or not any(c.isalpha() for c in text):
        return 0.0
    return (
        MIXED * any(c.isdigit() for c in text)
        + INVISIBLE * (not text.isprintable())
        + ACCENTED * (not text.isascii())
        + (SHOUTED if text.isupper() else CAPITAL * text[0].isupper())
    )
