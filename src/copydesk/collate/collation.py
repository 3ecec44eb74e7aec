"""Copies of one story -> their collation."""

from __future__ import annotations

from collections.abc import Sequence

from copydesk.collate.align import vocabulary
from copydesk.collate.moves import moves
from copydesk.collate.table import table
from copydesk.collate.tokens import tokenize
from copydesk.model import Collation, Copy


def collate(copies: Sequence[Copy]) -> Collation:
    """Aligns copies, in order of their texts, whatever the order they came in. Loses nothing: see `rebuild`."""
    ordered = sorted(copies, key=lambda copy: (copy.text, copy.id))
    tokens, form_text, separator_text, words = tokenize([copy.text for copy in ordered])
    rows = [own.keys for own in tokens]
    n_loci, loci = table(rows, vocabulary(words, rows))
    return Collation(
        copies=tuple(ordered),
        tokens=tuple(tokens),
        loci=tuple(loci),
        n_loci=n_loci,
        moves=moves(tokens, loci),
        form_text=form_text,
        separator_text=separator_text,
    )


def rebuild(collation: Collation, at: int) -> str:
    """The text of copy `at`, to the letter, from the collation alone."""
    tokens = collation.tokens[at]
    words = [collation.form_text[form] for form in tokens.forms.tolist()]
    between = [collation.separator_text[separator] for separator in tokens.separators.tolist()]
    return "".join([between[0], *(word + after for word, after in zip(words, between[1:], strict=True))])
