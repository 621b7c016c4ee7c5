"""Pages to articles: saved pages with what a careful reader takes from them, and pages that hold no article."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pipelines.article import LARGEST, NotAnArticle, read_article
from pipelines.page import Article, Page
from tests.clock import costs_at_most

PAGES = Path(__file__).parent / "pages"
SAVED = sorted(path.parent for path in PAGES.glob("*/expected.json") if (list(path.parent.glob("page.*"))))
FIELDS = ("url", "title", "published", "date_method", "body_method", "standfirst", "byline")


def html(markup: str, **selectors: Any) -> Article:
    """The article on an HTML page, with the source's selectors."""
    page = Page(url="https://news.example/a", body=markup.encode(), headers={"content-type": "text/html"})
    page.selectors = selectors
    return read_article(page)


def in_body(markup: str) -> Article:
    return html(f"<h1>Head</h1><div id=b>{markup}</div>", body="#b")


def quoted(article: Article) -> list[str]:
    return [article.text[start:end] for start, end in article.block_quotes]


@pytest.mark.parametrize("folder", SAVED, ids=lambda folder: folder.name)
def test_saved_pages(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    about = expected.get("page", {})
    article = read_article(
        Page(
            url=about["url"],
            body=next(folder.glob("page.*")).read_bytes(),
            headers={"content-type": about.get("content_type", "text/html; charset=utf-8")},
            selectors=about.get("selectors", {}),
            source=folder.name,
            publisher="northmoor",
            kind="press-release",
        )
    )
    assert {name: getattr(article, name) for name in FIELDS} == {name: expected[name] for name in FIELDS}
    assert article.text.split("\n\n") == expected["paragraphs"]
    assert quoted(article) == expected["block_quotes"]
    assert (article.source, article.publisher, article.kind) == (folder.name, "northmoor", "press-release")


def test_there_are_saved_pages() -> None:
    assert {"press-release", "government-content", "committee-page", "trade-article", "council-news"} <= {
        folder.name for folder in SAVED
    }


@pytest.mark.parametrize(
    ("markup", "paragraphs"),
    [
        ("<p>one <b>t</b>wo<i>,</i> three</p>", ["one two, three"]),
        ("one<br><br>two<br>three<br> <br>four", ["one", "two three", "four"]),
        ("<div>bare<p>para</p>tail</div>", ["bare", "para", "tail"]),
        (
            "<p>a</p><script>no()</script><style>no</style><figure><img><figcaption>no</figcaption></figure><p>b</p>",
            ["a", "b"],
        ),
        ("<p>a</p><aside>no</aside><nav>no</nav><form>no</form><button>no</button><iframe>no</iframe>", ["a"]),
        ("<p>a</p><p hidden>no</p><p style='DISPLAY:none'>no</p><span aria-hidden=true>no</span><!-- no -->", ["a"]),
        (
            "<h2>Head</h2><ul><li>x</li><li>y</li></ul><table><tr><td>c</td><td>d</td></tr></table>",
            ["Head", "x", "y", "c", "d"],
        ),
        ("<p>He said <q>yes</q> twice</p>", ["He said “yes” twice"]),
        ("<p>a\u00a0b\u200bc\u00add</p>", ["a bcd"]),
        ("<p>&#147;curly&#148; &#150; &#8217;</p>", ["“curly” – ’"]),
    ],
)
def test_paragraphs_of_html(markup: str, paragraphs: list[str]) -> None:
    assert in_body(markup).text.split("\n\n") == paragraphs


@pytest.mark.parametrize(
    ("markup", "quotes"),
    [
        ("<p>She said:</p><blockquote><p>We did well.</p><p>It is so.</p></blockquote>", ["We did well.", "It is so."]),
        ("<blockquote>We did well.<cite>Jo Blythe</cite></blockquote>", ["We did well."]),
        ("<blockquote><p>We did well.</p><footer><p>Jo Blythe</p></footer></blockquote>", ["We did well."]),
        ("<blockquote><p>“We did well.”</p><p>“It is so.</p></blockquote>", []),
        ("<blockquote><p>The “front door” is shut.</p></blockquote>", ["The “front door” is shut."]),
        ("<figure><blockquote>We did well.</blockquote><figcaption>Jo Blythe</figcaption></figure>", ["We did well."]),
    ],
)
def test_block_quotations_without_marks_are_told(markup: str, quotes: list[str]) -> None:
    assert quoted(in_body(markup)) == quotes


def test_who_spoke_a_block_quotation_stays_in_the_text() -> None:
    assert in_body("<blockquote>We did well.<cite>Jo Blythe</cite></blockquote>").text == "We did well.\n\nJo Blythe"


@pytest.mark.parametrize(
    "pulled", ["<blockquote>we did well this year</blockquote>", "<div class=pull-quote>We did well this year</div>"]
)
def test_a_pull_quote_stands_once(pulled: str) -> None:
    article = in_body(f"<p>“We did well this year,” she said.</p>{pulled}<p>End.</p>")
    assert article.text == "“We did well this year,” she said.\n\nEnd."


PULLED = "<p>“We did well this year, and we shall do better,” she said.</p>{}<p>End.</p>"


@pytest.mark.parametrize(
    "pulled",
    [
        "<blockquote>“We did well this year”</blockquote>",
        "<blockquote>We did well … we shall do better<cite>Jo Blythe</cite></blockquote>",
        "<figure class=wp-block-pullquote><blockquote><p>We did well this year</p></blockquote></figure>",
        "<figure><blockquote>We did well this year</blockquote><figcaption>Jo Blythe</figcaption></figure>",
        "<div class=big-quote><p>We did well this year</p><p>we shall do better</p></div>",
        "<p class=callout>We did well this year</p>",
        "<p><b>“We did well this year”</b></p>",
        "<aside>Said nowhere else but here</aside>",
    ],
)
def test_words_lifted_from_the_body_stand_once(pulled: str) -> None:
    article = in_body(PULLED.format(pulled))
    assert article.text == "“We did well this year, and we shall do better,” she said.\n\nEnd."
    assert quoted(article) == []


@pytest.mark.parametrize(
    ("markup", "paragraphs"),
    [
        ("<blockquote>We did well then too<cite>Jo Blythe</cite></blockquote>", ["We did well then too", "Jo Blythe"]),
        ("<blockquote>We did … another thing</blockquote>", ["We did … another thing"]),
        ("<p class=callout>Two days in March</p>", ["Two days in March"]),
        ("<p>We did well this year</p>", ["We did well this year"]),
        ("<h2>‘We did well this year’</h2>", ["‘We did well this year’"]),
        ("<p>She said:</p><p>“We did well this year.”</p>", ["She said:", "“We did well this year.”"]),
        (
            "<p class=callout>We did well this year</p><p>More.</p><footer>Jo Blythe</footer>",
            ["More.", "Jo Blythe"],
        ),
        ("<p>“We did well”</p>", ["“We did well”"]),  # so few words may come twice
    ],
)
def test_what_only_looks_lifted_stays(markup: str, paragraphs: list[str]) -> None:
    said = ["“We did well this year, and we shall do better,” she said.", *paragraphs, "End."]
    assert in_body(PULLED.format(markup)).text.split("\n\n") == said


def test_a_page_of_quotations_has_no_pull_quotes() -> None:
    markup = "<p>We did well this year.</p>" + "<blockquote>We did well this year.</blockquote>" * 101
    assert in_body(markup).text.count("We did well this year.") == 102


@pytest.mark.parametrize(
    "caption",
    [
        "<p class=wp-caption-text>The town hall</p>",
        "<div class='image__caption'>The town hall</div>",
        "<span class=photo-credit>Jo Blythe</span>",
        "<p>Photo: Jo Blythe/Courier</p>",
        "<p>Photograph by Jo Blythe</p>",
        "<p>Main image: the town hall, by Jo Blythe.</p>",
        "<p><em>Image courtesy of Northmoor Council</em></p>",
        "<p>Picture credit: Courier</p>",
        "<p>Credit: Jo Blythe</p>",
        "<p>© Jo Blythe</p>",
    ],
)
def test_captions_and_credits_are_no_body(caption: str) -> None:
    assert in_body(f"<p>One.</p>{caption}<p>Two.</p>").text == "One.\n\nTwo."


@pytest.mark.parametrize(
    "prose",
    [
        "<p class=captioned>Pictures by children hang on every wall.</p>",
        "<p>Pictures by Jo Blythe and her pupils hang in the hall.</p>",
        "<p>Credit is due to the staff: they stayed when many others in their place would have gone away for good.</p>",
        "<div class=with-caption>" + "<p>Text.</p>" * 30 + "</div>",
        f"<div class=with-caption><p>{'Words and words. ' * 20}</p></div>",
        "<table><caption class=table-caption>Grades</caption></table>",
    ],
)
def test_prose_is_no_caption(prose: str) -> None:
    assert in_body(f"<p>One.</p>{prose}<p>Two.</p>").text.count("\n\n") >= 2


def test_notes_to_editors_are_body() -> None:
    markup = "<p>One.</p><p>ENDS</p><h3>Notes to editors</h3><p>1. A short visit ends without a grade.</p>"
    assert in_body(markup).text.split("\n\n")[-2:] == ["Notes to editors", "1. A short visit ends without a grade."]


def test_the_sources_pull_quotes_and_removals_are_left_out() -> None:
    markup = "<div id=b><p>a</p><p class=pq>Said once only here</p><p class=no>no</p></div>"
    assert html(markup, body="#b", pull_quote=".pq", remove=[".no"]).text == "a"


def test_a_selected_element_inside_another_comes_once() -> None:
    assert html("<div id=b><p>a</p></div><p>b</p>", body=["#b", "p"]).text == "a\n\nb"


@pytest.mark.parametrize(
    ("content", "header", "said"),
    [
        ("“Don’t”".encode("cp1252"), "text/html; charset=utf-8", "“Don’t”"),
        ("“Don’t”".encode("cp1252"), "text/html; charset=iso-8859-1", "“Don’t”"),
        ("“Don’t”".encode("cp1252"), "text/html", "“Don’t”"),
        ("“Don’t”".encode(), "text/html; charset=iso-8859-1", "“Don’t”"),
        ("“Don’t”".encode(), "text/html; charset=nonsense", "“Don’t”"),
        ("“Do ".encode() + "n’t”".encode("cp1252"), "text/html", "“Do n’t”"),
        ("“Łódź”".encode("utf-16"), "text/html", "“Łódź”"),
        ("Łódź".encode("iso8859-2"), "text/html; charset=iso-8859-2", "Łódź"),
        (b"\xef\xbb\xbf" + "“Don’t”".encode(), "text/html; charset=windows-1252", "“Don’t”"),
        ("\x93Don\x92t\x94".encode(), "text/html", "“Don’t”"),
    ],
)
def test_a_wrong_charset_spoils_no_mark(content: bytes, header: str, said: str) -> None:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    mark, content = (content[:3], content[3:]) if content.startswith(b"\xef\xbb\xbf") else (b"", content)
    body = ("<p>" + content.decode("utf-16") + "</p>").encode("utf-16") if wide else mark + b"<p>" + content + b"</p>"
    page = Page(url="https://a.example/", body=body, headers={"content-type": header}, selectors={"body": "p"})
    assert read_article(page).text == said


@pytest.mark.parametrize(
    ("head", "published", "method"),
    [
        (
            '<script type="application/ld+json">[{"@type":["Report"],"headLine":"X",'
            '"datePublished":"2026-06-30T23:30:00Z"}]</script>',
            "2026-07-01",
            "json-ld",
        ),
        (
            '<script type="application/ld+json">{broken</script><meta name="DC.date" content="2026-03-02">',
            "2026-03-02",
            "meta",
        ),
        (
            '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"0001-01-01T00:00:00"}</script>',
            None,
            None,
        ),
        (
            '<meta property="article:published_time" content="31 Sept 2026"><meta name="date" content="03/04/2026">',
            "2026-04-03",
            "meta",
        ),
        ('<meta property="article:published_time" content="2026-02-03T09:00:00">', "2026-02-03", "meta"),
        (
            "</head><body><time datetime='2020-01-01'></time><h1>X</h1><time datetime='2026-05-04'></time>",
            "2026-05-04",
            "meta",
        ),
    ],
)
def test_the_date_a_page_states(head: str, published: str | None, method: str | None) -> None:
    article = html(f"<html><head>{head}<p>Text</p>", body="p")
    assert (article.published, article.date_method) == (published, method)


def test_listing_then_address_give_what_the_page_does_not() -> None:
    page = Page(
        url="https://a.example/2026/03/31/x",
        body=b"<p>Text</p>",
        headers={"content-type": "text/html"},
        selectors={"body": "p"},
    )
    assert (read_article(page).published, read_article(page).date_method) == ("2026-03-31", "url")
    page.listed = {"title": "As listed", "published": "Mon, 30 Mar 2026 23:30:00 GMT"}
    article = read_article(page)
    assert (article.title, article.published, article.date_method) == ("As listed", "2026-03-31", "listing")


def test_numbers_are_read_month_first_where_the_source_says_so() -> None:
    def days(dates: str, markup: str, **listed: str) -> tuple[str | None, str | None]:
        page = Page(url="https://a.example/x", body=f"<h1>H</h1>{markup}<main>Text</main>".encode(), listed=listed)
        page.headers = {"content-type": "text/html"}
        page.selectors = {"body": "main", "date": "b", "dates": dates}
        article = read_article(page)
        return article.published, article.date_method

    for dates, day in (("day first", "2026-11-09"), ("month first", "2026-09-11")):
        assert days(dates, "<b>09/11/2026</b>") == (day, "selector")
        assert days(dates, "<meta name=date content='9.11.26'>") == (day, "meta")
        assert days(dates, "<p>9/11/2026 9:30:00 AM</p>") == (day, "text")
        assert days(dates, "", published="9/11/2026") == (day, "listing")
        assert days(dates, "<b>2026-09-11</b>") == ("2026-09-11", "selector")
    assert days("month first", "<b>19/11/2026</b>") == (None, None)


def test_an_unknown_sites_dates_are_read_as_its_source_says() -> None:
    prose = "<p>Ofsted found that the council’s services for children had improved since it last came.</p>" * 3
    article = html(f"<main><h1>Head of it</h1><p>5/6/2022</p>{prose}</main>", dates="month first")
    assert (article.published, article.body_method) == ("2022-05-06", "trafilatura")
    assert "5/6/2022" not in article.text


def test_a_date_after_the_page_was_fetched_is_no_date() -> None:
    page = Page(url="https://a.example/x", body=b"<p>Text</p><b>1 May 2027</b>", headers={"content-type": "text/html"})
    page.selectors = {"body": "p", "date": "b"}
    page.fetched_at = "2027-05-01T03:00:00Z"
    assert read_article(page).published == "2027-05-01"
    page.fetched_at = "2027-04-01T03:00:00Z"
    assert read_article(page).published is None


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/real", "https://news.example/real"),
        ("https://news.example/real?utm_source=x", "https://news.example/real"),
        ("https://www.news.example/real", "https://news.example/real"),  # the host stays the one that answered
        ("https://elsewhere.example/real", "https://news.example/a"),
        ("https://news.example/", "https://news.example/a"),
        ("javascript:alert(1)", "https://news.example/a"),
        ("https://[broken", "https://news.example/a"),
    ],
)
def test_a_canonical_link_counts_on_its_own_host(link: str, url: str) -> None:
    assert html(f"<link rel=canonical href='{link}'><p>Text</p>", body="p").url == url


