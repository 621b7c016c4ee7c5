"""Whole nights against the newsroom, as a user runs them."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from onrecord.check import check
from onrecord.lock import only_one
from onrecord.newsroom.server import Newsroom, Request
from pipelines.archive import read_archive
from pipelines.article import read_article
from pipelines.urls import canonical_url
from spiders.registry import read_registry
from tests.command import LOCAL, onrecord

# Tables that an unchanged night may write.
LEDGER = {"runs", "run_sources"}


def dump(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with sqlite3.connect(database) as db:
        tables = [
            name
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%USING%'")
        ]
        return {table: sorted(db.execute(f'SELECT * FROM "{table}"').fetchall(), key=repr) for table in tables}


def rows(database: Path, sql: str, *values: object) -> list[dict[str, object]]:
    with sqlite3.connect(database) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql, values)]


@dataclass
class Nights:
    """Three nights: the first, an unchanged one, and one on which an article has changed."""

    room: Newsroom
    database: Path
    after: list[dict[str, list[tuple[object, ...]]]]
    requests: list[list[Request]]
    outputs: list[str]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    folder = tmp_path_factory.mktemp("nights")
    database, registry = folder / "onrecord.db", folder / "sources.toml"
    with Newsroom() as room:
        registry.write_text(room.registry, encoding="utf-8")
        result = Nights(room, database, [], [], [])
        for night in (1, 1, 2):
            room.night = night
            room.requests.clear()
            done = onrecord("nightly", "--registry", registry, "--db", database, **LOCAL)
            assert done.returncode == 0, done.stderr
            result.outputs.append(done.stdout + done.stderr)
            result.after.append(dump(database))
            result.requests.append(list(room.requests))
        yield result


def test_a_good_night_is_silent_without_a_terminal(nights: Nights) -> None:
    assert nights.outputs == ["", "", ""]


def test_every_article_is_stored_as_served(nights: Nights) -> None:
    nights.room.night = 2
    for site in nights.room.addresses:
        for expected in nights.room.expected(site):
            stored = rows(nights.database, "SELECT * FROM articles WHERE url = ?", canonical_url(expected.url))
            if expected.off_topic:
                assert not stored, expected.url
                continue
            [article] = stored
            for field in ("title", "published", "text", "standfirst"):
                assert article[field] == getattr(expected, field), (expected.url, field)
            assert article["extracted_at"]
            assert article["extraction_error"] is None


def test_off_topic_pages_are_remembered_and_not_stored(nights: Nights) -> None:
    off_topic = sum(expected.off_topic for site in nights.room.addresses for expected in nights.room.expected(site))
    noted = rows(nights.database, "SELECT * FROM pages WHERE note LIKE 'off topic%'")
    assert len(noted) == off_topic > 0
    assert all(page["status"] == 200 and page["article_id"] is None for page in noted)
    assert any("resurfacing -1.2" in page["note"] for page in noted)  # the terms that decided


def test_an_unchanged_night_asks_once_per_listing_and_writes_only_the_ledger(nights: Nights) -> None:
    asked = [request for request in nights.requests[1] if request.path != "/robots.txt"]
    assert Counter(request.site for request in asked) == dict.fromkeys(nights.room.addresses, 1)
    assert all(request.conditional and request.status == 304 for request in asked)
    before, after = nights.after[:2]
    assert {table for table in before if before[table] != after[table]} <= LEDGER
    assert len(after["run_sources"]) == 2 * len(nights.room.addresses)


def test_a_changed_article_becomes_a_version(nights: Nights) -> None:
    ledger = rows(nights.database, "SELECT source_id, changed, new FROM run_sources WHERE run_id = 3 AND changed")
    assert {row["source_id"] for row in ledger} == {"council-newsroom", "trade-weekly"}
    [version, other] = rows(
        nights.database,
        "SELECT articles.text, v.text AS old FROM article_versions AS v JOIN articles ON articles.id = article_id",
    )
    assert version["text"] != version["old"]
    assert other["text"] != other["old"]
    first = {row[1]: row for row in nights.after[0]["quotes"]}
    last = {row[1]: row for row in nights.after[2]["quotes"]}
    kept = first.keys() & last.keys()
    assert kept
    assert all(first[key][0] == last[key][0] for key in kept), "a quote that is still there keeps its id"


def test_one_story_at_three_outlets(nights: Nights) -> None:
    [story] = rows(nights.database, "SELECT * FROM stories WHERE outlets >= 3")
    sources = rows(nights.database, "SELECT DISTINCT source_id FROM articles WHERE story_id = ?", story["id"])
    assert len(sources) == 3


def test_statements_have_speakers(nights: Nights) -> None:
    statements = rows(nights.database, "SELECT * FROM statements WHERE form = 'direct'")
    spoken = [row for row in statements if row["person"] or row["organisation"]]
    assert len(statements) > 40
    assert len(spoken) > 0.9 * len(statements)


def test_the_archive_replays_every_article(nights: Nights) -> None:
    registry = read_registry(nights.database.with_name("sources.toml"))
    warc = [page for file in sorted(nights.database.parent.glob("archive/*.warc.gz")) for page in read_archive(file)]
    archived = {page.url: page for page in warc}  # the last night's
    stored = rows(nights.database, "SELECT source_id, url, text, title FROM articles")
    # Of a page that its listing carried the archive has the body; the rest stands with its address.
    query = "SELECT pages.url, listed FROM pages JOIN articles ON articles.id = article_id WHERE body_method = 'feed'"
    carried = {row["url"]: str(row["listed"]) for row in rows(nights.database, query)}
    assert len(stored) > 20
    replayed = {}
    for page in archived.values():
        source = next(s for s in registry.values() if any(page.url.startswith(_root(li.url)) for li in s.listing))
        if said := carried.get(canonical_url(page.url)):
            article = read_article(replace(page, selectors={"format": "content"}, listed=json.loads(said)))
        else:
            article = read_article(replace(page, selectors=source.article))
        replayed[article.url] = (article.title, article.text)
    for article in stored:
        assert replayed[article["url"]] == (article["title"], article["text"])


def _root(url: str) -> str:
    return "/".join(url.split("/")[:3]) + "/"


def test_the_file_is_whole(nights: Nights) -> None:
    assert check(nights.database) == []


def test_verbose_prints_the_summary(nights: Nights) -> None:
    registry = nights.database.with_name("sources.toml")
    done = onrecord(
        "nightly", "-v", "--source", "charity-press", "--registry", registry, "--db", nights.database, **LOCAL
    )
    assert done.returncode == 0
    assert "charity-press" in done.stderr
    assert "local-paper" not in done.stderr
    assert "ok, same" in done.stderr
    assert "New: 0 quotes" in done.stderr


def test_a_second_night_at_the_same_time_is_refused(nights: Nights) -> None:
    with only_one(nights.database):
        done = onrecord(
            "nightly", "--registry", nights.database.with_name("sources.toml"), "--db", nights.database, **LOCAL
        )
    assert done.returncode == 75
    assert "another night is running" in done.stderr


def test_one_bad_source_costs_that_source(tmp_path: Path) -> None:
    with Newsroom() as room:
        registry = tmp_path / "sources.toml"
        dead = room.registry.replace(
            f"{room.addresses['trade-weekly']}/feed/atom/", f"{room.addresses['trade-weekly']}/gone/"
        )
        assert dead != room.registry
        registry.write_text(dead.replace("floor = 4", "floor = 400"), encoding="utf-8")
        done = onrecord("nightly", "--registry", registry, "--db", tmp_path / "onrecord.db", **LOCAL)
    assert done.returncode == 1
    verdicts = {row["source_id"]: row for row in rows(tmp_path / "onrecord.db", "SELECT * FROM run_sources")}
    assert verdicts["trade-weekly"]["verdict"] == "failed"
    assert "HTTP 404" in str(verdicts["trade-weekly"]["note"])
    assert verdicts["council-newsroom"]["verdict"] == "empty"
    assert verdicts["charity-press"]["verdict"] == "ok"
    assert "trade-weekly: failed:" in done.stderr
    assert "at least 400" in done.stderr
    [run] = rows(tmp_path / "onrecord.db", "SELECT * FROM runs")
    assert (run["verdict"], run["exit_code"]) == ("partial", 1)
    assert run["ended"]


def test_an_article_left_unextracted_is_extracted_the_next_night(nights: Nights) -> None:
    with sqlite3.connect(nights.database) as db:
        [(id,)] = db.execute("SELECT id FROM articles ORDER BY id LIMIT 1").fetchall()
        db.execute("UPDATE articles SET extracted_at = NULL WHERE id = ?", [id])
    done = onrecord(
        "nightly", "--registry", nights.database.with_name("sources.toml"), "--db", nights.database, **LOCAL
    )
    assert done.returncode == 0, done.stderr
    [article] = rows(nights.database, "SELECT * FROM articles WHERE id = ?", id)
    assert article["extracted_at"]


def test_live_sites_are_not_asked_without_a_contact(tmp_path: Path) -> None:
    done = onrecord("nightly", "--db", tmp_path / "onrecord.db")
    assert done.returncode == 2
    assert "ONRECORD_CONTACT" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "onrecord.db").exists()
