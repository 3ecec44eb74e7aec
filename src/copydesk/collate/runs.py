"""Runs of true values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from copydesk.model import Flags


def runs_of(held: Flags) -> list[tuple[int, int]]:
    """Where `held` is true without a break: `[start, end)`, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], held, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
