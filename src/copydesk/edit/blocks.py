"""Story or not, paragraph by paragraph: each that not all copies have is a block, and is kept or left out.

The votes, the look of the block (`boilerplate`) and the traces of a loss are added up in log odds. At head and tail a run of
paragraphs that the same copies have stands or falls from a cut on.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.edit.boilerplate import Look, Position, look
from copydesk.edit.evidence import Evidence
from copydesk.edit.odds import CLEAR, LOST_WORDS
from copydesk.edit.separators import parts
from copydesk.edit.tally import rows_from
from copydesk.edit.units import Units

if TYPE_CHECKING:
    from copydesk.model import Flags, Weights

# Log odds of story:
LOST_PARAGRAPH = 0.5  # paragraphs between others are dropped more often than added
ADDED_END = -1.5  # a copy that ends where a sentence ends seldom broke off there: the other one goes on with text of the site
WORDED = -3.0  # what only the wording of a block gives, not its shape
TWICE = Look("repeated paragraph", "", -4.0)
TELLING = 40  # words of a block at an end whose look speaks for story with full weight


class Block(NamedTuple):
    """A run of loci `[start, end)` judged together: kept or not, what it looks like, and the log odds of being story."""

    start: int
    end: int
    position: Position
    keep: bool
    kind: str
    sign: str
    odds: float


def judge(evidence: Evidence, units: Units, odds: Weights, loss: Weights) -> dict[int, Block]:
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


def _runs(units: Units, disputed: Flags, head_end: int) -> list[list[int]]:
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
