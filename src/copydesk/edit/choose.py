"""Story or not: which loci the edition keeps.

At every locus some copies have a token and others do not: somebody dropped a word, or somebody added one. The texts are
judged paragraph by paragraph (sentence by sentence where no copy keeps paragraphs): is it story? and then, among the copies
that have the paragraph, word by word. Votes decide where they are clear; where they are not, the evidence is added up in log
odds: the votes, tempered because copies err together; the look of the block (`boilerplate`); the traces of a loss.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from copydesk.edit.boilerplate import Look, Position, look
from copydesk.edit.evidence import Evidence
from copydesk.edit.habits import KINDS
from copydesk.edit.separators import parts
from copydesk.edit.tally import Ballots, rows_from

if TYPE_CHECKING:
    from copydesk.model import Flags, Index, Weights

Votes = TypeVar("Votes", float, "Weights")

# One vote: a copy omits a word of the story, or adds one of its own, at 1 place in 20.
VOTE = math.log(0.95 / 0.05)
# Votes of n copies count as n / (1 + TOGETHER * (n - 1)): copies of one source, or of one another, err together.
TOGETHER = 0.3
CLEAR = 2.5  # log odds from which votes need no other evidence, and a paragraph is taken for story without dispute
BLOCK = 4  # tokens: from here on a block's look tells something

# Priors, in log odds of story where one copy has what another lacks:
LOST_WORDS = 1.0  # words inside a paragraph are dropped more often than added
LOST_PARAGRAPH = 0.5  # so are paragraphs between others
ADDED_END = -1.5  # a copy that ends where a sentence ends seldom broke off there: the other one goes on with text of the site
HABIT = 3.0  # words of a kind that the copy without them is known to drop
SUREST = 5.3  # no choice is given as surer than .995
WORDED = -3.0  # log odds that only the wording of a block gives, not its shape
REPEATABLE = 8  # tokens: a shorter paragraph may well say the same twice
TWICE = Look("repeated paragraph", "", -4.0)
TELLING = 40  # words of a block at an end whose look speaks for story with full weight
SPACES_LEFT = 3.0  # more white space than elsewhere where one copy has words and another none


class Block(NamedTuple):
    """A run of loci `[start, end)` judged together: kept or not, what it looks like, and the log odds of being story."""

    start: int
    end: int
    position: Position
    keep: bool
    kind: str
    sign: str
    odds: float


@dataclass(frozen=True, slots=True)
class Choice:
    """Which loci the edition keeps (`(n_loci,)`), the log odds of each being story, and the blocks in dispute, in order.

    `lost` marks loci at which a copy without the words has the spaces around them left.
    """

    keep: Flags
    odds: Weights
    blocks: tuple[Block, ...]
    lost: Flags


def vote_odds(present: Votes, absent: Votes) -> Votes:
    """The log odds that what `present` have and `absent` lack is of the story, from the votes alone; of arrays one by one."""
    n = present + absent
    return VOTE * (present - absent) / (1 + TOGETHER * (n - 1) * (n > 1))


@functools.lru_cache(1 << 10)
def probability(odds: float) -> float:
    """The probability of log odds, rounded, never below one half: what is less likely is not chosen."""
    return round(1 / (1 + math.exp(-min(max(odds, 0.0), SUREST))), 3)


def choose(evidence: Evidence) -> Choice:
    """Judges every locus."""
    votes, weights, n_loci = evidence.votes, evidence.weights, evidence.collation.n_loci
    units = _units(evidence)
    reaches = (evidence.reach.first[None, :] < units.ends[:, None]) & (evidence.reach.end[None, :] > units.starts[:, None])
    lacks = reaches & ~units.has & ~units.elsewhere
    # who has a part of it votes in part
    present: Weights = np.where(units.has | units.elsewhere, 1.0, units.share) @ weights
    absent: Weights = (lacks * (1 - units.share)) @ weights
    loss, _ = _loss(evidence, units.starts, units.ends, lacks)
    blocks = _judge(evidence, units, vote_odds(present, absent), loss)
    odds = np.full(len(units.starts), np.inf)
    story = np.ones(len(units.starts), bool)
    for at, block in blocks.items():
        odds[at], story[at] = block.odds, block.keep

    # who has any of the paragraph votes on its words
    with_word: Weights = np.add.reduceat(weights[votes.copy], votes.starts[:-1])
    voters: Weights = ((units.share > 0) @ weights)[units.of]
    # ... but not where it broke off
    for copy in np.flatnonzero((evidence.reach.first > 0) | (evidence.reach.end < n_loci)).tolist():
        first, end = int(evidence.reach.first[copy]), int(evidence.reach.end[copy])
        beyond = np.concatenate((np.arange(first), np.arange(end, n_loci)))
        voters[beyond[units.share[units.of[beyond], copy] > 0]] -= weights[copy]
    without = np.maximum(0.0, voters - with_word)
    word_odds = vote_odds(with_word, without)
    word_odds[without == 0] = np.inf
    lost = _judge_words(evidence, units, word_odds, with_word > 0)
    # what all have is kept, whatever stands around it
    common = (with_word >= weights.sum()) & ~units.moved[units.of]
    keep = (story[units.of] | common) & (word_odds > 0)
    return Choice(keep, np.minimum(odds[units.of], word_odds), tuple(blocks[at] for at in sorted(blocks)), lost)


@dataclass(frozen=True, slots=True)
class _Units:
    """Paragraphs as runs of loci `[starts[u], ends[u])`; `of` gives the unit of each locus.

    `has[u, c]`: copy `c` has the paragraph here, `elsewhere[u, c]`: at another place, to which (or from which) it was moved.
    `moved[u]`: this is that other place; `repeated[u]`: it says what an earlier one says that the same copies have.
    `share[u, c]`: how much of it, of the copy that has most.
    """

    starts: Index
    ends: Index
    of: Index
    has: Flags
    share: Weights
    elsewhere: Flags
    moved: Flags
    repeated: Flags


def _units(evidence: Evidence) -> _Units:
    collation, votes = evidence.collation, evidence.votes
    n_copies, n_loci = len(collation.copies), collation.n_loci
    moves = [locus for move in collation.moves for locus in (move.start, move.end, move.to_start, move.to_end)]
    edges = [edge for placed in collation.loci if len(placed) for edge in (int(placed[0]), int(placed[-1]) + 1)]
    parted = sorted({0, *evidence.paragraphs.begins.nonzero()[0].tolist(), *moves, *edges})
    starts = np.array([edge for edge in parted if edge < n_loci], np.int64)
    ends = np.concatenate((starts[1:], [n_loci]))[: len(starts)]
    of = np.repeat(np.arange(len(starts)), ends - starts)
    # who has the paragraph: at least half as much of it as who has most, of what is not one copy's own
    solid = (2 * votes.sizes >= np.maximum.reduceat(votes.sizes, starts)[of])[votes.locus]
    shape = len(starts), n_copies
    count = np.bincount((of[votes.locus] * n_copies + votes.copy)[solid], minlength=shape[0] * shape[1]).reshape(shape)
    share = count / np.maximum(1, count.max(axis=1, keepdims=True))
    has = share >= 0.5
    moved, elsewhere = np.zeros(len(starts), bool), np.zeros_like(has)
    for move in collation.moves:
        here = slice(*np.searchsorted(starts, (move.start, move.end)).tolist())
        there = slice(*np.searchsorted(starts, (move.to_start, move.to_end)).tolist())
        moved[there] = ~(has[there] & has[here].any(axis=0)).any(axis=1)
        elsewhere[here] |= has[there].any(axis=0)
    return _Units(starts, ends, of, has, share, elsewhere, moved, _repeated(votes, starts, ends, has))


def _repeated(votes: Ballots, starts: Index, ends: Index, has: Flags) -> Flags:
    """Which units say what an earlier one says that all copies of the later one have too."""
    keys = votes.key[votes.starts[:-1]]
    repeated = np.zeros(len(starts), bool)
    seen: dict[bytes, int] = {}
    for unit in np.flatnonzero(ends - starts >= REPEATABLE).tolist():
        first = seen.setdefault(keys[starts[unit] : ends[unit]].tobytes(), unit)
        repeated[unit] = first != unit and not (has[unit] & ~has[first]).any()
    return repeated


def _judge(evidence: Evidence, units: _Units, odds: Weights, loss: Weights) -> dict[int, Block]:
    """The blocks of the units that not all copies have. At head and tail a run of units stands or falls from a cut on."""
    have = (units.has | units.elsewhere).sum(axis=1)
    disputed = (have < units.has.shape[1]) | units.moved
    firm = np.flatnonzero(~disputed | ((odds > CLEAR) & (have > 1)))
    head_end, tail_start = (int(firm[0]), int(firm[-1])) if len(firm) else (0, len(odds))
    begins = evidence.paragraphs.begins
    # what stands next to the story without a break is a part of its sentence
    within = [[head_end - 1]] if head_end and not begins[units.starts[head_end]] else []
    within += [[tail_start + 1]] if tail_start + 1 < len(odds) and not begins[units.starts[tail_start + 1]] else []
    blocks = {
        at: Block(int(units.starts[at]), int(units.ends[at]), "inside", False, "moved", "", -CLEAR)
        for at in units.moved.nonzero()[0].tolist()
    }
    rows, copies, alone = evidence.rows, np.arange(units.has.shape[1])[:, None], (odds + loss).tolist()
    firsts, lasts = rows_from(rows, copies, units.starts).T, rows_from(rows, copies, units.ends).T
    for run in _runs(units, disputed & ~units.moved, head_end):
        position: Position = "head" if run[0] < head_end else "tail" if run[-1] > tail_start else "inside"
        texts = [_text(evidence, units.share[at].tolist(), firsts[at].tolist(), lasts[at].tolist()) for at in run]
        looks = [TWICE if units.repeated[at] else look(text, position) for at, text in zip(run, texts, strict=True)]
        if position == "inside":
            totals = [alone[at] + seen.odds + LOST_PARAGRAPH for at, seen in zip(run, looks, strict=True)]
            keeps = [total > 0 for total in totals]
        elif run in within and looks[0].odds > WORDED:
            totals = [alone[run[0]] + LOST_WORDS]
            keeps = [totals[0] > 0]
        else:
            scores = [alone[at] + _weight_at_end(seen, text) for at, seen, text in zip(run, looks, texts, strict=True)]
            keeps, totals = _cut(scores, from_head=position == "head")
        for at, seen, keep, total in zip(run, looks, keeps, totals, strict=True):
            blocks[at] = Block(int(units.starts[at]), int(units.ends[at]), position, keep, seen.kind, seen.sign, total)
    return blocks


def _runs(units: _Units, disputed: Flags, head_end: int) -> list[list[int]]:
    """Units side by side that the same copies have; those of the head end where the story begins."""
    runs: list[list[int]] = []
    for at in disputed.nonzero()[0].tolist():
        if runs and runs[-1][-1] == at - 1 and at != head_end and (units.has[at] == units.has[at - 1]).all():
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _weight_at_end(seen: Look, text: str) -> float:
    """What a look weighs at the head or the tail, where a few words that look like story tell little."""
    return seen.odds * min(1.0, len(text.split()) / TELLING) if seen.odds > 0 else seen.odds


def _cut(scores: list[float], *, from_head: bool) -> tuple[list[bool], list[float]]:
    """Which units at an end of the text to keep: those nearest to it, up to the cut with the highest sum of odds.

    Gives for each unit whether it is kept, and the odds of the side it is on.
    """
    near = scores[::-1] if from_head else scores
    sums = list(accumulate([ADDED_END, *near]))
    sums[0] = 0.0
    cut = sums.index(max(sums))
    kept, dropped = sums[cut], sums[-1] - sums[cut]
    keeps = [i < cut for i in range(len(near))]
    totals = [kept if keep else min(dropped, ADDED_END if cut == 0 else 0.0) for keep in keeps]
    return (keeps[::-1], totals[::-1]) if from_head else (keeps, totals)


def _text(evidence: Evidence, share: list[float], firsts: list[int], ends: list[int]) -> str:
    """The text of a unit in the copy that has it whole and adds least; of several the one with most letters.

    Copy `c` has `share[c]` of it, in rows `[firsts[c], ends[c])`.
    """
    rows, separators, least = evidence.rows, evidence.separators.text, min(0.9, max(share))
    found: list[tuple[int, str]] = []
    for copy, (part, first, end) in enumerate(zip(share, firsts, ends, strict=True)):
        if part >= least:
            before, after = separators[int(rows.before[first])], separators[int(rows.after[end - 1])]
            start, stop = int(rows.start[first]) - len(parts(before)[2]), int(rows.end[end - 1]) + len(parts(after)[0])
            found.append((end - first, evidence.collation.copies[copy].text[start:stop].strip()))
    return min(found, key=lambda one: (one[0], -len(one[1])), default=(0, ""))[1]


def _judge_words(evidence: Evidence, units: _Units, odds: Weights, voted: Flags) -> Flags:
    """Adds to `odds`, in place, what else is known of runs of words whose votes are not clear.

    Gives the loci at which a copy that has none of the words has more than one space instead.
    """
    rows, votes, holders = evidence.rows, evidence.votes, evidence.holders
    lost = np.zeros(len(odds), bool)
    open_ = ((np.abs(odds) < CLEAR) & voted).nonzero()[0]
    if not len(open_):
        return lost
    breaks = (((open_[1:] - open_[:-1]) != 1) | (holders[open_[1:]] != holders[open_[:-1]])).nonzero()[0] + 1
    starts, ends = open_[np.concatenate(([0], breaks))], open_[np.concatenate((breaks, [len(open_)])) - 1] + 1
    of = units.of[starts]
    lacks = units.has[of]
    run = np.full(len(odds), -1, np.int64)
    run[starts] = np.arange(len(starts))
    ballots = (run[votes.locus] >= 0).nonzero()[0]
    lacks[run[votes.locus[ballots]], votes.copy[ballots]] = False
    loss, spaces = _loss(evidence, starts, ends, lacks)
    n = (units.share > 0).sum(axis=1)[of]
    gain = LOST_WORDS * (1 + TOGETHER) / (1 + TOGETHER * (n - 1)) + loss  # never as much as one vote
    size = ends - starts
    for at in (size >= BLOCK).nonzero()[0].tolist():
        row = int(votes.row[votes.starts[starts[at]]])
        copy, after = int(rows.copy[row]), row + int(size[at])
        text = evidence.collation.copies[copy].text
        end = int(rows.start[after]) if after < rows.starts[copy + 1] else len(text)
        seen = look(text[int(rows.start[row]) : end].strip(), "inside")
        gain[at] += seen.odds if seen.kind not in {"caption", "heading"} else 0.0
    odds[open_] += np.repeat(gain, size)
    lost[open_] = np.repeat(spaces, size)
    return lost


def _loss(evidence: Evidence, starts: Index, ends: Index, lacks: Flags) -> tuple[Weights, Flags]:
    """What says that copies have lost the runs of loci `[starts, ends)`, in log odds; `lacks[r, c]`: `c` lacks run `r`.

    More than one space where the words would be, and all of them of a kind that the copy drops: the mean over who lacks them.
    Gives also which runs one of them has such spaces for.
    """
    rows, known = evidence.rows, evidence.habits
    run, copy = lacks.nonzero()
    gap = evidence.separators.gap[rows.between[rows_from(rows, copy, starts[run]) + copy]]
    told = SPACES_LEFT * gap
    if known.drops.any():
        of_kind: Index = np.concatenate((np.zeros((len(KINDS), 1), np.int64), known.of_kind.cumsum(axis=1)), axis=1)
        whole = of_kind[:, ends] - of_kind[:, starts] == ends - starts
        told += HABIT * (whole[:, run] & known.drops[:, copy]).any(axis=0)
    loss = np.bincount(run, told, len(starts))
    mean: Weights = loss / np.maximum(1, lacks.sum(axis=1))
    return mean, np.bincount(run[gap], minlength=len(starts)) > 0
