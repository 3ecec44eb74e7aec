"""The variants of one edition, as columns: asked for what one copy did without looking at the others one by one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from copydesk.model import Index

BOILERPLATE = "boilerplate"
LOST, ADDED, ALTERED, OF_SITE, LACUNA = "lost", "added", "altered", "boilerplate", "lacuna"
"""What a copy did at a place of the edition: words lost, added or altered, text of the site, or it does not reach the place."""


@dataclass(frozen=True)
class Own:
    """What one copy has at the variants of an edition.

    `variants` are the numbers of those at which it has another reading than the chosen one, `did` what it did there, `readings`
    the numbers of those readings.
    """

    variants: Index
    did: list[str]
    readings: Index


class Apparatus:
    """The variants of an edition, numbered from 0 in order of place; their readings are numbered through all variants."""

    def __init__(self, table: pa.Table) -> None:
        """`table` has the columns of `variants` from `start` on."""
        table = table.combine_chunks()
        columns = {name: table.column(name).combine_chunks() for name in table.column_names}
        self.n = len(table)
        self.start: Index = columns["start"].to_numpy(zero_copy_only=False)
        self.end: Index = columns["end"].to_numpy(zero_copy_only=False)
        self.kind: list[str] = columns["kind"].to_pylist()
        self.chosen: Index = columns["chosen"].to_numpy(zero_copy_only=False)
        self.reason = columns["reason"]
        self.confidence = columns["confidence"].to_numpy(zero_copy_only=False)
        readings = columns["readings"]
        self.first: Index = (
            readings.offsets.to_numpy().astype(np.int64) - readings.offsets[0].as_py() if self.n else np.zeros(1, int)
        )
        flat = readings.flatten()
        self._text, copies = flat.field("text"), flat.field("copies")
        self._copies = copies.flatten()
        self._ends = copies.offsets.to_numpy().astype(np.int64) if len(copies) else np.zeros(1, np.int64)
        self._ends = self._ends - self._ends[0]

    def text(self, reading: int) -> str:
        """The text of a reading; empty where it is an omission."""
        text: str = self._text[reading].as_py()
        return text

    def copies(self, reading: int) -> list[str]:
        """The copies that have a reading."""
        start, end = self._ends[reading], self._ends[reading + 1]
        copies: list[str] = self._copies.slice(start, end - start).to_pylist()
        return copies

    def readings(self, variant: int) -> range:
        """The numbers of the readings of a variant."""
        return range(int(self.first[variant]), int(self.first[variant + 1]))

    def own(self, copy_ids: Iterable[str]) -> dict[str, Own]:
        """What each of some copies has."""
        import pyarrow as pa
        import pyarrow.compute as pc

        ids = list(copy_ids)
        whose = pc.index_in(self._copies, pa.array(ids, pa.string())).fill_null(-1).to_numpy(zero_copy_only=False)
        rows = np.flatnonzero(whose >= 0)
        reading = np.searchsorted(self._ends, rows, side="right") - 1
        own = {}
        for number, copy_id in enumerate(ids):
            of_it = reading[whose[rows] == number]
            variant = self._variant_of[of_it]
            other = of_it != self._chosen_reading[variant]
            did = [self._did(int(v), int(r)) for v, r in zip(variant[other], of_it[other], strict=True)]
            own[copy_id] = Own(variant[other], did, of_it[other])
        return own

    def _did(self, variant: int, reading: int) -> str:
        if not self._sizes[reading]:
            return LOST
        if self._sizes[self._chosen_reading[variant]]:
            return ALTERED
        return OF_SITE if self.kind[variant].startswith(BOILERPLATE) else ADDED

    @cached_property
    def _variant_of(self) -> Index:
        return np.repeat(np.arange(self.n), np.diff(self.first))

    @cached_property
    def _chosen_reading(self) -> Index:
        return self.first[:-1] + self.chosen

    @cached_property
    def _sizes(self) -> Index:
        import pyarrow.compute as pc

        sizes: Index = pc.utf8_length(self._text).to_numpy(zero_copy_only=False)
        return sizes
