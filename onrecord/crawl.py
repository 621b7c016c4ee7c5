"""Crawls sources side by side in this process, those that share a host one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from twisted.internet.base import ReactorBase
from twisted.internet.error import ReactorNotRunning

from onrecord.errors import CannotRun
from onrecord.progress import Tick
from pipelines.worker import shared_worker
from spiders.registry import Source
from spiders.source import spider_for


def crawl_settings(database: Path, registry: Path | None) -> Settings:
    """Scrapy's settings for crawls into `database`."""
    settings = Settings()
    settings.setmodule("spiders.settings", priority="project")
    settings.set("ONRECORD_DB", str(database), priority="cmdline")
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    # Where nobody else listens, Python prints warnings by itself, with whatever key is in an address.
    logging.getLogger().addHandler(logging.NullHandler())
    if registry is not None:
        settings.set("ONRECORD_SOURCES", str(registry), priority="cmdline")
    return settings


def insist_on_contact(sources: Iterable[Source], settings: Settings) -> None:
    """Raises CannotRun where a live site would be asked by nobody knows whom."""
    if not settings["ONRECORD_CONTACT"] and any(not source.is_local for source in sources):
        raise CannotRun(
            "Sites must be able to reach whoever asks them: set ONRECORD_CONTACT to a mail or web address of yours."
        )


def crawl(sources: list[Source], settings: Settings, tick: Tick) -> list[tuple[Source, Crawler]]:
    """Crawls the sources, those that share a host one after the other; gives each one's crawler."""
    process = AsyncCrawlerProcess(settings)
    crawls: dict[str, Crawler] = {}
    done: list[str] = []

    async def crawl_group(group: list[Source]) -> None:
        for source in group:
            crawler = process.create_crawler(spider_for(source))
            crawler.signals.connect(_count_error(crawler), signal=signals.spider_error, weak=False)
            crawler.signals.connect(_count_error(crawler), signal=signals.item_error, weak=False)
            crawls[source.id] = crawler
            with suppress(Exception):  # logged by Scrapy; the crawl without a listing is judged as failed
                await process.crawl(crawler)
            done.append(source.id)
            if finish_reason(crawler) == "shutdown":
                return

    async def show() -> None:
        while True:
            tick(list(crawls.values()), len(done))
            await asyncio.sleep(0.2)

    async def everything() -> None:
        from twisted.internet import reactor  # installed by the process above

        shower = asyncio.ensure_future(show())
        await asyncio.gather(*(crawl_group(group) for group in groups_by_host(sources)))
        shower.cancel()
        with suppress(ReactorNotRunning):
            cast(ReactorBase, reactor).stop()

    task = asyncio.get_event_loop_policy().get_event_loop().create_task(everything())
    with shared_worker():
        process.start(stop_after_crawl=False)
    if task.done() and not task.cancelled():
        task.result()
    return [(source, crawls[source.id]) for source in sources if source.id in crawls]


def finish_reason(crawler: Crawler) -> Any:
    """Why a crawl ended ("finished", "shutdown" …), None where it never began."""
    return crawler.stats.get_value("finish_reason") if crawler.stats else None


def _count_error(crawler: Crawler) -> Any:
    def count(**kwargs: Any) -> None:
        assert crawler.stats is not None
        crawler.stats.inc_value("onrecord/errors")
        failure = kwargs.get("failure")
        if not crawler.stats.get_value("onrecord/note"):
            crawler.stats.set_value(
                "onrecord/note", f"{failure.type.__name__}: {failure.value}"[:200] if failure else "error"
            )

    return count


def hosts_of(source: Source) -> set[str]:
    """The hosts of a source; on this machine, with their ports."""
    return set(source.hosts) if not source.is_local else {listing.url.split("/")[2] for listing in source.listing}


def groups_by_host(sources: Iterable[Source]) -> list[list[Source]]:
    """Sources that share a host in one group, so that a host is asked one question at a time."""
    groups: list[tuple[set[str], list[Source]]] = []
    for source in sources:
        hosts = hosts_of(source)
        sharing = [group for group in groups if group[0] & hosts]
        merged = (hosts.union(*(g[0] for g in sharing)), [*(s for g in sharing for s in g[1]), source])
        groups = [*(group for group in groups if group not in sharing), merged]
    return [members for _, members in groups]
