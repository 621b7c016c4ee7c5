"""The parts of a listing (a sitemap's index, a committee's meetings): which of them are due though it is as it was.

A listing that prints no dates says nothing of news in its parts. So these are asked for in their time, by
`pipelines.intervals`, for as long as the listing lists them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from pipelines.intervals import is_due

# The parts of a page of a listing, and theirs, of whose changes nothing tells.
_UNTOLD = (
    "WITH RECURSIVE whole (id) AS ("
    " SELECT id FROM pages WHERE url = ? UNION SELECT pages.id FROM whole JOIN pages ON part_of = whole.id)"
    " SELECT url, listed, part_of, last_seen, attempts FROM whole JOIN pages USING (id)"
    " WHERE part_of IS NOT NULL AND json_extract(listed, '$.modified') = '' ORDER BY id"
)


def parts_due(db: Database, url: str, last: str, at: str, attempts: int) -> list[dict[str, Any]]:
    """Rows of the parts of a listing that are due at `at`, the night before being `last`: in their time, or because
    they could not be had on fewer than so many nights.
    """
    rows = list(db.query(_UNTOLD, [url]))
    return [row for row in rows if 0 < row["attempts"] < attempts or is_due(row["url"], row["last_seen"], last, at)]


def night_before(db: Database, source: str, at: str) -> str | None:
    """When the ledger says that a source was last crawled to the end, before `at`: a clock may have been ahead."""
    (started,) = db.execute(
        "SELECT max(started) FROM run_sources JOIN runs ON runs.id = run_id"
        " WHERE source_id = ? AND started < ? AND runs.verdict IS NOT 'interrupted'"
        " AND run_sources.verdict NOT IN ('failed', 'blocked', 'robots', 'skipped')",
        [source, at],
    ).fetchone()
    return str(started) if started else None


def is_news(db: Database, url: str, modified: str) -> bool:
    """Whether a listing says otherwise of a part than before: it is new, or was last changed at another time."""
    known = db.execute(
        "SELECT json_extract(listed, '$.modified') FROM pages WHERE url = ? AND role = 'listing'", [url]
    ).fetchone()
    return known is None or known[0] != modified


def note_part(
    db: Database, source: str, page: int | None, url: str, listed: Mapping[str, Any], at: str, *, due: bool
) -> None:
    """Writes down what `page` lists as a part of it; as open, if it is due."""
    db.execute(
        "INSERT INTO pages (url, source_id, role, first_seen, last_seen, listed, part_of)"
        " VALUES (:url, :source, 'listing', :at, :at, :listed, :page)"
        " ON CONFLICT (url) DO UPDATE SET part_of = ifnull(part_of, excluded.part_of),"
        " listed = iif(:due, excluded.listed, listed), status = iif(:due, NULL, status),"
        " attempts = iif(:due, 0, attempts) WHERE role = 'listing'",
        {"url": url, "source": source, "at": at, "listed": json.dumps(listed), "page": page, "due": due},
    )


def forget_parts(db: Database, page: int) -> None:
    """A page of a listing is read anew: what it lists no longer is no part of it any more."""
    db.execute("UPDATE pages SET part_of = NULL WHERE part_of = ?", [page])
