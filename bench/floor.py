"""Parse a corpus and do nothing with it: what any tool takes at least.

usage: python bench/floor.py msgspec|duckdb CORPUS.jsonl
"""

from __future__ import annotations

import sys


def of_msgspec(corpus: str) -> int:
    """Every line decoded to Python objects, one after the other."""
    import msgspec

    decode = msgspec.json.Decoder().decode
    rows = 0
    with open(corpus, "rb") as lines:  # noqa: PTH123  nothing is imported that is not needed
        for line in lines:
            rows += "text" in decode(line)
    return rows


def of_duckdb(corpus: str) -> int:
    """All rows as Arrow batches, read by DuckDB in one thread."""
    import duckdb

    columns = "{'id': 'VARCHAR', 'source': 'VARCHAR', 'text': 'VARCHAR'}"
    with duckdb.connect(config={"threads": 1}) as db:
        query = f"SELECT * FROM read_json(?, columns={columns}, format='newline_delimited')"
        return sum(batch.num_rows for batch in db.sql(query, params=[corpus]).to_arrow_reader(8192))


if __name__ == "__main__":
    print({"msgspec": of_msgspec, "duckdb": of_duckdb}[sys.argv[1]](sys.argv[2]))
