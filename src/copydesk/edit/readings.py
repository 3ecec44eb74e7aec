"""Which word to read at each locus: votes first; of readings with equal votes the one that the story itself supports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.evidence import Evidence
from copydesk.edit.tally import SLIGHT, Ballots, Most, copy_marks, most

if TYPE_CHECKING:
    from copydesk.model import Flags, Index, Marks, Weights

KNOWN = 2.0  # a word that the copies have elsewhere too
MIXED = -2.0  # letters and digits in one word, as misread print has
INVISIBLE = -2.0  # soft hyphens and the like
DIVIDED = -8.0  # a hyphen and a break after it, as at the end of a line of print
ACCENTED = 1.0  # marks are lost more often than added
SHOUTED = -0.5  # capitals throughout
CAPITAL = 0.25  # capitals are lost more often than added


@dataclass(frozen=True, slots=True)
class Words:
    """The reading at each locus, arrays of shape `(n_loci,)`, and where loci are one place.

    `form` is the spelling chosen, `weight` that of the copies that have this word, `second` that of the next word's;
    `agreed` tells that all copies with a word there spell it alike. `keep`: the edition has a word there. Loci
    `[starts[r], ends[r])` are one place: the same copies are for and against at each of them. `decided` is what tipped the
    scale where votes are equal, in log odds.
    """

    form: Index
    keep: Flags
    weight: Weights
    second: Weights
    agreed: Flags
    starts: Index
    ends: Index
    decided: Weights


def read(evidence: Evidence, keep: Flags) -> Words:
    """Reads every locus. Loci of one place, all to be kept or none (`keep`), are read from the same copies."""
    votes, n_copies = evidence.votes, len(evidence.weights)
    reached = (votes.locus >= evidence.reach.first[votes.copy]) & (votes.locus < evidence.reach.end[votes.copy])
    weight = evidence.weights[votes.copy] * reached
    forms = most(votes.starts, votes.form, votes.copy, weight)
    agreed = forms.n_values == 1
    starts, ends = _places(votes, forms.first, agreed & (np.diff(votes.starts) == n_copies), keep)

    keys = most(votes.starts, votes.key, votes.copy, weight)
    spelt = _spelt(votes, keys.value, weight)
    equal = (keys.weight == keys.second) | (spelt.weight == spelt.second)
    decided = np.zeros(len(keep))
    if equal.any():  # what speaks for the readings themselves is only asked where votes are equal, and of a whole place at once
        place = np.repeat(np.arange(len(starts)), ends - starts)
        rows = np.flatnonzero(np.logical_or.reduceat(equal, starts)[place][votes.locus])
        _, pair = np.unique(place[votes.locus[rows]] * n_copies + votes.copy[rows], return_inverse=True)
        liked = np.bincount(pair, _support(evidence, rows)) / np.bincount(pair)
        weight[rows] += SLIGHT * liked[pair]
        tipped = most(votes.starts, votes.key, votes.copy, weight)
        spelt = _spelt(votes, tipped.value, weight)
        torn = np.where(keys.weight == keys.second, tipped.weight - tipped.second, spelt.weight - spelt.second)
        decided = np.where(equal, torn / SLIGHT, 0.0)
    kept = _whole(votes, spelt.value, keep, starts, ends)
    return Words(spelt.value, kept, keys.weight, keys.second, agreed, starts, ends, decided)


def _spelt(votes: Ballots, key: Index, weight: Weights) -> Most:
    """The votes on the spelling of the word chosen at each locus: ballots for other words weigh nothing."""
    return most(votes.starts, votes.form, votes.copy, np.where(votes.key == key[votes.locus], weight, -1.0))


def _places(votes: Ballots, first: Index, whole: Flags, keep: Flags) -> tuple[Index, Index]:
    """Runs of loci `[starts, ends)` at which the same groups of copies stand against one another.

    Either the copies are divided alike at both of two loci, or those that have the one are a side of what divides the other.
    """
    go_on = (keep[1:] == keep[:-1]) & ~whole[1:] & ~whole[:-1]
    if go_on.any():
        marks = copy_marks(votes.copy)
        split = np.add.reduceat(marks * (first.astype(np.uint64) + np.uint64(1)), votes.starts[:-1])
        who = np.add.reduceat(marks, votes.starts[:-1])
        alike = (split[1:] == split[:-1]) | (~keep[1:] & (who[1:] == who[:-1]))
        uneven = np.flatnonzero(go_on & ~alike)
        if len(uneven):
            sides = _sides(votes, first, marks, np.union1d(uneven, uneven + 1))
            alike[uneven] = np.isin(_at(who[uneven + 1], uneven), sides) | np.isin(_at(who[uneven], uneven + 1), sides)
        go_on &= alike
    starts = np.flatnonzero(np.concatenate(([True], ~go_on)))
    return starts, np.append(starts[1:], len(keep))


def _sides(votes: Ballots, first: Index, marks: Marks, loci: Index) -> Marks:
    """The marks of each group of copies that stand together at one of `loci` against others there, each with its locus."""
    among = np.zeros(len(votes.starts) - 1, bool)
    among[loci] = True
    rows = np.flatnonzero(among[votes.locus])
    rows = rows[np.lexsort((first[rows], votes.locus[rows]))]
    locus, group = votes.locus[rows], first[rows]
    starts = np.flatnonzero(np.concatenate(([True], (locus[1:] != locus[:-1]) | (group[1:] != group[:-1]))))
    of = locus[starts]
    several = np.bincount(of, minlength=len(among))[of] > 1
    return _at(np.add.reduceat(marks[rows], starts), of)[several]


def _at(marks: Marks, loci: Index) -> Marks:
    """Marks of sets of copies, each tied to a locus."""
    return marks * np.uint64(0x9E3779B97F4A7C15) + loci.astype(np.uint64)


def _whole(votes: Ballots, form: Index, keep: Flags, starts: Index, ends: Index) -> Flags:
    """`keep`, but where one side of a substitution has more words than the other, only those of the side chosen."""
    kept = keep.copy()
    size = np.diff(votes.starts)
    for at in np.flatnonzero(ends - starts > 1).tolist():
        start, end = int(starts[at]), int(ends[at])
        if not keep[start] or (size[start:end] == size[start]).all():
            continue
        widest = start + int(np.argmax(size[start:end]))
        rows = slice(votes.starts[widest], votes.starts[widest + 1])
        side = set(votes.copy[rows][votes.form[rows] == form[widest]].tolist())
        for locus in range(start, end):
            own = votes.copy[votes.starts[locus] : votes.starts[locus + 1]].tolist()
            kept[locus] = not side.isdisjoint(own)
    return kept


def _support(evidence: Evidence, rows: Index) -> Weights:
    """What speaks for the forms of some ballots by themselves, in log odds, shape `(len(rows),)`."""
    votes = evidence.votes
    same = np.flatnonzero(np.isin(votes.key, votes.key[rows]))
    n_loci = len(votes.starts) - 1
    places = np.bincount(np.unique(votes.key[same] * n_loci + votes.locus[same]) // n_loci)  # loci at which each word is read
    forms, at = np.unique(votes.form[rows], return_inverse=True)
    own = np.array([_look(evidence.collation.form_text[form]) for form in forms.tolist()])
    known = places[votes.key[rows]] > 1
    support: Weights = own[at] + KNOWN * known + DIVIDED * evidence.separators.divided[votes.after[rows]]
    return support


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
