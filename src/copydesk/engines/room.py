"""How many may work at a time in the memory that a run is given.

What a run holds of each copy cannot be bounded; what its threads and processes take besides can: so many fewer are at work.
"""

from __future__ import annotations

import re
from typing import NamedTuple

KEPT = 300_000_000
"""Bytes that a run takes however few work: the program, and what it holds of a small corpus."""
THREAD = 100_000_000
"""Bytes that a thread takes for the piece that it works on; measured are 30 MB, but some pieces grow with the corpus."""
PROCESS = 700_000_000
"""Bytes that a process takes for the largest stories."""
PILES = 2_000_000_000
"""Bytes of memory that the numbers piled up in finding take before they go to files, unless less is given: those of two million
documents."""
LEAST = KEPT + PROCESS


class Room(NamedTuple):
    """What a run has to work in: so many `threads`, or `processes`, at a time, and bytes of memory for `piles`."""

    threads: int
    processes: int
    piles: int


def room(memory: str | None, most: int) -> Room:
    """The room that so much memory is, for at most so many at a time; for so many if no memory is given.

    Of what there is besides the program half is for piles. Raises `ValueError` for what is no size, and for one that is too
    small for any work.
    """
    if memory is None:
        return Room(most, most, PILES)
    size = bytes_of(memory)
    if size < LEAST:
        raise ValueError(f"{memory} of memory is too little to work in; give 1GB or more")
    return Room(min(most, (size - KEPT) // THREAD), min(most, (size - KEPT) // PROCESS), (size - KEPT) // 2)


def bytes_of(size: str) -> int:
    """The bytes that `"3GB"`, `"500 MB"` or a plain number stand for."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", size, re.IGNORECASE)
    if not match:
        raise ValueError(f"{size!r} is no size of memory; write it as 3GB or 1500MB")
    number, unit, binary = match.groups()
    return int(float(number) * (1024 if binary else 1000) ** " kmgt".index(unit.lower() or " "))
