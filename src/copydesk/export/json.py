"""An edition as one JSON object: the fields of `model.Edition`, by their names (`docs/formats.md`)."""

from __future__ import annotations

import json

import msgspec

from copydesk.model import Edition


def dumps(edition: Edition) -> bytes:
    """The edition on one line of UTF-8, ending with a newline.

    A lone surrogate, which UTF-8 cannot hold, is written as its JSON escape.
    """
    line = json.dumps(msgspec.to_builtins(edition), ensure_ascii=False, separators=(",", ":"))
    return line.encode("utf-8", "backslashreplace") + b"\n"
