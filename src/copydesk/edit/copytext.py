"""The text of the edition: words as voted, spacing, punctuation and typography from the copy-text.

The copy-text (Greg 1950) is the copy whose separators agree best with what most copies have. Where other marks, quotation
marks or breaks have more votes, the separator comes from a copy that has them. Every character comes from a copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.paragraphs import Paragraphs, keepers
from copydesk.edit.separators import CLOSING, LINE, OPENING, SPACE, Separators, parts
from copydesk.edit.tally import Ballots, most
from copydesk.model import Collation, Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from copydesk.model import Index

    Weight = NDArray[np.float64]
    Piece = tuple[int, int, int]  # copy, start, end
    Ends = dict[str, list[Piece]]  # what opens the first word or closes the last one, and where; the chosen one first

SLIGHT = 1e-3  # what decides between separators of equal weight weighs less than any vote


@dataclass(frozen=True, slots=True)
class Boundaries:
    """What copies have between words `b - 1` and `b` of the edition, where they have the two side by side.

    Rows in order of boundary, then of copy: `separator` is its number, `token` the token of the copy that it stands before.
    The rows of boundary `b` are `starts[b]:starts[b + 1]`; `best[b]` is the row that the edition follows, -1 where there is
    none, and `paragraph[b]` tells whether the edition has a paragraph there.
    """

    boundary: Index
    copy: Index
    token: Index
    separator: Index
    starts: Index
    best: Index
    paragraph: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Text:
    """The text with its spans, and of each of its words the locus, the form and the place.

    `separators[i]` is the number of the separator before word `i`, -1 where no copy has it so.
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


def copytext(
    collation: Collation, votes: Ballots, weights: Weight, separators: Separators, own: Paragraphs, keep: Index, form: Index
) -> Text:
    """Puts the text together from the loci `keep`, in order, each read as `form[locus]`."""
    boundary, copy, token, separator = _rows(collation, keep)
    starts = np.searchsorted(boundary, np.arange(len(keep) + 1))
    score, paragraph = _score(collation, weights, separators, own, keep, form, boundary, copy, token, separator)
    rank = np.bincount(copy, score >= ALL, len(collation.copies)) + np.bincount(votes.copy, minlength=len(collation.copies)) / (
        1 + len(votes.copy)
    )
    order = np.lexsort((-rank[copy], -score, boundary))
    best = np.full(len(keep), -1, np.int64)
    some = np.flatnonzero(np.diff(starts))
    best[some] = order[starts[some]]
    rows = Boundaries(boundary, copy, token, separator, starts, best, paragraph)

    rising = np.argsort(np.argsort(-rank, kind="stable"), kind="stable")  # 0: the copy-text
    of_copy, of_start, of_end = _words(collation, votes, keep, form, rising)
    pieces = _Pieces(collation, separators, own, rows, of_copy, of_start, of_end)
    text, spans, word_starts = pieces.join()
    followed = np.where(best >= 0, separator[np.maximum(best, 0)], -1) if len(separator) else best
    number = {text: at for at, text in enumerate(collation.separator_text)}
    word_ends = word_starts + of_end - of_start
    for at in pieces.composed:
        if 0 < at < len(keep):
            followed[at] = number.get(text[int(word_ends[at - 1]) : int(word_starts[at])], -1)
    return Text(
        text=text,
        spans=spans,
        loci=keep,
        forms=form[keep],
        starts=word_starts,
        ends=word_ends,
        separators=followed,
        boundaries=rows,
        head=pieces.head,
        tail=pieces.tail,
    )


def _rows(collation: Collation, keep: Index) -> tuple[Index, Index, Index, Index]:
    """Boundary, copy, token and separator wherever a copy has two neighbouring words of the edition side by side."""
    rank = np.full(collation.n_loci, -2, np.int64)
    rank[keep] = np.arange(len(keep))
    found: list[tuple[Index, Index, Index, Index]] = []
    for copy, (placed, tokens) in enumerate(zip(collation.loci, collation.tokens, strict=True)):
        at = rank[placed]
        token = np.flatnonzero((at[1:] == at[:-1] + 1) & (at[1:] > 0)) + 1
        found.append((at[token], np.full(len(token), copy), token, tokens.separators[token]))
    boundary, copies, token, separator = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(boundary, kind="stable")
    return boundary[order], copies[order], token[order], separator[order]


