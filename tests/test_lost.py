"""The page of decisions whose record is gone, and moving one over HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from nlp.records import Quote, Records
from onrecord.review import anchors
from onrecord.review.anchors import some_orphans
from onrecord.review.decisions import Decision, decide
from onrecord.serve import datasette
from pipelines.schema import open_database
from pipelines.store import store_records
from tests.sample_file import AT, COUNCIL, LATER, SAID, TEXT, article, records, spot, store

NOW = "saw how hard our social workers work."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Ann accepted three quotes; newer rules find a part of the first, and neither of the others."""
    db = open_database(tmp_path / "file.db")
    store(db, article(), records())
    for words in (SAID, "We closed 17 cases.", "a blunt tool"):
        decide(db.conn, Decision("quote", key(db, words), "accepted", "ann"), AT)
    quote = Quote(**spot(TEXT, NOW), speaker="Ada Quillfeather", organisation=COUNCIL, rule="newer")  # type: ignore[arg-type]
    store_records(db, 1, Records(quotes=(quote,)), extracted_at=LATER, extractor="test 2")
    db.close()
    return tmp_path / "file.db"


def key(db: Database, words: str) -> str:
    return str(db.execute("SELECT quote_key FROM quotes WHERE text = ?", [words]).fetchone()[0])


def get(path: Path, address: str) -> Any:
    return asyncio.run(datasette(path).client.get(address))


def test_the_page_says_what_was_decided_and_what_stands_there_now(path: Path) -> None:
    answer = get(path, "/review/lost")
    assert answer.status_code == 200
    words = [part.partition("<")[0] for part in answer.text.split('class="words">')[1:]]
    assert words == ["a blunt tool", "We closed 17 cases.", SAID, NOW]
    assert answer.text.count('class="move"') == 1
    assert "quote, by ann, 1 May 2026, 01:30" in answer.text
    assert "Look further back" not in answer.text


def test_a_file_without_any_says_so(tmp_path: Path) -> None:
    open_database(tmp_path / "new.db").close()
    assert "None: every decision has its record." in get(tmp_path / "new.db", "/review/lost").text


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_an_address_that_makes_no_sense_is_refused(path: Path, before: str) -> None:
    assert get(path, f"/review/lost?before={before}").status_code == 400


def test_they_come_in_portions(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = open_database(path)

    def walk(most: int) -> list[list[int]]:
        portions, before = [], 2**62
        while before:
            found, before = some_orphans(db.conn, before, most)  # type: ignore[assignment]
            portions.append([it.review["id"] for it in found])
        return portions

    assert walk(5) == [[3, 2, 1]]
    assert walk(2) == [[3, 2], [1]]
    assert walk(1) == [[3], [2], [1]]
    monkeypatch.setattr(anchors, "_LOOKS", 1)
    assert [it for it in walk(5) if it] == [[3], [2], [1]]
    db.close()


def test_it_moves_over_http(path: Path) -> None:
    async def ask() -> list[tuple[int, Any]]:
        application = datasette(path)
        page = await application.client.get("/review/lost")
        token = page.cookies["ds_csrftoken"]
        db = open_database(path)
        there = key(db, NOW)
        db.close()
        told = []
        for sent in ({"review_id": 1}, {"review_id": 1, "key": there}, {"review_id": 1, "key": there}):
            answer = await application.client.post(
                "/review/move",
                json=sent,
                headers={"x-csrftoken": token},
                cookies={"ds_csrftoken": token, "onrecord_reviewer": "bo"},
            )
            told.append((answer.status_code, answer.json()))
        return told

    assert asyncio.run(ask()) == [
        (400, {"error": "key is text."}),
        (200, {"review_id": 4, "status": "accepted", "corrected": None}),
        (400, {"error": "There is no orphaned decision 1."}),
    ]
    db = open_database(path)
    assert db.execute("SELECT how, moved_from IS NOT NULL, reviewer FROM reviews WHERE id = 4").fetchone() == (
        "moved", 1, "bo",
    )  # fmt: skip
    db.close()
