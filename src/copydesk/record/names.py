"""People, organisations and places that a text names, with their mentions joined.

A name is a run of words with capitals. What it names is told by titles, first names, the word it ends with and lists
(`names.toml`); a shorter mention belongs to the fullest name before it (`O'Neill` to `James O'Neill`), letters to the name they
are the initials of, where that stands before them: `Marl Island Council (MIC)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from copydesk.model import Name
from copydesk.record.words import data

PERSON, ORGANISATION, PLACE, OTHER = "person", "organisation", "place", "other"
_DOTTED = (
    r"(?:(?<=\b(?:Mr|Ms|Dr|St|Lt|Co|Jr|Sr))|(?<=\b(?:Mrs|Gov|Sen|Rep|Gen|Col|Sgt|Inc|Ltd|Rev|Maj|Adm))"
    r"|(?<=\b(?:Prof|Capt|Corp|Cmdr|Reps|Sens)))\."
)
_PART = rf"(?:(?:[A-Z]\.){{1,4}}|(?:[OD][’'])?[A-Z]\w*(?:[’'](?!s\b)\w+)?(?:-[A-Z]\w+)*(?:{_DOTTED})?)"
_JOIN = r"(?:of|for|de|la|van|von|der|den|bin|al|and|the|&|du|di|da|del)"
RUN = re.compile(rf"{_PART}(?: (?:{_JOIN}(?: the)? (?={_PART}))?{_PART})*")
JOINS = frozenset(("of", "for", "and", "the", "&"))
LONGEST = 5
"""Words of a name of which nothing tells what it names: more are a heading."""
ACRONYM = re.compile(r" \(([A-Z][A-Za-z]*[A-Z][A-Za-z]*)\)")
LETTERS = re.compile(r"[A-Z](?:\.?[A-Z])+\.?s?$")


class Mention(NamedTuple):
    """A name at one place of a text."""

    start: int
    end: int
    text: str
    kind: str
    title: str | None


def names(text: str) -> list[Name]:
    """All names of a text in order of their first mention."""
    return joined(text, (mention for match in RUN.finditer(text) for mention in _mentions(text, match)))


def joined(text: str, mentions: Iterable[Mention]) -> list[Name]:
    """The names that mentions in order of place belong to, in order of the first."""
    found: list[tuple[Mention, list[Mention]]] = []
    by_last: dict[str, int] = {}
    whole: dict[str, int] = {}
    for mention in mentions:
        at = whole.get(mention.text)
        if at is None and (mention.kind in {PERSON, OTHER}) and " " not in mention.text:
            at = by_last.get(mention.text)
        if at is None:
            if mention.kind == OTHER and not LETTERS.match(mention.text) and " " not in mention.text:
                continue
            at = len(found)
            found.append((mention, []))
        found[at][1].append(mention)
        whole.setdefault(mention.text, at)
        if mention.kind in {PERSON, OTHER} and " " in mention.text and JOINS.isdisjoint(mention.text.split()):
            by_last.setdefault(mention.text.rpartition(" ")[2], at)
        elif mention.kind == ORGANISATION and (letters := ACRONYM.match(text, mention.end)):
            whole.setdefault(letters[1], at)
    return [_name(first, all_) for first, all_ in found]


def _name(first: Mention, mentions: list[Mention]) -> Name:
    fullest = max(mentions, key=lambda mention: (len(mention.text), -mention.start))
    kinds = [mention.kind for mention in mentions if mention.kind != OTHER]
    if not kinds and any(mention.text == fullest.text.rpartition(" ")[2] != fullest.text for mention in mentions):
        kinds = [PERSON]  # called by the last name alone later on
    title = next((mention.title for mention in mentions if mention.title), None)
    return Name(
        fullest.text if fullest.kind != OTHER or not kinds else first.text,
        kinds[0] if kinds else OTHER,
        title,
        tuple([(mention.start, mention.end) for mention in mentions]),
    )


def _mentions(text: str, match: re.Match[str]) -> list[Mention]:
    """The names in a run of words with capitals: what begins a sentence and is no name is cut off, so is a title."""
    words = _words()
    parts = [(match.start() + found.start(), match.start() + found.end()) for found in re.finditer(r"\S+", match[0])]
    tokens = [text[a:b] for a, b in parts]
    first = 0
    while first < len(tokens) and (tokens[first] in words["common"] or (first and tokens[first] in JOINS)):
        first += 1
    mentions = []
    for left, right in _divided(tokens, first):
        titles = [at for at in range(left, right - 1) if tokens[at] in words["titles"]]
        after = titles[-1] + 1 if titles and tokens[titles[-1] + 1] not in JOINS else left
        if tokens[right - 1] in words["organisations"]:  # Justice Ministry
            after = left
        title = text[parts[left][0] : parts[after - 1][1]] if after > left else None
        kind = _kind(tokens[after:right], title)
        if kind == PERSON:  # of Vermont
            last = next((at for at in range(after + 1, right) if tokens[at] in JOINS), right) - 1
        elif kind == OTHER and right - after > LONGEST:  # a heading
            continue
        else:
            last = right - 1
        start, end = parts[after][0], parts[last][1]
        mentions.append(Mention(start, end, text[start:end], kind, title if kind == PERSON else None))
    return mentions


def _divided(tokens: list[str], first: int) -> list[tuple[int, int]]:
    """Where the words of a run from `first` on are of several names: at `and`, unless they end as an organisation does."""
    if first == len(tokens):
        return []
    if tokens[-1] in _words()["organisations"]:
        return [(first, len(tokens))]
    bounds = [first - 1, *(at for at in range(first, len(tokens)) if tokens[at] == "and"), len(tokens)]
    pieces = []
    for before, end in pairwise(bounds):
        begin = before + 1
        while begin < end and tokens[begin] in JOINS:  # and the
            begin += 1
        if begin < end:
            pieces.append((begin, end))
    return pieces


def _kind(tokens: list[str], title: str | None) -> str:
    words = _words()
    whole = " ".join(tokens)
    if whole in words["long_places"] or whole in words["known_places"]:
        return PLACE
    if whole in words["known_organisations"] or (len(tokens) > 1 and tokens[-1] in words["organisations"]):
        return ORGANISATION
    if title:
        return PERSON
    if len(tokens) > 1 and tokens[0] in words["first_names"] and not JOINS & set(tokens):
        return PERSON
    if len(tokens) > 1 and tokens[-1] in words["places"]:
        return PLACE
    if any(token in words["organisations"] for token in tokens[:-1]) and "of" in tokens:
        return ORGANISATION
    return OTHER


@cache
def _words() -> dict[str, Any]:
    """The lists of `names.toml`, as sets."""
    lists = data("names.toml")
    return {name: frozenset(listed.split() if isinstance(listed, str) else listed) for name, listed in lists.items()}
