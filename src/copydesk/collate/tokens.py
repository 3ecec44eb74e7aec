"""Texts into tokens: words with their offsets, and what stands between them.

A token is a word: a run of letters, digits and the marks that belong to them. In scripts written without spaces each
character is a token. Everything else (white space, punctuation, symbols) is the separator between two tokens, so that
copies which differ in typography alone still have the same tokens.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.collate.runs import HALF, ODD, firsts
from copydesk.model import Tokens
from copydesk.repair import divided, is_suspect

if TYPE_CHECKING:
    from copydesk.model import Index

# Scripts written without spaces: Thai, Lao, Tibetan, Burmese, Khmer, kana, Han.
SPACELESS = "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# What continues a word without being a letter: combining marks, soft hyphens, joiners.
MARKS = frozenset({"Mn", "Mc", "Me", "Cf"})

KEPT = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)  # the first n of eight bytes


def tokenize(texts: Sequence[str]) -> tuple[list[Tokens], list[str], list[str], list[str]]:
    """The tokens of each text, and the spelling of the forms, separators and keys they are numbered by."""
    read: dict[str, str] = {}  # damaged words as they read when repaired
    cut = (None if any(map(is_suspect, texts)) else _masked(texts)) or _matched(texts, read)
    key_text, key = _numbered(_folded([read.get(form, form) for form in cut.form_text] if read else cut.form_text))
    keys = key[cut.forms]
    tokens = []
    end = 0
    for at, n in enumerate(cut.sizes):
        start, end = end, end + n
        own = cut.starts[start:end], cut.ends[start:end], keys[start:end], cut.forms[start:end]
        tokens.append(Tokens(*own, cut.separators[start + at : end + at + 1]))  # each text has a separator more than words
    return tokens, cut.form_text, cut.separator_text, key_text


def fold(word: str) -> str:
    """The word without case, marks, compatibility forms and invisible characters.

    >>> fold("Ａgnès"), fold("co\u00adoperate"), fold("ﬁre")
    ('agnes', 'cooperate', 'fire')
    """
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    return "".join(c for c in letters if unicodedata.category(c) not in {"Mn", "Cf"}) or word


def _folded(words: list[str]) -> list[str]:
    """`fold` of each; all at once where all are ASCII."""
    joined = " ".join(words)
    if words and joined.isascii():
        return joined.lower().split(" ")
    return [word.lower() if word.isascii() else fold(word) for word in words]


class Cut(NamedTuple):
    """Texts cut up: how many words each has, the words (place in their text, and number of the spelling) and the separators."""

    sizes: list[int]
    starts: Index
    ends: Index
    form_text: list[str]
    forms: Index
    separator_text: list[str]
    separators: Index


def _matched(texts: Sequence[str], read: dict[str, str]) -> Cut:
    """Any texts cut up. Into `read` goes what damaged words and separators are when repaired."""
    pieces = [_split(text, read) for text in texts]  # separator, word, separator, ..., word, separator
    form_text, forms = _numbered(itertools.chain.from_iterable(cut[1::2] for cut in pieces))
    separator_text, separators = _numbered(itertools.chain.from_iterable(cut[::2] for cut in pieces))
    edges = [np.array([len(piece) for piece in cut[:-1]], np.int64).cumsum() for cut in pieces]
    starts, ends = (np.concatenate([own[first::2] for own in edges]) for first in (0, 1))
    return Cut([len(cut) // 2 for cut in pieces], starts, ends, form_text, forms, separator_text, separators)


def _split(text: str, read: dict[str, str]) -> list[str]:
    """Separators and words in turn, cut where they are when the text is repaired: `&ldquo;` is a mark, no word."""
    repairs = divided(text) if is_suspect(text) else []
    if not repairs:
        return _pattern(text).split(text)
    edges = [0, *(edge for repair in repairs for edge in (repair.start, repair.end)), len(text)]
    stretches = [text[a:b] for a, b in itertools.pairwise(edges)]
    stretches[1::2] = [repair.text for repair in repairs]
    whole = "".join(stretches)
    begins = [0, *itertools.accumulate(map(len, stretches))]  # where each stretch does in the repaired text
    pieces = _pattern(whole).split(whole)
    ends = list(itertools.accumulate(map(len, pieces)))
    cut: list[str] = []
    at, start = 0, 0
    for piece, end in zip(pieces, ends, strict=True):
        while begins[at + 1] <= end and at + 1 < len(stretches):
            at += 1
        if at % 2 and end != begins[at]:
            return _pattern(text).split(text)  # a repair that goes through the edge of a word is none
        stop = len(text) if end == len(whole) else edges[at] + end - begins[at]
        cut.append(text[start:stop])
        if cut[-1] != piece:
            read.setdefault(cut[-1], piece)
        start = stop
    return cut


def _masked(texts: Sequence[str]) -> Cut | None:
    """As `_matched`, but faster, for texts in which a word is a run of letters: all else is masked, all texts at once.

    None for texts with characters that may or may not belong to a word.
    """
    joined = "\n".join(["", *texts, ""])
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    counts = np.bincount(points)
    alphabet = counts.nonzero()[0]
    kinds = list(map(_kind, alphabet.tolist()))
    if None in kinds:
        return None
    of_words = np.zeros(len(counts), bool)
    of_words[alphabet] = kinds
    letters = of_words.take(points)
    edges = (letters[1:] != letters[:-1]).nonzero()[0] + 1
    starts, ends = edges[::2], edges[1::2]
    text_ends = np.cumsum([len(text) + 1 for text in texts])
    text_starts = np.concatenate(([1], text_ends[:-1] + 1))
    until = starts.searchsorted(text_ends)  # words up to the end of each text
    sizes = until.copy()
    sizes[1:] -= until[:-1]
    text = np.arange(len(texts)).repeat(sizes)
    at = np.arange(len(starts)) + text  # of the separator before each word; each text has a separator more than words
    last = until + np.arange(len(texts))
    before, after = np.empty(len(starts) + len(texts), np.int64), np.empty(len(starts) + len(texts), np.int64)
    before[at + 1], before[last - sizes] = ends, text_starts
    after[at], after[last] = starts, text_ends
    separator_text, separators = _separators(joined, points, before, after)
    wide = (letters & (points > 255)).nonzero()[0] if of_words[256:].any() else points[:0]
    form_text, forms = _words(joined, points, starts, ends, wide)
    origin = text_starts[text]
    return Cut(sizes.tolist(), starts - origin, ends - origin, form_text, forms, separator_text, separators)


def _words(joined: str, points: Index, starts: Index, ends: Index, wide: Index) -> tuple[list[str], Index]:
    """The different words `joined[start:end]`, and for each the number of the one it is; `points` are the code points.

    Words of at most 16 letters of one byte each are two numbers of eight bytes, and told apart by these; `wide` are the places
    of letters that need more.
    """
    n = len(starts)
    sizes = ends - starts
    padded = np.zeros(len(points) + 16, np.uint8)
    padded[: len(points)] = points
    eight = np.ndarray(len(padded) - 7, "<u8", padded, strides=(1,))
    head, tail = (eight[starts + skip] & KEPT.take(sizes - skip, mode="clip") for skip in (0, 8))
    is_odd = sizes > 16
    is_odd[starts.searchsorted(wide, "right") - 1] = True
    odd = is_odd.nonzero()[0]
    if len(odd):
        _, head[odd] = _numbered(_cut(joined, starts[odd], ends[odd]))
        tail[odd] = ODD  # no tail of a word: it does not begin with a letter, and goes on
    hashes = (head ^ (head >> HALF)) * ODD + tail
    hashes = (hashes ^ (hashes >> HALF)) * ODD
    low = np.uint64((1 << n.bit_length()) - 1)
    ranked = np.sort((hashes & ~low) | np.arange(n, dtype=np.uint64))  # equal words side by side, in order
    order = (ranked & low).astype(np.int64)
    begins = firsts(ranked & ~low)
    first = order[begins]
    rank = np.empty(len(first), np.int64)
    rank[first.argsort()] = np.arange(len(first))
    number = np.empty(n, np.int64)
    number[order] = rank.repeat(np.concatenate((begins[1:], [n]))[: len(begins)] - begins)
    first.sort()
    same = first[number]
    if not ((head[same] == head) & (tail[same] == tail)).all():  # two words of one hash
        return _numbered(_cut(joined, starts, ends))
    return _cut(joined, starts[first], ends[first]), number


def _cut(joined: str, starts: Index, ends: Index) -> list[str]:
    return [joined[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def _separators(joined: str, points: Index, starts: Index, ends: Index) -> tuple[list[str], Index]:
    """The different pieces `joined[start:end]`, and for each the number of the one it is; `points` are the code points."""
    single = ends - starts == 1
    marks = points[starts[single]]
    different = np.bincount(marks).nonzero()[0]
    of_mark = np.zeros(int(marks.max(initial=0)) + 1, np.int64)
    of_mark[different] = np.arange(len(different))
    longer = (~single).nonzero()[0]
    texts, of_longer = _numbered(_cut(joined, starts[longer], ends[longer]))
    number = np.empty(len(starts), np.int64)
    number[single], number[longer] = of_mark[marks], of_longer + len(different)
    return [*map(chr, different.tolist()), *texts], number


def _numbered(pieces: Iterable[str]) -> tuple[list[str], Index]:
    """The different pieces in order, and for each piece the number of the one it is."""
    numbers: dict[str, int] = defaultdict(itertools.count().__next__)
    number = np.array(list(map(numbers.__getitem__, pieces)), np.int64)
    return list(numbers), number


@cache
def _kind(point: int) -> bool | None:
    """Whether the character is part of words; None if that depends on its neighbours, or it is a word by itself."""
    c = chr(point)
    if not c.isascii() and (unicodedata.category(c) in MARKS or re.match(f"[{SPACELESS}]", c)):
        return None
    return c.isalnum() or c == "_"


def _pattern(text: str) -> re.Pattern[str]:
    """Splits `text` into words, captured, and separators: the simplest expression that is right for its characters."""
    if text.isascii():
        return re.compile(r"(\w+)", re.ASCII)
    letters = {c for c in set(text) if not c.isascii()}
    marks = re.escape("".join(sorted(c for c in letters if unicodedata.category(c) in MARKS)))
    if not re.search(f"[{SPACELESS}]", "".join(letters)):
        return re.compile(rf"(\w[\w{marks}]*)")
    letter, mark = f"[^\\W{SPACELESS}]", f"[{marks}]" if marks else "(?!)"
    return re.compile(f"([{SPACELESS}]{mark}*|{letter}(?:{letter}|{mark})*)")
