"""Runs of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from copydesk.model import Index, Marks

ODD = np.uint64(0x9E3779B97F4A7C15)
HALF = np.uint64(29)


def firsts(ranked: np.ndarray) -> Index:
    """Where each value of a sorted row first stands."""
    return np.flatnonzero(np.concatenate((np.ones(min(1, len(ranked)), bool), ranked[1:] != ranked[:-1])))


def grams(keys: Index, k: int) -> Marks:
    """A 64-bit hash of each run of `k` keys, shape `(max(0, n - k + 1),)`."""
    n = len(keys) - k + 1
    if n <= 0:
        return np.zeros(0, np.uint64)
    values = keys.astype(np.uint64) + np.uint64(1)
    hashes = np.zeros(n, np.uint64)
    for offset in range(k):
        hashes += values[offset : offset + n]
        hashes *= ODD
        hashes ^= hashes >> HALF
    return hashes


def longer(hashes: Marks, k: int, n: int) -> Marks:
    """From the hash of each run of `k` keys that of each run of `n`, at most three times as many."""
    size = max(0, len(hashes) - (n - k))
    whole = hashes[:size].copy()
    for offset in (k, n - k) if n > 2 * k else (n - k,):
        whole *= ODD
        whole ^= whole >> HALF
        whole += hashes[offset : offset + size]
    return whole
