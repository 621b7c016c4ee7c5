"""`onrecord bulk load`: what `bulk extract` made, into the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
from sqlite_utils import Database

from onrecord.bulk.folder import Folder
from onrecord.bulk.fresh import fresh_database
from onrecord.bulk.shown import shown
from onrecord.bulk.tables import STORED, insert_table
from onrecord.errors import CannotRun
from onrecord.lock import AlreadyRunning, only_one
from onrecord.merge import bring
from onrecord.terminal import say
from pipelines.schema import open_database

ALREADY_RUNNING = 75  # as of nightly


def load(address: str, database: Path) -> int:
    """Brings every whole part into the file, which is made if it is missing; exit 1 where a part is refused.

    Exit 75 while a night runs on it. Raises CannotRun, DatabaseError.
    """
    folder = Folder(address)
    folder.about()
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        with only_one(database):
            return _load(folder, database)
    except AlreadyRunning:
        say(f"onrecord: a night, or a merge, is running on {database}.", err=True)
        return ALREADY_RUNNING
    except OSError as error:
        raise CannotRun(f"{error.filename or database} can't be used: {error.strerror or error}.") from error


def _load(folder: Folder, database: Path) -> int:
    whole = folder.whole()
    refused = dict.fromkeys(folder.begun() - whole.keys(), "it is not done: `onrecord bulk extract` goes on")
    new = changed = 0
    with closing(open_database(database)) as db, shown("parts", len(whole)) as tick:
        for part, told in sorted(whole.items()):
            try:
                tables = folder.get(part, told)
            except ValueError as error:
                refused[part] = str(error)
                continue
            with _file_of(tables, told["done_at"]) as other:
                brought = bring(db, other)
            new += brought.new
            changed += brought.changed
            tick({part: told})
    for part, reason in sorted(refused.items()):
        say(f"onrecord: {part} is not loaded: {reason}.", err=True)
    say(f"{len(whole.keys() - refused.keys()):,} parts loaded: {new:,} new articles, {changed:,} changed.")
    return 1 if refused else 0


@contextmanager
def _file_of(tables: Mapping[str, pa.Table], done_at: str) -> Iterator[Database]:
    """A file of ours that holds a part, for the while.

    Its records are of the moment at which the part was done, so that they are newer than what an older extractor found.
    Its pages lie in no archive of ours: the part's own table says where they are.
    """
    with fresh_database(listed=False) as db:
        try:
            for name in STORED:
                insert_table(db, name, tables[name])
        except sqlite3.OperationalError as error:  # a column that is not ours
            raise CannotRun(f"The folder was written by a newer onrecord: {error}.") from error
        db.execute("UPDATE articles SET extracted_at = ?", [done_at])
        db.execute("UPDATE pages SET archive_file = NULL, archive_offset = NULL")
        db.conn.commit()
        yield db
