"""Rows of organisations and people: those the gazetteer lists, and those that only a text names."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlite_utils import Database

from nlp import gazetteer
from nlp.records import Organisation, Person
from pipelines.joined import join_people
from pipelines.keys import body_key, fold_words
from pipelines.rows import Row, find, insert, update
from pipelines.schema import transaction


def load_organisations(db: Database, entries: Iterable[gazetteer.GazetteerEntry] | None = None) -> None:
    """Brings organisations and their aliases in line with data/organisations.csv; writes nothing where they are.

    A body is known by its name: one that only texts named so far is confirmed when the list takes it in, and one
    that leaves the list stays, unconfirmed, as long as anything refers to it. What people have added and merged stays
    (see `pipelines.bodies`); where the list calls a body so, it is that body again.
    """
    listed = tuple(gazetteer.organisations() if entries is None else entries)
    with transaction(db):
        slugs = {entry.id for entry in listed}
        for id, slug in db.execute("SELECT id, slug FROM organisations WHERE slug IS NOT NULL").fetchall():
            if slug not in slugs:
                _unlist(db, id)
        aliases = set()
        for entry in listed:
            id = _store_organisation(db, entry)
            for kind, names in (("name", entry.names), ("acronym", entry.acronyms), ("place", entry.places)):
                aliases |= {(id, alias, kind) for alias in names}
        stored = set(db.execute("SELECT organisation_id, alias, kind FROM organisation_aliases"))
        db.conn.executemany(
            "DELETE FROM organisation_aliases WHERE organisation_id = ? AND alias = ? AND kind = ? AND NOT own",
            sorted(stored - aliases),
        )
        db.conn.executemany(
            "INSERT INTO organisation_aliases (organisation_id, alias, kind) VALUES (?, ?, ?)",
            sorted(aliases - stored),
        )
        db.execute(
            "DELETE FROM organisation_aliases WHERE own AND EXISTS ("
            " SELECT 1 FROM organisations WHERE slug IS NOT NULL AND name = alias AND id <> organisation_id)"
        )
        unkeyed = db.execute("SELECT name, id FROM organisations WHERE name_key IS NULL").fetchall()
        db.conn.executemany(
            "UPDATE organisations SET name_key = ? WHERE id = ?", [(body_key(name), id) for name, id in unkeyed]
        )


def _store_organisation(db: Database, entry: gazetteer.GazetteerEntry) -> int:
    by_name = find(db, "organisations", "name", entry.name)
    by_slug = find(db, "organisations", "slug", entry.id)
    if by_name and by_slug and by_name != by_slug:
        _unlist(db, by_slug["id"])  # it took a name that texts used already: re-extraction moves the rest over
    row = {
        "slug": entry.id,
        "name": entry.name,
        "kind": entry.kind,
        "gss_code": entry.gss_code,
        "valid_from": entry.valid_from,
        "valid_to": entry.valid_to,
        "successor": json.dumps(entry.successor) if entry.successor else None,
        "confirmed": 1,
        "name_key": body_key(entry.name),
        "merged_into": None,
    }
    if found := by_name or by_slug:
        update(db, "organisations", found, row)
        return int(found["id"])
    return insert(db, "organisations", row)


def _unlist(db: Database, id: int) -> None:
    db.execute("UPDATE organisations SET slug = NULL, confirmed = 0 WHERE id = ?", [id])
    _delete_unused(db, "organisations", id)


class Who:
    """Those whom one article names: finds their rows, or adds them. `new` has the ids added, by table."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._met: dict[str, int] = {}
        self._bodies: dict[tuple[str | None, str], int] = {}
        self.new: dict[str, set[int]] = {"people": set(), "organisations": set()}

    def meet(self, person: Person) -> dict[str, int | None]:
        """Ids of somebody the article introduces; from now on the name alone means this person."""
        organisation_id = self.organisation(person.organisation)
        person_id = self._person(person.name, organisation_id, person.gender)
        self._met.setdefault(person.name, person_id)
        return {"person_id": person_id, "organisation_id": organisation_id}

    def holder(self, name: str | None, organisation: Organisation | None) -> dict[str, int | None]:
        """Ids of whoever says, thinks or is meant: a person, a body, both or neither."""
        organisation_id = self.organisation(organisation)
        person_id = None
        if name is not None:
            person_id = self._met.get(name) or self._person(name, organisation_id, None)
        return {"person_id": person_id, "organisation_id": organisation_id}

    def organisation(self, organisation: Organisation | None) -> int | None:
        """By its id in the gazetteer, else by its name, else by its name set otherwise; the one it was merged into."""
        if organisation is None:
            return None
        called = organisation.id, organisation.name
        if called not in self._bodies:
            self._bodies[called] = self._body(organisation)
        return self._bodies[called]

    def _body(self, organisation: Organisation) -> int:
        names = {"slug": organisation.id, "name": organisation.name, "key": body_key(organisation.name)}
        found = self._db.execute(
            "SELECT ifnull(merged_into, id) FROM organisations WHERE slug = :slug OR name = :name OR name_key = :key"
            " ORDER BY slug = :slug DESC, name = :name DESC, confirmed DESC, id LIMIT 1",
            names,
        ).fetchone()
        return int(found[0]) if found else self._add("organisations", {"name": names["name"], "name_key": names["key"]})

    def _person(self, name: str, organisation_id: int | None, gender: str | None) -> int:
        """By name and body: the same name at another body is somebody else."""
        key = fold_words(name)
        found = self._db.execute(
            "SELECT id, gender FROM people WHERE name_key = ? AND ifnull(organisation_id, 0) = ?",
            [key, organisation_id or 0],
        ).fetchone()
        if found is None:
            row = {"name": name, "name_key": key, "gender": gender, "organisation_id": organisation_id}
            return self._add("people", row)
        id, known = found
        if gender and not known:
            self._db.execute("UPDATE people SET gender = ? WHERE id = ?", [gender, id])
        return int(id)

    def _add(self, table: str, row: Row) -> int:
        id = insert(self._db, table, row)
        self.new[table].add(id)
        return id


