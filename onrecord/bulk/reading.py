"""A page to its article, in the process beside the worker's: whatever a page does to a parser, it does there."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Literal

from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader

from onrecord.registered import read_as, source_of
from pipelines.article import LARGEST, NotAnArticle, read_article
from pipelines.page import Article, Page
from pipelines.relevance import score
from spiders.registry import Source, read_registry

# Archives hold what pages are drawn with, too.
_READABLE = {"", "text/html", "application/xhtml+xml", "text/plain", "application/pdf"}

Passed = Literal["no_page", "off_topic"]


def read_page(page: Page, *, packed: bool, whole: bool) -> tuple[Page, Article] | Passed:
    """The article on a page, or why it is passed over; a source's page is read as by night. Raises NotAnArticle."""
    if packed:
        page = _unpacked(page)
    source = source_of(page, _sources())
    if not _is_page(page, source):
        return "no_page"
    if not whole:
        raise NotAnArticle(f"more than {LARGEST:,} bytes")
    article = read_as(source, page)[0] if source is not None else read_article(page)
    relevance = score(article)
    if not relevance.on_topic:
        return "off_topic"
    article.relevance = relevance.score
    return page, article


def _is_page(page: Page, source: Source | None) -> bool:
    """Whether it is something to read; JSON is what some sources answer a program with."""
    kind = page.content_type
    readable = kind in _READABLE or page.body.startswith(b"%PDF-") or (source is not None and kind.endswith("json"))
    return 200 <= page.status < 300 and readable


def _unpacked(page: Page) -> Page:
    """The page in a response as it was sent: in chunks, in a content coding."""
    stream = BytesIO(page.body)
    headers = ArcWarcRecordLoader(verify_http=False, arc2warc=False).http_parser.parse(stream)
    record = ArcWarcRecord("warc", "response", None, stream, headers, None, None)
    return replace(
        page,
        body=record.content_stream().read(LARGEST + 1),
        status=int(headers.get_statuscode() or 0) if headers.get_statuscode().isdecimal() else 0,
        headers={name.lower(): value for name, value in headers.headers},
    )


@cache
def _sources() -> list[Source]:
    return list(read_registry().values())
