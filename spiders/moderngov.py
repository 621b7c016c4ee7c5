"""ModernGov, the committee system of most councils: a committee's meetings, and the minutes of what each discussed.

A listing is `ieListMeetings.aspx?CommitteeId=N` (or `CId=N`); its meetings, `ieListDocuments.aspx?CId=N&MId=N`, are
parts of it; the items are agenda items with minutes, `mgAi.aspx?ID=N` or `ieIssueDetails.aspx?IId=N`. The same pages
stand at any council, under any host and folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from scrapy.http import Response

from spiders.listed import Listed, ListingError, NextPage, address
from spiders.registry import Listing

_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?,? ([A-Z][a-z]{2})[a-z]*,? (\d{4})")
_REPORT = re.compile(r"\s*\bPDF [\d.,]+ [KM]B$")
_CALLED_OFF = re.compile(r"cancelled|postponed", re.IGNORECASE)
_ANCHOR = re.compile(r"AI(\d+)")
_MINUTES = re.compile(r"\s*minutes\b", re.IGNORECASE)
_ITEM_PAGES = 'a[href*="mgAi.aspx?" i]', 'a[href*="ieIssueDetails.aspx?" i]'


def read_committee(response: Response, _: Listing) -> Iterator[Listed | NextPage]:
    """The meetings of a committee that are over, or the minuted items of one meeting. Raises ListingError."""
    soup = BeautifulSoup(response.body, "lxml")
    if urlsplit(response.url).path.lower().endswith("/ielistdocuments.aspx"):
        yield from _items(response, soup)
        return
    links = soup.select('a[href*="ieListDocuments.aspx?" i]')
    if not links:
        raise ListingError("no meetings: nothing on the page leads to ieListDocuments.aspx")
    for link in links:
        when = link.get_text(" ", strip=True)
        if not _CALLED_OFF.search(when) and not _is_ahead(when) and (url := address(response, str(link["href"]))):
            yield NextPage(url, part=True, modified="")  # minutes come weeks after, without a word here


def _items(response: Response, soup: BeautifulSoup) -> Iterator[Listed]:
    """The items of a meeting of which there are minutes; none before they are published."""
    headings = (tag.get_text(" ", strip=True) for tag in soup.select("h1, h2, .mgSubTitleTxt, title"))
    held = next((day.group() for heading in headings if (day := _DAY.search(heading))), "")
    for row in soup.select(".mgItemTable tr, #mgItemTable tr"):
        titles = row.select(".mgAiTitleTxt")
        minuted = any(_MINUTES.match(label.get_text()) for label in row.select(".mgSubItemTitleTxt"))
        if titles and minuted and (url := address(response, _page_of(row))):
            # The first of them is the item's number; what follows the last is its report.
            yield Listed(url, _REPORT.sub("", titles[-1].get_text(" ", strip=True)), held)


def _page_of(row: Tag) -> str:
    """Where an item stands by itself: what its row links to, or else what its anchor says it is called."""
    for css in _ITEM_PAGES:
        if link := row.select_one(css):
            return str(link["href"])
    anchors = (_ANCHOR.fullmatch(str(tag.get("name") or tag.get("id"))) for tag in row.select("[name], [id]"))
    return next((f"mgAi.aspx?ID={anchor[1]}" for anchor in anchors if anchor), "")


def _is_ahead(when: str) -> bool:
    """Whether a day is printed, and it is still to come."""
    printed = _DAY.search(when)
    try:
        return printed is not None and datetime.strptime(" ".join(printed.groups()), "%d %b %Y") > datetime.now()
    except ValueError:
        return False
