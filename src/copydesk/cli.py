"""The commands.

Answers go to standard output, everything else to standard error. The exit code is 0 when the work is done, 1 when it failed
(nothing in common, no text, a full disk), 2 for wrong use, 130 when interrupted. What goes wrong is said in one line.
"""

from __future__ import annotations

import errno
import gc
import os
import re
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from copydesk import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import Console
    from rich.progress import TaskID

    from copydesk.archive.grow import Added
    from copydesk.model import Copy, Edition
    from copydesk.results import Run

WRONG_USE = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)
LONG_WORK = 2_000_000  # characters in all, from which a terminal is told to wait


class WrongUse(Exception):
    """The command was not meant so; the message is one line that says what to do."""


EXAMPLES = """\b
Examples:
  copydesk reconcile a.txt b.txt             read it in the terminal
  copydesk reconcile *.txt --text > one.txt  the text alone
  copydesk reconcile a.txt b.txt --html -o edition.html
  copydesk reconcile copies.jsonl --json | jq '.variants[].reason'
  copydesk reconcile a.txt b.txt --record    who says what in it
  copydesk reconcile copies.jsonl --tei -o edition.xml
  zcat copies.jsonl.gz | copydesk reconcile -

\b
A line of JSONL is an object with "text" and, if it has them,
"id", "source", "published" and "url".
"""


def main() -> NoReturn:
    """Run the command that the arguments name, and leave with its exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy would start threads that spin, for what is not used here
    gc.set_threshold(50_000, 20, 100)  # what is imported is no garbage, and would be looked through a hundred times
    try:
        code = 0
        with copydesk.make_context("copydesk", sys.argv[1:]) as context:  # not `main`, which speaks on an interrupt
            copydesk.invoke(context)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.UsageError as error:
        code = _complain(_usage(error), 2)
    except WrongUse as error:
        code = _complain(str(error), 2)
    except (KeyboardInterrupt, click.Abort):
        code = 130
    except BrokenPipeError:  # who reads the answer has had enough of it
        code = 1
    except OSError as error:
        code = _complain(_trouble(error), 2 if isinstance(error, WRONG_USE) else 1)
    except MemoryError:
        code = _complain("not enough memory; give fewer copies, or parts of them", 1)
    _leave(code)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="copydesk %(version)s", help="Show the version and leave.")
@click.pass_context
def copydesk(context: click.Context) -> None:
    """Many copies of a text in, one sourced text out."""
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        context.exit(2)


@copydesk.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", is_flag=True, help="Write the edition as one JSON object.")
@click.option("--text", is_flag=True, help="Write the edition's text alone.")
@click.option("--html", is_flag=True, help="Write one page of HTML that needs nothing else.")
@click.option("--tei", is_flag=True, help="Write the edition and its copies as one document of TEI P5.")
@click.option("--record", is_flag=True, help="Of the edition only who says what in it, when and how many; also with --json.")
@click.option("--output", "-o", metavar="FILE", help="Write to FILE, whole or not at all.")
@click.pass_context
def reconcile(  # noqa: PLR0917  click names them
    context: click.Context,
    files: tuple[str, ...],
    json: bool,
    text: bool,
    html: bool,
    tei: bool,
    record: bool,
    output: str | None,
) -> None:
    """Reconcile copies of one text into its edition.

    FILE is a copy, or many in NAME.jsonl, or - for JSONL on standard input.
    """
    face = _face({"--json": json, "--text": text, "--html": html, "--tei": tei}, output, files)
    if record and face not in {None, "--json"}:
        raise WrongUse(f"--record and {face} cannot go together; --json writes a record")
    _check_inputs(files)

    from copydesk.sources import read

    try:
        copies, notes = read(list(files))
        for note in notes:
            _say(f"note: {note}")
        if len(copies) == 1:
            _say("note: there is one copy only, so there is nothing to compare it with")
        edition = _reconciled(copies)
    except ValueError as error:  # an input that cannot be read, or nothing in common
        context.exit(_complain(str(error), 1))
    if record:
        _shown_record(edition, face, output)
    else:
        _shown(edition, face, output)


EXTRACT_EXAMPLES = """\b
Examples:
  copydesk extract page.html                 read it in the terminal
  copydesk extract page.html --text > page.txt
  copydesk extract page.html --json | jq '.metadata[] | .name, .value'
  curl -s URL | copydesk extract - --url URL

