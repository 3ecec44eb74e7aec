"""`copydesk record` and `figures`: what texts say."""

from __future__ import annotations

import click

from copydesk.cli.files import archived, check_inputs, terminal, write
from copydesk.cli.group import WrongUse, copydesk
from copydesk.cli.said import complain, exit_code, say

RECORD_EXAMPLES = """\b
Examples:
  copydesk record article.txt                read it in the terminal
  copydesk record articles.jsonl --json | jq '.statements[].name'
  copydesk reconcile a.txt b.txt --text | jq -cRs '{text: .}' | copydesk record -

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

    check_inputs(files)
    try:
        texts, notes = read(list(files))
    except ValueError as error:  # an input that cannot be read
        context.exit(complain(str(error), 1))
    for note in notes:
        say(f"note: {note}")
    for number, text in enumerate(texts):
        try:
            said = record(text.text, text.published, names=names_by)
        except ValueError as error:  # no such pipeline
            context.exit(complain(str(error), exit_code(error)))
        if json:
            write(dumps(text.id, said), None)
            continue
        console = terminal()
        if number:
            console.print()
        show(text.id, text.text, said, console)


FIGURES_EXAMPLES = """\b
Examples:
  copydesk figures out "landing permits"
  copydesk figures my.desk "permits for landing" --csv > permits.csv
  copydesk figures out passengers --json | jq '.series[0].values[].value'

\b
Needs the record: a run without --no-record has it, and an archive.
"""


@copydesk.command(epilog=FIGURES_EXAMPLES)
@click.argument("out")
@click.argument("what")
@click.option("--json", is_flag=True, help="Write all series as one JSON object.")
@click.option("--csv", is_flag=True, help="Write a table, one row for each place that tells a value.")
@click.pass_context
def figures(context: click.Context, out: str, what: str, json: bool, csv: bool) -> None:
    """Follow a figure through the stories of a run, or of an archive.

    OUT is the folder that copydesk run wrote, or an archive, WHAT is what is counted, in any order of words, singular or
    plural. Values are shown by the day they hold as of, with who gives them, and where they stop.
    """
    from copydesk.export.series import dumps, show, table
    from copydesk.series import NoFigures, NotCounted, series

    if json and csv:
        raise WrongUse("--json and --csv cannot go together; ask for one of them")
    try:
        found = series(archived(out) or out, what)
    except NoFigures as error:
        raise WrongUse(str(error)) from None
    except (NotCounted, ValueError) as error:  # or tables that are not what a run wrote
        context.exit(complain(str(error), 1))
    if json or csv:
        write(dumps(found) if json else table(found), None)
    else:
        show(found, terminal())
