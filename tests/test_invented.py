"""Invented files are whole, are the same for the same seed, and are as uneven as real ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlite_utils import Database

from onrecord.check import check
from onrecord.invented.file import invent
from onrecord.invented.measure import measure
from pipelines.schema import open_database
from pipelines.stories import group_stories
from tests.command import ROOT

QUOTES = 3000


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("invented") / "large.db"
    assert invent(path, QUOTES) >= QUOTES
    return path


def rows(path: Path) -> list[tuple[object, ...]]:
    db = open_database(path)
    tables = [name for name in db.table_names() if "_fts" not in name and not name.startswith("_sqlite")]
    found = [(table, *row) for table in tables for row in db.execute(f"SELECT * FROM {table}").fetchall()]
    db.close()
    return found


def shares(db: Database, table: str, column: str) -> list[float]:
    """The share of each value, the largest first."""
    counts = [count for (count,) in db.execute(f"SELECT count(*) FROM {table} GROUP BY {column} ORDER BY 1 DESC")]
    return [count / sum(counts) for count in counts]


def test_the_file_is_whole(path: Path) -> None:
    assert check(path) == []


def test_the_same_seed_gives_the_same_rows(path: Path, tmp_path: Path) -> None:
    invent(tmp_path / "again.db", QUOTES)
    invent(tmp_path / "other.db", QUOTES, seed=2)
    assert rows(tmp_path / "again.db") == rows(path)
    assert rows(tmp_path / "other.db") != rows(path)


def test_it_has_the_stories_that_grouping_finds(path: Path) -> None:
    def stories(db: Database) -> list[tuple[object, ...]]:
        return db.execute(  # type: ignore[no-any-return]
            "SELECT title, first_published, last_published, stories.articles, outlets, origin_article_id,"
            " (SELECT group_concat(id) FROM articles WHERE story_id = stories.id) FROM stories ORDER BY 6"
        ).fetchall()

    db = open_database(path)
    told = stories(db)
    assert len(told) > 20
    db.execute("BEGIN")
    db.execute("INSERT INTO stories_due SELECT id FROM articles")
    group_stories(db)
    found = stories(db)
    db.execute("ROLLBACK")
    db.close()
    assert found == told


def test_it_is_as_uneven_as_real_files_are(path: Path) -> None:
    db = open_database(path)
    bodies = shares(db, "quotes", "organisation_id")
    assert bodies[0] > 0.05
    assert sum(bodies[:10]) > 0.3
    assert bodies[-1] < 0.002
    assert len(shares(db, "articles", "source_id")) > 40
    assert shares(db, "stories", "outlets")[0] < 0.7
    assert {form for (form,) in db.execute("SELECT DISTINCT form FROM quotes")} == {"direct", "partial", "document"}
    years = dict(db.execute("SELECT substr(published, 1, 4), count(*) FROM articles GROUP BY 1").fetchall())
    assert years["2025"] > 2 * years["2015"]
    (reviewed,) = db.execute("SELECT avg(review_status IS NOT NULL) FROM quotes").fetchone()
    assert 0.03 < reviewed < 0.08
    for table in ("figures", "stances", "appointments", "mentions", "outcomes", "figure_checks", "pages", "runs"):
        assert db.table(table).count > 20, table
    for kind in ("quote", "figure", "stance"):
        decisions = {it for (it,) in db.execute("SELECT decision FROM reviews WHERE item_kind = ?", [kind])}
        assert decisions >= {"accepted", "rejected"}, kind
    assert db.execute("SELECT count(*) FROM quotes_fts WHERE quotes_fts MATCH 'inspectors'").fetchone()[0] > 20
    db.close()


def test_the_command_says_what_it_made_and_never_writes_over_a_file(tmp_path: Path) -> None:
    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "onrecord.invented", str(tmp_path / "it.db"), "--quotes", "50"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)

    first = run()
    assert first.returncode == 0
    assert first.stdout == f"{tmp_path / 'it.db'} holds 66 quotes.\n"
    before = (tmp_path / "it.db").read_bytes()
    second = run()
    assert second.returncode == 2
    assert "there already" in second.stderr
    assert (tmp_path / "it.db").read_bytes() == before


def test_every_page_can_be_measured(path: Path) -> None:
    found = {it.name: it for it in measure(path, rounds=3)}
    assert all(it.status == 200 for it in found.values()), found
    assert {"front", "organisation", "queue", "article", "feed", "search", "query what_did_they_say"} <= found.keys()
    assert all(0 < it.p50 <= it.p95 for it in found.values())
    assert all((it.bare is not None) == it.name.startswith("query") for it in found.values())
