"""Whom and what articles name: what a correction can be chosen from."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable

# People as (name, role, body), bodies by name.
Names = dict[str, list[list[str | None]] | list[str]]

_PEOPLE = """
    SELECT DISTINCT appointments.article_id, people.name, appointments.role, organisations.name
    FROM json_each(:articles) AS asked
    JOIN appointments ON appointments.article_id = asked.value
    JOIN people ON people.id = appointments.person_id
    LEFT JOIN organisations ON organisations.id = appointments.organisation_id
    ORDER BY people.name, appointments.role IS NULL
"""
_BODIES = """
    SELECT DISTINCT mentions.article_id, organisations.name
    FROM json_each(:articles) AS asked
    JOIN mentions ON mentions.article_id = asked.value
    JOIN organisations ON organisations.id = mentions.organisation_id
    ORDER BY organisations.name
"""


def names(connection: sqlite3.Connection, articles: Iterable[int]) -> dict[int, Names]:
    """The people and the bodies that each article names."""
    asked = {"articles": json.dumps(sorted(set(articles)))}
    people: defaultdict[int, list[list[str | None]]] = defaultdict(list)
    bodies: defaultdict[int, list[str]] = defaultdict(list)
    for article, *person in connection.execute(_PEOPLE, asked):
        people[article].append(person)
    for article, body in connection.execute(_BODIES, asked):
        bodies[article].append(body)
    return {article: {"people": people[article], "bodies": bodies[article]} for article in people.keys() | bodies}
