"""Sitemaps as listings: pages, news, indexes and gzip, and what is wrong with those of real sites."""

from __future__ import annotations

import gzip
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Request, Response, XmlResponse

import spiders.sitemap
from spiders.listed import Listed, ListingError, NextPage
from spiders.registry import Listing
from spiders.sitemap import LARGEST, MOST_PARTS, MOST_TAGS, read_sitemap
from spiders.source import MOST_TAGS as MOST_FOR_PEOPLE
from tests.crawling import crawl, source_at
from tests.faults.server import Answer, FaultySite

SITEMAP = Listing("sitemap", "https://marlbury.example/sitemap.xml")
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
EXTENSIONS = (
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def sitemap(*entries: str, attributes: str = f"{XMLNS} {EXTENSIONS}") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {attributes}>{"".join(entries)}</urlset>\n'


def index(*entries: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex {XMLNS}>{"".join(entries)}</sitemapindex>\n'


def entry(loc: str = "https://marlbury.example/one", lastmod: str = "", more: str = "", tag: str = "url") -> str:
    changed = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    return f"<{tag}>\n<loc>\n {loc} </loc>{changed}<changefreq>daily</changefreq>{more}</{tag}>\n"


def part(name: str, lastmod: str = "") -> str:
    return entry(f"https://marlbury.example/{name}.xml", lastmod, tag="sitemap")


NEWS = (
    "<news:news><news:publication><news:name>Marlbury Mail</news:name></news:publication>"
    "<news:publication_date>2026-03-31T00:05:00+01:00</news:publication_date>"
    "<news:title>Directors&#8217; plan &amp;amp; costs</news:title></news:news>"
)
IMAGE = "<image:image><image:loc>https://marlbury.example/a.jpg</image:loc><image:title>A</image:title></image:image>"


def answer(body: str | bytes, url: str = SITEMAP.url) -> Response:
    return XmlResponse(url, body=body.encode() if isinstance(body, str) else body, request=Request(url))


def read(body: str | bytes, url: str = SITEMAP.url) -> list[Listed | NextPage]:
    return list(read_sitemap(answer(body, url), SITEMAP))


def urls(body: str | bytes, url: str = SITEMAP.url) -> list[str]:
    return [found.url.removeprefix("https://marlbury.example/") for found in read(body, url)]


def read_to_the_error(body: str | bytes, message: str) -> list[str]:
    """What is listed before the error."""
    found = read_sitemap(answer(body), SITEMAP)
    listed: list[Listed | NextPage] = []
    with pytest.raises(ListingError, match=message):
        listed.extend(found)
    return [item.url.removeprefix("https://marlbury.example/") for item in listed]


def test_a_sitemap_tells_addresses_and_when_they_changed() -> None:
    assert read(sitemap(entry(lastmod="2026-03-31T10:00:00+00:00"), entry("/two"))) == [
        Listed("https://marlbury.example/one", modified="2026-03-31T10:00:00+00:00"),
        Listed("https://marlbury.example/two"),
    ]


def test_a_news_sitemap_tells_headlines_and_days() -> None:
    assert read(sitemap(entry(lastmod="2026-03-31", more=IMAGE + NEWS), entry("/two", more=IMAGE))) == [
        Listed(
            "https://marlbury.example/one",
            "Directors’ plan & costs",
            "2026-03-31T00:05:00+01:00",
            "2026-03-31",
        ),
        Listed("https://marlbury.example/two"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        sitemap(entry(more=NEWS), attributes=f"{XMLNS} {EXTENSIONS}".replace("http://www", "https://www")),
        sitemap(entry(more=NEWS), attributes=XMLNS),  # nobody says what news: is
        sitemap(entry(more=NEWS), attributes=""),
        sitemap(entry(more=NEWS.replace("news:", "n:")), attributes=f"{XMLNS} {EXTENSIONS.replace(':news=', ':n=')}"),
        '<ns0:urlset xmlns:ns0="http://www.google.com/schemas/sitemap/0.84"><ns0:url>'
        f"<ns0:loc>https://marlbury.example/one</ns0:loc>{NEWS}</ns0:url></ns0:urlset>",
        "\n\N{BOM} " + sitemap(entry(more=NEWS)),
        sitemap(entry(more=NEWS)).encode("utf-16"),
        sitemap(entry(more=NEWS)).replace("UTF-8", "utf-16"),
        sitemap(entry(more=NEWS)) + "<!-- cached -->",
        sitemap(entry(more=NEWS)) + "\n<br />\n<b>Notice</b>: Undefined index",
        sitemap(entry("/one<!-- moved -->", more=NEWS + "<image:loc>/a.jpg</image:loc>")),
        sitemap("<!-- " + entry("/old") + " --><?php ?>", entry("<![CDATA[https://marlbury.example/one]]>", more=NEWS)),
    ],
)
def test_sitemaps_as_sites_print_them(body: str | bytes) -> None:
    (found,) = read(body)
    assert isinstance(found, Listed)
    assert (found.url, found.title) == ("https://marlbury.example/one", "Directors’ plan & costs")


@pytest.mark.parametrize(
    "loc",
    [
        "javascript:alert(1)",
        "file:///etc/hostname",
        "data:text/html,x",
        "mailto:press@marlbury.example",
        "http://[broken",
        "https://marlbury.example:0/",
        "",
        "#top",
        "two&nbsp;three?a=1&b=2",
        "/\x01two",
        "/\x00two",
        "/tw\udce9",
        "/&#xd800;",
        "<b>two</b>",
        "/" + "x" * 100_000,
    ],
)
def test_a_bad_address_costs_its_entry_alone(loc: str) -> None:
    markup = sitemap(entry("/one"), entry(loc), entry("/three")).encode("utf-8", "surrogateescape")
    first, *_, last = urls(markup)
    assert (first, last) == ("one", "three")


def test_bad_addresses_are_left_out() -> None:
    for loc in ("javascript:alert(1)", "file:///etc/hostname", "", "http://[broken"):
        assert urls(sitemap(entry(loc), "<url><lastmod>2026-03-31</lastmod></url>", "<url/>")) == []
        assert read(index(entry(loc, tag="sitemap"))) == []


def test_gzip_is_opened() -> None:
    assert urls(gzip.compress(sitemap(entry("/one")).encode())) == ["one"]


def test_gzip_that_breaks_off_or_is_none() -> None:
    whole = gzip.compress(sitemap(entry("/one")).encode())
    read_to_the_error(whole[:-20], "gzip that can't be read")
    read_to_the_error(whole[:-8] + b"\0" * 8, "gzip that can't be read")
    read_to_the_error(whole[:10] + b"\xff" * 20, "gzip that can't be read")
    read_to_the_error(b"\x1f\x8b\x08nonsense", "gzip that can't be read")


def test_gzip_does_not_inflate_without_end() -> None:
    bomb = gzip.compress(sitemap().encode() + b" " * LARGEST)
    assert len(bomb) < 20_000
    read_to_the_error(bomb, "more than 16,777,216 bytes")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE urlset [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>',
        "<!doctype urlset>",
        '<!DOCTYPE urlset SYSTEM "file:///etc/hostname">',
        '<!ENTITY a "ha">',
    ],
)
def test_a_sitemap_that_declares_anything_is_refused(declaration: str, encoding: str) -> None:
    markup = sitemap(entry("/&b;")).replace("<urlset", f"{declaration}<urlset")
    assert read_to_the_error(markup.encode(encoding), "declares a document type or entities") == []


def test_an_encoding_that_is_declared_hides_nothing() -> None:
    declaration = '+ADwAIQ-DOCTYPE urlset [+ADwAIQ-ENTITY b "boom">]>'
    hidden = sitemap(entry("/&b;")).replace("UTF-8", "UTF-7").replace("<urlset", f"{declaration}<urlset")
    with suppress(ListingError):
        assert "boom" not in str(read(hidden))


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("<!DOCTYPE html><html><title>Not found</title>", "but '<!DOCTYPE html>"),
        ("<rss><channel></channel></rss>", "but '<rss><channel>"),
        ("", "an empty answer"),
        (gzip.compress(b"<html>", mtime=0), "but '<html>'"),
        ("%PDF-1.7", "but '%PDF-1.7'"),
    ],
)
def test_what_came_in_the_place_of_a_sitemap_is_named(body: str | bytes, what: str) -> None:
    assert read_to_the_error(body, "no sitemap, but") == []
    with pytest.raises(ListingError) as error:
        read(body)
    assert what in str(error.value)


