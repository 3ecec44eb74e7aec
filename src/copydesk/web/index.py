"""What lists need of all stories, in memory: small tables beside those of the run or the archive that is shown."""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from copydesk.archive.catalogue import is_archive
from copydesk.archive.desk import Desk
from copydesk.archive.moment import Moment
from copydesk.archive.tables import connect, state
from copydesk.web.apparatus import Apparatus
from copydesk.web.asked import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from duckdb import DuckDBPyConnection

UNSURE = 0.8
"""The confidence below which a choice is unsure."""
BEGINNING = 400
"""Characters from the beginning of a text that lists show of it."""
HELD = 32
"""Stories whose apparatus is kept, for who reads one asks for it again and again."""
MONTHS = ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%a, %d %b %Y %H:%M:%S", "%Y/%m/%d", "%d.%m.%Y", "%Y%m%d")
DAY = (
    "coalesce(TRY_CAST(left(published, 10) AS DATE), CAST(TRY_CAST(published AS TIMESTAMP) AS DATE), "
    f"CAST(try_strptime(trim(published), [{', '.join(map(repr, MONTHS))}]) AS DATE))"
)
"""The day that a date means, however it is written; null where it says none."""
EDITION = ("story_id", "version", "n_copies", "n_lines", "text", "title", "published", "confidence", "n_variants")
"""What is told of an edition."""
VARIANT = ("version", "start", "end", "kind", "chosen", "reason", "confidence", "readings")
"""The columns of an apparatus. Its order is that of the table, and the number of a variant its place there."""
OF_READINGS = ("readings.list.element.text", "readings.list.element.copies")
"""What is shown of readings. Where they stand in each copy is as much again, in a story of many copies."""

TABLES = f"""
CREATE SCHEMA page;
CREATE TABLE page.copies AS
  SELECT copy_id, story_id, source, published, {DAY} AS day, relation, nearest_copy, coverage, line FROM copies;
CREATE TABLE page.unsure AS
  SELECT story_id, count(*) AS n_unsure FROM variants WHERE confidence < {UNSURE} GROUP BY ALL;
CREATE TABLE page.stories AS
  SELECT s.*, {DAY} AS day, coalesce(u.n_unsure, 0) AS n_unsure
  FROM (SELECT story_id, max(version) AS version, count(*) AS n_versions, CAST(sum(n_copies) AS BIGINT) AS n_copies,
          arg_max(title, version) AS title, arg_max(left(text, {BEGINNING}), version) AS beginning,
          arg_max(published, version) AS published, min(confidence) AS confidence,
          CAST(sum(n_variants) AS BIGINT) AS n_variants
        FROM stories GROUP BY story_id) s
  LEFT JOIN page.unsure u USING (story_id);
CREATE TABLE page.earlier AS  -- of the type that tables have: joined as another it takes twenty times as long
  SELECT story_id, CAST(unnest(range(1, version)) AS INTEGER) AS version FROM page.stories WHERE version > 1;
-- what each copy lost, added and altered, in places where it has another reading than the edition
CREATE TABLE page.did AS
  WITH reading AS (
    SELECT story_id, version, kind, chosen, readings[chosen + 1].text AS text, unnest(readings) AS reading,
      generate_subscripts(readings, 1) - 1 AS number
    FROM variants)
  SELECT story_id, version, copy_id, count(*) FILTER (reading.text = '') AS lost,
    count(*) FILTER (text = '' AND NOT starts_with(kind, 'boilerplate')) AS added,
    count(*) FILTER (text = '' AND starts_with(kind, 'boilerplate')) AS boilerplate,
    count(*) FILTER (reading.text <> '' AND text <> '') AS altered
  FROM (SELECT *, unnest(reading.copies) AS copy_id FROM reading WHERE number <> chosen) GROUP BY ALL;
"""


class NothingToShow(ValueError):
    """What was named has no editions; the message says what to do."""


