"""WordPress: its REST API, whose posts carry their whole text, here under a post type of the site's own."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from onrecord.newsroom.content import Article
from onrecord.newsroom.sites import Reply, Site, latest

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)?")
_MOST = 100  # posts on a page


class WordPress(Site):
    """The API, beside the pages for people."""

    def reply(self, target: str) -> Reply:
        """As every site; the list of posts is answered from its query."""
        path, _, query = target.partition("?")
        return self._posts(dict(parse_qsl(query))) if path == self.shape.listing else super().reply(target)

    def listing(self) -> Iterator[tuple[str, Reply]]:
        """Nothing: the list of posts is answered from its query."""
        yield from ()

    def _posts(self, given: Mapping[str, str]) -> Reply:
        after, size, page = given.get("after", ""), given.get("per_page", "10"), given.get("page", "1")
        numbers = {"per_page": size, "page": page}
        wrong = [name for name, number in numbers.items() if not (number.isdecimal() and 0 < int(number) <= _MOST)]
        if after and not _TIME.fullmatch(after):
            wrong.append("after")
        if wrong:
            return _error("rest_invalid_param", f"Invalid parameter(s): {', '.join(wrong)}")
        found = [article for article in self.articles if _local(article.published) > after]
        pages = -(-len(found) // int(size))
        if int(page) > max(pages, 1):
            return _error(
                "rest_post_invalid_page_number",
                "The page number requested is larger than the number of pages available.",
            )
        shown = found[(int(page) - 1) * int(size) : int(page) * int(size)]
        answer = Reply.json([self._post(article) for article in shown], latest(self.articles))
        return replace(answer, headers={"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)})

    def _post(self, article: Article) -> Mapping[str, Any]:
        content = self.render("chief-executives-guild.body.html", article=article).decode()
        return {
            "id": 2000 + self.articles.index(article),
            "date": _local(article.published),
            "date_gmt": _local(article.published.astimezone(UTC)),
            "modified": _local(article.modified),
            "modified_gmt": _local(article.modified.astimezone(UTC)),
            "slug": article.id,
            "status": "publish",
            "type": "news_and_press",
            "link": self.url(article),
            "title": {"rendered": _texturized(article.title)},
            "content": {"rendered": content, "protected": False},
            "excerpt": {"rendered": f"<p>{_texturized(article.summary)} [&hellip;]</p>\n", "protected": False},
            "author": 3,
        }


def _error(code: str, message: str) -> Reply:
    return Reply.json({"code": code, "message": message, "data": {"status": 400}}, status=400)


def _local(time: datetime) -> str:
    """A time as WordPress prints it, without saying where it is of."""
    return f"{time:%Y-%m-%dT%H:%M:%S}"


def _texturized(text: str) -> str:
    """Words as WordPress prints them in HTML: everything but ASCII by its number."""
    return html.escape(text, quote=False).encode("ascii", "xmlcharrefreplace").decode()
