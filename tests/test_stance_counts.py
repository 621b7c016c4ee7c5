"""Running counts of stances by body, topic and year: what the matrix says is what a recount gives."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from nlp.records import Organisation, Records, Stance
from onrecord.check import check
from onrecord.review.decisions import Decision, decide, undo
from pipelines import schema
from pipelines.schema import open_database
from tests.sample_file import AT, COUNCIL, LATER, UNION, article, build, spot, store

Counts = dict[tuple[str, str, str], tuple[int, ...]]
FRAMEWORK, WORKFORCE = "inspection-framework", "workforce"


@pytest.fixture
def db(tmp_path: Path) -> Database:
    db = build(tmp_path / "file.db")
    yield db
    db.conn.commit()
    db.close()
    assert not [fault for fault in check(tmp_path / "file.db") if "stances by topic" in fault]


def counts(db: Database) -> Counts:
    """By body, topic and year: all, supportive, critical, mixed, neutral."""
    rows = db.execute(
        "SELECT organisation, topic, year, stances, supportive, critical, mixed, neutral FROM stances_by_year"
    )
    return {row[:3]: row[3:] for row in rows}


def judged(db: Database, polarity: str, topic: str) -> str:
    key: str = db.execute(
        "SELECT stance_key FROM stances WHERE polarity = ? AND topic = ? ORDER BY id", [polarity, topic]
    ).fetchone()[0]
    return key


def test_stances_are_counted_by_body_topic_and_year(db: Database) -> None:
    assert counts(db) == {
        (UNION.name, FRAMEWORK, "2026"): (3, 1, 2, 0, 0),
        (COUNCIL.name, WORKFORCE, "2026"): (2, 2, 0, 0, 0),
    }


def test_what_is_rejected_is_not_counted_until_that_is_undone(db: Database) -> None:
    before = counts(db)
    key = judged(db, "supportive", FRAMEWORK)
    rejected = decide(db.conn, Decision("stance", key, "rejected", "bo"), LATER)
    assert counts(db)[(UNION.name, FRAMEWORK, "2026")] == (2, 0, 2, 0, 0)
    undo(db.conn, rejected.review_id, "bo", LATER)
    assert counts(db) == before


def test_what_was_rejected_takes_nothing_along_when_it_goes(db: Database) -> None:
    decide(db.conn, Decision("stance", judged(db, "supportive", WORKFORCE), "rejected", "bo"), LATER)
    db.execute("DELETE FROM articles WHERE id = 1")
    assert counts(db)[(COUNCIL.name, WORKFORCE, "2026")] == (1, 1, 0, 0, 0)


def test_a_correction_is_counted_where_it_says(db: Database) -> None:
    key = judged(db, "critical", FRAMEWORK)
    right = {"topic": "funding", "polarity": "mixed", "organisation": COUNCIL.name}
    decide(db.conn, Decision("stance", key, "corrected", "bo", right), LATER)
    assert counts(db)[(UNION.name, FRAMEWORK, "2026")] == (2, 1, 1, 0, 0)
    assert counts(db)[(COUNCIL.name, "funding", "2026")] == (1, 0, 0, 1, 0)


def test_years_follow_the_article_and_nothing_is_left_of_what_is_gone(db: Database) -> None:
    db.execute("UPDATE articles SET published = '2025-12-31' WHERE id = 1")
    assert counts(db)[(COUNCIL.name, WORKFORCE, "2025")] == (1, 1, 0, 0, 0)
    db.execute("UPDATE articles SET published = NULL WHERE id = 1")
    assert counts(db)[(COUNCIL.name, WORKFORCE, "")] == (1, 1, 0, 0, 0)
    db.execute("DELETE FROM articles WHERE id IN (1, 2)")
    assert counts(db) == {(UNION.name, FRAMEWORK, "2026"): (1, 1, 0, 0, 0)}
    assert db.table("stance_counts").count == 1, "nothing that adds up to nothing is kept"


def test_stances_of_nobody_known_are_not_in_the_matrix(db: Database) -> None:
    before = counts(db)
    text = "It is a blunt tool."
    nobody = Stance(**spot(text, text), topic=FRAMEWORK, polarity="critical", speaker="Ada Quillfeather", rule="test")
    store(db, article("https://news.example/nobody", text), Records(stances=(nobody,)))
    assert counts(db) == before


def test_the_matrix_tells_the_latest_evidence_and_its_article(db: Database) -> None:
    said = {row["topic"]: row for row in db.query("SELECT * FROM stance_matrix WHERE organisation = ?", [UNION.name])}
    assert list(said) == [FRAMEWORK]
    row = said[FRAMEWORK]
    assert (row["stances"], row["supportive"], row["critical"]) == (3, 1, 2)
    assert (row["latest"], row["latest_polarity"]) == ("2026-05-02", "supportive")
    assert row["latest_evidence"] == "The visit was fair and right,"
    assert (row["latest_article"], row["latest_url"]) == ("Guild relents", "https://courier.example/2")
    decide(db.conn, Decision("stance", judged(db, "supportive", FRAMEWORK), "rejected", "bo"), LATER)
    (row,) = db.query("SELECT * FROM stance_matrix WHERE organisation = ?", [UNION.name])
    assert (row["latest"], row["latest_evidence"]) == ("2026-05-01", "a blunt tool")


def test_the_matrix_is_read_off_the_counts_and_one_index(db: Database) -> None:
    plan = [step for *_, step in db.execute("EXPLAIN QUERY PLAN SELECT * FROM stance_matrix")]
    assert not any(step.startswith("SCAN stances") for step in plan), plan
    assert any("stances_matrix (shown_organisation_id=? AND shown_topic=?)" in step for step in plan), plan


def test_an_older_file_is_counted_when_it_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "schema"
    shutil.copytree(Path(schema.__file__).parent / "schema", folder)
    for script in folder.glob("*.sql"):
        if script.stem >= "0014":
            script.unlink()
    monkeypatch.setattr(schema, "_FOLDER", folder)
    build(tmp_path / "old.db").close()
    monkeypatch.undo()
    db = open_database(tmp_path / "old.db")
    assert counts(db)[(UNION.name, FRAMEWORK, "2026")] == (3, 1, 2, 0, 0)
    db.close()


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE stance_counts SET critical = critical + 1 WHERE organisation_id = 2",
        "DELETE FROM stance_counts WHERE organisation_id = 2",
        "INSERT INTO stance_counts VALUES (2, 'demand', '2026', 1, 1, 0, 0, 0)",
    ],
)
def test_the_check_tells_of_a_wrong_count(tmp_path: Path, wrong: str) -> None:
    build(tmp_path / "wrong.db").close()
    with sqlite3.connect(tmp_path / "wrong.db") as file:
        file.execute(wrong)
    assert check(tmp_path / "wrong.db") == [
        "There are organisations whose stances by topic and year are not what a recount gives: 1 (id 2)."
    ]


def test_a_body_that_takes_another_name_keeps_its_stances(db: Database) -> None:
    text = "“The cap starves our teams,” said the Thrapcombe Trust."
    trust = Organisation("Thrapcombe Trust")
    said = Stance(**spot(text, "The cap starves our teams"), topic="funding", polarity="critical", organisation=trust)
    store(db, article("https://news.example/cap", text), Records(stances=(said,)), AT)
    (id,) = db.execute("SELECT id FROM organisations WHERE name = ?", [COUNCIL.name]).fetchone()
    db.execute("UPDATE stances SET organisation_id = ? WHERE topic = 'funding'", [id])
    assert counts(db)[(COUNCIL.name, "funding", "2026")] == (1, 0, 1, 0, 0)
    assert (trust.name, "funding", "2026") not in counts(db)
