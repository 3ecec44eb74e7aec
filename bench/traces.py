"""Measure what one copy tells of its damage: false alarms on sound texts, and what is found in the same texts when spoilt.

usage: python bench/traces.py [--show KIND] [--shared FOLDER]

Sound texts are the gold of `data/pages` and the articles of `data/attribution`. They are as their publishers left them, so an
alarm may be right: look (`--show`) before you believe the figure.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from random import Random
from time import process_time

from copydesk.demo.spoil import DAMAGES
from copydesk.edit.traces import REPAIRED, TRACES, traces
from copydesk.model import Copy
from measure import table
from profiles import SHARED, articles

SHOWS = {
    "hyphenated words dropped": {"words probably missing"},
    "words with digits dropped": {"words probably missing"},
    "links dropped": {"words probably missing"},
    "letters misread": {"letters misread"},
    "first letter lost": {"beginning lost"},
    "truncated": {"truncated"},
    "first paragraph doubled": {"first paragraph doubled"},
    "paragraphs flattened": {"paragraphs flattened"},
    "spaces lost": {"spaces lost"},
    "soft hyphens kept": {"soft hyphens kept"},
    "line ends hyphenated": {"line ends hyphenated"},
    "quotation marks lost": {"quotation marks lost"},
    "closing marks parted": {"quotation marks parted"},
    "initials spaced": {"abbreviations parted"},
    "bracket left": {"brackets unclosed"},
    "punctuation stripped": {"punctuation stripped"},
    "mojibake": {"mojibake"},
    "entities left": {"entities left"},
    "ligatures kept": {"ligatures kept"},
}
"""Which kinds of traces tell of which damage. `block moved`, `words altered`, `columns interleaved` leave none that we know."""

VISIBLE = {
    *("brackets unclosed", "quotation marks unclosed", "quotation marks parted", "abbreviations parted", "marks parted"),
    *("paragraphs flattened", "punctuation stripped", "bullets left", "words parted", "line ends hyphenated"),
    *("mojibake", "entities left", "ligatures kept", "soft hyphens kept"),
}
"""What stands in a text for all to see, in sound ones too; an alarm is no conclusion there, and counts for no bar."""

AT_MOST = 0.05  # alarms a thousand words of sound texts, of kinds that are concluded
AT_LEAST = 20  # words of a text


def main() -> int:
    """Count alarms on sound and on spoilt texts."""
    parser = argparse.ArgumentParser(description="Measure what one copy tells of its damage.")
    parser.add_argument("--show", metavar="KIND", help="print every place in sound texts that is told to be of this kind")
    parser.add_argument("--shared", type=Path, default=SHARED, help="the folder with the texts")
    asked = parser.parse_args()
    pages = asked.shared / "data/pages/dev.jsonl"
    if not pages.exists():
        print(f"skipped: {pages} is not there")
        return 0
    texts = {
        "pages": [json.loads(line)["gold"].strip() for line in pages.read_text(encoding="utf-8").splitlines()],
        "articles": [text for _, text in articles(asked.shared)],
    }
    texts = {name: [text for text in some if len(text.split()) >= AT_LEAST] for name, some in texts.items()}
    rates = {name: _sound(name, some, asked.show) for name, some in texts.items()}
    _spoilt([*texts["pages"], *texts["articles"]])
    missed = sum(rate > AT_MOST for rate in rates.values())
    for name, rate in rates.items():
        print(f"- {'met' if rate <= AT_MOST else '**MISSED**'}: {name}: {rate:.3f} alarms a thousand words, at most {AT_MOST}")
    return 1 if missed else 0


def _sound(name: str, texts: list[str], show: str | None) -> float:
    """Print the alarms by kind; all of them a thousand words."""
    n, of = Counter[str](), Counter[str]()
    words = sum(len(text.split()) for text in texts)
    begun = process_time()
    found = [(text, traces(Copy("a", text))) for text in texts]
    seconds = process_time() - begun
    for text, damages in found:
        for damage in damages:
            n[damage.kind] += damage.n
            of[damage.kind] += 1
            if show in {damage.kind, "all"} and damage.example:
                at, end = damage.example.start, damage.example.end
                around = f"{text[max(0, at - 50) : at]!r} {text[at:end]!r} {text[end : end + 40]!r}"
                print(f"  {damage.kind} ({damage.n}: {damage.reason}): {around}")
    kinds = dict.fromkeys([*(trace.kind for trace in TRACES), *REPAIRED])
    rows: list[tuple[object, ...]] = [(kind, n[kind], of[kind], f"{n[kind] / words * 1e3:.4f}") for kind in kinds]
    print(f"\n{name}: {len(texts)} sound texts of {words:,} words, {seconds / len(texts) * 1e6:.0f} µs a text\n")
    concluded = sum(count for kind, count in n.items() if kind not in VISIBLE)
    rows.append(("concluded, not seen", concluded, "", f"{concluded / words * 1e3:.4f}"))
    print(table(("kind", "alarms", "texts", "a thousand words"), rows))
    return concluded / words * 1e3


def _spoilt(texts: list[str]) -> None:
    rows = []
    for damage, kinds in SHOWS.items():
        done = found = places = 0
        for at, text in enumerate(texts):
            spoilt = DAMAGES[damage](text, Random(f"{damage} {at}"))
            if spoilt == text:
                continue
            before = {d.kind: d.n for d in traces(Copy("a", text)) if d.kind in kinds}
            after = {d.kind: d.n for d in traces(Copy("a", spoilt)) if d.kind in kinds}
            more = sum(max(0, after[kind] - before.get(kind, 0)) for kind in after)
            done += 1
            found += more > 0
            places += more
        rows.append((damage, ", ".join(sorted(kinds)), done, f"{found / max(1, done):.1%}", f"{places / max(1, done):.1f}"))
    print(f"\n{table(('damage', 'told as', 'texts', 'of which found', 'places a text'), rows)}\n")


if __name__ == "__main__":
    sys.exit(main())
