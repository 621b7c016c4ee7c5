"""TheyWorkForYou's searches: a speech is an item, and extraction knows whose it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from scrapy.http import Response, TextResponse

from nlp.build import extract
from nlp.records import Context
from pipelines.article import read_article
from pipelines.page import Article, Page
from pipelines.urls import canonical_url
from spiders.listed import Listed, ListingError, NextPage
from spiders.registry import Listing
from spiders.theyworkforyou import read_speeches

SEARCH = Listing(
    "theyworkforyou",
    "https://www.theyworkforyou.com/api/getDebates?type=commons&search=ofsted&order=d&num=2&output=js",
    key="X_KEY",
)
SPEECH = {
    "gid": "2026-03-31.412.3",
    "hdate": "2026-03-31",
    "htype": "12",
    "listurl": "/debates/?id=2026-03-31.411.0&amp;s=ofsted+section%3Adebates#g412.3",
    "body": '<p pid="b412.3/1">Ofsted came to Marlbury in May &amp; again in June.</p>\n'
    "<p>Will the Minister say when children will be heard?</p>",
    "extract": "Ofsted came to Marlbury...",
    "speaker": {"name": "Sybil O&#8217;Farrow", "party": "Independent", "person_id": "1"},
    "parent": {"body": "Oral Answers &#8212; Education: <i>Ofsted</i>"},
}
URL = "https://www.theyworkforyou.com/debates/?id=2026-03-31.412.3"


def answer(rows: Any, url: str = SEARCH.url, **info: Any) -> Response:
    return TextResponse(url, body=json.dumps({"info": info, "rows": rows}).encode())


def read(response: Response) -> list[Listed | NextPage]:
    return list(read_speeches(response, SEARCH))


def article_of(item: Listed | NextPage) -> Article:
    assert isinstance(item, Listed)
    page = Page(item.url, item.content.encode(), selectors={"format": "content"}, listed=item.printed())
    return read_article(page)


def test_a_speech_is_an_item_that_says_who_speaks() -> None:
    (item,) = read(answer([SPEECH]))
    assert item == Listed(
        url=URL,
        title="Oral Answers — Education: Ofsted",
        published="2026-03-31",
        byline="Sybil O’Farrow",
        content=f"<p>Sybil O’Farrow said:</p><blockquote>{SPEECH['body']}</blockquote>",
    )
    article = article_of(item)
    assert article.text.split("\n\n") == [
        "Sybil O’Farrow said:",
        "Ofsted came to Marlbury in May & again in June.",
        "Will the Minister say when children will be heard?",
    ]
    assert [article.text[start:end] for start, end in article.block_quotes] == article.text.split("\n\n")[1:]
    assert (article.published, article.title) == ("2026-03-31", item.title)


@pytest.mark.parametrize("name", ["Sybil Farrow", "Dr Orlando Quennell", "Sir Barnaby Thripp"])
def test_extraction_knows_the_speaker(name: str) -> None:
    (item,) = read(answer([{**SPEECH, "speaker": {"name": name}}]))
    article = article_of(item)
    records = extract(article.text, Context(block_quotes=article.block_quotes))
    assert records.quotes
    assert {quote.speaker for quote in records.quotes} == {name.removeprefix("Dr ").removeprefix("Sir ")}


def test_a_name_is_no_markup() -> None:
    (item,) = read(answer([{**SPEECH, "speaker": {"name": "A &lt;b&gt; &amp; C"}}]))
    assert article_of(item).text.startswith("A <b> & C said:")


def test_speeches_of_one_debate_are_pages_of_their_own() -> None:
    other = {**SPEECH, "gid": "2026-03-31.413.0", "listurl": "/debates/?id=2026-03-31.411.0#g413.0"}
    assert len({canonical_url(item.url) for item in read(answer([SPEECH, other]))}) == 2


def test_written_answers_and_the_lords_have_addresses_of_their_kind() -> None:
    for path in ("wrans", "lords", "whall"):
        (item,) = read(answer([{**SPEECH, "listurl": f"/{path}/?id=2026-03-31.411.0#g412.3"}]))
        assert item.url == URL.replace("debates", path)


@pytest.mark.parametrize(
    "row",
    [
        {**SPEECH, "htype": "11", "body": "Ofsted"},  # the heading, which a search for written answers gives a speaker
        {**SPEECH, "htype": 10},
        {**SPEECH, "htype": "13"},
        {key: value for key, value in SPEECH.items() if key != "speaker"},
        {**SPEECH, "speaker": []},
        {**SPEECH, "speaker": {"name": None}},
        {**SPEECH, "body": ""},
        {**SPEECH, "gid": None},
        {**SPEECH, "listurl": ""},
        {},
        None,
        "row",
    ],
)
def test_what_is_no_speech_is_no_item(row: Any) -> None:
    assert read(answer([row, {**SPEECH, "htype": 12}])) == read(answer([SPEECH]))


def test_pages_follow_one_another_to_the_last() -> None:
    info = {"results_per_page": 2, "total_results": 5}
    *_, following = read(answer([SPEECH] * 2, page=1, first_result=1, **info))
    assert following == NextPage(f"{SEARCH.url}&page=2")
    assert isinstance(following, NextPage)
    *_, following = read(answer([SPEECH] * 2, following.url, page="2", first_result="3", **info))
    assert following == NextPage(f"{SEARCH.url}&page=3")
    assert len(read(answer([SPEECH], page=3, first_result=5, **info))) == 1
    assert read(answer([], page=3, first_result=5, **info)) == []
    assert len(read(answer([SPEECH]))) == 1  # no word of how many


@pytest.mark.parametrize(
    "body",
    [b"", b'{"error": "Invalid API key."}', b'{"rows": null}', b'{"rows": {}}', b"[]", b"<twfy></twfy>", b"\xa3"],
)
def test_what_is_no_answer_is_an_error_of_the_listing(body: bytes) -> None:
    with pytest.raises(ListingError, match="no list of rows"):
        read(TextResponse(SEARCH.url, body=body))
