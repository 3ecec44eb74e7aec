"""Values as they stand in tables to the strings of a copy: ids, names, dates, addresses, and JSON of what else there is."""

from __future__ import annotations

import json
import math
import re
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

HOST = re.compile(r"[a-z][a-z0-9+.-]*://([a-z0-9.-]+)(?=[/?#]|\Z)")
_LINES = msgspec.json.Encoder(order="sorted", enc_hook=str).encode_lines


def strings(values: list[Any]) -> tuple[list[str | None], list[int]]:
    """Values as strings, None where there is none; and the places of what is no string, number or date."""
    if not any(values) and set(map(type, values)) <= {type(None)}:
        return values, []
    if set(map(type, values)) <= {str, type(None)}:
        return [value or None for value in values], []
    made: list[str | None] = []
    unlike: list[int] = []
    for at, value in enumerate(values):
        try:
            made.append(string(value))
        except ValueError:
            made.append(None)
            unlike.append(at)
    return made, unlike


def string(value: object) -> str | None:
    """A string (also as bytes), number, UUID or date as a string; None where there is none (null, the empty string, NaN).

    Whole numbers are spelt alike whatever their type, so that 1, 1.0 and "1" are one id. Raises `ValueError` for all else.
    """
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bytes):
        return value.decode() or None
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):  # datetimes are dates
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, (float, Decimal)):
        if math.isnan(value):
            return None
        return str(int(value)) if math.isfinite(value) and value == int(value) else str(value)
    raise ValueError("is neither a string nor a number")


def host(url: str | None) -> str | None:
    """The host of an address, None where it has none."""
    if not url:
        return None
    if plain := HOST.match(url):
        return plain[1]
    try:
        return urlsplit(url).hostname or None
    except ValueError:
        return None


def as_json(rows: list[dict[str, Any]]) -> list[str | None]:
    """Each row as a JSON object in order of its keys; None for an empty one."""
    if not any(rows):
        return [None] * len(rows)
    try:
        lines = _LINES(rows).decode().split("\n")
    except (ValueError, OverflowError, RecursionError):  # halves of characters: JSON can spell them, its encoder does not
        lines = [json.dumps(row, sort_keys=True, default=str, separators=(",", ":")) for row in rows]
    return [line if row else None for line, row in zip(lines, rows, strict=False)]
