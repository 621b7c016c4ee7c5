"""/stances: where bodies stand, bodies by topics; every cell leads to the words that show it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from datasette.utils.asgi import BadRequest, Response

from nlp.topics import TOPICS
from onrecord.review.page import Row, drawn, read, rows
from onrecord.review.selection import BadAddress
from onrecord.review.stances_leaning import LEANINGS, Leaning, leaning, tally
from onrecord.review.stances_period import Period, period

_BODIES = 40
_UNLISTED = "unlisted"  # the kind of bodies that only articles name


@dataclass(frozen=True, slots=True)
class Cell:
    """What a body's stances on a topic add up to."""

    stances: int
    leaning: Leaning
    tally: str


@dataclass(frozen=True, slots=True)
class Line:
    """A body, and its cells by topic."""

    id: int
    name: str
    stances: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Matrix:
    """What the page says."""

    lines: list[Line]
    topics: list[str]
    kinds: list[str]  # families of kinds that there are
    years: list[str]  # of stances, the latest first
    after: int | None  # how many bodies further ones come after


async def page(datasette: Any, request: Any) -> Response:
    """The page; its address may ask for a kind of body, a part of their name, and years."""
    given = {name: request.args[name].strip() for name in request.args}
    try:
        when = period(given)
        after = _whole(given.get("after", ""))
    except BadAddress as error:
        raise BadRequest(str(error)) from error
    kind, name = given.get("kind", ""), given.get("body", "")[:200]
    matrix = await read(datasette, request, lambda connection: look(connection, when, kind, name, after))
    return await drawn(
        datasette, request, "stances.html", matrix=matrix, when=when, asked_kind=kind, name=name, leanings=LEANINGS
    )


def look(connection: sqlite3.Connection, when: Period, kind: str = "", name: str = "", after: int = 0) -> Matrix:
    """Reads what the page says: the bodies with the most stances that are asked for, after so many others."""
    kinds = [it["kind"] for it in rows(connection, _KINDS)]
    asked = {
        **when.years,
        "kinds": json.dumps([it for it in kinds if not kind or family(it) == kind]),
        "name": f"%{name}%",
        "most": _BODIES + 1,
        "after": after,
    }
    bodies = rows(connection, _MOST, asked)
    shown = bodies[:_BODIES]
    counts = rows(connection, _COUNTS, asked | {"bodies": json.dumps([body["id"] for body in shown])})
    return Matrix(
        lines=[_line(body, (row for row in counts if row["organisation_id"] == body["id"])) for body in shown],
        topics=sorted({row["topic"] for row in counts}, key=_place),
        kinds=sorted({family(it) for it in kinds}),
        years=[it["year"] for it in rows(connection, _YEARS)],
        after=after + _BODIES if len(bodies) > _BODIES else None,
    )


def family(kind: str) -> str:
    """The kind that people would filter by: all councils are of one, and what has been goes with what is."""
    if kind.startswith("local_authority"):
        return "local_authority"
    return kind.removesuffix("_former").removesuffix("_future")


def _line(body: Row, counts: Iterable[Row]) -> Line:
    cells = {row["topic"]: Cell(row["stances"], leaning(row), tally(row)) for row in counts}
    return Line(body["id"], body["name"], body["stances"], cells)


def _place(topic: str) -> tuple[int, str]:
    """The guide's order; a topic that it doesn't have comes last."""
    return (TOPICS.index(topic) if topic in TOPICS else len(TOPICS), topic)


def _whole(value: str) -> int:
    if value and not (value.isascii() and value.isdigit() and len(value) < 10):
        raise BadAddress("after is a whole number.")
    return int(value or 0)


_KINDS = f"""
    SELECT DISTINCT ifnull(kind, '{_UNLISTED}') AS kind FROM organisations
    WHERE EXISTS (SELECT 1 FROM stance_counts WHERE organisation_id = organisations.id)
"""  # noqa: S608 (a constant)
_YEARS = "SELECT DISTINCT year FROM stance_counts WHERE year <> '' ORDER BY year DESC"
_IN_TIME = "(:first IS NULL OR year >= :first) AND (:last IS NULL OR year <> '' AND year <= :last)"
_MOST = f"""
    SELECT organisations.id, organisations.name, sum(stances) AS stances
    FROM stance_counts JOIN organisations ON organisations.id = organisation_id
    WHERE {_IN_TIME} AND name LIKE :name
    AND ifnull(kind, '{_UNLISTED}') IN (SELECT value FROM json_each(:kinds))
    GROUP BY organisations.id ORDER BY sum(stances) DESC, name LIMIT :most OFFSET :after
"""  # noqa: S608 (constants)
_COUNTS = f"""
    SELECT organisation_id, topic, sum(stances) AS stances, sum(supportive) AS supportive, sum(critical) AS critical,
        sum(mixed) AS mixed, sum(neutral) AS neutral
    FROM stance_counts
    WHERE {_IN_TIME} AND organisation_id IN (SELECT value FROM json_each(:bodies))
    GROUP BY organisation_id, topic
"""  # noqa: S608 (constants)
