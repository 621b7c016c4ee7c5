"""WordPress's REST API as a listing: what posts say, how pages follow one another, and that no post is asked for."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Request, Response, TextResponse

from spiders.listed import Listed, ListingError, NextPage
from spiders.registry import Listing
from spiders.source import MOST_TAGS
from spiders.wordpress import read_posts
from tests.crawling import crawl, source_at
from tests.faults.server import Answer, FaultySite

API = "/wp-json/wp/v2/news_and_press?per_page=2"
POSTS = Listing("wordpress", f"https://marlbury.example{API}")
TEXT = (
    "<p>Ofsted has praised the children&#8217;s services of Marlbury.</p>\n"
    "<blockquote><p>They listened.</p></blockquote>\n"
)
PAST_THE_END = {"code": "rest_post_invalid_page_number", "message": "Too far.", "data": {"status": 400}}


def post(name: str = "one", content: str = TEXT, /, **fields: Any) -> dict[str, Any]:
    """A post in the form of the API's answers; `fields` stand in the place of its own."""
    return {
        "id": 1134,
        "date": "2026-03-31T00:30:00",
        "date_gmt": "2026-03-30T23:30:00",
        "modified": "2026-04-02T09:00:00",
        "modified_gmt": "2026-04-02T08:00:00",
        "slug": name,
        "link": f"https://marlbury.example/news_and_press/{name}/",
        "title": {"rendered": f"Post {name}"},
        "content": {"rendered": content, "protected": False},
        "excerpt": {"rendered": "<p>In brief [&hellip;]</p>\n", "protected": False},
        "author": 3,
        **fields,
    }


def answer(posts: Any, pages: str | None = None, url: str = POSTS.url, status: int = 200) -> Response:
    headers = {"X-WP-TotalPages": pages} if pages is not None else {}
    return TextResponse(url, status=status, body=json.dumps(posts).encode(), headers=headers, request=Request(url))


def read(response: Response) -> list[Listed | NextPage]:
    return list(read_posts(response, POSTS))


def the_post(**fields: Any) -> Listed:
    (found,) = read(answer([post(**fields)]))
    assert isinstance(found, Listed)
    return found


def test_a_post_is_listed_with_its_whole_text() -> None:
    assert the_post() == Listed(
        "https://marlbury.example/news_and_press/one/",
        "Post one",
        "2026-03-31T00:30:00",  # the site's own day, as it prints it
        "2026-04-02T09:00:00",
        "In brief […]",
        content=TEXT,
    )


def test_titles_are_html() -> None:
    title = "Directors&#8217; plan &#038; costs: <em>&lsquo;a start&rsquo;</em><br />says &lt;Unison&gt; \ud800"
    assert the_post(title={"rendered": title}).title == "Directors’ plan & costs: ‘a start’ says <Unison> \ud800"


def test_the_author_is_named_where_the_address_asks_for_it() -> None:
    assert the_post(_embedded={"author": [{"id": 3, "name": "Ada Brindle"}]}).byline == "Ada Brindle"
    for embedded in ({}, {"author": []}, {"author": [{"code": "rest_user_invalid_id"}]}, [], None):
        assert the_post(_embedded=embedded).byline == ""


@pytest.mark.parametrize(
    "content",
    [
        {"rendered": "", "protected": True},
        {"rendered": TEXT, "protected": True},
        {"rendered": "", "protected": False},
        {"rendered": "<p>&nbsp;</p><figure><img src='/a.jpg' alt='A'></figure>\n", "protected": False},
        {"rendered": "[vc_row][vc_column]<p>Inspectors came.</p>[/vc_column][/vc_row]", "protected": False},
        {"rendered": None},
        "no object",
    ],
)
def test_a_post_without_its_text_is_listed_all_the_same(content: Any) -> None:
    found = the_post(content=content)
    assert (found.title, found.content) == ("Post one", "")


def test_marks_that_are_no_shortcode_stay() -> None:
    content = "<p>“[The council] has [/] listened [1].”</p>"
    assert the_post(content={"rendered": content}).content == content


