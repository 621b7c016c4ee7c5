"""GOV.UK's search API, whose results are read through the content API.

Shape of the answers: docs of alphagov/search-api and alphagov/govuk-content-api-docs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scrapy.http import Response

from spiders.listed import Listed, ListingError, NextPage
from spiders.registry import Listing


def read_search(response: Response, listing: Listing) -> Iterator[Listed | NextPage]:
    """The results of one page of a search, each with the address of its content item."""
    try:
        answer = json.loads(response.body)
        results, total = answer["results"], int(answer["total"])
    except (ValueError, KeyError, TypeError) as error:
        raise ListingError(f"no search result: {error!r}") from error
    for result in results:
        if link := result.get("link"):
            yield Listed(
                url=response.urljoin(f"/api/content{link}"),
                title=result.get("title", ""),
                published=result.get("public_timestamp", ""),
                summary=(result.get("description") or "")[:500],
            )
    parts = urlsplit(response.url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    following = int(query.get("start", 0)) + len(results)
    if results and following < total:
        query["start"] = str(following)
        yield NextPage(urlunsplit(parts._replace(query=urlencode(query))))
