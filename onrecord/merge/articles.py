"""Articles, each with its versions and its records, a hundred a transaction.

Whatever the order in which files come, the same article stands at the end: its text is the one that was seen last, its
records are those of whoever read that text last.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from onrecord.merge.batches import batches, columns_of, insert_many
from onrecord.merge.bodies import unknown_names
from onrecord.merge.names import Names
from pipelines.rows import Row, insert, replace, update
from pipelines.schema import transaction
from pipelines.urls import both_forms, canonical_url
from pipelines.who import forgetting

# Tables, in the order in which rows name each other, and the columns by which two rows of an article are the same.
_RECORDS: Mapping[str, tuple[str, ...]] = {
    "appointments": ("person_id", "organisation_id", "role"),
    "mentions": ("start", "end", "person_id", "organisation_id"),
    "quotes": ("quote_key",),
    "quote_organisations": ("quote_id", "organisation_id"),
    "figures": ("figure_key",),
    "stances": ("stance_key",),
}
_KEPT = {"id", "article_id", "review_status", "correction", "published"}  # by triggers, or by this file
_SOURCE = ("source_id", "publisher_id", "kind")
_READING = ("extractor", "extracted_at", "extraction_error")
# All other columns are what the page said.
_NOT_SAID = {"id", "url", "story_id", "first_seen", "seen_from", "gone_at", *_SOURCE, *_READING}
_ARTICLES = "SELECT *, (SELECT max(checked_at) FROM pages WHERE article_id = articles.id) AS looked_at FROM articles"
_OURS = f"{_ARTICLES} WHERE url IN (SELECT value FROM json_each(?))"  # noqa: S608
# Each takes milliseconds to make, and is the same for the same text.
_SIGN = """
INSERT INTO story_signatures SELECT :text_hash, :signature
WHERE EXISTS (SELECT 1 FROM articles WHERE text_hash = :text_hash) ON CONFLICT DO NOTHING
"""
_BATCH = 100

_Version = tuple[str, str | None, str]  # text_hash, title, seen_from


@dataclass(slots=True)
class Articles:
    """What became of them: ids here by their ids there, and how many were new, changed, unchanged."""

    ids: dict[int, int] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)


def bring_articles(target: Database, other: Database, names: Names, tick: Callable[[int], None]) -> Articles:
    """Brings all articles; `tick` is told how many more are done."""
    bringer = _Bringer(target, other, names)
    for theirs in batches(other, f"{_ARTICLES} ORDER BY id", _BATCH):
        bringer.bring(theirs)
        tick(len(theirs))
    for signatures in batches(other, "SELECT * FROM story_signatures", _BATCH):
        with transaction(target):
            target.conn.executemany(_SIGN, signatures)
    return bringer.articles


class _Bringer:
    def __init__(self, target: Database, other: Database, names: Names) -> None:
        self._target, self._other, self._names = target, other, names
        self._columns = {table: columns_of(target, table) - _KEPT for table in _RECORDS}
        self._unknown = unknown_names(target, other)
        self.articles = Articles()

    def bring(self, batch: Sequence[Row]) -> None:
        """A batch of their articles."""
        stored = self._stored(batch)
        their_versions = _by_article(self._other, "article_versions", (row["id"] for row in batch))
        our_versions = _by_article(self._target, "article_versions", (row["id"] for row in stored.values()))
        open: list[Row] = []
        for theirs in batch:
            ours = stored.get(canonical_url(theirs["url"]))
            if ours is not None and self._is_here(ours, theirs, our_versions[ours["id"]], their_versions[theirs["id"]]):
                self.articles.ids[theirs["id"]] = ours["id"]
                self.articles.outcomes["unchanged"] += 1
            else:
                open.append(theirs)
        # Read first: what is wrong with their file is no fault of ours.
        records = {table: _by_article(self._other, table, (row["id"] for row in open)) for table in _RECORDS}
        if open:
            with transaction(self._target):
                for theirs in open:
                    told = {table: records[table][theirs["id"]] for table in _RECORDS}
                    self._store(theirs, their_versions[theirs["id"]], told)

    def _is_here(self, ours: Row, theirs: Row, our_versions: list[Row], their_versions: list[Row]) -> bool:
        row, takes_records = settled(ours, theirs)
        publisher = ours["publisher_id"]
        if row["source_of"] is theirs:
            publisher = self._names.known_body(theirs["publisher_id"])
            if publisher is None and theirs["publisher_id"] is not None:
                return False
        del row["source_of"]
        row["publisher_id"] = publisher
        return (
            not takes_records
            and all(ours[column] == value for column, value in row.items())
            and not _new_versions(ours, theirs, row, our_versions, their_versions)
        )

    def _store(self, theirs: Row, their_versions: list[Row], records: Mapping[str, list[Row]]) -> None:
        ours = next(iter(self._stored([theirs]).values()), None)
        row, takes_records = settled(ours, theirs)
        source = row.pop("source_of")
        row["publisher_id"] = self._names.body(theirs["publisher_id"]) if source is theirs else source["publisher_id"]
        reading = {column: row.pop(column) for column in _READING}
        new = ours is None
        id = insert(self._target, "articles", row) if ours is None else ours["id"]
        our_versions = _by_article(self._target, "article_versions", [id])[id]
        _store_versions(self._target, id, _new_versions(ours, theirs, row, our_versions, their_versions))
        ours = ours or {**row, "id": id, **dict.fromkeys(_READING)}
        with forgetting(self._target, id) as gone:
            if takes_records:
                row["extracted_at"] = None
            update(self._target, "articles", ours, row)
            ours = {**ours, **row}
            if takes_records:
                self._store_records(id, row["published"], records, new=new)
                if reading["extracted_at"] and self._names_unknown(row["text"]):
                    reading["extracted_at"] = None
        # Last, for it says that the records are there: figures are due for a check.
        update(self._target, "articles", ours, reading)
        if sum(gone.values()):
            self._names.forget()
        self.articles.ids[theirs["id"]] = id
        self.articles.outcomes["new" if new else "changed"] += 1

    def _store_records(self, id: int, published: str | None, records: Mapping[str, list[Row]], *, new: bool) -> None:
        quote_ids: dict[int | None, int | None] = {None: None}
        bodies: dict[int, int | None] = {}
        for table, key in _RECORDS.items():
            rows = [self._record(table, record, quote_ids) for record in records[table]]
            if table == "quotes":
                rows = [{**row, "published": published} for row in rows]
            if table == "quote_organisations":  # they are the others, and two may be one here
                rows = [row for row in rows if bodies[row["quote_id"]] != row["organisation_id"]]
            if new:  # there is nothing to compare with
                insert_many(self._target, table, _once(id, key, rows))
            else:
                replace(self._target, table, id, key, rows)
            if table == "quotes":
                stored = dict(
                    self._target.execute("SELECT quote_key, id FROM quotes WHERE article_id = ?", [id]).fetchall()
                )
                quote_ids |= {record["id"]: stored[record["quote_key"]] for record in records[table]}
                bodies = {stored[row["quote_key"]]: row["organisation_id"] for row in rows}

    def _record(self, table: str, record: Row, quote_ids: Mapping[int | None, int | None]) -> dict[str, Any]:
        row = {column: record[column] for column in record if column in self._columns[table]}
        if "person_id" in row:
            row["person_id"] = self._names.person(row["person_id"])
        if "organisation_id" in row:
            row["organisation_id"] = self._names.body(row["organisation_id"])
        if "quote_id" in row:
            row["quote_id"] = quote_ids[row["quote_id"]]
        return row

    def _names_unknown(self, text: str) -> bool:
        """Whether a text names a body of this file's own that whoever read it did not know."""
        return any(name in text for name in self._unknown)

    def _stored(self, batch: Iterable[Row]) -> dict[str, Row]:
        """Our rows of their articles, by canonical address."""
        forms = [form for row in batch for form in both_forms(row["url"])]
        rows: dict[str, Row] = {}
        for row in self._target.query(_OURS, [json.dumps(forms)]):
            canonical = canonical_url(row["url"])
            # Of two rows, from before they were taken for one, the one without www. counts, as for the store.
            if canonical not in rows or row["url"] == canonical:
                rows[canonical] = row
        return rows


