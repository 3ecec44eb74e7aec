"""Texts into tokens: words with their offsets, and what stands between them.

A token is a word: a run of letters, digits and the marks that belong to them. In scripts written without spaces each
character is a token. Everything else (white space, punctuation, symbols) is the separator between two tokens, so that
copies which differ in typography alone still have the same tokens.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from copydesk.model import Tokens

# Scripts written without spaces: Thai, Lao, Tibetan, Burmese, Khmer, kana, Han.
SPACELESS = "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"


def tokenize(texts: Sequence[str]) -> tuple[list[Tokens], list[str], list[str], list[str]]:
    """The tokens of each text, and the spelling of the forms, separators and keys they are numbered by."""
    forms: dict[str, int] = defaultdict(itertools.count().__next__)
    separators: dict[str, int] = defaultdict(itertools.count().__next__)
    cut = [_cut(text, forms, separators) for text in texts]
    keys: dict[str, int] = defaultdict(itertools.count().__next__)
    key_of_form = np.fromiter((keys[fold(form)] for form in forms), np.int64, len(forms))
    tokens = [Tokens(starts, ends, key_of_form[form], form, separator) for starts, ends, form, separator in cut]
    return tokens, list(forms), list(separators), list(keys)


def fold(word: str) -> str:
    """The word without case, marks, compatibility forms and invisible characters.

    >>> fold("Ａgnès"), fold("co\u00adoperate"), fold("ﬁre")
    ('agnes', 'cooperate', 'fire')
    """
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    return "".join(c for c in letters if unicodedata.category(c) not in {"Mn", "Cf"}) or word


def _cut(text: str, forms: dict[str, int], separators: dict[str, int]) -> tuple[np.ndarray, ...]:
    """Starts, ends and forms of the words of `text`, and the separators around them."""
    pieces = _pattern(_joiners(text)).split(text)  # separator, word, separator, ..., word, separator
    bounds = np.cumsum(np.fromiter(map(len, pieces), np.int64, len(pieces)))
    words, between = pieces[1::2], pieces[::2]
    form = np.fromiter(map(forms.__getitem__, words), np.int64, len(words))
    separator = np.fromiter(map(separators.__getitem__, between), np.int64, len(between))
    return bounds[:-1:2], bounds[1::2], form, separator


def _joiners(text: str) -> str:
    """The characters of `text` that continue a word without being letters: combining marks, soft hyphens, joiners."""
    if text.isascii():
        return ""
    return "".join(sorted(c for c in set(text) if not c.isascii() and unicodedata.category(c) in {"Mn", "Mc", "Me", "Cf"}))


@functools.lru_cache(maxsize=64)
def _pattern(joiners: str) -> re.Pattern[str]:
    """Splits a text into words, captured, and separators."""
    letter = f"[^\\W{SPACELESS}]"
    if not joiners:
        return re.compile(f"([{SPACELESS}]|{letter}+)")
    marks = f"[{re.escape(joiners)}]"
    return re.compile(f"([{SPACELESS}]{marks}*|{letter}+(?:{marks}+{letter}*)*)")
