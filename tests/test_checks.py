"""Figures and ratings held against the record: cut-offs, wrong numbers, what can't be told, only what has changed."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from nlp.build import extract
from nlp.records import Figure, Mention, Organisation, Records
from nlp.text import clean_text
from onrecord.check import check
from pipelines.checks import check_due
from pipelines.outcomes import load_outcomes
from pipelines.schema import open_database
from pipelines.store import store_article, store_records
from pipelines.who import load_organisations
from tests.outcome_files import first_sif, wide, write_csv, write_ods, yearly
from tests.sample_file import AT, LATER, article

SHARED = Path(__file__).parents[2] / "shared"
REAL = SHARED / "reference" / "ofsted-outcomes-2022.ods"

# Of our own invention: 12 councils' first inspections, a month apart, and what they got.
COUNCILS = (
    "Barnet", "Barnsley", "Bexley", "Bolton", "Brent", "Bromley", "Bury", "Calderdale", "Camden", "Coventry", "Croydon",
    "Darlington",
)  # fmt: skip
GRADES = [{"G": "Good", "I": "Inadequate", "R": "Requires improvement to be good"}[letter] for letter in "GIRGRIGRIRGR"]
BEGUN = date(2014, 1, 20)


def day(n: int) -> str:
    """The day of the n-th report."""
    return (BEGUN + timedelta(days=30 * n)).isoformat()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.db"


@pytest.fixture
def db(path: Path) -> Any:
    db = open_database(path)
    load_organisations(db)
    yield db
    db.close()
    assert check(path) == []


def load(db: Database, folder: Path, councils: Sequence[str] = COUNCILS, last: str = "") -> None:
    told = [
        first_sif(name, day(n), GRADES[n], *([last, "Good"] if last and not n else []))
        for n, name in enumerate(councils)
    ]
    load_outcomes(db, write_ods(folder / "record.ods", {"LA_inspections": wide(*told)}))


def tell(
    db: Database, text: str, figures: Sequence[tuple[str, float, str]] = (), published: str | None = "2014-11-20",
    url: str = "https://news.example/a", councils: Sequence[str] = (), **more: object,
) -> int:  # fmt: skip
    """Stores an article that gives figures: their words, the number, what it counts; and names councils."""
    id = store_article(db, article(url, text, published=published), seen_at=AT).id
    found = []
    for words, value, of in figures:
        start = text.index(words)
        unit = "percent" if "per cent" in words else "count"
        found.append(
            Figure(start, start + len(words), words, value, unit, of=of, **{"confidence": 1, "rule": "test", **more})  # type: ignore[arg-type]
        )
    names = []
    for name, canonical in zip(councils[::2], councils[1::2], strict=True):
        start = text.index(name)
        names.append(Mention(start, start + len(name), name, Organisation(canonical), rule="test"))
    store_records(db, id, Records(mentions=tuple(names), figures=tuple(found)), extracted_at=LATER, extractor="t")
    return id


def add_figure(db: Database, id: int, start: int, words: str, **told: object) -> None:
    """Another figure of an article that is stored."""
    row = {"article_id": id, "start": start, "end": start + len(words), "text": words, "unit": "count", **told}
    db.table("figures").insert({**row, "confidence": 1, "rule": "test"})


def verdicts(db: Database) -> dict[str, tuple[str, float | None]]:
    query = "SELECT text, verdict, expected FROM figure_checks JOIN figures ON figures.id = figure_id ORDER BY start"
    rows = db.execute(query)
    return {text: (verdict, expected) for text, verdict, expected in rows}


def why(db: Database, words: str) -> str:
    query = "SELECT why FROM figure_checks JOIN figures ON figures.id = figure_id WHERE figures.text = ?"
    return str(db.execute(query, [words]).fetchone()[0])


def ratings(db: Database) -> list[tuple[Any, ...]]:
    return db.execute(
        "SELECT organisation, grade, verdict, expected FROM ratings_checked ORDER BY rating_id"
    ).fetchall()


# By day(8), 17 September 2014: nine inspected, three of each grade.
TOLD = "9 councils were inspected: 3 councils were rated good, 3 councils rated inadequate and 3 needing improvement."
NINE = (
    ("9 councils", 9.0, "councils inspected"),
    ("3 councils were", 3.0, "councils rated good"),
    ("3 councils rated", 3.0, "councils rated inadequate"),
    ("3 needing", 3.0, "councils needing improvement"),
)


def changed(n: int, value: float) -> list[tuple[str, float, str]]:
    return [(words, value if i == n else number, of) for i, (words, number, of) in enumerate(NINE)]


# ---- counts


def test_counts_that_agree_with_one_cut_off_are_confirmed_and_it_is_said(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    tell(db, TOLD, NINE)
    assert check_due(db).verdicts == {"confirmed": 4}
    assert verdicts(db)["3 councils were"] == ("confirmed", 3)
    assert why(db, "3 councils were") == (
        "3 good, counting the first inspection of each council under SIF, published up to 17 September 2014 (any day"
        " from 17 September 2014 to 16 October 2014 gives the same); 4 counts of the text agree there."
    )
    evidence = db.execute(
        "SELECT name, grade FROM figure_evidence JOIN outcomes ON outcomes.id = outcome_id"
        " JOIN organisations ON organisations.id = organisation_id"
        " WHERE figure_id = (SELECT id FROM figures WHERE text = '3 councils were')"
    ).fetchall()
    assert evidence == [
        ("London Borough of Barnet", "Good"),
        ("Bolton Metropolitan Borough Council", "Good"),
        ("Bury Metropolitan Borough Council", "Good"),
    ]


@pytest.mark.parametrize(("n", "wrong", "right"), [(0, 11, 9), (1, 4, 3), (1, 2, 3), (2, 40, 3), (3, 0, 3)])
def test_a_wrong_number_among_right_ones_is_contradicted(
    db: Database, tmp_path: Path, n: int, wrong: float, right: float
) -> None:
    load(db, tmp_path)
    tell(db, TOLD, changed(n, wrong))
    check_due(db)
    given = verdicts(db)
    assert given.pop(NINE[n][0]) == ("contradicted", right)
    assert {verdict for verdict, _ in given.values()} == {"confirmed"}
    assert db.execute("SELECT count(*) FROM figure_evidence").fetchone()[0] == 18  # 9 + 3 + 3 + 3, whatever was told


def test_a_number_alone_is_not_contradicted(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    tell(db, TOLD, [("3 councils rated", 7.0, "councils rated inadequate")])
    check_due(db)
    assert verdicts(db) == {"3 councils rated": ("uncheckable", None)}
    assert "No cut-off in the 15 months before" in why(db, "3 councils rated")


def test_a_number_alone_is_confirmed_at_the_articles_own_day(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    tell(db, TOLD, [("3 councils were", 4.0, "councils rated good")], published=day(11))
    check_due(db)
    assert verdicts(db)["3 councils were"] == ("confirmed", 4)


def test_a_number_alone_that_held_on_any_day_is_not_confirmed(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    tell(db, TOLD, [("3 councils were", 2.0, "councils rated good")], published=day(11))
    check_due(db)
    assert verdicts(db)["3 councils were"] == ("uncheckable", None)
    assert why(db, "3 councils were").startswith("It would agree with the first inspection of each council under SIF")


def test_a_cut_off_that_the_text_names_is_believed(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    text = f"{TOLD} The figures are as at 5 June 2014."
    tell(db, text, [("3 councils were", 2.0, "councils rated good")], published=day(11))
    check_due(db)
    assert verdicts(db)["3 councils were"] == ("confirmed", 2)
    assert "published up to 5 June 2014 (any day from 20 May 2014 to 18 June 2014" in why(db, "3 councils were")


def test_the_end_of_a_year_is_a_likely_cut_off(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)  # by 31 August 2014 two were inadequate, by 30 October three
    tell(db, TOLD, [("3 councils rated", 2.0, "councils rated inadequate")], published="2014-10-30")
    check_due(db)
    assert verdicts(db)["3 councils rated"] == ("confirmed", 2)
    assert "published up to 31 August 2014 (" in why(db, "3 councils rated")


def test_an_undated_text_needs_three_counts(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    tell(db, TOLD, NINE, published=None)
    tell(db, TOLD, NINE[2:], published=None, url="https://news.example/b")
    assert check_due(db).verdicts == {"confirmed": 4, "uncheckable": 2}
    assert db.execute("SELECT DISTINCT why FROM figure_checks WHERE verdict = 'uncheckable'").fetchall() != []


def test_adequate_is_not_requires_improvement(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    text = f"{TOLD} Another 3 departments were adequate."
    tell(db, text, [*NINE, ("3 departments", 3.0, "departments adequate")])
    check_due(db)
    assert verdicts(db)["3 needing"] == ("confirmed", 3)
    assert verdicts(db)["3 departments"] == ("contradicted", 0)


def test_bounds_are_heeded(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    for n, (value, qualifier, verdict) in enumerate(
        [
            (2, "over", "confirmed"),
            (3, "over", "contradicted"),
            (3, "at_least", "confirmed"),
            (4, "under", "confirmed"),
            (3, "under", "contradicted"),
        ]
    ):
        text = f"{TOLD} And {value} boroughs were left."
        id = tell(db, text, NINE, url=f"https://news.example/{n}")
        start = text.index(f"{value} boroughs")
        words = f"{value} boroughs"
        told = {"value": value, "of": "boroughs good or better", "qualifier": qualifier}
        add_figure(db, id, start, words, **told, figure_key=words + str(n))
        check_due(db)
        query = "SELECT verdict FROM figure_checks JOIN figures ON figures.id = figure_id WHERE figure_key = ?"
        assert db.execute(query, [words + str(n)]).fetchone()[0] == verdict, (value, qualifier)


def test_shares_are_of_those_inspected(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    text = f"{TOLD} That is 33 per cent of councils and 50 per cent of boroughs."
    shares = [
        ("33 per cent", 33.0, "councils rated inadequate"),
        ("50 per cent", 50.0, "boroughs less than good"),
    ]
    tell(db, text, [*NINE, *shares])
    check_due(db)
    assert verdicts(db)["33 per cent"] == ("confirmed", 33.3)
    assert verdicts(db)["50 per cent"] == ("contradicted", 66.7)


@pytest.mark.parametrize(
    ("words", "of", "reason"),
    [
        ("Of schools, 3 were rated good.", "schools rated good", "holds councils' services only"),
        ("Then 3 were rated good.", "rated good", "doesn't say what was graded"),
        ("In the North East 2 councils were good.", "councils good", "a part of the councils"),
        ("The other 4 councils inspected did badly.", "remaining councils rated good", "what remains"),
    ],
)
def test_what_the_record_can_not_tell_is_said(db: Database, tmp_path: Path, words: str, of: str, reason: str) -> None:
    load(db, tmp_path)
    number = next(word for word in words.split() if word.isdigit())
    tell(db, f"{TOLD} {words}", [*NINE, (f"{number} {words.split(number)[1].split()[0]}", float(number), of)])
    check_due(db)
    row = db.execute("SELECT verdict, why FROM figure_checks ORDER BY figure_id DESC LIMIT 1").fetchone()
    assert row[0] == "uncheckable"
    assert reason in row[1]


def test_another_time_is_no_contradiction(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    for n, period in enumerate(("last year", "in 2011")):
        text = f"{TOLD} It was 7 boroughs {period}."
        id = tell(db, text, NINE, url=f"https://news.example/{n}")
        start = text.index("7 boroughs")
        told = {"value": 7, "of": "boroughs good or outstanding", "period": period}
        add_figure(db, id, start, "7 boroughs", **told, figure_key=f"k{n}")
        check_due(db)
        assert verdicts(db)["7 boroughs"] == ("uncheckable", None)
        assert why(db, "7 boroughs") == "It is told of an earlier time than the other counts."


def test_figures_that_count_no_judgments_have_no_verdict(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    tell(db, "It has 300 staff and 10 good ideas.", [("300 staff", 300.0, "staff"), ("10 good", 10.0, "good ideas")])
    tell(db, "It made two inspections.", [("two inspections", 2.0, "inspections")], url="https://news.example/b")
    check_due(db)
    assert verdicts(db) == {}


def test_articles_beyond_the_record_are_uncheckable(db: Database, tmp_path: Path) -> None:
    tell(db, TOLD, NINE)
    check_due(db)
    assert why(db, "9 councils").startswith("No record is loaded")
    load(db, tmp_path)
    tell(db, TOLD, NINE, published="2009-01-01", url="https://news.example/b")
    tell(db, TOLD, NINE, published="2016-01-01", url="https://news.example/c")
    check_due(db)
    reasons = [why for (why,) in db.execute("SELECT DISTINCT why FROM figure_checks WHERE verdict = 'uncheckable'")]
    assert sorted(reasons) == [
        "The record loaded begins on 20 January 2014.",
        "The record loaded ends on 16 December 2014.",
    ]


# ---- ratings


def test_ratings_of_named_councils(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    text = (
        "Barnet and Barnsley were rated ‘good’ by inspectors.\n\nOfsted judged Bexley to require improvement.\n\n"
        "Kent was rated good.\n\nCamden was found to be inadequate in 2014."
    )
    bodies = (
        "Barnet", "London Borough of Barnet", "Barnsley", "Barnsley Metropolitan Borough Council",
        "Bexley", "London Borough of Bexley", "Kent", "Kent County Council", "Camden", "London Borough of Camden",
    )  # fmt: skip
    tell(db, text, councils=bodies, published=day(11))
    check_due(db)
    improve = "Requires improvement to be good"
    assert ratings(db) == [
        ("London Borough of Barnet", "good", "confirmed", "Good"),
        ("Barnsley Metropolitan Borough Council", "good", "contradicted", "Inadequate"),
        ("London Borough of Bexley", "requires improvement", "confirmed", improve),
        ("Kent County Council", "good", "uncheckable", None),
        ("London Borough of Camden", "inadequate", "confirmed", "Inadequate"),
    ]
    assert db.execute("SELECT why FROM ratings WHERE grade = 'inadequate'").fetchone()[0] == (
        "Inadequate under SIF, published 17 September 2014."
    )


def test_the_latest_rating_by_the_articles_day_counts(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path, last="2015-06-01")
    bodies = ("Barnet", "London Borough of Barnet", "Barnsley", "Barnsley Metropolitan Borough Council")
    told = [("good", "2015-07-01"), ("good", "2014-03-01"), ("inadequate", "2014-03-01")]
    load_outcomes(
        db, write_csv(tmp_path / "y.csv", yearly(["", "Barnsley", "", "02/06/2015", "SIF re-inspection", "Good"]))
    )
    for n, (grade, published) in enumerate(told):
        tell(db, f"Barnsley was rated {grade}.", councils=bodies[2:], published=published, url=f"https://n.example/{n}")
    check_due(db)
    assert [row[1:] for row in ratings(db)] == [
        ("good", "confirmed", "Good"),
        ("good", "contradicted", "Inadequate"),
        ("inadequate", "confirmed", "Inadequate"),
    ]


def test_an_earlier_rating_is_looked_for_among_earlier_ones(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    load_outcomes(
        db, write_csv(tmp_path / "y.csv", yearly(["", "Barnsley", "", "02/06/2015", "SIF re-inspection", "Good"]))
    )
    bodies = ("Barnsley", "Barnsley Metropolitan Borough Council")
    texts = (
        "Barnsley had been rated inadequate.",
        "Barnsley had been rated outstanding.",
        "Barnsley was rated good in 2014.",
    )
    for n, text in enumerate(texts):
        tell(db, text, councils=bodies, published="2015-07-01", url=f"https://n.example/{n}")
    check_due(db)
    assert [verdict for _, _, verdict, _ in ratings(db)] == ["confirmed", "uncheckable", "contradicted"]


def test_what_is_not_said_to_be_so_is_no_rating(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    for n, text in enumerate(
        (
            "Barnsley was not rated good.",
            "Barnsley hopes to be rated good.",
            "Barnsley could be judged inadequate.",
            "A school in Barnsley was rated good.",
            "Barnsley was found good enough.",
            "Barnsley did good work.",
            "Children in Barnsley receive a good service.",
        )
    ):
        tell(db, text, councils=("Barnsley", "Barnsley Metropolitan Borough Council"), url=f"https://n.example/{n}")
    check_due(db)
    assert ratings(db) == []


# ---- only what has changed


def test_only_what_has_changed_is_looked_at(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    first = tell(db, TOLD, NINE)
    tell(db, TOLD, NINE, url="https://news.example/b")
    assert check_due(db).articles == 2
    written = db.conn.total_changes
    assert check_due(db) == (0, {})
    assert db.conn.total_changes == written
    store_records(db, first, Records(), extracted_at="2026-06-01T00:00:00+00:00", extractor="t")
    assert check_due(db).articles == 1
    assert db.execute("SELECT count(*) FROM figure_checks").fetchone()[0] == 4
    load(db, tmp_path)  # the same again
    assert check_due(db).articles == 0
    load_outcomes(db, write_csv(tmp_path / "y.csv", yearly(["", "Leeds", "", "02/02/2014", "", "Good"])))
    assert check_due(db).articles == 2


def test_a_verdict_that_stays_is_not_written_again(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    tell(db, TOLD, NINE)
    check_due(db)
    db.execute("INSERT INTO checks_due SELECT id FROM articles")
    db.conn.commit()
    written = db.conn.total_changes
    check_due(db)
    assert db.conn.total_changes - written == 1  # the row of checks_due


def test_a_corrected_figure_is_checked_again(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path)
    tell(db, TOLD, changed(1, 5))
    check_due(db)
    assert verdicts(db)["3 councils were"] == ("contradicted", 3)
    key = db.execute("SELECT figure_key FROM figures WHERE text = '3 councils were'").fetchone()[0]
    db.table("reviews").insert(
        {
            "item_kind": "figure",
            "item_key": key,
            "decision": "corrected",
            "corrected": '{"value": 3}',
            "reviewer": "bo",
            "at": LATER,
            "text": "3 councils were",
        }
    )
    assert check_due(db).articles == 1
    assert verdicts(db)["3 councils were"] == ("confirmed", 3)


@pytest.mark.skipif(not REAL.exists(), reason="the files are not part of the repository")
@pytest.mark.parametrize(
    ("sample", "published", "counted"),
    [("001", "2016-06-29", (21, 43, 21)), ("003", "2015-03-10", (43, 10, 7, 26, 0)), ("003", None, (43, 10, 7, 26, 0))],
)
def test_the_samples_and_wrong_numbers_in_them(
    db: Database, tmp_path: Path, sample: str, published: str | None, counted: tuple[float, ...]
) -> None:
    """What the two reports say is so; and what is altered in them is not, whichever number it is."""
    load_outcomes(db, real_as_csv(tmp_path / "record.csv"))
    page = next((SHARED / "gold" / "documents").glob(f"{sample}_*.txt")).read_text("utf-8")
    text = clean_text(page.split("\n"))
    id = store_article(db, article(text=text, published=published), seen_at=AT).id
    store_records(db, id, extract(text), extracted_at=LATER, extractor="t")
    check_due(db)
    query = (
        "SELECT figures.id, value, verdict, expected FROM figure_checks JOIN figures ON figures.id = figure_id"
        " WHERE verdict <> 'uncheckable' ORDER BY start"
    )
    given = db.execute(query).fetchall()
    assert [row[1:] for row in given] == [(n, "confirmed", n) for n in counted]
    for (figure, value, *_), wrong in product(given, (-2, -1, 1, 2, 10) if published else (-1, 2)):
        if value + wrong < 0:
            continue
        with db.atomic():
            db.execute("UPDATE figures SET value = ? WHERE id = ?", [value + wrong, figure])
            db.execute("INSERT INTO checks_due VALUES (?)", [id])
        check_due(db)
        altered = {row[0]: row[1:] for row in db.execute(query).fetchall()}
        assert altered.pop(figure) == (value + wrong, "contradicted", value)
        assert {verdict for _, verdict, _ in altered.values()} == {"confirmed"}
        with db.atomic():
            db.execute("UPDATE figures SET value = ? WHERE id = ?", [value, figure])
    if sample == "001":
        assert [row[0::2] for row in ratings(db)] == [
            ("Royal Borough of Kensington and Chelsea", "confirmed"),
            ("Westminster City Council", "confirmed"),
        ]


def real_as_csv(path: Path) -> Path:
    """The real outcomes, which are kept in long form too, as the wide table they were: it is read faster."""
    with (SHARED / "reference" / "ofsted-outcomes-2009-2022.csv").open(encoding="utf-8") as file:
        cells = list(csv.DictReader(file))
    fields = list(dict.fromkeys(cell["field"] for cell in cells))
    councils: dict[tuple[str, str], dict[str, str]] = {}
    for cell in cells:
        councils.setdefault((cell["table_row"], cell["la"]), {})[cell["field"]] = cell["value"]
    table = [[name, *(told.get(field, "") for field in fields)] for (_, name), told in councils.items()]
    return write_csv(path, [["Local authority name", *fields], *table])
