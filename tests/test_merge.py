"""Files merged into one: in any order, any number of times, killed in the midst of it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from nlp.records import Organisation, Person, Records
from onrecord.check import check
from onrecord.invented.file import invent
from onrecord.merge import TABLES, Brought, bring
from onrecord.review.decisions import Decided, Decision, decide, undo
from pipelines import stories
from pipelines.archive import Archive, read_archive
from pipelines.bodies import add_body, confirm_body, merge_bodies
from pipelines.outcomes import load_outcomes
from pipelines.page import Page
from pipelines.schema import open_database, read_database
from pipelines.store import store_article, store_failure, store_records
from pipelines.stories import group_stories
from pipelines.who import load_organisations
from tests.command import onrecord
from tests.faults.named_rows import named_rows
from tests.outcome_files import write_csv, yearly
from tests.sample_file import (
    AT,
    LATER,
    SAID,
    TEXT,
    UNION,
    add_source,
    article,
    build,
    records,
    store,
)
from tests.sample_file import (
    decide as decide_plainly,
)

LATEST = "2026-05-03T01:30:00+00:00"
URL = "https://news.example/marlbury"
EDITED = TEXT.replace("Inspectors have praised", "On Monday inspectors praised")
MORE_TIMES = {
    "articles": "SELECT url, first_seen, seen_from, extractor, extracted_at, gone_at FROM articles",
    "records": "SELECT quote_key, review_status, correction ->> 'role' FROM quotes",
    "decisions": "SELECT item_key, decision, reviewer, at FROM reviews",
    "nights": "SELECT started, version, runs.verdict, source_id, new FROM runs LEFT JOIN run_sources ON run_id = id",
    "in order": "SELECT group_concat(started) FROM (SELECT started FROM runs ORDER BY id)",
    "pages": "SELECT url, first_seen, last_seen, checked_at, status, archive_file, archive_offset FROM pages",
}


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    db = open_database(path)
    yield db
    db.close()


def merge(target: Path, *others: Path) -> list[Brought]:
    """Brings files into one as `onrecord merge` does."""
    told = []
    with opened(target) as db:
        for other in others:
            theirs = read_database(other)
            told.append(bring(db, theirs))
            theirs.close()
    return told


def holds(path: Path) -> dict[str, list[Any]]:
    """What a file holds: rows by their names, with times and decisions."""
    with closing(sqlite3.connect(path)) as db:
        return named_rows(path) | {name: sorted(map(repr, db.execute(sql))) for name, sql in MORE_TIMES.items()}


def ask(path: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql, values).fetchall()


def key_of(db: Database, text: str = SAID) -> str:
    return str(db.execute("SELECT quote_key FROM quotes WHERE text = ? ORDER BY id", [text]).fetchone()[0])


def add_night(db: Database, started: str, *sources: str, ended: bool = True) -> int:
    told = {"ended": LATEST, "verdict": "ok", "exit_code": 0} if ended else {}
    run = db.table("runs").insert({"started": started, "version": "1", **told}).last_pk
    db.table("run_sources").insert_all({"run_id": run, "source_id": source, "new": 1} for source in sources)
    assert isinstance(run, int)
    return run


def decision(db: Database, verdict: Any, reviewer: str, at: str, **corrected: Any) -> int:
    decided = decide(
        db.conn,
        Decision("quote", key_of(db), verdict, reviewer, corrected or None, seen=latest(db)),
        at,
    )
    assert isinstance(decided, Decided)
    return decided.review_id


def latest(db: Database) -> int | None:
    return db.execute("SELECT max(id) FROM reviews").fetchone()[0]  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that holds nothing yet."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    with opened(path) as db:
        load_organisations(db)
        db.execute("PRAGMA journal_mode = DELETE")
    return path


@pytest.fixture
def new(empty: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a file in a folder of its own."""

    def make(name: str) -> Path:
        (tmp_path / name).mkdir()
        return Path(shutil.copy(empty, tmp_path / name / f"{name}.db"))

    return make


def jointly() -> Records:
    """What a reader finds in TEXT who takes the first quote for a joint statement."""
    told = records()
    quotes = (replace(told.quotes[0], others=(UNION,)), *told.quotes[1:])
    return replace(told, quotes=quotes)


