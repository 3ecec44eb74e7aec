"""The one place that strings the steps together."""

from __future__ import annotations

import os
import platform
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from copydesk.collate.collation import collate
from copydesk.collate.stories import stories
from copydesk.edit.calibration import STEPS, judged
from copydesk.edit.damage import OTHER
from copydesk.edit.edition import NOTHING, edit
from copydesk.model import Collation, Copy, Edition, Known, NotOneStory
from copydesk.steps import Steps, Told, peak_memory

if TYPE_CHECKING:
    import pyarrow as pa

    from copydesk.edit.observe import Observed
    from copydesk.results import Run
    from copydesk.sources.corpus import Columns

# Bytes of one story that are reconciled: more take a process more than half a GB.
LARGE = 8 << 20
# Stories, of at least so many copies, of which it is looked how two copies alone would have fared.
CHECKED, MANY = 1_000, 5
FOUND = "find"  # the step whose results a run goes on from
# What differs in the reasons for which rows are rejected.
QUOTED = re.compile(r"'.*'|(?<=byte )\d+|(?<=character )\d+|(?<=lines to )\d+|^\d+(?= fields)")


def reconcile(copies: Iterable[str | Copy], known: Known = NOTHING) -> Edition:
    """Reconciles copies of one text into one edition. `known` is what a corpus tells of their sources.

    A plain string is a copy; its id is its place in the order given, from 1. The order of the copies decides nothing.

    A copy that shares nothing with the others, where those are more than half, is set aside: `damage` names it as another text.

    Raises `ValueError` where there is no copy, no text in a copy, no word in any, or one id twice, and `NotOneStory` where no
    more than half of the copies are of one story.

    >>> reconcile(["A  ferry sank.", "A 35-year-old ferry sank."]).text
    'A 35-year-old ferry sank.'
    """
    if isinstance(copies, str | bytes):
        raise TypeError("reconcile takes a list of texts, not one text")
    given = [Copy(str(at), copy) if isinstance(copy, str) else copy for at, copy in enumerate(copies, 1)]
    if not given:
        raise ValueError("there are no copies to reconcile")
    empty = [copy.id for copy in given if not copy.text.strip()]
    if empty:
        raise ValueError(f"no text in {_names(empty)}")
    twice = [id_ for id_, n in Counter(copy.id for copy in given).items() if n > 1]
    if twice:
        raise ValueError(f"more than one copy is called {_names(twice)}")
    collation, strangers = _collated(given)
    return edit(collation, strangers, known)


def _collated(given: Sequence[Copy]) -> tuple[Collation, list[Copy]]:
    """The copies of the story that most of them are of, collated, and those that are of others. Raises as `reconcile` does."""
    collation = collate(given)
    worded = [copy for copy, placed in zip(collation.copies, collation.loci, strict=True) if len(placed)]
    if not worded:
        raise ValueError(f"no words in {_names([copy.id for copy in given])}, only marks")
    groups = stories(collation)
    if len(groups) > 1 and 2 * len(groups[0]) <= len(worded):
        share = " shares nothing with " if len(groups) == 2 else " | "
        more = f" | and {len(groups) - 5} more" if len(groups) > 5 else ""
        raise NotOneStory(f"{len(groups)} stories, not one: {share.join(map(_names, groups[:5]))}{more}")
    strangers = [copy for copy in given if copy.id not in groups[0]]
    if strangers:
        collation = collate([copy for copy in given if copy.id in groups[0]])
    return collation, strangers


