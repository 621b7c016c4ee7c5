"""Decisions over HTTP: what is asked, what is answered, who is asking."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from datasette import hookimpl
from datasette.app import Datasette
from datasette.plugins import pm
from datasette.utils.asgi import Response

from onrecord.check import check
from onrecord.review import by_rule, decide
from tests.sample_file import SAID, build

Post = Callable[..., tuple[int, Any]]


class _Routes:
    """Ours, and one that tells the token that a page would carry."""

    __name__ = "routes"  # Datasette asks for it, as if every plugin were a module

    @hookimpl
    def register_routes(self) -> list[Any]:
        return [*decide.ROUTES, (r"^/token$", lambda request: Response.text(request.scope["csrftoken"]()))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    build(tmp_path / "night.db").close()
    return tmp_path / "night.db"


@pytest.fixture
def post(path: Path) -> Iterator[Post]:
    routes = _Routes()
    pm.register(routes)
    application = Datasette([str(path)])
    loop = asyncio.new_event_loop()
    token = loop.run_until_complete(application.client.get("/token"))
    cookies = {"ds_csrftoken": token.text}

    def post(page: str, body: Any, *, reviewer: str | None = "Bo", actor: str | None = None) -> tuple[int, Any]:
        kept = dict(cookies)
        if reviewer is not None:
            kept["onrecord_reviewer"] = reviewer
        if actor is not None:
            kept["ds_actor"] = application.sign({"a": {"id": actor}}, "actor")
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = loop.run_until_complete(
            application.client.post(
                f"/review/{page}", content=content, cookies=kept, headers={"x-csrftoken": token.text}
            )
        )
        post.cookie = answer.headers.get("set-cookie")  # type: ignore[attr-defined]
        return answer.status_code, answer.json()

    yield post
    application.executor.shutdown()
    loop.close()
    pm.unregister(routes)


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(sql).fetchall()


def key(path: Path) -> str:
    return str(ask(path, f"SELECT quote_key FROM quotes WHERE text = '{SAID}'")[0][0])


def test_a_decision_is_written_and_undone(post: Post, path: Path) -> None:
    asked = {"kind": "quote", "key": key(path), "verdict": "corrected", "corrected": {"role": "Chair"}, "note": " so "}
    assert post("decide", asked) == (200, {"review_id": 1, "status": "corrected", "corrected": {"role": "Chair"}})
    assert ask(path, "SELECT reviewer, note FROM reviews") == [("Bo", "so")]
    assert post("undo", {"review_id": 1}) == (200, {"review_id": 2, "status": None, "corrected": None})
    assert check(path) == []


def test_a_conflict_says_who_decided_what_and_when(post: Post, path: Path) -> None:
    asked = {"kind": "quote", "key": key(path), "verdict": "accepted"}
    post("decide", asked, reviewer="Ann")
    status, other = post("decide", {**asked, "verdict": "rejected"})
    assert status == 409
    assert other == other | {"review_id": 1, "verdict": "accepted", "reviewer": "Ann", "corrected": None}
    [(at,)] = ask(path, "SELECT at FROM reviews")
    assert other["at"] == at
    status, kept = post("decide", {**asked, "verdict": "rejected", "seen": 1})
    assert (status, kept["status"]) == (200, "rejected")
    assert post("undo", {"review_id": 1})[0] == 409


@pytest.mark.parametrize(
    ("page", "body", "said"),
    [
        ("decide", b"{", "no JSON"),
        ("decide", b"[]", "JSON object"),
        ("decide", b'"\\ud800"', "no JSON"),
        ("decide", b'{"kind": "quote", "seen": NaN}', "no JSON"),
        ("decide", b"[" * 60_000, "no JSON"),
        ("decide", b"0" * 70_000, "too much"),
        ("decide", {"kind": "poem", "key": "k", "verdict": "accepted"}, "kind is one of quote, figure, stance"),
        ("decide", {"kind": ["quote"], "key": "k", "verdict": "accepted"}, "kind is text"),
        ("decide", {"kind": "quote", "key": 1, "verdict": "accepted"}, "key is text"),
        ("decide", {"kind": "quote", "key": "k", "verdict": "maybe"}, "verdict is one of"),
        ("decide", {"kind": "quote", "key": "k", "verdict": "accepted", "seen": True}, "seen is a number"),
        ("decide", {"kind": "quote", "key": "k", "verdict": "accepted", "seen": 2**64}, "seen is a number"),
        ("decide", {"kind": "quote", "key": "k", "verdict": "corrected", "corrected": "x"}, "corrected is an object"),
        ("decide", {"kind": "quote", "key": "k", "verdict": "accepted", "note": 3}, "note is text"),
        ("decide", {"kind": "quote", "key": "k", "verdict": "accepted"}, "not in the file any more"),
        ("undo", {}, "review_id is a number"),
        ("undo", {"review_id": 5}, "no decision 5"),
        ("accept-rule", {"kind": "quote", "rule": "test", "read": 0, "right": 0}, "Read 7 more"),
        ("accept-rule", {"kind": "quote", "rule": "test", "read": 0}, "right is a number"),
        ("name", {"name": " \u202e "}, "letters"),
        ("name", {}, "name is text"),
    ],
)
def test_bad_requests_are_told_in_a_sentence(
    post: Post, path: Path, page: str, body: Any, said: str, capfd: Any
) -> None:
    status, answer = post(page, body)
    assert status == 400
    assert said in answer["error"]
    assert ask(path, "SELECT count(*) FROM reviews") == [(0,)]
    assert capfd.readouterr().err == ""


def test_a_bad_correction_changes_nothing(post: Post, path: Path) -> None:
    asked = {"kind": "quote", "key": key(path), "verdict": "corrected", "corrected": {"start": 0, "end": 10**6}}
    status, answer = post("decide", asked)
    assert (status, answer) == (400, {"error": "The words must lie inside the article."})


def test_a_reviewer_says_a_name_once(post: Post, path: Path) -> None:
    asked = {"kind": "quote", "key": key(path), "verdict": "accepted"}
    assert post("decide", asked, reviewer=None) == (401, {"error": "Say first who is reviewing."})
    assert post("decide", asked, reviewer="%20") == (401, {"error": "Say first who is reviewing."})
    assert post("name", {"name": " Zoë\n; Path=/x "}, reviewer=None) == (200, {"reviewer": "Zoë ; Path=/x"})
    cookie, *rest = post.cookie.split("; ")  # type: ignore[attr-defined]
    assert {it.lower() for it in rest} >= {"httponly", "samesite=strict", "path=/"}
    assert post("decide", asked, reviewer=cookie.split("=", 1)[1])[0] == 200
    assert ask(path, "SELECT reviewer FROM reviews") == [("Zoë ; Path=/x",)]


def test_names_and_notes_have_an_end(post: Post, path: Path) -> None:
    assert post("name", {"name": "x" * 500})[1] == {"reviewer": "x" * 100}
    asked = {"kind": "quote", "key": key(path), "verdict": "accepted", "note": "y" * 5000}
    post("decide", asked, reviewer="x" * 500)
    assert ask(path, "SELECT length(reviewer), length(note) FROM reviews") == [(100, 2000)]


def test_who_has_logged_in_decides_under_that_name(post: Post, path: Path) -> None:
    post("decide", {"kind": "quote", "key": key(path), "verdict": "accepted"}, actor="ann")
    assert ask(path, "SELECT reviewer FROM reviews") == [("ann",)]


def test_decisions_are_posted(post: Post) -> None:
    application = Datasette([])
    for page in ("decide", "undo", "accept-rule", "name"):
        answer = asyncio.run(application.client.get(f"/review/{page}"))
        assert (answer.status_code, answer.json()) == (400, {"error": "Decisions are posted."})
    application.executor.shutdown()


def test_a_rule_is_accepted_in_portions(post: Post, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_rule, "SAMPLE", 3)
    monkeypatch.setattr(by_rule, "_AT_ONCE", 2)
    for (it,) in ask(path, "SELECT quote_key FROM quotes ORDER BY quote_key LIMIT 3"):
        post("decide", {"kind": "quote", "key": it, "verdict": "accepted"})
    asked = {"kind": "quote", "rule": "test", "read": 3, "right": 3}
    assert post("accept-rule", asked) == (200, {"accepted": 4})
    assert ask(path, "SELECT how, count(*) FROM reviews GROUP BY 1") == [("read", 3), ("rule", 4)]
    assert check(path) == []


def test_reviewing_waits_for_a_night_that_is_writing(post: Post, path: Path) -> None:
    night = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    night.execute("BEGIN IMMEDIATE")
    night.execute("UPDATE runs SET ended = 'now'")
    timer = Timer(0.3, night.execute, ["COMMIT"])
    timer.start()
    assert post("decide", {"kind": "quote", "key": key(path), "verdict": "accepted"})[0] == 200
    timer.join()
    night.close()
