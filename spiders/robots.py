"""robots.txt, failing closed: what can't be asked for tonight is not crawled tonight (RFC 9309).

A missing robots.txt (4xx) allows; an error of the server, a time-out or a redirect away from the host means not
tonight. A crawl delay is kept, up to a cap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser

if TYPE_CHECKING:
    from scrapy import Request

_LARGEST = 500 * 1024  # bytes read, as RFC 9309 asks
_DENY_ALL = b"User-agent: *\nDisallow: /"


class Robots(RobotsTxtMiddleware):
    """Downloader middleware in the place of Scrapy's, which lets everything through when robots.txt fails."""

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == 429 or urlsplit(response.url).netloc != netloc:
            response = response.replace(body=_DENY_ALL)
        elif response.status >= 400:
            response = response.replace(body=b"")
        else:
            response = response.replace(body=response.body[:_LARGEST])
        await super()._parse_robots(response, netloc, request)
        self._keep_delay(response.body, netloc)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        waiting = self._parsers[netloc]
        self._stats.inc_value("onrecord/robots_failed")
        self._parsers[netloc] = deny = ProtegoRobotParser(_DENY_ALL, self.crawler.spider)
        waiting.callback(deny)  # type: ignore[union-attr]

    def _keep_delay(self, body: bytes, netloc: str) -> None:
        from protego import Protego

        asked = Protego.parse(body.decode("utf-8", "replace")).crawl_delay(self._robotstxt_useragent or "*")
        if not asked:
            return
        cap = self.crawler.settings.getfloat("ONRECORD_LONGEST_DELAY")
        if asked > cap:
            self._stats.set_value("onrecord/delay_capped", asked)
        engine = self.crawler.engine
        assert engine is not None
        for key, slot in engine.downloader.slots.items():
            if key == netloc:
                slot.delay = max(slot.delay, min(asked, cap))
