"""What is done about a site in trouble: it is asked again later and more slowly, and not for ever.

An error of the server or of the line is asked about again, RETRY_TIMES at most, a time-out once, and 429 ("not now")
not before the next night. Each answer in a row that failed doubles the pause; what the site asks for (Retry-After) is
kept, up to ONRECORD_LONGEST_DELAY. One that asks for more, or fails page after page, is left alone for the night: what
was not asked for stays open.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import DownloadTimeoutError

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

MOST_FAILURES = 10  # pages in a row
FIRST_PAUSE = 5  # times the usual delay

_NOT_NOW = 429


class Patience(RetryMiddleware):
    """Downloader middleware in the place of Scrapy's retries, which follow each other at once and never end."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.settings)
        self.crawler = crawler
        self.first_pause = FIRST_PAUSE * crawler.settings.getfloat("DOWNLOAD_DELAY")
        self.longest = crawler.settings.getfloat("ONRECORD_LONGEST_DELAY")
        self.usual: dict[str, float] = {}  # delays, in seconds, of hosts that are asked more slowly now
        self.failed = 0  # answers in a row
        self.given_up = 0  # pages in a row
        self.leaving: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Patience:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        if "carried" in response.flags:  # the site had no part in it
            return response
        if response.status != _NOT_NOW and response.status not in self.retry_http_codes:
            self._well(request)
            return response
        wait = retry_after(response)
        reason = f"HTTP {response.status}"
        if wait > self.longest:
            self._leave(f"it asks to be left alone for {wait:.0f} seconds: {request.url}: {reason}")
            return response
        self._slow_down(request, wait, for_good=response.status == _NOT_NOW)
        again = None if response.status == _NOT_NOW else self._retry(request, reason)
        if again is None:
            self._give_up(request, reason)
        return again or response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:  # type: ignore[override]
        if not isinstance(exception, self.exceptions_to_retry):
            return None
        self._slow_down(request)
        if isinstance(exception, DownloadTimeoutError):
            request.meta.setdefault("max_retry_times", min(1, self.max_retry_times))
        again = self._retry(request, exception)
        if again is None:
            self._give_up(request, type(exception).__name__)
        return again

    def _slow_down(self, request: Request, wait: float = 0, *, for_good: bool = False) -> None:
        """The next request to this host is made after a pause, and so are those behind it until one is answered."""
        assert self.crawler.engine is not None
        key, slot = self.crawler.engine.downloader._get_slot(request)
        pause = self.first_pause * 2 ** min(self.failed, 16)
        self.failed += 1
        usual = self.usual.setdefault(key, slot.delay)
        slot.delay = max(usual, min(max(pause, wait), self.longest))
        slot.lastseen = monotonic()  # a pause is counted from the answer
        if for_good:
            self.usual[key] = slot.delay

    def _well(self, request: Request) -> None:
        """The site answers: it is asked as usual again."""
        self.failed = self.given_up = 0
        if self.usual:
            assert self.crawler.engine is not None
            key, slot = self.crawler.engine.downloader._get_slot(request)
            slot.delay = self.usual.pop(key, slot.delay)

    def _give_up(self, request: Request, reason: str) -> None:
        self.given_up += 1
        if self.given_up == MOST_FAILURES:
            self._leave(f"{MOST_FAILURES} pages in a row could not be had, the last: {request.url}: {reason}")

    def _leave(self, reason: str) -> None:
        """Ends the crawl of this source; the reason stands in the ledger, above those of single pages."""
        if self.leaving is not None:
            return
        note = f"left alone for tonight: {reason}"
        logger.warning(note)
        assert self.crawler.engine is not None
        assert self.crawler.stats is not None
        self.crawler.stats.set_value("onrecord/note", note)
        self.leaving = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="left alone"))


def retry_after(response: Response) -> float:
    """For how many seconds the site asks not to be asked, 0 where it says nothing that can be read."""
    said = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if said.isascii() and said.isdecimal():
        return int(said[:9])
    try:
        until = parsedate_to_datetime(said)
        return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return 0
