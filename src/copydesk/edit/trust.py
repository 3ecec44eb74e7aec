"""What the vote of each copy is worth, by what is known of its source: one that seldom errs is believed against two that do."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.edit.odds import EXACT, VOTE

if TYPE_CHECKING:
    from copydesk.model import Copy, Known, Rate, Weights

OMITTED, ADDED, ALTERED, RESPELT = "words omitted", "words added", "words altered", "words respelt"
KINDS = (OMITTED, ADDED, ALTERED, RESPELT)
UNKNOWN = (1.0,) * len(KINDS)  # what a vote is worth where nothing is known of the source
USUAL = 2.0  # so many slips at the rate of all sources together are added to those of each
SMALL = 1e-6  # no rate is lower
SOURCES = 1 << 12  # sources of which is remembered what their rates come to
DOES = {OMITTED: "omits", ADDED: "adds", ALTERED: "alters", RESPELT: "respells"}


@dataclass(frozen=True, slots=True)
class Trust:
    """What a copy's vote weighs, arrays of shape `(n_copies,)`.

    `has` is that for a word it has, `lacks` that against one which it lacks, `reads` that for this word and no other,
    `spells` that for this spelling of it. `known` is 1 where the source is known, else 0. One vote is that of a copy of which
    nothing is known. `rates[copy]` names its source, and in how many words it does so once, by `KINDS`.
    """

    has: Weights
    lacks: Weights
    reads: Weights
    spells: Weights
    known: Weights
    rates: dict[str, tuple[str, tuple[float, ...]]]


def trust(copies: Sequence[Copy], known: Known, weights: Weights) -> Trust:
    """What is known of the sources of the copies, whose votes weigh `weights` by line."""
    told = [_told(known.rates.get(copy.source or "", ()), known.mean) for copy in copies]
    if not any(told):
        return Trust(weights, weights, weights, weights, np.zeros(len(copies)), {})
    worth = np.array([source.worth if source else UNKNOWN for source in told]).T.copy()
    has, lacks, reads, spells = (weights * worth * EXACT).round() / EXACT
    return Trust(
        has=has,
        lacks=lacks,
        reads=reads,
        spells=spells,
        known=np.array([source is not None for source in told], float),
        rates={copy.id: (copy.source or "", source.once) for copy, source in zip(copies, told, strict=True) if source},
    )


class _Told(NamedTuple):
    """What is known of a source: what a vote is `worth` (as in `Trust`), and in how many words it slips `once`, by `KINDS`."""

    worth: tuple[float, ...]
    once: tuple[float, ...]


@functools.lru_cache(SOURCES)
def _told(rates: tuple[Rate, ...], mean: tuple[Rate, ...]) -> _Told | None:
    """What the rates of a source, and those of all together, come to; None where some are not known."""
    own, usual = {rate.kind: rate for rate in rates}, {rate.kind: rate for rate in mean}
    if not all(kind in own for kind in KINDS):
        return None
    n, of, n_all, of_all = (
        np.array([getattr(told[kind], name) for kind in KINDS], float) for told in (own, usual) for name in ("n", "of")
    )
    log = log_rates(n, of, n_all, of_all)
    kept = np.log1p(-np.exp(log))
    return _Told(tuple(((kept - log[[1, 0, 2, 3]]) / VOTE).tolist()), tuple(np.exp(-log).tolist()))


def log_rates(n: Weights, of: Weights, n_all: Weights, of_all: Weights) -> Weights:
    """The logarithm of the rate `n` of `of`, to which some at the rate of all sources together are added."""
    mean = np.maximum((n_all + 1) / (of_all + 1000), SMALL)
    logs: Weights = np.log(np.clip((n + USUAL) / (of + USUAL / mean), SMALL, 0.5))
    return logs


def said(trust: Trust, accused: Iterable[str], does: str, others: Iterable[str], do: str) -> str:
    """Why copies are not believed against others, in words: the rate of the best of either side; nothing where one is unknown.

    `does` is the kind of slip that `accused` would have made, `do` that of the others.
    """
    one, other = _best(trust, accused, does), _best(trust, others, do)
    if one is None or other is None or one[1] >= other[1] or one[0] == other[0]:
        return ""
    verb = "" if does == do else f"{DOES[do]} "
    return f"{one[0]} {DOES[does]} 1 word in {so_many(one[1])}, {other[0]} {verb}1 in {so_many(other[1])}"


def so_many(number: float) -> str:
    """A number in two figures: more would say more than is known."""
    return f"{round(number, 1 - int(np.log10(number))):,.0f}"


def _best(trust: Trust, copies: Iterable[str], kind: str) -> tuple[str, float] | None:
    """The source that does so most seldom, and in how many words once."""
    number = KINDS.index(kind)
    known = [(trust.rates[copy][1][number], trust.rates[copy][0]) for copy in copies if copy in trust.rates]
    once, source = max(known, default=(0.0, ""))
    return (source, once) if known else None
