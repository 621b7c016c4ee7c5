"""The Guardian Open Platform: its content search, whose results carry their whole text.

Shape of the answer: open-platform.theguardian.com/documentation/search, as client libraries quote it. The listing's
address asks for `show-fields=headline,trailText,byline,body,lastModified`; the key is added by `spiders.keys`.
"""

from __future__ import annotations

from collections.abc import Iterator

from scrapy.http import Response

from spiders.answers import answer_of, number, numbered, words
from spiders.listed import Listed, NextPage, address
from spiders.registry import Listing


def read_guardian(response: Response, _: Listing) -> Iterator[Listed | NextPage]:
    """The results of one page of a search, at their addresses on the paper's own site. Raises ListingError."""
    answer, results = answer_of(response, "results", "response")
    for result in results:
        if url := address(response, words(result, "webUrl")):
            yield Listed(
                url=url,
                title=words(result, "fields", "headline") or words(result, "webTitle"),
                published=words(result, "webPublicationDate"),
                modified=words(result, "fields", "lastModified"),
                summary=words(result, "fields", "trailText")[:500],
                byline=words(result, "fields", "byline"),
                content=words(result, "fields", "body"),
            )
    page = number(answer, "currentPage")
    if results and page < number(answer, "pages"):
        yield numbered(response, page + 1)
