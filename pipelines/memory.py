"""The crawl's memory, in the table `pages`: what is due tonight, and what became of it.

What a listing lists is written down, as not fetched yet, together with the listing's own ETag: so a night that is
killed loses nothing, because the next one asks for what is still open, whether the listing has changed or not.

Where nothing says whether something has changed, it is asked for again in its time: parts of a listing by
`pipelines.parts`, pages of articles by `pipelines.revisits`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast

from scrapy import Request
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector
from sqlite_utils import Database

from pipelines.dates import day_of, is_month_first
from pipelines.desk import database_of, now
from pipelines.keys import digest
from pipelines.page import Page
from pipelines.parts import forget_parts, is_news, night_before, note_part, parts_due
from pipelines.revisits import unasked
from pipelines.schema import transaction
from pipelines.urls import canonical_url, is_fetchable

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

MOST_ATTEMPTS = 5  # nights that a page which fails is asked for again
GONE = (404, 410)  # answers of a site that has taken a page down


class Memory:
    """Spider middleware: drops requests for pages that are not due, makes the others conditional."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.db: Database = database_of(crawler)
        assert crawler.stats is not None
        self.stats: StatsCollector = crawler.stats
        self.backfill: bool = crawler.settings.getbool("ONRECORD_BACKFILL")
        self.since: str = crawler.settings["ONRECORD_SINCE"]
        self.last_night: str = ""
        self.asked: set[str] = set()  # tonight, by canonical address
        self.asked_open: set[str] = set()  # those of them that were open then
        self.heard: set[tuple[str, str]] = set()  # tonight: a listing, and the canonical address of an item

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Memory:
        return cls(crawler)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """The listings, then what earlier nights left open, then pages that nobody has asked for in a long time."""
        self.note_source()
        at = now()
        a_day_ago = f"{datetime.fromisoformat(at) - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
        self.last_night = night_before(self.db, cast(Any, self.crawler.spider).name, at) or a_day_ago
        left = [*self.open(), *self.revisits()]  # now: tonight's listings will add to what is open
        async for request in start:
            for due in self.ask(request):
                yield due
        for request in left:
            for due in self.ask(request):
                yield due

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        outputs = [output async for output in result]
        if response.meta.get("role") == "listing":
            outputs = self.listing(response, outputs)
        for output in outputs:
            yield output

    def open(self) -> Iterator[Request]:
        """Requests for this source's pages that were listed and never had."""
        spider = cast(Any, self.crawler.spider)
        for row in self.db.query(
            "SELECT url, role, listed, carried, part_of FROM pages WHERE source_id = ? AND pending AND attempts < ?"
            " ORDER BY id",
            [spider.name, MOST_ATTEMPTS],
        ):
            if row["role"] == "article":
                content = {"content": row["carried"].decode()} if row["carried"] else {}
                yield spider.page_request_for({"url": row["url"], **json.loads(row["listed"]), **content})
            else:
                yield from self.listed_before(row)

    def listed_before(self, row: dict[str, Any]) -> Iterator[Request]:
        """The request for a page, or a part, of a listing that is still in the registry."""
        spider = cast(Any, self.crawler.spider)
        where = json.loads(row["listed"])
        if (number := where.get("listing", -1)) in range(len(spider.source.listing)):
            part = row["part_of"] is not None
            yield spider.listing_request(spider.source.listing[number], where["url"], part=part)

    def revisits(self) -> Iterator[Request]:
        """Requests for the pages that nobody has asked for in a long time: a few each night; none in a backfill."""
        spider = cast(Any, self.crawler.spider)
        most = 0 if self.backfill else self.crawler.settings.getint("ONRECORD_REVISITS")
        for listed in unasked(self.db, spider.name, now(), most):
            yield spider.page_request_for(listed)

    def parts_due(self, url: str) -> Iterator[Request]:
        """Requests for the parts of a listing that are to be asked for though nothing says that they have changed."""
        for row in parts_due(self.db, url, self.last_night, now(), MOST_ATTEMPTS):
            yield from self.listed_before(row)

    def ask(self, request: Request) -> Iterator[Request]:
        """The request, for the page only if it is not as we have it; nothing if tonight has asked for it already."""
        url = canonical_url(request.url)
        if url in self.asked:
            return
        self.asked.add(url)
        row = next(
            self.db.query(
                "SELECT etag, last_modified, status FROM pages"
                " WHERE url = ? AND (role = 'listing' OR article_id IS NOT NULL)",
                [url],
            ),
            None,
        )
        if row is None or row["status"] is None:
            self.asked_open.add(url)
        if self.backfill and request.meta["role"] == "listing":
            row = None  # unchanged, it leads no further back
        if row and row["etag"]:
            request.headers["If-None-Match"] = row["etag"]
        if row and row["last_modified"]:
            request.headers["If-Modified-Since"] = row["last_modified"]
        yield request

    def listing(self, response: Response, outputs: list[Any]) -> list[Any]:
        """Writes down what a page of a listing says; gives the requests that are due, and the failures as they are."""
        spider = cast(Any, self.crawler.spider)
        assert response.request is not None
        url = canonical_url(response.request.meta.get("redirect_urls", [response.request.url])[0])
        if response.status == 304:
            self.stats.inc_value("onrecord/listings_unchanged")
            self.note_same(url)
            return [*outputs, *self.asked_for(self.parts_due(url))]
        failures = [output for output in outputs if not isinstance(output, Request)]
        requests = [output for output in outputs if isinstance(output, Request) and is_fetchable(output.url)]
        listed = [r for r in requests if r.meta["role"] == "article" and canonical_url(r.url) != url]
        items = [r for r in listed if not self.is_past(response.meta["listing"].url, r)]
        following = [r for r in requests if r.meta["role"] == "listing"]
        self.stats.inc_value("onrecord/listed", len(listed))
        body_hash = digest(response.body)
        known = next(self.db.query("SELECT body_hash FROM pages WHERE url = ?", [url]), None)
        if not failures and known and known["body_hash"] == body_hash and not self.backfill:
            self.stats.inc_value("onrecord/listings_unchanged")
            self.stats.inc_value("onrecord/unchanged", len(items))
            self.note_same(url)
            return [*self.asked_for(self.parts_due(url))]
        self.stats.inc_value("onrecord/listings_read", 0 if failures else 1)
        at = now()
        with transaction(self.db):
            listing = response.meta["listing"].url
            said = [self.note_listed(spider.name, listing, request, at) for request in items]
            due = [request for request, what in zip(items, said, strict=True) if what == "due"]
            self.stats.inc_value("onrecord/unchanged", len(items) - len(due))
            # A page further on is worth asking for while this one has news.
            news = any(what != "same" for what in said)
            if self.backfill:  # it is all the same how much is known, as long as it is not too old
                news = bool(items) or not listed
            page = None if failures else self.note_listing(spider.name, url, response, body_hash, at)
            after = [r for r in following if (news or r.meta["part"]) and self.note_following(spider, page, r, at)]
            # Of a part, the time of its last news counts (see `parts_due`): some pages have other bytes at each visit.
            if page is not None and (news or after or not response.meta["part"]):
                self.db.execute("UPDATE pages SET last_seen = ? WHERE id = ?", [at, page])
        untold = [] if failures or self.backfill else self.parts_due(url)
        outputs = [*failures, *self.asked_for([*due, *after, *untold])]
        quiet = [r for r in following if r.meta["part"] and canonical_url(r.url) not in self.asked]
        self.stats.inc_value("onrecord/listings_unchanged", len(quiet))
        return outputs

    def asked_for(self, requests: Iterable[Request]) -> Iterator[Request]:
        """Those of the requests that tonight has not asked for already, as `ask` makes them."""
        return (asked for request in requests for asked in self.ask(request))

    def is_past(self, listing: str, request: Request) -> bool:
        """Whether a listed item is from before ONRECORD_SINCE, where that counts: in a backfill, and where the
        listing's address names it, whether or not its site heeds that.
        """
        listed = request.meta["listed"]
        month_first = is_month_first(cast(Any, self.crawler.spider).source.article)
        dates = [day_of(printed, month_first=month_first) for printed in (listed.published, listed.modified)]
        days = [day for day in dates if day]
        return (self.backfill or "{since}" in listing) and bool(days) and max(days) < self.since

    def note_source(self) -> None:
        """Pages belong to a source: where no ledger has written it down (`scrapy crawl`), its name does."""
        spider = cast(Any, self.crawler.spider)
        with transaction(self.db):
            self.db.execute(
                "INSERT INTO sources (id, name, kind) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
                [spider.name, spider.source.name, spider.source.kind],
            )

    def note_listed(self, source: str, listing: str, request: Request, at: str) -> Literal["due", "heard", "same"]:
        """Writes down what a listing says of an item: due if the item is new, or the listing said otherwise before.

        It is only heard where another listing brought the page: two listings may word one page in two ways. What a
        listing says of it first tonight counts, for it may list a page twice, too.
        """
        listed = request.meta["listed"]
        url = canonical_url(request.url)
        if (listing, url) in self.heard:
            return "same"
        self.heard.add((listing, url))
        known = self.db.execute(
            "SELECT id, role, fingerprint, status FROM pages"
            " LEFT JOIN sightings ON page_id = id AND listing = ? WHERE url = ?",
            [listing, url],
        ).fetchone()
        page, role, said, status = known or (None, "article", None, None)
        if role != "article" or said == listed.fingerprint:
            return "same"
        due = known is None or said is not None
        answered = url in self.asked_open and status is not None  # while this listing was being read
        if due and not answered:
            carried = listed.content.encode("utf-8", "replace") or None
            ((page,),) = self.db.execute(
                "INSERT INTO pages (url, source_id, role, first_seen, last_seen, listed, carried)"
                " VALUES (?, ?, 'article', ?, ?, ?, ?)"
                " ON CONFLICT (url) DO UPDATE SET listed = excluded.listed, last_seen = excluded.last_seen,"
                " carried = excluded.carried, status = NULL, attempts = 0 RETURNING id",
                [url, source, at, at, json.dumps(listed.printed()), carried],
            ).fetchall()
        self.db.execute("INSERT OR REPLACE INTO sightings VALUES (?, ?, ?)", [page, listing, listed.fingerprint])
        return "due" if due else "heard"

    def note_following(self, spider: Any, page: int | None, request: Request, at: str) -> bool:
        """Writes down the next page of a listing, or a part of `page`; False if there is no need to ask for it: tonight
        has asked for it, or it is a part of which the listing says what it said before.
        """
        url, modified = canonical_url(request.url), request.meta["modified"]
        due = url not in self.asked
        listed = {"listing": spider.source.listing.index(request.meta["listing"]), "url": request.url}
        if request.meta["part"]:
            due = due and (self.backfill or modified is None or is_news(self.db, url, modified))
            printed = {} if modified is None else {"modified": modified}
            note_part(self.db, spider.name, page, url, {**listed, **printed}, at, due=due)
        elif due:
            self.db.execute(
                "INSERT INTO pages (url, source_id, role, first_seen, last_seen, listed)"
                " VALUES (?, ?, 'listing', ?, ?, ?)"
                " ON CONFLICT (url) DO UPDATE SET status = NULL, attempts = 0, listed = excluded.listed"
                " WHERE role = 'listing'",
                [url, spider.name, at, at, json.dumps(listed)],
            )
        return due

    def note_same(self, url: str) -> None:
        """The listing is as it was: no longer open, if it was; else nothing is written."""
        with transaction(self.db):
            self.db.execute(
                "UPDATE pages SET status = 200, attempts = 0, note = NULL WHERE url = ? AND (pending OR attempts > 0)",
                [url],
            )

    def note_listing(self, source: str, url: str, response: Response, body_hash: str, at: str) -> int:
        """Writes down which copy of the listing we have; gives its id."""
        ((page,),) = self.db.execute(
            "INSERT INTO pages"
            " (url, source_id, role, first_seen, last_seen, checked_at, status, etag, last_modified, body_hash)"
            " VALUES (?, ?, 'listing', ?, ?, ?, 200, ?, ?, ?)"
            " ON CONFLICT (url) DO UPDATE SET status = 200, attempts = 0, note = NULL, changes = changes + 1,"
            " checked_at = excluded.checked_at,"
            " etag = excluded.etag, last_modified = excluded.last_modified, body_hash = excluded.body_hash"
            " RETURNING id",
            [url, source, at, at, at, _header(response, "ETag"), _header(response, "Last-Modified"), body_hash],
        ).fetchall()
        if not self.backfill:  # which may leave out what is old
            forget_parts(self.db, page)
        return int(page)


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value is not None else None


