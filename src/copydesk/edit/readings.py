"""Which word to read at each locus: votes first; of readings with equal votes the one that the story itself supports."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.edit.context import fits
from copydesk.edit.evidence import Evidence
from copydesk.edit.looks import look_of_readings
from copydesk.edit.odds import CLEAR, EXACT, TOGETHER, VOTE, vote_odds
from copydesk.edit.tally import SLIGHT, Ballots, Groups, Most, differ, elect, grouped, of_ballots, rows_from
from copydesk.repair import kind as damaged

if TYPE_CHECKING:
    from copydesk.model import Flags, Index, Weights

MIXED = -2.0  # letters and digits in one word, as misread print has
INVISIBLE = -2.0  # letters that are not seen
MARRED = -4.0  # soft hyphens, ligatures, mojibake, entities: the word is known, and spelt worse
DIVIDED = -8.0  # a hyphen and a break after it, as at the end of a line of print
BEHEADED = -2.0  # the first word of a text without its first letter, which was set large
ACCENTED = 1.0  # marks are lost more often than added
SHOUTED = -0.5  # capitals throughout
CAPITAL = 0.25  # capitals are lost more often than added
KNOWN = 1 << 14  # spellings of which that is kept
POSITIVE = 32.0  # added to what speaks for every reading, so that none weighs less than nothing


@dataclass(frozen=True, slots=True)
class Words:
    """The reading at each locus, arrays of shape `(n_loci,)`, and where loci are one place.

    `form` is the spelling chosen, `taken` the first copy that has it, `weight` that of the copies that have this word, `second`
    that of the next word's; `agreed` tells that all copies with a word there spell it alike. `keep`: the edition has one there.
    Loci `[starts[r], ends[r])` are one place: the same copies are for and against at each of them. `decided` is what tipped
    the scale where votes are equal, in log odds. `odds` are the log odds of the word against the next one, or of its
    spelling, where sources are known, else NaN.
    """

    form: Index
    taken: Index
    keep: Flags
    weight: Weights
    second: Weights
    agreed: Flags
    starts: Index
    ends: Index
    decided: Weights
    odds: Weights


def read(evidence: Evidence, keep: Flags, parted: Flags) -> Words:
    """Reads every locus. Loci of one place, all to be kept or none (`keep`), are read from the same copies.

    Where loci are `parted` another place begins.
    """
    votes, n_loci = evidence.votes, len(keep)
    at, beyond, weight = votes.starts[:-1], _beyond(evidence), evidence.weights[votes.copy]
    weight[beyond] = 0.0
    form, taken, best = votes.form[at], votes.copy[at], np.add.reduceat(weight, at)
    second, decided = np.zeros(n_loci), np.zeros(n_loci)
    odds = np.full(n_loci, np.nan)
    agreed = ~differ(votes.locus, votes.form, n_loci)
    whole = agreed & (votes.sizes == len(evidence.weights)) & keep  # what all have and is left out is a block
    if whole.all():  # nothing to decide
        starts = np.arange(n_loci)
        return Words(form, taken, keep, best, second, agreed, starts, starts + 1, decided, odds)

    open_ = ~agreed | (best == 0)
    asked, some = open_.nonzero()[0], _ballots(evidence, open_, weight)
    of_key = grouped(some.place, some.key, some.copy, len(asked))
    spellings = some.form[of_key.order]
    many = bool((spellings != some.form[of_key.leader].repeat(of_key.sizes)).any())  # a word is spelt in several ways
    of_form = grouped(some.place, some.form, some.copy, len(asked)) if many else of_key
    if len(beyond):  # what is left of a word where a copy is cut off stands against that word, not against all that follows
        parted, cut = parted.copy(), votes.locus[beyond]
        parted[cut] = parted[np.minimum(cut + 1, n_loci - 1)] = True
    starts, ends = _places(evidence, (asked, some, of_form), whole, keep, parted)

    keys = elect(of_key, some.key, some.weight)
    if many:  # who spells a word worse than others has next to no vote on that
        some = some._replace(spelling=some.spelling * np.where(evidence.forms.marred[some.form], SLIGHT, 1.0))
    spelt = _spelt(some, of_form, keys, many)
    form[asked], taken[asked], best[asked], second[asked] = spelt.value, some.copy[spelt.leader], keys.weight, keys.second
    if evidence.trust.rates:
        several = of_form.n_values > of_key.n_values
        form[asked], taken[asked], odds[asked] = _weighed(evidence, asked, some, (of_key, keys, several), (starts, ends))
        keep = _whole(votes, form, keep, starts, ends)
        return Words(form, taken, keep, best, second, agreed, starts, ends, decided, odds)
    equal = (keys.weight == keys.second) | (spelt.weight == spelt.second)
    if equal.any():  # what speaks for the readings themselves is only asked where votes are equal
        liked = _liked(evidence, asked[equal], starts, ends)
        slight = SLIGHT * liked[some.rows] * evidence.weights[some.copy]  # of all who read alike together as of one
        some = some._replace(weight=some.weight + slight, spelling=some.spelling + slight)
        tipped = elect(of_key, some.key, some.weight)
        spelt = _spelt(some, of_form, tipped, many)
        form[asked], taken[asked] = spelt.value, some.copy[spelt.leader]
        torn = np.where(keys.weight == keys.second, tipped.weight - tipped.second, spelt.weight - spelt.second)
        decided[asked] = np.where(equal, torn / SLIGHT, 0.0)
    keep = _whole(votes, form, keep, starts, ends)
    return Words(form, taken, keep, best, second, agreed, starts, ends, decided, odds)


def _weighed(
    evidence: Evidence, asked: Index, some: _Ballots, counted: tuple[Groups, Most, Flags], places: tuple[Index, Index]
) -> tuple[Index, Index, Weights]:
    """The forms read at `asked`, who has them, and the log odds of their words, where something is known of the sources.

    Whose word it is is one question, how it is spelt another: a source may do well at the one and badly at the other. Where
    votes are not clear, what speaks for the readings themselves is added. `counted` are the ballots by words, their count, and
    where a word is spelt in several ways.
    """
    of_key, keys, many = counted
    place = some.place
    votes = evidence.weights[some.copy] * (some.weight > 0)
    n: Weights = np.bincount(place, votes, len(asked)).astype(float)
    odds = vote_odds(keys.weight, keys.second, n)
    unclear = (odds < CLEAR) & (keys.n_values > 1)
    liked = np.zeros(len(place))
    if unclear.any() or many.any():
        liked = _liked(evidence, asked[unclear | many], *places)[some.rows]
        keys = elect(of_key, some.key, some.weight + _backed(of_key, liked, n[place]) * unclear[place])
        odds[unclear] = vote_odds(keys.weight, keys.second, n)[unclear]
    odds = np.where(keys.n_values > 1, odds, np.nan)
    if not many.any():
        return some.form[keys.leader], some.copy[keys.leader], odds

    own = (some.key == keys.value[place]).nonzero()[0]
    place, form, copy, votes = place[own], some.form[own], some.copy[own], votes[own]
    of_form = grouped(place, form, copy, len(asked))
    n = np.bincount(place, votes, len(asked)).astype(float)
    weight = evidence.trust.spells[copy] * (votes > 0) * np.where(evidence.forms.marred[form], SLIGHT, 1.0)
    spelt = elect(of_form, form, weight)
    spelling = vote_odds(spelt.weight, spelt.second, n)
    unclear = (spelling < CLEAR) & (spelt.n_values > 1)
    if unclear.any():
        spelt = elect(of_form, form, weight + _backed(of_form, liked[own], n[place]) * unclear[place])
        spelling[unclear] = vote_odds(spelt.weight, spelt.second, n)[unclear]
    odds = np.where((keys.n_values == 1) & (spelt.n_values > 1), spelling, odds)
    return spelt.value, copy[spelt.leader], odds


def _backed(groups: Groups, liked: Weights, n: Weights) -> Weights:
    """What `liked` adds to the votes of each ballot: once to all that are for one value at one place, where `n` copies vote."""
    in_votes = (1 + TOGETHER * np.maximum(0.0, n - 1)) / VOTE  # of one in log odds
    votes: Weights = np.round((liked + POSITIVE) / of_ballots(groups, groups.sizes) * in_votes * EXACT) / EXACT
    return votes


def _beyond(evidence: Evidence) -> Index:
    """The ballots on loci that the copies which cast them do not reach: what is left of words. Few copies cast any."""
    votes, rows, reach, copies = evidence.votes, evidence.rows, evidence.reach, np.arange(len(evidence.weights))
    heads = rows_from(rows, copies, reach.first) == rows.starts[:-1]
    tails = rows_from(rows, copies, reach.end) == rows.starts[1:]
    if heads.all() and tails.all():
        return np.zeros(0, np.int64)
    return ((votes.locus < reach.first[votes.copy]) | (votes.locus >= reach.end[votes.copy])).nonzero()[0]


class _Ballots(NamedTuple):
    """The ballots of some loci, those of the `i`th at `place` `i`; `rows` are their numbers among all.

    `weight` is what each weighs for its word, `spelling` for how that is spelt.
    """

    rows: Index
    place: Index
    key: Index
    form: Index
    copy: Index
    weight: Weights
    spelling: Weights


def _ballots(evidence: Evidence, asked: Flags, weight: Weights) -> _Ballots:
    """The ballots of the loci that are `asked`; who has no `weight` of all ballots has none here."""
    votes = evidence.votes
    rows, sizes = asked[votes.locus].nonzero()[0], votes.sizes[asked]
    copy, place = votes.copy[rows], np.arange(len(sizes)).repeat(sizes)
    own = evidence.trust.reads[copy] * (weight[rows] > 0)
    return _Ballots(rows, place, votes.key[rows], votes.form[rows], copy, own, own)


def _liked(evidence: Evidence, equal: Index, starts: Index, ends: Index) -> Weights:
    """What speaks for each ballot on a place `[starts, ends)` where votes are `equal` at some loci: a copy's alike."""
    votes, n_copies = evidence.votes, len(evidence.weights)
    place = np.arange(len(starts)).repeat(ends - starts)
    torn = np.zeros(len(starts), bool)
    torn[place[equal]] = True
    number = (torn.cumsum() - 1)[place]  # of the torn places
    rows = torn[place][votes.locus].nonzero()[0]
    pair = number[votes.locus[rows]] * n_copies + votes.copy[rows]
    liked = np.zeros(len(votes.locus))
    liked[rows] = np.bincount(pair, _support(evidence, rows))[pair] / np.bincount(pair)[pair]
    return liked


