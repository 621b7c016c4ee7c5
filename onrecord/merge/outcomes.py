"""The published record: the inspections of another file, each beside or over what is known of it here."""

from __future__ import annotations

from itertools import groupby

from sqlite_utils import Database

from nlp.gazetteer import organisations
from pipelines.inspections import Inspection
from pipelines.outcomes import Loaded, OutcomesFile, store_outcomes

_OUTCOMES = """
SELECT slug, framework, inspection, inspected, published, source, judgment, grade
FROM outcomes JOIN organisations ON organisations.id = organisation_id
WHERE slug IS NOT NULL ORDER BY published IS NULL, 1, 2, 3, 4, 5, 6, 7
"""
_GRADES = """
SELECT slug, framework, inspection, inspected, published, judgment, grade
FROM outcomes JOIN organisations ON organisations.id = organisation_id
"""


def bring_outcomes(target: Database, other: Database) -> int:
    """Brings judgments; gives how many are new. Where two grades stand against each other, ours holds."""
    listed = {entry.id: entry for entry in organisations()}
    ours = {tuple(key): grade for *key, grade in target.execute(_GRADES)}
    found = []
    for (*key, source), rows in groupby(other.execute(_OUTCOMES).fetchall(), key=lambda row: row[:6]):
        told = {judgment: grade for *_, judgment, grade in rows}
        grades = {it: grade for it, grade in told.items() if ours.get((*key, it), grade) == grade}
        slug, framework, kind, inspected, published = key
        if slug in listed and grades:
            found.append((source, Inspection(listed[slug], framework, kind, inspected, published, grades)))
    return store_outcomes(target, OutcomesFile(found, Loaded())).new
