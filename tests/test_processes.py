"""Processes that work through pieces."""

import math
import os
import signal

import pytest

from copydesk.engines.processes import Crew, in_processes


@pytest.mark.parametrize("helping", [False, True])
@pytest.mark.parametrize("n", [1, 2])
def test_what_is_made_comes_in_the_order_of_the_pieces(n, helping):
    with Crew() as crew:
        crew.begin(n)
        assert [*crew.map(math.sqrt, [n * n for n in range(20)], helping=helping)] == [*range(20)]
        assert [*crew.map(abs, [-3, 4], helping=helping)] == [3, 4]  # other work for the same processes
        assert [*crew.map(abs, [], helping=helping)] == []


def test_who_helps_works_alone_where_nobody_was_begun():
    with Crew() as crew:
        crew.begin(0)
        assert {*crew.map(lambda _: os.getpid(), range(3), helping=True)} == {os.getpid()}


def test_who_helps_and_who_was_begun_share_the_work():
    with Crew() as crew:
        crew.begin(1)
        assert len({*crew.map(process_of, range(20), helping=True)}) == 2


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
    with Crew() as crew:
        crew.begin(1)
        with pytest.raises(ValueError, match="math domain error"):
            list(crew.map(math.sqrt, [4, -1, 9], helping=helping))


def test_that_a_process_was_killed_is_told():
    with Crew() as crew:
        crew.begin(1)
        (process,) = {*crew.map(process_of, [1])}
        os.kill(process, signal.SIGKILL)
        with pytest.raises(RuntimeError, match="a worker was killed"):
            list(crew.map(abs, [1]))


def test_processes_of_a_moment_work_too():
    assert [*in_processes(abs, [-1, -2, -3], 2)] == [1, 2, 3]
    assert [*in_processes(abs, [-1, -2, -3], 1)] == [1, 2, 3]
