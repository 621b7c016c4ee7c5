"""Articles' pages that nobody has asked for in a long time: a few are asked for each night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

import spiders.settings
from pipelines.revisits import _UNASKED
from tests.crawling import crawl, source_at
from tests.faults.server import Answer, FaultySite

NAMES = tuple("abcdefg")


def page(name: str, more: str = "", etag: str | None = None) -> Answer:
    text = f"<p>Inspectors found children’s services in {name} much improved.</p>{more}"
    return Answer(f"<article><h1>{name}</h1>{text}</article>", etag=etag)


def feed(*names: str, content: str = "") -> Answer:
    items = "".join(
        f"<item><title>{name}</title><link>/{name}</link><pubDate>Mon, 02 Mar 2026 09:00:00 GMT</pubDate>"
        f"<content:encoded><![CDATA[{content}]]></content:encoded></item>"
        for name in names
    )
    space = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    return Answer(f"<rss version='2.0' {space}><channel><title>M</title>{items}</channel></rss>", type="text/xml")


@pytest.fixture
def site() -> Iterator[FaultySite]:
    with FaultySite({"/feed": feed(*NAMES), **{f"/{name}": page(name, etag=f'"{name}"') for name in NAMES}}) as site:
        yield site


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "onrecord.db"


def night(site: FaultySite, file: Path, **settings: Any) -> tuple[dict[str, Any], list[str]]:
    site.asked.clear()
    stats = crawl(source_at(site.address), file, **settings)
    return dict(stats), sorted(set(site.paths) - {"/feed"})


def age(file: Path, **days: float) -> None:
    """Makes pages, by name, last asked for so many days ago."""
    db = Database(file)
    for name, ago in days.items():
        then = f"{datetime.now(UTC) - timedelta(days=ago):%Y-%m-%dT%H:%M:%SZ}"
        with db.conn:
            assert db.execute("UPDATE pages SET checked_at = ? WHERE url LIKE ?", [then, f"%/{name}"]).rowcount == 1
    db.close()


def rows(file: Path, sql: str) -> list[tuple[Any, ...]]:
    db = Database(file)
    found = db.execute(sql).fetchall()
    db.close()
    return found


def test_what_was_last_asked_for_thirty_days_ago_is_asked_for_again(site: FaultySite, file: Path) -> None:
    night(site, file)
    age(file, a=30.01, b=29.9, c=400)
    site.answers["/feed"] = feed("b")  # the listing has forgotten the others
    stats, asked = night(site, file)
    assert asked == ["/a", "/c"]
    assert stats["unchanged"] == 3
    assert [asked.headers["If-None-Match"] for asked in site.asked[-2:]] == ['"c"', '"a"']
    # 304: they have been asked for now.
    assert night(site, file)[1] == []
    old = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    assert rows(file, f"SELECT count(*) FROM pages WHERE url LIKE '%/_' AND checked_at < '{old}'") == [(1,)]


def test_five_a_night_the_longest_unasked_first(site: FaultySite, file: Path) -> None:
    night(site, file)
    age(file, **{name: 40 + n for n, name in enumerate(NAMES)})
    assert night(site, file)[1] == ["/c", "/d", "/e", "/f", "/g"]
    assert night(site, file)[1] == ["/a", "/b"]
    assert night(site, file)[1] == []
    assert spiders.settings.ONRECORD_REVISITS == 5


def test_how_many_is_a_setting(site: FaultySite, file: Path) -> None:
    night(site, file)
    age(file, **dict.fromkeys(NAMES, 40))
    assert night(site, file, ONRECORD_REVISITS=0)[1] == []
    assert len(night(site, file, ONRECORD_REVISITS=2)[1]) == 2


def test_none_in_a_backfill(site: FaultySite, file: Path) -> None:
    night(site, file)
    age(file, a=40)
    assert night(site, file, ONRECORD_BACKFILL=True, ONRECORD_SINCE="2026-01-01")[1] == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_left_its_listing_and_then_its_site_is_marked_as_gone(
    site: FaultySite, file: Path, status: int
) -> None:
    night(site, file)
    age(file, a=40)
    site.answers |= {"/feed": feed("b"), "/a": Answer(status=status)}
    stats, asked = night(site, file)
    assert (asked, stats["gone"], stats.get("failed", 0)) == (["/a"], 1, 0)
    assert rows(file, "SELECT url LIKE '%/a' FROM articles WHERE gone_at IS NOT NULL") == [(1,)]
    # It comes back after longer than its listing's pages are asked for.
    db = Database(file)
    with db.conn:
        db.execute("UPDATE pages SET attempts = 5 WHERE status = ?", [status])
    db.close()
    site.answers["/a"] = page("a")
    assert night(site, file)[1] == []
    age(file, a=31)
    assert night(site, file)[1] == ["/a"]
    assert rows(file, "SELECT count(*) FROM articles WHERE gone_at IS NOT NULL") == [(0,)]


def test_an_edit_after_it_left_its_listing_is_a_version(site: FaultySite, file: Path) -> None:
    night(site, file)
    age(file, a=40)
    site.answers |= {"/feed": feed("b"), "/a": page("a", "<p>Corrected.</p>", '"2"')}
    assert night(site, file)[0]["changed"] == 1
    assert rows(file, "SELECT count(*) FROM article_versions") == [(1,)]
    # What the listing printed of it still counts.
    assert rows(file, "SELECT published FROM articles WHERE url LIKE '%/a'") == [("2026-03-02",)]


def test_a_page_that_its_listing_carried_is_not_asked_for(site: FaultySite, file: Path) -> None:
    carried = "<p>Inspectors found children’s services in Marlbury much improved, says the council.</p>"
    site.answers["/feed"] = feed("a", content=carried)
    assert night(site, file)[1] == []
    assert rows(file, "SELECT body_method FROM articles") == [("feed",)]
    age(file, a=40)
    assert night(site, file)[1] == []


def test_pages_of_other_sources_are_theirs(site: FaultySite, file: Path) -> None:
    night(site, file)
    age(file, a=40)
    db = Database(file)
    with db.conn:
        db.execute("INSERT INTO sources (id, name, kind) VALUES ('herald', 'Herald', 'article')")
        db.execute("UPDATE pages SET source_id = 'herald' WHERE url LIKE '%/a'")
    db.close()
    assert night(site, file)[1] == []


def test_it_is_one_step_in_an_index(site: FaultySite, file: Path) -> None:
    night(site, file)
    db = Database(file)
    plan = [row[-1] for row in db.execute(f"EXPLAIN QUERY PLAN {_UNASKED}", ["marlbury", "2026", 5])]
    db.close()
    assert plan == ["SEARCH pages USING INDEX pages_unasked (source_id=? AND checked_at<?)"]
