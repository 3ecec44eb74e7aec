"""A finished run, to be asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from copydesk.folder import MARK
from copydesk.model import Copy, Edition, Known

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

BATCH = 1_000
"""Rows of a table that are held at a time."""
ORDER = ("story_id", "copy_id")


class Run:
    """The folder that `copydesk run` wrote. `summary` is what its `run.json` holds.

    >>> run = copydesk.run("corpus/*.jsonl", "out")  # doctest: +SKIP
    >>> run.edition("a-17").explain()  # doctest: +SKIP

    Raises `FileNotFoundError` where there is no whole run.
    """

    def __init__(self, out: str | Path) -> None:
        self.path = Path(out)
        self.summary: dict[str, Any] = msgspec.json.decode((self.path / MARK).read_bytes())

    def __repr__(self) -> str:
        """The folder, and what is in it."""
        counts = self.summary["counts"]
        return f"<Run {str(self.path)!r}: {counts['documents']:,} copies, {counts['stories']:,} stories>"

    @property
    def n_copies(self) -> int:
        """How many copies it read."""
        n: int = self.summary["counts"]["documents"]
        return n

    @property
    def same(self) -> float:
        """The share of the shorter of two texts that makes them one story."""
        share: float = self.summary["settings"]["same"]
        return share

    @property
    def given(self) -> str | None:
        """The column that said what the stories are, if they were not found."""
        column: str | None = self.summary["settings"]["columns"].get("story")
        return column

    def has(self, table: str) -> bool:
        """Whether the run wrote such a table."""
        return (self.path / f"{table}.parquet").is_file()

    def table(
        self, name: str, columns: Sequence[str] | None = None, where: Mapping[str, Sequence[object]] | None = None
    ) -> pa.Table:
        """A table, such as `"variants"`: whole, or some columns of the rows that have in a column one of some values."""
        import pyarrow.parquet as pq

        from copydesk.again import filters

        return pq.read_table(self.path / f"{name}.parquet", columns=columns, filters=filters(where))

    def stories(self) -> pa.Table:
        """The stories with their editions, in order of their ids."""
        return self.table("stories")

    def sources(self) -> pa.Table:
        """What each source has, how much of it is boilerplate, and how it is spoilt (`rates`, `examples`)."""
        return self.table("sources")

    def copies(self, story_id: str) -> list[Copy]:
        """The copies of a story as they were read. Raises `KeyError` where there is no such story."""
        import pyarrow.parquet as pq

        of_it = [("story_id", "=", story_id)]
        texts = pq.read_table(self.path / "texts.parquet", filters=of_it)
        if not len(texts):
            raise KeyError(story_id)
        columns = ["copy_id", "source", "published", "url"]
        told = {
            row.pop("copy_id"): row
            for row in pq.read_table(self.path / "copies.parquet", columns=columns, filters=of_it).to_pylist()
        }
        return [Copy(row["copy_id"], row["text"], **told[row["copy_id"]]) for row in texts.to_pylist()]

    def edition(self, story_id: str) -> Edition:
        """The edition of a story, made again of its copies, with all that the tables leave out.

        Raises `KeyError` where there is no such story.
        """
        for _, edition in self.editions(story_id):
            return edition
        raise KeyError(story_id)

    def editions(self, story_id: str | None = None) -> Iterator[tuple[str, Edition]]:
        """All stories in order of their ids, with editions as `edition` makes them; or the one that is named, if it is."""
        from copydesk.again import editions

        return editions(self, story_id)

    def known(self) -> Known:
        """What the run learned of its sources."""
        from copydesk.parts import known

        return known(self.path) or Known()

    def decided(self, edition: Edition) -> Edition:
        """The edition: about a run nothing is decided."""
        return edition

    def rows(self, table: str, columns: Sequence[str], story: str | None = None) -> Iterator[dict[str, Any]]:
        """The rows of a table in order of their stories, some thousand at a time; of one story where it is named."""
        import pyarrow.dataset as ds

        data = ds.dataset(self.path / f"{table}.parquet")
        wanted = None if story is None else ds.field("story_id") == story
        if table == "copies":  # in order of the copies
            sorted_ = data.to_table(columns=list(columns), filter=wanted).sort_by([(name, "ascending") for name in ORDER])
            batches = iter(sorted_.to_batches(max_chunksize=BATCH))
        else:
            batches = data.to_batches(
                columns=list(columns), filter=wanted, batch_size=BATCH, batch_readahead=1, fragment_readahead=1
            )
        for batch in batches:
            yield from batch.to_pylist()
