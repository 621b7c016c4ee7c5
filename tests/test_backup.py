"""`backup` makes a consistent copy with the decisions beside it, and never leaves half a file or loses one."""

import json
import os
import sqlite3
from pathlib import Path

import pytest

from onrecord import backup as module
from onrecord.backup import BackupError, backup
from onrecord.check import check
from pipelines.schema import DatabaseError, open_database
from tests.sample_file import SAID, build, decide


@pytest.fixture
def path(tmp_path: Path) -> Path:
    db = build(tmp_path / "file.db")
    key = db.execute("SELECT quote_key FROM quotes WHERE text = ?", [SAID]).fetchone()[0]
    decide(db, key, "accepted")
    decide(db, key, "corrected", "“Née – naïve”")
    db.close()
    return tmp_path / "file.db"


def test_the_copy_is_whole_and_the_decisions_stand_beside_it(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup" / "monday.db"
    target.parent.mkdir()
    assert backup(path, target) == 2
    assert sorted(file.name for file in target.parent.iterdir()) == ["monday.db", "monday.reviews.jsonl"]
    lines = [json.loads(line) for line in (target.parent / "monday.reviews.jsonl").read_text("utf-8").splitlines()]
    assert [(line["decision"], line["text"]) for line in lines] == [("accepted", SAID), ("corrected", "“Née – naïve”")]
    assert json.loads(lines[1]["corrected"]) == {"role": "chair"}
    original, copy = open_database(path), sqlite3.connect(target)
    assert list(copy.iterdump()) == list(original.conn.iterdump())
    copy.close()
    original.close()
    assert check(target) == []


def test_it_has_what_the_night_wrote_a_moment_ago(path: Path, tmp_path: Path) -> None:
    night = open_database(path)
    night.execute("INSERT INTO runs (started, version) VALUES ('2026-05-03', '1')")
    backup(path, tmp_path / "copy.db")  # the row is in the write-ahead log alone
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT started FROM runs").fetchall() == [("2026-05-03",)]
    copy.close()
    night.close()


def test_an_older_backup_is_replaced(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    backup(path, target)
    db = open_database(path)
    db.execute("DELETE FROM articles")
    db.close()
    backup(path, target)
    with sqlite3.connect(target) as copy:
        assert copy.execute("SELECT count(*) FROM articles").fetchone() == (0,)
    copy.close()


def test_the_database_itself_is_never_written_over(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    (tmp_path / "link.db").symlink_to(path)
    (tmp_path / "linked.reviews.jsonl").symlink_to(path)
    for target in (path, tmp_path / "." / "file.db", tmp_path / "link.db", tmp_path / "linked.db"):
        with pytest.raises(BackupError, match="the database itself"):
            backup(path, target)
    assert path.read_bytes() == before


def test_nothing_else_is_written_over(path: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Dear diary")
    with pytest.raises(BackupError, match="no onrecord database"):
        backup(path, notes)
    assert notes.read_text() == "Dear diary"
    with pytest.raises(BackupError, match="is a folder"):
        backup(path, tmp_path)
    with pytest.raises(BackupError, match="there is no folder"):
        backup(path, tmp_path / "nowhere" / "copy.db")


def test_a_backup_that_somebody_has_open_is_left_alone(path: Path, tmp_path: Path) -> None:
    backup(path, tmp_path / "copy.db")
    db = open_database(tmp_path / "copy.db")
    db.execute("DELETE FROM runs")
    with pytest.raises(BackupError, match="in use"):
        backup(path, tmp_path / "copy.db")
    db.close()


def test_what_is_not_ours_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="no database"):
        backup(tmp_path / "missing.db", tmp_path / "copy.db")
    (tmp_path / "notes.txt").write_text("Dear diary")
    with pytest.raises(DatabaseError, match="not a database"):
        backup(tmp_path / "notes.txt", tmp_path / "copy.db")
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_no_half_a_file_is_left(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    target = tmp_path / "backup" / "copy.db"
    target.parent.mkdir()
    backup(path, target)
    before = {file.name: file.read_bytes() for file in target.parent.iterdir()}

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, step, fail)
    with pytest.raises(BackupError, match="No space left"):
        backup(path, target)
    monkeypatch.undo()
    assert os.replace is not fail
    assert {file.name: file.read_bytes() for file in target.parent.iterdir()} == before
