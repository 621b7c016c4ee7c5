"""/grades: the published judgments, year by year and framework by framework, and the figures that they contradict.

A Datasette plugin of one page; onrecord.serve registers it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from datasette.utils.asgi import Response
from markupsafe import Markup

from nlp.graded import grade_of
from onrecord.review.hook import hook
from onrecord.review.page import Row, drawn, read, rows
from onrecord.review.plots import Mark, share

# The colours are those of decisions: what is good as what was accepted. A grade that we don't know is drawn as none is.
COLOURS: Mapping[str, str] = {
    "outstanding": "accepted",
    "good": "quotes",
    "adequate": "corrected",
    "requires improvement": "corrected",
    "inadequate": "rejected",
}
_CONTRADICTED = 25


@dataclass(frozen=True, slots=True)
class Year:
    """The overall grades under one framework whose reports came out in one year."""

    framework: str
    year: str
    inspections: int
    grades: str
    bar: Markup


@hook
def register_routes() -> list[tuple[str, Any]]:
    return [(r"^/grades$", page)]


async def page(datasette: Any, request: Any) -> Response:
    """The page."""
    years, verdicts, contradicted = await read(datasette, request, look)
    return await drawn(
        datasette, request, "grades.html", years=years, verdicts=verdicts, contradicted=contradicted, colours=COLOURS
    )


def look(connection: sqlite3.Connection) -> tuple[list[Year], dict[str, int], list[Row]]:
    """The years, how many figures and ratings have which verdict, and the latest figures that are contradicted."""
    told = rows(
        connection,
        "SELECT framework, year, grade, councils FROM grades_by_year"
        " WHERE judgment IN ('overall effectiveness', 'safeguarding') ORDER BY framework, year, grade",
    )
    years = [
        _year(framework, year, list(grades))
        for (framework, year), grades in groupby(told, key=lambda row: (row["framework"], row["year"]))
    ]
    verdicts = rows(
        connection,
        "SELECT verdict, sum(n) AS n FROM (SELECT verdict, count(*) AS n FROM figure_checks GROUP BY 1"
        " UNION ALL SELECT verdict, count(*) FROM ratings GROUP BY 1) GROUP BY 1",
    )
    contradicted = rows(
        connection,
        "SELECT figures.id, article_id, shown_text AS text, shown_of AS of, why, figures.published, articles.title"
        " FROM ("
        "  SELECT figure_id, why FROM figure_checks WHERE verdict = 'contradicted' ORDER BY figure_id DESC LIMIT :n"
        " ) AS checks JOIN figures ON figures.id = figure_id JOIN articles ON articles.id = article_id"
        " WHERE review_status IS NOT 'rejected' ORDER BY figures.published DESC, figures.id DESC",
        {"n": _CONTRADICTED},
    )
    return (
        sorted(years, key=lambda year: (year.year, year.framework)),
        {row["verdict"]: row["n"] for row in verdicts},
        contradicted,
    )


def _year(framework: str, year: str, grades: list[Row]) -> Year:
    order = list(COLOURS)
    graded = [(grade_of(row["grade"]) or "", row["grade"], row["councils"]) for row in grades]
    graded.sort(key=lambda told: order.index(told[0]) if told[0] in order else len(order))
    words = ", ".join(f"{councils} {printed.lower()}" for _, printed, councils in graded)
    marks = [Mark(n, f"{n} {printed.lower()}", COLOURS.get(grade, "to_review")) for grade, printed, n in graded]
    return Year(framework, year, sum(mark.value for mark in marks), words, share(marks, f"{framework} {year}: {words}"))
