"""The ledger: sources as they were run last, and each night once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from onrecord.merge.batches import insert_many
from onrecord.merge.names import Names
from pipelines.rows import Row, find, insert, update
from pipelines.schema import transaction

_LAST_RUN = "SELECT source_id, max(started) FROM run_sources JOIN runs ON runs.id = run_id GROUP BY 1"


def bring_sources(target: Database, other: Database, names: Names) -> None:
    """Brings sources; one that both files have is as the file has it that ran it last."""
    ours, theirs = (dict(db.execute(_LAST_RUN).fetchall()) for db in (target, other))
    with transaction(target):
        for row in other.query("SELECT * FROM sources ORDER BY id"):
            stored = find(target, "sources", "id", row["id"])
            if stored is None or theirs.get(row["id"], "") > ours.get(row["id"], ""):
                row["publisher_id"] = names.body(row["publisher_id"])
                if stored is None:
                    target.table("sources").insert(row)
                else:
                    update(target, "sources", stored, row)


@dataclass(slots=True)
class _Night:
    row: dict[str, Any]
    sources: dict[str, Row] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, list[str]]:
        return self.row["started"], self.row["version"], sorted(self.sources)

    def is_same(self, other: _Night) -> bool:
        """Begun in the same second by the same version, and about sources of which one has all that the other has.

        So two shards that a clock starts at once are two nights, and a night that was still running is the one that
        has ended since.
        """
        mine, its = self.sources.keys(), other.sources.keys()
        return self.key[:2] == other.key[:2] and (mine <= its or its <= mine)


def bring_nights(target: Database, other: Database) -> int:
    """Brings the nights that are not here; gives how many."""
    new = 0
    with transaction(target):
        ours: defaultdict[str, list[_Night]] = defaultdict(list)
        for night in _nights(target):
            ours[night.row["started"]].append(night)
        for night in _nights(other):
            begun = ours[night.row["started"]]
            same = next((it for it in begun if it.is_same(night)), None)
            if same is None:
                row = {column: value for column, value in night.row.items() if column != "id"}
                same = _Night({**row, "id": insert(target, "runs", row)})
                begun.append(same)
                new += 1
            elif same.row["ended"] is None and night.row["ended"] is not None:
                ended = {column: night.row[column] for column in ("ended", "verdict", "exit_code")}
                update(target, "runs", same.row, ended)
                same.row |= ended
            told = {
                source: {**row, "run_id": same.row["id"]}
                for source, row in night.sources.items()
                if source not in same.sources
            }
            insert_many(target, "run_sources", told.values())
            same.sources |= told
        if new:
            _sort(target, [night for nights in ours.values() for night in nights])
    return new


def _nights(db: Database) -> Iterable[_Night]:
    nights = {row["id"]: _Night(row) for row in db.query("SELECT * FROM runs ORDER BY id")}
    for row in db.query("SELECT * FROM run_sources ORDER BY run_id, source_id"):
        nights[row["run_id"]].sources[row["source_id"]] = row
    return nights.values()


def _sort(db: Database, nights: Iterable[_Night]) -> None:
    """Numbers the nights in the order in which they began: the highest number is the last night."""
    nights = sorted(nights, key=lambda night: night.key)
    moved = [
        (night.row["id"], id)
        for night, id in zip(nights, sorted(night.row["id"] for night in nights), strict=True)
        if night.row["id"] != id
    ]
    db.execute("PRAGMA defer_foreign_keys = ON")  # until the transaction ends
    for sign in (-1, 1):  # by numbers that nobody has
        for old, id in moved:
            numbers = [-id, old] if sign < 0 else [id, -id]
            db.execute("UPDATE run_sources SET run_id = ? WHERE run_id = ?", numbers)
            db.execute("UPDATE runs SET id = ? WHERE id = ?", numbers)