\b
Needs the extractors: pip install 'copydesk[html]'
"""


@copydesk.command(epilog=EXTRACT_EXAMPLES)
@click.argument("file", metavar="FILE")
@click.option("--url", metavar="URL", help="Where the page is from; a date may stand in it. Nothing is fetched.")
@click.option("--json", is_flag=True, help="Write the edition as one JSON object.")
@click.option("--text", is_flag=True, help="Write the edition's text alone.")
@click.option("--html", is_flag=True, help="Write one page of HTML that needs nothing else.")
@click.option("--output", "-o", metavar="FILE", help="Write to FILE, whole or not at all.")
@click.pass_context
def extract(  # noqa: PLR0917  click names them
    context: click.Context, file: str, url: str | None, json: bool, text: bool, html: bool, output: str | None
) -> None:
    """Read a page of HTML with several extractors, and reconcile what they read.

    FILE is a page as it was saved, or - for standard input.
    """
    face = _face({"--json": json, "--text": text, "--html": html}, output, [file])
    if "://" in file:
        raise WrongUse(
            f"{file} is an address, and nothing is fetched; save the page and name the file, with --url for the address"
        )

    from copydesk.sources import one
    from copydesk.story import extract

    try:
        edition = extract(*one(file), url=url, noted=lambda note: _say(f"note: {note}"))
    except ValueError as error:  # no page, no extractor, no text, or not one text
        context.exit(_complain(str(error), 1))
    _shown(edition, face, output)


RUN_EXAMPLES = """\b
Examples:
  copydesk run corpus/*.jsonl.zst -o out
  copydesk run crawl/*.warc.gz -o out
  copydesk run news.parquet -o out --text body --source outlet
  copydesk run "archive/**/*.txt" s3://bucket/news -o out
  copydesk run news.jsonl -o out --only find --memory 3GB
  duckdb -c "SELECT n_copies, text FROM 'out/stories.parquet'"
"""


@copydesk.command(epilog=RUN_EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--output", "-o", metavar="OUT", required=True, help="The folder to write, whole or not at all.")
@click.option("--only", type=click.Choice(["find"]), help="Stop after the stories are found.")
@click.option(
    "--same",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="SHARE",
    help="How much of the shorter of two texts the other must have for both to be of one story; 0.5 unless told.",
)
@click.option("--id", "id_", metavar="COLUMN", help="The column of the ids; id unless told.")
@click.option("--text", metavar="COLUMN", help="The column of the texts; text unless told.")
@click.option("--source", metavar="COLUMN", help="The column of the sources; source, or the host of the url, unless told.")
@click.option("--published", metavar="COLUMN", help="The column of the dates; published, or date, unless told.")
@click.option("--url", metavar="COLUMN", help="The column of the addresses; url unless told.")
@click.option("--story", metavar="COLUMN", help="A column that names the story of each copy; then none are sought.")
@click.option("--sources", metavar="FILE", help="The sources.parquet of an earlier run: what is known of sources already.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="Threads and processes; one for each core unless told.")
@click.option("--memory", metavar="SIZE", help="Such as 3GB: so many fewer threads and processes work at a time; 1GB or more.")
@click.option("--record/--no-record", default=None, help="Whether to read the record of the editions; it is unless told.")
@click.option("--names", "names_by", metavar="spacy:PIPELINE", help="Have a spaCy pipeline that is installed read the names.")
@click.option(
    "--engine", type=click.Choice(["local", "spark"]), default="local", help="Where to work: here, or on Apache Spark."
)
@click.option("--master", metavar="URL", help="With --engine spark: where it is, as local[4] or spark://host:7077.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="With --engine spark: a setting of Spark.")
@click.option("--overwrite", is_flag=True, help="Replace OUT if it is the folder of a run.")
@click.option("--resume", is_flag=True, help="Go on with a run into OUT that was stopped, from its last finished step.")
@click.option("--json", is_flag=True, help="Write the summary as one JSON object.")
@click.pass_context
def run(  # noqa: PLR0917  click names them
    context: click.Context,
    files: tuple[str, ...],
    output: str,
    only: str | None,
    same: float | None,
    id_: str | None,
    text: str | None,
    source: str | None,
    published: str | None,
    url: str | None,
    story: str | None,
    sources: str | None,
    threads: int | None,
    memory: str | None,
    record: bool | None,
    names_by: str | None,
    engine: str,
    master: str | None,
    settings: tuple[str, ...],
    overwrite: bool,
    resume: bool,
    json: bool,
) -> None:
    """Find the copies in a corpus, reconcile each story, read its record, and write tables.

    FILE is a table of copies (.jsonl, .csv, .tsv, also with .gz or .zst, or .parquet), a text, a page (.html) or a web archive
    (.warc, .warc.gz), a folder or a pattern (in quotation marks) of them, the address of any of these in an object store, or -
    for JSONL on standard input.
    """
    from functools import partial

    from copydesk import pipeline
    from copydesk.engines.room import PROCESS, at_once
    from copydesk.sources.corpus import Columns
    from copydesk.sources.files import kind

    work: Callable[..., Run | None]
    if engine == "spark":
        work = partial(_on_spark(threads, memory), master=master, spark=_settings(settings))
    elif master or settings:
        raise WrongUse("--master and --set are for --engine spark; add it, or leave them out")
    else:
        work = partial(pipeline.run, threads=threads, memory=memory)
    if "://" not in output or engine == "local":
        _check_folder(output, files, overwrite)
    try:
        at_once(memory, 1, PROCESS)
    except ValueError as error:
        raise WrongUse(str(error)) from None
    if any(kind(name) in {"page", "warc"} for name in files):
        from copydesk.sources.html import asked

        try:
            note = asked()[1]
        except ValueError as error:  # no extractor
            context.exit(_complain(str(error), 1))
        if note:
            _say(f"note: {note}")
    named = {"id": id_, "text": text, "source": source, "published": published and (published,), "url": url, "story": story}
    columns = Columns(**{name: column for name, column in named.items() if column})  # type: ignore[arg-type]
    _spare_pandas()
    try:
        with _progress() as told:
            done = work(
                files,
                output,
                same=same,
                columns=columns,
                only_find=only == "find",
                record=record,
                names_by=names_by,
                sources=sources,
                overwrite=overwrite,
                resume=resume,
                told=told,
            )
    except FileExistsError as error:
        raise WrongUse(str(error)) from None
    except KeyboardInterrupt:
        context.exit(_complain(f"stopped{_how_to_go_on(output)}", 130))
    except OSError as error:
        context.exit(_complain(_trouble(error) + _how_to_go_on(output), 2 if isinstance(error, WRONG_USE) else 1))
    except (ValueError, RuntimeError) as error:  # input that is none, or no room to work in
        context.exit(_complain(str(error) + _how_to_go_on(output), 1))
    if done is None:  # in an object store
        _say(f"written to {output}; run.json has the summary")
    elif json:
        import msgspec

        _write(msgspec.json.encode(done.summary) + b"\n", None)
    else:
        from copydesk.export.summary import show

        show(done, _console())


def _on_spark(threads: int | None, memory: str | None) -> Callable[..., Run | None]:
    """What runs a corpus on Spark."""
    if threads or memory:
        raise WrongUse(
            "--threads and --memory are of this machine; on Spark say --master local[N], and --set spark.executor.memory=4g"
        )
    from copydesk import spread

    return spread.run


def _settings(given: Sequence[str]) -> dict[str, str]:
    """Settings of Spark, by name."""
    if bad := [each for each in given if not each.partition("=")[2]]:
        raise WrongUse(f"--set {bad[0]} is no setting; write it as NAME=VALUE")
    return {name: value for name, _, value in (each.partition("=") for each in given)}


WHY_EXAMPLES = """\b
Examples:
  copydesk why out a-17 b-03
  copydesk why out a-17 b-03 --full | less
  copydesk why out a-17 b-03 --json | jq '.pair.sides[].coverage'
