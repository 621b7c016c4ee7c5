"""What people have said of bodies: that one is real, is called otherwise too, or is another one."""

from __future__ import annotations

from sqlite_utils import Database

from onrecord.merge.names import Names
from pipelines.bodies import add_body, merge_bodies, own_bodies
from pipelines.rows import find
from pipelines.schema import transaction

# An alias that the list gives to another body is that body's name: `load_organisations` would take it away again.
_MISSING = """
SELECT 1 WHERE NOT EXISTS (
    SELECT 1 FROM organisation_aliases WHERE (organisation_id, alias, kind) = (:id, :alias, :kind)
)
AND NOT EXISTS (SELECT 1 FROM organisations WHERE slug IS NOT NULL AND name = :alias AND id <> :id)
"""


def bring_bodies(target: Database, other: Database, names: Names) -> int:
    """Brings what people have said; gives how many bodies that altered.

    Articles here that have a new name in them are to be extracted again, as when somebody adds it. Where both files
    merged one body, each into another one, it stays as it is here.
    """
    altered = 0
    for id, kind, confirmed in other.execute(
        "SELECT id, kind, confirmed AND slug IS NULL FROM organisations"
        " WHERE confirmed AND slug IS NULL OR id IN (SELECT organisation_id FROM organisation_aliases WHERE own)"
        " ORDER BY id"
    ).fetchall():
        called = other.execute(
            "SELECT alias, kind FROM organisation_aliases WHERE own AND organisation_id = ? ORDER BY 1, 2", [id]
        ).fetchall()
        with transaction(target):
            altered += _called(target, names, id, kind, called, confirmed=bool(confirmed))
    for id, into in other.execute(
        "SELECT id, merged_into FROM organisations WHERE merged_into IS NOT NULL ORDER BY id"
    ).fetchall():
        with transaction(target):
            altered += _merged(target, names, id, into)
    return altered


def unknown_names(target: Database, other: Database) -> list[str]:
    """What bodies of this file are called that whoever read the texts of the other one did not know."""
    return sorted(_own_names(target) - _own_names(other))


def _own_names(db: Database) -> set[str]:
    return {name for body in own_bodies(db) for name in (body.name, *body.names, *body.acronyms)}


def _merged(target: Database, names: Names, id: int, into: int) -> bool:
    body, other = names.body_as_written(id), names.body(into)
    row = find(target, "organisations", "id", body)
    assert row is not None
    assert other is not None
    if row["slug"] or row["merged_into"] or body == other:
        return False
    merge_bodies(target, body, other)
    names.forget()
    return True


def _called(
    target: Database, names: Names, id: int, kind: str | None, called: list[tuple[str, str]], *, confirmed: bool
) -> bool:
    row = find(target, "organisations", "id", names.body(id))
    assert row is not None
    missing = [
        (alias, called_so)
        for alias, called_so in called
        if target.execute(_MISSING, {"id": row["id"], "alias": alias, "kind": called_so}).fetchone()
    ]
    if kind and not row["kind"]:
        target.execute("UPDATE organisations SET kind = ? WHERE id = ?", [kind, row["id"]])
    if not missing and (row["confirmed"] or not confirmed):
        return False
    add_body(
        target,
        row["name"],
        names=[alias for alias, called_so in missing if called_so == "name"],
        acronyms=[alias for alias, called_so in missing if called_so == "acronym"],
    )
    return True
