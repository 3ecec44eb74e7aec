"""One story: its edition with what differs marked, its versions, its copies and what each of them did."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from copydesk.web.apparatus import LACUNA, LOST
from copydesk.web.asked import (
    Change,
    Copies,
    CopiesAsked,
    CopyAsked,
    CopyOf,
    CopyText,
    Difference,
    Differences,
    DifferencesAsked,
    Mark,
    OfLine,
    ReadingOf,
    Refused,
    Story,
    StoryAsked,
    Stretch,
    VariantAsked,
    VariantOf,
    Variants,
    VariantsAsked,
    VersionOf,
)
from copydesk.web.index import UNSURE
from copydesk.web.stories import headline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from copydesk.web.apparatus import Apparatus, Own
    from copydesk.web.index import Index

PART = 60_000
"""Characters of a text that a page shows."""
AROUND = 60
"""Characters before and after a place that are shown with it."""
WORD = re.compile(r"\w+")
READING = 2_000
"""Characters of a reading that are told; no eye compares more."""
NAMED = 40
"""Copies of a line that are named with a reading."""
GRAM = 5
"""Words side by side by which it is told how far a copy reaches."""
REACH = 400_000
"""Characters of the edition and of copies up to which that is looked for."""
LEAST = 12
"""Words at an end of the edition that are worth to be called a lacuna."""


def story(index: Index, asked: StoryAsked) -> Story:
    """A story, of a long one a part."""
    row, versions = edition(index, asked.id, asked.version)
    text: str = row["text"]
    bounds = parts(text)
    part = asked.part or (bisect_right(bounds, asked.at) if asked.at is not None else 1)
    if part >= len(bounds) and not (asked.part is None and part == len(bounds)):
        raise Refused(404, f"the text has {len(bounds) - 1} parts, and no part {part}")
    part = min(part, len(bounds) - 1)
    start, end = bounds[part - 1], bounds[part]
    apparatus = index.apparatus(asked.id, row["version"])
    marks = [
        Mark(n + 1, int(s), int(e), apparatus.kind[n], float(apparatus.confidence[n]))
        for n, (s, e) in enumerate(zip(apparatus.start.tolist(), apparatus.end.tolist(), strict=True))
        if (s < end or part == len(bounds) - 1) and (e > start or s >= start)
    ]
    numbers = {name: row[name] for name in ("version", "published", "confidence", "n_copies", "n_lines", "n_variants")}
    return Story(
        story_id=asked.id,
        title=headline(row["title"], text[:2000]),
        n_unsure=int((apparatus.confidence < UNSURE).sum()),
        length=len(text),
        part=part,
        n_parts=len(bounds) - 1,
        start=start,
        end=end,
        text=text[start:end],
        variants=marks,
        versions=_versions(index, asked.id, versions),
        **numbers,
    )


def edition(index: Index, story_id: str, version: int | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of an edition, and those of all versions of its story. Raises `Refused`."""
    versions = index.editions(story_id)
    if not versions:
        raise Refused(404, f"there is no story {story_id}")
    if version is None:
        return versions[-1], versions
    row = next((row for row in versions if row["version"] == version), None)
    if row is None:
        raise Refused(404, f"the story has {len(versions)} versions, and no version {version}")
    return row, versions


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a place, from word to word."""
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    if start > AROUND and " " in before:
        before = before.partition(" ")[2]
    if end + AROUND < len(text) and " " in after:
        after = after.rpartition(" ")[0]
    return before, after


def parts(text: str) -> list[int]:
    """Where the parts of a text begin, and where the last ends: each a page long, whole paragraphs if it can be."""
    bounds = [0]
    while len(text) - bounds[-1] > PART:
        limit = bounds[-1] + PART
        at = text.rfind("\n", bounds[-1] + PART // 2, limit)
        if at < 0:
            at = text.rfind(" ", bounds[-1] + PART // 2, limit)
        bounds.append(limit if at < 0 else at + 1)
    return [*bounds, len(text)]


def copies(index: Index, asked: CopiesAsked) -> Copies:
    """The copies of a version of a story, and where each of them differs from the edition."""
    row, versions = edition(index, asked.id, asked.version)
    version, text = row["version"], row["text"]
    where, values = ["c.story_id = ?"], [asked.id]
    if len(versions) > 1:
        where.append("c.copy_id IN (SELECT unnest(copies) FROM versions WHERE story_id = ? AND version = ?)")
        values += [asked.id, version]
    if asked.q:
        where.append("(contains(lower(c.copy_id), ?) OR contains(lower(coalesce(c.source, '')), ?))")
        values += [asked.q.lower()] * 2
    order = {
        "source": "source NULLS LAST, copy_id",
        "date": "day NULLS LAST, copy_id",
        "coverage": "coverage DESC NULLS LAST, copy_id",
        "differences": "lost + added + altered DESC, copy_id",
    }[asked.order]
    counts = ", ".join(f"coalesce(d.{did}, 0) AS {did}" for did in ("lost", "added", "altered", "boilerplate"))
    query = (
        f"SELECT c.*, {counts} FROM page.copies c LEFT JOIN page.did d ON d.copy_id = c.copy_id "
        f"AND d.story_id = c.story_id AND d.version = ? WHERE {' AND '.join(where)} ORDER BY {order} "
        f"LIMIT {asked.size} OFFSET {(asked.page - 1) * asked.size}"
    )
    rows = index.rows(query, version, *values)
    ids = [row["copy_id"] for row in rows]
    own = index.apparatus(asked.id, version).own(ids)
    told = _told(index, asked.id, ids)
    texts = _texts(index, asked.id, ids, REACH - len(text))
    strips = {id_: _strip(index.apparatus(asked.id, version), own[id_], text, texts.get(id_)) for id_ in ids}
    return Copies(
        total=index.count(f"FROM page.copies c WHERE {' AND '.join(where)}", *values),
        page=asked.page,
        size=asked.size,
        length=len(text),
        copies=[_copy(row, told.get(row["copy_id"], {}), strips[row["copy_id"]]) for row in rows],
    )


def copy(index: Index, asked: CopyAsked) -> CopyText:
    """A copy as it was read."""
    row = _copy_row(index, asked.copy)
    text = _texts(index, row["story_id"], [asked.copy], None).get(asked.copy)
    if text is None:
        raise Refused(404, f"the text of {asked.copy} is not kept")
    url = _told(index, row["story_id"], [asked.copy])[asked.copy]["url"]
    return CopyText(asked.copy, row["story_id"], row["source"], row["published"], url, text)


def differences(index: Index, asked: DifferencesAsked) -> Differences:
    """What a copy lost, added and altered, in order of place."""
    story_id = _copy_row(index, asked.copy)["story_id"]
    row, _ = edition(index, story_id, asked.version)
    apparatus = index.apparatus(story_id, row["version"])
    own = apparatus.own([asked.copy])[asked.copy]
    first = (asked.page - 1) * asked.size
    shown = slice(first, first + asked.size)
    found = [
        Difference(
            n=int(v) + 1,
            start=int(apparatus.start[v]),
            end=int(apparatus.end[v]),
            did=did,  # type: ignore[arg-type]
            kind=apparatus.kind[v],
            edition=row["text"][apparatus.start[v] : apparatus.end[v]][:READING],
            copy=apparatus.text(int(r))[:READING],
        )
        for v, did, r in zip(own.variants[shown], own.did[shown], own.readings[shown], strict=True)
    ]
    return Differences(len(own.did), asked.page, asked.size, asked.copy, story_id, row["version"], found)


def variant(index: Index, asked: VariantAsked) -> VariantOf:
    """A variant with its readings, the chosen one first."""
    row, _ = edition(index, asked.id, asked.version)
    apparatus = index.apparatus(asked.id, row["version"])
    if asked.n > apparatus.n:
        raise Refused(404, f"the text has {apparatus.n} variants, and no variant {asked.n}")
    return _variant(row, apparatus, asked.n - 1, *_lines(index, asked.id))


def variants(index: Index, asked: VariantsAsked) -> Variants:
    """The apparatus, a page of it."""
    row, _ = edition(index, asked.id, asked.version)
    apparatus, lines = index.apparatus(asked.id, row["version"]), _lines(index, asked.id)
    first = (asked.page - 1) * asked.size
    shown = range(first, min(first + asked.size, apparatus.n))
    return Variants(apparatus.n, asked.page, asked.size, [_variant(row, apparatus, n, *lines) for n in shown])


def _variant(row: Mapping[str, Any], apparatus: Apparatus, n: int, line: Mapping[str, str | None], n_copies: int) -> VariantOf:
    start, end, text = int(apparatus.start[n]), int(apparatus.end[n]), row["text"]
    numbers = apparatus.readings(n)
    readings = [_reading(apparatus, number, number - numbers[0] == apparatus.chosen[n], line) for number in numbers]
    return VariantOf(
        story_id=row["story_id"],
        version=row["version"],
        n=n + 1,
        of=apparatus.n,
        start=start,
        end=end,
        kind=apparatus.kind[n],
        reason=apparatus.reason[n].as_py(),
        confidence=float(apparatus.confidence[n]),
        before=around(text, start, end)[0],
        after=around(text, start, end)[1],
        readings=readings,
        n_lacunae=max(0, row["n_copies"] - sum(reading.n_copies for reading in readings)),
    )


def _reading(apparatus: Apparatus, number: int, chosen: bool, line_of: Mapping[str, str | None]) -> ReadingOf:
    ids = apparatus.copies(number)
    lines: dict[str | None, list[str]] = {}
    for id_ in ids:
        lines.setdefault(line_of.get(id_), []).append(id_)
    votes = len(lines) - (None in lines) + len(lines.get(None, ()))
    order = sorted(lines.items(), key=lambda line: (line[0] is None, -len(line[1]), line[0] or ""))
    of_lines = [OfLine(line, len(members), sorted(members)[:NAMED]) for line, members in order[:NAMED]]
    return ReadingOf(apparatus.text(number)[:READING], bool(chosen), len(ids), votes, of_lines)


def _lines(index: Index, story_id: str) -> tuple[dict[str, str | None], int]:
    """The line that each copy of a story is of, and how many copies there are."""
    rows = index.rows("SELECT copy_id, line FROM page.copies WHERE story_id = ?", story_id)
    return {row["copy_id"]: row["line"] for row in rows}, len(rows)


def _versions(index: Index, story_id: str, rows: Sequence[Mapping[str, Any]]) -> list[VersionOf]:
    """All versions of a story, if there are several."""
    if len(rows) < 2:
        return []
    told = {row["version"]: row for row in index.of(story_id, "versions", ("version", "reason", "changes")).to_pylist()}
    versions, before = [], ""
    for row in rows:
        text, more = row["text"], told.get(row["version"], {"reason": "", "changes": []})
        changes = [
            Change(c["start"], c["end"], text[c["start"] : c["end"]][:READING], before[c["was_start"] : c["was_end"]][:READING])
            for c in more["changes"] or ()
            if before
        ]
        numbers = (row["version"], row["published"], row["n_copies"], row["confidence"])
        versions.append(VersionOf(*numbers, more["reason"] or "", changes))
        before = text
    return versions


def _copy_row(index: Index, copy_id: str) -> dict[str, Any]:
    row = index.row("SELECT * FROM page.copies WHERE copy_id = ?", copy_id)
    if row is None:
        raise Refused(404, f"there is no copy {copy_id}")
    return row


def _told(index: Index, story_id: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What is told of some copies beside the page's own table: the address, and why one was left out."""
    told = {row["copy_id"]: row for row in _of_copies(index, story_id, "copies", "url", ids)}
    if index.has("left_out"):
        for row in _of_copies(index, story_id, "left_out", "reason", ids):
            told[row["copy_id"]]["left_out"] = row["reason"]
    return told


