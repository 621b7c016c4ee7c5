"""Faults 40 to 46: feeds that grow, that ask for other files, that are none, or that print no day.

One night over all of them, each a source of its own. `held_elsewhere.toml` has the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import feedparser
import pytest
from lxml import etree
from scrapy.http import Request, XmlResponse

from onrecord.check import check
from spiders.feed import read_feed
from spiders.listed import ListingError
from spiders.registry import Listing
from spiders.sitemap import read_sitemap
from tests.crawling import source_at
from tests.faults.night import Night, night
from tests.faults.server import Answer, FaultySite

SECRET = "canary-of-the-coal-mine"
TEXT = (
    "Ofsted inspectors said that children’s services in Marlbury had improved. “We are proud,” said the director. " * 4
)
LAUGHS = "".join(f"<!ENTITY {name} '{f'&{of};' * 10}'>" for of, name in zip("abcdefgh", "bcdefghi", strict=True))
FORMS = {
    "laughs": (f"<!DOCTYPE rss [<!ENTITY a 'ha'>{LAUGHS}]>", "&i;"),
    "quadratic": (f"<!DOCTYPE rss [<!ENTITY a '{'ha' * 500_000}'>]>", "&a;" * 2_000),
}
ENCODINGS = ("utf-8", "utf-16", "utf-32", "utf-7", "cp037")
# What the feeds of fault 46 print as the day of each entry, and the day that is to be believed.
DAYS = {
    "right": ("Tue, 20 Oct 2026 09:30:00 +0100", "2026-10-20"),
    "missing": ("", None),
    "future": ("Tue, 20 Oct 2076 09:30:00 +0100", None),
    "year-one": ("0001-01-01T00:00:00Z", None),
    "sept-31": ("31 Sept 2026", None),
    "words": ("last Tuesday", None),
}


def rss(path: str, *, doctype: str = "", title: str = "Ofsted in Marlbury", encoding: str = "utf-8") -> bytes:
    """A feed of one item."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<rss version="2.0"><channel>'
        f"<item><title>{title}</title><link>{path}</link></item></channel></rss>"
    )
    if encoding == "utf-7":  # letters may stand for what is no letter
        return text.replace("<!ENTITY", "+ADwAIQ-ENTITY").encode("ascii")
    return text.encode(encoding)


def sitemap(path: str, doctype: str, encoding: str) -> bytes:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<urlset><url><loc>{path}</loc></url></urlset>'
    if encoding == "utf-7":
        return text.replace("<!DOCTYPE", "+ADwAIQ-DOCTYPE").encode("ascii")
    return text.encode(encoding)


def dated(site: str) -> str:
    """A feed whose entries print all sorts of days."""
    items = (
        f"<item><title>{name}</title><link>{site}/{name}</link>{f'<pubDate>{day}</pubDate>' if day else ''}</item>"
        for name, (day, _) in DAYS.items()
    )
    return f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>"


def page(name: str) -> Answer:
    body = f"<html><h1>Ofsted in Marlbury: {name}</h1><article><p>{name}</p><p>{TEXT}</p></article></html>"
    return Answer(body, type="text/html")


@dataclass(frozen=True, slots=True)
class Feeds:
    """A night over feeds, a source each, and the site that they are on."""

    night: Night
    site: FaultySite
    secret: Path


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Feeds]:
    folder = tmp_path_factory.mktemp("feeds")
    secret = folder / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    with ExitStack() as stack:
        site = stack.enter_context(FaultySite())
        to_file, to_site = secret.as_uri(), f"{site.address}/callback"
        xml = {
            **{name: rss(f"/{name}/1", doctype=doctype, title=title) for name, (doctype, title) in FORMS.items()},
            "entity-file": rss("/x", doctype=f'<!DOCTYPE rss [<!ENTITY s SYSTEM "{to_file}">]>', title="&s;"),
            "entity-site": rss("/x", doctype=f'<!DOCTYPE rss [<!ENTITY s SYSTEM "{to_site}">]>', title="&s;"),
            "parameter": rss("/x", doctype=f'<!DOCTYPE rss [<!ENTITY % s SYSTEM "{to_site}"> %s;]>'),
            "doctype-file": rss("/doctype-file/1", doctype=f'<!DOCTYPE rss SYSTEM "{to_file}">', title="A &s; b"),
            "doctype-site": rss("/doctype-site/1", doctype=f'<!DOCTYPE rss SYSTEM "{to_site}">', title="A &s; b"),
            "inclusion": rss("/inclusion/1").replace(
                b"<title>", f'<xi:include href="{to_file}" xmlns:xi="http://www.w3.org/2001/XInclude"/><title>'.encode()
            ),
            "html": b"<!doctype html><html><head><title>Marlbury</title></head><body><p>News</p></body></html>",
            "truncated": rss("/truncated/1").replace(b"</channel></rss>", b"<item><title>Half</ti"),
            "not-utf-8": rss("/not-utf-8/1", title="Marlbury’s news").decode().encode("cp1252"),
            "not-utf-16": rss("/not-utf-16/1", title="Marlbury’s news").replace(b'"utf-8"', b'"utf-16"'),
            "dates": dated("").encode(),
            "good": rss("/good/1"),
        }
        site.answers |= {f"/{name}/feed": Answer(body, type="application/rss+xml") for name, body in xml.items()}
        site.answers |= {f"/{name}/1": page(name) for name in xml} | {f"/{name}": page(name) for name in DAYS}
        sources = [replace(source_at(site.address, path=f"/{name}/feed"), id=name) for name in xml]
        for kind, body in {"map-file": to_file, "map-site": to_site}.items():
            doctype = f'<!DOCTYPE urlset [<!ENTITY s SYSTEM "{body}">]>'
            site.answers[f"/{kind}"] = Answer(sitemap("/&s;", doctype, "utf-8"), type="application/xml")
            sources.append(replace(source_at(site.address, "sitemap", f"/{kind}"), id=kind))
        yield Feeds(night(sources, folder, {"ITEM_PIPELINES": STAGES}), site, secret)


