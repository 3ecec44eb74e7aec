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
from copydesk.edit.tally import rows_from
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
    votes, reach, n_loci = evidence.votes, evidence.reach, evidence.collation.n_loci
    n_copies = len(evidence.weights)
    locus = np.arange(n_loci)[:, None]
    asked = (units.share > 0)[units.of] & (reach.first <= locus) & (reach.end > locus)
    asked[units.moved[units.of]] = False
    asked[asked.sum(axis=1) < 2] = False
    has = np.zeros((n_loci, n_copies), bool)
    has[votes.locus, votes.copy] = asked[votes.locus, votes.copy]
    key = np.full((n_loci, n_copies), -1, np.int64)
    key[votes.locus, votes.copy] = votes.key
    most = np.where(has, key, -1).max(axis=1, initial=-1)
    one = ~(has & (key != most[:, None])).any(axis=1)
    whole = (has == asked).all(axis=1)
    of_kind = evidence.habits.of_any

    open_ = has.any(axis=1) & ~whole & ~of_kind
    agreed = asked.any(axis=1) & whole & one & ~of_kind
    at = agreed.nonzero()[0]
    broken = np.concatenate(([False], np.diff(at) > 1)) if len(at) else np.zeros(0, bool)
    own = votes.starts[at]
    return Disputed(
        sources=tuple([copy.source for copy in evidence.collation.copies]),
        weights=evidence.weights,
        agreed=(asked & agreed[:, None]).sum(axis=0),
        text=np.insert(evidence.forms.hash[votes.form[own]], broken.nonzero()[0], np.uint32(0)),
        again=np.insert(evidence.again[votes.key[own]], broken.nonzero()[0], False),
        words=_words(evidence, _Asked(asked, has, units.of, np.where(one, -1, key.T).T), open_),
        readings=_readings(evidence, has & (~one & ~of_kind)[:, None], votes.key),
        spellings=_readings(evidence, has & one[:, None], votes.form),
    )


class _Asked(NamedTuple):
    """Who votes on each locus, and who of these has a word there, which if there are several (else -1): `(n_loci, n_copies)`.

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
    new = np.ones(len(at), bool)
    new[1:] = (np.diff(at) > 1) | (of[at[1:]] != of[at[:-1]])
    new[1:] |= (has[at[1:]] != has[at[:-1]]).any(axis=1) | (asked[at[1:]] != asked[at[:-1]]).any(axis=1)
    starts = at[new]
    size = np.diff(np.append(new.nonzero()[0], len(at)))
    several = _of_several(starts - 1, starts, who) | _of_several(starts + size, starts, who)
    kept = (size <= LONGEST) & ~several
    starts, size = starts[kept], size[kept]
    place, copy = asked[starts].nonzero()
    with_words = has[starts][place, copy]
    lacks = ~with_words
    gaps = spaces_left(evidence, copy[lacks], starts[place[lacks]], (starts + size)[place[lacks]])
    gap = np.bincount(place[lacks], gaps, len(starts)) > 0
    holder = has[starts].argmax(axis=1) if len(starts) else np.zeros(0, np.int64)
    first = rows_from(evidence.rows, holder, starts)
    sides = in_context(evidence, first, first + size - 1)
    return Places(np.repeat(np.arange(len(starts)), 2), sides, gap, copy, 2 * place + lacks)


def _of_several(beside: Index, starts: Index, who: _Asked) -> Flags:
    """Which places are the rest of a reading of several words: at the locus `beside` them those who have it read otherwise."""
    beside = np.clip(beside, 0, len(who.of) - 1)
    has, key = who.has[starts], who.key[beside]
    least, most = (np.where(has, key, fill) for fill in (np.iinfo(np.int64).max, -2))
    own = most.max(axis=1, initial=-2)
    alike = (least.min(axis=1, initial=np.iinfo(np.int64).max) == own) & (own >= 0)
    others = who.asked[starts] & ~has
    shared = (others & (key == own[:, None])).any(axis=1)
    rest: Flags = alike & ~shared & (others & (key >= 0)).any(axis=1)
    return rest


def _readings(evidence: Evidence, has: Flags, value: Index) -> Places:
    """Loci at which those who have a word, `(n_loci, n_copies)`, differ in its `value`, that of a ballot; each is a side."""
    votes = evidence.votes
    at = has[votes.locus, votes.copy].nonzero()[0]
    own = votes.locus[at] * (int(value.max(initial=0)) + 1) + value[at]
    _, first, side = np.unique(own, return_index=True, return_inverse=True)
    locus = votes.locus[at[first]]
    differs = np.bincount(locus, minlength=len(votes.sizes)) > 1
    # only places in dispute, numbered through
    ballots = differs[votes.locus[at]]
    number = np.cumsum(differs[locus]) - 1
    first = first[differs[locus]]
    rows = votes.row[at[first]]
    place = (np.cumsum(differs) - 1)[locus[differs[locus]]]
    sides = in_context(evidence, rows, rows)
    return Places(place, sides, np.zeros(0, bool), votes.copy[at[ballots]], number[side[ballots]])


def in_context(evidence: Evidence, first: Index, last: Index) -> InContext:
    """Runs of rows, each of one copy, from `first` to `last`."""
    rows, hashes = evidence.rows, evidence.forms.hash
    after = np.minimum(last + 1, len(rows.form) - 1)
    left = hashes[rows.form[first - 1]] * (rows.token[first] > 0)
    right = hashes[rows.form[after]] * (rows.token[after] > rows.token[last])
    return InContext(left, hashes[rows.form[first]], hashes[rows.form[last]], right, evidence.again[rows.key[first]])
