"""Articles as rows: one article is one transaction, and what is unchanged is not written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from sqlite_utils import Database

from nlp.records import Context, Organisation, Records
from pipelines.bodies import own_bodies
from pipelines.found import record_rows
from pipelines.keys import digest
from pipelines.page import Article, Page
from pipelines.rows import Change, find, insert, replace, update
from pipelines.schema import transaction
from pipelines.urls import both_forms
from pipelines.who import Who, forgetting


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """The article's row, and what storing did to it."""

    id: int
    outcome: Literal["new", "changed", "unchanged"]


def store_article(db: Database, article: Article, *, seen_at: str, page: Page | None = None) -> StoredArticle:
    """Stores an article, and the page it was read from (if given) as fetched.

    One article has one row, with or without `www.`; the row keeps the address under which the article came first.
    `seen_at` is UTC, ISO 8601. When title or text changed, the old ones go to article_versions; whatever changed, the
    article awaits extraction again. Of an article that another source brought first, source, publisher and kind stay.
    """
    with transaction(db):
        stored = _store_article(db, article, seen_at)
        if page is not None:
            _store_page(db, page, stored.id, seen_at)
        return stored


def articles_awaiting_extraction(db: Database) -> list[int]:
    """Ids of articles over whose present text no extraction has run, in order."""
    return [id for (id,) in db.execute("SELECT id FROM articles WHERE extracted_at IS NULL ORDER BY id")]


def load_text(db: Database, article_id: int) -> tuple[str, Context]:
    """What extraction reads of a stored article. Raises KeyError where there is none."""
    article = _article(db, article_id)
    publisher = find(db, "organisations", "id", article["publisher_id"])
    return article["text"], Context(
        published=article["published"],
        publisher=Organisation(publisher["name"], publisher["slug"]) if publisher else None,
        block_quotes=tuple((start, end) for start, end in json.loads(article["block_quotes"])),
        bodies=own_bodies(db),
        title=article["title"],
    )


def store_records(
    db: Database, article_id: int, records: Records, *, extracted_at: str, extractor: str
) -> dict[str, Change]:
    """Makes `records` what is known of the article, and says by table what came, was altered and went.

    Tables are appointments, mentions, quotes, quote_organisations, figures, stances, people and organisations; of the
    last two, those count that no article named before, or names any more. Rows of unchanged records are not written and
    keep their ids; the same records give the same rows. Raises KeyError where there is no such article,
    sqlite3.IntegrityError where the words of a record do not stand where it says; nothing is stored then.
    """
    with transaction(db):
        article = _article(db, article_id)
        who = Who(db)
        with forgetting(db, article_id) as gone:
            changes = {
                table: replace(db, table, article_id, key, rows)
                for table, key, rows in record_rows(db, who, article, records)
            }
        for table, ids in who.new.items():
            changes[table] = Change(new=len(ids), gone=gone[table])
        done = {"extracted_at": extracted_at, "extractor": extractor, "extraction_error": None}
        update(db, "articles", article, done)
        return changes


def store_failure(db: Database, article_id: int, reason: str, at: str) -> None:
    """Notes that extraction gave nothing, and why. Earlier records stay: they still resolve."""
    with transaction(db):
        update(db, "articles", _article(db, article_id), {"extraction_error": reason, "extracted_at": at})


def _article(db: Database, article_id: int) -> dict[str, Any]:
    article = find(db, "articles", "id", article_id)
    if article is None:
        raise KeyError(f"no article {article_id}")
    return article


def _store_article(db: Database, article: Article, seen_at: str) -> StoredArticle:
    publisher = find(db, "organisations", "slug", article.publisher)
    row: dict[str, Any] = {
        "url": article.url,
        "source_id": article.source or None,
        "publisher_id": publisher["id"] if publisher else None,
        "kind": article.kind,
        "title": article.title,
        "standfirst": article.standfirst,
        "byline": article.byline,
        "published": article.published,
        "date_method": article.date_method,
        "body_method": article.body_method,
        "text": article.text,
        "text_hash": digest(article.text),
        "words": len(article.text.split()),
        "block_quotes": json.dumps(article.block_quotes),
        "relevance": article.relevance,
    }
    old = _stored(db, article.url)
    if old is None:
        new = {**row, "disagreement": article.disagreement, "first_seen": seen_at, "seen_from": seen_at}
        return StoredArticle(insert(db, "articles", new), "new")
    row["url"] = old["url"]
    if old["source_id"] not in (None, row["source_id"]):
        row |= {column: old[column] for column in ("source_id", "publisher_id", "kind")}
    # What tonight's page shows beside the article, and no change of it.
    shown = {"disagreement": article.disagreement, "gone_at": None}
    if all(old[column] == value for column, value in row.items()):
        update(db, "articles", old, shown)
        return StoredArticle(old["id"], "unchanged")
    if (old["title"], old["text"]) != (row["title"], row["text"]):
        version = {column: old[column] for column in ("title", "text", "text_hash", "seen_from")}
        insert(db, "article_versions", {"article_id": old["id"], **version, "replaced_at": seen_at})
        row["seen_from"] = seen_at
    with forgetting(db, old["id"]):
        update(db, "articles", old, {**row, **shown, "extracted_at": None, "extraction_error": None})
    return StoredArticle(old["id"], "changed")


def _stored(db: Database, url: str) -> dict[str, Any] | None:
    """The row of the article at an address, whichever of its two forms that has."""
    return next((row for form in both_forms(url) if (row := find(db, "articles", "url", form))), None)


def _store_page(db: Database, page: Page, article_id: int, seen_at: str) -> None:
    row = {
        "article_id": article_id,
        "checked_at": page.fetched_at or seen_at,
        "etag": page.headers.get("etag"),
        "last_modified": page.headers.get("last-modified"),
        "status": page.status,
        "attempts": 0,
        "body_hash": digest(page.body),
        "archive_file": page.archive_file,
        "archive_offset": page.archive_offset,
        "note": None,
    }
    old = find(db, "pages", "url", page.url)
    if old is None:
        listed = {"source_id": page.source or None, "role": "article", "listed": json.dumps(dict(page.listed))}
        insert(db, "pages", {"url": page.url, **listed, "first_seen": seen_at, "last_seen": seen_at, **row})
    else:
        update(db, "pages", old, row)
