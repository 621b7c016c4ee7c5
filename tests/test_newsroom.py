"""The newsroom: its sites answer as real ones do, and their texts are what they are said to be."""

from __future__ import annotations

import gzip
import html
import http.client
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
from bs4 import BeautifulSoup, Tag

from nlp.text import clean_paragraph
from onrecord.newsroom import Newsroom, content
from onrecord.newsroom.sites import KEY, SHAPES
from pipelines.article import read_article
from pipelines.page import Page
from spiders.listed import ListingKind
from spiders.registry import KEY_PARAMETERS

GOLD = Path(__file__).resolve().parents[2] / "shared" / "gold"  # beside a checkout, on some machines
CORRECTED = "fewer-children-in-care-for-second-year"
CARRIED_BY_THREE = "inspectors-praise-westmere-turnaround"
# How many paragraphs of an article go on with a quotation without marks of their own, as on some real pages.
CONTINUED_UNMARKED = {"directors-respond-to-ofsted-autumn-report": 2}
# Articles that set speech in single marks.
SINGLE_MARKS = {"social-work-academy-opens", "harbourside-responds-to-first-findings", "harbour-ten-k"}


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom() as newsroom:
        yield newsroom


class Answer:
    def __init__(self, status: int, headers: http.client.HTTPMessage, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.body, "lxml")


