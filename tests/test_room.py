"""What `--memory` bounds: how many threads and processes work at a time."""

from __future__ import annotations

import pytest

import copydesk
from copydesk import parts
from copydesk.engines import local, processes
from copydesk.engines.room import PILES, PROCESS, THREAD, at_once, bytes_of, for_piles
from small_corpus import corpus as small_corpus
from test_sources import lines, write


@pytest.mark.parametrize(
    ("size", "n"), [("3GB", 3e9), ("1.5 gb", 1.5e9), ("800MiB", 800 * 2**20), ("4000000000", 4e9), ("1t", 1e12)]
)
def test_memory_is_a_size(size, n):
    assert bytes_of(size) == n


@pytest.mark.parametrize("size", ["", "much", "3 gigs", "-1GB"])
def test_what_is_no_size_is_told(size):
    with pytest.raises(ValueError, match="is no size of memory; write it as 3GB"):
        at_once(size, 1, THREAD)


def test_less_memory_lets_fewer_work():
    assert at_once(None, 16, PROCESS) == 16
    assert at_once("100GB", 16, PROCESS) == 16
    assert at_once("3GB", 16, PROCESS) == 3
    assert at_once("1GB", 16, PROCESS) == 1
    assert at_once("1GB", 16, THREAD) == 7
    assert at_once("1GB", 2, THREAD) == 2


def test_numbers_are_piled_up_in_half_of_it():
    assert for_piles(None) == PILES
    assert for_piles("3GB") == 1_350_000_000


def test_too_little_is_told():
    with pytest.raises(ValueError, match=r"^900MB of memory is too little to work in; give 1GB or more$"):
        at_once("900MB", 1, THREAD)


def test_a_run_in_less_memory_has_fewer_at_work_and_gives_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(parts, "SIZE", 1000)
    rows = small_corpus(seed=3, stories=6, singles=6, templates=0)
    write("a.jsonl", lines(*({"id": row["copy_id"], "text": row["text"]} for row in rows)))
    at_work: list[tuple[str, int]] = []
    in_processes, begun = processes.in_processes, local.Local.__init__

    def reconciling(function, pieces, n):
        at_work.append(("processes", n))
        return in_processes(function, pieces, 1)

    def finding(self, threads, folder, room):
        at_work.append(("threads", threads))
        begun(self, threads, folder, room)

    monkeypatch.setattr(processes, "in_processes", reconciling)
    monkeypatch.setattr(local.Local, "__init__", finding)
    given = {"all": None, "some": "1.8GB", "one": "1GB"}
    runs = [copydesk.run("a.jsonl", out, threads=9, memory=memory) for out, memory in given.items()]
    assert at_work == [("threads", 9), ("processes", 9), ("threads", 9), ("processes", 2), ("threads", 7), ("processes", 1)]
    for name in ("copies", "stories", "variants"):
        assert len({(run.path / f"{name}.parquet").read_bytes() for run in runs}) == 1
