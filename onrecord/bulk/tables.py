"""Rows of a part's SQLite file as Arrow tables, of the same columns and types, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from sqlite_utils import Database

from pipelines.bodies import MOVING
from pipelines.schema import transaction

# Those that are stored, in an order in which each names only those before it.
STORED = (
    "organisations", "people", "articles", "article_versions", "pages", "appointments", "mentions", "quotes",
    "quote_organisations", "figures", "stances",
)  # fmt: skip
FAILURES = "failures"
TABLES = (*STORED, FAILURES)

_TYPES = {"INTEGER": pa.int64(), "REAL": pa.float64(), "TEXT": pa.large_string(), "BLOB": pa.large_binary()}
_PART = pa.field("part", pa.string(), nullable=False)
_FAILURES = pa.schema([
    _PART,
    pa.field("url", pa.string()),
    pa.field("file", pa.string(), nullable=False),
    pa.field("offset", pa.int64()),  # of the record in an archive; of a table, the number of the row
    pa.field("reason", pa.string(), nullable=False),
])  # fmt: skip


def tables_of(db: Database, part: str) -> Iterator[tuple[str, pa.Table]]:
    """Every stored table with its rows in order; of organisations, those that something in the file refers to."""
    for table in STORED:
        columns = list(db.execute('SELECT name, type, pk, "notnull" FROM pragma_table_info(?)', [table]))
        named = ", ".join(f'"{name}"' for name, *_ in columns)
        key = ", ".join(f'"{name}"' for name, _, place, _ in sorted(columns, key=lambda it: it[2]) if place)
        wanted = _REFERRED_TO if table == "organisations" else "1"
        rows = db.execute(f'SELECT {named} FROM "{table}" WHERE {wanted} ORDER BY {key}').fetchall()  # noqa: S608
        fields = [pa.field(name, _TYPES[kind], nullable=not needed) for name, kind, _, needed in columns]
        yield table, _table(pa.schema([_PART, *fields]), part, rows)


def failures(part: str, rows: list[tuple[Any, ...]]) -> pa.Table:
    """The pages that were lost, each with its reason."""
    return _table(_FAILURES, part, rows)


def insert_table(db: Database, name: str, table: pa.Table) -> None:
    """Adds the rows of a table that `tables_of` gave."""
    ours = db.execute("SELECT name FROM pragma_table_info(?)", [name]).fetchall()  # no word of a stranger's folder
    columns = [column for (column,) in ours if column in table.column_names]
    values = zip(*(table[column].to_pylist() for column in columns), strict=True)
    named = ", ".join(f'"{column}"' for column in columns)
    with transaction(db):
        db.execute("PRAGMA defer_foreign_keys = ON")  # rows of one table may name one another
        marks = ", ".join("?" * len(columns))
        db.conn.executemany(f'INSERT INTO "{name}" ({named}) VALUES ({marks})', values)  # noqa: S608


def _table(schema: pa.Schema, part: str, rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * (len(schema) - 1)
    arrays = [pa.array([part] * len(rows), _PART.type)]
    arrays += [pa.array(column, field.type) for column, field in zip(columns, list(schema)[1:], strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


_REFERRED_TO = "id IN ({})".format(
    " UNION ".join(f"SELECT {column} FROM {table}" for table, column in (*MOVING, ("people", "organisation_id")))  # noqa: S608
)
