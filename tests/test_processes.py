"""Processes that work through pieces."""

import math
import os
import signal

import pytest

from copydesk.engines.processes import Crew


@pytest.mark.parametrize("helping", [False, True])
@pytest.mark.parametrize("n", [1, 2])
def test_what_is_made_comes_in_the_order_of_the_pieces(n, helping):
    with Crew(helping=helping) as crew:
        crew.begin(n)
        assert [*crew.map(math.sqrt, [n * n for n in range(20)])] == [*range(20)]
        assert [*crew.map(abs, [-3, 4])] == [3, 4]  # other work for the same processes
        assert [*crew.map(abs, [])] == []


@pytest.mark.parametrize("n", [0, 2])
def test_what_is_begun_first_need_not_come_first(n):
    with Crew(helping=True) as crew:
        crew.begin(n)
        assert [*crew.map(math.sqrt, [9, 0, 1, 16, 4], places=[3, 0, 1, 4, 2])] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("most", "worth"), [(0, 3), (1, 3), (3, 1), (3, 0)])
def test_work_that_is_not_worth_a_process_is_done_here(most, worth):
    with Crew(most) as crew:
        assert {*crew.map(lambda _: os.getpid(), range(3), worth)} == {os.getpid()}


def test_as_many_are_begun_as_work_is_worth_and_stay():
    with Crew(2) as crew:
        begun = {*crew.map(process_of, range(40), 5)}
        assert os.getpid() not in begun
        assert len(begun) == 2
        assert {*crew.map(process_of, range(40))} <= begun


def test_who_helps_and_who_was_begun_share_the_work():
    with Crew(helping=True) as crew:
        crew.begin(1)
        assert len({*crew.map(process_of, range(20))}) == 2


def process_of(piece):
    """The process that has a piece."""
    return os.getpid()


def test_none_outlives_the_work():
    with Crew() as crew:
        crew.begin(1)
        (process,) = {*crew.map(process_of, [1])}
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@pytest.mark.parametrize("helping", [False, True])
def test_an_error_is_that_of_the_function(helping):
    with Crew(helping=helping) as crew:
        crew.begin(1)
        with pytest.raises(ValueError, match="math domain error"):
            list(crew.map(math.sqrt, [4, -1, 9]))


def test_work_that_was_left_half_done_is_not_mixed_with_other():
    with Crew() as crew:
        crew.begin(1)
        next(crew.map(abs, range(9)))
        with pytest.raises(RuntimeError, match="not all made"):
            next(crew.map(str, [7, 8]))


def test_that_a_process_was_killed_is_told():
    with Crew() as crew:
        crew.begin(1)
        (process,) = {*crew.map(process_of, [1])}
        os.kill(process, signal.SIGKILL)
        with pytest.raises(RuntimeError, match="a worker was killed"):
            list(crew.map(abs, [1]))
