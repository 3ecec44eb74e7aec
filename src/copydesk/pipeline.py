"""What is done with a corpus: the one place that strings the steps of a run together."""

from __future__ import annotations

import os
import platform
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from copydesk import editing
from copydesk.model import NOTHING, Edition, Known, Misused, Rate
from copydesk.steps import Steps, Told, peak_memory
from copydesk.story import collated

if TYPE_CHECKING:
    import pyarrow as pa

    from copydesk.edit.observe import Observed
    from copydesk.engines.processes import Crew
    from copydesk.engines.room import Room
    from copydesk.results import Run
    from copydesk.sources.corpus import Columns

FEW = 300  # stories: for fewer another process is not worth its start
CHECKED = 250  # stories of which it is looked how two copies alone would have fared
FOUND = "find"  # the step whose results a run goes on from
# What differs in the reasons for which rows are rejected.
QUOTED = re.compile(r"'.*'|(?<=byte )\d+|(?<=character )\d+|(?<=lines to )\d+|^\d+(?= fields)")


def run(
    names: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    same: float | None = None,
    columns: Columns | None = None,
    only_find: bool = False,
    record: bool | None = None,
    names_by: str | None = None,
    sources: str | Path | None = None,
    threads: int | None = None,
    memory: str | None = None,
    overwrite: bool = False,
    resume: bool = False,
    told: Told = lambda step, done, of: None,
) -> Run:
    """Find the stories of a corpus, reconcile each, read the record, and write tables into the folder `out`, as a `Run`.

    `names` are files of copies, folders or patterns. With `columns.story` the stories are those that a column names, and none
    are sought. `only_find` stops after the stories; `record` (None: unless so) is whether a record is read, `names_by`
    how names in it are read, as `names` of `story.record`. `sources` is the `sources.parquet` of an earlier run: to what is
    known of sources from then this run adds. `threads` (None: one for each
    core) find, and as many processes reconcile; they are spawned, so a script that calls this keeps its own work under
    `if __name__ == "__main__"`. Fewer are at work where `memory`, such as `"3GB"`, has no room for more. `told` hears each
    step, how far it is and of how much, as far as is known.

    What a stopped run has finished stays beside `out`, hidden, and `resume` goes on from there, if all is asked as before.

    Raises `Unreadable` for input that is none, `FileExistsError` where `out` may not be written, `OSError`, and `ValueError`
    for what cannot be, such as too little memory to work in. The tables are the same bytes whatever the order of the files,
    `threads` and `memory`, and `out` is whole or not there at all.
    """
    from copydesk import __version__, tables
    from copydesk.engines.processes import Crew
    from copydesk.engines.room import room
    from copydesk.export import report
    from copydesk.find import DEFAULT
    from copydesk.folder import MARK, folder, write_json
    from copydesk.results import Run
    from copydesk.sources import corpus

    columns = columns or corpus.DEFAULT
    if columns.story and only_find:
        raise Misused("where a column names the stories there is nothing to find; leave one of the two out")
    if sources and only_find:
        raise Misused("where nothing is reconciled it is of no use to know the sources; leave one of the two out")
    record = reads_record(record, names_by, only_find=only_find)
    earlier = tables.rates(Path(sources)) if sources else {}
    within = room(memory, threads or os.cpu_count() or 1)
    same = DEFAULT.same if same is None else same
    files = corpus.check([os.fspath(name) for name in ([names] if isinstance(names, str | Path) else names)], columns)
    stamps = [corpus.stamp(file) for file in files]
    size = sum(int(stamp["size"]) for stamp in stamps) if all("size" in stamp for stamp in stamps) else None
    asked = {
        "settings": {
            "same": same,
            "columns": columns,
            "only": "find" if only_find else None,
            "record": record,
            "names": names_by,
        },
        "files": [*stamps, *([corpus.stamp(os.fspath(sources))] if sources else [])],
        "version": __version__,
    }
    with folder(Path(out), asked, overwrite=overwrite, resume=resume) as work:
        steps = Steps(told)
        if FOUND not in work.finished:
            told_of = _find(files, columns, same, work.path, steps, within, size, keep_texts=not only_find)
            work.finish(FOUND, told_of)
        summary = dict(work.finished[FOUND])
        n_parts = summary.pop("parts")
        if not only_find:
            of = summary["counts"]["documents"]
            with Crew(within.processes) as crew:
                how = editing.How(_weigh(work.path, steps, crew, earlier), record, names_by)
                counts, summary["choices"] = _reconcile(work.path, n_parts, steps, crew, how, of, CHECKED)
            summary["counts"] |= counts
            summary["steps"] += steps.took()
        (work.path / "report.html").write_text(report.page(work.path, summary), "utf-8")
        write_json(work.path / MARK, {"settings": asked["settings"], **summary, "versions": versions()})
    return Run(out)


