"""RSS and Atom feeds, read by feedparser.

Where a feed carries an entry's whole text (RSS `content:encoded`, Atom `content`), that is the page; where it carries
no more than the beginning, the page is asked for.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import feedparser
from scrapy.http import Response

from spiders.listed import Listed, ListingError, NextPage, address, first_words, plain
from spiders.registry import Listing

# Entities can grow without end; no feed needs any of its own, whatever the XML library below does about them.
_ENTITIES = re.compile(rb"<!ENTITY", re.IGNORECASE)
# In other encodings than these, which have ASCII's letters where it counts, they could be there and not be seen.
_DECLARED = re.compile(rb"encoding\s*=\s*[\"']\s*([\w.:-]{1,40})", re.IGNORECASE)
_PLAIN = re.compile(r"ascii|utf-(?:8|16|32)|iso8859-|cp(?:125\d|932|949|950)|koi8-|mac-|gb|big5|euc_|shift_jis")
_WIDE = re.compile(rb"\s+encoding\s*=\s*[\"']utf-?(?:16|32)[\"']", re.IGNORECASE)
_EBCDIC = b"\x4c\x6f\xa7\x94"  # "<?xm"
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_HTML = {"text/html", "application/xhtml+xml"}
# The line that WordPress sets below what it gives away.
_CREDIT = re.compile(r"<p>The post .{1,1000} (?:appeared first|first appeared) on .{1,1000}</p>\s*", re.DOTALL)
# How a beginning ends: with dots, or with a few words that lead on, and the headline behind them.
_TEASER = re.compile(
    r"(?:…|\.\.\.)\W*$|\b(?:Read|Continue|Keep|Carry on) (?i:more|on|reading|the (?:full|whole|rest))\b"
)
_LONGEST_END = 200  # characters


def read_feed(response: Response, _: Listing) -> Iterator[Listed | NextPage]:
    """The entries of a feed, in its order; of one that is cut short those that are whole, then a ListingError."""
    markup = response.body.replace(b"\0", b"")  # UTF-16 and UTF-32 are ASCII and zeros where it counts
    if _ENTITIES.search(markup):
        raise ListingError("the feed declares entities of its own")
    if response.body.startswith(_EBCDIC) or not all(map(_is_plain, _DECLARED.findall(markup))):
        raise ListingError("the feed declares an encoding that no feed is in")
    body = response.body
    if b"\0" not in body:  # some programs declare what they have their words in, and send UTF-8
        body = _WIDE.sub(b"", body, count=1)
    # As a stream: feedparser takes bytes for the name of a file, if there is one.
    try:
        feed = feedparser.parse(BytesIO(body), response_headers={"content-location": response.url})
    except Exception as error:  # where XML is broken it guesses, and what it then raises has no common class
        raise ListingError(f"a feed that can't be read: {type(error).__name__}: {error}") from error
    if not feed.get("version") and not feed.entries:
        raise ListingError(f"no feed: neither RSS nor Atom, but {first_words(response.body)}")
    cut = not _END.search(markup)
    for entry in feed.entries[:-1] if cut else feed.entries:
        if url := address(response, _said(entry, "link")):
            content = _content(entry)
            yield Listed(
                url=url,
                title=plain(_said(entry, "title")),
                published=_said(entry, "published"),
                modified=_said(entry, "updated"),
                summary=_without_credit(_said(entry, "summary"))[:500],
                byline=_said(entry.get("author_detail", {}), "name") if content else "",  # else the page's own
                content=content,
            )
    if cut:
        raise ListingError("the feed is cut short")


def _said(entry: Any, name: str) -> str:
    """What stands in a field, "" where nothing does; of broken XML feedparser makes None and tables there, too.

    As a dict has it: feedparser's own get gives `published` in the place of `updated`.
    """
    value = dict.get(entry, name) if isinstance(entry, dict) else None
    return value if isinstance(value, str) else ""


def _is_plain(encoding: bytes) -> bool:
    """Whether it is an encoding that hides nothing, or none at all."""
    try:
        return bool(_PLAIN.match(codecs.lookup(encoding.decode("ascii")).name))
    except (LookupError, UnicodeDecodeError):
        return True


def _content(entry: Mapping[str, Any]) -> str:
    """An entry's whole text as HTML, "" where there is no more than a summary or a beginning."""
    contents = (content for content in entry.get("content") or () if content.get("type") in _HTML)
    given = next((_said(content, "value") for content in contents), "")
    content = _without_credit(given)
    said = plain(content)
    # Of an entry without a summary, feedparser makes the content one.
    summary = "" if _said(entry, "summary") == given else plain(_without_credit(_said(entry, "summary")))
    return content if len(said) > len(summary) and not _TEASER.search(said[-_LONGEST_END:]) else ""


def _without_credit(markup: str) -> str:
    start = markup.rfind("<p>The post ")
    return markup[:start].rstrip() if start >= 0 and _CREDIT.fullmatch(markup, start) else markup
