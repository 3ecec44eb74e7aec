"""What one story tells of the sources of its copies, for `reliability` to learn from."""

from __future__ import annotations

import re
from hashlib import blake2b

import msgspec
import numpy as np

from copydesk.edit.disputed import Disputed, disputed
from copydesk.edit.evidence import Evidence, gather
from copydesk.edit.habits import KINDS
from copydesk.edit.keepers import Kept, kept
from copydesk.edit.lacunae import BROKEN_OFF
from copydesk.edit.moved import Moved, moved
from copydesk.edit.units import Units, divide
from copydesk.model import Collation, Known

DIGIT = re.compile(r"\d")


class Observed(msgspec.Struct, frozen=True):
    """What there is of each matter: fingerprints of the `paragraphs`, who has them (`kept`), `words` in dispute, `moved` ones.

    `habits[source][kind]` counts the words of a kind that copies of a source lack, and those that they could have, or the
    texts that it has broken off, of all.
    """

    paragraphs: frozenset[int]
    kept: Kept | None
    words: Disputed
    moved: Moved
    habits: dict[str, dict[str, tuple[int, int]]]


def observe(collation: Collation) -> Observed:
    """Looks at a collation before anything is decided."""
    evidence = gather(collation, Known())
    units = divide(evidence)
    return Observed(
        paragraphs=frozenset(fingerprint(evidence, units, unit) for unit in range(len(units.starts))),
        kept=kept(evidence, units),
        words=disputed(evidence, units),
        moved=moved(collation, evidence.rows),
        habits=_habits(evidence),
    )


def _habits(evidence: Evidence) -> dict[str, dict[str, tuple[int, int]]]:
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for kind, copy in np.argwhere(evidence.habits.chances).tolist():
        source = evidence.collation.copies[copy].source
        if source is not None:
            own = found.setdefault(source, {})
            n, of = own.get(KINDS[kind], (0, 0))
            dropped, chances = int(evidence.habits.dropped[kind, copy]), int(evidence.habits.chances[kind, copy])
            own[KINDS[kind]] = (n + dropped, of + chances)
    if len(evidence.weights) > 1:
        for of_copy, end in zip(evidence.collation.copies, evidence.reach.end.tolist(), strict=True):
            if of_copy.source is not None:
                own = found.setdefault(of_copy.source, {})
                n, of = own.get(BROKEN_OFF, (0, 0))
                own[BROKEN_OFF] = (n + (end < evidence.collation.n_loci), of + 1)
    return found


def fingerprint(evidence: Evidence, units: Units, unit: int) -> int:
    """A number for the words of a unit, whatever their case; all numerals count alike (`3 comments`)."""
    votes = evidence.votes
    forms = votes.form[votes.starts[units.starts[unit] : units.ends[unit]]]
    words = list(map(evidence.collation.form_text.__getitem__, forms.tolist()))
    for at in evidence.forms.digit[forms].nonzero()[0].tolist():
        words[at] = DIGIT.sub("0", words[at])
    text = " ".join(words).casefold()
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
