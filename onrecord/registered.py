"""Pages given by hand that are of a source in the registry: they are read as the source's pages are by night."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile
from urllib.parse import urlsplit

from pipelines.article import NotAnArticle, read_article
from pipelines.page import Article, Page
from pipelines.urls import without_www
from spiders.registry import Source


def source_of(page: Page, sources: Iterable[Source]) -> Source | None:
    """The source whose page it is; None where no source has its host, or several have and nothing tells which."""
    parts = urlsplit(page.url)
    host = without_www(parts.hostname or "")
    near = [(_nearness(source, parts.path), source) for source in sources if _is_on(source, host, page)]
    nearest = [source for nearness, source in near if nearness == max(near, key=lambda pair: pair[0])[0]]
    return nearest[0] if len(nearest) == 1 else None


def read_as(source: Source, page: Page) -> tuple[Article, bool]:
    """The article on a source's page, and whether its selectors found it; another kind of page is read without them.

    Raises NotAnArticle.
    """
    page = replace(page, publisher=source.publisher, kind=source.kind)
    try:
        return read_article(replace(page, selectors=source.article, former=source.former)), True
    except NotAnArticle:
        return read_article(page), False


def _is_on(source: Source, host: str, page: Page) -> bool:
    """Whether a source has the host and reads such pages: those that answer a program are no pages for people."""
    answers_programs = "format" in source.article
    return answers_programs == page.content_type.endswith("json") and host in map(without_www, source.hosts)


def _nearness(source: Source, path: str) -> int:
    """How many leading parts of a path one of the source's own addresses has as well."""
    own = [urlsplit(url).path.split("/") for url in (source.home or "", *(listing.url for listing in source.listing))]
    pairs = (zip(path.split("/"), parts, strict=False) for parts in own)
    return max(sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both)) for both in pairs)
