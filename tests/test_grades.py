"""/grades: a bar for each year of each framework, and the figures that the record contradicts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from datasette.plugins import pm

from onrecord.review import grades
from onrecord.serve import datasette
from pipelines.outcomes import load_outcomes
from pipelines.schema import open_database
from pipelines.who import load_organisations
from tests.outcome_files import first_sif, wide, write_ods
from tests.sample_file import build


@pytest.fixture
def path(tmp_path: Path) -> Path:
    build(tmp_path / "night.db").close()
    return tmp_path / "night.db"


def load(path: Path) -> None:
    db = open_database(path)
    load_organisations(db)
    told = [("Leeds", "2014-05-06", "Good"), ("Kent", "2014-07-06", "Inadequate"), ("Bury", "2015-01-06", "Good")]
    load_outcomes(db, write_ods(path.with_name("x.ods"), {"LA": wide(*(first_sif(*row) for row in told))}))
    why = "<b>18</b> it was"
    with db.atomic():
        db.execute("INSERT INTO figure_checks VALUES (1, 'contradicted', 18, ?)", [why])
    db.close()


def get(path: Path) -> Any:
    if not pm.is_registered(grades):
        pm.register(grades)

    async def ask() -> Any:
        application = datasette(path)
        try:
            return await application.client.get("/grades")
        finally:
            application.executor.shutdown()

    return asyncio.run(ask())


def test_a_bar_for_each_year_and_what_is_contradicted(path: Path) -> None:
    load(path)
    answer = get(path)
    assert answer.status_code == 200
    page = answer.text
    assert page.count("<svg") == 2
    assert 'aria-label="SIF 2014: 1 good, 1 inadequate"' in page
    assert 'aria-label="SIF 2015: 1 good"' in page
    assert "0 confirmed, 1 contradicted, 0 that can't be checked" in page
    assert "#figure-1" in page
    assert "&lt;b&gt;18&lt;/b&gt; it was" in page


def test_grades_stand_from_best_to_worst(path: Path) -> None:
    load(path)
    db = open_database(path)
    years, verdicts, contradicted = grades.look(db.conn)
    db.close()
    assert [(year.framework, year.year, year.inspections, year.grades) for year in years] == [
        ("SIF", "2014", 2, "1 good, 1 inadequate"),
        ("SIF", "2015", 1, "1 good"),
    ]
    assert verdicts == {"contradicted": 1}
    assert [row["text"] for row in contradicted] == ["17 cases"]


def test_a_file_without_outcomes_says_how_to_load_some(path: Path) -> None:
    page = get(path).text
    assert "onrecord outcomes load" in page
    assert "<svg" not in page