@pytest.mark.parametrize(
    ("title", "h1", "found"),
    [
        ("Ofsted praises Northmoor | Sector Weekly", "", "Ofsted praises Northmoor"),
        ("Ofsted praises Northmoor - BBC News", "", "Ofsted praises Northmoor"),
        ("Ofsted praises Northmoor – Anything At All", "Ofsted praises Northmoor", "Ofsted praises Northmoor"),
        ("Care is ‘in crisis’ – social workers", "", "Care is ‘in crisis’ – social workers"),
        ("Fish &amp; chips for looked-after children", "", "Fish & chips for looked-after children"),
    ],
)
def test_titles_without_the_sites_name(title: str, h1: str, found: str) -> None:
    assert html(f'<meta property=og:title content="{title}"><h1>{h1}</h1><p>Text</p>', body="p").title == found


def test_the_standfirst_that_opens_the_body_is_told_once() -> None:
    article = html("<meta name=description content='It begins so.'><p>It begins so.</p><p>On.</p>", body="p")
    assert (article.standfirst, article.text) == (None, "It begins so.\n\nOn.")


def content_item(details: Any, **more: Any) -> Page:
    body = json.dumps({"title": "T", "details": details, **more}).encode()
    return Page(url="https://www.gov.uk/api/content/a", body=body, selectors={"format": "govuk-content"})


