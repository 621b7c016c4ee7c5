"""The night: crawl every source, archive, extract, group into stories, write the ledger, report."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from scrapy.settings import Settings
from sqlite_utils import Database

from nlp.model import insist_on_model
from onrecord.crawl import crawl, crawl_settings, finish_reason, insist_on_contact
from onrecord.errors import CannotRun
from onrecord.health import watched
from onrecord.ledger import RECORDS, Ledger, SourceNight, judged, skipped
from onrecord.lock import AlreadyRunning, only_one
from onrecord.progress import progress, summary
from pipelines.checks import check_due
from pipelines.desk import now
from pipelines.extract import extract_stored
from pipelines.schema import open_database
from pipelines.store import articles_awaiting_extraction
from pipelines.stories import group_stories
from pipelines.who import load_organisations
from spiders.registry import REGISTRY, Source, read_registry

OK, TROUBLE, CANNOT_RUN, ALREADY_RUNNING, INTERRUPTED = 0, 1, 2, 75, 130

# A log that a year of nights can't grow.
_LOG_BYTES, _LOGS_KEPT = 5_000_000, 3


def nightly(database: Path, registry: Path | None = None, only: Sequence[str] = (), *, verbose: bool = False) -> int:
    """Runs one night into `database`; gives the exit code (see docs/design.md).

    `only` names sources; `verbose` prints the summary on success too where there is no terminal. Raises CannotRun,
    RegistryError, ModelError and DatabaseError before anything is fetched.
    """
    sources = chosen(read_registry(registry or REGISTRY), only)
    return run_night(database, sources, crawl_settings(database, registry), verbose=verbose)


def run_night(database: Path, sources: list[Source], settings: Settings, *, verbose: bool) -> int:
    """Crawls the sources as the settings say, under the lock, into the ledger; gives the exit code. Raises as above."""
    insist_on_contact(sources, settings)
    insist_on_model()
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        with only_one(database):
            return _night(database, sources, settings, verbose=verbose)
    except AlreadyRunning:
        Console(stderr=True).print(f"onrecord: another night is running on {escape(str(database))}.", soft_wrap=True)
        return ALREADY_RUNNING
    except OSError as error:
        raise CannotRun(f"{database} can't be used: {error.strerror or error}.") from error


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
    _log_to(database.with_name("nightly.log"))
    asked = [source for source in sources if not source.skipped]
    with progress(console, len(asked)) as tick:
        crawls = crawl(asked, settings, tick)
    given = [judged(source, crawler.stats.get_stats() if crawler.stats else {}) for source, crawler in crawls]
    nights = [watched(db, night, ledger.run_id) for night in given]
    nights += [skipped(source) for source in sources if source.skipped]
    for night in nights:
        ledger.source(night)
    left = extract_left_open(db)
    group_stories(db)
    check_due(db)
    interrupted = len(crawls) < len(asked) or any(finish_reason(crawler) == "shutdown" for _, crawler in crawls)
    trouble = left["failed"] > 0 or any(night.is_trouble for night in nights)
    code = INTERRUPTED if interrupted else TROUBLE if trouble else OK
    ledger.end("interrupted" if interrupted else "partial" if trouble else "ok", code)
    with suppress(sqlite3.Error):  # a reader holds the file open: the next night does it
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()
    if code or verbose or console.is_terminal:
        _report(console, nights, left)
    return code


def extract_left_open(db: Database) -> dict[str, int]:
    """Extracts articles that an earlier night stored and did not come to; new rows by kind, and how many failed."""
    totals = dict.fromkeys((*RECORDS, "articles", "failed"), 0)
    for article_id in articles_awaiting_extraction(db):
        changes = extract_stored(db, article_id, at=now())
        totals["articles"] += 1
        totals["failed"] += changes is None
        for name in RECORDS:
            totals[name] += changes[name].new if changes else 0
    return totals


def _log_to(path: Path) -> None:
    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOGS_KEPT, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
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
