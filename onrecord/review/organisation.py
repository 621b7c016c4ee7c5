"""/organisation/<id>: what a body has on record, who speaks for it, where it stands, and what figures it gave."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from datasette.utils.asgi import BadRequest, NotFound, Response
from markupsafe import Markup

from nlp.topics import TOPICS
from onrecord.review import wording
from onrecord.review.page import Row, drawn, read, rows
from onrecord.review.plots import Mark, balance, columns, share
from onrecord.review.selection import BadAddress, Found, Selection, find, selected
from onrecord.review.shown import Shown, shown

_PAGE = 20
_PEOPLE = 12
_POSTS = 60  # appointments of a person that are looked at, the latest
_FIGURES = 8
_MONTHS = 24
_STANCES = 3_000  # that the pictures show, the latest


@dataclass(frozen=True, slots=True)
class Body:
    """What the page says."""

    row: Row
    other_names: list[str]
    counts: Mapping[str, Row]  # by kind
    found: Found
    statements: list[Shown]
    joint: list[Shown]  # the latest that others said with it
    people: list[Row]
    figures: list[Shown]
    months: list[tuple[str, int]]
    topics: list[tuple[str, int, Markup]]
    person: str | None  # whose statements are asked for
    sources: list[Row]


async def page(datasette: Any, request: Any) -> Response:
    """The page; its address narrows the statements as that of a queue does."""
    id = int(request.url_vars["id"])
    arguments = {name: request.args[name] for name in request.args}
    try:
        wanted = selected("quote", {**arguments, "organisation": str(id)}, status="all")
        body = await read(
            datasette, request, lambda connection: look(connection, id, wanted, arguments.get("after", ""))
        )
    except BadAddress as error:
        raise BadRequest(str(error)) from error
    if body is None:
        raise NotFound("There is no such body.")
    return await drawn(
        datasette, request, "organisation.html", id=id, body=body, wanted=wanted, pictures=_pictures(body),
        topics=TOPICS, narrowed=wanted != selected("quote", {"organisation": str(id)}, status="all"),
    )  # fmt: skip


def look(connection: sqlite3.Connection, id: int, wanted: Selection, after: str = "") -> Body | None:
    """Reads what the page says; None where there is no such body. Raises BadAddress."""
    of = {"id": id, "most": _PEOPLE, "posts": _POSTS, "stances": _STANCES, "joint": _FIGURES}
    row = next(iter(rows(connection, "SELECT * FROM organisations WHERE id = :id", of)), None)
    if row is None:
        return None
    # A copy is left out where its first is on the list too, which a narrower list can't promise.
    fold = not (wanted.source or wanted.since or wanted.until)
    found = find(connection, wanted, after, _PAGE, fold=fold)
    figures = find(connection, Selection("figure", "all", organisation=id), "", _FIGURES)
    return Body(
        row=row,
        other_names=[it["alias"] for it in rows(connection, _ALIASES, of) if it["alias"] != row["name"]],
        counts={it["item_kind"]: it for it in rows(connection, _COUNTS, of)},
        found=found,
        statements=shown(connection, "quote", found.ids),
        joint=shown(connection, "quote", [it["id"] for it in rows(connection, _JOINT, of)]),
        people=[_with_posts(connection, id, person) for person in rows(connection, _SPEAKERS, of)],
        figures=shown(connection, "figure", figures.ids),
        months=_by_month(connection, id),
        topics=_topics(rows(connection, _STANDS, of)),
        person=next((it["name"] for it in rows(connection, _PERSON, {"person": wanted.person})), None),
        sources=rows(connection, "SELECT id, name FROM sources ORDER BY name"),
    )


def _pictures(body: Body) -> dict[str, Markup]:
    """The counts, drawn."""
    counts = body.counts.get("quote", {})
    decided = [
        Mark(counts.get(name, 0), f"{wording.number(counts.get(name, 0))} {wording.status(status)}", name)
        for name, status in (
            ("accepted", "accepted"), ("corrected", "corrected"), ("rejected", "rejected"), ("to_review", None),
        )
    ]  # fmt: skip
    months = [
        Mark(quotes, f"{wording.month(month)}: {wording.counted(quotes, 'quote')}") for month, quotes in body.months
    ]
    return {
        "decided": share(decided, "Quotes by decision: " + ", ".join(mark.says for mark in decided)),
        "months": columns(months, "Quotes by month. " + "; ".join(mark.says for mark in months if mark.value)),
    }


def _with_posts(connection: sqlite3.Connection, id: int, person: Row) -> Row:
    """A person with the posts that articles give them, at this body first, the latest first."""
    posts = rows(connection, _POSTS_OF, {"id": id, "first": person["first"], "posts": _POSTS})
    return person | {"posts": posts}


def _by_month(connection: sqlite3.Connection, id: int) -> list[tuple[str, int]]:
    """How many quotes there are of each of the last months that have any."""
    last = connection.execute("SELECT max(published) FROM quotes WHERE shown_organisation_id = ?", [id]).fetchone()[0]
    counted = {"id": id, "months": json.dumps(_months(last))}
    return [(row["month"], row["quotes"]) for row in rows(connection, _BY_MONTH, counted)]


def _months(last: str | None) -> list[str]:
    """The months up to that of a day, as 2026-04."""
    if last is None:
        return []
    year, month = map(int, last.split("-")[:2])
    end = year * 12 + month
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(end - _MONTHS, end)]


def _topics(stances: list[Row]) -> list[tuple[str, int, Markup]]:
    """For each topic how many stances there are and how they went, month by month; the most spoken of first."""
    months = _months(max((it["month"] for it in stances), default=None))
    drawn = []
    for topic, of_topic in groupby(sorted(stances, key=lambda it: it["topic"]), key=lambda it: it["topic"]):
        counts = {(it["month"], it["polarity"]): it["stances"] for it in of_topic}
        whole = sum(counts.values())

        def mark(month: str, *polarities: str, counts: Mapping[tuple[str, str], int] = counts) -> Mark:
            value = sum(counts.get((month, polarity), 0) for polarity in polarities)
            return Mark(value, f"{wording.month(month)}: {value} {' or '.join(polarities)}", polarities[0])

        times = [(mark(it, "supportive"), mark(it, "critical"), mark(it, "mixed", "neutral")) for it in months]
        says = ", ".join(
            f"{sum(n for (_, it), n in counts.items() if it == polarity)} {polarity}"
            for polarity in ("supportive", "critical", "mixed", "neutral")
        )
        drawn.append((topic, whole, balance(times, f"{wording.plain(topic)}: {says}")))
    return sorted(drawn, key=lambda it: (-it[1], it[0]))


_ALIASES = "SELECT DISTINCT alias FROM organisation_aliases WHERE organisation_id = :id AND kind <> 'place' LIMIT 8"
_PERSON = "SELECT name FROM people WHERE id = :person"
_COUNTS = "SELECT * FROM review_counts WHERE organisation_id = :id"
# A person may have several rows (people.same_as): what is told of one of them is told of all.
_ONE = "(SELECT id FROM people AS other WHERE other.id = {first} OR other.same_as = {first})"
_SPEAKERS = f"""
    SELECT id, name, ifnull(same_as, id) AS first, (
        SELECT count(*) FROM quotes WHERE shown_person_id IN {_ONE.format(first="ifnull(people.same_as, people.id)")}
    ) AS quotes
    FROM people WHERE organisation_id = :id ORDER BY quotes DESC, name LIMIT :most
