"""Decisions: appended, never made over somebody's head, undone step by step; what they correct is what is shown."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from nlp.records import Organisation
from onrecord.check import check
from onrecord.review.corrections import BadCorrection
from onrecord.review.decisions import Conflict, Decided, Decision, UnknownReview, decide, undo
from onrecord.review.items import UnknownItem
from pipelines.schema import open_database
from pipelines.store import store_records
from pipelines.who import load_organisations
from tests.command import ROOT
from tests.sample_file import AT, COUNCIL, LATER, SAID, TEXT, UNION, article, build, records, store

KINDS = ("quote", "figure", "stance")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    build(tmp_path / "file.db").close()
    return tmp_path / "file.db"


@pytest.fixture
def file(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection as Datasette has it: no foreign keys, rows as sqlite3.Row."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def one(file: sqlite3.Connection, sql: str, *parameters: object) -> Any:
    return file.execute(sql, parameters).fetchone()[0]


def key_of(file: sqlite3.Connection, kind: str = "quote", text: str = SAID) -> str:
    sql = f"SELECT {kind}_key FROM {kind}s JOIN articles ON articles.id = article_id WHERE {kind}s.text = ?"
    return str(one(file, f"{sql} AND url LIKE '%news%'", text))


def row(file: sqlite3.Connection, kind: str, key: str) -> dict[str, Any]:
    return dict(file.execute(f"SELECT * FROM {kind}s WHERE {kind}_key = ?", [key]).fetchone())


def decided(file: sqlite3.Connection, key: str, verdict: str, reviewer: str = "bo", **other: Any) -> Decided:
    """Decides with everything seen."""
    kind = other.pop("kind", "quote")
    seen = one(file, "SELECT max(id) FROM reviews WHERE item_kind = ? AND item_key = ?", kind, key)
    outcome = decide(file, Decision(kind, key, verdict, reviewer, seen=seen, **other), AT)  # type: ignore[arg-type]
    assert isinstance(outcome, Decided)
    return outcome


def statement(file: sqlite3.Connection, key: str) -> dict[str, Any]:
    return dict(file.execute("SELECT * FROM statements WHERE quote_key = ?", [key]).fetchone())


# Deciding ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "text"), [("quote", SAID), ("figure", "17 cases"), ("stance", SAID)])
@pytest.mark.parametrize("verdict", ["accepted", "rejected", "reopened"])
def test_a_decision_is_the_status_of_every_kind(
    file: sqlite3.Connection, path: Path, kind: str, text: str, verdict: str
) -> None:
    key = key_of(file, kind, text)
    status = None if verdict == "reopened" else verdict
    outcome = decided(file, key, verdict, kind=kind, note="as printed")
    assert outcome == Decided(1, status, None)
    assert row(file, kind, key)["review_status"] == status
    review = dict(file.execute("SELECT * FROM reviews").fetchone())
    assert review == review | {
        "item_kind": kind,
        "item_key": key,
        "decision": verdict,
        "reviewer": "bo",
        "at": AT,
        "note": "as printed",
        "text": text,
        "url": "https://news.example/marlbury",
        "rule": "test",
        "confidence": 0.9,
        "how": "read",
    }
    start = review["context_start"]
    assert review["context"][start : start + len(text)] == text
    assert json.loads(review["record"])["speaker"] == "Ada Quillfeather"
    assert one(file, "PRAGMA recursive_triggers") == 0, "the connection is Datasette's"
    file.close()
    assert check(path) == []


def test_the_context_is_what_stands_around_the_words(tmp_path: Path) -> None:
    before, after = "Before. " * 50, " After." * 50
    db = open_database(tmp_path / "long.db")
    text = f"{before}{TEXT}{after}"
    store(db, article(text=text), records(text))
    key = key_of(db.conn)
    decided(db.conn, key, "accepted")
    [(context, start)] = db.execute("SELECT context, context_start FROM reviews").fetchall()
    assert start == 200
    assert len(context) == 400 + len(SAID)
    assert context[start : start + len(SAID)] == SAID
    assert context in text
    db.close()


def test_an_unknown_record_is_refused(file: sqlite3.Connection) -> None:
    with pytest.raises(UnknownItem, match="not in the file any more"):
        decide(file, Decision("quote", "nothing", "accepted", "bo"), AT)
    assert not file.in_transaction
    assert one(file, "SELECT count(*) FROM reviews") == 0


@pytest.mark.parametrize(("verdict", "corrected"), [("corrected", None), ("accepted", {"role": "Chair"})])
def test_a_correction_says_what_is_right(file: sqlite3.Connection, verdict: Any, corrected: Any) -> None:
    with pytest.raises(BadCorrection, match="no other decision does"):
        decide(file, Decision("quote", key_of(file), verdict, "bo", corrected), AT)


# Two at once ---------------------------------------------------------------------------------------------------------


def test_an_unseen_decision_is_a_conflict_and_nothing_is_written(file: sqlite3.Connection) -> None:
    key = key_of(file)
    decided(file, key, "corrected", "ann", corrected={"role": "Chair"})
    before = file.execute("SELECT * FROM reviews").fetchall()
    for verdict, corrected in (
        ("accepted", None),
        ("rejected", None),
        ("corrected", {"role": "Mayor", "organisation": "Never Heard Of Ltd", "speaker": "Never Heard Of"}),
    ):
        outcome = decide(file, Decision("quote", key, verdict, "bo", corrected), LATER)  # type: ignore[arg-type]
        assert outcome == Conflict(1, "corrected", "ann", AT, {"role": "Chair"})
    assert file.execute("SELECT * FROM reviews").fetchall() == before
    assert one(file, "SELECT count(*) FROM organisations WHERE name LIKE 'Never%'") == 0
    assert one(file, "SELECT count(*) FROM people WHERE name LIKE 'Never%'") == 0
    assert row(file, "quote", key)["shown_role"] == "Chair"


def test_having_seen_it_one_may_decide_otherwise(file: sqlite3.Connection) -> None:
    key = key_of(file)
    first = decided(file, key, "accepted", "ann")
    outcome = decide(file, Decision("quote", key, "rejected", "bo", seen=first.review_id), AT)
    assert outcome == Decided(2, "rejected")
    assert decide(file, Decision("quote", key, "accepted", "ann", seen=first.review_id), AT) == Conflict(
        2, "rejected", "bo", AT
    )


def test_who_agrees_unseen_is_written_down_too(file: sqlite3.Connection) -> None:
    key = key_of(file)
    decided(file, key, "corrected", "ann", corrected={"role": "Chair"})
    outcome = decide(file, Decision("quote", key, "corrected", "bo", {"role": "Chair"}), AT)
    assert outcome == Decided(2, "corrected", {"role": "Chair"})
    assert [one[0] for one in file.execute("SELECT reviewer FROM reviews")] == ["ann", "bo"]


def test_the_same_decision_sent_twice_is_one(file: sqlite3.Connection) -> None:
    decision = Decision("quote", key_of(file), "corrected", "bo", {"speaker": "Cy Marrow", "organisation": "New Body"})
    first = decide(file, decision, AT)
    assert decide(file, decision, LATER) == first
    assert one(file, "SELECT count(*) FROM reviews") == 1


WRITER = """
import sqlite3, sys
from onrecord.review.decisions import Decided, Decision, decide
file = sqlite3.connect(sys.argv[1], timeout=10)
keys = [key for (key,) in file.execute("SELECT quote_key FROM quotes ORDER BY quote_key")]
for _ in range(40):
    for key in keys:
        seen = file.execute("SELECT max(id) FROM reviews WHERE item_key = ?", [key]).fetchone()[0]
        verdict = "rejected" if (seen or 0) % 2 else "accepted"
        outcome = decide(file, Decision("quote", key, verdict, sys.argv[2], seen=seen), "2026-05-01T00:00:00Z")
        print(type(outcome).__name__, outcome.review_id, sep=":")
