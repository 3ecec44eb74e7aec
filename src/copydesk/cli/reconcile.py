"""`copydesk reconcile` and `copydesk extract`: the edition of a few copies, or of a page."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from copydesk.cli.files import check_inputs, check_output, terminal, write
from copydesk.cli.group import WrongUse, copydesk
from copydesk.cli.said import complain, say
from copydesk.model import NotOneStory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copydesk.model import Copy, Edition


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
    check_inputs(files)

    from copydesk.sources import read

    try:
        copies, notes = read(list(files))
        for note in notes:
            say(f"note: {note}")
        if len(copies) == 1:
            say("note: there is one copy only, so there is nothing to compare it with")
        edition = _reconciled(copies)
    except NotOneStory as error:
        how = "copydesk run FILE... -o OUT finds the stories among copies, and reconciles each"
        context.exit(complain(f"{error}; {how}", 1))
    except ValueError as error:  # an input that cannot be read, or no words
        context.exit(complain(str(error), 1))
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
        edition = extract(*one(file), url=url, noted=lambda note: say(f"note: {note}"))
    except ValueError as error:  # no page, no extractor, no text, or not one text
        context.exit(complain(str(error), 1))
    _shown(edition, face, output)


LONG_WORK = 2_000_000  # characters in all, from which a terminal is told to wait


def _face(asked: dict[str, bool], output: str | None, files: Sequence[str]) -> str | None:
    """The one face of an edition that is asked for, None for the terminal's; and `output` can be written."""
    faces = [face for face, wanted in asked.items() if wanted]
    if len(faces) > 1:
        raise WrongUse(f"{' and '.join(faces)} cannot go together; ask for one of them")
    if output is not None and not faces:
        *some, last = sorted(asked)
        raise WrongUse(f"-o needs to know what to write; add {', '.join(some)} or {last}")
    if output is not None:
        check_output(output, files)
    return faces[0] if faces else None


def _shown(edition: Edition, face: str | None, output: str | None) -> None:
    """Write the edition, or show it in the terminal."""
    _note_strangers(edition)
    if face:
        write(_bytes(edition, face), output)
    else:
        from copydesk.export.terminal import show

        show(edition, terminal())


def _shown_record(edition: Edition, face: str | None, output: str | None) -> None:
    """Write what the edition says, with the copies behind it, or show it in the terminal."""
    from copydesk.export.record import dumps, show
    from copydesk.story import record_of

    _note_strangers(edition)
    said = record_of(edition)
    if face:
        write(dumps(None, said, edition), output)
    else:
        show("the edition", edition.text, said, terminal())


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
        say(f"note: {named(strangers, 5)} {shares} nothing with the other copies and {was} left out of the edition")


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
        say("note: characters that UTF-8 cannot hold are written as U+FFFD; --json keeps them")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
