"""The engine of many machines: an Apache Spark that is there already. It schedules, ships and restarts; nothing of ours does.

The steps ask few moves of it: map tables through a function, bring together the rows of one key, number rows in order, and keep
a step. A step that is kept lies in files of the store: it is not made again, whoever dies after it, and a run that was stopped
goes on from there. No row becomes an object of Python, and nothing that grows with the corpus comes to the driver.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    Function = Callable[[pa.Table], pa.Table]

JAVA = 17
"""The least Java that Spark 4 runs on."""
PATIENCE = 60
"""Seconds that a cluster may be without any worker, at first and half-way."""
ROWS = 8_192
"""Rows of a table that a function is handed."""
BYTES = 32 << 20
"""Bytes of it, about; of whole groups at least so many, if there are, and at least a group."""
SETTINGS = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(ROWS),
    "spark.sql.execution.arrow.maxBytesPerBatch": str(BYTES),
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.hadoop.parquet.block.size": str(BYTES),
    "spark.hadoop.parquet.page.size.row.check.min": "1",  # or a page and a group have 100 rows: of what parts made 50 MB,
    "spark.hadoop.parquet.page.size.row.check.max": "16",  # and as many as would be large if all were as small as the first
    "spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes": "64MB",  # one seed, or story, of a million copies
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
"""What is set unless `spark-submit` or the cluster sets it otherwise."""


class NoCluster(RuntimeError):
    """There is no Spark to run on, or there is none any more; the message is one line that says what is missing."""


class Spark:
    """A session of Spark, and the folder `steps` in which what is finished is kept; the session ends with the context."""

    def __init__(self, master: str | None, steps: str, settings: Mapping[str, str] = {}) -> None:
        running = _running()
        if running:
            _check_settings(running, master, settings)
        self._own = running is None
        self.session = running or _session(master, settings)
        self.steps = steps
        self.store = Store(self.session)
        self._ended = Event()
        if not str(self.session.sparkContext.master).startswith("local"):
            Thread(target=_watch, args=(self.session, self._ended), daemon=True).start()

    def __enter__(self) -> Spark:
        """Use it in a `with`."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the session, unless it was there before: that of a notebook is its own."""
        self._ended.set()
        if self._own:
            with suppress(Exception), _silent():  # it may be gone
                self.session.stop()

    def kept(self, step: str, rows: DataFrame) -> DataFrame:
        """The rows of a step, written to its files the first time that it is asked for; read from them in any case."""
        path = f"{self.steps}/{step}"
        self.session.sparkContext.setJobDescription(step)  # what Spark's own pages show
        if not self.store.has(f"{path}/_SUCCESS"):
            rows.write.mode("overwrite").parquet(path)
        return self.session.read.schema(rows.schema).parquet(path)  # or Spark would look into the files for it

    def pieces(self, n: int) -> DataFrame:
        """The numbers from 0 (`id`), each in a task of its own."""
        return self.session.range(0, n, numPartitions=max(1, n))

    def map(self, rows: DataFrame, function: Function, schema: str) -> DataFrame:
        """What `function` makes of tables of some rows."""
        return rows.mapInArrow(_each(function), schema)

    def grouped(  # noqa: PLR0917  what is grouped, how, and what is made of it
        self, rows: DataFrame, key: str, order: Sequence[str], function: Function, schema: str, tasks: int | None = None
    ) -> DataFrame:
        """What `function` makes of tables of whole groups, the rows of one whole number `key`, in order of it and `order`.

        Spark reckons by bytes how many tasks that is worth; who knows that they take long gives the `tasks`.
        """
        most = int(self.session.conf.get("spark.sql.shuffle.partitions") or 1)
        together = rows.repartition(key) if tasks is None else rows.repartition(max(1, min(tasks, most)), key)
        return together.sortWithinPartitions(key, *order).mapInArrow(_groups(key, function), schema)

    def whole(self, rows: DataFrame, function: Function, schema: str) -> DataFrame:
        """What `function` makes of one table of all rows, which a single task can hold; nothing of none."""
        return rows.repartition(1).mapInArrow(_all(function), schema)

    def numbered(self, step: str, rows: DataFrame, order: Sequence[str], size: str | None = None) -> DataFrame:
        """Rows with `number`: how many there are before it in this order, or the sum of their `size`; kept as a step.

        Of each file one count comes to the driver, and of no row anything.
        """
        from pyspark.sql import functions as f

        one = f.lit(1).cast("long") if size is None else f.col(size)
        counted = rows.withColumn("_size", one).repartitionByRange(*order).sortWithinPartitions(*order)
        schema = ", ".join(f"`{field.name}` {field.dataType.simpleString()}" for field in counted.schema)
        sorted_ = self.kept(f"{step}-sorted", counted.mapInArrow(_counted, f"{schema}, `_file` int, `_before` bigint"))
        sums = sorted_.groupBy("_file").agg(f.sum("_size")).toArrow().sort_by("_file").to_pydict().values()
        before, starts = 0, []
        for file, n in zip(*sums, strict=True):
            starts.append((file, before))
            before += n
        offsets = self.session.createDataFrame(starts or [(0, 0)], "_file int, _start long")
        numbered = sorted_.join(f.broadcast(offsets), "_file").withColumn("number", f.col("_start") + f.col("_before"))
        return numbered.drop("_file", "_start", "_before", "_size")

    def count(self, rows: DataFrame) -> int:
        """How many rows there are."""
        return rows.count()


