"""Link: new copies find their stories among all that are kept, through seeds; only stories they touch are looked at again.

A new text is linked to the few kept ones it shares most with, and these are chained. Where that covers anything worth asking
about, the story is *touched*: all its copies and the new ones go through finding together, as if they were the whole corpus,
with the boilerplate that is known. So the rules that make stories are those of finding, and none besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from copydesk.archive.catalogue import having
from copydesk.archive.kept import Kept, Seeded, digests_of, joined
from copydesk.find import Settings, among
from copydesk.find.boilerplate import LEAST_LETTERS, learn_more, weighty
from copydesk.find.chains import Hashes, Texts, permille

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray

    from copydesk.engines.local import Local


NEAR, DEEP = 12, 4
"""Copies that a new text is chained with, and texts of a seed, in each batch, that it may lead to. A run chains six, with the
first of each seed; but it sees all reports of a template, and here they must be touched to be told from copies."""


class Linked(NamedTuple):
    """Stories that are other than they were: `copies` and `boilerplate` as finding gives them, and the stories that are gone.

    `boilerplate` is None where it is what it was. `gone` are `(number, id, batch, made)`; `was` are the ids of the stories that
    each story's copies were in before.
    """

    copies: pa.Table
    boilerplate: pa.Table | None
    gone: list[tuple[int, str, int, int]]
    was: dict[str, set[str]]


def link(  # noqa: PLR0917  what there is to link
    catalogue: sqlite3.Connection, kept: Kept, new: Seeded, boilerplate: pa.Table, same: float, engine: Local
) -> Linked:
    """Link new copies, given with ids that the archive does not have, to its stories."""
    touched = _touched(catalogue, kept, new, boilerplate.column("seed").to_numpy(), round(same * 1000))
    rows = list(having(catalogue, "SELECT no, id, story FROM copy WHERE story", touched))
    rows.sort()
    old = kept.seeded(np.array([no for no, _, _ in rows], np.int64), pa.array([id_ for _, id_, _ in rows], pa.string()))
    # the seeds of old copies come first: that is how those of new ones are told
    learn = learn_more(boilerplate, kept.count, len(old.seeds))
    found = among(*joined(old, new), engine, Settings(same), learn=learn)
    query = "SELECT no, id, batch, made FROM story WHERE no"
    stories = {no: (id_, batch, made) for no, id_, batch, made in having(catalogue, query, touched)}
    return _changed(found.copies, found.boilerplate, {id_: story for _, id_, story in rows}, stories)


def _touched(catalogue: sqlite3.Connection, kept: Kept, new: Seeded, boilerplate: NDArray[np.uint64], same: int) -> list[int]:
    """The numbers of the stories that new copies may belong to, or may join."""
    n_letters = new.table.column("n_letters").to_numpy()
    texts = Texts(new.seeds, new.starts, new.ends, n_letters)
    of, copy = kept.linked(texts, boilerplate, NEAR, DEEP)
    copies, at = np.unique(copy, return_inverse=True)
    seeds, bounds, letters, _, _ = kept.of(copies)
    both = Texts(
        np.concatenate([seeds, new.seeds]),
        np.concatenate([bounds[:-1], new.starts + len(seeds)]),
        np.concatenate([bounds[1:], new.ends + len(seeds)]),
        np.concatenate([letters, n_letters]),
    )
    order = np.lexsort((of, at))
    a, b = at[order], of[order] + len(copies)
    aside = Hashes.of(boilerplate)
    cover_a, cover_b = both.chain(a, b, aside)
    weight = weighty(both.story_letters(aside), both)
    asked = (permille(cover_a, cover_b, weight[a], weight[b]) >= same) | (np.maximum(cover_a, cover_b) >= LEAST_LETTERS)
    twins = kept.same_letters(digests_of(new.table))
    near = np.union1d(copies[a[asked]], twins[twins >= 0])
    return sorted({story for (story,) in having(catalogue, "SELECT story FROM copy WHERE no", near.tolist())})


def _changed(
    copies: pa.Table, boilerplate: pa.Table, story_of: dict[str, int], stories: dict[int, tuple[str, int, int]]
) -> Linked:
    """What is left when the stories that are as they were are set aside. `story_of` says in which an old copy was."""
    ids, found = copies.column("copy_id").to_pylist(), copies.column("story_id").to_pylist()
    before: dict[str, set[int | None]] = {}
    for id_, story_id in zip(ids, found, strict=True):
        before.setdefault(story_id, set()).add(story_of.get(id_))
    # What old copies are to one another all of them together have told: it is asked again only where a new one has come in.
    changed = {story_id for story_id, old in before.items() if None in old}
    affected = {no for story_id in changed for no in before[story_id]}
    while more := {story_id for story_id, old in before.items() if story_id not in changed and old & affected}:
        changed |= more
        affected |= {no for story_id in more for no in before[story_id]}
    same = before.keys() - changed
    as_they_were = {no for story_id in same for no in before[story_id]}
    gone = [(no, *told) for no, told in sorted(stories.items()) if no not in as_they_were]
    was = {story: {stories[no][0] for no in old if no is not None} for story, old in before.items() if story not in same}
    return Linked(copies.filter(pa.array([story not in same for story in found])), boilerplate, gone, was)
