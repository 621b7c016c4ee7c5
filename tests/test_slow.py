"""A site that is slow takes a source's minutes and no more: the verdict says so, and the next nights go on."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from tests.command import LOCAL, onrecord
from tests.crawling import registry_of, source_at
from tests.faults.server import Answer, FaultySite

PAGES = 8
SLOW = 1.5  # seconds until a page is answered; all of them take three times as long as the source may
MINUTES = "0.06"


def test_a_slow_site_is_left_when_its_time_is_over_and_gone_on_with(tmp_path: Path) -> None:
    registry, file = tmp_path / "sources.toml", tmp_path / "onrecord.db"
    items = "".join(f"<item><title>Bins {n}</title><link>/{n}</link></item>" for n in range(PAGES))
    feed = Answer(f"<rss version='2.0'><channel>{items}</channel></rss>", type="application/rss+xml", etag='"1"')
    with FaultySite({"/feed": feed}) as site:
        registry.write_text(registry_of(source_at(site.address)), encoding="utf-8")
        command = ("nightly", "--registry", registry, "--db", file)
        bins = "<article><h1>Bins</h1><p>Bins are emptied in week {}.</p></article>"
        site.answers |= {f"/{n}": Answer(bins.format(n), wait=SLOW) for n in range(PAGES)}
        first = onrecord(*command, **LOCAL, ONRECORD_SOURCE_MINUTES=MINUTES)
        asked = len(site.paths) - 1
        open = rows(file, "SELECT attempts FROM pages WHERE pending")
        site.answers |= {f"/{n}": Answer(bins.format(n)) for n in range(PAGES)}
        second = onrecord(*command, **LOCAL, ONRECORD_SOURCE_MINUTES="0")
        assert sorted(path for path in site.paths if path != "/feed") == sorted(f"/{n}" for n in range(PAGES))
    assert 0 < asked < PAGES
    assert open == [(0,)] * (PAGES - asked)  # which is not held against them
    said = "stopped at the most minutes a source may take in a night"
    assert (first.returncode, second.returncode) == (1, 0)
    assert f"marlbury: budget: {said}" in first.stderr
    assert rows(file, "SELECT verdict, note, failed FROM run_sources ORDER BY run_id") == [
        ("budget", said, 0),
        ("ok", None, 0),
    ]


def rows(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(file) as db:
        return db.execute(sql).fetchall()
