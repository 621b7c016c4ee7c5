"""People across documents: the same name at two bodies is one person where an article gives somebody posts at both.

`people.same_as` is made of what appointments say now, so that the same articles give the same people in any order.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlite_utils import Database


def join_people(db: Database, names: Iterable[str]) -> None:
    """Joins people of these names (their keys) who are one, and parts those who are not; in an open transaction."""
    for name in sorted(names):
        changes = [(first, id) for id, first, stored in _of_name(db, name) if first != stored]
        db.conn.executemany("UPDATE people SET same_as = ? WHERE id = ?", changes)


def misjoined(db: Database) -> list[int]:
    """Ids of people who are joined otherwise than appointments say."""
    names = db.execute("SELECT name_key FROM people GROUP BY 1 HAVING count(*) > 1 OR max(same_as) IS NOT NULL")
    return [id for (name,) in names.fetchall() for id, first, stored in _of_name(db, name) if first != stored]


def _of_name(db: Database, name: str) -> list[tuple[int, int | None, int | None]]:
    """The rows of one name: id, the row that stands for all of the person (None: this one), and the one stored."""
    rows = db.execute(
        "SELECT people.id, same_as, ifnull(merged_into, organisation_id) FROM people"
        " LEFT JOIN organisations ON organisations.id = organisation_id WHERE people.name_key = ? ORDER BY people.id",
        [name],
    ).fetchall()
    if len(rows) == 1:
        return [(rows[0][0], None, rows[0][1])]
    links = [(id, body) for id, _, body in rows if body is not None]
    for id, _, _ in rows:
        links += db.execute("SELECT DISTINCT person_id, organisation_id FROM appointments WHERE person_id = ?", [id])
    first = {id: id for id, _, _ in rows}
    of_body = {body: id for id, _, body in rows if body is not None}
    for id, body in links:
        if (other := of_body.get(body)) is not None:
            low, high = sorted((first[id], first[other]))
            first = {it: low if at == high else at for it, at in first.items()}
    return [(id, None if first[id] == id else first[id], stored) for id, stored, _ in rows]
