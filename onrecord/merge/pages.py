"""The crawl's memory: every address with what was answered last, and what each listing says of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from onrecord.merge.batches import batches, columns_of
from pipelines.rows import Row, update
from pipelines.schema import transaction

_BATCH = 500
_EITHER = ("source_id", "article_id")  # known to one file, it is known
_PARTS = """
SELECT part.url, whole.url, whole.checked_at
FROM pages AS part JOIN pages AS whole ON whole.id = part.part_of ORDER BY part.id
"""


def bring_pages(
    target: Database, other: Database, articles: Mapping[int, int], archives: Mapping[str, str]
) -> tuple[int, int]:
    """Brings addresses and sightings; gives how many addresses were new, and how many changed.

    `articles` are ids here by those there, `archives` the names of WARC files here by those there, where they differ.
    """
    columns = sorted(columns_of(target, "pages") - {"id", "part_of"})
    new = changed = 0
    for batch in batches(other, "SELECT * FROM pages ORDER BY id", _BATCH):
        seen = _sightings(other, (page["id"] for page in batch))
        with transaction(target):
            stored = _stored(target, (page["url"] for page in batch))
            said_here = _sightings(target, (page["id"] for page in stored.values()))
            for page in batch:
                theirs = {column: page[column] for column in columns}
                theirs["article_id"] = articles.get(page["article_id"])
                theirs["archive_file"] = archives.get(page["archive_file"], page["archive_file"])
                ours = stored.get(page["url"])
                if ours is None:
                    id = _insert(target, theirs)
                    new += 1
                    later = True
                else:
                    id = ours["id"]
                    later = _asked(theirs) > _asked(ours)
                    changed += update(target, "pages", ours, _together(ours, theirs, later=later))
                here = said_here[id]
                for listing, said in seen[page["id"]].items():
                    if listing not in here or (later and here[listing] != said):
                        target.execute("INSERT OR REPLACE INTO sightings VALUES (?, ?, ?)", [id, listing, said])
    _bring_parts(target, other)
    return new, changed


def _asked(page: Row) -> tuple[str, str]:
    """When it was asked for last, else listed last: the later one knows."""
    return page["checked_at"] or "", page["last_seen"]


def _together(ours: Row, theirs: Row, *, later: bool) -> dict[str, Any]:
    last, former = (theirs, ours) if later else (ours, theirs)
    row = {column: last[column] for column in theirs}
    row |= {column: former[column] for column in _EITHER if last[column] is None}
    if last["archive_file"] is None:
        row |= {column: former[column] for column in ("archive_file", "archive_offset")}
    return row | {
        "first_seen": min(ours["first_seen"], theirs["first_seen"]),
        "last_seen": max(ours["last_seen"], theirs["last_seen"]),
        "changes": max(ours["changes"], theirs["changes"]),
    }


def _bring_parts(target: Database, other: Database) -> None:
    """Which pages are parts of a listing is known to whoever read the listing last."""
    theirs = other.execute(_PARTS).fetchall()
    ours = {part: whole for part, whole, _ in target.execute(_PARTS)}
    read = {whole: checked or "" for _, whole, checked in theirs}
    stored = {url: page for url, page in _stored(target, read).items() if (page["checked_at"] or "") <= read[url]}
    told = {(part, whole) for part, whole, _ in theirs}
    with transaction(target):
        for part, whole in ours.items():
            if whole in stored and (part, whole) not in told:
                target.execute("UPDATE pages SET part_of = NULL WHERE url = ?", [part])
        for part, whole, _ in theirs:
            if whole in stored and ours.get(part) != whole:
                target.execute("UPDATE pages SET part_of = ? WHERE url = ?", [stored[whole]["id"], part])


def _insert(db: Database, row: Row) -> int:
    columns, values = ", ".join(row), ", ".join(f":{column}" for column in row)
    id = db.execute(f"INSERT INTO pages ({columns}) VALUES ({values})", dict(row)).lastrowid  # noqa: S608 - ours
    assert id is not None
    return id


def _stored(db: Database, urls: Iterable[str]) -> dict[str, Row]:
    found = db.query("SELECT * FROM pages WHERE url IN (SELECT value FROM json_each(?))", [json.dumps(list(urls))])
    return {page["url"]: page for page in found}


def _sightings(db: Database, ids: Iterable[int]) -> defaultdict[int, dict[str, str]]:
    """What listings say of pages, by page and listing."""
    said: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for page, listing, fingerprint in db.execute(
        "SELECT page_id, listing, fingerprint FROM sightings WHERE page_id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(ids))],
    ):
        said[page][listing] = fingerprint
    return said
