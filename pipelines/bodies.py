"""The file's own bodies: added or confirmed by a person, called so by a person, or merged into another one.

`load_organisations`, which brings the list in, leaves them alone. A body that was merged keeps its row, which points at
the other one (`merged_into`): decisions and tomorrow's texts may name it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlite_utils import Database

from nlp.gazetteer import GazetteerEntry
from pipelines.joined import join_people
from pipelines.keys import body_key
from pipelines.rows import insert
from pipelines.schema import transaction

# What refers to a body and moves with it. Not here: what triggers keep (counts, what is shown), `people`, aliases, and
# `reviews`, which stay as they were written.
MOVING = (
    ("appointments", "organisation_id"),
    ("mentions", "organisation_id"),
    ("quotes", "organisation_id"),
    ("quote_organisations", "organisation_id"),
    ("figures", "organisation_id"),
    ("stances", "organisation_id"),
    ("ratings", "organisation_id"),
    ("outcomes", "organisation_id"),
    ("articles", "publisher_id"),
    ("sources", "publisher_id"),
    ("organisations", "merged_into"),
)
_SINGLE = {"quote_organisations", "ratings", "outcomes"}  # hold one row of a body for each thing said


def own_bodies(db: Database) -> tuple[GazetteerEntry, ...]:
    """What extraction has to know beside the gazetteer: the file's own bodies, and what it calls listed ones."""
    rows = db.execute(
        "SELECT body.slug, body.name, ifnull(body.kind, ''),"
        " json_group_array(alias) FILTER (WHERE names.kind = 'name'),"
        " json_group_array(alias) FILTER (WHERE names.kind = 'acronym')"
        " FROM (SELECT id FROM organisations WHERE confirmed AND slug IS NULL"
        "  UNION SELECT organisation_id FROM organisation_aliases WHERE own) AS own"
        " JOIN organisations AS body ON body.id = own.id"
        " LEFT JOIN organisation_aliases AS names ON names.organisation_id = body.id AND names.own"
        " GROUP BY body.name"
    ).fetchall()
    return tuple(
        GazetteerEntry(slug or "", name, kind, names=_sorted(names), acronyms=_sorted(acronyms))
        for slug, name, kind, names, acronyms in rows
    )


def _sorted(names: str) -> tuple[str, ...]:
    return tuple(sorted(json.loads(names)))


def add_body(
    db: Database, name: str, *, kind: str | None = None, names: Iterable[str] = (), acronyms: Iterable[str] = ()
) -> int:
    """Adds a body of the file's own, or confirms the one that texts call so.

    Articles that have its names in them are to be extracted again; gives how many these are.
    """
    names, acronyms = tuple(names), tuple(acronyms)
    with transaction(db):
        found = db.execute("SELECT id FROM organisations WHERE name = ?", [name]).fetchone()
        id = found[0] if found else insert(db, "organisations", {"name": name, "name_key": body_key(name)})
        db.execute("UPDATE organisations SET confirmed = 1, kind = ifnull(?, kind) WHERE id = ?", [kind, id])
        for alias, called in (*((it, "name") for it in names), *((it, "acronym") for it in acronyms)):
            _call(db, int(id), alias, called)
        return _extract_again(db, (name, *names, *acronyms))


def confirm_body(db: Database, id: int) -> None:
    """A body that only texts named is real."""
    with transaction(db):
        db.execute("UPDATE organisations SET confirmed = 1 WHERE id = ?", [id])


def merge_bodies(db: Database, id: int, into: int) -> None:
    """Makes one body of two: all that refers to the first refers to the second, which is called by its names, too."""
    both = {"id": id, "into": into}
    with transaction(db):
        db.execute("UPDATE organisations SET confirmed = 0, merged_into = :into WHERE id = :id", both)
        db.execute("UPDATE organisations SET confirmed = 1 WHERE id = :into", both)
        _due_for_checks(db, id)
        _merge_names(db, id, into)
        _merge_people(db, id, into)
        for table, column in MOVING:
            otherwise = "IGNORE" if table in _SINGLE else "ABORT"
            db.execute(f"UPDATE OR {otherwise} {table} SET {column} = :into WHERE {column} = :id", both)  # noqa: S608
        for table in _SINGLE:
            db.execute(f"DELETE FROM {table} WHERE organisation_id = :id", both)  # noqa: S608
        _remove_doubles(db, into)
        # Writing a correction as it is makes its trigger look.
        for kind in ("quote", "stance"):
            db.execute(
                f"UPDATE {kind}s SET correction = correction WHERE {kind}_key IN ("  # noqa: S608
                f" SELECT item_key FROM reviews WHERE item_kind = '{kind}'"
                " AND organisation_id IN (SELECT id FROM organisations WHERE merged_into = ?))",
                [into],
            )


def _due_for_checks(db: Database, id: int) -> None:
    """What named the body may be held against the published record of the other one now."""
    db.execute(
        "INSERT INTO checks_due SELECT DISTINCT article_id FROM mentions WHERE organisation_id = ?"
        " ON CONFLICT DO NOTHING",
        [id],
    )


def _merge_names(db: Database, id: int, into: int) -> None:
    called = db.execute(
        "SELECT alias, kind FROM organisation_aliases WHERE organisation_id = :id AND kind <> 'place'"
        " UNION SELECT name, 'name' FROM organisations WHERE id = :id",
        {"id": id},
    ).fetchall()
    db.execute("DELETE FROM organisation_aliases WHERE organisation_id = ?", [id])
    for alias, kind in called:
        _call(db, into, alias, kind)


def _merge_people(db: Database, id: int, into: int) -> None:
    """People of the one are the other's; who is known there already is joined, since decisions may name both rows."""
    names = db.execute("SELECT name_key FROM people WHERE organisation_id IN (?, ?)", [id, into]).fetchall()
    db.execute(
        "UPDATE people SET organisation_id = :into WHERE organisation_id = :id AND NOT EXISTS ("
        " SELECT 1 FROM people AS other WHERE other.name_key = people.name_key AND other.organisation_id = :into)",
        {"id": id, "into": into},
    )
    join_people(db, {name for (name,) in names})


def _remove_doubles(db: Database, id: int) -> None:
    """What an article said of both, it says of one, once."""
    db.execute(
        "DELETE FROM appointments WHERE organisation_id = ? AND EXISTS ("
        " SELECT 1 FROM appointments AS other WHERE other.id < appointments.id"
        " AND (other.article_id, other.person_id, other.organisation_id)"
        "  = (appointments.article_id, appointments.person_id, appointments.organisation_id)"
        " AND other.role IS appointments.role)",
        [id],
    )
    db.execute(
        "DELETE FROM quote_organisations WHERE organisation_id = ?"
        " AND organisation_id = (SELECT organisation_id FROM quotes WHERE quotes.id = quote_id)",
        [id],
    )


def _call(db: Database, id: int, alias: str, kind: str) -> None:
    db.execute(
        "INSERT INTO organisation_aliases (organisation_id, alias, kind, own) VALUES (?, ?, ?, 1)"
        " ON CONFLICT DO NOTHING",
        [id, alias, kind],
    )


def _extract_again(db: Database, names: Iterable[str]) -> int:
    phrases = " OR ".join('"' + name.replace('"', " ") + '"' for name in names)
    waiting = db.execute(
        "UPDATE articles SET extracted_at = NULL WHERE id IN ("
        " SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)",
        [phrases],
    )
    return waiting.rowcount