def get(url: str, **headers: str) -> Answer:
    address = urlsplit(url)
    assert address.hostname == "127.0.0.1"
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=5)
    try:
        target = f"{address.path}?{address.query}" if address.query else address.path
        connection.request("GET", target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def registry(newsroom: Newsroom) -> dict[str, Any]:
    return tomllib.loads(newsroom.registry)


def listed(source: dict[str, Any]) -> list[dict[str, str | None]]:
    """url, title, published and modified of each item, by the source's block of the registry alone."""
    (listing,) = source["listing"]
    url, items = listing["url"], []
    if listing["type"] == "feed":
        feed = feedparser.parse(get(url).body)
        assert not feed.bozo
        # `in` first: asked for an `updated` that is not there, feedparser warns and gives `published`.
        return [
            {
                "url": e.link,
                "title": e.title,
                "published": e.published,
                "modified": e.updated if "updated" in e else None,
            }
            for e in feed.entries
        ]
    if listing["type"] == "govuk":
        results = json.loads(get(url).body)["results"]
        return [
            {"url": urljoin(url, r["link"]), "title": r["title"], "published": r["public_timestamp"]} for r in results
        ]
    if listing["type"] == "guardian":
        return [
            {
                "url": result["webUrl"],
                "title": result["fields"]["headline"],
                "published": result["webPublicationDate"],
                "byline": result["fields"]["byline"],
                "content": result["fields"]["body"],
            }
            for number in (1, 2)
            for result in answered(listing, number)["response"]["results"]
        ]
    if listing["type"] == "theyworkforyou":
        return [
            {
                "url": urljoin(url, f"/debates/?id={row['gid']}"),
                "title": row["parent"]["body"],
                "published": row["hdate"],
                "byline": row["speaker"]["name"],
                "content": f"<p>{row['speaker']['name']} said:</p><blockquote>{row['body']}</blockquote>",
            }
            for row in answered(listing)["rows"]
            if "speaker" in row
        ]
    if listing["type"] == "wordpress":
        first = get(url)
        pages = [first, *(get(f"{url}&page={n}") for n in range(2, int(first.headers["X-WP-TotalPages"]) + 1))]
        return [
            {
                "url": post["link"],
                "title": html.unescape(post["title"]["rendered"]),
                "published": post["date"],
                "content": post["content"]["rendered"],
            }
            for page in pages
            for post in json.loads(page.body)
        ]
    if listing["type"] == "sitemap":
        sitemaps = [get(str(loc.string)).body for loc in BeautifulSoup(get(url).body, "xml").select("sitemap > loc")]
        bodies = [gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body for body in sitemaps]
        entries = [entry for body in bodies for entry in BeautifulSoup(body, "xml").select("url")]
        fields = {"url": "loc", "title": "news|title", "published": "news|publication_date", "modified": "lastmod"}
        return [{name: pick(entry, css) for name, css in fields.items()} for entry in entries]
    if listing["type"] == "moderngov":
        meetings = [urljoin(url, str(link["href"])) for link in get(url).soup.select("a[title]")]
        minuted = [link for meeting in meetings for link in get(meeting).soup.select("a[href*=mgAi]")]
        return [{"url": urljoin(url, str(link["href"])), "title": row_title(link)} for link in minuted]
    if listing["type"] == "ofsted-register":
        providers = [urljoin(url, str(link["href"])) for link in get(url).soup.select("h3 a")]
        links = [str(link["href"]) for page in providers for link in get(page).soup.select("a[href*=':']")]
        return [{"url": link, "title": read(source, link)["title"]} for link in links]  # it prints no report's title
    while url:
        soup = get(url).soup
        for item in soup.select(listing["item"]):
            link = item.select_one(listing["link"])
            assert link
            found = {name: pick(item, listing.get(name)) for name in ("title", "date", "modified")}
            items.append({"url": urljoin(url, str(link["href"])), "published": found.pop("date"), **found})
        more = soup.select_one(listing["next"]) if "next" in listing else None
        url = urljoin(url, str(more["href"])) if more else None
    return items


def answered(listing: dict[str, Any], page: int = 1) -> Any:
    """The answer of a programming interface that needs a key."""
    return json.loads(get(f"{keyed(listing)}&page={page}").body)


def keyed(listing: dict[str, Any]) -> str:
    """The address of a listing, with the key that it needs."""
    parameter = KEY_PARAMETERS.get(listing["type"])
    return f"{listing['url']}&{parameter}={KEY}" if parameter else str(listing["url"])


def row_title(link: Tag) -> str:
    row = link.find_parent("tr")
    assert row is not None
    return row.select(".mgAiTitleTxt")[1].get_text().removesuffix(" PDF 212 KB")


def pick(tag: Tag, selector: str | None) -> str | None:
    if selector is None:
        return None
    css, _, attribute = selector.partition("@")
    found = tag.select_one(css)
    return None if found is None else str(found[attribute]) if attribute else found.get_text().strip()


def read(source: dict[str, Any], url: str) -> dict[str, Any]:
    """title, standfirst, byline, date, text and block quotations of a page, by the source's block of the registry."""
    if source["listing"][0]["type"] == "ofsted-register":
        report = read_article(Page(url=url, body=get(url).body, headers={"content-type": "application/pdf"}))
        return {"title": report.title, "text": report.text, "block_quotes": ()}
    rules = source["article"]
    if rules.get("format") == "govuk-content":
        content = json.loads(get(url.replace("/government/", "/api/content/government/")).body)
        assert content["web_url"] == url
        body: Tag = BeautifulSoup(content["details"]["body"], "lxml")
        found = {"title": content["title"], "date": content["first_published_at"]}
    elif source["listing"][0]["type"] in {*KEY_PARAMETERS, "wordpress"}:  # carried by the listing
        (item,) = [item for item in listed(source) if item["url"] == url]
        found, body = dict(item), BeautifulSoup(str(item["content"]), "lxml")
        for furniture in body.select("aside, figure"):
            furniture.decompose()
    else:
        page = get(url).soup
        found = {name: pick(page, rules.get(name)) for name in ("title", "standfirst", "byline", "date")}
        (body,) = page.select(rules["body"])
        for css in [*rules.get("remove", ()), rules.get("pull_quote", ".no-pull-quotes-here")]:
            for furniture in body.select(css):
                furniture.decompose()
    blocks = [clean_paragraph(tag.get_text()) for tag in body.select("p, h2, li")]
    quoted = tuple(clean_paragraph(tag.get_text()) for tag in body.select("blockquote p"))
    return {**found, "text": "\n\n".join(blocks), "block_quotes": quoted}


@pytest.mark.parametrize("night", [1, 2])
@pytest.mark.parametrize("site", SHAPES)
def test_a_perfect_reader_finds_what_is_expected(newsroom: Newsroom, site: str, night: int) -> None:
    """The listing leads to every article, and the registry's selectors give its text and nothing else."""
    newsroom.night = night
    source, expected = registry(newsroom)[site], newsroom.expected(site)
    items = listed(source)
    assert [re.sub(r"\?utm_.*", "", str(item["url"])) for item in items] == [article.url for article in expected]
    titles = [(article.title, item["title"]) for item, article in zip(items, expected, strict=True) if item["title"]]
    assert titles  # of a daily's sitemap for news search alone
    assert all(BeautifulSoup(told, "lxml").get_text() == title for title, told in titles)
    assert len(expected) >= source["floor"]
    for item, article in zip(items, expected, strict=True):
        found = read(source, str(item["url"]))
        assert found["text"] == article.text
        assert found["title"] == article.title
        assert found.get("standfirst") == article.standfirst or source["article"].get("format") == "govuk-content"
        assert found.get("byline") == article.byline
        assert found["block_quotes"] == article.block_quotes
        if found.get("date"):
            assert day(str(found["date"])) == article.published


def day(printed: str) -> str:
    iso = re.match(r"\d{4}-\d\d-\d\d", printed)
    return iso.group() if iso else f"{datetime.strptime(printed, '%d %B %Y'):%Y-%m-%d}"


def test_dates_are_in_words_at_the_council_and_in_meta_tags_at_the_charity(newsroom: Newsroom) -> None:
    for article in newsroom.expected("council-newsroom"):
        page = get(article.url)
        assert not page.soup.select("time, meta[property], script")
        assert article.published not in page.body.decode()
    for article in newsroom.expected("charity-press"):
        (meta,) = get(article.url).soup.select('meta[property="article:published_time"]')
        assert str(meta["content"]).startswith(article.published)


def test_the_trade_weekly_has_json_ld_and_furniture(newsroom: Newsroom) -> None:
    for article in newsroom.expected("trade-weekly"):
        page = get(article.url).soup
        (script,) = page.select('script[type="application/ld+json"]')
        data = json.loads(script.get_text())
        assert data["@type"] == "NewsArticle"
        assert data["headline"] == article.title
        assert data["datePublished"].startswith(article.published)
        for words in ("Comments are closed.", "Related articles", "Please enable JavaScript", "Friday bulletin"):
            assert words in page.get_text()
            assert words not in article.text


def test_an_embargoed_release_keeps_the_london_day(newsroom: Newsroom) -> None:
    """One minute past midnight in summer is the day before in UTC."""
    article = next(a for a in newsroom.expected("dcs-association") if "five tests" in a.title)
    assert article.published == "2026-10-08"
    (item,) = [i for i in listed(registry(newsroom)["dcs-association"]) if i["url"] == article.url]
    assert parsedate_to_datetime(str(item["published"])).utctimetuple().tm_mday == 7


def test_block_quotations_on_govuk_have_no_marks(newsroom: Newsroom) -> None:
    quoted = [words for article in newsroom.expected("inspectorate-govuk") for words in article.block_quotes]
    assert len(quoted) >= 8
    assert not [words for words in quoted if re.match("[“‘\"']", words)]


def test_govuk_search_pages_sorts_and_picks_fields(newsroom: Newsroom) -> None:
    search = newsroom.addresses["inspectorate-govuk"] + "/api/search.json?filter_organisations=ofsted"
    whole = json.loads(get(search).body)
    second = json.loads(get(search + "&count=1&start=1&fields=link").body)
    backwards = json.loads(get(search + "&order=public_timestamp").body)
    assert whole["total"] == second["total"] == len(whole["results"]) == 4
    assert second["start"] == 1
    assert [r["link"] for r in second["results"]] == [whole["results"][1]["link"]]
    assert "title" not in second["results"][0]
    assert [r["link"] for r in backwards["results"]] == [r["link"] for r in reversed(whole["results"])]
    assert json.loads(get(search.replace("ofsted", "cqc")).body)["total"] == 0
    assert json.loads(get(search + "&filter_public_timestamp=from:2026-11-01").body)["total"] == 2
    for wrong in ("&page=2", "&count=1501", "&start=-1", "&count=all"):
        assert get(search + wrong).status == 422


def test_the_council_lists_on_two_pages(newsroom: Newsroom) -> None:
    base = newsroom.addresses["council-newsroom"]
    first, second = get(f"{base}/news").soup, get(f"{base}/news?page=2").soup
    assert [str(link["href"]) for link in first.select("[rel=next]")] == ["/news?page=2", "/news?page=2"]
    assert not second.select("[rel=next]")
    assert get(f"{base}/news?page=3").status == 404


def test_robots(newsroom: Newsroom) -> None:
    answers = {site: get(f"{base}/robots.txt") for site, base in newsroom.addresses.items()}
    assert [site for site, answer in answers.items() if answer.status == 404] == ["local-paper"]
    assert [site for site, answer in answers.items() if b"Crawl-delay" in answer.body] == ["trade-weekly"]


def addresses(newsroom: Newsroom) -> list[str]:
    """Every address of every site that answers 200, a search among them."""
    found = []
    for source in registry(newsroom).values():
        found += [keyed(listing) for listing in source["listing"]]
    found += [article.url for site in SHAPES for article in newsroom.expected(site)]
    base = newsroom.addresses["council-newsroom"]
    return [*found, f"{base}/", f"{base}/news?page=2", f"{base}/robots.txt"]


def test_what_has_not_changed_is_answered_with_304(newsroom: Newsroom) -> None:
    for url in addresses(newsroom):
        whole = get(url)
        assert whole.status == 200
        for same in (
            get(url, If_None_Match=whole.headers["ETag"]),
            get(url, If_None_Match=f'"other", W/{whole.headers["ETag"]}'),
            get(url, If_Modified_Since=whole.headers["Last-Modified"]),
        ):
            assert (same.status, same.body) == (304, b"")
        assert get(url, If_None_Match='"other"', If_Modified_Since=whole.headers["Last-Modified"]).status == 200
        before = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
        assert get(url, If_Modified_Since=format_datetime(before, usegmt=True)).status == 200
        assert get(url, If_Modified_Since="yesterday").status == 200


def test_requests_are_remembered(newsroom: Newsroom) -> None:
    base = newsroom.addresses["council-newsroom"]
    etag = get(f"{base}/news").headers["ETag"]
    get(f"{base}/news", If_None_Match=etag)
    get(f"{base}/gone?q=1")
    assert [(r.site, r.path, r.status, r.conditional) for r in newsroom.requests] == [
        ("council-newsroom", "/news", 200, False),
        ("council-newsroom", "/news", 304, True),
        ("council-newsroom", "/gone?q=1", 404, False),
    ]


def test_one_article_changes_on_the_second_night_and_nothing_else(newsroom: Newsroom) -> None:
    before = {url: get(url) for url in addresses(newsroom)}
    first = {site: newsroom.expected(site) for site in SHAPES}
    newsroom.night = 2
    council, weekly = newsroom.addresses["council-newsroom"], newsroom.addresses["trade-weekly"]
    touched = {
        *(f"{council}/", f"{council}/news", f"{council}/news/{CORRECTED}"),  # not the listing's second page
        *(f"{weekly}/feed/atom/", f"{weekly}/2026/11/18/{CORRECTED}/"),
    }
    for asked, sent in (("If_None_Match", "ETag"), ("If_Modified_Since", "Last-Modified")):
        assert touched == {url for url, was in before.items() if get(url, **{asked: was.headers[sent]}).status == 200}
    for site in ("council-newsroom", "trade-weekly"):
        old, new = (next(a for a in found if CORRECTED in a.url) for found in (first[site], newsroom.expected(site)))
        assert "after 614 children" in old.text
        assert "after 624 children" in new.text
        assert len(new.text.split("\n\n")) == len(old.text.split("\n\n")) + 1
        assert new.published == old.published


def test_listings_say_that_it_changed(newsroom: Newsroom) -> None:
    def changed(site: str) -> dict[str, str | None]:
        return {str(i["url"]): i["modified"] for i in listed(registry(newsroom)[site]) if i["modified"]}

    atom = changed("trade-weekly")
    assert changed("council-newsroom") == {}
    newsroom.night = 2
    (council,) = changed("council-newsroom").items()
    assert council[0].endswith(CORRECTED)
    assert council[1] == "20 November 2026"
    (entry,) = changed("trade-weekly").items() - atom.items()
    assert CORRECTED in entry[0]
    assert str(entry[1]).startswith("2026-11-20")


def test_one_story_stands_at_three_outlets_in_the_same_words(newsroom: Newsroom) -> None:
    texts = [a.text for site in SHAPES for a in newsroom.expected(site) if CARRIED_BY_THREE in a.url]
    quotes = [[p for p in text.split("\n\n") if p.startswith("“") or "said: “" in p] for text in texts]
    assert len(texts) == len(set(texts)) == 3
    assert len(quotes[0]) == 5
    assert quotes[0] == quotes[1] == quotes[2]


def printed() -> list[tuple[str, content.Article]]:
    return [(site, article) for site in SHAPES for night in (1, 2) for article in content.articles(site, night)]


def test_every_kind_of_listing_is_served() -> None:
    with Newsroom() as room:
        sources = tomllib.loads(room.registry).values()
    assert {entry["type"] for source in sources for entry in source["listing"]} == set(get_args(ListingKind))


@pytest.mark.parametrize(("site", "article"), printed(), ids=lambda value: getattr(value, "id", value))
def test_quotation_marks_balance(site: str, article: content.Article) -> None:
    """Marks open and close in turn; a quotation left open goes on, re-opened, in the next paragraph, and is closed."""
    opened, unmarked, introduced = False, 0, False
    for paragraph in article.body:
        words = paragraph.text
        if article.id in SINGLE_MARKS:
            words = re.sub("(?<=[.,?!])’", "”", words.replace("‘", "“"))
        assert not introduced or paragraph.kind == "block" or words[0] in '“"', words
        assert article.off_topic or not re.search(r"[a-z]: [A-Z]", words), words  # a lead without its mark
        unmarked += opened and words[0] not in '“"'
        for mark in re.finditer('[“”"]', words):
            if mark.start() == 0 or words[mark.start() - 1] in " (":
                assert mark.group() != "”", words
                assert not opened or mark.start() == 0, words
            else:
                assert mark.group() != "“", words
                assert opened, words
            opened = mark.start() == 0 or words[mark.start() - 1] in " ("
        introduced = words.endswith(":")
    assert not opened
    assert unmarked == CONTINUED_UNMARKED.get(article.id, 0)


def test_marks_are_curly_straight_and_mixed() -> None:
    marks = {
        article.id: set(re.findall('[“”"]', " ".join(paragraph.text for paragraph in article.body)))
        for _, article in printed()
    }
    assert marks["words-that-help-narrative-judgements"] == {"“", "”"}
    assert marks["directors-respond-to-ofsted-autumn-report"] == {'"'}
    assert marks["saltersford-trust-ilacs"] == {"“", "”", '"'}


def test_texts_are_clean() -> None:
    for _, article in printed():
        for paragraph in article.paragraphs:
            assert paragraph.text == clean_paragraph(paragraph.text)
            assert not re.search(r"[\[\]~<>]", paragraph.text)  # no mark of our own left in the words


def test_off_topic_items_are_few_and_at_more_than_one_site() -> None:
    off_topic = {(site, article.id) for site, article in printed() if article.off_topic}
    assert len({site for site, _ in off_topic}) >= 3
    assert len({id for _, id in off_topic}) == 5


def test_an_edit_that_misses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"id": "x", "sites": ["local-paper"], "text": "One.", "night2": {"replace": [["Two", "Three"]]}}
    monkeypatch.setattr(content, "_tables", lambda: (table,))
    with pytest.raises(ValueError, match="'Two' stands in the text 0 times"):
        content.articles("local-paper", 2)


def test_the_registry_has_every_site_and_its_address(newsroom: Newsroom) -> None:
    sources = registry(newsroom)
    assert list(sources) == list(SHAPES) == list(newsroom.addresses)
    for site, source in sources.items():
        assert all(listing["url"].startswith(newsroom.addresses[site]) for listing in source["listing"])


@pytest.mark.skipif(not GOLD.is_dir(), reason="the sample documents are not on this machine")
def test_nobody_of_the_sample_documents_is_named() -> None:
    people = {
        person["name"]
        for path in (GOLD / "expected").glob("*.json")
        for person in json.loads(path.read_text(encoding="utf-8"))["people"]
    }
    said = (Path(content.__file__).with_name("articles.toml")).read_text(encoding="utf-8")
    assert people
    assert not [name for name in people if name in said]
