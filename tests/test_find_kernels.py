"""Every kernel gives the same with and without JIT, and keeps within its arrays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from copydesk.find import kernels

HERE = Path(__file__).parent

DIGEST = """
import hashlib, sys, warnings
warnings.filterwarnings("ignore", category=RuntimeWarning)  # numbers of 64 bits are meant to overflow
sys.path.insert(0, {here!r})
from small_corpus import batches, corpus
from copydesk.engines.local import Local
from copydesk.find import find
rows = corpus(seed=5, stories=6, singles=6, templates=1, sites=2)[:40]
rows += [dict(rows[0], copy_id="odd", text="東京 Ёлка 한글 ½ ﬁ \U00020000 " * 9)]
rows += [dict(rows[0], copy_id="same", text="a" * 300)]
with Local(1) as engine:
    found = find(batches(rows, 16), engine)
print(hashlib.sha256(repr((found.copies.to_pylist(), found.boilerplate.to_pylist())).encode()).hexdigest())
"""


def digest(setting: dict[str, str]) -> str:
    code = DIGEST.format(here=str(HERE))
    env = os.environ | setting
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False)
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_the_same_without_jit_and_with_bounds_checked(tmp_path):
    checked = {"NUMBA_BOUNDSCHECK": "1", "NUMBA_OPT": "0", "NUMBA_CACHE_DIR": str(tmp_path)}  # not optimised it is sooner made
    assert digest({"NUMBA_DISABLE_JIT": "1"}) == digest(checked) == digest({})


@pytest.mark.parametrize("n", [2, 3, 100, 70_000])
def test_a_seed_of_n_texts_gives_n_minus_one_links(n):
    postings = np.uint64(7) << np.uint64(32) | np.arange(n, dtype=np.uint64)
    out, starts = np.zeros(n, np.uint64), np.zeros((n >> 16) + 2, np.int64)
    kernels.link(postings, out, starts)
    assert starts[-1] == n - 1
    assert starts[0] == 0
    assert (out[: n - 1] >> np.uint64(16) & np.uint64(2**32 - 1) == 0).all()


def test_a_text_that_repeats_a_seed_does_not_link_to_itself():
    postings = np.uint64(7) << np.uint64(32) | np.array([3, 3, 3, 9, 9], np.uint64)
    out, starts = np.zeros(5, np.uint64), np.zeros(2, np.int64)
    kernels.link(postings, out, starts)
    assert starts.tolist() == [0, 1]
    assert int(out[0] >> np.uint64(48)) == 9


def test_all_texts_that_were_united_have_the_least():
    together = np.arange(8)
    kernels.unite(np.array([7, 5, 3, 6]), np.array([5, 3, 1, 2]), together)
    assert together.tolist() == [0, 1, 2, 1, 4, 1, 2, 1]


def test_those_repeated_are_told_once():
    hashes = np.array([1, 2, 2, 5, 7, 7, 7, 9, 9], np.uint64)
    assert hashes[: kernels.repeated(hashes, 2)].tolist() == [2, 7, 9]
    assert kernels.repeated(hashes[:0], 2) == 0


def seen(texts: list[list[tuple[int, int]]]) -> np.ndarray:
    """What `views` counts for each of some texts, given as `(hash, place)` of their seeds, among all of them."""
    lengths = [len(text) for text in texts]
    seeds = np.array([h << 24 | place for text in texts for h, place in text], np.uint64)
    ends = np.cumsum(lengths)
    room = kernels.index_room(max(lengths))
    out = np.empty((len(texts), 4), np.int64)
    every, none = np.arange(len(texts)), np.zeros(len(texts), np.int64)
    kernels.views(
        every, none, none + len(texts), every, seeds, ends - lengths, ends, np.zeros(1, np.uint64), 130,
        *np.empty((1, room), np.uint64), np.empty(room, np.uint64), np.empty(8 * room, np.uint8), np.empty(room, np.uint64),
        np.zeros((4, room), np.int64), np.empty(room, np.uint8), out,
    )  # fmt: skip
    return out


def test_reports_are_at_one_and_copies_divided():
    kept = [(10 + place, place) for place in range(0, 300, 30)]
    reports = [[seed if seed[1] not in {90, 180} else (1000 * n + seed[1], seed[1]) for seed in kept] for n in range(1, 5)]
    copies = [[seed if seed[1] != 60 * n else (1000 * n + seed[1], seed[1]) for seed in kept] for n in range(1, 5)]
    # The first and the last seed have none before or after them, so none runs along there: eight are left.
    assert seen(reports).tolist() == [[8, 12000, 0, 16]] * 4
    for own, (n, share, divided, chances) in enumerate(seen(copies).tolist(), 1):
        assert (n, chances) == (8, 16)
        assert share == 4 * 2000 + 3 * 1333, own  # its own seed none has, those of the three others two of three
        assert divided == 3 * 1333


def test_a_text_does_not_run_along_where_it_shares_nothing_near():
    apart = [(10, 0), (11, 30), (12, 500), (13, 530)]
    assert seen([apart] * 3)[:, 0].tolist() == [0, 0, 0]
