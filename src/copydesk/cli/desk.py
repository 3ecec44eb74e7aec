"""`copydesk add`, `settle`, `find`, `search`, `history` and `sql`: an archive that grows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from copydesk.cli.files import archive, progress, terminal, write
from copydesk.cli.group import WrongUse, copydesk, of_columns
from copydesk.cli.said import complain, exit_code, say, trouble, usage
from copydesk.model import Misused

if TYPE_CHECKING:
    from copydesk.archive.grow import Added


def _note(note: str) -> None:
    """Something to know, on standard error."""
    say(f"note: {note}")


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
@of_columns
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
    from copydesk.archive.watch import watched
    from copydesk.sources import Unreadable
    from copydesk.sources.corpus import Columns

    if bool(files) == bool(watch):
        raise WrongUse("name what is to be added: FILE..., or a folder with --watch")
    if watch and not Path(watch).is_dir():
        raise WrongUse(f"there is no folder {watch} to watch; make it first, or name another")
    named = {"id": id_, "text": text, "source": source, "published": published and (published,), "url": url}
    columns = Columns(**{name: column for name, column in named.items() if column})  # type: ignore[arg-type]
    for some in [[*files]] if files else watched(Path(watch or "")):
        parts = [some]
        while parts:
            part = parts.pop(0)
            try:
                with progress() as told:
                    done = archive(desk).add(part, same=same, columns=columns, threads=threads, told=told, noted=_note)
            except KeyboardInterrupt:
                context.exit(complain(_stopped(desk), 130))
            except (ValueError, RuntimeError, FileNotFoundError) as error:  # input that is none, or gone, or no archive
                if not watch or (isinstance(error, Misused) and not isinstance(error, Unreadable)):  # it is not what came
                    if isinstance(error, OSError):
                        raise
                    _failed(context, error)
                if len(part) > 1:  # the others are to be added all the same
                    parts = [[name] for name in part]
                else:
                    _note(f"{trouble(error) if isinstance(error, OSError) else error}; left out")
                continue
            _added(done, json)


def _stopped(desk: str) -> str:
    """What there is of an archive whose writing was interrupted."""
    from copydesk.archive.catalogue import is_archive

    if not is_archive(Path(desk)):
        return "stopped; nothing was written"
    return f"stopped; {desk} is as before, or has all of it; the same command adds what is missing"


@copydesk.command()
@click.argument("desk")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="Threads and processes; one for each core unless told.")
@click.option("--json", is_flag=True, help="Write what was done as one JSON object.")
@click.pass_context
def settle(context: click.Context, desk: str, threads: int | None, json: bool) -> None:
    """Make the archive DESK what one run over all its copies gives.

    All stories are found anew, the sources are learned anew, and all stories are edited.
    """
    try:
        with progress() as told:
            done = archive(desk).settle(threads=threads, told=told, noted=_note)
    except (ValueError, RuntimeError) as error:
        _failed(context, error)
    _added(done, json)


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

    from copydesk.export.desk import answer
    from copydesk.sources import text

    try:
        asked, notes = text(file)
        for note in notes:
            _note(note)
        found = archive(desk).find(asked)
    except ValueError as error:
        _failed(context, error)
    if json:
        write(msgspec.json.encode(found) + b"\n", None)
    else:
        answer(found, terminal())
    context.exit(0 if found.found else 1)


class Searching(click.Command):
    """A command whose words may begin with `-`, as options do."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """As ever; who means a word and no option is told how to say so."""
        try:
            return super().parse_args(context, args)
        except click.NoSuchOption as error:
            said = usage(error).partition(";")[0]
            raise WrongUse(f"{said}; put the words into quotation marks, as in 'ferry -regatta', or -- before them") from None


SEARCH_EXAMPLES = """\b
Examples:
  copydesk search my.desk ferry harbour      both words
  copydesk search my.desk '"ran aground" title:ferry -regatta'
  copydesk search my.desk 'ferr* OR boat source:courier published:2031-06'
"""


@copydesk.command(epilog=SEARCH_EXAMPLES, cls=Searching)
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

    from copydesk.export.desk import hits

    try:
        found = archive(desk).search(" ".join(words), limit=limit, offset=offset)
    except ValueError as error:
        _failed(context, error)
    if json:
        write(msgspec.json.encode(found) + b"\n", None)
    else:
        hits(found, terminal(), offset)
    context.exit(0 if found.n else 1)


@copydesk.command()
@click.argument("desk")
@click.argument("story")
@click.option("--json", is_flag=True, help="Write the editions as one JSON array.")
@click.pass_context
def history(context: click.Context, desk: str, story: str, json: bool) -> None:
    """Show the editions that a STORY of the archive DESK had, the latest first, and what each changed."""
    import msgspec

    from copydesk.export.desk import history as shown

    try:
        then = archive(desk).history(story)
    except KeyError:
        raise WrongUse(f"{desk} has no story {story}; copydesk search and copydesk find tell their names") from None
    except ValueError as error:
        _failed(context, error)
    now = next((of.story for of in then if of.until is None), story)
    if now != story:
        _note(f"the story {story} is called {now} now")
    if json:
        write(msgspec.json.encode(then) + b"\n", None)
    else:
        shown(then, terminal())


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
        _failed(context, error)
    if json:
        encode = msgspec.json.Encoder(decimal_format="number").encode
        write(b"".join(encode(row) + b"\n" for row in found.to_pylist()), None)
    elif csv:
        write(as_csv(found), None)
    else:
        rows(found, terminal())


def _failed(context: click.Context, error: Exception) -> NoReturn:
    """Say what is wrong, and leave: what is no archive was named wrongly, which is another thing than not to have a text."""
    context.exit(complain(str(error), exit_code(error)))


def _added(done: Added, json: bool) -> None:
    """Say what an add did."""
    if json:
        import msgspec

        write(msgspec.json.encode(done._asdict()) + b"\n", None)
    else:
        from copydesk.export.desk import added

        write(added(done).encode("utf-8", "replace") + b"\n", None)
