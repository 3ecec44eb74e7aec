"""`copydesk variants`, `overrule`, `decisions` and `undo`: a reader has the last word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from copydesk.cli.files import archive, archived, finished, terminal, write
from copydesk.cli.group import WrongUse, copydesk
from copydesk.cli.said import complain, say
from copydesk.export.readable import counted
from copydesk.export.terminal import UNSURE

if TYPE_CHECKING:
    from copydesk.archive.decisions import Decision
    from copydesk.model import Edition, Variant

VARIANTS_EXAMPLES = """\b
Examples:
  copydesk variants my.desk a-17
  copydesk variants my.desk a-17 --unsure
  copydesk variants out a-17 12 --json | jq '.[].readings[].text'
"""


@copydesk.command(epilog=VARIANTS_EXAMPLES)
@click.argument("out")
@click.argument("story")
@click.argument("numbers", nargs=-1, type=click.IntRange(1), metavar="[N]...")
@click.option("--version", type=click.IntRange(1), metavar="V", help="Of that version; the last unless told.")
@click.option("--unsure", is_flag=True, help=f"Only those of a confidence below {UNSURE}.")
@click.option("--json", is_flag=True, help="Write the variants as one JSON array.")
def variants(  # noqa: PLR0917  click names them
    out: str, story: str, numbers: tuple[int, ...], version: int | None, unsure: bool, json: bool
) -> None:
    """Show the variants of a STORY, all or those of the numbers N, with their readings.

    OUT is the folder that copydesk run wrote, or an archive. The numbers are those of the page.
    """
    edition = _edition(out, story, version)
    every = edition.variants
    shown = [
        (n, of) for n, of in enumerate(every, 1) if (not numbers or n in numbers) and not (unsure and of.confidence >= UNSURE)
    ]
    if numbers and max(numbers) > len(every):
        raise WrongUse(f"{story} has {counted(len(every), 'variant')}, and no variant {max(numbers)}")
    if json:
        import msgspec

        write(msgspec.json.encode([_told(n, of) for n, of in shown]) + b"\n", None)
    else:
        from copydesk.export.desk import variants as show

        show(edition.text, shown, terminal())


OVERRULE_EXAMPLES = """\b
Examples:
  copydesk variants my.desk a-17             tells the numbers
  copydesk overrule my.desk a-17 12 2 --note "so says the minute book"
  copydesk undo my.desk 1
"""


@copydesk.command(epilog=OVERRULE_EXAMPLES)
@click.argument("desk")
@click.argument("story")
@click.argument("n", type=click.IntRange(1), metavar="N")
@click.argument("reading", type=click.IntRange(1))
@click.option("--note", default="", metavar="TEXT", help="Why; it is kept, and shown with the variant.")
@click.option("--version", type=click.IntRange(1), metavar="V", help="Of that version; the last unless told.")
@click.option("--json", is_flag=True, help="Write the decision as a JSON array of one.")
@click.pass_context
def overrule(  # noqa: PLR0917  click names them
    context: click.Context, desk: str, story: str, n: int, reading: int, note: str, version: int | None, json: bool
) -> None:
    """Choose another READING for variant N of a STORY of the archive DESK; both are numbers that copydesk variants tells.

    The story is edited again at once, and later edits respect it. copydesk undo takes it back.
    """
    _is_archive(desk)
    edition = _edition(desk, story, version)
    every = edition.variants
    if n > len(every):
        raise WrongUse(f"{story} has {counted(len(every), 'variant')}, and no variant {n}")
    variant = every[n - 1]
    if reading > len(variant.readings):
        raise WrongUse(f"variant {n} has {counted(len(variant.readings), 'reading')}, and no reading {reading}")
    if reading - 1 == variant.chosen:
        raise WrongUse(f"reading {reading} is the one that is chosen; copydesk variants {desk} {story} {n} shows the others")
    try:
        made = archive(desk).overrule(
            story, variant.start, variant.end, variant.readings[reading - 1].text, note, edition.version, noted=_note
        )
    except KeyError:
        context.exit(complain("the story was edited meanwhile; look at its variants again", 1))
    _said([made], json)


@copydesk.command()
@click.argument("desk")
@click.argument("story", required=False)
@click.option("--json", is_flag=True, help="Write the decisions as one JSON array.")
def decisions(desk: str, story: str | None, json: bool) -> None:
    """Show what readers decided in the archive DESK, about all stories or one, and how it fares."""
    _is_archive(desk)
    _said(archive(desk).decisions(story), json)


@copydesk.command()
@click.argument("desk")
@click.argument("decision", type=click.IntRange(1))
def undo(desk: str, decision: int) -> None:
    """Take a DECISION, named by its number, back: its story is edited again at once."""
    _is_archive(desk)
    try:
        archive(desk).undo(decision, noted=_note)
    except KeyError:
        raise WrongUse(f"there is no decision {decision} that stands; copydesk decisions {desk} shows all") from None
    write(f"decision {decision} is undone\n".encode(), None)


def _edition(out: str, story: str, version: int | None) -> Edition:
    """The edition that is meant, with its variants."""
    from copydesk.again import apparatus

    try:
        versions = apparatus(archived(out) or finished(out), story)
    except KeyError:
        raise WrongUse(f"there is no story {story} in {out}; copydesk search and copydesk find tell their names") from None
    except ValueError as error:  # tables that are not what a run wrote
        click.get_current_context().exit(complain(str(error), 1))
    for row, found in versions:
        if row["version"] == (version or len(versions)):
            return found
    raise WrongUse(f"{story} has {counted(len(versions), 'version')}, and no version {version}")


def _is_archive(desk: str) -> None:
    if archived(desk) is None:
        raise WrongUse(f"{desk} is no archive, which alone keeps what is decided; copydesk add {desk} FILE... makes one")


def _told(number: int, variant: Variant) -> dict[str, Any]:
    """A variant with its number, and its readings with theirs."""
    readings = [{"n": n, "text": of.text, "copies": of.copies} for n, of in enumerate(variant.readings, 1)]
    place = {"n": number, "start": variant.start, "end": variant.end, "kind": variant.kind}
    sure = {"confidence": variant.confidence, "reason": variant.reason, "chosen": variant.chosen + 1}
    return {**place, **sure, "readings": readings}


def _said(made: list[Decision], json: bool) -> None:
    if json:
        import msgspec

        write(msgspec.json.encode(made) + b"\n", None)
    else:
        from copydesk.export.desk import decisions as show

        show(made, terminal())


def _note(note: str) -> None:
    """Something to know, on standard error."""
    say(f"note: {note}")
