"""What people would use instead: a star alignment and a vote on three aligners, each as short as its authors would write it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any

from rapidfuzz.distance import Levenshtein

# (tag, start and end in the one, start and end in the other): what both libraries call opcodes.
Opcode = tuple[str, int, int, int, int]
Aligner = Callable[[Sequence[str], Sequence[str]], Iterable[Opcode]]


def rapidfuzz_opcodes(a: Sequence[str], b: Sequence[str]) -> list[Opcode]:
    """How to turn `a` into `b`, by RapidFuzz's Levenshtein distance on tokens."""
    return [(o.tag, o.src_start, o.src_end, o.dest_start, o.dest_end) for o in Levenshtein.opcodes(a, b)]


def difflib_opcodes(a: Sequence[str], b: Sequence[str]) -> list[Opcode]:
    """How to turn `a` into `b`, by difflib, which must not take common words for junk."""
    return list(SequenceMatcher(None, a, b, autojunk=False).get_opcodes())


def medoid(rows: Sequence[Sequence[str]]) -> Sequence[str]:
    """The row most like the others."""
    return min(rows, key=lambda row: sum(Levenshtein.distance(row, other) for other in rows))


def star_vote(texts: Sequence[str], opcodes: Aligner = rapidfuzz_opcodes, centred: bool = False) -> str:
    """Align every text, word by word, to the first (or the medoid), and let the majority decide each word and each gap."""
    rows = [text.split() for text in texts]
    centre = medoid(rows) if centred else rows[0]
    words: list[Counter[str]] = [Counter() for _ in centre]
    gaps: list[Counter[tuple[str, ...]]] = [Counter() for _ in range(len(centre) + 1)]
    for row in rows:
        for tag, a, b, c, d in opcodes(centre, row):
            if tag == "insert":
                gaps[a][tuple(row[c:d])] += 1
                continue
            for i in range(a, b):
                words[i][row[c + i - a] if c + i - a < d else ""] += 1
            if d - c > b - a:
                gaps[b][tuple(row[c + b - a : d])] += 1
    edition: list[str] = []
    for gap, word in zip(gaps, [*words, Counter([""])], strict=True):
        if gap and max(gap.values()) > len(rows) / 2:
            edition += gap.most_common(1)[0][0]
        edition.append(word.most_common(1)[0][0])
    return " ".join(filter(None, edition))


def collatex_vote(texts: Sequence[str]) -> str:
    """Let CollateX (GPL, so never a part of Copydesk) make the table, and the majority decide each column of it."""
    import collatex  # raises ImportError where it is not installed

    collation = collatex.Collation()
    for at, text in enumerate(texts):
        collation.add_plain_witness(str(at), text)
    columns: list[Any] = collatex.collate(collation, segmentation=False).columns
    edition = []
    for column in columns:
        cells = Counter("".join(token.token_data["t"] for token in cell) for cell in column.tokens_per_witness.values())
        cells[""] += len(texts) - cells.total()
        edition.append(cells.most_common(1)[0][0])
    return " ".join("".join(edition).split())
