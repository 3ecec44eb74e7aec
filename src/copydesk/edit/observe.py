"""What one story tells of the sources of its copies, for `reliability` to learn from."""

from __future__ import annotations

import re
from hashlib import blake2b

import msgspec

from copydesk.edit.evidence import Evidence, gather
from copydesk.edit.keepers import Kept, kept
from copydesk.edit.units import Units, divide
from copydesk.model import Collation, Known

DIGIT = re.compile(r"\d")


class Observed(msgspec.Struct, frozen=True):
    """`paragraphs` are the fingerprints of those of a story, `kept` tells who has them."""

    paragraphs: frozenset[int]
    kept: Kept | None


def observe(collation: Collation) -> Observed:
    """Looks at a collation before anything is decided."""
    evidence = gather(collation, Known())
    units = divide(evidence)
    paragraphs = frozenset(fingerprint(evidence, units, unit) for unit in range(len(units.starts)))
    return Observed(paragraphs, kept(evidence, units))


def fingerprint(evidence: Evidence, units: Units, unit: int) -> int:
    """A number for the words of a unit, whatever their case; all numerals count alike (`3 comments`)."""
    votes = evidence.votes
    forms = votes.form[votes.starts[units.starts[unit] : units.ends[unit]]].tolist()
    words = " ".join(evidence.collation.form_text[form] for form in forms).casefold()
    return int.from_bytes(blake2b(DIGIT.sub("0", words).encode(), digest_size=8).digest(), "big", signed=True)
