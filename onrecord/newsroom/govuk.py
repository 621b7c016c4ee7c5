"""GOV.UK's two programming interfaces: the search that lists, and the content that it lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

from onrecord.newsroom.content import Article
from onrecord.newsroom.sites import Reply, Site, latest

# An address with any other parameter is refused with 422, as the real search does.
_PARAMETERS = {
    *("count", "start", "order", "fields"),
    *("filter_organisations", "filter_content_store_document_type", "filter_public_timestamp"),
}
_MOST = 1500  # results of one search
_OFSTED = {"title": "Ofsted", "slug": "ofsted", "link": "/government/organisations/ofsted", "acronym": "Ofsted"}


class GovUk(Site):
    """The search API and the content API, as GOV.UK has them, beside the pages for people."""

    def reply(self, target: str) -> Reply:
        """As every site; the search is answered from its query."""
        path, _, query = target.partition("?")
        return self._search(parse_qs(query)) if path == self.shape.listing else super().reply(target)

    def listing(self) -> Iterator[tuple[str, Reply]]:
        """The content API's address of each article (the search that lists them is answered from its query)."""
        for article in self.articles:
            path = self.url(article).removeprefix(self.base)
            yield f"/api/content{path}", Reply.json(self._content(article, path), article.modified)

    def _search(self, query: Mapping[str, list[str]]) -> Reply:
        if unknown := sorted(query.keys() - _PARAMETERS):
            return Reply.json({"error": f"Unexpected parameters: {', '.join(unknown)}"}, status=422)
        given = {name: values[-1] for name, values in query.items()}
        start, count = given.get("start", "0"), given.get("count", "10")
        if not (start.isdecimal() and count.isdecimal() and int(count) <= _MOST):
            return Reply.json({"error": f"Invalid value for start or count (a whole number up to {_MOST})"}, status=422)
        first = int(start)
        found = [article for article in self.articles if _asked_for(article, given)]
        if given.get("order") == "public_timestamp":
            found.reverse()
        fields = given.get("fields", "title,description,link,public_timestamp").split(",")
        results = [self._result(article, fields) for article in found[first : first + int(count)]]
        answer = {"results": results, "total": len(found), "start": first, "aggregates": {}, "suggested_queries": []}
        return Reply.json(answer, latest(self.articles))

    def _result(self, article: Article, fields: Iterable[str]) -> Mapping[str, Any]:
        link = self.url(article).removeprefix(self.base)
        known = {
            "title": article.title,
            "description": article.summary,
            "link": link,
            "public_timestamp": article.modified.isoformat(),
            "content_store_document_type": _document_type(article),
            "organisations": [_OFSTED],
        }
        asked = {field: known[field] for field in fields if field in known}
        return {**asked, "index": "government", "es_score": None, "_id": link, "document_type": "edition"}

    def _content(self, article: Article, path: str) -> Mapping[str, Any]:
        publisher = {"title": "Ofsted", "base_path": _OFSTED["link"], "web_url": self.base + _OFSTED["link"]}
        published, updated = article.published.isoformat(), article.modified.isoformat()
        return {
            "base_path": path,
            "web_url": self.base + path,
            "title": article.title,
            "description": article.summary,
            "document_type": _document_type(article),
            "schema_name": "news_article",
            "locale": "en",
            "phase": "live",
            "first_published_at": published,
            "public_updated_at": updated,
            "updated_at": updated,
            "details": {
                "body": self.render("inspectorate-govuk.body.html", article=article).decode(),
                "change_history": [{"note": "First published.", "public_timestamp": published}],
                "first_public_at": published,
            },
            "links": {"organisations": [publisher], "primary_publishing_organisation": [publisher]},
        }


def _asked_for(article: Article, given: Mapping[str, str]) -> bool:
    since = given.get("filter_public_timestamp", "from:").removeprefix("from:")
    return (
        given.get("filter_organisations", "ofsted") == "ofsted"
        and given.get("filter_content_store_document_type", _document_type(article)) == _document_type(article)
        and f"{article.modified:%Y-%m-%d}" >= since
    )


def _document_type(article: Article) -> str:
    return article.kind.replace("-", "_")