class Store:
    """The file systems that Spark reads and writes, for the few small files that are no tables."""

    def __init__(self, session: SparkSession) -> None:
        self._jvm: Any = session._jvm
        self._settings = session._jsc.hadoopConfiguration()

    def _at(self, path: str) -> tuple[Any, Any]:
        place = self._jvm.org.apache.hadoop.fs.Path(path)
        return place.getFileSystem(self._settings), place

    def has(self, path: str) -> bool:
        """Whether there is such a file or folder."""
        system, place = self._at(path)
        return bool(system.exists(place))

    def write(self, path: str, data: bytes) -> None:
        """A small file; whole or not there where the store writes whole objects."""
        system, place = self._at(path)
        out = system.create(place, True)
        out.write(bytearray(data))
        out.close()

    def read(self, path: str) -> bytes:
        """All of a small file."""
        system, place = self._at(path)
        source = system.open(place)
        try:
            return bytes(self._jvm.org.apache.commons.io.IOUtils.toByteArray(source))
        finally:
            source.close()

    def remove(self, path: str) -> None:
        """Remove a folder and all in it, if it is there."""
        system, place = self._at(path)
        system.delete(place, True)


ENDED = "Spark ended half-way; where its driver had too little memory, give it more, such as --set spark.driver.memory=2g"


@contextmanager
def one_line() -> Iterator[None]:
    """What goes wrong in Spark becomes an exception whose message is one line."""
    from py4j.protocol import Py4JError, Py4JNetworkError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JNetworkError, ConnectionError):
        raise NoCluster(ENDED) from None
    except (PySparkException, Py4JError) as error:
        try:
            said = str(error)
        except (Py4JNetworkError, ConnectionError):  # an error of Java is asked for its words, and Java is gone
            raise NoCluster(ENDED) from None
        if any(sign in said for sign in SIGNS):
            raise NoCluster("the cluster was lost half-way") from None
        raise RuntimeError(_said(said)) from None


def _said(error: str) -> str:
    """The one line of an error of Spark that says what is wrong: the last of a trace of Python, else the last cause of Java."""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    ends = [at for at, line in enumerate(lines) if line.startswith("File ")]
    if ends:
        after = [line for line in lines[ends[-1] + 1 :] if re.match(r"[\w.]+(Error|Exception|Unreadable|\w*): ", line)]
        if after:
            return re.sub(r"^[\w.]*\.?(\w+): ", r"", after[0])
    causes = [line for line in lines if line.startswith("Caused by: ")] or [
        line for line in lines if re.match(r"(: )?[\w.$]+(Exception|Error): ", line)
    ]
    return re.sub(r"^(Caused by: |: )?([\w.$]+\.)?", "", causes[-1] if causes else lines[0])[:400]


