"""Find: have we this text? In which story, in which copies, and what is other in it.

A text is looked up through its seeds, as a new copy would be, and held against the copies that share most with it. So an
excerpt is found, and so are quotations of several stories in one text. What is too short for seeds is looked up as a phrase.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa

from copydesk.archive.catalogue import having
from copydesk.archive.rows import rows
from copydesk.find.boilerplate import weighty
from copydesk.find.chains import Hashes, Texts
from copydesk.find.kernels import PLACE_BITS
from copydesk.find.pair import pair
from copydesk.find.relation import relation
from copydesk.find.seeds import numbers, seed

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from pathlib import Path

    from copydesk.archive.kept import Kept, Numbers

DEEP, DEEPER, CANDIDATES = 4, 64, 48
"""Texts of a seed that are asked, in each batch, more for a text of few letters, and copies that a text is held against."""
LEAST = 50
"""Letters that a story shares with a text, at least: ten words. Less is a matter of chance."""
MOST = 10
"""Stories that are told, at most."""
FEW = 1000
"""Letters of a text of which each copy is looked at that shares a seed with it. It may share the rare ones with none: of a long
text the archive looks up a part of its seeds."""
BOILERPLATE, WHOLLY = "boilerplate", 0.9
"""How a text that is in no story stands to a copy that has it all the same, and how much of it at least."""
SHORT = 300
"""Letters of a text that is looked up as a phrase where its seeds find nothing."""
WORDS = re.compile(r"\w+")


class Stretch(msgspec.Struct, frozen=True):
    """What stands at `[start, end)` of the text stands, edits aside, at `[copy_start, copy_end)` of the copy."""

    start: int
    end: int
    copy_start: int
    copy_end: int


class Difference(msgspec.Struct, frozen=True):
    """Within what both have, the text has `text` at `start` where the copy has `copy` at `copy_start`; either may be empty."""

    start: int
    text: str
    copy_start: int
    copy: str


class Match(msgspec.Struct, frozen=True):
    """A story that has the text, or a part of it.

    `copy` is the one that has most of it, `relation` how the text stands to that: `identical`, `copy`, `abridged`, `extended`,
    `excerpt`, `revised` where finding would take both for one story, else `quotation`. `coverage` is the share of the text that
    is in the copy, boilerplate aside, `coverage_of_copy` the share of the copy that is in the text. What no story has, but
    copies have around theirs, is `boilerplate`; then nothing is set aside.
    """

    story: str
    title: str | None
    published: str | None
    n_copies: int
    copy: str
    source: str | None
    relation: str
    coverage: float
    coverage_of_copy: float
    stretches: tuple[Stretch, ...]
    differences: tuple[Difference, ...]
    copies: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True):
    """Whether the archive has a text: `found` where a copy has it, `matches` all stories that have some of it, best first.

    `note` says in words what there is to know besides.
    """

    found: bool
    matches: tuple[Match, ...]
    note: str | None = None


def find(  # noqa: PLR0917  what is looked up in
    path: Path, catalogue: sqlite3.Connection, kept: Kept, boilerplate: Numbers, text: str, same: float
) -> Answer:
    """Look a text up. Raises `ValueError` where it has no letters."""
    text = text.encode("utf-8", "replace").decode()
    made = seed(pa.record_batch({"text": pa.array([text], pa.large_utf8())}))
    n_letters = made.column("n_letters").to_numpy()
    if not n_letters[0]:
        raise ValueError("the text has no letters")
    seeds, bounds = numbers(made.column("seeds"))
    one = Texts(seeds, bounds[:-1], bounds[1:], n_letters)
    digest = np.frombuffer(made.column("digest").chunk(0).buffers()[1], np.uint64).reshape(-1, 2)[:1]
    twin = kept.same_letters(digest)
    copies = np.concatenate([twin[twin >= 0], _candidates(kept, one, boilerplate)])
    if not len(copies) and n_letters[0] <= SHORT:
        copies = _phrased(catalogue, text)
    matches = _matches(path, catalogue, copies.tolist(), text, boilerplate, same)
    note = None
    if not matches:
        nothing = boilerplate[:0]  # set aside
        matches = [
            msgspec.structs.replace(match, relation=BOILERPLATE)
            for match in _matches(path, catalogue, _candidates(kept, one, nothing).tolist(), text, nothing, same)
            if match.coverage >= WHOLLY
        ]
        note = "it is boilerplate, such as many stories of a site have" if matches else "no story has it"
    found = any(match.relation != "quotation" for match in matches)
    return Answer(found, tuple(matches), note)


def _candidates(kept: Kept, one: Texts, boilerplate: Numbers) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The copies that cover most of a text, by seeds, boilerplate aside; those of one story are among them several times."""
    few = one.n_letters[0] <= FEW
    copies = np.unique(kept.linked(one, boilerplate, CANDIDATES, DEEPER if few else DEEP)[1])
    if not len(copies):
        return copies
    seeds, bounds, n_letters, _, _ = kept.of(copies)
    both = Texts(
        np.concatenate([seeds, one.seeds]),
        np.append(bounds[:-1], len(seeds)),
        np.append(bounds[1:], len(seeds) + len(one.seeds)),
        np.append(n_letters, one.n_letters),
    )
    aside = Hashes.of(boilerplate)
    a, b = np.arange(len(copies)), np.full(len(copies), len(copies))
    cover_a, cover_b = both.chain(a, b, aside)
    weight = weighty(both.story_letters(aside), both)
    # a copy that is covered as well is nearer than one that has the text among much else
    share = cover_b * 1000 // weight[-1] * 2 + cover_a * 1000 // weight[:-1]
    order = np.lexsort((copies, -share))
    least = 1 if few else LEAST  # of an excerpt one seed may be all there is
    return copies[order[cover_b[order] >= least]]


