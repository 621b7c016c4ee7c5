"""Queues and lists: which records, in which order, page by page, and how many are looked through for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from nlp.records import Organisation, Quote, Records
from onrecord.review import selection
from onrecord.review.items import HOLDERS, TABLES, Kind
from onrecord.review.selection import BadAddress, Selection, count, find, progress, selected
from tests.sample_file import COUNCIL, SAID, UNION, article, build, decide, spot, store

OF_COUNCIL, OF_UNION = 1, 2


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample file, and articles of one day, of no day, and with two stances that begin at one place."""
    path = tmp_path_factory.mktemp("selection") / "night.db"
    db = build(path)
    text = "“We are ready,” said Joan Askey. “We have been for months,” she said."
    holder = {"speaker": "Joan Askey", "organisation": COUNCIL, "confidence": 0.5, "rule": "lead"}
    said = tuple(Quote(**spot(text, words), **holder) for words in ("We are ready,", "We have been for months,"))
    for number, day in enumerate([None, "2026-05-01", None, "2026-05-01", "2026-03-01"]):
        store(
            db, article(f"https://askey.example/{number}", text, published=day, source="herald"), Records(quotes=said)
        )
    db.execute(
        "INSERT INTO stances"
        " (stance_key, article_id, start, end, text, topic, polarity, organisation_id, confidence, rule)"
        " SELECT 'twin', article_id, start, end, text, 'funding', 'mixed', organisation_id, confidence, rule"
        " FROM stances LIMIT 1"
    )
    decide(db, db.execute("SELECT quote_key FROM quotes WHERE text = ?", [SAID]).fetchone()[0], "rejected")
    db.close()
    return path


@pytest.fixture
def file(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def paged(file: sqlite3.Connection, wanted: Selection, size: int, **how: Any) -> list[int]:
    """All of them, page after page."""
    ids: list[int] = []
    after: str | None = ""
    while after is not None:
        found = find(file, wanted, after, size, **how)
        assert len(found.ids) <= size
        ids, after = ids + found.ids, found.after
    return ids


def in_order(file: sqlite3.Connection, kind: Kind, where: str = "1") -> list[int]:
    rows = file.execute(
        f"SELECT records.id FROM {TABLES[kind]} AS records JOIN articles ON articles.id = article_id WHERE {where}"
        " ORDER BY ifnull(articles.published, '') DESC, article_id DESC, start, records.id"
    )
    return [id for (id,) in rows]


NARROWED: list[dict[str, Any]] = [
    {},
    {"organisation": OF_COUNCIL},
    {"organisation": OF_UNION},
    {"person": 1},
    {"person": 1, "organisation": OF_COUNCIL},
    {"source": "herald"},
    {"source": "herald", "organisation": OF_COUNCIL},
    {"rule": "lead"},
    {"topic": "workforce"},
    {"min": 0.6},
    {"max": 0.6},
    {"since": "2026-05-01"},
    {"until": "2026-04-30"},
    {"since": "2026-05-01", "until": "2026-05-01", "source": "herald"},
]


@pytest.mark.parametrize("asked", NARROWED, ids=str)
@pytest.mark.parametrize("kind", TABLES)
def test_every_record_asked_for_comes_once_and_in_order(file: sqlite3.Connection, kind: Kind, asked: Any) -> None:
    person, organisation = HOLDERS[kind]
    topic = "topic = 'workforce'"
    if kind != "stance":
        quote = "records.id" if kind == "quote" else "records.quote_id"
        topic = f"EXISTS (SELECT 1 FROM stances WHERE stances.quote_id = {quote} AND {topic})"
    means = {
        "organisation": f"{organisation} = {asked.get('organisation')}",
        "person": f"{person} = 1",
        "source": "source_id = 'herald'",
        "rule": "rule = 'lead'",
        "topic": topic,
        "min": "confidence >= 0.6",
        "max": "confidence <= 0.6",
        "since": "articles.published >= '2026-05-01'",
        "until": f"articles.published <= '{asked.get('until')}'",
    }
    where = " AND ".join(means[name] for name in asked) or "1"
    statuses = {"all": "1", "open": "review_status IS NULL", "rejected": "review_status = 'rejected'"}
    for (status, decided), size in product(statuses.items(), (1, 3, 50)):
        wanted = Selection(kind, status, **asked)
        expected = in_order(file, kind, f"{where} AND {decided}")
        assert paged(file, wanted, size) == expected
        assert count(file, wanted) == (len(expected), False)


def test_what_each_filter_leaves_is_not_nothing(file: sqlite3.Connection) -> None:
    """The test above compares something."""
    for asked in NARROWED:
        assert count(file, Selection("quote", "all", **asked))[0] > 0, asked


def test_a_page_looks_through_so_many_and_says_where_it_stopped(
    file: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "LOOKED_THROUGH", 2)
    wanted = Selection("quote", "all", rule="lead", until="2026-05-01")
    first = find(file, replace(wanted, organisation=OF_UNION), "", 5)
    assert (first.ids, first.gave_up) == ([], True)
    assert first.after
    assert paged(file, wanted, 5) == in_order(file, "quote", "rule = 'lead' AND articles.published <= '2026-05-01'")
    assert count(file, wanted) == (2, True)


def test_a_decision_between_two_pages_skips_nothing(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path)) as original, closing(sqlite3.connect(tmp_path / "copy.db")) as file:
        original.backup(file)
        wanted = Selection("quote", "open")
        every = in_order(file, "quote", "review_status IS NULL")
        first = find(file, wanted, "", 4)
        file.execute("UPDATE quotes SET review_status = 'accepted' WHERE id IN (?, ?)", [every[3], every[4]])
        assert find(file, wanted, first.after or "", 4).ids == every[5:9]


