"""The Guardian's content search: what its results say, and what becomes of answers that are none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from scrapy.http import Response, TextResponse

from pipelines.article import read_article
from pipelines.page import Page
from spiders.guardian import read_guardian
from spiders.listed import Listed, ListingError, NextPage
from spiders.registry import Listing

SEARCH = Listing(
    "guardian", "https://content.guardianapis.com/search?q=ofsted&from-date=2026-01-01&page-size=1", key="X_KEY"
)
RESULT = {
    "id": "society/2026/mar/31/marlbury-inspection",
    "webTitle": "Marlbury inspection",
    "webPublicationDate": "2026-03-31T22:30:00Z",
    "webUrl": "https://www.theguardian.com/society/2026/mar/31/marlbury-inspection",
    "fields": {
        "headline": "Inspectors find Marlbury’s services much improved",
        "trailText": "Ofsted’s report <strong>praises</strong> social workers",
        "byline": "Ottoline Frayne",
        "lastModified": "2026-04-01T08:00:00Z",
        "body": "<p>“It is a start,” said Ada Quill.</p><aside class='element-rich-link'><p>Read more</p></aside>"
        "<figure class='element-image'><figcaption>The town hall</figcaption></figure><p>Ofsted agrees.</p>",
    },
}
URL = RESULT["webUrl"]


def answer(results: Any, url: str = SEARCH.url, **said: Any) -> Response:
    whole = {"status": "ok", "currentPage": 1, "pages": 1, **said, "results": results}
    return TextResponse(url, body=json.dumps({"response": whole}).encode())


def read(response: Response) -> list[Listed | NextPage]:
    return list(read_guardian(response, SEARCH))


def test_a_result_carries_the_whole_article() -> None:
    (item,) = read(answer([RESULT]))
    assert item == Listed(
        url=str(URL),
        title="Inspectors find Marlbury’s services much improved",
        published="2026-03-31T22:30:00Z",
        modified="2026-04-01T08:00:00Z",
        summary="Ofsted’s report <strong>praises</strong> social workers",
        byline="Ottoline Frayne",
        content=RESULT["fields"]["body"],  # type: ignore[index]
    )
    page = Page(item.url, item.content.encode(), selectors={"format": "content"}, listed=item.printed())
    article = read_article(page)
    assert article.text == "“It is a start,” said Ada Quill.\n\nOfsted agrees."
    assert (article.title, article.byline) == (item.title, item.byline)
    assert (article.published, article.date_method) == ("2026-03-31", "listing")


def test_what_a_result_lacks_costs_no_more() -> None:
    bare = {"webUrl": URL, "webTitle": "T"}
    strange = {"webUrl": URL, "fields": {"headline": 5, "body": None, "byline": ["x"]}}
    nowhere = [{}, {"webUrl": None}, {"webUrl": "javascript:x()"}, "no result", None]
    assert read(answer([bare, *nowhere, strange])) == [Listed(str(URL), "T"), Listed(str(URL))]


def test_pages_follow_one_another_to_the_last() -> None:
    *_, following = read(answer([RESULT], currentPage=1, pages=3))
    assert following == NextPage(f"{SEARCH.url}&page=2")
    assert isinstance(following, NextPage)
    *_, following = read(answer([RESULT], following.url, currentPage=2, pages=3))
    assert following == NextPage(f"{SEARCH.url}&page=3")
    assert len(read(answer([RESULT], currentPage=3, pages=3))) == 1
    assert read(answer([], currentPage=3, pages=9)) == []  # pages lies: it ends all the same


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Too many requests</html>",
        b'{"response": {"results": [{"webUrl": "/a"',
        b'{"message": "Invalid authentication credentials"}',
        b'{"response": {"status": "error", "message": "page-size must be 1 to 200"}}',
        b'{"response": {"results": {"webUrl": "/a"}}}',
        b'{"response": []}',
        b'{"response": null}',
        b"[1]",
        b"null",
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_answer_is_an_error_of_the_listing(body: bytes) -> None:
    with pytest.raises(ListingError, match="no list of results"):
        read(TextResponse(SEARCH.url, body=body))
