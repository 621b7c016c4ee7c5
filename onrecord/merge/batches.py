"""Rows in portions, and the columns that a table has today."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from sqlite_utils import Database

from pipelines.rows import Row


def batches(db: Database, sql: str, size: int) -> Iterator[list[dict[str, Any]]]:
    """What a query gives, so many rows at a time."""
    rows = db.query(sql)
    while batch := list(islice(rows, size)):
        yield batch


def insert_many(db: Database, table: str, rows: Collection[Row]) -> None:
    """Adds rows, all of the same columns; what the table has no column for is left out."""
    if rows:
        columns = next(iter(rows)).keys() & columns_of(db, table)
        names, values = ", ".join(f'"{column}"' for column in columns), ", ".join(f":{column}" for column in columns)
        db.conn.executemany(f"INSERT INTO {table} ({names}) VALUES ({values})", rows)  # noqa: S608 - ours


def columns_of(db: Database, table: str) -> set[str]:
    """The columns that can be written."""
    return {name for _, name, *_, hidden in db.execute(f"PRAGMA table_xinfo({table})") if not hidden}
