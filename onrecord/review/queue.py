"""/review/<kind>: records to decide on, one after another; with .json behind it, the next of them for the script.

What the address may ask for is in `selection`; `item` asks for one record alone, by its lasting name, and `sample` for
those of a rule that have to be read before the rest of them may be accepted unread.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from datasette.utils.asgi import BadRequest, Response

from nlp.records import Change, Polarity, Qualifier, Unit
from nlp.topics import TOPICS
from onrecord.review.by_rule import Sample, sample_of_rule
from onrecord.review.decide import reviewer_of
from onrecord.review.items import TABLES, Kind, key_column
from onrecord.review.names import Names, names
from onrecord.review.page import Row, drawn, drawn_text, read, rows
from onrecord.review.selection import STATUSES, BadAddress, Found, Selection, find, progress, selected
from onrecord.review.shown import Shown, shown

PAGE = 20
_BODIES = 40
_RULES_AMONG = 3_000  # the latest records, whose rules are offered

CHOICES = {
    "unit": get_args(Unit),
    "qualifier": get_args(Qualifier),
    "change": get_args(Change),
    "topic": TOPICS,
    "polarity": get_args(Polarity),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """What the page says."""

    found: Found
    items: list[Shown]
    names: dict[int, Names]  # by article
    done: int
    whole: int
    more: bool  # there may be more than `whole`
    to_review: Mapping[str, int]  # by kind, all in all
    narrowed: Mapping[str, str]  # the body and the person that are asked for, by name
    bodies: list[Row]
    sources: list[Row]
    rules: list[str]
    sample: Sample | None  # of the rule that is asked for


async def page(datasette: Any, request: Any) -> Response:
    """The page."""
    kind, wanted, arguments = _asked(request)
    queue = await _answered(datasette, request, lambda connection: look(connection, kind, wanted, arguments))
    return await drawn(
        datasette, request, "queue.html", kind=kind, queue=queue, wanted=wanted, statuses=STATUSES, choices=CHOICES,
        reviewer=reviewer_of(request), one=arguments.get("item"),
        narrowed=wanted.status != "open" or not wanted.asked().keys() <= {"organisation"},
    )  # fmt: skip


async def more(datasette: Any, request: Any) -> Response:
    """The next records as JSON: each as the page draws it, and where the page after them begins."""
    kind, wanted, arguments = _asked(request)

    def ask(connection: sqlite3.Connection) -> tuple[Found, list[Shown], dict[int, Names]]:
        found = _find(connection, kind, wanted, arguments)
        items = shown(connection, kind, found.ids)
        return found, items, names(connection, (it.article_id for it in items))

    found, items, named = await _answered(datasette, request, ask)
    html = await drawn_text(datasette, request, "items.html", kind=kind, items=items, names=named)
    keys = [{"key": it.key, "status": it.status, "seen": it.seen, "text": it.text} for it in items]
    return Response.json({"items": keys, "html": html, "after": found.after, "gave_up": found.gave_up})


def look(connection: sqlite3.Connection, kind: Kind, wanted: Selection, arguments: Mapping[str, str]) -> Queue:
    """Reads what the page says. Raises BadAddress."""
    found = _find(connection, kind, wanted, arguments)
    items = shown(connection, kind, found.ids)
    done, whole, partly = progress(connection, wanted)
    values = {"organisation": wanted.organisation, "person": wanted.person, "kind": kind}
    values |= {"bodies": _BODIES, "rules": _RULES_AMONG}
    table = TABLES[kind]
    return Queue(
        found=found,
        items=items,
        names=names(connection, (it.article_id for it in items)),
        done=done,
        whole=whole,
        more=partly,
        to_review={row["kind"]: row["to_review"] for row in rows(connection, _TO_REVIEW)},
        narrowed={row["what"]: row["name"] for row in rows(connection, _NARROWED, values)},
        bodies=rows(connection, _MOST, values),
        sources=rows(connection, "SELECT id, name FROM sources ORDER BY name"),
        rules=[row["rule"] for row in rows(connection, _RULES.replace("records", table), values)],
        sample=sample_of_rule(connection, kind, wanted.rule) if wanted.rule else None,
    )


def _asked(request: Any) -> tuple[Kind, Selection, dict[str, str]]:
    kind = request.url_vars["kind"]
    arguments = {name: request.args[name] for name in request.args}
    try:
        return kind, selected(kind, arguments), arguments
    except BadAddress as error:
        raise BadRequest(str(error)) from error


async def _answered(datasette: Any, request: Any, ask: Any) -> Any:
    try:
        return await read(datasette, request, ask)
    except BadAddress as error:
        raise BadRequest(str(error)) from error


def _find(connection: sqlite3.Connection, kind: Kind, wanted: Selection, arguments: Mapping[str, str]) -> Found:
    keys: Sequence[str] | None = None
    if item := arguments.get("item"):
        keys = [item]
    elif arguments.get("sample") and wanted.rule:
        keys = sample_of_rule(connection, kind, wanted.rule).to_read
    if keys is None:
        return find(connection, wanted, arguments.get("after", ""), PAGE)
    table = TABLES[kind]
    sql = (
        f"SELECT {table}.id FROM json_each(?) AS asked CROSS JOIN {table} ON {key_column(kind)} = asked.value"  # noqa: S608
        " ORDER BY asked.key"
    )
    return Found([id for (id,) in connection.execute(sql, [json.dumps(keys)])], None)


_TO_REVIEW = "SELECT item_kind AS kind, sum(to_review) AS to_review FROM review_counts GROUP BY item_kind"
_NARROWED = """
    SELECT 'organisation' AS what, name FROM organisations WHERE id = :organisation
    UNION ALL SELECT 'person', name FROM people WHERE id = :person
"""
_MOST = """
    SELECT organisations.id, organisations.name, review_counts.to_review
    FROM review_counts JOIN organisations ON organisations.id = review_counts.organisation_id
    WHERE item_kind = :kind AND to_review > 0 ORDER BY to_review DESC LIMIT :bodies
"""
_RULES = "SELECT DISTINCT rule FROM (SELECT rule FROM records ORDER BY id DESC LIMIT :rules) ORDER BY rule"
