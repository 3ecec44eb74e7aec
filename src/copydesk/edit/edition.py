"""Loci -> edition: the place that strings the parts of this room together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from copydesk.edit.alone import alone
from copydesk.edit.apparatus import word_variants
from copydesk.edit.choose import choose
from copydesk.edit.copytext import copytext
from copydesk.edit.damage import dropped_words, other_texts, spellings, truncations
from copydesk.edit.evidence import Evidence, gather
from copydesk.edit.lost import dropped_blocks
from copydesk.edit.metadata import metadata
from copydesk.edit.readings import read
from copydesk.edit.splice import Draft, changes, part, parted, splice
from copydesk.edit.traces import traces
from copydesk.edit.typography import typography
from copydesk.edit.versions import UNTOLD, Versions, versions
from copydesk.edit.witnesses import witnesses
from copydesk.model import NOTHING, Collation, Copy, Edition, Known

if TYPE_CHECKING:
    from copydesk.model import Index


def edit(collation: Collation, strangers: Sequence[Copy] = (), known: Known = NOTHING, *, witnessed: bool = True) -> Edition:
    """Reconciles the copies of a story; `strangers` are copies that came with them and turned out to be of another text.

    `known` is what the corpus tells of their sources. Where it is not to be `witnessed`, the edition has no `witnesses`, which
    takes less time. Of a story that was published in several versions the edition is of the last one, with those of the others
    in it.
    """
    evidence = gather(collation, known)
    lines = tuple([tuple(sorted(collation.copies[at].id for at in np.flatnonzero(line))) for line in evidence.lines])
    found = versions(evidence)
    if found is None:
        return _edition(_draft(evidence, witnessed=witnessed), collation, strangers, lines)
    editions: list[Edition] = []
    drafts = _drafts(collation, found, known)
    for version, draft in enumerate(drafts):
        own = tuple(copy.id for copy, of in zip(collation.copies, found.of.tolist(), strict=True) if of == version)
        edition = _edition(draft, collation, strangers, lines)
        editions.append(
            msgspec.structs.replace(
                edition,
                version=version + 1,
                of_version=tuple(sorted(own)),
                changes=changes(draft, drafts[version - 1]) if version else (),
                reason=found.reason,
            )
        )
    return msgspec.structs.replace(editions[-1], earlier=tuple(editions[:-1]))


def _drafts(collation: Collation, found: Versions, known: Known) -> list[Draft]:
    """The draft of each version: no copy has a vote where the versions differ but its own copies."""
    nowhere, everyone = np.zeros(collation.n_loci, bool), np.ones(len(collation.copies), bool)
    places = nowhere.copy()
    for start, end in found.places:
        places[start:end] = True
    order = [copy.id for copy in collation.copies]
    common = _draft(*_gathered(*part(collation, everyone, places), known))
    common = replace(common, witnesses=parted(common, collation, found.places))
    drafts = []
    for version in range(found.n):
        members = found.of == version
        others = [id_ for id_, own in zip(order, members.tolist(), strict=True) if not own]
        own = _draft(*_gathered(*part(collation, members, nowhere), known))
        spliced = splice(common, own, found.places, others, order)
        elsewhere = {id_ for id_, of in zip(order, found.of.tolist(), strict=True) if of not in {version, UNTOLD}}
        drafts.append(replace(spliced, damage=[damage for damage in spliced.damage if damage.copy not in elsewhere]))
    return drafts


def _gathered(collation: Collation, loci: Index, known: Known) -> tuple[Evidence, Index]:
    return gather(collation, known), loci


def _draft(evidence: Evidence, loci: Index | None = None, *, witnessed: bool = True) -> Draft:
    """The text that the evidence gives; `loci` are the numbers of its loci, where they are some of a greater whole."""
    choice = alone(evidence, choose(evidence))
    words = read(evidence, choice.keep, choice.parted)
    text = copytext(evidence, np.flatnonzero(words.keep), words.form)
    drops = dropped_words(evidence, text)
    between, damage = typography(evidence, text)
    copies = evidence.collation.copies
    found = traces(copies[0]) if len(copies) == 1 else spellings(evidence)
    return Draft(
        text=text.text,
        loci=text.loci if loci is None else loci[text.loci],
        forms=text.forms,
        starts=text.starts,
        ends=text.ends,
        spans=text.spans,
        witnesses=witnesses(evidence, text) if witnessed else (),
        in_words=word_variants(evidence, choice, words, text, drops),
        between=between,
        damage=[*damage, *drops, *dropped_blocks(evidence, text), *truncations(evidence, text), *found],
    )


def _edition(draft: Draft, collation: Collation, strangers: Sequence[Copy], lines: tuple[tuple[str, ...], ...]) -> Edition:
    """The edition of a draft."""
    variants = [*draft.in_words, *draft.between]
    variants.sort(key=attrgetter("start", "end"))  # at one point they stay in order of the copies
    damage = [*draft.damage, *other_texts(strangers)]
    return Edition(
        text=draft.text,
        copies=tuple(sorted([*collation.copies, *strangers], key=attrgetter("id", "text"))),
        spans=tuple(draft.spans),
        witnesses=tuple(draft.witnesses),
        variants=tuple(variants),
        damage=tuple(sorted(damage, key=attrgetter("copy", "kind"))),
        metadata=metadata(variants, len(draft.text)),
        confidence=_confidence(draft),
        lines=lines,
    )


def _confidence(draft: Draft) -> float:
    """The mean probability over the words of the edition, and those left out, that they are rightly so."""
    doubt = out = 0.0
    for variant in draft.in_words:
        size = 1
        for reading in variant.readings:
            if not reading.text.isalnum():
                size = max(size, len(reading.text.split()))
        doubt += size * (1 - variant.confidence)
        out += size if variant.start == variant.end else 0
    return round(max(0.0, 1 - doubt / max(1.0, len(draft.loci) + out)), 4)
