"""The file: made, opened, brought up to date, refused; and what its rows must hold."""

import os
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlite_utils import Database

from nlp.records import Mention, Records
from onrecord.check import check
from onrecord.review import decisions
from pipelines import schema
from pipelines.schema import (
    ForeignDatabase,
    NewerDatabase,
    NotADatabase,
    UnusableDatabase,
    open_database,
    transaction,
)
from pipelines.store import store_records
from tests.sample_file import AT, COUNCIL, LATER, SAID, TEXT, article, build, decide, records, store


@pytest.fixture
def db(tmp_path: Path) -> Database:
    db = open_database(tmp_path / "file.db")
    yield db
    db.close()


def only(db: Database, sql: str, parameters: list[object] | None = None) -> object:
    return db.execute(sql, parameters or []).fetchone()[0]


def counts(db: Database, name: str) -> dict[str, int]:
    row = next(
        db.query("SELECT * FROM organisation_counts JOIN organisations ON id = organisation_id WHERE name = ?", [name])
    )
    return {column: row[column] for column in ("quotes", "to_review", "accepted", "rejected", "corrected", "stances")}


# Opening -------------------------------------------------------------------------------------------------------------


def test_a_new_file_is_as_the_design_says(db: Database) -> None:
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    assert [only(db, f"PRAGMA {name}") for name in pragmas] == ["wal", 1, 1, 10_000]
    assert {
        "sources", "runs", "run_sources", "pages", "articles", "article_versions", "stories", "organisations",
        "organisation_aliases", "people", "appointments", "mentions", "quotes", "figures", "stances", "outcomes",
        "figure_checks", "reviews",
    } <= set(db.table_names())  # fmt: skip
    assert set(db.view_names()) == {
        "statements", "statements_by_organisation", "stance_matrix", "figures_checked", "source_health",
        "orphaned_reviews", "organisation_counts", "ratings_checked", "grades_by_year", "figures_by_topic",
        "stances_by_year", "appointments_held", "joint_statements",
    }  # fmt: skip


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    build(tmp_path / "file.db").close()
    before = (tmp_path / "file.db").read_bytes()
    open_database(tmp_path / "file.db", create=False).close()
    assert (tmp_path / "file.db").read_bytes() == before


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of migrations to add to, in place of the program's own."""
    folder = tmp_path / "schema"
    shutil.copytree(Path(schema.__file__).parent / "schema", folder)
    monkeypatch.setattr(schema, "_FOLDER", folder)
    return folder


def test_an_older_file_is_brought_up_to_date_with_what_it_holds(tmp_path: Path, migrations: Path) -> None:
    build(tmp_path / "file.db").close()
    (migrations / "9001_more.sql").write_text("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;\n")
    db = open_database(tmp_path / "file.db")
    assert "more" in db.table_names()
    assert only(db, "SELECT count(*) FROM quotes") == 7
    db.close()


def test_a_file_from_before_sightings_keeps_its_pages(tmp_path: Path, migrations: Path) -> None:
    for script in migrations.glob("*.sql"):
        if script.name > "0005":
            script.rename(script.with_suffix(".later"))
    db = open_database(tmp_path / "file.db")
    page = {"url": "https://news.example/1", "role": "article", "first_seen": LATER, "last_seen": LATER}
    db.table("pages").insert({**page, "fingerprint": "0123456789abcdef", "status": 404})
    db.close()
    for script in migrations.glob("*.later"):
        script.rename(script.with_suffix(".sql"))
    db = open_database(tmp_path / "file.db")
    (row,) = db.table("pages").rows
    assert row == row | page | {"status": 404, "pending": 1, "changes": 0}
    assert "fingerprint" not in row
    assert list(db.table("sightings").rows) == []
    db.close()
    assert check(tmp_path / "file.db") == []


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path, migrations: Path) -> None:
    build(tmp_path / "file.db").close()
    (migrations / "9001_more.sql").write_text("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;\n")
    (migrations / "9002_bad.sql").write_text("INSERT INTO nowhere VALUES (1);\n")
    with pytest.raises(UnusableDatabase, match="nowhere"):
        open_database(tmp_path / "file.db")
    (migrations / "9001_more.sql").unlink()
    (migrations / "9002_bad.sql").unlink()
    db = open_database(tmp_path / "file.db")
    assert "more" not in db.table_names()
    db.close()