def extract(
    page: bytes, name: str = "page", *, url: str | None = None, noted: Callable[[str], object] = lambda note: None
) -> Edition:
    """Reconciles what several extractors read on a page of HTML; no link of it is followed.

    The copies are called `name#extractor`. `metadata` begins with what the extractors tell of the page, what most say first.
    `noted` hears what was not as it should be, such as an extractor that is not installed.

    Raises `ValueError` where no extractor is installed, where none finds a text, and where none of it has words.
    """
    from copydesk.sources.html import asked, read_page
    from copydesk.sources.reader import Reader

    extractors, note = asked()
    with Reader() as reader:
        read = read_page(page, name, reader, url=url, extractors=extractors)
    for said in (note, read.note, *read.failed):
        if said:
            noted(said)
    try:
        edition = reconcile(read.copies)
    except NotOneStory as error:
        noted(f"{error}; the edition is of the longest text, and of what shares something with it")
        edition = reconcile(_with_the_longest(read.copies))
    return msgspec.structs.replace(edition, metadata=(*read.facts, *edition.metadata))


def _with_the_longest(copies: Sequence[Copy]) -> list[Copy]:
    """The longest copy, and those that are of one story with it."""
    longest = min(copies, key=lambda copy: (-len(copy.text), copy.id))
    kept = [longest]
    for copy in copies:
        with suppress(ValueError):
            if copy is not longest and reconcile([longest, copy]):
                kept.append(copy)
    return kept


def _names(ids: list[str]) -> str:
    """At most five ids, in words."""
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")


def run(
    names: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    same: float | None = None,
    columns: Columns | None = None,
    only_find: bool = False,
    threads: int | None = None,
    memory: str | None = None,
    overwrite: bool = False,
    resume: bool = False,
    told: Told = lambda step, done, of: None,
) -> Run:
    """Find the stories of a corpus, reconcile each and write the tables into the folder `out`, which the `Run` given reads.

    `names` are files of copies, folders or patterns. With `columns.story` the stories are those that a column names, and none
    are sought. `only_find` stops after the stories. `threads` (None: one for each core) find, and as many processes reconcile;
    they are spawned, so a script that calls this keeps its own work under `if __name__ == "__main__"`. `memory`, such as
    `"3GB"`, is for finding. `told` hears each step, how far it is and of how much, if known.

    What a stopped run has finished stays beside `out`, hidden, and `resume` goes on from there, if all is asked as before.

    Raises `Unreadable` for input that is none, `FileExistsError` where `out` may not be written, `OSError`. The tables are the
    same bytes whatever the order of the files, `threads` and `memory`, and `out` is whole or not there at all.
    """
    from copydesk import __version__
    from copydesk.export import report
    from copydesk.find import DEFAULT
    from copydesk.folder import MARK, folder, write_json
    from copydesk.results import Run
    from copydesk.sources import corpus

    columns = columns or corpus.DEFAULT
    if columns.story and only_find:
        raise ValueError("where a column names the stories there is nothing to find; leave one of the two out")
    same = DEFAULT.same if same is None else same
    files = corpus.check([os.fspath(name) for name in ([names] if isinstance(names, str | Path) else names)], columns)
    asked = {
        "settings": {"same": same, "columns": columns, "only": "find" if only_find else None},
        "files": [corpus.stamp(file) for file in files],
        "version": __version__,
    }
    with folder(Path(out), asked, overwrite=overwrite, resume=resume) as work:
        steps = Steps(told)
        if FOUND not in work.finished:
            work.finish(FOUND, _find(files, columns, same, work.path, steps, threads, memory, keep_texts=not only_find))
        summary = dict(work.finished[FOUND])
        if not only_find:
            processes, n_parts = threads or os.cpu_count() or 1, summary.pop("parts")
            _weigh(work.path, n_parts, steps, processes)
            counts, summary["choices"] = _reconcile(work.path, n_parts, steps, processes, summary["counts"]["documents"])
            summary["counts"] |= counts
            summary["steps"] += steps.took()
        (work.path / "report.html").write_text(report.page(work.path, summary), "utf-8")
        write_json(work.path / MARK, {"settings": asked["settings"], **summary, "versions": _versions()})
    return Run(out)


