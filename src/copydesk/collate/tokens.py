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
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from copydesk.model import Tokens

if TYPE_CHECKING:
    from copydesk.model import Index

# Scripts written without spaces: Thai, Lao, Tibetan, Burmese, Khmer, kana, Han.
SPACELESS = "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"


def tokenize(texts: Sequence[str]) -> tuple[list[Tokens], list[str], list[str], list[str]]:
    """The tokens of each text, and the spelling of the forms, separators and keys they are numbered by."""
    forms: dict[str, int] = defaultdict(itertools.count().__next__)
    separators: dict[str, int] = defaultdict(itertools.count().__next__)
    numbered = [_number(text, forms, separators) for text in texts]
    keys: dict[str, int] = defaultdict(itertools.count().__next__)
    key_of_form = np.fromiter((keys[fold(form)] for form in forms), np.int64, len(forms))
    form_length = np.fromiter(map(len, forms), np.int64, len(forms))
    separator_length = np.fromiter(map(len, separators), np.int64, len(separators))
    tokens = []
    for form, separator in numbered:
        length = form_length[form]
        ends = np.cumsum(separator_length[separator[:-1]] + length)
        tokens.append(Tokens(ends - length, ends, key_of_form[form], form, separator))
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


def _number(text: str, forms: dict[str, int], separators: dict[str, int]) -> tuple[Index, Index]:
    """The words of `text` as numbers of `forms`, and the separators around them as numbers of `separators`."""
    pieces = _pattern(text).split(text)  # separator, word, separator, ..., word, separator
    form = np.fromiter(map(forms.__getitem__, pieces[1::2]), np.int64, len(pieces) // 2)
    separator = np.fromiter(map(separators.__getitem__, pieces[::2]), np.int64, len(pieces) // 2 + 1)
    return form, separator


def _pattern(text: str) -> re.Pattern[str]:
    """Splits `text` into words, captured, and separators: the simplest expression that is right for its characters."""
    if text.isascii():
        return re.compile(r"(\w+)", re.ASCII)
    letters = {c for c in set(text) if not c.isascii()}
    # what continues a word without being a letter: combining marks, soft hyphens, joiners
    marks = re.escape("".join(sorted(c for c in letters if unicodedata.category(c) in {"Mn", "Mc", "Me", "Cf"})))
    if not re.search(f"[{SPACELESS}]", "".join(letters)):
        return re.compile(rf"(\w[\w{marks}]*)")
    letter, mark = f"[^\\W{SPACELESS}]", f"[{marks}]" if marks else "(?!)"
    return re.compile(f"([{SPACELESS}]{mark}*|{letter}(?:{letter}|{mark})*)")
