"""A standalone Spark on this machine, master and workers as processes, and what becomes of a run when some are killed.

    python bench/spark_cluster.py CORPUS.jsonl [--only find] [--cases "one killed half-way"]

Runs the corpus on this machine, on a cluster of two workers, on one of which a worker is killed half-way, and on one that is
lost altogether, after which the run goes on elsewhere. All tables must be the same. Prints what it took, as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq

CASES = ["two workers", "one killed half-way", "lost"]
COPYDESK = [sys.executable, "-c", "from copydesk.cli import main; main()"]
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # for a corpus that is done before code is compiled well
SETTINGS = {
    "spark.driver.memory": "1g",
    "spark.executor.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.extraJavaOptions": QUICK,
    "spark.executor.extraJavaOptions": QUICK,
}


@contextmanager
def cluster(folder: Path, n_workers: int = 2) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A master and workers, each in a process group of its own; all are ended."""
    import pyspark

    spark = Path(pyspark.__file__).parent
    env = {**os.environ, "SPARK_HOME": str(spark), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(folder / "work")}
    env |= {"SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": QUICK}
    env |= {"PYSPARK_PYTHON": sys.executable}
    processes: list[subprocess.Popen[bytes]] = []

    def begin(kind: str, *arguments: str) -> Path:
        log = folder / f"{kind}{len(processes)}.log"
        command = [str(spark / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", *arguments]
        with log.open("wb") as out:
            processes.append(subprocess.Popen(command, env=env, stdout=out, stderr=out, start_new_session=True))
        return log

    try:
        log = begin("master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
        while not (found := re.search(r"Starting Spark master at (\S+)", log.read_text())):
            time.sleep(0.2)
        for _ in range(n_workers):
            begin("worker.Worker", "--cores", "1", "--memory", "1500m", "--host", "127.0.0.1", "--webui-port", "0", found[1])
        yield found[1], processes
    finally:
        for process in processes:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process, and those that it has begun."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def run(corpus: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    settings = [part for name, value in SETTINGS.items() for part in ("--set", f"{name}={value}")]
    command = [*COPYDESK, "run", str(corpus), "-o", str(out), "--engine", "spark", *settings, *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def tables(out: Path) -> dict[str, list[str]]:
    return {path.name: sorted(map(repr, pq.read_table(path).to_pylist())) for path in sorted(out.glob("*.parquet"))}


def after(out: Path, step: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a step of a run is finished."""
    while not (out.with_name(f".{out.name}.part") / "steps" / step / "_SUCCESS").exists() and process.poll() is None:
        time.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--only", choices=["find"])
    parser.add_argument("--cases", nargs="+", choices=CASES, default=CASES)
    asked = parser.parse_args()
    corpus, only = asked.corpus.absolute(), ["--only", asked.only] if asked.only else []
    told: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory(prefix="copydesk-cluster-") as name:
        folder = Path(name)
        subprocess.run([*COPYDESK, "run", str(corpus), "-o", str(folder / "here"), *only], check=True, capture_output=True)
        here = tables(folder / "here")
        with cluster(folder) as (master, processes):
            for case in [case for case in CASES[:2] if case in asked.cases]:
                begun, out = time.monotonic(), folder / case.replace(" ", "-")
                process = run(corpus, out, "--master", master, *only)
                if case != "two workers":
                    after(out, "chains", process)
                    kill(processes.pop())
                _, said = process.communicate()
                assert process.returncode == 0, said.decode()
                told[case] = {"same tables": tables(out) == here, "seconds": round(time.monotonic() - begun, 1)}
                print(json.dumps({case: told[case]}), flush=True)
            if "lost" not in asked.cases:
                return
            begun, out = time.monotonic(), folder / "lost"
            process = run(corpus, out, "--master", master, *only)
            after(out, "chains", process)
            for other in processes:
                kill(other)
            _, said = process.communicate()
            told["lost"] = {
                "exit code": process.returncode,
                "said": said.decode(),
                "seconds": round(time.monotonic() - begun, 1),
            }
            print(json.dumps({"lost": told["lost"]}), flush=True)
        process = run(corpus, out, "--master", "local[2]", "--resume", *only)
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()
        told["gone on elsewhere"] = {"same tables": tables(out) == here}
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
