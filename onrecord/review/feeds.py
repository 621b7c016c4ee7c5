"""Atom: /feed/statements.atom has the newest statements, /organisation/<id>/statements.atom those of one body."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from datasette.utils.asgi import NotFound, Response

from onrecord.review.hook import hook
from onrecord.review.markup import neutral
from onrecord.review.page import read, rows
from onrecord.review.wording import web, who

_ENTRIES = 50
# Entries are named for good (RFC 4151), wherever the file is served: a quote's key is in no other file's feed.
_NAMED = "tag:onrecord.invalid,2026:"
_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# What a reviewer has rejected was not said. Some more than are shown: a few are rejected.
_STATEMENTS = """
    SELECT statements.*, quotes.article_id, articles.first_seen
    FROM statements
    JOIN quotes ON quotes.id = statements.quote_id
    JOIN articles ON articles.id = quotes.article_id
    WHERE statements.quote_id IN ({which}) AND statements.review_status IS NOT 'rejected'
    ORDER BY {order} LIMIT :most
"""
_NEW = _STATEMENTS.format(
    which="SELECT id FROM quotes ORDER BY id DESC LIMIT 4 * :most", order="statements.quote_id DESC"
)
_OF_BODY = _STATEMENTS.format(
    which=(
        "SELECT id FROM ("
        " SELECT id FROM quotes WHERE shown_organisation_id = :id ORDER BY published DESC LIMIT 4 * :most"
        ") UNION ALL SELECT quote_id FROM joint_statements WHERE organisation_id = :id"
    ),
    order="statements.published DESC, statements.quote_id DESC",
)


@hook
def register_routes() -> list[Any]:
    return [(r"^/feed/statements\.atom$", _of_all), (r"^/organisation/(?P<id>[0-9]{1,18})/statements\.atom$", _of_body)]


async def _of_all(datasette: Any, request: Any) -> Response:
    statements = await read(datasette, request, lambda connection: rows(connection, _NEW, {"most": _ENTRIES}))
    return _answer(datasette, request, "On record: new statements", "/", statements)


async def _of_body(datasette: Any, request: Any) -> Response:
    id = int(request.url_vars["id"])

    def look(connection: sqlite3.Connection) -> tuple[str, list[dict[str, Any]]]:
        if (body := connection.execute("SELECT name FROM organisations WHERE id = ?", [id]).fetchone()) is None:
            raise NotFound("There is no such body.")
        return body[0], rows(connection, _OF_BODY, {"id": id, "most": _ENTRIES})

    name, statements = await read(datasette, request, look)
    return _answer(datasette, request, f"On record: {name}", f"/organisation/{id}", statements)


def _answer(datasette: Any, request: Any, title: str, page: str, statements: list[dict[str, Any]]) -> Response:
    def address(path: str) -> str:
        return str(datasette.absolute_url(request, datasette.urls.path(path)))

    feed = ElementTree.Element("feed", xmlns=_ATOM)
    _add(feed, "id", f"{_NAMED}{request.path.strip('/')}")
    _add(feed, "title", title)
    _add(feed, "updated", max((it["first_seen"] for it in statements), default="1970-01-01T00:00:00+00:00"))
    _add(_add(feed, "author"), "name", "onrecord")
    _add(feed, "link", rel="self", type="application/atom+xml", href=address(request.path))
    _add(feed, "link", rel="alternate", type="text/html", href=address(page))
    for statement in statements:
        _entry(feed, statement, address(f"/article/{statement['article_id']}#quote-{statement['quote_id']}"))
    body = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


def _entry(feed: ElementTree.Element, statement: Mapping[str, Any], address: str) -> None:
    entry = _add(feed, "entry")
    speaker = who(statement["person"], statement["role"], statement["organisation"])
    _add(entry, "id", f"{_NAMED}quote/{statement['quote_key']}")
    _add(entry, "title", f"{speaker or 'Nobody known'}: “{_shortened(statement['quote'])}”")
    _add(entry, "updated", statement["first_seen"])
    if statement["published"]:
        _add(entry, "published", f"{statement['published']}T00:00:00Z")
    _add(_add(entry, "author"), "name", statement["person"] or statement["organisation"] or "unknown")
    _add(entry, "link", rel="alternate", type="text/html", href=address)
    if source := web(statement["url"]):
        _add(entry, "link", rel="via", type="text/html", href=source)
    _add(entry, "content", f"“{statement['quote']}”\n\n{statement['article'] or ''}", type="text")


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name, {key: _clean(value) for key, value in attributes.items()})
    child.text = None if text is None else _clean(text)
    return child


def _clean(text: str) -> str:
    """Without what XML may not hold, and without what turns the direction of text."""
    return _NOT_XML.sub("\ufffd", neutral(text))


def _shortened(text: str) -> str:
    """Its first words, as a headline."""
    return text if len(text) <= 90 else f"{text[:90].rsplit(' ', 1)[0]} …"