def _phrased(catalogue: sqlite3.Connection, text: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """A copy of each story whose edition has these words side by side."""
    words = WORDS.findall(text)
    if len(words) < 3:
        return np.empty(0, np.int64)
    phrase = '"' + " ".join(words) + '"'
    query = (
        "SELECT min(copy.no) FROM words JOIN edition ON edition.no = words.rowid JOIN copy ON copy.story = edition.story "
        "WHERE words MATCH ? GROUP BY copy.story LIMIT ?"
    )
    return np.array([no for (no,) in catalogue.execute(query, [phrase, MOST])], np.int64)


def _matches(  # noqa: PLR0917  as `find`
    path: Path, catalogue: sqlite3.Connection, copies: Sequence[int], text: str, boilerplate: Numbers, same: float
) -> list[Match]:
    """The stories of these copies that share enough with a text, each with the one of them that has most of it."""
    query = "SELECT copy.no, copy.id, story.id, story.batch FROM copy JOIN story ON story.no = copy.story WHERE copy.no"
    told = {no: (id_, story, batch) for no, id_, story, batch in having(catalogue, query, copies)}
    best: dict[str, tuple[str, int]] = {}
    for no in copies:
        id_, story, batch = told[no]
        best.setdefault(story, (id_, batch))
    stories: dict[int, list[str]] = {}
    for story, (_, batch) in list(best.items())[:MOST]:
        stories.setdefault(batch, []).append(story)
    wanted = {best[story][0] for of in stories.values() for story in of}
    texts = {
        row["copy_id"]: row["text"]
        for some in rows(path, "texts", stories)
        for row in some.to_pylist()
        if row["copy_id"] in wanted
    }
    of_copies: dict[str, list[str]] = {}
    source: dict[str, str | None] = {}
    for some in rows(path, "copies", stories, ["copy_id", "source"]):
        for row in some.to_pylist():
            of_copies.setdefault(row["story_id"], []).append(row["copy_id"])
            source[row["copy_id"]] = row["source"]
    heads = {
        row["story_id"]: (row["title"], row["published"])
        for some in rows(path, "stories", stories, ["version", "title", "published"])
        for row in some.to_pylist()
    }
    matches = []
    for of in stories.values():
        for story in of:
            copy = best[story][0]
            told_of = pair(text, texts[copy], _within(boilerplate, (text, texts[copy])))
            mine, its = told_of.sides
            # of a short text seeds tell too little: what is equal to the letter counts as well
            equal = sum(run.n_letters for run in told_of.aligned if not run.boilerplate)
            coverage = max(mine.coverage, min(1.0, round(equal / max(1, mine.story_letters), 3)))
            if max(equal, mine.covered) < LEAST and not told_of.identical and coverage < same:
                continue
            one_story = told_of.identical or max(coverage, its.coverage) >= same
            of_both = np.array([round(coverage * 1000)]), np.array([round(its.coverage * 1000)])
            word = "identical" if told_of.identical else str(relation(*of_both)[0]) if one_story else "quotation"
            stretches = tuple(Stretch(s.start, s.end, s.other_start, s.other_end) for s in told_of.stretches)
            matches.append(
                Match(
                    story,
                    *heads[story],
                    len(of_copies[story]),
                    copy,
                    source[copy],
                    word,
                    coverage,
                    its.coverage,
                    stretches,
                    tuple(differences(text, texts[copy], stretches)),
                    tuple(of_copies[story]),
                )
            )
    return sorted(matches, key=lambda m: (m.relation == "quotation", -m.coverage, -m.coverage_of_copy, m.story))


def _within(boilerplate: Numbers, texts: Sequence[str]) -> Numbers:
    """The boilerplate that is in some texts: of all of it a pair looks through much for little."""
    made = seed(pa.record_batch({"text": pa.array(texts, pa.large_utf8())}))
    hashes = np.unique(numbers(made.column("seeds"))[0] >> PLACE_BITS)
    begin, end = np.searchsorted(boilerplate, hashes), np.searchsorted(boilerplate, hashes, "right")
    return hashes[begin < end]


def differences(text: str, copy: str, stretches: Sequence[Stretch]) -> list[Difference]:
    """Where a text has other words than a copy, in the stretches that both have."""
    from rapidfuzz.distance import Indel

    found = []
    for stretch in stretches:
        mine = list(re.finditer(r"\w+", text[stretch.start : stretch.end]))
        its = list(re.finditer(r"\w+", copy[stretch.copy_start : stretch.copy_end]))
        words, others = ([word.group().casefold() for word in of] for of in (mine, its))
        at = 0
        blocks = [block for block in Indel.opcodes(words, others) if block.tag != "equal"]
        while at < len(blocks):
            block = blocks[at]
            start, end, other_start, other_end = block.src_start, block.src_end, block.dest_start, block.dest_end
            while at + 1 < len(blocks) and (blocks[at + 1].src_start, blocks[at + 1].dest_start) == (end, other_end):
                at += 1
                end, other_end = blocks[at].src_end, blocks[at].dest_end
            at += 1
            place, said = _span(mine, start, end, stretch.start, text)
            other, had = _span(its, other_start, other_end, stretch.copy_start, copy)
            found.append(Difference(place, said, other, had))
    return found


def _span(words: Sequence[re.Match[str]], start: int, end: int, at: int, text: str) -> tuple[int, str]:
    """Where words `[start, end)` are, and what stands there."""
    if start == end:
        return at + (words[start].start() if start < len(words) else words[-1].end() if words else 0), ""
    first, last = at + words[start].start(), at + words[end - 1].end()
    return first, text[first:last]
