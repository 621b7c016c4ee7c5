"""Ofsted's register of reports: a search that lists providers, each of whose pages lists its reports, as PDF.

Shape of the pages: ofsted_ilacs_scrape.py of data-to-insight/ofsted-ilacs-scrape-tool, which reads the inspections of
children's services alone; that visits and joint inspections are named in the same way is inferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from bs4 import BeautifulSoup, Tag
from scrapy.http import Response

from spiders.listed import Listed, ListingError, NextPage, address
from spiders.registry import Listing

_ROWS = 10  # providers on a page of the search that does not say how many
# Of all that Ofsted reports on councils: not adoption, fostering, schools, nor special educational needs.
_WANTED = re.compile(
    r"children['’]?s services|(?:focused|monitoring) visit|\bjtai\b|joint (?:targeted )?area (?!send\b|special\b)",
    re.IGNORECASE,
)
_FORMAT = re.compile(r",\s*pdf\b", re.IGNORECASE)


def read_register(response: Response, _: Listing) -> Iterator[Listed | NextPage]:
    """The providers of a page of the search and its next page, all of them parts; or the reports of a provider."""
    soup = BeautifulSoup(response.body, "lxml")
    if "/provider/" in urlsplit(response.url).path:
        yield from _reports(response, soup)
    else:
        yield from _providers(response, soup)


def _providers(response: Response, soup: BeautifulSoup) -> Iterator[NextPage]:
    links = [address(response, str(link["href"])) for link in soup.select('a[href*="/provider/"]')]
    found = list(dict.fromkeys(url for url in links if url))
    parts = urlsplit(response.url)
    query = parse_qs(parts.query)
    start, rows = (_number(query.get(name), default) for name, default in (("start", 0), ("rows", _ROWS)))
    if not found and not start:
        raise ListingError("no link to a provider on the page")
    yield from (NextPage(url, part=True) for url in found)
    # The search prints when each provider was last reported on, so that a page of it that has not changed has no news.
    if len(found) >= rows > 0:
        following = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "start"]
        following.append(("start", str(start + rows)))
        yield NextPage(urlunsplit(parts._replace(query=urlencode(following))), part=True)


def _reports(response: Response, soup: BeautifulSoup) -> Iterator[Listed]:
    heading = soup.find("h1")
    provider = heading.get_text(" ", strip=True) if isinstance(heading, Tag) else ""
    for link in soup.select("a.publication-link[href]"):
        # "children's services inspection - 19 november 2021, pdf", in lower case and for screen readers alone
        said = link.select_one("span.nonvisual") or link
        kind, _, day = _FORMAT.sub("", " ".join(said.get_text(" ").split())).rpartition(" - ")
        if _WANTED.search(kind) and (url := address(response, str(link["href"]))):
            title = kind[:1].upper() + kind[1:]
            yield Listed(url, f"{title}: {provider}" if provider else title, published=day)


def _number(values: list[str] | None, default: int) -> int:
    return int(values[-1]) if values and values[-1].isdecimal() else default
