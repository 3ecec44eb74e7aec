"""People, organisations and places that a text names, with their mentions joined.

A name is a run of words with capitals. What it names is told by titles, first names, the word it ends with and lists
(`names.toml`); a shorter mention belongs to the fullest name before it (`O'Neill` to `James O'Neill`), letters to the name they
are the initials of, where that stands before them: `Marl Island Council (MIC)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from copydesk.model import Name
from copydesk.record.words import data
from copydesk.remembered import Remembered

PERSON, ORGANISATION, PLACE, OTHER = "person", "organisation", "place", "other"
_DOTTED = (
    r"\.(?:(?<=\b(?:Mr|Ms|Dr|St|Lt|Co|Jr|Sr)\.)|(?<=\b(?:Mrs|Gov|Sen|Rep|Gen|Col|Sgt|Inc|Ltd|Rev|Maj|Adm)\.)"
    r"|(?<=\b(?:Prof|Capt|Corp|Cmdr|Reps|Sens)\.))"
)
_REST = rf"(?:[’'](?!s\b)\w+)?(?:-[A-Z]\w+)*(?:{_DOTTED})?"
_PART = rf"[A-Z](?:\.(?:[A-Z]\.){{0,3}}|(?:(?<=[OD])[’'][A-Z])?\w*{_REST})"  # begins with one class, which is sought at once
_JOIN = r"(?:of|for|de|la|van|von|der|den|bin|al|and|the|&|du|di|da|del)"
RUN = re.compile(rf"{_PART}(?: (?:{_JOIN}(?: the)? (?=[A-Z]))?{_PART})*")
JOINS = frozenset(("of", "for", "and", "the", "&"))
KEPT, LONGEST_KEPT = 1 << 15, 60  # runs whose names are kept, and characters of such a run
LONGEST = 5
"""Words of a name of which nothing tells what it names: more are a heading."""
ACRONYM = re.compile(r" \(([A-Z][A-Za-z]*[A-Z][A-Za-z]*)\)")
LETTERS = re.compile(r"[A-Z](?:\.?[A-Z])+\.?s?$")


class Mention(NamedTuple):
    """A name at one place of a text, or of a run of words with capitals in it."""

    start: int
    end: int
    text: str
    kind: str
    title: str | None
    tells: bool  # that it is a name, where no other mention does
    short: bool  # may be the last word of another name
    last: str | None  # the word by which it may be called later on


_Placed = tuple[tuple[int, int], Mention]  # its place in the text


def names(text: str) -> list[Name]:
    """All names of a text in order of their first mention."""
    runs = [(run.start(), _RUNS[run[0]]) for run in RUN.finditer(text)]
    return joined(text, [(start, mention) for start, mentions in runs for mention in mentions])


def mentioned(start: int, end: int, name: str, kind: str, title: str | None) -> Mention:
    """A name at `[start, end)`; only persons keep a title."""
    one_word = " " not in name
    tells = kind != OTHER or not one_word or LETTERS.match(name) is not None
    of_one = kind in (PERSON, OTHER)
    last = name.rpartition(" ")[2] if of_one and not one_word and JOINS.isdisjoint(name.split()) else None
    return Mention(start, end, name, kind, title if kind == PERSON else None, tells, of_one and one_word, last)


def joined(text: str, mentions: Iterable[tuple[int, Mention]]) -> list[Name]:
    """The names that mentions in order of place belong to, in order of the first; each with where its own places begin."""
    found: list[list[_Placed]] = []
    by_last: dict[str, int] = {}
    whole: dict[str, int] = {}
    for first, mention in mentions:
        start, end, name, kind, _, tells, short, last = mention
        at = whole.get(name)
        if at is None:
            if short:
                at = by_last.get(name)
            if at is None:
                if not tells:
                    continue
                at = len(found)
                found.append([])
            whole[name] = at
        found[at].append(((first + start, first + end), mention))
        if last is not None:
            by_last.setdefault(last, at)
        elif kind == ORGANISATION and (letters := ACRONYM.match(text, first + end)):
            whole.setdefault(letters[1], at)
    return [_name(placed) for placed in found]


def _name(placed: list[_Placed]) -> Name:
    if len(placed) == 1:
        place, mention = placed[0]
        return Name(mention.text, mention.kind, mention.title, (place,))
    mentions = [mention for _, mention in placed]
    first = mentions[0]
    fullest = max(mentions, key=lambda mention: len(mention.text))  # the first of the longest
    kinds = [mention.kind for mention in mentions if mention.kind != OTHER]
    if not kinds and any(mention.text == fullest.text.rpartition(" ")[2] != fullest.text for mention in mentions):
        kinds = [PERSON]  # called by the last name alone later on
    title = next((mention.title for mention in mentions if mention.title), None)
    return Name(
        fullest.text if fullest.kind != OTHER or not kinds else first.text,
        kinds[0] if kinds else OTHER,
        title,
        tuple([place for place, _ in placed]),
    )


def _mentions(run: str) -> list[Mention]:
    """The names in a run of words with capitals, by their places in it.

    What begins a sentence and is no name is cut off, so is a title.
    """
    words = _words()
    tokens = run.split(" ")
    places = list(accumulate((len(token) + 1 for token in tokens), initial=0))
    first = 0
    while first < len(tokens) and (tokens[first] in words["common"] or (first and tokens[first] in JOINS)):
        first += 1
    mentions = []
    for left, right in _divided(tokens, first):
        titles = [at for at in range(left, right - 1) if tokens[at] in words["titles"]]
        titles += [at for at in range(left, right - 2) if tokens[at] in words["offices"]]
        titles += [at for at in range(left + 1, right - 2) if f"{tokens[at - 1]} {tokens[at]}" in words["masters"]]
        after = max(titles) + 1 if titles and tokens[max(titles) + 1] not in JOINS else left
        if tokens[right - 1] in words["organisations"]:  # Justice Ministry
            after = left
        title = run[places[left] : places[after] - 1] if after > left else None
        kind = _kind(tokens[after:right], title)
        if kind == PERSON:  # of Vermont
            last = next((at for at in range(after + 1, right) if tokens[at] in JOINS), right)
        elif kind == OTHER and right - after > LONGEST:  # a heading
            continue
        else:
            last = right
        start, end = places[after], places[last] - 1
        mentions.append(mentioned(start, end, run[start:end], kind, title))
    return mentions


_RUNS = Remembered(_mentions, KEPT, LONGEST_KEPT)


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
