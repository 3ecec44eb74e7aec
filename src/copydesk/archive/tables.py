"""The tables of a run, or of an archive, as SQL: both have the same names and columns, so who asks need not know which it is.

The rows lie in Parquet files that are never changed. Of an archive a table is the rows of all its batches that still count.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from copydesk.archive.catalogue import NoArchive, folder, is_archive, reading
from copydesk.folder import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from duckdb import DuckDBPyConnection

NAMES = (
    *("copies", "texts", "stories", "spans", "variants", "versions", "left_out"),
    *("statements", "figures", "dates", "names", "metadata"),
)
"""Tables of which each row is of a story; of the others a batch has all that there is."""
WHOLE = ("sources", "boilerplate")


def connect(path: str | Path) -> DuckDBPyConnection:
    """A DuckDB database with the tables of a run's folder or an archive as views, to be asked and no more.

    The tables are those of `docs/run.md` that are there; an archive has `batches` besides, and `copies.added`, the batch each
    copy came with. It is the state of this moment: `state` tells whether there is a newer one. SQL reaches no other file, and
    nothing can be set. Threads each take a `cursor()`.

    Raises `NoArchive` where neither is there, `ModuleNotFoundError` where DuckDB is not installed, `OSError` and `ValueError`
    where a table cannot be read.
    """
    path = Path(path).absolute()
    if (path / MARK).is_file():
        return _connected({name: [(0, file)] for name in NAMES + WHOLE if (file := path / f"{name}.parquet").is_file()}, [], [])
    if not is_archive(path):
        raise NoArchive(f"{path} is neither the folder of a run (it has no {MARK}) nor an archive")
    with reading(path) as catalogue:
        live = [no for (no,) in catalogue.execute("SELECT no FROM batch WHERE live ORDER BY no")]
        void = catalogue.execute("SELECT story, batch FROM void").fetchall()
        batches = catalogue.execute("SELECT no, at, what, copies, rejected, stories FROM batch ORDER BY no").fetchall()
    files = {
        name: [(no, file) for no in live if (file := folder(path, no) / f"{name}.parquet").is_file()] for name in NAMES + WHOLE
    }
    files |= {name: files[name][-1:] for name in WHOLE}
    return _connected({name: of for name, of in files.items() if of}, void, batches)


def ask(path: str | Path, query: str, values: Sequence[object] = ()) -> pa.Table:
    """What a query of SQL gives. It can read, and no more. Raises `ValueError` for what is no query, or cannot be asked."""
    asked = connect(path)
    import duckdb

    try:
        statements = asked.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise ValueError("one SELECT can be asked, and nothing else: what is kept is not changed by SQL")
        return asked.sql(query, params=list(values)).to_arrow_table()
    except duckdb.Error as error:
        raise ValueError(str(error)) from None


def state(path: str | Path) -> int:
    """A number that is another when there is something new to read: for who holds a connection for long."""
    path = Path(path)
    if not is_archive(path):
        return 0
    with reading(path) as catalogue:
        (last,) = catalogue.execute("SELECT max(no) FROM batch").fetchone()
    return last or 0


def _connected(
    files: Mapping[str, Sequence[tuple[int, Path]]], void: Sequence[tuple[str, int]], batches: Sequence[tuple[object, ...]]
) -> DuckDBPyConnection:
    """The tables by name, each the files of batches; rows of a story that are void in one are left out."""
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("SQL needs DuckDB: pip install 'copydesk[desk]'", name=error.name) from None

    made = duckdb.connect(":memory:")
    made.execute("SET enable_progress_bar = false")
    made.execute("SET autoinstall_known_extensions = false")
    made.execute("SET autoload_known_extensions = false")
    made.execute("SET preserve_insertion_order = true")
    made.execute("SET parquet_metadata_cache = true")
    made.execute("CREATE SCHEMA kept")
    _filled(made, "kept.void", "story_id VARCHAR, batch BIGINT", void)
    if batches:
        _filled(
            made,
            "batches",
            "batch BIGINT, added VARCHAR, what VARCHAR, copies BIGINT, rejected BIGINT, stories BIGINT",
            batches,
        )
    voided = {batch for _, batch in void}
    for name, of in files.items():
        try:
            made.execute(_view(name, of, voided))
        except duckdb.Error as error:
            for _, file in of:
                file.open("rb").close()  # the system says it better, if it is the system
            raise ValueError(str(error).partition("\n")[0]) from None
    paths = [str(file) for of in files.values() for _, file in of]
    made.execute(f"SET allowed_paths = [{', '.join(map(_quoted, paths))}]")
    made.execute("SET enable_external_access = false")
    made.execute("SET lock_configuration = true")
    return made


def _view(name: str, of: Sequence[tuple[int, Path]], voided: set[int]) -> str:
    """The statement that makes a view of a table: the rows of its files, but for those that are void."""
    listed = ", ".join(_quoted(str(file)) for _, file in of)
    query = f"SELECT t.* FROM read_parquet([{listed}], union_by_name = true) t"
    numbers = [no for no, _ in of]
    if name in NAMES and voided & {*numbers}:
        query += (
            f" ANTI JOIN kept.void v ON v.story_id = t.story_id AND v.batch = ({numbers}::BIGINT[])[t.file_index::BIGINT + 1]"
        )
    return f"CREATE VIEW {name} AS {query}"


def _filled(made: DuckDBPyConnection, name: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    """A table of some rows."""
    made.execute(f"CREATE TABLE {name}({columns})")
    if rows:
        import pyarrow as pa

        given = [column.rpartition(" ")[0].strip() for column in columns.split(",")]
        made.register("given", pa.table([pa.array(column) for column in zip(*rows, strict=True)], names=given))
        made.execute(f"INSERT INTO {name} SELECT * FROM given")
        made.unregister("given")


def _quoted(text: str) -> str:
    """A string as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
