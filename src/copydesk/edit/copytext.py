"""The text of the edition: words as voted, spacing, punctuation and typography from the copy-text.

The copy-text (Greg 1950) is the copy whose separators agree best with what most copies have. Where other marks, quotation
marks or breaks have more votes, the separator comes from a copy that has them. Every character comes from a copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import whitespace
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.boundaries import Boundaries, boundaries
from copydesk.edit.evidence import Evidence
from copydesk.edit.separators import CLOSING, LINE, OPENING, SPACE, parts
from copydesk.model import Span
from copydesk.repair import kind as damaged
from copydesk.repair import repaired

if TYPE_CHECKING:
    from copydesk.model import Index

    Piece = tuple[int, int, int]  # copy, start, end
    Ends = dict[str, list[Piece]]  # what opens the first word or closes the last one, and where; the chosen one first


UNSEEN = f"{whitespace}\xa0\u2028\u2029\ufeff\u200b"  # white space and marks of byte order


@dataclass(frozen=True, slots=True)
class Text:
    """The text with its spans, and of each of its words the locus, the form and the place.

    `separators[i]` is the number of the separator before word `i`, -1 where no copy has it so, as `forms[i]` is of words.
    """

    text: str
    spans: tuple[Span, ...]
    loci: Index
    forms: Index
    starts: Index
    ends: Index
    separators: Index
    boundaries: Boundaries
    head: Ends
    tail: Ends


def copytext(evidence: Evidence, keep: Index, form: Index) -> Text:
    """Puts the text together from the loci `keep`, in order, each read as `form[locus]`."""
    between = boundaries(evidence, keep, form)
    words = _words(evidence, keep, form, between.rank)
    head, tail = _head(evidence, words), _tail(evidence, words)
    composed = _composed(evidence, between, words, head, tail)
    text, spans, starts, ends = _join(evidence, between, words, composed)
    separator = np.full(len(keep), -1, np.int64)
    followed = (between.best >= 0).nonzero()[0]
    separator[followed] = between.separator[between.best[followed]]
    number = {text: at for at, text in enumerate(evidence.collation.separator_text)} if len(composed) > 2 else {}
    for at in composed:
        if 0 < at < len(keep):
            separator[at] = number.get(text[int(ends[at - 1]) : int(starts[at])], -1)
    forms = form[keep]
    if evidence.forms.marred.any() or evidence.separators.marred.any():  # no copy has the text as it is there
        forms = np.where(evidence.forms.marred[forms], -1, forms)
        separator[evidence.separators.marred[separator]] = -1
    return Text(text, spans, keep, forms, starts, ends, separator, between, head, tail)


def _words(evidence: Evidence, keep: Index, form: Index, rank: Index) -> Index:
    """For each word of the edition the token it is taken from, a row of `Evidence.rows`, of the first copy by `rank`."""
    votes, bits = evidence.votes, len(evidence.rows.copy).bit_length()
    merit = (rank << bits)[votes.copy] + votes.row
    merit[(votes.form != form[votes.locus]).nonzero()[0]] += len(rank) << bits
    best = np.minimum.reduceat(merit, votes.starts[:-1]) if len(merit) else merit
    words: Index = best[keep] & (1 << bits) - 1
    return words


def _join(
    evidence: Evidence, between: Boundaries, words: Index, composed: dict[int, list[Piece]]
) -> tuple[str, tuple[Span, ...], Index, Index]:
    """The text, its spans, and where each word starts and ends.

    It is a row of pieces: a separator, a word, ..., a word, a separator, those of `composed` in several. What is damaged and
    can be repaired for certain is, and is a span of its own.
    """
    rows, n = evidence.rows, len(words)
    if not n:
        return "", (), np.zeros(0, np.int64), np.zeros(0, np.int64)
    followed = (between.best >= 0).nonzero()[0]
    before, size = np.zeros(n, np.int64), np.zeros(2 * n + 1, np.int64)
    before[followed] = between.row[between.best[followed]]  # the others are composed
    size[1::2], size[:-1:2] = rows.end[words] - rows.start[words], rows.start[before] - rows.end[before - 1]
    apart = np.ones(n + 1, bool)  # else words are in one copy, side by side, with what stands between them
    apart[1:-1] = (words[1:] != before[1:]) | (words[1:] != words[:-1] + 1)
    mended: dict[Piece, str] = {}
    for at in evidence.forms.marred[rows.form[words]].nonzero()[0].tolist():
        piece = int(rows.copy[words[at]]), int(rows.start[words[at]]), int(rows.end[words[at]])
        mended[piece] = _mended(evidence, *piece)
        size[2 * at + 1], apart[at : at + 2] = len(mended[piece]), True
    for at in followed[evidence.separators.marred[rows.before[before[followed]]]].tolist():
        piece = _before(evidence, int(before[at]))[:3]
        mended[piece] = _mended(evidence, *piece)
        size[2 * at], apart[at] = len(mended[piece]), True
    for at, own in composed.items():
        if evidence.separators.marred.any():
            mended |= {piece: whole for piece in own if (whole := _mended(evidence, *piece)) != _given(evidence, *piece)}
        size[2 * at], apart[at] = sum(len(mended[piece]) if piece in mended else piece[2] - piece[1] for piece in own), True
    word_ends = size.cumsum()[1::2]

    cuts = apart.nonzero()[0]
    first, last, row = words[cuts[:-1]], words[cuts[1:] - 1], before[cuts[:-1]]
    runs = zip(rows.copy[first].tolist(), rows.start[first].tolist(), rows.end[last].tolist(), strict=True)
    between_runs = zip(rows.copy[row].tolist(), rows.end[row - 1].tolist(), rows.start[row].tolist(), strict=True)
    pieces: list[Piece] = []
    for at, run, piece in zip(cuts.tolist(), runs, between_runs, strict=False):
        pieces += [*composed.get(at, [piece]), run]
    return *_spans(evidence, [*pieces, *composed[n]], mended), word_ends - size[1::2], word_ends


def _spans(evidence: Evidence, pieces: list[Piece], mended: dict[Piece, str]) -> tuple[str, tuple[Span, ...]]:
    """The text of pieces and its spans: those that go on in one copy are one, but what is mended stands by itself."""
    joined: list[Piece] = []
    for piece in pieces:
        if piece[1] >= piece[2]:
            continue
        if joined and joined[-1][::2] == piece[:2] and piece not in mended and joined[-1] not in mended:
            joined[-1] = *joined[-1][:2], piece[2]
        else:
            joined.append(piece)
    texts, spans, at = [], [], 0
    for piece in joined:
        given = _given(evidence, *piece)
        whole = mended.get(piece, given)
        if whole:
            texts.append(whole)
            kind = damaged(given) if whole != given else None
            spans.append(Span(at, at + len(whole), evidence.collation.copies[piece[0]].id, *piece[1:], kind))
            at += len(whole)
    return "".join(texts), tuple(spans)


def _given(evidence: Evidence, copy: int, start: int, end: int) -> str:
    """A piece as its copy has it."""
    return evidence.collation.copies[copy].text[start:end]


def _mended(evidence: Evidence, copy: int, start: int, end: int) -> str:
    """A piece as it reads when repaired."""
    return repaired(_given(evidence, copy, start, end))


def _composed(evidence: Evidence, between: Boundaries, words: Index, head: Ends, tail: Ends) -> dict[int, list[Piece]]:
    """The boundaries whose separator no copy has as it should be, with the pieces it is put together from."""
    n = len(words)
    if not n:
        return {}
    composed = {0: next(iter(head.values()))[:1], n: next(iter(tail.values()))[:1]}
    for boundary in (between.best[1:] < 0).nonzero()[0].tolist():
        composed[boundary + 1] = _bridge(evidence, int(words[boundary]), int(words[boundary + 1]))
    if not len(between.row):
        return composed
    kinds, breaks = evidence.separators.break_, evidence.paragraphs.breaks
    kind, broken = kinds[between.separator[between.best]], breaks[between.row[between.best]]
    wrong = np.where(between.paragraph, ~broken, kind >= LINE) & (between.best >= 0)
    for boundary in wrong.nonzero()[0].tolist():
        there = np.arange(between.starts[boundary], between.starts[boundary + 1])
        fits = there[breaks[between.row[there]] if between.paragraph[boundary] else kinds[between.separator[there]] == SPACE]
        if len(fits):
            composed[boundary] = _spaced(evidence, int(between.row[between.best[boundary]]), int(between.row[fits[0]]))
    return composed


def _before(evidence: Evidence, row: int) -> tuple[int, int, int, str]:
    """Copy, start, end and text of the separator before a token."""
    rows = evidence.rows
    copy = int(rows.copy[row])
    start, end = int(rows.end[row - 1]) if rows.token[row] else 0, int(rows.start[row])
    return copy, start, end, evidence.collation.copies[copy].text[start:end]


def _after(evidence: Evidence, row: int) -> tuple[int, int, int, str]:
    """Copy, start, end and text of the separator after a token."""
    copy, start = int(evidence.rows.copy[row]), int(evidence.rows.end[row])
    text = evidence.collation.separator_text[int(evidence.rows.after[row])]
    return copy, start, start + len(text), text


def _spaced(evidence: Evidence, row: int, other: int) -> list[Piece]:
    """The marks before one token with the white space before another."""
    copy, start, end, text = _before(evidence, row)
    closing, _, opening = parts(text)
    from_copy, from_start, _, from_text = _before(evidence, other)
    before, space, _ = parts(from_text)
    at = from_start + len(before)
    return [(copy, start, start + len(closing)), (from_copy, at, at + len(space)), (copy, end - len(opening), end)]


def _bridge(evidence: Evidence, row: int, next_row: int) -> list[Piece]:
    """Between words that no copy has side by side: what closes the one, a space, what opens the other."""
    copy, start, _, text = _after(evidence, row)
    closing, space, _ = parts(text)
    next_copy, _, next_end, next_text = _before(evidence, next_row)
    _, next_space, opening = parts(next_text)
    if not space:  # the mark holds the word to one that is not in the edition
        closing = ""
    middle = start + len(closing)
    spaces: Piece = (copy, middle, middle + len(space))
    if not space and next_space:
        at = next_end - len(opening) - len(next_space)
        spaces = (next_copy, at, at + len(next_space))
    elif not space and (at := evidence.collation.copies[copy].text.find(" ")) >= 0:
        spaces = (copy, at, at + 1)
    return [(copy, start, middle), spaces, (next_copy, next_end - len(opening), next_end)]


def _head(evidence: Evidence, words: Index) -> Ends:
    """What opens the first word, as most copies that have it do; of equals rather marks than none, but no stray bracket.

    Where a copy begins with that word, all that stands before it; else the opening marks that touch it.
    """
    found: Ends = {}
    for row in _holders(evidence, words[:1]):
        copy, _, end, text = _before(evidence, row)
        opening = text.lstrip(UNSEEN) if not evidence.rows.token[row] else text[len(text.rstrip(OPENING)) :]
        found.setdefault(opening, []).append((copy, end - len(opening), end))
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), _is_stray(evidence, *item), -len(item[0]))))


def _tail(evidence: Evidence, words: Index) -> Ends:
    """What closes the last word, likewise; of the same marks rather those without spaces between."""
    found: Ends = {}
    for row in _holders(evidence, words[-1:]):
        copy, start, end, text = _after(evidence, row)
        if end < len(evidence.collation.copies[copy].text):
            text = parts(text)[0]
            while text and text[-1] not in CLOSING:
                text = text[:-1]
        text = text.rstrip()
        found.setdefault(text, []).append((copy, start, start + len(text)))
    bare = {text: "".join(text.split()) for text in found}
    votes = {mark: sum(len(found[text]) for text in found if bare[text] == mark) for mark in bare.values()}
    stray = {text: _is_stray(evidence, text, pieces) for text, pieces in found.items()}
    order = sorted(found, key=lambda text: (-votes[bare[text]], stray[text], -len(bare[text]), len(text), -len(found[text])))
    return {text: found[text] for text in order}


def _is_stray(evidence: Evidence, marks: str, pieces: list[Piece]) -> bool:
    """Whether there is a bracket among the marks of which the copy has not as many halves of either kind."""
    text = evidence.collation.copies[pieces[0][0]].text
    return any(text.count(pair[0]) != text.count(pair[1]) for pair in ("()", "[]", "{}") if not set(pair).isdisjoint(marks))


def _holders(evidence: Evidence, words: Index) -> list[int]:
    """The tokens at the locus of a word of the edition, rows of `Evidence.rows`, the one it is taken from first."""
    holders: list[int] = []
    for word in words.tolist():
        votes, locus = evidence.votes, int(evidence.rows.locus[word])
        there = slice(votes.starts[locus], votes.starts[locus + 1])
        holders += [word, *(row for row in votes.row[there].tolist() if row != word)]
    return holders
