"""`onrecord reviews`: what decisions are good for, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from onrecord.errors import CannotRun
from onrecord.review.anchors import move, orphans
from onrecord.review.decisions import Conflict
from onrecord.review.export import write_jsonl
from onrecord.review.golden import write_gold
from onrecord.review.precision import By, precision
from onrecord.review.standing import standing
from onrecord.terminal import say
from pipelines.desk import now
from pipelines.schema import open_database

Format = Literal["jsonl", "gold", "spacy"]
_SHOWN = 70  # characters of a record's words


def export(database: Path, target: Path, form: Format, *, held_out: bool) -> int:
    """Writes the decisions that stand. Raises CannotRun, DatabaseError."""
    if not target.parent.is_dir():
        raise CannotRun(f"{target} can't be written: there is no folder {target.parent}.")
    db = open_database(database, create=False)
    try:
        count = _writer(form)(db, target, held_out=held_out)
    finally:
        db.close()
    which = "articles kept aside" if held_out else "all articles that are not kept aside"
    say(f"{target} holds {count} {'decisions' if form == 'jsonl' else 'documents'} on {which}.")
    return 0


def print_precision(database: Path, by: By) -> int:
    """Prints how often each group is right. Raises DatabaseError."""
    db = open_database(database, create=False)
    rows = precision(standing(db), by)
    db.close()
    if not rows:
        say("Nobody has decided on anything yet.")
        return 0
    wide = max(len(row.group) for row in rows)
    say(f"{'':8} {by:{wide}} decided accepted corrected rejected  right  95 % interval")
    for row in rows:
        say(
            f"{row.kind:8} {row.group:{wide}} {row.decided:7} {row.right:8} {row.corrected:9} {row.rejected:8}"
            f"  {row.share:5.1%}  {row.low:.1%} to {row.high:.1%}"
        )
    return 0


def print_orphans(database: Path) -> int:
    """Prints the decisions whose record is gone, and where they could go. Raises DatabaseError."""
    db = open_database(database, create=False)
    found = orphans(db.conn)
    db.close()
    for orphan in found:
        review = orphan.review
        say(f"{review['id']:6} {review['item_kind']} {review['decision']} by {review['reviewer']}, {review['at']}")
        say(f"       was {_short(review['text'])}")
        if orphan.offer:
            say(f"       now {_short(orphan.offer.row['text'])} ({orphan.alike:.0%} alike)")
    offered = sum(orphan.offer is not None for orphan in found)
    say(f"{len(found)} decisions have lost their record; {offered} can be moved (onrecord reviews move ID).")
    return 0


def move_one(database: Path, review_id: int, reviewer: str) -> int:
    """Moves a decision to the record that is offered for it. Raises CannotRun, DatabaseError."""
    db = open_database(database, create=False)
    try:
        offer = next((it.offer for it in orphans(db.conn) if it.review["id"] == review_id), None)
        if offer is None:
            raise CannotRun(f"Nothing is offered for decision {review_id}: see onrecord reviews orphans.")
        moved = move(db.conn, review_id, offer.key, reviewer, now())
    finally:
        db.close()
    if isinstance(moved, Conflict):
        raise CannotRun(f"{moved.reviewer} has decided on that record meanwhile: {moved.verdict}.")
    say(f"Decision {review_id} is now decision {moved.review_id}: {moved.status}.")
    return 0


def _writer(form: Format) -> Callable[..., int]:
    match form:
        case "jsonl":
            return write_jsonl
        case "gold":
            return write_gold
        case "spacy":
            from onrecord.review.training import write_spacy  # spaCy takes a second to load

            return write_spacy


def _short(text: str) -> str:
    """The words as one line that is not too long."""
    line = _plain(text)
    return f"“{line}”" if len(line) <= _SHOWN else f"“{line[:_SHOWN].rstrip()} …”"


def _plain(text: str) -> str:
    """Without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
