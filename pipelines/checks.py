"""Figures and ratings that a text tells, held against the published record; only of articles where something changed.

Triggers note the articles that have been extracted or corrected since (`checks_due`); a record that has changed makes
all of them due (`pipelines.outcomes`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlite_utils import Database

from nlp.graded import Rated, judged, ratings
from pipelines.agreement import Count, Held, Verdict, hold, said
from pipelines.inspections import OVERALL
from pipelines.record import Record, Recorded
from pipelines.rows import Row, replace
from pipelines.schema import transaction

_AHEAD = timedelta(days=7)  # a report may be told of some days before the day that the record has for it
_BEHIND = timedelta(days=45)
_SENTENCE_ENDS = re.compile(r"[.!?][\"'”’)]*\s|\n")
_FIGURES = """
SELECT id, start, "end", shown_value AS value, shown_unit AS unit, shown_of AS of, shown_qualifier AS qualifier, period
FROM figures
WHERE article_id = ? AND shown_unit IN ('count', 'percent', 'fraction') AND shown_of IS NOT NULL
    AND shown_change IS NULL AND high IS NULL AND review_status IS NOT 'rejected'
ORDER BY start
"""
_COUNCILS = """
SELECT mentions.start, mentions."end", organisation_id
FROM mentions JOIN organisations ON organisations.id = organisation_id
WHERE article_id = ? AND kind LIKE 'local_authority%'
ORDER BY mentions.start
"""


class Checked(NamedTuple):
    """How many articles were looked at, and how many verdicts of each kind they have."""

    articles: int
    verdicts: Counter[Verdict]


def check_due(db: Database) -> Checked:
    """Holds what is due against the record, an article a transaction."""
    due = [id for (id,) in db.execute("SELECT article_id FROM checks_due ORDER BY article_id").fetchall()]
    verdicts: Counter[Verdict] = Counter()
    if not due:
        return Checked(0, verdicts)
    record = Record.of(db)
    for id in due:
        with transaction(db):
            verdicts += _check_article(db, record, id)
            db.execute("DELETE FROM checks_due WHERE article_id = ?", [id])
    return Checked(len(due), verdicts)


def _check_article(db: Database, record: Record, id: int) -> Counter[Verdict]:
    found = db.execute("SELECT text, published FROM articles WHERE id = ?", [id]).fetchone()
    if found is None:
        return Counter()
    text, published = found
    held = hold(record, _counts(db, id, text), text, published)
    _store_figures(db, id, held)
    rated = list(_ratings(db, record, id, text, published))
    _store_ratings(db, id, rated)
    return Counter([it.verdict for it in held.values()] + [row["verdict"] for row in rated])


# ---- figures


def _counts(db: Database, article: int, text: str) -> list[Count]:
    """The figures of an article that count judgments; how many were inspected only beside how many had a grade."""
    counts = [
        Count(id, value, unit, qualifier, meant, of, _sentence(text, start, end), period)
        for id, start, end, value, unit, of, qualifier, period in db.execute(_FIGURES, [article]).fetchall()
        if (meant := judged(of)) is not None
    ]
    graded = any(count.judged.grades for count in counts)
    return [count for count in counts if count.judged.grades or (graded and not count.is_share)]


def _sentence(text: str, start: int, end: int) -> str:
    before = [match.end() for match in _SENTENCE_ENDS.finditer(text, max(0, start - 400), start)]
    after = _SENTENCE_ENDS.search(text, end)
    return text[before[-1] if before else max(0, start - 400) : after.start() if after else len(text)]


def _store_figures(db: Database, article: int, held: dict[int, Held]) -> None:
    """Writes the verdicts of an article's figures that are not there yet, and takes away those that are no more."""
    stored = {
        id: row
        for id, *row in db.execute(
            "SELECT figure_id, verdict, expected, why FROM figure_checks"
            " WHERE figure_id IN (SELECT id FROM figures WHERE article_id = ?)",
            [article],
        ).fetchall()
    }
    for id in stored.keys() - held.keys():
        db.execute("DELETE FROM figure_checks WHERE figure_id = ?", [id])
    for id, it in held.items():
        if stored.get(id) != [it.verdict, it.expected, it.why]:
            db.execute("DELETE FROM figure_checks WHERE figure_id = ?", [id])
            db.execute("INSERT INTO figure_checks VALUES (?, ?, ?, ?)", [id, it.verdict, it.expected, it.why])
            db.conn.executemany("INSERT INTO figure_evidence VALUES (?, ?)", [(id, row) for row in it.evidence])


