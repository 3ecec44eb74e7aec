"""A corpus as a stream of copies: the rows of all its files, each with the same columns, and a reason for each that is none.

A row that cannot be read is rejected with its file, its row and the reason; nothing is dropped in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from copydesk.sources import files, labels_of
from copydesk.sources.cut import Cut
from copydesk.sources.files import stamp
from copydesk.sources.fingerprints import Fingerprints
from copydesk.sources.pages import Capture, Read, in_order
from copydesk.sources.rows import LONGEST, Row, Rows, bytes_of, column_names, rows, text_of, type_of
from copydesk.sources.seen import Seen
from copydesk.sources.text import NoInput, Unreadable
from copydesk.sources.values import as_json, host, strings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from copydesk.model import Index

    Reject = Callable[[str, int, str], None]

__all__ = ["DEFAULT", "NAMES", "Columns", "Fingerprints", "batches", "check", "stamp"]

ROWS, ENOUGH = 8192, 16 << 20  # rows, or bytes of text, that make a batch
EMPTY = "the text is empty"
NAMES = ("copy_id", "source", "published", "url", "story", "other", "text")


@dataclass(frozen=True)
class Columns:
    """Which columns of the input hold what; of several the first that a row has counts. `story` is for who groups by it."""

    id: str = "id"
    text: str = "text"
    source: str = "source"
    published: tuple[str, ...] = ("published", "date")
    url: str = "url"
    story: str | None = None


DEFAULT = Columns()
OPTIONAL = (DEFAULT.source, *DEFAULT.published, DEFAULT.url)  # those that are taken where they are strings


def check(names: Sequence[str], columns: Columns = DEFAULT) -> list[str]:
    """The inputs that names stand for, in the order in which they are read: their own, so the order given decides nothing.

    A name is a file, a folder, a pattern such as `"news/**/*.txt"`, the address of any of them in an object store, or `-`.

    Raises `Unreadable` for a file that is no table of copies, as far as a look at it tells, and of its kinds `NoInput` for a
    name that nothing goes by, for a file without a column of texts, and for a column that is named (unlike those by default)
    and that no file has; `OSError` for what cannot be opened.
    """
    inputs = files.inputs(names)
    looked: dict[str, list[str]] = {}
    for name in inputs:
        if files.kind(name) in {None, "warc", *files.SINGLE} or (has := column_names(name)) is None:
            continue
        if columns.text not in has:
            raise NoInput(f"{_lacks(name, columns.text, has)}; name the column of the texts with --text")
        if files.kind(name) == "parquet":
            _check_type(name, columns.text)
        looked[name] = has
    there = {column for has in looked.values() for column in has}
    for option in ("id", "source", "published", "url", "story"):
        asked = getattr(columns, option)
        if asked == getattr(DEFAULT, option) or not looked:
            continue
        if there.isdisjoint(of := asked if isinstance(asked, tuple) else (asked,)):
            name = min(looked)
            others = f", nor has any other of {len(looked)} files" if len(looked) > 1 else ""
            raise NoInput(f"{_lacks(name, ' or '.join(of), looked[name])}{others}; name another with --{option}")
    return inputs


def batches(  # noqa: PLR0917  the last is for who reads in pieces
    names: Sequence[str],
    reject: Reject,
    columns: Columns = DEFAULT,
    processes: int = 1,
    fingerprints: Fingerprints | None = None,
    labels: Mapping[str, str] | None = None,
) -> Iterator[pa.RecordBatch]:
    """The copies of inputs that `check` has passed, in the columns `NAMES`, all strings.

    Who reads a corpus in pieces gives the `labels` of all its inputs: then there is a column `row` besides.

    `other` is a JSON object of all other columns of the row, null where there are none; `story` is null unless its column is
    named. A copy without an id is called after its file and row; where two rows have one id the first is taken. `reject` hears
    file, row (from 1) and reason of the rest, `fingerprints` what is read. Beside the batch only a hash of each id is held.
    Pages are read by so many processes; each is several copies, of which each extractor is the source.
    """
    seen = Seen()
    held: list[Copies] = []
    n = size = 0
    for name, label, block in _blocks(names, columns, processes, fingerprints or Fingerprints(), labels):
        made = _cut_copies(block, columns, label, seen) if isinstance(block, Cut) else _copies(block, columns, label, seen)
        copies, bad = made
        for number, why in bad:
            reject(name, number, why)
        held.append(copies)
        n += len(copies.texts)
        size += sum(map(len, copies.texts)) if isinstance(copies.texts, list) else copies.texts.nbytes
        if n >= ROWS or size >= ENOUGH:
            yield _batch(held, labels is not None)
            held, n, size = [], 0, 0
    if n:
        yield _batch(held, labels is not None)


class Copies(NamedTuple):
    """Some copies: their strings in the order of `NAMES`, and their texts in UTF-8, as arrays where the file has them."""

    strings: list[list[str | None] | pa.Array]
    texts: list[bytes] | pa.Array
    rows: Sequence[int] | Index


def labels(names: Sequence[str]) -> dict[str, str]:
    """What the copies without an id of each of all inputs that are tables are called after, and texts below each folder."""
    tables = [name for name in names if files.kind(name) not in {None, *files.SINGLE}]
    roots = sorted({files.root(name) for name in names if name not in tables})
    folders = labels_of(roots) if len(roots) > 1 else [""] * len(roots)
    return dict(zip([*tables, *roots], [*labels_of([files.shown(name) for name in tables]), *folders], strict=True))


def _batch(held: list[Copies], numbered: bool) -> pa.RecordBatch:
    import pyarrow as pa

    strings = [
        _together(of, lambda values: pa.array(values, pa.string())) for of in zip(*(c.strings for c in held), strict=True)
    ]
    batch = pa.record_batch([*strings, _together([copies.texts for copies in held], _array)], names=NAMES)
    if numbered:
        batch = batch.append_column("row", pa.array(np.concatenate([np.asarray(c.rows, np.int64) for c in held])))
    return batch


def _together(parts: Sequence[list[Any] | pa.Array], made: Callable[[list[Any]], pa.Array]) -> pa.Array:
    """The parts of a column as one array."""
    import pyarrow as pa

    if all(isinstance(part, list) for part in parts):
        return made([*chain.from_iterable(parts)])
    arrays = [made(part) if isinstance(part, list) else part for part in parts]
    return pa.concat_arrays(arrays) if len(arrays) > 1 else arrays[0]


def _array(texts: list[bytes]) -> pa.Array:
    """UTF-8 as an array of strings: what `pa.array` makes of strings, without a second copy of each."""
    import pyarrow as pa

    ends = np.zeros(len(texts) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, texts), np.int32, len(texts)), out=ends[1:])
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(b"".join(texts)))


def _blocks(
    names: Sequence[str], columns: Columns, processes: int, fingerprints: Fingerprints, of_all: Mapping[str, str] | None
) -> Iterator[tuple[str, str, Rows | Cut]]:
    """The rows of all inputs with the name of their file, and what those without an id are called after."""
    every = of_all or labels(names)
    labels_ = {name: every[name] for name in names if files.kind(name) not in {None, *files.SINGLE}}
    folders = {name: label for name, label in every.items() if name not in labels_}
    given = _given(names, labels_, folders, columns, fingerprints)
    if any(files.kind(name) in {None, "page", "warc"} for name in names):
        for name, read in in_order(given, processes):
            block = _page_block(read, columns) if isinstance(read, Read) else cast("Rows | Cut", read)
            yield files.shown(name), labels_.get(name, ""), block
    else:
        for name, some in given:
            yield files.shown(name), labels_.get(name, ""), cast("Rows | Cut", some)


def _given(
    names: Sequence[str], labels: Mapping[str, str], folders: Mapping[str, str], columns: Columns, fingerprints: Fingerprints
) -> Iterator[tuple[str, Rows | Cut | Capture]]:
    """The rows of all inputs, and the pages, with their file; `labels` has those that are no single documents."""
    read: set[str] = set()
    for name in names:
        if name in labels:
            with fingerprints.hears(name) as hear:
                is_archive = files.kind(name) == "warc"
                of_it = _archived(name) if is_archive else rows(name, columns.text, _needed(columns), hear)
                yield from ((name, block) for block in of_it)
            if files.kind(name) in {"parquet", "warc"}:
                fingerprints.read += files.size(name)
            continue
        for file, path in files.texts(name):
            if len(names) - len(labels) > 1:
                if files.identity(file) in read:
                    continue
                read.add(files.identity(file))
            id_ = PurePath(folders[files.root(name)], path)
            if files.kind(file) == "page":
                yield file, _saved(file, files.shown(id_.as_posix()), fingerprints.count)
            else:
                yield file, _text_block(file, id_, path, columns, fingerprints.count)


def _saved(file: str, id_: str, hear: files.Hear) -> Rows | Capture:
    """A file that is a page."""
    try:
        return Capture(1, bytes_of(file, hear), id_)
    except Unreadable as error:
        return Rows([], [], [], [(1, str(error))])


def _archived(name: str) -> Iterator[Rows | Capture]:
    """The pages of a web archive, and why there are none of some."""
    from copydesk.sources.warc import captures

    last = 0
    try:
        with files.opened(name) as file:
            for found in captures(file):
                last = found[0]
                yield found if isinstance(found, Capture) else Rows([], [], [], [found])
    except OSError as error:
        yield Rows([], [], [], [(last + 1, f"the archive is cut off or spoilt from here on: {error}")])


def _page_block(read: Read, columns: Columns) -> Rows:
    """The copies of a page, and why extractors have none. What they tell of it and no column has is among the other columns."""
    from copydesk.sources.votes import elected

    capture, page = read
    if isinstance(page, str):
        return Rows([], [], [], [(capture.number, page)])
    told = {"captured": capture.captured, "note": page.note, **elected(page.facts)}
    told = {name: value for name, value in sorted(told.items()) if value and name != "published"}
    others: list[Row] = [
        told | {columns.id: copy.id, columns.source: copy.source, columns.published[0]: copy.published, columns.url: copy.url}
        for copy in page.copies
    ]
    bad = [(capture.number, why) for why in page.failed]
    return Rows([capture.number] * len(others), [copy.text for copy in page.copies], others, bad)


def _text_block(file: str, id_: PurePath, path: str, columns: Columns, hear: files.Hear) -> Rows:
    """The one row of a text; its source is the first folder of its path, if that has one."""
    try:
        text, note = text_of(file, hear)
    except Unreadable as error:
        return Rows([], [], [], [(1, str(error))])
    folder, slash, _ = path.partition("/")
    row: Row = {"note": note} if note else {}
    row |= {columns.source: files.shown(folder) if slash else None, columns.id: files.shown(id_.as_posix())}
    return Rows([1], [text], [row], [])


def _copies(block: Rows, columns: Columns, label: str, seen: Seen) -> tuple[Copies, list[tuple[int, str]]]:
    """The copies among some rows; the numbers of the others, and why they are none, in order."""
    bad: dict[int, str] = {}
    texts = _texts(block.texts, bad, columns.text)
    of = {name: [row.pop(name, None) for row in block.others] for name in _needed(columns)}
    told = {name: _strings(values, name, block.others, bad) for name, values in of.items()}
    urls = told[columns.url]
    published = told[columns.published[0]]
    for other in columns.published[1:]:
        published = [first or second for first, second in zip(published, told[other], strict=True)]
    ids = [id_ or f"{label}:{number}" for id_, number in zip(told[columns.id], block.numbers, strict=True)]
    copied: list[list[str | None]] = [
        [*ids],
        [source or host(url) for source, url in zip(told[columns.source], urls, strict=True)],
        published,
        urls,
        told[columns.story] if columns.story else [None] * len(ids),
        as_json(block.others),
    ]
    _check_ids(ids, bad, seen)
    if bad:
        good = [at for at in range(len(ids)) if at not in bad]
        copied = [[of_it[at] for at in good] for of_it in copied]
        texts = [texts[at] for at in good] if isinstance(texts, list) else texts.take(np.array(good, np.int64))
    if isinstance(texts, list):
        texts = [text.encode() for text in texts]
    rows = [number for at, number in enumerate(block.numbers) if at not in bad] if bad else block.numbers
    return Copies(copied, texts, rows), sorted(block.bad + [(block.numbers[at], why) for at, why in bad.items()])


def _cut_copies(cut: Cut, columns: Columns, label: str, seen: Seen) -> tuple[Copies, list[tuple[int, str]]]:
    """As `_copies`, of rows that are columns."""
    import pyarrow as pa
    import pyarrow.compute as pc

    bad: dict[int, str] = {}
    n = len(cut.texts)
    texts: pa.Array = _texts(cut.texts, bad, columns.text, sound=True)
    of = {name: cut.strings.get(name, pa.nulls(n, pa.string())) for name in _needed(columns)}
    urls, sources, given = of[columns.url], of[columns.source], of[columns.id]
    if sources.null_count and urls.null_count < n:
        hosts = [None if source else host(url) for source, url in zip(sources.to_pylist(), urls.to_pylist(), strict=True)]
        sources = pc.coalesce(sources, pa.array(hosts, pa.string()))
    ids = given.to_pylist()
    if given.null_count:
        ids = [id_ or f"{label}:{number}" for number, id_ in enumerate(ids, cut.first)]
        given = pa.array(ids, pa.string())
    story = of[columns.story] if columns.story else pa.nulls(n, pa.string())
    copied = [given, sources, pc.coalesce(*(of[name] for name in columns.published)), urls, story, cut.others]
    _check_ids(ids, bad, seen)
    numbers = np.arange(cut.first, cut.first + n)
    if bad:
        good = pa.array([at for at in range(n) if at not in bad], pa.int64())
        copied, texts, numbers = [of_it.take(good) for of_it in copied], texts.take(good), numbers[good.to_numpy()]
    return Copies(copied, texts, numbers), sorted((cut.first + at, why) for at, why in bad.items())


def _check_ids(ids: Sequence[str], bad: dict[int, str], seen: Seen) -> None:
    """Tell in `bad` which of the ids that are not yet there were given before."""
    good = [at for at in range(len(ids)) if at not in bad] if bad else range(len(ids))
    for at in np.flatnonzero(~seen.first([ids[at] for at in good] if bad else ids)).tolist():
        bad[good[at]] = f"the id {ids[good[at]]!r} was given before"


def _strings(values: list[Any], column: str, others: list[Row], bad: dict[int, str]) -> list[str | None]:
    """The values of a column as strings. What is none is bad where the column was asked for; else it is one of the others."""
    told, unlike = strings(values)
    for at in unlike:
        if column in OPTIONAL:
            others[at][column] = values[at]
        else:
            bad.setdefault(at, f"{column!r} is neither a string nor a number")
    return told


def _texts(given: list[Any] | pa.Array, bad: dict[int, str], column: str, sound: bool = False) -> list[Any] | pa.Array:
    """Texts as they were given, an array as one of strings; those that are none are told in `bad`."""
    if isinstance(given, list):
        if set(map(type, given)) <= {str} and all(given) and not any(map(str.isspace, given)):
            return given
        for at, text in enumerate(given):
            if not isinstance(text, str):
                bad[at] = f"no text in {column!r}" if text is None else f"{column!r} is not a string"
            elif not text or text.isspace():
                bad[at] = EMPTY
        return given

    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(given):
        return given.cast(pa.string())
    try:
        texts = given.cast(pa.string())
        if not sound:
            texts.validate(full=True)
    except pa.ArrowInvalid:  # one at a time tells which
        each = enumerate(given.cast(pa.binary()).to_pylist())
        texts = pa.array([_decoded(text, at, bad, column) for at, text in each], pa.string())
    if texts.null_count:
        for at in np.flatnonzero(texts.is_null().to_numpy(zero_copy_only=False)).tolist():
            bad.setdefault(at, f"no text in {column!r}")
    ends = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    n_bytes = np.diff(ends)
    blank = pc.utf8_is_space(texts).fill_null(False).to_numpy(zero_copy_only=False) | (n_bytes == 0)
    for at in np.flatnonzero(blank).tolist():
        bad.setdefault(at, EMPTY)
    for at in np.flatnonzero(n_bytes > LONGEST).tolist():
        bad[at] = f"the text is longer than {LONGEST >> 20} MB"
    return texts


def _decoded(text: bytes | None, at: int, bad: dict[int, str], column: str) -> str | None:
    try:
        return None if text is None else text.decode()
    except UnicodeDecodeError as error:
        bad[at] = f"{column!r} is no UTF-8 at byte {error.start + 1}"
        return None


def _needed(columns: Columns) -> list[str]:
    """The columns of the input that a copy has strings of, each once."""
    named = (columns.id, columns.source, *columns.published, columns.url, columns.story)
    return list(dict.fromkeys(name for name in named if name is not None))


def _check_type(name: str, text: str) -> None:
    import pyarrow as pa

    kind = type_of(name, text)
    if kind is None:
        return
    of = kind.value_type if pa.types.is_dictionary(kind) else kind
    texts = (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view())
    if of not in texts:
        raise Unreadable(f"{files.shown(name)}: the column {text!r} holds {kind}, not text; name another with --text")


def _lacks(name: str, column: str, has: list[str]) -> str:
    more = f" and {len(has) - 12} more" if len(has) > 12 else ""
    return f"{files.shown(name)} has no column {column!r} (it has {', '.join(has[:12])}{more})"
