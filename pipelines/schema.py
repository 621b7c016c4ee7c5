"""Opens the database file, makes it and brings an older one up to date.

The schema is SQL: every file of pipelines/schema is one migration, applied once, in order of name. A change of the
schema is a new file there; the files that are there stay as they are.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

APPLICATION_ID = 1869509221  # "onre" as four bytes; set by 0001_tables.sql
_FOLDER = Path(__file__).parent / "schema"
_PATIENCE = 10.0  # seconds to wait for another writer
# What is the file's fault, or the machine's, and not the statement's.
_REASONS = {
    sqlite3.SQLITE_CANTOPEN: "it can't be opened or made",
    sqlite3.SQLITE_PERM: "permission denied",
    sqlite3.SQLITE_READONLY: "it can't be written",
    sqlite3.SQLITE_BUSY: "another program is writing to it",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "reading or writing it failed",
    sqlite3.SQLITE_NOTADB: "it is damaged",
}
_failed: WeakKeyDictionary[Database, DatabaseError] = WeakKeyDictionary()


class DatabaseError(Exception):
    """The file can't be used; the message is one plain sentence."""


class UnusableDatabase(DatabaseError):
    """Missing, in a missing folder, not ours to write, in use, damaged, or on a full disk."""


class BusyDatabase(UnusableDatabase):
    """Another program is writing to it, and has been for as long as we wait."""


class NotADatabase(DatabaseError):
    """A file of another kind."""


class ForeignDatabase(DatabaseError):
    """A database of another program."""


class NewerDatabase(DatabaseError):
    """A database that a newer onrecord has written."""


def open_database(path: Path | str, *, create: bool = True) -> Database:
    """The database at `path`, ready to write and up to date; a missing file is made unless `create` is False.

    WAL, synchronous=NORMAL, foreign keys kept, 10 seconds of patience with other writers. A file that is refused
    is left as it was. Raises DatabaseError.
    """
    path = Path(path)
    if path.is_dir():
        raise UnusableDatabase(f"{path} is a folder, not a database.")
    if not path.parent.is_dir():
        raise UnusableDatabase(f"{path} can't be used: there is no folder {path.parent}.")
    if not create and not path.exists():
        raise UnusableDatabase(f"There is no database {path}.")
    # SQLite opens what it may not write for reading, and says so only at the first row.
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UnusableDatabase(f"{path} can't be used: it can't be written.")
    with _opened(path, str(path)) as db:
        _refuse_others(path, db)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        migrate(db)
    return db


def read_database(path: Path | str) -> Database:
    """The database at `path` as it stands, to be read alone: not brought up to date (see `is_current`), nor made.

    What another program has written and not yet put into the file itself (its WAL) is read, too. Raises DatabaseError.
    """
    path = Path(path)
    if path.is_dir():
        raise UnusableDatabase(f"{path} is a folder, not a database.")
    if not path.exists():
        raise UnusableDatabase(f"There is no database {path}.")
    with _opened(path, f"{path.resolve().as_uri()}?mode=ro") as db:
        _refuse_others(path, db)
        if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise ForeignDatabase(f"{path} is no database of onrecord: it is empty.")
    return db


@contextmanager
def _opened(path: Path, address: str) -> Iterator[Database]:
    """A connection that stays open after the block, unless the file is refused there. Raises DatabaseError."""
    try:
        connection = sqlite3.connect(address, uri=address.startswith("file:"), timeout=_PATIENCE)
    except sqlite3.Error as error:
        raise explained(path, error) from error
    try:
        yield Database(connection, execute_plugins=False)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        connection.close()
        raise explained(path, error) from error
    except DatabaseError:
        connection.close()
        raise


def is_current(db: Database) -> bool:
    """Whether no migration is missing."""
    return not _migrations().pending(db)


def migrate(db: Database) -> None:
    """Applies what is missing, all of it in one transaction."""
    migrations = _migrations()
    with transaction(db):
        if migrations.pending(db):
            migrations.apply(db)


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """All or nothing; inside an open transaction, a savepoint.

    It takes the write lock at once, which `db.atomic()` does not: SQLite lets nobody wait for a lock who has read
    already, so a reviewer's click between our first SELECT and our first INSERT would fail the article.

    Raises UnusableDatabase where the disk is full, or the file can't be written or read. From then on, this `db` writes
    nothing more: a small row may still fit where a large one did not, and would tell half of the story.
    """
    if failure := _failed.get(db):
        raise failure
    try:
        if db.conn.in_transaction:
            with db.atomic():
                yield
        else:
            db.conn.execute("BEGIN IMMEDIATE")
            with db.conn:
                yield
    except sqlite3.DatabaseError as error:
        if _code(error) not in _REASONS:
            raise
        failure = explained(next(file for _, name, file in db.execute("PRAGMA database_list") if name == "main"), error)
        if is_lasting(failure):
            _failed[db] = failure
        raise failure from error


def _refuse_others(path: Path, db: Database) -> None:
    application = db.execute("PRAGMA application_id").fetchone()[0]
    empty = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application != APPLICATION_ID and not (empty and application == 0):
        raise ForeignDatabase(f"{path} is a database of another program.")
    known = {script.stem for script in _FOLDER.glob("*.sql")}
    if unknown := [applied.name for applied in _migrations().applied(db) if applied.name not in known]:
        raise NewerDatabase(f"{path} was written by a newer onrecord (it has {', '.join(unknown)}): update this one.")


def explained(path: Path | str, error: Exception) -> DatabaseError:
    """SQLite's error as a sentence, told by its primary result code."""
    code = _code(error)
    if code == sqlite3.SQLITE_NOTADB:
        return NotADatabase(f"{path} is not a database.")
    kind = BusyDatabase if code == sqlite3.SQLITE_BUSY else UnusableDatabase
    return kind(f"{path} can't be used: {_REASONS.get(code, error)}.")


def is_lasting(error: BaseException) -> bool:
    """Whether an error is of the file or the machine, so that whatever comes next would fail likewise."""
    if isinstance(error, sqlite3.Error):
        return _code(error) in _REASONS and _code(error) != sqlite3.SQLITE_BUSY
    return isinstance(error, UnusableDatabase | NotADatabase) and not isinstance(error, BusyDatabase)


def _code(error: Exception) -> int:
    if isinstance(error, UnicodeDecodeError):  # SQLite quotes the damaged name in its message
        return sqlite3.SQLITE_CORRUPT
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _migrations() -> Migrations:
    migrations = Migrations("onrecord")
    for script in sorted(_FOLDER.glob("*.sql")):
        migrations(name=script.stem)(_migration(script))
    return migrations


def _migration(script: Path) -> Callable[[Database], None]:
    def run(db: Database) -> None:
        # Inside the transaction, which SQLite's own executescript would end; the library's looks at every character.
        statement = ""
        for line in script.read_text(encoding="utf-8").splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                db.execute(statement)
                statement = ""
        db.execute(statement)

    return run