class Index:
    """A run's folder or an archive, as it was when this was made."""

    def __init__(self, path: Path, desk: Desk | None = None) -> None:
        """Reads all stories once, without their texts: at 200,000 documents some seconds. Raises as `connect` does.

        `desk` is the archive, if it was opened before.
        """
        self.path = path
        self.desk = desk or (Desk(path) if is_archive(path) else None)
        self.state = state(path)
        self._connection = connect(path)
        self._moment = Moment(path) if self.desk else None
        self.tables = {name for (name,) in self._connection.execute("SELECT view_name FROM duckdb_views()").fetchall()}
        if self._moment and not self._moment.n_copies:
            raise NothingToShow(f"{path} has no copies yet; copydesk add {path} FILE... adds some")
        if not self.has("stories") or "text" not in self._columns("stories"):
            raise NothingToShow(f"{path} has stories without editions; run without --only find, and they are made")
        self._connection.execute(TABLES)
        self.counts = (
            self.row(
                "SELECT (SELECT count(*) FROM page.stories) AS stories, (SELECT count(*) FROM page.copies) AS copies, "
                "(SELECT count(*) FROM sources) AS sources"
            )
            or {}
        )
        self.apparatus = lru_cache(HELD)(self._apparatus)
        self.editions = lru_cache(HELD)(self._editions)
        self.kept = lru_cache(HELD)(self.rows)
        self._empty = lru_cache(lambda table: self.arrow(f"SELECT * FROM {table} LIMIT 0"))
        if self._moment:
            self._moment.ready()
        Apparatus(self.arrow("SELECT * FROM variants LIMIT 1")).own(["warm"])  # Arrow loads much when first asked

    def has(self, table: str) -> bool:
        """Whether there is such a table."""
        return table in self.tables

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What a query finds, with values in place of its question marks."""
        with _there():
            cursor = self._cursor().execute(query, values)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def row(self, query: str, *values: object) -> dict[str, Any] | None:
        """The first row that a query finds."""
        return next(iter(self.rows(query, *values)), None)

    def count(self, query: str, *values: object) -> int:
        """How many rows a query has, given from its FROM on."""
        n: int = self.rows(f"SELECT count(*) AS n {query}", *values)[0]["n"]
        return n

    def of(self, story_id: str, table: str, columns: Sequence[str]) -> pa.Table:
        """The rows of a story in a table of the run or the archive, in their order there.

        An archive knows where the rows of a story lie; DuckDB would look at the ends of all files.
        """
        if self._moment is None:
            named = ", ".join(f'"{name}"' for name in columns)
            return self.arrow(f"SELECT {named} FROM {table} WHERE story_id = ?", story_id)
        with _there():
            read = [part for column in columns for part in (OF_READINGS if column == "readings" else (column,))]
            found = self._moment.of(story_id, table, read)
        return (self._empty(table) if found is None else found).select(columns)

    def arrow(self, query: str, *values: object) -> pa.Table:
        """What a query finds, as an Arrow table."""
        with _there():
            return self._cursor().sql(query, params=values).to_arrow_table()

    def _cursor(self) -> DuckDBPyConnection:
        return self._connection.cursor()  # one for each thread that asks

    def _columns(self, table: str) -> list[str]:
        return [column[0] for column in self._connection.execute(f"SELECT * FROM {table} LIMIT 0").description or ()]

    def _editions(self, story_id: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.of(story_id, "stories", EDITION).to_pylist()
        return rows

    def _apparatus(self, story_id: str, version: int) -> Apparatus:
        return Apparatus(within(self.of(story_id, "variants", VARIANT), version))


def within(table: pa.Table, version: int) -> pa.Table:
    """The rows of a version, of a table of one story."""
    import pyarrow.compute as pc

    own = pc.equal(table.column("version"), version)
    return table if pc.all(own).as_py() else table.filter(own)


@contextmanager
def _there() -> Iterator[None]:
    """The files that are asked are there, unless an archive has put others in their place a moment ago."""
    from duckdb import IOException

    try:
        yield
    except (IOException, FileNotFoundError):
        raise Refused(503, "the archive was changed this moment; ask again") from None


class Shown:
    """What is shown: an index that is made again when an archive has grown."""

    def __init__(self, path: Path) -> None:
        """Raises as `Index` does."""
        self._index = Index(path)
        self._renewing = Lock()

    def now(self) -> Index:
        """The newest index there is. One who asks waits for a newer one to be made, the others read on in this one."""
        if state(self._index.path) != self._index.state and self._renewing.acquire(blocking=False):
            try:
                self._index = Index(self._index.path, self._index.desk)
            finally:
                self._renewing.release()
        return self._index
