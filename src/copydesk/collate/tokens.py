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
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from copydesk.model import Tokens

if TYPE_CHECKING:
    from copydesk.model import Index

T = TypeVar("T", str, bytes)

# Scripts written without spaces: Thai, Lao, Tibetan, Burmese, Khmer, kana, Han.
SPACELESS = "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# What continues a word without being a letter: combining marks, soft hyphens, joiners.
MARKS = frozenset({"Mn", "Mc", "Me", "Cf"})
# The bytes that a character may be coded as: `bytes.split` takes none of them for white space.
CODES = np.array([byte for byte in range(1, 256) if not bytes([byte]).isspace()], np.uint8)
APART = ord(" ")


def tokenize(texts: Sequence[str]) -> tuple[list[Tokens], list[str], list[str], list[str]]:
    """The tokens of each text, and the spelling of the forms, separators and keys they are numbered by."""
    words, form_text, form, separator_text, separator = _coded(texts) or _matched(texts)
    key_text, key = _numbered(_folded(form_text))
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


def _matched(texts: Sequence[str]) -> Cut:
    """Any texts cut up: how many words each has, the words (spelling, and number of each) and the separators around them."""
    pieces = [_pattern(text).split(text) for text in texts]  # separator, word, separator, ..., word, separator
    words, word = _numbered(itertools.chain.from_iterable(cut[1::2] for cut in pieces))
    separators, separator = _numbered(itertools.chain.from_iterable(cut[::2] for cut in pieces))
    return [len(cut) // 2 for cut in pieces], words, word, separators, separator


def _coded(texts: Sequence[str]) -> Cut | None:
    """As `_matched`, but faster, for texts in which a word is a run of letters: each character a byte, and cut as bytes.

    None for texts of too many characters, or with any that may or may not belong to a word.
    """
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    alphabet = np.flatnonzero(np.bincount(points))
    kinds = [_kind(point) for point in alphabet.tolist()]
    if len(kinds) > len(CODES) or None in kinds:
        return None
    codes, in_word = CODES[: len(kinds)], np.array(kinds, bool)
    code = np.zeros(int(alphabet[-1]) + 1 if len(alphabet) else 0, np.uint8)
    code[alphabet] = codes
    coded = code[points].tobytes()
    cuts = np.full((2, 256), APART, np.uint8)
    cuts[0, codes[in_word]], cuts[1, codes[~in_word]] = codes[in_word], codes[~in_word]
    to_words, to_separators = cuts[0].tobytes(), cuts[1].tobytes()
    words: list[list[bytes]] = []
    separators: list[list[bytes]] = []
    end = 0
    for text in texts:
        start, end = end, end + len(text)
        own = coded[start:end]
        words.append(own.translate(to_words).split())
        between = own.translate(to_separators).split()
        if len(between) <= len(words[-1]) and (not own or to_words[own[0]] != APART):
            between.insert(0, b"")
        if len(between) <= len(words[-1]):
            between.append(b"")
        separators.append(between)
    word_codes, word = _numbered(itertools.chain.from_iterable(words))
    separator_codes, separator = _numbered(itertools.chain.from_iterable(separators))
    spelling = np.zeros(256, np.uint32)
    spelling[codes] = alphabet
    spelling[APART] = next(point for point in itertools.count() if point >= len(code) or not code[point])
    return [len(own) for own in words], _spelt(word_codes, spelling), word, _spelt(separator_codes, spelling), separator


def _numbered(pieces: Iterable[T]) -> tuple[list[T], Index]:
    """The different pieces in order, and for each piece the number of the one it is."""
    numbers: dict[T, int] = defaultdict(itertools.count().__next__)
    number = np.array(list(map(numbers.__getitem__, pieces)), np.int64)
    return list(numbers), number


def _spelt(coded: list[bytes], spelling: np.ndarray) -> list[str]:
    """Coded texts in characters, all at once; `spelling[APART]` is a character that none of them has."""
    if not coded:
        return []
    points = spelling[np.frombuffer(bytes([APART]).join(coded), np.uint8)]
    return points.tobytes().decode("utf-32-le", "surrogatepass").split(chr(spelling[APART]))


@cache
def _kind(point: int) -> bool | None:
    """Whether the character is part of words; None if that depends on its neighbours, or it is a word by itself."""
    c = chr(point)
    if not c.isascii() and (unicodedata.category(c) in MARKS or re.match(f"[{SPACELESS}]", c)):
        return None
    return c.isalnum() or c == "_"


MARKS = frozenset(
    {"Mn", "Mc", "Me", "Cf"}
)  # what continues a word without being a letter: combining marks, soft hyphens, joiners


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
