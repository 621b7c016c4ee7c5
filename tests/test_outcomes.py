"""The published record: files as Ofsted publishes them, dirty values, loading again, files of another shape."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from nlp.gazetteer import organisations
from nlp.lexicon import lexicon
from pipelines import spreadsheet
from pipelines.inspections import NO_OVERALL_SINCE, day
from pipelines.outcomes import NoOutcomes, load_outcomes
from pipelines.schema import open_database
from pipelines.who import load_organisations
from tests.command import onrecord
from tests.outcome_files import first_sif, wide, write_content, write_csv, write_ods, yearly

REAL = Path(__file__).parents[2] / "shared" / "reference" / "ofsted-outcomes-2022.ods"


@pytest.fixture
def db(tmp_path: Path) -> Any:
    db = open_database(tmp_path / "file.db")
    load_organisations(db)
    yield db
    db.close()


def rows(db: Database, where: str = "1") -> list[tuple[Any, ...]]:
    return db.execute(
        "SELECT organisations.name, framework, inspection, judgment, grade, inspected, outcomes.published"
        f" FROM outcomes JOIN organisations ON organisations.id = organisation_id WHERE {where} ORDER BY outcomes.id"
    ).fetchall()


def only(db: Database, where: str = "1") -> tuple[Any, ...]:
    [row] = rows(db, where)
    return row


# ---- a row for each inspection


def test_a_yearly_file_is_read_by_its_header(db: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "y.csv",
        yearly(
            [
                "E08000003",
                "Manchester",
                "North West",
                "05/03/2029",
                "ILACS Short Inspection",
                "Good",
                "Outstanding",
                "Good",
            ]
        ),
    )
    loaded = load_outcomes(db, path)
    assert (loaded.judgments, loaded.new, loaded.changed, loaded.tables) == (3, 3, 0, {"y.csv": 1})
    told = ("Manchester City Council", "ILACS", "short")
    assert rows(db) == [
        (*told, "overall effectiveness", "Good", "2029-03-05", None),
        (*told, "impact of leaders", "Outstanding", "2029-03-05", None),
        (*told, "help and protection", "Good", "2029-03-05", None),
    ]
    assert db.execute("SELECT DISTINCT source, day FROM outcomes").fetchall() == [("y.csv", "2029-03-05")]


def test_columns_are_found_wherever_they_stand(db: Database, tmp_path: Path) -> None:
    table = [
        ["", "Overall effectiveness [note 3]", "Note", "LA  name", "Date published "],
        ["", "Inadequate", "x", "St. Helens", "3 May 2019"],
    ]
    load_outcomes(db, write_csv(tmp_path / "y.csv", table))
    assert only(db) == (
        "St Helens Council", "ILACS", "standard", "overall effectiveness", "Inadequate", None, "2019-05-03",
    )  # fmt: skip


def test_a_code_counts_before_a_name_and_a_name_where_there_is_no_code(db: Database, tmp_path: Path) -> None:
    table = yearly(
        ["E08000035", "Not Leeds at all", "", "01/02/2019", "Standard", "Good"],
        ["E99999999", "Bradford", "", "01/02/2019", "Standard", "Good"],
    )
    load_outcomes(db, write_csv(tmp_path / "y.csv", table))
    assert [row[0] for row in rows(db)] == ["Leeds City Council", "City of Bradford Metropolitan District Council"]


def test_of_two_councils_of_one_name_the_one_of_that_day_is_meant(db: Database, tmp_path: Path) -> None:
    table = yearly(*(["", "Dorset", "", date, "Standard", "Good"] for date in ("01/03/2018", "01/03/2021")))
    load_outcomes(db, write_csv(tmp_path / "y.csv", table))
    ids = [
        id for (id,) in db.execute("SELECT slug FROM organisations JOIN outcomes ON organisation_id = organisations.id")
    ]
    assert sorted(ids) == ["gb-eng-DOR", "gb-eng-DST"]


def test_grades_are_kept_as_printed_and_dirty_cells_are_none(db: Database, tmp_path: Path) -> None:
    table = yearly(
        ["", "Leeds", "", "01/02/2011", "", " -", "Adequate", "Requires improvement to be good"],
        ["", "Kent", "", "01/02/2019", "", "", " - ", "N/A"],
        ["", "Bury", "", "01/02/2019", "", "3", "Good", "not judged"],
    )
    loaded = load_outcomes(db, write_csv(tmp_path / "y.csv", table))
    assert [row[3:5] for row in rows(db, "slug = 'gb-eng-LDS'")] == [
        ("impact of leaders", "Adequate"),
        ("help and protection", "Requires improvement to be good"),
    ]
    assert rows(db, "slug = 'gb-eng-KEN'") == []
    assert [row[3:5] for row in rows(db, "slug = 'gb-eng-BUR'")] == [("impact of leaders", "Good")]
    assert loaded.unreadable == ["Bury: '3' is no grade"]


def test_no_overall_grade_since_april_2026_is_said_as_such(db: Database, tmp_path: Path) -> None:
    assert NO_OVERALL_SINCE == "2026-04-01"
    table = yearly(
        ["", "Leeds", "", "31/03/2026", "Standard", "", "Good", "Good"],
        ["", "Kent", "", "01/04/2026", "Standard", "", "Good", "Good"],
    )
    load_outcomes(db, write_csv(tmp_path / "y.csv", table))
    assert [row[0] for row in rows(db, "judgment = 'overall effectiveness' AND grade IS NULL")] == [
        "Kent County Council"
    ]


def test_unknown_councils_and_bad_dates_are_said_and_cost_only_their_row(db: Database, tmp_path: Path) -> None:
    table = yearly(
        ["", "Narnia", "", "01/02/2019", "Standard", "Good"],
        ["", "Kent", "", "31/02/2019", "Standard", "Good"],
        ["", "Surrey", "", "No full inspection", "", ""],
        ["", "Leeds", "", "01/02/2019", "Standard", "Good"],
    )
    loaded = load_outcomes(db, write_csv(tmp_path / "y.csv", table))
    assert (loaded.unknown, loaded.unreadable) == ({"Narnia"}, ["Kent: '31/02/2019' is no date"])
    assert [row[0] for row in rows(db)] == ["Leeds City Council"]


def test_the_framework_is_the_one_in_force_where_no_type_says_it(db: Database, tmp_path: Path) -> None:
    days = ("01/02/2010", "01/02/2013", "01/02/2016", "01/02/2020")
    table = yearly(*(["", "Leeds", "", date, "", "Good"] for date in days))
    load_outcomes(db, write_csv(tmp_path / "y.csv", table))
    assert [row[1] for row in rows(db)] == ["SLAC", "CPI", "SIF", "ILACS"]


def test_old_encodings_are_read(db: Database, tmp_path: Path) -> None:
    table = [["Children’s services"], *yearly(["", "Leeds", "", "01/02/2019", "", "Good"])]
    load_outcomes(db, write_csv(tmp_path / "y.csv", table, encoding="cp1252"))
    assert len(rows(db)) == 1


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("2019-02-18", "2019-02-18"),
        ("18/02/2019", "2019-02-18"),
        ("18 February 2019", "2019-02-18"),
        ("18-Feb-19", "2019-02-18"),
        ("2019-02-18 00:00:00", "2019-02-18"),
        ("30/02/2019", None),
        ("02/18/2019", None),
        ("18/02/0019", None),
        ("Good", None),
        ("", None),
    ],
)
def test_dates(cell: str, read: str | None) -> None:
    assert day(cell) == read


# ---- a row for each council


def test_a_wide_table_keeps_inspections_apart(db: Database, tmp_path: Path) -> None:
    row = [
        "Page", "Leeds", "North", "2010-01-05", "Adequate", "Good", "2011-02-03", "Good", "2014-05-06", "Inadequate",
        "Inadequate", "Good", "2016-07-08", "Requires improvement to be good", "ILACS Short Inspection", "2018-09-10",
        "Outstanding",
    ]  # fmt: skip
    load_outcomes(db, write_ods(tmp_path / "w.ods", {"Cover": [["Cover"]], "LA_inspections": wide(row)}))
    assert [row[1:5] + row[6:] for row in rows(db)] == [
        ("SLAC", "first", "safeguarding", "Adequate", "2010-01-05"),
        ("SLAC", "first", "looked after children", "Good", "2010-01-05"),
        ("SLAC", "re-inspection of safeguarding", "safeguarding", "Good", "2011-02-03"),
        ("SIF", "first", "overall effectiveness", "Inadequate", "2014-05-06"),
        ("SIF", "first", "leadership, management and governance", "Inadequate", "2014-05-06"),
        ("SIF", "first", "safeguarding board", "Good", "2014-05-06"),
        ("SIF", "re-inspection", "overall effectiveness", "Requires improvement to be good", "2016-07-08"),
        ("ILACS", "short", "overall effectiveness", "Outstanding", "2018-09-10"),
    ]
    assert db.execute("SELECT DISTINCT source FROM outcomes").fetchall() == [("w.ods, LA_inspections",)]


def test_an_inspection_told_by_its_visit_and_by_its_report_is_one(db: Database, tmp_path: Path) -> None:
    path = write_ods(
        tmp_path / "both.ods",
        {
            "LA_level": yearly(["", "Leeds", "", "2014-03-20", "", "Good", "Outstanding"]),
            "LA_inspections": wide(first_sif("Leeds", "2014-05-06", "Good")),
        },
    )
    load_outcomes(db, path)
    told = {row[3]: row[1:3] + row[5:] for row in rows(db)}
    assert set(told.values()) == {("SIF", "first", "2014-03-20", "2014-05-06")}
    assert told.keys() == {
        "overall effectiveness", "impact of leaders", "leadership, management and governance", "safeguarding board",
    }  # fmt: skip


def test_a_visit_long_before_a_report_is_another_inspection(db: Database, tmp_path: Path) -> None:
    path = write_ods(
        tmp_path / "both.ods",
        {
            "a": yearly(["", "Leeds", "", "2013-11-20", "Single inspection", "Good"]),
            "b": wide(first_sif("Leeds", "2014-05-06", "Good")),
        },
    )
    load_outcomes(db, path)
    assert {row[5:] for row in rows(db, "judgment = 'overall effectiveness'")} == {
        ("2013-11-20", None),
        (None, "2014-05-06"),
    }


# ---- again


def test_loading_again_writes_nothing_and_an_altered_file_only_what_it_alters(db: Database, tmp_path: Path) -> None:
    def table(grade: str) -> Any:
        return yearly(["", "Leeds", "", "01/02/2019", "", "Good"], ["", "Kent", "", "01/02/2019", "", grade])

    path = write_csv(tmp_path / "y.csv", table("Good"))
    load_outcomes(db, path)
    stored, written = rows(db), db.conn.total_changes
    again = load_outcomes(db, path)
    assert (again.judgments, again.new, again.changed) == (2, 0, 0)
    assert (rows(db), db.conn.total_changes) == (stored, written)
    altered = load_outcomes(db, write_csv(tmp_path / "z.csv", table("Inadequate")))
    assert (altered.new, altered.changed) == (0, 1)
    assert only(db, "slug = 'gb-eng-KEN'")[4] == "Inadequate"


def test_tables_that_disagree_are_said_and_the_same_wins_every_time(db: Database, tmp_path: Path) -> None:
    tables = {
        "a": yearly(["", "Leeds", "", "2014-03-20", "", "Inadequate"]),
        "b": wide(first_sif("Leeds", "2014-05-06", "Good")),
    }
    for _ in range(2):
        loaded = load_outcomes(db, write_ods(tmp_path / "both.ods", tables))
        assert only(db, "judgment = 'overall effectiveness'")[4] == "Good"
        assert loaded.disagreeing == ["Leeds City Council, overall effectiveness: 'Good' and 'Inadequate'"]
    assert (loaded.new, loaded.changed) == (0, 0)


# ---- files of another shape


def test_a_file_of_another_shape_is_told_what_it_misses(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "y.csv", [["Local authority name", "Overall effectiveness"], ["Leeds", "Good"]])
    db = tmp_path / "file.db"
    done = onrecord("outcomes", "load", path, "--db", db)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"onrecord: {path} holds no outcomes of councils' inspections: it misses columns for the inspection (its date,"
        " or that of its report).\n"
    )
    assert not db.exists()


def test_the_nearest_table_is_named(db: Database, tmp_path: Path) -> None:
    tables = {"Cover": [["x"]], "LA": [["Local authority", "Inspection date"], ["Leeds", "2019-01-01"]]}
    with pytest.raises(NoOutcomes, match=r"nearest is its table 'LA'\): it misses columns for a judgment"):
        load_outcomes(db, write_ods(tmp_path / "x.ods", tables))


def test_tables_about_homes_are_not_about_councils(db: Database, tmp_path: Path) -> None:
    header = ["URN", "Provision type", "Local authority", "Inspection date", "Overall effectiveness"]
    path = write_csv(tmp_path / "homes.csv", [header, ["SC1", "Children's home", "Leeds", "01/02/2019", "Good"]])
    with pytest.raises(NoOutcomes, match="it misses columns for the council"):
        load_outcomes(db, path)


def test_a_table_of_strangers_is_refused(db: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "y.csv", yearly(["", "Narnia", "", "01/02/2019", "", "Good"]))
    with pytest.raises(NoOutcomes, match="no inspection of a council that we know"):
        load_outcomes(db, path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it misses columns"),
        (b"\0\1\2", "is neither an ODS nor a CSV file"),
        (b"\xd0\xcf\x11\xe0rest", "is an old Excel file"),
        (b"PK\3\4rest", "is a damaged ODS file"),
        (b'a,"b\nc', "it misses columns"),
    ],
)
def test_what_is_no_spreadsheet_is_refused(db: Database, tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "x.ods"
    path.write_bytes(content)
    with pytest.raises(NoOutcomes, match=why):
        load_outcomes(db, path)


def test_a_spreadsheet_of_excel_is_named(db: Database, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(NoOutcomes, match="it is an Excel file, save it as ODS or CSV"):
        load_outcomes(db, tmp_path / "x.xlsx")


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    done = onrecord("outcomes", "load", tmp_path / "none.ods", "--db", tmp_path / "file.db")
    assert done.returncode == 2
    assert done.stderr == f"onrecord: {tmp_path / 'none.ods'} can't be read: No such file or directory.\n"


def test_a_bomb_goes_off_nowhere(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "GREATEST", 100_000)
    path = write_ods(tmp_path / "bomb.ods", {"a": [["x" * 200_000]]})
    assert path.stat().st_size < 2_000
    with pytest.raises(NoOutcomes, match="unpacks into too much"):
        load_outcomes(db, path)


def test_entities_are_not_opened(db: Database, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("Leeds")
    content = (
        f'<!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}">]><office:x xmlns:office='
        '"urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table='
        '"urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        '<table:table table:name="a"><table:table-row><table:table-cell><text:p>&s;</text:p></table:table-cell>'
        "</table:table-row></table:table></office:x>"
    )
    read = [row for _, rows in spreadsheet.tables(write_content(tmp_path / "x.ods", content)) for row in rows]
    assert read == [["&s;"]]


def test_repeated_cells_are_made_within_limits(tmp_path: Path) -> None:
    [(name, read)] = [(n, list(r)) for n, r in spreadsheet.tables(write_ods(tmp_path / "x.ods", {"a": [["", "b"]]}))]
    assert (name, read) == ("a", [["", "b"]])
    cells = '<table:table-cell table:number-columns-repeated="999999999"><text:p>x</text:p></table:table-cell>'
    path = write_ods(tmp_path / "y.ods", {"a": []})
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml").decode()
    write_content(
        path, content.replace("<table:table-row ", f"<table:table-row>{cells}</table:table-row><table:table-row ", 1)
    )
    [[row]] = [list(r) for _, r in spreadsheet.tables(path)]
    assert len(row) == spreadsheet.COLUMNS


# ---- the lexicons, the command, the real file


def test_lexicons_say_what_the_reader_knows() -> None:
    assert {row["holds"] for row in lexicon("outcome_columns")} == {
        "code", "council", "published", "inspected", "type", "judgment", "provider",
    }  # fmt: skip
    assert all(bool(row["judgment"]) == (row["holds"] == "judgment") for row in lexicon("outcome_columns"))
    frameworks = [row["framework"] for row in lexicon("outcome_frameworks")]
    assert {row["framework"] for row in lexicon("outcome_inspections")} == set(frameworks)
    begun = [row["since"] for row in lexicon("outcome_frameworks")]
    assert begun == sorted(begun)


def test_the_command_says_what_it_did_and_lists_what_is_there(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "y.csv",
        yearly(["", "Leeds", "", "01/02/2019", "", "Good"], ["", "Narnia", "", "01/02/2019", "", "Good"]),
    )
    db = tmp_path / "file.db"
    done = onrecord("outcomes", "load", path, "--db", db)
    assert (done.returncode, done.stdout) == (0, "y.csv: 1 inspections\n1 judgments read: 1 new, 0 changed\n")
    assert done.stderr == "onrecord: no councils that we know (1): Narnia\n"
    assert onrecord("outcomes", "list", "--db", db).stdout == "ILACS  2019  1 good\n"


@pytest.mark.skipif(not REAL.exists(), reason="the file is not part of the repository")
def test_the_real_file(db: Database) -> None:
    loaded = load_outcomes(db, REAL)
    assert loaded.unknown == set()
    first = (
        "framework = 'SIF' AND inspection = 'first' AND judgment = 'overall effectiveness' AND outcomes.published <= "
    )
    for cut_off, expected in (
        ("2015-03-10", {"Good": 10, "Requires improvement to be good": 26, "Inadequate": 7}),
        ("2016-03-31", {"Outstanding": 2, "Good": 21, "Requires improvement to be good": 43, "Inadequate": 21}),
    ):
        grades = [row[4] for row in rows(db, f"{first} '{cut_off}'")]
        assert {grade: grades.count(grade) for grade in set(grades)} == expected
    known = {entry.name for entry in organisations()}
    assert {row[0] for row in rows(db)} <= known
