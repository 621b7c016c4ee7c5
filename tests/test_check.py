"""`check` tells every way in which a file can stop being whole."""

import sqlite3
from pathlib import Path

import pytest

from onrecord.check import check
from pipelines.schema import DatabaseError, open_database
from tests.sample_file import SAID, build, decide


@pytest.fixture
def path(tmp_path: Path) -> Path:
    db = build(tmp_path / "file.db")
    decide(db, db.execute("SELECT quote_key FROM quotes WHERE text = ?", [SAID]).fetchone()[0], "accepted")
    db.close()
    return tmp_path / "file.db"


def spoil(path: Path, script: str) -> None:
    """As another program would, with nothing to stop it."""
    db = sqlite3.connect(path)
    db.executescript(script)
    db.close()


def test_a_file_written_by_the_store_is_whole(path: Path) -> None:
    assert check(path) == []


def test_a_decision_whose_quote_is_gone_is_no_fault(path: Path) -> None:
    db = open_database(path)
    decide(db, "a quote that is gone", "rejected")
    db.close()
    assert check(path) == []


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("DROP TRIGGER quotes_count_insert", "The trigger quotes_count_insert is missing."),
        ("DROP INDEX quotes_person", "The index quotes_person is missing."),
        ("ALTER TABLE runs ADD COLUMN mood TEXT", "The table runs is not as onrecord makes it."),
        ("DROP VIEW statements", "The view statements is missing."),
        (
            "DROP VIEW statements; CREATE VIEW statements AS SELECT 1",
            "The view statements is not as onrecord makes it.",
        ),
        (
            "DROP TRIGGER articles_text_edited; UPDATE articles SET text = 'x' || text WHERE id = 1",
            "There are quotes whose words do not stand at start:end of their article: 3 (id 1, 2, 3).",
        ),
        (
            "DROP TRIGGER articles_text_edited; UPDATE articles SET text = 'x' || text WHERE id = 1",
            "There are figures whose words do not stand at start:end of their article: 1 (id 1).",
        ),
        (
            "DROP TRIGGER articles_text_edited; UPDATE articles SET text = 'x' || text WHERE id = 1",
            "There are stances whose words do not stand at start:end of their article: 2 (id 1, 2).",
        ),
        (
            "DROP TRIGGER mentions_resolve_update; UPDATE mentions SET \"end\" = 9999 WHERE id = 2",
            "There are mentions that end behind their article: 1 (id 2).",
        ),
        (
            "UPDATE quotes SET published = '2020-01-01' WHERE id = 3",
            "There are quotes dated otherwise than their article: 1 (id 3).",
        ),
        (
            "UPDATE quotes SET review_status = 'rejected' WHERE id IN (1, 2)",
            "There are quotes whose review status is not the last decision: 2 (id 1, 2).",
        ),
        (
            "UPDATE figures SET review_status = 'rejected' WHERE id = 1",
            "There are figures whose review status is not the last decision: 1 (id 1).",
        ),
        (
            "UPDATE stances SET correction = '{}' WHERE id = 2",
            "There are stances whose review status is not the last decision: 1 (id 2).",
        ),
        (
            """DROP TRIGGER quotes_correction_resolves; UPDATE quotes SET correction = '{"start": 3}' WHERE id = 2""",
            "There are quotes whose words do not stand at start:end of their article: 1 (id 2).",
        ),
        (
            "UPDATE review_counts SET to_review = to_review + 1 WHERE item_kind = 'quote' AND organisation_id = 2",
            "There are organisations whose counts are not what a recount gives: 1 (id 2).",
        ),
        (
            "UPDATE review_counts SET items = items - 1 WHERE item_kind = 'stance' AND organisation_id = 1",
            "There are organisations whose counts are not what a recount gives: 1 (id 1).",
        ),
        (
            "DELETE FROM review_counts WHERE item_kind = 'figure' AND organisation_id = 1",
            "There are organisations whose counts are not what a recount gives: 1 (id 1).",
        ),
        (
            "INSERT INTO review_counts (item_kind, organisation_id, items) VALUES ('figure', 2, 1)",
            "There are organisations whose counts are not what a recount gives: 1 (id 2).",
        ),
        (
            "INSERT INTO people (name, name_key) VALUES ('No One', 'no one')",
            "There are people whom no article names: 1 (id 2).",
        ),
        (
            "INSERT INTO organisations (name) VALUES ('Nobody Ltd')",
            "There are organisations that no list has and no article names: 1 (id 3).",
        ),
        (
            "UPDATE articles SET story_id = NULL WHERE id = 2",
            "There are stories that fewer than two articles tell: 1 (id 1).",
        ),
        ("UPDATE quotes SET person_id = 77 WHERE id = 2", "Row 2 of quotes refers to a row of people that is gone."),
        (
            "PRAGMA foreign_keys = ON; DROP TRIGGER quotes_search_delete; DELETE FROM quotes WHERE id = 1",
            "The search index of quotes does not hold what the table holds.",
        ),
        (
            "DROP TRIGGER articles_search_update; UPDATE articles SET title = 'Another' WHERE id = 1",
            "The search index of articles does not hold what the table holds.",
        ),
    ],
)  # fmt: skip
def test_every_fault_is_told(path: Path, script: str, problem: str) -> None:
    spoil(path, script)
    assert problem in check(path)


def test_damage_is_told(path: Path) -> None:
    spoil(path, "PRAGMA journal_mode = DELETE")
    db = sqlite3.connect(path)
    (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'quotes'").fetchone()
    (size,) = db.execute("PRAGMA page_size").fetchone()
    db.close()
    content = bytearray(path.read_bytes())
    content[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(content)
    problems = check(path)
    assert problems
    assert all(problem.startswith("The file is damaged: ") for problem in problems)


def test_what_is_not_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Dear diary")
    with pytest.raises(DatabaseError):
        check(tmp_path / "notes.txt")
    with pytest.raises(DatabaseError):
        check(tmp_path / "missing.db")
    assert not (tmp_path / "missing.db").exists()
