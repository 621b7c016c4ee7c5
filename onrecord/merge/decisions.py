"""What reviewers decided: rows are appended, never changed, and the last one on a record is its status.

A decision that is older than the last one here must not become the last: it takes a number below all others.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby, islice
from typing import Any

from sqlite_utils import Database

from onrecord.merge.batches import columns_of
from onrecord.merge.names import Names
from onrecord.review.items import TABLES, key_column
from pipelines.rows import Row, insert
from pipelines.schema import transaction

_BATCH = 200  # records
_NOT_SAID = {"id", "undoes", "person_id", "organisation_id"}  # numbers; the last two are those in `corrected`

_Record = tuple[str, str]  # kind, key


def bring_decisions(target: Database, other: Database, names: Names) -> int:
    """Brings the decisions that are not here; gives how many."""
    bringer = _Bringer(target, names)
    rows = other.query("SELECT * FROM reviews ORDER BY item_kind, item_key, id")
    records = groupby(rows, key=_record)
    new = 0
    while theirs := {record: list(decisions) for record, decisions in islice(records, _BATCH)}:
        keys = json.dumps([key for _, key in theirs])
        found = target.query(
            "SELECT * FROM reviews WHERE item_key IN (SELECT value FROM json_each(?)) ORDER BY id", [keys]
        )
        ours: defaultdict[_Record, list[dict[str, Any]]] = defaultdict(list)
        for row in found:
            ours[_record(row)].append(row)
        with transaction(target):
            new += sum(bringer.bring(record, decisions, ours[record]) for record, decisions in theirs.items())
    return new


def _record(row: Row) -> _Record:
    return row["item_kind"], row["item_key"]


class _Bringer:
    def __init__(self, target: Database, names: Names) -> None:
        self._target, self._names = target, names
        self._columns = columns_of(target, "reviews") - {"id"}

    def bring(self, record: _Record, theirs: list[dict[str, Any]], ours: list[dict[str, Any]]) -> int:
        """Brings the decisions on one record; gives how many are new."""
        told = [self._ours(row) for row in theirs]
        known = dict(zip(_keys(ours), (row["id"] for row in ours), strict=True))
        keys = _keys(told)
        new = [(key, row) for key, row in zip(keys, told, strict=True) if key not in known]
        if not new:
            return 0
        last = max((_time(row) for row in ours[-1:]), default=None)
        # What is last there is last here, unless somebody has decided later.
        appends = last is None or (keys[-1] not in known and _time(told[-1]) > last)
        late = [it for it in new if appends and (last is None or it[1]["at"] >= last[0])]
        early = new[: len(new) - len(late)] if appends else new
        for number, (key, row) in zip(self._numbers_below(len(early)), early, strict=True):
            known[key] = insert(self._target, "reviews", {"id": number, **self._row(row, known)})
        for key, row in new[len(early) :]:
            known[key] = insert(self._target, "reviews", self._row(row, known))
        if early:
            self._restore(record)
        return len(new)

    def _ours(self, row: Row) -> dict[str, Any]:
        """Their row, with people and bodies that it names as ours."""
        if not row["corrected"]:
            return dict(row)
        corrected = json.loads(row["corrected"])
        if corrected.get("person_id") is not None:
            corrected["person_id"] = self._names.person_as_written(corrected["person_id"])
        if corrected.get("organisation_id") is not None:
            corrected["organisation_id"] = self._names.body_as_written(corrected["organisation_id"])
        return {**row, "corrected": json.dumps(corrected, ensure_ascii=False, sort_keys=True)}

    def _row(self, row: Row, known: dict[str, int]) -> dict[str, Any]:
        return {column: row[column] for column in self._columns} | {"undoes": known.get(row["undone"])}

    def _numbers_below(self, count: int) -> range:
        # Triggers see -1 in the place of a number that is not given yet, so that must be nobody's.
        lowest = min(-1, self._target.execute("SELECT ifnull(min(id), 0) FROM reviews").fetchone()[0])
        return range(lowest - count, lowest)

    def _restore(self, record: _Record) -> None:
        """Gives the record the status of its last decision back, which the trigger takes for that of the latest row."""
        kind, key = record
        self._target.execute(
            f"UPDATE {TABLES[kind]} SET (review_status, correction) = ("  # type: ignore[index]  # noqa: S608
            " SELECT nullif(decision, 'reopened'), corrected FROM reviews"
            f" WHERE item_kind = :kind AND item_key = :key ORDER BY id DESC LIMIT 1) WHERE {key_column(kind)} = :key",  # type: ignore[arg-type]
            {"kind": kind, "key": key},
        )


def _keys(rows: Iterable[dict[str, Any]]) -> list[str]:
    """By what a decision is known: all that it says. Leaves in `undone` the key of the one that it undoes."""
    keys: dict[int, str] = {}
    for row in rows:
        row["undone"] = keys.get(row["undoes"])
        told = {column: value for column, value in row.items() if column not in _NOT_SAID}
        told["corrected"] = json.loads(row["corrected"]) if row["corrected"] else None
        keys[row["id"]] = json.dumps(told, sort_keys=True)
    return list(keys.values())


def _time(row: Row) -> tuple[str, ...]:
    return row["at"], row["decision"], row["reviewer"], row["corrected"] or "", row["note"] or ""