"""


@copydesk.command(epilog=WHY_EXAMPLES)
@click.argument("out")
@click.argument("one", metavar="ID1")
@click.argument("other", metavar="ID2")
@click.option("--full", is_flag=True, help="Leave nothing of the texts out.")
@click.option("--json", is_flag=True, help="Write all figures and places as one JSON object.")
@click.pass_context
def why(  # noqa: PLR0917  click names them
    context: click.Context, out: str, one: str, other: str, full: bool, json: bool
) -> None:
    """Show why two copies are, or are not, of one story.

    OUT is the folder that copydesk run wrote. After --only find the texts are read again from what the run read.
    """
    from copydesk import why as evidence
    from copydesk.export.why import dumps, show

    try:
        with _waiting("reading both texts again ..."):
            found = evidence.why(out, one, other)
    except evidence.NoSuchCopy as error:
        raise WrongUse(str(error)) from None
    except ValueError as error:  # the inputs are not what they were
        context.exit(_complain(str(error), 1))
    if json:
        _write(dumps(found), None)
    else:
        show(found, _console(), full)


FIGURES_EXAMPLES = """\b
Examples:
  copydesk figures out "landing permits"
  copydesk figures out "permits for landing" --csv > permits.csv
  copydesk figures out passengers --json | jq '.series[0].values[].value'

