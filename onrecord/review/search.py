"""/search?q=…: statements with these words, the latest in first; people and bodies of that name."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from typing import Any

from datasette.utils.asgi import BadRequest, Response

from onrecord.review.page import drawn, read
from onrecord.review.shown import Shown, shown

_PAGE = 25
_NAMES = 12


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found; `before` is where the next page goes on."""

    statements: list[Shown]
    bodies: list[tuple[int, str]]
    people: list[tuple[int, str, str | None]]
    before: int | None


async def page(datasette: Any, request: Any) -> Response:
    """The page."""
    asked = (request.args.get("q") or "").strip()[:200]
    before = request.args.get("before") or ""
    if not re.fullmatch(r"\d{0,15}", before, re.ASCII):
        raise BadRequest("before is where an earlier page ended.")
    hits = await read(datasette, request, lambda connection: look(connection, asked, int(before or 0)))
    return await drawn(datasette, request, "search.html", asked=asked, hits=hits)


def look(connection: sqlite3.Connection, asked: str, before: int = 0) -> Hits:
    """What has these words; names on the first page alone. Every word must be there, in any form of it."""
    if not (words := re.findall(r"\w+", asked)):
        return Hits([], [], [], None)
    match = " ".join(f'"{word}"' for word in words)
    ids = [
        id
        for (id,) in connection.execute(
            "SELECT rowid FROM quotes_fts WHERE quotes_fts MATCH :match AND (:before = 0 OR rowid < :before)"
            " ORDER BY rowid DESC LIMIT :most",
            {"match": match, "before": before, "most": _PAGE + 1},
        )
    ]
    name = {"name": f"%{' '.join(asked.split())}%", "asked": asked, "most": 0 if before else _NAMES}
    bodies = connection.execute(
        "SELECT id, name FROM organisations JOIN organisation_counts AS counts ON organisation_id = id"
        " WHERE (counts.quotes + counts.figures + counts.stances > 0"
        " OR EXISTS (SELECT 1 FROM joint_statements AS joint WHERE joint.organisation_id = id)) AND (name LIKE :name"
        " OR id IN (SELECT organisation_id FROM organisation_aliases WHERE alias = :asked))"
        " ORDER BY counts.quotes DESC, name LIMIT :most",
        name,
    ).fetchall()
    people = connection.execute(
        "SELECT people.id, people.name, organisations.name FROM people"
        " LEFT JOIN organisations ON organisations.id = people.organisation_id"
        " WHERE people.same_as IS NULL AND people.name LIKE :name ORDER BY people.name LIMIT :most",
        name,
    ).fetchall()
    further = ids[_PAGE - 1] if len(ids) > _PAGE else None
    return Hits(shown(connection, "quote", ids[:_PAGE]), bodies, people, further)
