"""`onrecord backfill`: the back catalogue of a source, in a night of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from onrecord.crawl import crawl_settings
from onrecord.errors import CannotRun
from onrecord.nightly import chosen, run_night
from spiders.registry import REGISTRY, Listing, read_registry

MOST_PAGES = 20_000  # answers of the site; a night takes 2,000 at most


def backfill(database: Path, registry: Path | None, name: str, since: str, *, verbose: bool = False) -> int:
    """Crawls a source as far back as `since` (YYYY-MM-DD); gives the exit code, as of a night.

    Every page of its listings is read, known or not, until one lists nothing but what is older; what is known is not
    fetched again. Raises as `nightly` does, and CannotRun for a source whose site lists only what is new.
    """
    settings = crawl_settings(database, registry)
    ours = {
        "ONRECORD_SINCE": _day(since),
        "ONRECORD_BACKFILL": True,
        "CLOSESPIDER_PAGECOUNT": MOST_PAGES,
        "CLOSESPIDER_TIMEOUT": 0,  # so many pages take hours
        "DEPTH_LIMIT": 0,  # each next page is one deeper
    }
    for key, value in ours.items():
        settings.set(key, value, priority="cmdline")
    [source] = chosen(read_registry(registry or REGISTRY), [name])
    if not any(_goes_back(listing) for listing in source.listing):
        raise CannotRun(
            f"{name!r} has no back catalogue: a feed lists only what is new, as does a page without a next."
        )
    if source.skipped:
        raise CannotRun(f"The source {name!r} can't be asked: {source.skipped}.")
    return run_night(database, [source], settings, verbose=verbose)


def _goes_back(listing: Listing) -> bool:
    return bool(listing.next) if listing.type == "html" else listing.type != "feed"


def _day(given: str) -> str:
    """The day as ISO 8601 has it. Raises CannotRun for what is none, and for one that has not come yet."""
    try:
        day = date.fromisoformat(given)
    except ValueError as error:
        raise CannotRun(f"{given!r} is no day: write it as 2025-01-31.") from error
    if day > datetime.now(UTC).date():
        raise CannotRun(f"{given} has not come yet.")
    return day.isoformat()