def _once(article_id: int, key: Sequence[str], rows: Iterable[Row]) -> Collection[Row]:
    """Rows of an article as `replace` would have them: two bodies there may be one here."""
    return {tuple(row[column] for column in key): {"article_id": article_id, **row} for row in rows}.values()


def settled(ours: Row | None, theirs: Row) -> tuple[dict[str, Any], bool]:
    """An article's row as it should be, but for the body that publishes it: `source_of` is the row that says so.

    Gives also whether the records are theirs.
    """
    said = [column for column in theirs if column not in _NOT_SAID and column != "looked_at"]
    if ours is None:
        columns = [*said, "url", "source_id", "kind", "first_seen", "seen_from", "gone_at", *_READING]
        return {column: theirs[column] for column in columns} | {"source_of": theirs}, True

    def seen(row: Row) -> tuple[Any, ...]:
        return row["seen_from"], row["looked_at"] or "", *(str(row[column]) for column in said)

    first = min(ours, theirs, key=lambda row: (row["first_seen"], row["url"]))
    last = max(ours, theirs, key=seen)
    looked = max(ours, theirs, key=lambda row: (row["looked_at"] or "", row["gone_at"] or ""))
    source = last if ours["source_id"] == theirs["source_id"] else _brought_by(ours, theirs)
    reading, takes_records = _reading(ours, theirs, last)
    row = {
        **{column: last[column] for column in said},
        "url": first["url"],
        "first_seen": first["first_seen"],
        "seen_from": last["seen_from"],
        "gone_at": looked["gone_at"],
        "source_id": source["source_id"],
        "kind": source["kind"],
        **reading,
        "source_of": source,
    }
    return row, takes_records