@pytest.mark.parametrize(
    ("end", "listed"), [("<loc>\n /tw", ["one"]), ("/two </loc>", ["one"]), ("</url>\n</url", ["one"])]
)
def test_of_a_sitemap_that_is_cut_short_the_whole_entries_are_read(end: str, listed: list[str]) -> None:
    """Of the last one nobody knows whether it is whole."""
    whole = sitemap(entry("/one"), entry("/two"))
    assert read_to_the_error(whole[: whole.index(end) + len(end)], "cut short") == listed
    whole = index(part("a"), part("b"))
    assert read_to_the_error(whole[: whole.index("</sitemapindex")], "cut short") == ["a.xml"]


def test_a_sitemap_without_entries_is_a_listing_of_nothing() -> None:
    assert read(sitemap()) == []
    assert read(index()) == []
    assert read(f"<urlset {XMLNS} />") == []


def test_an_index_names_its_parts_newest_first() -> None:
    parts = part("b", "2026-02-01"), part("none"), part("c", "2026-03-01T10:00:00Z"), part("a", "2025-12-31")
    assert read(index(*parts)) == [
        NextPage(f"https://marlbury.example/{name}.xml", part=True, modified=lastmod)
        for name, lastmod in (("c", "2026-03-01T10:00:00Z"), ("b", "2026-02-01"), ("a", "2025-12-31"), ("none", ""))
    ]


