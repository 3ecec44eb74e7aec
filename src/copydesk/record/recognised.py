"""Names by a spaCy pipeline that the user has installed, in place of those by rules.

Nothing is downloaded and nothing is needed: without a pipeline the names are read by `names.py`. Mentions are joined as there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from copydesk.model import Misused, Name
from copydesk.record.names import ORGANISATION, OTHER, PERSON, PLACE, Mention, joined, mentioned

if TYPE_CHECKING:
    from spacy.language import Language

KINDS = {
    **dict.fromkeys(("PERSON", "PER"), PERSON),
    **dict.fromkeys(("ORG", "ORGANIZATION"), ORGANISATION),
    **dict.fromkeys(("GPE", "LOC", "FAC"), PLACE),
    **dict.fromkeys(("EVENT", "PRODUCT", "WORK_OF_ART", "LAW", "MISC"), OTHER),
}
"""What the entities of spaCy's own pipelines are; of other labels (dates, numbers, nationalities) there is no name."""
PIECE = 100_000
"""Characters that a pipeline is given at a time: its memory grows with them."""

Recogniser = Callable[[str, Sequence[Name]], list[Name]]
"""Finds the names of a text; of those that the rules have found there, persons keep their titles."""


@cache
def recogniser(asked: str) -> Recogniser:
    """What finds names as `asked`: `spacy:PIPELINE`, a pipeline by its name or its folder.

    Raises `ValueError`, with a message that says what to do, where there is no such thing.
    """
    kind, _, name = asked.partition(":")
    if kind.lower() != "spacy" or not name:
        raise Misused(f"names are read by rules, or by spacy:PIPELINE, such as spacy:en_core_web_sm, not by {asked!r}")
    nlp = _pipeline(name)

    def found(text: str, by_rules: Sequence[Name]) -> list[Name]:
        titles = {end: one.title for one in by_rules for _, end in one.mentions if one.title}
        return joined(text, _mentions(nlp, text, titles))

    return found


def _pipeline(name: str) -> Language:
    """A pipeline that is loaded."""
    try:
        import spacy
    except ImportError:
        raise ValueError("spaCy is not installed; pip install 'copydesk[names]', or leave --names out") from None
    try:
        nlp = spacy.load(name)
    except OSError:
        raise ValueError(
            f"spaCy has no pipeline {name!r}; python -m spacy download {name} installs one of its own, or name a folder"
        ) from None
    if not any("doc.ents" in nlp.get_pipe_meta(pipe).assigns for pipe in nlp.pipe_names):
        raise ValueError(
            f"the pipeline {name!r} finds no names (it has {', '.join(nlp.pipe_names) or 'nothing'}); name another"
        )
    return nlp


def _mentions(nlp: Language, text: str, titles: dict[int, str]) -> Iterator[tuple[int, Mention]]:
    """What the pipeline takes for names, in order of place."""
    for start, end in _pieces(text):
        for entity in nlp(text[start:end]).ents:
            kind = KINDS.get(entity.label_)
            first, last = start + entity.start_char, start + entity.end_char
            if text[first:last].startswith(("the ", "The ")):
                first += len("the ")
            if text[first:last].endswith(("'s", "’s")):
                last -= 2
            if kind and first < last and "\n" not in text[first:last]:
                yield 0, mentioned(first, last, text[first:last], kind, titles.get(last))


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """The text in pieces that end with a word, or with a line, where they can."""
    start = 0
    while len(text) - start > PIECE:
        blank = max(text.rfind("\n", start, start + PIECE), text.rfind(" ", start + PIECE // 2, start + PIECE))
        end = blank + 1 or start + PIECE
        yield start, end
        start = end
    yield start, len(text)
