"""A source is held against its own earlier nights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from onrecord.health import watched
from onrecord.ledger import COUNTS, RECORDS, Ledger, SourceNight, judged
from pipelines.schema import open_database
from spiders.registry import Listing, Source
from tests.command import LOCAL, onrecord
from tests.crawling import registry_of, source_at
from tests.faults.server import Answer, FaultySite

TODAY = date(2026, 5, 1)
LISTING = "https://news.marlbury.example/feed"
SOURCE = Source("marlbury", "Marlbury", ("news.marlbury.example",), (Listing("feed", LISTING),), floor=1)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    db = open_database(tmp_path / "file.db")
    db.table("sources").insert({"id": SOURCE.id, "name": SOURCE.name, "kind": SOURCE.kind})
    yield db
    db.close()


def tonight(listed: int = 40, new: int = 2, **other: Any) -> SourceNight:
    counts = dict.fromkeys(COUNTS, 0) | {"listed": listed, "new": new}
    fields = {"verdict": "ok", "listed_all": listed > 0, **other}
    return SourceNight(SOURCE, counts, dict.fromkeys(RECORDS, 0), **fields)


def add_night(db: Database, ago: int, **row: Any) -> int:
    """A night some days ago."""
    run = db.table("runs").insert({"started": f"{TODAY - timedelta(ago)}T01:30:00Z", "version": "1"}).last_pk
    db.table("run_sources").insert({"run_id": run, "source_id": SOURCE.id, "verdict": "ok", "listed": 40, **row})
    assert isinstance(run, int)
    return run


def judge(db: Database, night: SourceNight) -> tuple[str, str]:
    """Verdict and note of tonight."""
    run = db.table("runs").insert({"started": f"{TODAY}T01:30:00Z", "version": "1"}).last_pk
    assert isinstance(run, int)
    judged = watched(db, night, run)
    return judged.verdict, judged.note or ""


def add_articles(db: Database, *words: int, at: str = "2026-04-01T01:30:00Z") -> None:
    for count in words:
        number = db.table("articles").count
        row = {"url": f"https://news.marlbury.example/{number}", "source_id": SOURCE.id, "kind": "article"}
        text = {"body_method": "selectors", "text": "x", "text_hash": "x", "words": count}
        db.table("articles").insert({**row, **text, "first_seen": at, "seen_from": at})


# Listed --------------------------------------------------------------------------------------------------------------


def test_a_tenth_of_the_usual_items_is_suspicious(db: Database) -> None:
    for ago in range(1, 9):
        add_night(db, ago)
    assert judge(db, tonight(listed=4)) == ("ok", "")
    assert judge(db, tonight(listed=3)) == (
        "suspicious",
        "listed 3, where it lists 40 on other nights: look at its listing",
    )


def test_one_odd_night_is_no_measure(db: Database) -> None:
    add_night(db, 9, listed=900)  # the first, which read the back pages
    for ago in range(1, 9):
        add_night(db, ago)
    assert judge(db, tonight(listed=20)) == ("ok", "")


def test_seven_nights_are_no_history(db: Database) -> None:
    for ago in range(1, 8):
        add_night(db, ago)
    add_night(db, 0)  # a second run on one day is no second night
    assert judge(db, tonight(listed=1)) == ("ok", "")


def test_of_a_few_items_none_may_be_chance(db: Database) -> None:
    for ago in range(1, 20):
        add_night(db, ago, listed=9)
    assert judge(db, tonight(listed=0, listed_all=True)) == ("ok", "")


def test_nights_that_counted_nothing_are_no_measure(db: Database) -> None:
    for ago in range(1, 9):
        add_night(db, ago)
    for ago in range(9, 40):
        add_night(db, ago, listed=0)  # all as it was
    assert judge(db, tonight(listed=3))[0] == "suspicious"
    assert judge(db, tonight(listed=3, listed_all=False)) == ("ok", "")  # the rest of it is as it was


# New -----------------------------------------------------------------------------------------------------------------


def test_a_fortnight_of_a_tenth_of_the_usual_news_is_suspicious(db: Database) -> None:
    for ago in range(14, 60):
        add_night(db, ago, new=2)
    for ago in range(1, 14):
        add_night(db, ago, new=0)
    assert judge(db, tonight(new=3)) == ("ok", "")
    verdict, note = judge(db, tonight(new=2))
    assert verdict == "suspicious"
    assert note.startswith("brought 2 new articles in 14 nights, where it brought 28 before: look whether")


def test_a_quiet_fortnight_of_a_quiet_source_is_none(db: Database) -> None:
    for ago in range(14, 80):
        add_night(db, ago, new=int(ago % 2 == 0))  # seven in a fortnight
    for ago in range(1, 14):
        add_night(db, ago, new=0)
    assert judge(db, tonight(new=0)) == ("ok", "")


def test_nights_on_which_it_was_not_asked_say_nothing(db: Database) -> None:
    for ago in range(30, 60):
        add_night(db, ago, new=2)
    for ago in range(1, 30):
        add_night(db, ago, new=0, listed=0, verdict="skipped")
    assert judge(db, tonight(new=2))[0] == "suspicious"  # for all those nights, two is next to nothing
    add_night(db, 0, new=1)  # earlier today
    assert judge(db, tonight(new=2)) == ("ok", "")


def test_the_first_fortnight_is_no_measure(db: Database) -> None:
    for ago in range(1, 22):
        add_night(db, ago, new=300 if ago == 21 else 0)  # the back catalogue, then nothing
    assert judge(db, tonight(new=0)) == ("ok", "")


# Length --------------------------------------------------------------------------------------------------------------


def test_bodies_that_are_suddenly_short_are_suspicious(db: Database) -> None:
    add_articles(db, *range(380, 430, 5))
    add_articles(db, 101, 104, 600, at=f"{TODAY}T01:31:00Z")
    assert judge(db, tonight()) == ("ok", "")
    add_articles(db, 90, 12, at=f"{TODAY}T01:32:00Z")
    verdict, note = judge(db, tonight())
    assert verdict == "ok"  # 101 is the median
    add_articles(db, 90, at=f"{TODAY}T01:32:00Z")
    verdict, note = judge(db, tonight())
    assert verdict == "suspicious"
    assert note.startswith("its articles have 95.5 words, where they had 402.5: look at the selectors")


def test_one_short_article_is_not_suspicious_and_a_second_one_is(db: Database) -> None:
    add_articles(db, *[400] * 8)
    add_articles(db, 20, at=f"{TODAY}T01:31:00Z")
    assert judge(db, tonight())[0] == "ok"
    db.execute("UPDATE articles SET seen_from = '2026-04-30T01:30:00Z' WHERE words = 20")
    add_articles(db, 30, at=f"{TODAY}T01:31:00Z")
    assert judge(db, tonight())[0] == "suspicious"
    db.execute("UPDATE articles SET seen_from = '2026-04-30T01:30:00Z'")
    assert judge(db, tonight())[0] == "ok"  # tonight brought none


def test_pages_without_an_article_have_no_words(db: Database) -> None:
    add_articles(db, *[400] * 8)
    assert judge(db, tonight(verdict="partial", note="no text", unread=1)) == ("partial", "no text")
    verdict, note = judge(db, tonight(verdict="partial", note="no text", unread=2))
    assert verdict == "suspicious"
    assert re.fullmatch("its articles have 0 words, where they had 400: .*; no text", note)


def test_seven_articles_are_no_measure_and_old_ones_neither(db: Database) -> None:
    add_articles(db, *[400] * 7)
    assert judge(db, tonight(unread=3))[0] == "ok"
    add_articles(db, *[400] * 60)
    add_articles(db, *[20] * 50, at="2026-04-15T01:30:00Z")
    add_articles(db, 15, 15, 15, at=f"{TODAY}T01:31:00Z")
    assert judge(db, tonight())[0] == "ok"


# Frozen --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "first", "last", "verdict"),
    [
        (8, "2026-02-04", "2026-04-01", "suspicious"),
        (7, "2026-02-20", "2026-04-01", "ok"),  # has not changed often enough to tell
        (8, "2026-02-03", "2026-04-01", "ok"),  # not quite every week
        (8, "2026-02-04", "2026-04-02", "ok"),  # 29 nights ago
    ],
)
def test_a_listing_that_stands_still_is_suspicious(
    db: Database, changes: int, first: str, last: str, verdict: str
) -> None:
    page = {"url": LISTING, "role": "listing", "source_id": SOURCE.id, "changes": changes}
    db.table("pages").insert({**page, "first_seen": f"{first}T01:30:00Z", "last_seen": f"{last}T01:30:00Z"})
    for ago in range(1, 9):
        add_night(db, ago, listed=0)
    found, note = judge(db, tonight(listed=0, new=0, same=True))
    assert found == verdict
    if verdict == "suspicious":
        assert note.startswith(f"{LISTING} has given the same bytes since 2026-04-01, where it changed every week")


# Verdicts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["failed", "blocked", "robots", "budget", "empty", "skipped"])
def test_a_worse_verdict_stays(db: Database, verdict: str) -> None:
    for ago in range(1, 9):
        add_night(db, ago)
    assert judge(db, tonight(listed=1, verdict=verdict, note="so it is")) == (verdict, "so it is")


def test_an_empty_listing_that_is_as_it_was_is_still_empty(db: Database) -> None:
    run = add_night(db, 1, listed=0, verdict="empty", note="listed 0, where it lists at least 5")
    same = tonight(listed=0, same=True)
    assert judge(db, same) == ("empty", "listed 0, where it lists at least 5")
    assert judge(db, tonight()) == ("ok", "")
    db.execute("UPDATE run_sources SET verdict = 'partial' WHERE run_id = ?", [run])
    assert judge(db, same) == ("ok", "")


def stats(**ours: int) -> dict[str, int]:
    return {f"onrecord/{name}": count for name, count in ours.items()}


def test_a_floor_holds_for_whole_listings_only() -> None:
    source = Source("m", "M", ("m.example",), SOURCE.listing * 2, floor=5)
    assert judged(source, stats(listings_read=2, listed=4)).verdict == "empty"
    assert judged(source, stats(listings_read=1, listings_unchanged=1, listed=4)).verdict == "ok"
    assert judged(source, stats(listings_unchanged=2)).same


def test_what_is_remarkable_is_noted_and_no_trouble() -> None:
    night = judged(SOURCE, stats(listings_read=1, listed=9, compared=12, disagreeing=3, gone=1))
    assert night.note == "3 of 12 bodies disagree with a second reading; gone from the site: 1 of its articles"
    assert (night.verdict, night.is_trouble) == ("ok", False)
    assert judged(SOURCE, stats(listings_read=1, listed=9, compared=12)).note is None


def test_a_suspicious_night_ends_with_1_and_says_what_to_look_at(tmp_path: Path) -> None:
    items = "".join(f"<item><title>{n}</title><link>/{n}</link></item>" for n in range(3))
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>M</title>{items}</channel></rss>'
    file, registry = tmp_path / "onrecord.db", tmp_path / "sources.toml"
    page = Answer(
        "<h1>Bins</h1><article><p>Bins are emptied on Mondays, and on no other day of the week.</p></article>"
    )
    with FaultySite({"/feed": Answer(feed, type="text/xml"), **{f"/{n}": page for n in range(3)}}) as site:
        source = source_at(site.address)
        registry.write_text(registry_of(source), encoding="utf-8")
        db = open_database(file)
        for _ in range(8):
            ledger = Ledger(db, [source])
            ledger.source(tonight())
        db.execute("UPDATE runs SET started = date(started, -id || ' days') || 'T01:30:00Z'")
        db.conn.commit()
        db.close()
        done = onrecord("nightly", "--registry", registry, "--db", file, **LOCAL)
    assert done.returncode == 1
    assert "marlbury: suspicious: listed 3, where it lists 40 on other nights" in done.stderr
