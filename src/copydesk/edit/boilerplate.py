"""What text of the site looks like: prompts, captions, bylines, links, biographies.

Votes cannot tell a caption that most extractors keep from a sentence that most crawls lose; the wording and the shape of a
block can. `look` weighs one block by itself, in natural-log odds of being story; `edit.choose` adds the votes.
"""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources
from typing import Any, Literal, NamedTuple

from copydesk.repair import repaired

Position = Literal["head", "inside", "tail"]

LONGEST, SHOWN = 600, 60  # letters of a block that are searched, and of what was found that are shown
STRONG = -4.0  # log odds: from here on a wording tells by itself
HEADING = 6  # words: the heading of a list of links has no more
LONGEST_LINE = 100  # letters: ... and fewer of them
LONGEST_HEADING = 7  # words: a line in capitals of more is the headline of another story
SENTENCE = 12  # words: what has so many, and an end mark, is no line of a list
SHOUTED = -5.0  # log odds of a line all in capitals that is longer than a heading
FULL = 36  # words of a block up to which a wording tells in full; in a longer one it is the smaller part
FIRST, MARKED = 4, 3  # words, and letters, among which a sign at the beginning of a block has one of its own
PROMPT, PROMPTS = 16, -4.0  # words of a block, at most, that is of the site if it has none but the site's; its log odds
KNOWN = 1 << 12  # looks that are kept: a site says the same beside each of its stories
# Who posted it on a network, and when, as its posts are quoted.
POSTED = re.compile(
    r"\(@\w{1,30}\)\W{0,4}.{0,30}\b(?:19|20)\d\d\b|\b(?:post|photo|video|reel) (?:shared|posted) by .{1,80}\(@[\w.]{1,30}\)"
)
BEGINNING = 5  # letters by which a word is told
begun_words = re.compile(rf"(\w{{1,{BEGINNING}}})\w*").findall
AROUND = " |•·»›>:–—-"  # marks around what was found that are not shown
WORD, CLOSED = re.compile(r"\w"), re.compile('[”"]')
SAID = 2  # words beside a quotation that make it one of the story
WORDS = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*").finditer  # without figures
MARKS = re.compile(r"([^\w\s]{3})[^\w\s]+")  # rows of marks tell nothing, and expressions lose their way in them


class Look(NamedTuple):
    """What a block looks like: its kind (empty: story), the words that show it, and the log odds of being story."""

    kind: str
    sign: str
    odds: float


class Sign(NamedTuple):
    """A way of wording that shows a kind of boilerplate, in a block of at most `longest` words at one of `positions`.

    No block has it that has none of `words` (if there are any): beginnings of words, and marks; where it is anchored, among its
    first words.
    """

    kind: str
    odds: float
    positions: tuple[Position, ...]
    longest: int
    words: frozenset[str]
    wording: re.Pattern[str]
    anchored: bool  # it stands at the beginning of the block or nowhere


def look(text: str, position: Position) -> Look:
    """What the block `text`, a paragraph or a sentence at the head of, inside or at the tail of the texts, looks like.

    Wording first (`boilerplate.toml`), of which the strongest sign tells the kind. The shape of the block adds its part: a full
    sentence speaks for story, a line without an end, or all in capitals, against it.
    """
    text = repaired(text)  # no © in `cafÃ©`
    return _known(text, position) if len(text) <= LONGEST else _look(text, position)


