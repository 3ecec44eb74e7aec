"""Story or not: which loci the edition keeps.

At every locus some copies have a token and others do not: somebody dropped a word, or somebody added one. The texts are
judged paragraph by paragraph (sentence by sentence where no copy keeps paragraphs): is it story? and then, among the copies
that have the paragraph, word by word. Votes decide where they are clear; where they are not, the evidence is added up in log
odds: the votes, tempered because copies err together; the look of the block (`boilerplate`); the traces of a loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.blocks import Block, judge
from copydesk.edit.boilerplate import look
from copydesk.edit.evidence import Evidence
from copydesk.edit.habits import KINDS
from copydesk.edit.keepers import paragraph_odds
from copydesk.edit.looks import look_of_words
from copydesk.edit.odds import CLEAR, LOST_WORDS, SPACES_LEFT, TOGETHER, vote_odds
from copydesk.edit.spaces import separator_of, spaces_left
from copydesk.edit.tally import rows_from, within
from copydesk.edit.units import Units, divide

if TYPE_CHECKING:
    from copydesk.model import Flags, Index, Weights

BLOCK = 4  # tokens: from here on a block's look tells something
PARTED = 3  # tokens that a copy may have run together with the one beside them
HEADING = "heading"
HABIT = 3.0  # log odds: words of a kind that the copy without them is known to drop


@dataclass(frozen=True, slots=True)
class Choice:
    """Which loci the edition keeps (`(n_loci,)`), the log odds of each being story, and the blocks in dispute, in order.

    `lost` marks loci at which a copy without the words has the spaces around them left, `weighed` those where it was asked
    whether the word fits where it stands (`alone`), `parted` the first of headlines that follow upon other text of the site.
    """

    keep: Flags
    odds: Weights
    blocks: tuple[Block, ...]
    lost: Flags
    weighed: Flags
    parted: Flags


def choose(evidence: Evidence) -> Choice:
    """Judges every locus."""
    votes, weights, n_loci = evidence.votes, evidence.weights, evidence.collation.n_loci
    units = divide(evidence)
    loss, _ = _loss(evidence, units.starts, units.ends, units.reached & ~units.anywhere, of_words=False)
    blocks = judge(evidence, units, *paragraph_odds(evidence, units), loss)
    odds = np.full(len(units.starts), np.inf)
    story = np.ones(len(units.starts), bool)
    for at, block in blocks.items():
        odds[at], story[at] = block.odds, block.keep

    # who has any of the paragraph votes on its words
    trust, has_part = evidence.trust, units.part.astype(float)
    with_word: Weights = np.bincount(votes.locus, weights[votes.copy], n_loci).astype(float)
    voters, against = (has_part @ weights)[units.of], (has_part @ trust.lacks)[units.of]
    # ... but not where it broke off
    for copy in ((evidence.reach.first > 0) | (evidence.reach.end < n_loci)).nonzero()[0].tolist():
        first, end = int(evidence.reach.first[copy]), int(evidence.reach.end[copy])
        beyond = np.concatenate((np.arange(first), np.arange(end, n_loci)))
        beyond = beyond[units.part[units.of[beyond], copy]]
        voters[beyond] -= weights[copy]
        against[beyond] -= trust.lacks[copy]
    open_ = (voters > with_word).nonzero()[0]
    word_odds = np.full(n_loci, np.inf)
    word_odds[open_] = _word_odds(evidence, open_, with_word[open_], (voters - with_word)[open_], against[open_])
    lost = _judge_words(evidence, units, word_odds, open_[with_word[open_] > 0])
    # what all have is kept where some have nothing else of the paragraph
    parted = ~units.anywhere.all(axis=1) & ~units.moved
    common = (with_word >= weights.sum()) & parted[units.of]
    keep = (story[units.of] | common) & (word_odds > 0)
    weighed = np.zeros(n_loci, bool)
    in_order = tuple([blocks[at] for at in sorted(blocks)])
    return Choice(keep, np.minimum(odds[units.of], word_odds), in_order, lost, weighed, _headlines(in_order, n_loci))


def _word_odds(evidence: Evidence, loci: Index, with_word: Weights, without: Weights, against: Weights) -> Weights:
    """What the votes say of words at `loci`, where those `with_word` stand against those `without`, in log odds.

    `against` is what all who vote there say against a word that they lack.
    """
    votes, trust = evidence.votes, evidence.trust
    sizes = votes.sizes[loci]
    of, copy = np.arange(len(loci)).repeat(sizes), votes.copy[within(votes.starts[loci], sizes)]
    pro = np.bincount(of, trust.has[copy], len(loci))
    against = np.maximum(0.0, against - np.bincount(of, trust.lacks[copy], len(loci)))
    # words of a kind that some drop have a rate of their own
    of_kind = evidence.habits.of_any[loci]
    return vote_odds(np.where(of_kind, with_word, pro), np.where(of_kind, without, against), with_word + without)


def _headlines(blocks: tuple[Block, ...], n_loci: int) -> Flags:
    """Where a heading begins that is left out at the head of the text together with what stands before it."""
    parted = np.zeros(n_loci, bool)
    for before, block in pairwise(blocks):
        if block.kind == HEADING and block.position == "head" and before.end == block.start and before.kind != HEADING:
            parted[block.start] = not block.keep
    return parted


def _judge_words(evidence: Evidence, units: Units, odds: Weights, open_: Index) -> Flags:
    """Adds to `odds`, in place, what else is known of runs of words whose votes, some at loci `open_`, are not clear.

    Gives the loci at which a copy that has none of the words has more than one space instead.
    """
    rows, votes, holders = evidence.rows, evidence.votes, evidence.holders
    lost = np.zeros(len(odds), bool)
    open_ = open_[np.abs(odds[open_]) < CLEAR]
    if not len(open_):
        return lost
    breaks = (((open_[1:] - open_[:-1]) != 1) | (holders[open_[1:]] != holders[open_[:-1]])).nonzero()[0] + 1
    starts, ends = open_[np.concatenate(([0], breaks))], open_[np.concatenate((breaks, [len(open_)])) - 1] + 1
    of = units.of[starts]
    lacks = units.has[of]
    have = votes.sizes[starts]
    lacks[np.arange(len(starts)).repeat(have), votes.copy[within(votes.starts[starts], have)]] = False
    loss, spaces = _loss(evidence, starts, ends, lacks, of_words=True)
    size, n = ends - starts, units.part[of].sum(axis=1)
    gain = LOST_WORDS * (1 + TOGETHER) / (1 + TOGETHER * (n - 1)) + loss  # never as much as one vote
    if evidence.trust.rates:  # what is known of sources tells itself what they lose and what they add
        told = units.part[of] @ evidence.trust.known / np.maximum(1, n)
        gain -= (gain - loss) * np.where(evidence.habits.of_any[starts], 0.0, told)
        gain += look_of_words(evidence, starts, ends)
    for at in (size >= BLOCK).nonzero()[0].tolist():
        row = int(votes.row[votes.starts[starts[at]]])
        copy, after = int(rows.copy[row]), row + int(size[at])
        text = evidence.collation.copies[copy].text
        end = int(rows.start[after]) if after < rows.starts[copy + 1] else len(text)
        seen = look(text[int(rows.start[row]) : end].strip(), "inside")
        gain[at] += seen.odds if seen.kind not in {"caption", "heading"} else 0.0
    gain[_run_together(evidence, starts, ends, lacks, n)] = CLEAR - min(0.0, float(odds[open_].min()))
    odds[open_] += gain.repeat(size)
    lost[open_] = spaces.repeat(size)
    return lost


def _run_together(evidence: Evidence, starts: Index, ends: Index, lacks: Flags, n: Index) -> Flags:
    """Which runs of loci `[starts, ends)` a copy that `lacks` them has after all, in one word with the word beside them.

    Nothing is dropped there or added: `read` tells how the letters are divided. `n[r]` copies have a part of the paragraph.
    """
    rows, texts = evidence.rows, evidence.collation.form_text
    found = np.zeros(len(starts), bool)
    short = ((ends - starts <= PARTED) & lacks.any(axis=1)).nonzero()[0]
    if not len(short):
        return found
    letters = evidence.forms.size
    first = evidence.votes.row[evidence.votes.starts[starts[short]]]  # of the run, in the first copy that has it
    size = (ends - starts)[short]
    after, of = first + size, np.arange(len(short)).repeat(size)
    own = np.bincount(of, letters[rows.form[within(first, size)]])  # letters of the run
    other = rows_from(rows, lacks[short].argmax(axis=1), starts[short])
    last = len(rows.form) - 1
    for mine, theirs, begin, end, locus in (
        (np.minimum(after, last), np.minimum(other, last), first, after + 1, ends[short]),
        (np.maximum(first - 1, 0), np.maximum(other - 1, 0), first - 1, after, starts[short] - 1),
    ):
        beside = (rows.locus[mine] == locus) & (rows.locus[theirs] == locus) & (begin >= 0) & (end <= last + 1)
        beside &= letters[rows.form[theirs]] == own + letters[rows.form[mine]]
        for at in beside.nonzero()[0].tolist():
            whole = "".join(texts[form] for form in rows.form[begin[at] : end[at]].tolist())
            voters = int(evidence.votes.sizes[rows.locus[mine[at]]])
            if voters == n[short[at]] and whole.casefold() == texts[rows.form[theirs[at]]].casefold():
                found[short[at]] |= _only_two(evidence, int(starts[short[at]]), int(mine[at]), int(theirs[at]))
    return found


def _only_two(evidence: Evidence, locus: int, part: int, whole: int) -> bool:
    """Whether those who have a locus read as the row `part` beside it, and all others there as the row `whole`."""
    votes, rows = evidence.votes, evidence.rows
    there = slice(*votes.starts[rows.locus[part] : rows.locus[part] + 2].tolist())
    key = votes.key[there]
    own = votes.copy[there][key == rows.key[part]].tolist()
    return own == votes.copy[slice(*votes.starts[locus : locus + 2].tolist())].tolist() and bool(
        ((key == rows.key[part]) | (key == rows.key[whole])).all()
    )


def _loss(evidence: Evidence, starts: Index, ends: Index, lacks: Flags, *, of_words: bool) -> tuple[Weights, Flags]:
    """What says that copies have lost the runs of loci `[starts, ends)`, in log odds; `lacks[r, c]`: `c` lacks run `r`.

    More spaces than one where the words would be, and all of them of a kind that the copy drops: the mean over who lacks them.
    Gives also which runs one of them has such spaces for.
    """
    known = evidence.habits
    run, copy = lacks.nonzero()
    if of_words:
        gap = spaces_left(evidence, copy, starts[run], ends[run])
    else:  # a copy may have words of the paragraph
        gap = evidence.separators.gap[separator_of(evidence, copy, starts[run])]
    told = SPACES_LEFT * gap
    if known.drops.any():
        of_kind: Index = np.concatenate((np.zeros((len(KINDS), 1), np.int64), known.of_kind.cumsum(axis=1)), axis=1)
        whole = of_kind[:, ends] - of_kind[:, starts] == ends - starts
        told += HABIT * (whole[:, run] & known.drops[:, copy]).any(axis=0)
    loss = np.bincount(run, told, len(starts))
    mean: Weights = loss / np.maximum(1, np.bincount(run, minlength=len(starts)))
    return mean, np.bincount(run[gap], minlength=len(starts)) > 0
