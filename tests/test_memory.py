"""The crawl's memory: what is due tonight, and that nothing is lost when a night is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from sqlite_utils import Database

from pipelines.memory import MOST_ATTEMPTS, Memory
from spiders.registry import Listing, Source
from tests.crawling import crawl, registry_of, source_at
from tests.faults.server import Answer, FaultySite, leads_to

CHECKOUT = Path(__file__).parents[1]


def article(title: str) -> Answer:
    return Answer(
        f"<html><h1>{title}</h1><article><p>Inspectors found children’s services in Marlbury much improved.</p>"
        f"<p>{title} is what the council calls its plan.</p></article></html>",
        etag=f'"{title}"',
    )


def feed(*names: str, etag: str | None = None) -> Answer:
    """A feed of /NAME/ pages, with a closing slash and a tag of a mailing as real ones have."""
    items = "".join(f"<item><title>{name}</title><link>/{name}/?utm_source=feed</link></item>" for name in names)
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>M</title>{items}</channel></rss>'
    return Answer(body, type="application/rss+xml", etag=etag)


def at(name: str) -> str:
    return f"/{name}/?utm_source=feed"


@pytest.fixture
def site() -> Iterator[FaultySite]:
    with FaultySite({at(name): article(name) for name in ("one", "two", "three")}) as site:
        yield site


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "onrecord.db"


def night(site: FaultySite, file: Path, **settings: Any) -> tuple[dict[str, Any], list[str]]:
    """One night: our stats, and what was asked for."""
    site.asked.clear()
    stats = crawl(source_at(site.address), file, **settings)
    return dict(stats), site.paths


def pages(file: Path) -> dict[str, dict[str, Any]]:
    """The table of pages, by path."""
    db = Database(file)
    rows = {"/" + row["url"].split("/", 3)[3]: row for row in db["pages"].rows}
    db.close()
    return rows


def dump(file: Path) -> list[str]:
    db = Database(file)
    lines = list(db.conn.iterdump())
    db.close()
    return lines


def test_what_is_new_is_asked_for_where_it_is_listed(site: FaultySite, file: Path) -> None:
    site.answers["/feed"] = feed("one", "two")
    stats, asked = night(site, file)
    assert (stats["listed"], stats["fetched"], stats["new"]) == (2, 2, 2)
    assert sorted(asked) == ["/feed", at("one"), at("two")]
    assert pages(file)["/one"]["status"] == 200


@pytest.mark.parametrize("etag", ['"tonight"', None])
def test_a_listing_that_is_as_it_was_costs_one_request_and_writes_nothing(
    site: FaultySite, file: Path, etag: str | None
) -> None:
    site.answers["/feed"] = feed("one", "two", etag=etag)
    night(site, file)
    before = dump(file)
    stats, asked = night(site, file)
    assert asked == ["/feed"]
    assert dump(file) == before
    assert (stats["listings_unchanged"], stats.get("listings_read", 0)) == (1, 0)
    assert stats.get("unchanged", 0) == (0 if etag else 2)


def test_a_listing_with_news_asks_for_the_news_alone(site: FaultySite, file: Path) -> None:
    site.answers["/feed"] = feed("one", "two", etag='"a"')
    night(site, file)
    site.answers["/feed"] = feed("three", "one", "two", etag='"b"')
    stats, asked = night(site, file)
    assert asked == ["/feed", at("three")]
    assert (stats["listed"], stats["unchanged"], stats["new"]) == (3, 2, 1)


def test_what_is_listed_otherwise_than_before_is_asked_for_again(site: FaultySite, file: Path) -> None:
    site.answers["/feed"] = feed("one", "two")
    night(site, file)
    changed = feed("one", "two").body
    assert isinstance(changed, str)
    site.answers["/feed"] = Answer(changed.replace("<title>one", "<title>Corrected: one"), type="text/xml")
    before = dump(file)
    stats, asked = night(site, file)
    assert asked == ["/feed", at("one")]
    assert site.asked[-1].headers["If-None-Match"] == '"one"'  # which it still is: 304
    assert (stats["unchanged"], stats.get("fetched", 0)) == (2, 0)
    written = [line for line in dump(file) if line not in before]
    assert all('INSERT INTO "pages"' in line or 'INSERT INTO "sightings"' in line for line in written)
    assert not any(row["pending"] for row in pages(file).values())


def test_a_page_of_the_same_bytes_writes_no_article(site: FaultySite, file: Path) -> None:
    site.answers[at("one")] = Answer(article("one").body)  # no ETag
    site.answers["/feed"] = feed("one")
    night(site, file)
    articles = [line for line in dump(file) if 'INTO "articles"' in line]
    site.answers["/feed"] = Answer(str(feed("one").body).replace("<title>one", "<title>1"), type="text/xml")
    stats, _ = night(site, file)
    assert (stats["fetched"], stats["unchanged"]) == (1, 1)
    assert [line for line in dump(file) if 'INTO "articles"' in line] == articles


def test_a_page_that_fails_is_asked_for_on_five_nights(site: FaultySite, file: Path) -> None:
    site.answers["/feed"] = feed("one", "two", etag='"a"')
    site.answers[at("two")] = Answer(status=500)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        stats, asked = night(site, file)
        assert at("two") in asked
        assert (stats["failed"], stats["note"]) == (1, f"{site.address}{at('two')}: HTTP 500")
        assert pages(file)["/two"]["attempts"] == attempt
    assert night(site, file)[1] == ["/feed"]
    # Listed anew, it gets five more.
    site.answers["/feed"] = Answer(str(feed("two").body).replace("<title>two", "<title>2"), type="text/xml", etag='"b"')
    site.answers[at("two")] = article("two")
    assert night(site, file)[0]["new"] == 1
    assert (pages(file)["/two"]["attempts"], pages(file)["/two"]["pending"]) == (0, 0)


def test_a_page_left_open_and_listed_again_is_asked_for_once(site: FaultySite, file: Path) -> None:
    site.answers["/feed"] = feed("one")
    site.answers[at("one")] = Answer(status=503)
    night(site, file)
    site.answers["/feed"] = Answer(str(feed("one").body).replace("<title>one", "<title>1"), type="text/xml")
    site.answers[at("one")] = article("one")
    assert sorted(night(site, file)[1]) == ["/feed", at("one")]


def test_a_listing_is_remembered_together_with_its_items_or_not_at_all(
    site: FaultySite, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.answers["/feed"] = feed("one", "two", etag='"a"')
    noted = Memory.note_listed

    def note_listed(self: Memory, source: str, listing: str, request: Request, at: str) -> Any:
        if "two" in request.url:
            raise RuntimeError("the disk is full")
        return noted(self, source, listing, request, at)

    monkeypatch.setattr(Memory, "note_listed", note_listed)
    assert night(site, file)[1] == ["/feed"]
    assert pages(file) == {}
    monkeypatch.undo()
    assert night(site, file)[0]["new"] == 2


def test_a_night_killed_after_its_listing_is_made_up_for(site: FaultySite, file: Path, tmp_path: Path) -> None:
    site.answers["/feed"] = feed("one", "two", etag='"a"')
    for name in ("one", "two"):
        site.answers[at(name)] = [Answer(wait=30), article(name)]
    registry = tmp_path / "sources.toml"
    registry.write_text(registry_of(source_at(site.address)), encoding="utf-8")
    ours = {"SOURCES": str(registry), "DB": str(file), "LOOPBACK": "1", "DELAY": "0"}
    crawling = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "marlbury"],
        cwd=CHECKOUT,
        env={**os.environ, **{f"ONRECORD_{name}": value for name, value in ours.items()}},
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 30
        while len(site.paths) < 2 and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        crawling.send_signal(signal.SIGKILL)
        crawling.wait()
    assert site.paths[0] == "/feed"
    assert len(site.paths) == 2
    for name in ("one", "two"):
        site.answers[at(name)] = article(name)
    stats, asked = night(site, file)
    assert (stats["listings_unchanged"], stats["new"]) == (1, 2)
    assert sorted(asked) == ["/feed", at("one"), at("two")]


def html_listing(*names: str, following: str | None = None, etag: str | None = None) -> Answer:
    items = "".join(f"<li class=item><a href='{at(name)}'>{name}</a></li>" for name in names)
    link = f"<a rel=next href='{following}'>Older</a>" if following else ""
    return Answer(f"<ul>{items}</ul>{link}", etag=etag)


def paged_night(site: FaultySite, file: Path) -> list[str]:
    site.asked.clear()
    crawl(source_at(site.address, "html", "/news", item="li.item", next="a[rel=next]"), file)
    return site.paths


def test_a_second_page_of_a_listing_that_failed_is_made_up_for(site: FaultySite, file: Path) -> None:
    site.answers["/news"] = html_listing("one", following="/news?page=2", etag='"a"')
    site.answers["/news?page=2"] = Answer(status=502)
    assert sorted(paged_night(site, file)) == ["/news", "/news?page=2", at("one")]
    site.answers["/news?page=2"] = html_listing("two", etag='"b"')
    assert sorted(paged_night(site, file)) == ["/news", "/news?page=2", at("two")]
    before = dump(file)
    assert paged_night(site, file) == ["/news"]
    assert dump(file) == before
    # Known from earlier nights, it is no less open when news has moved on to it and it can't be had.
    site.answers["/news"] = html_listing("three", following="/news?page=2", etag='"c"')
    site.answers["/news?page=2"] = Answer(status=502)
    paged_night(site, file)
    site.answers["/news?page=2"] = html_listing("one", "two", etag='"d"')
    assert sorted(paged_night(site, file)) == ["/news", "/news?page=2"]
    assert paged_night(site, file) == ["/news"]


def test_pages_further_on_are_asked_for_while_there_is_news(site: FaultySite, file: Path) -> None:
    site.answers["/news"] = html_listing("one", following="/news?page=2")
    site.answers["/news?page=2"] = html_listing("two", following="/news?page=3")
    site.answers["/news?page=3"] = html_listing("three", following="/news")  # round and round
    assert len(paged_night(site, file)) == 6
    site.answers["/news"] = Answer(str(html_listing("one", following="/news?page=2").body) + "<!-- no news -->")
    assert paged_night(site, file) == ["/news"]


@pytest.mark.parametrize("etag", ['"a"', None])
def test_a_second_page_that_is_as_it_was_is_done_with(site: FaultySite, file: Path, etag: str | None) -> None:
    site.answers["/news"] = html_listing("one", following="/news?page=2", etag='"a"')
    site.answers["/news?page=2"] = html_listing("two", etag=etag)
    paged_night(site, file)
    site.answers["/news"] = html_listing("three", following="/news?page=2", etag='"b"')
    assert sorted(paged_night(site, file)) == ["/news", "/news?page=2", at("three")]
    assert paged_night(site, file) == ["/news"]


def test_a_listing_that_cannot_be_read_to_its_end_is_not_done_with(site: FaultySite, file: Path) -> None:
    whole = str(feed("one", "two", "three").body)
    site.answers["/feed"] = Answer(whole[: whole.index("three") + 3], type="text/xml", etag='"a"')
    stats, asked = night(site, file)
    assert (stats["new"], stats["listings_failed"], stats["listings_read"]) == (2, 1, 0)
    assert stats["note"] == f"{site.address}/feed: the feed is cut short"
    assert sorted(asked) == ["/feed", at("one"), at("two")]
    night(site, file)
    assert "If-None-Match" not in site.asked[-1].headers


def test_a_redirect_to_a_page_that_is_listed_too_is_followed(site: FaultySite, file: Path) -> None:
    site.answers["/feed"] = feed("old", "one", etag='"a"')
    site.answers[at("old")] = leads_to(at("one"))
    night(site, file)
    assert {path: row["pending"] for path, row in pages(file).items()} == {"/feed": 0, "/old": 0, "/one": 0}
    assert night(site, file)[1] == ["/feed"]


def test_a_link_to_the_listing_itself_does_not_make_it_an_article(site: FaultySite, file: Path) -> None:
    site.answers["/news"] = Answer(
        f"<li class=item><a href=/news>All</a></li><li class=item><a href='{at('one')}'>1</a></li>"
    )
    assert paged_night(site, file) == ["/news", at("one")]
    assert pages(file)["/news"]["role"] == "listing"
    assert paged_night(site, file) == ["/news"]


def test_headers_that_are_not_utf_8_cost_nothing(site: FaultySite, file: Path) -> None:
    odd = {"X-Powered-By": "Caf\xe9"}
    site.answers["/feed"] = Answer(feed("one").body, type="text/xml", headers=odd, etag='"caf\xe9"')
    site.answers[at("one")] = Answer(article("one").body, headers=odd)
    assert night(site, file)[0]["new"] == 1
    assert pages(file)["/feed"]["etag"] == '"caf\xe9"'


# One article, many addresses -----------------------------------------------------------------------------------------


def articles(file: Path) -> list[str]:
    """The addresses of all articles."""
    db = Database(file)
    found = [row["url"] for row in db["articles"].rows]
    db.close()
    return found


def test_redirects_and_stated_addresses_lead_to_one_article(site: FaultySite, file: Path) -> None:
    site.answers["/feed"] = feed("old", "print", "one")
    site.answers[at("old")] = leads_to(at("one"))
    stated = f"<link rel=canonical href='{site.address}/one'>"
    site.answers[at("print")] = Answer(str(article("one").body).replace("<html>", f"<html><head>{stated}</head>"))
    stats, _ = night(site, file)
    assert (stats["new"], stats["unchanged"]) == (1, 2)
    assert articles(file) == [f"{site.address}/one"]
    found = pages(file)
    assert {path: row["article_id"] for path, row in found.items()} == {
        "/feed": None,
        "/old": 1,
        "/print": 1,
        "/one": 1,
    }
    assert not any(row["pending"] for row in found.values())
    assert night(site, file)[1] == ["/feed"]


def worded(word: str, *names: str, note: str = "") -> Answer:
    """A feed whose titles are its own."""
    body = str(feed(*names).body).replace("<title>", f"<title>{word} ").replace("</rss>", f"</rss><!-- {note} -->")
    return Answer(body, type="text/xml")


def two_listings(site: FaultySite) -> Source:
    source = source_at(site.address)
    return replace(source, listing=(*source.listing, Listing("feed", f"{site.address}/more")))


def nights_of(site: FaultySite, file: Path, *sources: Source) -> list[str]:
    """What a night of several sources that share a host asks for."""
    site.asked.clear()
    for source in sources:
        crawl(source, file)
    return sorted(site.paths)


def test_two_listings_may_word_one_page_in_two_ways(site: FaultySite, file: Path) -> None:
    source = two_listings(site)
    site.answers |= {"/feed": worded("News:", "one", "two"), "/more": worded("Updates:", "one", "three")}
    assert nights_of(site, file, source) == ["/feed", "/more", at("one"), at("three"), at("two")]
    # Both have other bytes, and say of each page what they said before.
    site.answers |= {"/feed": worded("News:", "one", note="2"), "/more": worded("Updates:", "one", note="2")}
    assert nights_of(site, file, source) == ["/feed", "/more"]
    assert not any(row["pending"] for row in pages(file).values())
    # Either may say something new, and both at once: then the page is asked for once.
    site.answers["/more"] = worded("Corrected:", "one")
    assert nights_of(site, file, source) == ["/feed", "/more", at("one")]
    site.answers |= {"/feed": worded("Withdrawn:", "one"), "/more": worded("Withdrawn:", "one")}
    assert nights_of(site, file, source) == ["/feed", "/more", at("one")]
    assert nights_of(site, file, source) == ["/feed", "/more"]
    assert not any(row["pending"] for row in pages(file).values())


def test_two_sources_may_word_one_page_in_two_ways(site: FaultySite, file: Path) -> None:
    first = source_at(site.address)
    second = replace(source_at(site.address, path="/more"), id="herald", name="Herald")
    site.answers |= {"/feed": worded("News:", "one"), "/more": worded("Updates:", "one")}
    assert nights_of(site, file, first, second) == ["/feed", "/more", at("one")]
    for number in "23":
        site.answers |= {"/feed": worded("News:", "one", note=number), "/more": worded("Updates:", "one", note=number)}
        assert nights_of(site, file, first, second) == ["/feed", "/more"]
    assert len(articles(file)) == 1


def test_a_listing_may_list_a_page_twice(site: FaultySite, file: Path) -> None:
    def twice(note: str) -> Answer:
        body = str(feed("one", "one").body).replace("<title>one", "<title>Top story: one", 1)
        return Answer(f"{body}<!-- {note} -->", type="text/xml")

    site.answers["/feed"] = twice("1")
    assert night(site, file)[1] == ["/feed", at("one")]
    site.answers["/feed"] = twice("2")
    assert night(site, file)[1] == ["/feed"]
    assert not any(row["pending"] for row in pages(file).values())


def test_a_new_listing_of_pages_we_know_is_read_to_its_end(site: FaultySite, file: Path) -> None:
    site.answers["/feed"] = feed("one", "two")
    night(site, file)
    site.answers["/news"] = html_listing("one", "two", following="/news?page=2")
    site.answers["/news?page=2"] = html_listing("three")
    assert sorted(paged_night(site, file)) == ["/news", "/news?page=2", at("three")]


def test_how_often_a_listing_changes_is_counted(site: FaultySite, file: Path) -> None:
    for names in (("one",), ("one", "two"), ("one", "two"), ("three",)):
        site.answers["/feed"] = feed(*names)
        night(site, file)
    assert pages(file)["/feed"]["changes"] == 2