MARKS, QUOTED, SPACED, BROKEN = 8.0, 4.0, 2.0, 1.0
ALL = MARKS + QUOTED + SPACED + BROKEN


def _score(
    collation: Collation,
    weights: Weight,
    separators: Separators,
    own: Paragraphs,
    keep: Index,
    form: Index,
    boundary: Index,
    copy: Index,
    token: Index,
    separator: Index,
) -> tuple[Weight, NDArray[np.bool_]]:
    """How far each row agrees with the vote at its boundary, part by part; and where the edition has paragraphs."""
    n = len(keep)
    paragraph = np.zeros(n, bool)
    if not len(boundary):
        return np.zeros(0), paragraph
    places, place = np.unique(boundary, return_inverse=True)
    starts = np.append(np.searchsorted(boundary, places), len(boundary))
    weight = weights[copy]

    # marks are lost more often than added, but a bracket without its other half is dirt
    liked = np.minimum(separators.n_marks[separator], 3) - 9.0 * _unmatched(collation, separators)[flat(collation, copy, token)]
    marks = most(starts, separators.marks[separator], copy, weight + SLIGHT * liked).value[place]

    quoting = keepers(_count(collation, separators.n_quotes), _sizes(collation))[copy]
    quotes = most(starts, separators.quotes[separator], copy, weight * quoting + SLIGHT * (1 + separators.n_quotes[separator]))
    quoted = quotes.value[place]

    keeping = own.kept[copy] * weight
    broken = np.concatenate(own.breaks)[flat(collation, copy, token, extra=1)]
    yes, of = np.bincount(place, keeping * broken), np.bincount(place, keeping)
    paragraph[places] = (2 * yes >= of) & (yes > 0)

    # where votes on a space are equal: none within initials, numbers and compounds, one after other marks
    kinds = {at: len(text := collation.form_text[at]) == 1 and text.isupper() or text.isdecimal() for at in set(form[keep].tolist())}
    tight = np.array([kinds[at] for at in form[keep].tolist()], bool)  # initials and numbers
    within = np.zeros(n, bool)
    within[1:] = tight[1:] & tight[:-1]
    spaced = separators.break_[separator] >= SPACE
    after_mark = separators.stops[separator] & ~within[boundary]
    space = most(starts, spaced.astype(np.int64), copy, weight + SLIGHT * (spaced == after_mark)).value[place] == 1

    score = (
        MARKS * (separators.marks[separator] == marks)
        + QUOTED * (separators.quotes[separator] == quoted)
        + SPACED * ((spaced == space) & ~separators.spoilt[separator])
        + BROKEN * np.where(paragraph[boundary], broken, separators.break_[separator] < LINE)
    )
    return score, paragraph


def flat(collation: Collation, copy: Index, token: Index, extra: int = 0) -> Index:
    """Indices into an array that holds `n_tokens + extra` values of copy 0, then of copy 1, ..."""
    sizes = _sizes(collation) + extra
    return (np.cumsum(sizes) - sizes)[copy] + token


def _sizes(collation: Collation) -> Index:
    return np.array([len(tokens.keys) for tokens in collation.tokens], np.int64)


def _count(collation: Collation, per_separator: Index) -> Index:
    return np.array([int(per_separator[tokens.separators].sum()) for tokens in collation.tokens], np.int64)


def _unmatched(collation: Collation, separators: Separators) -> NDArray[np.bool_]:
    """Whether the separator before each token of each copy has a bracket without its other half (see `_flat`)."""
    out = []
    for tokens in collation.tokens:
        odd = np.zeros(len(tokens.keys), bool)
        open_: list[tuple[str, int]] = []
        for at in np.flatnonzero(separators.brackets[tokens.separators]).tolist():
            for mark in separators.text[tokens.separators[at]]:
                if mark in "([{":
                    open_.append((mark, at))
                elif mark in ")]}":
                    if open_ and open_[-1][0] + mark in {"()", "[]", "{}"}:
                        open_.pop()
                    elif at < len(odd):
                        odd[at] = True
        for _, at in open_:
            odd[min(at, len(odd) - 1)] = True
        out.append(odd)
    return np.concatenate(out)


