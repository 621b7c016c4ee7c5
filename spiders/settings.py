"""Scrapy's settings for every spider, and ours, each of which an environment variable of the same name sets."""

from __future__ import annotations

import os
from datetime import date, timedelta
from importlib.metadata import version

# Ours
ONRECORD_DB = os.environ.get("ONRECORD_DB", "data/onrecord.db")
ONRECORD_SOURCES = os.environ.get("ONRECORD_SOURCES", "")  # "": data/sources.toml
ONRECORD_CONTACT = os.environ.get("ONRECORD_CONTACT", "")  # a mail or web address, told to every site
ONRECORD_DELAY = float(os.environ.get("ONRECORD_DELAY", "1"))  # seconds between two requests to one host
ONRECORD_SOURCE_MINUTES = float(os.environ.get("ONRECORD_SOURCE_MINUTES", "60"))  # of one source, a night; 0: no limit
ONRECORD_REVISITS = int(os.environ.get("ONRECORD_REVISITS", "5"))  # old pages asked for again, a night and source
ONRECORD_LOOPBACK = (
    os.environ.get("ONRECORD_LOOPBACK", "") == "1"
)  # this machine's own addresses, for tests and the demo
ONRECORD_CROSSCHECK = os.environ.get("ONRECORD_CROSSCHECK", "1") == "1"  # whether pages are read a second way, too
ONRECORD_SINCE = f"{date.today().replace(day=1) - timedelta(days=365):%Y-%m-01}"  # {since} in the address of a listing
ONRECORD_BACKFILL = False  # every next page of a listing is followed, whether or not there is news on the one before
ONRECORD_BESIDE = "pipelines.tasks.beside"  # runs the readers of listings where they can't hold up the reactor
ONRECORD_LONGEST_DELAY = 60.0  # seconds: a longer Crawl-delay is cut to it, and reported

BOT_NAME = "onrecord"
USER_AGENT = f"onrecord/{version('onrecord')} ({ONRECORD_CONTACT or 'no contact given'})"
ROBOTSTXT_USER_AGENT = "onrecord"
SPIDER_MODULES = ["spiders"]
SPIDER_LOADER_CLASS = "spiders.registry.RegistrySpiderLoader"

# Polite
CONCURRENT_REQUESTS = 1  # of one source: by itself, Scrapy's limit per host lets more through where there is no delay
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = ONRECORD_DELAY
DOWNLOAD_DELAY_JITTER = 0.0  # a delay that robots.txt asks for is kept to the second
ROBOTSTXT_OBEY = True
COOKIES_ENABLED = False
RETRY_TIMES = 2
RETRY_PRIORITY_ADJUST = 1  # at once, if after a pause: else a site that fails would be asked for every page first
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # the page's own line says so
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408]  # 429 means: not now (spiders.patience)

# Bounded
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 100_000  # bytes of one source's pages that wait to be read; then it is asked no further
CONCURRENT_ITEMS = 4  # of one response: Scrapy begins as many tasks for each, a hundred by itself, however few come
DEPTH_LIMIT = 50
CLOSESPIDER_PAGECOUNT = 2_000
CLOSESPIDER_TIMEOUT = ONRECORD_SOURCE_MINUTES * 60
REDIRECT_MAX_TIMES = 5
URLLENGTH_LIMIT = 2_000

# Safe
DOWNLOAD_VERIFY_CERTIFICATES = True
# These and no more: two others listen for code to run, and loading one of them takes 90 ms and 20 MB.
EXTENSIONS_BASE = {"scrapy.extensions.corestats.CoreStats": 0, "scrapy.extensions.closespider.CloseSpider": 0}
TWISTED_DNS_RESOLVER = "spiders.guard.GuardedResolver"
DOWNLOAD_HANDLERS = {"http": "spiders.keys.KeyedHandler", "https": "spiders.keys.KeyedHandler"}
DOWNLOADER_MIDDLEWARES = {
    "spiders.guard.Guard": 10,
    "spiders.carried.Carried": 20,
    "spiders.robots.Robots": 100,
    "spiders.true_status.TrueStatus": 200,
    "spiders.patience.Patience": 550,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "spiders.unpack.Unpack": 590,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # the guard does it, for redirects too
}

# The way of a page: what is due tonight, then archive, article, relevance, rows, records
# Memory comes before Scrapy's limit of depth (900), so that what lies too deep for tonight is left open.
SPIDER_MIDDLEWARES = {"pipelines.memory.Memory": 950}
ITEM_PIPELINES = {
    "pipelines.stages.Arrive": 100,
    "pipelines.stages.Archive": 200,
    "pipelines.stages.Read": 300,
    "pipelines.stages.Relevance": 400,
    "pipelines.stages.Store": 500,
    "pipelines.stages.Extract": 600,
}
LOG_LEVEL = "INFO"
