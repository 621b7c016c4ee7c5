"""A document of GOV.UK's content API to the parts of its article."""

from __future__ import annotations

import json
from typing import Any

from bs4 import Tag

from nlp.text import clean_paragraph
from pipelines.dates import day_of
from pipelines.html_paragraphs import paragraphs, parse
from pipelines.page import Page
from pipelines.reading import NotAnArticle, Reading


def read_govuk(page: Page) -> Reading:
    """The parts of a content item (JSON). Raises NotAnArticle for what is none, and for one without a body."""
    try:
        item = json.loads(page.body)
    except (ValueError, RecursionError) as error:
        raise NotAnArticle(f"no JSON: {error}") from error
    if not isinstance(item, dict) or not isinstance(item.get("details"), dict):
        raise NotAnArticle("JSON that is no content item of GOV.UK")
    body = _body(item["details"])
    return Reading(
        "content-api",
        paragraphs([_without_contacts(body)]) if body else [],
        title=_text(item, "title"),
        standfirst=_text(item, "description"),
        dates=[(day, "meta")] if (day := day_of(_text(item, "first_published_at") or "")) else [],
        canonical=_text(item, "base_path") or _text(item, "web_url"),
    )


def _body(details: dict[str, Any]) -> str:
    """The body's HTML; some kinds of document give it once for each type of content."""
    body = details.get("body")
    if isinstance(body, list):
        parts = [part for part in body if isinstance(part, dict) and part.get("content_type") == "text/html"]
        body = parts[0].get("content") if parts else None
    return body if isinstance(body, str) else ""


def _without_contacts(body: str) -> Tag:
    """The parsed body without the boxes in which a press office gives its number."""
    soup = parse(body)
    for box in soup.select(".contact"):
        box.decompose()
    return soup


def _text(item: dict[str, Any], key: str) -> str | None:
    value = item.get(key)
    return (clean_paragraph(value) or None) if isinstance(value, str) else None
