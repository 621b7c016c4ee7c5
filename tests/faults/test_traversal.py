"""Faults 28 to 39: sites without end, links that lead nowhere, articles that change, sources that fall off.

Two nights, between which everything changes, and short crawls. `held_elsewhere.toml` has the rest; 39 is with the
servers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from onrecord.check import check
from onrecord.review.decisions import Decision, decide
from pipelines.urls import LONGEST_URL, canonical_url
from spiders.registry import Listing
from spiders.sitemap import MOST_PARTS
from tests.crawling import crawl, source_at
from tests.faults.night import Night, night
from tests.faults.server import Answer, FaultySite

MOST_PAGES = 12
DIRECTOR = "Marlbury’s director of children’s services, Ada Pike, "
KEPT = "“Our social workers have made the difference for children,” she said."
DROPPED = "“Ofsted has seen how far we have come as a council,” she said."
REWORDED = "“Ofsted has seen that we have some way to go,” she said."
ABOUT = ("Thornby", "Eastmere")
QUOTES = "SELECT text FROM quotes WHERE article_id IN (SELECT id FROM articles WHERE source_id = ?) ORDER BY start"


def page(*paragraphs: str, title: str = "Children’s services in Marlbury", head: str = "") -> Answer:
    said = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return Answer(f"<html><head>{head}</head><h1>{title}</h1><article>{said}</article></html>")


def report(*said: str) -> Answer:
    return page(f"{DIRECTOR}welcomed Ofsted’s inspection report on Tuesday.", *said)


def feed(*links: str, day: int = 1) -> Answer:
    items = "".join(
        f"<item><title>{link}</title><link>{link}</link><pubDate>Mon, 0{day} Jun 2026 10:00:00 GMT</pubDate></item>"
        for link in links
    )
    return Answer(f"<rss version='2.0'><channel>{items}</channel></rss>", type="application/rss+xml")


def month(number: int) -> Answer:
    """A page of a calendar, which has a next one for ever."""
    item = f"<li><a href='/day/{number}'>Bins</a></li>"
    return Answer(f"<ul>{item}</ul><a rel=next href='/month/{number + 1}'>Next month</a>")


class Calendar(dict[str, Answer | list[Answer]]):
    """Months and days without end."""

    def get(self, path: str, default: Any = None) -> Any:
        place, _, number = path.strip("/").partition("/")
        if place == "month":
            return month(int(number))
        return page("Bins are emptied on this day, and on no other.", title="Bins") if place == "day" else default


def faceted(address: str) -> dict[str, Answer | list[Answer]]:
    """A listing that lists two articles in every order and on every page, of which one says what its address is."""
    ways = [f"{order}&page={number}" for order in ("sort=title", "sort=date") for number in (1, 2)]
    links = [f"/a?{way}" for way in (*ways, *(f"utm_term=x&{way}" for way in ways), "page=1&sort=title")]
    links += ["/b?sort=title", "/b?sort=date"]
    canonical = f"<link rel=canonical href='{address}/a'>"
    text = (f"{DIRECTOR}spoke of the year that lies ahead for the council.", KEPT)
    pages = {link: page(*text, title=link[1], head=canonical if link[1] == "a" else "") for link in links}
    items = "".join(f"<li><a href='{link.replace('&', '&amp;')}'>{link[1]}</a></li>" for link in links)
    return {"/news": Answer(items), **pages}


@dataclass(frozen=True, slots=True)
class Nights:
    """What was served, and what two nights made of it: after the first, and now."""

    sites: dict[str, FaultySite]
    asked: dict[str, list[str]]
    ledger: dict[str, dict[str, Any]]
    articles: dict[str, list[dict[str, Any]]]
    last: Night


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    folder = tmp_path_factory.mktemp("nights")
    settings = {"CLOSESPIDER_PAGECOUNT": MOST_PAGES}
    with FaultySite() as calendar, FaultySite() as facets, FaultySite() as edited, FaultySite() as redesigned:
        sites = {"calendar": calendar, "facets": facets, "edited": edited, "redesigned": redesigned}
        calendar.answers = Calendar()
        facets.answers = faceted(facets.address)
        edited.answers |= {"/feed": feed("/report"), "/report": report(KEPT, DROPPED)}
        redesigned.answers |= {f"/{name}": page(f"Ofsted praised children’s services in {name}.") for name in ABOUT}
        redesigned.answers["/feed"] = feed(*(f"/{name}" for name in ABOUT))
        html = {"item": "li", "next": "a[rel=next]"}
        sources = [
            replace(source_at(calendar.address, "html", "/month/1", **html), id="calendar"),
            replace(source_at(facets.address, "html", "/news", item="li"), id="facets"),
            replace(source_at(edited.address), id="edited"),
            replace(source_at(redesigned.address), id="redesigned", floor=2),
        ]
        first = night(sources, folder, settings)
        ledger = {source.id: first.source(source.id) for source in sources}
        articles = {source.id: first.stored(source.id) for source in sources}
        with closing(sqlite3.connect(first.database)) as db:
            db.row_factory = sqlite3.Row
            for (key,) in db.execute(QUOTES.replace("text", "quote_key"), ["edited"]).fetchall():
                decide(db, Decision("quote", key, "accepted", "bo"), "2026-06-02T09:00:00Z")
        asked = {id: site.paths for id, site in sites.items()}
        edited.answers |= {"/feed": feed("/report", day=2), "/report": report(KEPT, REWORDED)}
        redesigned.answers = {"/feed": feed()}
        yield Nights(sites, asked, ledger, articles, night(sources, folder, settings))


def test_28_a_calendar_without_end_costs_its_budget(nights: Nights) -> None:
    row = nights.ledger["calendar"]
    assert (row["verdict"], row["note"]) == ("budget", "stopped at the most pages a night may take")
    assert len(nights.asked["calendar"]) <= MOST_PAGES + 1
    assert nights.last.source("calendar")["verdict"] == "budget"  # which goes on where the first ended
    assert nights.sites["calendar"].paths.count("/month/2") == 1


def test_29_one_article_in_many_orders_is_asked_for_once_an_address_and_is_one(nights: Nights) -> None:
    asked = nights.asked["facets"]
    assert len(asked) == len(set(map(canonical_url, asked))) == 1 + 4 + 2
    stored = nights.last.stored("facets")
    address = nights.sites["facets"].address
    assert [row["url"] for row in stored if row["title"] == "a"] == [f"{address}/a"]
    # Where the page does not say which address is its own, nobody can know: they are outlets of one story.
    assert sorted(row["url"] for row in stored if row["title"] == "b") == [
        f"{address}/b?sort=date",
        f"{address}/b?sort=title",
    ]
    assert len({row["story_id"] for row in stored}) == 1


def test_36_an_edited_article_keeps_what_it_said_and_what_was_decided(nights: Nights) -> None:
    assert nights.last.source("edited")["changed"] == 1
    [was] = nights.articles["edited"]
    [article] = nights.last.stored("edited")
    [version] = nights.last.rows("SELECT * FROM article_versions WHERE article_id = ?", article["id"])
    assert (version["text"], article["id"]) == (was["text"], was["id"])
    assert REWORDED in article["text"]
    found = [row["text"] for row in nights.last.rows(QUOTES, "edited")]
    assert [any(text in said for text in found) for said in (KEPT, DROPPED, REWORDED)] == [True, False, True]
    statuses = nights.last.rows(QUOTES.replace("text", "text, review_status"), "edited")
    assert {row["review_status"] for row in statuses if row["text"] in KEPT} == {"accepted"}
    assert {row["review_status"] for row in statuses if row["text"] in REWORDED} == {None}
    [orphan] = nights.last.rows("SELECT * FROM orphaned_reviews")
    assert orphan["text"] in DROPPED
    assert check(nights.last.database) == []


def test_37_a_site_made_over_is_empty_and_nothing_of_it_is_deleted(nights: Nights) -> None:
    assert nights.ledger["redesigned"]["verdict"] == "ok"
    row = nights.last.source("redesigned")
    assert (row["verdict"], row["note"]) == ("empty", "listed 0, where it lists at least 2")
    assert nights.last.code == 1
    assert "redesigned: empty: listed 0" in nights.last.said
    assert nights.last.stored("redesigned") == nights.articles["redesigned"] != []


def test_37_pages_made_over_are_no_articles_and_change_none(tmp_path: Path) -> None:
    file = tmp_path / "onrecord.db"
    with FaultySite({"/feed": feed("/one"), "/one": report(KEPT)}) as site:
        assert crawl(source_at(site.address), file)["new"] == 1
        before = rows(file, "SELECT * FROM articles")
        site.answers |= {"/feed": feed("/one", day=2), "/one": Answer("<main><h1>Our new site</h1></main>")}
        stats = crawl(source_at(site.address), file)
    assert (stats["failed"], stats["unread"], stats.get("new", 0)) == (1, 1, 0)
    assert rows(file, "SELECT * FROM articles") == before


def rows(file: Path, sql: str) -> list[dict[str, Any]]:
    db = Database(file)
    found = list(db.query(sql))
    db.close()
    return found


def test_33_a_sitemap_of_sitemaps_without_end_is_read_once_and_capped(tmp_path: Path) -> None:
    with FaultySite() as site:
        parts = "".join(f"<sitemap><loc>{site.address}/{name}</loc></sitemap>" for name in ("s", "s", *range(50_000)))
        site.answers["/s"] = Answer(f"<sitemapindex>{parts}</sitemapindex>", type="text/xml")
        stats = crawl(source_at(site.address, "sitemap", "/s"), tmp_path / "onrecord.db")
        assert site.paths.count("/s") == 1
        assert len(site.paths) == len(set(site.paths)) == 1 + MOST_PARTS - 2
        assert stats["listings_read"] == 1


def test_34_addresses_that_are_none_are_dropped_and_odd_ones_asked_for_once(tmp_path: Path) -> None:
    with FaultySite({"/good": page("Bins."), "/a%20b": page("Bins."), "/n": page("Bins.")}) as site:
        _, _, port = site.address.rpartition(":")
        links = (
            "/" + "x" * 2_000_000,
            "/" + "x" * LONGEST_URL,
            "/new\nline",
            "/nul\x00",
            f"{site.address}\\@127.0.0.2/",
            f"http://m\u0430rlbury.example:{port}/homograph",
            f"http://xn--mrlbury-4fg.example:{port}/homograph",
            f"http://127.0.0.2:{port}/other",
            "/a b",
            "/a%20b",
            " /good\n",
        )
        items = "".join(f'<li><a href="{link}">{number}</a></li>' for number, link in enumerate(links))
        site.answers["/news"] = Answer(items)
        stats = crawl(source_at(site.address, "html", "/news", item="li"), tmp_path / "onrecord.db")
    # A line's end is left out and what is no address is spelt as one, as browsers do; nothing leads to another host.
    assert sorted(site.paths) == ["/@127.0.0.2/", "/a%20b", "/good", "/newline", "/news", "/nul%EF%BF%BD"]
    assert (stats["fetched"], stats["failed"]) == (2, 6)


def test_35_one_article_under_many_addresses_is_one_row_seen_twice(tmp_path: Path) -> None:
    file = tmp_path / "onrecord.db"
    assert canonical_url("http://www.marlbury.example/one/?utm_source=x") == canonical_url(
        "https://marlbury.example/one"
    )
    with FaultySite({"/feed": feed("/one/?utm_source=feed"), "/more": feed("/one", "/one/#top")}) as site:
        site.answers |= dict.fromkeys(("/one/?utm_source=feed", "/one", "/one/"), report(KEPT))
        source = source_at(site.address)
        source = replace(source, listing=(*source.listing, Listing("feed", f"{site.address}/more")))
        stats = crawl(source, file)
        assert len(site.paths) == 3  # two listings, one page
    assert stats["new"] == 1
    assert [row["url"] for row in rows(file, "SELECT url FROM articles")] == [f"{site.address}/one"]
    assert len(rows(file, "SELECT listing FROM sightings")) == 2
