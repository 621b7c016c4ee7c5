"""GOV.UK's search API, whose results are read through the content API.

Shape of the answers: docs of alphagov/search-api and alphagov/govuk-content-api-docs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scrapy.http import Response

from spiders.listed import Listed, ListingError, NextPage, address
from spiders.registry import Listing


def read_search(response: Response, _: Listing) -> Iterator[Listed | NextPage]:
    """The results of one page of a search, each with the address of its content item."""
    results, total = _answer(response)
    for result in results:
        link = _text(result, "link")
        # Search lists pages of other sites too, by their full address: those have no content item.
        if link.startswith("/") and (url := address(response, f"/api/content{link}")):
            yield Listed(
                url=url,
                title=_text(result, "title"),
                published=_text(result, "public_timestamp"),
                summary=_text(result, "description")[:500],
            )
    parts = urlsplit(response.url)
    query = parse_qsl(parts.query, keep_blank_values=True)  # pairs: a filter may stand there several times
    following = int(dict(query).get("start", 0)) + len(results)
    if results and following < total:
        if "start" not in dict(query):
            query.append(("start", ""))
        query = [(name, str(following) if name == "start" else value) for name, value in query]
        yield NextPage(urlunsplit(parts._replace(query=urlencode(query))))


def _answer(response: Response) -> tuple[list[Any], int]:
    """The results of this page, and how many there are on all pages."""
    try:
        answer = json.loads(response.body)
        results, total = answer["results"], int(answer["total"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ListingError(f"no search result: {error!r}"[:200]) from error
    if not isinstance(results, list):
        raise ListingError("no search result: its results are no list")
    return results, total


def _text(result: Any, key: str) -> str:
    value = result.get(key) if isinstance(result, dict) else None
    return value if isinstance(value, str) else ""