def note_unchanged(db: Database, page: Page) -> None:
    """The page is as we have it (304): its article stands, even if it was gone for a while."""
    url = canonical_url(page.asked)
    with transaction(db):
        db.execute(
            "UPDATE pages SET status = 200, attempts = 0, checked_at = ?, note = NULL WHERE url = ?",
            [page.fetched_at, url],
        )
        db.execute(
            "UPDATE articles SET gone_at = NULL"
            " WHERE gone_at IS NOT NULL AND id = (SELECT article_id FROM pages WHERE url = ?)",
            [url],
        )


def note_failure(db: Database, page: Page) -> None:
    """The page could not be had: it stays open for the next nights, up to MOST_ATTEMPTS."""
    status = page.status if page.status >= 400 else 0
    with transaction(db):
        db.execute(
            "INSERT INTO pages (url, source_id, role, first_seen, last_seen, checked_at, status, attempts, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)"
            " ON CONFLICT (url) DO UPDATE SET attempts = attempts + 1,"
            " checked_at = excluded.checked_at, note = excluded.note,"
            " status = CASE WHEN role = 'listing' THEN status ELSE excluded.status END",
            [canonical_url(page.asked), page.source, page.role, *[page.fetched_at] * 3, status, page.failure],
        )


def note_gone(db: Database, page: Page) -> bool:
    """Whether a page that failed had given an article, which its site has taken down.

    The article is kept, and marked as gone once none of its addresses answers otherwise.
    """
    if page.status not in GONE:
        return False
    with transaction(db):
        known = db.execute(
            "SELECT article_id FROM pages WHERE url = ? AND article_id IS NOT NULL", [canonical_url(page.asked)]
        ).fetchone()
        if known is None:
            return False
        db.execute(
            "UPDATE articles SET gone_at = ? WHERE id = ? AND gone_at IS NULL AND NOT EXISTS ("
            "SELECT 1 FROM pages WHERE article_id = articles.id AND (status IS NULL OR status NOT IN (?, ?)))",
            [page.fetched_at, *known, *GONE],
        )
        return True


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
