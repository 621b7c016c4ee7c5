"""Records for stored articles: from the stored text alone, never the network."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from itertools import islice

from sqlite_utils import Database

from nlp.records import Records
from pipelines.desk import now
from pipelines.learned import folder_of
from pipelines.rows import Change
from pipelines.store import load_text, store_failure, store_records
from pipelines.tasks import extractor_with, find_records, seconds_to_extract
from pipelines.worker import Worker, shared_worker

logger = logging.getLogger(__name__)

_AHEAD = 4  # texts for each process that are read while the first of them is being waited for


async def extract_article(db: Database, article_id: int, *, at: str) -> dict[str, Change] | None:
    """Extracts one stored article in a process of its own; None where a rule failed, with the reason in its row."""
    found = _found(db, article_id, shared_worker())
    with suppress(Exception):  # it is raised below
        await asyncio.wrap_future(found)
    return _stored(db, article_id, found, at)


def extract_stored(db: Database, article_id: int, *, at: str) -> dict[str, Change] | None:
    """The same without an event loop, for commands."""
    return _stored(db, article_id, _found(db, article_id, shared_worker()), at)


def extract_many(db: Database, ids: Sequence[int], workers: Worker) -> Iterator[dict[str, Change] | None]:
    """The same for many articles, whose texts are read side by side in all processes of `workers`.

    Rows are written here, one article after the other in the order of `ids`: the same ones, however many processes.
    """
    ahead: deque[tuple[int, Future[tuple[Records, str]]]] = deque()
    coming = iter(ids)
    try:
        while True:
            ahead.extend((id, _found(db, id, workers)) for id in islice(coming, _AHEAD * workers.size - len(ahead)))
            if not ahead:
                return
            id, found = ahead.popleft()
            yield _stored(db, id, found, now())
    finally:
        for _, found in ahead:
            found.cancel()


def todays_extractor(db: Database, workers: Worker) -> str:
    """The name of the extractor that reads this file's texts today."""
    return workers.submit(seconds_to_extract(""), extractor_with, folder_of(db)).result()


def _found(db: Database, article_id: int, workers: Worker) -> Future[tuple[Records, str]]:
    text, context = load_text(db, article_id)
    return workers.submit(seconds_to_extract(text), find_records, text, context, folder_of(db))


def _stored(db: Database, article_id: int, found: Future[tuple[Records, str]], at: str) -> dict[str, Change] | None:
    try:
        records, extractor = found.result()
        return store_records(db, article_id, records, extracted_at=at, extractor=extractor)
    except Exception as error:  # whatever a rule does, or gives, costs this article's records and no more
        logger.exception("article %d: extraction failed", article_id)
        store_failure(db, article_id, f"{type(error).__name__}: {error}", at)
        return None
