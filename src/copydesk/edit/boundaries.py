"""What stands between the words of the edition: marks, quotation marks, spaces and paragraphs, each voted on by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.evidence import Evidence
from copydesk.edit.paragraphs import keepers
from copydesk.edit.separators import LINE, SPACE
from copydesk.edit.tally import SLIGHT, most

if TYPE_CHECKING:
    from copydesk.model import Flags, Index, Weights

DIRT = 9.0  # marks that a bracket without its other half counts less
# How much it matters that a separator agrees with the vote, part by part.
MARKS, QUOTES, SPACED, BROKEN, EXACT = 8.0, 4.0, 2.0, 1.0, 0.5
ALL = MARKS + QUOTES + SPACED + BROKEN + EXACT


@dataclass(frozen=True, slots=True)
class Boundaries:
    """What copies have between words `b - 1` and `b` of the edition, where they have the two side by side.

    Rows in order of boundary, then of copy: `row` is the token after it, a row of `Evidence.rows`. The rows of boundary `b`
    are `starts[b]:starts[b + 1]`; `best[b]` is the row that the edition follows, -1 where there is none; `paragraph[b]` tells
    whether the edition has a paragraph there. `rank[c]` is the place of copy `c` among all by agreement with the votes:
    copy 0 is the copy-text.
    """

    boundary: Index
    copy: Index
    row: Index
    separator: Index
    starts: Index
    best: Index
    paragraph: Flags
    rank: Index


def boundaries(evidence: Evidence, keep: Index, form: Index) -> Boundaries:
    """The boundaries between the words at the loci `keep`, each read as `form[locus]`."""
    rows, n_copies = evidence.rows, len(evidence.weights)
    at = np.full(evidence.collation.n_loci, -2, np.int64)
    at[keep] = np.arange(len(keep))
    word = at[rows.locus]
    key_of = np.zeros(len(evidence.collation.form_text), np.int64)
    key_of[rows.form] = rows.key
    word[rows.key != key_of[form[rows.locus]]] = -3  # beside another word other marks may stand
    row = np.flatnonzero((word[1:] == word[:-1] + 1) & (word[1:] > 0) & (rows.copy[1:] == rows.copy[:-1])) + 1
    row = row[np.argsort(word[row], kind="stable")]
    boundary, copy = word[row], rows.copy[row]
    starts = np.searchsorted(boundary, np.arange(len(keep) + 1))
    score, paragraph = _score(evidence, keep, form, boundary, row)
    # of copies that agree equally, the longer one
    agreement = np.bincount(copy, score >= ALL, n_copies) + np.diff(rows.starts) / (1 + len(rows.copy))
    rank = np.argsort(np.argsort(-agreement, kind="stable"), kind="stable")
    best = np.full(len(keep), -1, np.int64)
    some = np.flatnonzero(np.diff(starts))
    if len(some):  # the highest score, of equals the highest rank: no two copies have the same
        merit = (2 * score * n_copies).astype(np.int64) - rank[copy]
        highest = np.repeat(np.maximum.reduceat(merit, starts[some]), np.diff(starts)[some])
        best[some] = np.flatnonzero(merit == highest)
    return Boundaries(boundary, copy, row, rows.before[row], starts, best, paragraph, rank)


def _score(evidence: Evidence, keep: Index, form: Index, boundary: Index, row: Index) -> tuple[Weights, Flags]:
    """How far each row agrees with the vote at its boundary, part by part; and where the edition has paragraphs."""
    paragraph = np.zeros(len(keep), bool)
    if not len(boundary):
        return np.zeros(0), paragraph
    rows, marks = evidence.rows, evidence.separators
    separator, copy = rows.before[row], rows.copy[row]
    starts = np.flatnonzero(np.append(True, boundary[1:] != boundary[:-1]))
    places = boundary[starts]
    starts = np.append(starts, len(boundary))
    place = np.repeat(np.arange(len(places)), np.diff(starts))
    weight = evidence.weights[copy]

    # marks are lost more often than added, but a bracket without its other half is dirt
    liked = np.minimum(marks.n_marks[separator], 3) - DIRT * _unmatched(evidence)[row]
    punctuation = most(starts, marks.marks[separator], copy, weight + SLIGHT * liked).value[place]

    quoting = keepers(np.add.reduceat(np.append(marks.n_quotes[rows.before], 0), rows.starts[:-1]), np.diff(rows.starts))[copy]
    liked = 1 + marks.n_quotes[separator]
    quotes = most(starts, marks.quotes[separator], copy, weight * quoting + SLIGHT * liked).value[place]

    keeping = evidence.paragraphs.kept[copy] * weight
    broken = evidence.paragraphs.breaks[row]
    yes, of = np.bincount(place, keeping * broken), np.bincount(place, keeping)
    paragraph[places] = (2 * yes >= of) & (yes > 0)

    # where votes on a space are equal: none within initials, numbers and compounds, one after other marks
    texts = evidence.collation.form_text
    forms, of_word = np.unique(form[keep], return_inverse=True)
    tight = np.array([(len(texts[at]) == 1 and texts[at].isupper()) or texts[at].isdecimal() for at in forms.tolist()], bool)
    within = np.append(False, tight[of_word][1:] & tight[of_word][:-1])
    spaced = marks.break_[separator] >= SPACE
    after_mark = marks.stops[separator] & ~within[boundary]
    space = most(starts, spaced.astype(np.int64), copy, weight + SLIGHT * (spaced == after_mark)).value[place] == 1

    # of the same marks in other types, the printer's before the typewriter's
    exact = most(starts, separator, copy, weight + SLIGHT * marks.printed[separator]).value[place]

    score = (
        MARKS * (marks.marks[separator] == punctuation)
        + QUOTES * (marks.quotes[separator] == quotes)
        + SPACED * ((spaced == space) & ~marks.spoilt[separator])
        + BROKEN * np.where(paragraph[boundary], broken, marks.break_[separator] < LINE)
        + EXACT * (separator == exact)
    )
    return score, paragraph


def _unmatched(evidence: Evidence) -> Flags:
    """Whether the separator before each token, in order of copy, has a bracket without its other half."""
    rows = evidence.rows
    odd = np.zeros(len(rows.copy), bool)
    open_: list[tuple[str, int]] = []
    copy = -1
    for row in np.flatnonzero(evidence.separators.brackets[rows.before]).tolist():
        if rows.copy[row] != copy:
            odd[[at for _, at in open_]] = True
            open_, copy = [], int(rows.copy[row])
        for mark in evidence.separators.text[rows.before[row]]:
            if mark in "([{":
                open_.append((mark, row))
            elif mark in ")]}":
                if open_ and open_[-1][0] + mark in {"()", "[]", "{}"}:
                    open_.pop()
                else:
                    odd[row] = True
    odd[[at for _, at in open_]] = True
    return odd