@contextmanager
def forgetting(db: Database, article_id: int) -> Iterator[dict[str, int]]:
    """Deletes whom the article named before the block, and nothing names after it; confirmed bodies stay.

    People of the same names as those before and after are joined, or parted, as appointments say now. Gives how many
    went, by table, once the block is done.
    """
    gone: dict[str, int] = {}
    before = _named_by(db, article_id)
    names = _names(db, before["people"])
    yield gone
    after = _named_by(db, article_id)
    names |= _names(db, after["people"])
    for table in before:
        gone[table] = sum(_delete_unused(db, table, id) for id in sorted(before[table] - after[table]))
    join_people(db, names)


def _names(db: Database, people: set[int]) -> set[str]:
    """The keys of their names."""
    ids = json.dumps(sorted(people))
    return {
        key for (key,) in db.execute("SELECT name_key FROM people WHERE id IN (SELECT value FROM json_each(?))", [ids])
    }


def _named_by(db: Database, article_id: int) -> dict[str, set[int]]:
    """Ids of those that the article's records refer to; people first, for they hold on to their organisations."""
    pairs = db.execute(
        "SELECT person_id, organisation_id FROM appointments WHERE article_id = :id"
        " UNION SELECT person_id, organisation_id FROM mentions WHERE article_id = :id"
        " UNION SELECT person_id, organisation_id FROM quotes WHERE article_id = :id"
        " UNION SELECT person_id, organisation_id FROM figures WHERE article_id = :id"
        " UNION SELECT person_id, organisation_id FROM stances WHERE article_id = :id"
        " UNION SELECT NULL, organisation_id FROM quote_organisations WHERE article_id = :id",
        {"id": article_id},
    ).fetchall()
    return {
        "people": {person for person, _ in pairs if person is not None},
        "organisations": {organisation for _, organisation in pairs if organisation is not None},
    }


def _delete_unused(db: Database, table: str, id: int) -> bool:
    if db.table(table).get(id).get("confirmed"):
        return False
    try:
        db.table(table).delete(id)
    except sqlite3.IntegrityError:
        return False  # the foreign keys know that something still refers to it
    return True
