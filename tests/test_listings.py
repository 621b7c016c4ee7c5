"""What listings say: a saved one of every source, and what each way of listing makes of good and bad answers."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Request, Response, TextResponse, XmlResponse

from pipelines.article import read_article
from pipelines.page import Page
from spiders.feed import read_feed
from spiders.govuk import read_search
from spiders.html_listing import read_html
from spiders.listed import Listed, ListingError, NextPage, address
from spiders.registry import Listing, Source, read_registry
from spiders.source import MOST_TAGS, READERS, spider_for
from tests.crawling import crawl, source_at
from tests.faults.server import Answer, FaultySite

PAGES = Path(__file__).parent / "pages"
SOURCES = {name: source for name, source in read_registry().items() if not source.disabled}
MATCHING = {name: source for name, source in SOURCES.items() if source.listing[0].match}
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".xml": "application/rss+xml",
    ".pdf": "application/pdf",
}
CLASSES = {".html": HtmlResponse, ".json": TextResponse, ".xml": XmlResponse}


def saved(folder: Path, stem: str) -> Path:
    (path,) = folder.glob(f"{stem}.*")
    return path


def read_saved_listing(listing: Listing, path: Path, url: str) -> list[Listed | NextPage]:
    response = CLASSES[path.suffix](url, body=path.read_bytes(), encoding="utf-8")
    return list(READERS[listing.type](response, listing))


def saved_page(source: Source, folder: Path, content: str) -> tuple[bytes, str, Mapping[str, Any]]:
    """Body, media type and selectors of the saved article; what a listing carries whole is never asked for."""
    if content:
        return content.encode(), TYPES[".html"], {"format": "content", "remove": source.article.get("remove", [])}
    page = saved(folder, "article")
    return page.read_bytes(), TYPES[page.suffix], source.article


def read_saved(source: Source, folder: Path) -> dict[str, Any]:
    """What the source's saved listing, a saved part of it, and its saved article, the first listed, are read as."""
    listing = source.listing[0]
    found = read_saved_listing(listing, saved(folder, "listing"), listing.url.replace("{since}", "2024-01-01"))
    parts = [item.url for item in found if isinstance(item, NextPage) and item.part]
    if parts:  # sitemaps of an index, meetings of a committee: the first is saved
        found += read_saved_listing(listing, saved(folder, "part"), parts[0])
    items = [asdict(item) for item in found if isinstance(item, Listed)]
    body, media_type, selectors = saved_page(source, folder, items[0]["content"])
    article = read_article(
        Page(
            url=items[0]["url"],
            body=body,
            headers={"content-type": media_type},
            selectors=selectors,
            listed=items[0],
        )
    )
    fields = ("url", "title", "standfirst", "byline", "published", "date_method", "body_method")
    return {
        "listing": {
            "items": [{key: value for key, value in item.items() if value} for item in items],
            "next": next((item.url for item in found if isinstance(item, NextPage)), None),
        },
        "article": {
            **{name: getattr(article, name) for name in fields},
            "paragraphs": article.text.split("\n\n"),
            "block_quotes": [article.text[start:end] for start, end in article.block_quotes],
        },
    }


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_saved_pages_are_read_exactly(source: Source) -> None:
    """A source without saved pages fails; the first time, what is read is written down to be looked through."""
    folder = PAGES / source.id
    found = read_saved(source, folder)
    expected = folder / "expected.json"
    if not expected.exists():
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        pytest.fail(f"{expected} is new: look through it, correct it by hand, and run this again")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("source", MATCHING.values(), ids=MATCHING)
def test_a_match_lets_the_saved_article_through(source: Source) -> None:
    expected = json.loads((PAGES / source.id / "expected.json").read_text(encoding="utf-8"))
    first = expected["listing"]["items"][0]
    assert re.search(source.listing[0].match, f"{first['url']}\n{first.get('title')}\n{first.get('summary')}", re.I)


# Feeds ---------------------------------------------------------------------------------------------------------------