def test_copies_of_a_story_are_folded_into_the_first(file: sqlite3.Connection) -> None:
    wanted = Selection("quote", "all", organisation=OF_COUNCIL)
    folded = paged(file, wanted, 3, fold=True)
    assert set(paged(file, wanted, 3)) - set(folded) == {
        id for (id,) in file.execute("SELECT id FROM quotes WHERE text = 'We closed 17 cases.' AND article_id = 2")
    }, "one was rejected and its copy is to review: both are shown"


def test_an_accepted_copy_stands_for_one_to_review_but_not_in_the_queue(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path)) as original, closing(sqlite3.connect(tmp_path / "copy.db")) as file:
        original.backup(file)
        file.execute("UPDATE quotes SET review_status = 'accepted' WHERE text = 'a blunt tool' AND article_id = 1")
        [later] = file.execute("SELECT id FROM quotes WHERE text = 'a blunt tool' AND article_id = 2").fetchone()
        wanted = Selection("quote", "all", organisation=OF_UNION)
        assert later not in paged(file, wanted, 3, fold=True)
        assert later in paged(file, replace(wanted, status="open"), 3, fold=True)


def test_progress_is_of_all_that_is_asked_for_whatever_its_status(file: sqlite3.Connection) -> None:
    whole = file.execute("SELECT count(*) FROM quotes").fetchone()[0]
    for status in ("open", "all", "rejected"):
        assert progress(file, Selection("quote", status)) == (1, whole, False)
    assert progress(file, Selection("quote", "open", person=1)) == (1, 4, False)
    assert progress(file, Selection("stance", "open", organisation=OF_UNION)) == (0, 4, False)


def test_an_address_says_what_it_asks_for() -> None:
    given = {"organisation": "7", "from": "2026-01-02", "to": "", "min": " 0.5 ", "rule": "lead", "item": "x"}
    wanted = selected("quote", given)
    assert wanted == Selection("quote", "open", organisation=7, since="2026-01-02", min=0.5, rule="lead")
    query = dict(part.split("=") for part in wanted.query(after="x").split("&"))
    assert query.pop("after") == "x"
    assert selected("quote", query) == wanted
    assert "organisation" not in wanted.query(organisation=None)


@pytest.mark.parametrize(
    "given",
    [
        {"status": "undecided"}, {"organisation": "Marlbury"}, {"person": "9" * 30}, {"min": "nan"}, {"max": "inf"},
        {"from": "yesterday"}, {"to": "2026-02-30"},
    ],
    ids=str,
)  # fmt: skip
def test_an_address_that_asks_for_nonsense_is_refused_in_a_sentence(given: dict[str, str]) -> None:
    with pytest.raises(BadAddress, match=r"^\w.*\.$"):
        selected("quote", given)


@pytest.mark.parametrize(
    "after", ["x", "2026-05-01", "2026-05-01.1.1", "2026-05-01.1.1.-1", ".1.1.1; DROP TABLE quotes"]
)
def test_a_place_that_is_none_is_refused(file: sqlite3.Connection, after: str) -> None:
    with pytest.raises(BadAddress):
        find(file, Selection(), after, 5)


@pytest.mark.parametrize("status", selection.STATUSES)
@pytest.mark.parametrize("asked", [{}, {"organisation": 1}, {"person": 1}, {"source": "herald"}], ids=str)
@pytest.mark.parametrize("kind", TABLES)
def test_an_index_leads_in_order_so_that_no_page_sorts_or_scans_a_table(
    file: sqlite3.Connection, kind: Kind, asked: Any, status: str
) -> None:
    """With a million records, a scan or a sort takes seconds."""
    asked_of_sqlite: list[str] = []
    file.set_trace_callback(asked_of_sqlite.append)
    find(file, Selection(kind, status, **asked), "2026-05-01.2.5.5", 5)
    file.set_trace_callback(None)
    walked = [sql for sql in asked_of_sqlite if " AS records" in sql]
    assert len(walked) == 2, "the dated ones, then those without a day"
    for sql in walked:
        plan = [step for *_, step in file.execute(f"EXPLAIN QUERY PLAN {sql}")]
        assert plan[0].startswith(("SEARCH records USING INDEX", "SEARCH articles USING COVERING INDEX")), plan
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan, plan


def test_figures_and_stances_have_the_day_of_their_article(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path)) as original, closing(sqlite3.connect(tmp_path / "copy.db")) as file:
        original.backup(file)
        for table in ("figures", "stances"):
            dated = f"SELECT count(*) FROM {table} JOIN articles ON articles.id = article_id"
            whole = file.execute(dated).fetchone()
            assert file.execute(f"{dated} WHERE {table}.published IS articles.published").fetchone() == whole
            file.execute("UPDATE articles SET published = '2026-01-01'")
            assert file.execute(f"{dated} WHERE {table}.published = '2026-01-01'").fetchone() == whole
            file.rollback()


def test_bodies_are_numbered_as_these_tests_say(file: sqlite3.Connection) -> None:
    names = dict(file.execute("SELECT id, name FROM organisations"))
    assert (names[OF_COUNCIL], names[OF_UNION]) == (COUNCIL.name, UNION.name)
    assert isinstance(COUNCIL, Organisation)
