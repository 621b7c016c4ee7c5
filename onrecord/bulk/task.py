"""A part, from its pages to its tables: what a Dask worker does.

Rows are made by the very code of the night, in an SQLite file of the part's own. No clock is in them: a page is of the
moment at which it was fetched, and its records, too.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlite_utils import Database

from onrecord.bulk.find import File
from onrecord.bulk.folder import Folder
from onrecord.bulk.fresh import fresh_database
from onrecord.bulk.pages import Came, pages_of
from onrecord.bulk.plan import Part, parts_of
from onrecord.bulk.reading import Passed, read_page
from onrecord.bulk.tables import FAILURES, failures, tables_of
from onrecord.bulk.version import fingerprint
from pipelines.article import NotAnArticle
from pipelines.desk import now
from pipelines.extract import extract_stored
from pipelines.keys import digest
from pipelines.page import Article, Page
from pipelines.rows import find, insert, update
from pipelines.schema import DatabaseError, transaction
from pipelines.store import store_article
from pipelines.tasks import seconds_to_read
from pipelines.urls import both_forms, canonical_url
from pipelines.worker import Stopped, shared_worker

Lost = tuple[str, str, int | None, str]  # address, file, offset, reason

_HEAD = 10_000  # bytes of a response in which its body begins

COUNTS = ("pages", "articles", "off_topic", "no_page", "failed", "quotes")


class OtherVersion(Exception):
    """The worker has another onrecord than whoever sent the task."""


def cut(file: File, pages: int, wanted: str) -> list[Part]:
    """The parts of an archive or a table."""
    _insist_on_version(wanted)
    return parts_of(file, pages)


def extract_part(part: Part, out: str, wanted: str) -> dict[str, Any]:
    """Reads a part into the folder `out`, and gives what is told of it; done twice, it writes the same again."""
    _insist_on_version(wanted)
    logging.getLogger("pipelines").addHandler(logging.NullHandler())  # failures are in a table
    counts = Counter(dict.fromkeys(COUNTS, 0))
    lost: list[Lost] = []
    with fresh_database(listed=True) as db:
        for came in pages_of(part):
            counts["pages"] += 1
            try:
                passed = _store(db, came)
            except DatabaseError:  # the machine's fault, and so the next page's
                raise
            except Exception as error:  # whatever a page does costs that page
                lost.append((came.page.url, came.file, came.offset, _said(error)))
            else:
                if passed:
                    counts[passed] += 1
        lost += _extract(db, part)
        counts["failed"] = len(lost)
        counts["articles"], counts["quotes"] = (db.table(table).count for table in ("articles", "quotes"))
        tables = dict(tables_of(db, part.name))
    return Folder(out).put(part, {**tables, FAILURES: failures(part.name, lost)}, counts, now())


def _store(db: Database, came: Came) -> Passed | None:
    """Reads a page and stores its article, or says why it is passed over. Raises whatever goes wrong."""
    if came.failure is not None:
        raise NotAnArticle(came.failure)
    # One process for pages and records: a Dask worker has a core, and its neighbours have the others.
    read = shared_worker().submit(_seconds(came), read_page, came.page, packed=came.packed, whole=came.whole).result()
    if isinstance(read, str):
        return read
    page, article = read
    page.url = canonical_url(page.url)
    if not _store_earlier(db, article, page):
        store_article(db, article, seen_at=page.fetched_at, page=page)
    return None


def _seconds(came: Came) -> float:
    """How long reading a page may take; where a PDF begins in a response as it was sent is near enough."""
    start = came.page.body.find(b"%PDF-", 0, _HEAD) if came.packed else 0
    return seconds_to_read(replace(came.page, body=came.page.body[start:] if start >= 0 else b""))


def _store_earlier(db: Database, article: Article, page: Page) -> bool:
    """Whether the part has a later text of this article, so that this one was stored as an earlier version of it."""
    later = next((row for form in both_forms(article.url) if (row := find(db, "articles", "url", form))), None)
    if later is None or later["seen_from"] <= page.fetched_at:
        return False
    with transaction(db):
        seen = {"first_seen": min(later["first_seen"], page.fetched_at)}
        if (later["title"], later["text"]) == (article.title, article.text):
            seen["seen_from"] = page.fetched_at
        else:
            text = {"title": article.title, "text": article.text, "text_hash": digest(article.text)}
            when = {"seen_from": page.fetched_at, "replaced_at": later["seen_from"]}
            insert(db, "article_versions", {"article_id": later["id"], **text, **when})
        update(db, "articles", later, seen)
    return True


def _extract(db: Database, part: Part) -> Iterator[Lost]:
    """Extracts from every article, in the text that was seen last; gives those where that failed."""
    files = {file.url: file.address for file in part.files}
    rows = db.execute("SELECT id, url, seen_from FROM articles WHERE extracted_at IS NULL ORDER BY id").fetchall()
    for id, url, seen_from in rows:
        if extract_stored(db, id, at=seen_from) is None:
            (why,) = db.execute("SELECT extraction_error FROM articles WHERE id = ?", [id]).fetchone()
            yield url, files.get(url, part.files[0].address), None, f"extraction: {why}"


def _said(error: Exception) -> str:
    """Why a page was lost, on one line."""
    reason = " ".join(str(error).split())
    if isinstance(error, NotAnArticle):
        return reason
    return f"reading it {reason}" if isinstance(error, Stopped) else f"{type(error).__name__}: {reason}"


def _insist_on_version(wanted: str) -> None:
    if fingerprint() != wanted:
        raise OtherVersion("the worker has another version of onrecord")
