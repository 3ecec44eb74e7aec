"""A run on Spark that reads from an object store and writes to it: moto's server on loopback, through Hadoop's `s3a`.

    python bench/spark_s3.py CORPUS.jsonl MOTO_SERVER JARS [--only find]

MOTO_SERVER is the program of moto[server]; JARS is a folder with hadoop-aws and the AWS SDK's bundle for the Hadoop of PySpark.
The tables must be those of a run on this machine; wrong credentials must be told in one line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq
from pyarrow import fs

from spark_cluster import COPYDESK, QUICK, tables

PORT = 5599


def main() -> None:
    corpus, moto, jars = (Path(name).absolute() for name in sys.argv[1:4])
    server = subprocess.Popen(
        [str(moto), "-H", "127.0.0.1", "-p", str(PORT)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        with tempfile.TemporaryDirectory(prefix="copydesk-s3-") as name:
            print(json.dumps(check(corpus, jars, Path(name)), indent=2))
    finally:
        server.kill()
        server.wait()


def check(corpus: Path, jars: Path, folder: Path) -> dict[str, object]:
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
    store = fs.S3FileSystem(
        access_key="key", secret_key="secret", endpoint_override=f"127.0.0.1:{PORT}", scheme="http", allow_bucket_creation=True
    )
    for _ in range(100):
        try:
            store.create_dir("bucket")
            break
        except OSError:
            time.sleep(0.3)
    with store.open_output_stream("bucket/in/corpus.jsonl") as out:
        out.write(corpus.read_bytes())
    subprocess.run([*COPYDESK, "run", str(corpus), "-o", str(folder / "here"), *sys.argv[4:]], check=True, capture_output=True)
    settings = {
        "spark.jars": ",".join(map(str, sorted(jars.glob("*.jar")))),
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": QUICK,
        "spark.sql.shuffle.partitions": "2",
        "spark.hadoop.fs.s3a.endpoint": f"http://127.0.0.1:{PORT}",
        "spark.hadoop.fs.s3a.endpoint.region": "us-east-1",
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.attempts.maximum": "2",
        "spark.hadoop.fs.s3a.retry.limit": "1",
    }
    source = f"s3://bucket/in/corpus.jsonl?endpoint_override=127.0.0.1:{PORT}&scheme=http&region=us-east-1"
    command = [*COPYDESK, "run", source, "--engine", "spark", "--master", "local[2]", *sys.argv[4:]]
    command += [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    done = subprocess.run([*command, "-o", "s3a://bucket/out"], env={**os.environ, **keys}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found = {
        Path(file.path).name: sorted(map(repr, pq.read_table(file.path, filesystem=store).to_pylist()))
        for file in store.get_file_info(fs.FileSelector("bucket/out"))
        if file.path.endswith(".parquet")
    }
    here = tables(folder / "here")
    nobody = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nobody["AWS_EC2_METADATA_DISABLED"] = "true"
    local = [str(corpus) if part == source else part for part in command]
    refused = subprocess.run([*local, "-o", "s3a://other/out"], env=nobody, capture_output=True, check=False)
    return {
        "same tables": found == here,
        "without credentials": {"exit code": refused.returncode, "said": refused.stderr.decode()},
    }


if __name__ == "__main__":
    main()
