"""What a listing says: the items it lists and where it goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from scrapy.http import Response

    from spiders.registry import Listing

ListingKind = Literal["feed", "govuk", "html"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One item: its address and what the listing prints of it, dates as printed."""

    url: str
    title: str = ""
    published: str = ""
    modified: str = ""
    summary: str = ""

    @property
    def fingerprint(self) -> str:
        """Differs when the listing says something else of the item than before: then it is fetched again."""
        said = "\n".join((self.title, self.published, self.modified, self.summary))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class NextPage:
    """The listing goes on at this address."""

    url: str


class ListingReader(Protocol):
    """Reads one response of a listing: its items, then at most one NextPage. Raises ListingError."""

    def __call__(self, response: Response, listing: Listing) -> Iterator[Listed | NextPage]: ...


class ListingError(ValueError):
    """The response is no listing of this kind; the message says what it is instead."""
