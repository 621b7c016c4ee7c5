"""A consistent copy of the file while others use it, and the decisions, which no crawl brings back, as JSON lines."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from pipelines.schema import APPLICATION_ID, DatabaseError, open_database


class BackupError(DatabaseError):
    """No backup was made; the message is one plain sentence."""


def backup(db_path: Path | str, target: Path | str) -> int:
    """Copies the database to `target` and its reviews to `target` with the suffix .reviews.jsonl; gives their number.

    An older backup there is replaced once the new one is whole; anything else there is left alone. Raises
    DatabaseError.
    """
    db_path, target = Path(db_path), Path(target)
    reviews = target.with_suffix(".reviews.jsonl")
    _refuse(db_path, target, reviews)
    copy, lines = _partial(target), _partial(reviews)
    db = open_database(db_path, create=False)
    try:
        count = _copy(db.conn, copy, lines)
        os.replace(lines, reviews)
        os.replace(copy, target)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"No backup was made at {target}: {error}.") from error
    finally:
        db.close()
        for leftover in (copy, lines):
            leftover.unlink(missing_ok=True)
    return count


def _refuse(db_path: Path, target: Path, reviews: Path) -> None:
    """Raises BackupError where writing there would lose something."""
    if not target.parent.is_dir():
        raise BackupError(f"No backup was made: there is no folder {target.parent}.")
    for path in (target, reviews):
        if path.is_dir():
            raise BackupError(f"No backup was made: {path} is a folder.")
        if path.exists() and db_path.exists() and path.samefile(db_path):
            raise BackupError(f"No backup was made: {path} is the database itself.")
    if target.exists() and not _is_ours(target):
        raise BackupError(f"No backup was made: {target} is there already, and is no onrecord database.")
    if target.with_name(f"{target.name}-wal").exists():
        raise BackupError(f"No backup was made: {target} is in use.")


def _is_ours(path: Path) -> bool:
    """Read off the header, for opening a database writes to it."""
    with path.open("rb") as file:
        header = file.read(72)
    return header.startswith(b"SQLite format 3\0") and int.from_bytes(header[68:72], "big") == APPLICATION_ID


def _partial(path: Path) -> Path:
    """In the same folder, so that renaming is one step."""
    return path.with_name(f".{path.name}.part")


def _copy(source: sqlite3.Connection, copy: Path, lines: Path) -> int:
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, that opens from a read-only disk too
        target.row_factory = sqlite3.Row
        decisions = [dict(row) for row in target.execute("SELECT * FROM reviews ORDER BY id")]
    with lines.open("w", encoding="utf-8") as file:
        for decision in decisions:
            file.write(json.dumps(decision, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return len(decisions)