"""  # noqa: S608 (constants)
_POSTS_OF = f"""
    SELECT role, nullif(held.organisation_id, :id) AS elsewhere, organisations.name AS body,
        min(published) AS since, max(published) AS until
    FROM (
        SELECT role, organisation_id, published FROM appointments
        WHERE person_id IN {_ONE.format(first=":first")} ORDER BY id DESC LIMIT :posts
    ) AS held
    LEFT JOIN organisations ON organisations.id = held.organisation_id
    WHERE role IS NOT NULL
    GROUP BY held.organisation_id, lower(role) ORDER BY elsewhere IS NULL DESC, until DESC LIMIT 4
"""  # noqa: S608
_JOINT = """
    SELECT quote_id AS id FROM joint_statements WHERE organisation_id = :id
    ORDER BY published DESC, quote_id DESC LIMIT :joint
"""
# Month by month, for that is a walk along an index; a GROUP BY would have to look at every day.
_BY_MONTH = """
    SELECT value AS month, (
        SELECT count(*) FROM quotes
        WHERE shown_organisation_id = :id AND published >= value AND published < value || '~'
    ) AS quotes
    FROM json_each(:months) ORDER BY key
"""
_STANDS = """
    SELECT topic, polarity, substr(published, 1, 7) AS month, count(*) AS stances
    FROM (
        SELECT shown_topic AS topic, shown_polarity AS polarity, published FROM stances
        WHERE shown_organisation_id = :id AND published IS NOT NULL AND review_status IS NOT 'rejected'
        ORDER BY published DESC LIMIT :stances
    )
    GROUP BY topic, polarity, month
"""
