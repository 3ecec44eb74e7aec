"""Why two copies are, or are not, of one story: the evidence of a run or an archive for a pair, computed again.

A run that reconciled has kept the texts. One that stopped after the stories has not: then they are read again from the inputs
that `run.json` names, up to the second of them. What was learned as boilerplate is what the run had learned.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from copydesk.folder import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from copydesk.again import Kept
    from copydesk.find.pair import Pair
    from copydesk.results import Run
    from copydesk.sources.corpus import Columns

COPIES, TEXTS, BOILERPLATE = "copies", "texts", "boilerplate"
SUGGESTED, ALIKE = 3, 60
"""Ids that are suggested for one that is not there, and how much they must be like it, in hundredths."""


class NoSuchCopy(LookupError):
    """The folder is not that of a run, or the run has no such copy; the message is one line that says what to do."""


@dataclass(frozen=True)
class Hop:
    """A copy and one that it is the nearest of, or that is the nearest of it; coverage is the share of either in the other."""

    copy_id: str
    other_id: str
    coverage: float
    coverage_of_other: float


@dataclass(frozen=True)
class Member:
    """A copy, and what the tables of the run say of it. `n_copies` are those of its story."""

    copy_id: str
    source: str | None
    story_id: str
    n_copies: int
    relation: str | None
    nearest_copy: str | None
    coverage: float | None
    coverage_of_nearest: float | None


@dataclass(frozen=True)
class Why:
    """Why two copies are, or are not, of one story.

    `same` is the coverage, outside boilerplate, that links two texts. `given` is the column that said what the stories are, if
    they were not found. `rules` are those that may have parted two texts which cover enough of one another. `paths` lead from
    copy to nearest copy: one from the first to the second, or, where nearest copies do not lead there, one from each as far as
    they go.
    """

    one_story: bool
    same: float
    given: str | None
    copies: tuple[Member, Member]
    pair: Pair
    rules: tuple[str, ...]
    paths: tuple[tuple[Hop, ...], ...]
    texts: tuple[str, str]


def why(out: str | Path | Kept, one: str, other: str) -> Why:
    """Why the run in the folder `out`, or an archive, has two copies, named by their ids, in one story or not.

    Raises `NoSuchCopy` for a folder or an id that is none, `Unreadable` where the inputs are not what they were, `OSError`.
    """
    from copydesk.find.pair import pair
    from copydesk.sources import Unreadable

    kept = _run(Path(out)) if isinstance(out, str | Path) else out
    if one == other:
        raise NoSuchCopy(f"{one} is one copy; give the ids of two")
    rows = _rows(kept, (one, other))
    given = kept.given
    boilerplate = _boilerplate(kept)
    texts = _texts(kept, rows) or _read(kept, (one, other))
    found = pair(texts[one], texts[other], boilerplate)
    for id_, side in zip((one, other), found.sides, strict=True):
        if rows[id_]["n_letters"] not in {side.n_letters, None}:
            raise Unreadable(f"the text of {id_} is not the one that the run read; run again, then ask why")
    stories = _stories(kept, {row["story_id"] for row in rows.values()})
    copies = tuple(_member(rows[id_], len(stories[rows[id_]["story_id"]])) for id_ in (one, other))
    one_story = copies[0].story_id == copies[1].story_id
    parted = not one_story and given is None and found.coverage >= kept.same
    return Why(
        one_story=one_story,
        same=kept.same,
        given=given,
        copies=(copies[0], copies[1]),
        pair=found,
        rules=_rules(max(copy.n_copies for copy in copies)) if parted else (),
        paths=_paths(stories[copies[0].story_id], one, other) if one_story and given is None else (),
        texts=(texts[one], texts[other]),
    )


def _run(out: Path) -> Run:
    """The run in a folder."""
    from copydesk.results import Run

    if not out.is_dir():
        raise NoSuchCopy(f"there is no folder {out}; name the one that copydesk run wrote")
    if not (out / MARK).is_file():
        raise NoSuchCopy(f"{out} is not the folder of a run (it has no {MARK}); name the one that copydesk run wrote")
    return Run(out)


def _rows(kept: Kept, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The rows of the table of copies that have these ids."""
    known = [id_ for id_ in ids if not any("\ud800" <= char <= "\udfff" for char in id_)]  # no table has halves of a pair
    rows = {row["copy_id"]: row for row in kept.table(COPIES, where={"copy_id": known}).to_pylist()}
    for id_ in ids:
        if id_ not in rows:
            raise NoSuchCopy(f"{kept.path} has no copy {id_}; {_suggested(kept, id_)}")
    return rows


def _suggested(kept: Kept, id_: str) -> str:
    """What to do about an id that is not there."""
    from rapidfuzz import fuzz, process

    ids = kept.table(COPIES, ["copy_id"]).column("copy_id").to_pylist()
    near = [like for like, _, _ in process.extract(id_, ids, scorer=fuzz.ratio, limit=SUGGESTED, score_cutoff=ALIKE)]
    if near:
        return f"did you mean {' or '.join(near)}?"
    file = kept.path / f"{COPIES}.parquet"
    return f"{file} lists all ids, such as {ids[0]}" if file.is_file() else f"its ids are such as {ids[0]}"


