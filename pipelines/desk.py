"""What the stages of one crawl share: the database, the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlite_utils import Database

from pipelines.schema import open_database
from pipelines.who import load_organisations

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_databases: WeakKeyDictionary[Crawler, Database] = WeakKeyDictionary()


def database_of(crawler: Crawler) -> Database:
    """The crawl's connection to ONRECORD_DB. Raises DatabaseError."""
    from scrapy import signals  # commands that crawl nothing know the time without it

    if crawler not in _databases:
        db = open_database(Path(crawler.settings["ONRECORD_DB"]))
        if not db.table("organisations").count:
            load_organisations(db)
        crawler.signals.connect(db.close, signal=signals.spider_closed, weak=False)
        _databases[crawler] = db
    return _databases[crawler]


def now() -> str:
    """The time as the file writes it: UTC, ISO 8601, seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
