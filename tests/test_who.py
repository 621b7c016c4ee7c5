"""Who is who across documents: one body however it is set, one person where an article says so, joint statements."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from nlp.records import Mention, Organisation, Person, Post, Quote, Records
from onrecord.check import check
from onrecord.review import organisation as organisation_page
from onrecord.review import search
from onrecord.review.selection import Selection, find
from onrecord.serve import datasette
from pipelines.joined import misjoined
from pipelines.schema import open_database
from pipelines.store import store_article, store_records
from pipelines.who import Who, forgetting, load_organisations
from tests.sample_file import AT, COUNCIL, LATER, SAID, TEXT, UNION, article, records, spot, store

NAME = "Ada Quillfeather"
TRUST = Organisation("Thrapcombe Trust")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    db = open_database(tmp_path / "file.db")
    yield db
    db.close()


# Bodies --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "printed",
    [
        "Alliance of Children’s Services Directors & Managers",
        "Alliance of Childrens Services Directors and Managers",
        "The Alliance of Children's Services Directors and Managers",
        "Alliance  of Children's Services Directors &  Managers",
    ],
)
def test_typography_makes_no_second_body(db: Database, printed: str) -> None:
    who = Who(db)
    first = who.organisation(Organisation("Alliance of Children's Services Directors and Managers"))
    assert Who(db).organisation(Organisation(printed)) == first
    assert who.organisation(Organisation("Alliance of Children's Services Managers")) != first
    assert db.table("organisations").count == 2


def test_a_file_from_before_keys_gets_them(db: Database) -> None:
    db.execute("INSERT INTO organisations (name) VALUES ('Eastham Women’s Trust')")
    load_organisations(db, [])
    assert Who(db).organisation(Organisation("Eastham Women's Trust")) == 1


def test_a_listed_body_comes_before_one_that_is_only_set_so(db: Database) -> None:
    db.execute("INSERT INTO organisations (name, name_key) VALUES ('The Ofsted', 'ofsted')")
    load_organisations(db)
    found = Who(db).organisation(Organisation("OFSTED"))
    assert db.table("organisations").get(found)["slug"] == "ofsted"  # type: ignore[arg-type]


# People --------------------------------------------------------------------------------------------------------------


def told(*posts: tuple[str, Organisation | None], name: str = NAME) -> Records:
    (role, body), *others = posts
    person = Person(name, role, body, rule="test", other_posts=tuple(Post(*post) for post in others))
    quote = Quote(**spot(TEXT, SAID), speaker=name, organisation=body, rule="test")
    return Records(people=(person,), quotes=(quote,))


ARTICLES = {
    "https://a.example/": told(("director", COUNCIL)),
    "https://b.example/": told(("President", UNION)),
    "https://c.example/": told(("chair", TRUST)),
    "https://d.example/": told(("President", UNION), ("former director", COUNCIL)),
    "https://e.example/": told(("chair", TRUST), ("trustee", UNION)),
}


def put(db: Database, url: str, found: Records | None = None) -> int:
    return store(db, article(url), found or ARTICLES[url])


def people(db: Database) -> set[frozenset[str]]:
    """Who is one: the bodies of the rows of each person."""
    rows = db.execute(
        "SELECT group_concat(ifnull(organisations.name, 'nobody'), '|') FROM people"
        " LEFT JOIN organisations ON organisations.id = organisation_id"
        " GROUP BY people.name_key, ifnull(same_as, people.id)"
    )
    return {frozenset(bodies.split("|")) for (bodies,) in rows}


def test_the_same_name_elsewhere_is_another_until_an_article_joins_them(db: Database) -> None:
    put(db, "https://a.example/")
    put(db, "https://b.example/")
    apart = {frozenset({COUNCIL.name}), frozenset({UNION.name})}
    assert people(db) == apart
    third = put(db, "https://d.example/")
    assert people(db) == {frozenset({COUNCIL.name, UNION.name})}
    store_records(db, third, told(("President", UNION)), extracted_at=LATER, extractor="test 2")
    assert people(db) == apart
    store_records(db, third, ARTICLES["https://d.example/"], extracted_at=LATER, extractor="test 3")
    assert people(db) == {frozenset({COUNCIL.name, UNION.name})}
    with forgetting(db, third):
        db.execute("DELETE FROM articles WHERE id = ?", [third])
    assert people(db) == apart


def test_people_are_joined_alike_in_any_order(tmp_path: Path) -> None:
    whole = {frozenset({COUNCIL.name, UNION.name, TRUST.name})}
    for n, order in enumerate(itertools.permutations(ARTICLES)):
        if n % 29:
            continue
        db = open_database(tmp_path / f"{n}.db")
        for url in order:
            put(db, url)
        assert people(db) == whole
        assert db.execute("SELECT count(DISTINCT person_id) FROM statements").fetchone() == (1,)
        db.close()


def test_whom_the_first_row_stood_for_is_one_without_it(db: Database) -> None:
    first = put(db, "https://a.example/")
    for url in ("https://b.example/", "https://c.example/", "https://d.example/", "https://e.example/"):
        put(db, url)
    store_records(db, first, Records(), extracted_at=LATER, extractor="test 2")
    assert people(db) == {frozenset({UNION.name, TRUST.name})}
    assert misjoined(db) == []


def test_other_names_and_people_of_no_body_are_left_alone(db: Database) -> None:
    put(db, "https://a.example/")
    put(db, "https://b.example/", told(("President", UNION), ("former director", COUNCIL), name="Bo Stranger"))
    put(db, "https://c.example/", told(("chair", None)))
    put(db, "https://d.example/", told(("chair", UNION)))
    assert frozenset({COUNCIL.name, UNION.name}) not in people(db)
    assert db.execute("SELECT count(*) FROM people WHERE same_as IS NOT NULL").fetchone() == (0,)


def test_check_tells_people_who_are_joined_wrongly(db: Database, tmp_path: Path) -> None:
    put(db, "https://a.example/")
    put(db, "https://b.example/")
    assert check(tmp_path / "file.db") == []
    db.execute("UPDATE people SET same_as = 1 WHERE id = 2")
    db.conn.commit()
    assert check(tmp_path / "file.db") == ["There are people joined otherwise than their appointments say: 1 (id 2)."]


def test_pages_and_views_see_one_person(db: Database) -> None:
    for url in ARTICLES:
        put(db, url)
    [union] = db.execute("SELECT id FROM organisations WHERE name = ?", [UNION.name]).fetchone()
    body = organisation_page.look(db.conn, union, Selection("quote", "all", organisation=union))
    assert body is not None
    [ada] = body.people
    assert (ada["name"], ada["quotes"]) == (NAME, 5)
    posts = [(post["role"], post["body"] if post["elsewhere"] else None) for post in ada["posts"]]
    assert set(posts[:2]) == {("President", None), ("trustee", None)}
    assert ("former director", COUNCIL.name) in posts
    assert [name for _, name, _ in search.look(db.conn, NAME).people] == [NAME]
    for (row,) in db.execute("SELECT id FROM people").fetchall():
        assert len(find(db.conn, Selection("quote", "all", person=row), "", 10).ids) == 5
        assert len(find(db.conn, Selection("quote", "all", person=row, organisation=union), "", 10).ids) == 2


def test_appointments_are_held_from_the_first_article_to_the_last(db: Database) -> None:
    for n, (day, role) in enumerate([("2026-03-02", "director"), ("2026-01-01", "Director"), (None, "director")]):
        store(db, article(f"https://a.example/{n}", published=day), told((role, COUNCIL)))
    store(db, article("https://b.example/", published="2026-05-05"), told(("President", UNION), ("director", COUNCIL)))
    columns = "organisation, role, first_seen, last_seen, articles"
    held = "SELECT " + columns + " FROM appointments_held ORDER BY organisation DESC"
    assert db.execute(held).fetchall() == [
        (COUNCIL.name, "Director", "2026-01-01", "2026-05-05", 4),
        (UNION.name, "President", "2026-05-05", "2026-05-05", 1),
    ]
    store_article(db, article("https://b.example/", published="2026-06-06"), seen_at=LATER)
    assert db.execute(held).fetchall()[0][3] == "2026-06-06"
    assert db.execute("SELECT count(DISTINCT person_id) FROM appointments_held").fetchone() == (1,)


# Joint statements ----------------------------------------------------------------------------------------------------


def jointly(*others: Organisation) -> Records:
    found = records()
    return replace(found, quotes=(*found.quotes[:2], replace(found.quotes[2], others=others)))


def shared(db: Database) -> list[tuple[Any, ...]]:
    return db.execute("SELECT organisation, jointly_with FROM statements WHERE quote = 'a blunt tool'").fetchall()


async def feed(path: Path, body: int) -> str:
    application = datasette(path)
    answer = await application.client.get(f"/organisation/{body}/statements.atom")
    application.executor.shutdown()
    return str(answer.text)


def test_a_joint_statement_is_of_all_its_bodies(db: Database, tmp_path: Path) -> None:
    id = store(db, article(), jointly(COUNCIL, TRUST))
    assert shared(db) == [(UNION.name, f"{COUNCIL.name}; {TRUST.name}")]
    columns = "organisation, quotes, joint, latest"
    counted = db.execute(f"SELECT {columns} FROM statements_by_organisation ORDER BY organisation").fetchall()
    assert counted == [
        (UNION.name, 1, 0, "2026-04-30"),
        (COUNCIL.name, 2, 1, "2026-04-30"),
        (TRUST.name, 0, 1, "2026-04-30"),
    ]
    [trust] = db.execute("SELECT id FROM organisations WHERE name = ?", [TRUST.name]).fetchone()
    body = organisation_page.look(db.conn, trust, Selection("quote", "all", organisation=trust))
    assert body is not None
    assert [it.text for it in body.joint] == ["a blunt tool"]
    assert search.look(db.conn, "Thrapcombe").bodies == [(trust, TRUST.name)]
    assert "a blunt tool" in asyncio.run(feed(tmp_path / "file.db", trust))
    assert check(tmp_path / "file.db") == []
    changes = store_records(db, id, jointly(COUNCIL), extracted_at=LATER, extractor="test 2")
    assert (changes["quote_organisations"].gone, changes["organisations"].gone) == (1, 1)
    assert shared(db) == [(UNION.name, COUNCIL.name)]


def test_one_body_by_two_names_says_nothing_jointly(db: Database) -> None:
    store(db, article(), jointly(Organisation("The Guild of Family Social Workers")))
    assert shared(db) == [(UNION.name, None)]


def test_whose_words_a_reviewer_says_they_are_they_are_alone(db: Database) -> None:
    store(db, article(), jointly(TRUST))
    db.execute("""UPDATE quotes SET correction = '{"organisation_id": 1}' WHERE text = 'a blunt tool'""")
    assert shared(db) == [(COUNCIL.name, None)]


def test_an_appointment_is_told_once(db: Database) -> None:
    found = replace(
        told(("chair", UNION), ("chair", COUNCIL)), mentions=(Mention(0, 10, TEXT[:10], person=NAME, rule="t"),)
    )
    id = put(db, "https://a.example/", found)
    before = list(db.table("appointments").rows)
    assert [(row["role"], row["published"]) for row in before] == [("chair", "2026-04-30")] * 2
    changes = store_records(db, id, found, extracted_at=AT, extractor="test 1")
    assert {change.new + change.changed + change.gone for change in changes.values()} == {0}
    assert list(db.table("appointments").rows) == before