def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path, migrations: Path) -> None:
    (migrations / "9001_more.sql").write_text("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;\n")
    open_database(tmp_path / "file.db").close()
    (migrations / "9001_more.sql").unlink()
    before = (tmp_path / "file.db").read_bytes()
    with pytest.raises(NewerDatabase, match=r"newer onrecord \(it has 9001_more\)"):
        open_database(tmp_path / "file.db")
    assert (tmp_path / "file.db").read_bytes() == before


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE bookmarks (url)")
    other.close()
    before = (tmp_path / "other.db").read_bytes()
    with pytest.raises(ForeignDatabase, match="another program"):
        open_database(tmp_path / "other.db")
    assert (tmp_path / "other.db").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["other.db"]


def test_an_empty_database_that_another_program_marked_is_refused(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("PRAGMA application_id = 7")
    other.close()
    with pytest.raises(ForeignDatabase):
        open_database(tmp_path / "other.db")


@pytest.mark.parametrize("content", [b"Dear diary,\n" * 200, b"short", bytes(range(256)) * 40])
def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "diary.txt"
    path.write_bytes(content)
    with pytest.raises(NotADatabase, match="is not a database"):
        open_database(path)
    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    (tmp_path / "file.db").touch()
    open_database(tmp_path / "file.db").close()


def test_what_cannot_be_opened_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnusableDatabase, match="there is no folder"):
        open_database(tmp_path / "nowhere" / "file.db")
    with pytest.raises(UnusableDatabase, match="is a folder"):
        open_database(tmp_path)
    with pytest.raises(UnusableDatabase, match="There is no database"):
        open_database(tmp_path / "file.db", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    build(path).close()
    content = bytearray(path.read_bytes())
    content[100:4096] = os.urandom(3996)
    path.write_bytes(content)
    with pytest.raises(UnusableDatabase, match="damaged"):
        open_database(path)


@pytest.mark.parametrize("name", ["file.db", "new.db"])
def test_what_may_not_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    build(tmp_path / "file.db").close()
    asked: list[Path] = []
    # Root, as whom tests may run, may write anything: so the answer is put into the system's mouth.
    monkeypatch.setattr(schema.os, "access", lambda path, mode: asked.append(path))
    with pytest.raises(UnusableDatabase, match="can't be written"):
        open_database(tmp_path / name)
    assert asked == [tmp_path / "file.db" if name == "file.db" else tmp_path]
    assert not (tmp_path / "new.db").exists()


def test_another_writer_is_waited_for(tmp_path: Path) -> None:
    db = build(tmp_path / "file.db")
    other = sqlite3.connect(tmp_path / "file.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, other.execute, ["COMMIT"])
    release.start()
    with transaction(db):
        db.execute("DELETE FROM runs")
    release.join()
    other.close()
    db.close()


def test_a_transaction_is_all_or_nothing_inside_another_too(db: Database) -> None:
    def lose() -> None:
        with transaction(db):
            db.execute("INSERT INTO organisations (name) VALUES ('lost')")
            raise ZeroDivisionError

    with transaction(db):
        db.execute("INSERT INTO organisations (name) VALUES ('kept')")
        with pytest.raises(ZeroDivisionError):
            lose()
    with pytest.raises(ZeroDivisionError):
        lose()
    assert [row["name"] for row in db.table("organisations").rows] == ["kept"]


# What rows must hold -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE quotes SET start = start + 1",
        "UPDATE quotes SET \"end\" = \"end\" + 1",
        "UPDATE quotes SET text = 'Inspectors'",
        "UPDATE figures SET text = '18 cases'",
        "UPDATE stances SET start = 0, \"end\" = length(text)",
        "UPDATE mentions SET \"end\" = 100000",
        "UPDATE mentions SET start = -1",
        "UPDATE mentions SET start = \"end\"",
        "UPDATE mentions SET organisation_id = 1, person_id = 1",
        "UPDATE quotes SET form = 'shouted'",
        "UPDATE quotes SET confidence = 1.1",
        "UPDATE quotes SET review_status = 'perhaps'",
        "UPDATE quotes SET article_id = 99",
        "UPDATE figures SET unit = 'furlongs'",
        "UPDATE figures SET change = 'up'",
        "UPDATE stances SET polarity = 'cross'",
        "UPDATE quotes SET person_id = 99",
        "UPDATE articles SET published = '2026-02-30'",
        "UPDATE articles SET published = '30 April'",
        "UPDATE articles SET kind = 'poem'",
        "UPDATE articles SET text = text || char(0)",
        "DELETE FROM organisations WHERE name = 'Marlbury Council'",
        "INSERT INTO runs (started, version, verdict) VALUES ('2026', '1', 'fine')",
        "UPDATE figures SET review_status = 'perhaps'",
        "UPDATE stances SET correction = '[1]'",
        "INSERT INTO reviews (item_kind, item_key, decision, reviewer, at, text, how)"
        " VALUES ('quote', 'k', 'accepted', 'bo', '2026', 'words', 'moved')",
        "INSERT INTO reviews (item_kind, item_key, decision, reviewer, at, text, moved_from)"
        " VALUES ('quote', 'k', 'accepted', 'bo', '2026', 'words', 'another')",
        "INSERT INTO reviews (item_kind, item_key, decision, reviewer, at, text, corrected)"
        " VALUES ('quote', 'k', 'corrected', 'bo', '2026', 'words', '{\"person_id\": 99}')",
        "INSERT INTO pages (url, role, first_seen, last_seen, archive_file) VALUES ('u', 'article', 'a', 'a', 'f')",
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_true_is_refused(db: Database, statement: str) -> None:
    store(db, article(), records())
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)


@pytest.mark.parametrize("table", ["quotes", "figures", "stances", "mentions"])
def test_a_record_that_does_not_resolve_cannot_be_added(db: Database, table: str) -> None:
    store(db, article(), records())
    row = next(db.table(table).rows)
    for column in row:
        if column.endswith("_key"):
            row[column] = "another"
    row = {column: value for column, value in row.items() if not column.startswith("shown_")}  # made by SQLite
    row |= {"id": None, "start": row["start"] + len(TEXT), "end": row["end"] + len(TEXT)}
    with pytest.raises(sqlite3.IntegrityError, match=table):
        db.table(table).insert(row)


def test_offsets_count_characters_not_bytes(db: Database) -> None:
    store(db, article(), records())
    spans = db.execute('SELECT start, "end", text FROM quotes').fetchall()
    assert [TEXT[start:end] for start, end, _ in spans] == [text for _, _, text in spans]


def test_an_edited_text_takes_its_quotes_along(db: Database) -> None:
    id = store(db, article(), records())
    before = dict(db.execute("SELECT text, id FROM quotes"))
    text = "Corrected on Friday.\n\n" + TEXT.replace("We closed 17 cases.", "We closed 18 cases.")
    db.execute("UPDATE articles SET text = ? WHERE id = ?", [text, id])
    after = {row["text"]: row for row in db.table("quotes").rows}
    assert {words: row["id"] for words, row in after.items()} == {w: before[w] for w in (SAID, "a blunt tool")}
    assert all(text[row["start"] : row["end"]] == words for words, row in after.items())
    assert list(db.table("figures").rows) == []  # of 18 cases, that is


@pytest.mark.parametrize("table", ["quotes", "figures", "stances", "mentions"])
def test_an_edited_text_takes_along_what_it_still_says(db: Database, table: str) -> None:
    id = store(db, article(), records())
    before = {row["id"]: TEXT[row["start"] : row["end"]] for row in db.table(table).rows}
    text = "Corrected on Friday.\n\n" + TEXT
    db.execute("UPDATE articles SET text = ? WHERE id = ?", [text, id])
    assert {row["id"]: text[row["start"] : row["end"]] for row in db.table(table).rows} == before
    db.execute("UPDATE articles SET text = 'Withdrawn.' WHERE id = ?", [id])
    assert list(db.table(table).rows) == []


def test_of_mentions_in_the_same_words_an_edit_keeps_one(db: Database) -> None:
    text = "Marlbury Council met. Ofsted came. Marlbury Council listened. The council hoped. The council won."
    spans = [(0, 16), (35, 51), (62, 73), (81, 92)]
    found = Records(mentions=tuple(Mention(a, b, text[a:b], COUNCIL, rule="test") for a, b in spans))
    id = store(db, article(text=text), found)
    edited = "Yesterday the town met. Ofsted came. The council hoped. The council won."
    db.execute("UPDATE articles SET text = ? WHERE id = ?", [edited, id])
    (mention,) = db.table("mentions").rows
    assert edited[mention["start"] : mention["end"]] == "The council"
    assert mention["id"] == 3


def test_quotes_are_dated_as_their_article(db: Database) -> None:
    id = store(db, article(), records())
    db.execute("UPDATE articles SET published = '2026-04-01' WHERE id = ?", [id])
    assert {row["published"] for row in db.table("quotes").rows} == {"2026-04-01"}


def test_a_page_is_pending_until_it_is_had(db: Database) -> None:
    for status in (None, 0, 200, 304, 404, 503):
        page = {"url": f"https://news.example/{status}", "role": "article", "first_seen": LATER, "last_seen": LATER}
        db.table("pages").insert({**page, "status": status})
    pending = [row["status"] for row in db.table("pages").rows_where("pending", order_by="id")]
    assert pending == [None, 0, 404, 503]
    plan = db.execute("EXPLAIN QUERY PLAN SELECT url FROM pages WHERE source_id = 'x' AND pending").fetchall()
    assert "pages_pending" in str(plan)


# Reviews and counts --------------------------------------------------------------------------------------------------


def test_the_last_decision_is_the_status_and_the_counts_follow(db: Database) -> None:
    store(db, article(), records())
    key = only(db, "SELECT quote_key FROM quotes WHERE text = ?", [SAID])
    status = "SELECT review_status FROM quotes WHERE quote_key = ?"
    expected = {"quotes": 2, "to_review": 2, "accepted": 0, "rejected": 0, "corrected": 0, "stances": 1}
    assert counts(db, "Marlbury Council") == expected
    for decision in ("accepted", "rejected", "corrected"):
        decide(db, key, decision)
        assert only(db, status, [key]) == decision
        assert counts(db, "Marlbury Council") == {**expected, "to_review": 1, decision: 1}
    decide(db, key, "reopened")
    assert only(db, status, [key]) is None
    assert counts(db, "Marlbury Council") == expected


def test_counts_follow_quotes_and_stances_to_another_body_and_away(db: Database) -> None:
    store(db, article(), records())
    db.execute("UPDATE quotes SET organisation_id = (SELECT id FROM organisations WHERE name LIKE 'Guild%')")
    db.execute("UPDATE stances SET organisation_id = (SELECT id FROM organisations WHERE name LIKE 'Guild%')")
    nothing = dict.fromkeys(("quotes", "to_review", "accepted", "rejected", "corrected", "stances"), 0)
    assert counts(db, "Marlbury Council") == nothing
    assert counts(db, "Guild of Family Social Workers") == {**nothing, "quotes": 3, "to_review": 3, "stances": 2}
    db.execute("DELETE FROM articles")
    assert counts(db, "Guild of Family Social Workers") == nothing


def test_a_decision_waits_for_its_quote(db: Database) -> None:
    id = store(db, article(), records())
    row = next(db.table("quotes").rows)
    decide(db, row["quote_key"], "accepted")
    decide(db, row["quote_key"], "rejected")
    db.execute("DELETE FROM quotes WHERE id = ?", [row["id"]])
    assert [review["decision"] for review in db.table("reviews").rows] == ["accepted", "rejected"]
    assert only(db, "SELECT count(*) FROM orphaned_reviews") == 2
    store_records(db, id, records(), extracted_at=LATER, extractor="test 2")
    assert only(db, "SELECT review_status FROM quotes WHERE quote_key = ?", [row["quote_key"]]) == "rejected"
    assert counts(db, "Marlbury Council")["rejected"] == 1
    assert only(db, "SELECT count(*) FROM orphaned_reviews") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reviews SET decision = 'accepted'",
        "DELETE FROM reviews",
        "INSERT OR REPLACE INTO reviews (id, item_kind, item_key, decision, reviewer, at, text)"
        " VALUES (1, 'quote', 'k', 'accepted', 'bo', '2026', 'words')",
    ],
)
def test_decisions_are_only_ever_added(tmp_path: Path, db: Database, statement: str) -> None:
    decide(db, "k", "rejected")
    with sqlite3.connect(tmp_path / "file.db") as plain, pytest.raises(sqlite3.IntegrityError, match="another one"):
        plain.execute(statement)  # on a connection as Datasette has it, without recursive triggers
    plain.close()
    assert [row["decision"] for row in db.table("reviews").rows] == ["rejected"]


