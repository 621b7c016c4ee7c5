"""Sitemaps, news sitemaps and indexes of them, gzipped or not.

Their form: sitemaps.org/protocol.html and Google's sitemap-news/0.9. `#{since}` at the end of the address of an index,
which is not sent, leaves out its sitemaps that were last changed before that day, as far as `lastmod` tells.
"""

from __future__ import annotations

import gzip
import logging
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from typing import NamedTuple
from urllib.parse import urldefrag

from lxml import etree
from scrapy.http import Response

from spiders.listed import Listed, ListingError, NextPage, address, first_words, plain
from spiders.registry import Listing

logger = logging.getLogger(__name__)

MOST_ENTRIES = 50_000  # as the protocol has it
MOST_TAGS = 12 * MOST_ENTRIES
MOST_ATTRIBUTES = 6 * MOST_ENTRIES  # each of which takes more room than a tag
MOST_PARTS = 50  # sitemaps of an index
LARGEST = 16 * 1024 * 1024  # bytes without the gzip

_ROOT = re.compile(rb"<(?:[\w.-]+:)?(?:urlset|sitemapindex)\b")
_END = re.compile(rb"</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>|<(?:urlset|sitemapindex)\b[^<>]*/>")
# No sitemap needs any; entities can grow without end, whatever the XML library below does about them.
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_DAY = re.compile(r"\d{4}(?:-\d\d){0,2}(?![\d/])")


class _Entry(NamedTuple):
    """What a sitemap says of a page, or an index of one of its sitemaps."""

    is_part: bool
    loc: str
    lastmod: str
    title: str
    published: str


def read_sitemap(response: Response, _: Listing) -> Iterator[Listed | NextPage]:
    """The pages that a sitemap lists, in its order, or the sitemaps that an index lists, the newest first.

    Of one that is cut short those that are whole, then a ListingError.
    """
    since = urldefrag(response.request.url).fragment if response.request else ""  # a response's address has lost it
    markup = _markup(response.body)
    entries = _entries(markup)
    cut = len(entries) <= MOST_ENTRIES and not _END.search(markup)
    parts: list[tuple[str, str]] = []
    for entry in entries[:-1] if cut else entries[:MOST_ENTRIES]:
        if (url := address(response, entry.loc)) is None:
            continue
        if not entry.is_part:
            yield Listed(url, entry.title, entry.published, entry.lastmod)
        elif not _is_before(entry.lastmod, since):
            parts.append((entry.lastmod, url))
    parts.sort(key=lambda part: part[0], reverse=True)
    for lastmod, url in parts[:MOST_PARTS]:
        yield NextPage(url, part=True, modified=lastmod if _tells(lastmod) else "")
    if len(parts) > MOST_PARTS or len(entries) > MOST_ENTRIES:
        logger.warning("%s lists more than is read", response.url)
    if cut:
        raise ListingError("the sitemap is cut short")


def _markup(body: bytes) -> bytes:
    """The XML of a sitemap. Raises ListingError for what is none, and for what no parser should be asked."""
    if body.startswith(b"\x1f\x8b"):
        body = _inflated(body)
    body = body.replace(b"\0", b"")  # UTF-16 is ASCII and zeros where it counts
    if not _ROOT.search(body):
        raise ListingError(f"no sitemap, but {first_words(body)}")
    if _DECLARES.search(body):
        raise ListingError("the sitemap declares a document type or entities of its own")
    if body.count(b"<") > MOST_TAGS or body.count(b"=") > MOST_ATTRIBUTES:
        raise ListingError(f"more than {MOST_TAGS:,} tags or {MOST_ATTRIBUTES:,} attributes")
    return body[body.index(b"<") :]


def _inflated(body: bytes) -> bytes:
    try:
        inflated = gzip.GzipFile(fileobj=BytesIO(body)).read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ListingError(f"gzip that can't be read: {error}") from error
    if len(inflated) > LARGEST:
        raise ListingError(f"more than {LARGEST:,} bytes")
    return inflated


def _entries(markup: bytes) -> list[_Entry]:
    """The entries, as far as they can be read, and one more than is read at most."""
    entries: list[_Entry] = []
    # In UTF-8, as the protocol has it, whatever is declared: that may be wrong, or meant to hide what is refused above.
    elements = etree.iterparse(
        BytesIO(markup),
        tag=("{*}url", "{*}sitemap"),
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
    )
    for _, element in elements:
        with suppress(UnicodeDecodeError):  # half a surrogate pair, which lxml lets in and not out
            entries.append(_entry(element))
        element.clear()
        if len(entries) > MOST_ENTRIES:
            break
    return entries


def _entry(element: etree._Element) -> _Entry:
    said = _children(element)
    news = _children(said["news"]) if "news" in said else {}
    return _Entry(
        is_part=_name(element) == "sitemap",
        loc=_text(said, "loc"),
        lastmod=_text(said, "lastmod"),
        title=plain(_text(news, "title")),
        published=_text(news, "publication_date"),
    )


def _children(element: etree._Element) -> dict[str, etree._Element]:
    """An element's children by name, the first where there are several."""
    return {_name(child): child for child in reversed(element)}


def _name(element: etree._Element) -> str:
    """What an element is called, whatever its namespace: sites print several, and some forget to declare one."""
    return re.split("[}:]", str(element.tag))[-1]


def _text(elements: dict[str, etree._Element], name: str) -> str:
    return "".join(map(str, elements[name].itertext())).strip() if name in elements else ""


def _tells(lastmod: str) -> bool:
    """Whether a change would be seen by another `lastmod`: a day that is not over may bring one and stay as printed."""
    return ":" in lastmod or _is_before(lastmod, f"{datetime.now(UTC):%Y-%m-%d}")


def _is_before(lastmod: str, since: str) -> bool:
    """Whether a day is certain to be before another; 2026 or 2026-03 is not before a day in it."""
    day = _DAY.match(lastmod)
    return day is not None and day.group() < since[: len(day.group())]