@pytest.fixture(scope="module")
def three(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three files that know of the same article, and each of something else."""
    folder = tmp_path_factory.mktemp("three")
    paths = [Path(shutil.copy(empty, folder / f"{name}.db")) for name in ("one", "two", "three")]
    pages = Archive(folder / "archive")

    def page(name: str, at: str) -> Page:
        answer = Page(
            url=f"https://news.example/{name}", body=name.encode(), status=200, source="herald", fetched_at=at
        )
        answer.archive_file, answer.archive_offset = pages.write(answer)
        return answer

    with opened(paths[0]) as db:
        add_source(db, "herald")
        found = jointly()
        id = store_article(db, article(source="herald"), seen_at=AT, page=page("marlbury", AT)).id
        store_records(db, id, found, extracted_at=AT, extractor="test 1")
        decision(db, "accepted", "ada", AT)
        add_body(db, "Guild of Family Social Workers", kind="charity", names=["The Guild"], acronyms=["GFSW"])
        store_records(db, id, found, extracted_at=AT, extractor="test 1")
        add_night(db, AT, "herald")
        db.table("sightings").insert({"page_id": 1, "listing": "https://news.example/feed", "fingerprint": "a"})
    with opened(paths[1]) as db:
        add_source(db, "herald")
        add_source(db, "courier")
        # Under the other form of its address, and edited since; another article, not extracted yet.
        edited = article("https://www.news.example/marlbury", EDITED, source="herald")
        id = store_article(db, edited, seen_at=LATER, page=page("marlbury", LATER)).id
        store_records(db, id, records(EDITED), extracted_at=LATER, extractor="test 1")
        decision(db, "corrected", "bo", LATER, role="chair")
        store_article(db, article("https://courier.example/9", "Marlbury, unread.", source="courier"), seen_at=LATER)
        add_night(db, AT, "courier")
        add_night(db, LATER, "courier", "herald")
    with opened(paths[2]) as db:
        add_source(db, "herald")
        other = Records(*(getattr(records(), name) for name in ("mentions", "people")), quotes=records().quotes[:1])
        store(db, article(source="herald"), other, LATEST)  # of two readings of the same text, the later one
        db.execute("UPDATE articles SET seen_from = ?, first_seen = ?", [AT, "2026-04-01T01:30:00+00:00"])
        store(db, article("https://news.example/2", source="herald", published="2026-05-01"), records(), LATER)
        decision(db, "rejected", "cy", "2026-05-01T12:00:00Z")
        guild = Organisation("Family Guild")
        store(db, article("https://news.example/3", source="herald"), records(organisation=guild), LATER)
        (guild_id,), (union,) = (
            db.execute("SELECT id FROM organisations WHERE name = ?", [name]).fetchone()
            for name in (guild.name, UNION.name)
        )
        merge_bodies(db, guild_id, union)
        add_night(db, LATEST, "herald")
    return paths


@pytest.fixture(scope="module")
def merged(empty: Path, three: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All three in one file, in the order that they were made."""
    path = Path(shutil.copy(empty, tmp_path_factory.mktemp("merged") / "merged.db"))
    merge(path, *three)
    return path


# All of it ------------------------------------------------------------------------------------------------------------


def test_every_table_is_known(merged: Path) -> None:
    """Whoever adds a table says here what merging does with it."""
    names = {name for (name,) in ask(merged, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {name for name in names if "_fts" not in name and not name.startswith(("sqlite_", "_sqlite"))} == set(TABLES)


def test_a_column_that_comes_later_is_brought(new: Callable[[str], Path]) -> None:
    other, target = new("other"), new("target")
    with opened(other) as db:
        build_one(db)
        add_night(db, AT, "herald")
        decide_plainly(db, key_of(db), "accepted")
        page = {"url": URL, "role": "article", "article_id": 1, "first_seen": AT, "last_seen": AT}
        db.table("pages").insert(page)
    tables = ("articles", "quotes", "figures", "stances", "mentions", "appointments", "pages", "runs", "run_sources",
              "reviews", "sources")  # fmt: skip
    for path in (other, target):
        with closing(sqlite3.connect(path)) as db:
            for table in tables:
                db.execute(f"ALTER TABLE {table} ADD COLUMN more TEXT")
                if table != "reviews":
                    db.execute(f"UPDATE {table} SET more = 'more'")
            db.commit()
    merge(target, other)
    for table in set(tables) - {"reviews"}:
        assert set(ask(target, f"SELECT more FROM {table}")) == {("more",)}, table


@pytest.mark.parametrize("order", [*permutations(range(3))][1:], ids=lambda order: "".join(map(str, order)))
def test_any_order_gives_the_same(
    order: tuple[int, ...], three: list[Path], merged: Path, new: Callable[[str], Path]
) -> None:
    target = new("target")
    merge(target, *(three[number] for number in order))
    found, expected = holds(target), holds(merged)
    for table in expected:
        assert found[table] == expected[table], table
    assert check(target) == []


def test_the_file_is_whole(merged: Path) -> None:
    assert check(merged) == []
    assert ask(merged, "SELECT count(*) FROM stories_due UNION ALL SELECT count(*) FROM checks_due") == [(0,), (0,)]
    [(articles, origin)] = ask(merged, "SELECT articles, origin_article_id FROM stories")
    assert (articles, bool(origin)) == (3, True)
    # Search finds the quotes by what is shown, and counts are those of the body.
    found = ask(merged, "SELECT count(*) FROM quotes_fts WHERE quotes_fts MATCH 'inspectors AND week'")
    assert found == [(3,)]
    assert ask(
        merged,
        "SELECT quotes, corrected FROM organisation_counts JOIN organisations ON id = organisation_id WHERE name = ?",
        "Marlbury Council",
    ) == [(4, 1)]


def test_twice_is_once(three: list[Path], new: Callable[[str], Path]) -> None:
    """Not a byte is written the second time, and of files that are merged in turn neither."""
    target = new("target")
    merge(target, *three)
    with closing(sqlite3.connect(target)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = target.read_bytes()
    with opened(target) as db:
        for path in (*three, *three[::-1]):
            other = read_database(path)
            written = db.conn.total_changes
            assert bring(db, other).is_nothing
            assert db.conn.total_changes == written, path
            other.close()
    assert target.read_bytes() == before


def test_a_merged_file_gives_its_parts_nothing_new_twice(three: list[Path], merged: Path, tmp_path: Path) -> None:
    """What went out comes back: a shard that is brought up to date by all of them holds what they hold."""
    shard = Path(shutil.copy(three[1], tmp_path / "shard.db"))
    merge(shard, merged)
    assert merge(shard, merged)[0].is_nothing
    assert holds(shard) == holds(merged)


def test_a_large_file_comes_batch_by_batch(new: Callable[[str], Path], tmp_path: Path) -> None:
    """Whatever its bodies are called: the list that its own were made by is not ours."""
    source, target, told = tmp_path / "source.db", new("target"), []
    invent(source, 1_000)
    assert ask(source, "SELECT count(*) > 100 FROM articles") == [(1,)]
    with opened(target) as db, closing(read_database(source)) as other:
        assert bring(db, other, tick=told.append).new == sum(told)
        assert bring(db, other).is_nothing
    assert check(target) == []
    for table in ("articles", "quotes", "figures", "stances", "mentions", "appointments", "reviews", "run_sources"):
        assert ask(target, f"SELECT count(*) FROM {table}") == ask(source, f"SELECT count(*) FROM {table}")
    statements = (
        "SELECT published, person, role, organisation, quote, review_status, url FROM statements ORDER BY quote_key"
    )
    assert ask(target, statements) == ask(source, statements)
    kinds = "SELECT name, kind FROM organisations WHERE name IN (SELECT organisation FROM statements) ORDER BY 1"
    assert ask(target, kinds) == ask(source, kinds)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.97])
def test_what_is_killed_is_completed(
    share: float, three: list[Path], merged: Path, new: Callable[[str], Path], statements: int
) -> None:
    """Killed after so many statements, wherever that is."""
    target = new("target")
    assert forked(target, three, int(share * statements)) == 9
    assert check(target) == []
    merge(target, *three)
    assert holds(target) == holds(merged)
    assert check(target) == []


@pytest.fixture(scope="module")
def statements(empty: Path, three: list[Path], tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many statements merging takes."""
    path = Path(shutil.copy(empty, tmp_path_factory.mktemp("counted") / "counted.db"))
    count = 0

    def counted(_: str) -> None:
        nonlocal count
        count += 1

    with opened(path) as db:
        db.conn.set_trace_callback(counted)
        for other in three:
            bring(db, read_database(other))
    assert count > 500
    return count


def forked(target: Path, others: list[Path], last: int) -> int:
    """Merges in a process that is gone with its n-th statement; gives its exit code."""
    if (child := os.fork()) == 0:
        left = last

        def traced(_: str) -> None:
            nonlocal left
            left -= 1
            if not left:
                os._exit(9)

        db = open_database(target)
        db.conn.set_trace_callback(traced)
        for other in others:
            bring(db, read_database(other))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# Articles -------------------------------------------------------------------------------------------------------------


def build_one(db: Database, **other: Any) -> int:
    if not db.execute("SELECT 1 FROM sources").fetchone():
        add_source(db, "herald")
    return store(db, article(source="herald", **other), records())


def test_the_text_that_was_seen_last_stands(merged: Path) -> None:
    [row] = ask(merged, "SELECT id, url, text, first_seen, seen_from FROM articles WHERE url LIKE '%/marlbury'")
    id, *told = row
    assert told == ["https://news.example/marlbury", EDITED, "2026-04-01T01:30:00+00:00", LATER]
    versions = ask(merged, "SELECT text, seen_from, replaced_at FROM article_versions WHERE article_id = ?", id)
    assert versions == [(TEXT, AT, LATER)]
    assert ask(merged, "SELECT count(*) FROM quotes WHERE article_id = ?", id) == [(3,)]


def test_what_waits_for_extraction_still_does(merged: Path) -> None:
    assert ask(merged, "SELECT extracted_at FROM articles WHERE url LIKE '%/9'") == [(None,)]


def test_of_two_readings_of_a_text_the_later_one_counts(new: Callable[[str], Path]) -> None:
    """Whichever comes first; a quote that both have keeps its id."""
    first, second = new("first"), new("second")
    with opened(first) as db:
        id = build_one(db)
        store_records(db, id, records(), extracted_at=LATER, extractor="test 2")
    with opened(second) as db:
        id = build_one(db)
        fewer = Records(mentions=records().mentions, people=records().people, quotes=records().quotes[:1])
        store_records(db, id, fewer, extracted_at=LATEST, extractor="test 1")
    for order in ((first, second), (second, first)):
        target = new(f"of-{order[0].stem}")
        merge(target, order[0])
        before = ask(target, "SELECT id FROM quotes WHERE text = ?", SAID)
        merge(target, order[1])
        assert ask(target, "SELECT extractor, extracted_at FROM articles") == [("test 1", LATEST)]
        assert ask(target, "SELECT id FROM quotes") == before
        assert ask(target, "SELECT count(*) FROM stances") == [(0,)]


def test_a_reading_that_failed_is_one(new: Callable[[str], Path]) -> None:
    other, target = new("other"), new("target")
    with opened(other) as db:
        store_failure(db, build_one(db), "RuleError: no", LATER)
    with opened(target) as db:
        build_one(db)
    merge(target, other)
    assert ask(target, "SELECT extraction_error, extracted_at FROM articles") == [("RuleError: no", LATER)]


def test_what_is_to_be_read_again_is(new: Callable[[str], Path]) -> None:
    """In either file: nobody knows better what came since."""
    other, target = new("other"), new("target")
    for path in (other, target):
        with opened(path) as db:
            build_one(db)
    with opened(target) as db:
        db.execute("UPDATE articles SET extracted_at = NULL")
    assert merge(target, other)[0].is_nothing
    assert ask(target, "SELECT extracted_at FROM articles") == [(None,)]
    merge(other, target)
    assert ask(other, "SELECT extracted_at FROM articles") == [(None,)]


def test_who_brought_an_article_first_has_it(new: Callable[[str], Path]) -> None:
    files = []
    for name, source, kind, at in (
        ("late", "courier", "blog", LATER),
        ("early", "herald", "press-release", AT),
        ("by-hand", None, "article", "2026-01-01T00:00:00Z"),
    ):
        files.append(new(name))
        with opened(files[-1]) as db:
            if source:
                add_source(db, source)
            store(db, article(source=source or "", kind=kind), records(), at)
    for order in ((0, 1, 2), (1, 0, 2), (2, 1, 0)):
        target = new("-".join(map(str, order)))
        merge(target, *(files[number] for number in order))
        assert ask(target, "SELECT source_id, kind, first_seen FROM articles") == [
            ("herald", "press-release", "2026-01-01T00:00:00Z")
        ]


def test_what_the_page_says_comes_from_whoever_looked_last(new: Callable[[str], Path]) -> None:
    files = []
    for name, at, published in (("before", AT, "2026-04-29"), ("after", LATER, "2026-04-30")):
        files.append(new(name))
        with opened(files[-1]) as db:
            add_source(db, "herald")
            page = Page(url=URL, body=b"x", status=200, source="herald", fetched_at=at)
            id = store_article(db, article(source="herald", published=published), seen_at=AT, page=page).id
            store_records(db, id, records(), extracted_at=AT, extractor="test 1")
            db.execute("UPDATE articles SET gone_at = ?", [AT if name == "before" else None])
    for order in (files, files[::-1]):
        target = new(f"{order[0].stem}-first")
        merge(target, *order)
        assert ask(target, "SELECT published, gone_at FROM articles") == [("2026-04-30", None)]
        assert set(ask(target, "SELECT published FROM quotes UNION SELECT published FROM figures")) == {("2026-04-30",)}


def test_an_article_is_gone_if_whoever_looked_last_says_so(new: Callable[[str], Path]) -> None:
    """Whoever saw its text last."""
    edited, gone = new("edited"), new("gone")
    for path, text, at, looked in ((edited, EDITED, LATER, LATER), (gone, TEXT, AT, LATEST)):
        with opened(path) as db:
            store(db, article(text=text), records(text), at)
            add_page(db, "marlbury", article_id=1, checked_at=looked)
    with opened(gone) as db:
        db.execute("UPDATE articles SET gone_at = ?", [LATEST])
    for order in ((edited, gone), (gone, edited)):
        target = new(f"{order[0].stem}-first")
        merge(target, *order)
        assert ask(target, "SELECT text, gone_at FROM articles") == [(EDITED, LATEST)]


def test_of_an_article_that_stands_twice_the_one_without_www_is_it(new: Callable[[str], Path]) -> None:
    """As for the store: files from before the two were taken for one may have both."""
    other, target = new("other"), new("target")
    with opened(target) as db:
        for url in ("https://zebra.example/1", "https://www.zebra.example/1", "https://www.news.example/1"):
            row = {"url": url, "kind": "article", "body_method": "x", "text": TEXT, "text_hash": "x", "words": 1}
            db.table("articles").insert({**row, "first_seen": AT, "seen_from": AT})
        db.table("articles").insert({**row, "url": "https://news.example/1", "first_seen": AT, "seen_from": AT})
    with opened(other) as db:
        store(db, article("https://zebra.example/1"), records(), LATER)
        store(db, article("https://news.example/1"), records(), LATER)
    merge(target, other)
    assert ask(target, "SELECT url FROM articles WHERE extracted_at IS NOT NULL ORDER BY 1") == [
        ("https://news.example/1",), ("https://zebra.example/1",),
    ]  # fmt: skip


def test_a_version_was_replaced_when_the_next_text_was_first_seen(new: Callable[[str], Path]) -> None:
    """By whichever file that was."""
    files = [new(name) for name in ("first", "second", "third")]
    for path, word, at in zip(files, ("one", "two", "three"), (AT, LATER, LATEST), strict=True):
        with opened(path) as db:
            store(db, article(text=f"Marlbury, text {word}."), Records(), at)
    for order in permutations(range(3)):
        target = new("-".join(map(str, order)))
        merge(target, *(files[number] for number in order))
        assert ask(target, "SELECT text, seen_from, replaced_at FROM article_versions ORDER BY seen_from") == [
            ("Marlbury, text one.", AT, LATER), ("Marlbury, text two.", LATER, LATEST),
        ]  # fmt: skip


def test_what_was_read_anew_at_the_same_moment_is_checked_anew(new: Callable[[str], Path]) -> None:
    """An edit whose records came when ours did: its figures are due for a check, and stand in the new text."""
    other, target = new("other"), new("target")
    for path, text, at in ((target, TEXT, AT), (other, EDITED, LATER)):
        with opened(path) as db:
            id = store_article(db, article(text=text), seen_at=at).id
            store_records(db, id, records(text), extracted_at=AT, extractor="test 1")
            db.execute("DELETE FROM checks_due")
    due: list[int] = []
    with opened(target) as db, closing(read_database(other)) as theirs:
        db.conn.create_function("note", 1, due.append)
        db.execute("CREATE TEMP TRIGGER noted AFTER INSERT ON main.checks_due BEGIN SELECT note(new.article_id); END")
        bring(db, theirs)
    assert due
    assert check(target) == []


def test_bodies_that_are_one_here_say_it_once(new: Callable[[str], Path]) -> None:
    """A joint statement of two, whom somebody here has made one of, is that one's."""
    other, target = new("other"), new("target")
    with opened(other) as db:
        add_source(db, "herald")
        store(db, article(source="herald"), jointly())
    assert ask(other, "SELECT count(*) FROM quote_organisations") == [(1,)]
    with opened(target) as db:
        add_body(db, "Marlbury Council")
        add_body(db, UNION.name)
        ids = dict(db.execute("SELECT name, id FROM organisations"))
        merge_bodies(db, ids[UNION.name], ids["Marlbury Council"])
    merge(target, other)
    assert ask(target, "SELECT count(*) FROM quote_organisations") == [(0,)]
    assert ask(target, "SELECT DISTINCT name FROM organisations JOIN quotes ON organisation_id = organisations.id") == [
        ("Marlbury Council",)
    ]
    assert check(target) == []


def test_whom_an_article_lost_another_one_brings_again(new: Callable[[str], Path]) -> None:
    """Theirs stands twice, as files from before `www.` was left out have it, and only once names her."""
    other, target = new("other"), new("target")
    ada = Records(people=records().people)
    with opened(other) as db:
        store(db, article("https://news.example/1"), ada)
        id = store(db, article("https://news.example/edited", EDITED), Records(), LATER)
        db.execute("UPDATE articles SET url = 'https://www.news.example/1' WHERE id = ?", [id])
        store(db, article("https://news.example/2"), ada)
    merge(target, other)
    named = "SELECT url FROM appointments JOIN articles ON articles.id = article_id"
    assert ask(target, named) == [("https://news.example/2",)]
    assert check(target) == []
    assert merge(target, other)[0].is_nothing


def test_signatures_are_not_made_again(new: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """They take longer than anything else of a short article; those of texts that are not here are left out."""
    other, target = new("other"), new("target")
    words = " ".join(f"word{number}" for number in range(200))
    with opened(other) as db:
        store(db, article(text=f"Marlbury. {words}"), Records())
        db.execute("INSERT INTO story_signatures VALUES ('gone', x'00')")
        group_stories(db)
    signed = ask(other, "SELECT * FROM story_signatures WHERE text_hash <> 'gone'")
    assert len(signed) == 1

    def not_again(text: str) -> bytes:
        raise AssertionError("made again")

    monkeypatch.setattr(stories, "signature", not_again)
    merge(target, other)
    assert ask(target, "SELECT * FROM story_signatures") == signed


def test_nobody_is_left_whom_no_article_names(new: Callable[[str], Path]) -> None:
    other, target = new("other"), new("target")
    with opened(target) as db:
        id = build_one(db)
    with opened(other) as db:
        id = build_one(db)
        store_records(db, id, Records(), extracted_at=LATER, extractor="test 2")
    merge(target, other)
    assert ask(target, "SELECT name FROM people") == []
    assert check(target) == []


def test_people_at_two_bodies_are_joined(new: Callable[[str], Path]) -> None:
    """One file has her at one body, one at another, the third says that she is both."""
    files = []
    ada = records().people[0]
    for name, bodies in (("one", [ada.organisation]), ("two", [UNION]), ("both", [ada.organisation, UNION])):
        files.append(new(name))
        people = tuple(ada.__class__(ada.name, "chair", body) for body in bodies)
        with opened(files[-1]) as db:
            store(db, article(f"https://news.example/{name}"), Records(people=people))
            if name == "both":
                (id, other) = (id for (id,) in db.execute("SELECT id FROM people ORDER BY id"))
                post = {"article_id": 1, "person_id": id, "confidence": 1, "rule": "test"}
                body = db.execute("SELECT organisation_id FROM people WHERE id = ?", [other]).fetchone()[0]
                db.table("appointments").insert({**post, "organisation_id": body})
    target = new("target")
    merge(target, *files[:2])
    assert ask(target, "SELECT same_as FROM people") == [(None,), (None,)]
    merge(target, files[2])
    assert ask(target, "SELECT same_as FROM people ORDER BY id") == [(None,), (1,)]
    assert check(target) == []


def test_genders_come_along(merged: Path) -> None:
    assert set(ask(merged, "SELECT gender FROM people")) == {("f",)}


# Bodies ---------------------------------------------------------------------------------------------------------------


def test_what_people_said_of_bodies(merged: Path) -> None:
    bodies = dict(ask(merged, "SELECT name, confirmed FROM organisations WHERE slug IS NULL"))
    assert bodies == {"Guild of Family Social Workers": 1, "Family Guild": 0, "Marlbury Council": 0}
    [(into,)] = ask(
        merged,
        "SELECT body.name FROM organisations AS it JOIN organisations AS body ON body.id = it.merged_into"
        " WHERE it.name = 'Family Guild'",
    )
    assert into == "Guild of Family Social Workers"
    assert set(ask(merged, "SELECT alias, kind FROM organisation_aliases WHERE own")) == {
        ("The Guild", "name"), ("GFSW", "acronym"), ("Family Guild", "name"),
    }  # fmt: skip
    assert ask(merged, "SELECT kind FROM organisations WHERE name = ?", UNION.name) == [("charity",)]


def test_texts_are_read_again_for_a_name_that_their_reader_did_not_know(new: Callable[[str], Path]) -> None:
    """Whichever file knows the body."""
    knows, does_not = new("knows"), new("does-not")
    with opened(knows) as db:
        build_one(db)
        add_body(db, "Marlbury Families Trust")
    with opened(does_not) as db:
        text = "The Marlbury Families Trust said nothing."
        store(db, article("https://news.example/trust", text), Records())
        store(db, article("https://news.example/other", "Marlbury said nothing."), Records())
    for order in ((knows, does_not), (does_not, knows)):
        target = new(f"{order[0].stem}-first")
        merge(target, *order)
        assert ask(target, "SELECT url FROM articles WHERE extracted_at IS NULL") == [("https://news.example/trust",)]
        written = holds(target)
        assert all(told.is_nothing for told in merge(target, *order))
        assert holds(target) == written


def test_what_is_to_be_read_again_for_a_merged_body_depends_on_no_order(new: Callable[[str], Path]) -> None:
    merging, naming = new("merging"), new("naming")
    with opened(merging) as db:
        build_one(db)
        store(db, article("https://news.example/2"), records(organisation=Organisation("Family Guild")))
        ids = dict(db.execute("SELECT name, id FROM organisations"))
        merge_bodies(db, ids["Family Guild"], ids[UNION.name])
    with opened(naming) as db:
        for name in (UNION.name, "Family Guild", "Marlbury Council"):
            store(db, article(f"https://news.example/{name}", f"So says the {name}."), Records())
    for order in ((merging, naming), (naming, merging)):
        target = new(f"{order[0].stem}-first")
        merge(target, *order)
        waiting = ask(target, "SELECT text FROM articles WHERE extracted_at IS NULL ORDER BY 1")
        assert waiting == [("So says the Family Guild.",), (f"So says the {UNION.name}.",)]


def test_a_body_that_is_merged_already_stays_so(new: Callable[[str], Path]) -> None:
    files = [new(name) for name in ("here", "there")]
    for path, into in zip(files, ("Marlbury Council", "Guild of Family Social Workers"), strict=True):
        with opened(path) as db:
            build_one(db)
            store(db, article("https://news.example/3"), records(organisation=Organisation("The Third")))
            ids = dict(db.execute("SELECT name, id FROM organisations"))
            merge_bodies(db, ids["The Third"], ids[into])
    merge(files[0], files[1])
    assert check(files[0]) == []
    sql = "SELECT name FROM organisations WHERE id = (SELECT merged_into FROM organisations WHERE name = 'The Third')"
    assert ask(files[0], sql) == [("Marlbury Council",)]
    assert merge(files[0], files[1])[0].is_nothing


def test_an_alias_that_is_the_name_of_a_listed_body_is_not_brought(new: Callable[[str], Path]) -> None:
    """The list's name is the list's: what `load_organisations` takes away must not come back with every merge."""
    other, target = new("other"), new("target")
    [(listed,)] = ask(target, "SELECT name FROM organisations WHERE slug IS NOT NULL LIMIT 1")
    with opened(other) as db:
        add_body(db, "Marlbury Trust")
        id = db.execute("SELECT id FROM organisations WHERE name = 'Marlbury Trust'").fetchone()[0]
        db.execute("INSERT INTO organisation_aliases VALUES (?, ?, 'name', 1)", [id, listed])
    merge(target, other)
    assert ask(target, "SELECT alias FROM organisation_aliases WHERE own") == []
    assert merge(target, other)[0].is_nothing


def test_a_confirmed_body_that_no_text_names_is_one(new: Callable[[str], Path]) -> None:
    other, target = new("other"), new("target")
    with opened(other) as db:
        store(db, article(), records())
        confirm_body(db, db.execute("SELECT id FROM organisations WHERE name = ?", [UNION.name]).fetchone()[0])
        db.execute("DELETE FROM articles")
    assert merge(target, other)[0].bodies == 1
    assert ask(target, "SELECT confirmed FROM organisations WHERE name = ?", UNION.name) == [(1,)]


# Decisions ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def reviewed(new: Callable[[str], Path]) -> tuple[Path, Path]:
    """Two copies of a file, decided on by ada, then by bo at one and by cy at the other."""
    first, second = new("first"), new("second")
    with opened(first) as db:
        build_one(db)
        decision(db, "accepted", "ada", "2026-05-02T09:00:00Z")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(first, second)
    with opened(first) as db:
        bo = decision(db, "rejected", "bo", "2026-05-03T09:00:00Z")
        undo(db.conn, bo, "bo", "2026-05-03T09:00:00Z")
    with opened(second) as db:
        decision(db, "corrected", "cy", "2026-05-02T10:00:00Z", role="chair")
        decision(db, "rejected", "cy", "2026-05-02T11:00:00Z")
    return first, second


def test_the_last_decision_is_the_status_in_either_order(reviewed: tuple[Path, Path]) -> None:
    first, second = reviewed
    copy = Path(shutil.copy(first, first.with_name("copy.db")))
    merge(first, second)
    merge(second, copy)
    history = "SELECT decision, reviewer FROM reviews ORDER BY at, id"
    for path in (first, second):
        assert ask(path, "SELECT review_status, correction FROM quotes WHERE text = ?", SAID) == [("accepted", None)]
        assert ask(path, history) == [
            ("accepted", "ada"), ("corrected", "cy"), ("rejected", "cy"), ("rejected", "bo"), ("accepted", "bo"),
        ]  # fmt: skip
        [(undone,)] = ask(
            path, "SELECT undone.reviewer FROM reviews JOIN reviews AS undone ON undone.id = reviews.undoes"
        )
        assert undone == "bo"
        assert check(path) == []
    assert merge(first, second)[0].is_nothing
    assert merge(second, first)[0].is_nothing


def test_an_older_decision_does_not_become_the_last(reviewed: tuple[Path, Path]) -> None:
    """It has a number below those that there were, so that nothing takes it for the last one."""
    first, second = reviewed
    before = ask(first, "SELECT id FROM reviews ORDER BY id")
    assert merge(first, second)[0].decisions == 2
    added = ask(first, "SELECT id, decision FROM reviews ORDER BY id LIMIT 2")
    assert [decision for _, decision in added] == ["corrected", "rejected"]
    assert added[1][0] < before[0][0]
    with opened(first) as db:  # and the next one is told that it has seen the last
        assert decision(db, "rejected", "di", "2026-05-04T09:00:00Z") > before[-1][0]


def test_what_stood_before_a_decision_is_what_an_undoing_gives_back(new: Callable[[str], Path]) -> None:
    """Of decisions that come in, those that are older than the last one here stand before it."""
    first, second = new("first"), new("second")
    for path, told in (
        (first, (("accepted", "ada", "2026-05-02T11:00:00Z"),)),
        (second, (("rejected", "bo", "2026-05-02T10:00:00Z"), ("corrected", "bo", "2026-05-02T12:00:00Z"))),
    ):
        with opened(path) as db:
            build_one(db)
            for verdict, reviewer, at in told:
                decision(db, verdict, reviewer, at, **({"role": "chair"} if verdict == "corrected" else {}))
    for target, other in ((first, second), (second, first)):
        copy = Path(shutil.copy(other, other.with_name("copy.db")))
        merge(target, copy)
        assert ask(target, "SELECT count(*) FROM reviews") == [(3,)]
        assert ask(target, "SELECT review_status FROM quotes WHERE text = ?", SAID) == [("corrected",)]
    with opened(first) as db:
        undo(db.conn, latest(db) or 0, "bo", LATEST)
    assert ask(first, "SELECT review_status FROM quotes WHERE text = ?", SAID) == [("accepted",)]


def test_corrections_name_the_same_people_and_bodies(new: Callable[[str], Path]) -> None:
    other, target = new("other"), new("target")
    with opened(target) as db:
        store(db, article("https://news.example/1"), records(organisation=UNION))
        store(db, article("https://news.example/2"), records(organisation=Organisation("Somebody")))
    with opened(other) as db:
        build_one(db)
        decision(db, "corrected", "ada", LATER, speaker="Bram Fennimore", organisation="Marlbury Trust")
    merge(target, other)
    shown = "SELECT name FROM {} WHERE id = (SELECT shown_{}_id FROM quotes WHERE correction IS NOT NULL)"
    for path in (other, target):
        assert ask(path, shown.format("people", "person")) == [("Bram Fennimore",)]
        assert ask(path, shown.format("organisations", "organisation")) == [("Marlbury Trust",)]
    ours, theirs = (ask(path, "SELECT corrected ->> 'person_id' FROM reviews") for path in (target, other))
    assert ours != theirs  # the numbers are others
    assert merge(target, other)[0].is_nothing
    assert check(target) == []


@pytest.mark.parametrize("namesake", [False, True])
def test_decisions_on_people_of_a_body_that_was_merged(namesake: bool, new: Callable[[str], Path]) -> None:
    """A decision names the body as it was: it is the same decision once that is another one."""
    first, second = new("first"), new("second")
    with opened(first) as db:
        build_one(db)
        decision(db, "corrected", "ada", LATER, speaker="Bram Fennimore", organisation="Marlbury Trust")
        if namesake:  # then the one at the other body stays a row of its own, for the decision names it
            namesakes = Records(people=(Person("Bram Fennimore", "chair", Organisation("Marlbury Council")),))
            store(db, article("https://news.example/2"), namesakes)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(first, second)
    with opened(first) as db:
        ids = dict(db.execute("SELECT name, id FROM organisations"))
        merge_bodies(db, ids["Marlbury Trust"], ids["Marlbury Council"])
    for target, other in ((first, second), (second, first)):
        merge(target, other)
        assert ask(target, "SELECT count(*) FROM reviews") == [(1,)]
        assert check(target) == []
    assert ask(first, "SELECT count(*) FROM people") == ask(second, "SELECT count(*) FROM people")


def test_a_decision_whose_record_is_gone_is_kept(new: Callable[[str], Path]) -> None:
    other, target = new("other"), new("target")
    with opened(other) as db:
        id = build_one(db)
        decision(db, "accepted", "ada", LATER)
        store_records(db, id, Records(), extracted_at=LATER, extractor="test 2")
    merge(target, other)
    assert ask(target, "SELECT decision FROM orphaned_reviews") == [("accepted",)]


# The crawl's memory ---------------------------------------------------------------------------------------------------


def add_page(db: Database, name: str, **row: Any) -> int:
    told = {"role": "article", "first_seen": AT, "last_seen": AT, **row}
    id = db.table("pages").insert({"url": f"https://news.example/{name}", **told}).last_pk
    assert isinstance(id, int)
    return id


def test_who_asked_last_knows_the_page(new: Callable[[str], Path]) -> None:
    before, after = new("before"), new("after")
    with opened(before) as db:
        archived = {"archive_file": "a.warc.gz", "archive_offset": 7}
        id = add_page(db, "1", checked_at=AT, status=200, etag="a", note="x", last_seen=LATEST, **archived)
        db.table("sightings").insert_all(
            {"page_id": id, "listing": listing, "fingerprint": "old"} for listing in ("feed", "map")
        )
        add_page(db, "2", last_seen=AT, listed='{"title": "old"}')
    with opened(after) as db:
        id = add_page(db, "1", checked_at=LATER, status=304, etag="b", first_seen=LATER, last_seen=LATER)
        db.table("sightings").insert({"page_id": id, "listing": "feed", "fingerprint": "new"})
        add_page(db, "2", last_seen=LATER, listed='{"title": "new"}')
    for order in ((before, after), (after, before)):
        target = new(f"{order[0].stem}-first")
        merge(target, *order)
        columns = "checked_at, status, etag, note, first_seen, last_seen, archive_file, archive_offset"
        assert ask(target, f"SELECT {columns} FROM pages WHERE url LIKE '%/1'") == [
            (LATER, 304, "b", None, AT, LATEST, "a.warc.gz", 7)
        ]
        assert ask(target, "SELECT listed, last_seen FROM pages WHERE url LIKE '%/2'") == [('{"title": "new"}', LATER)]
        assert dict(ask(target, "SELECT listing, fingerprint FROM sightings")) == {"feed": "new", "map": "old"}


def test_a_page_that_gave_an_article_is_of_that_article(new: Callable[[str], Path]) -> None:
    """Though whoever asked last found none there; and how often a listing changed is the most that either saw."""
    before, after = new("before"), new("after")
    with opened(before) as db:
        build_one(db)
        add_page(db, "marlbury", article_id=1, source_id="herald", checked_at=AT, changes=9)
    with opened(after) as db:
        add_page(db, "marlbury", checked_at=LATER, changes=3)
    for order in ((before, after), (after, before)):
        target = new(f"{order[0].stem}-first")
        merge(target, *order)
        columns = "articles.url, pages.source_id, changes, checked_at"
        assert ask(target, f"SELECT {columns} FROM pages JOIN articles ON articles.id = article_id") == [
            (URL, "herald", 9, LATER)
        ]


def test_parts_belong_to_the_listing_as_it_was_read_last(new: Callable[[str], Path]) -> None:
    before, after = new("before"), new("after")
    for path, at, parts in ((before, AT, "ab"), (after, LATER, "bc")):
        with opened(path) as db:
            for name in ("a", "b", "c"):
                add_page(db, name, role="listing")
            add_page(db, "index", role="listing", checked_at=at)
            for part in parts:
                db.execute("UPDATE pages SET part_of = 4 WHERE url LIKE ?", [f"%/{part}"])
    for order in ((before, after), (after, before)):
        target = new(f"{order[0].stem}-first")
        merge(target, *order)
        parts = ask(target, "SELECT part.url FROM pages AS part JOIN pages AS it ON it.id = part.part_of ORDER BY 1")
        assert parts == [("https://news.example/b",), ("https://news.example/c",)]


def test_a_body_that_a_listing_carried_comes_along(new: Callable[[str], Path]) -> None:
    other, target = new("other"), new("target")
    with opened(other) as db:
        add_page(db, "1", carried=b"<p>not read yet</p>")
    merge(target, other)
    assert ask(target, "SELECT carried, pending FROM pages") == [(b"<p>not read yet</p>", 1)]


# The archive ----------------------------------------------------------------------------------------------------------


def archived(path: Path, *names: str, file: str = "") -> Archive:
    """Pages in the archive beside a file, with their rows."""
    archive = Archive(path.parent / "archive")
    if file:
        archive.path = archive.folder / file
    with opened(path) as db:
        for name in names:
            page = Page(url=f"https://news.example/{name}", body=name.encode(), fetched_at=AT)
            place = dict(zip(("archive_file", "archive_offset"), archive.write(page), strict=True))
            add_page(db, name, checked_at=AT, status=200, **place)
    return archive


def replayed(path: Path) -> dict[str, str]:
    """The bodies of all pages, by address, as their rows say where they stand."""
    return {
        url: next(read_archive(path.parent / "archive" / file, offset)).body.decode()
        for url, file, offset in ask(path, "SELECT url, archive_file, archive_offset FROM pages")
    }


def test_the_archive_is_linked(new: Callable[[str], Path]) -> None:
    other, target = new("other"), new("target")
    archive = archived(other, "1", "2")
    assert merge(target, other)[0].archives == 1
    assert (target.parent / "archive" / archive.path.name).samefile(archive.path)
    assert replayed(target) == {f"https://news.example/{name}": name for name in "12"}


def test_on_another_disk_it_is_copied_and_grows(new: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def other_disk(self: Path, target: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", other_disk)
    other, target = new("other"), new("target")
    archive = archived(other, "1")
    merge(target, other)
    here = target.parent / "archive" / archive.path.name
    assert not here.samefile(archive.path)
    assert here.stat().st_mtime_ns == archive.path.stat().st_mtime_ns  # by which it is known without being read
    written = here.stat()
    assert merge(target, other)[0].is_nothing
    assert here.stat() == written
    archived(other, "2", file=archive.path.name)
    assert merge(target, other)[0].archives == 1
    assert replayed(target) == {f"https://news.example/{name}": name for name in "12"}
    assert sorted(here.parent.iterdir()) == [here]
    # An older state of it takes nothing away.
    with archive.path.open("r+b") as stream:
        stream.truncate(200)
    assert merge(target, other)[0].archives == 0
    assert len(replayed(target)) == 2


def test_a_different_file_of_the_same_name_stands_beside_it(new: Callable[[str], Path]) -> None:
    """Two machines may give one name; rows say which file they mean."""
    one, two, target = new("one"), new("two"), new("target")
    archived(one, "1", file="night.warc.gz")
    archived(two, "2", file="night.warc.gz")
    merge(target, one, two)
    assert replayed(target) == {f"https://news.example/{name}": name for name in "12"}
    assert all(told.is_nothing for told in merge(target, one, two))
    # It is still the same one when it has grown.
    archived(two, "3", file="night.warc.gz")
    merge(target, two)
    assert len(list((target.parent / "archive").iterdir())) == 2
    assert len(replayed(target)) == 3


def test_one_folder_has_one_archive(three: list[Path], tmp_path: Path) -> None:
    for path in three:
        shutil.copy(path, tmp_path)
    shutil.copytree(three[0].parent / "archive", tmp_path / "archive")
    told = merge(tmp_path / "all.db", *(tmp_path / path.name for path in three))
    assert [it.archives for it in told] == [0, 0, 0]


# The ledger -----------------------------------------------------------------------------------------------------------


def test_nights_stand_in_the_order_in_which_they_began(merged: Path) -> None:
    nights = ask(
        merged,
        "SELECT started, group_concat(source_id) FROM runs JOIN run_sources ON run_id = id GROUP BY id ORDER BY id",
    )
    assert nights == [(AT, "courier"), (AT, "herald"), (LATER, "courier,herald"), (LATEST, "herald")]
    # What is seen of a source is its last night, whichever file came last.
    assert dict(ask(merged, "SELECT source_id, last_run FROM source_health")) == {"courier": LATER, "herald": LATEST}


def test_a_night_that_was_running_is_the_one_that_has_ended(new: Callable[[str], Path]) -> None:
    other, target = new("other"), new("target")
    with opened(other) as db:
        add_source(db, "herald")
        id = add_night(db, AT, ended=False)
    merge(target, other)
    assert ask(target, "SELECT ended FROM runs") == [(None,)]
    with opened(other) as db:
        db.execute("UPDATE runs SET ended = ?, verdict = 'ok', exit_code = 0", [LATER])
        db.table("run_sources").insert({"run_id": id, "source_id": "herald"})
    merge(target, other)
    assert ask(target, "SELECT ended, verdict, exit_code FROM runs") == [(LATER, "ok", 0)]
    assert ask(target, "SELECT source_id FROM run_sources") == [("herald",)]


def test_a_source_is_as_whoever_ran_it_last_has_it(new: Callable[[str], Path]) -> None:
    before, after = new("before"), new("after")
    for path, at, floor in ((before, AT, 1), (after, LATER, 9)):
        with opened(path) as db:
            add_source(db, "herald")
            publisher = db.execute("SELECT id FROM organisations WHERE slug IS NOT NULL LIMIT 1").fetchone()[0]
            db.execute("UPDATE sources SET floor = ?, publisher_id = ?", [floor, publisher])
            add_night(db, at, "herald")
    for order in ((before, after), (after, before)):
        target = new(f"{order[0].stem}-first")
        merge(target, *order)
        assert ask(target, "SELECT floor, publisher_id IS NOT NULL FROM sources") == [(9, 1)]


# The published record -------------------------------------------------------------------------------------------------


def test_inspections_are_one_however_much_a_file_knows_of_them(new: Callable[[str], Path], tmp_path: Path) -> None:
    """As when files are loaded one after the other; figures are held against what came."""
    first, second = new("first"), new("second")
    row = ["Cumbria", "Standard inspection", "20/01/2026", "27/02/2026", "Good", "Good", "Good", "Good"]
    for path, council in ((first, "Cumbria"), (second, "Kent")):
        with opened(path) as db:
            file = write_csv(tmp_path / f"{path.stem}.csv", yearly(*([council, *row[1:]],)))
            load_outcomes(db, file)
    assert ask(first, "SELECT count(*) FROM outcomes") != [(0,)]
    both = ask(first, "SELECT count(*) FROM outcomes")[0][0] * 2
    with opened(second) as db:
        build_one(db)
    assert merge(second, first)[0].judgments == both // 2
    assert ask(second, "SELECT count(*) FROM outcomes") == [(both,)]
    assert merge(second, first)[0].is_nothing
    # Of two grades, the one that is here stays, however often the other one comes.
    with closing(sqlite3.connect(first)) as db:
        db.execute("UPDATE outcomes SET grade = 'Inadequate'")
        db.commit()
    grades = ask(second, "SELECT grade FROM outcomes")
    assert merge(second, first)[0].is_nothing
    assert ask(second, "SELECT grade FROM outcomes") == grades


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command(three: list[Path], merged: Path, tmp_path: Path) -> None:
    target = tmp_path / "all.db"
    done = onrecord("merge", *three, "--db", target)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{three[0]}: 1 new articles, 0 changed, 0 as they were;"
        " 1 decisions, 1 nights, 1 bodies, 1 pages, 1 archive files.",
        f"{three[1]}: 1 new articles, 1 changed, 0 as they were; 1 decisions, 2 nights, 1 pages.",
        f"{three[2]}: 2 new articles, 1 changed, 0 as they were; 1 decisions, 1 nights, 2 bodies.",
        "Articles that wait for extraction: 4; a night, or `onrecord reextract`, reads them.",
    ]
    assert holds(target) == holds(merged)
    again = onrecord("merge", three[1], "--db", target)
    assert again.stdout.startswith(f"{three[1]}: nothing that is not here already (2 articles).\n")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("missing.db", "There is no database"),
        ("folder.db", "is a folder, not a database"),
        ("empty.db", "is no database of onrecord: it is empty"),
        ("text.db", "is not a database"),
        ("foreign.db", "is a database of another program"),
        ("newer.db", "was written by a newer onrecord"),
        ("target.db", "is the database itself"),
        ("link.db", "is the database itself"),
    ],
)
def test_files_that_are_refused(given: str, sentence: str, refusable: Path) -> None:
    """One sentence, and not even the good file beside it is brought."""
    from onrecord.cli import cli

    before = (refusable / "target.db").read_bytes()
    with pytest.raises(Exception, match=sentence) as raised:
        cli.main(
            ["merge", str(refusable / "good.db"), str(refusable / given), "--db", str(refusable / "target.db")],
            standalone_mode=False,
        )
    assert "\n" not in str(raised.value)
    assert (refusable / "target.db").read_bytes() == before


@pytest.fixture(scope="module")
def refusable(empty: Path, three: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("refusable")
    shutil.copy(empty, folder / "target.db")
    shutil.copy(three[0], folder / "good.db")
    (folder / "link.db").symlink_to(folder / "target.db")
    (folder / "folder.db").mkdir()
    (folder / "empty.db").touch()
    (folder / "text.db").write_text("not a database, but some words, and then some more words")
    with closing(sqlite3.connect(folder / "foreign.db")) as db:
        db.execute("CREATE TABLE t (x)")
    shutil.copy(empty, folder / "newer.db")
    with closing(sqlite3.connect(folder / "newer.db")) as db:
        db.execute("INSERT INTO _sqlite_migrations VALUES (99, 'onrecord', '9999_future', 'now')")
        db.commit()
    return folder


def test_what_can_not_be_used_ends_with_2(tmp_path: Path) -> None:
    done = onrecord("merge", tmp_path / "missing.db", "--db", tmp_path / "all.db")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"onrecord: There is no database {tmp_path / 'missing.db'}.\n"
    assert not list(tmp_path.iterdir())


def test_while_a_night_runs_nothing_is_brought(three: list[Path], tmp_path: Path, capsys: Any) -> None:
    from onrecord.lock import only_one
    from onrecord.merge.command import merge as run

    with only_one(tmp_path / "all.db"):
        assert run([three[0]], tmp_path / "all.db") == 75
    assert "is running on" in capsys.readouterr().err
    assert not (tmp_path / "all.db").exists()


def test_an_older_file_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    """A file of the fourteenth migration, with names that an address has to quote."""
    from onrecord.merge.command import merge as run
    from pipelines import schema

    (tmp_path / "there").mkdir()
    older, target = tmp_path / "there/older %3F?#.db", tmp_path / "all.db"
    build(older).close()
    archived(older, "1")
    with closing(sqlite3.connect(older)) as db:
        db.executescript(
            "DROP TRIGGER quotes_search_insert; DROP TRIGGER quotes_search_delete; DROP TRIGGER quotes_search_update;"
            "DROP TABLE quotes_fts; DELETE FROM _sqlite_migrations WHERE name LIKE '0015%'"
        )
        scripts = (Path(schema.__file__).parent / "schema" / "0003_search.sql").read_text(encoding="utf-8")
        db.executescript(scripts[scripts.index("CREATE VIRTUAL TABLE quotes_fts") :])
        db.execute("PRAGMA journal_mode = DELETE")
    before = older.read_bytes()
    assert run([older], target) == 0
    assert older.read_bytes() == before
    assert check(target) == []
    assert ask(target, "SELECT count(*) FROM articles") == [(3,)]
    assert {path.name for path in tmp_path.iterdir()} == {"there", "all.db", "all.db.lock", "archive"}
    assert replayed(target) == {"https://news.example/1": "1"}


def test_what_is_only_in_the_wal_is_read(three: list[Path], tmp_path: Path, new: Callable[[str], Path]) -> None:
    """A night that was killed leaves its last rows there; the file stays as it is."""
    path, killed = new("written"), tmp_path / "killed.db"
    db = open_database(path)
    db.execute("PRAGMA wal_autocheckpoint = 0")
    build_one(db)
    shutil.copy(path, killed)
    shutil.copy(f"{path}-wal", f"{killed}-wal")
    db.close()
    before, wal = killed.read_bytes(), Path(f"{killed}-wal").read_bytes()
    assert ask_without_wal(killed, tmp_path) == [(0,)]
    merge(tmp_path / "all.db", killed)
    assert ask(tmp_path / "all.db", "SELECT count(*) FROM articles") == [(1,)]
    assert (killed.read_bytes(), Path(f"{killed}-wal").read_bytes()) == (before, wal)


def ask_without_wal(path: Path, folder: Path) -> list[tuple[Any, ...]]:
    return ask(Path(shutil.copy(path, folder / "main-alone.db")), "SELECT count(*) FROM articles")


def test_one_state_of_a_file_is_read_while_others_write(new: Callable[[str], Path]) -> None:
    other, target = new("other"), new("target")
    writer = open_database(other)
    build_one(writer)
    reader = read_database(other)

    def write(_: int) -> None:
        decide_plainly(writer, key_of(writer), "accepted")

    with opened(target) as db:
        assert bring(db, reader, tick=write).decisions == 0
        assert bring(db, reader).decisions == 1
    writer.close()


def test_a_damaged_file_is_told_by_its_name(new: Callable[[str], Path], capsys: Any) -> None:
    from onrecord.merge.command import merge as run
    from pipelines.schema import DatabaseError

    other, target = new("other"), new("target")
    with opened(other) as db:
        for number in range(60):
            store(db, article(f"https://news.example/{number}", TEXT * 3), Records())
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'articles'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    with other.open("r+b") as stream:
        stream.seek((root - 1) * size)
        stream.write(b"\xff" * size)
    with pytest.raises(DatabaseError, match=r"other\.db can't be used: it is damaged"):
        run([other], target)
    assert check(target) == []