def _texts(index: Index, story_id: str, ids: Sequence[str], most: int | None) -> dict[str, str]:
    """The texts of some copies; none where they are more than `most` characters."""
    if most is not None and most <= 0:
        return {}
    texts = {row["copy_id"]: row["text"] for row in _of_copies(index, story_id, "texts", "text", ids)}
    return texts if most is None or sum(map(len, texts.values())) <= most else {}


def _of_copies(index: Index, story_id: str, table: str, column: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    """A column of a table that has rows of copies, for some copies of a story."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = index.of(story_id, table, ("copy_id", column))
    rows: list[dict[str, Any]] = found.filter(pc.is_in(found.column("copy_id"), pa.array(ids, pa.string()))).to_pylist()
    return rows


def _copy(row: Mapping[str, Any], told: Mapping[str, Any], strip: list[Stretch]) -> CopyOf:
    names = ("copy_id", "source", "published", "relation", "nearest_copy", "coverage", "line")
    counts = ("lost", "added", "altered", "boilerplate")
    fields = {name: row[name] for name in (*names, *counts)}
    return CopyOf(**fields, url=told.get("url"), left_out=told.get("left_out"), strip=strip)


def _strip(apparatus: Apparatus, own: Own, text: str, copy_text: str | None) -> list[Stretch]:
    """Where a copy differs from the edition, in order of place, with the ends that it does not reach."""
    places = [
        Stretch(int(apparatus.start[v]), int(apparatus.end[v]), did)  # type: ignore[arg-type]
        for v, did in zip(own.variants, own.did, strict=True)
    ]
    if copy_text is not None:
        lost = [(place.start, place.end) for place in places if place.did == LOST]
        for start, end in reach(text, copy_text):
            if start < end and not any(low <= start + 1 and end - 1 <= high for low, high in lost):
                places.append(Stretch(start, end, LACUNA))  # type: ignore[arg-type]
    return sorted(places, key=lambda place: (place.start, place.end, place.did))


def reach(text: str, copy_text: str) -> list[tuple[int, int]]:
    """The beginning and the end of a text that a copy of it does not reach; empty stretches where it does.

    Words side by side that either has once tell where the copy is in the text: others may come again where it does not reach.

    >>> reach("one two three four five six", "one two three four five six")
    [(0, 0), (27, 27)]
    """
    bounds, words, once = _words(text)
    has = [word.lower() for word in WORD.findall(copy_text)]
    its = _grams(has)
    shared = sorted((at, its[gram][0]) for gram, at in once.items() if len(its.get(gram, ())) == 1)
    start, end = 0, len(text)
    if shared:
        last = _onward(words, its, shared[-1])
        back = len(words) - GRAM - shared[0][0], len(has) - GRAM - shared[0][1]
        first = len(words) - GRAM - _onward(words[::-1], _grams(has[::-1]), back)
        if first >= LEAST:
            start = bounds[first][0]
        if len(words) - last - GRAM >= LEAST:
            end = bounds[last + GRAM - 1][1]
    return [(0, start), (end, len(text))]


Gram = tuple[str, ...]


@lru_cache(8)
def _words(text: str) -> tuple[list[tuple[int, int]], list[str], dict[Gram, int]]:
    """Where the words of a text are, the words, and where those side by side are that it has once."""
    found = [*WORD.finditer(text)]
    words = [word[0].lower() for word in found]
    return [word.span() for word in found], words, {gram: at[0] for gram, at in _grams(words).items() if len(at) == 1}


def _grams(words: Sequence[str]) -> dict[Gram, list[int]]:
    """Where so many words stand side by side as tell a place."""
    grams: dict[Gram, list[int]] = {}
    for at in range(len(words) - GRAM + 1):
        grams.setdefault(tuple(words[at : at + GRAM]), []).append(at)
    return grams


def _onward(words: Sequence[str], its: Mapping[Gram, Sequence[int]], known: tuple[int, int]) -> int:
    """How far a copy goes on in the words of a text from a place that is known in both, edits aside."""
    at, there = known
    for next_ in range(at + 1, len(words) - GRAM + 1):
        for one in its.get(tuple(words[next_ : next_ + GRAM]), ()):
            if one > there and abs((next_ - at) - (one - there)) <= LEAST:
                at, there = next_, one
                break
    return at
