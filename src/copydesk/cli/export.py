"""`copydesk export`: the stories of a run or an archive in other formats."""

from __future__ import annotations

import re
from pathlib import Path

import click

from copydesk.cli.files import archived, check_output, finished, pour, progress
from copydesk.cli.group import WrongUse, copydesk
from copydesk.cli.said import complain

EXPORT_EXAMPLES = """\b
Examples:
  copydesk export out --to tei -o news.xml
  copydesk export out --to tei --story a-17 > a-17.xml
  copydesk export out --to parquet -o news.parquet
  copydesk export my.desk --to jsonl -o news.jsonl.zst
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
    """Write the stories of a run, or of an archive, in another format.

    OUT is the folder that copydesk run wrote, or an archive as it is now. TEI is one document; annotation (W3C), schema.org,
    ninjs (IPTC 3.1), collatex and jsonl are JSON, an object a line; jsonl and parquet have a row a story, as builders of
    corpora load it.
    """
    from copydesk.export.formats import ADDRESSED, PARQUET, pieces

    kept = archived(out) or finished(out)
    if output is None and form == PARQUET:
        raise WrongUse("parquet needs a file to be written to; add -o FILE")
    if form == PARQUET and output is not None and Path(output).exists() and not Path(output).is_file():
        raise WrongUse(f"parquet needs a file to be written to, and {output} is none; choose another with -o")
    if base is not None and form not in ADDRESSED:
        raise WrongUse(f"--base is for {', '.join(ADDRESSED)}; {form} has no addresses")
    if base is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", base):
        raise WrongUse(f"{base} is no address; --base takes one such as https://news.example/stories/")
    if output is not None:
        check_output(output, [])
        if Path(output).is_file() and not overwrite:
            raise WrongUse(f"{output} exists; name another file with -o, or add --overwrite to replace it")
        if Path(output).resolve().is_relative_to(Path(out).resolve()):
            raise WrongUse(f"{output} is in {out}, which stays as it is; choose another place with -o")
    try:
        with progress() as told:
            done, of = 0, kept.n_copies if story is None else None

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
                    write(rows(kept, story, heard), part)
            else:
                pour(pieces(kept, form, story=story, base=base, title=Path(out).resolve().name, heard=heard), output)
    except KeyError:
        if story is None:
            raise
        raise WrongUse(
            f"there is no story {story} in {out}; copydesk sql {out} 'SELECT story_id FROM stories' lists all"
        ) from None
    except ValueError as error:  # tables that are not what a run wrote
        context.exit(complain(str(error), 1))
