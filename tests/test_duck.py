from __future__ import annotations

import threading
from itertools import chain

import numpy as np
import pyarrow as pa
import pytest

from copydesk.engines.duck import Duck


@pytest.fixture(params=[1, 3])
def engine(request):
    with Duck(threads=request.param) as engine:
        yield engine


def test_pieces_come_back_in_order(engine):
    made = engine.map(lambda n: pa.table({"n": [n]}), range(50))
    assert [t.column("n")[0].as_py() for t in made] == list(range(50))


def test_functions_run_at_the_same_time():
    meet = threading.Barrier(3, timeout=20)

    def together(n: int) -> pa.Table:
        meet.wait()
        return pa.table({"n": [n]})

    with Duck(threads=3) as engine:
        assert len(list(engine.map(together, range(3)))) == 3


def test_the_numbers_of_a_part_are_brought_together(engine):
    def halves(n: int) -> tuple[np.ndarray, np.ndarray]:
        return np.array([n, n + 1, -n], np.int64), np.array([0, 2, 3])

    parts = [part.tolist() for part in engine.shuffle(halves, range(5))]
    assert parts == [[0, 1, 1, 2, 2, 3, 3, 4, 4, 5], [0, -1, -2, -3, -4]]


def test_parts_may_be_empty(engine):
    parts = list(engine.shuffle(lambda n: (np.empty(0, np.uint64), np.zeros(4, np.int64)), range(2)))
    assert [len(part) for part in parts] == [0, 0, 0]


def test_an_error_in_a_function_is_told(engine):
    def fails(n: int) -> pa.Table:
        if n == 3:
            raise ValueError("the third is bad")
        return pa.table({"n": [n]})

    with pytest.raises(ValueError, match="the third is bad"):
        list(engine.map(fails, range(9)))


@pytest.mark.parametrize("size", ["3GB", "0.5 gb", "800MiB", "400000000"])
def test_memory_is_a_size(size):
    with Duck(memory=size, threads=1) as engine:
        assert engine.read("SELECT 1 AS one").column("one").to_pylist() == [1]


@pytest.mark.parametrize("size", ["", "much", "3 gigs", "-1GB"])
def test_what_is_no_size_is_told(size):
    with pytest.raises(ValueError, match="is no size of memory"):
        Duck(memory=size or "none")


def test_what_does_not_fit_is_spilled(tmp_path):
    with Duck(memory="100MB", threads=1, folder=tmp_path) as engine:
        rows = (pa.record_batch({"n": range(500_000), "s": [str(i) * 3 for i in range(n, n + 500_000)]}) for n in range(9))
        first = next(rows)
        engine.keep(pa.RecordBatchReader.from_batches(first.schema, chain([first], rows)), "made")
        assert engine.read("SELECT count(*) AS n FROM (SELECT n, s FROM made ORDER BY s, n)").column("n").to_pylist() == [
            4_500_000
        ]
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())
