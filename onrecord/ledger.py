"""The night's ledger: one row per night in `runs`, one per night and source in `run_sources`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

from sqlite_utils import Database

from pipelines.desk import now
from pipelines.rows import insert
from pipelines.schema import transaction
from spiders.registry import Source

Verdict = Literal["ok", "partial", "empty", "blocked", "robots", "budget", "failed", "skipped", "suspicious"]
COUNTS = ("listed", "fetched", "unchanged", "new", "changed", "off_topic", "blocked", "failed")
RECORDS = ("quotes", "people", "organisations", "figures", "stances")


@dataclass(frozen=True, slots=True)
class SourceNight:
    """What one source gave tonight: `counts` by COUNTS, `records` (new rows) by RECORDS."""

    source: Source
    counts: Mapping[str, int]
    records: Mapping[str, int]
    verdict: Verdict
    note: str | None = None
    same: bool = False  # every listing answered that it is as it was
    listed_all: bool = False  # none did: what is counted as listed is all that it lists
    unread: int = 0  # pages on which no article was found

    @property
    def is_trouble(self) -> bool:
        """Whether somebody should look at it."""
        return self.verdict not in ("ok", "skipped")


def judged(source: Source, stats: Mapping[str, Any]) -> SourceNight:
    """Reads a crawl's stats (Scrapy's, and the stages' `onrecord/…`)."""

    def stat(name: str) -> int:
        return int(stats.get(f"onrecord/{name}", 0))

    counts = {name: stat(name) for name in COUNTS}
    counts["blocked"] += stat("robots")
    records = {name: stat(f"new_{name}") for name in RECORDS}
    note = stats.get("onrecord/note")
    broken = stat("errors")
    same = not stat("listings_read") and stat("listings_unchanged") > 0
    listed_all = stat("listings_read") > 0 and not stat("listings_unchanged")
    verdict: Verdict = "ok"
    if stat("listings_read") + stat("listings_unchanged") == 0:
        verdict = "robots" if stat("listings_robots") else "blocked" if stat("listings_blocked") else "failed"
        note = note or "no listing was answered"
    elif stats.get("finish_reason") == "closespider_pagecount":
        verdict, note = "budget", "stopped at the most pages a night may take"
    elif stats.get("finish_reason") == "closespider_timeout":
        verdict, note = "budget", "stopped at the most minutes a source may take in a night"
    elif deep := int(stats.get("depth/request_ignored_count", 0)):
        verdict, note = "budget", f"its listings go on deeper than a night follows: {deep} requests wait for the next"
    elif listed_all and counts["listed"] < source.floor:
        verdict, note = "empty", f"listed {counts['listed']}, where it lists at least {source.floor}"
    elif counts["failed"] or counts["blocked"] or broken:
        verdict = "partial"
    remarks = []
    if stat("disagreeing"):
        remarks.append(f"{stat('disagreeing')} of {stat('compared')} bodies disagree with a second reading")
    if stat("gone"):
        remarks.append(f"gone from the site: {stat('gone')} of its articles")
    note = "; ".join(filter(None, [note, *remarks])) or None
    return SourceNight(source, counts, records, verdict, note, same, listed_all, stat("unread"))


def skipped(source: Source) -> SourceNight:
    """The night of a source that was not asked, with the reason."""
    return SourceNight(source, dict.fromkeys(COUNTS, 0), dict.fromkeys(RECORDS, 0), "skipped", source.skipped)


class Ledger:
    """One night's rows. Raises DatabaseError, sqlite3.Error."""

    def __init__(self, db: Database, sources: Iterable[Source]) -> None:
        self.db = db
        with transaction(db):
            for source in sources:
                _store_source(db, source)
            self.run_id = insert(db, "runs", {"started": now(), "version": version("onrecord")})

    def source(self, night: SourceNight) -> None:
        """Writes what a source gave."""
        row = {**night.counts, "quotes": night.records["quotes"], "verdict": night.verdict, "note": night.note}
        with transaction(self.db):
            self.db.table("run_sources").insert({"run_id": self.run_id, "source_id": night.source.id, **row})

    def end(self, verdict: str, exit_code: int) -> None:
        """Closes the night, which no clock that is put back makes end before it began."""
        with transaction(self.db):
            self.db.execute(
                "UPDATE runs SET ended = max(started, ?), verdict = ?, exit_code = ? WHERE id = ?",
                [now(), verdict, exit_code, self.run_id],
            )


def _store_source(db: Database, source: Source) -> None:
    """The registry as run; a source that is as it was is not written."""
    publisher = db.execute("SELECT id FROM organisations WHERE slug = ?", [source.publisher]).fetchone()
    row = {
        "id": source.id,
        "name": source.name,
        "kind": source.kind,
        "publisher_id": publisher[0] if publisher else None,
        "home": source.home,
        "verified": "yes" if source.verified else None,
        "enabled": int(source.disabled is None),
        "reason": source.disabled,
        "terms": source.terms,
        "hosts": json.dumps(source.hosts),
        "floor": source.floor,
    }
    columns = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
    differs = " OR ".join(f"{name} IS NOT excluded.{name}" for name in row if name != "id")
    db.execute(
        f"INSERT INTO sources ({columns}) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET {changes} WHERE {differs}",  # noqa: S608
        row,
    )
