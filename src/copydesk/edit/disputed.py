"""What one story tells of how its sources treat words: the places where its copies do not agree, and how often they do.

Nothing is decided here. A place is a run of words that some have and others lack, or words that stand for one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from copydesk.edit.evidence import Evidence
from copydesk.edit.familiar import InContext
from copydesk.edit.spaces import spaces_left
from copydesk.edit.tally import differ, grouped, of_ballots, rows_from
from copydesk.edit.units import Units

if TYPE_CHECKING:
    from copydesk.edit.familiar import Hashes
    from copydesk.model import Flags, Index, Weights

LONGEST = 4  # words of a place: what is longer is a block, and blocks are told from story in other ways


class Disputed(msgspec.Struct, frozen=True):
    """The places of a story in dispute, by the votes of copies of `sources`, which weigh `weights`.

    `agreed[c]` counts the words of copy `c` that all agree on, `text` is these words (hashes; 0 where they are not side by
    side), `again` which of them come again. `words` are places with words or without, `readings` those with several
    words, `spellings` those with one word that is spelt in several ways.
    """

    sources: tuple[str | None, ...]
    weights: Weights
    agreed: Index
    text: Hashes
    again: Flags
    words: Places
    readings: Places
    spellings: Places


class Places(msgspec.Struct, frozen=True):
    """Places in dispute. A ballot is that of copy `copy` for side `side`; sides are numbered through all places.

    Side `s` is of place `place[s]`. `sides` are the words of each side, or, where one has words and one has none, of each
    place; `gap` tells of such a place that a copy without the words has spaces there instead.
    """

    place: Index
    sides: InContext
    gap: Flags
    copy: Index
    side: Index


def disputed(evidence: Evidence, units: Units) -> Disputed:
    """Looks at every locus that several copies vote on."""
    votes, rows, reach, n_loci = evidence.votes, evidence.rows, evidence.reach, evidence.collation.n_loci
    n_copies, locus = len(evidence.weights), np.arange(n_loci)
    asked = (units.part & ~units.moved[:, None]).T[:, units.of]
    asked &= (reach.first[:, None] <= locus) & (reach.end[:, None] > locus)
    asked &= asked.sum(axis=0) > 1
    keys = np.full((n_copies, n_loci + 1), -1, np.int64)
    keys.ravel()[rows.place] = rows.key
    key = keys[:, :-1]
    has = asked & (key >= 0)
    most = np.where(has, key, -1).max(axis=0, initial=-1)
    one = ~(has & (key != most)).any(axis=0)
    whole = (has == asked).all(axis=0)
    of_kind = evidence.habits.of_any

    open_ = has.any(axis=0) & ~whole & ~of_kind
    agreed = asked.any(axis=0) & whole & one & ~of_kind
    at, own = agreed.nonzero()[0], votes.starts[:-1][agreed]
    number = np.arange(len(at))
    number[1:] += (at[1:] - at[:-1] > 1).cumsum()  # a 0 stands where words are not side by side
    text = np.zeros(int(number.max(initial=-1)) + 1, np.uint32)
    again = np.zeros(len(text), bool)
    text[number], again[number] = evidence.forms.hash[votes.form[own]], evidence.again[votes.key[own]]
    heard = has[votes.copy, votes.locus]
    return Disputed(
        sources=tuple([copy.source for copy in evidence.collation.copies]),
        weights=evidence.weights,
        agreed=(asked & agreed).sum(axis=1),
        text=text,
        again=again,
        words=_words(evidence, _Asked(asked, has, units.of, np.where(one, -1, key)), open_),
        readings=_readings(evidence, heard & (~one & ~of_kind)[votes.locus], votes.key),
        spellings=_readings(evidence, heard & one[votes.locus], votes.form),
    )


class _Asked(NamedTuple):
    """Who votes on each locus, and who of these has a word there, which if there are several (else -1): `(n_copies, n_loci)`.

    `of` is the unit of each locus.
    """

    asked: Flags
    has: Flags
    of: Index
    key: Index


def _words(evidence: Evidence, who: _Asked, open_: Flags) -> Places:
    """Runs of loci that the same copies have, and the same copies lack; side `2p` of place `p` has the words."""
    asked, has, of = who.asked, who.has, who.of
    at = open_.nonzero()[0]
    new, state = np.ones(len(at) + 1, bool), (asked.astype(np.int8) + has)[:, at]
    new[1:-1] = (at[1:] - at[:-1] > 1) | (of[at[1:]] != of[at[:-1]]) | (state[:, 1:] != state[:, :-1]).any(axis=0)
    edges = new.nonzero()[0]
    starts, size = at[edges[:-1]], edges[1:] - edges[:-1]
    kept = (size <= LONGEST) & ~_of_several(starts, starts + size, who)
    starts, size = starts[kept], size[kept]
    place, copy = asked[:, starts].T.nonzero()
    lacks = ~has[copy, starts[place]]
    gaps = spaces_left(evidence, copy[lacks], starts[place[lacks]], (starts + size)[place[lacks]])
    gap = np.bincount(place[lacks], gaps, len(starts)) > 0
    holder = has[:, starts].argmax(axis=0)
    first = rows_from(evidence.rows, holder, starts)
    sides = in_context(evidence, first, first + size - 1)
    return Places(np.arange(len(starts)).repeat(2), sides, gap, copy, 2 * place + lacks)


def _of_several(starts: Index, ends: Index, who: _Asked) -> Flags:
    """Which places are the rest of a reading of several words: at a locus beside them those who have it read otherwise."""
    start, beside = np.concatenate((starts, starts)), np.concatenate((starts - 1, ends))
    beside = np.minimum(np.maximum(beside, 0), len(who.of) - 1)
    has, key = who.has[:, start], who.key[:, beside]
    least, most = (np.where(has, key, fill) for fill in (np.iinfo(np.int64).max, -2))
    own = most.max(axis=0)
    alike = (least.min(axis=0) == own) & (own >= 0)
    others = who.asked[:, start] & ~has
    shared = (others & (key == own)).any(axis=0)
    rest: Flags = alike & ~shared & (others & (key >= 0)).any(axis=0)
    return rest[: len(starts)] | rest[len(starts) :]


def _readings(evidence: Evidence, has: Flags, value: Index) -> Places:
    """Loci at which those who have a word (ballots that `has` tells) differ in its `value`, a ballot's; each is a side."""
    votes = evidence.votes
    at = has.nonzero()[0]
    differs = differ(votes.locus[at], value[at], len(votes.sizes))
    at = at[differs[votes.locus[at]]]  # only places in dispute, numbered through
    place, copy = (differs.cumsum() - 1)[votes.locus[at]], votes.copy[at]
    groups = grouped(place, value[at], copy, int(differs.sum()))
    rows = votes.row[at[groups.leader]]
    side = of_ballots(groups, np.arange(len(rows)))
    return Places(groups.place, in_context(evidence, rows, rows), np.zeros(0, bool), copy, side)


def in_context(evidence: Evidence, first: Index, last: Index) -> InContext:
    """Runs of rows, each of one copy, from `first` to `last`."""
    rows, hashes = evidence.rows, evidence.forms.hash
    after = np.minimum(last + 1, len(rows.form) - 1)
    left = hashes[rows.form[first - 1]] * (rows.token[first] > 0)
    right = hashes[rows.form[after]] * (rows.token[after] > rows.token[last])
    return InContext(left, hashes[rows.form[first]], hashes[rows.form[last]], right, evidence.again[rows.key[first]])
