"""A run on many machines: the steps of `pipeline`, on an Apache Spark that is there already.

What one machine does with all texts in its arrays is done here with groups that the engine brings together, by the same
functions: the tables are the same, row for row. Each step is kept in files as it is finished, and a run that was stopped goes
on from there.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from copydesk.model import Misused
from copydesk.steps import Steps, Told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyspark.sql import DataFrame

    from copydesk.engines.spark import Spark, Store
    from copydesk.model import Rate
    from copydesk.results import Run
    from copydesk.sources.corpus import Columns

STEPS = "steps"
"""The folder of what is kept, gone when all is done."""
RUN = "run.json"


class _How(NamedTuple):
    """What is known of sources from `earlier` runs; whether the `record` is read, and by what its names."""

    earlier: Mapping[str, tuple[Rate, ...]]
    record: bool
    names_by: str | None


def run(
    names: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    master: str | None = None,
    spark: Mapping[str, str] = {},
    same: float | None = None,
    columns: Columns | None = None,
    only_find: bool = False,
    record: bool | None = None,
    names_by: str | None = None,
    sources: str | Path | None = None,
    overwrite: bool = False,
    resume: bool = False,
    told: Told = lambda step, done, of: None,
) -> Run | None:
    """Find the stories of a corpus, reconcile each and write the tables, as `pipeline.run`, on a cluster.

    `master` is where Spark is: `local[2]`, `spark://host:7077`, `yarn`, `k8s://...`; None is that of `spark-submit`, or this
    machine. `spark` are settings of it. A folder of this machine, which all workers see by the same name, is written whole or
    not at all, each table in one file. In an object store (`s3a://bucket/out`) each table is a folder of files, and all is
    there when `run.json` is; of such a one there is no `Run`.

    Raises what `pipeline.run` raises, and `NoCluster` where there is no Spark, or none any more: with `resume` the run goes on.
    """
    from copydesk import __version__, tables
    from copydesk.engines.spark import Spark, one_line
    from copydesk.find import DEFAULT
    from copydesk.folder import folder, write_json
    from copydesk.pipeline import reads_record, versions
    from copydesk.results import Run
    from copydesk.sources import corpus

    columns = columns or corpus.DEFAULT
    if columns.story:
        raise Misused("on Spark stories are found; for stories that a column names leave --engine out")
    if sources and only_find:
        raise Misused("where nothing is reconciled it is of no use to know the sources; leave one of the two out")
    record = reads_record(record, names_by, only_find=only_find)
    earlier = tables.rates(Path(sources)) if sources else {}
    same = DEFAULT.same if same is None else same
    given = [os.fspath(name) for name in ([names] if isinstance(names, str | Path) else names)]
    if "-" in given:
        raise Misused("standard input cannot be read by many; name files")
    named = corpus.check(given, columns)
    asked = {
        "settings": {
            "same": same,
            "columns": columns,
            "only": "find" if only_find else None,
            "record": record,
            "names": names_by,
        },
        "files": [*map(corpus.stamp, named), *([corpus.stamp(os.fspath(sources))] if sources else [])],
        "version": __version__,
    }
    done = {"settings": asked["settings"], "versions": versions()}
    how = _How(earlier, record, names_by)
    address = os.fspath(out) if re.match(r"[a-z][a-z0-9]*://", os.fspath(out)) else None
    if address:
        with one_line(), Spark(master, f"{address}/{STEPS}", spark) as engine:
            _claim(engine.store, address, asked, overwrite=overwrite, resume=resume)
            with tempfile.TemporaryDirectory(prefix="copydesk-") as here:
                summary = _steps(engine, Path(here), named, columns, same, how, Steps(told), only_find, address)
                for file in Path(here).iterdir():
                    engine.store.write(f"{address}/{file.name}", file.read_bytes())
            engine.store.write(f"{address}/{RUN}", _json({**done, **summary}))
            engine.store.remove(engine.steps)  # last: until all is written a run can go on from there
            engine.store.remove(f"{address}/{STEPS}.json")
        return None

    from copydesk.export import report

    with folder(Path(out), asked, overwrite=overwrite, resume=resume) as work:
        place = work.path.absolute()
        if not (place / RUN).is_file():
            with one_line(), Spark(master, f"file://{place}/{STEPS}", spark) as engine:
                work.finish("begun", None)
                summary = _steps(engine, place, named, columns, same, how, Steps(told), only_find, None)
            (place / "report.html").write_text(report.page(place, summary), "utf-8")
            write_json(place / RUN, {**done, **summary})
        with suppress(FileNotFoundError):  # last: until all is written a run can go on from there
            shutil.rmtree(place / STEPS)
    return Run(out)


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _claim(store: Store, address: str, asked: dict[str, Any], *, overwrite: bool, resume: bool) -> None:
    """See to it that an address may be written. Raises `FileExistsError`."""
    state, wanted = f"{address}/{STEPS}.json", msgspec.json.encode(asked)
    if store.has(f"{address}/{RUN}"):
        if not overwrite:
            raise FileExistsError(f"{address} exists; name another folder with -o, or add --overwrite to replace it")
        store.remove(address)
    elif store.has(state):
        if overwrite:
            store.remove(address)
        elif not resume:
            raise FileExistsError(
                f"a run into {address} was stopped half-way; add --resume to go on, or --overwrite to begin again"
            )
        elif store.read(state) != wanted:
            raise FileExistsError(
                f"the run into {address} that was stopped was asked otherwise; ask for the same, or add --overwrite"
            )
    elif store.has(address):
        raise FileExistsError(
            f"{address} is not the folder of a run (it has no {RUN}), so it is not replaced; name another with -o"
        )
    store.write(state, wanted)


def _steps(
    engine: Spark,
    here: Path,
    named: Sequence[str],
    columns: Columns,
    same: float,
    how: _How,
    steps: Steps,
    only_find: bool,
    address: str | None,
) -> dict[str, Any]:
    """Take all steps, write the tables to `address`, or `here` if there is none, small files `here`; what there is to tell."""
    from pyspark.sql import functions as f

    from copydesk import parts, tables
    from copydesk.sources import Unreadable, corpus
    from copydesk.sources import files as inputs
    from copydesk.spread import boilerplate, links, stories, texts
    from copydesk.spread.write import Tables, counted, told_of

    out = Tables(engine, here, address)
    per_mille = round(same * 1000)
    steps("start")
    steps("read")
    files = [texts.everywhere(file) for file in named]
    rows = texts.read(engine, files, columns, corpus.labels(named))
    copies, told = texts.apart(engine, rows)
    rejected = out.rejected(told, [inputs.shown(file) for file in files], [inputs.shown(file) for file in named])
    steps("number")
    of, members = texts.number(engine, copies)
    if not engine.count(members.limit(1)):
        first = rejected.first
        raise Unreadable(f"there is no copy to read in {inputs.these(named)}" + (f" ({first})" if first else ""))
    steps("links")
    pairs = links.pairs(engine, of)
    steps("chains")
    chained = links.chains(engine, of, pairs)
    steps("boilerplate")
    of, linked, learned = boilerplate.learn(engine, of, chained, per_mille)
    steps("stories")
    story, linked = stories.grow(engine, of, stories.asked(engine, linked, per_mille), per_mille)
    whose = stories.join(engine, of, story, linked)
    shed = stories.shed(engine, of, whose, linked, per_mille)
    steps("relation")
    found = stories.evidence(engine, members, of, whose, shed)
    read, copies = copies, copies.join(found, "copy_id")

    steps("write")
    plan = _editions_plan(engine, copies)
    of_sources = out.sources(copies)
    out.write("boilerplate", learned.orderBy("seed"))
    summary = {
        "counts": {"documents": engine.count(members), "rejected": sum(rejected.why.values()), **counted(plan)},
        **told_of(plan),
        "boilerplate": tables.most_boilerplate(of_sources),
        "rejected": dict(sorted(rejected.why.items(), key=lambda item: (-item[1], item[0]))),
        "inputs": rejected.inputs,
    }
    if only_find:
        out.write("stories", plan.select("story_id", "n_copies"), ["story_id"])
        out.write("copies", copies.withColumn("line", f.lit(None).cast("string")).select(*tables.COPIES), ["copy_id"])
        return {**summary, "steps": steps.took()}

    from copydesk.editing import How
    from copydesk.spread import editions

    steps("sources")
    known = editions.known(engine, read, copies, plan, how.earlier)
    parts.keep_known(here, known)
    steps("reconcile")
    made, more = editions.edit(engine, read, copies, plan, How(known, how.record, how.names_by))
    tells = {name: editions.unpacked(engine, made, name, schema) for name, schema in editions.TELLS.items()}
    counts = {row["what"]: row["n"] for row in tells["counts"].groupBy("what").agg(f.sum("n").alias("n")).toArrow().to_pylist()}
    counts.pop("of_record", None)
    steps("tables")
    for name in (*tables.OF_STORIES, *(tables.OF_RECORD if how.record else ())):
        if name == "left_out" and more:
            out.write(name, editions.left_out(engine, made, more), ["part", "story_id", "at", "copy_id"])
        elif name not in editions.TELLS:
            out.write_made(name, made)
    out.write("texts", copies.select("story_id", "copy_id", "text"), ["story_id", "copy_id"])
    in_lines = copies.join(tells["lines"].select("copy_id", "line"), "copy_id", "left")
    out.write("copies", in_lines.select(*tables.COPIES), ["copy_id"])
    out.rates(tells["damage"], known)
    choices = _choices(counts)
    summary["counts"] |= counts
    return {**summary, "choices": choices, "steps": steps.took()}


def _editions_plan(engine: Spark, copies: DataFrame) -> DataFrame:
    from copydesk.spread import editions

    return editions.plan(engine, copies.select("story_id", "text_size"))


def _choices(counts: dict[str, int]) -> list[dict[str, float]]:
    """How choices of two copies fared, taken out of what was counted."""
    from copydesk.edit.calibration import STEPS as CONFIDENCES

    def n(step: float, right: bool) -> int:
        return counts.pop(f"{step} {int(right)}", 0)

    found = [(step, n(step, True), n(step, False)) for step in CONFIDENCES]
    return [{"from": step, "n": right + wrong, "right": right} for step, right, wrong in found]
