"""The crawl's memory, in the table `pages`: what is due tonight, and what became of it.

What a listing lists is written down, as not fetched yet, together with the listing's own ETag: so a night that is
killed loses nothing, because the next one asks for what is still open, whether the listing has changed or not.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware
from sqlite_utils import Database

from pipelines.desk import database_of, now
from pipelines.keys import digest
from pipelines.page import Page
from pipelines.schema import transaction
from pipelines.urls import canonical_url, is_fetchable

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

MOST_ATTEMPTS = 5  # nights that a page which fails is asked for again


class Memory(BaseSpiderMiddleware):
    """Spider middleware: drops requests for pages that are not due, makes the others conditional."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.db: Database = database_of(crawler)
        stats = crawler.stats
        assert stats is not None
        self.stats = stats

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """The listings, then what earlier nights left open."""
        async for request in start:
            yield self.conditional(request)
        for request in self.open():
            yield request

    def process_spider_output(self, response: Response, result: Iterable[Any]) -> Iterator[Any]:  # type: ignore[override]
        if response.meta.get("role") == "listing":
            return iter(self.listing(response, list(result)))
        return iter(result)

    async def process_spider_output_async(  # type: ignore[override]
        self, response: Response, result: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        for output in self.process_spider_output(response, [output async for output in result]):
            yield output

    def open(self) -> Iterator[Request]:
        """Requests for this source's pages that were listed and never had."""
        spider = cast(Any, self.crawler.spider)
        rows = list(
            self.db.query(
                "SELECT url, role, listed FROM pages WHERE source_id = ? AND pending AND attempts < ? ORDER BY id",
                [spider.name, MOST_ATTEMPTS],
            )
        )
        for row in rows:
            listed = json.loads(row["listed"])
            if row["role"] == "article":
                yield self.conditional(spider.page_request_for(row["url"], listed))
            elif (number := listed.get("listing", -1)) in range(len(spider.source.listing)):
                yield spider.listing_request(spider.source.listing[number], row["url"])

    def conditional(self, request: Request) -> Request:
        """Asks for the page only if it is not as we have it."""
        row = next(
            self.db.query(
                "SELECT etag, last_modified FROM pages WHERE url = ? AND (role = 'listing' OR article_id IS NOT NULL)",
                [canonical_url(request.url)],
            ),
            None,
        )
        if row and row["etag"]:
            request.headers["If-None-Match"] = row["etag"]
        if row and row["last_modified"]:
            request.headers["If-Modified-Since"] = row["last_modified"]
        return request

    def listing(self, response: Response, outputs: list[Any]) -> list[Any]:
        """Writes down what a page of a listing says; gives the requests that are due."""
        spider = cast(Any, self.crawler.spider)
        assert response.request is not None
        url = canonical_url(response.request.meta.get("redirect_urls", [response.request.url])[0])
        if response.status == 304:
            self.stats.inc_value("onrecord/listings_unchanged")
            return outputs
        failures = [output for output in outputs if not isinstance(output, Request)]
        items = [r for r in outputs if isinstance(r, Request) and r.meta["role"] == "article" and is_fetchable(r.url)]
        following = [r for r in outputs if isinstance(r, Request) and r.meta["role"] == "listing"]
        self.stats.inc_value("onrecord/listed", len(items))
        self.stats.inc_value("onrecord/listings_read", 0 if failures else 1)
        body_hash = digest(response.body)
        known = next(self.db.query("SELECT body_hash FROM pages WHERE url = ? AND status = 200", [url]), None)
        if failures or (known and known["body_hash"] == body_hash):
            self.stats.inc_value("onrecord/unchanged", len(items))
            return failures
        at = now()
        with transaction(self.db):
            due = [request for request in items if self.note_listed(spider.name, request, at)]
            self.stats.inc_value("onrecord/unchanged", len(items) - len(due))
            # A page further on is worth asking for while this one has news.
            following = [r for r in following if due and self.note_following(spider, r, at)]
            self.note_listing(spider.name, url, response, body_hash, at)
        return [*(self.conditional(r) for r in due), *(self.conditional(r) for r in following)]

    def note_listed(self, source: str, request: Request, at: str) -> bool:
        """Writes a listed item down; True if it is new, or the listing says something else of it than before."""
        listed = request.meta["listed"]
        printed = json.dumps({key: value for key, value in asdict(listed).items() if value and key != "url"})
        written = self.db.execute(
            "INSERT INTO pages (url, source_id, role, first_seen, last_seen, fingerprint, listed)"
            " VALUES (?, ?, 'article', ?, ?, ?, ?)"
            " ON CONFLICT (url) DO UPDATE SET fingerprint = excluded.fingerprint, listed = excluded.listed,"
            " last_seen = excluded.last_seen, status = NULL, attempts = 0"
            " WHERE fingerprint IS NOT excluded.fingerprint",
            [canonical_url(request.url), source, at, at, listed.fingerprint, printed],
        )
        return bool(written.rowcount == 1)

    def note_following(self, spider: Any, request: Request, at: str) -> bool:
        number = spider.source.listing.index(request.meta["listing"])
        self.db.execute(
            "INSERT INTO pages (url, source_id, role, first_seen, last_seen, listed) VALUES (?, ?, 'listing', ?, ?, ?)"
            " ON CONFLICT (url) DO NOTHING",
            [canonical_url(request.url), spider.name, at, at, json.dumps({"listing": number})],
        )
        return True

    def note_listing(self, source: str, url: str, response: Response, body_hash: str, at: str) -> None:
        headers = response.headers.to_unicode_dict()
        self.db.execute(
            "INSERT INTO pages (url, source_id, role, first_seen, last_seen, checked_at, status, etag, last_modified, body_hash)"
            " VALUES (?, ?, 'listing', ?, ?, ?, 200, ?, ?, ?)"
            " ON CONFLICT (url) DO UPDATE SET last_seen = excluded.last_seen, checked_at = excluded.checked_at, status = 200,"
            " attempts = 0, etag = excluded.etag, last_modified = excluded.last_modified, body_hash = excluded.body_hash, note = NULL",
            [url, source, at, at, at, headers.get("ETag"), headers.get("Last-Modified"), body_hash],
        )


def note_unchanged(db: Database, page: Page) -> None:
    """The page is as we have it (304)."""
    with transaction(db):
        db.execute(
            "UPDATE pages SET status = 200, attempts = 0, checked_at = ?, note = NULL WHERE url = ?",
            [page.fetched_at, canonical_url(page.asked)],
        )


def note_failure(db: Database, page: Page) -> None:
    """The page could not be had: it stays open for the next nights, up to MOST_ATTEMPTS."""
    with transaction(db):
        db.execute(
            "INSERT INTO pages (url, source_id, role, first_seen, last_seen, checked_at, status, attempts, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)"
            " ON CONFLICT (url) DO UPDATE SET checked_at = excluded.checked_at, attempts = attempts + 1, note = excluded.note,"
            " status = CASE WHEN role = 'listing' THEN status ELSE excluded.status END",
            [canonical_url(page.asked), page.source, page.role, *[page.fetched_at] * 3, page.status if page.status >= 400 else 0, page.failure],
        )  # fmt: skip


def note_no_article(db: Database, page: Page, reason: str) -> None:
    """The page was read and gave no article of ours: seen, and done with until its listing says otherwise."""
    with transaction(db):
        db.execute(
            "INSERT INTO pages (url, source_id, role, first_seen, last_seen, checked_at, status, body_hash, note)"
            " VALUES (?, ?, 'article', ?, ?, ?, 200, ?, ?)"
            " ON CONFLICT (url) DO UPDATE SET status = 200, attempts = 0, checked_at = excluded.checked_at,"
            " body_hash = excluded.body_hash, note = excluded.note",
            [canonical_url(page.asked), page.source or None, *[page.fetched_at] * 3, digest(page.body), reason],
        )
