"""A listing that goes on deeper than a night follows: the verdict says so, and the next night goes on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import spiders.settings
from tests.command import LOCAL, onrecord
from tests.crawling import registry_of, source_at
from tests.faults.server import Answer, FaultySite

PAGES = spiders.settings.DEPTH_LIMIT + 4


def test_what_lies_too_deep_is_said_and_made_up_for(tmp_path: Path) -> None:
    with FaultySite() as site:
        for number in range(1, PAGES + 1):
            more = f"<a rel=next href='/news?page={number + 1}'>Older</a>" if number < PAGES else ""
            item = f"<li class=item><a href='/{number}'>Bins</a></li>"
            site.answers[f"/news?page={number}"] = Answer(item + more, etag=f'"{number}"')
            site.answers[f"/{number}"] = Answer(
                f"<article><h1>Bins</h1><p>Bins are emptied in week {number}.</p></article>"
            )
        registry, file = tmp_path / "sources.toml", tmp_path / "onrecord.db"
        source = source_at(site.address, "html", "/news?page=1", item="li.item", next="a[rel=next]")
        registry.write_text(registry_of(source), encoding="utf-8")
        nights = [onrecord("nightly", "--registry", registry, "--db", file, **LOCAL) for _ in range(2)]
        asked = [asked.path for asked in site.asked]
    with sqlite3.connect(file) as db:
        ledger = db.execute("SELECT verdict, note, listed FROM run_sources ORDER BY run_id").fetchall()
        off_topic = db.execute("SELECT count(*) FROM pages WHERE note LIKE 'off topic%'").fetchall()
    said = "its listings go on deeper than a night follows: 2 requests wait for the next"
    assert [night.returncode for night in nights] == [1, 0]
    assert said in nights[0].stderr
    assert ledger == [("budget", said, PAGES - 3), ("ok", None, 3)]
    assert off_topic == [(PAGES,)]
    assert all(asked.count(f"/{number}") == 1 for number in range(1, PAGES + 1))