# Nothing here is about what texts say.
STAGES = {
    f"pipelines.stages.{stage}": order
    for order, stage in enumerate(("Arrive", "Archive", "Read", "Relevance", "Store"))
}


def test_40_to_46_the_night_goes_on(feeds: Feeds) -> None:
    assert feeds.night.code == 1
    assert feeds.night.source("good")["verdict"] == "ok"
    assert feeds.night.source("good")["new"] == 1
    assert feeds.night.seconds < 60
    assert check(feeds.night.database) == []


@pytest.mark.parametrize("name", ["laughs", "quadratic"], ids=["40 laughs", "41 quadratic"])
def test_a_feed_that_grows_is_refused(feeds: Feeds, name: str) -> None:
    row = feeds.night.source(name)
    assert (row["verdict"], row["listed"], row["fetched"]) == ("failed", 0, 0)
    assert row["note"].endswith("the feed declares entities of its own")
    assert feeds.night.peak < 150


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", FORMS)
def test_42_it_is_refused_before_any_library_sees_it(form: str, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However it is spelt; no defence rests on the version of a library."""

    def asked(*_: object, **__: object) -> None:
        raise AssertionError("a library was asked")

    monkeypatch.setattr(feedparser, "parse", asked)
    monkeypatch.setattr(etree, "iterparse", asked)
    url = "https://news.example/list"
    doctype, title = FORMS[form]
    for reader, kind, body in (
        (read_feed, "feed", rss("/1", doctype=doctype, title=title, encoding=encoding)),
        (read_sitemap, "sitemap", sitemap("/1", doctype, encoding)),
    ):
        response = XmlResponse(url, body=body, request=Request(url))
        with pytest.raises(ListingError, match=r"declares|^no sitemap"):
            list(reader(response, Listing(kind, url)))  # type: ignore[arg-type,operator]


@pytest.mark.parametrize("name", ["entity-file", "doctype-file", "inclusion", "map-file"])
def test_43_no_file_is_ever_read(feeds: Feeds, name: str) -> None:
    """The secret is in no row, no log and no archive; a feed that only names it is read without it."""
    only_named = name in ("doctype-file", "inclusion")
    assert feeds.night.source(name)["verdict"] == ("ok" if only_named else "failed")
    assert feeds.night.source(name)["new"] == int(only_named)
    files = [file for file in feeds.night.database.parent.rglob("*") if file.is_file() and file != feeds.secret]
    assert len(files) > 3
    assert not [file for file in files if SECRET.encode() in file.read_bytes()]


@pytest.mark.parametrize("name", ["entity-site", "parameter", "doctype-site", "map-site"])
def test_44_nobody_is_called(feeds: Feeds, name: str) -> None:
    assert feeds.night.source(name)["listed"] == int(name == "doctype-site")
    assert not [path for path in feeds.site.paths if "callback" in path]


def test_45_a_page_in_the_place_of_a_feed_is_no_empty_feed(feeds: Feeds) -> None:
    row = feeds.night.source("html")
    assert (row["verdict"], row["listed"]) == ("failed", 0)
    assert "no feed: neither RSS nor Atom, but '<!doctype html>" in row["note"]


def test_45_of_a_feed_that_is_cut_short_what_is_whole_is_had_and_the_rest_is_said(feeds: Feeds) -> None:
    row = feeds.night.source("truncated")
    assert (row["new"], row["failed"]) == (1, 1)
    assert row["verdict"] == "failed"
    assert row["note"].endswith("/truncated/feed: the feed is cut short")


@pytest.mark.parametrize("name", ["not-utf-8", "not-utf-16"])
def test_45_an_encoding_that_is_not_as_declared_spoils_nothing(feeds: Feeds, name: str) -> None:
    assert feeds.night.source(name)["verdict"] == "ok"
    (listed,) = feeds.night.rows("SELECT listed FROM pages WHERE source_id = ? AND role = 'article'", name)
    assert r"Marlbury\u2019s news" in listed["listed"]


@pytest.mark.parametrize("name", DAYS)
def test_46_a_day_that_cannot_be_is_none_and_never_today(feeds: Feeds, name: str) -> None:
    """There is no method by which it was found: that is the reason why there is none."""
    (stored,) = [article for article in feeds.night.stored("dates") if article["url"].endswith(f"/{name}")]
    day = DAYS[name][1]
    assert (stored["published"], stored["date_method"]) == (day, "listing" if day else None)