def reads_record(asked: bool | None, names_by: str | None, *, only_find: bool) -> bool:
    """Whether a run reads the record: unless asked otherwise, where there are editions. Raises `Misused`."""
    if asked and only_find:
        raise Misused("where nothing is reconciled there is no record to read; leave one of the two out")
    record = not only_find if asked is None else asked
    if names_by:
        if not record:
            raise Misused("where no record is read it is of no use to say how names are; leave one of the two out")
        from copydesk.record.recognised import recogniser

        recogniser(names_by)  # or it is said before the work begins that there is none
    return record


def edited(  # noqa: PLR0917  what there is to edit, and by whom
    folder: Path,
    copies: pa.Table,
    steps: Steps,
    crew: Crew,
    known: Known | None,
    decide: Callable[[Edition], Edition] | None,
    rows: Callable[[str], int],
    heard: Callable[[pa.Table], None],
) -> dict[str, int]:
    """Edit the stories of copies whose texts lie in the folder (`parts.Texts`), and write there the tables that editions make.

    The record is read too. The folder has its `copies` and `sources`. What is `known` of sources is learned of these stories,
    unless it is given. `decide` has the last word about an edition. This process works along with the `crew`. A row group of a
    table has so many `rows`. The rows of `stories` are `heard` of as they come, in order, while others are edited. Gives what
    was counted.
    """
    from copydesk import parts

    # small parts, lest at the end all wait for one
    n_parts = parts.plan(copies, folder, parts.SIZE // 4)
    learned = _weigh(folder, steps, crew, {}) if known is None else known
    how = editing.How(learned, record=True, decide=decide)
    counts, _ = _reconcile(folder, n_parts, steps, crew, how, len(copies), 0, rows, heard)
    return counts


def ready() -> None:
    """Edit a story of two words, so that all that editing loads is there: for a process that is begun before there is work."""
    from copydesk.model import Copy

    story: editing.Given = ("", [Copy("1", "A ferry."), Copy("2", "A ferry")], [], 0)
    editing.edited([story], editing.How(NOTHING, record=True), 0)


def _find(  # noqa: PLR0917  the parts of one run
    files: Sequence[str],
    columns: Columns,
    same: float,
    folder: Path,
    steps: Steps,
    within: Room,
    size: int | None,
    keep_texts: bool,
) -> dict[str, Any]:
    """Write the tables that need no editions, and what is needed to make those; what there is to tell."""
    import pyarrow as pa

    from copydesk import parts, tables
    from copydesk.engines.local import Local
    from copydesk.find import Settings, find
    from copydesk.sources import Unreadable, corpus
    from copydesk.sources.files import these

    steps("start")
    why: Counter[str] = Counter()
    first = ""
    n = 0
    fingerprints = corpus.Fingerprints()
    with (folder / "rejected.jsonl").open("wb") as rejected:

        def reject(name: str, row: int, reason: str) -> None:
            nonlocal first
            rejected.write(msgspec.json.encode({"file": name, "row": row, "reason": reason}) + b"\n")
            first = first or f" ({name}, row {row}: {reason})"
            why[QUOTED.sub("…", reason)] += 1

        def read() -> Iterator[pa.RecordBatch]:
            nonlocal n
            texts = parts.Texts(folder) if keep_texts else None
            for batch in corpus.batches(files, reject, columns, within.processes, fingerprints):
                n += batch.num_rows
                steps.done(n, _reckoned(n, fingerprints.read, size))
                yield texts.add(batch) if texts else batch
            if texts:
                texts.close()
            if not n:
                raise Unreadable(f"there is no copy to read in {these(files)}{first}")

        if columns.story:
            steps("read")
            copies = _named(read())
        else:
            with Local(within.threads, folder, within.piles) as engine:
                found = find(read(), engine, Settings(same=same), steps)
            copies = found.copies
            tables.write(found.boilerplate, folder / "boilerplate.parquet")

    steps("write")
    sources, stories = tables.sources(copies), tables.grouped(copies)
    copies = copies.append_column("line", pa.nulls(len(copies), pa.string()))
    tables.write(copies.select(tables.COPIES), folder / "copies.parquet")
    tables.write(sources, folder / "sources.parquet")
    if keep_texts:
        n_parts = parts.plan(copies, folder)
    else:
        n_parts = 0
        tables.write(stories, folder / "stories.parquet")
    steps("fingerprints")
    inputs = [fingerprints.of(file) for file in files]
    return {
        "counts": {"documents": n, "rejected": sum(why.values()), **tables.counts(stories)},
        "sizes": tables.sizes(stories),
        "largest": tables.largest(stories),
        "boilerplate": tables.most_boilerplate(sources),
        "rejected": dict(sorted(why.items(), key=lambda item: (-item[1], item[0]))),
        "parts": n_parts,
        "inputs": inputs,
        "steps": steps.took(),
    }


def _reckoned(n: int, read: int, size: int | None) -> int | None:
    """About how many copies there are in `size` bytes of input, of which so many were read and `n` copies were in them.

    Three digits of that, for it is not known better; None where nothing is.
    """
    if not read or not size:
        return None
    of = n * size // min(read, size)
    return of if read >= size else round(of, 3 - len(str(of)))


def _named(batches: Iterable[pa.RecordBatch]) -> pa.Table:
    """The copies without their texts, in the stories that a column names; who is in none is one of its own.

    Raises `ValueError` where such a one has the id of a story.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    copies = pa.Table.from_batches([batch.drop_columns(["text"]) for batch in batches]).sort_by("copy_id")
    story, copy = copies.column("story"), copies.column("copy_id")
    alone = copy.filter(pc.is_null(story))
    both = alone.filter(pc.is_in(alone, story))
    if len(both):
        raise ValueError(
            f"{both[0].as_py()!r} is the id of a copy without a story, and the name of a story; rename one of them"
        )
    unknown = {
        "relation": pa.string(),
        "nearest_copy": pa.string(),
        **dict.fromkeys(("coverage", "coverage_of_nearest"), pa.float64()),
        **dict.fromkeys(("n_letters", "story_letters"), pa.int64()),
    }
    copies = copies.append_column("story_id", pc.coalesce(story, copy))
    for name, kind in unknown.items():
        copies = copies.append_column(name, pa.nulls(len(copies), kind))
    return copies


def _weigh(folder: Path, steps: Steps, crew: Crew, earlier: Mapping[str, tuple[Rate, ...]]) -> Known:
    """What a sample of the stories tells of their sources, and what an earlier run learned; it is kept in the folder."""
    from copydesk import parts

    known = parts.known(folder)
    if known is not None:
        return known
    sampled = parts.sampled(folder)
    observed: list[Observed] = []
    if sampled:
        steps("sources")
        looked = crew.map(partial(_observe, folder), sampled, min(len(sampled), sum(sampled.values()) // FEW))
        for n, (of_part, seconds, memory, process) in enumerate(looked, 1):
            observed += of_part
            if process != os.getpid():
                steps.worked(seconds, memory)
            steps.done(n, len(sampled))
    known = NOTHING
    if observed or earlier:
        from copydesk.edit.reliability import learn

        known = learn(observed, earlier)
    parts.keep_known(folder, known)
    return known


def _observe(folder: Path, part: int) -> tuple[list[Observed], float, int, int]:
    """What the stories of a part that are in the sample tell of their sources; the seconds, the most memory, the process."""
    from copydesk import parts
    from copydesk.edit.observe import observe

    begun = time.process_time()
    observed = []
    for _, copies, _ in parts.stories(folder, part, editing.LARGE, sample=True):
        with suppress(ValueError):  # not one story, or no words
            observed.append(observe(collated(copies)[0]))
    return observed, time.process_time() - begun, peak_memory(), os.getpid()


def _reconcile(  # noqa: PLR0917  the parts of one run
    folder: Path,
    n_parts: int,
    steps: Steps,
    crew: Crew,
    how: editing.How,
    of: int,
    looked: int,
    rows: Callable[[str], int | None] = lambda table: None,
    heard: Callable[[pa.Table], None] = lambda stories: None,
) -> tuple[dict[str, int], list[dict[str, float]]]:
    """Edit the parts and write the tables that editions make; what was counted, and how choices of two copies fared.

    `of` copies there are to reconcile. At so many stories it is `looked` how two copies alone would have fared. `rows` and
    `heard` are as for `edited`.
    """
    import pyarrow as pa

    from copydesk import parts, tables
    from copydesk.edit.calibration import STEPS

    steps("reconcile")
    steps.done(0, of)
    schemas = {**tables.OF_STORIES, **(tables.OF_RECORD if how.record else {}), "texts": tables.TEXTS}
    lines, damage = [schemas.pop("lines").empty_table()], [schemas.pop("damage").empty_table()]
    files = {name: tables.File(folder / f"{name}.parquet", schema, rows(name)) for name, schema in schemas.items()}
    told: Counter[str] = Counter()
    fared: Counter[tuple[float, bool]] = Counter()
    edit_part = partial(_edit, folder, how, n_parts, looked)
    order = parts.largest_first(folder)
    made = crew.map(edit_part, order, n_parts, places=order)
    read = 0.0
    for part, of_part in enumerate(made):
        kept = parts.kept(folder, part)
        lines.append(kept.pop("lines"))
        damage.append(kept.pop("damage"))
        for name, table in kept.items():
            files[name].add(table)
        heard(kept["stories"])
        for texts in parts.texts(folder, part):
            files["texts"].add(texts)
        seconds, memory = of_part.pop("milliseconds") / 1000, of_part.pop("memory")
        if of_part.pop("process", None) != os.getpid():  # or not in this run
            steps.worked(seconds, memory)
        read += of_part.pop("of_record", 0) / 1000
        fared.update({(step, right): n for step, right, n in of_part.pop("choices")})
        told.update(of_part)
        steps.done(told["copies"], of)
    for file in files.values():
        file.close()
    if how.record:
        steps.within("record", read)
    in_lines = pa.concat_tables(lines)
    if len(in_lines):
        tables.name_lines(folder / "copies.parquet", in_lines)
    tables.add_rates(folder / "sources.parquet", pa.concat_tables(damage), how.known)
    parts.remove(folder)
    choices = [{"from": step, "n": fared[step, True] + fared[step, False], "right": fared[step, True]} for step in STEPS]
    return told, choices


def _edit(folder: Path, how: editing.How, n_parts: int, looked: int, part: int) -> dict[str, Any]:
    """Make the rows of a part's stories, unless they are there already; what was counted.

    Of some stories of many copies, `looked` in all parts, it is looked how two copies alone would have fared.
    """
    from copydesk import parts

    done = parts.made(folder, part)
    if done is not None:
        return done
    begun = time.process_time()
    checked = (part + 1) * looked // n_parts - part * looked // n_parts
    stories = ((*of_story, 0) for of_story in parts.stories(folder, part, editing.LARGE))
    batches, told = editing.edited(stories, how, checked)
    told |= {"milliseconds": round((time.process_time() - begun) * 1000), "memory": peak_memory()}
    parts.keep(folder, part, batches, told)
    return told | {"process": os.getpid()}


def versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    from copydesk import __version__

    packages = ("blake3", "msgspec", "numba", "numpy", "pyarrow", "rapidfuzz")
    versions = {"copydesk": __version__, "python": platform.python_version(), **{name: version(name) for name in packages}}
    for name in ("fastwarc", "ftfy", "justext", "newspaper4k", "readability-lxml", "resiliparse", "spacy", "trafilatura"):
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions
