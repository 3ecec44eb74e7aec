"""`copydesk run`, `why` and `demo`: a whole corpus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from copydesk.cli.files import archived, check_folder, progress, terminal, waiting, write
from copydesk.cli.group import WrongUse, copydesk, of_columns
from copydesk.cli.said import complain, exit_code, say, trouble
from copydesk.spared import spare_pandas

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from copydesk.results import Run


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
@of_columns
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
    from copydesk.engines.room import room
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
        check_folder(output, files, overwrite)
    try:
        room(memory, 1)
    except ValueError as error:
        raise WrongUse(str(error)) from None
    if any(kind(name) in {"page", "warc"} for name in files):
        from copydesk.sources.html import asked

        try:
            note = asked()[1]
        except ValueError as error:  # no extractor
            context.exit(complain(str(error), 1))
        if note:
            say(f"note: {note}")
    named = {"id": id_, "text": text, "source": source, "published": published and (published,), "url": url, "story": story}
    columns = Columns(**{name: column for name, column in named.items() if column})  # type: ignore[arg-type]
    spare_pandas()
    try:
        with progress() as told:
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
        context.exit(complain(f"stopped{_how_to_go_on(output)}", 130))
    except OSError as error:
        context.exit(complain(trouble(error) + _how_to_go_on(output), exit_code(error)))
    except (ValueError, RuntimeError) as error:  # input that is none, or no room to work in
        context.exit(complain(str(error) + _how_to_go_on(output), exit_code(error)))
    if done is None:  # in an object store
        say(f"written to {output}; run.json has the summary")
    elif json:
        import msgspec

        write(msgspec.json.encode(done.summary) + b"\n", None)
    else:
        from copydesk.export.summary import show

        show(done, terminal())


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


def _how_to_go_on(output: str) -> str:
    """What to do after a run that was stopped, if there is something to go on from."""
    from copydesk.folder import resumable

    kept = resumable(Path(output))
    return "; what was finished is kept: the same command with --resume goes on from there" if kept else ""


WHY_EXAMPLES = """\b
Examples:
  copydesk why out a-17 b-03
  copydesk why my.desk a-17 b-03 --full | less
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

    OUT is the folder that copydesk run wrote, or an archive. After --only find the texts are read again from what the run read.
    """
    from copydesk import why as evidence
    from copydesk.export.why import dumps, show

    try:
        with waiting("reading both texts again ..."):
            found = evidence.why(archived(out) or out, one, other)
    except evidence.NoSuchCopy as error:
        raise WrongUse(str(error)) from None
    except ValueError as error:  # the inputs are not what they were
        context.exit(complain(str(error), 1))
    if json:
        write(dumps(found), None)
    else:
        show(found, terminal(), full)


@copydesk.command()
@click.option("--output", "-o", metavar="OUT", help="Keep the folder of the run, to be opened in the browser.")
@click.option("--overwrite", is_flag=True, help="Replace OUT if it is the folder of a run.")
def demo(output: str | None, overwrite: bool) -> None:
    """Show what Copydesk does, on a small corpus of invented news."""
    from copydesk.demo import run

    if output is not None:
        check_folder(output, (), overwrite)
    run(terminal(), Path(output) if output is not None else None)
