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
from typing import TYPE_CHECKING

import numpy as np

from copydesk.model import Tokens
from copydesk.repair import divided, is_suspect

if TYPE_CHECKING:
    from copydesk.model import Index

# Scripts written without spaces: Thai, Lao, Tibetan, Burmese, Khmer, kana, Han.
SPACELESS = "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# What continues a word without being a letter: combining marks, soft hyphens, joiners.
MARKS = frozenset({"Mn", "Mc", "Me", "Cf"})


def tokenize(texts: Sequence[str]) -> tuple[list[Tokens], list[str], list[str], list[str]]:
    """The tokens of each text, and the spelling of the forms, separators and keys they are numbered by."""
    read: dict[str, str] = {}  # damaged words as they read when repaired
    suspect = any(map(is_suspect, texts))
    words, form_text, form, separator_text, separator = (not suspect and _masked(texts)) or _matched(texts, read)
    key_text, key = _numbered(_folded([read.get(form, form) for form in form_text] if read else form_text))
    keys = key[form]
    form_length = np.fromiter(map(len, form_text), np.int64, len(form_text))[form]
    separator_length = np.fromiter(map(len, separator_text), np.int64, len(separator_text))[separator]
    tokens = []
    end = 0
    for at, n in enumerate(words):
        start, end = end, end + n
        before = separator_length[start + at : end + at]  # each text has a separator more than words
        ends = np.cumsum(before + form_length[start:end])
        starts = ends - form_length[start:end]
        tokens.append(Tokens(starts, ends, keys[start:end], form[start:end], separator[start + at : end + at + 1]))
    return tokens, form_text, separator_text, key_text


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


Cut = tuple[list[int], list[str], "Index", list[str], "Index"]


def _matched(texts: Sequence[str], read: dict[str, str]) -> Cut:
    """Any texts cut up: how many words each has, the words (spelling, and number of each) and the separators around them.

    Into `read` goes what damaged words and separators are when repaired.
    """
    pieces = [_split(text, read) for text in texts]  # separator, word, separator, ..., word, separator
    words, word = _numbered(itertools.chain.from_iterable(cut[1::2] for cut in pieces))
    separators, separator = _numbered(itertools.chain.from_iterable(cut[::2] for cut in pieces))
    return [len(cut) // 2 for cut in pieces], words, word, separators, separator


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
    """As `_matched`, but twice as fast, for texts in which a word is a run of letters: all else is masked, all texts at once.

    None for texts with characters that may or may not belong to a word.
    """
    joined = "\n".join(texts)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    counts = np.bincount(points)
    alphabet = np.flatnonzero(counts)
    kinds = [_kind(point) for point in alphabet.tolist()]
    if None in kinds:
        return None
    of_words = np.zeros(len(counts), bool)
    of_words[alphabet] = kinds
    letters = of_words[points]
    masked = np.where(letters, points, np.uint32(ord(" ")))
    words, word = _numbered(masked.tobytes().decode("utf-32-le", "surrogatepass").split())

    edges = np.flatnonzero(np.diff(np.concatenate(([False], letters, [False]))))
    starts, ends = edges[::2], edges[1::2]
    lengths = np.array([len(text) for text in texts])
    text_ends = np.cumsum(lengths + 1) - 1
    until = np.searchsorted(starts, text_ends)  # words up to the end of each text
    n_words = np.diff(until, prepend=0)
    before = np.insert(ends, until - n_words, text_ends - lengths)
    after = np.insert(starts, until, text_ends)
    single = after - before == 1
    marks = points[before[single]]
    different = np.flatnonzero(np.bincount(marks))
    number = np.zeros(len(counts), np.int64)
    number[different] = np.arange(len(different))
    separator = np.empty(len(before), np.int64)
    separator[single] = number[marks]
    longer, separator[~single] = _numbered(
        [joined[start:end] for start, end in zip(before[~single].tolist(), after[~single].tolist(), strict=True)]
    )
    separator[~single] += len(different)
    return n_words.tolist(), words, word, [*map(chr, different.tolist()), *longer], separator


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