def test_content_item_with_typed_bodies_and_web_url() -> None:
    details = {
        "body": [
            {"content_type": "text/govspeak", "content": "no"},
            {"content_type": "text/html", "content": "<p>yes</p>"},
        ]
    }
    article = read_article(content_item(details, web_url="https://www.gov.uk/b", first_published_at=None))
    assert (article.text, article.url, article.published) == ("yes", "https://www.gov.uk/b", None)


@pytest.mark.parametrize(
    "page",
    [
        content_item({}),
        content_item({"body": 5}),
        content_item("x"),
        Page(url="https://www.gov.uk/api/content/a", body=b"{", selectors={"format": "govuk-content"}),
        Page(url="https://www.gov.uk/api/content/a", body=b"[" * 100_000, selectors={"format": "govuk-content"}),
    ],
)
def test_content_items_without_an_article(page: Page) -> None:
    with pytest.raises(NotAnArticle):
        read_article(page)


@pytest.mark.parametrize(
    ("reason", "page"),
    [
        ("empty", Page(url="u", body=b" \n ")),
        ("status 404", Page(url="u", body=b"<p>Text</p>", status=404)),
        ("pdf", Page(url="u", body=b"%PDF-1.7", headers={"content-type": "application/pdf"})),
        ("pdf", Page(url="u", body=b"%PDF-1.7 and more of it")),
        ("binary", Page(url="u", body=bytes(range(256)) * 20)),
        ("json", Page(url="u", body=b"{}", headers={"content-type": "application/json"})),
        ("bytes", Page(url="u", body=b"x" * (LARGEST + 1))),
        (
            "Page not found",
            Page(url="u", body=b"<title>Page not found | Northmoor Council</title><p>Sorry about that.</p>"),
        ),
        ("404", Page(url="u", body=b"<title>Northmoor</title><h1>Error 404</h1><p>Sorry about that.</p>")),
        ("moment", Page(url="u", body=b"<html><title>Just a moment...</title><p>Hello there</p></html>")),
        (
            "prove",
            Page(url="u", body=b"<html><title>x.example</title><p>Please verify you are human to go on.</p></html>"),
        ),
        ("no text", Page(url="u", body=b"<html><title>Nothing here</title><body><nav>Home</nav></body></html>")),
        ("no text", Page(url="u", body=b"<html><p>Text</p></html>", selectors={"body": ".gone"})),
        ("no CSS", Page(url="u", body=b"<html><p>Text</p></html>", selectors={"body": "p["})),
        ("no text", Page(url="u", body=b"Menu\nSearch\n", headers={"content-type": "text/plain"})),
    ],
)
def test_what_holds_no_article(reason: str, page: Page) -> None:
    with pytest.raises(NotAnArticle, match=f"(?i){reason}"):
        read_article(page)


