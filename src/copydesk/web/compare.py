"""Two copies of a story side by side, or one and the edition: paragraph beside paragraph, word aligned to word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.model import Copy
from copydesk.web.asked import CompareAsked, Compared, CopyAsked, Refused, Row, Side
from copydesk.web.story import copy, edition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copydesk.model import Collation
    from copydesk.web.index import Index

LONGEST = 1_500_000
"""Characters of both texts that are aligned while a reader waits."""


def compare(index: Index, asked: CompareAsked) -> Compared:
    """Two texts of a story in rows. A side that is not named is the edition."""
    row, _ = edition(index, asked.id, asked.version)
    texts = [row["text"] if id_ is None else _text(index, asked.id, id_) for id_ in (asked.one, asked.other)]
    if sum(map(len, texts)) > LONGEST:
        raise Refused(422, f"these texts have more than {LONGEST:,} characters, too many to align while you wait")
    rows, same, n = _rows(*texts)
    return Compared(asked.one, asked.other, round(same / n, 4) if n else 1.0, rows)


def _text(index: Index, story_id: str, copy_id: str) -> str:
    found = copy(index, CopyAsked(copy_id))
    if found.story_id != story_id:
        raise Refused(404, f"{copy_id} is no copy of this story, but of {found.story_id}")
    return found.text


def _rows(one: str, other: str) -> tuple[list[Row], int, int]:
    """The rows, how many words both have, and how many there are in all; a row ends where either has a paragraph's end."""
    from copydesk.collate.collation import collate

    collation = collate([Copy("one", one), Copy("other", other)])
    at = {copy.id: n for n, copy in enumerate(collation.copies)}
    rows: list[tuple[list[Side], list[Side]]] = [([], [])]
    n_same = n = 0
    for left, right, same, ends in _aligned(collation, at["one"], at["other"]):
        n, n_same = n + 1, n_same + same
        for sides, text in zip(rows[-1], (left, right), strict=True):
            _put(sides, text, same)
        if ends:
            rows.append(([], []))
    return [Row(*map(_trimmed, row)) for row in rows if any(row)], n_same, n


def _aligned(collation: Collation, one: int, other: int) -> Iterator[tuple[str, str, bool, bool]]:
    """At each locus what either side has, with what stands after it; whether it is the same, and whether a paragraph ends."""
    sides = []
    for n in (one, other):
        tokens, text = collation.tokens[n], collation.copies[n].text
        ends = [*tokens.starts.tolist()[1:], len(text)]
        starts = [0, *ends[:-1]]
        forms = tokens.forms.tolist()
        pieces = [text[start:end] for start, end in zip(starts, ends, strict=True)] if forms else []
        sides.append(
            {locus: (form, piece) for locus, form, piece in zip(collation.loci[n].tolist(), forms, pieces, strict=True)}
        )
    for locus in range(collation.n_loci):
        left, right = (side.get(locus) for side in sides)
        if left is None and right is None:
            continue
        texts = [side[1] if side else "" for side in (left, right)]
        same = bool(left and right and left[0] == right[0] and _marks(left[1]) == _marks(right[1]))
        yield texts[0], texts[1], same, bool(left and right) and any("\n" in text for text in texts)


def _marks(piece: str) -> str:
    return "".join(piece.split())


def _put(sides: list[Side], text: str, same: bool) -> None:
    """Put words at the end; with those before them, if these are the same, or differ, as well."""
    if not text:
        return
    if sides and sides[-1].same == same:
        sides[-1] = Side(sides[-1].text + text, same)
    else:
        sides.append(Side(text, same))


def _trimmed(sides: list[Side]) -> list[Side]:
    """Without the ends of lines at its end, which the row stands for."""
    return [*sides[:-1], Side(sides[-1].text.rstrip("\r\n"), sides[-1].same)] if sides else sides
