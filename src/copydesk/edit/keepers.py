"""Who keeps what: how often each source keeps a paragraph of the story, and how often one of the site, learned without gold.

A paragraph that some copies of a story have and others lack is of the story or of the site. Which of them, and how often each
source keeps either, tell of one another, and are estimated in turn until they agree (Dawid and Skene 1979). The majority is
where it begins; what a paragraph looks like has its say throughout; and what nearly all have is of the story.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from copydesk.edit.boilerplate import Position, look
from copydesk.edit.evidence import Evidence
from copydesk.edit.odds import together, vote_odds
from copydesk.edit.trust import SOURCES
from copydesk.edit.units import Units, texts
from copydesk.model import Rate

if TYPE_CHECKING:
    from copydesk.model import Weights

STORY, SITE = "paragraphs of the story kept", "paragraphs of the site kept"
FEWEST = 4  # copies: of three, two that err alike outvote the third
BARELY = 0.15  # share of the copies: what no more than that have is the page around the story, which next to all leave out
NEARLY_ALL = 0.8  # share of the copies: what so many have is taken for story
SURE = 6.0  # ... with these log odds
LONG = 30  # words: a paragraph weighs as the square root of its words, up to so many
ROUNDS = 2
GIVEN, KEPT, LEAKED = 10.0, 0.95, 0.05  # what a source is taken to keep of either, as if so many paragraphs had been seen
NEVER = 0.1  # no source keeps less of either, nor more than all but that
UNTOLD = (min(KEPT, 1 - NEVER), max(LEAKED, NEVER))  # what a source keeps of either of which nothing is known
SHARED = "texts of sites shared"
WORDED = -3.0  # log odds of a look from which a paragraph counts as one of a site
SEEN = 50  # texts of sites that tell whether sources share them
# Votes of n sources of which it is known what they keep count as n / (1 + ALIKE * (n - 1)): they still err together.
ALIKE = 0.1


class Kept(msgspec.Struct, frozen=True):
    """Who has the paragraphs of a story: `has[u * len(sources) + c]` is 1, or 0, or 2 where copy `c` does not reach it.

    `words` are the sizes of the paragraphs, `looks` the log odds of what they look like.
    """

    sources: tuple[str, ...]
    has: bytes
    words: tuple[int, ...]
    looks: tuple[float, ...]


def kept(evidence: Evidence, units: Units) -> Kept | None:
    """Who has the paragraphs that more than barely any copies have; None where that tells nothing of the sources."""
    sources = [copy.source for copy in evidence.collation.copies]
    if len(sources) < FEWEST or None in sources:
        return None
    has, reaches = units.anywhere, units.reached
    share = (has & reaches).sum(axis=1) / np.maximum(1, reaches.sum(axis=1))
    which = np.flatnonzero((share > BARELY) & ~units.moved)
    sizes = (units.ends - units.starts)[which]
    firm = np.flatnonzero((share[which] >= NEARLY_ALL) & (sizes >= LONG // 2))
    first, last = (int(firm[0]), int(firm[-1])) if len(firm) else (0, len(which))
    found = texts(evidence, units, which)
    positions: list[Position] = ["head" if at < first else "tail" if at > last else "inside" for at in range(len(which))]
    looks = tuple(look(text, position).odds for text, position in zip(found, positions, strict=True))
    state = np.where(reaches[which], has[which], 2).astype(np.uint8)
    return Kept(tuple(map(str, sources)), state.tobytes(), tuple(sizes.tolist()), looks)


def keepers(stories: Sequence[Kept], earlier: Mapping[str, Sequence[Rate]]) -> dict[str, tuple[Rate, ...]]:
    """What each source keeps of story and site. The order of the stories decides nothing.

    What was learned `earlier` counts as paragraphs seen before these.
    """
    before = {name: [rate for kind in (STORY, SITE) for rate in rates if rate.kind == kind] for name, rates in earlier.items()}
    before = {name: rates for name, rates in before.items() if len(rates) == 2}
    stories = sorted(stories, key=lambda story: (story.sources, story.has, story.words))
    names = sorted({name for story in stories for name in story.sources})
    if not names:
        return {name: tuple(rates) for name, rates in before.items()}
    seen = np.zeros((2, 2, len(names)))
    for at, name in enumerate(names):
        seen[:, :, at] = [(rate.n, rate.of) for rate in before.get(name, ())] or 0.0
    number = {name: at for at, name in enumerate(names)}
    states = [np.frombuffer(story.has, np.uint8) for story in stories]
    sizes = [len(story.words) for story in stories]
    firsts = [0, *accumulate(sizes)]
    state = np.concatenate(states)
    voted = (state < 2).nonzero()[0]
    of = [first + np.arange(len(own)) // len(s.sources) for first, own, s in zip(firsts[:-1], states, stories, strict=True)]
    by = [np.tile([number[name] for name in s.sources], n) for s, n in zip(stories, sizes, strict=True)]
    unit, source, has = np.concatenate(of)[voted], np.concatenate(by).astype(np.int64)[voted], state[voted] == 1
    n_units = firsts[-1]
    n_votes = np.bincount(unit, minlength=n_units)
    share = np.bincount(unit[has], minlength=n_units) / np.maximum(1, n_votes)
    looks = np.array([odds for story in stories for odds in story.looks])
    alone = looks + SURE * (share >= NEARLY_ALL)
    weight = np.sqrt(np.minimum(LONG, np.array([size for story in stories for size in story.words])))
    counts = np.zeros((2, 2, len(names)))  # story or site; kept, of how many
    odds = 8 * (share - 0.5) + looks
    for _ in range(ROUNDS):
        story = 1 / (1 + np.exp(-odds))
        for row, probability in enumerate((story, 1 - story)):
            ballots = (probability * weight)[unit]
            counts[row] = np.bincount(source[has], ballots[has], len(names)), np.bincount(source, ballots, len(names))
        counts += seen
        says = _says(_rates(counts))
        votes = np.bincount(unit, says[has.astype(np.int64), source], n_units)
        odds = np.clip(alone + votes * together(n_votes.astype(np.float64), ALIKE), -30, 30)
    return {name: tuple(rates) for name, rates in before.items()} | {
        name: tuple(Rate(kind, *map(float, counts[row, :, at].round(3))) for row, kind in enumerate((STORY, SITE)))
        for at, name in enumerate(names)
    }


def shared(stories: Sequence[Kept]) -> tuple[Rate, ...]:
    """How many paragraphs that read like a site's several sources have, of those that not all have; nothing where few tell.

    Sites that print one story each put text of their own around it; extractors that read one page keep the same text of it.
    """
    n = of = 0
    for story in stories:
        names, own = np.unique(story.sources, return_inverse=True)
        state = np.frombuffer(story.has, np.uint8).reshape(-1, len(own))[np.array(story.looks) <= WORDED]
        state = state[(state == 0).any(axis=1)]
        holders = (state == 1).astype(np.int64) @ np.eye(len(names), dtype=np.int64)[own]
        n += int(((holders > 0).sum(axis=1) > 1).sum())
        of += int(((holders > 0).sum(axis=1) > 0).sum())
    return (Rate(SHARED, n, of),) if of >= SEEN else ()


def _rates(counts: Weights) -> Weights:
    """How often each source keeps a paragraph of story or site; `counts[row]` of these are those kept, and all."""
    given = GIVEN * np.array([KEPT, LEAKED])[:, None]
    rates: Weights = np.clip((counts[:, 0] + given) / (counts[:, 1] + GIVEN), NEVER, 1 - NEVER)
    return rates


def _says(rates: Weights) -> Weights:
    """The log odds of story of what each source lacks, and of what it has."""
    kept, leaked = rates
    says: Weights = np.log(np.array(((1 - kept) / (1 - leaked), kept / leaked)))
    return says


def paragraph_odds(evidence: Evidence, units: Units) -> tuple[Weights, bool]:
    """What the votes say of each unit, in log odds of being story, and whether it is known what the sources keep.

    Who has a part of a unit votes in part. What is known of the sources weighs as much as that they are many: the mean of both.
    A copy that has lost some of what most have keeps no more of the rest, whatever its source does elsewhere.
    """
    weights, has, reaches = evidence.weights, units.anywhere, units.reached
    have, miss = np.where(has, 1.0, units.share) * weights, (reaches & ~has) * (1 - units.share) * weights
    equal: Weights = vote_odds(have.sum(axis=1), miss.sum(axis=1))
    rates = _of_copies(evidence)
    if rates is None:
        return equal, False
    size = np.where(equal > 0, units.ends - units.starts, 0)[:, None] * reaches
    own = (size * has).sum(axis=0) / np.maximum(1, size.sum(axis=0))
    rates[0] = np.maximum(rates[1], np.minimum(rates[0], own))
    says = _says(rates)
    learned = (miss @ says[0] + have @ says[1]) * together((have + miss).sum(axis=1), ALIKE)
    return (learned + equal) / 2, True


def of_several(evidence: Evidence, units: Units) -> Weights:
    """What it says of each unit that several sources have it, in log odds of being story: the more, the less they share."""
    odds = np.zeros(len(units.starts))
    told = next((rate for rate in evidence.known.mean if rate.kind == SHARED), None)
    if told is None or 2 * told.n >= told.of:
        return odds
    sources = [copy.source for copy in evidence.collation.copies]
    names = sorted({name for name in sources if name is not None})
    own = np.array([[source == name for name in names] for source in sources], np.int64).reshape(len(sources), len(names))
    several = ~units.repeated & (((units.anywhere.astype(np.int64) @ own) > 0).sum(axis=1) > 1)
    odds[several] = -np.log(2 * (told.n + 1) / (told.of + 2))
    return np.maximum(odds, 0.0)


def _of_copies(evidence: Evidence) -> Weights | None:
    """What the source of each copy keeps of story and of site; None where nothing is known of most of them."""
    if not evidence.known.rates:
        return None
    told = [_of_source(evidence.known.rates.get(copy.source or "", ())) for copy in evidence.collation.copies]
    known = sum([rates is not None for rates in told])
    return np.array([rates or UNTOLD for rates in told]).T if 2 * known > len(told) else None


@functools.lru_cache(SOURCES)
def _of_source(rates: tuple[Rate, ...]) -> tuple[float, ...] | None:
    """What a source keeps of story and of site; None where that is not known."""
    own = {rate.kind: (rate.n, rate.of) for rate in rates}
    if STORY not in own or SITE not in own:
        return None
    counts = np.array([own[STORY], own[SITE]])[:, :, None]
    return tuple(_rates(counts).ravel().tolist())
