"""What stands between two words, taken apart: closing marks, white space, opening marks; quotation marks; breaks.

A copy spoils separators in ways of its own (paragraphs flattened, quotation marks straightened or lost, spaces before
closing marks), so each part is compared and voted on by itself.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from copydesk.repair import repaired

if TYPE_CHECKING:
    from copydesk.model import Flags, Index

NONE, SPACE, LINE, PARAGRAPH = range(4)  # kinds of break

QUOTES = '"“”„‟«»‹›「」『』＂'
SINGLE_QUOTES = "'‘’‚‛`´＇"
CURLED = "“”„‘’‚"
DASHES = "-‐‑‒–—―−"
OPENING = "([{¿¡“„«‘‚‹「『\"'#@$£€"
CLOSING = ".,;:!?…)]}”’»›」』\"'。！？؟۔।%"
ENDING = ".!?…。！？؟۔।"
CUT = ("...", "…", "[…]", "[...]")  # how an extract says that it goes on
FOLD = str.maketrans(
    dict.fromkeys(QUOTES, '"')
    | dict.fromkeys(SINGLE_QUOTES, "'")
    | dict.fromkeys(DASHES, "-")
    | {"…": "...", "（": "(", "）": ")"}
)
# A space where none belongs: before a closing mark, or after an opening one.
SPOILT = re.compile(r"""\s[,;:!?)\]}%]|\s\.(?!\.)|\s[”»](?:\W|$)|[.,!?]\s"\s|[(\[{“«]\s""")
WHITE, DOUBLED = re.compile(r"\s+"), re.compile(r"\s\s")
# Separators whose features are kept from one story to the next, and the letters of the longest.
KNOWN, LONGEST = 1 << 12, 32


class Features(NamedTuple):
    """What one separator is made of.

    `marks` are its punctuation, folded and without white space and double quotation marks, of which there are `n_quotes`;
    `bare` is all of it but white space, unfolded; `printed` counts marks that no typewriter has (curly quotes, dashes),
    `curled` the quotes of them.
    `break_` is its kind of break. `ends`: a sentence ends there (a full stop within a number or an address does not end one);
    `cut`: the text breaks off there, and says so; `stops`: it closes with a stop of any kind; `brackets`: it has some;
    `spoilt`: a space stands where none belongs; `divided`: it parts a word by hyphen and white space; `gap`: more white space
    than one space, without a line break; `spaces`: so many are there, a line break is one; `doubled`: two stand side by side;
    `hyphen`: it is a hyphen and nothing else; `marred`: it is all this when repaired.
    """

    marks: str
    n_marks: int
    n_quotes: int
    bare: str
    printed: int
    curled: int
    break_: int
    ends: bool
    cut: bool
    stops: bool
    brackets: bool
    spoilt: bool
    divided: bool
    gap: bool
    spaces: int
    doubled: bool
    hyphen: bool
    marred: bool


COUNTS = ("n_marks", "n_quotes", "printed", "curled", "break_")
FLAGS = ("ends", "stops", "brackets", "spoilt", "divided", "gap", "hyphen", "marred")
RECORD = np.dtype([*((name, np.int64) for name in COUNTS), *((name, bool) for name in FLAGS)], align=True)


@dataclass(frozen=True, slots=True)
class Separators:
    """The features of each separator of the vocabulary, arrays of shape `(n,)`, where `marks` and `bare` are numbered.

    Those that read alike when repaired have one number in `sound`.
    """

    text: Sequence[str]
    features: Sequence[Features]
    marks: Index
    n_marks: Index
    n_quotes: Index
    bare: Index
    printed: Index
    curled: Index
    break_: Index
    ends: Flags
    stops: Flags
    brackets: Flags
    spoilt: Flags
    divided: Flags
    gap: Flags
    hyphen: Flags
    marred: Flags
    sound: Index


def separators(texts: Sequence[str]) -> Separators:
    """The features of each of `texts`, all different ones."""
    known = [_known(text) if len(text) <= LONGEST else _packed(text) for text in texts]
    features = [own for own, _ in known]
    column = np.frombuffer(b"".join([packed for _, packed in known]), RECORD)
    return Separators(
        text=texts,
        features=features,
        marks=_numbered([own.marks for own in features]),
        bare=_numbered([own.bare for own in features]),
        sound=_numbered(map(repaired, texts)) if column["marred"].any() else np.arange(len(texts)),
        **{name: column[name] for name in RECORD.fields or ()},
    )


def _numbered(texts: Iterable[str]) -> Index:
    """The number of each text: equal ones have the same."""
    number: dict[str, int] = defaultdict(count().__next__)
    return np.array(list(map(number.__getitem__, texts)), np.int64)


def _packed(text: str) -> tuple[Features, bytes]:
    """The features of a separator, and those of them that are numbers and flags as a record."""
    features = _features(text)
    return features, np.array(tuple([getattr(features, name) for name in RECORD.fields or ()]), RECORD).tobytes()


def _features(given: str) -> Features:
    text = repaired(given)
    bare = "".join(text.split())
    folded = bare.translate(FOLD)
    marks = folded.replace('"', "")
    spaces = sum(map(str.isspace, text))
    return Features(
        marks=marks,
        n_marks=len(marks),
        n_quotes=len(folded) - len(marks),
        bare=bare,
        printed=sum(not c.isascii() and not c.isspace() for c in text),
        curled=sum(c in CURLED for c in text),
        break_=_break(text),
        ends=ends_sentence(text) and (not text.isascii() or text.strip() != text),
        cut=text.strip().endswith(CUT),
        stops=marks[:1] in tuple(".,;:!?)"),
        brackets=any(c in "()[]{}" for c in text),
        spoilt=SPOILT.search(text) is not None,
        divided=text[:1] != "" and text[0] in DASHES and text[1:].isspace(),
        gap=spaces > 1 and "\n" not in text,
        spaces=spaces if "\n" not in text else len(WHITE.findall(text)),
        doubled=DOUBLED.search(text) is not None,
        hyphen=len(text) == 1 and text in DASHES,
        marred=text != given,
    )


_known = functools.lru_cache(KNOWN)(_packed)


def ends_sentence(text: str) -> bool:
    """Whether a separator has a mark that ends a sentence."""
    return any(c in ENDING for c in text)


def parts(text: str) -> tuple[str, str, str]:
    """What closes the word before, white space, what opens the word after; without white space all of it closes.

    >>> parts(". “"), parts(" ["), parts("-"), parts(". ” ")
    (('.', ' ', '“'), ('', ' ', '['), ('-', '', ''), ('. ”', ' ', ''))
    """
    opening = len(text)
    while opening and not text[opening - 1].isspace():
        opening -= 1
    closing = len(text[:opening].rstrip())
    return (text[:closing], text[closing:opening], text[opening:]) if opening else (text, "", "")


def _break(text: str) -> int:
    n = text.count("\n") or text.count("\r") or text.count("\u2029") * 2 + text.count("\u2028")
    return PARAGRAPH if n > 1 else LINE if n else SPACE if any(c.isspace() for c in text) else NONE
