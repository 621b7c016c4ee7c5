"""/organisation/<id>/stances/<topic>: how a body's view of a topic went, and the words that show it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from datasette.utils.asgi import BadRequest, NotFound, Response
from markupsafe import Markup

from nlp.topics import TOPICS
from onrecord.review import wording
from onrecord.review.page import Row, drawn, read, rows
from onrecord.review.selection import BadAddress
from onrecord.review.shown import Shown, shown
from onrecord.review.stances_leaning import POLARITIES, Leaning, leaning, tally
from onrecord.review.stances_period import Period, period
from onrecord.review.stances_timeline import NEITHER, Time, picture, times

_PAGE = 20
_CHOICES = {"": POLARITIES, "supportive": ("supportive",), "critical": ("critical",), "neither": NEITHER}
_CURSOR = re.compile(r"(\d{4}-\d\d-\d\d|)\.(\d{1,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class View:
    """What the page says."""

    body: Row
    topics: list[Row]  # that it has stances on, with their number
    stances: int  # in the time that is asked for
    leaning: Leaning
    tally: str
    times: list[Time]
    evidence: list[Shown]
    after: str | None  # where further evidence goes on


async def page(datasette: Any, request: Any) -> Response:
    """The page; its address may ask for a time and a polarity."""
    id, topic = int(request.url_vars["id"]), unquote(request.url_vars["topic"])
    given = {name: request.args[name].strip() for name in request.args}
    try:
        when = period(given)
        polarity, after = given.get("polarity", ""), _place(given.get("after", ""))
        if polarity not in _CHOICES:
            raise BadAddress(f"polarity is one of {', '.join(filter(None, _CHOICES))}.")
    except BadAddress as error:
        raise BadRequest(str(error)) from error
    view = await read(datasette, request, lambda connection: look(connection, id, topic, when, polarity, after))
    if view is None:
        raise NotFound("There is no such body, or no such topic.")
    address = f"/organisation/{id}/stances/{quote(topic, safe='')}"
    return await drawn(
        datasette, request, "stances_body.html", id=id, topic=topic, view=view, when=when, polarity=polarity,
        choices=_CHOICES, address=address, picture=_picture(view, topic, address),
    )  # fmt: skip


def look(
    connection: sqlite3.Connection,
    id: int,
    topic: str,
    when: Period,
    polarity: str = "",
    after: tuple[str | None, int] | None = None,
) -> View | None:
    """Reads what the page says; None where there is no such body or topic."""
    of = {"id": id, "topic": topic}
    body = next(iter(rows(connection, "SELECT * FROM organisations WHERE id = :id", of)), None)
    topics = rows(connection, _TOPICS, of)
    if body is None or topic not in {*TOPICS, *(it["topic"] for it in topics)}:
        return None
    (counts,) = rows(connection, _COUNTS, {**of, **when.bounds})
    found = _evidence(connection, {**of, **when.bounds}, polarity, after)
    shown_here = found[:_PAGE]
    return View(
        body=body,
        topics=topics,
        stances=counts["stances"],
        leaning=leaning(counts),
        tally=tally(counts),
        times=times(connection, id, topic, when),
        evidence=shown(connection, "stance", [it for it, _ in shown_here]),
        after=f"{shown_here[-1][1] or ''}.{shown_here[-1][0]}" if len(found) > _PAGE else None,
    )


def _evidence(
    connection: sqlite3.Connection, of: Mapping[str, object], polarity: str, after: tuple[str | None, int] | None
) -> list[tuple[int, str | None]]:
    """Ids and days of one stance more than a page has, newest first; the undated last."""
    where = [
        "shown_organisation_id = :id AND shown_topic = :topic AND review_status IS NOT 'rejected'",
        "(:since IS NULL OR published >= :since)",
        "(:until IS NULL OR published < :until)",
    ]
    if polarity:
        where.append("shown_polarity IN ({})".format(", ".join(f"'{it}'" for it in _CHOICES[polarity])))
    if after and after[0]:
        where.append("(published < :day OR published = :day AND id < :last OR published IS NULL)")
    elif after:
        where.append("published IS NULL AND id < :last")
    sql = (
        f"SELECT id, published FROM stances INDEXED BY stances_matrix WHERE {' AND '.join(where)}"  # noqa: S608 (ours)
        " ORDER BY published DESC, id DESC LIMIT :most"
    )
    day, last = after or (None, None)
    return connection.execute(sql, {**of, "day": day, "last": last, "most": _PAGE + 1}).fetchall()


def _picture(view: View, topic: str, address: str) -> Markup:
    return picture(view.times, f"{view.body['name']} on {wording.plain(topic)}", address)


def _place(after: str) -> tuple[str | None, int] | None:
    """The day and the id at which an earlier page ended."""
    if not after:
        return None
    match = _CURSOR.fullmatch(after)
    if match is None:
        raise BadAddress("after is where an earlier page ended.")
    return match[1] or None, int(match[2])


_TOPICS = """
    SELECT topic, sum(stances) AS stances FROM stance_counts WHERE organisation_id = :id
    GROUP BY topic ORDER BY sum(stances) DESC, topic
"""
_COUNTS = """
    SELECT count(*) AS stances,
        count(*) FILTER (WHERE shown_polarity = 'supportive') AS supportive,
        count(*) FILTER (WHERE shown_polarity = 'critical') AS critical,
        count(*) FILTER (WHERE shown_polarity = 'mixed') AS mixed,
        count(*) FILTER (WHERE shown_polarity = 'neutral') AS neutral
    FROM stances INDEXED BY stances_matrix
    WHERE shown_organisation_id = :id AND shown_topic = :topic AND review_status IS NOT 'rejected'
    AND (:since IS NULL OR published >= :since) AND (:until IS NULL OR published < :until)
"""
