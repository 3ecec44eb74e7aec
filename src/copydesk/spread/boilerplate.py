"""Boilerplate, learned as `find.boilerplate` learns it, where no machine holds all that there is to learn.

What is counted of a seed is a sum over links, brought together by the engine. Then each text is told which of its own seeds are
boilerplate: no machine needs to know those of others.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from copydesk.find import kernels
from copydesk.find.boilerplate import GOOD, LEAST_JUNK, LEAST_LETTERS, ROUNDS, weighty
from copydesk.find.chains import Hashes, Shared, Texts, permille
from copydesk.find.seeds import numbers
from copydesk.spread.arrays import column, packed, places, signed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from copydesk.engines.spark import Spark
    from copydesk.find.chains import Index

LEARNED = f"junk >= {LEAST_JUNK} and good * 1000 < {GOOD} * (junk + good)"


def learn(engine: Spark, of: DataFrame, links: DataFrame, same: int) -> tuple[DataFrame, DataFrame, DataFrame]:
    """Learn what is boilerplate from links with chains: texts, links and the evidence.

    The texts get `letters`, those outside boilerplate, and `skip`, as bytes the hashes of their seeds in it (null: none). Of
    links there are left `a, b, covered, cover_a, cover_b, letters_a, letters_b`. The evidence is `seed, junk, good`.
    """
    from pyspark.sql import functions as f

    counts = "hash bigint, junk bigint, good bigint"

    def sums(rows: DataFrame) -> DataFrame:
        return rows.groupBy("hash").agg(f.sum("junk").alias("junk"), f.sum("good").alias("good"))

    first = engine.kept("suspects-0", sums(engine.map(links, partial(_tally, same), counts)).where(f"junk >= {LEAST_JUNK}"))
    seeds = engine.kept(
        "suspected",
        engine.map(of, _seeds, "text bigint, n_letters bigint, hash bigint, seed bigint").join(first.select("hash"), "hash"),
    )
    suspects, links = first, links.withColumn("was_good", f.lit(None).cast("boolean")).withColumn("telling", f.lit(True))
    before = None
    for round_ in range(ROUNDS):
        if round_:
            changes = engine.map(links, partial(_changes, same), counts)
            summed = sums(suspects.unionByName(changes)).join(first.select("hash"), "hash")
            suspects = engine.kept(f"suspects-{round_}", summed)
        marked = seeds.join(suspects.where(LEARNED).selectExpr("hash", "true as is"), "hash", "left")
        skip = engine.grouped(marked, "text", ["seed"], _left, "text bigint, letters bigint, skip binary")
        now = engine.kept(f"skip-{round_}", skip)
        if before is None:
            known = now.withColumn("was", f.lit(None).cast("binary"))
        else:
            known = now.join(before.selectExpr("text", "skip as was"), "text")
        links = engine.kept(f"covers-{round_}", engine.map(_with(links, known), partial(_again, same, round_), COVERS))
        before = now
    texts = of.join(now, "text", "left").withColumn("letters", f.expr("coalesce(letters, greatest(n_letters, 1))"))
    evidence = suspects.where(LEARNED).selectExpr("hash as seed", "junk", "good")
    return texts, links.select("a", "b", "covered", "cover_a", "cover_b", "letters_a", "letters_b"), evidence


COVERS = (
    "a bigint, b bigint, n_a bigint, n_b bigint, cover_a bigint, cover_b bigint, shared binary, places binary,"
    " was_good boolean, telling boolean, letters_a bigint, letters_b bigint, covered bigint"
)


def _with(links: DataFrame, known: DataFrame) -> DataFrame:
    """Links with the letters of both texts, and with the boilerplate of the second, of whose seeds the shared ones are."""
    links = links.drop("letters_a", "letters_b", "covered")
    links = links.join(known.selectExpr("text as b", "letters as letters_b", "skip", "was"), "b", "left")
    links = links.join(known.selectExpr("text as a", "letters as letters_a"), "a", "left")
    return links.selectExpr(
        *(column for column in links.columns if column not in {"letters_a", "letters_b"}),
        "coalesce(letters_a, greatest(n_a, 1)) as letters_a",
        "coalesce(letters_b, greatest(n_b, 1)) as letters_b",
    )


def _shared(table: pa.Table) -> Shared:
    values, bounds = numbers(table.column("shared"))
    return Shared(values, places(table.column("places")), bounds)


def _covers(table: pa.Table) -> tuple[Index, Index]:
    return column(table, "cover_a"), column(table, "cover_b")


def _is_good(table: pa.Table, same: int) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], ...]:
    """Which links, of all letters, bear on what is boilerplate, and which are good."""
    cover_a, cover_b = _covers(table)
    n_a, n_b = (np.maximum(column(table, name), 1) for name in ("n_a", "n_b"))
    return np.maximum(cover_a, cover_b) >= LEAST_LETTERS, permille(cover_a, cover_b, n_a, n_b) >= same


def _tally(same: int, table: pa.Table) -> pa.Table:
    """How many links of little and of much coverage the seeds of some links have."""
    telling, good = _is_good(table, same)
    shared = _shared(table)
    return _counts([(shared.hashes(np.flatnonzero(telling & (good == is_good))), 1 - is_good, is_good) for is_good in (0, 1)])


def _changes(same: int, table: pa.Table) -> pa.Table:
    """What changes in these counts as links change sides."""
    telling, good = (table.column(name).to_numpy().astype(bool) for name in ("telling", "was_good"))
    now = column(table, "covered") >= same
    shared = _shared(table)
    worse, better = np.flatnonzero(telling & good & ~now), np.flatnonzero(telling & now & ~good)
    return _counts([(shared.hashes(worse), 1, -1), (shared.hashes(better), -1, 1)])


def _counts(found: list[tuple[np.ndarray[tuple[int], np.dtype[np.uint64]], int, int]]) -> pa.Table:
    tables = []
    for of, junk, good in found:
        unlike, n = np.unique(of, return_counts=True)
        tables.append(pa.table({"hash": signed(unlike), "junk": n * junk, "good": n * good}))
    return pa.concat_tables(tables)


def _seeds(table: pa.Table) -> pa.Table:
    """Each seed of texts as a row."""
    values, bounds = numbers(table.column("seeds"))
    n = np.diff(bounds)
    of = {name: np.repeat(column(table, name), n) for name in ("text", "n_letters")}
    return pa.table({**of, "hash": signed(values >> kernels.PLACE_BITS), "seed": signed(values)})


def _left(table: pa.Table) -> pa.Table:
    """What is left of texts without boilerplate, of all their seeds that were ever suspected."""
    text = column(table, "text")
    seeds = column(table, "seed").view(np.uint64)
    order = np.lexsort((seeds & kernels.PLACE, text))
    text, seeds, is_ = text[order], seeds[order], table.column("is").is_valid().to_numpy()[order]
    first = np.flatnonzero(np.diff(text, prepend=-1))
    n_letters = column(table, "n_letters")[order][first]
    of = Texts(seeds.copy(), first, np.append(first[1:], len(text)), n_letters)
    letters = weighty(of.story_letters(Hashes.of(np.unique(seeds[is_] >> kernels.PLACE_BITS))), of)
    n_skipped = np.add.reduceat(is_.astype(np.int64), first) if len(first) else np.empty(0, np.int64)
    skip = packed(seeds[is_] >> kernels.PLACE_BITS, np.concatenate(([0], np.cumsum(n_skipped))))
    return pa.table({"text": text[first], "letters": letters, "skip": skip})


def _again(same: int, round_: int, table: pa.Table) -> pa.Table:
    """Links with their coverage counted anew where what is boilerplate has changed."""
    shared = _shared(table)
    cover_a, cover_b = (of.copy() for of in _covers(table))
    letters_a, letters_b = column(table, "letters_a"), column(table, "letters_b")
    if round_:
        telling, good = (table.column(name).to_numpy().astype(bool) for name in ("telling", "was_good"))
    else:
        telling, good = _is_good(table, same)
    skip, was = (numbers(table.column(name).drop_null())[0] for name in ("skip", "was"))
    changed = np.setxor1d(skip, was)
    boilerplate, other = Hashes.of(np.unique(skip)), Hashes.of(changed)
    asked = np.flatnonzero(telling & (np.maximum(cover_a, cover_b) >= LEAST_LETTERS))
    again = asked[shared.tally(asked, 0, other, np.zeros(len(other.table), np.int64))]
    cover_a[again], cover_b[again] = shared.chain(again, boilerplate)
    new = {"cover_a": cover_a, "cover_b": cover_b, "was_good": good, "telling": telling}
    new |= {"letters_a": letters_a, "letters_b": letters_b, "covered": permille(cover_a, cover_b, letters_a, letters_b)}
    names = [part.strip().split(" ")[0] for part in COVERS.split(",")]
    return pa.table({name: new[name] if name in new else table.column(name) for name in names})