"""


def test_two_processes_lose_nothing(path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(path)]
    writers = [
        subprocess.Popen([*command, name], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name in ("ann", "bo")
    ]
    outcomes = {}
    for name, writer in zip(("ann", "bo"), writers, strict=True):
        printed, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors
        outcomes[name] = [line.split(":") for line in printed.split()]
    db = open_database(path)
    written = {str(id): reviewer for id, reviewer in db.execute("SELECT id, reviewer FROM reviews")}
    for name, said in outcomes.items():
        assert len(said) == 280
        assert all(written.pop(id) == name for outcome, id in said if outcome == "Decided")
    assert written == {}
    db.close()
    assert check(path) == []


# Correcting ----------------------------------------------------------------------------------------------------------


def test_what_is_shown_is_corrected_and_what_the_rule_said_stays(file: sqlite3.Connection, path: Path) -> None:
    key = key_of(file)
    before = row(file, "quote", key)
    start = TEXT.index("for a week")
    outcome = decided(
        file,
        key,
        "corrected",
        corrected={
            "speaker": "Cy Marrow",
            "role": " Chair\tof the \u202eboard ",
            "organisation": UNION.name,
            "start": start - 1,
            "end": start + len("for a week "),
        },
    )
    assert outcome.corrected == {
        "speaker": "Cy Marrow",
        "person_id": 2,
        "role": "Chair of the board",
        "organisation": UNION.name,
        "organisation_id": 2,
        "start": start,
        "end": start + len("for a week"),
        "text": "for a week",
    }
    shown = statement(file, key)
    assert (shown["person"], shown["role"], shown["organisation"], shown["quote"], shown["review_status"]) == (
        "Cy Marrow",
        "Chair of the board",
        UNION.name,
        "for a week",
        "corrected",
    )
    after = row(file, "quote", key)
    said = ("start", "end", "text", "person_id", "role", "organisation_id")
    assert {name: after[name] for name in said} == {name: before[name] for name in said}
    by_body = dict(file.execute("SELECT organisation, quotes || ' ' || corrected FROM statements_by_organisation"))
    assert by_body == {COUNCIL.name: "3 0", UNION.name: "4 1"}
    file.close()
    assert check(path) == []


def test_nobody_may_be_the_speaker(file: sqlite3.Connection) -> None:
    key = key_of(file)
    outcome = decided(file, key, "corrected", corrected={"speaker": None, "organisation": ""})
    assert outcome.corrected == {"speaker": None, "person_id": None, "organisation": None, "organisation_id": None}
    shown = statement(file, key)
    assert (shown["person"], shown["organisation"]) == (None, None)
    assert one(file, "SELECT items FROM review_counts WHERE item_kind = 'quote' AND organisation_id = 0") == 1


def test_there_may_be_no_post_and_the_latest_of_a_body_is_what_is_shown(file: sqlite3.Connection) -> None:
    key = str(one(file, "SELECT quote_key FROM quotes WHERE article_id = 3"))
    file.execute("UPDATE quotes SET role = 'chair' WHERE article_id = 3")
    file.commit()
    latest = "SELECT latest FROM statements_by_organisation WHERE organisation = ?"
    assert (one(file, latest, COUNCIL.name), one(file, latest, UNION.name)) == ("2026-05-01", "2026-05-02")
    decided(file, key, "corrected", corrected={"role": "", "organisation": COUNCIL.name})
    assert statement(file, key)["role"] is None
    assert (one(file, latest, COUNCIL.name), one(file, latest, UNION.name)) == ("2026-05-02", "2026-05-01")


def test_a_figure_is_corrected(file: sqlite3.Connection) -> None:
    key = key_of(file, "figure", "17 cases")
    file.execute("INSERT INTO figure_checks VALUES (1, 'contradicted', 18, 'recount')")
    file.commit()
    right = {"value": 0.17, "unit": "percent", "of": None, "qualifier": "approx", "change": "increase"}
    assert decided(file, key, "corrected", kind="figure", corrected=right).corrected == right
    after = row(file, "figure", key)
    assert {name: after[f"shown_{name}"] for name in right} == right
    assert (after["value"], after["unit"], after["of"]) == (17, "count", "cases")
    [checked] = file.execute("SELECT value, unit, of FROM figures_checked").fetchall()
    assert tuple(checked) == (0.17, "percent", None)
    decided(file, key, "rejected", kind="figure")
    assert file.execute("SELECT * FROM figures_checked").fetchall() == []


def test_a_stance_is_corrected_and_a_rejected_one_is_no_view(file: sqlite3.Connection) -> None:
    def matrix() -> set[tuple[Any, ...]]:
        return {tuple(it) for it in file.execute("SELECT organisation, topic, stances, critical FROM stance_matrix")}

    key = key_of(file, "stance", SAID)
    assert (COUNCIL.name, "workforce", 2, 0) in matrix()
    right = {"topic": "funding", "polarity": "critical", "organisation": UNION.name}
    decided(file, key, "corrected", kind="stance", corrected=right)
    assert {(COUNCIL.name, "workforce", 1, 0), (UNION.name, "funding", 1, 1)} <= matrix()
    decided(file, key, "rejected", kind="stance")
    assert (COUNCIL.name, "workforce", 1, 0) in matrix()
    assert not any(topic == "funding" for _, topic, *_ in matrix())


def test_only_what_is_wrong_is_kept_so_that_the_rest_follows_the_rules(file: sqlite3.Connection) -> None:
    key = key_of(file)
    form = {"speaker": "ada quillfeather", "role": "Chair", "organisation": 1, "start": TEXT.index(SAID)}
    assert decided(file, key, "corrected", corrected=form).corrected == {"role": "Chair"}
    added = decided(file, key, "corrected", corrected={"organisation": "guild OF family social workers"})
    assert added.corrected == {"role": "Chair", "organisation": UNION.name, "organisation_id": 2}
    back = decided(file, key, "corrected", corrected={"organisation": COUNCIL.name})
    assert back.corrected == {"role": "Chair"}


def test_correcting_to_what_the_rule_said_accepts_it(file: sqlite3.Connection) -> None:
    key = key_of(file)
    assert decided(file, key, "corrected", corrected={"speaker": "Ada Quillfeather"}).status == "accepted"
    decided(file, key, "corrected", corrected={"role": "Chair"})
    assert decided(file, key, "corrected", corrected={"role": None}) == Decided(3, "accepted")


def test_accepting_what_is_shown_keeps_its_correction(file: sqlite3.Connection) -> None:
    key = key_of(file)
    decided(file, key, "corrected", "ann", corrected={"role": "Chair"})
    assert decided(file, key, "accepted", "bo") == Decided(2, "corrected", {"role": "Chair"})
    assert statement(file, key)["role"] == "Chair"


def test_a_body_is_found_by_its_other_names(file: sqlite3.Connection, path: Path) -> None:
    db = open_database(path)
    load_organisations(db)
    db.close()
    key = key_of(file)
    for name in ("ADCS", "Association of Directors of Children's Services"):
        right = decided(file, key, "corrected", corrected={"organisation": name}).corrected
        assert right
        assert right["organisation"] == "Association of Directors of Children's Services"
    count = one(file, "SELECT count(*) FROM organisations")
    right = decided(file, key, "corrected", corrected={"organisation": "Leeds"}).corrected  # a place, no name
    assert right == {"organisation": "Leeds", "organisation_id": one(file, "SELECT max(id) FROM organisations")}
    assert one(file, "SELECT count(*) FROM organisations") == count + 1


def test_of_bodies_that_differ_in_capitals_none_is_guessed(file: sqlite3.Connection) -> None:
    file.execute("INSERT INTO organisations (name) VALUES ('Hearth'), ('HEARTH')")
    file.commit()
    key = key_of(file)
    for name, expected in (("HEARTH", "HEARTH"), ("Hearth", "Hearth"), ("hearth", "hearth")):
        right = decided(file, key, "corrected", corrected={"organisation": name}).corrected
        assert right
        assert right["organisation"] == expected
    assert one(file, "SELECT count(*) FROM organisations WHERE name LIKE 'hearth'") == 3


def test_of_two_of_a_name_it_is_the_one_at_the_body_that_is_right(path: Path) -> None:
    db = open_database(path)
    db.execute(
        "INSERT INTO people (name, name_key, organisation_id) VALUES ('Ada Quillfeather', 'ada quillfeather', 2)"
    )
    db.execute("INSERT INTO appointments (article_id, person_id, confidence, rule) VALUES (1, 2, 1, 'test')")
    db.conn.commit()
    key = key_of(db.conn)
    right = decided(db.conn, key, "corrected", corrected={"speaker": "Ada Quillfeather", "organisation": 2}).corrected
    assert right
    assert right["person_id"] == 2
    assert decided(db.conn, key, "corrected", corrected={"speaker": "Ada Quillfeather", "organisation": 1}).status == (
        "accepted"
    )
    db.close()


def test_a_speaker_is_the_person_whom_the_article_names(file: sqlite3.Connection) -> None:
    key = key_of(file, "quote", "a blunt tool")
    right = decided(file, key, "corrected", corrected={"speaker": "ADA QUILLFEATHER"}).corrected
    assert right == {"speaker": "Ada Quillfeather", "person_id": 1}
    # At the third article nobody has named her: there, it is somebody of that name at the body that is right.
    other = str(one(file, "SELECT quote_key FROM quotes WHERE article_id = 3"))
    right = decided(file, other, "corrected", corrected={"speaker": "Ada Quillfeather"}).corrected
    assert right == {"speaker": "Ada Quillfeather", "person_id": 2}
    right = decided(file, other, "corrected", corrected={"speaker": "Ada Quillfeather", "organisation": 1}).corrected
    assert right
    assert right["person_id"] == 1


@pytest.mark.parametrize(
    ("kind", "corrected", "said"),
    [
        ("quote", {"form": "direct"}, "has no field 'form'"),
        ("quote", {"speaker": 7}, "must be text"),
        ("quote", {"speaker": "x" * 201}, "longer than 200"),
        ("quote", {"role": "—"}, "no letters"),
        ("quote", {"organisation": 99}, "no organisation 99"),
        ("quote", {"organisation": True}, "must be text"),
        ("quote", {"start": -1}, "inside the article"),
        ("quote", {"end": 100_000}, "inside the article"),
        ("quote", {"start": 60, "end": 60}, "inside the article"),
        ("quote", {"start": 2**70}, "whole number"),
        ("quote", {"start": "7"}, "whole number"),
        ("quote", {"start": 41, "end": 43}, "no words"),
        ("quote", {"start": 0}, "one paragraph"),
        ("figure", {"value": "17"}, "must be a number"),
        ("figure", {"value": float("nan")}, "must be a number"),
        ("figure", {"value": 10**400}, "must be a number"),
        ("figure", {"value": True}, "must be a number"),
        ("figure", {"unit": None}, "one of count, percent"),
        ("figure", {"qualifier": "roughly"}, "one of approx"),
        ("figure", {"speaker": "Cy"}, "has no field 'speaker'"),
        ("stance", {"topic": "weather"}, "one of inspection-framework"),
        ("stance", {"polarity": ["critical"]}, "one of supportive"),
    ],
)
def test_what_cannot_be_true_is_refused(file: sqlite3.Connection, kind: Any, corrected: Any, said: str) -> None:
    key = key_of(file, kind, "17 cases" if kind == "figure" else SAID)
    with pytest.raises(BadCorrection, match=said):
        decide(file, Decision(kind, key, "corrected", "bo", corrected), AT)
    assert one(file, "SELECT count(*) FROM reviews") == 0


# What becomes of corrections -----------------------------------------------------------------------------------------


# Of each kind: the rule's words, and those that a reviewer takes for them.
SPANS = {
    "quote": (SAID, f"{SAID}” said Ada"),
    "figure": ("17 cases", "closed 17 cases"),
    "stance": (SAID, f"{SAID}” said Ada"),
}


def correct_words(db: Database, kind: str) -> str:
    """Corrects the words of a record and one field more, and gives its key."""
    text, words = SPANS[kind]
    key = key_of(db.conn, kind, text)
    field = {"quote": {"role": "Chair"}, "figure": {"value": 18}, "stance": {"topic": "funding"}}[kind]
    start = TEXT.index(words)
    decided(db.conn, key, "corrected", kind=kind, corrected={"start": start, "end": start + len(words), **field})
    return key


@pytest.mark.parametrize("kind", KINDS)
def test_corrected_words_move_with_an_edited_text(path: Path, kind: str) -> None:
    db = open_database(path)
    key = correct_words(db, kind)
    text = "Corrected on Friday.\n\n" + TEXT
    db.execute("UPDATE articles SET text = ? WHERE id = 1", [text])
    db.conn.commit()
    [after] = db.table(f"{kind}s").rows_where(f"{kind}_key = ?", [key])
    assert text[after["shown_start"] : after["shown_end"]] == after["shown_text"] == SPANS[kind][1]
    db.close()
    assert check(path) == []


@pytest.mark.parametrize("kind", KINDS)
def test_where_corrected_words_are_gone_the_rules_are_shown(path: Path, kind: str) -> None:
    db = open_database(path)
    key = correct_words(db, kind)
    db.execute(
        "UPDATE articles SET text = replace(replace(text, 'said Ada', 'wrote Ada'), 'closed', 'shut') WHERE id = 1"
    )
    db.conn.commit()
    [after] = db.table(f"{kind}s").rows_where(f"{kind}_key = ?", [key])
    assert after["shown_text"] == SPANS[kind][0]
    assert json.loads(after["correction"]).keys() in ({"role"}, {"value"}, {"topic"})
    assert after["review_status"] == "corrected"
    db.close()
    assert check(path) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_that_comes_back_gets_its_decision_back(path: Path, kind: str) -> None:
    db = open_database(path)
    key = key_of(db.conn, kind, {"figure": "17 cases"}.get(kind, SAID))
    right: dict[str, Any] = {"figure": {"value": 18.0}, "stance": {"organisation": "New Body"}}.get(
        kind, {"speaker": "New Name", "organisation": "New Body", "end": TEXT.index(SAID) + 10}
    )
    decided(db.conn, key, "corrected", kind=kind, corrected=right)
    shown = [name for name in db.table(f"{kind}s").columns_dict if name.startswith("shown_")]
    [before] = db.table(f"{kind}s").rows_where(f"{kind}_key = ?", [key])
    db.execute(f"DELETE FROM {kind}s WHERE {kind}_key = ?", [key])
    assert db.execute("SELECT count(*) FROM orphaned_reviews").fetchone() == (1,)
    store_records(db, 1, records(), extracted_at=LATER, extractor="test 2")
    [after] = db.table(f"{kind}s").rows_where(f"{kind}_key = ?", [key])
    assert after["review_status"] == "corrected"
    assert json.loads(after["correction"]) == json.loads(before["correction"])
    assert {name: after[name] for name in shown} == {name: before[name] for name in shown}
    db.close()
    assert check(path) == []


def test_whom_a_correction_names_is_not_forgotten(path: Path) -> None:
    db = open_database(path)
    key = key_of(db.conn, "quote", "a blunt tool")
    decided(db.conn, key, "corrected", corrected={"speaker": "Ada Quillfeather"})
    nobody = records(organisation=Organisation("Somebody Else"))
    empty = type(nobody)(quotes=nobody.quotes[2:])
    for id in (1, 2):
        store_records(db, id, empty, extracted_at=LATER, extractor="test 2")  # no text names her any more
    assert db.execute("SELECT person FROM statements WHERE quote_key = ?", [key]).fetchone() == ("Ada Quillfeather",)
    db.close()
    assert check(path) == []


def test_a_body_that_goes_takes_its_counts_along(path: Path) -> None:
    db = open_database(path)
    db.execute("DELETE FROM articles")
    db.execute("DELETE FROM people")
    db.execute("DELETE FROM organisations WHERE id = 1")
    assert {id for (id,) in db.execute("SELECT organisation_id FROM review_counts")} == {2}
    db.close()


# Undoing -------------------------------------------------------------------------------------------------------------


def test_undoing_goes_back_step_by_step_and_forth_again(file: sqlite3.Connection) -> None:
    key = key_of(file)
    decided(file, key, "accepted")
    decided(file, key, "corrected", corrected={"role": "Chair"})
    assert undo(file, 2, "bo", LATER) == Decided(3, "accepted")
    assert undo(file, 1, "bo", LATER) == Decided(4, None)
    assert undo(file, 4, "bo", LATER) == Decided(5, "accepted")  # undone in its turn
    assert undo(file, 5, "bo", LATER) == Decided(6, None)
    assert [tuple(it) for it in file.execute("SELECT decision, undoes FROM reviews")] == [
        ("accepted", None),
        ("corrected", None),
        ("accepted", 2),
        ("reopened", 1),
        ("accepted", 4),
        ("reopened", 5),
    ]


def test_undoing_restores_a_correction(file: sqlite3.Connection) -> None:
    key = key_of(file)
    first = decided(file, key, "corrected", corrected={"role": "Chair"})
    second = decided(file, key, "rejected")
    assert undo(file, second.review_id, "bo", LATER) == Decided(3, "corrected", first.corrected)
    assert statement(file, key)["role"] == "Chair"


def test_what_others_decided_since_is_not_undone(file: sqlite3.Connection) -> None:
    key = key_of(file)
    decided(file, key, "accepted", "bo")
    decided(file, key, "rejected", "ann")
    assert undo(file, 1, "bo", LATER) == Conflict(2, "rejected", "ann", AT)
    assert one(file, "SELECT count(*) FROM reviews") == 2
    with pytest.raises(UnknownReview, match="no decision 9"):
        undo(file, 9, "bo", LATER)


step = st.one_of(
    st.tuples(st.just("decide"), st.sampled_from(["accepted", "rejected", "reopened", "corrected"]), st.integers(0, 2)),
    st.tuples(st.just("undo"), st.integers(1, 12), st.just(0)),
)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(step, max_size=12), kind=st.sampled_from(KINDS))
def test_any_sequence_leaves_the_last_decision_and_true_counts(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any, int]], kind: Any
) -> None:
    path = _template(tmp_path_factory)
    source, file = sqlite3.connect(path), sqlite3.connect(":memory:")
    source.backup(file)
    source.close()
    key = key_of(file, kind, {"figure": "17 cases"}.get(kind, SAID))
    field, values = {
        "quote": ("organisation", [2, None, "New Body"]),
        "figure": ("value", [1, 2, 3]),
        "stance": ("organisation", [2, None, "New Body"]),
    }[kind]
    for what, detail, n in steps:
        last = one(file, "SELECT max(id) FROM reviews")
        if what == "undo":
            if (last or 0) >= detail:
                undo(file, detail, "bo", AT)
            continue
        corrected = {field: values[n]} if detail == "corrected" else None
        decide(file, Decision(kind, key, detail, "bo", corrected, seen=last), AT)
        assert one(file, "SELECT max(id) FROM reviews") == (last or 0) + 1
    last_decision = file.execute(
        "SELECT nullif(decision, 'reopened'), corrected FROM reviews ORDER BY id DESC"
    ).fetchone()
    status = file.execute(f"SELECT review_status, correction FROM {kind}s WHERE {kind}_key = ?", [key]).fetchone()
    assert status == (last_decision or (None, None))
    holder = "organisation_id" if kind == "figure" else "shown_organisation_id"
    recount = file.execute(
        f"SELECT ifnull({holder}, 0), count(*), sum(review_status IS NULL), sum(review_status IS 'accepted'),"
        f" sum(review_status IS 'rejected'), sum(review_status IS 'corrected') FROM {kind}s GROUP BY 1 ORDER BY 1"
    ).fetchall()
    kept = file.execute(
        "SELECT organisation_id, items, to_review, accepted, rejected, corrected FROM review_counts"
        " WHERE item_kind = ? AND items > 0 ORDER BY 1",
        [kind],
    ).fetchall()
    assert kept == recount
    file.close()


def _template(factory: pytest.TempPathFactory) -> Path:
    path = factory.getbasetemp() / "decisions-template.db"
    if not path.exists():
        build(path).close()
    return path
