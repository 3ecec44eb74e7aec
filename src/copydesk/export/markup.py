"""Pages of HTML that need nothing else: no request leaves them, and only their own style and script run."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from html import escape
from importlib.resources import files

from copydesk.export.readable import HOSTILE, visible


def document(title: str, body: str, style: str, script: str | None = None) -> str:
    """The whole page; `style` and `script` are names of files of this room. The title is escaped here, the body is not."""
    css = file("base.css") + file(style)
    code = file(script) if script else ""
    inline = f"style-src '{_hash(css)}'; script-src '{_hash(code)}'" if code else f"style-src '{_hash(css)}'"
    policy = f"default-src 'none'; {inline}; base-uri 'none'; form-action 'none'"
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escaped(title)}</title>",
        f"<style>{css}</style>",
        "</head>",
        "<body>",
        body,
        f"<script>{code}</script>" if code else "",
        "</body>",
        "</html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """The text for HTML, every hostile character as its number."""
    parts = []
    at = 0
    for match in HOSTILE.finditer(text):
        name = unicodedata.name(match[0], "control character")
        parts.append(f'{escape(text[at : match.start()])}<span class="x" title="{name}">U+{ord(match[0]):04X}</span>')
        at = match.end()
    parts.append(escape(text[at:]))
    return "".join(parts)


def attribute(text: str) -> str:
    """The text for an attribute, every hostile character spelt out."""
    return escape(visible(text))


def file(name: str) -> str:
    """A style or a script of this room."""
    return files(__package__).joinpath(name).read_text("utf-8")


def _hash(inline: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
