"""The cues of `cues.toml` by their forms: which words attribute, and what they take."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from copydesk.record.words import ACCORDING, CUE, HEDGE, NOUN_CUE, data, forms

BASE, THIRD, PAST, PARTICIPLE, ING = 1, 2, 4, 8, 16


class Cue(NamedTuple):
    """A form of a verb that attributes: which `lemma` and `form` it is, which `kinds` of cue, with which particles."""

    lemma: str
    form: int
    kinds: frozenset[str]
    particles: tuple[tuple[tuple[str, ...], frozenset[str]], ...]  # words that may follow, and the kinds they make it


KINDS = ("speech", "quoting", "finding", "object", "addressed", "thought", "stance")


@cache
def verbs() -> dict[str, Cue]:
    """Every form of every cue verb, in small letters."""
    kinds: dict[str, set[str]] = {}
    particles: dict[str, dict[tuple[str, ...], set[str]]] = {}
    table = data("cues.toml")
    for kind in KINDS:
        for entry in table[kind]["lemmas"]:
            lemma, *rest = entry.split()
            if rest:
                particles.setdefault(lemma, {}).setdefault(tuple(rest), set()).add(kind)
                kinds.setdefault(lemma, set())
            else:
                kinds.setdefault(lemma, set()).add(kind)
    for lemma in table["expected"]["passive"]:
        kinds.setdefault(lemma, set()).add("passive")
    found: dict[str, Cue] = {}
    mostly_nouns = set(table["nouns"]["forms"].split())
    for lemma, its in kinds.items():
        follow = tuple(sorted(((p, frozenset(k)) for p, k in particles.get(lemma, {}).items()), key=lambda x: -len(x[0])))
        base, third, past, participle, ing = forms(lemma)
        for form in dict.fromkeys((base, third, past, participle, ing)):
            which = sum(
                bit
                for bit, its_form in zip(
                    (BASE, THIRD, PAST, PARTICIPLE, ING), (base, third, past, participle, ing), strict=True
                )
                if its_form == form
            )
            if form in mostly_nouns:
                continue
            if form not in found or found[form].lemma == form:
                found[form] = Cue(lemma, which, frozenset(its), follow)
    return found


@cache
def nouns() -> dict[str, str]:
    """Every noun that is a cue, its plural too, with its lemma."""
    found = {}
    for lemma in data("cues.toml")["noun"]["lemmas"]:
        plural = lemma[:-1] + "ies" if lemma.endswith("y") else lemma + "s"
        found[lemma] = found[plural] = lemma
    return found


@cache
def bits_of_cues() -> dict[str, int]:
    """The bits of all forms that are cues or hedges."""
    found: dict[str, int] = {}
    for form in verbs():
        found[form] = CUE
    for form in nouns():
        found[form] = found.get(form, 0) | NOUN_CUE
    for word in hedges():
        found[word] = found.get(word, 0) | HEDGE
    found["according"] = found.get("according", 0) | ACCORDING
    return found


@cache
def kind_words() -> dict[str, frozenset[str]]:
    """The last words of names by what they name: organisation, document, unnamed."""
    return {kind: frozenset(words.split()) for kind, words in data("cues.toml")["kinds"].items()}


@cache
def hedges() -> frozenset[str]:
    """The words that say that something is not certain."""
    return frozenset(data("cues.toml")["hedges"]["words"].split())


@cache
def attributed() -> Callable[[str, int, int], int]:
    """The function that finds where an unclosed quotation ends because words of attribution follow, or -1."""
    said = "|".join(
        sorted(form for lemma in ("say", "tell", "add", "write", "ask", "tweet", "explain") for form in forms(lemma)[1:4])
    )
    name = r"(?:[^\W\d_][\w.’'\-]*[ \u00a0]){1,6}"
    after = re.compile(rf"[,?!][ \u00a0]+(?:{name}?(?:{said})\b|according to\b)")

    def cut(text: str, start: int, end: int) -> int:
        match = after.search(text, start, end)
        return match.start() + 1 if match else -1

    return cut
