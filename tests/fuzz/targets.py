"""What is fuzzed: for each reader of foreign bytes, a function that raises where the reader breaks its promise.

The same functions are run by hypothesis (`test_properties.py`, in every test run) and by atheris (`__main__.py`, for
as long as one likes). Where a reader has several forms of input, the first byte chooses one.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from scrapy.http import Request
from scrapy.responsetypes import responsetypes
from scrapy.utils.test import get_crawler

from nlp import cues, gazetteer, phrases, relevance, scope, topics
from nlp.build import extract
from nlp.lexicon import LexiconError, read_rows
from nlp.text import clean_text, paragraphs
from pipelines.article import NotAnArticle, read_article
from pipelines.crosscheck import disagreement
from pipelines.page import Page
from pipelines.relevance import score
from pipelines.urls import canonical_url
from spiders.listed import ListingKind
from spiders.registry import Listing, RegistryError, Source, read_registry
from spiders.source import SourceSpider, spider_for

TYPES = ("text/html", "text/html; charset=utf-16", "", "text/plain", "application/pdf", "application/json")
SELECTORS: tuple[Mapping[str, object], ...] = (
    {},
    {"title": "h1", "body": "article", "date": "time@datetime", "byline": ".by", "remove": [".ad"], "pull_quote": "q"},
    {"format": "content"},
    {"format": "govuk-content"},
)
LEXICONS = (
    (relevance.check, "term", ("weight", float)),
    (topics.check, "term", ("weight", float)),
    (scope.check, "phrase", ("reach", int)),
    (cues.check, "cue", None),
)


def read_page(data: bytes) -> None:
    """A page gives an article whose text is clean, or NotAnArticle."""
    form, body = _form(data)
    page = Page(
        url="https://news.example/2026/03/04/marlbury",
        body=body,
        headers={"content-type": TYPES[form % len(TYPES)]},
        selectors=SELECTORS[form // len(TYPES) % len(SELECTORS)],
        fetched_at="2026-05-01T01:30:00Z",
    )
    try:
        article = read_article(page)
    except NotAnArticle:
        return
    spans = paragraphs(article.text)
    assert article.text == clean_text([article.text[start:end] for start, end in spans]) != ""
    assert set(article.block_quotes) <= set(spans)
    for said in (article.title, article.standfirst, article.byline, article.url):
        json.dumps(said, ensure_ascii=False).encode()
        assert said is None or not set(said) & set("\0\n\r\x1b\u202e")
    assert article.published is None or date.fromisoformat(article.published) <= date(2026, 5, 2)
    distance = disagreement(page, article)
    assert distance is None or 0 <= distance <= 1
    assert math.isfinite(score(article).score)


def read_text(data: bytes) -> None:
    """Any clean text gives records that stand where they say, with values that a database holds."""
    text = clean_text(data.decode("utf-8", "replace").split("\n\n"))
    found = extract(text)
    for record in (*found.mentions, *found.quotes, *found.figures, *found.stances):
        assert record.text == text[record.start : record.end] != ""
        assert 0 <= record.confidence <= 1
        assert record.rule
    for figure in found.figures:
        assert math.isfinite(figure.value)
        assert isinstance(figure.value, float) or abs(figure.value) < 2**63


def read_feed(data: bytes) -> None:
    """A feed gives requests and at most one failed page, whatever came."""
    _read_listing("feed", data)


def read_sitemap(data: bytes) -> None:
    """Likewise a sitemap."""
    _read_listing("sitemap", data)


def read_sources(data: bytes) -> None:
    """A registry gives sources that spiders can be made of, or RegistryError."""
    try:
        sources = read_registry(_file(data))
    except RegistryError:
        return
    for source in sources.values():
        assert spider_for(source).name == source.id
        assert source.state
        for listing in source.listing:
            canonical_url(listing.url)


def read_lexicon(data: bytes) -> None:
    """A word list gives rows that its users can use, or LexiconError that names the file."""
    form, body = _form(data)
    path = _file(body)
    try:
        if form % 5 == 4:
            gazetteer.read_organisations(path)
            return
        check, column, number = LEXICONS[form % 5]
        rows = read_rows(path, check=check)
        found = phrases.Phrases(rows, column)
        for row in rows:
            found.find(phrases.plain(row[column]))
        if number is not None:
            for row in rows:
                number[1](row[number[0]])
    except LexiconError as error:
        if path.name not in str(error):
            raise


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "page": read_page,
    "text": read_text,
    "feed": read_feed,
    "sitemap": read_sitemap,
    "registry": read_sources,
    "lexicon": read_lexicon,
}


def _read_listing(kind: ListingKind, data: bytes) -> None:
    form, body = _form(data)
    spider, listing = _spider(kind)
    headers = {"Content-Type": TYPES[form] if form < len(TYPES) else "application/rss+xml"}
    asked = Request(listing.url, meta={"role": "listing"})
    kind_of_response = responsetypes.from_args(headers=headers, url=listing.url, body=body)
    response = kind_of_response(listing.url, body=body, headers=headers, request=asked)
    for found in spider.parse_listing(response, listing):
        if isinstance(found, Request):
            assert found.url.startswith(("http://", "https://"))
            canonical_url(found.url)
            json.dumps(found.meta["listed"].printed() if "listed" in found.meta else "").encode()
        else:
            assert found["failure"]


@cache
def _spider(kind: ListingKind) -> tuple[SourceSpider, Listing]:
    listing = Listing(kind, "https://news.example/list")
    source = Source("news", "News", ("news.example",), (listing,))
    crawler = get_crawler(spider_for(source))
    return crawler._create_spider(), listing  # type: ignore[return-value]


def _form(data: bytes) -> tuple[int, bytes]:
    return (data[0], data[1:]) if data else (0, b"")


def _file(data: bytes) -> Path:
    """The bytes as a file; of each process one, written over."""
    path = Path(tempfile.gettempdir()) / f"onrecord-fuzz-{os.getpid()}"
    path.write_bytes(data)
    return path
