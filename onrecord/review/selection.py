"""Which records a page shows: what its address asks for, and one page of them after another.

Newest first: by the day of the article, then by article, and within an article as one reads. A page goes on where the
last one ended (no OFFSET), and looks through a bounded number of records, so that it answers at once however many
there are and however few of them are asked for; where it has looked at that many it says so, and the next goes on.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from onrecord.review.items import HOLDERS, TABLES, Kind

STATUSES = ("open", "accepted", "rejected", "corrected", "all")
LOOKED_THROUGH = 2_500  # records a page looks through: some 10 ms
COUNTED = 1_000

# What each name in an address narrows a record to.
_CONDITIONS = {
    "source": "(SELECT source_id FROM articles WHERE id = records.article_id) = :source",
    "rule": "records.rule = :rule",
    "min": "records.confidence >= :min",
    "max": "records.confidence <= :max",
}
_TOPIC = {
    "quote": "EXISTS (SELECT 1 FROM stances WHERE quote_id = records.id AND topic = :topic)",
    "figure": "EXISTS (SELECT 1 FROM stances WHERE quote_id = records.quote_id AND topic = :topic)",
    "stance": "records.topic = :topic",
}
_STATUS = {"open": "records.review_status IS NULL", "all": "1"}
# The same words of the same body in the same story, at an article that we have had for longer. What was decided on them
# may differ where all decisions are asked for, but nothing is left out in favour of what was rejected.
_NO_COPY = """NOT EXISTS (
    SELECT 1 FROM articles AS mine
    CROSS JOIN articles AS other ON other.story_id = mine.story_id AND other.id < mine.id
    CROSS JOIN quotes AS copy ON copy.article_id = other.id AND copy.text_key = records.text_key
    WHERE mine.id = records.article_id
    AND copy.shown_organisation_id IS records.shown_organisation_id
    AND (copy.review_status IS records.review_status OR :status = 'all' AND copy.review_status IS NOT 'rejected')
)"""
_CURSOR = re.compile(r"(\d{4}-\d\d-\d\d|)\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})", re.ASCII)


class BadAddress(ValueError):
    """An address asks for something that there is not; the message is one plain sentence."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for; None: whatever. `since` and `until` are days, both included."""

    kind: Kind = "quote"
    status: str = "open"
    organisation: int | None = None
    person: int | None = None
    source: str | None = None
    rule: str | None = None
    topic: str | None = None
    min: float | None = None
    max: float | None = None
    since: str | None = None
    until: str | None = None

    def asked(self) -> dict[str, Any]:
        """What narrows it beside kind and status, by the names of an address."""
        names = {"since": "from", "until": "to"}
        fields = {name: value for name, value in asdict(self).items() if name not in ("kind", "status")}
        return {names.get(name, name): value for name, value in fields.items() if value is not None}

    def query(self, **changes: object) -> str:
        """The query of an address that asks for this, with some of it changed; None leaves a thing out."""
        asked = {"status": self.status, **self.asked(), **changes}
        return urlencode({name: value for name, value in asked.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Spot:
    """A record, and its place in the order."""

    id: int
    article_id: int
    day: str | None
    start: int

    def __str__(self) -> str:
        return f"{self.day or ''}.{self.article_id}.{self.start}.{self.id}"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of records; `after` is where the next one goes on, None: there is none."""

    ids: list[int]
    after: str | None
    gave_up: bool = False  # enough was looked through, whatever was found


def selected(kind: Kind, arguments: Mapping[str, str], status: str = "open") -> Selection:
    """What the query of an address asks for; empty fields, as forms send them, ask for nothing. Raises BadAddress."""
    given = {name: value.strip() for name, value in arguments.items() if value.strip()}
    if given.get("status", status) not in STATUSES:
        raise BadAddress(f"status is one of {', '.join(STATUSES)}.")
    return Selection(
        kind=kind,
        status=given.get("status", status),
        organisation=_number(given, "organisation", int),
        person=_number(given, "person", int),
        source=given.get("source"),
        rule=given.get("rule"),
        topic=given.get("topic"),
        min=_number(given, "min", float),
        max=_number(given, "max", float),
        since=_day(given, "from"),
        until=_day(given, "to"),
    )


def find(connection: sqlite3.Connection, wanted: Selection, after: str, size: int, *, fold: bool = False) -> Found:
    """The next `size` records after a place in the order ("": from the top). Raises BadAddress.

    With `fold`, what another outlet carried before in the same words is left out.
    """
    found: list[Spot] = []
    for looked, (spot, fits) in enumerate(_walk(connection, wanted, after, fold=fold), 1):
        if fits:
            found.append(spot)
        if len(found) > size:
            return Found([spot.id for spot in found[:size]], str(found[size - 1]))
        if looked == LOOKED_THROUGH:
            return Found([spot.id for spot in found], str(spot), gave_up=True)
    return Found([spot.id for spot in found], None)


def count(connection: sqlite3.Connection, wanted: Selection) -> tuple[int, bool]:
    """How many there are, and whether there may be more than were counted."""
    if wanted.asked().keys() <= {"organisation"}:
        return _counted(connection, wanted), False
    number = 0
    for looked, (_, fits) in enumerate(_walk(connection, wanted, ""), 1):
        number += fits
        if number == COUNTED or looked == LOOKED_THROUGH:
            return number, True
    return number, False


def progress(connection: sqlite3.Connection, wanted: Selection) -> tuple[int, int, bool]:
    """How many of those asked for, whatever their status, are decided, how many there are, and whether that is all."""
    left, more = count(connection, replace(wanted, status="open"))
    every, more_still = count(connection, replace(wanted, status="all"))
    return every - left, every, more or more_still


def _counted(connection: sqlite3.Connection, wanted: Selection) -> int:
    """The running count of a body, or of all of them."""
    column = {"open": "to_review", "all": "items"}.get(wanted.status, wanted.status)
    where = "" if wanted.organisation is None else " AND organisation_id = :organisation"
    sql = f"SELECT ifnull(sum({column}), 0) FROM review_counts WHERE item_kind = :kind{where}"  # noqa: S608 (constants)
    number: int = connection.execute(sql, asdict(wanted)).fetchone()[0]
    return number


def _walk(
    connection: sqlite3.Connection, wanted: Selection, after: str, *, fold: bool = False
) -> Iterator[tuple[Spot, bool]]:
    """All that an index leads to in our order, from a place on, and whether each fits the rest; read as it is used."""
    place = _place(after)
    # After a place among those without a day there are none with one: no day is before null.
    one = _one_person(connection, wanted.person) if wanted.person is not None else ""
    dated = _rows(connection, wanted, place, "dated", one=one, fold=fold)
    # Nobody who asks for a span of days asks for what has none.
    if wanted.since or wanted.until:
        return dated
    return chain(dated, _rows(connection, wanted, place, "undated", one=one, fold=fold))


def _rows(
    connection: sqlite3.Connection, wanted: Selection, place: Spot | None, days: str, *, one: str, fold: bool
) -> Iterator[tuple[Spot, bool]]:
    status = _STATUS.get(wanted.status, "records.review_status = :status")
    person, organisation = (f"records.{column}" for column in HOLDERS[wanted.kind])
    narrowing = {"organisation": f"{organisation} = :organisation", "person": f"{person} IN ({one})", **_CONDITIONS}
    rest = {name: narrowing[name] for name in wanted.asked() if name in narrowing}
    rest |= {"topic": _TOPIC[wanted.kind]} if wanted.topic else {}
    rest |= {"copies": _NO_COPY} if fold and wanted.kind == "quote" else {}
    table = f"{TABLES[wanted.kind]} AS records"
    day, article = "records.published", "records.article_id"
    if wanted.person is not None:
        led = [rest.pop("person"), status]
    elif wanted.organisation is not None:
        led = [rest.pop("organisation"), status]
    elif wanted.source is None and wanted.status != "all":
        led = [status]
    else:
        table = f"articles CROSS JOIN {table} ON records.article_id = articles.id"
        day, article = "articles.published", "articles.id"
        led = ["articles.source_id = :source"] if rest.pop("source", None) else []
        rest["status"] = status
    if days == "undated":
        led.append(f"{day} IS NULL")
        if place and not place.day:
            led.append(_AFTER.format(article=article))
    else:
        led += [f"{day} IS NOT NULL", f"{day} >= :since"][: 1 + bool(wanted.since)]
        led += [f"{day} <= :until"] if wanted.until else []
        if place:
            led.append(f"{day} <= :day AND ({day} < :day OR {_AFTER.format(article=article)})")
    sql = (
        f"SELECT records.id, {article}, {day}, records.start, {' AND '.join(rest.values()) or '1'}"  # noqa: S608
        f" FROM {table} WHERE {' AND '.join(led)}"
        f" ORDER BY {day} DESC, {article} DESC, records.start, records.id"
    )
    values = asdict(wanted) | (asdict(place) if place else {})
    return ((Spot(*row[:4]), bool(row[4])) for row in connection.execute(sql, values))


def _one_person(connection: sqlite3.Connection, id: int) -> str:
    """All rows of the person of whom this is one, as a list in SQL; most have one, which an index follows."""
    sql = (
        "SELECT other.id FROM people JOIN people AS other"
        " ON other.id = ifnull(people.same_as, people.id) OR other.same_as = ifnull(people.same_as, people.id)"
        " WHERE people.id = ?"
    )
    return ", ".join(str(row) for (row,) in connection.execute(sql, [id]))


_AFTER = (
    "({article} < :article_id OR ({article} = :article_id"
    " AND (records.start > :start OR (records.start = :start AND records.id > :id))))"
)


def _place(after: str) -> Spot | None:
    if not after:
        return None
    match = _CURSOR.fullmatch(after)
    if match is None:
        raise BadAddress("after is where an earlier page ended.")
    return Spot(int(match[4]), int(match[2]), match[1] or None, int(match[3]))


def _number(given: Mapping[str, str], name: str, kind: type[int] | type[float]) -> Any:
    try:
        number = kind(given[name]) if name in given else None
    except ValueError:
        raise BadAddress(f"{name} is a number.") from None
    if number is not None and not abs(number) < 2**62:
        raise BadAddress(f"{name} is a number that can be.")
    return number


def _day(given: Mapping[str, str], name: str) -> str | None:
    try:
        return date.fromisoformat(given[name]).isoformat() if name in given else None
    except ValueError:
        raise BadAddress(f"{name} is a day as in 2026-04-30.") from None