def test_an_article_about_a_closed_door_is_an_article() -> None:
    assert html("<title>Access denied: how families lost their records</title><p>Text</p>", body="p").text == "Text"


@pytest.mark.parametrize("selectors", [{}, {"body": "body"}], ids=["unknown", "selected"])
@pytest.mark.parametrize(
    "body",
    [
        b"<a " * 30_000,
        b"<div>" * 20_000 + b"deep" + b"</div>" * 20_000,
        b"<blockquote>" * 3_000 + b"deep",
        b"<![" * 30_000,
        b"<p " + b"".join(b"a%d=1 " % i for i in range(50_000)) + b">x</p>",
        b"<p>" + b"\x00".join([b"a few words"] * 50) + b"</p>",
        "<p>lone \ud800 surrogate</p>".encode("utf-8", "surrogatepass"),
        b"<p>" + b'"' * 20_000 + b"</p>",
        b"<script type=application/ld+json>" + b"[" * 50_000 + b"</script><p>x</p>",
        b"<p>" + b"&#xd800;&#0;&#x110000;" * 100 + b"x</p>",
        b"<table>" + b"<td>x" * 15_000,
        b"<html>" + b"<p>x" * 110_000,
        b"<title>" + b" - a" * 20_000 + b"</title><p>x</p>",
        b"<p>" + b"1 Jan " * 20_000 + b"</p>",
        b"<" * 90_000,
        b"<q" * 40_000,
        b"http://a.example/x",
        b'<?xml version="1.0" encoding="utf-16"?><rss><item>' + b"A sentence of a feed. " * 30 + b"</item></rss>",
        b"<meta charset=punycode><p>" + b"\xff-" * 50_000,
    ],
    ids=range(19),
)
def test_hostile_pages_cost_little_and_raise_nothing_else(body: bytes, selectors: dict[str, str]) -> None:
    page = Page(url="https://a.example/", body=body, headers={"content-type": "text/html"}, selectors=selectors)

    def work() -> None:
        with suppress(NotAnArticle):
            article = read_article(page)
            article.text.encode("utf-8")
            assert "\x00" not in article.text

    assert costs_at_most(10, work)


def test_carried_content_is_read_without_what_its_source_removes() -> None:
    body = b"<p>Ofsted came to Marlbury in May.</p><div class='share'><p>Share this with your friends</p></div>"
    listed = {"title": "Ofsted in Marlbury", "byline": "Jo Blythe"}
    page = Page(
        url="https://news.marlbury.example/1",
        body=body,
        headers={"content-type": "text/html; charset=utf-8"},
        selectors={"format": "content", "remove": ".share"},
        listed=listed,
    )
    article = read_article(page)
    assert (article.text, article.title, article.byline) == (
        "Ofsted came to Marlbury in May.",
        listed["title"],
        "Jo Blythe",
    )
    assert article.body_method == "feed"
