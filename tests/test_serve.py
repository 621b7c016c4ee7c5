"""Datasette over the file: every page opens, search searches, queries answer what they ask."""

import asyncio
import re
import socket
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest

from onrecord import serve as module
from onrecord.serve import ServeError, datasette, serve
from pipelines.schema import DatabaseError, open_database
from tests.sample_file import SAID, UNION, build, decide

Get = Callable[..., Any]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("serve") / "night.db"  # not the name that the metadata uses
    db = build(path)
    decide(db, db.execute("SELECT quote_key FROM quotes WHERE text = ?", [SAID]).fetchone()[0], "rejected")
    db.table("figure_checks").insert({"figure_id": 1, "verdict": "contradicted", "expected": 18, "why": "recount"})
    db.close()
    return path


@pytest.fixture(scope="module")
def application(path: Path) -> Any:
    return datasette(path)


@pytest.fixture(scope="module")
def get(application: Any) -> Iterator[Get]:
    loop = asyncio.new_event_loop()

    def get(page: str, **query: str) -> Any:
        url = f"/night/{page}".rstrip("/") + ("?" + urlencode(query) if query else "")
        return loop.run_until_complete(application.client.get(url))

    yield get
    application.executor.shutdown()
    loop.close()


def described(application: Any) -> dict[str, Any]:
    return application.metadata("databases")["night"]


def names(path: Path) -> list[str]:
    db = open_database(path)
    names = [*db.table_names(), *db.view_names()]
    db.close()
    return [name for name in names if "_fts" not in name and name not in ("_sqlite_migrations", "sqlite_sequence")]


def test_every_table_and_view_opens(path: Path, get: Get) -> None:
    for name in names(path):
        assert get(name).status_code == 200, name
        assert get(f"{name}.json").json()["truncated"] is False


def test_every_canned_query_runs_empty_and_filled_in(application: Any, get: Get) -> None:
    filled = {"who": "Ada", "about": "week", "since": "2026-01-01", "body": "Marlbury", "organisation": UNION.name}
    for name, query in described(application)["queries"].items():
        assert query["title"]
        assert query["description"]
        assert get(name).status_code == 200, name
        page = get(name, **filled)
        assert page.status_code == 200, name
        assert get(f"{name}.json", _shape="array", **filled).json(), f"{name} finds nothing"


def test_the_queries_answer_what_they_ask(get: Get) -> None:
    def answer(name: str, **query: str) -> list[dict[str, Any]]:
        return get(f"{name}.json", _shape="array", **query).json()

    everything = answer("what_did_they_say", who="quillfeather")
    assert {row["quote"] for row in everything} == {SAID, "We closed 17 cases."}
    assert [row["published"] for row in everything] == ["2026-05-01"] * 2 + ["2026-04-30"] * 2
    assert {row["quote"] for row in answer("what_did_they_say", who="marlbury", about="inspector")} == {SAID}
    assert {row["published"] for row in answer("what_did_they_say", who="Ada", since="2026-05-01")} == {"2026-05-01"}
    assert answer("what_did_they_say", who="Ada", about='"closed') != answer(
        "what_did_they_say", who="Ada", about="x OR"
    )
    assert answer("what_did_they_say", about="week") == []
    (person,) = answer("who_speaks_for", body="marlbury")
    assert (person["person"], person["first_seen"], person["articles"]) == ("Ada Quillfeather", "2026-04-30", 2)
    carried = answer("most_carried_quotes")
    assert {row["quote"] for row in carried} == {"We closed 17 cases.", "a blunt tool"}  # SAID is rejected at one
    assert {row["outlets"] for row in carried} == {2}
    (figure,) = answer("contradicted_figures")
    assert (figure["value"], figure["expected"]) == (17, 18)
    (turned,) = answer("who_changed_their_mind")
    assert (turned["critical_since"], turned["supportive_since"]) == ("2026-04-30", "2026-05-02")
    latest = answer("latest_statements", organisation=UNION.name)
    assert [row["published"] for row in latest] == ["2026-05-02", "2026-05-01", "2026-04-30"]


@pytest.mark.parametrize(
    ("table", "word", "hits"), [("quotes", "inspector", 2), ("quotes", "zebra", 0), ("articles", "relents", 1)]
)
def test_search_searches(get: Get, table: str, word: str, hits: int) -> None:
    assert get(f"{table}.json", _search=word).json()["filtered_table_rows_count"] == hits


def test_nobody_writes_through_it(get: Get, path: Path) -> None:
    for sql in ("DELETE FROM quotes", "ATTACH 'x.db' AS x", "WITH x AS (SELECT 1) DELETE FROM quotes"):
        response = get("", sql=sql)
        assert response.status_code == 400, sql
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    assert get("", sql=endless).status_code == 400


def test_the_words_of_a_page_stay_words(tmp_path: Path) -> None:
    db = open_database(tmp_path / "file.db")
    db.execute("INSERT INTO organisations (name) VALUES ('<script>alert(1)</script>')")
    db.close()
    application = datasette(tmp_path / "file.db")
    page = asyncio.run(application.client.get("/file/organisations")).text
    application.executor.shutdown()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_what_is_not_found_is_said_to_the_one_who_asked_alone(get: Get, capfd: pytest.CaptureFixture[str]) -> None:
    assert get("nothing").status_code == 404
    assert capfd.readouterr() == ("", "")


def test_pages_are_short_and_facets_are_not_guessed(application: Any) -> None:
    assert application.setting("default_page_size") == 25
    assert application.setting("suggest_facets") is False


def test_it_answers_on_this_machine_alone(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    servers = []

    class Server(module.uvicorn.Server):
        def __init__(self, config: Any) -> None:
            super().__init__(config)
            servers.append(self)

        def install_signal_handlers(self) -> None:
            pass

    opened: list[str] = []
    monkeypatch.setattr(module.uvicorn, "Server", Server)
    monkeypatch.setattr(module.webbrowser, "open", opened.append)
    thread = Thread(target=serve, args=(path,), kwargs={"port": 0, "open_browser": True}, daemon=True)
    thread.start()
    while not opened:
        thread.join(0.02)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", opened[0])
    with urllib.request.urlopen(f"{opened[0]}night/quotes.json", timeout=10) as response:
        assert response.status == 200
    servers[0].should_exit = True
    thread.join(10)
    assert not thread.is_alive()
    assert opened[0] in capsys.readouterr().out


def test_a_taken_address_and_a_foreign_file_are_said_in_a_sentence(path: Path, tmp_path: Path) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, pytest.raises(ServeError, match=r"Can't serve on 127\.0\.0\.1:\d+: .*in use"):
        serve(path, port=taken.getsockname()[1])
    with pytest.raises(DatabaseError, match="no database"):
        serve(tmp_path / "missing.db")
