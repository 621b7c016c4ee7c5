"""TheyWorkForYou's searches of what is said in Parliament: getDebates, getWrans, getWMS; a speech is one item.

Shape of the answer: mysociety/theyworkforyou, classes/Hansard.php: a row has its place (gid, listurl), its day (hdate),
its speaker, its whole body as HTML, and the heading it stands under (parent). The key is added by `spiders.keys`.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from urllib.parse import quote, urlsplit

from scrapy.http import Response

from spiders.answers import answer_of, number, numbered, words
from spiders.listed import Listed, NextPage, address, plain
from spiders.registry import Listing

_SPEECH = 12  # htype of a speech, a question or an answer; 10 and 11 are headings, 13 is procedure


def read_speeches(response: Response, _: Listing) -> Iterator[Listed | NextPage]:
    """The speeches on one page of a search, each at an address of its own. Raises ListingError."""
    answer, rows = answer_of(response, "rows")
    for row in rows:
        speaker, body = plain(words(row, "speaker", "name")), words(row, "body")
        if number(row, "htype") != _SPEECH or not speaker or not body:
            continue
        if url := address(response, _own_address(words(row, "listurl"), words(row, "gid"))):
            yield Listed(
                url=url,
                title=plain(words(row, "parent", "body")),
                published=words(row, "hdate"),
                byline=speaker,
                # Said so that extraction knows the speaker: nothing within the speech names him.
                content=f"<p>{escape(speaker)} said:</p><blockquote>{body}</blockquote>",
            )
    if rows and number(answer, "info", "first_result") + len(rows) <= number(answer, "info", "total_results"):
        yield numbered(response, number(answer, "info", "page") + 1)


def _own_address(listurl: str, gid: str) -> str:
    """Where a speech stands by itself; `listurl` leads to its debate, all of whose speeches share an address."""
    path = urlsplit(listurl).path
    return f"{path}?id={quote(gid)}" if path and gid else ""
