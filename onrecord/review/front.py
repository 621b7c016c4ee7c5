"""/: what last night brought, what is to review, whether the sources are well, and where to look things up."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datasette.utils.asgi import Response

from onrecord.review.page import Row, drawn, read, rows
from onrecord.review.shown import Shown, shown

_NEWEST = 8
_AMONG = 80  # the latest quotes, of which the newest statements are chosen
_BODIES = 60
_WELL = ("ok", "skipped")


@dataclass(frozen=True, slots=True)
class Front:
    """What the page says."""

    night: Row | None
    newest: list[Shown]
    fresh: bool  # whether these came last night
    totals: Mapping[str, Row]  # counts by kind
    bodies: list[Row]
    more_bodies: bool
    sources: list[Row]
    ailing: list[Row]


async def page(datasette: Any, request: Any) -> Response:
    """The page; ?body= narrows the bodies to those with this in their name."""
    name = (request.args.get("body") or "").strip()[:200]
    found = await read(datasette, request, lambda connection: look(connection, name))
    return await drawn(datasette, request, "front.html", front=found, name=name)


def look(connection: sqlite3.Connection, name: str = "") -> Front:
    """Reads what the page says."""
    night = next(iter(rows(connection, _NIGHT)), None)
    since = night["started"] if night else ""
    latest = connection.execute(
        "SELECT quotes.id, articles.first_seen >= :since FROM quotes JOIN articles ON articles.id = quotes.article_id"
        " ORDER BY quotes.id DESC LIMIT :most",
        {"since": since, "most": _AMONG},
    ).fetchall()
    fresh = [id for id, is_fresh in latest if is_fresh]
    newest = _telling(shown(connection, "quote", fresh or [id for id, _ in latest]))
    bodies = rows(connection, _BODY, {"name": f"%{name}%", "most": _BODIES + 1})
    sources = rows(connection, _SOURCES)
    return Front(
        night=night,
        newest=newest[:_NEWEST],
        fresh=bool(fresh),
        totals={row["item_kind"]: row for row in rows(connection, _TOTALS)},
        bodies=bodies[:_BODIES],
        more_bodies=len(bodies) > _BODIES,
        sources=sources,
        ailing=[
            row | rows(connection, _LAST_WELL, row)[0]
            for row in sources
            if row["verdict"] and row["verdict"] not in _WELL
        ],
    )


def _telling(statements: list[Shown]) -> list[Shown]:
    """One of each story: whole sentences before fragments, somebody known before nobody, and the longest."""

    def tells(it: Shown) -> tuple[bool, bool, int]:
        return it.form == "direct", bool(it.person or it.organisation), len(it.text)

    best: dict[str, Shown] = {}
    for it in statements:
        story = f"story {it.story_id}" if it.story_id else f"article {it.article_id}"
        if it.status == "rejected":
            continue
        if story not in best or tells(it) > tells(best[story]):
            best[story] = it
    return list(best.values())


_NIGHT = """
    SELECT runs.started, runs.ended, runs.verdict, sum(fetched) AS fetched, sum(new) AS new, sum(changed) AS changed,
        sum(quotes) AS quotes, sum(failed) AS failed, count(*) AS sources
    FROM (SELECT * FROM runs ORDER BY id DESC LIMIT 1) AS runs LEFT JOIN run_sources ON run_id = runs.id
    GROUP BY runs.id
"""
_TOTALS = """
    SELECT item_kind, sum(items) AS items, sum(to_review) AS to_review, sum(accepted) AS accepted,
        sum(rejected) AS rejected, sum(corrected) AS corrected
    FROM review_counts GROUP BY item_kind
"""
_BODY = """
    SELECT organisation_id AS id, organisations.name, organisations.kind, organisations.confirmed, counts.*
    FROM organisation_counts AS counts JOIN organisations ON organisations.id = counts.organisation_id
    WHERE counts.quotes + counts.stances > 0 AND organisations.name LIKE :name
    ORDER BY counts.to_review DESC, counts.quotes DESC, organisations.name LIMIT :most
"""
# Not the view source_health: it counts every source's articles, which nobody who comes here has asked for.
_SOURCES = """
    SELECT sources.id, sources.name, latest.verdict, latest.new, latest.note,
        (SELECT max(published) FROM articles WHERE source_id = sources.id) AS latest_article
    FROM sources LEFT JOIN run_sources AS latest ON latest.source_id = sources.id
    AND latest.run_id = (SELECT max(run_id) FROM run_sources WHERE source_id = sources.id)
    WHERE enabled ORDER BY sources.name
"""
_LAST_WELL = """
    SELECT max(runs.started) AS last_well FROM run_sources JOIN runs ON runs.id = run_id
    WHERE source_id = :id AND run_sources.verdict = 'ok'
"""
