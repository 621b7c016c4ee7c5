"""With and without `www.`: one page, one article; asked for and shown as the site answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scrapy.crawler import Crawler
from scrapy.http import Request, TextResponse
from scrapy.settings import Settings
from scrapy.statscollectors import StatsCollector
from sqlite_utils import Database

from pipelines.desk import database_of
from pipelines.memory import Memory
from pipelines.page import Page
from pipelines.schema import open_database
from pipelines.store import store_article, store_records
from pipelines.urls import canonical_url
from spiders.listed import Listed
from spiders.registry import Listing, Source
from spiders.source import spider_for
from tests.sample_file import AT, LATER, article, records

BARE, WWW = "https://courier.example/a", "https://www.courier.example/a"
SOURCE = Source(
    id="courier",
    name="Courier",
    hosts=("courier.example", "www.courier.example"),
    listing=(Listing(type="feed", url="https://www.courier.example/feed"),),
    article={"body": "article"},
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    db = open_database(tmp_path / "file.db")
    yield db
    db.close()


@pytest.mark.parametrize(("first", "second"), [(BARE, WWW), (WWW, BARE)])
def test_one_article_is_one_row_shown_as_it_came_first(db: Database, first: str, second: str) -> None:
    stored = []
    for url, at in ((first, AT), (second, LATER)):
        page = Page(url=canonical_url(url), asked=url, body=b"x", fetched_at=at)
        stored.append(store_article(db, article(url=url), seen_at=at, page=page))
    assert [it.outcome for it in stored] == ["new", "unchanged"]
    assert [row["url"] for row in db["articles"].rows] == [first]
    assert [(row["url"], row["article_id"]) for row in db["pages"].rows] == [(BARE, stored[0].id)]
    edited = replace(article(url=second), title="Edited")
    assert store_article(db, edited, seen_at=LATER).outcome == "changed"
    assert [(row["url"], row["title"]) for row in db["articles"].rows] == [(first, "Edited")]


def test_a_page_of_another_name_is_another_article(db: Database) -> None:
    outcomes = [
        store_article(db, article(url=url), seen_at=AT).outcome
        for url in (BARE, WWW + "b", BARE.replace("courier", "news.courier"))
    ]
    assert outcomes == ["new"] * 3


def test_what_was_said_has_one_key_under_both(tmp_path: Path) -> None:
    keys = []
    for number, url in enumerate((BARE, WWW)):
        db = open_database(tmp_path / f"{number}.db")
        stored = store_article(db, article(url=url), seen_at=AT)
        store_records(db, stored.id, records(), extracted_at=AT, extractor="1")
        keys.append([row["quote_key"] for row in db["quotes"].rows_where(order_by="id")])
        db.close()
    assert keys[0] == keys[1] != []


@pytest.fixture
def crawler(tmp_path: Path) -> Iterator[Any]:
    settings = Settings()
    settings.setmodule("spiders.settings", priority="project")
    settings.set("ONRECORD_DB", str(tmp_path / "file.db"), priority="cmdline")
    crawler: Any = Crawler(spider_for(SOURCE), settings)
    crawler.stats = StatsCollector(crawler)
    crawler.spider = crawler.spidercls.from_crawler(crawler)
    yield crawler
    database_of(crawler).close()


def listed(crawler: Any, *urls: str) -> list[str]:
    """What is asked for when one page of the listing lists these addresses."""
    memory = Memory(crawler)
    memory.note_source()
    request = crawler.spider.listing_request(SOURCE.listing[0], SOURCE.listing[0].url)
    response = TextResponse(SOURCE.listing[0].url, body="\n".join(urls).encode(), request=request)
    due = memory.listing(response, [crawler.spider.page_request(Listed(url, "Title")) for url in urls])
    return [request.url for request in due if isinstance(request, Request)]


@pytest.mark.parametrize(("first", "second"), [(BARE, WWW), (WWW, BARE)])
def test_a_page_listed_under_both_is_asked_for_once_as_listed_first(crawler: Any, first: str, second: str) -> None:
    assert listed(crawler, first, second) == [first]
    assert [row["url"] for row in database_of(crawler)["pages"].rows_where("role = 'article'")] == [BARE]


@pytest.mark.parametrize("url", [BARE, WWW])
def test_what_is_left_open_is_asked_for_as_it_was_listed(crawler: Any, url: str) -> None:
    """A site that is on `www.` alone answers nothing else, tonight or tomorrow."""
    listed(crawler, url)
    assert [request.url for request in Memory(crawler).open()] == [url]
