"""Accepting all that a rule has made, unread, once people have read a random sample of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from onrecord.review.decisions import database
from onrecord.review.items import TABLES, Kind, ReviewError, key_column
from pipelines.schema import transaction

SAMPLE = 25  # records that have to be read
_AT_ONCE = 250  # records a transaction, some 80 ms: reviewers and the night wait for no more than that


class NotSampled(ReviewError):
    """The sample has not been read, or has come out otherwise than the reviewer was shown."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A random sample of a rule's records: how many have been read, how many of these were right.

    `to_read` are the keys of the others; `waiting` is how many records of the rule nobody has decided on.
    """

    read: int
    right: int
    to_read: tuple[str, ...]
    waiting: int


def sample_of_rule(connection: sqlite3.Connection, kind: Kind, rule: str) -> Sample:
    """The rule's sample as it stands.

    Keys are hashes, so the records with the lowest keys are a random sample, the same for every reviewer; whoever
    skips one of them has not read the sample. Decisions that nobody read for do not count.
    """
    db = database(connection)
    table, key = TABLES[kind], key_column(kind)
    to_read = db.execute(
        f"SELECT {key} FROM {table} WHERE rule = ? AND review_status IS NULL ORDER BY {key} LIMIT ?",  # noqa: S608
        [rule, SAMPLE],
    ).fetchall()
    # Beside max(), SQLite gives the other columns of the row that has it: of the last decision.
    read = db.execute(
        f"SELECT item_key, review_status = 'accepted', how, max(reviews.id) FROM reviews"  # noqa: S608
        f" JOIN {table} AS item ON {key} = item_key"
        " WHERE item_kind = ? AND reviews.rule = ? AND item.rule = reviews.rule AND review_status IS NOT NULL"
        " GROUP BY item_key HAVING how = 'read' ORDER BY item_key LIMIT ?",
        [kind, rule, SAMPLE],
    ).fetchall()
    [(waiting,)] = db.execute(
        f"SELECT count(*) FROM {table} WHERE rule = ? AND review_status IS NULL",  # noqa: S608
        [rule],
    )
    sample = sorted([(found, None) for (found,) in to_read] + [(found, right) for found, right, *_ in read])[:SAMPLE]
    return Sample(
        read=sum(right is not None for _, right in sample),
        right=sum(bool(right) for _, right in sample),
        to_read=tuple(found for found, right in sample if right is None),
        waiting=waiting,
    )


def accept_rule(
    connection: sqlite3.Connection, kind: Kind, rule: str, reviewer: str, at: str, *, read: int, right: int
) -> int:
    """Accepts a portion of the rule's undecided records and gives their number; call it again until that is 0.

    `read` and `right` are those of the sample that the reviewer was shown. Raises NotSampled.
    """
    db = database(connection)
    table, key = TABLES[kind], key_column(kind)
    with transaction(db):
        sample = sample_of_rule(connection, kind, rule)
        if sample.to_read:
            raise NotSampled(f"Read {len(sample.to_read)} more records of this rule first.")
        if (sample.read, sample.right) != (read, right):
            raise NotSampled(f"Of {sample.read} records that were read, {sample.right} were right: look again.")
        return db.execute(
            "INSERT INTO reviews (item_kind, item_key, decision, reviewer, at, text, url, rule, confidence, how)"  # noqa: S608
            " SELECT ?, item.key, 'accepted', ?, ?, item.text, url, rule, confidence, 'rule' FROM ("
            f" SELECT {key} AS key, text, article_id, rule, confidence FROM {table}"
            f" WHERE rule = ? AND review_status IS NULL ORDER BY {key} LIMIT ?"
            ") AS item JOIN articles ON articles.id = article_id",
            [kind, reviewer, at, rule, _AT_ONCE],
        ).rowcount
