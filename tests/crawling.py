"""Crawls inside the test's process: all tests share one reactor, in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from scrapy.crawler import Crawler
from scrapy.settings import Settings

from spiders.guard import GuardedResolver
from spiders.registry import Listing, Source
from spiders.source import spider_for

LONGEST = 60  # seconds that a crawl may take


def source_at(address: str, kind: str = "feed", path: str = "/feed", **listing: str) -> Source:
    """A source with one listing on a loopback site, whose pages have their text in an article element."""
    return Source(
        id="marlbury",
        name="Marlbury",
        hosts=("127.0.0.1",),
        listing=(Listing(type=kind, url=address + path, **listing),),  # type: ignore[arg-type]
        article={"body": "article"},
    )


def registry_of(source: Source) -> str:
    """The source as the text of a registry, for crawls in a process of their own."""
    (listing,) = source.listing
    keys = {key: value for key, value in asdict(listing).items() if value}
    body = "\n".join(f"{key} = {json.dumps(value)}" for key, value in keys.items())
    return (
        f"[{source.id}]\nname = {json.dumps(source.name)}\nhosts = {json.dumps(source.hosts)}\n"
        f"[{source.id}.article]\nbody = {json.dumps(source.article['body'])}\n[[{source.id}.listing]]\n{body}\n"
    )


def crawl(source: Source, database: Path, **settings: Any) -> Mapping[str, Any]:
    """Crawls a source into `database` with the project's settings (no delay, no extraction); gives our stats."""
    given = Settings()
    given.setmodule("spiders.settings", priority="project")
    stages = {stage: order for stage, order in given["ITEM_PIPELINES"].items() if not stage.endswith(".Extract")}
    ours = {
        "ONRECORD_DB": str(database),
        "ONRECORD_LOOPBACK": True,
        "ONRECORD_CONTACT": "tests",
        "DOWNLOAD_DELAY": 0,
        "RETRY_TIMES": 0,
        "DOWNLOAD_TIMEOUT": 5,
        "ITEM_PIPELINES": stages,
    }
    for name, value in {**ours, **settings}.items():
        given.set(name, value, priority="cmdline")
    return asyncio.run_coroutine_threadsafe(_crawl(source, given), _loop()).result(LONGEST)


async def _crawl(source: Source, settings: Settings) -> Mapping[str, Any]:
    from twisted.internet import reactor

    crawler = Crawler(spider_for(source), settings)
    GuardedResolver.from_crawler(crawler, cast(Any, reactor)).install_on_reactor()  # as a process does
    await crawler.crawl_async()
    assert crawler.stats is not None
    stats = crawler.stats.get_stats()
    return {name.removeprefix("onrecord/"): value for name, value in stats.items() if name.startswith("onrecord/")}


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """The event loop of the reactor, running."""
    loop = asyncio.new_event_loop()
    running = threading.Event()

    def run() -> None:
        from twisted.internet import asyncioreactor

        asyncio.set_event_loop(loop)
        cast(Any, asyncioreactor).install(loop)
        from twisted.internet import reactor

        # Names are resolved in threads, which must not keep the tests from ending.
        cast(Any, reactor).getThreadPool().threadFactory = partial(threading.Thread, daemon=True)
        cast(Any, reactor).callWhenRunning(running.set)
        cast(Any, reactor).run(installSignalHandlers=False)

    threading.Thread(target=run, name="reactor", daemon=True).start()
    assert running.wait(10)
    return loop
