from __future__ import annotations

import threading

import numpy as np
import pyarrow as pa
import pytest

from copydesk.engines.local import Local


@pytest.fixture(params=[1, 3])
def engine(request):
    with Local(request.param) as engine:
        yield engine


def test_pieces_come_back_in_order(engine):
    made = engine.map(lambda n: pa.table({"n": [n]}), range(50))
    assert [t.column("n")[0].as_py() for t in made] == list(range(50))


def test_functions_run_at_the_same_time():
    meet = threading.Barrier(3, timeout=20)

    def together(n: int) -> pa.Table:
        meet.wait()
        return pa.table({"n": [n]})

    with Local(3) as engine:
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


@pytest.mark.parametrize("room", [0, 40, 48, 1000], ids=["in a file", "at first in memory", "full at last", "in memory"])
def test_numbers_are_read_as_they_were_piled_up(tmp_path, room):
    with Local(1, tmp_path, room) as engine:
        pile, empty = engine.pile(), engine.pile()
        pile.add(np.arange(5))
        pile.add(np.arange(0))
        pile.add(np.arange(1))
        pile.add(np.arange(3))
        (folder,) = tmp_path.iterdir()
        numbers = pile.read(np.dtype(np.int64))
        assert isinstance(numbers.base, np.memmap) == (room < 9 * 8)
        assert empty.read(np.dtype(np.uint8)).tolist() == []
    assert not folder.exists()
    assert numbers.tolist() == [0, 1, 2, 3, 4, 0, 0, 1, 2]


def test_piles_share_the_room_and_leave_it_to_others(tmp_path):
    def in_memory(pile) -> bool:
        pile.add(np.arange(4))
        return not isinstance(pile.read(np.dtype(np.int64)).base, np.memmap)

    with Local(1, tmp_path, 64) as engine:
        first, second, third = (engine.pile() for _ in range(3))
        assert [in_memory(first), in_memory(second), in_memory(third)] == [True, True, False]
        first.close()
        assert in_memory(engine.pile())
        assert not in_memory(engine.pile())


def test_parts_are_the_same_wherever_the_pieces_lie(tmp_path):
    def halves(n: int) -> tuple[np.ndarray, np.ndarray]:
        return np.array([n, n + 1, -n], np.int64), np.array([0, 2, 3])

    for room in (0, 50, 1000):
        with Local(1, tmp_path, room) as engine:
            for _ in range(2):  # the room is there again
                parts = [part.tolist() for part in engine.shuffle(halves, range(5))]
                assert parts == [[0, 1, 1, 2, 2, 3, 3, 4, 4, 5], [0, -1, -2, -3, -4]]


def test_what_is_given_is_what_is_taken():
    """No more pieces are made than are at work and one that waits, however fast they come: they are what takes memory."""
    made: list[int] = []
    begun, go_on = threading.Semaphore(0), threading.Event()

    def pieces():
        for n in range(20):
            made.append(n)
            yield n

    def waits(n: int) -> int:
        begun.release()
        go_on.wait(20)
        return n

    with Local(2) as engine:
        results = engine.map(waits, pieces())
        reader = threading.Thread(target=lambda: list(results))
        reader.start()
        assert begun.acquire(timeout=20)
        assert begun.acquire(timeout=20)
        assert len(made) <= 3
        go_on.set()
        reader.join(20)
    assert len(made) == 20
