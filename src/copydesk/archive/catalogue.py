"""The catalogue: what an archive holds, in one SQLite database; what it does not name is not there.

A batch is what one step added: its tables and seeds lie in a folder of their own, `batches/000001`, and are never changed. The
transaction that enters a batch here is the moment in which it counts, whole, with its words to be searched. SQLite lets readers
go on meanwhile, in the state in which they began.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copydesk.model import Misused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAME = "desk.sqlite"
AT_ONCE = 30_000
"""Values that SQLite takes in one statement, at most."""
PATIENCE = 60
"""Seconds for which a lock that another process has is waited for."""
AS_IT_IS = "?immutable=1"
"""How SQLite is told that nobody writes a catalogue."""
FORMAT = 1
"""What is written; an archive of another number is refused."""
SCHEMA = """
CREATE TABLE fact(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
-- `live` while its folder has rows that count; `ended` says since when (seconds since 1970) it has none
CREATE TABLE batch(no INTEGER PRIMARY KEY, at TEXT NOT NULL, what TEXT NOT NULL, copies INTEGER NOT NULL,
                   rejected INTEGER NOT NULL, stories INTEGER NOT NULL, live INTEGER NOT NULL, ended REAL);
-- the folders of seeds, in order of the copies that they are of
CREATE TABLE seeds(batch INTEGER PRIMARY KEY, first INTEGER NOT NULL, n INTEGER NOT NULL);
-- `print` is a fingerprint of the text, lest another comes under the same id
CREATE TABLE copy(no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, print BLOB NOT NULL, batch INTEGER NOT NULL,
                  story INTEGER NOT NULL);
CREATE INDEX copy_of_story ON copy(story);
-- `batch` is the one whose folder has its rows, `made` the one that edited it
CREATE TABLE story(no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, batch INTEGER NOT NULL, made INTEGER NOT NULL);
CREATE INDEX story_of_batch ON story(batch);
-- rows of a story in the folder of a batch that count no more
CREATE TABLE void(story TEXT NOT NULL, batch INTEGER NOT NULL, PRIMARY KEY(story, batch)) WITHOUT ROWID;
-- the editions that were, made by `batch` and replaced by `until`; what a story was called before
CREATE TABLE earlier(story TEXT NOT NULL, version INTEGER NOT NULL, batch INTEGER NOT NULL, until INTEGER NOT NULL,
                     n_copies INTEGER NOT NULL, title TEXT, published TEXT, confidence REAL, text TEXT NOT NULL,
                     PRIMARY KEY(story, until, version)) WITHOUT ROWID;
CREATE TABLE was(story TEXT NOT NULL, batch INTEGER NOT NULL, was TEXT NOT NULL, PRIMARY KEY(story, batch, was)) WITHOUT ROWID;
-- the editions whose words can be searched; of one that is gone the `words` stay, and nothing leads to them
CREATE TABLE edition(no INTEGER PRIMARY KEY, story INTEGER NOT NULL, version INTEGER NOT NULL, print BLOB NOT NULL);
CREATE INDEX edition_of_story ON edition(story);
CREATE VIRTUAL TABLE words USING fts5(title, text, source, published, content='', tokenize='unicode61 remove_diacritics 2');
CREATE TABLE decision(no INTEGER PRIMARY KEY, copy TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
                      before TEXT NOT NULL, was TEXT NOT NULL, after TEXT NOT NULL, chosen TEXT NOT NULL,
                      at TEXT NOT NULL, note TEXT NOT NULL, undone TEXT);
"""


class NoArchive(Misused):
    """What was named is no archive, or one that cannot be read; the message says what to do."""


def is_archive(path: Path) -> bool:
    """Whether an archive is there."""
    return (path / NAME).is_file()


def folder(path: Path, batch: int) -> Path:
    """The folder of a batch."""
    return path / "batches" / f"{batch:06d}"


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The catalogue as it is now, whatever is written meanwhile. Raises `NoArchive`, and `OSError` where it cannot be."""
    with _clear(path), closing(_connected(path, how := _to_read(path))) as catalogue:
        catalogue.execute("PRAGMA query_only = 1")
        catalogue.execute("BEGIN")
        _check(catalogue, path)
        began = (path / NAME).stat().st_mtime_ns
        yield catalogue
        if how == AS_IT_IS and (path / NAME).stat().st_mtime_ns != began:
            raise OSError(errno.EBUSY, "another process wrote it this moment; try again", str(path / NAME))


def having(catalogue: sqlite3.Connection, query: str, values: Sequence[object]) -> Iterator[tuple[Any, ...]]:
    """The rows of a query that ends with a column, where that has one of the values."""
    for start in range(0, len(values), AT_ONCE):
        some = values[start : start + AT_ONCE]
        yield from catalogue.execute(f"{query} IN ({','.join('?' * len(some))})", some)


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """The catalogue to be written: what is done in the block counts when it has ended well, or not at all.

    Raises `NoArchive`, and `OSError` where it cannot be written.
    """
    with _clear(path), closing(_connected(path)) as catalogue:
        catalogue.execute("BEGIN IMMEDIATE")
        _check(catalogue, path)
        try:
            yield catalogue
        except BaseException:
            if catalogue.in_transaction:  # of a full disk SQLite has taken all back itself
                catalogue.execute("ROLLBACK")
            raise
        catalogue.execute("COMMIT")


def create(path: Path) -> None:
    """An empty catalogue, whole or not there at all."""
    new = path / f".{NAME}.{os.getpid()}"
    new.unlink(missing_ok=True)
    with _clear(path), closing(sqlite3.connect(new, isolation_level=None)) as catalogue:
        catalogue.execute("PRAGMA page_size = 8192")
        catalogue.execute("PRAGMA journal_mode = WAL")
        catalogue.executescript(f"BEGIN; {SCHEMA} COMMIT;")
        catalogue.execute("INSERT INTO fact VALUES ('format', ?)", [FORMAT])
    new.replace(path / NAME)


@contextmanager
def begun(path: Path) -> Iterator[None]:
    """An archive that is there, or is made; what was made for a first batch that fails is gone. Nobody else may write it."""
    new = not is_archive(path)
    try:
        if new:
            create(path)
        yield
    except BaseException:
        if new and is_archive(path) and not _has_batches(path):
            with suppress(OSError):
                (path / "batches").rmdir()
            for end in ("-wal", "-shm", ""):
                (path / f"{NAME}{end}").unlink(missing_ok=True)
        raise


def _has_batches(path: Path) -> bool:
    with reading(path) as catalogue:
        return catalogue.execute("SELECT 1 FROM batch").fetchone() is not None


@contextmanager
def _clear(path: Path) -> Iterator[None]:
    """What keeps SQLite from its work (a full disk, a lock that stays) is an error of the system, with what it was about.

    What is no database is no archive.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        numbers = {sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_BUSY: errno.EBUSY}
        number = numbers.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, errno.EIO)
        said = "another process has locked it for long; try again" if number == errno.EBUSY else str(error)
        raise OSError(number, said, str(path / NAME)) from error
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
            raise NoArchive(f"{path / NAME} cannot be read: {error}") from None
        raise


def _to_read(path: Path) -> str:
    """How SQLite is told to open a catalogue to be read.

    To read one in WAL mode it writes beside it: a log, and an index to that. Who may not write goes by those that a writer has
    there. Where there are none all is in the catalogue, which is then read as a file that stays as it is (`reading` looks).
    Raises `PermissionError` where there is a log and no index to it.
    """
    if os.access(path, os.W_OK) and os.access(path / NAME, os.W_OK):
        return ""
    if (path / f"{NAME}-shm").exists():
        return "?mode=ro"
    log = path / f"{NAME}-wal"
    if log.exists() and log.stat().st_size:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return AS_IT_IS


def _connected(path: Path, how: str = "") -> sqlite3.Connection:
    if not is_archive(path):
        if (path / "run.json").is_file():
            raise NoArchive(f"{path} is the folder of a run, and no archive; copydesk add NEW.desk FILE... makes one")
        raise NoArchive(f"{path} is no archive; copydesk add {path} FILE... makes one")
    address = (path / NAME).absolute().as_uri() + how
    catalogue = sqlite3.connect(address, uri=True, isolation_level=None, timeout=PATIENCE, check_same_thread=False)
    catalogue.execute("PRAGMA synchronous = FULL")
    return catalogue


def _check(catalogue: sqlite3.Connection, path: Path) -> None:
    try:
        (found,) = catalogue.execute("SELECT value FROM fact WHERE name = 'format'").fetchone() or (None,)
    except sqlite3.DatabaseError as error:
        raise NoArchive(f"{path / NAME} cannot be read: {error}") from None
    if found != FORMAT:
        raise NoArchive(f"{path} is an archive of format {found}, and this Copydesk reads format {FORMAT}; update it")
