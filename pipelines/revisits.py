"""Articles' pages that have not been asked for in a long time: their listing may have long forgotten them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlite_utils import Database

REST = timedelta(days=30)  # from one time to the next

_UNASKED = (
    "SELECT url, listed FROM pages"
    " WHERE source_id = ? AND article_id IS NOT NULL AND carried IS NULL AND checked_at <= ?"
    " ORDER BY checked_at LIMIT ?"
)


def unasked(db: Database, source: str, at: str, most: int) -> list[dict[str, str]]:
    """Up to `most` of a source's pages that were last asked for a REST or longer before `at`, the longest ago first.

    Each as it was listed: its address, and what was printed of it. A page that its listing carried has never been
    asked for, and is none of them.
    """
    before = f"{datetime.fromisoformat(at) - REST:%Y-%m-%dT%H:%M:%SZ}"
    return [{"url": url, **json.loads(listed)} for url, listed in db.execute(_UNASKED, [source, before, most])]
