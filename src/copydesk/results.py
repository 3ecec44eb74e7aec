"""A finished run, to be asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from copydesk.folder import MARK
from copydesk.model import Copy, Edition, Known

if TYPE_CHECKING:
    import pyarrow as pa


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

    def table(self, name: str) -> pa.Table:
        """A table of the run, such as `"variants"`, whole."""
        import pyarrow.parquet as pq

        return pq.read_table(self.path / f"{name}.parquet")

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

        Raises `KeyError` where there is no such story, and what `reconcile` raises.
        """
        from copydesk.parts import known
        from copydesk.story import reconcile

        return reconcile(self.copies(story_id), known(self.path) or Known())
