"""A national paper's programming interface, as the Guardian has it: a search whose results carry the whole text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from onrecord.newsroom.content import Article
from onrecord.newsroom.sites import KEY, Reply, Site, latest


class OpenPlatform(Site):
    """The content search, for those who have its key, beside the pages for people."""

    def reply(self, target: str) -> Reply:
        """As every site; the search is answered from its query."""
        path, _, query = target.partition("?")
        return self._search(dict(parse_qsl(query))) if path == self.shape.listing else super().reply(target)

    def listing(self) -> Iterator[tuple[str, Reply]]:
        """Nothing: the search is answered from its query."""
        yield from ()

    def _search(self, given: Mapping[str, str]) -> Reply:
        if given.get("api-key") != KEY:
            return Reply.json({"message": "Invalid authentication credentials"}, status=401)
        found = [article for article in self.articles if f"{article.published:%Y-%m-%d}" >= given.get("from-date", "")]
        page, size = int(given.get("page", "1")), int(given.get("page-size", "10"))
        fields = given.get("show-fields", "").split(",")
        answer = {
            "status": "ok",
            "userTier": "developer",
            "total": len(found),
            "startIndex": (page - 1) * size + 1,
            "pageSize": size,
            "currentPage": page,
            "pages": -(-len(found) // size),
            "orderBy": "newest",
            "results": [self._result(article, fields) for article in found[(page - 1) * size : page * size]],
        }
        return Reply.json({"response": answer}, latest(self.articles))

    def _result(self, article: Article, fields: list[str]) -> Mapping[str, Any]:
        known = {
            "headline": article.title,
            "trailText": article.summary,
            "byline": article.byline,
            "lastModified": article.modified.isoformat(),
            "body": self.render("national-paper.body.html", article=article).decode(),
        }
        return {
            "id": self.url(article).removeprefix(f"{self.base}/"),
            "type": "article",
            "sectionName": "Society",
            "webTitle": article.title,
            "webPublicationDate": article.published.isoformat(),
            "webUrl": self.url(article),
            "fields": {field: known[field] for field in fields if known.get(field)},
        }