def _spelt(some: _Ballots, of_form: Groups, keys: Most, many: bool) -> Most:
    """The votes on the spelling of the words chosen, `keys`: ballots for other words weigh nothing.

    Where `many` is false no word at any of the loci is spelt in more than one way.
    """
    if not many:
        return keys._replace(value=some.form[keys.leader], second=np.full(len(keys.value), -1.0))
    own = some.key == keys.value[some.place]
    return elect(of_form, some.form, np.where(own, some.spelling, -1.0))


def _places(
    evidence: Evidence, counted: tuple[Index, _Ballots, Groups], whole: Flags, keep: Flags, parted: Flags
) -> tuple[Index, Index]:
    """Runs of loci `[starts, ends)` at which the same groups of copies stand against one another.

    Either the copies are divided alike at both of two loci, or those that have the one are a side of what divides the other.
    `counted` are the loci in dispute, the ballots on them, and which of these vote alike.
    """
    asked, some, groups = counted
    who, begin = evidence.holders, np.ones(len(keep) + 1, bool)
    go_on = (keep[1:] == keep[:-1]) & ~(whole[1:] | whole[:-1] | parted[1:])
    if go_on.any():
        split = who.copy()  # a number for the sides that the copies take
        sides = np.add.reduceat(evidence.marks[some.copy[groups.order]], groups.starts)
        split[asked] = np.add.reduceat(sides * (groups.copy + 1).astype(np.uint64), groups.tops)
        alike = (split[1:] == split[:-1]) | (~keep[1:] & (who[1:] == who[:-1]))
        several = (groups.n_values > 1)[groups.place]
        side, of = sides[several], asked[groups.place[several]]
        alike[of[side == who.take(of + 1, mode="clip")]] = True  # none is all that have its own locus
        alike[of[side == who.take(of - 1, mode="clip")] - 1] = True
        go_on &= alike
    begin[1:-1] = ~go_on
    edges = begin.nonzero()[0]
    return edges[:-1], edges[1:]


