"""Page to Article: picks the reader for what the page is, and puts the parts that it found together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from nlp.text import clean_paragraph
from pipelines.content_article import read_content
from pipelines.dates import day_in_address, day_of, is_month_first
from pipelines.govuk_article import read_govuk
from pipelines.html_article import read_html
from pipelines.page import Article, Page
from pipelines.pdf_article import read_pdf
from pipelines.reading import NotAnArticle, Paragraph, Reading
from pipelines.text_article import read_text
from pipelines.urls import clean_url, is_fetchable, same_host

__all__ = ["NotAnArticle", "read_article"]

LARGEST = 5_000_000  # bytes of a page; some parser stalls on every larger one

_HTML = {"text/html", "application/xhtml+xml", "application/xml", "text/xml"}
_JSON = {"application/json", "text/json"}
_MAGIC = (
    b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"RIFF",
    b"\x7fELF", b"SQLite format",
)  # fmt: skip
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|article|div|p|h1)\b", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read_article(page: Page) -> Article:
    """The article on a page, its text clean (see `nlp.text`). Raises nothing but NotAnArticle."""
    page = replace(page, selectors=_in_force(page))
    reading = _read(page)
    text, block_quotes = _assemble(reading.paragraphs)
    if not text:
        raise NotAnArticle("no text")
    published, method = _published(reading, page)
    return Article(
        url=_address(reading, page),
        title=reading.title or clean_paragraph(page.listed.get("title", "")) or None,
        text=text,
        source=page.source,
        publisher=page.publisher or reading.publisher,
        kind=page.kind,
        standfirst=_own(reading.standfirst, text),
        byline=reading.byline,
        published=published,
        date_method=method,
        body_method=reading.body_method,
        block_quotes=block_quotes,
    )


def _in_force(page: Page) -> Mapping[str, Any]:
    """The source's block for the day on which the page was fetched, which an archive replays."""
    day = page.fetched_at[:10]
    return next((block for block in page.former if day and day <= block["until"]), page.selectors)


def _read(page: Page) -> Reading:
    if page.status >= 400:
        raise NotAnArticle(f"status {page.status}")
    if not page.body.strip():
        raise NotAnArticle("empty body")
    if len(page.body) > LARGEST:
        raise NotAnArticle(f"more than {LARGEST:,} bytes")
    kind = page.content_type
    if kind == "application/pdf" or page.body.startswith(b"%PDF-"):
        return read_pdf(page)
    if page.selectors.get("format") == "govuk-content":
        return read_govuk(page)
    if page.selectors.get("format") == "content":
        return read_content(page)
    if kind in _JSON or not (kind in _HTML or kind.startswith("text/") or not kind) or _is_binary(page.body):
        raise NotAnArticle(f"no text but {kind or 'binary'}")
    if kind in _HTML or (not kind and _MARKUP.search(page.body[:2_000])):
        return read_html(page)
    return read_text(page)


def _is_binary(body: bytes) -> bool:
    if body.startswith(_MAGIC):
        return True
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16 is half NUL bytes
        return False
    return len(_CONTROL.findall(body[:4_096])) > len(body[:4_096]) / 20


def _assemble(paragraphs: list[Paragraph]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text, and where its block quotations stand in it."""
    quoted: list[tuple[int, int]] = []
    start = 0
    for paragraph in paragraphs:
        end = start + len(paragraph.text)
        if paragraph.quoted:
            quoted.append((start, end))
        start = end + 2
    return "\n\n".join(paragraph.text for paragraph in paragraphs), tuple(quoted)


def _published(reading: Reading, page: Page) -> tuple[str | None, str | None]:
    """The first day to be believed, and how it was found; none that comes after the page itself."""
    dates = [
        *reading.dates,
        (day_of(page.listed.get("published", ""), month_first=is_month_first(page.selectors)), "listing"),
        (day_in_address(urlsplit(page.url).path) if is_fetchable(page.url) else None, "url"),
    ]
    fetched = day_of(page.fetched_at)
    latest = (date.fromisoformat(fetched) + timedelta(days=1)).isoformat() if fetched else "9999"
    return next(((day, method) for day, method in dates if day and day <= latest), (None, None))


def _address(reading: Reading, page: Page) -> str:
    """The address the page gives for itself, if it is of the same host and no mere front page; else its own.

    The host stays the one that answered: a site that is not on `www.` may state that it is.
    """
    if reading.canonical and is_fetchable(page.url):
        try:
            stated = urljoin(page.url, reading.canonical)
        except ValueError:
            stated = ""
        if is_fetchable(stated) and same_host(stated, page.url) and urlsplit(stated).path.strip("/"):
            parts, answered = urlsplit(stated), urlsplit(page.url)
            if parts.hostname != answered.hostname:
                parts = parts._replace(netloc=answered.netloc)
            return clean_url(urlunsplit(parts))
    return clean_url(page.url)


def _own(standfirst: str | None, text: str) -> str | None:
    """The standfirst, unless the body begins with it."""
    return standfirst if standfirst and not text.startswith(standfirst) else None
