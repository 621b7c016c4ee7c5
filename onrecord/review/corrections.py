"""What a reviewer puts right in a record: checked, its names found in the file, and kept only where the rule erred."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, get_args

from sqlite_utils import Database

from nlp.records import Change, Organisation, Polarity, Qualifier, Unit
from nlp.text import clean_paragraph
from nlp.topics import TOPICS
from onrecord.review.items import Item, ReviewError
from pipelines.keys import fold_words
from pipelines.who import Who

_LARGEST = 1e15  # a float tells all whole numbers below apart
_LONGEST = 200  # characters of a name, a post, or what is counted


class BadCorrection(ReviewError):
    """The correction can't be true of this record."""


def resolve(db: Database, item: Item, given: Mapping[str, Any]) -> dict[str, Any]:
    """`given`, laid over the record's present correction: the fields that differ from what the rule said.

    Names become rows: `speaker` (a name) brings `person_id`, `organisation` (a name, or the id of its row) brings
    `organisation_id`; people and bodies that the file does not know are added. `start` and `end` bring `text`.
    Raises BadCorrection.
    """
    checks = _FIELDS[item.kind]
    if unknown := sorted(given.keys() - checks.keys()):
        raise BadCorrection(f"A {item.kind} has no field {unknown[0]!r} to correct.")
    right: dict[str, Any] = json.loads(item.row["correction"] or "{}")
    right |= {name: checks[name](name, value) for name, value in given.items()}
    if given.keys() & {"start", "end"}:
        right |= _span(item, right)
    if "organisation" in given:
        right |= _organisation(db, right["organisation"])
    if "speaker" in given:
        right |= _person(db, item, right)
    for told_by, fields in _TOGETHER:
        if all(right.get(name, item.row[name]) == item.row[name] for name in told_by):
            right = {name: value for name, value in right.items() if name not in fields}
    return {name: value for name, value in right.items() if name in _KEPT or value != item.row[name]}


def _span(item: Item, right: Mapping[str, Any]) -> dict[str, Any]:
    """The words from start to end, without white space at their edges."""
    start, end = (right.get(name, item.row[name]) for name in ("start", "end"))
    if not 0 <= start < end <= len(item.article):
        raise BadCorrection("The words must lie inside the article.")
    words = item.article[start:end]
    if not words.strip():
        raise BadCorrection("There are no words there.")
    start += len(words) - len(words.lstrip())
    words = words.strip()
    if "\n" in words:
        raise BadCorrection("The words must lie inside one paragraph.")
    return {"start": start, "end": start + len(words), "text": words}


def _organisation(db: Database, given: str | int | None) -> dict[str, Any]:
    """The body of that id or name, or of the one that this is another name of; a new one where none is called so."""
    if given is None:
        return {"organisation": None, "organisation_id": None}
    if isinstance(given, int):
        found = db.execute("SELECT id, name FROM organisations WHERE id = ?", [given]).fetchall()
        if not found:
            raise BadCorrection(f"There is no organisation {given}.")
    else:
        found = db.execute(
            "SELECT id, name FROM organisations WHERE name = :name COLLATE NOCASE AND merged_into IS NULL"
            " UNION SELECT id, name FROM organisation_aliases JOIN organisations ON id = organisation_id"
            " WHERE alias = :name AND organisation_aliases.kind <> 'place'",
            {"name": given},
        ).fetchall()
        if len(found) != 1:  # the one of exactly this name, else a new one
            id = Who(db).organisation(Organisation(given))
            found = db.execute("SELECT id, name FROM organisations WHERE id = ?", [id]).fetchall()
    [(id, name)] = found
    return {"organisation": name, "organisation_id": id}


def _person(db: Database, item: Item, right: Mapping[str, Any]) -> dict[str, Any]:
    """The person of that name whom the article names, else the one at the body that is right; else a new one."""
    name = right["speaker"]
    if name is None:
        return {"speaker": None, "person_id": None}
    body = right.get("organisation_id", item.row["organisation_id"])
    found = db.execute(
        "SELECT id, name FROM people WHERE name_key = :key AND id IN ("
        " SELECT person_id FROM appointments WHERE article_id = :article"
        " UNION SELECT person_id FROM mentions WHERE article_id = :article"
        " UNION SELECT person_id FROM quotes WHERE article_id = :article"
        ") ORDER BY organisation_id IS :body DESC, id LIMIT 1",
        {"key": fold_words(name), "article": item.row["article_id"], "body": body},
    ).fetchone()
    if found:
        return {"speaker": found[1], "person_id": found[0]}
    named = db.execute("SELECT name, slug FROM organisations WHERE id = ?", [body]).fetchone()
    return {"speaker": name, "person_id": Who(db).holder(name, Organisation(*named) if named else None)["person_id"]}


# How each field is checked: what it becomes, or BadCorrection. --------------------------------------------------------

_Check = Callable[[str, Any], Any]


def _line(name: str, value: Any) -> str | None:
    """One line of text; nothing is None."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadCorrection(f"The {name} must be text.")
    line = clean_paragraph(value)
    if len(line) > _LONGEST:
        raise BadCorrection(f"The {name} is longer than {_LONGEST} characters.")
    if line and not fold_words(line):
        raise BadCorrection(f"The {name} has no letters in it.")
    return line or None


def _body(name: str, value: Any) -> str | int | None:
    return value if _is_whole(value) else _line(name, value)


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        raise BadCorrection(f"The {name} must be a number.")
    return float(value)


def _offset(name: str, value: Any) -> int:
    if not _is_whole(value):
        raise BadCorrection(f"The {name} must be a whole number.")
    return int(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**62


def _one_of(values: Collection[Any], name: str, value: Any) -> Any:
    if value not in values:
        raise BadCorrection(f"The {name} must be one of {', '.join(v for v in values if v)}.")
    return value


_WORDS: Mapping[str, _Check] = {"start": _offset, "end": _offset}
_FIELDS: Mapping[str, Mapping[str, _Check]] = {
    "quote": {"speaker": _line, "role": _line, "organisation": _body, **_WORDS},
    "figure": {
        "value": _number,
        "unit": partial(_one_of, get_args(Unit)),
        "of": _line,
        "qualifier": partial(_one_of, (*get_args(Qualifier), None)),
        "change": partial(_one_of, (*get_args(Change), None)),
        **_WORDS,
    },
    "stance": {
        "topic": partial(_one_of, TOPICS),
        "polarity": partial(_one_of, get_args(Polarity)),
        "organisation": _body,
        **_WORDS,
    },
}
# Fields that are right or wrong together, after the columns that tell.
_TOGETHER = (
    (("person_id",), ("speaker", "person_id")),
    (("organisation_id",), ("organisation", "organisation_id")),
    (("start", "end"), ("start", "end", "text")),
)
_KEPT = {name for _, fields in _TOGETHER for name in fields}
