"""The spider of a source: its listings, then the pages they list.

Callbacks give requests for pages and, for every page fetched or failed, one item: a dict in the form of
`pipelines.page.Page`. What of the requests is due tonight is decided by `pipelines.memory`. Listings are read beside
the reactor, by what the setting ONRECORD_BESIDE names.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.misc import load_object
from twisted.python.failure import Failure

from spiders.feed import read_feed
from spiders.govuk import read_search
from spiders.guardian import read_guardian
from spiders.html_listing import read_html
from spiders.listed import Listed, ListingError, ListingKind, ListingReader, NextPage
from spiders.moderngov import read_committee
from spiders.ofsted_register import read_register
from spiders.registry import Listing, Source
from spiders.sitemap import read_sitemap
from spiders.theyworkforyou import read_speeches
from spiders.true_status import MEANS
from spiders.wordpress import read_posts

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

READERS: dict[ListingKind, ListingReader] = {
    "feed": read_feed,
    "govuk": read_search,
    "html": read_html,
    "guardian": read_guardian,
    "theyworkforyou": read_speeches,
    "moderngov": read_committee,
    "ofsted-register": read_register,
    "sitemap": read_sitemap,
    "wordpress": read_posts,
}

# A real listing has a few thousand tags; with hundreds of thousands every parser takes minutes.
MOST_TAGS = 100_000
# Sitemaps have more, and bounds of their own; WordPress has them in its JSON, where nothing parses them.
UNBOUNDED: frozenset[ListingKind] = frozenset({"sitemap", "wordpress"})
# With 400, WordPress says that there is no such page any more: its reader tells that from an error.
STATUSES: dict[ListingKind, tuple[int, ...]] = {"wordpress": (304, 400)}


# What a listing says, and why that is not all, if it is not.
Read = tuple[list[Listed | NextPage], str | None]


def read_listing(reader: ListingReader, response: Response, listing: Listing) -> Read:
    """What a response of a listing says, as far as it can be read."""
    said: list[Listed | NextPage] = []
    try:
        if listing.type not in UNBOUNDED and response.body.count(b"<") > MOST_TAGS:
            raise ListingError(f"more than {MOST_TAGS:,} tags")
        for found in reader(response, listing):
            said.append(found)
    except ListingError as error:
        return said, str(error)
    return said, None


def spider_for(source: Source) -> type[Spider]:
    """A spider class bound to the source, named by its id."""
    return type(f"{source.id.title().replace('-', '')}Spider", (SourceSpider,), {"name": source.id, "source": source})


class SourceSpider(Spider):
    """Crawls one source of the registry."""

    source: Source
    handle_httpstatus_list = (304,)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        if cls.source.insecure:
            settings.set("DOWNLOAD_VERIFY_CERTIFICATES", False, priority="spider")

    async def start(self) -> AsyncIterator[Any]:
        if not self.source.is_local and not self.settings["ONRECORD_CONTACT"]:
            self.logger.error("%s: not asked, because ONRECORD_CONTACT says nobody whom it could reach", self.name)
            return
        if self.source.skipped:
            self.logger.error("%s: not asked: %s", self.name, self.source.skipped)
            return
        if self.source.insecure:
            self.logger.warning("%s: its certificate is not checked: %s", self.name, self.source.insecure)
        for listing in self.source.listing:
            yield self.listing_request(listing, listing.url.replace("{since}", self.settings["ONRECORD_SINCE"]))

    def listing_request(
        self, listing: Listing, url: str, *, part: bool = False, modified: str | None = None
    ) -> Request:
        """A request for one page, or one part, of a listing; `modified` as in `spiders.listed.NextPage`."""
        return Request(
            url,
            callback=self.parse_listing_beside,
            errback=self.failed,
            cb_kwargs={"listing": listing},
            priority=1,
            meta={
                "role": "listing",
                "listing": listing,
                "part": part,
                "modified": modified,
                "handle_httpstatus_list": STATUSES.get(listing.type, self.handle_httpstatus_list),
                "download_slot": urlsplit(url).netloc,
            },
            dont_filter=True,
        )

    def page_request(self, listed: Listed) -> Request:
        """A request for the page of a listed item.

        Scrapy's filter of duplicates is off: it would drop a redirect to a page that is listed too without a word.
        `pipelines.memory` asks for no page twice.
        """
        return Request(
            listed.url,
            callback=self.parse,
            errback=self.failed,
            meta={"role": "article", "listed": listed, "download_slot": urlsplit(listed.url).netloc},
            dont_filter=True,
        )

    def page_request_for(self, listed: dict[str, str]) -> Request:
        """The same for an item that was listed on an earlier night: its address, what was printed of it, its body."""
        known = {f.name for f in fields(Listed)}
        return self.page_request(Listed(**{key: value for key, value in listed.items() if key in known}))

    async def parse_listing_beside(self, response: Response, listing: Listing) -> AsyncIterator[Any]:
        """What `parse_listing` gives, the listing being read where it can't hold up other sources."""
        read: Read | None = None
        if response.status != 304:
            assert response.request is not None
            beside = load_object(self.settings["ONRECORD_BESIDE"])
            bare = response.replace(request=Request(response.request.url), certificate=None)  # what can be pickled
            read, why_not = await beside(read_listing, READERS[listing.type], bare, listing)
            read = read or ([], f"reading it {why_not}")
        for output in self.parse_listing(response, listing, read):
            yield output

    def parse_listing(
        self, response: Response, listing: Listing, read: Read | None = None
    ) -> Iterator[Request | dict[str, Any]]:
        """Requests for the items and the next page; nothing where the listing has not changed (304)."""
        if response.status == 304:
            return
        wanted = re.compile(listing.match, re.IGNORECASE)
        said, failure = read or read_listing(READERS[listing.type], response, listing)
        for found in said:
            if isinstance(found, NextPage):
                yield self.listing_request(listing, found.url, part=found.part, modified=found.modified)
            elif not listing.match or any(wanted.search(said) for said in (found.url, found.title, found.summary)):
                yield self.page_request(found)
            elif self.crawler.stats is not None:  # not asked for, but listed: floors count what a site lists
                self.crawler.stats.inc_value("onrecord/listed")
        if failure is not None:
            yield self.page(response.request, response, failure)

    def parse(self, response: Response) -> Iterator[dict[str, Any]]:
        """The page as it came."""
        yield self.page(response.request, response)

    def failed(self, failure: Failure) -> Iterator[dict[str, Any]]:
        """The page that could not be had, with the reason."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        response = error.response if isinstance(error, HttpError) else None
        if response is not None:
            meant = (flag.removeprefix(MEANS) for flag in response.flags if flag.startswith(MEANS))
            reason = next(meant, f"HTTP {response.status}")
        elif isinstance(error, IgnoreRequest):
            reason = str(error) or "refused"
        else:
            reason = f"{type(error).__name__}: {error}".split("\n")[0].rstrip(": ")[:200]
        yield self.page(request, response, reason)

    def page(self, request: Request | None, response: Response | None, failure: str | None = None) -> dict[str, Any]:
        """A dict in the form of `pipelines.page.Page`."""
        assert request is not None
        listed: Listed | None = request.meta.get("listed")
        headers = response.headers.items() if response is not None else ()
        carried = "carried" in getattr(response, "flags", ())
        return {
            "url": response.url if response is not None else request.url,
            "asked": request.meta.get("redirect_urls", [request.url])[0],
            "role": request.meta["role"],
            "body": response.body if response is not None and failure is None else b"",
            "source": self.source.id,
            "publisher": self.source.publisher,
            "kind": self.source.kind,
            "status": response.status if response is not None else 0,
            # As HTTP has them: any byte may stand there, so nothing but Latin-1 reads them all.
            "headers": {name.decode("latin-1").lower(): b", ".join(sent).decode("latin-1") for name, sent in headers},
            "fetched_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "selectors": self._of_carried() if carried else self.source.article,
            "former": () if carried else self.source.former,
            "listed": listed.printed() if listed else {},
            "failure": failure,
        }

    def _of_carried(self) -> dict[str, Any]:
        """How a body is read that its listing carried: of the page's selectors, what to leave out alone holds."""
        article = self.source.article
        return {"format": "content", "remove": article.get("remove", []), "dates": article.get("dates", "day first")}
