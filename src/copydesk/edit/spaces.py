"""The spaces around words that a copy has lost: both are left, where one belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.edit.evidence import Evidence
from copydesk.edit.separators import Features
from copydesk.edit.tally import rows_from

if TYPE_CHECKING:
    from copydesk.model import Flags, Index


def spaces_left(evidence: Evidence, copy: Index, starts: Index, ends: Index) -> Flags:
    """Whether each copy has, where it lacks loci `[start, end)`, the spaces left that stand around the words of others.

    There is one more than a text has into which words were put, or from which they were taken with a space. Two of them stand
    side by side, or there is all that stands around the words: `the map - of` has lost nothing where others have `the map -
    old of`, nor where they have `the map old of`, but where they have `the map - old - of` it has.
    """
    rows, votes, separators = evidence.rows, evidence.votes, evidence.separators
    own = separator_of(evidence, copy, starts)
    left = separators.gap[own]
    at = left.nonzero()[0]
    if len(at):
        first = votes.row[votes.starts[starts[at]]]  # of the words, in the first copy that has them
        last = rows_from(rows, rows.copy[first], ends[at]) - 1
        left[at] = [
            _both_left(*(separators.features[of] for of in around))
            for around in zip(own[at].tolist(), rows.before[first].tolist(), rows.after[last].tolist(), strict=True)
        ]
    return left


def separator_of(evidence: Evidence, copy: Index, locus: Index) -> Index:
    """The separator that each copy has where it lacks a locus: its number."""
    rows = evidence.rows
    own: Index = rows.between[rows_from(rows, copy, locus) + copy]
    return own


def _both_left(own: Features, before: Features, after: Features) -> bool:
    """Whether a separator is what is left of two with a word between them."""
    return own.spaces >= before.spaces + after.spaces and (own.doubled or own.bare == before.bare + after.bare)
