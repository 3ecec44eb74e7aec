"""The benchmark of finding: that it measures what it says, and says what it lacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from test_run import alive, waited_until

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the benchmark of finding measures on Linux only"
)


def bench(script: str, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "bench" / script), *args]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}
    )


@pytest.fixture
def here(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "bench"))


BURN = "import time\nwhile time.process_time() < 0.4: pass"


def test_the_seconds_and_the_memory_of_children_count(here):
    from process import measured, processors

    held = f"import time; held = bytearray(150_000_000)\n{BURN}"
    done = measured(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {held!r}])"], processors(1)
    )
    assert done.code == 0
    assert done.ended
    assert done.cpu >= 0.4
    assert done.memory >= 150


def test_a_process_that_takes_too_long_is_killed_with_its_children(here, tmp_path):
    from process import measured, processors

    child = f'echo $$ > "{tmp_path}/pid"; exec sleep 600'
    done = measured(["sh", "-c", f"sh -c '{child}'; true"], processors(1), 2)
    assert not done.ended
    pid = int((tmp_path / "pid").read_text())
    waited_until(lambda: not alive(pid))  # it is killed, and dies in its own time


def test_what_is_not_there_is_told(tmp_path):
    done = bench("find_peers.py", "--peers-python", str(tmp_path / "python"))
    assert done.returncode == 2
    assert "make bench-peers" in done.stderr
    done = bench(
        "find_peers.py", "--peers", "none", "--shared", str(tmp_path), "--cache", str(tmp_path), "--out", str(tmp_path / "o")
    )
    assert done.returncode == 1
    assert "make_corpus.py is not there" in done.stderr
    assert "--shared" in done.stderr
    assert "Traceback" not in done.stderr
    done = bench("find_report.py", "--json", str(tmp_path / "none.json"))
    assert done.returncode == 1
    assert "make bench-find" in done.stderr


@pytest.mark.skipif(not (SHARED / "bench/make_corpus.py").exists(), reason="the maker of the corpora is not there")
def test_it_measures_and_does_not_measure_again(tmp_path, here):
    out = tmp_path / "find.json"
    ask = ["--sizes", "600", "--rounds", "1", "--peers", "none", "--cache", str(tmp_path / "cache"), "--out", str(out)]
    done = bench("find_peers.py", *ask)
    assert done.returncode == 0, done.stderr
    first = json.loads(out.read_text())
    assert [row["tool"] for row in first["runs"]] == ["copydesk", "parse-msgspec", "parse-duckdb"]
    assert first["runs"][0]["scores"]["precision"] > 0.8
    assert all(row["cpu"] > 0 and row["memory"] > 0 for row in first["runs"])
    assert {"start", "read", "seeds", "links"} <= set(first["steps"][0]["steps"])
    assert min(first["steps"][0]["steps"].values()) >= 0
    assert "reconcile" in first["steps"][1]["steps"]

    done = bench("find_peers.py", *ask)
    assert done.returncode == 0, done.stderr
    second = json.loads(out.read_text())
    assert len(second.pop("sessions")) == 2
    del first["sessions"]
    assert second == first

    told = bench("find_report.py", "--json", str(out), "--print")
    assert told.returncode == 0, told.stderr
    assert "| Copydesk" in told.stdout

    from find_report import Runs, plot

    picture = ElementTree.fromstring(plot(Runs(json.loads(out.read_text()))))
    names = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert "Copydesk" in names
    assert "parsing alone, msgspec" in names
    assert picture.get("aria-labelledby") == "title desc"
