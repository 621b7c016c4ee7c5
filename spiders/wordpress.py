"""WordPress sites by their REST API: `/wp-json/wp/v2/posts`, or a post type of the site's own in the place of posts.

Parameters and answers: developer.wordpress.org/rest-api/reference/posts and …/using-the-rest-api/pagination. A time in
a parameter is a whole one (`after={since}T00:00:00`, or with `orderby=modified` `modified_after=…`), `per_page` is 100
at most, and `_embed=author` brings the author's name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from scrapy.http import Response
from w3lib.url import add_or_replace_parameter, url_query_parameter

from spiders.answers import words
from spiders.listed import Listed, ListingError, NextPage, address, first_words, plain
from spiders.registry import Listing

# What WordPress answers (with 400) for a page past the last one.
_PAST_THE_END = "rest_post_invalid_page_number"
# A page builder's own markup, which some sites give as it is written instead of as it is shown.
_SHORTCODE = re.compile(r"\[/\w[\w-]*\]")


def read_posts(response: Response, _: Listing) -> Iterator[Listed | NextPage]:
    """The posts of one page, with their whole text, then the next page. Raises ListingError."""
    posts = _posts(response)
    for post in posts:
        if url := address(response, words(post, "link")):
            yield Listed(
                url=url,
                title=plain(words(post, "title", "rendered")),
                published=words(post, "date"),
                modified=words(post, "modified"),
                summary=plain(words(post, "excerpt", "rendered"))[:500],
                byline=_author(post),
                content=_content(post),
            )
    number = url_query_parameter(response.url, "page", "1")
    page = int(number) if number and number.isdecimal() else 1
    if posts and page < _pages(response, page, len(posts)):
        yield NextPage(add_or_replace_parameter(response.url, "page", str(page + 1)))


def _posts(response: Response) -> list[Any]:
    try:
        answer = json.loads(response.body)
    except (ValueError, RecursionError) as error:
        raise ListingError(f"no list of posts, but {first_words(response.body)}") from error
    if words(answer, "code") == _PAST_THE_END:
        return []
    if not isinstance(answer, list) or response.status != 200:
        said = ": ".join(filter(None, (words(answer, "code"), words(answer, "message"))))
        raise ListingError(f"no list of posts, but HTTP {response.status}: {said or first_words(response.body)}"[:200])
    return answer


def _pages(response: Response, page: int, posts: int) -> int:
    """How many pages there are; where the site doesn't say, one more for as long as they are full."""
    told = response.headers.get("X-WP-TotalPages", b"")
    if told and told.isdigit() and len(told) < 10:
        return int(told)
    asked = url_query_parameter(response.url, "per_page", "10")
    return page + 1 if asked == str(posts) else page


def _content(post: Any) -> str:
    """The post's text as HTML; "" where it needs a password, stands elsewhere than in its text, or is not as shown."""
    content = words(post, "content", "rendered")
    said = plain(content)
    return "" if not said or _SHORTCODE.search(said) or post["content"].get("protected") else content


def _author(post: Any) -> str:
    """The author's name, where the address asks for it."""
    try:
        return words(post["_embedded"]["author"][0], "name")
    except (KeyError, IndexError, TypeError):
        return ""