def _find(  # noqa: PLR0917  the parts of one run
    files: Sequence[str],
    columns: Columns,
    same: float,
    folder: Path,
    steps: Steps,
    threads: int | None,
    memory: str | None,
    keep_texts: bool,
) -> dict[str, Any]:
    """Write the tables that need no editions, and what is needed to make those; what there is to tell."""
    import pyarrow as pa

    from copydesk import parts, tables
    from copydesk.engines.duck import Duck
    from copydesk.find import Settings, find
    from copydesk.sources import Unreadable, corpus

    steps("start")
    why: Counter[str] = Counter()
    first = ""
    n = 0
    with (folder / "rejected.jsonl").open("wb") as rejected:

        def reject(name: str, row: int, reason: str) -> None:
            nonlocal first
            rejected.write(msgspec.json.encode({"file": name, "row": row, "reason": reason}) + b"\n")
            first = first or f" ({name}, row {row}: {reason})"
            why[QUOTED.sub("…", reason)] += 1

        def read() -> Iterator[pa.RecordBatch]:
            nonlocal n
            texts = parts.Texts(folder) if keep_texts else None
            for batch in corpus.batches(files, reject, columns, threads or os.cpu_count() or 1):
                n += batch.num_rows
                steps.done(n)
                yield texts.add(batch) if texts else batch
            if texts:
                texts.close()
            if not n:
                raise Unreadable(f"there is no copy to read in {len(files)} files{first}")

        if columns.story:
            steps("read")
            copies = _named(read())
        else:
            with Duck(memory, threads, folder) as engine, _interrupts():
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
    inputs = [corpus.fingerprint(file) for file in files]
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


def _weigh(folder: Path, n_parts: int, steps: Steps, processes: int) -> None:
    """Learn of the sources what a sample of the stories tells, and keep it in the folder."""
    from functools import partial

    from copydesk import parts
    from copydesk.edit.reliability import learn
    from copydesk.engines.processes import in_processes

    steps("sources")
    observed: list[Observed] = []
    for part, of_part in enumerate(in_processes(partial(_observe, folder), range(n_parts), min(processes, n_parts))):
        observed += of_part
        steps.done(part + 1, n_parts)
    parts.keep_known(folder, learn(observed))


def _observe(folder: Path, part: int) -> list[Observed]:
    """What the stories of a part that are in the sample tell of their sources."""
    from copydesk import parts
    from copydesk.edit.observe import observe

    observed = []
    for _, copies, _ in parts.stories(folder, part, LARGE, sample=True):
        with suppress(ValueError):  # not one story, or no words
            observed.append(observe(_collated(copies)[0]))
    return observed