def _look(text: str, position: Position) -> Look:
    words = text.split()
    block = " ".join(words)
    shape = _shape(block, words, position)
    sought = MARKS.sub(r"\1", block)[:LONGEST]
    begin = _beginnings(sought)
    best, full, half, second = Look("", "", 0.0), FULL, len(sought) // 2, False
    for sign in _sought(position, _anywhere(begin, sought), _at_first(begin, sought)):
        if best.kind and (len(words) <= full or sign.odds > STRONG):
            break
        if len(words) > sign.longest:
            continue
        match = sign.wording.match(sought) if sign.anchored else sign.wording.search(sought)
        if match is None or _said(sought, match):
            continue
        if not best.kind:
            shown = match.group().strip(AROUND) or match.group().strip()
            best, full = Look(sign.kind, shown[:SHOWN], sign.odds), max(FULL, sign.longest // 2)
            second = match.start() >= half
        elif (match.start() >= half) != second:  # one in either half: all of the block is of the site
            full = len(words)
    if not best.kind and len(words) <= PROMPT and _of_site_only(block):
        best = Look("navigation", block[:SHOWN], PROMPTS)
    if best.kind:
        return best._replace(odds=best.odds * min(1.0, full / len(words)) + min(0.0, shape.odds))
    return shape


_known = functools.lru_cache(KNOWN)(_look)


def _of_site_only(block: str) -> bool:
    """Whether all words are such as sites have in prompts and menus, in whatever order, and two or more in nothing else."""
    site, plain = _vocabulary()
    own = all_ = 0
    for word in WORDS(block.replace("’", "'").casefold()):
        all_ += 1
        if word.group() in site:
            own += 1
        elif word.group() not in plain:
            return False
    return own >= 2 and 3 * own >= all_


@functools.cache
def _vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    words = _data()["words"]
    return frozenset(words["site"]), frozenset(words["plain"])


def _said(block: str, match: re.Match[str]) -> bool:
    """Whether what was found stands in quotation marks with words of the story after them: “Follow us,” the guide shouted."""
    found = WORD.search(block, match.start())
    at = found.start() if found else match.start()
    before, after = block[:at], block[at:]
    opened = before.rfind("“") > before.rfind("”") or before.count('"') % 2 == 1
    if not opened:
        return False
    closed = CLOSED.search(after)
    return closed is not None and len(after[closed.end() :].split()) >= SAID


def beginnings(text: str) -> set[str]:
    """How the words of a text begin, in small letters, and which marks it has: what `Sign.words` are of.

    >>> sorted(beginnings("© Tessaly"))
    ['tessa', '©']
    """
    return _anywhere(_beginnings(text), text)


def begun(text: str) -> list[str]:
    """The same of its first words and letters, for what stands at the beginning of a block.

    >>> begun("Read more about the ferries")
    ['read', 'more', 'about', 'the', 'R', 'e', 'a']
    """
    return _at_first(_beginnings(text), text)


def _beginnings(text: str) -> list[str]:
    """How each word begins, in small letters."""
    beginnings: list[str] = begun_words(text.lower())
    return beginnings


def _anywhere(begin: list[str], text: str) -> set[str]:
    """`beginnings` of a text of which those of the words, `begin`, are found."""
    return {*begin, *_marks_of(text)}


def _at_first(begin: list[str], text: str) -> list[str]:
    """`begun` of such a text."""
    return [*begin[:FIRST], *text[:MARKED]]


def _marks_of(text: str) -> list[str]:
    return [mark for mark in _marks() if mark in text]


@functools.cache
def _marks() -> tuple[str, ...]:
    """The marks that stand anywhere in a block."""
    return tuple(sorted({word for sign in signs() for word in sign.words if not (sign.anchored or word[0].isalnum())}))


def is_telling(word: str) -> bool:
    """Whether a word begins as one does that a strong sign has."""
    return word[:BEGINNING].casefold() in _telling()


@functools.cache
def _telling() -> frozenset[str]:
    return frozenset(word for sign in signs() if sign.odds <= STRONG for word in sign.words if word.isalnum())


def signs_post(text: str) -> bool:
    """Whether a block ends with who posted it on a network, and when."""
    return "(@" in text and POSTED.search(text[-LONGEST:]) is not None


def heads_links(text: str) -> bool:
    """Whether a block is the heading of a list of links."""
    if len(text) > LONGEST_LINE or len(text.split()) > HEADING:
        return False
    seen = look(text, "tail")
    return seen.kind == "related links" and seen.odds <= STRONG


def is_line(text: str) -> bool:
    """Whether a block may be a line of a list: short, or without an end mark."""
    words = text.split()
    return len(words) < SENTENCE or (len(words) <= 40 and not _ended(text))


def _shape(block: str, words: list[str], position: Position) -> Look:
    """What the shape of a block says without its wording."""
    ended = _ended(block)
    letters = list(filter(str.isalpha, [word[0] for word in words]))
    capital = sum(map(str.isupper, letters))
    if len(words) >= 4 and _shouted(block):
        linked = position != "head" and sum(any(map(str.isalpha, word)) for word in words) > LONGEST_HEADING and not ended
        return Look("related links", block[:SHOWN], SHOUTED) if linked else Look("heading", block[:SHOWN], -2.5)
    if not ended and len(words) <= 30 and len(letters) >= 3 and capital >= 0.7 * len(letters):
        return Look("heading" if position != "inside" else "related links", block[:SHOWN], -2.0)
    if not ended and len(words) <= 40:
        return Look("heading" if position == "head" else "caption", block[:SHOWN], -1.5 if position != "inside" else -1.0)
    if ended and len(words) >= SENTENCE and capital < 0.5 * len(letters):
        return Look("", "", 0.7)
    return Look("", "", 0.0)


def _shouted(block: str) -> bool:
    """Whether all is in capitals, but for what another copy has run together with it."""
    if not block[:9].isupper():
        return False
    return 9 * sum(map(str.islower, block)) <= sum(map(str.isupper, block))


def _ended(block: str) -> bool:
    """Whether it closes with a mark that a sentence, or a part of one, closes with."""
    return block.rstrip("\"'”’»)] ").endswith((".", "!", "?", "…", "。", "！", "？", "।", ":", ";", ",", "”"))


@functools.cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = tomllib.loads(resources.files("copydesk.edit").joinpath("boilerplate.toml").read_text("utf-8"))
    return loaded


@functools.cache
def signs() -> tuple[Sign, ...]:
    """The signs of `boilerplate.toml`, the strongest first."""
    data = _data()
    parts: dict[str, str] = {}
    for name, expression in data["parts"].items():  # a part may name those before it
        parts[name] = _filled(expression, parts)
    found = (
        Sign(
            sign["kind"],
            sign["odds"],
            tuple(sign["positions"]),
            sign["longest"],
            frozenset(word[:BEGINNING] for word in sign.get("words", ())),
            re.compile("(?i)" + _filled("|".join(f"(?:{wording})" for wording in wordings), parts)),
            anchored,
        )
        for sign in data["sign"]
        for anchored in (True, False)
        if (wordings := [wording for wording in sign["wording"] if wording.startswith("^") == anchored])
    )
    return tuple(sorted(found, key=lambda sign: sign.odds))


def _sought(position: Position, has: set[str], first: list[str]) -> list[Sign]:
    """The signs that a block with these words, and these among its first, may have at a position, the strongest first."""
    always, anywhere, begins = _index(position)
    found = {*always}
    for word in anywhere.keys() & has:
        found.update(anywhere[word])
    for word in first:
        if word in begins:
            found.update(begins[word])
    told = signs()
    return [told[at] for at in sorted(found)]


@functools.cache
def _index(position: Position) -> tuple[list[int], dict[str, list[int]], dict[str, list[int]]]:
    """Which of `signs` count at a position: those without words, those by words anywhere, those by words of the beginning."""
    always: list[int] = []
    anywhere: dict[str, list[int]] = {}
    begins: dict[str, list[int]] = {}
    for at, sign in enumerate(signs()):
        if position in sign.positions:
            if not sign.words:
                always.append(at)
            for word in sign.words:
                (begins if sign.anchored else anywhere).setdefault(word, []).append(at)
    return always, anywhere, begins


def _filled(expression: str, parts: dict[str, str]) -> str:
    """An expression with its {NAME}s filled in."""
    return re.sub(r"\{([A-Z]+)\}", lambda match: parts[match.group(1)], expression)