def _words(
    collation: Collation, votes: Ballots, keep: Index, form: Index, rising: Index
) -> tuple[Index, Index, Index]:
    """For each word of the edition the copy it is taken from, the first of `rising` that spells it so, and its place there."""
    right = np.flatnonzero(votes.form == form[votes.locus])
    right = right[np.lexsort((rising[votes.copy[right]], votes.locus[right]))]
    row = right[np.searchsorted(votes.locus[right], keep)]
    at = flat(collation, votes.copy[row], votes.token[row])
    starts = np.concatenate([tokens.starts for tokens in collation.tokens])
    ends = np.concatenate([tokens.ends for tokens in collation.tokens])
    return votes.copy[row], starts[at], ends[at]


class _Pieces:
    """The pieces `(copy, start, end)` that the text is put together from: a separator, a word, ..., a word, a separator."""

    def __init__(
        self,
        collation: Collation,
        separators: Separators,
        own: Paragraphs,
        rows: Boundaries,
        copy: Index,
        start: Index,
        end: Index,
    ) -> None:
        self.collation, self.separators, self.own, self.rows = collation, separators, own, rows
        self.copy, self.start, self.end = copy, start, end
        self.composed: dict[int, list[Piece]] = {}
        self.head: Ends = self._head() if len(copy) else {}
        self.tail: Ends = self._tail() if len(copy) else {}

    def join(self) -> tuple[str, tuple[Span, ...], Index]:
        """The text, its spans, and where each word starts."""
        n = len(self.copy)
        if not n:
            return "", (), np.zeros(0, np.int64)
        rows, collation = self.rows, self.collation
        copy, start, end = (np.zeros(2 * n + 1, np.int64) for _ in range(3))
        copy[1::2], start[1::2], end[1::2] = self.copy, self.start, self.end
        best = np.maximum(rows.best, 0)
        if len(rows.copy):
            at = flat(collation, rows.copy[best], rows.token[best])
            copy[:-1:2] = rows.copy[best]
            start[:-1:2] = np.concatenate([np.concatenate(([0], tokens.ends[:-1])) for tokens in collation.tokens])[at]
            end[:-1:2] = np.concatenate([tokens.starts for tokens in collation.tokens])[at]
        composed = self.composed = self._composed()
        for boundary in composed:
            start[2 * boundary] = end[2 * boundary] = 0
        size = end - start
        for boundary, pieces in composed.items():
            size[2 * boundary] = sum(b - a for _, a, b in pieces)
        word_starts = (np.cumsum(size) - size)[1::2]

        whole = np.stack((copy, start, end), axis=1)
        chunks, last = [], 0
        for boundary, own in sorted(composed.items()):
            chunks += [whole[last : 2 * boundary], np.array(own, np.int64).reshape(-1, 3)]
            last = 2 * boundary + 1
        pieces = np.concatenate([*chunks, whole[last:]])
        pieces = pieces[pieces[:, 2] > pieces[:, 1]]
        new = np.concatenate(([True], (pieces[1:, 0] != pieces[:-1, 0]) | (pieces[1:, 1] != pieces[:-1, 2])))
        first = np.flatnonzero(new)
        last_of = np.append(first[1:], len(pieces)) - 1
        spans, texts, at_char = [], [], 0
        for which, a, b in zip(pieces[first, 0].tolist(), pieces[first, 1].tolist(), pieces[last_of, 2].tolist(), strict=True):
            texts.append(collation.copies[which].text[a:b])
            spans.append(Span(at_char, at_char + b - a, collation.copies[which].id, a, b))
            at_char += b - a
        return "".join(texts), tuple(spans), word_starts

    def _composed(self) -> dict[int, list[Piece]]:
        """The boundaries whose separator no copy has as it should be, with the pieces it is put together from."""
        rows, n = self.rows, len(self.copy)
        composed: dict[int, list[Piece]] = {0: next(iter(self.head.values()))[:1], n: next(iter(self.tail.values()))[:1]}
        for boundary in np.flatnonzero(rows.best[1:] < 0).tolist():
            composed[boundary + 1] = self._bridge(boundary + 1)
        best = np.maximum(rows.best, 0)
        if not len(rows.copy):
            return composed
        kind = self.separators.break_[rows.separator]
        broken = np.concatenate(self.own.breaks)[flat(self.collation, rows.copy, rows.token, extra=1)]
        wrong = np.where(rows.paragraph, ~broken[best], kind[best] >= LINE) & (rows.best >= 0)
        for boundary in np.flatnonzero(wrong[1:]).tolist():
            of = range(rows.starts[boundary + 1], rows.starts[boundary + 2] if boundary + 2 < len(rows.starts) else len(rows.copy))
            fits = [row for row in of if (broken[row] if rows.paragraph[boundary + 1] else kind[row] == SPACE)]
            if fits:
                composed[boundary + 1] = self._spaced(int(rows.best[boundary + 1]), fits[0])
        return composed

    def _spaced(self, row: int, other: int) -> list[Piece]:
        """The marks of one row with the white space of another."""
        copy, start, _, text = self._separator(row)
        closing, _, opening = parts(text)
        other_copy, other_start, _, other_text = self._separator(other)
        other_closing, space, _ = parts(other_text)
        a, b = start + len(closing), start + len(text) - len(opening)
        s = other_start + len(other_closing)
        return [(copy, start, a), (other_copy, s, s + len(space)), (copy, b, b + len(opening))]

    def _separator(self, row: int) -> tuple[int, int, int, str]:
        copy, token = int(self.rows.copy[row]), int(self.rows.token[row])
        return copy, *self._before(copy, token)

    def _before(self, copy: int, token: int) -> tuple[int, int, str]:
        """Start, end and text of the separator before a token of a copy."""
        tokens, text = self.collation.tokens[copy], self.collation.copies[copy].text
        start = int(tokens.ends[token - 1]) if token else 0
        end = int(tokens.starts[token]) if token < len(tokens.starts) else len(text)
        return start, end, text[start:end]

    def _token(self, word: int) -> tuple[int, int]:
        """The copy and the token that a word of the edition is taken from."""
        copy = int(self.copy[word])
        return copy, int(np.searchsorted(self.collation.tokens[copy].starts, self.start[word]))

    def _bridge(self, boundary: int) -> list[Piece]:
        """Between words that no copy has side by side: what closes the one, a space, what opens the other."""
        copy, token = self._token(boundary - 1)
        start, _, text = self._before(copy, token + 1)
        closing, space, _ = parts(text)
        if not space:  # the mark holds the word to one that is not in the edition
            closing = ""
        next_copy, next_token = self._token(boundary)
        _, next_end, next_text = self._before(next_copy, next_token)
        _, next_space, opening = parts(next_text)
        pieces = [(copy, start, start + len(closing))]
        if space:
            pieces.append((copy, start + len(closing), start + len(closing) + len(space)))
        elif next_space:
            a = next_end - len(opening) - len(next_space)
            pieces.append((next_copy, a, a + len(next_space)))
        else:
            at = self.collation.copies[copy].text.find(" ")
            pieces.append((copy, at, at + 1) if at >= 0 else (copy, start, start))
        return [*pieces, (next_copy, next_end - len(opening), next_end)]

    def _head(self) -> Ends:
        """What opens the first word, as most copies that have it there do, the copy it is taken from before others."""
        found: Ends = {}
        for copy, token in self._holders(0):
            _, end, text = self._before(copy, token)
            opening = text[len(text.rstrip(OPENING)) :]
            found.setdefault(opening, []).append((copy, end - len(opening), end))
        return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0] in "([{", -len(item[0]))))

    def _tail(self) -> Ends:
        """What closes the last word, likewise; of the same marks rather those without spaces between."""
        found: Ends = {}
        for copy, token in self._holders(len(self.copy) - 1):
            start, end, text = self._before(copy, token + 1)
            if end < len(self.collation.copies[copy].text):
                text = parts(text)[0]
            while text and text[-1] not in CLOSING:
                text = text[:-1]
            found.setdefault(text, []).append((copy, start, start + len(text)))
        bare = {text: "".join(text.split()) for text in found}
        votes = {mark: sum(len(found[text]) for text in found if bare[text] == mark) for mark in bare.values()}
        order = sorted(found, key=lambda t: (-votes[bare[t]], -len(bare[t]), len(t), -len(found[t])))
        return {text: found[text] for text in order}

    def _holders(self, word: int) -> list[tuple[int, int]]:
        """Copies and tokens at the locus of a word of the edition, the copy it is taken from first."""
        copy, token = self._token(word)
        locus = self.collation.loci[copy][token]
        holders = []
        for other, placed in enumerate(self.collation.loci):
            at = int(np.searchsorted(placed, locus))
            if at < len(placed) and placed[at] == locus:
                holders.append((other, at))
        return sorted(holders, key=lambda holder: (holder[0] != copy, holder[0]))
