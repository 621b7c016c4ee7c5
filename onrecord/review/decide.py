"""Decisions over HTTP: JSON in, JSON out. Who may ask at all is for safety.py, and Datasette checks the token.

    POST /review/decide       {kind, key, verdict, corrected, note, seen} -> {review_id, status, corrected}
    POST /review/undo         {review_id}                                 -> {review_id, status, corrected}
    POST /review/move         {review_id, key}                            -> {review_id, status, corrected}
    POST /review/accept-rule  {kind, rule, read, right}                   -> {accepted}
    POST /review/name         {name}                                      -> {reviewer}, and a cookie

400: {error}, a sentence. 401: nobody has said who is reviewing. 409: {review_id, verdict, reviewer, at, corrected},
what somebody else decided meanwhile; nothing was written.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, TypeVar, get_args
from urllib.parse import quote, unquote

from datasette.utils.asgi import Response

from nlp.text import clean_paragraph
from onrecord.review.anchors import move
from onrecord.review.by_rule import accept_rule
from onrecord.review.decisions import Conflict, Decided, Decision, Verdict, decide, undo
from onrecord.review.items import TABLES, ReviewError
from pipelines.desk import now

COOKIE = "onrecord_reviewer"
_A_YEAR = 365 * 24 * 3600
_LARGEST = 64 * 1024  # bytes of a request
_LONGEST_NAME, _LONGEST_NOTE = 100, 2000

Answer = TypeVar("Answer")


class _BadRequest(Exception):
    """What was sent is not what is asked for; the message is one plain sentence."""


def reviewer_of(request: Any) -> str | None:
    """Whoever has logged in, else the name that was given to POST /review/name."""
    if request.actor and request.actor.get("id"):
        return str(request.actor["id"])
    return _name(unquote(request.cookies.get(COOKIE, "")))


async def _decide(datasette: Any, given: Mapping[str, Any], reviewer: str) -> Response:
    decision = Decision(
        kind=_one_of(given, "kind", TABLES),
        key=_text(given, "key"),
        verdict=_one_of(given, "verdict", get_args(Verdict)),
        reviewer=reviewer,
        corrected=_optional(given, "corrected", dict),
        note=clean_paragraph(_optional(given, "note", str) or "")[:_LONGEST_NOTE] or None,
        seen=_optional(given, "seen", int),
    )
    return _told(await _written(datasette, partial(decide, decision=decision, at=now())))


async def _undo(datasette: Any, given: Mapping[str, Any], reviewer: str) -> Response:
    review_id = _number(given, "review_id")
    return _told(await _written(datasette, partial(undo, review_id=review_id, reviewer=reviewer, at=now())))


async def _move(datasette: Any, given: Mapping[str, Any], reviewer: str) -> Response:
    review_id, key = _number(given, "review_id"), _text(given, "key")
    return _told(await _written(datasette, partial(move, review_id=review_id, key=key, reviewer=reviewer, at=now())))


async def _accept_rule(datasette: Any, given: Mapping[str, Any], reviewer: str) -> Response:
    some = partial(
        accept_rule,
        kind=_one_of(given, "kind", TABLES),
        rule=_text(given, "rule"),
        reviewer=reviewer,
        at=now(),
        read=_number(given, "read"),
        right=_number(given, "right"),
    )
    accepted = 0
    # One write after another, so that other reviewers' are written in between.
    while more := await _written(datasette, some):
        accepted += more
    return Response.json({"accepted": accepted})


async def name_reviewer(request: Any) -> Response:
    """Keeps the name that somebody wants to review under."""
    try:
        name = _name(_text(await _sent(request), "name"))
    except _BadRequest as error:
        return _refused(str(error))
    if name is None:
        return _refused("A name has letters in it.")
    response = Response.json({"reviewer": name})
    response.set_cookie(COOKIE, quote(name), max_age=_A_YEAR, httponly=True, samesite="strict")
    return response


def _endpoint(
    answer: Callable[[Any, Mapping[str, Any], str], Awaitable[Response]],
) -> Callable[[Any, Any], Awaitable[Response]]:
    """The route of something that a known reviewer asks for."""

    async def route(datasette: Any, request: Any) -> Response:
        try:
            given = await _sent(request)
            if (reviewer := reviewer_of(request)) is None:
                return _refused("Say first who is reviewing.", status=401)
            return await answer(datasette, given, reviewer)
        except (_BadRequest, ReviewError) as error:
            return _refused(str(error))

    return route


ROUTES = [
    (r"^/review/decide$", _endpoint(_decide)),
    (r"^/review/undo$", _endpoint(_undo)),
    (r"^/review/move$", _endpoint(_move)),
    (r"^/review/accept-rule$", _endpoint(_accept_rule)),
    (r"^/review/name$", name_reviewer),
]


async def _written(datasette: Any, write: Callable[[sqlite3.Connection], Answer]) -> Answer:
    """What `write` gives on Datasette's one writing connection."""

    def on_connection(connection: sqlite3.Connection) -> Answer | ReviewError:
        try:
            return write(connection)
        except ReviewError as error:  # Datasette prints what is raised, and this is nobody's fault
            return error

    answer = await datasette.get_database().execute_write_fn(on_connection)
    if isinstance(answer, ReviewError):
        raise answer
    return answer  # type: ignore[no-any-return]


def _told(outcome: Decided | Conflict) -> Response:
    return Response.json(asdict(outcome), status=409 if isinstance(outcome, Conflict) else 200)


def _refused(sentence: str, status: int = 400) -> Response:
    return Response.json({"error": sentence}, status=status)


async def _sent(request: Any) -> dict[str, Any]:
    """The JSON object that was posted."""
    if request.method != "POST":
        raise _BadRequest("Decisions are posted.")
    body, more = b"", True
    while more:
        message = await request.receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
        if len(body) > _LARGEST:
            raise _BadRequest("That is too much.")
    try:
        given = json.loads(body)
        json.dumps(given, ensure_ascii=False, allow_nan=False).encode()  # no half characters, no infinities
    except (ValueError, RecursionError):
        raise _BadRequest("That is no JSON.") from None
    if not isinstance(given, dict):
        raise _BadRequest("Send a JSON object.")
    return given


def _name(name: str) -> str | None:
    return clean_paragraph(name)[:_LONGEST_NAME] or None


def _one_of(given: Mapping[str, Any], name: str, values: Any) -> Any:
    if (value := _text(given, name)) not in values:
        raise _BadRequest(f"{name} is one of {', '.join(values)}.")
    return value


def _text(given: Mapping[str, Any], name: str) -> str:
    if not isinstance(value := given.get(name), str):
        raise _BadRequest(f"{name} is text.")
    return value


def _number(given: Mapping[str, Any], name: str) -> int:
    if (value := _optional(given, name, int)) is None:
        raise _BadRequest(f"{name} is a number.")
    return int(value)


def _optional(given: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    value = given.get(name)
    if value is not None and (type(value) is not kind or (kind is int and not 0 <= value < 2**62)):
        raise _BadRequest(f"{name} is {'an object' if kind is dict else 'text' if kind is str else 'a number'}.")
    return value
