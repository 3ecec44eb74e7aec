"""Copies to try the engine on: text of any script and worse, and stories of our own damaged as sources damage them."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from hypothesis import assume
from hypothesis import strategies as st

import copydesk
from copydesk import Copy, Edition, NotOneStory
from copydesk.demo.spoil import DAMAGES

# -- text that nobody wrote

WORDS = ("alpha", "beta", "Gamma", "delta", "eps-ilon", "U.S.", "35-year-old", "1,300", "it’s", "ζῆτα", "слово", "mu", "nu")
HOSTILE = (
    *("é", "e\u0301", "\u0301", "İ", "ı", "ß", "ss", "ﬁ", "K", "Ａ", "½", "²", "א", "שלום", "\u05b0", "ب", "مَرَّة", "क्षि"),
    *(
        "你",
        "好",
        "世界",
        "灯塔",
        "สวัส",
        "ดี",
        "ツ",
        "ー",
        "한",
        "\u1112\u1161\u11ab",
        "🎉",
        "👩‍🚒",
        "🧑🏽",
        "🇪🇺",
        "\U000e0041",
        "\U0010ffff",
    ),
    *(
        "\u200b",
        "\u200d",
        "\u200e",
        "\u202e",
        "\u2066",
        "\u00ad",
        "\ufeff",
        "\ufffd",
        "\x00",
        "\x07",
        "\x1b[31m",
        "\x7f",
        "\x85",
    ),
    *("\ud800", "\udfff", "\udce9", "_", "&amp;", "<b>", "http://a.example/b-c?d=1", "a@b.example"),
    *(".", ",", ";", ":", "!", "?", "…", "...", "“", "”", "„", "«", "»", "「", "」", '"', "'", "’", "(", ")", "[", "]", "{"),
    *("-", "‐", "–", "—", "-\n", "。", "、", "؟", "।", "¿", "•", "|", "#", "$", "%", "~", "^"),
    *(" ", "  ", "\t", "\n", "\n\n", "\r", "\r\n", "\x0b", "\x1c", "\xa0", "\u2028", "\u2029", "\u3000"),
)
SURROGATES = st.characters(categories=["Cs"])


def has_words(text: str) -> bool:
    """Whether there is anything in a text to align."""
    return re.search(r"\w", text) is not None


pieces = st.one_of(
    st.tuples(st.sampled_from(WORDS), st.sampled_from((" ", " ", " ", ". ", ", ", "\n\n"))).map("".join),
    st.sampled_from(HOSTILE),
    st.text(max_size=3),
    SURROGATES,
)
texts = st.one_of(st.lists(pieces, max_size=25).map("".join), st.text(), st.text(SURROGATES | st.characters()))


@st.composite
def hostile_copies(draw: st.DrawFn) -> list[Copy]:
    """One to four copies of one row of pieces, stretches of which are lost, doubled or replaced."""
    base = draw(st.lists(pieces, min_size=4, max_size=25))
    copies = []
    for name in "abcd"[: draw(st.integers(1, 4))]:
        own = list(base)
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(own)))
            own[at : at + draw(st.integers(0, 4))] = draw(st.lists(pieces, max_size=4)) + own[at : at + draw(st.integers(0, 2))]
        copies.append(Copy(name, "".join(own)))
    assume(all(has_words(copy.text) for copy in copies))
    return copies


# -- stories

NAMES = ("Marl", "Tessaly", "Oda Brandt", "Hanno Vale", "Mira Ostrey", "Kerrow", "the Lunt", "Cape Orrin", "Zoë Müller")
COMMON = tuple(
    """the the the a a of of and and to in in on at by with was were had has it its that which who harbour ferry tide council
    bridge keeper lantern water bread market clerk night morning boat rope winter street window paper letter village mill stone
    road wind carried opened closed promised counted before after under behind slowly again never two three forty 12 1,300 2031
    35-year-old re-entry half-built U.S. Dr. café officers’ naïve £40 3.5% no-one’s""".split()  # noqa: SIM905
)


@st.composite
def sentences(draw: st.DrawFn) -> str:
    words = draw(
        st.lists(st.one_of(st.sampled_from(COMMON), st.sampled_from(COMMON), st.sampled_from(NAMES)), min_size=3, max_size=14)
    )
    if len(words) > 7 and draw(st.booleans()):
        words[len(words) // 2] += ","
    text = " ".join([words[0][0].upper() + words[0][1:], *words[1:]]) + draw(st.sampled_from("....!?"))
    return draw(st.sampled_from(("{}", "{}", "{}", "“{}”", "({})"))).format(text)


stories = st.lists(st.lists(sentences(), min_size=1, max_size=3).map(" ".join), min_size=1, max_size=5).map("\n\n".join)

HEADERS = (
    "SIGN UP FOR OUR NEWSLETTER",
    "date 2031-05-14 JOIN OUR MAILING LIST",
    "By Ada Quill",
    "Home | News | Sport | Weather",
    "Marl ferry runs aground",
)
FOOTERS = (
    "Ada Quill covers the river towns for the Lower Marl Courier. Follow her on Twitter @adaquill.",
    "Read more: Marl ferry late",
    "© 2031 Lower Marl Courier. All rights reserved.",
    "Leave a comment below.",
    "Tides are free.",
)


def _altered(text: str, chance: Random) -> str:
    """Some words lost, some added, some exchanged."""
    words = []
    for word in text.split(" "):
        fate = chance.random()
        words += (
            []
            if fate < 0.04
            else [chance.choice(COMMON)]
            if fate < 0.08
            else [word, chance.choice(COMMON)]
            if fate < 0.1
            else [word]
        )
    return " ".join(words)


def _sprinkled(text: str, chance: Random) -> str:
    """A mark or a control character somewhere."""
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice("[](){}“”\"'\u200b\ufeff\x00\r\n\t ‑-…\ufffd") + text[at:]


OWN: tuple[Callable[[str, Random], str], ...] = (
    _altered,
    _sprinkled,
    lambda text, chance: text[: chance.randrange(1, len(text) + 1)],
    lambda text, chance: text[chance.randrange(len(text)) :],
    lambda text, chance: chance.choice(HEADERS) + chance.choice(("\n\n", " ", "\n")) + text,
    lambda text, chance: text + chance.choice(("\n\n", " ", "\n")) + chance.choice(FOOTERS),
)
damages = st.sampled_from((*OWN, *OWN, *DAMAGES.values()))


@st.composite
def damaged_copies(draw: st.DrawFn) -> list[Copy]:
    """One to six copies of one story, each with up to three damages."""
    story = draw(stories)
    copies = []
    for name in "abcdef"[: draw(st.integers(1, 6))]:
        text = story
        for damage in draw(st.lists(damages, max_size=3)):
            spoilt = damage(text, Random(draw(st.integers(0, 1 << 16))))
            text = spoilt if has_words(spoilt) else text
        copies.append(Copy(name, text))
    return copies


copies = st.one_of(damaged_copies(), hostile_copies())


def edition_of(given: list[Copy]) -> Edition:
    """The edition, where the copies are of one story at all."""
    try:
        return copydesk.reconcile(given)
    except NotOneStory:
        assume(False)
        raise


@st.composite
def editions(draw: st.DrawFn) -> Edition:
    return edition_of(draw(copies))