\b
Needs the record: a run without --no-record has it.
"""


@copydesk.command(epilog=FIGURES_EXAMPLES)
@click.argument("out")
@click.argument("what")
@click.option("--json", is_flag=True, help="Write all series as one JSON object.")
@click.option("--csv", is_flag=True, help="Write a table, one row for each place that tells a value.")
@click.pass_context
def figures(context: click.Context, out: str, what: str, json: bool, csv: bool) -> None:
    """Follow a figure through the stories of a run.

    OUT is the folder that copydesk run wrote, WHAT is what is counted, in any order of words, singular or plural. Values are
    shown by the day they hold as of, with who gives them, and where they stop.
    """
    from copydesk.export.series import dumps, show, table
    from copydesk.series import NoFigures, NotCounted, series

    if json and csv:
        raise WrongUse("--json and --csv cannot go together; ask for one of them")
    try:
        found = series(out, what)
    except NoFigures as error:
        raise WrongUse(str(error)) from None
    except NotCounted as error:
        context.exit(_complain(str(error), 1))
    if json or csv:
        _write(dumps(found) if json else table(found), None)
    else:
        show(found, _console())


ADD_EXAMPLES = """\b
Examples:
  copydesk add my.desk corpus/*.jsonl.zst    makes it, if there is none
  copydesk add my.desk feed.jsonl
  crawler | copydesk add my.desk -
  copydesk add my.desk --watch incoming/
"""


@copydesk.command(epilog=ADD_EXAMPLES)
@click.argument("desk")
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option("--watch", metavar="FOLDER", help="Add what comes into FOLDER, until interrupted.")
@click.option(
    "--same",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="SHARE",
    help="How much of the shorter of two texts the other must have for both to be of one story; set once, when DESK is made.",
)
@click.option("--id", "id_", metavar="COLUMN", help="The column of the ids; id unless told.")
@click.option("--text", metavar="COLUMN", help="The column of the texts; text unless told.")
@click.option("--source", metavar="COLUMN", help="The column of the sources; source, or the host of the url, unless told.")
@click.option("--published", metavar="COLUMN", help="The column of the dates; published, or date, unless told.")
@click.option("--url", metavar="COLUMN", help="The column of the addresses; url unless told.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="Threads and processes; one for each core unless told.")
@click.option("--json", is_flag=True, help="Write what was done as one JSON object.")
@click.pass_context
def add(  # noqa: PLR0917  click names them
    context: click.Context,
    desk: str,
    files: tuple[str, ...],
    watch: str | None,
    same: float | None,
    id_: str | None,
    text: str | None,
    source: str | None,
    published: str | None,
    url: str | None,
    threads: int | None,
    json: bool,
) -> None:
    """Add copies to the archive DESK, which is made if there is none.

    FILE is what copydesk run reads. New copies are linked to their stories, and the stories they touch are edited again. DESK
    is as it was before or as it is after, whatever happens.
    """
    from copydesk.archive.desk import Desk
    from copydesk.archive.watch import watched
    from copydesk.sources.corpus import Columns

    if bool(files) == bool(watch):
        raise WrongUse("name what is to be added: FILE..., or a folder with --watch")
    named = {"id": id_, "text": text, "source": source, "published": published and (published,), "url": url}
    columns = Columns(**{name: column for name, column in named.items() if column})  # type: ignore[arg-type]
    for some in [[*files]] if files else watched(Path(watch or "")):
        try:
            with _progress() as told:
                done = Desk(desk).add(some, same=same, columns=columns, threads=threads, told=told, noted=_note)
        except (ValueError, RuntimeError) as error:  # input that is none, or no archive
            if watch:
                _note(f"{error}; left out")
                continue
            context.exit(_complain(str(error), 1))
        _added(done, desk, json)


@copydesk.command()
@click.argument("desk")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="Threads and processes; one for each core unless told.")
@click.option("--json", is_flag=True, help="Write what was done as one JSON object.")
@click.pass_context
def settle(context: click.Context, desk: str, threads: int | None, json: bool) -> None:
    """Make the archive DESK what one run over all its copies gives.

    All stories are found anew, the sources are learned anew, and all stories are edited.
    """
    from copydesk.archive.desk import Desk

    try:
        with _progress() as told:
            done = Desk(desk).settle(threads=threads, told=told, noted=_note)
    except (ValueError, RuntimeError) as error:
        context.exit(_complain(str(error), 1))
    _added(done, desk, json)


FIND_EXAMPLES = """\b
Examples:
  copydesk find my.desk article.txt
  pbpaste | copydesk find my.desk -
  copydesk find my.desk article.txt --json | jq '.matches[].story'
"""


@copydesk.command(epilog=FIND_EXAMPLES)
@click.argument("desk")
@click.argument("file", metavar="FILE")
@click.option("--json", is_flag=True, help="Write the answer as one JSON object.")
@click.pass_context
def find(context: click.Context, desk: str, file: str, json: bool) -> None:
    """Tell whether the archive DESK has a text: which story, which copies, what differs.

    FILE is a text, or - for one on standard input. Excerpts are found, and quotations. The exit code is 1 where it is not.
    """
    import msgspec

    from copydesk.archive.desk import Desk
    from copydesk.export.desk import answer
    from copydesk.sources import one
    from copydesk.sources.text import decode

    try:
        found = Desk(desk).find(decode(*one(file))[0])
    except ValueError as error:
        context.exit(_complain(str(error), 1))
    if json:
        _write(msgspec.json.encode(found) + b"\n", None)
    else:
        answer(found, _console())
    context.exit(0 if found.found else 1)


SEARCH_EXAMPLES = """\b
Examples:
  copydesk search my.desk ferry harbour      both words
  copydesk search my.desk '"ran aground" title:ferry -regatta'
  copydesk search my.desk 'ferr* OR boat source:courier published:2031-06'
"""


@copydesk.command(epilog=SEARCH_EXAMPLES)
@click.argument("desk")
@click.argument("words", nargs=-1, required=True, metavar="WORDS...")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="Editions that are shown.")
@click.option("--offset", type=click.IntRange(0), default=0, help="Editions that are passed over.")
@click.option("--json", is_flag=True, help="Write what was found as one JSON object.")
@click.pass_context
def search(  # noqa: PLR0917  click names them
    context: click.Context, desk: str, words: tuple[str, ...], limit: int, offset: int, json: bool
) -> None:
    """Search the words of all editions in the archive DESK: words, "phrases", and fields (title, text, source, published)."""
    import msgspec

    from copydesk.archive.desk import Desk
    from copydesk.export.desk import hits

    try:
        found = Desk(desk).search(" ".join(words), limit=limit, offset=offset)
    except ValueError as error:
        context.exit(_complain(str(error), 1))
    if json:
        _write(msgspec.json.encode(found) + b"\n", None)
    else:
        hits(found, _console(), offset)
    context.exit(0 if found.n else 1)


@copydesk.command()
@click.argument("desk")
@click.argument("story")
@click.option("--json", is_flag=True, help="Write the editions as one JSON array.")
@click.pass_context
def history(context: click.Context, desk: str, story: str, json: bool) -> None:
    """Show the editions that a STORY of the archive DESK had, the latest first, and what each changed."""
    import msgspec

    from copydesk.archive.desk import Desk
    from copydesk.export.desk import history as shown

    try:
        then = Desk(desk).history(story)
    except KeyError:
        raise WrongUse(f"{desk} has no story {story}; copydesk search and copydesk find tell their names") from None
    except ValueError as error:
        context.exit(_complain(str(error), 1))
    if json:
        _write(msgspec.json.encode(then) + b"\n", None)
    else:
        shown(then, _console())


SQL_EXAMPLES = """\b
Examples:
  copydesk sql my.desk "SELECT source, count(*) AS n FROM copies GROUP BY source ORDER BY n DESC"
  copydesk sql my.desk "SHOW TABLES"
  copydesk sql out "SELECT title, n_copies FROM stories ORDER BY n_copies DESC LIMIT 5" --csv

\b
The tables are those of docs/run.md; an archive has batches besides.
"""


@copydesk.command(epilog=SQL_EXAMPLES)
@click.argument("desk")
@click.argument("query", metavar="SELECT")
@click.option("--json", is_flag=True, help="Write one JSON object a line.")
@click.option("--csv", is_flag=True, help="Write CSV with a header.")
@click.pass_context
def sql(context: click.Context, desk: str, query: str, json: bool, csv: bool) -> None:
    """Ask the tables of the archive DESK, or of a run's folder, in SQL. Nothing can be changed, and no other file is read."""
    import msgspec

    from copydesk.archive.tables import ask
    from copydesk.export.desk import as_csv, rows

    if json and csv:
        raise WrongUse("--json and --csv cannot go together; ask for one of them")
    try:
        found = ask(desk, query)
    except (ValueError, ModuleNotFoundError) as error:  # no query, no archive, or no DuckDB
        context.exit(_complain(str(error), 1))
    if json:
        _write(b"".join(msgspec.json.encode(row) + b"\n" for row in found.to_pylist()), None)
    elif csv:
        _write(as_csv(found), None)
    else:
        rows(found, _console())


def _added(done: Added, desk: str, json: bool) -> None:
    """Say what an add did."""
    if json:
        import msgspec

        _write(msgspec.json.encode(done._asdict()) + b"\n", None)
    else:
        from copydesk.export.desk import added

        _write(added(done, desk).encode("utf-8", "replace") + b"\n", None)


def _note(note: str) -> None:
    """Something to know, on standard error."""
    _say(f"note: {note}")


RECORD_EXAMPLES = """\b
Examples:
  copydesk record article.txt                read it in the terminal
  copydesk record articles.jsonl --json | jq '.statements[].name'
  copydesk reconcile a.txt b.txt --text | jq -Rs '{text: .}' | copydesk record -

\b
A line of JSONL is an object with "text" and, if it has one, "id".
"""


@copydesk.command(epilog=RECORD_EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", is_flag=True, help="Write one JSON object a line: id, statements, dates, figures, names and more.")
@click.option("--names", "names_by", metavar="spacy:PIPELINE", help="Have a spaCy pipeline that is installed read the names.")
@click.pass_context
def record(context: click.Context, files: tuple[str, ...], json: bool, names_by: str | None) -> None:
    """Read who said what in texts, and through whom.

    FILE is a text, or many in NAME.jsonl, or - for JSONL on standard input. The rules are for English.
    """
    from copydesk.export.record import dumps, show
    from copydesk.sources import read
    from copydesk.story import record

    _check_inputs(files)
    try:
        texts, notes = read(list(files))
    except ValueError as error:  # an input that cannot be read
        context.exit(_complain(str(error), 1))
    for note in notes:
        _say(f"note: {note}")
    for number, text in enumerate(texts):
        try:
            said = record(text.text, text.published, names=names_by)
        except ValueError as error:  # no such pipeline
            context.exit(_complain(str(error), 1))
        if json:
            _write(dumps(text.id, said), None)
            continue
        console = _console()
        if number:
            console.print()
        show(text.id, text.text, said, console)


EXPORT_EXAMPLES = """\b
Examples:
  copydesk export out --to tei -o news.xml
  copydesk export out --to tei --story a-17 > a-17.xml
  copydesk export out --to parquet -o news.parquet
  copydesk export out --to jsonl -o news.jsonl.zst
  copydesk export out --to ninjs --base https://news.example/stories/ | jq .uri
"""


@copydesk.command(epilog=EXPORT_EXAMPLES)
@click.argument("out")
@click.option(
    "--to",
    "form",
    type=click.Choice(["tei", "annotation", "schema.org", "ninjs", "collatex", "jsonl", "parquet"]),
    required=True,
    help="The format to write.",
)
@click.option("--story", metavar="ID", help="One story, and not all.")
@click.option("--base", metavar="URI", help="Call stories by addresses below URI, and not by UUIDs.")
@click.option("--output", "-o", metavar="FILE", help="Write to FILE, whole or not at all; packed if it ends with .gz or .zst.")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
@click.pass_context
def export(  # noqa: PLR0917  click names them
    context: click.Context, out: str, form: str, story: str | None, base: str | None, output: str | None, overwrite: bool
) -> None:
    """Write the stories of a run in another format.

    OUT is the folder that copydesk run wrote. TEI is one document; annotation (W3C), schema.org, ninjs (IPTC 3.1), collatex and
    jsonl are JSON, an object a line; jsonl and parquet have a row a story, as builders of corpora load it.
    """
    from copydesk.export.formats import ADDRESSED, PARQUET, pieces

    run = _run(out)
    if output is None and form == PARQUET:
        raise WrongUse("parquet needs a file to be written to; add -o FILE")
    if form == PARQUET and output is not None and Path(output).exists() and not Path(output).is_file():
        raise WrongUse(f"parquet needs a file to be written to, and {output} is none; choose another with -o")
    if base is not None and form not in ADDRESSED:
        raise WrongUse(f"--base is for {', '.join(ADDRESSED)}; {form} has no addresses")
    if base is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", base):
        raise WrongUse(f"{base} is no address; --base takes one such as https://news.example/stories/")
    if output is not None:
        _check_output(output, [])
        if Path(output).is_file() and not overwrite:
            raise WrongUse(f"{output} exists; name another file with -o, or add --overwrite to replace it")
        if Path(output).resolve().is_relative_to(Path(out).resolve()):
            raise WrongUse(f"{output} is in the folder of the run, which stays as it is; choose another place with -o")
    try:
        with _progress() as told:
            done, of = 0, run.summary["counts"]["documents"] if story is None else None

            def heard(copies: int) -> None:
                nonlocal done
                done += copies
                told("export", done, of)

            if form == PARQUET:
                assert output is not None
                from copydesk.export.corpus import write
                from copydesk.export.formats import rows
                from copydesk.export.whole import whole

                with whole(Path(output)) as part:
                    write(rows(run, story, heard), part)
            else:
                _pour(pieces(run, form, story=story, base=base, title=Path(out).resolve().name, heard=heard), output)
    except KeyError:
        if story is None:
            raise
        raise WrongUse(f"there is no story {story} in {out}; their ids are in {Path(out) / 'stories.parquet'}") from None
    except ValueError as error:  # tables that are not what a run wrote
        context.exit(_complain(str(error), 1))


OPEN_EXAMPLES = """\b
Examples:
  copydesk open out                          the folder of a run, in the browser
  copydesk open my.desk --port 8000
  copydesk open out --no-browser --host 0.0.0.0    prints an address with a token
"""


@copydesk.command("open", epilog=OPEN_EXAMPLES)
@click.argument("out")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="4747 unless told, or any that is free; 0 for any.")
@click.option(
    "--host", default="127.0.0.1", metavar="ADDRESS", help="127.0.0.1 unless told, which this machine alone can reach."
)
@click.option("--no-browser", is_flag=True, help="Open no browser, only say the address.")
@click.pass_context
def open_(context: click.Context, out: str, port: int | None, host: str, no_browser: bool) -> None:
    """Read stories in the browser: their editions, what differs, who said what, the sources.

    OUT is the folder that copydesk run wrote, or an archive. It is served until Ctrl-C. Where other machines can reach the
    address, a token is needed: COPYDESK_TOKEN, or one that is made up.
    """
    import secrets
    import webbrowser

    from copydesk.web.guard import LOOPBACK
    from copydesk.web.serve import bound, serve, serving

    token = os.environ.get("COPYDESK_TOKEN") or (None if host in LOOPBACK else secrets.token_urlsafe(24))

    def ready(address: str) -> None:
        _write(f"{address}\n".encode(), None)
        _say("this is served until Ctrl-C")
        if not no_browser:
            webbrowser.open(address)

    try:
        at = bound(host, port)
    except OSError as error:
        where = f"{host} port {port}" if port else host
        raise WrongUse(f"nothing can be served at {where}: {error.strerror}; name another with --host and --port") from None
    with at:
        try:
            with _waiting("looking through the stories ..."):
                served = serving(Path(out), host, token)
            serve(served, at, host, token, ready)
        except ModuleNotFoundError as error:
            context.exit(_complain(f"{error.name} is not installed; pip install 'copydesk[desk]'", 1))
        except ValueError as error:  # no run, no archive, or no editions in it
            raise WrongUse(str(error)) from None


@copydesk.command()
@click.option("--output", "-o", metavar="OUT", help="Keep the folder of the run, to be opened in the browser.")
def demo(output: str | None) -> None:
    """Show what Copydesk does, on a small corpus of invented news."""
    from copydesk.demo import run

    if output is not None:
        _check_folder(output, (), overwrite=True)
    run(_console(), Path(output) if output is not None else None)


def _face(asked: dict[str, bool], output: str | None, files: Sequence[str]) -> str | None:
    """The one face of an edition that is asked for, None for the terminal's; and `output` can be written."""
    faces = [face for face, wanted in asked.items() if wanted]
    if len(faces) > 1:
        raise WrongUse(f"{' and '.join(faces)} cannot go together; ask for one of them")
    if output is not None and not faces:
        *some, last = sorted(asked)
        raise WrongUse(f"-o needs to know what to write; add {', '.join(some)} or {last}")
    if output is not None:
        _check_output(output, files)
    return faces[0] if faces else None


def _shown(edition: Edition, face: str | None, output: str | None) -> None:
    """Write the edition, or show it in the terminal."""
    _note_strangers(edition)
    if face:
        _write(_bytes(edition, face), output)
    else:
        from copydesk.export.terminal import show

        show(edition, _console())


def _shown_record(edition: Edition, face: str | None, output: str | None) -> None:
    """Write what the edition says, with the copies behind it, or show it in the terminal."""
    from copydesk.export.record import dumps, show
    from copydesk.story import record_of

    _note_strangers(edition)
    said = record_of(edition)
    if face:
        _write(dumps(None, said, edition), output)
    else:
        show("the edition", edition.text, said, _console())


def _reconciled(copies: list[Copy]) -> Edition:
    """The edition of the copies; a terminal is told that it is worth waiting."""
    from copydesk.story import reconcile

    if sum(len(copy.text) for copy in copies) < LONG_WORK or sys.stderr is None or not sys.stderr.isatty():
        return reconcile(copies)

    from rich.console import Console

    with Console(stderr=True).status(f"reconciling {len(copies):,} copies ..."):
        return reconcile(copies)


def _note_strangers(edition: Edition) -> None:
    """Say which copies turned out to be of another text, in one line: their texts are not in the edition."""
    from copydesk.edit.damage import OTHER
    from copydesk.export.readable import named

    strangers = [damage.copy for damage in edition.damage if damage.kind == OTHER]
    if strangers:
        shares, was = ("shares", "was") if len(strangers) == 1 else ("share", "were")
        _say(f"note: {named(strangers, 5)} {shares} nothing with the other copies and {was} left out of the edition")


def _bytes(edition: Edition, face: str) -> bytes:
    """The edition as it is written, in UTF-8, ending with a newline."""
    if face == "--json":
        from copydesk.export.json import dumps

        return dumps(edition)
    if face == "--html":
        from copydesk.export.html import page

        return page(edition).encode()
    if face == "--tei":
        from copydesk.export.tei import document

        return document(edition.copies[0].id, edition).encode()
    text = edition.text if edition.text.endswith("\n") else edition.text + "\n"
    try:
        return text.encode()
    except UnicodeEncodeError:  # lone surrogates, which only JSON can bring in and only JSON can write
        _say("note: characters that UTF-8 cannot hold are written as U+FFFD; --json keeps them")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _check_inputs(files: Sequence[str]) -> None:
    """No file is given twice, for a copy counts once."""
    seen: dict[str, str] = {}
    for name in files:
        path = "-" if name == "-" else os.path.realpath(name)
        if path in seen:
            raise WrongUse(f"{name} is given twice; a copy counts once")
        seen[path] = name


def _check_output(output: str, files: Sequence[str]) -> None:
    """What can be known to fail is said before the work is done: a place to write, and no input in that place."""
    path = Path(output)
    if path.is_dir():
        raise WrongUse(f"{output} is a directory; name a file to write")
    if not path.parent.is_dir():
        raise WrongUse(f"there is no directory {path.parent} to write in; make it first")
    if not os.access(path.parent, os.W_OK):
        raise WrongUse(f"nothing may be written in {path.parent.absolute()}; choose another place with -o")
    if any(name != "-" and path.exists() and path.samefile(name) for name in files if Path(name).exists()):
        raise WrongUse(f"{output} is one of the copies, and no copy is ever changed; choose another name with -o")


def _how_to_go_on(output: str) -> str:
    """What to do after a run that was stopped, if there is something to go on from."""
    from copydesk.folder import resumable

    kept = resumable(Path(output))
    return "; what was finished is kept: the same command with --resume goes on from there" if kept else ""


def _spare_pandas() -> None:
    """Where pandas is installed Arrow would import it, to ask of each array whether it is one of its own: a quarter second."""
    from importlib.abc import MetaPathFinder

    class Hidden(MetaPathFinder):
        def find_spec(self, name: str, *_: object) -> None:
            if name == "pandas":
                raise ModuleNotFoundError(name)

    import pyarrow as pa

    hidden = Hidden()
    sys.meta_path.insert(0, hidden)
    try:
        pa.array([])  # Arrow asks once
    finally:
        sys.meta_path.remove(hidden)


def _check_folder(output: str, files: Sequence[str], overwrite: bool) -> None:
    """What can be known to fail is said before the work is done: a place to write, and no input in that place."""
    from copydesk.folder import refuse

    path = Path(output)
    if not path.name:
        raise WrongUse(f"{output} is no name for a folder; name one with -o")
    try:
        refuse(path, overwrite)
    except FileExistsError as error:
        raise WrongUse(str(error)) from None
    if not path.parent.is_dir():
        raise WrongUse(f"there is no directory {path.parent} to write in; make it first")
    if not os.access(path.parent, os.W_OK):
        raise WrongUse(f"nothing may be written in {path.parent.absolute()}; choose another place with -o")
    if any(Path(name).resolve().is_relative_to(path.resolve()) for name in files):
        raise WrongUse(f"{output} has some of the copies in it, and no copy is ever changed; choose another name with -o")


@contextmanager
def _waiting(what: str) -> Iterator[None]:
    """A terminal is told what it waits for; anything else is told nothing."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return

    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """What tells a terminal how far the work is; anything else is told nothing."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda step, done, of: None
        return

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    count = TextColumn("{task.fields[count]}")
    shown = (TextColumn("{task.description}"), BarColumn(), count, TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*shown, console=Console(stderr=True), transient=True) as progress:
        bars: dict[str, TaskID] = {}

        def told(step: str, done: int, of: int | None) -> None:
            if step not in bars:
                for bar in bars.values():
                    progress.stop_task(bar)
                    progress.update(bar, visible=False)
                bars[step] = progress.add_task(step, total=None, count="")
            took = progress.tasks[-1].elapsed
            count = f"{done:,}{f' of {of:,}' if of else ''} copies, {done / took:,.0f} a second" if done and took else ""
            progress.update(bars[step], completed=done, total=of, count=count)

        yield told


def _write(data: bytes, output: str | None) -> None:
    """To standard output, or to a file, which is whole under its name or not there at all."""
    if output is None:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "standard output is closed; use -o FILE")
        rest = memoryview(data)
        while rest:  # unbuffered, a pipe takes a part at a time
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()
        return
    if Path(output).exists() and not Path(output).is_file():  # a device or a pipe cannot be replaced, only written to
        Path(output).write_bytes(data)
        return
    path = Path(output).resolve()
    part = path.with_name(f".copydesk-{os.urandom(6).hex()}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
        if path.exists():
            part.chmod(path.stat().st_mode & 0o777)
        part.replace(path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename, error.filename2 = output, None  # the name the user knows
        raise


def _run(out: str) -> Run:
    """The run in a folder, which has editions."""
    from copydesk.results import Run

    try:
        run = Run(out)
    except (FileNotFoundError, NotADirectoryError):
        raise WrongUse(f"{out} is not the folder of a run (it has no run.json); name one that copydesk run wrote") from None
    except (ValueError, TypeError):
        raise WrongUse(f"the run.json of {out} is not what copydesk run writes; name the folder of another run") from None
    if "counts" not in run.summary or not (Path(out) / "texts.parquet").exists():
        raise WrongUse(f"{out} has stories and no editions (--only find); run it again without, and export that")
    return run


def _pour(pieces: Iterable[bytes], output: str | None) -> None:
    """To standard output as it comes, or to a file, which is whole under its name or not there at all."""
    from copydesk.export.whole import opened, whole

    if output is None:
        for piece in pieces:
            _write(piece, None)
        return
    path = Path(output)
    if path.exists() and not path.is_file():  # a device or a pipe cannot be replaced, only written to
        with path.open("wb") as file:
            file.writelines(pieces)
        return
    try:
        with whole(path) as part, opened(part, path) as packed:
            for piece in pieces:
                packed.write(piece)
    except OSError as error:
        error.filename, error.filename2 = output, None  # the name the user knows
        raise


def _console() -> Console:
    """The terminal, or what standard output is instead; what it cannot spell does not stop it."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "standard output is closed; use -o FILE")

    from rich.console import Console

    with suppress(AttributeError):
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    return Console(highlight=False, emoji=False, markup=False)


def _usage(error: click.UsageError) -> str:
    """What is wrong with the use, in one line, with where help is to be had."""
    words = " ".join(error.format_message().split()).rstrip(".")
    return f"{words}; see {error.ctx.command_path if error.ctx else 'copydesk'} --help"


def _trouble(error: OSError) -> str:
    """What an error of the system means for the user, and what to do."""
    name = os.fsdecode(error.filename) if error.filename else ""
    match error:
        case FileNotFoundError():
            return f"no such file: {name}"
        case IsADirectoryError():
            return f"{name} is a directory; name the files in it, for example {Path(name) / '*.txt'}"
        case NotADirectoryError():
            return f"{name} cannot be there: a part of its path is a file"
        case PermissionError():
            return f"{name} may not be read or written; change its permissions, or choose another"
        case _:
            return f"{name + ': ' if name else ''}{error.strerror or error}"


def _complain(message: str, code: int) -> int:
    _say(message)
    return code


def _say(message: str) -> None:
    """One line on standard error, with nothing in it that a terminal would obey."""
    from copydesk.export.readable import visible

    if sys.stderr is not None:
        with suppress(OSError):
            line = " ".join(visible(message).split("\n"))
            print(f"copydesk: {line}", file=sys.stderr, flush=True)


def _leave(code: int) -> NoReturn:
    """Exit at once: the interpreter takes a fifth of a second to take apart what Numba and Arrow have set up.

    All work is done, and who was asked to work has ended. What standard output would not take is dropped.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            if stream is not None:
                stream.flush()
    os._exit(code)
