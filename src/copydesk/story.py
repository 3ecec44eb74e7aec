"""What is done with the copies of one story: reconciled, read off a page, read for what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

import msgspec

from copydesk.model import NOTHING, Collation, Copy, Edition, Known, NotOneStory, Record


def reconcile(copies: Iterable[str | Copy], known: Known = NOTHING) -> Edition:
    """Reconciles copies of one text into one edition. `known` is what a corpus tells of their sources.

    A plain string is a copy; its id is its place in the order given, from 1. The order of the copies decides nothing.

    Of a text that was published in several versions (an update, a correction) it is the edition of the last one, which holds
    those of the others: `earlier`. No version has words of another.

    A copy that shares nothing with the others, where those are more than half, is set aside: `damage` names it as another text.

    Raises `ValueError` where there is no copy, no text in a copy, no word in any, or one id twice, and `NotOneStory` where no
    more than half of the copies are of one story.

    >>> reconcile(["A  ferry sank.", "A 35-year-old ferry sank."]).text
    'A 35-year-old ferry sank.'
    """
    return reconciled(copies, known, witnessed=True)


def reconciled(copies: Iterable[str | Copy], known: Known, *, witnessed: bool) -> Edition:
    """As `reconcile`; the edition need not be `witnessed`: no table of a run has `witnesses`."""
    from copydesk.edit.edition import edit

    if isinstance(copies, str | bytes):
        raise TypeError("reconcile takes a list of texts, not one text")
    given = [Copy(str(at), copy) if isinstance(copy, str) else copy for at, copy in enumerate(copies, 1)]
    if strange := [copy for copy in given if not isinstance(copy, Copy)]:
        raise TypeError(f"a copy is a str or a copydesk.Copy, not {type(strange[0]).__name__}")
    if not given:
        raise ValueError("there are no copies to reconcile")
    empty = [copy.id for copy in given if not copy.text.strip()]
    if empty:
        raise ValueError(f"no text in {_names(empty)}")
    twice = [id_ for id_, n in Counter(copy.id for copy in given).items() if n > 1]
    if twice:
        raise ValueError(f"more than one copy is called {_names(twice)}")
    collation, strangers = collated(given)
    return edit(collation, strangers, known, witnessed=witnessed)


def collated(given: Sequence[Copy]) -> tuple[Collation, list[Copy]]:
    """The copies of the story that most of them are of, collated, and those that are of others. Raises as `reconcile` does."""
    from copydesk.collate.collation import collate
    from copydesk.collate.stories import stories

    collation = collate(given)
    worded = [copy for copy, placed in zip(collation.copies, collation.loci, strict=True) if len(placed)]
    if not worded:
        raise ValueError(f"no words in {_names([copy.id for copy in given])}, only marks")
    groups = stories(collation)
    if len(groups) > 1 and 2 * len(groups[0]) <= len(worded):
        share = " shares nothing with " if len(groups) == 2 else " | "
        more = f" | and {len(groups) - 5} more" if len(groups) > 5 else ""
        raise NotOneStory(f"{len(groups)} stories, not one: {share.join(map(_names, groups[:5]))}{more}")
    strangers = [copy for copy in given if copy.id not in groups[0]]
    if strangers:
        collation = collate([copy for copy in given if copy.id in groups[0]])
    return collation, strangers


def extract(
    page: bytes, name: str = "page", *, url: str | None = None, noted: Callable[[str], object] = lambda note: None
) -> Edition:
    """Reconciles what several extractors read on a page of HTML; no link of it is followed.

    The copies are called `name#extractor`. `metadata` begins with what the extractors tell of the page, what most say first.
    `noted` hears what was not as it should be, such as an extractor that is not installed.

    Raises `ValueError` where no extractor is installed, where none finds a text, and where none of it has words.
    """
    from copydesk.sources.html import asked, read_page
    from copydesk.sources.reader import Reader

    extractors, note = asked()
    with Reader() as reader:
        read = read_page(page, name, reader, url=url, extractors=extractors)
    for said in (note, read.note, *read.failed):
        if said:
            noted(said)
    try:
        edition = reconcile(read.copies)
    except NotOneStory as error:
        noted(f"{error}; the edition is of the longest text, and of what shares something with it")
        edition = reconcile(_with_the_longest(read.copies))
    return msgspec.structs.replace(edition, metadata=(*read.facts, *edition.metadata))


def record(text: str, published: str | None = None, *, names: str | None = None) -> Record:
    """Reads what a text says: who said it, through whom, when, how many. Offsets are code points of `text`.

    Dates such as `last week` are reckoned from the day that `published` names, or else a dateline or a byline. Names are read
    by rules, or by a spaCy pipeline that is installed, where `names` is `spacy:` and what it is called; raises `ValueError`
    where there is none.

    The rules are for English; of a text in another language the record has a `note` and no statements.

    >>> statement = record("“The ferry is late,” said harbour master Ruth Ames.").statements[0]
    >>> statement.name, statement.type
    ('Ruth Ames', 'direct')
    """
    from copydesk.record.record import record

    return _named(record(text, published), text, names)


def record_of(edition: Edition, *, names: str | None = None) -> Record:
    """Reads what an edition says, with the metadata that its copies and its boilerplate tell. Offsets are those of its text."""
    from copydesk.record.record import record

    return _named(record(edition.text, edition=edition), edition.text, names)


def _named(record: Record, text: str, names: str | None) -> Record:
    """A record with the names as asked."""
    if names is None or record.note:
        return record

    from copydesk.record.recognised import recogniser

    return msgspec.structs.replace(record, names=tuple(recogniser(names)(text, record.names)))


def _with_the_longest(copies: Sequence[Copy]) -> list[Copy]:
    """The longest copy, and those that are of one story with it."""
    longest = min(copies, key=lambda copy: (-len(copy.text), copy.id))
    kept = [longest]
    for copy in copies:
        with suppress(ValueError):
            if copy is not longest and reconcile([longest, copy]):
                kept.append(copy)
    return kept


def _names(ids: list[str]) -> str:
    """At most five ids, in words."""
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
