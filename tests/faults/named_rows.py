"""What a file holds, in an order and in names that don't depend on which page came first."""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

# By what a row is known to others; a story, by the articles that tell it.
_NAMED_BY = {
    "organisations": "name_key",
    "people": "name_key, organisation_id",
    "articles": "url",
    "pages": "url",
    "quotes": "quote_key",
    "figures": "figure_key",
    "stances": "stance_key",
}
# Of a name that texts spell in several ways, rows have the one that came first.
_FIRST_CAME = {("organisations", "name"), ("people", "name")}
_OF_THE_NIGHT = {"runs", "run_sources", "reviews", "_sqlite_migrations", "sqlite_sequence"}
# When, and where in the archive; and what reviewers do meanwhile.
_CIRCUMSTANCES = {
    *("id", "first_seen", "last_seen", "checked_at", "seen_from", "replaced_at", "extracted_at", "last_modified"),
    *("archive_file", "archive_offset", "review_status", "correction", "to_review", "accepted", "rejected"),
    *("corrected",),
}


def named_rows(path: Path) -> dict[str, list[str]]:
    """The rows of every table but the ledger's and the reviewers', each with names in the place of ids."""
    db = sqlite3.connect(path)
    try:
        return _read(db)
    finally:
        db.close()


def _read(db: sqlite3.Connection) -> dict[str, list[str]]:
    tables = [
        name
        for (name,) in db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%USING%' AND name NOT LIKE '%_fts%'"
        )
    ]
    parents = {(table, row[3]): row[2] for table in tables for row in db.execute(f'PRAGMA foreign_key_list("{table}")')}
    # Not every column that holds an id says so.
    others = {"organisation_id": "organisations", "article_id": "articles", "person_id": "people"}

    @cache
    def name(table: str, id: object) -> Any:
        if id is None or (table == "organisations" and id == 0):
            return None
        if table == "stories":
            return sorted(url for (url,) in db.execute("SELECT url FROM articles WHERE story_id = ?", [id]))
        row = db.execute(f"SELECT {_NAMED_BY[table]} FROM {table} WHERE id = ?", [id]).fetchone()
        return [row[0], name("organisations", row[1])] if table == "people" else row[0]

    def told(table: str, column: str, value: object) -> object:
        parent = parents.get((table, column)) or others.get(column.removeprefix("shown_"))
        return name(parent, value) if parent and parent != "sources" and not table.startswith("figure_") else value

    found = {}
    for table in sorted(set(tables) - _OF_THE_NIGHT):
        rows = db.execute(f'SELECT * FROM "{table}"')
        columns = [column for column, *_ in rows.description]
        kept = [c for c in columns if c not in _CIRCUMSTANCES and (table, c) not in _FIRST_CAME]
        found[table] = sorted(
            repr({column: told(table, column, row[columns.index(column)]) for column in kept})
            for row in rows.fetchall()
        )
    return found
