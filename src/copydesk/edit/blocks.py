"""Story or not, paragraph by paragraph: each that not all copies have is a block, and is kept or left out.

The votes, the look of the block (`boilerplate`), what stands around it and the traces of a loss are added up in log odds. At
head and tail a run of paragraphs that the same copies have stands or falls from a cut on. What all copies have is a block only
where its wording says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.edit.boilerplate import SHOWN, Look, Position, heads_links, is_line, look, signs_post
from copydesk.edit.evidence import Evidence
from copydesk.edit.keepers import BARELY, of_several
from copydesk.edit.observe import fingerprint
from copydesk.edit.odds import CLEAR, LOST_WORDS
from copydesk.edit.units import Units, texts

if TYPE_CHECKING:
    from copydesk.model import Flags, Index, Weights

# Log odds of story:
LOST_PARAGRAPH = 0.5  # paragraphs between others are dropped more often than added
ADDED_END = -1.5  # a copy that ends where a sentence ends seldom broke off there: the other one goes on with text of the site
MOST = 4.0  # votes are no surer than that: most copies may keep what is not of the story
WORDED = -3.0  # what only the wording of a block gives, not its shape
TWICE = Look("repeated paragraph", "", -4.0)
POST = Look("", "", 5.0)  # a post of a network, quoted whole: many who read pages take it for a thing of the site
LINKED = -5.0  # a line below the heading of a list of links
RECURS, RECURS_MOST = -1.5, -6.0  # what stands in several stories: for each doubling of their number, and at most
APART = 2.0  # log odds from which what all have needs no look: no two sources have text of a site in common
TELLS = 4  # words from which it tells something that others have the same paragraph
TELLING = 40  # words of a block at an end whose look speaks for story with full weight
LONGEST_SIGN = 60  # words of a paragraph that is looked at although all copies have it
LINE = 8  # words of one that is looked at whatever they are
POST_LINES = 8  # paragraphs that a post has at most


class Block(NamedTuple):
    """A run of loci `[start, end)` judged together: kept or not, what it looks like, and the log odds of being story."""

    start: int
    end: int
    position: Position
    keep: bool
    kind: str
    sign: str
    odds: float


def judge(evidence: Evidence, units: Units, odds: Weights, learned: bool, loss: Weights) -> dict[int, Block]:
    """The blocks of the units that not all copies have; where `learned` what they keep, those too that look like the site's.

    At head and tail a run of units stands or falls from a cut on.
    """
    have = units.anywhere.sum(axis=1)
    disputed = (have < units.has.shape[1]) & ~units.moved
    apart = of_several(evidence, units)
    doubted = (disputed | (_suspects(evidence, units) & (apart < APART))) & ~units.moved if learned else disputed
    which = doubted.nonzero()[0]
    said = dict(zip(which.tolist(), texts(evidence, units, which), strict=True))
    firm = (~disputed & ~units.moved) | ((odds > CLEAR) & (have > 1))
    posts, linked = _posts(units, said, firm, have), _linked(said)
    firm[posts] = True
    alone = (np.minimum(odds, MOST) + apart + loss).tolist()

    def of_site(at: int, position: Position) -> bool:
        return at in linked or (at in said and _of_site(look(said[at], position), alone[at]))

    firm = _trimmed(firm, of_site)
    inner = firm.nonzero()[0]
    head_end, tail_start = (int(inner[0]), int(inner[-1])) if len(inner) else (0, len(odds))
    looks = {at: look(text, _position([at], head_end, tail_start)) for at, text in said.items()}
    looks |= {at: Look("related links", said[at][:SHOWN], min(LINKED, looks[at].odds)) for at in linked}
    looks |= _recurring(evidence, units, looks, disputed)
    looks |= dict.fromkeys(posts, POST) | dict.fromkeys(units.repeated.nonzero()[0].tolist(), TWICE)
    begins, starts, ends = evidence.paragraphs.begins, units.starts.tolist(), units.ends.tolist()
    # what stands next to the story without a break is a part of its sentence
    within = [[head_end - 1]] if head_end and not begins[starts[head_end]] else []
    within += [[tail_start + 1]] if tail_start + 1 < len(odds) and not begins[starts[tail_start + 1]] else []
    blocks = {at: Block(starts[at], ends[at], "inside", False, "moved", "", -CLEAR) for at in units.moved.nonzero()[0].tolist()}
    for run in _runs(units, doubted, head_end):
        position = _position(run, head_end, tail_start)
        if position == "inside":
            totals = [POST.odds if looks[at] is POST else alone[at] + looks[at].odds + LOST_PARAGRAPH for at in run]
            keeps = [total > 0 for total in totals]
        elif run in within and looks[run[0]].odds > WORDED:
            totals = [alone[run[0]] + LOST_WORDS]
            keeps = [totals[0] > 0]
        else:
            scores = [alone[at] + _weight_at_end(looks[at], said[at]) for at in run]
            keeps, totals = _cut(scores, from_head=position == "head")
        for at, keep, total in zip(run, keeps, totals, strict=True):
            if disputed[at] or not keep:
                blocks[at] = Block(starts[at], ends[at], position, keep, looks[at].kind, looks[at].sign, total)
    return blocks


def _suspects(evidence: Evidence, units: Units) -> Flags:
    """Which units have a word that text of the site has, and are no longer than that is; and those no longer than a line."""
    votes = evidence.votes
    telling = evidence.forms.telling[votes.form[votes.starts[:-1]]].nonzero()[0]
    n = units.ends - units.starts
    flags: Flags = n <= LINE
    of = units.of[telling]
    flags[of] |= n[of] <= LONGEST_SIGN
    return flags


def _posts(units: Units, said: dict[int, str], firm: Flags, have: Index) -> list[int]:
    """The units of posts of a network within or below the story: what ends with who posted it and when, up to the story."""
    few, first = BARELY * units.has.shape[1], int(firm.argmax())
    posts: set[int] = set()
    for last in [at for at, text in said.items() if at > first and have[at] > few and signs_post(text)]:
        posts.add(last)
        for at in range(last - 1, max(first, last - POST_LINES - 1), -1):
            if firm[at] or at in posts or at not in said:
                break
            if have[at] > few:
                if 2 * (units.has[at] & units.has[last]).sum() < have[last] or look(said[at], "inside").odds <= WORDED:
                    break
                posts.add(at)
    return sorted(posts)


def _linked(said: dict[int, str]) -> set[int]:
    """The units that are lines below the heading of a list of links."""
    linked: set[int] = set()
    for at, text in said.items():
        if at - 1 in said and (at - 1 in linked or heads_links(said[at - 1])) and is_line(text):
            linked.add(at)
    return linked


def _recurring(evidence: Evidence, units: Units, looks: dict[int, Look], disputed: Flags) -> dict[int, Look]:
    """The looks of the units in dispute that stand in other stories of the corpus too: such are of the site."""
    recurring = evidence.known.recurring
    if not recurring:
        return {}
    found: dict[int, Look] = {}
    for at, seen in looks.items():
        if (
            disputed[at]
            and units.ends[at] - units.starts[at] >= TELLS
            and (n := recurring.get(fingerprint(evidence, units, at)))
        ):
            odds = seen.odds + max(RECURS_MOST, RECURS * math.log2(n))
            found[at] = Look(seen.kind or "notice of the site", seen.sign if seen.kind else f"stands in {n} stories", odds)
    return found


def _of_site(seen: Look, odds: float) -> bool:
    """Whether the wording of what most copies have says that it is of the site; the last of a story may read as a biography."""
    return seen.odds <= min(WORDED, -odds) and seen.kind != "biography"


def _trimmed(firm: Flags, of_site: Callable[[int, Position], bool]) -> Flags:
    """The firm units without those of the site before the first and after the last of the others, if there are any."""
    inner = firm.nonzero()[0].tolist()
    first = next((at for at in inner if not of_site(at, "head")), None)
    last = next((at for at in reversed(inner) if not of_site(at, "tail")), None)
    trimmed = firm.copy()
    if first is not None and last is not None and first <= last:
        trimmed[:first] = trimmed[last + 1 :] = False
    return trimmed


def _position(run: list[int], head_end: int, tail_start: int) -> Position:
    return "head" if run[0] < head_end else "tail" if run[-1] > tail_start else "inside"


def _runs(units: Units, disputed: Flags, head_end: int) -> list[list[int]]:
    """Units side by side that the same copies have; those of the head end where the story begins."""
    runs: list[list[int]] = []
    for at in disputed.nonzero()[0].tolist():
        if runs and runs[-1][-1] == at - 1 and at != head_end and units.has[at].tobytes() == units.has[at - 1].tobytes():
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