# Search and views ----------------------------------------------------------------------------------------------------


def test_search_follows_the_tables(db: Database) -> None:
    def found(index: str, word: str) -> int:
        match = {"articles": "articles_fts MATCH ?", "quotes": "quotes_fts MATCH ?"}[index]
        return only(db, f"SELECT count(*) FROM {index}_fts WHERE {match}", [word])

    id = store(db, article(), records())
    assert (found("articles", "praised"), found("articles", "zebra"), found("quotes", "inspector")) == (1, 0, 1)
    db.execute("UPDATE articles SET title = 'Zebras', text = replace(text, 'praised', 'lauded')")
    assert (found("articles", "praised"), found("articles", "zebra"), found("articles", "lauded")) == (0, 1, 1)
    db.execute("DELETE FROM articles WHERE id = ?", [id])
    assert (found("articles", "zebra"), found("quotes", "inspector")) == (0, 0)


def test_search_finds_the_words_that_are_shown(db: Database, tmp_path: Path) -> None:
    def found(word: str) -> int:
        return only(db, "SELECT count(*) FROM quotes_fts WHERE quotes_fts MATCH ?", [word])

    store(db, article(), records())
    key, start = only(db, "SELECT quote_key FROM quotes WHERE text = 'a blunt tool'"), TEXT.index("blunt tool")
    outcome = decisions.decide(
        db.conn, decisions.Decision("quote", key, "corrected", "bo", {"start": start, "end": start + 5}), AT
    )
    assert isinstance(outcome, decisions.Decided)
    assert (found("blunt"), found("tool")) == (1, 0)
    decisions.undo(db.conn, outcome.review_id, "bo", AT)
    assert (found("blunt"), found("tool")) == (1, 1)
    assert check(tmp_path / "file.db") == []


