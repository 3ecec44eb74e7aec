"""The room that reads: files to copies. No file is ever changed."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

import msgspec

from copydesk.model import Copy
from copydesk.sources.jsonl import copies_of_lines
from copydesk.sources.text import Unreadable, decode

__all__ = ["LIMIT", "Unreadable", "labels_of", "one", "read", "text"]

PAGE, TABLE = "copydesk extract reads what a page says", "copydesk run reads tables of copies"
LINES = "copies are read from JSON Lines, an object a line, in NAME.jsonl"
OTHERWISE = {".html": PAGE, ".htm": PAGE, ".xhtml": PAGE, ".csv": TABLE, ".tsv": TABLE, ".json": LINES}
"""What reads files that are texts, but not to be read as they are."""
LIMIT = 32 * 1024 * 1024  # bytes of all inputs together: some 5 million words, which take about 2 GB to reconcile


def read(names: Sequence[str]) -> tuple[list[Copy], list[str]]:
    """The copies in the files named, in order, and notes on what was not as it should be.

    `NAME.jsonl` (or `.ndjson`) holds one copy a line, `-` is the same on standard input, any other file is one copy, whose id
    is the shortest end of its path that no other input shares.

    Raises `Unreadable` for what is no text (empty, binary, over `LIMIT`), and `OSError` for what cannot be opened.
    """
    labels = labels_of(names)
    room = LIMIT
    copies: list[list[Copy]] = []
    notes: list[str] = []
    inputs = []
    for name, label in zip(names, labels, strict=True):
        inputs.append(_bytes(name, label, room))
        room -= len(inputs[-1])
    for name, label, data in zip(names, labels, inputs, strict=True):
        text, note = decode(data, label, inputs)
        notes += [note] if note else []
        notes += _as_it_stands(name, label)
        if name == "-" or name.lower().endswith((".jsonl", ".ndjson")):
            copies.append(copies_of_lines(text, label))
        elif text.strip():
            copies.append([Copy(id=label, text=text)])
        else:
            raise Unreadable(f"{label} is empty; leave it out, or name the file you meant")
    return _with_unlike_ids(copies, labels), notes


def text(name: str) -> tuple[str, list[str]]:
    """The text that one input is, `-` for standard input, and notes as `read` gives them. Raises as `one` does."""
    data, label = one(name)
    decoded, note = decode(data, label)
    return decoded, ([note] if note else []) + _as_it_stands(name, label)


def _as_it_stands(name: str, label: str) -> list[str]:
    """A note on a file that is taken for a text, though its name says that it is another thing."""
    otherwise = OTHERWISE.get(PurePath(name).suffix.lower())
    return [f"{label} was read as one text, as it stands there; {otherwise}"] if otherwise else []


def one(name: str) -> tuple[bytes, str]:
    """What one input holds, `-` for standard input, and what it is called. Raises `Unreadable`, and `OSError`."""
    label = labels_of([name])[0]
    return _bytes(name, label, LIMIT), label


def _bytes(name: str, label: str, room: int) -> bytes:
    """What the input holds, read at once and never past the limit, so that no input can fill the memory."""
    if name != "-":
        with open(name, "rb") as file:  # noqa: PTH123  "rb" keeps every byte
            data = file.read(room + 1)
    elif sys.stdin is None:
        raise Unreadable("standard input is closed, so there is nothing to read for -")
    else:
        data = sys.stdin.buffer.read(room + 1)
    if len(data) > room:
        raise Unreadable(f"{label}: over {LIMIT >> 20} MB in all, the limit for one story; give fewer copies, or parts of them")
    return data


def labels_of(names: Sequence[str]) -> list[str]:
    """For each path the shortest end of it that is not the end of another; `stdin` for `-`."""
    parts = [("stdin",) if name == "-" else PurePath(name).parts or (name,) for name in names]
    ends = Counter(path[-n:] for path in parts for n in range(1, len(path) + 1))
    labels = []
    for path in parts:
        n = next((n for n in range(1, len(path)) if ends[path[-n:]] == 1), len(path))
        labels.append(os.fsencode(str(PurePath(*path[-n:]))).decode("utf-8", "backslashreplace"))
    return labels


def _with_unlike_ids(groups: list[list[Copy]], labels: Sequence[str]) -> list[Copy]:
    """The copies of all inputs; an id that two inputs give is told apart by the input's name."""
    times = Counter(copy.id for copies in groups for copy in copies)
    return [
        copy if times[copy.id] == 1 else msgspec.structs.replace(copy, id=f"{label}:{copy.id}")
        for copies, label in zip(groups, labels, strict=True)
        for copy in copies
    ]
