"""Records for stored articles: from the stored text alone, never the network."""

from __future__ import annotations

import asyncio
import logging

from sqlite_utils import Database

from nlp.build import EXTRACTOR, extract
from pipelines.desk import worker
from pipelines.rows import Change
from pipelines.store import load_text, store_failure, store_records

logger = logging.getLogger(__name__)


async def extract_article(db: Database, article_id: int, *, at: str) -> dict[str, Change] | None:
    """Extracts one stored article in the worker thread; None where a rule failed, with the reason in its row."""
    text, context = load_text(db, article_id)
    try:
        records = await asyncio.get_running_loop().run_in_executor(worker(), extract, text, context)
        return store_records(db, article_id, records, extracted_at=at, extractor=EXTRACTOR)
    except Exception as error:  # whatever a rule does, or gives, costs this article's records and no more
        logger.exception("article %d: extraction failed", article_id)
        store_failure(db, article_id, f"{type(error).__name__}: {error}", at)
        return None


def extract_stored(db: Database, article_id: int, *, at: str) -> dict[str, Change] | None:
    """The same without an event loop, for commands."""
    return asyncio.run(extract_article(db, article_id, at=at))
