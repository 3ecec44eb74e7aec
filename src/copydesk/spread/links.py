"""Links and chains where seeds are brought together by the engine: rules and kernels of `find.links` and `find.chains`.

The center of a seed is the least of its texts, and how many there are is a sum. The texts of a seed come together for that, but
as numbers that the engine puts on disk where they are many: a seed that a million copies share makes its task a second longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from copydesk.find import kernels, links
from copydesk.find.chains import Texts
from copydesk.find.seeds import numbers
from copydesk.spread.arrays import column, packed, texts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from copydesk.engines.spark import Spark
    from copydesk.find.chains import Index

SLICE = 1 << 16
"""Texts whose links are chosen at a time, as many as a link has room to tell."""


def pairs(engine: Spark, of: DataFrame) -> DataFrame:
    """The links that the texts keep, `a, b`, the first being the center."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    postings = engine.map(of, _postings, "hash bigint, text bigint, times int, n_seeds int")
    seed = Window.partitionBy("hash")  # moved and sorted once, where a sum and a join move and sort twice
    found = postings.withColumns({"center": f.min("text").over(seed), "n": f.sum("times").over(seed)})
    weight = f"cast(greatest(1, {kernels.WEIGHT} div length(bin(n))) as int) as weight"
    found = found.where("n > 1 and text > center").selectExpr("text", "center", weight, "n_seeds")
    return engine.kept("pairs", engine.grouped(found, "text", ["center"], _chosen, "a bigint, b bigint"))


def _postings(table: pa.Table) -> pa.Table:
    """The postings of texts: each of their posted seeds once, with how often a text has it."""
    values, bounds = numbers(table.column("seeds"))
    own = column(table, "text")
    of = Texts(values, bounds[:-1], bounds[1:], own)
    posted, parts = links.postings(of, np.arange(len(own)))
    part = np.repeat(np.arange(kernels.PARTS, dtype=np.uint64), np.diff(parts))
    hashes = posted >> np.uint64(32) << np.uint64(8) | part
    text, hashes = (posted & np.uint64(0xFFFFFFFF)).astype(np.int64), hashes.view(np.int64)
    order = np.lexsort((hashes, text))
    text, hashes = text[order], hashes[order]
    first = np.flatnonzero((np.diff(text, prepend=-1) != 0) | (np.diff(hashes, prepend=-1) != 0))
    times = np.diff(first, append=len(text)).astype(np.int32)
    text, hashes = text[first], hashes[first]
    n_seeds = np.diff(bounds)[text].astype(np.int32)
    return pa.table({"hash": hashes, "text": own[text], "times": times, "n_seeds": n_seeds})


def _chosen(table: pa.Table) -> pa.Table:
    """The heaviest links of each text, of all links of some texts."""
    of, center, weight = (column(table, name) for name in ("text", "center", "weight"))
    named, first, text = np.unique(of, return_index=True, return_inverse=True)
    centers, at = np.unique(center, return_inverse=True)
    n_seeds = column(table, "n_seeds")[first]
    a, b = [], []
    for start in range(0, len(named), SLICE):
        some = (text >= start) & (text < start + SLICE)
        found = (text[some] - start) << 48 | at[some] << 16 | weight[some]  # as `kernels.link` writes them
        chosen, later = links.choose(n_seeds[start : start + SLICE], 0, found.view(np.uint64))
        a.append(centers[chosen])
        b.append(named[start + later])
    return pa.table({"a": np.concatenate(a), "b": np.concatenate(b)})


def chains(engine: Spark, of: DataFrame, links: DataFrame) -> DataFrame:
    """Links with the letters of each text that their chains cover, and the seeds that they share.

    `a, b, n_a, n_b` (letters in all)`, cover_a, cover_b, shared, places`, the last two bytes, as in `find.chains.Shared`.
    """
    schema = "a bigint, b bigint, n_a bigint, n_b bigint, cover_a bigint, cover_b bigint, shared binary, places binary"
    return engine.kept("chains", engine.map(both(links, of), _chained, schema))


def both(links: DataFrame, of: DataFrame, *more: str) -> DataFrame:
    """Links with what each of their texts has: columns of texts, with `_a` and `_b` at the end of their names."""
    names = ("n_letters", "seeds", *more)
    for side in ("b", "a"):  # the centers last, so that the links of one come together
        own = of.selectExpr(f"text as {side}", *(f"{name} as {name}_{side}" for name in names))
        links = links.join(own, side)
    return links


def of_pairs(table: pa.Table) -> tuple[Texts, Index, Index]:
    """The texts of pairs, and the pairs by their numbers among these."""
    a, b = column(table, "a"), column(table, "b")
    named, of = texts(
        [a, b],
        [table.column("seeds_a"), table.column("seeds_b")],
        [column(table, "n_letters_a"), column(table, "n_letters_b")],
    )
    return of, np.searchsorted(named, a), np.searchsorted(named, b)


def _chained(table: pa.Table) -> pa.Table:
    table = table.sort_by("a")
    of, a, b = of_pairs(table)
    shared = of.shared(a, b)
    cover_a, cover_b = shared.chain(np.arange(len(a)))
    places = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(a), [None, pa.py_buffer(shared.bounds * 4), pa.py_buffer(shared.places.copy())]
    ).cast(pa.binary())
    return pa.table(
        {
            **{"a": table.column("a"), "b": table.column("b"), "n_a": of.n_letters[a], "n_b": of.n_letters[b]},
            **{"cover_a": cover_a, "cover_b": cover_b, "shared": packed(shared.seeds.copy(), shared.bounds), "places": places},
        }
    )
