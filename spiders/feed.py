"""RSS and Atom feeds, read by feedparser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import feedparser
from scrapy.http import Response

from spiders.listed import Listed, ListingError, NextPage, address
from spiders.registry import Listing

# Entities can grow without end; no feed needs any of its own, whatever the XML library below does about them.
_ENTITIES = re.compile(rb"<!ENTITY", re.IGNORECASE)
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)


def read_feed(response: Response, _: Listing) -> Iterator[Listed | NextPage]:
    """The entries of a feed, in its order; of one that is cut short those that are whole, then a ListingError."""
    markup = response.body.replace(b"\0", b"")  # UTF-16 and UTF-32 are ASCII and zeros where it counts
    if _ENTITIES.search(markup):
        raise ListingError("the feed declares entities of its own")
    # As a stream: feedparser takes bytes for the name of a file, if there is one.
    feed = feedparser.parse(BytesIO(response.body), response_headers={"content-location": response.url})
    if not feed.get("version") and not feed.entries:
        raise ListingError(f"no feed: {_first_words(response)}")
    cut = not _END.search(markup)
    for entry in feed.entries[:-1] if cut else feed.entries:
        if url := address(response, entry.get("link", "")):
            yield Listed(
                url=url,
                title=entry.get("title", ""),
                published=entry.get("published", ""),
                modified=dict.get(entry, "updated", ""),  # feedparser's own get gives `published` in its place
                summary=entry.get("summary", "")[:500],
            )
    if cut:
        raise ListingError("the feed is cut short")


def _first_words(response: Response) -> str:
    """What came instead, for people."""
    words = response.body[:60].decode("utf-8", "replace").split()
    return f"neither RSS nor Atom, but {' '.join(words)!r}" if words else "an empty answer"