@pytest.mark.parametrize(
    ("form", "ago", "tells"),
    [
        ("%Y-%m-%d", 0, False),  # more may come under the same day
        ("%Y-%m", 0, False),
        ("%Y-%m-%dT%H:%M:%SZ", 0, True),
        ("%Y-%m-%d", 2, True),
        ("%Y", 366, True),
        ("lately", 0, False),
    ],
)
def test_a_day_that_is_not_over_does_not_tell_of_changes(form: str, ago: int, tells: bool) -> None:
    lastmod = f"{datetime.now(UTC) - timedelta(days=ago):{form}}"
    (found,) = read(index(part("a", lastmod)))
    assert isinstance(found, NextPage)
    assert found.modified == (lastmod if tells else "")


@pytest.mark.parametrize(
    ("lastmod", "is_read"),
    [
        ("2026-01-31", False),
        ("2026-02-01", True),
        ("2026-01-31T23:59:59Z", False),
        ("2026-01", False),
        ("2026-02", True),
        ("2026", True),
        ("2025", False),
        ("", True),
        ("31/01/2025", True),
        ("2025/01/31", True),
        ("Sat, 31 Jan 2026", True),
        ("yesterday", True),
    ],
)
def test_a_part_that_is_surely_older_than_the_address_asks_for_is_left_out(lastmod: str, is_read: bool) -> None:
    assert bool(urls(index(part("a", lastmod)), f"{SITEMAP.url}#2026-02-01")) is is_read
    assert urls(index(part("a", lastmod))) == ["a.xml"]


