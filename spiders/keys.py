"""Keys of programming interfaces: from the environment onto the wire, and nowhere else.

A key joins the address in the last step before the network and has left it in the first step after, so that no
request or response that we log, store or show has it.
"""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

from spiders.registry import KEY_PARAMETERS

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from spiders.registry import Listing


class KeyedHandler(HTTP11DownloadHandler):
    """Scrapy's handler of http and https, which sends the requests of a listing that needs a key with it."""

    async def download_request(self, request: Request) -> Response:
        """The response, as if the address had been asked for as it stands in the request."""
        listing: Listing | None = request.meta.get("listing")
        # A redirect elsewhere, or from https to http, is not told the key.
        if listing is None or not listing.key or _origin(request.url) != _origin(listing.url):
            return await super().download_request(request)
        key, parameter = os.environ[listing.key], KEY_PARAMETERS[listing.type]
        blot = Blot(key)
        for handler in logging.getLogger().handlers:
            handler.addFilter(blot)
        try:
            response = await super().download_request(request.replace(url=_with(request.url, parameter, key)))
        except Exception as error:  # "Getting ADDRESS took longer than …"
            error.args = tuple(blot(arg) if isinstance(arg, str) else arg for arg in error.args)
            raise
        headers = response.headers.copy()
        if location := headers.get("Location"):
            headers["Location"] = _with(location.decode("latin-1"), parameter, None)
        return response.replace(url=request.url, headers=headers)


@dataclass(frozen=True, slots=True)
class Blot:
    """A logging filter: a key that stands in a record, or in its traceback, becomes `***`."""

    key: str

    def __call__(self, text: str) -> str:
        """The text without the key, in whichever way an address spells it."""
        spellings = "|".join({re.escape(self.key), re.escape(quote(self.key, safe=""))})
        return re.sub(rf"(?<![\w-])(?:{spellings})(?![\w-])", "***", text)

    def filter(self, record: logging.LogRecord) -> bool:
        """True: every record is kept."""
        record.msg, record.args = self(record.getMessage()), None
        if record.exc_info:
            record.exc_text = self(record.exc_text or logging.Formatter().formatException(record.exc_info))
        return True


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _with(url: str, parameter: str, key: str | None) -> str:
    """The address with the key, in the place of any it has; without one for None."""
    parts = urlsplit(url)
    pairs = [pair for pair in parts.query.split("&") if pair and pair.partition("=")[0] != parameter]
    if key is not None:
        pairs.append(f"{parameter}={quote(key, safe='')}")
    return urlunsplit(parts._replace(query="&".join(pairs)))
