"""Which word to read at each locus: votes first; of readings with equal votes the one that the story itself supports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.tally import Ballots, most, who
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
    forms = most(votes.starts, votes.form, votes.copy, weight)
    same = who(votes)
    full = np.diff(votes.starts) == len(weights)
    agreed = forms.n_values == 1
    go_on = (keep[1:] == keep[:-1]) & ~(agreed & full)[1:] & ~(agreed & full)[:-1]
    go_on &= (forms.split[1:] == forms.split[:-1]) | (~keep[1:] & (same[1:] == same[:-1]))
    starts = np.flatnonzero(np.concatenate(([True], ~go_on))) if collation.n_loci else np.zeros(0, np.int64)
    ends = np.append(starts[1:], collation.n_loci)[: len(starts)]

    liked = _support(collation, votes)
    of = np.repeat(np.arange(len(starts)), ends - starts)[votes.locus]
    pair = of * len(weights) + votes.copy
    pairs, at = np.unique(pair, return_inverse=True)
    mean = np.bincount(at, liked[votes.form]) / np.maximum(1, np.bincount(at))
    tipped = weight + SLIGHT * mean[at]
    keys = most(votes.starts, votes.key, votes.copy, tipped)
    # the spelling of that word: ballots for others weigh nothing
    spelt = np.where(votes.key == keys.value[votes.locus], tipped, 0.0)
    chosen = most(votes.starts, votes.form, votes.copy, spelt)
    whole = np.floor(np.stack((keys.weight, keys.second)) + 0.5) if (weights == 1).all() else np.stack((keys.weight, keys.second))
    decided = np.where(whole[0] == whole[1], (keys.weight - keys.second) / SLIGHT, 0.0)
    return Words(chosen.value, whole[0], whole[1], agreed, starts, ends, decided)


def _support(collation: Collation, votes: Ballots) -> Weight:
    """What speaks for each form by itself, in log odds, shape `(n_forms,)`."""
    n_forms = len(collation.form_text)
    key_of = np.zeros(n_forms, np.int64)
    key_of[votes.form] = votes.key
    places = np.unique(votes.key * (collation.n_loci + 1) + votes.locus) // (collation.n_loci + 1)
    n_places = np.bincount(places, minlength=int(key_of.max()) + 1 if n_forms else 1)
    own = np.zeros(n_forms)
    for form, text in enumerate(collation.form_text):
        if len(text) < 2:
            continue
        letters = any(c.isalpha() for c in text)
        own[form] += MIXED * (letters and any(c.isdigit() for c in text))
        own[form] += INVISIBLE * (not text.isprintable())
        own[form] += ACCENTED * (letters and not text.isascii())
        own[form] += SHOUTED * text.isupper() + CAPITAL * (text[0].isupper() and not text.isupper())
    return own + KNOWN * (n_places[key_of] > 1)
