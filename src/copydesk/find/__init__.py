"""Find the copies of a corpus: copies in, stories out, with the evidence for every copy.

Letters, seeds, links, chains, boilerplate, templates, stories, relation: each is a file, and `find` walks through them once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from copydesk.find import links, seeds, stories, templates
from copydesk.find.boilerplate import LEAST_LETTERS, learn
from copydesk.find.chains import WIDE_GAP, Hashes, Shared, Texts, permille
from copydesk.find.number import number
from copydesk.find.relation import evidence, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from copydesk.engines.local import Local
    from copydesk.find.boilerplate import Cover
    from copydesk.find.chains import Index

    Learn = Callable[[Texts, Index, Index, Shared, Index, Index, int, Cover], tuple[Hashes, Index, pa.Table]]

TEXTS = PAIRS = 2048
"""Texts whose postings are made at a time, and pairs that are chained. They take two megabytes, which a program has at hand
again; more goes back to the system, and what comes from there has to be cleared."""


@dataclass(frozen=True)
class Settings:
    """What can be set about finding.

    `same` is the share of the shorter of two texts, boilerplate aside, that must lie in the other for them to be linked. Less
    finds shorter shared passages, and joins more that only quote one another.
    """

    same: float = 0.5


DEFAULT = Settings()


@dataclass(frozen=True)
class Found:
    """What was found.

    `copies`: the columns given but for `text`, then `story_id, relation, nearest_copy, coverage, coverage_of_nearest,
    n_letters, story_letters` (those outside boilerplate), in order of `copy_id`; a story is named after its first copy.
    `boilerplate`: `seed, junk, good`, the links of little and of much coverage that it was learned from.
    """

    copies: pa.Table
    boilerplate: pa.Table


def find(
    copies: Iterable[pa.RecordBatch],
    engine: Local,
    settings: Settings = DEFAULT,
    told: Callable[[str], None] = lambda step: None,
) -> Found:
    """Find the stories of copies, given in batches with `copy_id` (unique), `text` and any other columns.

    `told` hears the name of each step as it begins.
    """
    told("seeds")
    return among(*seeded(copies, engine), engine, settings, told)


def among(
    table: pa.Table,
    kept: NDArray[np.uint64],
    starts: Index,
    ends: Index,
    engine: Local,
    settings: Settings = DEFAULT,
    told: Callable[[str], None] = lambda step: None,
    learn: Learn = learn,
) -> Found:
    """Find the stories of copies whose seeds are known, as `seeded` gives them. `learn` learns what is boilerplate."""
    same = round(settings.same * 1000)
    told("number")
    order = pc.sort_indices(table.column("copy_id"))
    table = table.take(order)
    numbered = number(table)
    place = order.to_numpy()[numbered.first]
    texts = Texts(kept, starts[place], ends[place], table.column("n_letters").to_numpy()[numbered.first])

    told("links")
    in_order = np.argsort(texts.starts)  # as their seeds lie in memory
    postings = engine.shuffle(partial(links.postings, texts), (in_order[i : i + TEXTS] for i in _steps(len(texts), TEXTS)))
    found = enumerate(engine.shuffle(partial(links.link, len(texts)), postings))
    n_seeds = texts.ends - texts.starts
    a, b = _joined(engine.map(lambda part: links.choose(n_seeds, *part), found))
    by_center = np.sort(a << 32 | b)  # the first text of a pair is indexed, and centers are few
    a, b = by_center >> 32, by_center & 0xFFFFFFFF

    told("chains")
    shared, cover_a, cover_b = _chained(engine, texts, a, b)
    told("boilerplate")
    again = partial(_chained_again, engine, shared)
    boilerplate, letters, learned = learn(texts, a, b, shared, cover_a, cover_b, same, again)
    del shared, again  # the file goes with them

    def of_each(x: Index, y: Index, gap: int = WIDE_GAP) -> tuple[Index, Index]:
        pairs = np.stack([x, y], axis=1)
        of_x, of_y = _in_parts(engine, lambda some: texts.chain(some[:, 0].copy(), some[:, 1].copy(), boilerplate, gap), pairs)
        return np.minimum(of_x * 1000 // letters[x], 1000), np.minimum(of_y * 1000 // letters[y], 1000)

    def of_better(x: Index, y: Index, gap: int) -> Index:
        return np.maximum(*of_each(x, y, gap))

    told("stories")
    covered = permille(cover_a, cover_b, letters[a], letters[b])
    # What a weak link covers is no evidence: it tells which story to ask.
    asked = np.flatnonzero((covered >= same) | (np.maximum(cover_a, cover_b) >= LEAST_LETTERS))
    asked = asked[np.argsort(b[asked] << 32 | a[asked])]
    a, b, covered, cover_a, cover_b = (x[asked] for x in (a, b, covered, cover_a, cover_b))
    linked = covered >= same
    first = stories.grow(len(texts), a[linked], b[linked], covered[linked])
    linked[linked] = ~templates.templated(texts, boilerplate, first, a[linked], b[linked], partial(_in_parts, engine))
    strong = linked & (covered >= stories.STRONG)
    story = stories.grow(len(texts), a[strong], b[strong], covered[strong])
    asked = np.flatnonzero(linked | (covered < same))
    least = np.where(linked, stories.MEAN, same)[asked]
    story = stories.join(story, a[asked], b[asked], least, of_better)
    a, b, covered, cover_a, cover_b = (x[linked] for x in (a, b, covered, cover_a, cover_b))
    story, hub = stories.shed(story, a, b, covered, texts, boilerplate)

    told("relation")
    of_a, of_b = np.minimum(cover_a * 1000 // letters[a], 1000), np.minimum(cover_b * 1000 // letters[b], 1000)
    near, own, others = nearest(story, hub, a, b, of_a, of_b, of_each)
    told_of_each = evidence(table.column("copy_id"), numbered, story, near, own, others)
    story_letters = pa.array(letters[numbered.text])
    columns = table.drop_columns(["n_letters", "length", "digest"])
    for name, column in {**told_of_each, "n_letters": table.column("n_letters"), "story_letters": story_letters}.items():
        columns = columns.append_column(name, column)
    return Found(columns, learned)


def seeded(copies: Iterable[pa.RecordBatch], engine: Local) -> tuple[pa.Table, NDArray[np.uint64], Index, Index]:
    """The copies without texts, as `seeds.seed` gives them; all seeds, and where those of each copy start and end.

    The seeds are too many to be held: they are piled up as they come.
    """
    pile = engine.pile()
    tables, lengths = [], [np.zeros(1, np.int64)]
    for table in engine.map(seeds.seed, copies):
        some, bounds = seeds.numbers(table.column("seeds"))
        pile.add(some)
        lengths.append(np.diff(bounds))
        tables.append(table.drop_columns(["seeds"]))
    if not tables:
        raise ValueError("there are no copies")
    bounds = np.cumsum(np.concatenate(lengths))
    return pa.concat_tables(tables), pile.read(np.dtype(np.uint64)), bounds[:-1], bounds[1:]


def _chained(engine: Local, texts: Texts, a: Index, b: Index) -> tuple[Shared, Index, Index]:
    """The seeds that the pairs share, and the letters of each text of a pair that its chains with the other cover."""

    def part(start: int) -> tuple[Shared, tuple[Index, Index]]:
        some = slice(start, start + PAIRS)
        shared = texts.shared(a[some], b[some])
        return shared, shared.chain(np.arange(len(a[some])))

    seeds, places = engine.pile(), engine.pile()
    lengths, covers = [np.zeros(1, np.int64)], []
    for shared, cover in engine.map(part, _steps(len(a), PAIRS)):
        seeds.add(shared.seeds)
        places.add(shared.places)
        lengths.append(np.diff(shared.bounds))
        covers.append(cover)
    every = Shared(seeds.read(np.dtype(np.uint64)), places.read(np.dtype(np.int32)), np.cumsum(np.concatenate(lengths)))
    cover_a, cover_b = _joined(covers)
    return every, cover_a, cover_b


def _chained_again(engine: Local, shared: Shared, pairs: Index, boilerplate: Hashes) -> tuple[Index, Index]:
    """The letters that the chains of some pairs cover, boilerplate aside."""
    cover_a, cover_b = _in_parts(engine, lambda some: shared.chain(some, boilerplate), pairs)
    return cover_a, cover_b


def _in_parts(engine: Local, function: Callable[[Index], tuple[Index, ...]], rows: Index) -> tuple[Index, ...]:
    """The columns that a function makes of rows, a part of them at a time."""
    return _joined(engine.map(lambda start: function(rows[start : start + PAIRS]), _steps(len(rows), PAIRS)))


def _joined(parts: Iterable[tuple[Index, ...]]) -> tuple[Index, ...]:
    """The columns of all parts (at least one)."""
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def _steps(n: int, step: int) -> range:
    """Where parts of `n` rows start: at least one, if of none."""
    return range(0, max(1, n), step)
