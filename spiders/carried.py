"""Pages that their listing carried whole, tonight or on a killed night: answered from it, without a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.http import HtmlResponse

if TYPE_CHECKING:
    from scrapy import Request

    from spiders.listed import Listed


class Carried:
    """Downloader middleware: the response to a request for an item whose `content` its listing gave."""

    def process_request(self, request: Request) -> HtmlResponse | None:
        """A response with the flag "carried", or None: then it is fetched."""
        listed: Listed | None = request.meta.get("listed")
        if listed is None or not listed.content:
            return None
        headers = {"Content-Type": "text/html; charset=utf-8"}
        body = listed.content.encode("utf-8", "replace")
        return HtmlResponse(request.url, headers=headers, body=body, flags=["carried"], request=request)
