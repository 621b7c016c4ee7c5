"""Decisions whose record is gone: where their words stand now, and the record there that they could be moved to.

A decision moves only when a person says so, and by another row in `reviews`.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from sqlite_utils import Database

from nlp.text import fold
from onrecord.review.corrections import resolve
from onrecord.review.decisions import Conflict, Decided, UnknownReview, append, conflict_with, database, latest_review
from onrecord.review.items import Item, ReviewError, load_item, load_items
from pipelines.rows import find
from pipelines.schema import transaction

_ALIKE = 0.5  # of the words of a record, those that were reviewed, in their order
_LOOKS = 2_500  # decisions that a portion is looked for in
_WORD = re.compile(r"\w+")
_DERIVED = {"person_id", "organisation_id", "start", "end", "text"}


@dataclass(frozen=True, slots=True)
class Orphan:
    """The last decision on a record that is gone, and the undecided record that is most like it, if any is."""

    review: Mapping[str, Any]
    offer: Item | None
    alike: float = 0.0


def orphans(connection: sqlite3.Connection) -> list[Orphan]:
    """Decisions that people made and that hang on nothing, in order."""
    db = database(connection)
    return [_offered(db, review) for review in _orphaned(db, "1")]


def some_orphans(connection: sqlite3.Connection, before: int, most: int) -> tuple[list[Orphan], int | None]:
    """The latest of them among the decisions before the one numbered `before`, `most` at most.

    Looks through 2,500 decisions; gives also where to go on, None where that was the first decision of all.
    """
    db = database(connection)
    ids = [id for (id,) in db.execute("SELECT id FROM reviews WHERE id < ? ORDER BY id DESC LIMIT ?", [before, _LOOKS])]
    if not ids:
        return [], None
    found = _orphaned(db, "reviews.id BETWEEN ? AND ?", ids[-1], ids[0])[::-1]
    if len(found) > most:
        return [_offered(db, review) for review in found[:most]], found[most - 1]["id"]
    return [_offered(db, review) for review in found], ids[-1] if len(ids) == _LOOKS else None


def move(connection: sqlite3.Connection, review_id: int, key: str, reviewer: str, at: str) -> Decided | Conflict:
    """Writes an orphaned decision for another record of its article.

    What it corrects is corrected there, as far as the rule has not learnt it meanwhile. A conflict where somebody has
    decided on that record. Raises UnknownReview, UnknownItem, ReviewError.
    """
    db = database(connection)
    with transaction(db):
        review = next(iter(_orphaned(db, "reviews.id = ?", review_id)), None)
        if review is None:
            raise UnknownReview(f"There is no orphaned decision {review_id}.")
        item = load_item(db, review["item_kind"], key)
        if item.row["url"] != review["url"]:
            raise ReviewError("That record stands in another article.")
        latest = latest_review(db, item.kind, key)
        if latest and item.row["review_status"]:
            return conflict_with(latest)
        verdict, corrected = review["decision"], None
        if review["corrected"]:
            right = resolve(db, item, _corrections(item, json.loads(review["corrected"])))
            verdict = "corrected" if right else "accepted"
            corrected = json.dumps(right, ensure_ascii=False, sort_keys=True) if right else None
        return append(
            db,
            item,
            decision=verdict,
            corrected=corrected,
            reviewer=reviewer,
            at=at,
            note=review["note"],
            how="moved",
            moved_from=review["item_key"],
        )


def place(text: str, words: str, context: str, context_start: int) -> tuple[int, int] | None:
    """Where in a text `words` stand now that stood in `context`; None where less than half of them do."""
    old, new = _words(context), _words(text)
    wanted = [i for i, (at, end, _) in enumerate(old) if context_start <= at and end <= context_start + len(words)]
    if not wanted:
        return None
    pairs = SequenceMatcher(None, [word for *_, word in old], [word for *_, word in new], autojunk=False)
    runs = []
    for a, b, size in pairs.get_matching_blocks():
        first, behind = max(a, wanted[0]), min(a + size, wanted[-1] + 1)
        if first < behind:
            runs.append((behind - first, first + b - a, behind + b - a, b - a))
    if not runs:
        return None
    # A lone word may be met anywhere: what is further off the longest run than the words are long is not theirs.
    _, _, _, shift = max(runs)
    near = [run for run in runs if abs(run[3] - shift) <= len(wanted)]
    if sum(size for size, *_ in near) * 2 < len(wanted):
        return None
    return new[near[0][1]][0], new[near[-1][2] - 1][1]


def _orphaned(db: Database, where: str, *parameters: Any) -> list[dict[str, Any]]:
    """The last decisions on records that are gone, those that somebody made reading."""
    rows = db.query(
        "SELECT reviews.* FROM orphaned_reviews AS lost JOIN reviews ON reviews.id = lost.review_id"  # noqa: S608
        f" WHERE reviews.decision <> 'reopened' AND how <> 'rule' AND {where} AND NOT EXISTS ("
        "  SELECT 1 FROM reviews AS later WHERE later.item_kind = reviews.item_kind"
        "  AND later.item_key = reviews.item_key AND later.id > reviews.id"
        ") ORDER BY reviews.id",
        parameters,
    )
    return list(rows)


def _offered(db: Database, review: Mapping[str, Any]) -> Orphan:
    """The decision with the undecided record that overlaps with its words and is most like them."""
    article = find(db, "articles", "url", review["url"])
    spot = article and place(
        article["text"], review["text"], review["context"] or review["text"], review["context_start"] or 0
    )
    if not article or not spot:
        return Orphan(review, None)
    there = load_items(
        db,
        review["item_kind"],
        'item.article_id = ? AND item.start < ? AND item."end" > ? AND review_status IS NULL',
        [article["id"], spot[1], spot[0]],
    )
    alike, _, best = max(
        ((_alike(review["text"], item.row["text"]), -n, item) for n, item in enumerate(there)),
        default=(0.0, 0, None),
        key=lambda it: it[:2],
    )
    return Orphan(review, best, alike) if alike >= _ALIKE else Orphan(review, None)


def _alike(a: str, b: str) -> float:
    x, y = ([word for *_, word in _words(text)] for text in (a, b))
    return SequenceMatcher(None, x, y, autojunk=False).ratio()


def _corrections(item: Item, corrected: Mapping[str, Any]) -> dict[str, Any]:
    """An earlier correction as one of this record: people and bodies by their rows, words where they stand here."""
    given = {name: value for name, value in corrected.items() if name not in _DERIVED}
    if "organisation" in given:
        given["organisation"] = corrected["organisation_id"]
    if words := corrected.get("text"):
        spots = [match.start() for match in re.finditer(re.escape(words), item.article)]
        if spots:
            start = min(spots, key=lambda spot: abs(spot - item.row["start"]))
            given |= {"start": start, "end": start + len(words)}
    return given


def _words(text: str) -> list[tuple[int, int, str]]:
    return [(*match.span(), match.group()) for match in _WORD.finditer(fold(text).lower())]
