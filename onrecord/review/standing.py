"""The decisions that stand: of each record the last one, if somebody has read for it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlite_utils import Database

from onrecord.review.items import Kind
from pipelines.rows import find


@dataclass(frozen=True, slots=True)
class Standing:
    """One decision. `fields` are as they should be; `row` is the review's, with the article's title, day and source."""

    kind: Kind
    verdict: str
    fields: dict[str, Any]
    row: dict[str, Any]

    @property
    def url(self) -> str | None:
        """The article's address; None where the decision is older than this note."""
        return self.row["url"]  # type: ignore[no-any-return]

    @property
    def held_out(self) -> bool:
        """Whether its article is kept aside."""
        return is_held_out(self.url or self.row["item_key"])


def is_held_out(url: str) -> bool:
    """Whether an article is of the random tenth that nothing may be learnt from, so that scores on it are honest."""
    return int.from_bytes(sha256(url.encode()).digest()[:8], "big") % 10 == 0


def standing(db: Database) -> Iterator[Standing]:
    """All that stand, in order of article and place; reopened, moved and unread ones are not among them."""
    merged = "SELECT merged.name, body.name FROM organisations AS merged JOIN organisations AS body"
    today = dict(db.execute(f"{merged} ON body.id = merged.merged_into"))
    # Beside max(), SQLite gives the other columns of the row that has it.
    rows = db.query("""
        SELECT last.*, articles.source_id, articles.title, articles.published
        FROM (SELECT max(id), * FROM reviews GROUP BY item_kind, item_key) AS last
        LEFT JOIN articles ON articles.url = last.url
        WHERE last.decision <> 'reopened' AND last.how <> 'rule' AND NOT EXISTS (
            SELECT 1 FROM reviews AS moved
            WHERE moved.item_kind = last.item_kind AND moved.moved_from = last.item_key
            AND NOT EXISTS (SELECT 1 FROM reviews AS back WHERE back.undoes = moved.id)
        )
        ORDER BY last.url, last.record ->> 'start', last.id
    """)
    for row in rows:
        said = json.loads(row["record"]) if row["record"] else {"text": row["text"]}
        corrected = json.loads(row["corrected"]) if row["corrected"] else {}
        fields = {name: value for name, value in {**said, **corrected}.items() if not name.endswith("_id")}
        if fields.get("organisation") in today:
            fields["organisation"] = today[fields["organisation"]]  # "said" and "corrected" name it as it was
        yield Standing(row["item_kind"], row["decision"], fields, row)


def standing_by_article(db: Database, *, held_out: bool) -> Iterator[tuple[dict[str, Any], list[Standing]]]:
    """The rows of the articles that were decided on, those kept aside or all others, with their decisions."""
    by_url: defaultdict[str, list[Standing]] = defaultdict(list)
    for decision in standing(db):
        if decision.url and decision.held_out == held_out:
            by_url[decision.url].append(decision)
    for url, decided in sorted(by_url.items()):
        if article := find(db, "articles", "url", url):
            yield article, decided
