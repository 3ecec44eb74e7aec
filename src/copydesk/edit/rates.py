"""How often each source omits, adds and alters words, estimated from many stories without gold (Dawid and Skene 1979).

What the text has at a place in dispute is not known, nor is how far each source is to be trusted; but each follows from the
other. So one is guessed from the other in turns (expectation and maximisation) until nothing moves: the votes at each place
weighed by the rates of those who cast them, then the rates counted by what the text likely has. Where two copies stand one to
one, the words themselves have to tell, and what wrong words look like is learned before (`familiar`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.edit.disputed import Disputed, Places
from copydesk.edit.familiar import CELLS, InContext, cell, common, pairs, seen
from copydesk.edit.odds import LOST_WORDS, SPACES_LEFT, TOGETHER
from copydesk.edit.trust import KINDS, log_rates
from copydesk.model import Rate

if TYPE_CHECKING:
    from copydesk.edit.familiar import Hashes
    from copydesk.model import Flags, Index, Weights

FEWEST = 20  # stories: fewer tell nothing of their sources
STORIES = 2  # other stories that have a word, or two side by side, from which it is familiar
ROUNDS, STILL = 60, 1e-4  # rounds at most; the change of a rate, of its logarithm, from which nothing moves any more
FAMILIAR = 2.0  # log odds: a familiar word is right, before any is looked at
WRONG = 20.0  # so many words tell beforehand what wrong ones look like
LITTLE = 0.5  # log odds that a look may have by chance: so much less it tells of any one word
MOST_TELLING = 5.0  # log odds, at most, of a look
SHOWN = 3.0  # log likelihood, and 1 for each source that has a hundredth of all words, from which sources differ


class Learned(NamedTuple):
    """`rates` of each source and `mean`, of all; what is `familiar`; what a reading's look is worth, in log odds.

    `telling` gives under `readings` the log odds of being right by cell of `familiar.cell`, under `without` those of words
    being there whose neighbours never, or elsewhere, stand side by side.
    """

    rates: dict[str, tuple[Rate, ...]]
    mean: tuple[Rate, ...]
    familiar: Hashes
    telling: dict[str, tuple[float, ...]]


def rates(stories: Sequence[Disputed], earlier: Mapping[str, tuple[Rate, ...]]) -> Learned:
    """The rates of the sources of all stories. `earlier` are rates that were known before; they alone, of too few stories."""
    if len(stories) < FEWEST:
        stories = []
    names = sorted({name for story in stories for name in story.sources if name is not None} | earlier.keys())
    number: dict[str | None, int] = {name: at for at, name in enumerate(names)} | {None: len(names)}
    familiar = common([story.text for story in stories], STORIES)
    shape = len(KINDS), len(names) + 1
    before, chances_before = np.zeros(shape), np.zeros(shape)
    for name in names:
        for rate in earlier.get(name, ()):
            if rate.kind in KINDS:
                at = KINDS.index(rate.kind), number[name]
                before[at], chances_before[at] = rate.n, rate.of
    if not stories:
        return _learned(names, before, chances_before, familiar, {})
    words = _gathered([story.words for story in stories], stories, number, familiar)
    readings = _gathered([story.readings for story in stories], stories, number, familiar)
    chances = chances_before.copy()
    for story in stories:
        own = np.array([number[name] for name in story.sources])
        chances += np.bincount(own, story.weights * story.agreed, shape[1])
    spellings = _gathered([story.spellings for story in stories], stories, number, familiar)
    for places, kinds in ((words, [0, 1]), (readings, [0, 2]), (spellings, [0, 2, 3])):
        chances[kinds] += np.bincount(places.source, places.weight, shape[1])
    telling = _telling(words, readings, _usual(stories))
    begin = np.log(np.array([[0.004], [0.004 * np.exp(-LOST_WORDS)], [0.004], [0.004]])) + np.zeros(shape)
    slips = np.concatenate(
        (
            _settled(_words(words, telling), begin[:2], before[:2], chances[:2]),
            _settled(_readings(readings, telling["readings"][readings.cell]), begin[2:3], before[2:3], chances[2:3]),
            _settled(_readings(spellings, np.zeros(len(spellings.place))), begin[3:], before[3:], chances[3:]),
        )
    )
    clear = {name: np.sign(odds) * np.maximum(np.abs(odds) - LITTLE, 0.0) for name, odds in telling.items()}
    return _learned(names, slips, chances, familiar, {name: tuple(odds.round(3).tolist()) for name, odds in clear.items()})


def _learned(
    names: Sequence[str], slips: Weights, chances: Weights, familiar: Hashes, telling: dict[str, tuple[float, ...]]
) -> Learned:
    def told(n: Weights, of: Weights) -> tuple[Rate, ...]:
        known = zip(KINDS, n.tolist(), of.tolist(), strict=True)
        return tuple([Rate(kind, round(n, 2), round(of)) for kind, n, of in known if of])

    by_source = {name: told(slips[:, at], chances[:, at]) for at, name in enumerate(names)}
    return Learned(by_source, told(slips.sum(axis=1), chances.sum(axis=1)), familiar, telling)


class _Usual(NamedTuple):
    """How familiar words are that all agree on, and words beside the one after the next: shares by cell."""

    cells: Weights
    pair: Weights
    skip: Weights


def _usual(stories: Sequence[Disputed]) -> _Usual:
    """Of a word that all agree on one story more has it than of one in dispute: its own."""
    familiar = common([story.text for story in stories], STORIES + 1)
    cells, pair, skip = np.ones(CELLS), np.ones(2), np.ones(2)
    for story in stories:
        text = story.text
        if len(text) < 3:
            continue
        left, own, right = text[:-2], text[1:-1], text[2:]
        there = (left > 0) & (own > 0) & (right > 0)
        left, own, right = left[there], own[there], right[there]
        cells += np.bincount(cell(InContext(left, own, own, right, story.again[1:-1][there]), familiar), minlength=CELLS)
        pair += np.bincount(seen(pairs(own, right), familiar), minlength=2)
        skip += np.bincount(seen(pairs(left, right), familiar), minlength=2)
    return _Usual(cells / cells.sum(), pair / pair.sum(), skip / skip.sum())


class _Gathered(NamedTuple):
    """The places of all stories: ballots (`side`, `source`, `weight`), sides (`place`, `cell`, `skip`, `gap`)."""

    side: Index
    source: Index
    weight: Weights
    place: Index
    cell: Index
    skip: Index
    gap: Flags
    n_places: int


def _gathered(
    of: Sequence[Places], stories: Sequence[Disputed], number: Mapping[str | None, int], familiar: Hashes
) -> _Gathered:
    side, source, weight, place = [], [], [], []
    n_sides = n_places = 0
    for places, story in zip(of, stories, strict=True):
        side.append(places.side + n_sides)
        source.append(np.array([number[name] for name in story.sources], np.int64)[places.copy])
        weight.append(story.weights[places.copy])
        place.append(places.place + n_places)
        n_sides += len(places.place)
        n_places += int(places.place[-1]) + 1 if len(places.place) else 0
    sides = InContext(*map(np.concatenate, zip(*(places.sides for places in of), strict=True)))
    return _Gathered(
        side=np.concatenate(side),
        source=np.concatenate(source),
        weight=np.concatenate(weight),
        place=np.concatenate(place),
        cell=cell(sides, familiar),
        skip=seen(pairs(sides.left, sides.right), familiar).astype(np.int64),
        gap=np.concatenate([places.gap for places in of]),
        n_places=n_places,
    )


def _telling(words: _Gathered, readings: _Gathered, usual: _Usual) -> dict[str, Weights]:
    """What the look of words is worth, in log odds of being right: `readings` by cell, `without` by what stands around.

    Of several words at a place one is right, and right ones look as those do that all agree on: what is left is the look of
    wrong ones.
    """
    known = np.arange(CELLS) >= 3
    strange = usual.cells * np.exp(-FAMILIAR * known)
    left = np.bincount(readings.cell, minlength=CELLS) - readings.n_places * usual.cells
    wrong = np.maximum(left, 0.0) + WRONG * strange / strange.sum() + 1
    right = (readings.n_places + WRONG) * usual.cells + 1
    return {
        "readings": np.clip(np.log(right / right.sum()) - np.log(wrong / wrong.sum()), -MOST_TELLING, MOST_TELLING),
        "without": np.log(usual.skip / usual.pair),
    }


class _Guess(NamedTuple):
    """What follows from some rates: the slips expected, by kind and source, and the log likelihood of all places."""

    slips: Weights
    likelihood: float


def _words(places: _Gathered, telling: dict[str, Weights]) -> Callable[[Weights], _Guess]:
    """How often each source omits and adds, given rates (their logarithms) of both, shape `(2, n_sources)`."""
    has, place, share = places.side % 2 == 0, places.place[places.side], _shares(places)
    look = telling["readings"][places.cell] + telling["without"][places.skip] + SPACES_LEFT * places.gap

    def guess(log_rate: Weights) -> _Guess:
        kept = np.log1p(-np.exp(log_rate))
        of_text = np.where(has, kept[0][places.source], log_rate[0][places.source])
        foreign = np.where(has, log_rate[1][places.source], kept[1][places.source])
        there = look + np.bincount(place, share * of_text, places.n_places)
        absent = np.bincount(place, share * foreign, places.n_places)
        either = np.logaddexp(there, absent)
        likely = np.exp(there - either)[place]
        n = log_rate.shape[1]
        omitted = np.bincount(places.source, places.weight * ~has * likely, n)
        added = np.bincount(places.source, places.weight * has * (1 - likely), n)
        return _Guess(np.stack((omitted, added)), float(either.sum()))

    return guess


def _readings(places: _Gathered, look: Weights) -> Callable[[Weights], _Guess]:
    """How often each source alters, given rates (their logarithms), shape `(1, n_sources)`; `look` is that of each side."""
    share = _shares(places)

    def guess(log_rate: Weights) -> _Guess:
        wrong = log_rate[0][places.source]
        odds = np.log1p(-np.exp(wrong)) - wrong
        score = look + np.bincount(places.side, share * odds, len(places.place))
        most = np.full(places.n_places, -np.inf)
        np.maximum.at(most, places.place, score)
        powers = np.exp(score - most[places.place])
        total = np.bincount(places.place, powers, places.n_places)
        likely = (powers / total[places.place])[places.side]
        altered = np.bincount(places.source, places.weight * (1 - likely), log_rate.shape[1])
        return _Guess(altered[None, :].astype(float), float((most + np.log(total)).sum() + (share * wrong).sum()))

    return guess


def _settled(guess: Callable[[Weights], _Guess], start: Weights, before: Weights, chances: Weights) -> Weights:
    """The slips at which rates and guesses agree. Where nothing shows that sources differ, all have the rate of all.

    What says whether they do is the likelihood of the places, with rates of their own and with one for all.
    """
    found = []
    for alike in (False, True):
        log_rate, slips, likelihood = start, before, 0.0
        for _ in range(ROUNDS):
            guessed = guess(log_rate)
            slips = before + guessed.slips
            likelihood = guessed.likelihood + float((before * log_rate + chances * np.log1p(-np.exp(log_rate))).sum())
            mean = slips.sum(axis=1, keepdims=True), chances.sum(axis=1, keepdims=True)
            new = np.log((mean[0] + 1) / (mean[1] + 1000)) + 0 * start if alike else log_rates(slips, chances, *mean)
            moved = float(np.abs(new - log_rate).max())
            log_rate = new
            if moved < STILL:
                break
        found.append((slips if not alike else chances * np.exp(log_rate), likelihood))
    (own, likelihood), (common, of_common) = found
    several = int((chances[0] > chances[0].sum() / 100).sum())
    return own if likelihood - of_common > SHOWN + several else common


def _shares(places: _Gathered) -> Weights:
    """What each ballot weighs: those of one side err together."""
    n = np.bincount(places.side, places.weight, len(places.place))
    shares: Weights = places.weight / (1 + TOGETHER * np.maximum(0.0, n - 1))[places.side]
    return shares
