"""Runs: of true values, and of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from copydesk.model import Flags, Index


def runs_of(held: Flags) -> list[tuple[int, int]]:
    """Where `held` is true without a break: `[start, end)`, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], held, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def firsts(ranked: np.ndarray) -> Index:
    """Where each value of a sorted row first stands."""
    return np.flatnonzero(np.concatenate((np.ones(min(1, len(ranked)), bool), ranked[1:] != ranked[:-1])))


def grams(keys: Index, k: int) -> np.ndarray:
    """A 64-bit hash of each run of `k` keys, shape `(max(0, n - k + 1),)`."""
    n = len(keys) - k + 1
    if n <= 0:
        return np.zeros(0, np.uint64)
    values = keys.astype(np.uint64)
    hashes = np.zeros(n, np.uint64)
    for offset in range(k):
        hashes = (hashes + values[offset : offset + n] + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(29)
    return hashes
