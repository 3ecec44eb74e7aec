"""What a source is like, in words: one line of what it does to texts, what it does most first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from copydesk.edit.habits import DIGITS, HYPHENATED
from copydesk.edit.keepers import SITE, STORY
from copydesk.edit.trust import DOES, so_many

DROPS = {HYPHENATED: "hyphenated words", DIGITS: "words with digits"}
HABIT, NOTED = 0.2, 1e-4
"""The share of words of a kind from which a source drops them; the share of all words from which a slip is worth a word."""
OFTEN = 0.05
"""The share of copies from which a damage is named, and of paragraphs from which it is said who loses and keeps them."""


def in_words(row: Mapping[str, Any]) -> str:
    """What a row of `sources.parquet` says of a source; nothing where it says nothing of note.

    >>> in_words({"rates": [{"kind": "hyphenated words dropped", "n": 1204, "of": 1204}]})
    'drops every hyphenated word: 1,204 of 1,204'
    """
    rates = [(rate["kind"], rate["n"], rate["of"]) for rate in row["rates"] or () if rate["n"] > 0]
    drops, slips, damage = [], [], []
    for kind, n, of in sorted(rates, key=lambda rate: (-rate[1] / rate[2], rate[0])):
        if kind in DROPS:
            if n >= HABIT * of:
                some = f"every {DROPS[kind].replace('words', 'word', 1)}" if n == of else DROPS[kind]
                drops.append(f"drops {some}: {n:,.0f} of {of:,.0f}")
        elif kind in DOES:
            if n >= NOTED * of:
                slips.append(f"{DOES[kind]} 1 word in {so_many(of / n)}")
        elif kind == STORY:
            if of - n >= OFTEN * of:
                slips.append(f"loses {1 - n / of:.0%} of the paragraphs of stories")
        elif kind == SITE:
            if n >= OFTEN * of:
                slips.append(f"keeps {n / of:.0%} of the paragraphs of sites")
        elif n >= OFTEN * of:
            damage.append(f"{kind}: {n:,.0f} of {of:,.0f} copies")
    return "; ".join((*drops, *slips, *damage))
