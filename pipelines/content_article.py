"""The body of an article as its listing carried it (a feed with full content, a WordPress API) to its parts."""

from __future__ import annotations

from nlp.text import clean_paragraph
from pipelines.html_article import Selected, parsed
from pipelines.html_paragraphs import paragraphs
from pipelines.page import Page
from pipelines.reading import Reading


def read_content(page: Page) -> Reading:
    """The parts of an HTML fragment; headline and byline are those that were listed.

    The source's `remove` selectors leave out what its pages carry inside the body. Raises NotAnArticle.
    """
    soup = parsed(page)
    return Reading(
        "feed",
        paragraphs([soup], Selected(soup, page).tags("remove")),
        title=_listed(page, "title"),
        byline=_listed(page, "byline"),
    )


def _listed(page: Page, name: str) -> str | None:
    return clean_paragraph(page.listed.get(name, "")) or None
