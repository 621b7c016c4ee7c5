"""Stops the night where the machine fails it: a full disk, a file that can't be written any more."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterable
from typing import Any
from weakref import WeakSet

from scrapy import signals
from scrapy.crawler import Crawler

from pipelines.schema import is_lasting

_FAILURES = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM}
_STAT = "onrecord/halted"
_crawlers: WeakSet[Crawler] = WeakSet()  # of this process: one source's failure is every source's


class Halt:
    """A Scrapy extension: at the first failure of the machine's, every source finishes its page and asks no more."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        _crawlers.add(crawler)
        crawler.signals.connect(self.look, signal=signals.item_error)
        crawler.signals.connect(self.look, signal=signals.spider_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Halt:
        return cls(crawler)

    def look(self, failure: Any) -> None:
        """Whether an error costs its page alone, or the night."""
        if is_of_the_machine(failure.value):
            assert self.crawler.stats is not None
            self.crawler.stats.set_value(_STAT, failure.value)
            for crawler in list(_crawlers):
                task = asyncio.ensure_future(crawler.stop_async())
                task.add_done_callback(lambda done: done.exception())


def is_of_the_machine(error: BaseException) -> bool:
    """Whether what comes next would fail likewise."""
    return is_lasting(error) or (isinstance(error, OSError) and error.errno in _FAILURES)


def why_halted(crawlers: Iterable[Crawler]) -> Exception | None:
    """What stopped the night, None where nothing did."""
    failures = (crawler.stats.get_value(_STAT) for crawler in crawlers if crawler.stats)
    return next((failure for failure in failures if failure), None)
