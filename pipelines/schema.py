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

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

APPLICATION_ID = 1869509221  # "onre" as four bytes; set by 0001_tables.sql
_FOLDER = Path(__file__).parent / "schema"
_PATIENCE = 10.0  # seconds to wait for another writer


class DatabaseError(Exception):
    """The file can't be used; the message is one plain sentence."""


class UnusableDatabase(DatabaseError):
    """Missing, in a missing folder, not ours to write, in use, damaged, or on a full disk."""


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
    try:
        connection = sqlite3.connect(path, timeout=_PATIENCE)
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    try:
        db = Database(connection, execute_plugins=False)
        _refuse_others(path, db)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        migrate(db)
    except sqlite3.Error as error:
        connection.close()
        raise _explained(path, error) from error
    except DatabaseError:
        connection.close()
        raise
    return db


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
    """
    if db.conn.in_transaction:
        with db.atomic():
            yield
    else:
        db.conn.execute("BEGIN IMMEDIATE")
        with db.conn:
            yield


def _refuse_others(path: Path, db: Database) -> None:
    application = db.execute("PRAGMA application_id").fetchone()[0]
    empty = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application != APPLICATION_ID and not (empty and application == 0):
        raise ForeignDatabase(f"{path} is a database of another program.")
    known = {script.stem for script in _FOLDER.glob("*.sql")}
    if unknown := [applied.name for applied in _migrations().applied(db) if applied.name not in known]:
        raise NewerDatabase(f"{path} was written by a newer onrecord (it has {', '.join(unknown)}): update this one.")


def _explained(path: Path, error: sqlite3.Error) -> DatabaseError:
    """SQLite's error as a sentence, told by its primary result code."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_NOTADB:
        return NotADatabase(f"{path} is not a database.")
    reason = {
        sqlite3.SQLITE_CANTOPEN: "it can't be opened or made",
        sqlite3.SQLITE_PERM: "permission denied",
        sqlite3.SQLITE_READONLY: "it can't be written",
        sqlite3.SQLITE_BUSY: "another program is writing to it",
        sqlite3.SQLITE_CORRUPT: "it is damaged",
        sqlite3.SQLITE_FULL: "the disk is full",
    }.get(code, str(error))
    return UnusableDatabase(f"{path} can't be used: {reason}.")


def _migrations() -> Migrations:
    migrations = Migrations("onrecord")
    for script in sorted(_FOLDER.glob("*.sql")):
        migrations(name=script.stem)(_migration(script))
    return migrations


def _migration(script: Path) -> Callable[[Database], None]:
    def run(db: Database) -> None:
        db.executescript(script.read_text(encoding="utf-8"))

    return run
