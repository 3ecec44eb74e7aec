"""Where each copy reaches: one that breaks off in mid-sentence is truncated and has no vote on what follows.

A sentence is broken off where other copies go on with a small letter, or within a word. A copy that ends otherwise does have
a vote on what follows: it does without what others add, be it boilerplate or story.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.edit.boilerplate import Look, look
from copydesk.edit.separators import LINE, PARAGRAPH, Features, Separators, ends_sentence
from copydesk.edit.tally import Ballots, Rows
from copydesk.model import Collation, Known

if TYPE_CHECKING:
    from copydesk.model import Index

BROKEN_OFF = "texts broken off"
LONGEST_LINE = 12  # words
MARKED = 2  # sentences that a copy ends with a mark, from which it is one that keeps marks
ENOUGH, MOST_WHOLE = 10, 0.5  # texts of a source by which it is known to break them off; at most such a share is whole


class Reach(NamedTuple):
    """The first locus on which each copy has a vote, and the one after the last, shape `(n_copies,)` each.

    `voters[l]` copies have one on locus `l`.
    """

    first: Index
    end: Index
    voters: Index


class _Others(NamedTuple):
    """Those copies of one locus that go on there, beyond it or before it: their rows, words and separators.

    `within`: so many go on within the sentence, `small` of them with a small letter.
    """

    rows: list[int]
    words: list[str]
    between: list[Features]
    within: int
    small: int

    def most(self, so: int) -> bool:
        """Whether most of them go on so."""
        return 2 * so > len(self.rows)

    def have_cut_off(self, word: str, part: Callable[[str, str], bool]) -> bool:
        """Whether a first or last word is the end or the beginning of the one that they have in its place."""
        return any(len(other) > len(word) and part(other, word) for other in self.words)


def reach(collation: Collation, rows: Rows, votes: Ballots, separators: Separators, known: Known) -> Reach:
    """Where each copy has a vote; a last word that is cut off has none.

    Where fewer copies go on than end (or begin) together there, nobody is cut off.
    """
    n_copies, n_loci, texts = len(collation.copies), collation.n_loci, collation.form_text
    first, end = np.zeros(n_copies, np.int64), np.full(n_copies, n_loci)
    others: dict[int, _Others | None] = {}
    for copy, row, locus in _edges(rows, rows.starts[:-1]):
        if not locus:  # none before
            continue
        if locus not in others:
            others[locus] = _others(collation, rows, votes, separators, locus, on=False)
        if (there := others[locus]) is None:
            continue
        word = texts[int(rows.form[row])]
        if there.have_cut_off(word, str.endswith):
            first[copy] = locus + 1
        elif word[:1].islower() and there.most(there.within):
            first[copy] = locus
    others.clear()
    for copy, row, locus in _edges(rows, rows.starts[1:] - 1):
        if locus == n_loci - 1:
            continue
        if locus not in others:
            others[locus] = _others(collation, rows, votes, separators, locus, on=True)
        if (there := others[locus]) is None:
            continue
        word, after = texts[int(rows.form[row])], int(rows.after[row])
        if separators.features[after].cut:
            broken = there.most(sum([not feature.cut for feature in there.between]))
        elif ends_sentence(separators.text[after]):
            broken = _breaks_off(collation, copy, known) and _goes_on(collation, rows, there.rows)
        elif there.have_cut_off(word, str.startswith):
            end[copy] = locus
            continue
        else:
            does = _breaks_off(collation, copy, known)
            broken = there.most(there.small) or (
                there.most(there.within)
                and (does or not _is_line(rows, separators, copy))
                and (does or not _what_follows(collation, rows, separators, there.rows).kind)
            )
            broken = broken or (
                there.most(sum([feature.ends for feature in there.between]))
                and (does or _marks(rows, separators, copy) >= MARKED)
                and not _is_line(rows, separators, copy)
                and _goes_on(collation, rows, there.rows)
            )
        if broken:
            end[copy] = locus + 1
    steps = np.bincount(first, minlength=n_loci + 1) - np.bincount(end, minlength=n_loci + 1)
    return Reach(first, end, steps.cumsum()[:n_loci])


def _edges(rows: Rows, row: Index) -> Iterator[tuple[int, int, int]]:
    """Each copy that has words, with its first or last `row` and the locus of that."""
    copies = (rows.starts[1:] > rows.starts[:-1]).nonzero()[0]
    own = row[copies]
    return zip(copies.tolist(), own.tolist(), rows.locus[own].tolist(), strict=True)


def _others(
    collation: Collation, rows: Rows, votes: Ballots, separators: Separators, locus: int, *, on: bool
) -> _Others | None:
    """The copies that have a locus and go `on` beyond it, or have something before it; None where most do not."""
    here = slice(votes.starts[locus], votes.starts[locus + 1])
    there, copies = votes.row[here], votes.copy[here]
    going = there[there != (rows.starts[copies + 1] - 1 if on else rows.starts[copies])]
    if 2 * len(going) < len(there):
        return None
    between = [separators.features[number] for number in (rows.after if on else rows.before)[going].tolist()]
    within = [_is_within(feature) for feature in between]
    small = 0
    if on:
        following = [collation.form_text[form] for form in rows.form[going + 1].tolist()]
        small = sum([inside and word[:1].islower() for inside, word in zip(within, following, strict=True)])
    words = [collation.form_text[form] for form in rows.form[going].tolist()]
    return _Others(going.tolist(), words, between, sum(within), small)


def _is_within(feature: Features) -> bool:
    """Whether what follows a separator is of the same sentence as what stands before it."""
    return not feature.ends and feature.break_ != PARAGRAPH


def _what_follows(collation: Collation, rows: Rows, separators: Separators, others: list[int]) -> Look:
    """What the next sentence looks like in the first copy that goes on within the sentence."""
    row = next(row for row in others if _is_within(separators.features[int(rows.after[row])]))
    text, start = collation.copies[int(rows.copy[row])].text, int(rows.start[row + 1])
    sentence = re.match(r".{20,400}?[.!?](?=\s|$)|.{,400}", text[start : start + 500], re.DOTALL)
    return look(sentence.group() if sentence else "", "tail")


def _goes_on(collation: Collation, rows: Rows, others: list[int]) -> bool:
    """Whether the next sentence of the first copy that goes on does not look like text of a site."""
    text, start = collation.copies[int(rows.copy[others[0]])].text, int(rows.end[others[0]])
    following = re.match(r"[^\w\n]*\s*(.{20,400}?[.!?](?=\s|$)|.{,400})", text[start : start + 500], re.DOTALL)
    return following is not None and not look(following[1], "tail").kind


def _breaks_off(collation: Collation, copy: int, known: Known) -> bool:
    """Whether the source of a copy is known to break off most texts."""
    rates = known.rates.get(collation.copies[copy].source or "", ())
    return any(rate.kind == BROKEN_OFF and rate.of >= ENOUGH and rate.of - rate.n <= MOST_WHOLE * rate.of for rate in rates)


def _marks(rows: Rows, separators: Separators, copy: int) -> int:
    """How many sentences a copy ends with a mark."""
    return int(separators.ends[rows.before[rows.starts[copy] : rows.starts[copy + 1]]].sum())


def _is_line(rows: Rows, separators: Separators, copy: int) -> bool:
    """Whether a copy ends with a short line without a full stop (a credit, a heading), as texts do that are whole."""
    own = rows.before[rows.starts[copy] : rows.starts[copy + 1]]
    breaks = (separators.break_[own] >= LINE).nonzero()[0]
    return bool(len(breaks) and len(own) - breaks[-1] <= LONGEST_LINE and not separators.ends[own[breaks[-1] + 1 :]].any())
