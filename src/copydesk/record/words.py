"""What a word can be: a few bits for each form, from `words.toml` and from how it is written. No word is looked at twice.

Python joins numbers below 1 << 30 faster: the three bits that are asked for least come last.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

(
    DET, POSS, SUBJ, OBJ, PREP, COORD, SUB, REL, AUX, NEG, ADV, VERB, ING_FORM, TIME, ADJ, NUM, CAP, LOWER,
    CUE, NOUN_CUE, ACCORDING, ED, COMMA, DASH, COLON, SEMI, STOP, OPEN, CLOSE, QUOTE, DOTTED, OTHER, HEDGE,
) = (1 << n for n in range(33))  # fmt: skip

WORD = DET | POSS | SUBJ | OBJ | PREP | COORD | SUB | REL | AUX | NEG | ADV | VERB | ING_FORM | TIME | ADJ | NUM | CAP | LOWER
CLOSED = {
    "determiner": DET,
    "possessive": POSS,
    "subject": SUBJ,
    "object": OBJ,
    "preposition": PREP,
    "coordinator": COORD,
    "subordinator": SUB,
    "relative": REL,
    "auxiliary": AUX,
    "negation": NEG,
    "adverb": ADV,
    "time": TIME,
    "adjective": ADJ,
}
MARKS = {
    ",": COMMA, ";": SEMI, ":": COLON, ".": STOP, "?": STOP, "!": STOP, "…": STOP, "...": STOP, "—": DASH, "–": DASH,
    "--": DASH, "-": DASH, "―": DASH, "(": OPEN, "[": OPEN, "{": OPEN, ")": CLOSE, "]": CLOSE, "}": CLOSE,
}  # fmt: skip
VOWELS = "aeiou"


@cache
def data(name: str) -> dict[str, Any]:
    """A data file of this room, read once."""
    return tomllib.loads(files("copydesk.record").joinpath(name).read_text("utf-8"))


def forms(lemma: str) -> tuple[str, str, str, str, str]:
    """Base, third person, past, participle and -ing form of a verb.

    >>> forms("deny")
    ('deny', 'denies', 'denied', 'denied', 'denying')
    """
    words = data("words.toml")
    if lemma in words["irregular"]:
        third, past, participle, ing = words["irregular"][lemma].split()
        return lemma, third, past, participle, ing
    y = lemma.endswith("y") and lemma[-2] not in VOWELS
    third = lemma[:-1] + "ies" if y else lemma + ("es" if lemma.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")
    if y:
        past, ing = lemma[:-1] + "ied", lemma + "ing"
    elif lemma.endswith("e"):
        past, ing = lemma + "d", lemma[:-1] + "ing" if not lemma.endswith(("ee", "ye", "oe")) else lemma + "ing"
    elif lemma in _doubled():
        past, ing = lemma + lemma[-1] + "ed", lemma + lemma[-1] + "ing"
    else:
        past, ing = lemma + "ed", lemma + "ing"
    return lemma, third, past, past, ing


@cache
def listed(name: str) -> frozenset[str]:
    """A list of words of `words.toml`, by its name."""
    return frozenset(data("words.toml")["lists"][name].split())


@cache
def irregular_pasts() -> frozenset[str]:
    """The past tenses of the irregular verbs."""
    return frozenset(forms.split()[1] for forms in data("words.toml")["irregular"].values())


@cache
def _doubled() -> frozenset[str]:
    return frozenset(data("words.toml")["doubled"]["lemmas"].split())


@cache
def _not_adverbs() -> frozenset[str]:
    return frozenset(data("words.toml")["not_adverb"].split())


@cache
def known() -> dict[str, int]:
    """The bits of the words of `words.toml`, by their form in small letters."""
    words = data("words.toml")
    bits: dict[str, int] = {}
    for name, listed in words["closed"].items():
        for word in listed.split():
            bits[word] = bits.get(word, 0) | CLOSED[name]
            if "'" in word:
                bits[word.replace("'", "’")] = bits[word]
    for lemma in words["verbs"]["lemmas"].split():
        for form in forms(lemma):
            bits[form] = bits.get(form, 0) | (ING_FORM if form.endswith("ing") else VERB)
    return bits


def bits(word: str, cues: dict[str, int]) -> int:
    """The bits of one token as it is written; `cues` are those of the cue forms, in small letters."""
    mark = MARKS.get(word)
    if mark is not None:
        return mark
    first = word[0]
    if not first.isalnum():
        return OTHER
    low = word.lower()
    bit = known().get(low, 0) | cues.get(low, 0)
    if first.isdigit():
        return bit | NUM
    bit |= CAP if first.isupper() else LOWER
    if word[-1] == ".":
        return bit | DOTTED
    if low.endswith(("'s", "’s", "s'", "s’")) and not bit & (SUBJ | AUX):
        bit |= POSS
    elif low.endswith("ing") and len(low) > 4:
        bit |= ING_FORM if first.islower() else 0
    elif low.endswith("ly") and len(low) > 4 and first.islower() and low not in _not_adverbs():
        bit |= ADV
    elif low.endswith("ed") and len(low) > 3 and first.islower():
        bit |= ED
    return bit
