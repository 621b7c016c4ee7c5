"""An HTML page to the parts of its article: by its source's selectors, or by trafilatura where nobody wrote any."""

from __future__ import annotations

from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag
from soupsieve import SelectorSyntaxError

from nlp.text import clean_paragraph
from pipelines.charset import decode
from pipelines.dates import day_of, is_month_first
from pipelines.furniture import is_blocked, is_no_article
from pipelines.generic_article import read_generic
from pipelines.html_metadata import canonical_link, read_metadata
from pipelines.html_paragraphs import paragraphs, parse, text_of
from pipelines.page import Page
from pipelines.printed import date_line
from pipelines.reading import NotAnArticle, Reading

# A real page has a few thousand tags; with hundreds of thousands every parser takes minutes and gigabytes.
MOST_TAGS = 40_000
MOST_ATTRIBUTES = 100  # of one tag; beyond it none is worth reading


def read_html(page: Page) -> Reading:
    """The parts of an HTML page. Raises NotAnArticle for error pages, gates, and pages without text."""
    soup = parsed(page)
    _refuse_gates(soup)
    reading = _by_selectors(soup, page) if page.selectors.get("body") else read_generic(soup, page)
    reading.dates.extend((day, "text") for day in _printed_below_heading(soup, is_month_first(page.selectors)))
    reading.canonical = canonical_link(soup)
    return reading


def parsed(page: Page) -> BeautifulSoup:
    """The tree of an HTML page or fragment. Raises NotAnArticle where no parser should be asked."""
    if page.body.count(b"<") > MOST_TAGS:
        raise NotAnArticle(f"more than {MOST_TAGS:,} tags")
    html = decode(page.body, page.headers.get("content-type", ""))
    try:
        soup = parse(html)
    except (ValueError, AssertionError) as error:  # bs4's ParserRejectedMarkup is an AssertionError
        raise NotAnArticle(f"markup that cannot be read: {error}") from error
    for tag in soup.find_all(lambda tag: len(tag.attrs) > MOST_ATTRIBUTES):
        tag.attrs.clear()
    return soup


def _by_selectors(soup: BeautifulSoup, page: Page) -> Reading:
    selected = Selected(soup, page)
    reading = Reading(
        "selectors",
        title=selected.text("title"),
        standfirst=selected.text("standfirst"),
        byline=selected.text("byline"),
    )
    month_first = is_month_first(page.selectors)
    if day := day_of(selected.text("date") or "", month_first=month_first):
        reading.dates.append((day, "selector"))
    without = [*selected.tags("remove"), *selected.tags("pull_quote")]
    reading.paragraphs = paragraphs(selected.tags("body"), without)
    read_metadata(soup, reading, month_first=month_first)
    return reading


class Selected:
    """What a source's selectors point at; each is a CSS selector or a list of them, `css@attr` reads an attribute."""

    def __init__(self, soup: BeautifulSoup, page: Page) -> None:
        self.soup = soup
        self.selectors = page.selectors

    def tags(self, field: str) -> list[Tag]:
        """All that the field's selectors point at. Raises NotAnArticle for what is no selector, as `text` does."""
        return [tag for selector in self._of(field) for tag in self._select(field, selector)]

    def text(self, field: str) -> str | None:
        """What the first selector that says something points at."""
        for selector in self._of(field):
            css, at, attribute = selector.rpartition("@")
            for tag in self._select(field, css if at else selector):
                if text := clean_paragraph(str(tag.get(attribute, ""))) if at else text_of(tag):
                    return text
        return None

    def _of(self, field: str) -> list[str]:
        value = self.selectors.get(field) or []
        return [value] if isinstance(value, str) else list(value)

    def _select(self, field: str, css: str) -> list[Tag]:
        try:
            return list(self.soup.select(css))
        except SelectorSyntaxError as error:
            raise NotAnArticle(f"the source's selector {field} = {css!r} is no CSS selector") from error


def _refuse_gates(soup: BeautifulSoup) -> None:
    titles = [soup.title.get_text()] if soup.title else []
    titles += [text_of(tag) for tag in soup.find_all("h1")[:1]]
    for title in titles:
        if is_no_article(title):
            raise NotAnArticle(f"an error page or a gate: {clean_paragraph(title)[:80]!r}")
    if is_blocked(text_of(soup)):
        raise NotAnArticle("a page that asks its readers to prove themselves")


def _printed_below_heading(soup: BeautifulSoup, month_first: bool) -> Iterator[str]:
    """The day printed on a line of its own just below the page's heading, for pages that state none otherwise."""
    heading = soup.find("h1")
    for string in heading.find_all_next(string=True, limit=60) if heading else ():
        if (printed := date_line(clean_paragraph(str(string)), month_first=month_first)) and printed.published:
            yield printed.day
            return
