"""The traces that damage leaves in one copy alone, kind by kind: where words are probably missing, marks astray, letters wrong.

Each kind is an entry of `TRACES`: its name, what it looks like, and an expression for what shows it, or a function where an
expression will not do. No other copy is looked at, so what is told is where to look, not what stood there; only the kinds of
`copydesk.repair` can be undone. A kind that sound texts show too is no use: its expression leaves out what they do
(`bench/traces.py` counts the false alarms).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from copydesk.edit.separators import ENDING
from copydesk.model import Copy, Damage, Place
from copydesk.repair import (
    ENTITIES,
    LIGATURE,
    LIGATURES,
    MOJIBAKE,
    SOFT_HYPHENS,
    Repair,
    divided,
    is_suspect,
)

Stretch = tuple[int, int]

MISSING = "words probably missing"
TRUNCATED = "truncated"
FLATTENED = "paragraphs flattened"
LONG = 120  # words: a text with so many has a full stop, and one of twice as many a paragraph
LINE = 12  # words: a shorter last line without a full stop is a credit or a heading
FEWEST = 12  # ends of sentences of a text that has paragraphs


class Trace(NamedTuple):
    """A kind of damage as one copy shows it: `finds` gives the places, `chances` how many there could be.

    Nothing is sought in a text that has none of `needs`.
    """

    kind: str
    looks: str
    finds: Callable[[str], Iterator[Stretch]]
    chances: Callable[[str], int]
    needs: tuple[str, ...] = ()


def traces(copy: Copy) -> list[Damage]:
    """What the text of a copy shows by itself, a finding a kind, in order of the catalogue; `example` is the first place."""
    text, found = copy.text, []
    repairs = divided(text) if is_suspect(text) else []
    if repairs:
        text = _sound(text, repairs)
    for trace in TRACES:
        if trace.needs and not any(map(text.__contains__, trace.needs)):
            continue
        places = sorted(trace.finds(text))
        if places:
            start, end = _back(places[0], repairs) if repairs else places[0]
            of = max(len(places), trace.chances(text))
            found.append(Damage(copy.id, trace.kind, len(places), of, trace.looks, Place(copy.id, start, end)))
    for kind in (MOJIBAKE, ENTITIES):
        own = [repair for repair in repairs if repair.kind == kind]
        if own:
            place = Place(copy.id, own[0].start, own[0].end)
            found.append(Damage(copy.id, kind, len(own), max(len(own), _words(text)), REPAIRED[kind], place))
    return _together(found)


def _sound(text: str, repairs: list[Repair]) -> str:
    """The text with the repairs made: what else is astray is sought in it, for there is a “ in `â€“`."""
    edges = [0, *(edge for repair in repairs for edge in (repair.start, repair.end)), len(text)]
    pieces = [text[a:b] for a, b in pairwise(edges)]
    pieces[1::2] = [repair.text for repair in repairs]
    return "".join(pieces)


def _back(place: Stretch, repairs: list[Repair]) -> Stretch:
    """Where a stretch of the text with repairs made stands in the text as it is."""
    sound, given = [0], [0]  # where repairs end in either text
    for repair in repairs:
        sound.append(sound[-1] + repair.start - given[-1] + len(repair.text))
        given.append(repair.end)
    start, end = (given[at] + edge - sound[at] for edge, at in ((edge, bisect_right(sound, edge) - 1) for edge in place))
    return min(start, end), end


def _together(found: list[Damage]) -> list[Damage]:
    """One finding a kind: what several signs show is added up."""
    kinds: dict[str, list[Damage]] = {}
    for damage in found:
        kinds.setdefault(damage.kind, []).append(damage)
    return [
        Damage(
            own[0].copy,
            kind,
            sum(damage.n for damage in own),
            max(sum(damage.n for damage in own), *(damage.of for damage in own)),
            "; ".join(damage.reason for damage in own),
            min((damage.example for damage in own if damage.example), default=None),
        )
        for kind, own in kinds.items()
    ]


def _sought(expression: str) -> Callable[[str], Iterator[Stretch]]:
    finditer = re.compile(expression, re.MULTILINE).finditer
    return lambda text: (match.span() for match in finditer(text))


def _count(expression: str) -> Callable[[str], int]:
    finditer = re.compile(expression, re.MULTILINE).finditer
    return lambda text: sum(1 for _ in finditer(text))


def _once(text: str) -> int:
    return 1


def _words(text: str) -> int:
    return text.count(" ") + 1


def _rarely(expression: str, of: str, most: float) -> Callable[[str], Iterator[Stretch]]:
    """Places of an expression, where they are no more than a share `most` of those of another: no habit of the text."""
    sought, among = _sought(expression), _count(of)

    def finds(text: str) -> Iterator[Stretch]:
        places = list(sought(text))
        if places and len(places) <= most * among(text):
            yield from places

    return finds


def _mostly(expression: str, of: str, least: float, fewest: int) -> Callable[[str], Iterator[Stretch]]:
    """Places of an expression, where they are at least `fewest`, and a share `least` of those of another: a habit."""
    sought, among = _sought(expression), _count(of)

    def finds(text: str) -> Iterator[Stretch]:
        places = list(sought(text))
        if len(places) >= fewest and len(places) >= least * among(text):
            yield from places

    return finds


# Words lost


def _gaps(text: str) -> Iterator[Stretch]:
    """More than one space within a line that has none elsewhere, unless it is a table or the text is justified."""
    lines: dict[int, list[Stretch]] = {}
    for match in GAP.finditer(text):
        lines.setdefault(text.rfind("\n", 0, match.start()), []).append(match.span())
    n = sum(len(gaps) for gaps in lines.values())
    if n <= 0.1 * text.count(" "):
        for start, gaps in lines.items():
            end = text.find("\n", start + 1)
            line = text[start + 1 : end if end >= 0 else len(text)]
            if len(gaps) <= 0.2 * line.count(" "):
                yield from gaps


ASTRAY = r"(?<=\w) [,.](?=\s|$)(?! ?\.)"  # but for the points of an omission, `. . .`
GAP = re.compile(r"(?<=[^\s.!?:;”\"’')\]…|])  +(?=[^\s|])")

# After an article another word than these follows; where none does, the noun is lost.
ARTICLE = r"(?<![\w’'.-])(?:an?|An|[Tt]he)"
NO_NOUN = (
    "of|for|from|with|at|by|into|than|that|which|who|whose|was|were|is|are|has|had|have|and|or|but|because|after|before"
    "|during|about|between|he|she|they|it|we|his|her|their|its|said|to|in|on|as"
)


def _sentences_small(text: str) -> Iterator[Stretch]:
    """Sentences that begin with a small letter, in a text whose others do not: their first word is lost."""
    capital = len(CAPITAL_SENTENCE.findall(text))
    places = [match.span(1) for match in SMALL_SENTENCE.finditer(text) if match[0].split(".")[0].lower() not in ABBREVIATED]
    if places and len(places) <= 0.25 * capital:
        yield from places


CAPITAL_SENTENCE = re.compile(r"[a-z]{2}[.!?][”\"]?\s+[“\"]?[A-Z]")
SMALL_SENTENCE = re.compile(r"(?<![\w.’'-])(?:[a-z]{3,}|[A-Z][a-z]{3,})\. ([a-z]+)(?=[ ,])")
ABBREVIATED = frozenset(
    """etc vol approx dept est max min misc fig figs esp incl tel ext com org net gov edu inc ltd corp gen rep sen hon rev
    gov assn bros capt cmdr col comdr cpl det lieut lt maj pfc pvt sgt supt jan feb mar apr jun jul aug sep sept oct nov
    dec mon bzw usw bspw evtl ggf inkl zzgl vgl tue tues wed thu thur thurs fri sat sun prof univ assoc natl calif mass
    conn wash penn minn tenn ariz okla kans nebr colo mich miss ind ill wis""".split()  # noqa: SIM905
)


def _truncated(text: str) -> Iterator[Stretch]:
    """The end of a text that breaks off in a sentence: the last line is long, has no full stop, and others have one."""
    text = text.rstrip()
    start = max(text.rfind("\n"), text.rfind("\u2029")) + 1
    line = text[start:]
    if len(line.split()) <= LINE:
        return
    if line[-1].isalnum() or line[-1] in ",-–—(“":
        sound = text[:start].count(".\n") + text[:start].count("”\n") + text[:start].count('"\n') + line.count(". ")
        if sound and not line.isupper() and _reads_on(line):
            yield len(text), len(text)
    elif line.endswith(("...", "…", "[…]", "[...]")) and not line.endswith("...."):
        yield len(text) - 3, len(text)


def _reads_on(line: str) -> bool:
    """Whether the last sentence of a line is prose: most of its words begin with small letters, and it is no address."""
    words: list[str] = re.split(r"[.!?][”\"]? ", line)[-1].split()
    if not words or "@" in words[-1] or "://" in words[-1] or "www." in words[-1]:
        return False
    return sum(word[:1].islower() for word in words) * 2 > len(words)


def _head_lost(text: str) -> Iterator[Stretch]:
    """The first word, where it begins with a small letter as no sentence does, and is no particle of a name."""
    if match := SMALL_HEAD.match(text):
        word = match[1]
        again = re.search(rf"(?<=[.!?“\"] ){re.escape(word)}\b|^{re.escape(word)}\b", text[match.end() :], re.MULTILINE)
        if word not in PARTICLES and again is None and len(CAPITAL_SENTENCE.findall(text)) >= 2:
            yield match.span(1)


SMALL_HEAD = re.compile(r"\s*[“\"‘']?([a-z][a-zà-ÿ]*)(?=[ ,’'-])")
PARTICLES = frozenset("de di da du des del della van von der den la le el al ibn bin bint ter zu af av i e".split())  # noqa: SIM905


# Marks


def _brackets(text: str) -> Iterator[Stretch]:
    """Brackets without their other half, but for those of lists (`1)`, `b)`) and of faces (`:)`)."""
    open_: list[tuple[str, int]] = []
    for match in BRACKET.finditer(text):
        mark, at = match[0], match.start()
        if mark in "([{":
            open_.append((mark, at))
        elif open_ and open_[-1][0] + mark in {"()", "[]", "{}"}:
            open_.pop()
        elif not LISTED.search(text[max(0, at - 4) : at]):
            yield at, at + 1
    for mark, at in open_:
        if not (mark == "(" and text[at - 1 : at] in {":", ";", "="}):
            yield at, at + 1


BRACKET = re.compile(r"[()\[\]{}]")
LISTED = re.compile(r"(?:^|[\s(;,])(?:\w|\d\d|[ivx]+)\.?$|[:;=8]-?$")


def _quotes_open(text: str) -> Iterator[Stretch]:
    """Quotation marks without their other half in a paragraph, unless the next paragraph opens as one that goes on."""
    if "„" in text:  # “ closes there
        return
    blocks = [match.span() for match in BLOCK.finditer(text)]
    for at, (start, end) in enumerate(blocks):
        block = text[start:end]
        following = text[blocks[at + 1][0] :][:1] if at + 1 < len(blocks) else ""
        if "“" in block or "”" in block:
            depth = 0
            for match in CURLY.finditer(block):
                if match[0] == "“":
                    if depth:
                        yield start + match.start(), start + match.end()
                    depth = 1
                elif depth:
                    depth = 0
                elif not (match.start() and block[match.start() - 1].isdigit()):  # inches
                    yield start + match.start(), start + match.end()
            if depth and following != "“":
                last = start + block.rindex("“")
                yield last, last + 1
        elif '"' in block:
            marks = [match.start() for match in STRAIGHT.finditer(block)]
            if len(marks) % 2 and following != '"':
                yield start + marks[-1], start + marks[-1] + 1


BLOCK = re.compile(r"[^\s].*")
CURLY = re.compile("[“”]")
STRAIGHT = re.compile(r'(?<!\d)"')


# Paragraphs


def _flattened(text: str) -> Iterator[Stretch]:
    """Ends of sentences on the one line of a long text."""
    body = text.strip()
    if "\n" not in body and "\r" not in body and "\u2029" not in body and len(body.split()) >= 2 * LONG:
        places = [match.span() for match in SENTENCE_END.finditer(text)]
        if len(places) >= FEWEST:
            yield from places


SENTENCE_END = re.compile(r"(?<=[a-z][.!?]) (?=[A-Z“\"])|(?<=[.!?][”\"]) (?=[A-Z“\"])")


def _doubled(text: str) -> Iterator[Stretch]:
    """The first paragraph, if one of the next two says the same, or begins so and goes on."""
    blocks = [match.span() for match, _ in zip(BLOCK.finditer(text), range(5), strict=False)]
    for at, (start, end) in enumerate(blocks[:2]):
        first = text[start:end].rstrip(".… ")
        if len(first) < 60:
            continue
        for again, stop in blocks[at + 1 : at + 4]:
            if text.startswith(first, again):
                yield again, stop
                return


def _stripped(text: str) -> Iterator[Stretch]:
    """Paragraphs of a long text in which no sentence has a mark at its end."""
    if ENDED.search(text) is None and len(text.split()) >= LONG:
        yield from (match.span() for match in BLOCK.finditer(text))


ENDED = re.compile(f"[{re.escape(ENDING)}][\"'”’»)]*(?=\\s|$)")


def _quotes_lost(text: str) -> Iterator[Stretch]:
    """Speech in the first person that somebody else says, in a text without any quotation marks."""
    if not any(mark in text for mark in '"“”„«»'):
        places = [match.span() for match in SAYS.finditer(text)]
        if len(places) >= 2:
            yield from places


SAYS = re.compile(
    r"\b(?:I|[Ww]e|my|our|me|us)\b[^.!?\n]{0,200}"
    r"(?:[,!?] (?:(?:he|she|they|[A-Z][a-z]+) (?:said|says|added|told)|(?:said|says) (?:[A-Z]|the\b|an?\b))"
    r"|[.] (?:he|she) said\b)"
)


def _run_together(text: str) -> Iterator[Stretch]:
    """Words that are two, one of them a small one, which the text has side by side elsewhere and never so."""
    words = WORDS.findall(text)
    pairs = {f"{a}{b}" for a, b in pairwise(words) if a in SMALL_WORDS or b in SMALL_WORDS}
    for word in pairs.intersection(words) - COMPOUNDS:
        if len(word) > 4 and words.count(word) == 1:
            at = re.search(rf"(?<![\w’'-]){word}(?![\w’'-]|\.\w)", text)
            if at:
                yield at.span()


WORDS = re.compile(r"[a-z]+")
SMALL_WORDS = frozenset(
    """of the to in and is was for on that with by at as it he from be are this but not his her has had""".split()  # noqa: SIM905
)
COMPOUNDS = frozenset(
    """into onto cannot maybe today tonight forever online ongoing income without within upon inside outside indeed instead
    therein thereof wherein whereas herein hereby herself himself itself nothing another other often there then than
    thereby together being between because become before behind below beyond beside thesis theme these forget forgive beat
    hear hero heritage hearing inform increase invest towards toward unto atop aside becoming onstage onboard onshore
    onlooker onside offset isle island format aston washed""".split()  # noqa: SIM905
)


# What shows a kind, where it takes more than a few letters to say

NUMBERLESS = (
    r"\b(?:by|about|nearly|than|over|least|almost|roughly|some) "
    r"(?:percent|per cent|percentage points|million|billion|miles|years ago)\b"
    r"|[$€£] (?:million|billion)\b|(?<=[a-z] )%(?= [a-z])|(?<=[a-z] )[$€£](?= [a-z])"
)
QUOTES_PARTED = r"(?<=[.,!?]) ”|“ (?=\w)|(?<=[.,!?]) \"(?=\s|$)"
INITIALS_PARTED = r"\b(?:U\. [SKN]\.|D\. C\.|E\. U\.|N\. Y\.|[ap]\. m\.|i\. e\.|e\. g\.)(?!\w)"
# `pre- and post-war` is sound
WORD_PARTED = r"(?<=[a-z]{3})- (?!(?:and|or|to|nor|but|through|plus|und|oder|bis|et|ou|y|o|e)\b)(?=[a-z]{3})"
NO_SPACE = r"(?<=[a-z]{3})[.!?][”\"]?(?=[A-Z][a-z]+ [a-z])|(?<=[a-z]{3}),(?=[a-z]{3,} )"
UNITS = "[mbt]r?illion|hour|year|minute|day|week|month|point|percent|inch|foot|mile|met|gram|pound"
MISREAD = (
    r"(?<![\w@/.#-])(?:[a-z]+[015]+[a-z]{2,}|[A-Z]?[a-z]{2,}[015]+[a-z]+"
    rf"|[10](?!(?:{UNITS})s?)[a-z]{{3,}}|vv[a-z]{{2,}})(?![\w@/-]|\.\w)"
)
SMALL_CAPS = (
    r"\A\s*[“\"]?(?:[A-Z’']+ ){0,5}(?:THE|AND|OF|FOR|WHEN|ON|AS|AT|HE|SHE|IT|IN|WAS|WERE|IS|THAT|THEY|WITH|HAS|HAD)"
    r"(?: [A-Z’']+)* (?=[a-z]+ )"
)

TRACES = (
    Trace(MISSING, "more than one space where a word was", _gaps, _words, ("  ",)),
    Trace(MISSING, "a space before a comma or a full stop", _rarely(ASTRAY, r"\w[,.](?=\s|$)", 0.2), _words, (" ,", " .")),
    Trace(MISSING, "a hyphen that joins nothing", _sought(r"(?<=[^\W\d] )-(?=[a-z]{2}[a-z-]*[ ,.])"), _words, (" -",)),
    Trace(
        MISSING, "an article without its noun", _sought(rf"{ARTICLE} (?:{NO_NOUN})(?= [a-z])|{ARTICLE}(?=[,;](?: |$))"), _words
    ),
    Trace(
        MISSING,
        "nothing in quotation marks or brackets",
        _sought(r"“\s*[,.]?”|(?<=\s)\(\s*[,;]?\s*\)|\[\s*\](?!\()"),
        _words,
        ("“", "(", "["),
    ),
    Trace(
        MISSING,
        "a measure without its number",
        _sought(NUMBERLESS),
        _words,
    ),
    Trace(MISSING, "a sentence that begins with a small letter", _sentences_small, _words),
    Trace("beginning lost", "it begins with a small letter", _head_lost, _once),
    Trace(TRUNCATED, "it ends within a sentence", _truncated, _once),
    Trace("brackets unclosed", "brackets without their other half", _brackets, _count(r"[()\[\]{}]"), tuple("()[]{}")),
    Trace(
        "quotation marks unclosed", "quotation marks without their other half", _quotes_open, _count(r"[“”\"]"), ("“", "”", '"')
    ),
    Trace(
        "quotation marks parted",
        "a space between a quotation mark and its word",
        _sought(QUOTES_PARTED),
        _count(r"[“”\"]"),
        (" ”", "“ ", ' "'),
    ),
    Trace(
        "abbreviations parted",
        "`U. S.`, `a. m.`",
        _sought(INITIALS_PARTED),
        _count(r"\b(?:[A-Z]\. ?[A-Z]\.|[ap]\. ?m\.)"),
        (". ",),
    ),
    Trace(
        "marks parted",
        "a space before most commas and full stops",
        _mostly(ASTRAY, r"\w ?[,.](?=\s|$)", 0.5, 5),
        _count(r"\w ?[,.](?=\s|$)"),
        (" ,", " ."),
    ),
    Trace("punctuation stripped", "no sentence ends with a mark", _stripped, _count(BLOCK.pattern)),
    Trace("quotation marks lost", "speech, and no quotation marks", _quotes_lost, _count(SAYS.pattern)),
    Trace(FLATTENED, "all on one line", _flattened, _count(SENTENCE_END.pattern)),
    Trace("first paragraph doubled", "it says again what its first paragraph says", _doubled, _once),
    Trace(
        "line ends hyphenated",
        "words parted by a hyphen and a break",
        _sought(r"(?<=[a-z]{2})[-\u00ad‐] ?\r?\n(?=[a-z]{2})"),
        _count(r"\n"),
        ("-\n", "- \n", "\u00ad\n", "‐\n", "-\r"),
    ),
    Trace("words parted", "a hyphen and a space within a word", _rarely(WORD_PARTED, r"[a-z] [a-z]", 0.05), _words, ("- ",)),
    Trace("spaces lost", "a full stop or comma, and no space after it", _sought(NO_SPACE), _words),
    Trace("spaces lost", "words run together that stand side by side elsewhere", _run_together, _words),
    Trace("letters misread", "digits within words", _sought(MISREAD), _words, tuple("015v")),
    Trace("bullets left", "the marks of a list within a line", _sought(r"(?<=\S) [•▪●‣◦] ?(?=\S)"), _words, tuple("•▪●‣◦")),
    Trace("small caps", "the first words in capitals", _sought(SMALL_CAPS), _once),
    Trace(
        LIGATURES,
        "the printer's ligatures",
        lambda text: (m.span() for m in LIGATURE.finditer(text)),
        _count("f[fil]|[ﬀ-ﬆ]"),
        tuple("ﬀﬁﬂﬃﬄﬅﬆ"),
    ),
    Trace(SOFT_HYPHENS, "hyphens that are seen only where a line ends", _sought("(?<=\\w)\u00ad+(?=\\w)"), _words, ("\u00ad",)),
)
"""The catalogue, but for mojibake and entities, which are undone before the others are sought."""
REPAIRED = {MOJIBAKE: "UTF-8 read as something else", ENTITIES: "marks as HTML spells them"}
