"""What a page says of itself in its head: JSON-LD first, then meta tags, then its headings."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from bs4 import BeautifulSoup, Tag

from nlp.text import clean_paragraph
from pipelines.bylines import printed_byline, writers
from pipelines.dates import day_of
from pipelines.furniture import is_furniture, plain
from pipelines.html_paragraphs import paragraphs, text_of
from pipelines.reading import Reading
from pipelines.titles import without_site

_TYPES = re.compile(r"(?:Article|BlogPosting|Report|PressRelease)$")
_TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title")
_DATES = (
    "article:published_time", "og:published_time", "datepublished", "dc.date", "dcterms.date", "dc.date.issued",
    "dcterms.issued", "dcterms.created", "dc.date.created", "citation_publication_date", "parsely-pub-date",
    "sailthru.date", "publish-date", "publish_date", "publication_date", "pubdate", "date",
)  # fmt: skip
_STANDFIRSTS = ("og:description", "description", "dc.description", "dcterms.description", "twitter:description")
_AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator", "citation_author", "parsely-author")
_TITLE_PARTS = re.compile(r"\s+[|»·–—-]\s+")
_CUT = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])$")


def read_metadata(soup: BeautifulSoup, reading: Reading, *, month_first: bool = False) -> None:
    """Fills what `reading` lacks of title, standfirst and byline, and adds every date that the page states."""
    linked = _linked_data(soup)
    metas = _metas(soup)
    head = soup.title.get_text() if soup.title else ""
    headings = _headings(soup, head)
    if not reading.title:
        stated = _first(linked, "headline", "headLine", "name") or _meta(metas, *_TITLES)
        title = stated or (headings[0] if headings else head)
        names = [_meta(metas, "og:site_name"), _meta(metas, "application-name")]
        reading.title = without_site(_plain(title), [name for name in names if name], set(map(plain, headings))) or None
    standfirst = _plain(_first(linked, "description") or _meta(metas, *_STANDFIRSTS))
    if not reading.standfirst and not _CUT.search(standfirst):
        reading.standfirst = standfirst or None
    reading.byline = _byline(soup, reading.byline, linked, metas)
    for value, method in (
        (_first(linked, "datePublished", "dateCreated"), "json-ld"),
        *((metas.get(name, ""), "meta") for name in _DATES),
        (_time(soup), "meta"),
    ):
        if day := day_of(value, month_first=month_first):
            reading.dates.append((day, method))


def canonical_link(soup: BeautifulSoup) -> str | None:
    """The address that `<link rel=canonical>` gives, as it stands there."""
    link = soup.find("link", rel="canonical", href=True)
    return str(link["href"]).strip() if isinstance(link, Tag) else None


def _headings(soup: BeautifulSoup, title: str) -> list[str]:
    """The page's headings of the first order that say more than what kind of page it is ("Agenda item").

    Where none does, the page's title tells which of the second order is its headline.
    """
    headings = [text for tag in soup.find_all("h1")[:20] if (text := text_of(tag)) and not is_furniture(text)]
    named = (text for tag in soup.find_all("h2")[:20] if (text := text_of(tag)) and plain(text) in plain(title))
    return headings or list(islice(named, 1))


def _byline(soup: BeautifulSoup, selected: str | None, linked: dict[str, Any], metas: dict[str, str]) -> str | None:
    """Who wrote it: by the source's selector, by JSON-LD, by a meta tag, by the line printed below the headline."""
    sites = {plain(name) for name in _sites(soup, linked, metas)}
    stated = ([selected or ""], _authors(linked.get("author")), [_meta(metas, *_AUTHORS)])
    for names in stated:
        if named := writers([_plain(name) for name in names], sites):
            return named
    heading = soup.find("h1")
    if not isinstance(heading, Tag):
        return None
    return printed_byline([line.text for line in paragraphs([soup])], text_of(heading), sites)


def _sites(soup: BeautifulSoup, linked: dict[str, Any], metas: dict[str, str]) -> Iterator[str]:
    """What the site calls itself; in a page's title its name comes last."""
    yield from (metas[name] for name in ("og:site_name", "application-name") if name in metas)
    publisher = linked.get("publisher")
    if isinstance(publisher, dict) and isinstance(name := publisher.get("name"), str):
        yield name
    yield from _TITLE_PARTS.split(soup.title.get_text())[1:] if soup.title else ()


def _linked_data(soup: BeautifulSoup) -> dict[str, Any]:
    """The first thing described as an article in the page's JSON-LD, {} where there is none."""
    for script in soup.find_all("script", type=re.compile(r"^\s*application/ld\+json", re.IGNORECASE)):
        try:
            data = json.loads(script.string or "", strict=False)
        except (ValueError, RecursionError):
            continue
        for thing in _things(data):
            types = thing.get("@type")
            names = types if isinstance(types, list) else [types]
            if any(isinstance(name, str) and _TYPES.search(name) for name in names):
                return thing
    return {}


def _things(data: object) -> Iterator[dict[str, Any]]:
    waiting = [data]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, list):
            waiting.extend(reversed(thing))
        elif isinstance(thing, dict):
            yield thing
            waiting.extend(thing[key] for key in ("mainEntityOfPage", "mainEntity", "@graph") if key in thing)


def _metas(soup: BeautifulSoup) -> dict[str, str]:
    """Contents of meta tags (and of microdata dates) by lower-case name; the first of each that says something."""
    found: dict[str, str] = {}
    for tag in soup.find_all(["meta", "time", "span"]):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        content = tag.get("content") or tag.get("datetime")
        if isinstance(name, list):  # bs4 takes some attributes for lists of words
            name = name[0] if name else None
        if name and content and str(content).strip():
            found.setdefault(str(name).strip().lower(), str(content).strip())
    return found


def _time(soup: BeautifulSoup) -> str:
    """The first `<time datetime>` below the page's heading: those above it belong to menus and tickers."""
    time = (soup.find("h1") or soup).find_next("time", datetime=True)
    return str(time["datetime"]) if isinstance(time, Tag) else ""


def _first(thing: dict[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := thing.get(name), str) and value.strip()), "")


def _meta(metas: dict[str, str], *names: str) -> str:
    return next((metas[name] for name in names if name in metas), "")


def _authors(value: object) -> list[str]:
    """Names out of JSON-LD's author: a string, a thing with a name, or a list of either."""
    entries = value if isinstance(value, list) else [value]
    names = [entry.get("name") if isinstance(entry, dict) else entry for entry in entries]
    return [name for name in names if isinstance(name, str)]


def _plain(value: str) -> str:
    """Text that went through a template twice: entities and tags gone."""
    return clean_paragraph(re.sub(r"</?[a-zA-Z][^<>]*>", "", html.unescape(value)))
