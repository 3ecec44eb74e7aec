"""JSON Lines to copies: one object a line, with `text`, and `id`, `source`, `published` (or `date`), `url` if it has them."""

from __future__ import annotations

import json

from copydesk.model import Copy
from copydesk.sources.text import Unreadable

OBJECT = 'every line must be one object, such as {"id": "a", "text": "..."}'


def copies_of_lines(text: str, name: str) -> list[Copy]:
    """The copies of a JSON Lines text, in order. A copy without an id is called after `name` and its line.

    Raises `Unreadable`, with the number of the line, for a line that is no object with a text, and for an id given twice.
    """
    copies = []
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            why = "too large or too deep"
            if isinstance(error, json.JSONDecodeError):
                why = f"{error.msg.removesuffix(' at')} at column {error.colno}"
            raise Unreadable(f"{where}: not JSON ({why}); {OBJECT}") from None
        if not isinstance(row, dict):
            raise Unreadable(f"{where}: not an object; {OBJECT}")
        body = row.get("text")
        if not isinstance(body, str):
            has = ", ".join(f'"{key}"' for key in list(row)[:6]) or "nothing"
            raise Unreadable(f'{where}: no "text" that is a string (it has {has}); name the field with the copy\'s text "text"')
        if not body.strip():
            raise Unreadable(f"{where}: the text is empty; leave the line out")
        given = _string(row, "id", where)
        copy = Copy(
            id=given or f"{name}:{number}",
            text=body,
            source=_string(row, "source", where),
            published=_string(row, "published", where) or _string(row, "date", where),
            url=_string(row, "url", where),
        )
        if copy.id in lines:
            raise Unreadable(f"{where}: the id {copy.id!r} was given on line {lines[copy.id]} already; each copy needs its own")
        lines[copy.id] = number
        copies.append(copy)
    if not copies:
        raise Unreadable(f"{name} is empty; it should have one JSON object a line")
    return copies


def _string(row: dict[str, object], field: str, where: str) -> str | None:
    value = row.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return str(value)
    raise Unreadable(f'{where}: "{field}" is neither a string nor a number')
