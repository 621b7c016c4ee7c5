"""`onrecord organisations`: bodies of the file's own are found, confirmed ones stay, merged ones are one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from nlp.build import extract
from nlp.gazetteer import GazetteerEntry
from nlp.records import Context, Mention, Organisation, Person, Post, Quote, Records
from onrecord.check import check
from onrecord.cli import cli
from onrecord.errors import CannotRun
from onrecord.review.decisions import Decision, decide, undo
from onrecord.review.standing import standing
from pipelines.bodies import MOVING, merge_bodies, own_bodies
from pipelines.extract import extract_stored
from pipelines.schema import open_database
from pipelines.store import load_text, store_article, store_records
from pipelines.who import load_organisations
from tests.command import onrecord
from tests.sample_file import AT, COUNCIL, LATER, SAID, TEXT, UNION, article, build, records, spot, store

FORMER = "Guild of Family Workers"  # what the union was called


@pytest.fixture
def path(tmp_path: Path) -> Path:
    db = build(tmp_path / "file.db")
    load_organisations(db)
    db.close()
    return tmp_path / "file.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    db = open_database(path)
    yield db
    db.close()


def run(path: Path, *arguments: str) -> str:
    """What the command prints; it raises what `main` would say."""
    done = CliRunner().invoke(cli, ["organisations", *arguments, "--db", str(path)], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return str(done.output)


def names(db: Database, where: str = "confirmed AND slug IS NULL") -> list[str]:
    return [name for (name,) in db.execute(f"SELECT name FROM organisations WHERE {where} ORDER BY name")]


def id_of(db: Database, name: str) -> int:
    return int(db.execute("SELECT id FROM organisations WHERE name = ?", [name]).fetchone()[0])


# list ----------------------------------------------------------------------------------------------------------------


def test_those_that_say_most_are_listed_first(path: Path) -> None:
    lines = [re.split(r" {2,}", line.strip()) for line in run(path, "list", "--unconfirmed").splitlines()]
    told = [line for line in lines if line[-1].isdigit()]
    assert told == [[COUNCIL.name, "unconfirmed", "4", "2"], [UNION.name, "unconfirmed", "3", "2"]]
    assert "Solace" in run(path, "list", "--kind", "professional body")
    assert UNION.name not in run(path, "list", "--kind", "professional_body")
    assert run(path, "list", "--unconfirmed", "--kind", "charity") == "There are none.\n"
    with pytest.raises(CannotRun, match="There is no kind 'club'; kinds are auditor, "):
        run(path, "list", "--kind", "club")


# add, confirm --------------------------------------------------------------------------------------------------------


def test_a_body_that_was_added_is_found_by_all_its_names(path: Path, db: Database) -> None:
    text = "Skyhook welcomed the report. “It is fair,” said the SKH. Sky and Hook agreed, and Skyhooks UK did not."
    id = store_article(db, article("https://news.example/skyhook", text), seen_at=AT).id
    extract_stored(db, id, at=AT)
    found = "SELECT organisations.name FROM mentions JOIN organisations ON organisations.id = organisation_id"
    assert db.execute(f"{found} WHERE article_id = ?", [id]).fetchall() == []
    printed = run(path, "add", "Skyhook", "--kind", "charity", "--alias", "Sky & Hook", "--acronym", "SKH")
    assert printed.startswith("Skyhook is known from now on.\nArticles that have its names in them: 1;")
    (row,) = db.table("organisations").rows_where("name = 'Skyhook'")
    assert (row["confirmed"], row["slug"], row["kind"]) == (1, None, "charity")
    assert db.execute("SELECT id FROM articles WHERE extracted_at IS NULL").fetchall() == [(id,)]
    extract_stored(db, id, at=LATER)
    assert db.execute(f"{found} WHERE article_id = ? ORDER BY start", [id]).fetchall() == [("Skyhook",)] * 3
    assert db.execute("SELECT organisation FROM statements WHERE quote = 'It is fair,'").fetchall() == [("Skyhook",)]
    store_records(db, id, Records(), extracted_at=LATER, extractor="test")
    load_organisations(db)
    assert names(db) == ["Skyhook"]
    assert check(path) == []


def test_extraction_knows_what_it_is_told_with_the_text_alone() -> None:
    text = "Skyhook met Ofsted, and so did the ADCS."
    own = GazetteerEntry("", "Skyhook", "charity")
    adcs = GazetteerEntry("ofsted", "Ofsted", "", names=("Skyhook Two",))

    def found(*bodies: GazetteerEntry) -> list[str]:
        return [m.organisation.name for m in extract(text, Context(bodies=bodies)).mentions if m.organisation]

    listed = ["Ofsted", "Association of Directors of Children's Services"]
    assert found() == listed
    assert found(own) == ["Skyhook", *listed]
    assert found(adcs) == listed
    assert found() == listed


def test_a_body_that_texts_named_is_confirmed_by_adding_it_or_saying_so(path: Path, db: Database) -> None:
    run(path, "confirm", UNION.name.upper())
    assert names(db) == [UNION.name]
    run(path, "add", f"The {COUNCIL.name}")
    assert names(db) == [UNION.name, COUNCIL.name]
    assert names(db, "slug IS NULL") == [UNION.name, COUNCIL.name]
    for id in (1, 2, 3):
        store_records(db, id, Records(), extracted_at=LATER, extractor="test")
    assert names(db) == [UNION.name, COUNCIL.name]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "Ofsted"), "'Ofsted' is in the list already (data/organisations.csv)."),
        (("add", "Skyhook", "--alias", COUNCIL.name), "'Marlbury Council' is a body of its own: "),
        (("add", "Skyhook", "--kind", "club"), "There is no kind 'club'; kinds are "),
        (("add", "…"), "'…' is no name."),
        (("confirm", "Gild of Familly Social Workers"), f"Gild of Familly Social Workers'; nearest: {UNION.name}"),
        (("merge", "Zzzz Qqqq", "into", UNION.name), "There is no organisation 'Zzzz Qqqq'."),
        (("merge", UNION.name, "into", f"the {UNION.name}"), "are one body already"),
        (("merge", "Ofsted", "into", UNION.name), "'Ofsted' is in the list (data/organisations.csv) and can't be"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_sentence(path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CannotRun, match=re.escape(sentence)):
        run(path, *arguments)


def test_the_sentence_ends_the_command_with_2(path: Path) -> None:
    done = onrecord("organisations", "confirm", "Nobody at All", "--db", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("onrecord: There is no organisation 'Nobody at All'")
    assert onrecord("organisations", "merge", "A", "onto", "B", "--db", path).returncode == 2


# merge ---------------------------------------------------------------------------------------------------------------


def renamed(found: Records, name: str) -> Records:
    """The same said by the union under another name."""

    def body(one: Organisation | None) -> Organisation | None:
        return Organisation(name) if one == UNION else one

    return Records(
        mentions=tuple(replace(it, organisation=body(it.organisation)) for it in found.mentions),
        people=found.people,
        quotes=tuple(replace(it, organisation=body(it.organisation)) for it in found.quotes),
        figures=found.figures,
        stances=tuple(replace(it, organisation=body(it.organisation)) for it in found.stances),
    )


def test_all_that_refers_to_the_one_refers_to_the_other(path: Path, db: Database) -> None:
    id = store(db, article("https://old.example/"), renamed(records(), FORMER))
    merged, union = id_of(db, FORMER), id_of(db, UNION.name)
    assert run(path, "merge", FORMER, "into", UNION.name) == f"{FORMER} is {UNION.name} from now on.\n"
    for table, column in MOVING:
        if table != "organisations":
            assert db.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", [merged]).fetchone() == (0,), table
    said = dict(db.execute("SELECT organisation, quotes + stances FROM statements_by_organisation"))
    assert said == {COUNCIL.name: 6 + 3, UNION.name: 4 + 4}
    assert check(path) == []
    assert names(db) == [UNION.name]
    # Tomorrow's extraction finds it under either name, and the list coming in again changes nothing.
    load_organisations(db)
    [own] = own_bodies(db)
    assert (own.name, own.names) == (UNION.name, (FORMER,))
    assert load_text(db, id)[1].bodies == (own,)
    before = db.execute("SELECT * FROM quotes ORDER BY id").fetchall()
    store_records(db, id, renamed(records(), FORMER), extracted_at=LATER, extractor="test 1")
    assert db.execute("SELECT * FROM quotes ORDER BY id").fetchall() == before
    store(db, article("https://later.example/"), renamed(records(), f"The {FORMER}"))
    assert db.execute("SELECT count(*) FROM mentions WHERE organisation_id = ?", [union]).fetchone() == (4,)
    assert db.execute("SELECT merged_into FROM organisations WHERE id = ?", [merged]).fetchone() == (union,)
    assert check(path) == []


def test_every_column_that_names_a_body_is_thought_of(db: Database) -> None:
    """A new table that refers to organisations has to say what merging does with it."""
    refers = set(
        db.execute(
            'SELECT tables.name, keys."from" FROM sqlite_master AS tables, pragma_foreign_key_list(tables.name) AS keys'
            " WHERE tables.type = 'table' AND keys.\"table\" = 'organisations'"
        )
    )
    kept_otherwise = {
        ("organisation_aliases", "organisation_id"),  # become names of the other one
        ("people", "organisation_id"),  # joined where the other one has somebody of that name
        ("reviews", "organisation_id"),  # stay as they were written
        ("stance_counts", "organisation_id"),  # kept by triggers
    }
    assert refers == set(MOVING) | kept_otherwise


def test_a_listed_body_takes_names_that_outlive_the_list(path: Path, db: Database) -> None:
    text = "The Guild of Family Social Workers said so."
    run(path, "merge", UNION.name, "into", "UNISON")  # however it is written
    load_organisations(db)
    [own] = own_bodies(db)
    assert (own.id, own.names) == ("unison", (UNION.name,))
    [mention] = extract(text, Context(bodies=(own,))).mentions
    assert mention.organisation == Organisation("Unison", "unison")
    aliases = "SELECT count(*) FROM organisation_aliases WHERE alias = ? AND own"
    assert db.execute(aliases, [UNION.name]).fetchone() == (1,)
    # A list that has the merged body as one of its own is right.
    load_organisations(
        db, [GazetteerEntry("unison", "Unison", "trade_union"), GazetteerEntry("g", UNION.name, "charity")]
    )
    assert db.execute(aliases, [UNION.name]).fetchone() == (0,)
    assert db.execute("SELECT merged_into FROM organisations WHERE slug = 'g'").fetchone() == (None,)
    assert own_bodies(db) == ()


def test_merging_goes_on_to_where_the_other_is_merged(path: Path, db: Database) -> None:
    store(db, article("https://old.example/"), renamed(records(), FORMER))
    run(path, "merge", FORMER, "into", UNION.name)
    run(path, "merge", UNION.name, "into", COUNCIL.name)
    [own] = own_bodies(db)
    assert (own.name, own.names) == (COUNCIL.name, (UNION.name, FORMER))
    store_records(db, 1, renamed(records(), FORMER), extracted_at=LATER, extractor="test 1")
    assert set(db.execute("SELECT organisation FROM statements")) == {(COUNCIL.name,)}
    assert check(path) == []


def test_decisions_that_name_a_merged_body_mean_the_other(path: Path, db: Database) -> None:
    store(db, article("https://old.example/"), renamed(records(), FORMER))
    key = "SELECT quote_key FROM quotes WHERE text = ? AND article_id = 1"
    [quote] = db.execute(key, [SAID]).fetchone()
    [stance] = db.execute("SELECT stance_key FROM stances WHERE text = ? AND article_id = 1", [SAID]).fetchone()
    for kind, it in (("quote", quote), ("stance", stance)):
        decide(db.conn, Decision(kind, it, "corrected", "bo", {"organisation": FORMER}), AT)  # type: ignore[arg-type]
    written = db.execute("SELECT corrected FROM reviews ORDER BY id").fetchall()
    shown = "SELECT organisation FROM statements WHERE quote_key = ?"
    assert db.execute(shown, [quote]).fetchone() == (FORMER,)
    run(path, "merge", FORMER, "into", UNION.name)
    union = id_of(db, UNION.name)
    assert db.execute(shown, [quote]).fetchone() == (UNION.name,)
    for table, it in (("quote", quote), ("stance", stance)):
        [correction] = db.execute(f"SELECT correction FROM {table}s WHERE {table}_key = ?", [it]).fetchone()
        assert json.loads(correction) == {"organisation": UNION.name, "organisation_id": union}
    assert db.execute("SELECT corrected FROM reviews ORDER BY id").fetchall() == written
    assert {decision.fields["organisation"] for decision in standing(db)} == {UNION.name}
    # The record goes and comes back, and a decision is taken back and made again.
    store_records(db, 1, Records(), extracted_at=LATER, extractor="test 2")
    store_records(db, 1, records(), extracted_at=LATER, extractor="test 1")
    assert db.execute(shown, [quote]).fetchone() == (UNION.name,)
    [last] = db.execute("SELECT max(id) FROM reviews WHERE item_kind = 'quote'").fetchone()
    undone = undo(db.conn, last, "bo", LATER)
    assert db.execute(shown, [quote]).fetchone() == (COUNCIL.name,)
    undo(db.conn, undone.review_id, "bo", LATER)
    assert db.execute(shown, [quote]).fetchone() == (UNION.name,)
    assert check(path) == []


def test_a_reviewer_who_types_the_old_name_means_the_body_of_today(path: Path, db: Database) -> None:
    store(db, article("https://old.example/"), renamed(records(), FORMER))
    run(path, "merge", FORMER, "into", UNION.name)
    [quote] = db.execute("SELECT quote_key FROM quotes WHERE text = ? AND article_id = 1", [SAID]).fetchone()
    decide(db.conn, Decision("quote", quote, "corrected", "bo", {"organisation": FORMER.lower()}), AT)
    corrected = json.loads(db.execute("SELECT corrected FROM reviews").fetchone()[0])
    assert corrected == {"organisation": UNION.name, "organisation_id": id_of(db, UNION.name)}


def test_people_of_merged_bodies_are_one(path: Path, db: Database) -> None:
    """Even where somebody has decided on the one row and the other."""
    bo = Person("Bo Stranger", "chair", Organisation(FORMER), rule="test")
    quote = Quote(**spot(TEXT, SAID), speaker="Bo Stranger", organisation=bo.organisation, rule="test")
    store(db, article("https://old.example/"), Records(people=(bo,), quotes=(quote,)))
    new = replace(bo, organisation=UNION)
    store(db, article("https://new.example/"), Records(people=(new,), quotes=(replace(quote, organisation=UNION),)))
    both = Person("Cy Both", "chair", UNION, rule="t", other_posts=(Post("chair", Organisation(FORMER)),))
    mention = Mention(**spot(TEXT, "Ada Quillfeather"), person="Cy Both", rule="t")
    third = store(db, article("https://third.example/"), Records(people=(both,), mentions=(mention,)))
    bos = "SELECT count(DISTINCT ifnull(same_as, id)) FROM people WHERE name = 'Bo Stranger'"
    assert db.execute(bos).fetchone() == (2,)
    run(path, "merge", FORMER, "into", UNION.name)
    assert db.execute(bos).fetchone() == (1,)
    held = "SELECT person, role, organisation, articles FROM appointments_held WHERE organisation = ? ORDER BY person"
    assert db.execute(held, [UNION.name]).fetchall() == [
        ("Bo Stranger", "chair", UNION.name, 2),
        ("Cy Both", "chair", UNION.name, 1),
    ]
    changes = store_records(
        db, third, Records(people=(both,), mentions=(mention,)), extracted_at=LATER, extractor="test 1"
    )
    assert changes["appointments"].gone == changes["appointments"].new == 0
    assert check(path) == []


def test_a_joint_statement_of_two_that_are_one_is_no_joint_statement(path: Path, db: Database) -> None:
    found = renamed(records(), FORMER)
    third = replace(found.quotes[2], others=(UNION, COUNCIL))
    store(db, article("https://old.example/"), replace(found, quotes=(*found.quotes[:2], third)))
    second = replace(records().quotes[0], others=(UNION, Organisation(FORMER)))
    store(db, article("https://second.example/"), Records(quotes=(second,)))
    run(path, "merge", FORMER, "into", UNION.name)
    shared = "SELECT organisation, jointly_with FROM statements WHERE jointly_with IS NOT NULL ORDER BY organisation"
    assert db.execute(shared).fetchall() == [(UNION.name, COUNCIL.name), (COUNCIL.name, UNION.name)]
    assert check(path) == []


def test_what_named_it_is_held_against_the_record_again(db: Database) -> None:
    id = store(db, article("https://old.example/"), renamed(records(), FORMER))
    db.execute("DELETE FROM checks_due")
    db.conn.commit()
    merge_bodies(db, id_of(db, FORMER), id_of(db, "Unison"))
    assert db.execute("SELECT article_id FROM checks_due").fetchall() == [(id,)]