FEED = Listing("feed", "https://marlbury.example/news/feed/")
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Marlbury</title><link>https://marlbury.example</link>
<item><title>Directors&#8217; plan &amp; costs</title><link>https://marlbury.example/a</link>
<pubDate>Tue, 31 Mar 2026 15:05:10 +0000</pubDate><description>&lt;p&gt;In brief&lt;/p&gt;</description></item>
<item><title>Two</title><link>../two?b=1&amp;c=2</link></item>
</channel></rss>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Marlbury</title><id>tag:a</id><updated>2026-03-31T09:00:00Z</updated>
<entry><title>One</title><id>tag:1</id><link rel="enclosure" href="/one.mp3"/><link href="/one"/>
<updated>2026-03-31T09:00:00+01:00</updated><summary>S</summary></entry>
<entry><title type="html">T&amp;amp;two</title><id>tag:2</id><link rel="alternate" href="https://marlbury.example/two"/>
<published>2026-03-30T09:00:00Z</published><updated>2026-03-31T10:00:00Z</updated></entry></feed>"""


def xml(body: str | bytes) -> Response:
    return XmlResponse(FEED.url, body=body if isinstance(body, bytes) else body.encode())


def test_rss() -> None:
    assert list(read_feed(xml(RSS), FEED)) == [
        Listed(
            "https://marlbury.example/a",
            "Directors’ plan & costs",
            "Tue, 31 Mar 2026 15:05:10 +0000",
            summary="<p>In brief</p>",
        ),
        Listed("https://marlbury.example/news/two?b=1&c=2", "Two"),
    ]


def test_atom_tells_when_an_entry_was_edited_from_when_it_was_published() -> None:
    assert list(read_feed(xml(ATOM), FEED)) == [
        Listed("https://marlbury.example/one", "One", modified="2026-03-31T09:00:00+01:00", summary="S"),
        Listed("https://marlbury.example/two", "T&two", "2026-03-30T09:00:00Z", "2026-03-31T10:00:00Z"),
    ]


def carried(content: str, summary: str = "Cut short […]", *, more: str = "") -> Listed:
    """The item of a WordPress feed that gives `content` away."""
    item = (
        "<item><title>One</title><link>https://marlbury.example/one</link><dc:creator>Ada Brindle</dc:creator>"
        f"<description><![CDATA[{summary}]]></description><content:encoded><![CDATA[{content}{more}]]></content:encoded>"
        "</item>"
    )
    spaces = "xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/'"
    (found,) = read_feed(xml(f"<rss version='2.0' {spaces}><channel>{item}</channel></rss>"), FEED)
    assert isinstance(found, Listed)
    return found


WHOLE = "<p>Inspectors came to Marlbury &amp; stayed.</p>\n<blockquote><p>They listened.</p></blockquote>"
CREDIT = '\n<p>The post <a href="https://marlbury.example/one">One</a> {} <a href="https://marlbury.example">Marlbury</a>.</p>\n'


def test_a_text_that_a_feed_carries_whole_is_the_page() -> None:
    item = carried(WHOLE)
    assert (item.content, item.byline) == (WHOLE, "Ada Brindle")


@pytest.mark.parametrize("words", ["appeared first on", "first appeared on"])
def test_the_line_that_wordpress_sets_below_a_text_is_left_out(words: str) -> None:
    item = carried(WHOLE, "Short." + CREDIT.format(words), more=CREDIT.format(words))
    assert (item.content, item.summary) == (WHOLE, "Short.")
    theirs = f"<p>The post {words} this line is vacant.</p><p>So said the council, and that was all.</p>"
    assert carried(theirs).content == theirs


@pytest.mark.parametrize(
    "end",
    [
        " and then&#8230;</p>",
        " and then [&hellip;]</p>",
        " and then ...</p>",
        '</p><p><a href="/one">Read more</a></p>',
        '</p><p><a href="/one">Continue reading <span>One</span> &rarr;</a></p>',
        '</p><p><a href="/one">Read the full story</a> &raquo;</p>',
        "…</p>" + CREDIT.format("appeared first on"),
    ],
)
def test_a_beginning_is_no_text(end: str) -> None:
    item = carried(f"<p>Inspectors came to Marlbury{end}")
    assert (item.content, item.byline) == ("", "")


def test_dots_and_reading_within_a_text_cut_nothing_short() -> None:
    text = f"<p>Read on, she said … and we read more.</p><p>{'The council agreed. ' * 20}</p>"
    assert carried(text).content == text


def test_how_a_text_ends_is_told_in_no_time() -> None:
    dots = f"<p>{'.' * 200_000}x</p>"
    assert carried(dots).content == dots


@pytest.mark.parametrize(
    "content", ["", "<p></p><img src='a.jpg'>", "<p>In brief, as above</p>", "<p><b>As</b> above</p>"]
)
def test_a_content_that_says_no_more_than_the_summary_is_none(content: str) -> None:
    assert carried(content, "In brief, as above").content == ""


@pytest.mark.parametrize("kind", ["html", "xhtml"])
def test_atom_may_carry_the_text_without_a_summary(kind: str) -> None:
    inside = f"<div xmlns='http://www.w3.org/1999/xhtml'>{WHOLE}</div>" if kind == "xhtml" else f"<![CDATA[{WHOLE}]]>"
    entry = ATOM.replace(
        "<summary>S</summary>", f"<author><name>Ada</name></author><content type='{kind}'>{inside}</content>"
    )
    first, second = read_feed(xml(entry), FEED)
    assert isinstance(first, Listed)
    assert isinstance(second, Listed)
    assert "<blockquote><p>They listened.</p></blockquote>" in first.content
    assert (first.byline, second.content) == ("Ada", "")


def test_atom_content_that_is_no_html_is_not_the_page() -> None:
    plain = ATOM.replace(
        "<summary>S</summary>", "<content type='text'>Inspectors came to Marlbury, and stayed.</content>"
    )
    assert not any(isinstance(item, Listed) and item.content for item in read_feed(xml(plain), FEED))


def test_what_a_feed_carries_is_not_asked_for(tmp_path: Path) -> None:
    text = "<p>Ofsted has praised the children’s services of Marlbury.</p><blockquote>They listened.</blockquote>"
    entry = (
        f"<title>Praise &amp;amp; plans</title><link>/one/</link><content:encoded><![CDATA[{text}]]></content:encoded>"
    )
    spaces = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    feed = f"<rss version='2.0' {spaces}><channel><item>{entry}</item></channel></rss>"
    file = tmp_path / "onrecord.db"
    with FaultySite({"/feed": Answer(feed, type="application/rss+xml")}) as site:
        assert crawl(source_at(site.address), file)["new"] == 1
        assert site.paths == ["/feed"]
        site.answers["/feed"] = Answer(feed.replace("has praised", "praised"), type="application/rss+xml")
        assert crawl(source_at(site.address), file)["changed"] == 1
        assert site.paths == ["/feed", "/feed"]
    with closing(sqlite3.connect(file)) as db:
        (article,) = db.execute("SELECT title, text, body_method FROM articles").fetchall()
    assert article == (
        "Praise & plans",
        "Ofsted praised the children’s services of Marlbury.\n\nThey listened.",
        "feed",
    )


def test_a_feed_of_another_media_type_and_charset_is_a_feed() -> None:
    latin = RSS.replace("UTF-8", "iso-8859-1").replace("Two", "Tw\xf3").encode("latin-1")
    response = HtmlResponse(FEED.url, body=latin, headers={"Content-Type": "text/html; charset=utf-8"})
    assert [item.title for item in read_feed(response, FEED) if isinstance(item, Listed)][1] == "Tw\xf3"
    assert len(list(read_feed(Response(FEED.url, body=b"\xef\xbb\xbf" + RSS.encode()), FEED))) == 2


def test_a_feed_that_is_not_well_formed_is_read_to_its_end() -> None:
    broken = RSS.replace("&amp; costs", "& costs&nbsp;<b>").replace("Two", "Fish & chips")
    assert [item.title for item in read_feed(xml(broken), FEED) if isinstance(item, Listed)][1] == "Fish & chips"


def test_a_feed_without_entries_is_a_listing_of_nothing() -> None:
    assert list(read_feed(xml("<rss version='2.0'><channel><title>M</title></channel></rss>"), FEED)) == []


@pytest.mark.parametrize("cut", ["<title>Two", "../two?b", "</item>\n</channel>"])
def test_of_a_feed_that_is_cut_short_the_whole_entries_are_read(cut: str) -> None:
    """Of the last one nobody knows whether it is whole."""
    items: list[object] = []
    with pytest.raises(ListingError, match="cut short"):
        items.extend(read_feed(xml(RSS[: RSS.index(cut) + len(cut) - 2]), FEED))
    assert items == list(read_feed(xml(RSS), FEED))[:1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("keyword", ["<!ENTITY", "<!entity"])
def test_a_feed_with_entities_of_its_own_is_refused(encoding: str, keyword: str) -> None:
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE rss [{keyword} a "ha">{keyword} b "&a;&a;&a;">]>'
    with pytest.raises(ListingError, match="entities"):
        list(read_feed(xml((bomb + RSS[39:].replace("Two", "&b;")).encode(encoding)), FEED))


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden", encoding="utf-8")
    body = RSS.replace("<rss", f'<!DOCTYPE rss SYSTEM "{secret.as_uri()}"><rss', 1)
    assert not any("hidden" in str(item) for item in read_feed(xml(body), FEED))


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("<!doctype html><html><title>Marlbury</title><p>Not found</p></html>", "but '<!doctype html>"),
        ('{"error": 1}', "but '{\"error\": 1}'"),
        ("", "an empty answer"),
        (" \n", "an empty answer"),
        ("%PDF-1.7", "'%PDF-1.7'"),
    ],
)
def test_what_came_in_the_place_of_a_feed_is_named(body: str, what: str) -> None:
    with pytest.raises(ListingError) as error:
        list(read_feed(xml(body), FEED))
    assert str(error.value).startswith("no feed: ")
    assert what in str(error.value)


def test_a_feed_never_names_a_file_to_be_read(tmp_path: Path) -> None:
    hidden = tmp_path / "feed.xml"
    hidden.write_text(RSS, encoding="utf-8")
    with pytest.raises(ListingError, match="no feed"):
        list(read_feed(Response(FEED.url, body=str(hidden).encode()), FEED))


# GOV.UK's search ------------------------------------------------------------------------------------------------------


def test_a_filter_may_stand_in_a_search_several_times() -> None:
    url = "https://www.gov.uk/api/search.json?filter_organisations=ofsted&filter_organisations=dfe&count=1"
    body = json.dumps({"total": 2, "results": [{"link": "/a", "title": "A"}]}).encode()
    found = list(read_search(TextResponse(url, body=body), Listing("govuk", url)))
    assert found[-1] == NextPage(f"{url}&start=1")


SEARCH = Listing("govuk", "https://www.gov.uk/api/search.json?filter_organisations=ofsted&count=2&start=0&fields=a,b")


def answer(results: Any, total: Any = 5, url: str = SEARCH.url) -> Response:
    return TextResponse(url, body=json.dumps({"results": results, "total": total}).encode())


def searched(response: Response) -> list[Listed | NextPage]:
    return list(read_search(response, SEARCH))


def test_search_pages_follow_one_another() -> None:
    results = [{"link": "/government/news/a", "title": "A"}, {"link": "/government/news/b", "title": "B"}]
    *_, following = searched(answer(results))
    assert following == NextPage(
        "https://www.gov.uk/api/search.json?filter_organisations=ofsted&count=2&start=2&fields=a%2Cb"
    )
    assert isinstance(following, NextPage)
    *_, following = searched(answer(results, url=following.url))
    assert isinstance(following, NextPage)
    assert "start=4" in following.url
    assert searched(answer(results[:1], url=following.url)) == [
        Listed("https://www.gov.uk/api/content/government/news/a", "A")
    ]
    assert searched(answer([], url=following.url)) == []  # total lies: it ends all the same


def test_a_result_that_leads_nowhere_costs_itself_alone() -> None:
    results = [
        {"title": "no link"},
        {"link": None},
        {"link": 5},
        {"link": "https://elsewhere.example/a"},
        "no result",
        {"link": "/a", "title": None, "description": 7, "public_timestamp": ["x"]},
    ]
    assert searched(answer(results, 6)) == [Listed("https://www.gov.uk/api/content/a")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Too many requests</html>",
        b'{"results": [{"link": "/a"',
        b'{"error": "Unexpected parameters: q"}',
        b"[1]",
        b"null",
        b'{"results": null, "total": 1}',
        b'{"results": {"link": "/a"}, "total": 1}',
        b'{"results": [], "total": "many"}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_search_result_is_an_error_of_the_listing(body: bytes) -> None:
    with pytest.raises(ListingError, match="no search result"):
        list(read_search(TextResponse(SEARCH.url, body=body), SEARCH))


# HTML ----------------------------------------------------------------------------------------------------------------

HTML = Listing(
    "html",
    "https://marlbury.example/news/",
    item="li.item",
    link="h2 a",
    title=".headline",
    date="time@datetime",
    modified=".updated",
    next="a[rel=next]",
)


def listed(markup: str, listing: Listing = HTML, base: str = "") -> list[Listed | NextPage]:
    page = f"<html><head>{base}</head><body><ul>{markup}</ul></body></html>"
    return list(read_html(HtmlResponse(listing.url, body=page.encode(), encoding="utf-8"), listing))


def test_an_html_listing_tells_what_its_selectors_select() -> None:
    assert listed(
        "<li class=item><span class=headline>Ofsted’s <b>visit</b></span><h2><a href=' a?b=1&amp;c '>Read on</a></h2>"
        "<time datetime='2026-03-31'>Tuesday</time><i class=updated> 1 April </i></li>"
        "<li class=item><h2><a href='//marlbury.example/b'>Link <b>text</b></a></h2><time>no attribute</time></li>"
        "<a rel=next href='?page=2'>Older</a>"
    ) == [
        Listed("https://marlbury.example/news/a?b=1&c", "Ofsted’s visit", "2026-03-31", "1 April"),
        Listed("https://marlbury.example/b", "Link text"),
        NextPage("https://marlbury.example/news/?page=2"),
    ]


def test_addresses_follow_the_pages_base() -> None:
    (item,) = listed("<li class=item><h2><a href=a>A</a></h2></li>", base="<base href='https://marlbury.example/x/'>")
    assert item.url == "https://marlbury.example/x/a"


def test_an_item_may_be_its_own_link() -> None:
    listing = Listing("html", HTML.url, item="a[href*='/article/']")
    assert listed("<a href=/x/article/1>One</a><a href=/about>About</a>", listing) == [
        Listed("https://marlbury.example/x/article/1", "One")
    ]


def test_an_address_that_is_linked_more_than_once_is_one_item() -> None:
    listing = Listing("html", HTML.url, item="a[href*='/article/']")
    links = "<a href=/article/1><img src=x></a><a href=/article/1>The headline</a><a href=/article/1>Read more</a>"
    assert listed(links, listing) == [Listed("https://marlbury.example/article/1", "The headline")]


def test_an_item_without_a_link_costs_itself_alone() -> None:
    links = "".join(f"<li class=item>{inside}</li>" for inside in ("", "<h2>No link</h2>", "<h2><a>No href</a></h2>"))
    assert len(listed(f"{links}<li class=item><h2><a href=/a>A</a></h2></li>")) == 1


@pytest.mark.parametrize("markup", ["", "<li>no class</li>", "<p>Sorry, we are down for maintenance"])
def test_a_listing_without_items_is_an_error_that_names_its_selector(markup: str) -> None:
    with pytest.raises(ListingError, match=r"nothing on the page is 'li\.item'"):
        listed(markup)


@pytest.mark.parametrize("href", ["javascript:more()", "#", "", "mailto:a@b.example", "http://[x"])
def test_a_next_page_that_cannot_be_fetched_is_none(href: str) -> None:
    item = "<li class=item><h2><a href=/a>A</a></h2></li>"
    assert len(listed(f"{item}<a rel=next href='{href}'>Older</a>")) == 1


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("/a", "https://marlbury.example/a"),
        ("../b", "https://marlbury.example/b"),
        ("?page=2", "https://marlbury.example/news/?page=2"),
        ("http://elsewhere.example", "http://elsewhere.example"),
        ("HTTPS://MARLBURY.example/a", "https://MARLBURY.example/a"),
        ("", None),
        ("#top", None),
        ("javascript:void(0)", None),
        ("JavaScript:void(0)", None),
        ("mailto:press@marlbury.example", None),
        ("tel:+441632960000", None),
        ("data:text/html,x", None),
        ("file:///etc/hostname", None),
        ("ftp://marlbury.example/a", None),
        ("https://[broken/a", None),
        ("https://marlbury.example:99999/a", None),
        ("https://marlbury.example:x/a", None),
        ("https://marlbury.example:0/a", None),
    ],
)
def test_where_a_link_leads(link: str, leads_to: str | None) -> None:
    assert address(HtmlResponse(HTML.url, body=b""), link) == leads_to


# Any listing ---------------------------------------------------------------------------------------------------------


def outputs(body: bytes, listing: Listing = FEED) -> list[Any]:
    """What the spider makes of an answer: requests, and a dict for what failed."""
    spider = spider_for(Source(id="marlbury", name="Marlbury", hosts=("marlbury.example",), listing=(listing,)))()
    request = spider.listing_request(listing, listing.url)  # type: ignore[attr-defined]
    response = XmlResponse(listing.url, body=body, request=request)
    return list(spider.parse_listing(response, listing))  # type: ignore[attr-defined]


def test_a_listing_that_cannot_be_read_is_told_with_its_reason() -> None:
    (failed,) = outputs(b"<html></html>")
    assert (failed["role"], failed["asked"], failed["body"]) == ("listing", FEED.url, b"")
    assert failed["failure"].startswith("no feed: ")


def test_what_was_read_before_the_error_is_kept() -> None:
    first, failed = outputs(RSS[: RSS.index("Two")].encode())
    assert isinstance(first, Request)
    assert failed["failure"] == "the feed is cut short"


def test_a_listing_of_more_tags_than_any_has_is_refused_before_it_is_parsed() -> None:
    (failed,) = outputs(b"<p>" * (MOST_TAGS + 1))
    assert failed["failure"] == "more than 100,000 tags"


def test_what_a_match_leaves_out_is_not_asked_for_but_counts_as_listed(tmp_path: Path) -> None:
    """Else a site that has nothing on topic today would look like one that has changed."""
    page = Answer("<html><h1>One</h1><article><p>Ofsted was in Marlbury to see its children.</p></article></html>")
    items = "".join(f"<item><title>{name}</title><link>/{name}/</link></item>" for name in ("one", "two", "three"))
    feed = Answer(f"<rss version='2.0'><channel>{items}</channel></rss>", type="application/rss+xml")
    with FaultySite({"/feed": feed, "/one/": page}) as site:
        stats = crawl(source_at(site.address, match="ONE"), tmp_path / "onrecord.db")
        assert [path for path in site.paths if path != "/robots.txt"] == ["/feed", "/one/"]
    assert stats["listed"] == 3