def _whole(votes: Ballots, form: Index, keep: Flags, starts: Index, ends: Index) -> Flags:
    """`keep`, but where one side of a substitution has more words than the other, only those of the side chosen."""
    kept, size = keep.copy(), votes.sizes
    uneven = keep[1:] & (size[1:] != size[:-1])
    uneven[starts[1:] - 1] = False
    for place in sorted(set((starts.searchsorted(uneven.nonzero()[0], "right") - 1).tolist())):
        start, end = int(starts[place]), int(ends[place])
        widest = start + int(size[start:end].argmax())
        rows = slice(votes.starts[widest], votes.starts[widest + 1])
        side = set(votes.copy[rows][votes.form[rows] == form[widest]].tolist())
        for locus in range(start, end):
            own = votes.copy[votes.starts[locus] : votes.starts[locus + 1]].tolist()
            kept[locus] = not side.isdisjoint(own)
    return kept


def _support(evidence: Evidence, ballots: Index) -> Weights:
    """What speaks for the forms of some ballots by themselves, in log odds, shape `(len(ballots),)`."""
    votes, rows = evidence.votes, evidence.rows
    forms, row = votes.form[ballots].tolist(), votes.row[ballots]
    looks = [_look(evidence.collation.form_text[form]) for form in forms]
    support: Weights = np.array(looks) + DIVIDED * evidence.separators.divided[rows.after[row]]
    if evidence.known.telling:
        support += look_of_readings(evidence, ballots)
    else:
        after = np.minimum(row + 1, len(rows.key) - 1)
        left = np.where(rows.token[row] > 0, rows.key[row - 1], -1)
        right = np.where((after > row) & (rows.copy[after] == rows.copy[row]), rows.key[after], -1)
        support += fits(evidence.context, left, rows.key[row], right)
    heads = (rows.token[row] == 0).nonzero()[0]
    support[heads] += BEHEADED * np.array([_is_beheaded(evidence, int(ballot)) for ballot in ballots[heads].tolist()], bool)
    return support


def _is_beheaded(evidence: Evidence, ballot: int) -> bool:
    """Whether a word at the head of its copy is the one that others have there, without its first letter."""
    votes, texts = evidence.votes, evidence.collation.form_text
    locus, own = int(votes.locus[ballot]), texts[int(votes.form[ballot])]
    there = votes.form[votes.starts[locus] : votes.starts[locus + 1]].tolist()
    return any(len(texts[form]) == len(own) + 1 and texts[form].endswith(own) for form in there)


@functools.lru_cache(KNOWN)
def _look(text: str) -> float:
    """What speaks for a spelling, in log odds."""
    if len(text) < 2 or text.isdecimal():
        return 0.0
    if not (text.isascii() and text.isalpha()):
        return _odd_look(text)
    return SHOUTED if text.isupper() else CAPITAL * text[0].isupper()


def _odd_look(text: str) -> float:
    if not any(c.isalpha() for c in text):
        return 0.0
    return (
        MIXED * any(c.isdigit() for c in text)
        + (MARRED if damaged(text) else INVISIBLE * (not text.isprintable()) + ACCENTED * (not text.isascii()))
        + (SHOUTED if text.isupper() else CAPITAL * text[0].isupper())
    )
