"""What `--memory` bounds: how many threads and processes work at a time."""

from __future__ import annotations

import pytest

import copydesk
from copydesk import parts
from copydesk.engines import local, processes
from copydesk.engines.room import PILES, bytes_of, room
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
        room(size, 1)


def test_less_memory_lets_fewer_work_and_half_of_it_is_for_piles():
    assert room(None, 16) == (16, 16, PILES)
    assert room("100GB", 16)[:2] == (16, 16)
    assert room("3GB", 16) == (16, 3, 1_350_000_000)
    assert room("1GB", 16) == (7, 1, 350_000_000)
    assert room("1GB", 2).threads == 2


def test_too_little_is_told():
    with pytest.raises(ValueError, match=r"^900MB of memory is too little to work in; give 1GB or more$"):
        room("900MB", 1)


def test_a_run_in_less_memory_has_fewer_at_work_and_gives_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(parts, "SIZE", 1000)
    rows = small_corpus(seed=3, stories=6, singles=6, templates=0)
    write("a.jsonl", lines(*({"id": row["copy_id"], "text": row["text"]} for row in rows)))
    at_work: list[tuple[str, int]] = []
    begun = local.Local.__init__

    def reconciling(self, n):
        at_work.append(("processes", n))

    def finding(self, threads, folder, room):
        at_work.append(("threads", threads))
        begun(self, threads, folder, room)

    monkeypatch.setattr(processes.Crew, "begin", reconciling)
    monkeypatch.setattr(local.Local, "__init__", finding)
    given = {"all": None, "some": "1.8GB", "one": "1GB"}
    runs = [copydesk.run("a.jsonl", out, threads=9, memory=memory) for out, memory in given.items()]
    assert at_work == [("threads", 9), ("processes", 9), ("threads", 9), ("processes", 2), ("threads", 7)]
    for name in ("copies", "stories", "variants"):
        assert len({(run.path / f"{name}.parquet").read_bytes() for run in runs}) == 1
