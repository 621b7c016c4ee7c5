"""Answers of programming interfaces, of which nothing is taken on trust: JSON read, and words looked up in it."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scrapy.http import Response

from spiders.listed import ListingError, NextPage


def answer_of(response: Response, rows: str, *inside: str) -> tuple[dict[str, Any], list[Any]]:
    """The object that holds the list `rows`, `inside` others or on its own, and that list. Raises ListingError."""
    try:
        answer = json.loads(response.body)
        for key in inside:
            answer = answer[key]
        found = answer[rows]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ListingError(f"no list of {rows}: {error!r}"[:200]) from error
    if not isinstance(found, list):
        raise ListingError(f"no list of {rows}: it is none")
    return answer, found


def words(value: Any, *path: str) -> str:
    """What stands at the end of a path of keys, "" where that is no text."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def number(value: Any, *path: str) -> int:
    """What stands at the end of a path of keys, as a number or as its digits; 0 where that is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return int(value) if isinstance(value, int) or (isinstance(value, str) and re.fullmatch(r"\d{1,9}", value)) else 0


def numbered(response: Response, page: int) -> NextPage:
    """The page of this number of the same search."""
    parts = urlsplit(response.url)
    query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), "page": str(page)}
    return NextPage(urlunsplit(parts._replace(query=urlencode(query))))