def _cut(table: pa.Table) -> list[pa.RecordBatch]:
    """A table in batches of some `BYTES`: Java takes each whole."""
    batches: list[pa.RecordBatch] = table.to_batches(max(1, len(table) * BYTES // max(1, table.nbytes)))
    return batches


def _each(function: Function) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def over(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in batches:
            if batch.num_rows:
                yield from _cut(function(pa.Table.from_batches([batch])))

    return over


def _all(function: Function) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def over(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        held = [batch for batch in batches if batch.num_rows]
        if held:
            yield from _cut(function(pa.Table.from_batches(held)))

    return over


def _groups(key: str, function: Function) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Over batches in order of `key`: some `BYTES` of whole groups at a time."""

    def over(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import gc

        import numpy as np
        import pyarrow as pa

        from copydesk.engines.processes import GARBAGE

        gc.set_threshold(GARBAGE)
        held: list[pa.RecordBatch] = []
        size = 0
        for batch in batches:
            if not batch.num_rows:
                continue
            held.append(batch)
            size += batch.nbytes
            if size < BYTES:
                continue
            keys = batch.column(key).to_numpy()
            last = int(np.searchsorted(keys, keys[-1]))  # where the last group begins, which may go on
            if last == 0 and len(held) > 1 and held[0].column(key)[0].as_py() == keys[0]:
                continue  # all of it is one group so far
            if last == 0:  # it began in a batch before
                table = pa.Table.from_batches(held)
                last = int(np.searchsorted(table.column(key).to_numpy(), keys[-1]))
                held = table.slice(last).combine_chunks().to_batches()
            else:
                table = pa.Table.from_batches([*held[:-1], batch.slice(0, last)])
                last, held = len(table), [batch.slice(last)]
            size = sum(batch.nbytes for batch in held)
            if last:
                yield from _cut(function(table.slice(0, last)))
        if held:
            yield from _cut(function(pa.Table.from_batches(held)))

    return over


def _counted(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Adds the number of the task, and the sum of `_size` of the rows before."""
    import numpy as np
    import pyarrow as pa
    from pyspark import TaskContext

    context = TaskContext.get()
    task = context.partitionId() if context else 0
    before = 0
    for batch in batches:
        sizes = batch.column("_size").to_numpy()
        sums = before + np.cumsum(sizes) - sizes
        before += int(sizes.sum())
        yield batch.append_column("_file", pa.array(np.full(len(sizes), task, np.int32))).append_column(
            "_before", pa.array(sums)
        )


def _running() -> SparkSession | None:
    """The session that there is already."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise NoCluster("there is no PySpark; get it with: pip install 'copydesk[spark]'") from None
    return SparkSession.getActiveSession()


def _check_settings(running: SparkSession, master: str | None, settings: Mapping[str, str]) -> None:
    """Raise `ValueError` where a session that runs already would have to be another."""
    asked = {**({"spark.master": master} if master else {}), **settings}
    other = [name for name, value in asked.items() if running.conf.get(name, None) != value]
    if other:
        raise ValueError(f"a session of Spark runs already, with other {', '.join(other)}; stop it, or ask for nothing else")


def _session(master: str | None, settings: Mapping[str, str]) -> SparkSession:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("copydesk")
    given: list[str] = []
    if "PYSPARK_GATEWAY_PORT" in os.environ:  # spark-submit has begun this, and has a master and settings of its own
        from pyspark import SparkConf

        conf = SparkConf()
        given = [name for name in SETTINGS if conf.contains(name)]
        master = master or conf.get("spark.master") or "local[*]"
    else:
        _check_java()
        master = master or "local[*]"
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if master.startswith("spark://"):
        _check_master(master)
    builder = builder.master(master)
    alone = master.startswith("local")
    own = (
        {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        if alone
        else {}
    )
    for name, value in {**SETTINGS, **own, **settings}.items():
        if name not in given or name in settings:
            builder = builder.config(name, value)
    with tempfile.NamedTemporaryFile(prefix="copydesk-spark-", suffix=".log", delete=False) as file:
        log = Path(file.name)
    try:
        with _silent(log):
            session = builder.getOrCreate()
    except (PySparkException, Py4JError, RuntimeError) as error:
        raise NoCluster(f"Spark does not start: {_said(str(error))} (all that it said is in {log})") from None
    log.unlink()  # Java keeps it open
    if not alone:
        _wait_for_workers(session, master)
    return session


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else "java"
    get = f"install a Java {JAVA} (such as openjdk-{JAVA}-jre-headless), or set JAVA_HOME to where one is"
    if not shutil.which(java):
        raise NoCluster(f"Spark needs Java {JAVA}, and there is no {java}; {get}")
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', told)
    if not version or int(version[1]) < JAVA:
        found = f"version {version[1]}" if version else "of no version that can be told"
        raise NoCluster(f"Spark needs Java {JAVA} or later, and {java} is {found}; {get}")


def _check_master(master: str) -> None:
    for address in master.removeprefix("spark://").split(","):
        place = urlsplit(f"//{address}")
        with suppress(OSError, ValueError), socket.create_connection((place.hostname or "", place.port or 7077), timeout=10):
            return
    raise NoCluster(f"no Spark master answers at {master}; start one with sbin/start-master.sh, or name another with --master")


def _wait_for_workers(session: SparkSession, master: str) -> None:
    if str(session.conf.get("spark.dynamicAllocation.enabled", "false")).lower() == "true":
        return  # workers come when there is work
    context: Any = session.sparkContext._jsc.sc()
    until = time.monotonic() + PATIENCE
    while context.getExecutorMemoryStatus().size() < 2:  # the driver is one
        if time.monotonic() > until:
            session.stop()
            raise NoCluster(
                f"{master} has no worker that takes work; start some with sbin/start-worker.sh, or ask for less memory"
            )
        time.sleep(0.2)


LOST = "copydesk: no worker is left"
"""Why jobs are ended that would wait for ever."""
SIGNS = (LOST, "SparkContext was shut down", "stopped SparkContext", "masters are unresponsive", "Master removed our")
"""What Spark says when its cluster is gone."""


def _watch(session: SparkSession, ended: Event) -> None:
    """End jobs that have had no worker for some time, until all has `ended`: Spark itself would wait for one without end."""
    context: Any = session.sparkContext._jsc.sc()
    seen = time.monotonic()
    while not ended.wait(1):
        with suppress(Exception):  # what fails once may pass; who has a session that is gone hears of it elsewhere
            jobs = session.sparkContext.statusTracker().getActiveJobsIds()
            if not jobs or context.getExecutorMemoryStatus().size() > 1:  # without work there need not be a worker
                seen = time.monotonic()
            elif time.monotonic() - seen > PATIENCE:
                for job in jobs:
                    context.cancelJob(job, LOST)


@contextmanager
def _silent(log: Path | None = None) -> Iterator[None]:
    """What Java says on standard error goes to a file: who begins a process in here gives it that."""
    sys.stderr.flush()
    before = os.dup(2)
    with (log or Path(os.devnull)).open("ab") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
