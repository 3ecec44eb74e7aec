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


def digest(**setting: str) -> str:
    code = DIGEST.format(here=str(HERE))
    env = {**os.environ, **setting}
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False)
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_the_same_without_jit(tmp_path):
    assert digest(NUMBA_DISABLE_JIT="1") == digest()


def test_the_same_with_bounds_checked(tmp_path):
    assert digest(NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path)) == digest()


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
