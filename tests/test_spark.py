"""A corpus on Spark: the tables are those of one machine, however the work was shared, and whoever stops is told what to do."""

from __future__ import annotations

import json
import os
import random
import shutil
import stat
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import copydesk
from copydesk.engines import spark as engine_module
from small_corpus import corpus as small_corpus
from test_cli import lines, write
from test_cli import run as command

QUICK = {
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",  # a small corpus is done before code for it is made
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
needs_spark = pytest.mark.skipif(
    not pytest.importorskip("pyspark", reason="needs PySpark: pip install 'copydesk[spark]'") or not shutil.which("java"),
    reason="needs a Java 17, and there is no java",
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def session():
    """One session for all tests: Java takes seconds to start."""
    with engine_module.Spark("local[2]", "", QUICK) as engine:
        yield engine.session


def corpus_files() -> list[str]:
    """A small corpus in three files, with rows that are none, an id given twice, and copies without letters, or alike."""
    rows = [{"id": r["copy_id"], "source": r["source"], "text": r["text"]} for r in small_corpus(3, 40, 40, 1, 3)]
    rows += [{"id": f"same{n}", "source": "wire", "text": rows[5]["text"].upper()} for n in range(3)]
    rows += [{"id": f"none{n}", "source": "wire", "text": "?!"} for n in range(2)]
    some = [rows[::3], rows[1::3], rows[2::3]]
    some[2].append({**rows[0], "text": "an id that was given before"})
    for n, of in enumerate(some):
        write(f"in/{n}.jsonl", lines(*of) + ("no row\n" if n == 1 else ""))
    return [f"in/{n}.jsonl" for n in range(3)]


def tables(out: str) -> dict[str, list[dict]]:
    """All tables of a run, their rows sorted."""
    return {path.name: sorted(pq.read_table(path).to_pylist(), key=repr) for path in sorted(Path(out).glob("*.parquet"))}


def rejected(out: str) -> list[str]:
    return sorted(Path(out, "rejected.jsonl").read_text("utf-8").splitlines())


@needs_spark
def test_the_tables_are_those_of_one_machine(session):
    from copydesk.spread import run

    Path("in").mkdir()
    files = corpus_files()
    here = copydesk.run(files, "here", threads=1)
    spread = run(files, "spread")
    assert tables("spread") == tables("here")
    assert rejected("spread") == rejected("here")
    assert len(rejected("here")) == 2
    assert {**spread.summary, "steps": None} == {**here.summary, "steps": None}
    assert sorted(path.name for path in Path("spread").iterdir()) == sorted(path.name for path in Path("here").iterdir())
