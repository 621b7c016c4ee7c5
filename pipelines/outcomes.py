"""The published record: Ofsted's files of outcomes into rows, each judgment once however many files tell of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlite_utils import Database

from pipelines.inspections import Inspection, Read, read_table
from pipelines.schema import transaction
from pipelines.spreadsheet import SpreadsheetError, tables

# An inspection is published within so many days of its first one: a file that prints only when inspectors came and one
# that prints only when the report did tell of the same.
_PUBLISHED_WITHIN = 150
_SAME_DAY_WITHIN = 7  # files differ by days in when a report was published

_INSERT = """
INSERT INTO outcomes (organisation_id, framework, inspection, judgment, grade, inspected, published, source)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


class NoOutcomes(ValueError):
    """The file holds no outcomes of councils' inspections: what it misses, as a sentence."""


@dataclass(slots=True)
class Loaded:
    """What a file gave: how many rows came and were altered, and what could not be used."""

    tables: dict[str, int] = field(default_factory=dict)  # inspections by table
    judgments: int = 0
    new: int = 0
    changed: int = 0
    unknown: set[str] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)
    disagreeing: list[str] = field(
        default_factory=list
    )  # where two tables of the file give two grades: the first holds


@dataclass(slots=True)
class OutcomesFile:
    """What a file holds: its inspections, each with the table it stands in; and what was made of it so far."""

    inspections: list[tuple[str, Inspection]]
    loaded: Loaded


def load_outcomes(db: Database, path: Path) -> Loaded:
    """Reads a file of outcomes into the database. Raises NoOutcomes and OSError."""
    return store_outcomes(db, read_outcomes(path))


def store_outcomes(db: Database, file: OutcomesFile) -> Loaded:
    """Stores what a file holds, all or nothing, and marks all articles as to be checked again if that altered a row."""
    loaded = file.loaded
    with transaction(db):
        ids = dict(db.execute("SELECT slug, id FROM organisations WHERE slug IS NOT NULL").fetchall())
        stored = _stored(db)
        told: set[int] = set()
        for source, inspection in file.inspections:
            loaded.judgments += len(inspection.grades)
            _store(db, ids[inspection.council.id], inspection, stored, source, told, loaded)
        if loaded.new or loaded.changed:
            db.execute(
                "INSERT INTO checks_due (article_id) SELECT id FROM articles WHERE extracted_at IS NOT NULL"
                " ON CONFLICT DO NOTHING"
            )
    return loaded


def read_outcomes(path: Path) -> OutcomesFile:
    """Reads a file of outcomes. Raises NoOutcomes and OSError."""
    loaded, found = Loaded(), []
    nearest: tuple[str, list[str]] | None = None
    try:
        for name, rows in tables(path):
            read = read_table(rows)
            if isinstance(read, Read):
                loaded.tables[name] = len(read.inspections)
                loaded.unknown |= read.unknown
                loaded.unreadable += read.unreadable
                source = path.name if name == path.name else f"{path.name}, {name}"
                found += [(source, inspection) for inspection in read.inspections]
            elif nearest is None or len(read) < len(nearest[1]):
                nearest = name, read
    except SpreadsheetError as error:
        raise NoOutcomes(f"{path} {error}.") from error
    if not found and loaded.tables:
        raise NoOutcomes(f"{path} holds a table of outcomes, but no inspection of a council that we know.")
    if not found:
        table, missing = nearest or (path.name, ["rows"])
        where = "" if table == path.name else f" (nearest is its table {table!r})"
        raise NoOutcomes(
            f"{path} holds no outcomes of councils' inspections{where}: it misses columns for {'; '.join(missing)}."
        )
    # Those that say when they were published come first: what says less is then found to be one of them.
    return OutcomesFile(sorted(found, key=lambda told: (told[1].published is None, told[1].day)), loaded)


# What is stored of a council's inspections under a framework: by council and framework, then by inspection.
_Key = tuple[str, str | None, str | None]  # kind, inspected, published
_Stored = dict[tuple[int, str], dict[_Key, dict[str, tuple[int, str | None]]]]


def _stored(db: Database) -> _Stored:
    stored: _Stored = defaultdict(dict)
    for id, council, framework, kind, judgment, grade, inspected, published in db.execute(
        "SELECT id, organisation_id, framework, inspection, judgment, grade, inspected, published FROM outcomes"
    ).fetchall():
        stored[council, framework].setdefault((kind, inspected, published), {})[judgment] = (id, grade)
    return stored


def _store(
    db: Database, council: int, inspection: Inspection, stored: _Stored, source: str, told: set[int], loaded: Loaded
) -> None:
    """Stores an inspection beside or over what is known of it; `told` are the rows that this file has given already."""
    known = stored[council, inspection.framework]
    key = _same(inspection, known)
    judgments = known.pop(key) if key is not None else {}
    kind, inspected, published = key or (inspection.kind, None, None)
    if kind == "standard":
        kind = inspection.kind  # the one that says more
    whole: _Key = (kind, inspection.inspected or inspected, inspection.published or published)
    if key is not None and whole != key:
        loaded.changed += sum(id not in told for id, _ in judgments.values())
        for id, _ in judgments.values():
            db.execute("UPDATE outcomes SET inspection = ?, inspected = ?, published = ? WHERE id = ?", [*whole, id])
    for judgment, grade in inspection.grades.items():
        id, before = judgments.get(judgment, (0, None))
        if not id:
            row = [council, inspection.framework, kind, judgment, grade, *whole[1:], source]
            id = int(db.execute(_INSERT, row).lastrowid or 0)
            loaded.new += 1
        elif before != grade and id in told:
            loaded.disagreeing.append(f"{inspection.council.name}, {judgment}: {before!r} and {grade!r}")
            continue
        elif before != grade:
            db.execute("UPDATE outcomes SET grade = ?, source = ? WHERE id = ?", [grade, source, id])
            loaded.changed += 1
        judgments[judgment] = (id, grade)
        told.add(id)
    known[whole] = judgments


def _same(inspection: Inspection, known: Iterable[_Key]) -> _Key | None:
    """The inspection that is the same as one just read: by its days, else by the nearest report that follows it."""
    best: tuple[int, _Key] | None = None
    for key in known:
        _, inspected, published = key
        if inspection.inspected and inspected:
            apart = _days(inspection.inspected, inspected)
            near = abs(apart) <= _SAME_DAY_WITHIN
        elif inspection.published and published:
            apart = _days(inspection.published, published)
            near = abs(apart) <= _SAME_DAY_WITHIN
        else:
            came, out = inspection.inspected or inspected, inspection.published or published
            apart = _days(came, out) if came and out else -1
            near = 0 <= apart <= _PUBLISHED_WITHIN
        if near and (best is None or abs(apart) < best[0]):
            best = abs(apart), key
    return best[1] if best else None


def _days(earlier: str, later: str) -> int:
    return (date.fromisoformat(later) - date.fromisoformat(earlier)).days
