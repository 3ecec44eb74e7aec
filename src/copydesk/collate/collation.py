"""Copies of one story -> their collation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from copydesk.collate.align import vocabulary
from copydesk.collate.anew import anew
from copydesk.collate.moves import moves
from copydesk.collate.repeats import put_back, repeat, without
from copydesk.collate.runs import grams
from copydesk.collate.slide import GRAM, Row
from copydesk.collate.table import table
from copydesk.collate.tokens import tokenize
from copydesk.model import Collation, Copy, Tokens

if TYPE_CHECKING:
    from copydesk.model import Index, Marks

ENDING = frozenset(".!?…؟۔।。！？")  # marks that end a sentence


def collate(copies: Sequence[Copy]) -> Collation:
    """Aligns copies, in order of their texts, whatever the order they came in. Loses nothing: see `rebuild`."""
    ordered = sorted(copies, key=lambda copy: (copy.text, copy.id))
    distinct = list(dict.fromkeys([copy.text for copy in ordered]))
    cut, form_text, separator_text, words = tokenize(distinct)
    tokens_of = dict(zip(distinct, cut, strict=True))
    tokens = [tokens_of[copy.text] for copy in ordered]
    every = np.concatenate([own.keys for own in tokens])
    hashes = grams(every, GRAM)
    sizes = [len(own.keys) for own in tokens]
    rows = _rows(tokens, sizes, every, hashes, separator_text)
    again = [repeat(row) for row in rows]
    to_align = [without(row, twice) if twice else row for row, twice in zip(rows, again, strict=True)]
    keys = [np.delete(own.keys, slice(*twice)) if twice else own.keys for own, twice in zip(tokens, again, strict=True)]
    n_loci, loci = anew(*table(to_align, vocabulary(words, every)), keys)
    n_loci, loci, repeats = put_back(n_loci, loci, rows, again)
    return Collation(
        copies=tuple(ordered),
        tokens=tuple(tokens),
        loci=tuple(loci),
        n_loci=n_loci,
        moves=moves(sizes, np.concatenate(loci), hashes),
        form_text=form_text,
        separator_text=separator_text,
        repeats=repeats,
    )


def _rows(tokens: Sequence[Tokens], sizes: Sequence[int], every: Index, hashes: Marks, separators: Sequence[str]) -> list[Row]:
    """The tokens of each copy as the table takes them; `every` has the keys of one copy after another."""
    begins = np.array([_begins(text) for text in separators], np.int64)
    keys, grams = every.tolist(), hashes.tolist()
    rows = []
    end = 0
    for own, size in zip(tokens, sizes, strict=True):
        start, end = end, end + size
        last = max(start, end - GRAM + 1)
        begun = begins[own.separators[:-1]].tolist()
        rows.append(Row(keys[start:end], begun, grams[start:last], hashes[start:last]))
    return rows


def _begins(separator: str) -> int:
    """What begins after a separator (see `Row`)."""
    return 2 if "\n" in separator else int(not ENDING.isdisjoint(separator) and separator.strip() != separator)


def rebuild(collation: Collation, at: int) -> str:
    """The text of copy `at`, to the letter, from the collation alone."""
    tokens = collation.tokens[at]
    words = [collation.form_text[form] for form in tokens.forms.tolist()]
    between = [collation.separator_text[separator] for separator in tokens.separators.tolist()]
    return "".join([between[0], *(word + after for word, after in zip(words, between[1:], strict=True))])
