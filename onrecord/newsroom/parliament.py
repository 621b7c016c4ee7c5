"""A record of what is said in a parliament, as TheyWorkForYou has it: a search of its speeches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from onrecord.newsroom.content import Article
from onrecord.newsroom.sites import KEY, Reply, Site, latest


class Parliament(Site):
    """The search, for those who have its key, beside the pages for people; an article is a speech, its id the gid."""

    def reply(self, target: str) -> Reply:
        """As every site; the search is answered from its query."""
        path, _, query = target.partition("?")
        return self._search(dict(parse_qsl(query))) if path == self.shape.listing else super().reply(target)

    def listing(self) -> Iterator[tuple[str, Reply]]:
        """Nothing: the search is answered from its query."""
        yield from ()

    def _search(self, given: Mapping[str, str]) -> Reply:
        answer: Mapping[str, Any]
        if given.get("key") != KEY:
            answer = {"error": "Invalid API key."}  # with status 200, as the real one
        else:
            page, size = int(given.get("page", "1")), int(given.get("num", "20"))
            first = (page - 1) * size
            info = {"s": given.get("search"), "results_per_page": size, "page": page, "first_result": first + 1}
            rows = [row for article in self.articles for row in self._rows(article)]
            answer = {"info": {**info, "total_results": len(rows)}, "rows": rows[first : first + size]}
        return Reply.json(answer, latest(self.articles))

    def _rows(self, article: Article) -> Iterator[Mapping[str, Any]]:
        """The heading of the debate, which the search finds too, and the speech."""
        day, _, place = article.id.partition(".")
        debate = f"{day}.{int(place.split('.')[0]) - 1}.0"
        above = {"hdate": day, "htime": f"{article.published:%H:%M:%S}", "parent": {"body": article.title}}
        yield {**above, "gid": debate, "htype": "11", "listurl": f"/debates/?id={debate}", "body": ""}
        yield {
            **above,
            "gid": article.id,
            "htype": "12",
            "listurl": f"/debates/?id={debate}&amp;s=ofsted#g{place}",
            "body": self.render("parliament-record.body.html", article=article).decode(),
            "extract": f"{article.summary[:40]}...",
            "speaker": {"name": article.byline, "house": "1", "party": "Independent"},
        }
