"""Which blocks of the edition a copy has nothing of, by what they are and where they stand.

A source that drops every heading, or every first paragraph, is known by that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from copydesk.edit.copytext import Text
from copydesk.edit.evidence import Evidence
from copydesk.edit.tally import within
from copydesk.model import Damage, Place

if TYPE_CHECKING:
    from copydesk.model import Flags, Index, Weights

HEADINGS, LISTS, QUOTATIONS = "headings dropped", "list items dropped", "quotations dropped"
FIRST, LAST, INSIDE = "first paragraph dropped", "last paragraph dropped", "paragraphs dropped"
FEWEST = 3  # blocks: of fewer there is no inside
WORDS = 3  # of a block that counts: fewer are found by chance elsewhere, or nowhere
NOTHING = 0.1  # share of its words that a copy which has dropped a block may have there
LONGEST_HEADING = 14  # words
BEGINS = 8  # words of a block by which it is sought at other places

BLOCK = re.compile(r"[^\n]+")
ITEM = re.compile(r"\s*(?:[•◦▪‣●*–-]|\(?(?:\d{1,2}|[a-z])[.)])\s")
QUOTED = re.compile(r"\s*[“\"«„‘].*[”\"»“’]\W*", re.DOTALL)
ENDED = re.compile(r"[.!?…:;,。！？।][\"'”’»)\]]*\s*$")


def dropped_blocks(evidence: Evidence, text: Text) -> list[Damage]:
    """Copies that lack blocks whole, by kind of block, with the place in the copy where the first of them would be.

    Chances are the blocks of the kind that the copy reaches. What it has at some other place is not dropped but moved.
    """
    blocks = [match.span() for match in BLOCK.finditer(text.text)]
    if len(blocks) < FEWEST or len(evidence.collation.copies) < 2:
        return []
    firsts = text.starts.searchsorted([start for start, _ in blocks])
    sizes = np.append(firsts[1:], len(text.starts)) - firsts
    counted = (sizes >= WORDS).nonzero()[0]
    firsts, sizes = firsts[counted], sizes[counted]
    if len(counted) < FEWEST:
        return []
    places = [blocks[at] for at in counted.tolist()]
    first, last = text.loci[firsts], text.loci[firsts + sizes - 1]
    reach = evidence.reach
    reached = (reach.first[:, None] <= first) & (reach.end[:, None] > last)
    lacked: Flags = np.less_equal(_share(evidence, text.loci, firsts, sizes), NOTHING)
    lacked &= reached
    if not lacked.any():
        return []
    lacked &= ~_elsewhere(evidence, text, places, lacked)
    kinds = [_kind(text.text[start:end], n) for (start, end), n in zip(places, sizes.tolist(), strict=True)]
    prose = [at for at, kind in enumerate(kinds) if kind == INSIDE]
    if len(prose) >= FEWEST:
        kinds[prose[0]], kinds[prose[-1]] = FIRST, LAST
    damage = []
    for copy in np.flatnonzero(lacked.any(axis=1)).tolist():
        for kind in sorted({kinds[at] for at in lacked[copy].nonzero()[0].tolist()}):
            of_kind = np.array([own == kind for own in kinds])
            dropped = lacked[copy] & of_kind
            n, of = int(dropped.sum()), int((reached[copy] & of_kind).sum())
            reason = f"it has {of - n or 'none'} of the {of} that it reaches"
            example = _before(evidence, copy, int(first[dropped.argmax()]))
            damage.append(Damage(evidence.collation.copies[copy].id, kind, n, of, reason, example))
    return damage


def _share(evidence: Evidence, loci: Index, firsts: Index, sizes: Index) -> Weights:
    """What share of the words of each block each copy has, `(n_copies, n_blocks)`."""
    votes, n_copies = evidence.votes, len(evidence.collation.copies)
    block = np.full(evidence.collation.n_loci, len(sizes), np.int64)
    block[loci[within(firsts, sizes)]] = np.arange(len(sizes)).repeat(sizes)
    held = np.bincount(votes.copy * (len(sizes) + 1) + block[votes.locus], minlength=n_copies * (len(sizes) + 1))
    shares: Weights = held.reshape(n_copies, -1)[:, :-1] / sizes
    return shares


def _elsewhere(evidence: Evidence, text: Text, places: list[tuple[int, int]], lacked: Flags) -> Flags:
    """Which of the blocks that copies lack they have at some other place, by the first letters of each."""
    found = np.zeros_like(lacked)
    for copy in np.flatnonzero(lacked.any(axis=1)).tolist():
        own = " ".join(evidence.collation.copies[copy].text.split())
        for at in lacked[copy].nonzero()[0].tolist():
            begins = " ".join(text.text[slice(*places[at])].split()[:BEGINS])
            found[copy, at] = begins in own
    return found


def _kind(block: str, n_words: int) -> str:
    if ITEM.match(block):
        return LISTS
    if QUOTED.fullmatch(block):
        return QUOTATIONS
    return HEADINGS if n_words <= LONGEST_HEADING and not ENDED.search(block) else INSIDE


def _before(evidence: Evidence, copy: int, locus: int) -> Place:
    """The place in a copy after its last word before a locus."""
    collation = evidence.collation
    token = int(collation.loci[copy].searchsorted(locus))
    end = int(collation.tokens[copy].ends[token - 1]) if token else 0
    name = collation.copies[copy].id
    return Place(name, end, end)