def _reconcile(
    folder: Path, n_parts: int, steps: Steps, processes: int, of: int
) -> tuple[dict[str, int], list[dict[str, float]]]:
    """Edit the parts and write the tables that editions make; what was counted, and how choices of two copies fared.

    `of` copies there are to reconcile.
    """
    from functools import partial

    import pyarrow as pa

    from copydesk import parts, tables
    from copydesk.engines.processes import in_processes

    steps("reconcile")
    steps.done(0, of)
    schemas = {**tables.OF_STORIES, "texts": tables.TEXTS}
    lines = [schemas.pop("lines").empty_table()]
    files = {name: tables.File(folder / f"{name}.parquet", schema) for name, schema in schemas.items()}
    told: Counter[str] = Counter()
    fared: Counter[tuple[float, bool]] = Counter()
    checked = -(-CHECKED // max(1, n_parts))
    for part, of_part in enumerate(in_processes(partial(_edit, folder, checked), range(n_parts), min(processes, n_parts))):
        for name in tables.OF_STORIES.keys() & files.keys():
            files[name].add(parts.kept(folder, part, name))
        lines.append(parts.kept(folder, part, "lines"))
        for texts in parts.texts(folder, part):
            files["texts"].add(texts)
        steps.worked(of_part.pop("milliseconds") / 1000, of_part.pop("memory"))
        fared.update({(step, right): n for step, right, n in of_part.pop("choices")})
        told.update(of_part)
        steps.done(told["copies"], of)
    for file in files.values():
        file.close()
    in_lines = pa.concat_tables(lines)
    if len(in_lines):
        tables.name_lines(folder / "copies.parquet", in_lines)
    parts.remove(folder)
    choices = [{"from": step, "n": fared[step, True] + fared[step, False], "right": fared[step, True]} for step in STEPS]
    return told, choices


def _edit(folder: Path, checked: int, part: int) -> dict[str, Any]:
    """Make the rows of a part's stories, unless they are there already; what was counted.

    Of `checked` stories of many copies it is looked how two copies alone would have fared.
    """
    from copydesk import parts, tables

    done = parts.made(folder, part)
    if done is not None:
        return done
    begun = time.process_time()
    rows, known = tables.Rows(), parts.known(folder)
    told: dict[str, Any] = dict.fromkeys(("copies", "reconciled", "variants", "not_reconciled", "strangers"), 0)
    fared: Counter[tuple[float, bool]] = Counter()
    for story, copies, rest in parts.stories(folder, part, LARGE):
        n_copies = len(copies) + len(rest)
        told["copies"] += n_copies
        rows.left_out(story, rest, f"too many: {n_copies:,} copies of more than {LARGE:,} bytes, of which a sample was taken")
        published = _published(copies)
        if len(copies) == 1:
            rows.alone(story, copies[0], n_copies, published)
            continue
        try:
            edition = reconcile(copies, known)
        except ValueError as error:  # not one story, or no words
            longest = min(copies, key=lambda copy: (-len(copy.text), copy.id))
            rows.alone(story, longest, n_copies, published)
            rows.left_out(story, [copy.id for copy in copies if copy is not longest], str(error))
            told["not_reconciled"] += 1
            continue
        rows.edition(story, edition, n_copies, published)
        strangers = [damage.copy for damage in edition.damage if damage.kind == OTHER]
        rows.left_out(story, strangers, OTHER)
        if checked and len(copies) - len(strangers) >= MANY:
            checked -= 1
            fared += _fared(edition, set(strangers), known)
        told["reconciled"] += 1
        told["variants"] += len(edition.variants)
        told["strangers"] += len(strangers)
    told["choices"] = [(step, right, n) for (step, right), n in sorted(fared.items())]
    told |= {"milliseconds": round((time.process_time() - begun) * 1000), "memory": peak_memory()}
    parts.keep(folder, part, rows.batches(), told)
    return told


def _fared(edition: Edition, strangers: set[str], known: Known) -> Counter[tuple[float, bool]]:
    """How the choices of two copies of a story, drawn by chance, fare in the light of all its copies."""
    from hashlib import blake2b

    own = [copy for copy in edition.copies if copy.id not in strangers]
    drawn = sorted(own, key=lambda copy: blake2b(copy.id.encode()).digest())[:2]
    try:
        return judged(reconcile(drawn, known), edition)
    except ValueError:  # these two alone do not look like one story
        return Counter()


def _published(copies: Sequence[Copy]) -> str | None:
    """What most copies say; of as many the least."""
    said = Counter(copy.published for copy in copies if copy.published)
    return min(said, key=lambda value: (-said[value], value), default=None)


@contextmanager
def _interrupts() -> Iterator[None]:
    """An interrupt is one, though DuckDB takes it for an error of its query."""
    import duckdb

    try:
        yield
    except (RuntimeError, duckdb.Error) as error:
        if "interrupt" in str(error).lower():
            raise KeyboardInterrupt from None
        raise


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    from copydesk import __version__

    packages = ("duckdb", "msgspec", "numba", "numpy", "pyarrow", "rapidfuzz")
    versions = {"copydesk": __version__, "python": platform.python_version(), **{name: version(name) for name in packages}}
    for name in ("fastwarc", "ftfy", "justext", "newspaper4k", "readability-lxml", "resiliparse", "trafilatura"):
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions
