"""`python -m onrecord.bench.bare FILE`: bare Scrapy over the addresses in a file, with a callback that does nothing.

Its own settings, no delay; prints how many pages were answered.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess


class Bare(Spider):
    """Asks for every address."""

    name = "bare"
    handle_httpstatus_all = True

    def parse(self, response: Any) -> None:
        """Nothing."""


def main(path: Path) -> None:
    """Runs it."""
    process = AsyncCrawlerProcess({"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False})
    crawler = process.create_crawler(Bare)
    process.crawl(crawler, start_urls=path.read_text(encoding="utf-8").split())
    process.start()
    assert crawler.stats is not None
    print(crawler.stats.get_value("response_received_count", 0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
