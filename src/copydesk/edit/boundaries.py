"""What stands between the words of the edition: marks, quotation marks, spaces and paragraphs, each voted on by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.evidence import Evidence
from copydesk.edit.paragraphs import keepers
from copydesk.edit.separators import LINE, SPACE
from copydesk.edit.tally import SLIGHT, bounds, differ, winner

if TYPE_CHECKING:
    from copydesk.model import Flags, Index, Weights

DIRT = 9.0  # marks that a bracket without its other half counts less
# How much it matters that a separator agrees with the vote, part by part.
MARKS, QUOTES, SPACED, BROKEN, EXACT = 8.0, 4.0, 2.0, 1.0, 0.5
REPAIR = 0.25  # so much less where it needs repair, which the edition makes
CURLING = 0.25  # share of the votes: where so many have curly quotes, those without are taken to have straightened them
ALL = MARKS + QUOTES + SPACED + BROKEN + EXACT


@dataclass(frozen=True, slots=True)
class Boundaries:
    """What copies have between words `b - 1` and `b` of the edition, where they have the two side by side.

    Rows in order of boundary, then of copy: `row` is the token after it, a row of `Evidence.rows`. The rows of boundary `b`
    are `starts[b]:starts[b + 1]`, `torn` all those of boundaries where separators differ, break or are spoilt; `best[b]` is
    the row that the edition follows, -1 where there is none; `paragraph[b]` tells whether the edition has a paragraph there.
    `rank[c]` is the place of copy `c` among all by agreement with the votes: copy 0 is the copy-text.
    """

    boundary: Index
    copy: Index
    row: Index
    separator: Index
    starts: Index
    torn: Index
    best: Index
    paragraph: Flags
    rank: Index


def boundaries(evidence: Evidence, keep: Index, form: Index) -> Boundaries:
    """The boundaries between the words at the loci `keep`, each read as `form[locus]`."""
    rows, votes, n_copies = evidence.rows, evidence.votes, len(evidence.weights)
    at = np.full(evidence.collation.n_loci, -2, np.int64)  # no number, nor one before another
    at[keep] = np.arange(len(keep))
    word = at[rows.locus]
    disputed = votes.differs[rows.locus].nonzero()[0]
    key, key_of = rows.key[disputed], np.zeros(len(evidence.collation.form_text), np.int64)
    key_of[rows.form[disputed]] = key
    word[disputed[key != key_of[form[rows.locus[disputed]]]]] = -4  # beside another word other marks may stand
    beside = np.zeros(len(word) + 1, bool)
    np.equal(word[1:], word[:-1] + 1, out=beside[1:-1])
    beside[rows.starts] = False
    row = votes.row[beside[votes.row]]
    boundary, copy = word[row], rows.copy[row]
    sizes = np.bincount(boundary, minlength=len(keep))
    starts = bounds(sizes)
    separator = rows.before[row]
    torn, score, paragraph = _scored(evidence, form[keep], (row, boundary, separator))
    # of copies that agree equally, the longer one
    agreement = np.bincount(copy, minlength=n_copies) - np.bincount(copy[torn[score < ALL]], minlength=n_copies)
    longer = (rows.starts[1:] - rows.starts[:-1]) / (1 + len(rows.copy))
    rank = (-agreement - longer).argsort(kind="stable").argsort(kind="stable")
    best = np.full(len(keep), -1, np.int64)
    some = sizes.nonzero()[0]
    if len(some):  # the highest score, of equals the highest rank: no two copies have the same
        merit = -rank[copy]
        merit[torn] -= (8 * n_copies * (ALL - score)).astype(np.int64)
        bits = len(row).bit_length()
        best[some] = np.maximum.reduceat((merit << bits) + np.arange(len(row)), starts[some]) & (1 << bits) - 1
    return Boundaries(boundary, copy, row, separator, starts, torn, best, paragraph, rank)


def _scored(evidence: Evidence, forms: Index, between: tuple[Index, Index, Index]) -> tuple[Index, Weights, Flags]:
    """How far rows agree with the vote at their boundary, part by part; and where the edition has paragraphs.

    `forms` are the words of the edition, `between` the rows, the boundary of each and its separator. Where all copies have the
    same separator and that is neither a break nor spoilt, all agree: of the others it is told which they are.
    """
    rows, marks = evidence.rows, evidence.separators
    row, boundary, separator = between
    torn, paragraph = differ(boundary, separator, len(forms)), np.zeros(len(forms), bool)
    torn[boundary[((marks.break_ >= LINE) | marks.spoilt | marks.marred)[separator]]] = True
    of, places = torn[boundary].nonzero()[0], torn.nonzero()[0]
    if not len(of):
        return of, np.zeros(0), paragraph
    row, separator = row[of], separator[of]
    place = (torn.cumsum() - 1)[boundary[of]]
    copy = rows.copy[row]
    weight = evidence.weights[copy]

    # marks are lost more often than added, but a bracket without its other half is dirt
    liked = np.minimum(marks.n_marks[separator], 3)
    if marks.brackets[separator].any():
        liked = liked - DIRT * _unmatched(evidence)[row]
    punctuation = winner(place, marks.marks[separator], copy, weight + SLIGHT * liked)[place]

    n_quotes = marks.n_quotes[separator]
    quotes: Index | int = 0
    if n_quotes.any():
        total = np.add.reduceat(np.append(marks.n_quotes[rows.before], 0), rows.starts[:-1])
        quoting = keepers(total, rows.starts[1:] - rows.starts[:-1])[copy]
        quotes = winner(place, n_quotes, copy, weight * quoting + SLIGHT * (1 + n_quotes))[place]

    keeping = evidence.paragraphs.kept[copy] * weight
    broken = evidence.paragraphs.breaks[row]
    yes, of_them = np.bincount(place, keeping * broken), np.bincount(place, keeping)
    paragraph[places] = (2 * yes >= of_them) & (yes > 0)

    # where votes on a space are equal: none within initials, numbers and compounds, one after other marks
    spaced = marks.break_[separator] >= SPACE
    space: Flags | bool = True
    if not spaced.all():
        after_mark = marks.stops[separator] & ~_tight(evidence, forms, places)[place]
        space = winner(place, spaced.astype(np.int64), copy, weight + SLIGHT * (spaced == after_mark))[place] == 1

    # of the same marks in other types, the printer's before the typewriter's
    sound, printed = marks.sound[separator], marks.printed[separator]
    if marks.curled[separator].any():
        weight = weight * _curling(evidence)[copy]
    exact = winner(place, sound, copy, weight + SLIGHT * printed)[place]

    score: Weights = (
        MARKS * (marks.marks[separator] == punctuation)
        + QUOTES * (n_quotes == quotes)
        + SPACED * ((spaced == space) & ~marks.spoilt[separator])
        + BROKEN * np.where(paragraph[places][place], broken, marks.break_[separator] < LINE)
        + EXACT * (sound == exact)
        - REPAIR * marks.marred[separator]
    )
    return of, score, paragraph


def _curling(evidence: Evidence) -> Flags:
    """Which copies have a vote on the types of marks: not those that have straightened quotes, unless next to all have."""
    rows = evidence.rows
    total = np.add.reduceat(np.append(evidence.separators.curled[rows.before], 0), rows.starts[:-1])
    keeping = keepers(total, rows.starts[1:] - rows.starts[:-1])
    enough: bool = (evidence.weights * keeping).sum() >= CURLING * evidence.weights.sum()
    return keeping if enough else np.ones(len(keeping), bool)


def _tight(evidence: Evidence, forms: Index, places: Index) -> Flags:
    """Which boundaries between words of the edition, spelt `forms`, part two initials or numbers."""
    texts = evidence.collation.form_text
    words = [(texts[a], texts[b]) for a, b in zip(forms[places - 1].tolist(), forms[places].tolist(), strict=True)]
    return np.array([_is_tight(before) and _is_tight(after) for before, after in words], bool)


def _is_tight(word: str) -> bool:
    return (len(word) == 1 and word.isupper()) or word.isdecimal()


def _unmatched(evidence: Evidence) -> Flags:
    """Whether the separator before each token, in order of copy, has a bracket without its other half."""
    rows, separators = evidence.rows, evidence.separators
    odd = np.zeros(len(rows.copy), bool)
    open_: list[tuple[str, int]] = []
    copy, at = -1, separators.brackets[rows.before].nonzero()[0]
    for row, own, before in zip(at.tolist(), rows.copy[at].tolist(), rows.before[at].tolist(), strict=True):
        if own != copy:
            odd[[opened for _, opened in open_]] = True
            open_, copy = [], own
        for mark in separators.text[before]:
            if mark in "([{":
                open_.append((mark, row))
            elif mark in ")]}":
                if open_ and open_[-1][0] + mark in {"()", "[]", "{}"}:
                    open_.pop()
                else:
                    odd[row] = True
    odd[[opened for _, opened in open_]] = True
    return odd
