"""People and bodies of another file as rows of this one: known by their names, never by their ids."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from nlp.records import Organisation, Person
from pipelines.keys import body_key
from pipelines.who import Who


class Names:
    """The rows of `target` for those of `other`; who is not there yet is added when first asked for."""

    def __init__(self, target: Database, other: Database) -> None:
        self._target = target
        # Read at once: what is wrong with their file is no fault of ours.
        self._theirs: dict[int, tuple[Organisation, str | None]] = {
            id: (Organisation(name, slug), kind)
            for id, name, slug, kind in other.execute("SELECT id, name, slug, kind FROM organisations")
        }
        self._their_people: dict[int, tuple[str, Any, int | None, str]] = {
            id: (name, gender, body, key)
            for id, name, gender, body, key in other.execute(
                "SELECT id, name, gender, organisation_id, name_key FROM people"
            )
        }
        self._bodies: dict[int, int] = {}
        self._people: dict[int, int] = {}

    def forget(self) -> None:
        """Looks rows up anew: some may be gone, or merged."""
        self._bodies.clear()
        self._people.clear()

    def body(self, id: int | None) -> int | None:
        """The body of their id; the one it was merged into here."""
        if id is None:
            return None
        if id not in self._bodies:
            self._bodies[id] = self._body(*self._theirs[id])
        return self._bodies[id]

    def known_body(self, id: int | None) -> int | None:
        """The same, or None where it is not here: nothing is added."""
        if id is None:
            return None
        row = self._row(id)
        return None if row is None else row[1] or row[0]

    def body_as_written(self, id: int) -> int:
        """The body's own row, whatever it was merged into: decisions stay as they were written."""
        row = self._row(id)
        if row is None:
            self.body(id)
            row = self._row(id)
        assert row is not None
        return int(row[0])

    def person(self, id: int | None) -> int | None:
        """The person of their id: of the same name at the same body."""
        if id is None:
            return None
        if id not in self._people:
            name, gender, body, _ = self._their_people[id]
            organisation = None if body is None else self._organisation(body)
            met = Who(self._target).meet(Person(name, organisation=organisation, gender=gender))
            assert met["person_id"] is not None
            self._people[id] = met["person_id"]
        return self._people[id]

    def person_as_written(self, id: int) -> int:
        """The same, where it can be at the body that decisions knew the person by."""
        _, _, body, key = self._their_people[id]
        found = self._target.execute(
            "SELECT id FROM people WHERE name_key = ? AND ifnull(organisation_id, 0) = ?",
            [key, 0 if body is None else (self._row(body) or [-1])[0]],
        ).fetchone()
        person = found[0] if found else self.person(id)
        assert person is not None
        return int(person)

    def _body(self, organisation: Organisation, kind: str | None) -> int:
        who = Who(self._target)
        id = who.organisation(organisation)
        assert id is not None
        if kind and id in who.new["organisations"]:
            self._target.execute("UPDATE organisations SET kind = ? WHERE id = ?", [kind, id])
        return id

    def _organisation(self, id: int) -> Organisation:
        """Added with its kind, if it has to be."""
        self.body(id)
        return self._theirs[id][0]

    def _row(self, id: int) -> Any:
        """Id and `merged_into` of the body here."""
        body = self._theirs[id][0]
        return self._target.execute(
            "SELECT id, merged_into FROM organisations WHERE slug = :slug OR name = :name OR name_key = :key"
            " ORDER BY slug = :slug DESC, name = :name DESC, confirmed DESC, id LIMIT 1",
            {"slug": body.id, "name": body.name, "key": body_key(body.name)},
        ).fetchone()
