"""What a listing says: the items it lists and where it goes on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

from w3lib.html import remove_tags, replace_entities

if TYPE_CHECKING:
    from scrapy.http import Response

    from spiders.registry import Listing

ListingKind = Literal[
    "feed", "govuk", "html", "guardian", "theyworkforyou", "moderngov", "sitemap", "wordpress", "ofsted-register"
]

_GAP = re.compile(r"</?(?:br|p|div|li|h[1-6])\b[^<>]*>", re.IGNORECASE)  # what parts words, unlike other tags


@dataclass(frozen=True, slots=True)
class Listed:
    """One item: its address and what the listing prints of it, dates as printed.

    `content` is the item's whole body as HTML, where the listing carries it: then no second request is made.
    """

    url: str
    title: str = ""
    published: str = ""
    modified: str = ""
    summary: str = ""
    byline: str = ""
    content: str = ""

    @property
    def fingerprint(self) -> str:
        """Differs when the listing says something else of the item than before: then it is fetched again."""
        said = "\n".join((self.title, self.published, self.modified, self.summary, self.content))
        return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]

    def printed(self) -> dict[str, str]:
        """What the listing prints, by field, without what is empty and without the body."""
        said = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "content"}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class NextPage:
    """The listing goes on at this address; `part` where it is one of several that make it up (a sitemap's index).

    A next page is asked for while the one before has news. A part is asked for when it is new, and when `modified`,
    which is what the listing prints of its last change, is another than before: "" where nothing is printed that tells,
    so that it has to be asked for now and then; None where it is asked for whenever the listing has changed.
    """

    url: str
    part: bool = False
    modified: str | None = None


class ListingReader(Protocol):
    """Reads one response of a listing: its items, and where it goes on. Raises ListingError."""

    def __call__(self, response: Response, listing: Listing, /) -> Iterator[Listed | NextPage]: ...


class ListingError(ValueError):
    """The response is no listing of this kind, or not all of one; the message says what it is instead."""


def address(response: Response, link: str) -> str | None:
    """Where a link leads; None for what is no page elsewhere (javascript:, mailto:, #top) and for no address at all."""
    if not link or link.startswith("#"):
        return None
    try:
        url = response.urljoin(link)
        parts = urlsplit(url)
        return url if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def plain(markup: str) -> str:
    """What a piece of HTML says, on one line."""
    return " ".join(replace_entities(remove_tags(_GAP.sub(" ", markup))).split())


def first_words(body: bytes) -> str:
    """What came in the place of a listing, for people."""
    words = body[:60].decode("utf-8", "replace").split()
    return repr(" ".join(words)) if words else "an empty answer"
