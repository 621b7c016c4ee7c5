"""Decisions on records: appended to `reviews`, never changed, never made over somebody else's head.

Triggers (pipelines/schema/0009_reviews.sql) make the last one the record's status. All functions take a plain
connection, in no transaction, and write in one of their own.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlite_utils import Database

from onrecord.review.corrections import BadCorrection, resolve
from onrecord.review.items import Item, Kind, ReviewError, load_item
from pipelines.rows import insert
from pipelines.schema import transaction

Verdict = Literal["accepted", "rejected", "corrected", "reopened"]

# What an undoing gives back, and what it is where nobody had decided.
_NOTHING: Mapping[str, Any] = {"decision": "reopened", "corrected": None, "how": "read", "moved_from": None}


class UnknownReview(ReviewError):
    """No such decision, or its record is gone."""


class _Overtaken(Exception):
    """Takes back whom a correction has added, too."""

    def __init__(self, review: Mapping[str, Any]) -> None:
        self.review = review


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decides.

    `corrected` (with the verdict "corrected" alone) holds the fields that should be otherwise than shown; others may
    be given too. Of a quote: speaker (name or None), role, organisation (row id, or a name that may be new, or
    None), start, end. Of a figure: value, unit, of, qualifier, change, start, end. Of a stance: topic, polarity,
    organisation, start, end. `seen` is the id of the record's latest review that the reviewer was shown.

    What is accepted is what is shown: accepting a corrected record confirms its correction, and correcting one to
    what the rule had said accepts it.
    """

    kind: Kind
    key: str
    verdict: Verdict
    reviewer: str
    corrected: Mapping[str, Any] | None = None
    note: str | None = None
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """It is written: the row, and the record's status now (None: to review) with what is corrected in it."""

    review_id: int
    status: str | None
    corrected: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing was written: somebody had decided otherwise since; this is their decision, the record's latest."""

    review_id: int
    verdict: Verdict
    reviewer: str
    at: str
    corrected: Mapping[str, Any] | None = None


def decide(connection: sqlite3.Connection, decision: Decision, at: str) -> Decided | Conflict:
    """Writes a decision. Raises UnknownItem, BadCorrection.

    An unseen decision that says the same is no conflict; said by the same reviewer, it is this one sent twice, and
    nothing is written.
    """
    db = database(connection)
    try:
        with transaction(db):
            item = load_item(db, decision.kind, decision.key)
            latest = latest_review(db, decision.kind, decision.key)
            unseen = latest if latest and latest["id"] != decision.seen else None
            if unseen and unseen["decision"] != decision.verdict:
                return conflict_with(unseen)
            verdict, corrected = _settled(db, item, decision)
            if unseen and unseen["corrected"] != corrected:
                raise _Overtaken(unseen)
            if unseen and unseen["reviewer"] == decision.reviewer:
                return _decided(unseen["id"], verdict, corrected)
            return append(
                db,
                item,
                decision=verdict,
                corrected=corrected,
                reviewer=decision.reviewer,
                at=at,
                note=decision.note,
            )
    except _Overtaken as overtaken:
        return conflict_with(overtaken.review)


def undo(connection: sqlite3.Connection, review_id: int, reviewer: str, at: str) -> Decided | Conflict:
    """Writes another decision, which restores what was before that one.

    Decisions on a record are undone from the last one back; an undoing can be undone too, while it is the latest.
    A conflict where another decision stands since. Raises UnknownReview, UnknownItem.
    """
    db = database(connection)
    with transaction(db):
        undone = next(db.query("SELECT * FROM reviews WHERE id = ?", [review_id]), None)
        if undone is None:
            raise UnknownReview(f"There is no decision {review_id}.")
        kind, key = undone["item_kind"], undone["item_key"]
        item = load_item(db, kind, key)
        history = {
            row["id"]: row
            for row in db.query("SELECT * FROM reviews WHERE item_kind = ? AND item_key = ? ORDER BY id", [kind, key])
        }
        # By review: which decision stood before it. An undoing makes that one stand again.
        before: dict[int, int | None] = {}
        stands: int | None = None
        for id, row in history.items():
            before[id], stands = stands, id if row["undoes"] is None else before[row["undoes"]]
        latest = max(history)
        if review_id not in (stands, latest):
            return conflict_with(history[latest])
        back = before[review_id]
        restored = _NOTHING if back is None else {name: history[back][name] for name in _NOTHING}
        return append(db, item, **restored, reviewer=reviewer, at=at, undoes=review_id)


def database(connection: sqlite3.Connection) -> Database:
    """The connection with our helpers; its settings stay as they are."""
    return Database(connection, recursive_triggers=False, execute_plugins=False)


def latest_review(db: Database, kind: Kind, key: str) -> dict[str, Any] | None:
    """The row of a record's last decision."""
    sql = "SELECT * FROM reviews WHERE item_kind = ? AND item_key = ? ORDER BY id DESC LIMIT 1"
    return next(db.query(sql, [kind, key]), None)


def append(db: Database, item: Item, *, decision: Verdict, corrected: str | None, **row: Any) -> Decided:
    """Adds the row of a decision, with the words, their context and what the rule said of them."""
    context, context_start = item.context()
    id = insert(
        db,
        "reviews",
        {
            "item_kind": item.kind,
            "item_key": item.key,
            "decision": decision,
            "corrected": corrected,
            "text": item.row["text"],
            "context": context,
            "context_start": context_start,
            "record": json.dumps(item.record(), ensure_ascii=False),
            "rule": item.row["rule"],
            "confidence": item.row["confidence"],
            "url": item.row["url"],
            **row,
        },
    )
    return _decided(id, decision, corrected)


def _settled(db: Database, item: Item, decision: Decision) -> tuple[Verdict, str | None]:
    """The verdict as it is written, with its correction: what is shown is what is accepted."""
    if (decision.verdict == "corrected") != (decision.corrected is not None):
        raise BadCorrection("A correction says what is right, and no other decision does.")
    if decision.corrected is not None:
        right = resolve(db, item, decision.corrected)
        return ("corrected", json.dumps(right, ensure_ascii=False, sort_keys=True)) if right else ("accepted", None)
    if decision.verdict == "accepted" and item.row["correction"]:
        return "corrected", item.row["correction"]
    return decision.verdict, None


def _decided(id: int, decision: str, corrected: str | None) -> Decided:
    return Decided(id, None if decision == "reopened" else decision, json.loads(corrected) if corrected else None)


def conflict_with(review: Mapping[str, Any]) -> Conflict:
    """That somebody has decided so."""
    corrected = json.loads(review["corrected"]) if review["corrected"] else None
    return Conflict(review["id"], review["decision"], review["reviewer"], review["at"], corrected)