def test_a_post_that_leads_nowhere_costs_itself_alone() -> None:
    odd = [post(link="javascript:void(0)"), post(link=None), {}, None, 7, "post", post(title=None, excerpt=[])]
    (found,) = read(answer(odd))
    assert isinstance(found, Listed)
    assert (found.title, found.summary) == ("", "")


def test_pages_follow_one_another_as_far_as_the_site_says() -> None:
    _, following = read(answer([post()], "3"))
    assert following == NextPage(f"{POSTS.url}&page=2")
    assert isinstance(following, NextPage)
    _, following = read(answer([post()], "3", following.url))
    assert following == NextPage(f"{POSTS.url}&page=3")
    assert isinstance(following, NextPage)
    assert len(read(answer([post()], "3", following.url))) == 1
    assert read(answer([], "9", following.url)) == []  # the number lies: it ends all the same


@pytest.mark.parametrize("told", [None, "", "many", "-1", "9" * 5000])
def test_where_the_site_does_not_say_pages_follow_while_they_are_full(told: str | None) -> None:
    *_, following = read(answer([post("one"), post("two")], told))
    assert following == NextPage(f"{POSTS.url}&page=2")
    assert len(read(answer([post()], told))) == 1
    ten = [post(str(number)) for number in range(10)]
    assert len(read(answer(ten, told, "https://marlbury.example/wp-json/wp/v2/posts"))) == 11


def test_a_next_page_keeps_what_the_address_asks_for() -> None:
    url = "https://marlbury.example/wp-json/wp/v2/posts?after=2025-11-01T00:00:00&_embed=author&page=2&search=a%20b"
    *_, following = read(answer([post()], "9", url))
    assert isinstance(following, NextPage)
    assert following.url.split("?")[1].split("&") == [
        "after=2025-11-01T00%3A00%3A00",
        "_embed=author",
        "page=3",
        "search=a+b",
    ]
    *_, following = read(answer([post()], "9", url.replace("page=2", "page=x")))
    assert isinstance(following, NextPage)
    assert "page=2" in following.url


def test_a_page_past_the_last_one_is_the_end() -> None:
    assert read(answer(PAST_THE_END, url=f"{POSTS.url}&page=7", status=400)) == []


@pytest.mark.parametrize(
    ("body", "status", "what"),
    [
        (b"", 200, "an empty answer"),
        (b"<html>Please enable JavaScript</html>", 200, "'<html>Please enable"),
        (b'[{"id": 1', 200, "'[{\"id\": 1'"),
        (b"[" * 100_000, 200, "'[[[["),
        (b"\xff\xfe", 200, "'\N{REPLACEMENT CHARACTER}"),
        (b"null", 200, "'null'"),
        (b"{}", 200, "'{}'"),
        (b'{"code": "rest_login_required", "message": "Members only."}', 200, "rest_login_required: Members only."),
        (b'{"code": "rest_invalid_param", "message": "after"}', 400, "HTTP 400: rest_invalid_param: after"),
        (b"[]", 400, "HTTP 400: '[]'"),
    ],
)
def test_what_is_no_list_of_posts_is_an_error_of_the_listing(body: bytes, status: int, what: str) -> None:
    with pytest.raises(ListingError, match="no list of posts, but") as error:
        read(TextResponse(POSTS.url, status=status, body=body))
    assert what in str(error.value)
    assert len(str(error.value)) <= 200


# Nights --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[FaultySite]:
    with FaultySite() as site:
        yield site


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "onrecord.db"


def served(site: FaultySite, *posts: dict[str, Any], pages: int = 1, etag: str | None = None) -> Answer:
    """A page of posts, whose links lead to the site; without an ETag, as WordPress answers."""
    local = [{**post, "link": f"{site.address}/{post['slug']}/"} for post in posts]
    return Answer(json.dumps(local), type="application/json", headers={"X-WP-TotalPages": str(pages)}, etag=etag)


def night(site: FaultySite, file: Path) -> tuple[dict[str, Any], list[str]]:
    """One night: our stats, and what was asked for."""
    site.asked.clear()
    stats = crawl(source_at(site.address, "wordpress", API), file)
    return dict(stats), site.paths


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as db:
        return db.execute(query).fetchall()


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as db:
        return list(db.iterdump())


