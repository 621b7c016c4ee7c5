"""Whether the file is whole: what SQLite can tell, what the schema promises, what triggers should have kept."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from pipelines.joined import misjoined
from pipelines.schema import migrate, open_database

# Each kind of record, and the column with the body that is shown as its holder.
_RECORDS = {"quote": "shown_organisation_id", "figure": "organisation_id", "stance": "shown_organisation_id"}
_RECOUNT = " UNION ALL ".join(
    f"SELECT '{kind}' AS item_kind, ifnull({holder}, 0) AS organisation_id,"  # noqa: S608
    " count(*), count(*) - count(review_status), count(*) FILTER (WHERE review_status = 'accepted'),"
    " count(*) FILTER (WHERE review_status = 'rejected'), count(*) FILTER (WHERE review_status = 'corrected')"
    f" FROM {kind}s GROUP BY 2"
    for kind, holder in _RECORDS.items()
)
_RECOUNT_STANCES = """
    SELECT shown_organisation_id AS organisation_id, shown_topic AS topic, ifnull(substr(published, 1, 4), '') AS year,
        count(*) AS stances, sum(shown_polarity = 'supportive') AS supportive, sum(shown_polarity = 'critical'),
        sum(shown_polarity = 'mixed'), sum(shown_polarity = 'neutral')
    FROM stances WHERE shown_organisation_id IS NOT NULL AND review_status IS NOT 'rejected' GROUP BY 1, 2, 3
