"""The night: crawl every source, archive, extract, group into stories, write the ledger, report."""

from __future__ import annotations

import errno
import logging
import os
import signal
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from rich.console import Console
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from sqlite_utils import Database

from onrecord.crawl import crawl, crawl_settings, finish_reason, insist_on_contact
from onrecord.errors import CannotRun
from onrecord.extraction import insist_on_extraction
from onrecord.halt import why_halted
from onrecord.health import watched
from onrecord.ledger import RECORDS, Ledger, SourceNight, judged, skipped
from onrecord.lock import AlreadyRunning, only_one
from onrecord.progress import progress, summary
from onrecord.shards import Shard
from onrecord.terminal import OneEntry, escape, say
from pipelines.checks import check_due
from pipelines.extract import extract_many
from pipelines.schema import DatabaseError, explained, is_lasting, open_database
from pipelines.store import articles_awaiting_extraction
from pipelines.stories import group_stories
from pipelines.who import load_organisations
from pipelines.worker import Worker, cores
from spiders.registry import REGISTRY, Source, read_registry

OK, TROUBLE, CANNOT_RUN, ALREADY_RUNNING, INTERRUPTED = 0, 1, 2, 75, 130

LEFT = (*RECORDS, "articles", "failed")  # what is counted of articles that an earlier night left

# A log that a year of nights can't grow.
_LOG_BYTES, _LOGS_KEPT = 5_000_000, 3


def nightly(
    database: Path,
    registry: Path | None = None,
    only: Sequence[str] = (),
    shard: Shard | None = None,
    *,
    verbose: bool = False,
) -> int:
    """Runs one night into `database`; gives the exit code (see docs/design.md).

    `only` names sources, of which a `shard` crawls its share; `verbose` prints the summary on success too where there
    is no terminal. Raises CannotRun, RegistryError, ModelError and DatabaseError before anything is fetched.
    """
    known = read_registry(registry or REGISTRY)
    sources = chosen(known, only)
    log = None
    if shard is not None:
        share = shard.share(known.values())  # of all, so that which sources are asked for moves none
        sources = [source for source in sources if source.id in share]
        log = database.with_name(f"{database.name}.log")  # other shards may stand in the same folder
        if not sources:
            say(f"onrecord: no source falls to shard {shard}: nothing is crawled.", err=True)
    return run_night(database, sources, crawl_settings(database, registry), log, verbose=verbose)


def run_night(
    database: Path, sources: list[Source], settings: Settings, log: Path | None = None, *, verbose: bool
) -> int:
    """Crawls the sources as the settings say, under the lock, into the ledger; gives the exit code. Raises as above,
    and where the disk is full in the midst of it. The log is nightly.log beside the file, unless another one is given.
    """
    insist_on_contact(sources, settings)
    insist_on_extraction()
    settings.set("EXTENSIONS", {"onrecord.halt.Halt": 0}, priority="cmdline")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        with only_one(database):
            _log_to(log or database.with_name("nightly.log"))
            _insist_on_archive(database.with_name("archive"))
            return _night(database, sources, settings, verbose=verbose)
    except AlreadyRunning:
        Console(stderr=True).print(f"onrecord: another night is running on {escape(str(database))}.", soft_wrap=True)
        return ALREADY_RUNNING
    except OSError as error:
        raise CannotRun(f"{error.filename or database} can't be used: {error.strerror or error}.") from error
    except sqlite3.DatabaseError as error:
        if not is_lasting(error):
            raise
        raise explained(database, error) from error


def chosen(registry: dict[str, Source], only: Sequence[str]) -> list[Source]:
    """The sources named by `only`, or all that are enabled. Raises CannotRun for an unknown or a disabled one."""
    for name in only:
        if name not in registry:
            raise CannotRun(f"There is no source {name!r}: `onrecord sources list` shows them.")
        if reason := registry[name].disabled:
            raise CannotRun(f"The source {name!r} is disabled: {reason}")
    return [source for name, source in registry.items() if not source.disabled and (not only or name in only)]


def _night(database: Path, sources: list[Source], settings: Settings, *, verbose: bool) -> int:
    console = Console(stderr=True)
    db = open_database(database)
    load_organisations(db)
    ledger = Ledger(db, sources)
    asked = [source for source in sources if not source.skipped]
    with progress(console, len(asked)) as tick:
        crawls = crawl(asked, settings, tick)
    if failure := why_halted(crawler for _, crawler in crawls):
        with suppress(DatabaseError):  # it may be as full as it was
            ledger.end("failed", CANNOT_RUN)
        raise failure
    given = [judged(source, crawler.stats.get_stats() if crawler.stats else {}) for source, crawler in crawls]
    nights = [watched(db, night, ledger.run_id) for night in given]
    nights += [skipped(source) for source in sources if source.skipped]
    for night in nights:
        ledger.source(night)
    left = dict.fromkeys(LEFT, 0)
    interrupted = len(crawls) < len(asked) or any(was_stopped(crawler) for _, crawler in crawls)
    if not interrupted:
        try:
            _heed_signals()
            left = extract_left_open(db)
            group_stories(db)
            check_due(db)
        except KeyboardInterrupt:
            interrupted = True
    trouble = left["failed"] > 0 or any(night.is_trouble for night in nights)
    code = INTERRUPTED if interrupted else TROUBLE if trouble else OK
    ledger.end("interrupted" if interrupted else "partial" if trouble else "ok", code)
    with suppress(sqlite3.Error):  # a reader holds the file open: the next night does it
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()
    if code or verbose or console.is_terminal:
        _report(console, nights, left)
    return code


def was_stopped(crawler: Crawler) -> bool:
    """Whether a signal ended a crawl: the first lets it finish its page, the second does not."""
    begun = crawler.stats.get_value("start_time") if crawler.stats else None
    return finish_reason(crawler) == "shutdown" or (begun is not None and finish_reason(crawler) is None)


def _heed_signals() -> None:
    """After a crawl: Scrapy leaves handlers behind, which only ever stop a reactor."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def extract_left_open(db: Database) -> dict[str, int]:
    """Extracts articles that an earlier night stored and did not come to; new rows by kind, and how many failed."""
    totals = dict.fromkeys(LEFT, 0)
    with Worker(cores()) as workers:
        for changes in extract_many(db, articles_awaiting_extraction(db), workers):
            totals["articles"] += 1
            totals["failed"] += changes is None
            for name in RECORDS:
                totals[name] += changes[name].new if changes else 0
    return totals


def _insist_on_archive(folder: Path) -> None:
    """Raises OSError where pages could not be kept."""
    if folder.exists() and not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        raise OSError(errno.EACCES, "it is no folder that can be written to", str(folder))


def _log_to(path: Path) -> None:
    """Raises OSError. What can't be logged later, the disk being full, is no matter of the night's."""
    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOGS_KEPT, encoding="utf-8")
    form = OneEntry("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    form.converter = time.gmtime
    handler.setFormatter(form)
    handler.setLevel(logging.INFO)  # the crawl lets everything through to handlers, whatever the root's level is
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def _report(console: Console, nights: Sequence[SourceNight], left: dict[str, int]) -> None:
    console.print(summary(nights))
    if left["articles"]:
        console.print(f"{left['articles']} articles of an earlier night were extracted, {left['failed']} could not be.")
    for night in nights:
        if night.verdict != "ok" or night.note:
            console.print(
                f"{escape(night.source.id)}: {night.verdict}: {escape(night.note or '')}",
                soft_wrap=True,
                highlight=False,
            )
