"""What a run did, for a person in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copydesk.export.readable import counted, visible

if TYPE_CHECKING:
    from rich.console import Console


def show(summary: dict[str, Any], out: str, console: Console) -> None:
    """Print what `run.json` holds in a few lines."""
    counts = summary["counts"]
    many = counts["of_many_copies"]
    lines = [
        f"{counted(counts['documents'], 'copy')} read, {counts['rejected']:,} rejected",
        f"{counted(counts['stories'], 'story')}, {many:,} of more than one copy, the largest of {counts['largest_story']:,}",
    ]
    if "variants" in counts:
        reconciled = many - counts["not_reconciled"]
        lines.append(f"{counted(reconciled, 'story')} reconciled, {counted(counts['variants'], 'variant')}")
    if counts.get("not_reconciled"):
        lines.append(
            f"{counted(counts['not_reconciled'], 'story')} not reconciled: the longest copy stands for each, see run.json"
        )
    if counts.get("set_aside"):
        lines.append(f"{counted(counts['set_aside'], 'copy')} set aside as of another text, see run.json")
    if counts["rejected"]:
        lines.append(f"why rows were rejected: {out}/rejected.jsonl")
    for line in lines:
        console.print(visible(line), soft_wrap=True)
    longest = sorted(summary["seconds"].items(), key=lambda step: -step[1])[:5]
    console.print(f"{sum(summary['seconds'].values()):.1f} s: " + ", ".join(f"{step} {took:.1f}" for step, took in longest))
    console.print(visible(f"written to {out}"), soft_wrap=True)