"""
# What is wrong, and the rows it is wrong with.
_CHECKS = (
    *(
        (
            f"{kind}s whose words do not stand at start:end of their article",
            f"SELECT item.id FROM {kind}s AS item JOIN articles ON articles.id = article_id"  # noqa: S608
            ' WHERE substr(articles.text, start + 1, "end" - start) IS NOT item.text'
            " OR substr(articles.text, shown_start + 1, shown_end - shown_start) IS NOT shown_text",
        )
        for kind in _RECORDS
    ),
    (
        "mentions that end behind their article",
        "SELECT mentions.id FROM mentions JOIN articles ON articles.id = article_id"
        ' WHERE "end" > length(articles.text)',
    ),
    *(
        (
            f"{kind}s dated otherwise than their article",
            f"SELECT item.id FROM {kind}s AS item JOIN articles ON articles.id = article_id"  # noqa: S608
            " WHERE item.published IS NOT articles.published",
        )
        for kind in _RECORDS
    ),
    *(
        (
            f"{kind}s whose review status is not the last decision",
            f"SELECT id FROM {kind}s WHERE (review_status, correction IS NOT NULL) IS NOT ("  # noqa: S608
            " SELECT nullif(decision, 'reopened'), decision = 'corrected' FROM ("
            f"  SELECT id, decision FROM reviews WHERE item_kind = '{kind}' AND item_key = {kind}_key"
            "  UNION ALL SELECT 0, 'reopened' ORDER BY 1 DESC LIMIT 1))",
        )
        for kind in _RECORDS
    ),
    (
        "organisations whose counts are not what a recount gives",
        f"WITH recount AS ({_RECOUNT}), kept AS (SELECT * FROM review_counts WHERE items > 0)"  # noqa: S608
        " SELECT DISTINCT organisation_id FROM ("
        " SELECT * FROM (SELECT * FROM recount EXCEPT SELECT * FROM kept)"
        " UNION ALL SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM recount))",
    ),
    (
        "organisations whose stances by topic and year are not what a recount gives",
        f"WITH recount AS ({_RECOUNT_STANCES})"  # noqa: S608
        " SELECT DISTINCT organisation_id FROM ("
        " SELECT * FROM (SELECT * FROM recount EXCEPT SELECT * FROM stance_counts)"
        " UNION ALL SELECT * FROM (SELECT * FROM stance_counts EXCEPT SELECT * FROM recount))",
    ),
    (
        "people whom no article names",
        "SELECT id FROM people WHERE NOT EXISTS (SELECT 1 FROM appointments WHERE person_id = people.id)"
        " AND NOT EXISTS (SELECT 1 FROM mentions WHERE person_id = people.id)"
        " AND NOT EXISTS (SELECT 1 FROM quotes WHERE person_id = people.id)"
        " AND NOT EXISTS (SELECT 1 FROM figures WHERE person_id = people.id)"
        " AND NOT EXISTS (SELECT 1 FROM stances WHERE person_id = people.id)"
        " AND NOT EXISTS (SELECT 1 FROM reviews WHERE person_id = people.id)",
    ),
    (
        "organisations that no list has and no article names",
        "SELECT id FROM organisations WHERE slug IS NULL AND NOT confirmed AND merged_into IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM organisations AS merged WHERE merged.merged_into = organisations.id)"
        " AND NOT EXISTS (SELECT 1 FROM quote_organisations WHERE organisation_id = organisations.id)"
        " AND NOT EXISTS (SELECT 1 FROM appointments WHERE organisation_id = organisations.id)"
        " AND NOT EXISTS (SELECT 1 FROM mentions WHERE organisation_id = organisations.id)"
        " AND NOT EXISTS (SELECT 1 FROM quotes WHERE organisation_id = organisations.id)"
        " AND NOT EXISTS (SELECT 1 FROM figures WHERE organisation_id = organisations.id)"
        " AND NOT EXISTS (SELECT 1 FROM stances WHERE organisation_id = organisations.id)"
        " AND NOT EXISTS (SELECT 1 FROM people WHERE organisation_id = organisations.id)"
        " AND NOT EXISTS (SELECT 1 FROM outcomes WHERE organisation_id = organisations.id)"
        " AND NOT EXISTS (SELECT 1 FROM articles WHERE publisher_id = organisations.id)"
        " AND NOT EXISTS (SELECT 1 FROM sources WHERE publisher_id = organisations.id)"
        " AND NOT EXISTS (SELECT 1 FROM reviews WHERE organisation_id = organisations.id)",
    ),
    (
        "stories that fewer than two articles tell",
        "SELECT id FROM stories WHERE (SELECT count(*) FROM articles WHERE story_id = stories.id) < 2",
    ),
)
# Rank 1: compare with the table that the index is of, too.
_INDEXES = {
    "articles": "INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)",
    "quotes": "INSERT INTO quotes_fts (quotes_fts, rank) VALUES ('integrity-check', 1)",
}
_SHOWN = 5
_LONGEST = 200  # characters of what SQLite says, which may quote a whole statement


def check(path: Path | str) -> list[str]:
    """What is wrong with the file, a sentence each; empty where it is whole.

    Reviews of records that are gone are no fault of the file: the view orphaned_reviews lists them. Raises
    DatabaseError for a file that is not ours.
    """
    db = open_database(path, create=False)
    try:
        # What can't even be read says nothing about the rest, and may fail at any statement.
        return _damaged(db) or [*_dangling(db), *_altered(db), *_inconsistent(db), *_unindexed(db)]
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return [f"The file is damaged: {' '.join(str(error).split())[:_LONGEST]}."]
    finally:
        db.close()


def _damaged(db: Database) -> list[str]:
    rows = db.execute("PRAGMA integrity_check").fetchall()
    faults = [line for (found,) in rows for line in found.splitlines() if line != "ok" and not line.startswith("***")]
    return [f"The file is damaged: {fault}." for fault in faults[:_SHOWN]]


def _dangling(db: Database) -> list[str]:
    rows = db.execute("PRAGMA foreign_key_check").fetchall()
    return [
        f"Row {row} of {table} refers to a row of {parent} that is gone." for table, row, parent, _ in rows[:_SHOWN]
    ]


def _altered(db: Database) -> list[str]:
    """Compares every table, index, trigger and view with those of a new file."""
    fresh = Database(memory=True, execute_plugins=False)
    migrate(fresh)
    expected, found = _objects(fresh), _objects(db)
    fresh.close()
    missing = [f"The {kind} {name} is missing." for kind, name in expected if (kind, name) not in found]
    other = [
        f"The {kind} {name} is not as onrecord makes it."
        for (kind, name), sql in expected.items()
        if found.get((kind, name), sql) != sql
    ]
    return missing + other


def _objects(db: Database) -> dict[tuple[str, str], str]:
    rows = db.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name")
    return {(kind, name): sql for kind, name, sql in rows}


def _inconsistent(db: Database) -> list[str]:
    found = [(fault, [id for (id,) in db.execute(query)]) for fault, query in _CHECKS]
    found.append(("people joined otherwise than their appointments say", misjoined(db)))
    return [
        f"There are {fault}: {len(ids)} (id {', '.join(map(str, ids[:_SHOWN]))}{', …' if len(ids) > _SHOWN else ''})."
        for fault, ids in found
        if ids
    ]


def _unindexed(db: Database) -> list[str]:
    problems = []
    for table, query in _INDEXES.items():
        try:
            db.execute(query)
        except sqlite3.DatabaseError:
            problems.append(f"The search index of {table} does not hold what the table holds.")
    return problems
