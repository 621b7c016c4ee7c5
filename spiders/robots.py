"""robots.txt, failing closed: what can't be asked for tonight is not crawled tonight (RFC 9309).

A missing robots.txt (4xx) allows; an error of the server, a time-out or a redirect away from the host means not
tonight. Of a long one the first 500 KiB are had and heeded. A crawl delay is kept, up to a cap.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser, RobotParser

from spiders.guard import Refused

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

_LARGEST = 500 * 1024  # bytes read, as RFC 9309 asks
_ANY_SIZE = 1 << 62  # bytes
_DENY_ALL = b"User-agent: *\nDisallow: /"


class Robots(RobotsTxtMiddleware):
    """Downloader middleware in the place of Scrapy's, which lets everything through when robots.txt fails.

    What it refuses is an IgnoreRequest whose message begins with "robots.txt".
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unavailable: dict[str, str] = {}  # host and port: why its robots.txt could not be had
        crawler.signals.connect(self._received, signal=signals.bytes_received)

    async def process_request(self, request: Request) -> None:  # type: ignore[override]
        if _is_robots(request):
            # Not packed, so that half a file can be read; and not refused for its length, for `_received` stops it.
            request.headers["Accept-Encoding"] = "identity"
            request.meta.update(download_maxsize=_ANY_SIZE, received=0)
        await super().process_request(request)

    def _received(self, data: bytes, request: Request, **_: Any) -> None:
        """Stops the download of a robots.txt when there is enough of it."""
        if not _is_robots(request):
            return
        request.meta["received"] += len(data)
        # What came packed all the same must not unpack to more than any page may have.
        request.meta["download_maxsize"] = self.crawler.settings.getint("DOWNLOAD_MAXSIZE")
        if request.meta["received"] > _LARGEST:
            raise StopDownload(fail=False)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            why = self._unavailable.get(urlsplit(request.url).netloc)
            raise Refused(f"robots.txt can't be had: {why}" if why else "robots.txt forbids it") from error

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        body = _beginning(response.body)
        if response.status >= 500 or response.status == 429:
            self._unavailable[netloc] = f"HTTP {response.status}"
        elif urlsplit(response.url).netloc != netloc:
            self._unavailable[netloc] = f"it leads to {response.url}"
        elif response.status >= 400:
            body = b""
        if netloc in self._unavailable:
            body = _DENY_ALL
        await super()._parse_robots(response.replace(body=body), netloc, request)
        self._keep_delay(netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._unavailable[netloc] = str(exc) if isinstance(exc, IgnoreRequest) else type(exc).__name__
        waiting = self._parsers[netloc]
        self._parsers[netloc] = deny = ProtegoRobotParser(_DENY_ALL, self.crawler.spider)
        waiting.callback(deny)  # type: ignore[union-attr]

    def _keep_delay(self, netloc: str, request: Request) -> None:
        parser = self._parsers[netloc]
        asked = parser.crawl_delay(self._robotstxt_useragent or "*") if isinstance(parser, RobotParser) else None
        if not asked:
            return
        cap = self.crawler.settings.getfloat("ONRECORD_LONGEST_DELAY")
        if asked > cap:
            logger.warning("%s asks for %s seconds between requests: it gets %s", request.url, asked, cap)
            self._stats.set_value("onrecord/delay_capped", asked)
        assert self.crawler.engine is not None
        _, slot = self.crawler.engine.downloader._get_slot(request)
        slot.delay = max(slot.delay, min(asked, cap))


def _is_robots(request: Request) -> bool:
    """Whether it is this middleware's own request: no other leaves robots.txt unasked."""
    return bool(request.meta.get("dont_obey_robotstxt"))


def _beginning(body: bytes) -> bytes:
    """As much as is read, in whole lines: the half of a rule may allow more than the rule."""
    if len(body) <= _LARGEST:
        return body
    body = body[:_LARGEST]
    return body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
