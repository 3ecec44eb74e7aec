"""What the extractors say about a page, by vote: its headline, its author, its date, its language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping

from copydesk.model import Fact, Place
from copydesk.sources.extractors import Said

BY = re.compile(r"\s*(?:by|von|par|por|di|door|af|av)\s*:?\s+(?=\S)", re.IGNORECASE)
AND = re.compile(r"\s*(?:[,;|/&]|\band\b|\bund\b|\bet\b|\by\b)\s*", re.IGNORECASE)
DAY = re.compile(r"\d{4}-\d\d-\d\d")
LANGUAGE = re.compile(r"[a-z]{2,3}(?=[-_]|\Z)")
ENOUGH = 0.5  # of a longer headline that a shorter one is, to be what the longer one means: the rest names the site


def votes(said: Mapping[str, Said], copies: Mapping[str, str]) -> list[Fact]:
    """What is told of a page, one fact for each extractor that says so, and of each name first what most say.

    `said` and `copies`, the ids of their copies, are by extractor. A fact's place is empty, at the head of the copy: it stands
    in the page, and not in the text. Values are one where their letters are. A headline is backed also by those who say it with
    the name of the site. Of as many votes the first value in order counts.
    """
    facts = []
    for name, tidied in TIDY.items():
        by: dict[str, list[tuple[str, str]]] = {}
        for extractor in sorted(said):
            value = tidied(" ".join((getattr(said[extractor], name) or "").split()))
            if letters(value):
                by.setdefault(letters(value), []).append((value, extractor))
        backed = {key: len(values) + (_means(key, by) if name == "headline" else 0) for key, values in by.items()}
        for key in sorted(by, key=lambda key: (-backed[key], -len(by[key]), by[key])):
            values = [value for value, _ in by[key]]
            commonest = min(values, key=lambda value: (-values.count(value), value))
            facts += [Fact(name, commonest, Place(copies[extractor], 0, 0)) for _, extractor in by[key]]
    return facts


def elected(facts: Iterable[Fact]) -> dict[str, str]:
    """What most say, by name."""
    return {fact.name: fact.value for fact in reversed(list(facts))}


def letters(text: str) -> str:
    """Letters and digits alone, without case and marks."""
    return "".join(char for char in unicodedata.normalize("NFKD", text).casefold() if char.isalnum())


def _means(key: str, by: Mapping[str, list[tuple[str, str]]]) -> int:
    longer = [other for other in by if other != key and other.startswith(key) and len(key) >= ENOUGH * len(other)]
    return sum(len(by[other]) for other in longer)


def _headline(value: str) -> str:
    return value


def _byline(value: str) -> str:
    names = [name for name in AND.split(BY.sub("", value, count=1)) if letters(name)]
    return ", ".join(dict.fromkeys(names))


def _published(value: str) -> str:
    match = DAY.match(value)
    return match[0] if match else ""


def _language(value: str) -> str:
    match = LANGUAGE.match(value.lower())
    return match[0] if match else ""


TIDY: dict[str, Callable[[str], str]] = {
    "headline": _headline,
    "byline": _byline,
    "published": _published,
    "language": _language,
}
