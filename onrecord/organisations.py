"""`onrecord organisations`: the bodies of the file, those that only texts name, and which of them are one."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from sqlite_utils import Database

from nlp.gazetteer import organisations
from nlp.text import clean_paragraph
from onrecord.errors import CannotRun
from onrecord.terminal import escape, say
from pipelines.bodies import add_body, confirm_body, merge_bodies
from pipelines.checks import check_due
from pipelines.keys import body_key, fold_words
from pipelines.schema import open_database
from pipelines.who import load_organisations

_NEAREST = 3
_LISTED = """
    SELECT name, kind, slug, confirmed,
        ifnull(quotes.items, 0) + (SELECT count(*) FROM joint_statements WHERE organisation_id = body.id) AS statements,
        (SELECT count(DISTINCT article_id) FROM mentions WHERE organisation_id = body.id) AS articles
    FROM organisations AS body
    LEFT JOIN review_counts AS quotes ON quotes.item_kind = 'quote' AND quotes.organisation_id = body.id
    WHERE merged_into IS NULL AND (NOT :unconfirmed OR NOT confirmed) AND (:kind IS NULL OR kind = :kind)
    ORDER BY statements DESC, articles DESC, name
"""


def list_all(database: Path, *, unconfirmed: bool, kind: str | None) -> int:
    """Prints the bodies, those that say most first."""
    db = open_database(database, create=False)
    rows = list(db.query(_LISTED, {"unconfirmed": unconfirmed, "kind": _kind(kind)}))
    db.close()
    if not rows:
        say("There are none.")
        return 0
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for head in ("organisation", "kind", "state"):
        table.add_column(head)
    for head in ("statements", "articles"):
        table.add_column(head, justify="right")
    for row in rows:
        state = "listed" if row["slug"] else "confirmed" if row["confirmed"] else "unconfirmed"
        cells = (row["name"], (row["kind"] or "").replace("_", " "), state, row["statements"], row["articles"])
        table.add_row(*(escape(str(cell)) for cell in cells))
    Console().print(table)
    return 0


def add(database: Path, name: str, kind: str | None, names: tuple[str, ...], acronyms: tuple[str, ...]) -> int:
    """Adds a body that the list lacks. Raises CannotRun."""
    name, *rest = (_name(it) for it in (name, *names, *acronyms))
    kind = _kind(kind)
    db = _open(database)
    body = _called(db, name)
    if body is not None and body["slug"]:
        raise CannotRun(f"{body['name']!r} is in the list already (data/organisations.csv).")
    if body is not None and body["merged_into"]:
        raise CannotRun(f"{name!r} was merged into {_name_of(db, body['merged_into'])!r}.")
    for other in rest[: len(names)]:
        if (known := _called(db, other)) is not None and known != body:
            raise CannotRun(
                f"{other!r} is a body of its own: `onrecord organisations merge` makes one of it and {name!r}."
            )
    name = body["name"] if body is not None else name
    waiting = add_body(db, name, kind=kind, names=rest[: len(names)], acronyms=rest[len(names) :])
    db.close()
    say(f"{name} is known from now on.")
    if waiting:
        say(f"Articles that have its names in them: {waiting}; `onrecord reextract`, or tonight, reads them again.")
    return 0


def confirm(database: Path, name: str) -> int:
    """Says that a body which only texts named is real. Raises CannotRun."""
    db = _open(database)
    body = _find(db, name)
    confirm_body(db, body["id"])
    db.close()
    say(f"{body['name']} is confirmed.")
    return 0


def merge(database: Path, name: str, into: str) -> int:
    """Makes one body of two. Raises CannotRun."""
    db = _open(database)
    body, other = _find(db, name), _find(db, into)
    if body["id"] == other["id"]:
        raise CannotRun(f"{name!r} and {into!r} are one body already: {other['name']}.")
    if body["slug"]:
        raise CannotRun(
            f"{body['name']!r} is in the list (data/organisations.csv) and can't be merged into another body;"
            " the other way round it can."
        )
    merge_bodies(db, body["id"], other["id"])
    check_due(db)
    db.close()
    say(f"{body['name']} is {other['name']} from now on.")
    return 0


def _open(database: Path) -> Database:
    db = open_database(database, create=False)
    load_organisations(db)
    return db


def _name(given: str) -> str:
    name = clean_paragraph(given)
    if not fold_words(name):
        raise CannotRun(f"{given!r} is no name.")
    return name


def _kind(given: str | None) -> str | None:
    """A kind of the list, as the list writes it. Raises CannotRun."""
    kind = given.strip().lower().replace(" ", "_") if given is not None else None
    kinds = sorted({entry.kind for entry in organisations() if not entry.is_generic})
    if kind is not None and kind not in kinds:
        raise CannotRun(f"There is no kind {given!r}; kinds are {', '.join(kinds)}.")
    return kind


def _find(db: Database, given: str) -> dict[str, Any]:
    """The body of that name, or the one it was merged into. Raises CannotRun, with the nearest names."""
    body = _called(db, given)
    if body is not None:
        into = body["merged_into"]
        return body if into is None else next(db.query("SELECT * FROM organisations WHERE id = ?", [into]))
    by_fold = {
        fold_words(name): name
        for (name,) in db.execute("SELECT name FROM organisations WHERE merged_into IS NULL ORDER BY id DESC")
    }
    nearest = [by_fold[near] for near in get_close_matches(fold_words(given), by_fold, _NEAREST, 0.5)]
    raise CannotRun(f"There is no organisation {given!r}{'; nearest: ' + '; '.join(nearest) if nearest else ''}.")


def _called(db: Database, name: str) -> dict[str, Any] | None:
    """The body of that name, or else the only one that is also called so."""
    found = db.query(
        "SELECT * FROM organisations WHERE name = :name OR name_key = :key"
        " ORDER BY name = :name DESC, confirmed DESC, id",
        {"name": name, "key": body_key(name)},
    )
    if (body := next(found, None)) is not None:
        return body
    others = list(
        db.query(
            "SELECT * FROM organisations WHERE id IN ("
            " SELECT organisation_id FROM organisation_aliases WHERE alias = ? AND kind <> 'place')",
            [name],
        )
    )
    return others[0] if len(others) == 1 else None


def _name_of(db: Database, id: int) -> str:
    return str(db.execute("SELECT name FROM organisations WHERE id = ?", [id]).fetchone()[0])
