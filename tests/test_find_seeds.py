from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from copydesk.find.kernels import EVERY, ODD
from copydesk.find.seeds import K, numbers, seed

LETTERS = st.text("abcdefgh", min_size=0, max_size=400)
LOW = np.uint64((1 << 24) - 1)
ALL = 2**64 - 1


def seeds_of(text: str) -> list[tuple[int, int]]:
    """`(hash, place)` of the seeds of a text."""
    table = seed(pa.record_batch({"copy_id": ["1"], "text": [text]}))
    return [(int(s >> np.uint64(24)), int(s & LOW)) for s in numbers(table.column("seeds"))[0]]


def letters_of(rnd: random.Random, n: int) -> str:
    return "".join(rnd.choices("abcdefghijklmnopqrstuvwxyz", k=n))


def rank(text: str, i: int) -> int:
    """What decides whether the run at `i` is a seed, computed from its first eight letters."""
    return int.from_bytes(text[i : i + 8].encode(), "little") * int(ODD) & ALL


@given(LETTERS)
def test_seeds_are_the_runs_that_their_first_letters_choose(text):
    runs = range(len(text) - K + 1)
    chosen = [i for i in runs if rank(text, i) < ALL // EVERY]
    if not chosen and runs:
        chosen = [min(runs, key=lambda i: rank(text, i))]
    places: list[int] = []
    for i in chosen:
        if not places or i - places[-1] >= EVERY or text[i : i + K] != text[places[-1] : places[-1] + K]:
            places.append(i)
    found = seeds_of(text)
    assert [place for _, place in found] == places
    runs_of = {h: text[place : place + K] for h, place in found}
    assert all(runs_of[h] == text[place : place + K] for h, place in found)
    assert len(runs_of) == len({text[place : place + K] for place in places})


@given(st.integers(0, 2**32), st.integers(0, 300), st.integers(0, 300), st.integers(K, 400))
def test_what_two_texts_share_gives_both_the_same_seeds(number, before, after, shared):
    rnd = random.Random(number)
    run = letters_of(rnd, shared)
    one = letters_of(rnd, 400) + run + letters_of(rnd, after)
    other = letters_of(rnd, before) + run + letters_of(rnd, 400)
    in_one = {(h, p - 400) for h, p in seeds_of(one) if 400 <= p <= 400 + shared - K}
    in_other = {(h, p - before) for h, p in seeds_of(other) if before <= p <= before + shared - K}
    assert in_one == in_other


def test_one_run_in_so_many_is_a_seed():
    found = seeds_of(letters_of(random.Random(1), 200_000))
    assert abs(len(found) - 200_000 / EVERY) < 400


def test_a_letter_repeated_for_ever_gives_few_seeds():
    assert all(len(seeds_of(letter * 10_000)) <= 10_000 // EVERY + 1 for letter in "abcdefghijklmnopqrstuvwxyz0123456789")
    assert any(len(seeds_of(letter * 10_000)) > 1 for letter in "abcdefghijklmnopqrstuvwxyz0123456789")


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
