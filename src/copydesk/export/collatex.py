"""An edition as an alignment table in the JSON that CollateX writes and its tools read.

A row for each locus, in it a cell for each witness: its tokens, each with `t`, the text with the white space after it, and `n`,
the letters by which it is compared. All `t` of a witness, one after the other, are the copy to the letter.
"""

from __future__ import annotations

import re
from typing import Any

from copydesk.export.loci import loci
from copydesk.model import Edition

TOKEN = re.compile(r"\s+|\S+\s*")
Token = dict[str, str]


def table(story: str, edition: Edition) -> dict[str, Any]:
    """The table of a story; `edition` gives for each row where it stands in the edition, and its kind where copies differ."""
    cut = loci(edition)
    rows: list[list[list[Token]]] = []
    places: list[dict[str, Any]] = []
    for row in cut.rows:
        cells = [
            _tokens(copy.text[place[0] : place[1]]) if place else [] for copy, place in zip(cut.copies, row.places, strict=True)
        ]
        kinds = [edition.variants[n].kind for n in row.variants]
        if any(cells) or row.end > row.start:
            rows.append(cells)
            places.append({"start": row.start, "end": row.end, "kinds": kinds})
    witnesses = [copy.id for copy in cut.copies]
    if cut.strangers:  # each is its own text, after that of the others
        rows = [[*cells, *([] for _ in cut.strangers)] for cells in rows]
        for n, copy in enumerate(cut.strangers):
            own: list[list[Token]] = [[] for _ in (*cut.copies, *cut.strangers)]
            own[len(cut.copies) + n] = _tokens(copy.text)
            rows.append(own)
            places.append({"start": len(edition.text), "end": len(edition.text), "kinds": ["another text"]})
        witnesses += [copy.id for copy in cut.strangers]
    return {"story": story, "witnesses": witnesses, "table": rows, "edition": places}


def _tokens(text: str) -> list[Token]:
    return [{"t": token, "n": _compared(token)} for token in TOKEN.findall(text)]


def _compared(token: str) -> str:
    """The letters of a token in small letters; of a token without letters its marks."""
    return "".join(filter(str.isalnum, token.casefold())) or token.strip()