def test_posts_are_stored_without_being_asked_for(site: FaultySite, file: Path) -> None:
    title = {"rendered": "Marlbury&#8217;s <em>plan</em> &#038; costs"}
    site.answers[API] = served(site, post("one", title=title), post("two"), pages=2)
    site.answers[f"{API}&page=2"] = served(site, post("three"), pages=2)
    stats, asked = night(site, file)
    assert asked == [API, f"{API}&page=2"]
    assert (stats["listed"], stats["new"], stats["listings_read"], stats.get("failed", 0)) == (3, 3, 2, 0)
    article, *_ = rows(file, "SELECT title, published, date_method, body_method, text FROM articles ORDER BY url")
    assert article == (
        "Marlbury’s plan & costs",
        "2026-03-31",
        "listing",
        "feed",
        "Ofsted has praised the children’s services of Marlbury.\n\nThey listened.",
    )


@pytest.mark.parametrize("etag", [None, '"a"'])
def test_an_unchanged_night_is_one_request_and_writes_nothing(site: FaultySite, file: Path, etag: str | None) -> None:
    site.answers[API] = served(site, post("one"), post("two"), pages=2, etag=etag)
    site.answers[f"{API}&page=2"] = served(site, post("three"), pages=2, etag=etag)
    night(site, file)
    before = dump(file)
    stats, asked = night(site, file)
    assert asked == [API]
    assert dump(file) == before
    assert stats["listings_unchanged"] == 1


def test_an_edited_post_becomes_a_changed_article(site: FaultySite, file: Path) -> None:
    site.answers[API] = served(site, post("one"), post("two"))
    night(site, file)
    edited = post("one", TEXT.replace("praised", "criticised"), modified="2026-04-03T08:00:00")
    site.answers[API] = served(site, edited, post("two"))
    stats, asked = night(site, file)
    assert asked == [API]
    assert (stats["changed"], stats["unchanged"], stats.get("new", 0)) == (1, 1, 0)
    assert rows(file, "SELECT count(*) FROM articles WHERE text LIKE '%criticised%'") == [(1,)]
    ((old,),) = rows(file, "SELECT text FROM article_versions")
    assert "praised" in old


def test_a_post_without_its_text_is_asked_for(site: FaultySite, file: Path) -> None:
    page = "<html><h1>Two</h1><article><p>Ofsted’s inspectors came to see Marlbury’s children’s services.</p></article>"
    site.answers["/two/"] = Answer(page)
    site.answers[API] = served(site, post("one"), post("two", ""))
    stats, asked = night(site, file)
    assert (asked, stats["new"]) == ([API, "/two/"], 2)


def test_a_page_that_is_no_more_there_is_no_failure(site: FaultySite, file: Path) -> None:
    """Left open by a night that could not have it, and gone by the next one, when posts were deleted."""
    site.answers[API] = served(site, post("one"), post("two"), pages=2)
    site.answers[f"{API}&page=2"] = Answer(status=502)
    assert night(site, file)[0]["failed"] == 1
    site.answers[f"{API}&page=2"] = Answer(json.dumps(PAST_THE_END), 400, "application/json")
    stats, asked = night(site, file)
    assert sorted(asked) == [API, f"{API}&page=2"]
    assert "failed" not in stats
    assert night(site, file)[1] == [API]


def test_a_refused_parameter_is_a_failure_with_its_reason(site: FaultySite, file: Path) -> None:
    refusal = {"code": "rest_invalid_param", "message": "Invalid parameter(s): after"}
    site.answers[API] = Answer(json.dumps(refusal), 400, "application/json")
    stats, _ = night(site, file)
    assert stats["listings_failed"] == 1
    assert stats["note"].endswith("HTTP 400: rest_invalid_param: Invalid parameter(s): after")


def test_a_page_of_posts_may_hold_more_tags_than_a_page_for_people(site: FaultySite, file: Path) -> None:
    built = TEXT + "<i></i>" * (MOST_TAGS // 8)
    site.answers[API] = served(site, *(post(str(number), built) for number in range(5)))
    assert night(site, file)[0]["new"] == 5
