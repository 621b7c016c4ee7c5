"""`onrecord add` reads a page of a registered source as that source's pages are read, and says so."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from onrecord.registered import read_as, source_of
from pipelines.article import NotAnArticle
from pipelines.page import Page
from spiders.registry import Listing, Source
from tests.command import LOCAL, onrecord
from tests.faults.server import Answer, FaultySite

WORDS = "Ofsted found that the council’s services for children had improved since the last inspection."
PAGE = f"<html><h1>Head</h1><section><p>{WORDS} Twice.</p></section><article><p>{WORDS} Once.</p></article></html>"


def source(id: str, *hosts: str, **more: object) -> Source:
    return Source(id=id, name=id.title(), hosts=hosts, **more)  # type: ignore[arg-type]


COURIER = source("courier", "courier.example", article={"body": "article"}, publisher="marlbury", kind="press-release")
NEWS = source("news", "gov.example", home="https://gov.example/news")
BLOGS = source("blogs", "gov.example", listing=(Listing("feed", "https://gov.example/blogs/a/feed"),))
API = source("api", "gov.example", home="https://gov.example/news", article={"format": "govuk-content"})
SOURCES = (COURIER, NEWS, BLOGS, API)


def page(url: str, body: str = PAGE, media: str = "text/html; charset=utf-8") -> Page:
    return Page(url=url, body=body.encode(), headers={"content-type": media})


@pytest.mark.parametrize(
    ("url", "media", "id"),
    [
        ("https://courier.example/2026/a", "text/html", "courier"),
        ("https://www.courier.example/a", "text/html", "courier"),
        ("https://courier.example.org/a", "text/html", None),
        ("https://news.courier.example/a", "text/html", None),
        ("file:///courier.example/a.html", "text/html", None),
        ("https://gov.example/news/a", "text/html", "news"),
        ("https://gov.example/blogs/a/b", "text/html", "blogs"),
        ("https://gov.example/elsewhere", "text/html", None),  # either could have it
        ("https://gov.example/api/content/a", "application/json", "api"),
        ("https://courier.example/a", "application/json", None),
    ],
)
def test_source_of(url: str, media: str, id: str | None) -> None:
    found = source_of(page(url, media=media), SOURCES)
    assert (found.id if found else None) == id


def test_a_page_is_read_by_the_sources_selectors_and_is_the_sources() -> None:
    article, by_selectors = read_as(COURIER, page("https://courier.example/a"))
    assert by_selectors
    assert (article.text, article.body_method) == (f"{WORDS} Once.", "selectors")
    assert (article.publisher, article.kind, article.source) == ("marlbury", "press-release", "")


def test_a_page_of_another_make_is_read_as_any_page() -> None:
    other = page("https://courier.example/a", PAGE.replace("article>", "main>"))
    article, by_selectors = read_as(COURIER, other)
    assert not by_selectors
    assert (article.body_method, article.publisher) == ("trafilatura", "marlbury")
    with pytest.raises(NotAnArticle):
        read_as(COURIER, page("https://courier.example/a", "<html></html>"))


@pytest.fixture
def site() -> Iterator[FaultySite]:
    with FaultySite({"/a": Answer(PAGE), "/b": Answer(PAGE.replace("article>", "main>"))}) as site:
        yield site


def test_an_address_on_a_registered_host_says_how_it_is_read(site: FaultySite, tmp_path: Path) -> None:
    registry = tmp_path / "sources.toml"
    registry.write_text(
        f"[courier]\nname = 'The Courier'\nhosts = ['127.0.0.1']\n[courier.article]\nbody = 'article'\n"
        f"[[courier.listing]]\ntype = 'feed'\nurl = {json.dumps(site.address + '/feed')}\n",
        encoding="utf-8",
    )
    file = tmp_path / "onrecord.db"
    addresses = (f"{site.address}/a", f"{site.address}/b")
    done = onrecord("add", *addresses, "--db", file, ONRECORD_SOURCES=str(registry), **LOCAL)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.splitlines()) == [
        "2 new",
        f"{site.address}/a is on the site of The Courier (courier) and read as its pages are.",
        f"{site.address}/b is on the site of The Courier (courier) and read as any page is, for its selectors find no "
        "article there.",
    ]
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("SELECT url, body_method FROM articles ORDER BY url").fetchall() == [
            (addresses[0], "selectors"),
            (addresses[1], "trafilatura"),
        ]
