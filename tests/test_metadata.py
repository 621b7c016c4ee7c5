"""What Datasette says about the file is said of all of it, and its queries stay bounded however large the file is."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from datasette.sql_functions import prepare_connection
from datasette.utils import parse_metadata

from nlp.records import Quote, Records
from onrecord.serve import METADATA, datasette
from pipelines.schema import open_database
from tests.sample_file import COUNCIL, SAID, UNION, article, build, spot, store

DESCRIBED = parse_metadata(METADATA.read_text(encoding="utf-8"))["databases"]["onrecord"]
QUERIES = DESCRIBED["queries"]
Get = Callable[..., Any]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file in which one quote's speaker is corrected, and a body has said one thing a great many times."""
    path = tmp_path_factory.mktemp("metadata") / "night.db"
    db = build(path)
    (key,) = db.execute("SELECT quote_key FROM quotes WHERE text = ? ORDER BY id", [SAID]).fetchone()
    db.execute("INSERT INTO organisations (name) VALUES ('Thrapcombe Trust')")
    (trust,) = db.execute("SELECT id FROM organisations WHERE name = 'Thrapcombe Trust'").fetchone()
    review = {"item_kind": "quote", "item_key": key, "decision": "corrected", "reviewer": "bo", "at": "2026-05-03"}
    corrected = json.dumps({"organisation_id": trust, "role": "Chair"})
    db.table("reviews").insert({**review, "text": SAID, "corrected": corrected})
    lines = [f"The inspectors took {number} days." for number in range(3100)]
    text = "\n\n".join(["“The zebra crossing is unsafe,” it said.", *(f"“{line}”" for line in lines)])
    by_union = {"organisation": UNION, "confidence": 0.5, "rule": "test"}
    said = [Quote(**spot(text, words), **by_union) for words in ("The zebra crossing is unsafe,", *lines)]
    store(db, article("https://news.example/long", text, published="2026-06-01"), Records(quotes=tuple(said)))
    db.close()
    return path


@pytest.fixture(scope="module")
def get(path: Path) -> Iterator[Get]:
    application = datasette(path)
    with asyncio.Runner() as runner:
        yield lambda page, **query: runner.run(application.client.get(f"/night/{page}?{urlencode(query)}"))
    application.executor.shutdown()


@pytest.fixture(scope="module")
def answer(get: Get) -> Callable[..., list[dict[str, Any]]]:
    return lambda name, **query: get(f"{name}.json", _shape="array", **query).json()  # type: ignore[no-any-return]


def test_every_table_view_and_column_is_described_and_nothing_else(path: Path) -> None:
    db = sqlite3.connect(path)
    listed = db.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'view')"
    ).fetchall()
    found = {
        name: {column for (column,) in db.execute(f"SELECT name FROM pragma_table_xinfo('{name}')")}
        for (name,) in listed
        if not name.startswith("sqlite_schema")
    }
    db.close()
    shown = {name: table for name, table in DESCRIBED["tables"].items() if not table.get("hidden")}
    hidden = DESCRIBED["tables"].keys() - shown.keys()
    assert found.keys() - hidden == shown.keys()
    for name, table in shown.items():
        assert table["columns"].keys() == found[name], name
        for words in (table["description"], *table["columns"].values()):
            assert re.fullmatch(r"(?s)\S.{5,}\.", words.strip()), (name, words)


def test_every_query_says_what_it_asks_for_and_how_far_it_looks() -> None:
    for name, query in QUERIES.items():
        assert re.fullmatch(r"[A-Z].+\?", query["title"]), name
        assert query["description"].endswith("."), name
        for parameter in re.findall(r"(?<!:):([a-z]+)", query["sql"]):
            assert re.search(rf"\b{parameter}\b", query["description"], re.IGNORECASE), name


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_reads_a_whole_table_that_grows(path: Path, name: str) -> None:
    """What is read whole is small (bodies, people), or ends at a limit in the order of the table."""
    db = sqlite3.connect(path)
    prepare_connection(db)
    sql = QUERIES[name]["sql"]
    given = dict.fromkeys(re.findall(r"(?<!:):([a-z]+)", sql), "a")
    plan = [step for *_, step in db.execute(f"EXPLAIN QUERY PLAN {sql}", given)]
    db.close()
    for step in plan:
        read = re.match(r"SCAN (\w+)(?! VIRTUAL TABLE INDEX)", step)
        if read and read[1] in ("quotes", "articles", "figures", "stances", "appointments", "mentions"):
            assert re.search(rf"from {read[1]}\s+where[^()]*order by id desc\s+limit \d+", sql), (name, step)


def test_rare_words_of_those_who_say_much_are_found(answer: Callable[..., list[dict[str, Any]]]) -> None:
    assert [row["quote"] for row in answer("what_did_they_say", who=UNION.name, about="zebra")] == [
        "The zebra crossing is unsafe,"
    ]


def test_common_words_of_those_who_say_little_are_found(answer: Callable[..., list[dict[str, Any]]]) -> None:
    found = answer("what_did_they_say", who=COUNCIL.name, about="inspector")
    assert {row["quote"] for row in found} == {SAID}
    assert len(answer("what_did_they_say", who=UNION.name, about="inspector")) == 100


def test_queries_give_what_is_corrected(answer: Callable[..., list[dict[str, Any]]]) -> None:
    (said,) = answer("what_did_they_say", who="Thrapcombe")
    assert (said["organisation"], said["role"], said["review_status"]) == ("Thrapcombe Trust", "Chair", "corrected")
    (latest,) = answer("latest_statements", organisation="Thrapcombe Trust")
    assert latest["quote"] == SAID
    assert {row["organisation"] for row in answer("most_carried_quotes") if row["quote"] == SAID} <= {
        "Thrapcombe Trust",
        COUNCIL.name,
    }


def test_an_acronym_is_a_name(path: Path, answer: Callable[..., list[dict[str, Any]]]) -> None:
    db = open_database(path)
    (id,) = db.execute("SELECT id FROM organisations WHERE name = ?", [COUNCIL.name]).fetchone()
    alias = "INSERT OR IGNORE INTO organisation_aliases (organisation_id, alias, kind) VALUES (?, 'MC', 'acronym')"
    db.execute(alias, [id])
    db.close()
    assert answer("who_speaks_for", body="MC")[0]["person"] == "Ada Quillfeather"
    assert answer("what_did_they_say", who="MC")
    assert answer("latest_statements", organisation="MC")
    assert not answer("what_did_they_say", who="mc")


@pytest.mark.parametrize(("table", "hits"), [("quotes", 1), ("articles", 1), ("statements", 1)])
def test_search_is_offered_and_searches(get: Get, table: str, hits: int) -> None:
    assert 'name="_search"' in get(table).text
    assert get(f"{table}.json", _search="zebra").json()["filtered_table_rows_count"] == hits


def test_no_facet_is_guessed(get: Get) -> None:
    page = get("quotes").text
    assert "Suggested facets" not in page
    assert "suggested_facets" not in page