def _brought_by(ours: Row, theirs: Row) -> Row:
    """Of two sources, the one that brought the article first; any rather than none."""
    return min(ours, theirs, key=lambda row: (row["source_id"] is None, row["first_seen"], row["source_id"] or ""))


def _reading(ours: Row, theirs: Row, last: Row) -> tuple[dict[str, Any], bool]:
    """What is known of the extraction, and whether the records are theirs.

    Of one text, those of whoever read it last. Where either file says that it has to be read again, it has to be.
    """
    if ours["text"] != theirs["text"]:
        return {column: last[column] for column in _READING}, last is theirs
    if _never_read(ours) or _never_read(theirs):
        return {column: (theirs if _never_read(ours) else ours)[column] for column in _READING}, (
            _never_read(ours) and not _never_read(theirs)
        )
    if ours["extracted_at"] is None or theirs["extracted_at"] is None:
        return {"extractor": ours["extractor"], "extracted_at": None, "extraction_error": None}, False

    def read(row: Row) -> tuple[str, ...]:
        return tuple(row[column] or "" for column in ("extracted_at", "extractor", "extraction_error"))

    reader = max(ours, theirs, key=read)
    return {column: reader[column] for column in _READING}, reader is theirs


def _never_read(row: Row) -> bool:
    return row["extracted_at"] is None and row["extractor"] is None


# ---- versions


def _new_versions(
    ours: Row | None, theirs: Row, row: Row, our_versions: list[Row], their_versions: list[Row]
) -> list[dict[str, Any]]:
    """Rows of versions that are not there yet, or (with their id) were replaced earlier than we knew.

    A text was replaced when the next one was first seen.
    """
    rows = [it for it in (ours, theirs) if it is not None]
    former = [it for it in rows if (it["title"], it["text"]) != (row["title"], row["text"])]
    times = sorted({it["seen_from"] for it in (*rows, *our_versions, *their_versions)})
    here = {_version(it): it for it in our_versions}
    replaced: dict[_Version, str] = {}
    versions: dict[_Version, Row] = {}
    for it in (*our_versions, *their_versions, *former):
        key = _version(it)
        next_seen = next((time for time in times if time > it["seen_from"]), row["seen_from"])
        replaced[key] = min(replaced.get(key, next_seen), it.get("replaced_at", next_seen), next_seen)
        versions.setdefault(key, it)
    return [
        {
            "id": here[key]["id"] if key in here else None,
            **{column: it[column] for column in ("title", "text", "text_hash", "seen_from")},
            "replaced_at": replaced[key],
        }
        for key, it in versions.items()
        if key not in here or here[key]["replaced_at"] != replaced[key]
    ]


def _version(row: Row) -> _Version:
    return row["text_hash"], row["title"], row["seen_from"]


def _store_versions(db: Database, id: int, versions: list[dict[str, Any]]) -> None:
    for version in versions:
        if (known := version.pop("id")) is None:
            insert(db, "article_versions", {"article_id": id, **version})
        else:
            db.execute("UPDATE article_versions SET replaced_at = ? WHERE id = ?", [version["replaced_at"], known])


def _by_article(db: Database, table: str, ids: Iterable[int]) -> defaultdict[int, list[Row]]:
    """Rows of a table by the article they belong to, in order."""
    rows: defaultdict[int, list[Row]] = defaultdict(list)
    for row in db.query(
        f"SELECT * FROM {table} WHERE article_id IN (SELECT value FROM json_each(?)) ORDER BY id",  # noqa: S608
        [json.dumps(list(ids))],
    ):
        rows[row["article_id"]].append(row)
    return rows