def test_views_say_who_said_what(tmp_path: Path) -> None:
    db = build(tmp_path / "file.db")
    statement = next(db.query("SELECT * FROM statements WHERE quote = ? AND source = 'The Herald'", [SAID]))
    assert statement == statement | {
        "person": "Ada Quillfeather",
        "role": None,
        "organisation": "Marlbury Council",
        "article": "Inspectors praise Marlbury",
        "url": "https://news.example/marlbury",
        "published": "2026-04-30",
        "review_status": None,
        "confidence": 0.9,
        "rule": "test",
    }
    organisations = {row["organisation"]: row for row in db.query("SELECT * FROM statements_by_organisation")}
    assert organisations["Guild of Family Social Workers"]["quotes"] == 3
    assert organisations["Guild of Family Social Workers"]["latest"] == "2026-05-02"
    stance = next(db.query("SELECT * FROM stance_matrix WHERE topic = 'inspection-framework'"))
    assert (stance["critical"], stance["supportive"], stance["latest_polarity"]) == (2, 1, "supportive")
    assert stance["latest_evidence"] == "The visit was fair and right,"
    db.close()


def test_source_health_shows_the_last_night_and_the_last_good_one(tmp_path: Path) -> None:
    db = build(tmp_path / "file.db")
    for id, verdict in ((1, "ok"), (2, "empty")):
        db.table("runs").insert({"id": id, "started": f"2026-05-0{id}", "version": "1"})
        db.table("run_sources").insert({"run_id": id, "source_id": "herald", "verdict": verdict})
    health = {row["source_id"]: row for row in db.query("SELECT * FROM source_health")}
    assert (health["herald"]["verdict"], health["herald"]["last_ok"]) == ("empty", "2026-05-01")
    assert (health["herald"]["articles"], health["courier"]["verdict"]) == (1, None)
    db.close()


def test_figures_checked_names_the_figure(tmp_path: Path) -> None:
    db = build(tmp_path / "file.db")
    db.table("figure_checks").insert({"figure_id": 1, "verdict": "contradicted", "expected": 18, "why": "recount"})
    row = next(db.query("SELECT * FROM figures_checked"))
    assert (row["figure"], row["value"], row["expected"], row["organisation"]) == (
        "17 cases",
        17,
        18,
        "Marlbury Council",
    )
    db.close()
