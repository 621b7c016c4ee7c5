"""RSS and Atom feeds, read by feedparser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import feedparser
from scrapy.http import Response

from spiders.listed import Listed, ListingError, NextPage
from spiders.registry import Listing

# Entities can grow without end; no feed needs any of its own, whatever the XML library below does about them.
_ENTITIES = re.compile(rb"<!ENTITY", re.IGNORECASE)


def read_feed(response: Response, listing: Listing) -> Iterator[Listed | NextPage]:
    """The entries of a feed, in its order."""
    if _ENTITIES.search(response.body):
        raise ListingError("the feed declares entities of its own")
    feed = feedparser.parse(response.body, response_headers={"content-location": response.url})
    if not feed.version and not feed.entries:
        raise ListingError(f"no feed: {feed.get('bozo_exception') or 'neither RSS nor Atom'}")
    for entry in feed.entries:
        if link := entry.get("link"):
            yield Listed(
                url=response.urljoin(link),
                title=entry.get("title", ""),
                published=entry.get("published", ""),
                modified=entry.get("updated", ""),
                summary=entry.get("summary", "")[:500],
            )
