"""An HTML page of a site for which nobody wrote selectors: its body by trafilatura, its head by what pages print."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import dropwhile, islice
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement

from pipelines.dates import is_month_first
from pipelines.furniture import plain
from pipelines.html_metadata import read_metadata
from pipelines.html_paragraphs import classes_of, paragraphs, parse, speakers_of, text_of
from pipelines.page import Page
from pipelines.printed import date_line
from pipelines.reading import Paragraph, Reading
from pipelines.text_article import without_furniture

_STANDFIRSTS = frozenset({"standfirst", "strapline", "subtitle", "subheading", "deck", "dek", "intro"})  # in a class
_STANDFIRST_WORDS = range(4, 60)
_HEAD = 40  # elements below a headline, within which a standfirst stands
_OPENING = 4  # paragraphs, among which an article may print its headline once more


def read_generic(soup: BeautifulSoup, page: Page) -> Reading:
    """The parts of a page; the tree is not kept as it was."""
    month_first = is_month_first(page.selectors)
    reading = Reading("trafilatura")
    reading.standfirst = printed = _printed_standfirst(soup)
    read_metadata(soup, reading, month_first=month_first)
    _join_broken_lines(soup)
    # As HTML again, so that one place turns elements into paragraphs.
    body = trafilatura_of(soup, page, output_format="html", include_formatting=True)
    found = _below_title(paragraphs([parse(body)], speakers=speakers_of(soup)) if body else [], reading, month_first)
    # What a page says of itself in its head may well be its first paragraph: that stays.
    reading.paragraphs = without_furniture(found, [text for text in (reading.title, printed) if text])
    return reading


def trafilatura_of(soup: BeautifulSoup, page: Page, **options: Any) -> str | None:
    """The body of a page as trafilatura finds it, in plain text unless told otherwise; None where it finds none.

    It weighs short pages by stop words: by English ones, for those of all its languages take 33 MB and a second.
    """
    import trafilatura  # here, since all that name our readers would load it, and few read
    from trafilatura import external

    if external.JT_STOPLIST is None:
        external.JT_STOPLIST = tuple(sorted(external.get_stoplist("English")))  # type: ignore[assignment, attr-defined]
    return trafilatura.extract(str(soup), url=page.url, favor_precision=True, include_comments=False, **options)


def _printed_standfirst(soup: BeautifulSoup) -> str | None:
    """The standfirst that a page prints below its headline: as a second heading, or classed as one."""
    heading = soup.find("h1")
    if heading is None:
        return None
    second = heading.find_next_sibling()
    for tag in islice(heading.next_elements, _HEAD):
        if not isinstance(tag, Tag):
            continue
        if (tag is second and tag.name == "h2") or not _STANDFIRSTS.isdisjoint(classes_of(tag)):
            text = text_of(tag)
            if len(text.split()) in _STANDFIRST_WORDS:
                return text
    return None


def _below_title(found: list[Paragraph], reading: Reading, month_first: bool) -> list[Paragraph]:
    """The paragraphs below the headline, where it opens the article as well as the page, and below the date.

    What stands above the second headline is the standfirst.
    """
    title = plain(reading.title or "")
    places = [i for i, paragraph in enumerate(found[:_OPENING]) if plain(paragraph.text) == title]
    above = [paragraph.text for paragraph in found[: places[-1]] if plain(paragraph.text) != title] if places else []
    reading.standfirst = reading.standfirst or next(iter(above), None)
    below = found[places[-1] + 1 :] if places else found
    return list(dropwhile(lambda paragraph: date_line(paragraph.text, month_first=month_first) is not None, below))


def _join_broken_lines(soup: BeautifulSoup) -> None:
    """A single <br> is a space, here as in `html_paragraphs`; trafilatura would part paragraphs there."""
    for tag in soup.find_all("br"):
        if not (_is_break(tag.previous_siblings) or _is_break(tag.next_siblings)):
            tag.replace_with(" ")


def _is_break(siblings: Iterable[PageElement]) -> bool:
    """Whether the nearest of them, white space aside, is a <br>."""
    nearest = next((it for it in siblings if isinstance(it, Tag) or str(it).strip()), None)
    return isinstance(nearest, Tag) and nearest.name == "br"
