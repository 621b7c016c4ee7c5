"""Decisions whose words moved: where they stand now, what is offered, what moving them writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from nlp.records import Quote, Records, Stance
from onrecord.check import check
from onrecord.review.anchors import move, orphans, place
from onrecord.review.decisions import Conflict, Decided, Decision, UnknownReview, decide, undo
from onrecord.review.items import ReviewError
from pipelines.schema import open_database
from pipelines.store import store_records
from tests.clock import costs_at_most
from tests.command import onrecord
from tests.sample_file import AT, COUNCIL, LATER, SAID, TEXT, UNION, article, records, spot, store

FIRST, LAST = "Inspectors came for a week", "saw how hard our social workers work."
OTHER = "Ofsted’s “visit to the town” was brief.\n\n“It went well,” said Cy Marrow."


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """An article of which the first quote and a stance were decided on, and another article."""
    db = open_database(tmp_path / "file.db")
    store(db, article(), records())
    words = spot(OTHER, "It went well,")
    store(db, article("https://news.example/2", OTHER), Records(quotes=(Quote(**words, rule="test"),)))
    yield db
    db.close()
    assert check(tmp_path / "file.db") == []


def key(db: Database, text: str = SAID, kind: str = "quote") -> str:
    return str(db.execute(f"SELECT {kind}_key FROM {kind}s WHERE text = ?", [text]).fetchone()[0])


def settle(db: Database, verdict: str, **other: Any) -> int:
    outcome = decide(db.conn, Decision("quote", key(db), verdict, "ann", **other), AT)  # type: ignore[arg-type]
    assert isinstance(outcome, Decided)
    return outcome.review_id


def reread(db: Database, *words: str, speaker: str | None = "Ada Quillfeather", text: str = TEXT) -> None:
    """What newer rules find instead."""
    said = {"speaker": speaker, "organisation": COUNCIL, "rule": "newer"}
    quotes = tuple(Quote(**spot(text, it), **said) for it in words)
    store_records(db, 1, Records(quotes=quotes), extracted_at=LATER, extractor="test 2")


def offered(db: Database) -> list[tuple[str, str | None]]:
    return [(it.review["text"], it.offer.row["text"] if it.offer else None) for it in orphans(db.conn)]


# Where words stand now -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("the roof was sound", "He said: [the roof was sound]. Others agreed."),
        ("the roof was sound", "New top.\n\nHe said: “[The roof was quite sound]”. Others agreed."),
        ("the roof was sound", "He said: the walls were damp. Others agreed."),
        ("the roof was sound", "Something else altogether."),
        # Twice the same words: those that stand in the same company.
        ("was sound", "The floor was sound, she said. He said: the roof [was sound]. Others agreed."),
    ],
)
def test_words_are_found_by_what_stands_around_them(words: str, text: str) -> None:
    context = "He said: the roof was sound. Others agreed."
    expected = (text.index("["), text.index("]") - 1) if "[" in text else None
    assert place(text.replace("[", "").replace("]", ""), words, context, context.index(words)) == expected


def test_a_word_met_elsewhere_stretches_nothing() -> None:
    context = "Before it. We closed the home in May after a fire. After it."
    words = "We closed the home in May after a fire"
    text = "Before it. We closed the home in June. " + "Much more was said. " * 20 + "A fire. After it."
    found = place(text, words, context, context.index(words))
    assert found
    assert text[slice(*found)] == "We closed the home in"


def test_no_words_stand_nowhere() -> None:
    assert place("Some text.", "—", "— and so on", 0) is None
    assert place("", "words", "words", 0) is None


def test_a_long_text_is_searched_quickly() -> None:
    text = " ".join(f"word{n % 90}" for n in range(12_000))
    context = text[30_000:31_200]
    assert place(text, context[300:900], context, 300)
    assert costs_at_most(2, lambda: place(text, context[300:900], context, 300))


# What is offered -----------------------------------------------------------------------------------------------------


def test_a_decision_whose_words_are_found_again_is_no_orphan(db: Database) -> None:
    settle(db, "accepted")
    reread(db, SAID)
    assert offered(db) == []


def test_the_record_that_took_the_place_of_another_is_offered(db: Database) -> None:
    settle(db, "accepted")
    reread(db, FIRST, LAST, "We closed 17 cases.")
    assert offered(db) == [(SAID, LAST)]
    reread(db, FIRST, "We closed 17 cases.")
    assert offered(db) == [(SAID, FIRST)]


def test_what_is_not_alike_or_decided_on_is_not_offered(db: Database) -> None:
    settle(db, "accepted")
    reread(db, "our social workers", "We closed 17 cases.")
    assert offered(db) == [(SAID, None)]
    reread(db, f"{SAID}” said Ada Quillfeather")
    [orphan] = orphans(db.conn)
    assert orphan.offer
    decide(db.conn, Decision("quote", orphan.offer.key, "rejected", "bo"), AT)
    assert offered(db) == [(SAID, None)]


def test_an_edited_article_is_searched_too(db: Database) -> None:
    settle(db, "rejected")
    edited = "Edited.\n\n" + TEXT.replace("came for a week", "came for two weeks")
    store(db, article(text=edited), Records())
    reread(db, SAID.replace("a week", "two weeks"), text=edited)
    assert offered(db) == [(SAID, SAID.replace("a week", "two weeks"))]


def test_reopened_unread_and_foreign_decisions_ask_for_no_place(db: Database) -> None:
    undo(db.conn, settle(db, "accepted"), "ann", AT)
    row = {"item_kind": "quote", "decision": "accepted", "reviewer": "bo", "at": AT, "text": SAID}
    db.table("reviews").insert({**row, "item_key": "gone", "how": "rule"})
    db.table("reviews").insert({**row, "item_key": "of a time before", "how": "read"})  # without an address
    reread(db, LAST)
    assert offered(db) == [(SAID, None)]


# Moving --------------------------------------------------------------------------------------------------------------


def test_a_decision_moves_when_a_person_says_so(db: Database) -> None:
    old = key(db)
    review = settle(db, "rejected", note="a slogan")
    reread(db, LAST)
    [orphan] = orphans(db.conn)
    assert orphan.offer
    assert orphan.offer.row["review_status"] is None
    assert move(db.conn, review, orphan.offer.key, "bo", LATER) == Decided(2, "rejected")
    [_, moved] = db.table("reviews").rows
    assert moved == moved | {
        "item_key": key(db, LAST),
        "moved_from": old,
        "how": "moved",
        "reviewer": "bo",
        "at": LATER,
        "note": "a slogan",
        "text": LAST,
        "rule": "newer",
    }
    assert offered(db) == []
    assert db.execute("SELECT count(*) FROM orphaned_reviews").fetchone() == (0,)
    undo(db.conn, 2, "bo", LATER)
    assert offered(db) == [(SAID, LAST)]
    undo(db.conn, 3, "bo", LATER)
    assert offered(db) == []


def test_a_correction_moves_with_its_names_and_its_words(db: Database) -> None:
    end = TEXT.index("saw how") + len("saw how")
    right = {"speaker": "Cy Marrow", "organisation": UNION.name, "role": "Chair", "end": end}
    review = settle(db, "corrected", corrected=right)
    reread(db, f"{SAID}” said Ada Quillfeather")
    outcome = move(db.conn, review, key(db, f"{SAID}” said Ada Quillfeather"), "bo", LATER)
    assert isinstance(outcome, Decided)
    before = json.loads(db.execute("SELECT corrected FROM reviews WHERE id = 1").fetchone()[0])
    assert outcome.corrected == before


def test_a_corrected_body_is_the_same_by_another_name(db: Database) -> None:
    review = settle(db, "corrected", corrected={"organisation": UNION.name})
    reread(db, LAST)
    db.execute("UPDATE organisations SET name = 'Renamed Guild' WHERE name = ?", [UNION.name])
    outcome = move(db.conn, review, key(db, LAST), "bo", LATER)
    assert isinstance(outcome, Decided)
    assert outcome.corrected == {"organisation": "Renamed Guild", "organisation_id": 2}


def test_corrected_words_are_those_nearest_by(db: Database) -> None:
    start = TEXT.index(SAID)
    review = settle(db, "corrected", corrected={"end": start + len("Inspectors")})  # the article's first word, too
    reread(db, f"{SAID}” said Ada Quillfeather")
    outcome = move(db.conn, review, key(db, f"{SAID}” said Ada Quillfeather"), "bo", LATER)
    assert isinstance(outcome, Decided)
    assert outcome.corrected == {"start": start, "end": start + len("Inspectors"), "text": "Inspectors"}


def test_a_record_that_was_reopened_is_free_again(db: Database) -> None:
    review = settle(db, "accepted")
    reread(db, LAST)
    decide(db.conn, Decision("quote", key(db, LAST), "rejected", "bo"), AT)
    undo(db.conn, 2, "bo", AT)
    assert move(db.conn, review, key(db, LAST), "bo", LATER) == Decided(4, "accepted")


def test_a_correction_that_a_rule_has_learnt_is_accepted(db: Database) -> None:
    start = TEXT.index(LAST)
    review = settle(db, "corrected", corrected={"speaker": None, "start": start})
    reread(db, LAST, speaker=None)
    assert move(db.conn, review, key(db, LAST), "bo", LATER) == Decided(2, "accepted")


def test_corrected_words_that_are_gone_stay_behind(db: Database) -> None:
    end = TEXT.index("saw how") + len("saw how")
    review = settle(db, "corrected", corrected={"end": end, "role": "Chair"})
    edited = TEXT.replace("saw how hard", "noticed that")
    store(db, article(text=edited), Records())
    words = SAID.replace("saw how hard", "noticed that")
    reread(db, words, text=edited)
    outcome = move(db.conn, review, key(db, words), "bo", LATER)
    assert isinstance(outcome, Decided)
    assert outcome.corrected == {"role": "Chair"}


def test_what_cannot_be_moved_is_refused(db: Database) -> None:
    review = settle(db, "accepted")
    with pytest.raises(UnknownReview, match="no orphaned decision 1"):
        move(db.conn, review, key(db, "a blunt tool"), "bo", LATER)
    reread(db, LAST)
    with pytest.raises(ReviewError, match="another article"):
        move(db.conn, review, key(db, "It went well,"), "bo", LATER)
    decide(db.conn, Decision("quote", key(db, LAST), "rejected", "bo"), AT)
    assert move(db.conn, review, key(db, LAST), "bo", LATER) == Conflict(2, "rejected", "bo", AT)


def test_a_stance_moves_too(db: Database) -> None:
    decide(db.conn, Decision("stance", key(db, SAID, "stance"), "corrected", "ann", {"polarity": "critical"}), AT)
    later = Stance(**spot(TEXT, LAST), topic="workforce", polarity="supportive", organisation=COUNCIL, rule="newer")
    store_records(db, 1, Records(stances=(later,)), extracted_at=LATER, extractor="test 2")
    assert offered(db) == [(SAID, LAST)]
    outcome = move(db.conn, 1, key(db, LAST, "stance"), "bo", LATER)
    assert outcome == Decided(2, "corrected", {"polarity": "critical"})


# The commands --------------------------------------------------------------------------------------------------------


def test_orphans_are_listed_and_moved_by_hand(db: Database, tmp_path: Path) -> None:
    settle(db, "accepted")
    decide(db.conn, Decision("quote", key(db, "a blunt tool"), "rejected", "bo"), AT)
    reread(db, LAST)
    row = {"item_kind": "quote", "item_key": "gone", "decision": "accepted", "at": AT}
    db.table("reviews").insert({**row, "reviewer": "\x1b[31mme", "text": "\x1b[2Jwords\nand words"})
    listed = onrecord("reviews", "orphans", "--db", tmp_path / "file.db")
    assert listed.returncode == 0, listed.stderr
    assert "1 quote accepted by ann" in listed.stdout
    assert f"now “{LAST}” (" in listed.stdout
    assert "3 decisions have lost their record; 1 can be moved" in listed.stdout
    assert "“ [2Jwords and words”" in listed.stdout
    assert "\x1b" not in listed.stdout
    nothing = onrecord("reviews", "move", "2", "--reviewer", "bo", "--db", tmp_path / "file.db")
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert "Nothing is offered for decision 2" in nothing.stderr
    moved = onrecord("reviews", "move", "1", "--reviewer", "bo", "--db", tmp_path / "file.db")
    assert moved.stdout == "Decision 1 is now decision 4: accepted.\n", moved.stderr
    assert db.execute("SELECT review_status FROM quotes WHERE text = ?", [LAST]).fetchone() == ("accepted",)
