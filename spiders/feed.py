"""RSS and Atom feeds, read by feedparser.

Where a feed carries an entry's whole text (RSS `content:encoded`, Atom `content`), that is the page; where it carries
no more than the beginning, the page is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import feedparser
from scrapy.http import Response

from spiders.listed import Listed, ListingError, NextPage, address, first_words, plain
from spiders.registry import Listing

# Entities can grow without end; no feed needs any of its own, whatever the XML library below does about them.
_ENTITIES = re.compile(rb"<!ENTITY", re.IGNORECASE)
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_HTML = {"text/html", "application/xhtml+xml"}
# The line that WordPress sets below what it gives away.
_CREDIT = re.compile(r"<p>The post .{1,1000} (?:appeared first|first appeared) on .{1,1000}</p>\s*", re.DOTALL)
# How a beginning ends: with dots, or with a few words that lead on, and the headline behind them.
_TEASER = re.compile(
    r"(?:…|\.\.\.)\W*$|\b(?:Read|Continue|Keep|Carry on) (?i:more|on|reading|the (?:full|whole|rest))\b"
)
_LONGEST_END = 200  # characters


def read_feed(response: Response, _: Listing) -> Iterator[Listed | NextPage]:
    """The entries of a feed, in its order; of one that is cut short those that are whole, then a ListingError."""
    markup = response.body.replace(b"\0", b"")  # UTF-16 and UTF-32 are ASCII and zeros where it counts
    if _ENTITIES.search(markup):
        raise ListingError("the feed declares entities of its own")
    # As a stream: feedparser takes bytes for the name of a file, if there is one.
    feed = feedparser.parse(BytesIO(response.body), response_headers={"content-location": response.url})
    if not feed.get("version") and not feed.entries:
        raise ListingError(f"no feed: neither RSS nor Atom, but {first_words(response.body)}")
    cut = not _END.search(markup)
    for entry in feed.entries[:-1] if cut else feed.entries:
        if url := address(response, entry.get("link", "")):
            content = _content(entry)
            yield Listed(
                url=url,
                title=plain(entry.get("title", "")),
                published=entry.get("published", ""),
                modified=dict.get(entry, "updated", ""),  # feedparser's own get gives `published` in its place
                summary=_without_credit(entry.get("summary", ""))[:500],
                byline=entry.get("author_detail", {}).get("name", "") if content else "",  # else the page's own
                content=content,
            )
    if cut:
        raise ListingError("the feed is cut short")


def _content(entry: Mapping[str, Any]) -> str:
    """An entry's whole text as HTML, "" where there is no more than a summary or a beginning."""
    given = next((content["value"] for content in entry.get("content", ()) if content.get("type") in _HTML), "")
    content = _without_credit(given)
    said = plain(content)
    # Of an entry without a summary, feedparser makes the content one.
    summary = "" if entry.get("summary", "") == given else plain(_without_credit(entry.get("summary", "")))
    return content if len(said) > len(summary) and not _TEASER.search(said[-_LONGEST_END:]) else ""


def _without_credit(markup: str) -> str:
    start = markup.rfind("<p>The post ")
    return markup[:start].rstrip() if start >= 0 and _CREDIT.fullmatch(markup, start) else markup
