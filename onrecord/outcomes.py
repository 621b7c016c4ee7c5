"""`onrecord outcomes`: Ofsted's published judgments into the file, and what they say of the figures in it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from onrecord.errors import CannotRun
from onrecord.terminal import say
from pipelines.checks import Checked, check_due
from pipelines.inspections import OVERALL
from pipelines.outcomes import NoOutcomes, read_outcomes, store_outcomes
from pipelines.schema import open_database
from pipelines.who import load_organisations

_SHOWN = 5


def load(database: Path, path: Path) -> int:
    """Loads a published file, checks what it concerns, and says what came of it. Raises CannotRun, DatabaseError."""
    try:
        file = read_outcomes(path)
    except NoOutcomes as error:
        raise CannotRun(str(error)) from error
    except OSError as error:
        raise CannotRun(f"{path} can't be read: {error.strerror or error}.") from error
    db = open_database(database)
    load_organisations(db)
    loaded = store_outcomes(db, file)
    checked = check_due(db)
    db.close()
    for table, inspections in loaded.tables.items():
        say(f"{table}: {inspections} inspections")
    say(f"{loaded.judgments} judgments read: {loaded.new} new, {loaded.changed} changed")
    _mention("no councils that we know", sorted(loaded.unknown))
    _mention("cells that can't be read", loaded.unreadable)
    _mention("grades on which the file's own tables disagree", loaded.disagreeing)
    _say(checked)
    return 0


def list_all(database: Path) -> int:
    """Prints what the record holds: overall grades by framework and year."""
    db = open_database(database, create=False)
    rows = db.execute(
        "SELECT framework, year, group_concat(councils || ' ' || lower(grade), ', ')"
        " FROM (SELECT * FROM grades_by_year WHERE judgment IN (?, 'safeguarding') ORDER BY councils DESC, grade)"
        " GROUP BY framework, year ORDER BY min(year), framework",
        [OVERALL],
    ).fetchall()
    db.close()
    for framework, year, grades in rows:
        say(f"{framework:6} {year}  {grades}")
    if not rows:
        say("No outcomes are loaded: `onrecord outcomes load` reads Ofsted's published files.")
    return 0


def _mention(what: str, names: list[str]) -> None:
    if names:
        shown = "; ".join(names[:_SHOWN]) + ("; …" if len(names) > _SHOWN else "")
        say(f"onrecord: {what} ({len(names)}): {shown}", err=True)


def _say(checked: Checked) -> None:
    verdicts: Counter[str] = Counter(checked.verdicts)
    if checked.articles:
        told = ", ".join(f"{verdicts[name]} {name}" for name in ("confirmed", "contradicted", "uncheckable"))
        say(f"{checked.articles} articles checked: {told}")