def test_the_newest_fifty_parts_are_read(caplog: pytest.LogCaptureFixture) -> None:
    parts = [part(str(number), f"2026-03-{number % 28 + 1:02}T{number // 28:02}:00:00Z") for number in range(60)]
    assert len(read(index(*parts[:MOST_PARTS]))) == MOST_PARTS
    assert not caplog.records
    found = read(index(*parts))
    assert len(found) == MOST_PARTS
    assert found[0].url.endswith("/55.xml")
    assert [record.getMessage() for record in caplog.records] == [f"{SITEMAP.url} lists more than is read"]


def test_entries_beyond_the_most_are_not_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spiders.sitemap, "MOST_ENTRIES", 2)
    assert urls(sitemap(entry("/one"), entry("/two"))) == ["one", "two"]
    assert not caplog.records
    assert urls(sitemap(entry("/one"), entry("/two"), entry("/three"))) == ["one", "two"]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_sitemap_as_large_as_they_get_is_read() -> None:
    entries = "".join(
        f"<url><loc>https://marlbury.example/{n}</loc><lastmod>2026-03-31</lastmod><priority>0.5</priority></url>"
        for n in range(50_000)
    )
    assert len(urls(sitemap(entries))) == 50_000


@pytest.mark.parametrize(("first", "more", "last"), [("", "<x/>", ""), ("<url ", "a='' ", "/>")])
def test_what_would_fill_the_memory_is_refused_before_it_is_parsed(first: str, more: str, last: str) -> None:
    bomb = gzip.compress(sitemap(first + more * MOST_TAGS + last).encode())
    assert read_to_the_error(bomb, "more than 600,000 tags or 300,000 attributes") == []


# Nights --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[FaultySite]:
    with FaultySite() as site:
        yield site


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "onrecord.db"


def page(name: str) -> Answer:
    words = f"<p>Ofsted’s inspectors found the children’s services of {name} much improved.</p>"
    return Answer(f"<html><h1>{name}</h1><article>{words}</article></html>", etag=f'"{name}"')


def night(site: FaultySite, file: Path, ask: str = "", **settings: Any) -> tuple[dict[str, Any], list[str]]:
    """One night: our stats, and what was asked for; `ask` stands behind the address of the sitemap."""
    site.asked.clear()
    stats = crawl(source_at(site.address, "sitemap", f"/sitemap.xml{ask}"), file, **settings)
    return dict(stats), site.paths


def served(site: FaultySite, body: str, etag: str | None = None) -> Answer:
    return Answer(body.replace("https://marlbury.example", site.address), type="application/xml", etag=etag)


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as db:
        return db.execute(query).fetchall()


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as db:
        return list(db.iterdump())


def indexed(site: FaultySite, etag: str | None) -> None:
    """An index of a news sitemap and a gzipped one."""
    site.answers |= {f"/{name}": page(name) for name in ("one", "two", "three")}
    site.answers["/sitemap.xml"] = served(site, index(part("news", "2026-03-31"), part("old", "2026-01-31")), etag)
    site.answers["/news.xml"] = served(site, sitemap(entry(more=NEWS)))
    old = sitemap(entry("https://marlbury.example/two"), entry("https://marlbury.example/three"))
    body = served(site, old).body
    assert isinstance(body, str)
    site.answers["/old.xml"] = Answer(gzip.compress(body.encode()), type="application/x-gzip")


@pytest.mark.parametrize("etag", ['"a"', None])
def test_an_index_leads_to_every_article_and_unchanged_costs_one_request(
    site: FaultySite, file: Path, etag: str | None
) -> None:
    indexed(site, etag)
    stats, asked = night(site, file)
    assert (stats["listed"], stats["new"], stats["listings_read"]) == (3, 3, 3)
    assert sorted(asked) == ["/news.xml", "/old.xml", "/one", "/sitemap.xml", "/three", "/two"]
    assert rows(file, "SELECT published, date_method FROM articles WHERE url LIKE '%/one'") == [
        ("2026-03-31", "listing")
    ]
    before = dump(file)
    assert night(site, file)[1] == ["/sitemap.xml"]
    assert dump(file) == before


