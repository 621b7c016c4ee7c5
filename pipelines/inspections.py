"""Inspections of councils out of the tables that Ofsted publishes, by the words of their headers.

Two shapes are known: a row for each inspection (a date, a type, the judgments), and a row for each council with a run
of columns for every inspection it has had, each named after it ("First SIF publication date").
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import NamedTuple

from nlp.gazetteer import GazetteerEntry, organisations, the_one
from nlp.lexicon import lexicon
from nlp.text import fold
from pipelines.spreadsheet import Row

OVERALL = "overall effectiveness"
# Since then Ofsted gives councils no overall grade, so that an empty cell says so.
NO_OVERALL_SINCE = "2026-04-01"
_AGAIN = "re-inspection of "  # one service alone
_HEADER_WITHIN = 30  # rows
_NO_GRADE = {
    "",
    "-",
    "–",
    "—",
    ".",
    "..",
    ":",
    "n/a",
    "na",
    "none",
    "null",
    "not applicable",
    "not judged",
    "not given",
}
_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%Y/%m/%d")
_WANTED = {
    "council": "the council (a name or an area code)",
    "day": "the inspection (its date, or that of its report)",
    "judgment": "a judgment (such as overall effectiveness)",
}


@dataclass(slots=True)
class Inspection:
    """One inspection of a council, with its grades as printed by judgment; None where the framework gives none."""

    council: GazetteerEntry
    framework: str
    kind: str
    inspected: str | None = None
    published: str | None = None
    grades: dict[str, str | None] = field(default_factory=dict)

    @property
    def day(self) -> str:
        """From when on it counts."""
        return self.published or self.inspected or ""


@dataclass(slots=True)
class Read:
    """What a table gave: its inspections, names that are no council we know, cells that are no grade or no date."""

    inspections: list[Inspection] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)


class _Column(NamedTuple):
    """What a column holds, of which inspection: (framework, kind), or None where its row says."""

    holds: str
    judgment: str
    inspection: tuple[str, str] | None


def read_table(rows: Iterable[Row]) -> Read | list[str]:
    """The inspections of a table, or what it misses to hold any."""
    rows = iter(rows)
    least: list[str] = list(_WANTED.values())
    for row in islice(rows, _HEADER_WITHIN):
        columns = _columns(row)
        missing = _missing(columns.values())
        if not missing:
            return _read(columns, rows)
        if len(missing) < len(least) and len(columns) > 1:
            least = missing
    return least


def day(cell: str) -> str | None:
    """A date as printed in a cell, YYYY-MM-DD; None for anything else."""
    for form in _FORMS:
        try:
            found = datetime.strptime(cell.split("T")[0].removesuffix(" 00:00:00"), form).date()
        except ValueError:
            continue
        return found.isoformat() if 1990 <= found.year <= date.max.year else None
    return None


# ---- headers


def _words(header: str) -> str:
    plain = fold(header).lower().replace("judgements", "judgement")
    plain = re.sub(r"\[note [^\]]*\]|\(oe\)|\bnote \d+", " ", plain)
    return " ".join(plain.split()).removeprefix("the ").strip(" *:")


@cache
def _holds() -> Mapping[str, tuple[str, str]]:
    return {row["words"]: (row["holds"], row["judgment"]) for row in lexicon("outcome_columns")}


@cache
def _inspections() -> Mapping[str, tuple[str, str]]:
    rows = sorted(lexicon("outcome_inspections"), key=lambda row: -len(row["words"]))
    return {row["words"]: (row["framework"], row["inspection"]) for row in rows}


def _column(header: str) -> _Column | None:
    words = _words(header)
    if words in _holds():
        return _Column(*_holds()[words], None)
    for name, inspection in _inspections().items():
        if words.startswith(name + " ") and (rest := words[len(name) :].strip()).removeprefix("the ") in _holds():
            holds, judgment = _holds()[rest.removeprefix("the ")]
            if inspection[1].startswith(_AGAIN) and judgment == OVERALL:
                judgment = inspection[1].removeprefix(_AGAIN)
            return _Column(holds, judgment, inspection)
    for known in ("overall effectiveness", "experiences and progress of children who need help and protection"):
        if words.startswith(known):  # "overall effectiveness (as at 31 March 2023)"
            return _Column(*_holds()[known], None)
    return None


def _columns(row: Row) -> dict[int, _Column]:
    return {i: column for i, cell in enumerate(row) if (column := _column(cell)) is not None}


def _missing(columns: Iterable[_Column]) -> list[str]:
    """What a header lacks; a table that is about providers lacks everything."""
    held = {column.holds for column in columns}
    if "provider" in held:
        return list(_WANTED.values())
    found = {
        "council": held & {"council", "code"},
        "day": held & {"published", "inspected"},
        "judgment": held & {"judgment"},
    }
    return [words for what, words in _WANTED.items() if not found[what]]


# ---- rows


def _read(columns: Mapping[int, _Column], rows: Iterable[Row]) -> Read:
    read = Read()
    for row in rows:
        cells = [(column, row[i]) for i, column in columns.items() if i < len(row)]
        names = [cell for column, cell in cells if column.holds in {"code", "council"} and cell.strip()]
        if not names or _columns(row).keys() >= columns.keys():
            continue  # a note under the table, or its header again
        for inspection, told in _told(cells).items():
            _add(read, names, inspection, told)
    return read


def _told(cells: Sequence[tuple[_Column, str]]) -> dict[tuple[str, str] | None, list[tuple[_Column, str]]]:
    """The cells of each inspection of a row; a column that names none belongs to the inspection before it."""
    told: dict[tuple[str, str] | None, list[tuple[_Column, str]]] = defaultdict(list)
    current: tuple[str, str] | None = None
    for column, cell in cells:
        if column.holds in {"code", "council"}:
            continue
        current = column.inspection or current
        told[current].append((column, cell))
    return told


def _add(read: Read, names: Sequence[str], named: tuple[str, str] | None, told: Sequence[tuple[_Column, str]]) -> None:
    """Adds the inspections of a row under one name: one, or one for each date (services re-inspected apart)."""
    days = {"published": "", "inspected": ""}
    kind = next((cell for column, cell in told if column.holds == "type" and cell.strip()), "")
    for column, cell in told:
        if column.holds in days and any(letter.isdigit() for letter in cell):  # not "No full inspection"
            if (found := day(cell)) is None:
                read.unreadable.append(f"{names[-1]}: {cell!r} is no date")
            elif not days[column.holds]:
                days[column.holds] = found
    counts_from = days["published"] or days["inspected"]
    if not counts_from:
        return
    framework, inspection = _of_type(kind) or named or (_in_force(counts_from), "standard")
    if named and named[0] != framework:
        framework, inspection = named
    council = _council(names, counts_from)
    if council is None:
        read.unknown.add(names[-1])
        return
    grades = _grades(read, names[-1], told, counts_from)
    if grades:
        days_or_none = {what: found or None for what, found in days.items()}
        read.inspections.append(Inspection(council, framework, inspection, grades=grades, **days_or_none))


def _grades(read: Read, name: str, told: Sequence[tuple[_Column, str]], counts_from: str) -> dict[str, str | None]:
    grades: dict[str, str | None] = {}
    for column, cell in told:
        if column.holds != "judgment":
            continue
        grade = " ".join(cell.split())
        if grade.lower() in _NO_GRADE:
            if column.judgment == OVERALL and counts_from >= NO_OVERALL_SINCE:
                grades[OVERALL] = None
        elif re.search(r"[A-Za-z]{3}", grade) and len(grade) <= 60:
            grades[column.judgment] = grade
        else:
            read.unreadable.append(f"{name}: {cell!r} is no grade")
    return grades if any(grades.values()) else {}


def _of_type(kind: str) -> tuple[str, str] | None:
    words = _words(kind)
    return _inspections().get(words) or next(
        (found for name, found in _inspections().items() if re.search(rf"\b{re.escape(name)}\b", words)), None
    )


def _in_force(day: str) -> str:
    """The framework whose inspections began last by that day."""
    begun = [row["framework"] for row in lexicon("outcome_frameworks") if row["since"] <= day]
    return begun[-1] if begun else lexicon("outcome_frameworks")[0]["framework"]


# ---- councils


def _council(names: Sequence[str], day: str) -> GazetteerEntry | None:
    """The council that one of the cells (an area code, a name) means, as it was on that day."""
    for cell in names:
        if found := _councils().get(_plain(cell)):
            return the_one(found, day)
    return None


@cache
def _councils() -> Mapping[str, list[GazetteerEntry]]:
    known: dict[str, list[GazetteerEntry]] = defaultdict(list)
    for entry in organisations():
        if entry.is_council:
            for name in {_plain(name) for name in (entry.name, *entry.names, *entry.places, entry.gss_code) if name}:
                known[name].append(entry)
    return known


_TYPE_WORDS = {"council", "borough", "county", "city", "metropolitan", "district", "unitary", "authority", "of", "the"}
_TYPE_WORDS |= {"london", "royal", "and", "upon", "mbc", "cc", "mdc", "lbc"}


def _plain(name: str) -> str:
    """A council's name by the words that tell it from others; a code as it is."""
    words = re.findall(r"[a-z0-9]+", fold(name).lower().replace("&", " and ").replace("'", ""))
    return " ".join([word for word in words if word not in _TYPE_WORDS] or words)
