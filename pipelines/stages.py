"""The way of a page through the night, stage by stage, as Scrapy's item pipelines in the order of `spiders.settings`.

Arrive → Archive → Read → Relevance → Store → Extract. A stage that has no use for an item drops it; whatever goes
wrong costs that page alone, and is counted.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector
from sqlite_utils import Database

from pipelines.archive import archive_in
from pipelines.article import NotAnArticle
from pipelines.crosscheck import BAD
from pipelines.desk import database_of, now
from pipelines.extract import extract_article
from pipelines.memory import note_failure, note_gone, note_no_article, note_unchanged
from pipelines.page import Article, Page
from pipelines.relevance import score
from pipelines.store import store_article
from pipelines.tasks import expect_records, read, seconds_to_read
from pipelines.urls import canonical_url
from pipelines.worker import Stopped, shared_worker

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

_BLOCKED = {401, 403, 429, 451}


class _Stage:
    def __init__(self, crawler: Crawler) -> None:
        self.settings = crawler.settings
        self.db: Database = database_of(crawler)
        assert crawler.stats is not None
        self.stats: StatsCollector = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Any:
        return cls(crawler)

    def count(self, what: str, n: int = 1) -> None:
        self.stats.inc_value(f"onrecord/{what}", n)

    def note(self, reason: str) -> None:
        """The first reason of a night stands in the ledger; all are in the log."""
        if not self.stats.get_value("onrecord/note"):
            self.stats.set_value("onrecord/note", reason)
        logger.warning(reason)


class Arrive(_Stage):
    """The spider's dict becomes a Page; failures and unchanged pages are noted and end here."""

    def process_item(self, item: dict[str, Any]) -> Page:
        page = Page(**item)
        if page.failure is not None:
            note_failure(self.db, page)
            if note_gone(self.db, page):
                self.count("gone")
                raise DropItem("gone", log_level="DEBUG")
            self.note(f"{page.asked}: {page.failure}")
            robots = "robots.txt" in page.failure
            kind = "robots" if robots else "blocked" if page.status in _BLOCKED else "failed"
            self.count(kind)
            if page.role == "listing":
                self.count(f"listings_{kind}")
            raise DropItem(page.failure, log_level="DEBUG")
        if page.status == 304:
            note_unchanged(self.db, page)
            self.count("unchanged")
            raise DropItem("unchanged", log_level="DEBUG")
        self.count("fetched")
        return page


class Archive(_Stage):
    """Keeps the page as it came."""

    def process_item(self, page: Page) -> Page:
        folder = Path(self.settings["ONRECORD_DB"]).parent / "archive"
        page.archive_file, page.archive_offset = archive_in(folder).write(page)
        return page


class Read(_Stage):
    """Page to article, in a process beside; where selectors read it, with a second reading beside."""

    async def process_item(self, page: Page) -> tuple[Page, Article]:
        crosscheck = self.settings.getbool("ONRECORD_CROSSCHECK")
        expect_records()
        try:
            article = await shared_worker().run(seconds_to_read(page), read, page, crosscheck=crosscheck)
        except NotAnArticle as error:
            note_no_article(self.db, page, str(error))
            raise self.unread(page, str(error)) from error
        except Stopped as error:  # which may be the machine's fault: a later night tries again
            reason = f"reading it {error}"
            note_failure(self.db, replace(page, failure=reason))
            raise self.unread(page, reason) from error
        if article.disagreement is not None:
            self.count("compared")
            self.count("disagreeing", article.disagreement > BAD)
        return page, article

    def unread(self, page: Page, reason: str) -> DropItem:
        """Counts and notes that the page gave no article."""
        self.count("failed")
        self.count("unread")
        self.note(f"{page.url}: {reason}")
        return DropItem(reason, log_level="DEBUG")


class Relevance(_Stage):
    """What is off topic is remembered as seen, and not stored."""

    def process_item(self, item: tuple[Page, Article]) -> tuple[Page, Article]:
        page, article = item
        relevance = score(article)
        if not relevance.on_topic:
            note_no_article(self.db, page, f"off topic ({relevance.reason})")
            self.count("off_topic")
            raise DropItem("off topic", log_level="DEBUG")
        article.relevance = relevance.score
        return item


class Store(_Stage):
    """The article's row, before anything is extracted from it: a failing rule costs no article."""

    def process_item(self, item: tuple[Page, Article]) -> int:
        page, article = item
        page = replace(page, url=canonical_url(page.asked))
        stored = store_article(self.db, article, seen_at=page.fetched_at, page=page)
        self.count(stored.outcome)
        if stored.outcome == "unchanged":
            raise DropItem("unchanged", log_level="DEBUG")
        return stored.id


class Extract(_Stage):
    """The article's records, found in another process; rows are written here, in one transaction."""

    async def process_item(self, article_id: int) -> dict[str, int]:
        changes = await extract_article(self.db, article_id, at=now())
        if changes is None:
            self.count("failed")
            self.note(f"article {article_id} is stored, but extraction failed: see extraction_error")
            return {"article_id": article_id}
        for table, change in changes.items():
            self.count(f"new_{table}", change.new)
        return {"article_id": article_id}
