"""Texts to measure on, made by code from a seed: long documents, noise with its truth, and the boilerplate of invented sites.

Nothing here is taken from the package under measure: neither its demo nor the words by which it knows boilerplate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate
from pathlib import Path
from random import Random


@cache
def vocabulary() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """8,000 invented words, commonest first, and their cumulative weights (Zipf's: the nth weighs 1/(n + 2))."""
    rng = Random("vocabulary")
    onsets = ["b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "br", "dr", "st", "tr", "pl", "gl"]
    nuclei = ["a", "e", "i", "o", "u", "ai", "ou", "ea"]
    codas = ["", "n", "r", "s", "t", "l", "m", "d"]
    words: dict[str, None] = {}
    while len(words) < 8_000:
        n = 1 if len(words) < 60 else rng.choice((1, 2, 2, 3, 3, 4))
        words["".join(rng.choice(onsets) + rng.choice(nuclei) + rng.choice(codas) for _ in range(n))] = None
    return tuple(words), tuple(accumulate(1 / (n + 2) for n in range(len(words))))


def draw(rng: Random, *but: str) -> str:
    """One word of the vocabulary, none of `but`."""
    words, weights = vocabulary()
    while (word := rng.choices(words, cum_weights=weights)[0]) in but:
        pass
    return word


def draw_of(rng: Random, tokens: Sequence[str], but: str) -> str:
    """One of the tokens, not `but`."""
    while (token := rng.choice(tokens)) == but:
        pass
    return token


def document(n: int, seed: str) -> list[list[str]]:
    """A text of `n` words as paragraphs of tokens: sentences with capitals, commas and full stops. No word follows itself."""
    rng = Random(seed)
    blocks: list[list[str]] = []
    block: list[str] = []
    left, sentences, last = 0, 0, ""
    for at in range(n):
        first = left == 0
        if first:
            left = rng.randint(5, 24)
            if sentences == 0 and block:
                blocks.append(block)
                block = []
            sentences = (sentences or rng.randint(2, 6)) - 1
        last = draw(rng, last)
        left -= 1
        mark = "." if left == 0 or at == n - 1 else "," if left > 1 and rng.random() < 0.08 else ""
        block.append((last.capitalize() if first else last) + mark)
    return [*blocks, block]


def spelt(blocks: list[list[str]]) -> str:
    """The text of paragraphs of tokens."""
    return "\n\n".join(" ".join(block) for block in blocks)


def flat(blocks: list[list[str]]) -> list[str]:
    """The tokens of all paragraphs."""
    return [token for block in blocks for token in block]


def noisy(blocks: list[list[str]], rate: float, seed: str, foreign: Sequence[str] = ()) -> tuple[list[list[str]], list[int]]:
    """Paragraphs with a share `rate` of their tokens substituted, deleted or followed by one more, of `foreign` ones if given.

    With them, for each token that came out, which token it was before, or -1 for a new one.
    """
    rng = Random(seed)
    new = partial(draw_of, rng, foreign) if foreign else partial(draw, rng)
    out: list[list[str]] = []
    was: list[int] = []
    at = 0
    for block in blocks:
        spoilt: list[str] = []
        for token in block:
            how = rng.choice("sdi") if rng.random() < rate else ""
            if how != "d":
                spoilt.append(new(token) if how == "s" else token)
                was.append(-1 if how == "s" else at)
            if how == "i":
                spoilt.append(new(token))
                was.append(-1)
            at += 1
        out.append(spoilt)
    return out, was


# An article that was published twice


@dataclass(frozen=True)
class Update:
    """An article, what it was changed to later, and copies of both: `texts[i]` is of `versions[of[i]]`, from day `days[i]`.

    `changed[v]` are the words that version `v` has where the versions differ.
    """

    versions: tuple[str, str]
    changed: tuple[frozenset[str], frozenset[str]]
    texts: tuple[str, ...]
    of: tuple[int, ...]
    days: tuple[int, ...]


def update(article: list[list[str]], n: int, rate: float, seed: str, *, sentences: int = 3) -> Update:
    """`n` copies of an article (paragraphs of tokens), the later half of them with some sentences changed.

    A sentence gets other words throughout, or from its middle on. Each copy has word noise of its own (`noisy`); some lose a
    paragraph or the end, and some wear what a site puts above and below.
    """
    rng = Random(f"update {seed}")
    later = changed(article, sentences, rng)
    states = [article, later]
    of = tuple(int(2 * at >= n) for at in range(n))
    texts = []
    for at, version in enumerate(of):
        blocks = noisy(states[version], rate, f"update {seed} {at}")[0]
        how = rng.random()
        if how < 0.15 and len(blocks) > 4:
            del blocks[rng.randrange(1, len(blocks) - 1)]
        elif how < 0.25:
            blocks = cut_off(blocks, 0.8)
        text = spelt(blocks)
        if rng.random() < 0.3:
            text = f"{header(rng)}\n\n{text}\n\n{biography(rng)}"
        texts.append(text)
    one, other = (frozenset(word.strip(".,").lower() for word in flat(blocks)) for blocks in states)
    return Update((spelt(article), spelt(later)), (one - other, other - one), tuple(texts), of, tuple(range(n)))


def changed(article: list[list[str]], sentences: int, rng: Random) -> list[list[str]]:
    """The article with so many of its sentences changed, those of seven words or more, neither the first nor the last."""
    blocks = [list(block) for block in article]
    starts = [(b, at) for b, block in enumerate(blocks) for at in range(len(block)) if at == 0 or block[at - 1].endswith(".")]
    places = [(b, at, ended(blocks[b], at)) for b, at in starts[1:-1]]
    for b, first, end in sorted(rng.sample([place for place in places if place[2] - place[1] >= 7], sentences), reverse=True):
        start = first + rng.choice((0, 0, (end - first) // 2))
        new = [draw(rng) for _ in range(max(4, end - start + rng.randint(-3, 6)))]
        if start == 0 or blocks[b][start - 1].endswith("."):
            new[0] = new[0].capitalize()
        blocks[b][start:end] = [*new[:-1], new[-1] + "."]
    return blocks


def ended(block: list[str], start: int) -> int:
    """Where the sentence that begins at `start` ends."""
    return next(at for at in range(start, len(block)) if block[at].endswith(".")) + 1


def cut_off(blocks: list[list[str]], share: float) -> list[list[str]]:
    """So much of the article, from its beginning; it breaks off within a sentence as a rule."""
    left = round(share * len(flat(blocks)))
    out = []
    for block in blocks:
        out.append(block[:left])
        left -= len(out[-1])
        if not left:
            break
    return out


# An article as two sites have it


@dataclass(frozen=True)
class Pair:
    """An article as two sites have it, and which stretches of the truth the second one lost."""

    whole: str
    spoilt: str
    header: str
    biography: str
    lost: tuple[tuple[int, int], ...]


HYPHENATED = re.compile(r"\w+(?:[-‐‑]\w+)+")
NUMBERED = re.compile(r"[$€£]?\w*\d(?:\w|[.,:](?=\d))*%?")
EITHER = re.compile(f"{HYPHENATED.pattern}|{NUMBERED.pattern}")
DROPS = {"hyphenated": HYPHENATED, "numbers": NUMBERED, "both": EITHER}


def pair(truth: str, drop: str, seed: str) -> Pair:
    """Spoil an article as the seed pair is spoilt: a header on one side; dropped words, one line, a biography on the other.

    Sites differ in what they drop with a word: the letters alone, the marks that touch it too, or the letters with a space
    left for each part. Which it is, and whether a bracket is left, the seed decides.
    """
    rng = Random(f"{seed} {drop}")
    pattern = DROPS[drop]
    style = rng.choice(("letters", "marks", "parts"))
    if style == "marks":
        pattern = re.compile(rf"(?<!\S)[^\w\s]*(?:{pattern.pattern})[^\w\s]*(?!\S)")
    found = list(pattern.finditer(truth))
    spoilt = pattern.sub(lambda m: " " * len(re.findall("[-‐‑]", m[0])) if style == "parts" else "", truth)
    spoilt = re.sub(r"\b([A-Z]\.)(?=[A-Z]\.)", r"\1 ", spoilt)
    spoilt = re.sub(r"(?<=[.,?!])(?=[”\"](?:\s|$))", " ", spoilt)
    if rng.random() < 0.5:
        at = rng.choice([0, *(m.end() for m in re.finditer(r"[.!?]\s+(?=[A-Z])", spoilt))])
        spoilt = f"{spoilt[:at]}[{spoilt[at:]}"
    spoilt = re.sub(r"\s*\n\s*", " ", spoilt)
    above, below = header(rng), biography(rng)
    return Pair(f"{above}\n\n{truth}", f"{spoilt} {below}", above, below, tuple(m.span() for m in found))


@cache
def grammar() -> dict[str, list[str]]:
    """What sites put above and below an article: `<x>` in a rule stands for any of the rules of `x`."""
    rules: dict[str, list[str]] = json.loads(Path(__file__).with_name("boilerplate.json").read_bytes())
    return rules


def grow(rule: str, rng: Random) -> str:
    """A text by the grammar, from `rule`."""
    return re.sub(r"<(\w+)>", lambda m: grow(rng.choice(grammar()[m[1]]), rng), rule)


def header(rng: Random) -> str:
    """What a site puts above an article: one to four lines."""
    return grow("<header>", rng)


def biography(rng: Random) -> str:
    """What a site puts below an article about its author."""
    return grow("<biography>", rng)
