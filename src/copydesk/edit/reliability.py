"""What a corpus tells of its sources, learned from what many stories show and no gold: a function a matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from copydesk.edit.habits import KINDS
from copydesk.edit.keepers import keepers, shared
from copydesk.edit.lacunae import BROKEN_OFF, ENOUGH
from copydesk.edit.moved import movers
from copydesk.edit.observe import Observed
from copydesk.edit.rates import rates
from copydesk.model import Known, Rate

RECURS = 3  # stories: what stands in so many is of the site


def learn(observed: Iterable[Observed], earlier: Mapping[str, tuple[Rate, ...]] | None = None) -> Known:
    """What the stories of a sample say together. `earlier` are rates that were learned before: these stories add to them."""
    stories, before = list(observed), dict(earlier or {})
    words = rates([story.words for story in stories], before)
    of_each = (
        words.rates,
        _habits(stories, before),
        keepers([story.kept for story in stories if story.kept is not None], before),
        movers([story.moved for story in stories], before),
    )
    named = sorted(before.keys() | {name for own in of_each for name in own})
    return Known(
        rates={name: tuple([rate for own in of_each for rate in own.get(name, ())]) for name in named},
        mean=(*words.mean, *shared([story.kept for story in stories if story.kept is not None])),
        familiar=words.familiar.tobytes(),
        telling=words.telling,
        recurring=_recurring(stories),
    )


def _habits(stories: Sequence[Observed], before: Mapping[str, tuple[Rate, ...]]) -> dict[str, list[Rate]]:
    """How many words of the kinds that some sources drop each has dropped, and how many texts it has broken off."""
    n, of = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for name, known in before.items():
        for rate in known:
            n[name, rate.kind] += round(rate.n)
            of[name, rate.kind] += round(rate.of)
    for story in stories:
        for name, kinds in story.habits.items():
            for kind, (dropped, chances) in kinds.items():
                n[name, kind] += dropped
                of[name, kind] += chances
    told: dict[str, list[Rate]] = {}
    for name, kind in sorted(of):
        if kind in KINDS or (kind == BROKEN_OFF and of[name, kind] >= ENOUGH):
            told.setdefault(name, []).append(Rate(kind, n[name, kind], of[name, kind]))
    return told


def _recurring(stories: Sequence[Observed]) -> dict[int, int]:
    """The paragraphs that recur, and in how many stories."""
    n = Counter[int]()
    for story in stories:
        n.update(story.paragraphs)
    return {paragraph: times for paragraph, times in sorted(n.items()) if times >= RECURS}