def test_what_is_new_in_one_part_is_asked_for_alone(site: FaultySite, file: Path) -> None:
    indexed(site, '"a"')
    night(site, file)
    site.answers["/four"] = page("four")
    site.answers["/sitemap.xml"] = served(site, index(part("news", "2026-04-01"), part("old", "2026-01-31")), '"b"')
    site.answers["/news.xml"] = served(site, sitemap(entry("https://marlbury.example/four"), entry()))
    stats, asked = night(site, file)
    assert sorted(asked) == ["/four", "/news.xml", "/one", "/sitemap.xml"]  # "one" is listed otherwise
    assert (stats["new"], stats.get("changed", 0)) == (1, 0)


def test_a_page_that_changed_is_asked_for_again(site: FaultySite, file: Path) -> None:
    site.answers["/one"] = page("one")
    site.answers["/sitemap.xml"] = served(site, sitemap(entry(lastmod="2026-03-31")))
    night(site, file)
    site.answers["/one"] = page("One, corrected")
    site.answers["/sitemap.xml"] = served(site, sitemap(entry(lastmod="2026-04-01")))
    assert night(site, file)[0]["changed"] == 1


def test_parts_older_than_since_are_not_asked_for(site: FaultySite, file: Path) -> None:
    indexed(site, None)
    stats, asked = night(site, file, "#{since}", ONRECORD_SINCE="2026-03-01")
    assert sorted(asked) == ["/news.xml", "/one", "/sitemap.xml"]
    assert stats["new"] == 1


def test_an_index_that_lists_itself_is_read_once(site: FaultySite, file: Path) -> None:
    site.answers["/one"] = page("one")
    site.answers["/sitemap.xml"] = served(site, index(part("sitemap"), part("sitemap"), part("more")))
    site.answers["/more.xml"] = served(site, index(part("sitemap"), part("more"), part("pages")))
    site.answers["/pages.xml"] = served(site, sitemap(entry(), entry(), entry("https://marlbury.example/one#top")))
    stats, asked = night(site, file)
    assert asked == ["/sitemap.xml", "/more.xml", "/pages.xml", "/one"]
    assert stats["new"] == 1


def test_private_and_foreign_addresses_are_not_asked_for(site: FaultySite, file: Path) -> None:
    """Nor is a file read, and what stands beside them is."""
    foreign = ("http://169.254.169.254/latest/meta-data", "file:///etc/hostname", "http://elsewhere.example/one")
    site.answers["/one"] = page("one")
    entries = [*map(entry, foreign), entry("javascript:alert(1)"), entry()]
    site.answers["/pages.xml"] = served(site, sitemap(*entries))
    parts = [entry(loc, tag="sitemap") for loc in foreign]
    site.answers["/sitemap.xml"] = served(site, index(*parts, part("pages")))
    stats, asked = night(site, file)
    assert asked == ["/sitemap.xml", "/pages.xml", "/one"]
    assert (stats["new"], stats["fetched"]) == (1, 1)


def test_a_part_that_fails_costs_itself_and_is_made_up_for(site: FaultySite, file: Path) -> None:
    indexed(site, '"a"')
    old = site.answers["/old.xml"]
    site.answers["/old.xml"] = Answer(b"\x1f\x8bnonsense", type="application/gzip")
    stats, _ = night(site, file)
    assert (stats["new"], stats["listings_failed"]) == (1, 1)
    assert stats["note"].startswith(f"{site.address}/old.xml: gzip that can't be read")
    site.answers["/old.xml"] = old
    stats, asked = night(site, file)
    assert sorted(asked) == ["/old.xml", "/sitemap.xml", "/three", "/two"]
    assert stats["new"] == 2


def test_a_sitemap_may_have_more_tags_than_a_page_for_people(site: FaultySite, file: Path) -> None:
    site.answers["/one"] = page("one")
    site.answers["/sitemap.xml"] = served(site, sitemap(entry(more="<x/>" * MOST_FOR_PEOPLE)))
    assert night(site, file)[0]["new"] == 1
