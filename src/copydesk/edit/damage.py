"""What a copy does to words throughout: kinds of words it drops, where it breaks off, how it spells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from copydesk.edit.copytext import Text
from copydesk.edit.evidence import Evidence
from copydesk.edit.habits import KINDS
from copydesk.model import Copy, Damage, Place
from copydesk.repair import ENTITIES, LIGATURES, MOJIBAKE, SOFT_HYPHENS
from copydesk.repair import kind as repairable

TRUNCATED, OTHER = "truncated", "another text"
SPELLINGS = {
    MOJIBAKE: "UTF-8 read as something else",
    ENTITIES: "marks as HTML spells them",
    LIGATURES: "the printer's ligatures",
    SOFT_HYPHENS: "hyphens that are seen only where a line ends",
}


def dropped_words(evidence: Evidence, text: Text) -> list[Damage]:
    """Copies that drop words of a kind, with the place of the first one in the edition that they lack."""
    collation, own = evidence.collation, evidence.habits
    if not own.drops.any():
        return []
    damage = []
    for kind, copy in np.argwhere(own.drops).tolist():
        placed, of_kind = collation.loci[copy], text.loci[own.of_kind[kind][text.loci]]
        lacking = of_kind[~np.isin(of_kind, placed)]
        token = int(np.searchsorted(placed, lacking[0])) if len(lacking) else 0
        end = int(collation.tokens[copy].ends[token - 1]) if token else 0
        n, of = int(own.dropped[kind, copy]), int(own.chances[kind, copy])
        if not n:  # its source is known to drop them, and this story shows none
            continue
        reason = f"it has {of - n or 'none'} of the {of} in the story"
        name = collation.copies[copy].id
        damage.append(Damage(name, KINDS[kind], n, of, reason, Place(name, end, end)))
    return damage


def truncations(evidence: Evidence, text: Text) -> list[Damage]:
    """Copies that break off in mid-sentence, at either end, with the number of words they lack there."""
    collation, reach = evidence.collation, evidence.reach
    n_words, damage = len(text.loci), []
    beyond = text.loci.searchsorted(reach.first) + n_words - text.loci.searchsorted(reach.end)
    for at, (copy, n) in enumerate(zip(collation.copies, beyond.tolist(), strict=True)):
        if n:
            end = len(copy.text) if reach.end[at] < collation.n_loci else 0
            reason = "words of the edition beyond where it breaks off"
            damage.append(Damage(copy.id, TRUNCATED, n, n_words, reason, Place(copy.id, end, end)))
    return damage


def spellings(evidence: Evidence) -> list[Damage]:
    """Copies in which words or marks need repair (mojibake, entities, ligatures, soft hyphens): how many of them."""
    words, between, rows = evidence.collation.form_text, evidence.separators, evidence.rows
    if not evidence.forms.marred.any() and not between.marred.any():
        return []
    kinds = list(SPELLINGS)
    of_form, of_mark = (
        np.array([kinds.index(found) if (found := repairable(text)) else -1 for text in texts], np.int64)
        for texts in (words, between.text)
    )
    counts = np.diff(rows.starts)
    damage = []
    for number in sorted({*of_form.tolist(), *of_mark.tolist()} - {-1}):
        in_word, in_mark = (of_form == number)[rows.form], (of_mark == number)[rows.before]
        n = np.bincount(rows.copy, in_word.astype(np.int64) + in_mark, len(counts)).astype(np.int64)
        for copy in n.nonzero()[0].tolist():
            at = int(rows.starts[copy] + (in_word | in_mark)[rows.starts[copy] : rows.starts[copy + 1]].argmax())
            end = int(rows.start[at])
            start, end = (end, int(rows.end[at])) if in_word[at] else (int(rows.end[at - 1]) if rows.token[at] else 0, end)
            name, kind = evidence.collation.copies[copy].id, kinds[number]
            of = 2 * int(counts[copy])  # words, and what stands before each
            damage.append(Damage(name, kind, int(n[copy]), of, SPELLINGS[kind], Place(name, start, end)))
    return damage


def other_texts(strangers: Sequence[Copy]) -> list[Damage]:
    """The copies that are of another text altogether, with the number of their words."""
    reason = "shares nothing with the other copies and is not collated"
    sizes = [len(copy.text.split()) for copy in strangers]
    return [
        Damage(copy.id, OTHER, size, size, reason, Place(copy.id, 0, len(copy.text)))
        for copy, size in zip(strangers, sizes, strict=True)
    ]
