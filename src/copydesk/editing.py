"""Many stories edited, one after the other: the rows of their editions, and of the record of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from copydesk.model import Copy, Edition, Known, Span
from copydesk.story import reconcile, reconciled

if TYPE_CHECKING:
    import pyarrow as pa

# Bytes of one story that are reconciled: more take a process more than half a GB.
LARGE = 8 << 20
MANY = 5  # copies of a story of which it is looked how two copies alone would have fared

Given = tuple[str, list[Copy], list[str], int]
"""A story: its name, its copies, the ids of those that are left out, and how many more are that are not named."""


class How(NamedTuple):
    """How stories are edited: by what is `known` of their sources; whether their `record` is read, and by what its names.

    `decide` has the last word about an edition.
    """

    known: Known
    record: bool
    names_by: str | None = None
    decide: Callable[[Edition], Edition] | None = None


def edited(stories: Iterable[Given], how: How, checked: int) -> tuple[dict[str, pa.RecordBatch], dict[str, Any]]:
    """The rows of stories, table by table, and what was counted.

    Of `checked` stories of many copies it is looked how two copies alone would have fared.
    """
    from copydesk import tables
    from copydesk.edit.damage import OTHER
    from copydesk.recorded import Rows

    known, record, names_by, decide = how
    rows, records = tables.Rows(), Rows(names_by)
    told: dict[str, Any] = dict.fromkeys(("copies", "reconciled", "variants", "in_versions", "not_reconciled", "strangers"), 0)
    fared: Counter[tuple[float, bool]] = Counter()
    for story, copies, rest, unnamed in stories:
        n_copies = len(copies) + len(rest) + unnamed
        told["copies"] += n_copies
        rows.left_out(story, rest, too_many(n_copies))
        published = _published(copies)
        if len(copies) == 1:
            title = records.edition(story, _alone(copies[0])) if record else None
            rows.alone(story, copies[0], n_copies, published, title)
            continue
        try:
            edition = reconciled(copies, known, witnessed=record or (checked > 0 and len(copies) >= MANY))
        except ValueError as error:  # not one story, or no words
            longest = min(copies, key=lambda copy: (-len(copy.text), copy.id))
            title = records.edition(story, _alone(longest)) if record else None
            rows.alone(story, longest, n_copies, published, title)
            rows.left_out(story, [copy.id for copy in copies if copy is not longest], str(error))
            told["not_reconciled"] += 1
            continue
        if decide is not None:
            edition = decide(edition)
        for version in (*edition.earlier, edition):
            own = [copy for copy in copies if copy.id in version.of_version]
            title = records.edition(story, version) if record else None
            rows.edition(story, version, len(own) or n_copies, _published(own) if own else published, title)
        strangers = [damage.copy for damage in edition.damage if damage.kind == OTHER]
        rows.left_out(story, strangers, OTHER)
        if checked and len(copies) - len(strangers) >= MANY:
            checked -= 1
            fared += _fared(edition, set(strangers), known)
        told["reconciled"] += 1
        told["in_versions"] += bool(edition.earlier)
        told["variants"] += len(edition.variants)
        told["strangers"] += len(strangers)
    told["choices"] = [(step, right, n) for (step, right), n in sorted(fared.items())]
    if record:
        told |= records.told()
    return rows.batches() | (records.batches() if record else {}), told


def too_many(n_copies: int) -> str:
    """Why copies of a large story are left out."""
    return f"too many: {n_copies:,} copies of more than {LARGE:,} bytes, of which a sample was taken"


def _fared(edition: Edition, strangers: set[str], known: Known) -> Counter[tuple[float, bool]]:
    """How the choices of two copies of a story, drawn by chance, fare in the light of all its copies."""
    from hashlib import blake2b

    from copydesk.edit.calibration import judged

    own = [copy for copy in edition.copies if copy.id not in strangers]
    drawn = sorted(own, key=lambda copy: blake2b(copy.id.encode()).digest())[:2]
    try:
        return judged(reconcile(drawn, known), edition)
    except ValueError:  # these two alone do not look like one story
        return Counter()


def _alone(copy: Copy) -> Edition:
    """The edition of one copy: its text."""
    whole = (Span(0, len(copy.text), copy.id, 0, len(copy.text)),)
    return Edition(copy.text, (copy,), whole, whole, (), (), (), 1.0)


def _published(copies: Sequence[Copy]) -> str | None:
    """What most copies say; of as many the least."""
    said = Counter(copy.published for copy in copies if copy.published)
    return min(said, key=lambda value: (-said[value], value), default=None)
