"""Single pages off the web, asked for as carefully as a night asks: guard, robots.txt, limits, a contact."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess

from onrecord.crawl import crawl_settings, insist_on_contact
from onrecord.errors import CannotRun
from onrecord.inputs import Given
from pipelines.page import Page
from pipelines.urls import is_fetchable
from spiders.listed import Listed
from spiders.registry import Source
from spiders.source import SourceSpider


def fetch(addresses: Iterable[str], database: Path) -> list[Given]:
    """The pages at these addresses, each from its own host alone; one that can't be had says why in `page.failure`.

    Starts Twisted's reactor, so once in a process. Raises CannotRun before anything is asked for.
    """
    by_host: dict[str, list[str]] = {}
    for address in dict.fromkeys(addresses):
        if not is_fetchable(address):
            raise CannotRun(f"{address} is no address of a page.")
        by_host.setdefault(urlsplit(address).hostname or "", []).append(address)
    sources = [Source(id=host, name=host, hosts=(host,)) for host in by_host]
    settings = crawl_settings(database, None)
    insist_on_contact(sources, settings)
    for not_a_night in ("SPIDER_MIDDLEWARES", "ITEM_PIPELINES"):
        settings.set(not_a_night, {}, priority="cmdline")
    logging.getLogger().setLevel(logging.CRITICAL)  # what goes wrong is in the pages
    arrived: list[Page] = []
    process = AsyncCrawlerProcess(settings)
    for source in sources:
        process.crawl(_spider(source, by_host[source.id], arrived))
    process.start()
    return [Given(page.asked, page.asked, page) for page in arrived]


def _spider(source: Source, addresses: list[str], arrived: list[Page]) -> type[Spider]:
    """A spider that asks for the addresses and for nothing else."""

    class Addresses(SourceSpider):
        name = source.id

        async def start(self) -> AsyncIterator[Any]:
            for address in addresses:
                yield self.page_request(Listed(address))

        def page(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
            item = super().page(*args, **kwargs)
            arrived.append(Page(**{**item, "source": ""}))  # of no source in the registry
            return item

    Addresses.source = source
    return Addresses
