from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from copydesk.find import kernels
from copydesk.find.seeds import K, W, numbers, seed

LETTERS = st.text("abcdefgh", min_size=0, max_size=400)
LOW = np.uint64((1 << 24) - 1)


def seeds_of(text: str) -> list[tuple[int, int]]:
    """`(hash, place)` of the seeds of a text."""
    table = seed(pa.record_batch({"copy_id": ["1"], "text": [text]}))
    return [(int(s >> np.uint64(24)), int(s & LOW)) for s in numbers(table.column("seeds"))[0]]


def hash_of(run: str) -> int:
    """The 40 bits of hash of a run of `K` letters, computed letter by letter."""
    enter, _ = kernels.letter_hashes(K)
    h = 0
    for c in run.encode():
        h = (h << 1 | h >> 63) & (2**64 - 1)
        h ^= int(enter[c])
    return (h * 0x9E3779B97F4A7C15 & (2**64 - 1)) >> 24


@given(LETTERS)
def test_seeds_are_the_least_of_their_windows(text):
    hashes = [hash_of(text[i : i + K]) for i in range(len(text) - K + 1)]
    found = seeds_of(text)
    assert all(hashes[place] == h for h, place in found)
    assert [p for _, p in found] == sorted({p for _, p in found})
    places = np.array([p for _, p in found])
    for start in range(max(0, len(hashes) - W + 1)):
        window = hashes[start : start + W]
        inside = places[(places >= start) & (places < start + W)]
        assert min(window) in {hashes[p] for p in inside}
    least = {min(hashes[s : s + W]) for s in range(max(1, len(hashes) - W + 1)) if hashes}
    assert {h for h, _ in found} == least


@given(LETTERS, LETTERS, LETTERS, LETTERS, st.text("abcdefgh", min_size=K + W - 1, max_size=200))
def test_a_shared_run_is_always_found(a, b, c, d, run):
    assert {h for h, _ in seeds_of(a + run + b)} & {h for h, _ in seeds_of(c + run + d)}


def test_a_letter_repeated_for_ever_gives_few_seeds():
    assert len(seeds_of("a" * 10_000)) <= 10_000 // W + 2


def test_a_text_of_few_letters_has_one_seed_or_none():
    assert seeds_of("a" * (K - 1)) == []
    assert len(seeds_of("abcdefgh" * 3)) == 1


@given(st.lists(st.text(max_size=60), min_size=1, max_size=8), st.integers(0, 7))
def test_a_batch_is_as_its_texts_alone(texts, cut):
    texts = [t.encode("utf-8", "replace").decode() for t in texts]
    batch = pa.record_batch({"copy_id": [str(i) for i in range(len(texts))], "text": texts})
    whole = seed(batch)
    part = seed(batch.slice(min(cut, len(texts) - 1)))
    assert whole.slice(min(cut, len(texts) - 1)).to_pylist() == part.to_pylist()
    for i, text in enumerate(texts):
        alone = seed(pa.record_batch({"copy_id": [str(i)], "text": [text]}))
        assert alone.to_pylist() == whole.slice(i, 1).to_pylist()
