"""Stories, grown as `find.stories` grows them: the same functions, each put to groups that can be looked at alone.

1. Nothing passes between texts that no link joins: strong links are followed, and templates told, in the *components* of links.
2. Which stories know one another is asked of pairs of texts, which the engine brings together; who is one then are components.
3. Who shares the core is a matter of one story, and so is what is nearest to a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from copydesk.find import kernels, stories, templates
from copydesk.find.boilerplate import LEAST_LETTERS
from copydesk.find.chains import GAP, WIDE_GAP, Hashes, Texts
from copydesk.find.relation import nearest, relation
from copydesk.spread.arrays import column, hashes, texts
from copydesk.spread.links import both, of_pairs

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from copydesk.engines.spark import Spark
    from copydesk.find.chains import Index

SMALL = 2_000_000
"""Links that one task follows: some 50 MB. Of more each round of stars is a step of the engine."""
MOST_ROUNDS = 50
"""Rounds of stars, at most: their number grows with the logarithm of the longest chain of links."""
GROUP = (
    "of bigint, a bigint, b bigint, covered bigint, cover_a bigint, cover_b bigint, letters bigint, n_letters bigint,"
    " seeds binary, skip binary"
)
"""A group of texts and links together: of a text `a` is its number and `b` null."""


def asked(engine: Spark, links: DataFrame, same: int) -> DataFrame:
    """The links that tell anything: who covers too little, but not next to nothing, tells which story to ask."""
    return engine.kept("asked", links.where(f"covered >= {same} or greatest(cover_a, cover_b) >= {LEAST_LETTERS}"))


def grow(engine: Spark, of: DataFrame, links: DataFrame, same: int) -> tuple[DataFrame, DataFrame]:
    """Stories by strong links alone (`text, story` of texts that have links), and the links that count: no template's, or weak.

    The links have the `least` mean coverage of middle members that makes one of the stories they join (`find.stories.join`).
    """
    linked = links.where(f"covered >= {same}")
    component = components(engine, "components", linked.select("a", "b"))
    grown = engine.kept(
        "grown",
        engine.grouped(together(of, linked, component), "of", ["b"], _grown, "text bigint, story bigint, a bigint, b bigint"),
    )
    story = grown.where("b is null").select("text", "story")
    kept = links.join(grown.where("b is not null").select("a", "b"), ["a", "b"]).selectExpr("*", f"{stories.MEAN} as least")
    weak = links.where(f"covered < {same}").selectExpr("*", f"{same} as least")
    return story, kept.unionByName(weak)


def together(of: DataFrame, links: DataFrame, group: DataFrame) -> DataFrame:
    """Texts and the links between them, as in `GROUP`; `group` says of each text (`text`) the number of its group (`of`)."""
    from pyspark.sql import functions as f

    lack = {name: f.lit(None).cast("bigint") for name in ("b", "covered", "cover_a", "cover_b")}
    texts = of.join(group, "text").withColumnRenamed("text", "a").withColumns(lack)
    names = [part.strip().split(" ")[0] for part in GROUP.split(",")]
    links = links.join(group.withColumnRenamed("text", "a"), "a")
    links = links.withColumns({name: f.lit(None).cast("bigint") for name in ("letters", "n_letters")})
    links = links.withColumns({name: f.lit(None).cast("binary") for name in ("seeds", "skip")})
    return texts.select(names).unionByName(links.select(names))


def _parts(table: pa.Table) -> tuple[Index, Texts, Hashes, Index, pa.Table, Index, Index]:
    """What is in groups: texts by number, their seeds, boilerplate and letters; the links in order, and their two texts."""
    import pyarrow.compute as pc

    is_text = pc.is_null(table.column("b"))
    own, links = table.filter(is_text), table.filter(pc.invert(is_text)).sort_by([("b", "ascending"), ("a", "ascending")])
    named, of = texts([column(own, "a")], [own.column("seeds")], [column(own, "n_letters")])
    letters = column(own, "letters")[np.argsort(column(own, "a"))]
    a, b = (np.searchsorted(named, column(links, name)) for name in ("a", "b"))
    return named, of, hashes(own.column("skip")), letters, links, a, b


def _grown(table: pa.Table) -> pa.Table:
    """The first two steps of stories, for whole components."""
    named, of, boilerplate, _, links, a, b = _parts(table)
    covered = column(links, "covered")
    first = stories.grow(len(of), a, b, covered)
    kept = ~templates.templated(of, boilerplate, first, a, b, lambda function, rows: function(rows))
    strong = kept & (covered >= stories.STRONG)
    story = stories.grow(len(of), a[strong], b[strong], covered[strong])
    own = {"text": named, "story": named[story], "a": None, "b": None}
    left = {"text": None, "story": None, "a": named[a[kept]], "b": named[b[kept]]}
    return pa.concat_tables([_table(own, len(named)), _table(left, int(kept.sum()))])


def _table(columns: dict[str, Index | None], n: int) -> pa.Table:
    return pa.table({name: pa.nulls(n, pa.int64()) if values is None else pa.array(values) for name, values in columns.items()})


def join(engine: Spark, of: DataFrame, story: DataFrame, links: DataFrame) -> DataFrame:
    """Make one of the stories whose middle members know one another, as `find.stories.join`: `text, story` of all texts."""
    at_first = of.select("text").join(story, "text", "left")
    whose = engine.kept("stories-0", at_first.selectExpr("text", "coalesce(story, text) as story", "true as changed"))
    for round_ in range(stories.ROUNDS):
        known = engine.kept(f"known-{round_}", _known(engine, of, whose, links))
        if not engine.count(known):
            break
        united = components(engine, f"united-{round_}", known).withColumnsRenamed({"text": "story", "of": "united"})
        before = whose
        now = before.join(united, "story", "left")
        whose = engine.kept(
            f"stories-{round_ + 1}",
            now.selectExpr("text", "coalesce(united, story) as story", "united is not null as changed"),
        )
    return whose.drop("changed")


def _known(engine: Spark, of: DataFrame, whose: DataFrame, links: DataFrame) -> DataFrame:
    """Pairs of stories, `a, b`, that are one; two that are what they were have been asked before."""
    from pyspark.sql import functions as f

    middle = engine.grouped(whose, "story", ["text"], _middle, "story bigint, size bigint, m1 bigint, m3 bigint, m5 bigint")
    asked = links.select("a", "b", "least")
    for side, name in (("a", "x"), ("b", "y")):
        asked = asked.join(whose.withColumnsRenamed({"text": side, "story": name, "changed": f"changed_{name}"}), side)
    asked = (
        asked.where("x <> y and (changed_x or changed_y)")
        .groupBy(f.greatest("x", "y").alias("x"), f.least("x", "y").alias("y"))
        .agg(f.min("least").alias("mean"))
    )
    for name in ("x", "y"):
        asked = asked.join(
            middle.select([f.col(c).alias(name if c == "story" else f"{c}_{name}") for c in middle.columns]), name
        )
    asked = asked.where(f"mean = {stories.MEAN} or greatest(size_x, size_y) >= {stories.VOUCHED}")
    trials = asked.selectExpr("x", "y", "mean", "explode(array(m1_x, m3_x, m5_x)) as p", "m1_y", "m3_y", "m5_y")
    trials = trials.selectExpr("x", "y", "mean", "p", "explode(array(m1_y, m3_y, m5_y)) as q")
    trials = trials.selectExpr("x", "y", "mean", "greatest(p, q) as a", "least(p, q) as b").distinct()
    tried = engine.map(both(trials, of, "letters", "skip"), _tried, "x bigint, y bigint, mean bigint, covered bigint")
    sums = tried.groupBy("x", "y").agg(f.sum("covered").alias("sum"), f.count("*").alias("n"), f.min("mean").alias("mean"))
    return sums.where("sum >= mean * n").selectExpr("x as a", "y as b")


def _middle(table: pa.Table) -> pa.Table:
    """Of each story its size, and its members at a sixth, a half and five sixths."""
    story, text = column(table, "story"), column(table, "text")
    first = np.flatnonzero(np.diff(story, prepend=-1))
    size = np.diff(first, append=len(story))
    return pa.table({"story": story[first], "size": size, **{f"m{i}": text[first + size * i // 6] for i in (1, 3, 5)}})


def _tried(table: pa.Table) -> pa.Table:
    """The coverage of pairs of middle members."""
    of, a, b = of_pairs(table)
    boilerplate = hashes(table.column("skip_a"), table.column("skip_b"))
    mean = column(table, "mean")
    covered = np.empty(len(a), np.int64)
    for wide in (False, True):
        some = np.flatnonzero((mean == stories.MEAN) == wide)
        some = some[np.argsort(a[some])]
        covers = of.chain(a[some], b[some], boilerplate, WIDE_GAP if wide else GAP)
        shares = (cover * 1000 // column(table, f"letters_{side}")[some] for cover, side in zip(covers, "ab", strict=True))
        covered[some] = np.minimum(np.maximum(*shares), 1000)
    return pa.table({"x": table.column("x"), "y": table.column("y"), "mean": mean, "covered": covered})


def shed(engine: Spark, of: DataFrame, whose: DataFrame, links: DataFrame, same: int) -> DataFrame:
    """Let go of who does not share the core, and tell what is nearest: `text, story, near, own, others` of texts not alone."""
    linked = links.where(f"least = {stories.MEAN} and covered >= {same}")
    several = whose.groupBy("story").count().where("count > 1").select("story")

    group = whose.join(several, "story").selectExpr("text", "story as of")
    other = group.selectExpr("text as b", "of as other")
    inside = linked.join(group.withColumnRenamed("text", "a"), "a").join(other, "b").where("of = other").drop("of", "other")
    schema = "text bigint, story bigint, near bigint, own bigint, others bigint"
    return engine.kept("shed", engine.grouped(together(of, inside, group), "of", ["b"], _shed, schema))


def _shed(table: pa.Table) -> pa.Table:
    """The last step of stories, and the nearest of each text, for whole stories."""
    named, of, boilerplate, letters, links, a, b = _parts(table)
    number = {"a": a, "b": b}
    groups = column(table.filter(pa.compute.is_null(table.column("b"))), "of")
    own = column(table.filter(pa.compute.is_null(table.column("b"))), "a")
    story = np.searchsorted(named, groups[np.argsort(own)])
    story, hub = stories.shed(story, number["a"], number["b"], column(links, "covered"), of, boilerplate)
    of_a, of_b = (np.minimum(column(links, f"cover_{side}") * 1000 // letters[at], 1000) for side, at in number.items())

    def of_each(x: Index, y: Index) -> tuple[Index, Index]:
        of_x, of_y = of.chain(x, y, boilerplate, WIDE_GAP)
        return np.minimum(of_x * 1000 // letters[x], 1000), np.minimum(of_y * 1000 // letters[y], 1000)

    near, own_share, others = nearest(story, hub, a, b, of_a, of_b, of_each)
    near = np.where(near >= 0, named[near], -1)
    return pa.table({"text": named, "story": named[story], "near": near, "own": own_share, "others": others})


def evidence(engine: Spark, members: DataFrame, of: DataFrame, whose: DataFrame, shed: DataFrame) -> DataFrame:
    """Of each copy, see `find.relation.evidence`: `copy_id, story_id` to `coverage_of_nearest, story_letters`."""
    from pyspark.sql import functions as f

    story = whose.select("text").join(shed, "text", "left").selectExpr(
        "text", "coalesce(story, text) as story", "coalesce(near, -1) as near", "coalesce(own, -1) as own",
        "coalesce(others, -1) as others",
    )  # fmt: skip
    first = members.where("copy_id = first").select("text", "first")
    names = story.select("text", "story").join(first, "text").groupBy("story").agg(f.min("first").alias("story_id"))
    near = first.withColumnsRenamed({"text": "near", "first": "first_of_near"})
    told = story.join(names, "story").join(near, "near", "left").join(of.selectExpr("text", "letters as story_letters"), "text")
    rows = members.drop("n_letters").join(told, "text")
    schema = (
        "copy_id string, story_id string, relation string, nearest_copy string, coverage double, coverage_of_nearest double,"
        " story_letters bigint"
    )
    return engine.kept("evidence", engine.map(rows, _evidence, schema))


def _evidence(table: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    ids, first, second, near = (table.column(name) for name in ("copy_id", "first", "second", "first_of_near"))
    identical = pc.not_equal(ids, first).to_numpy()
    linked = (column(table, "near") >= 0) & ~identical
    twin = second.is_valid().to_numpy() & ~linked
    nearest_copy = pc.if_else(pa.array(identical), first, pc.if_else(pa.array(linked), near, second))
    own, others = column(table, "own"), column(table, "others")
    none = ~(linked | twin | identical)
    columns = {
        "copy_id": ids,
        "story_id": table.column("story_id"),
        "relation": pa.array(np.where(linked, relation(own, others), "identical"), mask=none),
        "nearest_copy": pc.if_else(pa.array(none), pa.scalar(None, pa.string()), nearest_copy),
    }
    for name, coverage in (("coverage", own), ("coverage_of_nearest", others)):
        columns[name] = pa.array(np.where(linked, coverage, 1000) / 1000, mask=none)
    return pa.table({**columns, "story_letters": table.column("story_letters")})


def components(engine: Spark, step: str, links: DataFrame, small: int = SMALL) -> DataFrame:
    """The least text that each text of links `a, b` is joined to, through however many (`text, of`).

    Many links are drawn together by turns, as large stars and small stars (Kiveris et al. 2014), each turn a step of the
    engine: every text is linked to the least of its neighbours, first the later texts, then the earlier, until nothing changes.
    """
    links = engine.kept(f"{step}-links", links.distinct())
    if engine.count(links) <= small:
        return engine.kept(step, engine.whole(links, _united, "text bigint, of bigint"))
    from pyspark.sql import functions as f

    stars, was = links, None
    for round_ in range(MOST_ROUNDS):
        stars = engine.kept(f"{step}-stars-{round_}", _stars(_stars(stars, small=False), small=True))
        now = stars.agg(f.count("*"), f.expr("sum(cast(xxhash64(a, b) as decimal(20)))")).toArrow().to_pylist()
        if now == was:
            break
        was = now
    else:
        raise RuntimeError(f"{step}: links are not drawn together after {MOST_ROUNDS} rounds of stars")
    own = stars.selectExpr("b as text", "a as of")
    return own.unionByName(stars.select(f.col("a").alias("text"), f.col("a").alias("of")).distinct())


def _stars(links: DataFrame, *, small: bool) -> DataFrame:
    """One turn over links `a, b`, `a < b`."""
    from pyspark.sql import functions as f

    both = (
        links.selectExpr("b as x", "a as y")
        if small
        else links.selectExpr("a as x", "b as y").unionByName(links.selectExpr("b as x", "a as y"))
    )
    least = both.groupBy("x").agg(f.min("y").alias("least"))
    found = both.join(least, "x").withColumn("least", f.least("x", "least"))
    if small:
        drawn = found.selectExpr("least as a", "y as b").unionByName(found.selectExpr("least as a", "x as b"))
    else:
        drawn = found.where("y > x").selectExpr("least as a", "y as b")
    return drawn.where("a < b").distinct()


def _united(table: pa.Table) -> pa.Table:
    a, b = column(table, "a"), column(table, "b")
    named = np.unique(np.concatenate([a, b]))
    least = np.arange(len(named))
    kernels.unite(np.searchsorted(named, a), np.searchsorted(named, b), least)
    return pa.table({"text": named, "of": named[least]})