def _stories(kept: Kept, names: set[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """For each of these stories its rows of the table of copies, by their ids."""
    columns = ["copy_id", "story_id", "nearest_copy", "coverage", "coverage_of_nearest"]
    table = kept.table(COPIES, columns, {"story_id": sorted(names)})
    stories: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in names}
    for row in table.to_pylist():
        stories[row["story_id"]][row["copy_id"]] = row
    return stories


def _member(row: Mapping[str, Any], n_copies: int) -> Member:
    return Member(n_copies=n_copies, **{name: row[name] for name in Member.__dataclass_fields__ if name != "n_copies"})


def _boilerplate(kept: Kept) -> NDArray[np.uint64]:
    """The hashes of the seeds that were learned as boilerplate; none where no stories were sought."""
    import numpy as np

    if not kept.has(BOILERPLATE):
        if kept.given is None:
            raise NoSuchCopy(
                f"{kept.path} has no {BOILERPLATE}.parquet, so what was set aside is not known; run again to have it written"
            )
        return np.empty(0, np.uint64)
    seeds: NDArray[np.uint64] = kept.table(BOILERPLATE, ["seed"]).column("seed").to_numpy()
    return seeds


def _texts(kept: Kept, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, str] | None:
    """The texts of these rows of the table of copies, where they are kept."""
    if not kept.has(TEXTS):
        return None
    stories = sorted({row["story_id"] for row in rows.values()})  # by which they are in order
    table = kept.table(TEXTS, ["copy_id", "text"], {"story_id": stories, "copy_id": [*rows]})
    return {row["copy_id"]: row["text"] for row in table.to_pylist()} if len(table) == len(rows) else None


def _read(kept: Kept, ids: Sequence[str]) -> dict[str, str]:
    """The texts of copies, from the inputs of a run: read as a stream, up to the last of them.

    That the inputs are as they were is told by their sizes: to hash them takes as long as to read them all.
    """
    import pyarrow.compute as pc

    from copydesk.results import Run
    from copydesk.sources import Unreadable
    from copydesk.sources.corpus import Columns, batches

    assert isinstance(kept, Run)  # an archive keeps all texts
    run = kept.summary
    for file in run["inputs"]:
        _unchanged(file)
    columns: Columns = msgspec.convert(run["settings"]["columns"], Columns)
    texts: dict[str, str] = {}
    for batch in batches([file["name"] for file in run["inputs"]], lambda name, row, reason: None, columns):
        for id_ in ids:
            at = -1 if id_ in texts else pc.index(batch.column("copy_id"), id_).as_py()
            if at >= 0:
                texts[id_] = batch.column("text")[at].as_py()
        if len(texts) == len(ids):
            return texts
    lost = next(id_ for id_ in ids if id_ not in texts)
    raise Unreadable(f"the inputs have no copy {lost} any more; they are not what the run read, so run again")


def _unchanged(file: Mapping[str, Any]) -> None:
    """Raise `Unreadable` where an input is not there or not of its size, as far as a look at it tells."""
    from copydesk.sources import Unreadable

    name, size = file["name"], file["size"]
    if name == "-":
        raise Unreadable("the run read standard input, which cannot be read again; run from a file, or without --only find")
    if "://" in name or "files" in file:  # an address, or a folder: what is read will tell
        return
    try:
        now = Path(name).stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        told = "put it back" if Path(name).is_absolute() else f"ask from the folder in which the run was, not {Path.cwd()}"
        raise Unreadable(f"{name}, which the run read, is not there; {told}, or run again") from None
    if now != size:
        raise Unreadable(
            f"{name} has changed since the run read it ({size:,} bytes then, {now:,} now); run again, then ask why"
        )


def _rules(n_copies: int) -> tuple[str, ...]:
    """The rules that may have parted two texts that cover enough of one another; `n_copies` are of the larger of their stories.

    Of two lone texts that are linked the middle members are these two, and they know one another.
    """
    return ("links", "templates", *(("middle",) if n_copies > 1 else ()), "core")


def _paths(story: Mapping[str, Mapping[str, Any]], one: str, other: str) -> tuple[tuple[Hop, ...], ...]:
    """The shortest way from one copy of a story to another through nearest copies, either way round."""
    beside: dict[str, set[str]] = {id_: set() for id_ in story}
    for id_, row in story.items():
        if row["nearest_copy"] in story:
            beside[id_].add(row["nearest_copy"])
            beside[row["nearest_copy"]].add(id_)
    came: dict[str, str] = {one: one}
    queue = deque([one])
    while queue and other not in came:
        id_ = queue.popleft()
        for next_ in sorted(beside[id_] - came.keys()):
            came[next_] = id_
            queue.append(next_)
    if other in came:
        way = [other]
        while way[-1] != one:
            way.append(came[way[-1]])
        return (_hops(story, way[::-1]),)
    return _hops(story, _upwards(story, one)), _hops(story, _upwards(story, other))


def _upwards(story: Mapping[str, Mapping[str, Any]], id_: str) -> list[str]:
    """A copy, its nearest, the nearest of that, until one comes again."""
    way = [id_]
    while (near := story[way[-1]]["nearest_copy"]) in story and near not in way:
        way.append(near)
    return way


def _hops(story: Mapping[str, Mapping[str, Any]], way: Sequence[str]) -> tuple[Hop, ...]:
    hops = []
    for a, b in pairwise(way):
        row = story[a]
        if row["nearest_copy"] == b:
            hops.append(Hop(a, b, row["coverage"], row["coverage_of_nearest"]))
        else:
            hops.append(Hop(a, b, story[b]["coverage_of_nearest"], story[b]["coverage"]))
    return tuple(hops)