# ---- ratings


def _ratings(db: Database, record: Record, article: int, text: str, published: str | None) -> Iterable[Row]:
    """What an article says of named councils' grades, each once, with what the record says."""
    councils = db.execute(_COUNCILS, [article]).fetchall()
    if not councils:
        return
    seen = set()
    for rated in ratings(text, [(start, end) for start, end, _ in councils]):
        council = councils[rated.council][2]
        judgment = rated.judgments[0] if rated.judgments else OVERALL
        if (rated.start, council, judgment) not in seen:
            seen.add((rated.start, council, judgment))
            yield {
                "start": rated.start,
                "end": rated.end,
                "text": text[rated.start : rated.end],
                "organisation_id": council,
                "judgment": judgment,
                "grade": rated.grade,
                **_held(record, council, rated, published),
            }


def _held(record: Record, council: int, rated: Rated, published: str | None) -> dict[str, Any]:
    """The verdict on a rating: by the latest inspection then, or by that of the year which the text names."""
    until = (date.fromisoformat(published) + _AHEAD).isoformat() if published else "9999"
    inspections = [it for it in record.of_council(council, until) if it.judgment(rated.judgments)]
    if rated.year:
        inspections = [it for it in inspections if it.day.startswith(rated.year)] or inspections
    agreeing = next((it for it in inspections if _grade(it, rated) == rated.grade), None)
    if not record.days:
        return _verdict("uncheckable", "No record is loaded.")
    if not inspections:
        return _verdict("uncheckable", "The record loaded has no such judgment of this council by then.")
    latest = inspections[0]
    if agreeing is not None and (agreeing is latest or rated.earlier):
        return _verdict("confirmed", _told(agreeing, rated), agreeing, rated)
    if not published:
        if agreeing is not None:
            return _verdict("confirmed", f"{_told(agreeing, rated)} The article has no day.", agreeing, rated)
        return _verdict("uncheckable", "The article has no day.")
    if published > (date.fromisoformat(record.last) + _BEHIND).isoformat():
        return _verdict("uncheckable", f"The record loaded ends on {said(record.last)}.")
    if rated.earlier and not (rated.year and latest.day.startswith(rated.year)):
        return _verdict("uncheckable", "It is told of an earlier time, which the text doesn't name.")
    return _verdict("contradicted", _told(latest, rated), latest, rated)


def _grade(inspection: Recorded, rated: Rated) -> str | None:
    judgment = inspection.judgment(rated.judgments)
    return judgment.grade if judgment else None


def _told(inspection: Recorded, rated: Rated) -> str:
    judgment = inspection.judgment(rated.judgments)
    grade = (judgment.printed if judgment else None) or "no overall grade"
    return f"{grade} under {inspection.framework}, published {said(inspection.day)}."


def _verdict(verdict: Verdict, why: str, by: Recorded | None = None, rated: Rated | None = None) -> dict[str, Any]:
    judgment = by.judgment(rated.judgments) if by and rated else None
    expected, row = (judgment.printed, judgment.id) if judgment else (None, None)
    return {"verdict": verdict, "expected": expected, "why": why, "outcome_id": row}


def _store_ratings(db: Database, article: int, rows: Sequence[Row]) -> None:

    replace(db, "ratings", article, ("start", "organisation_id", "judgment"), rows)
