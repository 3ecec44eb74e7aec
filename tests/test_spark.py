"""A corpus on Spark: the tables are those of one machine, however the work was shared, and whoever stops is told what to do."""

from __future__ import annotations

import io
import pickle
import random
import shutil
import stat
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import copydesk
from copydesk.engines import spark as engine_module
from small_corpus import corpus as small_corpus
from small_corpus import edited, vocabulary, words
from test_cli import lines, write
from test_cli import run as command

QUICK = {
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",  # a small corpus is done before code for it is made
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
TOLD = """Nine ferries off the roads

The harbour office of Lindmoor said on Monday that {n} of its 14 ferries will stay in port until 4 April 2021.

"We had no warning of the storm, and we will not sail into the next one," said Mara Ellison, who leads the office.

Repairs may cost $4.2 million, about 35 percent more than in 2019, according to the city council.
"""
FERRY = [
    TOLD.format(n="nine"),
    TOLD.format(n="eight") + "\nMore news of the coast is on page 4.\n",
    TOLD.format(n="nine").replace("said Mara", "says Mara"),
]
"""A story with statements, figures, dates and names, in three copies."""
pytest.importorskip("pyspark", reason="needs PySpark: pip install 'copydesk[spark]'")
needs_java = pytest.mark.skipif(not shutil.which("java"), reason="needs Java 17, and there is no java")


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
    """A small corpus in three files: rows that are none, an id given twice, copies without letters, or alike, a large story."""
    rows = [{"id": r["copy_id"], "source": r["source"], "text": r["text"]} for r in small_corpus(3, 40, 40, 1, 3)]
    rows += [{"id": f"same{n}", "source": "wire", "text": rows[5]["text"].upper()} for n in range(3)]
    rows += [{"id": f"none{n}", "source": "wire", "text": "?!"} for n in range(2)]
    rows += [{"id": f"ferry{n}", "source": f"site{n}", "published": "2021-03-09", "text": text} for n, text in enumerate(FERRY)]
    rnd = random.Random(5)
    long = ["".join(some) for some in zip(*[iter(words(rnd, 420_000, vocabulary(rnd)))] * 30, strict=True)]  # few, to be quick
    copies = [" ".join(edited(rnd, long, 3e-4, long[:99])) for _ in range(4)]
    rows += [{"id": f"long{n}", "source": f"site{n % 2}", "text": text} for n, text in enumerate(copies)]
    some = [rows[::3], rows[1::3], rows[2::3]]
    some[2].append({**rows[0], "text": "an id that was given before"})
    for n, of in enumerate(some):
        write(f"in/{n}.jsonl", lines(*of) + ("no row\n" if n == 1 else ""))
    return [f"in/{n}.jsonl" for n in range(3)]


def tables(out: str) -> dict[str, list[dict]]:
    """All tables of a run, their rows as they lie."""
    return {path.name: pq.read_table(path).to_pylist() for path in sorted(Path(out).glob("*.parquet"))}


def rejected(out: str) -> list[str]:
    return Path(out, "rejected.jsonl").read_text("utf-8").splitlines()


@needs_java
def test_the_tables_are_those_of_one_machine(session):
    from copydesk.spread import run

    Path("in").mkdir()
    files = corpus_files()
    here = copydesk.run(files, "here", threads=1)
    spread = run(files, "spread")
    assert tables("spread") == tables("here")
    assert all(tables("here")[f"{name}.parquet"] for name in ("statements", "figures", "dates", "names", "metadata"))
    assert "too many: 4 copies" in repr(tables("here")["left_out.parquet"])
    assert rejected("spread") == rejected("here")
    assert len(rejected("here")) == 2
    assert {**spread.summary, "steps": None} == {**here.summary, "steps": None}
    assert sorted(path.name for path in Path("spread").iterdir()) == sorted(path.name for path in Path("here").iterdir())


@needs_java
def test_links_that_are_drawn_together_by_stars_are_united(session, folder, monkeypatch):
    """Chains, stars, and what chance joins: each text comes to the least of its component."""
    from copydesk.spread import stories
    from copydesk.spread.stories import components

    rnd = random.Random(7)
    links = [(n, n + 1) for n in range(0, 7)] + [(100, 100 + n) for n in range(1, 30)]
    links += [tuple(sorted(rnd.sample(range(200, 260), 2))) for _ in range(45)]
    rnd.shuffle(links)
    engine = engine_module.Spark(None, f"file://{folder}/steps")
    given = session.createDataFrame(links, "a bigint, b bigint")
    united, drawn = (components(engine, f"n{small}", given, small).toArrow().to_pydict() for small in (1000, 0))
    assert dict(zip(drawn["text"], drawn["of"], strict=True)) == dict(zip(united["text"], united["of"], strict=True))
    assert len(set(united["of"])) < len(united["of"]) / 3
    monkeypatch.setattr(stories, "MOST_ROUNDS", 1)
    with pytest.raises(RuntimeError, match="n0: links are not drawn together after 1 rounds of stars"):
        components(engine, "n0", given, 0)


@needs_java
def test_what_a_session_that_runs_cannot_be_asked_for_is_said(session):
    with pytest.raises(ValueError, match=r"runs already, with other spark\.master, spark\.executor\.memory; stop"):
        engine_module.Spark("local[3]", "", {"spark.driver.memory": "1g", "spark.executor.memory": "3g"})


def test_what_lies_in_steps_cannot_make_anything_run(folder):
    from copydesk.spread.editions import Reader

    class Hostile:
        def __reduce__(self):
            return Path.touch, (folder / "touched",)

    with pytest.raises(pickle.UnpicklingError, match="nothing that stories tell"):
        Reader(io.BytesIO(pickle.dumps(Hostile()))).load()
    assert not (folder / "touched").exists()


def test_jobs_are_ended_only_when_they_had_no_worker_for_some_time(monkeypatch):
    """No job for longer than that, then one that has workers half-way; what is asked fails once, and it is asked again."""
    now, ended = 0, {}

    def wait(seconds: int) -> bool:
        nonlocal now
        now += seconds
        return now > 400

    def jobs() -> list[int]:
        if now == 5:
            raise OSError("it passes")
        return [4] if now > 100 else []

    context = SimpleNamespace(
        getExecutorMemoryStatus=lambda: SimpleNamespace(size=lambda: 2 if 150 < now <= 200 else 1),
        cancelJob=lambda job, why: ended.setdefault(job, (now, why)),
        statusTracker=lambda: SimpleNamespace(getActiveJobsIds=jobs),
        _jsc=SimpleNamespace(sc=lambda: context),
    )
    monkeypatch.setattr(engine_module, "time", SimpleNamespace(monotonic=lambda: now))
    engine_module._watch(SimpleNamespace(sparkContext=context), SimpleNamespace(wait=wait))
    assert ended == {4: (200 + engine_module.PATIENCE + 1, engine_module.LOST)}


@needs_java
def test_a_run_that_stopped_goes_on_from_its_last_finished_step(session, monkeypatch):
    from copydesk import spread
    from copydesk.spread import links, run

    write(
        "few.jsonl", lines(*({"id": f"c{n}", "text": f"the same few words of a text that is short {n % 2}"} for n in range(6)))
    )

    def fail(*_: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(links, "chains", fail)
        with pytest.raises(RuntimeError, match="the disk is full"):
            run("few.jsonl", "out", only_find=True)
    with pytest.raises(FileExistsError, match="stopped half-way; add --resume"):
        run("few.jsonl", "out", only_find=True)
    read = next(Path(".out.part/steps/read").glob("part-*"))
    written = read.stat().st_mtime_ns
    seen: list[int] = []
    monkeypatch.setattr(
        links, "chains", lambda *of, chains=links.chains: (seen.append(read.stat().st_mtime_ns), chains(*of))[1]
    )
    with monkeypatch.context() as patched:
        patched.setattr(spread, "shutil", SimpleNamespace(rmtree=fail))  # when all is written
        with pytest.raises(RuntimeError, match="the disk is full"):
            run("few.jsonl", "out", only_find=True, resume=True)
    run("few.jsonl", "out", only_find=True, resume=True)
    assert seen == [written]
    copydesk.run("few.jsonl", "here", only_find=True)
    assert tables("out") == tables("here")
    assert not Path(".out.part").exists()
    assert sorted(path.name for path in Path("out").iterdir()) == sorted(path.name for path in Path("here").iterdir())


def test_whole_groups_come_together_however_they_are_cut(monkeypatch):
    rnd = random.Random(3)
    keys = np.sort(np.array([rnd.choice([1, 2, 2, 2, 2, 7, 8, 9, 12]) for _ in range(500)]))
    rows = pa.table({"key": keys, "n": np.arange(500)})
    seen: list[tuple[int, int]] = []

    def function(table: pa.Table) -> pa.Table:
        seen.extend(_sizes(table))
        return table

    monkeypatch.setattr(engine_module, "BYTES", 400)
    for size in (1, 7, 60, 500):
        seen.clear()
        batches = [b for start in range(0, 500, size) for b in rows.slice(start, size).to_batches()]
        made = pa.Table.from_batches(engine_module._groups("key", function)(batches))
        assert made.equals(rows)
        assert sorted(seen) == _sizes(rows)  # none was cut


@needs_java
def test_rows_of_a_megabyte_lie_in_small_groups_that_are_read_one_after_the_other(session, folder):
    """What parts made are such rows, and they pass the driver: it must not hold a hundred of them at a time."""
    from copydesk.spread.write import Tables

    def large(batches):
        for batch in batches:
            for n in batch.column("id").to_pylist():
                row = random.Random(n).randbytes(1 << 20 if n >= 0 else 9)
                yield pa.RecordBatch.from_pydict({"part": [n], "table": ["b" if n >= 30 else "a"], "rows": [row]})

    engine = engine_module.Spark(None, f"file://{folder}/steps")
    rows = session.range(-400, 60, numPartitions=1).mapInArrow(large, "part bigint, table string, rows binary")
    engine.kept("made", rows)
    (file,) = Path("steps/made").glob("*.parquet")
    found = pq.ParquetFile(file).metadata
    assert max(found.row_group(at).total_byte_size for at in range(found.num_row_groups)) < 1.5 * engine_module.BYTES
    read = list(Tables(engine, folder, None)._kept("made", 8, "b"))
    assert [n for some in read for n in some.column("part").to_pylist()] == [*range(30, 60)]
    assert max(map(len, read)) == 8


@pytest.mark.parametrize("size", [1, 300, 1 << 20])
def test_what_a_part_made_is_in_pieces_that_go_together_again(monkeypatch, size):
    from copydesk.spread import editions

    monkeypatch.setattr(editions, "PIECE", size)
    rows = pa.record_batch({"text": [f"{n:0{n % 40}}" for n in range(90)], "copies": [["a"] * (n % 3) for n in range(90)]})
    pieces = list(editions._streams(rows))
    assert len(pieces) == {1: 90, 300: 10, 1 << 20: 1}[size]
    firsts, streams = zip(*pieces, strict=True)
    made = editions._unpacked(pa.table({"part": [4] * len(pieces), "first": firsts, "rows": streams}))
    assert made.select(rows.schema.names).combine_chunks().to_batches() == [rows]
    assert made.column("at").to_pylist() == [*range(90)]
    assert list(editions._streams(rows.slice(0, 0))) == []


@needs_java
def test_the_pieces_of_a_part_lie_in_order_at_an_address(session, folder, monkeypatch):
    from copydesk import tables
    from copydesk.spread import editions
    from copydesk.spread.write import Tables

    monkeypatch.setattr(editions, "PIECE", 300)
    chance, made = random.Random(1), []
    for part in range(6):
        rows = [(f"s{part}", f"c{part}-{n:03}", "r" * chance.randrange(30)) for n in range(90)]
        batch = pa.RecordBatch.from_pylist(
            [dict(zip(tables.LEFT_OUT.names, row, strict=True)) for row in rows], tables.LEFT_OUT
        )
        made += [(part, "left_out", first, stream) for first, stream in editions._streams(batch)]
    assert len(made) > 30
    chance.shuffle(made)
    engine = engine_module.Spark(None, f"file://{folder}/steps")
    rows = session.createDataFrame(made, editions.MADE).repartition(7)
    Tables(engine, folder, f"file://{folder}/out").write_made("left_out", rows)
    files = sorted(Path("out/left_out.parquet").glob("*.parquet"))
    found = [id_ for file in files for id_ in pq.read_table(file).column("copy_id").to_pylist()]
    assert found == sorted(found)
    assert len(found) == 540


def test_java_that_is_gone_cannot_say_why():
    from py4j.protocol import Py4JError

    class Gone(Py4JError):
        def __str__(self):
            raise ConnectionRefusedError

    with pytest.raises(engine_module.NoCluster, match="Spark ended half-way; where its driver"), engine_module.one_line():
        raise Gone


def test_java_is_handed_no_large_batch(monkeypatch):
    rows = pa.table({"rows": [bytes(1000)] * 50})
    monkeypatch.setattr(engine_module, "BYTES", 8_500)
    batches = list(engine_module._each(lambda table: table)(rows.to_batches()))
    assert pa.Table.from_batches(batches).equals(rows)
    assert [len(batch) for batch in batches] == [8] * 6 + [2]


def _sizes(table: pa.Table) -> list[tuple[int, int]]:
    keys, n = np.unique(table.column("key").to_numpy(), return_counts=True)
    return list(zip(keys.tolist(), n.tolist(), strict=True))


def fails(*arguments: str, code: int = 1, **environment: str) -> str:
    """The one line that a run on Spark says which fails; it leaves no folder."""
    before = sorted(Path().iterdir())
    done = command("run", "few.jsonl", "-o", "out", "--engine", "spark", *arguments, **environment)
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b"")
    assert said.startswith("copydesk: ")
    assert said.count("\n") == 1
    assert sorted(Path().iterdir()) == before
    return said.removeprefix("copydesk: ").rstrip()


@needs_java
def test_what_is_missing_is_said_in_one_line(folder):
    write("few.jsonl", lines({"id": "a", "text": "a text"}))
    assert "Spark needs Java 17, and there is no" in fails(JAVA_HOME=str(folder / "nowhere"))
    java = folder / "old" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    assert "Spark needs Java 17 or later, and" in (said := fails(JAVA_HOME=str(folder / "old")))
    assert said.endswith("is version 11; install a Java 17 (such as openjdk-17-jre-headless), or set JAVA_HOME to where one is")
    assert fails("--master", "spark://127.0.0.1:9").startswith("no Spark master answers at spark://127.0.0.1:9; start one with")
    assert fails("--threads", "2", code=2).startswith("--threads and --memory are of this machine")
    assert fails("--set", "spark.x", code=2) == "--set spark.x is no setting; write it as NAME=VALUE"


def test_options_of_spark_are_not_for_this_machine():
    write("few.jsonl", lines({"id": "a", "text": "a text"}))
    done = command("run", "few.jsonl", "-o", "out", "--master", "local[2]")
    assert done.returncode == 2
    assert done.stderr == b"copydesk: --master and --set are for --engine spark; add it, or leave them out\n"
