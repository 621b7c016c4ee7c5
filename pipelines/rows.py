"""Writing rows so that what is unchanged is not written, and keeps its id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """How many rows of a kind came, were altered, and went."""

    new: int = 0
    changed: int = 0
    gone: int = 0


def find(db: Database, table: str, column: str, value: object) -> dict[str, Any] | None:
    """The row whose unique `column` is `value`."""
    return next(db.table(table).rows_where(f'"{column}" = ?', [value]), None)


def insert(db: Database, table: str, row: Row) -> int:
    """Adds one row and gives its id."""
    id = db.table(table).insert(dict(row)).last_pk
    assert isinstance(id, int)
    return id


def update(db: Database, table: str, old: Row, row: Row) -> bool:
    """Writes the columns of `row` that are otherwise in `old`; False, and nothing, where there are none."""
    changes = {column: value for column, value in row.items() if old[column] != value}
    if changes:
        db.table(table).update(old["id"], changes)
    return bool(changes)


def replace(db: Database, table: str, article_id: int, key: Sequence[str], rows: Sequence[Row]) -> Change:
    """Makes `rows` (all of the same columns) the article's rows of `table`; rows with the same `key` are the same."""

    def key_of(row: Row) -> tuple[Any, ...]:
        return tuple(row[column] for column in key)

    stored = {key_of(row): row for row in db.table(table).rows_where("article_id = ?", [article_id])}
    wanted = {key_of(row): {"article_id": article_id, **row} for row in rows}
    gone = stored.keys() - wanted.keys()
    for id in sorted(stored[key]["id"] for key in gone):
        db.table(table).delete(id)
    changed = sum(update(db, table, stored[key], row) for key, row in wanted.items() if key in stored)
    new = [row for key, row in wanted.items() if key not in stored]
    db.table(table).insert_all(new)
    return Change(new=len(new), changed=changed, gone=len(gone))
