"""HTML pages that list items, by the registry's CSS selectors."""

from __future__ import annotations

from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag
from scrapy.http import Response

from spiders.listed import Listed, ListingError, NextPage, address
from spiders.registry import Listing


def read_html(response: Response, listing: Listing) -> Iterator[Listed | NextPage]:
    """The items of one page of a listing, then the next page where there is a link to one."""
    soup = BeautifulSoup(response.body, "lxml")
    items = soup.select(listing.item)
    if not items:
        raise ListingError(f"nothing on the page is {listing.item!r}")
    found: dict[str, Listed] = {}
    for item in items:
        link = item if item.name == "a" and listing.link == "a" else item.select_one(listing.link)
        if link is not None and (url := address(response, _value(link, "href"))):
            title = _select(item, listing.title) or link.get_text(" ", strip=True)
            # Linked by a picture, a headline and a "Read more", it is one item: what the first words say.
            if url not in found or not found[url].title:
                found[url] = Listed(url, title, _select(item, listing.date), _select(item, listing.modified))
    yield from found.values()
    following = soup.select_one(listing.next) if listing.next else None
    if following is not None and (url := address(response, _value(following, "href"))):
        yield NextPage(url)


def _select(item: Tag, selector: str) -> str:
    """The text of the first match of `css`, or its attribute for `css@attribute`; "" where there is none."""
    css, _, attribute = selector.partition("@")
    found = item.select_one(css) if css else None
    if found is None:
        return ""
    return _value(found, attribute) if attribute else found.get_text(" ", strip=True)


def _value(tag: Tag, attribute: str) -> str:
    value = tag.get(attribute)
    return value.strip() if isinstance(value, str) else ""
